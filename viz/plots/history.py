"""How training went."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import Value
from engine.arguments import is_real, plain_lists, shown
from engine.number import to_float
from viz.palette import PETROFF10
from viz.plots.figure import MARKERS, add_legend, check_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_history"]


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
        TypeError: `history` is not a mapping from names to numbers, or `ax` no Axes.
        ValueError: it has no numbers.

    Example:
        >>> ax = plot_history({"loss": [0.9, 0.4, 0.2], "accuracy": [0.5, 0.8, 1.0]})
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('epoch', 'loss')
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    from matplotlib.ticker import MaxNLocator

    check_axes(ax)
    series = _read_history(history)
    accuracies = {name: numbers for name, numbers in series.items() if "accuracy" in name}
    losses = {name: numbers for name, numbers in series.items() if name not in accuracies}

    ax = new_axes() if ax is None else ax
    right = ax.twinx() if losses and accuracies else ax
    colors = dict(zip(series, PETROFF10 * len(series), strict=False))
    lines, names = [], []
    for axes, group, style in ((ax, losses, "-"), (right, accuracies, "--")):
        for marker, (name, numbers) in zip(MARKERS * len(group), group.items(), strict=False):
            names.append(_in_words(name, numbers))
            look = {"color": colors[name], "linestyle": style, "marker": marker}
            lines += _plot_series(axes, numbers, label=names[-1], **look)
    if losses:
        ax.set_ylabel("loss")
    if accuracies:
        right.set(ylabel="accuracy", ylim=(-0.03, 1.03))
    ax.set(xlabel="epoch", xlim=(0.5, max(map(len, series.values())) + 0.5))
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.grid(axis="y", color="#94a4a2", alpha=0.3)
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": min(len(lines), 4), "frameon": False}
    add_legend(ax, lines, names, **place)
    return ax


def _read_history(history: Any) -> dict[str, np.ndarray]:
    if not isinstance(history, Mapping):
        raise TypeError(f"history must map names to numbers, as nn.fit returns it, but was {shown(history)}")
    series = {}
    for name, given in history.items():
        numbers = plain_lists(given)
        if not isinstance(numbers, list) or not all(map(is_real, numbers)):
            raise TypeError(
                f"history[{shown(name)}] must be a list with a number for each epoch, but was {shown(given)}"
            )
        series[str(name)] = np.array([to_float(x.data if isinstance(x, Value) else x) for x in numbers])
    if not any(numbers.size for numbers in series.values()):
        raise ValueError("there is nothing to plot: history has no numbers")
    return {name: numbers for name, numbers in series.items() if numbers.size}


def _in_words(name: str, numbers: np.ndarray) -> str:
    broken = np.flatnonzero(~np.isfinite(numbers))
    remark = f" ({len(broken)} not finite, the first in epoch {broken[0] + 1})" if len(broken) else ""
    return name.replace("_", " ") + remark


def _plot_series(ax: "Axes", numbers: np.ndarray, **style: Any) -> list[Any]:
    epochs = np.arange(1, len(numbers) + 1)
    every = max(1, len(numbers) // 12)  # markers on a long line would hide it
    return ax.plot(epochs, np.where(np.isfinite(numbers), numbers, np.nan), markevery=every, markersize=4.5, **style)
