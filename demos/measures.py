"""What the demos of measured things share: every fifth is kept for the test, and two measures span the boundary."""

from pathlib import Path
from typing import Any

from demos.neuron import draw_neuron
from nn import MLP, Dataset, accuracy, fit
from viz import plot_decision_boundary, plot_history, save_figure


def every_fifth(data: Dataset) -> tuple[Dataset, Dataset]:
    """The rows to learn from, and those to be tested on: data sorted by class is shared out fairly so."""
    names = data.feature_names, data.class_names
    kept = [i for i in range(len(data.X)) if i % 5 == 0]
    others = [i for i in range(len(data.X)) if i % 5]
    trained, tested = (Dataset([data.X[i] for i in rows], [data.y[i] for i in rows], *names) for rows in (others, kept))
    return trained, tested


def learn(folder: Path, title: str, model: MLP, data: Dataset, shown: tuple[int, int], **training: Any) -> None:
    """Train a model; write boundary.png, history.png, neuron.svg and model.json.

    Args:
        folder: where to.
        title: of the boundary.
        model: with an input for each measure, scaled to mean 0, and an output for each class.
        data: what was measured.
        shown: the two measures that the boundary is drawn by, all others being at their means.
        training: what `fit` takes.
    """
    trained, tested = every_fifth(data)
    history = fit(model, *trained, loss="cross_entropy", **training)

    print(f"loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, *trained, loss='cross_entropy'):.1%},", end=" ")
    print(f"on {len(tested.X)} never seen {accuracy(model, *tested, loss='cross_entropy'):.1%}")

    model.save(folder / "model.json")
    first, second = shown

    def at_means(point: list[float]) -> list[float]:
        row = [0.0] * len(data.feature_names)
        row[first], row[second] = point
        return [logit.data for logit in model(row)]

    points = [[x[first], x[second]] for x in data.X]
    ax = plot_decision_boundary(at_means, points, data.y, labels=data.class_names, title=title, resolution=60)
    ax.set(xlabel=f"{data.feature_names[first]}, scaled", ylabel=f"{data.feature_names[second]}, scaled")
    save_figure(ax, folder / "boundary.png")
    save_figure(plot_history(history), folder / "history.png")
    draw_neuron(model.layers[0], data.X[0]).save_as(folder / "neuron.svg")
