"""Figures: new ones in the project's colours, and writing them to files."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.arguments import shown
from engine.files import as_path, write_atomically
from viz.palette import PETROFF10
from viz.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["MARKERS", "add_legend", "check_axes", "new_axes", "save_figure", "write"]

MARKERS = "osD^vP*X<>"  # as many as colours: a class is told by either
DOTS_PER_INCH = 150


def new_axes() -> "Axes":
    """Axes of a new figure, in the project's colours."""
    from matplotlib import pyplot

    _, ax = pyplot.subplots(layout="constrained")
    ax.set_prop_cycle(color=list(PETROFF10))
    return ax


def check_axes(ax: Any) -> None:
    """TypeError unless these are Axes to plot on, or None for new ones."""
    from matplotlib.axes import Axes

    if not (ax is None or isinstance(ax, Axes)):
        raise TypeError(f"ax must be the Axes to plot on, as pyplot.subplots gives them, or None, but was {shown(ax)}")


def add_legend(ax: "Axes", handles: Sequence[Any], names: Sequence[str], **options: Any) -> None:
    """A legend that has all names as they are: matplotlib leaves out those that are empty or start with "_"."""
    legend = ax.legend(handles, [f"{i}" for i in range(len(handles))], **options)
    for text, name in zip(legend.get_texts(), names, strict=True):
        write(text, name)


def write(text: "Text", words: str) -> None:
    """Set the words of a text, with formulas in it where these can be read."""
    from matplotlib.mathtext import MathTextParser

    words = printable(words)
    try:
        MathTextParser("path").parse(words)
        is_readable = True
    except ValueError:  # or the figure could not be saved
        is_readable = False
    text.set_parse_math(is_readable)
    text.set_text(words)


def save_figure(plot: "Axes | Figure", path: str | os.PathLike[str]) -> Path:
    """Write a plot to a file, whole or not at all, on a background of its own so that it can be read anywhere.

    Args:
        plot: the axes that a plot function returned, or a whole figure.
        path: ends in .png, .svg, .pdf or another format that matplotlib knows.

    Returns:
        Path: the path, as given.

    Raises:
        TypeError: the plot is none, or the path.
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
    from matplotlib.figure import Figure

    figure: Any = plot.get_figure(root=True) if isinstance(plot, Axes) else plot
    if not isinstance(figure, Figure):
        hint = "plot it first, as with plot_history(history)"
        if hasattr(plot, "save_as"):
            hint = "a diagram is written by diagram.save_as(path)"
        raise TypeError(
            f"save_figure needs the Axes that a plot function gave, or a Figure, but was given {shown(plot)}: {hint}"
        )
    formats = figure.canvas.get_supported_filetypes()
    format = as_path(path).suffix[1:].lower()
    if format not in formats:
        endings = ", ".join(f".{name}" for name in sorted(formats))
        raise ValueError(f"cannot tell the format of {os.fspath(path)!r}: end the file name in one of {endings}")
    background: Any = figure.get_facecolor()
    if background[3] < 1:  # black text would vanish where a page that lies beneath is dark
        background = "white"
    content = io.BytesIO()
    figure.savefig(content, format=format, dpi=DOTS_PER_INCH, facecolor=background, bbox_inches="tight")
    return write_atomically(path, content.getvalue())
