"""How a model divides the plane among the classes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import check_flag, real_number, shown, whole_number
from viz.palette import PETROFF10
from viz.plots.figure import (
    HEIGHT,
    MARKERS,
    add_bar,
    add_legend,
    check_axes,
    check_title,
    draw_on,
    finish,
    write,
    write_title,
)
from viz.plots.points import class_names, order_of_classes, read_points
from viz.plots.scores import Scores, check_scorer, scores_of, softmax

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

__all__ = [
    "FARTHEST",
    "TINT",
    "grid_line",
    "is_to_scale",
    "mark_points",
    "plot_decision_boundary",
    "refined",
    "shade",
    "shade_limit",
    "words_of_shades",
]

INK = "#30343b"
MOST = 1000  # points along an axis: at 1000 a million are tried
FINE = 400  # pixels along an axis, between the points that are tried
SIZES = {"*": 130.0, **dict.fromkeys("PX", 64.0), **dict.fromkeys("^v<>", 58.0), **dict.fromkeys("osD", 42.0)}  # alike
WHITE = (1.0, 1.0, 1.0)
TINT = 0.6  # how much of its colour the deepest shade has
WIDTH, ROOM = 4.4, 1.1  # inches: of the plane in a new figure, and of what is above and below it
FARTHEST = 0.95  # of the scores, by their distance from the threshold: those beyond share the deepest shade
LONGEST = 3.0  # how many times as long one axis may be as the other, to be drawn to one scale unasked


def plot_decision_boundary(
    predict: Callable[[list[float]], Any],
    X: Any,
    y: Any,
    *,
    ax: "Axes | None" = None,
    resolution: int = 80,
    threshold: float | None = None,
    classes: Sequence[Any] | None = None,
    labels: Sequence[str] | None = None,
    title: str | None = None,
    equal: bool | None = None,
    colorbar: bool = True,
) -> "Axes":
    """Show which class a model gives to every point of the plane, and the data on top.

    Lines mark where one class gives way to another. With one score, which tells two classes apart, the shade is the
    score: deeper is further from the threshold. With a score for each class every point has the colour of its highest
    score: deeper is more probable, by the softmax of the scores unless they are probabilities already.

    Args:
        predict: a network of two inputs; an estimator of scikit-learn that was fitted; or a function of one point, a
            list of two floats. It gives a score, or a list of one score for each class.
        X: (n, 2) numbers, the points: lists, an array or a table, whose columns then name the axes.
        y: n labels, such as -1 and 1, or 0, 1, 2, or names.
        ax: where to plot; None for a new figure.
        resolution: how many points to try along each axis, from 2 to 1000. At 80 what does not compile, and takes
            0.2 ms for a point, takes 1.3 s.
        threshold: the score from which on it is the second class; None for 0.5 where the model gives a probability,
            else 0. Not used when there is a score for each class.
        classes: the values in `y` in the order of the scores; None for those that the model was trained for, or else to
            sort them.
        labels: what the legend calls them, in the same order; None for the values themselves.
        title: what to write above; None for nothing.
        equal: whether both axes are to one scale, as is right where both columns have one unit; None for True
            unless a table names the columns, or one axis would be more than three times as long.
        colorbar: whether to draw a bar that says what the shades mean.

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
    check_scorer("predict", predict)
    check_title(title)
    check_axes(ax)
    check_flag("colorbar", colorbar)
    if equal is not None and not isinstance(equal, bool):
        raise ValueError(f"equal must be True or False, or None, but was {shown(equal)}")
    resolution = whole_number("resolution", resolution, 2, MOST)
    if threshold is not None:
        threshold = real_number("threshold", threshold, "a finite number, or None", lambda x: True)
    x1, x2 = (grid_line(column, resolution) for column in points.T)
    scores = scores_of(predict, [[float(a), float(b)] for b in x2 for a in x1])
    n_scores = scores.table.shape[1]
    known = order_of_classes(targets, classes, n_scores, scores.classes)
    names = class_names(known, labels)
    columns = [str(name) for name in getattr(X, "columns", ())]
    spans = np.ptp(x1), np.ptp(x2)
    if equal is None:
        equal = not columns and is_to_scale(x1, x2)
    ax = draw_on(ax, height=WIDTH * np.clip(spans[1] / spans[0], 0.4, 1.3) + ROOM if equal else HEIGHT)
    if equal:
        ax.set_aspect("equal")
    colors = [PETROFF10[i % len(PETROFF10)] for i in range(len(known))]
    threshold = scores.threshold if threshold is None else threshold
    shades = shade(ax, x1, x2, scores, threshold, colors)
    marks = mark_points(ax, points, [known.index(target) for target in targets], colors, names)
    ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    for axis, name in zip((ax.xaxis, ax.yaxis), columns if len(columns) == 2 else ("x1", "x2"), strict=True):
        write(axis.label, name)
    if colorbar:
        add_bar(ax, shades, words_of_shades(scores, threshold, names))
    add_legend(ax, marks, names, "class")
    write_title(ax, title)
    counts = [f"{targets.count(value)} of {name}" for value, name in zip(known, names, strict=True)]
    return finish(ax, f"The plane divided among {len(names)} classes, with {len(points)} points: {', '.join(counts)}.")


def shade(
    ax: "Axes", x1: np.ndarray, x2: np.ndarray, scores: Scores, threshold: float, colors: Sequence[str],
    limit: float | None = None,
) -> "ScalarMappable":  # fmt: skip
    """Colour the plane by the scores for the points of a grid, row by row, with lines between the classes.

    Args:
        limit: the distance of a single score from the threshold that has the deepest shade; None for `shade_limit`.
    """
    field = scores.table.reshape(len(x2), len(x1), -1)
    if field.shape[2] == 1:
        return _shade_by_score(ax, x1, x2, field[:, :, 0], threshold, scores.are_probabilities, colors, limit)
    return _shade_by_winner(ax, x1, x2, field, scores, colors)


def words_of_shades(scores: Scores, threshold: float, names: Sequence[str]) -> str:
    """What the shades are of."""
    if scores.table.shape[1] > 1:
        return "probability of the class shown"
    words = "probability of the second" if scores.are_probabilities else "score"
    return f"{words} (below {threshold:g}: {names[0]}, above: {names[1]})"


def mark_points(
    ax: "Axes", points: np.ndarray, classes: Sequence[int], colors: Sequence[str], names: Sequence[str]
) -> list[Any]:
    """Draw the data, each class with its colour and marker."""
    marks = []
    for i, name in enumerate(names):
        mine = points[[number == i for number in classes]]
        marker = MARKERS[i % len(MARKERS)]
        style = {"color": colors[i], "edgecolors": "white", "linewidths": 0.8, "s": SIZES[marker]}
        marks.append(ax.scatter(*mine.T, marker=marker, label=name, zorder=3, **style))  # type: ignore[arg-type]
    return marks


def is_to_scale(x1: np.ndarray, x2: np.ndarray) -> bool:
    """Whether both axes can be drawn to one scale."""
    spans = np.ptp(x1), np.ptp(x2)
    return bool(max(spans) <= LONGEST * min(spans))


def grid_line(column: np.ndarray, resolution: int) -> np.ndarray:
    """The points to try along an axis: the data, and a margin."""
    low, high = column.min(), column.max()
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _shade_by_score(
    ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: np.ndarray, threshold: float, are_probabilities: bool,
    colors: Sequence[str], limit: float | None,
) -> "ScalarMappable":  # fmt: skip
    from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm

    threshold = float(_bounded(np.array(threshold)))
    limit = shade_limit(field, threshold) if limit is None else limit
    field = _bounded(field)
    low, high = threshold - limit, threshold + limit
    if are_probabilities and 0 < threshold < 1:
        low, high = 0.0, 1.0
    if not low < threshold < high:  # it is lost in rounding
        low, high = threshold - 1 - abs(threshold), threshold + 1 + abs(threshold)
    tints = [_tint(colors[0], TINT), WHITE, _tint(colors[1], TINT)]
    colormap = LinearSegmentedColormap.from_list("classes", tints, bad="none")
    image = ax.imshow(
        refined(field), origin="lower", extent=_extent(x1, x2), aspect=ax.get_aspect(), cmap=colormap,
        norm=TwoSlopeNorm(threshold, low, high), zorder=0,
    )  # fmt: skip
    _draw_zero_line(ax, x1, x2, field - threshold)
    return image


def shade_limit(field: np.ndarray, threshold: float) -> float:
    """The distance from the threshold that has the deepest shade: a few scores far out would wash out all others."""
    with np.errstate(over="ignore"):
        distances = np.abs(_bounded(field) - threshold)
    limit = float(np.nanquantile(distances, FARTHEST)) if np.isfinite(field).any() else 1.0
    return limit if limit > 1e-300 else 1.0


def _shade_by_winner(
    ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: np.ndarray, scores: Scores, colors: Sequence[str]
) -> "ScalarMappable":
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb

    field = _bounded(field)
    fine = refined(field)
    probabilities = fine if scores.are_probabilities else softmax(fine)
    is_known = np.isfinite(fine).all(axis=2)
    winners = np.where(is_known, np.nan_to_num(fine).argmax(axis=2), 0)
    least = 1 / len(colors)
    depth = np.clip((np.nan_to_num(probabilities).max(axis=2) - least) / (1 - least), 0, 1) * TINT
    rgb = 1 - depth[..., None] * (1 - np.array([to_rgb(color) for color in colors])[winners])
    image = np.concatenate([rgb, is_known[..., None]], axis=2)
    ax.imshow(image, origin="lower", extent=_extent(x1, x2), aspect=ax.get_aspect(), zorder=0)
    for i in range(len(colors)):
        # The lead over the best of the others crosses 0 between grid points, where the boundary is; an argmax jumps.
        with np.errstate(over="ignore"):
            _draw_zero_line(ax, x1, x2, field[:, :, i] - np.delete(field, i, axis=2).max(axis=2))
    greys = LinearSegmentedColormap.from_list("winner", [WHITE, _tint("black", TINT)])
    return ScalarMappable(Normalize(least, 1), greys)


def _tint(color: str, strength: float) -> tuple[float, float, float]:
    """A colour thinned with white; a transparent one would be another on another ground."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - strength * (1 - channel) for channel in to_rgb(color))
    return red, green, blue


def _bounded(scores: np.ndarray) -> np.ndarray:
    """The scores with infinities as numbers, which can be compared and interpolated."""
    return np.clip(scores, -1e300, 1e300)


def refined(field: np.ndarray, pixels: tuple[int, int] = (FINE, FINE)) -> np.ndarray:
    """A grid (n, m, ...) of numbers interpolated for the pixels of an image that spans it."""
    for axis, fine in enumerate(pixels):
        size = field.shape[axis]
        at = (np.arange(fine) + 0.5) / fine * (size - 1)
        low = np.minimum(at.astype(int), size - 2)
        part = (at - low).reshape([-1 if i == axis else 1 for i in range(field.ndim)])
        field = field.take(low, axis) * (1 - part) + field.take(low + 1, axis) * part
    return field


def _extent(x1: np.ndarray, x2: np.ndarray) -> tuple[float, float, float, float]:
    return float(x1[0]), float(x1[-1]), float(x2[0]), float(x2[-1])


def _draw_zero_line(ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: np.ndarray) -> None:
    known = np.ma.masked_invalid(field)
    if known.count() and known.min() < 0 < known.max():  # matplotlib warns of a line that is nowhere
        ax.contour(x1, x2, known, levels=[0.0], colors=INK, linewidths=1.6)
