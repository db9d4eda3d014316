"""Where weights go: over the epochs of a training, or over strengths of a penalty."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import is_real, plain_lists, shown, whole_number
from engine.number import to_float
from nn import History, Module
from viz.fitted import network_of
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import MARKERS, add_legend, check_axes, check_title, draw_on, finish, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_weight_paths"]


def plot_weight_paths(runs: Any, *, most: int = 8, ax: "Axes | None" = None, title: str | None = None) -> "Axes":
    """Show where weights go: as a penalty such as l1 or l2 grows, or epoch by epoch.

    The weights that become largest have colours, markers and names; all others are thin lines. Under l1 they reach 0
    one after the other and stay there, under l2 they shrink together.

    Args:
        runs: a dict from the strength of the penalty to the model that was trained with it, the history of that if it
            was recorded, an estimator, or a list of numbers, as many in each; or one recorded history, for its epochs.
        most: how many weights to name, from 1 to 10.
        ax: where to plot; None for a new figure.
        title: what to write above; None for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        TypeError: it is neither; `ax` is no Axes, or the title no text.
        ValueError: there are no weights, or not as many in each run; a strength is below 0; the history has no
            recording.

    Example:
        >>> ax = plot_weight_paths({0.0: [2.0, -1.0], 0.1: [1.0, 0.0], 1.0: [0.0, 0.0]})
        >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
        ('strength of the penalty', ['w1', 'w2'])
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    check_axes(ax)
    check_title(title)
    from matplotlib.ticker import MaxNLocator

    most = whole_number("most", most, most=len(PETROFF10))
    by_epoch = isinstance(runs, History)
    x, table, names = _epochs(runs) if by_epoch else _strengths(runs)

    ax = draw_on(ax)
    sizes = np.abs(np.where(np.isfinite(table), table, 0.0)).max(axis=0)
    named = sorted(np.argsort(-sizes, kind="stable")[:most].tolist())
    rest = np.delete(table, named, axis=1)
    if rest.size:
        ax.plot(x, rest, color=EDGE, linewidth=0.7, alpha=0.5)
    lines = []
    for i, column in enumerate(named):
        lines += ax.plot(x, table[:, column], color=PETROFF10[i], marker=MARKERS[i], markersize=4.5,
                         markevery=max(1, len(x) // 12))  # fmt: skip
    ax.axhline(0, color=EDGE, linewidth=1.0)
    positive = x[x > 0]
    if not by_epoch and len(positive) > 1:
        if x[0] == 0:
            ax.set_xscale("symlog", linthresh=positive[0])
            ax.set_xlim(left=-0.1 * positive[0])
        else:
            ax.set_xscale("log")
    if by_epoch:
        ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.set(xlabel="epoch" if by_epoch else "strength of the penalty", ylabel="weight")
    ax.grid(axis="y", color=EDGE, alpha=0.25)
    add_legend(ax, lines, [names[column] for column in named])
    write_title(ax, title)
    zeros = [int((row == 0).sum()) for row in (table[0], table[-1])]
    courses = [f"{names[i]} from {table[0, i]:.3g} to {table[-1, i]:.3g}" for i in named]
    along = f"{'epoch' if by_epoch else 'strength'} {x[0]:.3g} to {x[-1]:.3g}"
    zero = f"{zeros[0]} are 0 at first and {zeros[1]} in the end"
    return finish(ax, f"{table.shape[1]} weights from {along}, of which {zero}: {'; '.join(courses)}.")


def _epochs(history: History) -> tuple[np.ndarray, np.ndarray, list[str]]:
    if history.recording is None or not history.recording.snapshots:
        raise ValueError(f"this training was not recorded: write fit(..., record=True), but runs was {shown(history)}")
    kept = history.recording.snapshots
    table = np.array([[*snapshot.parameters] for snapshot in kept])
    return np.array([snapshot.epoch for snapshot in kept]), table, _names(history.recording.model, table.shape[1])


def _strengths(runs: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    if not isinstance(runs, Mapping) or not runs or not all(map(is_real, runs)):
        raise TypeError(
            f"runs must map the strength of a penalty to a model, or be a recorded history, but was {shown(runs)}"
        )
    strengths = sorted(runs, key=to_float)
    x = np.array([to_float(strength) for strength in strengths])
    if not np.isfinite(x).all() or x[0] < 0:
        raise ValueError(f"strengths of a penalty must be finite and 0 or more, but were {shown([*runs])}")
    rows = [_weights(runs[strength]) for strength in strengths]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"every run must have as many weights, but they have {sorted({len(row) for row in rows})}")
    return x, np.array(rows), _names(_model(runs[strengths[0]]), len(rows[0]))


def _model(run: Any) -> Any:
    """What has the weights: a network, or a linear model of scikit-learn itself, whose biases are none of them."""
    if isinstance(run, History):
        return run.recording.model if run.recording else run
    return run if hasattr(run, "coef_") else network_of(run)


def _weights(run: Any) -> list[float]:
    """The numbers that were found in a run."""
    if isinstance(run, History):
        x, table, _ = _epochs(run)
        best = np.flatnonzero(x == (run.best_epoch or -1))
        row: list[float] = table[best[0] if len(best) else -1].tolist()
        return row
    run = _model(run)
    if isinstance(run, Module):
        numbers = [parameter.data for parameter in run.parameters()]
    else:
        found = plain_lists(getattr(run, "coef_", run))
        while isinstance(found, list) and any(isinstance(each, list) for each in found):
            found = [number for each in found for number in (each if isinstance(each, list) else [each])]
        if not isinstance(found, list) or not all(map(is_real, found)):
            raise TypeError(
                f"a run must be a model, a recorded history, an estimator or a list of numbers, but was {shown(run)}"
            )
        numbers = [to_float(number) for number in found]
    if not numbers:
        raise ValueError(f"a run must have weights, but {shown(run)} has none")
    return numbers


def _names(model: Any, n: int) -> list[str]:
    labels = [parameter.label for parameter in model.parameters()] if isinstance(model, Module) else []
    return [label or f"w{i}" for i, label in enumerate(labels or [""] * n, 1)]
