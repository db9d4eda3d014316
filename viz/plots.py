"""Plots of what a model has learnt, and of how it learnt it."""

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.files import write_atomically
from viz.palette import PETROFF10
from viz.points import class_names, order_of_classes, read_points, score_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_decision_boundary", "plot_history", "save_figure"]

MARKERS = "osD^vP*X<>"  # as many as colours: a class is told by either
INK = "#30343b"
DOTS_PER_INCH = 150


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
        X: (n, 2) numbers, the points.
        y: n labels, such as -1 and 1, or 0, 1, 2, or names.
        ax: where to plot; None for a new figure.
        resolution: how many points to try along each axis, 2 or more. At 80 a scalar model of 0.2 ms
            takes 1.3 s.
        threshold: the score from which on it is the second class; 0.5 for probabilities. Not used
            when there is a score for each class.
        classes: the values in `y` in the order of the scores; None to sort them.
        labels: what the legend calls them, in the same order; None for the values themselves.
        title: what to write above; None for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        ValueError: there is no data, X and y differ in length, X is not of two finite columns, or
            the labels do not fit the number of scores.
        TypeError: `predict` gives something other than scores.

    Example:
        >>> ax = plot_decision_boundary(lambda x: x[0] + x[1], [[0, 1], [-1, -1]], [1, -1], resolution=5)
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['-1', '1']
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    points, targets = read_points(X, y)
    if not callable(predict):
        raise TypeError(f"predict must be a model or a function of one point, but was {predict!r}")
    if not isinstance(resolution, int) or resolution < 2:
        raise ValueError(f"resolution must be a whole number, 2 or more, but was {resolution!r}")
    x1, x2 = (_grid_line(column, resolution) for column in points.T)
    scores = score_grid(predict, x1, x2)
    known = order_of_classes(targets, classes, scores.shape[2])
    names = class_names(known, labels)

    ax = _new_axes() if ax is None else ax
    colors = [PETROFF10[i % len(PETROFF10)] for i in range(len(known))]
    if scores.shape[2] == 1:
        _shade_by_score(ax, x1, x2, scores[:, :, 0] - threshold, colors)
    else:
        _shade_by_class(ax, x1, x2, scores, colors)
    for i, (value, name) in enumerate(zip(known, names, strict=True)):
        mine = points[[target == value for target in targets]]
        marker = MARKERS[i % len(MARKERS)]
        style = {"color": colors[i], "edgecolors": "white", "linewidths": 0.8, "s": 42}
        ax.scatter(mine[:, 0], mine[:, 1], marker=marker, label=name, zorder=3, **style)  # type: ignore[arg-type]
    ax.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]), xlabel="x1", ylabel="x2")
    ax.legend(loc="best", framealpha=0.9)
    if title is not None:
        ax.set_title(title)
    return ax


def plot_history(history: Mapping[str, Sequence[float]], *, ax: "Axes | None" = None) -> "Axes":
    """Show how training went: losses on the left axis, accuracies from 0 to 1 on the right one.

    Losses have solid lines and accuracies dashed ones. Numbers that are nan or infinite leave a gap,
    and the legend says how many there are and in which epoch the first one came.

    Args:
        history: the numbers of every epoch by name, as `nn.fit` returns them. Names with "accuracy"
            in them are accuracies, all others are losses.
        ax: where to plot; None for a new figure.

    Returns:
        Axes: the plot; that of the losses, if there are both. Nothing is shown or saved.

    Raises:
        TypeError: `history` is not a mapping from names to numbers.
        ValueError: it has no numbers.

    Example:
        >>> ax = plot_history({"loss": [0.9, 0.4, 0.2], "accuracy": [0.5, 0.8, 1.0]})
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('epoch', 'loss')
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    from matplotlib.ticker import MaxNLocator

    series = _read_history(history)
    accuracies = {name: numbers for name, numbers in series.items() if "accuracy" in name}
    losses = {name: numbers for name, numbers in series.items() if name not in accuracies}

    ax = _new_axes() if ax is None else ax
    right = ax.twinx() if losses and accuracies else ax
    colors = dict(zip(series, PETROFF10 * len(series), strict=False))
    lines = []
    for axes, group, style in ((ax, losses, "-"), (right, accuracies, "--")):
        for marker, (name, numbers) in zip(MARKERS * len(group), group.items(), strict=False):
            lines += _plot_series(axes, name, numbers, color=colors[name], linestyle=style, marker=marker)
    if losses:
        ax.set_ylabel("loss")
    if accuracies:
        right.set(ylabel="accuracy", ylim=(-0.03, 1.03))
    ax.set(xlabel="epoch", xlim=(0.5, max(map(len, series.values())) + 0.5))
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.grid(axis="y", color="#94a4a2", alpha=0.3)
    ax.legend(handles=lines, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(len(lines), 4), frameon=False)
    return ax


def save_figure(plot: "Axes | Figure", path: str | os.PathLike[str]) -> Path:
    """Write a plot to a file, whole or not at all, on a background of its own so that it can be read anywhere.

    Args:
        plot: the axes that a plot function returned, or a whole figure.
        path: ends in .png, .svg, .pdf or another format that matplotlib knows.

    Returns:
        Path: the path, as given.

    Raises:
        ValueError: the ending names no format.
        OSError: the file cannot be written; the message says why.

    Example:
        >>> import tempfile
        >>> from matplotlib import pyplot
        >>> figure, ax = pyplot.subplots()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_figure(ax, folder + "/empty.png").stat().st_size > 100
        True
        >>> pyplot.close(figure)
    """
    from matplotlib.axes import Axes

    figure: Any = plot.figure if isinstance(plot, Axes) else plot
    formats = figure.canvas.get_supported_filetypes()
    format = Path(path).suffix[1:].lower()
    if format not in formats:
        endings = ", ".join(f".{name}" for name in sorted(formats))
        raise ValueError(f"cannot tell the format of {os.fspath(path)!r}: end the file name in one of {endings}")
    background = figure.get_facecolor()
    if background[3] < 1:  # black text would vanish where a page that lies beneath is dark
        background = "white"
    content = io.BytesIO()
    figure.savefig(content, format=format, dpi=DOTS_PER_INCH, facecolor=background, bbox_inches="tight")
    return write_atomically(path, content.getvalue())


def _new_axes() -> "Axes":
    from matplotlib import pyplot

    _, ax = pyplot.subplots(layout="constrained")
    ax.set_prop_cycle(color=list(PETROFF10))
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


def _read_history(history: Any) -> dict[str, np.ndarray]:
    if not isinstance(history, Mapping):
        raise TypeError(f"history must map names to numbers, as nn.fit returns it, but was {history!r}")
    series = {}
    for name, numbers in history.items():
        try:
            series[str(name)] = np.array([float(number) for number in numbers])
        except (TypeError, ValueError):
            raise TypeError(f"history[{name!r}] must be a list with a number for each epoch: {numbers!r}") from None
    if not any(numbers.size for numbers in series.values()):
        raise ValueError("there is nothing to plot: history has no numbers")
    return {name: numbers for name, numbers in series.items() if numbers.size}


def _plot_series(ax: "Axes", name: str, numbers: np.ndarray, **style: Any) -> list[Any]:
    epochs = np.arange(1, len(numbers) + 1)
    broken = ~np.isfinite(numbers)
    label = name.replace("_", " ")
    if broken.any():
        label += f" ({broken.sum()} not finite, the first in epoch {epochs[broken][0]})"
    every = max(1, len(numbers) // 12)  # markers on a long line would hide it
    return ax.plot(epochs, np.where(broken, np.nan, numbers), label=label, markevery=every, markersize=4.5, **style)
