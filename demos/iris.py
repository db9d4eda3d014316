"""Iris: a 4-8-3 network tells three species of flower apart by four measures."""

from pathlib import Path

from demos.neuron import draw_neuron
from nn import MLP, accuracy, fit, iris
from viz import plot_decision_boundary, plot_history, save_figure


def run(folder: Path) -> None:
    """Train on four of five flowers and test on the fifth; write boundary.png, history.png, neuron.svg, model.json."""
    data = iris()
    X, y = data
    tested = range(0, len(X), 5)  # the flowers come sorted by species: every fifth is a fair sample
    trained = [i for i in range(len(X)) if i not in tested]
    X_train, y_train = [X[i] for i in trained], [y[i] for i in trained]
    X_test, y_test = [X[i] for i in tested], [y[i] for i in tested]
    model = MLP(4, [8, 3], activation="tanh", seed=1)

    history = fit(model, X_train, y_train, loss="cross_entropy", epochs=60, batch_size=15, learning_rate=0.2, l2=1e-3)

    print(f"loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, X_train, y_train, loss='cross_entropy'):.1%},",
          end=" ")  # fmt: skip
    print(f"on {len(X_test)} flowers never seen {accuracy(model, X_test, y_test, loss='cross_entropy'):.1%}")

    model.save(folder / "model.json")

    def at_mean_sepals(petals: list[float]) -> list[float]:
        return [logit.data for logit in model([0.0, 0.0, *petals])]

    ax = plot_decision_boundary(at_mean_sepals, [x[2:] for x in X], y, labels=data.class_names)
    ax.set(
        title="Iris: the species by petals, at mean sepals", xlabel="petal length, scaled", ylabel="petal width, scaled"
    )
    save_figure(ax, folder / "boundary.png")
    save_figure(plot_history(history), folder / "history.png")
    draw_neuron(model.layers[0], X[0]).save_as(folder / "neuron.svg")
