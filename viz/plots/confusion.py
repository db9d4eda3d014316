"""Which classes a model takes for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import plain_lists, shown
from viz.palette import PETROFF10
from viz.plots.figure import check_axes, check_title, draw_on, finish, write, write_title
from viz.plots.points import checked_classes, class_names, in_order, order_of_classes, read_labels
from viz.plots.scores import check_scorer, scores_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_confusion"]

FIELDS, ROOM, LETTER = 3.9, 0.9, 0.09  # inches: of all fields, of what is about them, and of a letter of a name


def plot_confusion(
    y: Any,
    predicted: Any,
    X: Any = None,
    *,
    ax: "Axes | None" = None,
    classes: Sequence[Any] | None = None,
    labels: Sequence[str] | None = None,
    title: str | None = None,
) -> "Axes":
    """Show how often each class was taken for each: a row for what is true, a column for what was said.

    Each field has its count, and below it that as a share of its row, which the shade shows.

    Args:
        y: n labels that are true.
        predicted: n labels that were said; or the model that says them, a network, an estimator of scikit-learn or a
            function of one row, as for `plot_decision_boundary`.
        X: (n, n_inputs) rows for the model; None if labels are given.
        ax: where to plot; None for a new figure.
        classes: the labels in the order in which to show them, which is that of a network's outputs; None for those
            that the model was trained for, or else to sort them.
        labels: what to call them, in the same order; None for the values themselves.
        title: what to write above; None for the share that is right, "" for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        ValueError: the lengths differ, or the labels do not fit the classes.
        TypeError: `predicted` is neither labels nor a model; `ax` is no Axes, or the title no text.

    Example:
        >>> ax = plot_confusion(["cat", "cat", "dog"], ["cat", "dog", "dog"])
        >>> ax.get_title(), [text.get_text().split()[0] for text in ax.texts]
        ('67% right', ['1', '1', '0', '1'])
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    check_axes(ax)
    check_title(title)
    true = read_labels("y", y)
    if isinstance(plain_lists(predicted), list):
        if X is not None:
            raise ValueError(f"X is for a model; of labels it must be None, but was {shown(X)}")
        said = read_labels("predicted", predicted)
        _check_length("predicted", said, true)
        both = [*true, *said]
        known = in_order(both) if classes is None else checked_classes(both, classes)
    else:
        check_scorer("predicted", predicted)
        rows = plain_lists(X)
        if not isinstance(rows, list):
            raise ValueError(f"X must be the {len(true)} rows for {shown(predicted)}, but was {shown(X)}")
        _check_length("X", rows, true)
        said, known = _said(predicted, rows, true, classes)
    names = class_names(known, labels)
    counts = np.zeros((len(known), len(known)), dtype=int)
    for row, column in zip(true, said, strict=True):
        counts[known.index(row), known.index(column)] += 1

    beside = LETTER * max(map(len, names))
    is_tight = beside > FIELDS / len(names)
    ax = draw_on(ax, FIELDS + ROOM + is_tight * beside, max(6.4, FIELDS + ROOM + beside))
    _draw(ax, counts)
    for axis, what in ((ax.xaxis, "said"), (ax.yaxis, "true")):
        axis.set_ticks(range(len(known)), names)
        for text, name in zip(axis.get_ticklabels(), names, strict=True):
            write(text, name)
        axis.set_label_text(what)
    if is_tight:  # side by side they would overlap
        ax.tick_params(axis="x", rotation=90)
    right = counts.trace() / counts.sum()
    write_title(ax, f"{right:.0%} right" if title is None else title)
    mistakes = [f"{counts[i, j]} of {names[i]} taken for {names[j]}" for i, j in np.argwhere(counts) if i != j]
    return finish(ax, f"Of {counts.sum()} examples {counts.trace()} are right: {'; '.join(mistakes) or 'no mistake'}.")


def _check_length(name: str, given: Sequence[Any], true: Sequence[Any]) -> None:
    if len(given) != len(true):
        raise ValueError(f"{name} and y must be of the same length, but {name} has {len(given)}, and y {len(true)}: "
                         f"{name} is {shown(given)}")  # fmt: skip


def _said(
    model: Any, rows: Sequence[Any], true: Sequence[Any], classes: Sequence[Any] | None
) -> tuple[list[Any], list[Any]]:
    scores = scores_of(model, rows)
    known = order_of_classes(true, classes, scores.table.shape[1], scores.classes)
    if scores.table.shape[1] == 1:
        return [known[int(score >= scores.threshold)] for score in scores.table[:, 0]], known
    return [known[i] for i in scores.table.argmax(axis=1)], known


def _draw(ax: "Axes", counts: np.ndarray) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    blues = LinearSegmentedColormap.from_list("shares", ["#f6f8fb", PETROFF10[0]])
    ax.imshow(shares, cmap=blues, vmin=0, vmax=1)
    size = 10 if len(counts) <= 6 else 7
    for (i, j), count in np.ndenumerate(counts):
        words = f"{count}\n{shares[i, j]:.0%}" if count else "0"
        ax.text(j, i, words, ha="center", va="center", color="#1c1f24", fontsize=size,
                fontweight="bold" if i == j else "normal")  # fmt: skip
