"""Has figures and graphs come as SVG and PNG, each with words for those who cannot see it. This runs in the kernel."""

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from matplotlib import pyplot
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from viz.plots.alt import alt_text, describe

__all__ = ["show_as_svg_and_png", "words_of"]

SVG, PNG = "image/svg+xml", "image/png"
SIGNS = {"partial": "∂", "odot": "⊙", "cdot": "·", "times": "×", "to": "→", "leq": "≤", "geq": "≥", "infty": "∞"}


def show_as_svg_and_png(shell: Any) -> None:
    """Register what makes them with a shell of IPython."""
    pyplot.close(pyplot.figure())  # at the first one Jupyter sets its own ways to show figures, in place of others
    shell.display_formatter.ipython_display_formatter.enabled = False  # what shows itself does not ask these
    formatters = shell.display_formatter.formatters
    formatters[SVG].for_type(Figure, _svg)
    formatters[PNG].for_type(object, _png)  # of everything that can show itself as one, but does not unless asked


def words_of(ax: Any) -> str:
    """What can be said of a plot by its title, its labels and what is drawn in it; "" of one that is empty.

    Names stay as they are written, but for the signs of LaTeX.

    Example:
        >>> from matplotlib import pyplot
        >>> figure, (left, right) = pyplot.subplots(1, 2)
        >>> _ = left.plot([1, 2], [3, 4.25], label="loss")
        >>> _ = left.set(xlabel="step", ylabel="height", title="Downhill")
        >>> words_of(left)
        'Plot "Downhill" of height against step: loss from 3 at 1 to 4.25 at 2.'
        >>> _ = right.bar(["in", "near"], [0.5, 0.25])
        >>> words_of(right)
        'Plot: bars in 0.5, near 0.25.'
        >>> pyplot.close(figure)
    """
    if ax.get_label() == "<colorbar>" or not ax.has_data():
        return ""
    y, x = ax.get_ylabel(), ax.get_xlabel()
    handles, names = ax.get_legend_handles_labels()
    curves = {name: _curve(name, handle) for handle, name in zip(handles, names, strict=True)}  # each name once
    annotated = ", ".join(text.get_text() for text in ax.texts if text.get_text().isidentifier())
    head = f'Plot "{ax.get_title()}"' if ax.get_title() else "Plot"
    head += f" of {y} against {x}" if x and y else f" of {y}" if y else f" along {x}" if x else ""
    shown = "; ".join(filter(None, (*_bars(ax), ", ".join(curves.values()), annotated and f"the words {annotated}")))
    return _without_latex(": ".join(filter(None, (head, shown))) + ".")


def _without_latex(text: str) -> str:
    r"""Text whose formulas can be read aloud.

    Example:
        >>> _without_latex(r"$\partial C / \partial W_2$ is $\delta_2 a_1^T$, $e^{-x^2}$, 5 \$")
        '∂ C / ∂ W_2 is δ_2 a_1^T, e^(-x^2), 5 \\$'
    """

    def read(formula: re.Match[str]) -> str:
        written = re.sub(r"\\([A-Za-z]+)", lambda command: _sign(command[1]), formula[1])
        return written.replace("{", "(").replace("}", ")")

    return re.sub(r"(?<!\\)\$(.+?)(?<!\\)\$", read, text)


def _sign(command: str) -> str:
    """What a command of LaTeX stands for; its name, if that is unknown."""
    case = "CAPITAL" if command[0].isupper() else "SMALL"
    try:
        return SIGNS.get(command) or unicodedata.lookup(f"GREEK {case} LETTER {command}")
    except KeyError:
        return command


def _curve(name: str, handle: Any) -> str:
    points: Any = handle.get_xydata() if isinstance(handle, Line2D) else ()
    if not len(points):
        return name
    start, end = (f"{y:.3g} at {x:.3g}" for x, y in (points[0], points[-1]))
    return f"{name} from {start} to {end}"


def _bars(ax: Any) -> Iterator[str]:
    for container in ax.containers:
        if isinstance(container, BarContainer):
            is_upright = container.orientation == "vertical"
            ticks = (ax.get_xticklabels if is_upright else ax.get_yticklabels)()
            heights = [bar.get_height() if is_upright else bar.get_width() for bar in container]
            names = [tick.get_text() for tick in ticks] if len(ticks) == len(heights) else [""] * len(heights)
            yield "bars " + ", ".join(
                f"{name} {height:.3g}".strip() for name, height in zip(names, heights, strict=True)
            )


def _svg(figure: Figure) -> str:
    described = [ax.get_position().bounds for ax in figure.axes if hasattr(ax, "_alt_text")]
    for ax in figure.axes:
        if ax.get_position().bounds not in described and (words := words_of(ax)):  # of two in one place, one says all
            describe(ax, words)
    content = io.StringIO()
    metadata = {"Title": alt_text(figure), "Date": None}
    figure.savefig(content, format="svg", facecolor=figure.get_facecolor(), bbox_inches="tight", metadata=metadata)
    return content.getvalue()


def _png(thing: Any) -> bytes | None:
    show = getattr(thing, "_repr_mimebundle_", None)
    return show(include={PNG}).get(PNG) if show and not isinstance(thing, type) else None
