"""Plots in words, for those who cannot see them: in Jupyter, and in the files that keep such words."""

import base64
import io
from collections.abc import Iterable
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from viz.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["alt_text", "describe"]

DOTS_PER_INCH = 200  # of what a notebook shows: twice those of the screen, as many screens have twice as many
SCREEN = 100


def describe(ax: "Axes", words: str) -> None:
    """Say in words what a plot shows; its figure shows itself in Jupyter with them from now on.

    matplotlib's own way to a notebook is an image without a text, on a ground of its choice.
    """
    ax._alt_text = printable(words)  # type: ignore[attr-defined]
    figure: Any = ax.get_figure(root=True)
    figure._repr_mimebundle_ = partial(_show, figure)
    figure._ipython_display_ = partial(_display, figure)


def alt_text(figure: "Figure") -> str:
    """What was said of all plots in a figure."""
    return " ".join(ax._alt_text for ax in figure.axes if hasattr(ax, "_alt_text"))


def _display(figure: "Figure") -> None:
    """Show the figure in Jupyter, which would otherwise draw it once more, as an image without a text."""
    from IPython.display import display

    display(_show(figure), raw=True)


def _show(
    figure: "Figure", include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
) -> dict[str, Any]:
    """What Jupyter displays: the image with its text."""
    words = alt_text(figure)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=DOTS_PER_INCH, facecolor=figure.get_facecolor(), bbox_inches="tight")
    image = content.getvalue()
    width = round(int.from_bytes(image[16:20]) * SCREEN / DOTS_PER_INCH)  # where a PNG says how wide it is
    source = base64.b64encode(image).decode()
    html = f'<img alt="{escape(words)}" style="width:{width}px;max-width:100%" src="data:image/png;base64,{source}">'
    bundle = {"text/html": html, "image/png": source, "text/plain": words}  # the image alone is for export as LaTeX
    wanted = set(bundle if include is None else include) - set(exclude or ())
    return {mime_type: content for mime_type, content in bundle.items() if mime_type in wanted}
