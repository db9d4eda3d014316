"""Two moons: a 2-16-16-1 network learns a boundary that no straight line could be."""

from pathlib import Path

from demos.neuron import draw_neuron
from nn import MLP, accuracy, fit, two_moons
from viz import plot_decision_boundary, plot_history, save_figure


def run(folder: Path) -> None:
    """Train on 100 points with the scalar engine; write boundary.png, history.png, neuron.svg and model.json."""
    X, y = two_moons(100, noise=0.1, seed=1337)
    model = MLP(2, [16, 16, 1], seed=1337)

    history = fit(model, X, y, loss="hinge", epochs=100, learning_rate=lambda epoch: 1.0 - 0.009 * epoch, l2=1e-4)

    print(f"loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, X, y):.1%},", end=" ")
    print(f"on 1000 new points {accuracy(model, *two_moons(1000, noise=0.1, seed=1)):.1%}")

    model.save(folder / "model.json")
    save_figure(
        plot_decision_boundary(model, X, y, title="Two moons: the score of the network"), folder / "boundary.png"
    )
    save_figure(plot_history(history), folder / "history.png")
    draw_neuron(model.layers[0], X[0]).save_as(folder / "neuron.svg")
