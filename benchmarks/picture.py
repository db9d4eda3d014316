"""The picture of a race: every contestant's median time on a logarithmic line, a panel for each workload."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.race import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_race"]

COLUMNS = 2
STYLE = {"ours": ("#3f90da", "o", "bold"), "peer": ("#717581", "s", "normal"), "limit": ("#bd1f01", "|", "normal")}


def draw_race(outcomes: Sequence[Outcome], path: Path) -> Path:
    """Write a picture of races that were about time.

    Args:
        outcomes: one or more.
        path: ends in .svg or another format that matplotlib knows.

    Returns:
        The path.
    """
    from matplotlib import pyplot

    from viz import save_figure  # here, and not above: the contestants' processes import this package too

    sizes = [2 + len(_medians(outcome)) for outcome in outcomes]  # in lines, with the title
    heights = [max(sizes[i : i + COLUMNS]) for i in range(0, len(sizes), COLUMNS)]
    figure, grid = pyplot.subplots(
        len(heights),
        COLUMNS,
        figsize=(10, 0.26 * sum(heights)),
        height_ratios=heights,
        layout="constrained",
        squeeze=False,
    )
    for ax, outcome in zip(grid.flat, outcomes, strict=False):
        _draw_panel(ax, outcome)
    for ax in grid.flat[len(outcomes) :]:
        ax.remove()
    try:
        with pyplot.rc_context({"svg.fonttype": "none"}):  # text stays text, in a file and in diffs that can be read
            return save_figure(figure, path)
    finally:
        pyplot.close(figure)


def _medians(outcome: Outcome) -> list[tuple[float, str, str]]:
    """(median, role, contestant) of all who were measured, the fastest first."""
    return sorted(
        (median(row.figures), contestant.role, row.contestant)
        for contestant, row in zip(outcome.workload.contestants, outcome.rows, strict=True)
        if row.figures
    )


def _draw_panel(ax: "Axes", outcome: Outcome) -> None:
    medians = _medians(outcome)
    for y, (figure, role, _) in enumerate(medians):
        color, marker, weight = STYLE[role]
        ax.plot(figure, y, color=color, marker=marker, markersize=6, markeredgewidth=2)
        text: dict[str, Any] = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
        written = ax.annotate(outcome.workload.unit.write(figure), (figure, y), color=color, weight=weight, **text)
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # no grid line through it
    ax.set_yticks(range(len(medians)), [name for *_, name in medians], fontsize=9)
    for label, (_, role, _) in zip(ax.get_yticklabels(), medians, strict=True):
        label.set(color=STYLE[role][0], weight=STYLE[role][2])
    ax.set(xscale="log", xlim=(3e-7, 40), ylim=(len(medians) - 0.4, -0.6))
    ax.set_xticks([1e-6, 1e-3, 1], ["1 us", "1 ms", "1 s"], color="#717581", fontsize=8)
    ax.set_xticks([1e-5, 1e-4, 1e-2, 1e-1, 10], [""] * 5, minor=True)
    ax.grid(axis="x", which="both", color="#94a4a2", alpha=0.35, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.set_title("\n".join(textwrap.wrap(outcome.workload.title, 58)), fontsize=10, loc="left")
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
