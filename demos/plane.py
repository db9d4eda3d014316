"""What the demos of points in the plane share: train, say how good it is, and write what can be looked at."""

from pathlib import Path
from typing import Any

from demos.neuron import draw_neuron
from nn import MLP, Dataset, accuracy, fit
from viz import plot_decision_boundary, plot_history, save_figure


def learn(folder: Path, title: str, model: MLP, data: Dataset, fresh: Dataset, loss: str, **training: Any) -> None:
    """Train a model; write boundary.png, history.png, neuron.svg and model.json.

    Args:
        folder: where to.
        title: of the boundary.
        model: of two inputs.
        data: to learn from.
        fresh: points of the same kind that were not learnt from.
        loss: as for `fit`.
        training: what else `fit` takes.
    """
    history = fit(model, *data, loss=loss, **training)

    print(f"loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, *data, loss=loss):.1%},", end=" ")
    print(f"on {len(fresh.X)} new points {accuracy(model, *fresh, loss=loss):.1%}")

    model.save(folder / "model.json")
    ax = plot_decision_boundary(model, *data, labels=data.class_names, title=title, resolution=60)
    save_figure(ax, folder / "boundary.png")
    save_figure(plot_history(history), folder / "history.png")
    draw_neuron(model.layers[0], data.X[0]).save_as(folder / "neuron.svg")
