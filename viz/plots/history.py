"""How training went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import Value
from engine.arguments import is_real, plain_lists, shown
from engine.number import to_float
from viz.fitted import training_of
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import MARKERS, add_legend, check_axes, check_title, draw_on, finish, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["STYLES", "Series", "name_of_scores", "plot_history", "read_series"]

VALIDATION = "validation_"
STYLES = {(False, False): "-", (False, True): ":", (True, False): "--", (True, True): "-."}  # score, validation
SHARES = np.linspace(0.0, 1.0, 6)  # the ticks of scores
SCORES = {"accuracy", "auc", "corrcoef", "f1", "kappa", "precision", "r2", "recall", "score"}  # words in their names
LOSSES = {"error", "loss"}


@dataclass(frozen=True)
class Series:
    """One curve.

    Attributes:
        words: what it is called.
        hue: the number of its colour and marker: that of the pair of training and validation, or of the run.
        is_score, is_validation: which of the four kinds it is.
        numbers: one for each epoch.
    """

    words: str
    hue: int
    is_score: bool
    is_validation: bool
    numbers: np.ndarray


def plot_history(history: Mapping[str, Any], *, ax: "Axes | None" = None, title: str | None = None) -> "Axes":
    """Show how training went: losses on the left axis, accuracies and other scores on the right one.

    What was found on validation data has the colour and marker of its counterpart, hollow. Losses have solid lines,
    dotted for validation, and scores dashed and dash-dotted ones. Of several runs each has a colour and a marker.
    Numbers that are nan or infinite leave a gap, and the legend says how many there are and in which epoch the first
    one came.

    Args:
        history: the numbers of every epoch by name, as `nn.fit` returns them, or an estimator that has them; or several
            such, by the name of the run.
            Names with a word such as "accuracy", "f1", "r2" or "score" in them are scores, which go from 0 to 1 unless
            one is outside of that; all others are losses.
        ax: where to plot; None for a new figure.
        title: what to write above; None for how many epochs there were, "" for nothing.

    Returns:
        Axes: the plot; that of the losses, if there are both. Nothing is shown or saved.

    Raises:
        TypeError: `history` is not a mapping from names to numbers, `ax` no Axes, or the title no text.
        ValueError: it has no numbers.

    Example:
        >>> ax = plot_history({"loss": [0.9, 0.4, 0.2], "accuracy": [0.5, 0.8, 1.0]})
        >>> ax.get_xlabel(), ax.get_ylabel(), ax.get_title()
        ('epoch', 'loss', 'Training, 3 epochs')
        >>> runs = plot_history({"slow": {"loss": [0.9, 0.8]}, "fast": {"loss": [0.9, 0.3]}})
        >>> [text.get_text() for text in runs.get_legend().get_texts()]
        ['slow: loss', 'fast: loss']
        >>> from matplotlib import pyplot; pyplot.close("all")
    """
    from matplotlib.ticker import MaxNLocator

    check_axes(ax)
    check_title(title)
    series = read_series(history)
    epochs = max(len(each.numbers) for each in series)
    losses, scores = ([each for each in series if each.is_score is kind] for kind in (False, True))

    ax = draw_on(ax)
    right = ax.twinx() if losses and scores else ax
    lines = [line for axes, group in ((ax, losses), (right, scores)) for line in _plot(axes, group)]
    if losses:
        ax.set_ylabel("loss")
    if scores:
        right.set_ylabel(name_of_scores(scores))
        numbers = np.concatenate([each.numbers for each in scores])
        if ((numbers < 0) | (numbers > 1)).any():
            _align(right, numbers)
        else:
            right.set(ylim=(-0.03, 1.03), yticks=SHARES)
    if right is not ax:
        _align(ax, np.concatenate([each.numbers for each in losses]))
    ax.set(xlabel="epoch", xlim=(0.5, epochs + 0.5))
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.grid(axis="y", color=EDGE, alpha=0.25)
    add_legend(ax, lines, [each.words for each in (*losses, *scores)])
    write_title(ax, f"Training, {epochs} epoch{'s' * (epochs > 1)}" if title is None else title)
    return finish(ax, _in_words(series, epochs))


def name_of_scores(scores: Sequence[Series]) -> str:
    """What their axis is called."""
    return "accuracy" if all("accuracy" in each.words for each in scores) else "score"


def read_series(history: Any) -> list[Series]:
    """The curves of a history, or of several, in their order; TypeError or ValueError where there are none."""
    history = training_of(history)
    if not isinstance(history, Mapping):
        raise TypeError(f"history must map names to numbers, as nn.fit returns it, but was {shown(history)}")
    are_runs = bool(history) and all(isinstance(run, Mapping) for run in history.values())
    found: list[Series] = []
    for i, (run, columns) in enumerate(history.items() if are_runs else [("", history)]):
        pairs: dict[str, int] = {}
        for name, given in columns.items():
            numbers = _numbers(name, given)
            if not numbers.size:
                continue
            name = str(name)
            pair = pairs.setdefault(name.removeprefix(VALIDATION), len(pairs))
            words = (f"{run}: " if are_runs else "") + name.replace("_", " ") + _remark(numbers)
            parts = {*name.lower().split("_")}
            kinds = bool(parts & SCORES and not parts & LOSSES), name.startswith(VALIDATION)
            found.append(Series(words, i if are_runs else pair, *kinds, numbers))
    if not found:
        raise ValueError("there is nothing to plot: history has no numbers")
    return found


def _numbers(name: Any, given: Any) -> np.ndarray:
    numbers = plain_lists(given)
    if not isinstance(numbers, list) or not all(map(is_real, numbers)):
        raise TypeError(f"history[{shown(name)}] must be a list with a number for each epoch, but was {shown(given)}")
    return np.array([to_float(x.data if isinstance(x, Value) else x) for x in numbers])


def _remark(numbers: np.ndarray) -> str:
    broken = np.flatnonzero(~np.isfinite(numbers))
    return f" ({len(broken)} not finite, the first in epoch {broken[0] + 1})" if len(broken) else ""


def _plot(ax: "Axes", group: Sequence[Series]) -> list[Any]:
    lines = []
    for each in group:
        numbers = np.where(np.isfinite(each.numbers), each.numbers, np.nan)
        every = max(1, len(numbers) // 12)  # markers on a long line would hide it
        lines += ax.plot(
            np.arange(1, len(numbers) + 1), numbers, label=each.words, color=PETROFF10[each.hue % len(PETROFF10)],
            linestyle=STYLES[each.is_score, each.is_validation], marker=MARKERS[each.hue % len(MARKERS)],
            markerfacecolor="none" if each.is_validation else None, markevery=every, markersize=4.5,
        )  # fmt: skip
    return lines


def _align(ax: "Axes", numbers: np.ndarray) -> None:
    """Give an axis as many ticks as one from 0 to 1 has, at the same heights: one grid is true for both."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    low = 0.0 if 0 <= low <= high / 2 else low
    n = len(SHARES) - 1
    with np.errstate(all="ignore"):
        least = (high - low) / n or abs(high) / n or 1.0
        magnitude = 10.0 ** np.floor(np.log10(least))
        for step in np.multiply.outer([magnitude, 10 * magnitude], [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]).flat:
            start = np.floor(low / step + 1e-9) * step
            if start + n * step >= high * (1 - 1e-12) and np.isfinite([start - step, start + 6 * step]).all():
                ax.set(ylim=(start - 0.03 * n * step, start + 1.03 * n * step), yticks=start + n * step * SHARES)
                return


def _in_words(series: Sequence[Series], epochs: int) -> str:
    curves = []
    for each in series:
        finite = each.numbers[np.isfinite(each.numbers)]
        course = f" from {finite[0]:.3g} to {finite[-1]:.3g}" if finite.size else ""
        curves.append(f"{each.words}{course}")
    return f"Curves over {epochs} epochs of training: {'; '.join(curves)}."
