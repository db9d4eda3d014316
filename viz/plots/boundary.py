"""How a model divides the plane among the classes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import real_number, shown, whole_number
from viz.palette import PETROFF10
from viz.plots.figure import MARKERS, add_legend, check_axes, new_axes, write
from viz.plots.points import class_names, order_of_classes, read_points, score_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_decision_boundary"]

INK = "#30343b"
MOST = 1000  # points along an axis: at 1000 a million are tried


def plot_decision_boundary(
    predict: Callable[[list[float]], Any],
    X: Any,
    y: Any,
    *,
    ax: "Axes | None" = None,
    resolution: int = 80,
    threshold: float = 0.0,
    classes: Sequence[Any] | None = None,
    labels: Sequence[str] | None = None,
    title: str | None = None,
) -> "Axes":
    """Show which class a model gives to every point of the plane, and the data on top.

    For two classes the shade is the score: deeper is further from the threshold, and a line marks
    where it is crossed. For more, each point has the colour of its highest score.

    Args:
        predict: maps one point, a list of two floats, to a score, or to a list of one score for each
            class. A score is a number or a Value, so that a model of two inputs can be given as it is.
        X: (n, 2) numbers, the points: lists, an array or a table, whose columns then name the axes.
        y: n labels, such as -1 and 1, or 0, 1, 2, or names.
        ax: where to plot; None for a new figure.
        resolution: how many points to try along each axis, from 2 to 1000. At 80 what does not compile, and takes
            0.2 ms for a point, takes 1.3 s.
        threshold: the score from which on it is the second class; 0.5 for probabilities. Not used
            when there is a score for each class.
        classes: the values in `y` in the order of the scores; None for those that the model was trained for, or else to
            sort them.
        labels: what the legend calls them, in the same order; None for the values themselves.
        title: what to write above; None for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        ValueError: there is no data, X and y differ in length, X is not of two finite columns, the labels do not fit
            the number of scores, or a setting is out of range.
        TypeError: `predict` is no model, or gives something other than scores; `ax` is no Axes, or the title no text.

    Example:
        >>> ax = plot_decision_boundary(lambda x: x[0] + x[1], [[0, 1], [-1, -1]], [1, -1], resolution=5)
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['-1', '1']
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    points, targets = read_points(X, y)
    if not callable(predict) or isinstance(predict, type):
        raise TypeError(f"predict must be a model or a function of one point, but was {shown(predict)}")
    if not (title is None or isinstance(title, str)):
        raise TypeError(f"title must be text, or None, but was {shown(title)}")
    check_axes(ax)
    resolution = whole_number("resolution", resolution, 2, MOST)
    threshold = real_number("threshold", threshold, "a finite number", lambda x: True)
    x1, x2 = (_grid_line(column, resolution) for column in points.T)
    scores = score_grid(predict, x1, x2)
    known = order_of_classes(targets, classes, scores.shape[2], predict)
    names = class_names(known, labels)
    columns = [str(name) for name in getattr(X, "columns", ())]

    ax = new_axes() if ax is None else ax
    colors = [PETROFF10[i % len(PETROFF10)] for i in range(len(known))]
    if scores.shape[2] == 1:
        _shade_by_score(ax, x1, x2, scores[:, :, 0] - threshold, colors)
    else:
        _shade_by_class(ax, x1, x2, scores, colors)
    marks = []
    for i, value in enumerate(known):
        mine = points[[target == value for target in targets]]
        marker = MARKERS[i % len(MARKERS)]
        style = {"color": colors[i], "edgecolors": "white", "linewidths": 0.8, "s": 42}
        marks.append(ax.scatter(*mine.T, marker=marker, label=names[i], zorder=3, **style))  # type: ignore[arg-type]
    ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    for axis, name in zip((ax.xaxis, ax.yaxis), columns if len(columns) == 2 else ("x1", "x2"), strict=True):
        write(axis.label, name)
    add_legend(ax, marks, names, loc="best", framealpha=0.9)
    if title is not None:
        write(ax.title, title)
    return ax


def _grid_line(column: np.ndarray, resolution: int) -> np.ndarray:
    low, high = column.min(), column.max()
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _shade_by_score(ax: "Axes", x1: np.ndarray, x2: np.ndarray, scores: np.ndarray, colors: Sequence[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    scores = _bounded(scores)
    if not scores.count():
        return  # a model that gives nan everywhere has no opinion to show
    # A few scores far out would wash out all others: beyond this limit they share the deepest shade.
    limit = float(np.quantile(np.abs(scores.compressed()), 0.95)) or 1.0
    with np.errstate(over="ignore"):
        depth = np.ma.masked_invalid(np.clip(scores / limit, -1, 1))
    tints = [_tint(colors[0], 0.55), _tint(INK, 0.0), _tint(colors[1], 0.55)]
    shades = LinearSegmentedColormap.from_list("classes", tints)
    ax.contourf(x1, x2, depth, levels=np.linspace(-1, 1, 41), cmap=shades)
    _draw_zero_line(ax, x1, x2, depth)


def _shade_by_class(ax: "Axes", x1: np.ndarray, x2: np.ndarray, scores: np.ndarray, colors: Sequence[str]) -> None:
    scores = _bounded(scores)
    for i, color in enumerate(colors):
        # The lead over the best of the others crosses 0 between grid points, where the boundary is; an argmax jumps.
        lead = scores[:, :, i] - np.delete(scores, i, axis=2).max(axis=2)
        if lead.count() and lead.max() > 0:
            ax.contourf(x1, x2, lead, levels=[0, 2 * lead.max()], colors=[_tint(color, 0.35)])
            _draw_zero_line(ax, x1, x2, lead)


def _tint(color: str, strength: float) -> tuple[float, float, float]:
    """A colour thinned with white; were it transparent instead, seams would show between neighbouring areas."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - strength * (1 - channel) for channel in to_rgb(color))
    return red, green, blue


def _bounded(scores: np.ndarray) -> "np.ma.MaskedArray[Any, Any]":
    """The scores with every nan masked, and infinities as numbers, which can be compared and interpolated."""
    return np.ma.masked_invalid(np.clip(scores, -1e300, 1e300))


def _draw_zero_line(ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: "np.ma.MaskedArray[Any, Any]") -> None:
    if field.min() < 0 < field.max():  # matplotlib warns of a line that is nowhere
        ax.contour(x1, x2, field, levels=[0.0], colors=INK, linewidths=1.6)
