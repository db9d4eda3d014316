"""Has figures and graphs come as SVG and PNG, each with words for those who cannot see it. This runs in the kernel."""

import io
from typing import Any

from matplotlib import pyplot
from matplotlib.figure import Figure

from viz.plots.alt import alt_text, describe

__all__ = ["show_as_svg_and_png", "words_of"]

SVG, PNG = "image/svg+xml", "image/png"


def show_as_svg_and_png(shell: Any) -> None:
    """Register what makes them with a shell of IPython."""
    pyplot.close(pyplot.figure())  # at the first one Jupyter sets its own ways to show figures, in place of others
    formatters = shell.display_formatter.formatters
    formatters[SVG].for_type(Figure, _svg)
    formatters[PNG].for_type(object, _png)  # of everything that can show itself as one, but does not unless asked


def words_of(ax: Any) -> str:
    """What can be said of a plot by its title, its labels and what is drawn in it; "" of one that is empty.

    Example:
        >>> from matplotlib import pyplot
        >>> figure, ax = pyplot.subplots()
        >>> _ = ax.plot([1, 2], [3, 4], label="loss")
        >>> _ = ax.set(xlabel="step", ylabel="height", title="Downhill")
        >>> words_of(ax)
        'Downhill: height against step; loss.'
        >>> pyplot.close(figure)
    """
    if ax.get_label() == "<colorbar>" or not ax.has_data():
        return ""
    axes = " against ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel())))
    _, names = ax.get_legend_handles_labels()
    parts = "; ".join(filter(None, (axes, ", ".join(dict.fromkeys(names)))))
    text = ": ".join(filter(None, (ax.get_title(), parts)))
    return f"{text[0].upper()}{text[1:]}." if text else "A plot."


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
    return show({PNG}).get(PNG) if show and not isinstance(thing, type) else None
