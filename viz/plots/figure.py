"""Figures: new ones in the project's colours, and writing them to files."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.files import write_atomically
from viz.palette import PETROFF10

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MARKERS", "new_axes", "save_figure"]

MARKERS = "osD^vP*X<>"  # as many as colours: a class is told by either
DOTS_PER_INCH = 150


def new_axes() -> "Axes":
    """Axes of a new figure, in the project's colours."""
    from matplotlib import pyplot

    _, ax = pyplot.subplots(layout="constrained")
    ax.set_prop_cycle(color=list(PETROFF10))
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
