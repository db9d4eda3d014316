"""Figures: new ones in the project's colours, what is written on them, and how they get into files."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.arguments import shown
from engine.files import as_path, write_atomically
from viz.palette import EDGE, PETROFF10, SIGNED
from viz.plots.alt import alt_text, describe
from viz.text import printable

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

__all__ = [
    "HEIGHT",
    "MARKERS",
    "add_bar",
    "add_legend",
    "axes_for",
    "check_axes",
    "check_title",
    "draw_on",
    "finish",
    "save_figure",
    "signed_colors",
    "write",
    "write_title",
]

MARKERS = "osD^vP*X<>"  # as many as colours: a class is told by either
BAR = 0.15  # inches: the width of a bar of shades
DOTS_PER_INCH = 150
HEIGHT = 4.8  # inches: of a figure
KEEPS_WORDS = {"png": "Description", "svg": "Title", "pdf": "Subject"}  # format -> where a file of it has words


def new_grid(rows: int, columns: int, width: float = 6.4, height: float = HEIGHT) -> "np.ndarray":
    """The (rows, columns) Axes of a new figure of that size in inches, in the project's colours.

    Its ground is transparent, and `finish` makes what is written grey, so that it can be read on a light page and on
    a dark one.
    """
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(rows, columns, layout="constrained", squeeze=False, figsize=(width, height))
    figure.set_facecolor("none")
    figure._is_ours = True  # type: ignore[attr-defined]
    for ax in grid.flat:
        _prepare(ax)
    return grid


def draw_on(ax: "Axes | None", height: float = HEIGHT, width: float = 6.4) -> "Axes":
    """The Axes that were given; for None those of a new figure of that size in inches."""
    return new_grid(1, 1, width, height)[0, 0] if ax is None else ax


def axes_for(axes: Any, n: int, columns: int, width: float, height: float) -> "list[Axes]":
    """The first n Axes of those that were given; for None those of a new figure, in so many columns.

    Args:
        axes: a list or an array of Axes, or None; or Axes alone, if one is enough.
        n, columns: how many, and how many side by side at most.
        width, height: inches of each in a new figure.

    Raises:
        TypeError: they are no Axes.
        ValueError: they are fewer.
    """
    from matplotlib.axes import Axes

    if axes is None:
        columns = min(columns, n)
        rows = -(-n // columns)
        grid = [*new_grid(rows, columns, width * columns, height * rows).flat]
        for ax in grid[n:]:
            ax.remove()
        return grid[:n]
    found = [axes] if isinstance(axes, Axes) else [*getattr(axes, "flat", axes)] if _is_list(axes) else []
    if not found or not all(isinstance(ax, Axes) for ax in found):
        raise TypeError(
            f"axes must be a list of Axes to plot on, as pyplot.subplots gives them, or None, but was {shown(axes)}"
        )
    if len(found) < n:
        raise ValueError(f"axes must be {n}, one for each plot, but were {len(found)}")
    return found[:n]


def _is_list(axes: Any) -> bool:
    return isinstance(axes, list | tuple) or hasattr(axes, "flat")


def _prepare(ax: "Axes") -> None:
    ax.set_facecolor("none")
    ax.set_prop_cycle(color=list(PETROFF10))


def finish(ax: "Axes", words: str) -> "Axes":
    """Say what a plot shows, for those who cannot see it; and on a figure of ours, write in a grey for any ground."""
    describe(ax, words)
    figure: Any = ax.get_figure(root=True)
    if hasattr(figure, "_is_ours"):
        for each in figure.axes:
            _turn_grey(each)
    return ax


def _turn_grey(ax: Any) -> None:
    for spine in ax.spines.values():
        spine.set_edgecolor(EDGE)
    ax.tick_params(which="both", color=EDGE, labelcolor=EDGE)
    legend = ax.get_legend()
    texts = [] if legend is None else [legend.get_title(), *legend.get_texts()]
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title, ax.xaxis.offsetText, ax.yaxis.offsetText, *texts):
        text.set_color(EDGE)
    ax.set_facecolor("none")


def check_axes(ax: Any) -> None:
    """TypeError unless these are Axes to plot on, or None for new ones."""
    from matplotlib.axes import Axes

    if not (ax is None or isinstance(ax, Axes)):
        raise TypeError(f"ax must be the Axes to plot on, as pyplot.subplots gives them, or None, but was {shown(ax)}")


def check_title(title: Any) -> None:
    """TypeError unless this is text, or None."""
    if not (title is None or isinstance(title, str)):
        raise TypeError(f"title must be text, or None, but was {shown(title)}")


def add_legend(ax: "Axes", handles: Sequence[Any], names: Sequence[str], title: str = "") -> None:
    """A legend above the plot, where it hides nothing, in as many columns as fit over it.

    It has all names as they are: matplotlib leaves out those that are empty or start with "_".
    """
    figure: Any = ax.get_figure(root=True)
    for rows in range(1, len(handles) + 1):
        columns = -(-len(handles) // rows)
        legend = ax.legend(
            handles, [f"{i}" for i in range(len(handles))], title=title or None, loc="lower center",
            bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip
        for text, name in zip(legend.get_texts(), names, strict=True):
            write(text, name)
        if columns == 1 or legend.get_window_extent(figure.canvas.get_renderer()).width <= ax.get_window_extent().width:
            break


def add_bar(ax: "Axes", shades: "ScalarMappable", words: str, **options: Any) -> None:
    """A bar beside the plot that says what its shades mean, as high as the plot is drawn.

    Axes to one scale are lower than their place, which is what matplotlib makes a bar as high as.
    """
    figure: Any = ax.get_figure()
    bar = figure.colorbar(shades, ax=ax, **options)
    bar.ax.set_axes_locator(_Beside(ax, bar.ax.get_axes_locator()))
    write(bar.ax.yaxis.label, words)


class _Beside:
    """Says where a bar is drawn: where it was put, and as high as the plot.

    Args:
        plot: its Axes.
        place: what says where the bar was put.
    """

    def __init__(self, plot: "Axes", place: Any) -> None:
        self._plot, self._place = plot, place

    def __call__(self, bar: Any, renderer: Any) -> "Bbox":
        from matplotlib.transforms import Bbox

        bar.set_box_aspect(None)  # which every layout sets anew, and which would make a low bar a thin one
        plot, figure = self._plot.get_position(), bar.get_figure()
        width = BAR * figure.dpi / figure.bbox.width
        return Bbox.from_bounds(self._place(bar, renderer).x0, plot.y0, width, plot.height)

    def get_subplotspec(self) -> Any:
        """What a tight layout asks for."""
        return self._place.get_subplotspec()


def write_title(ax: "Axes", title: str | None) -> None:
    """Write it above the plot, and above its legend if that is there."""
    if not title:
        return
    legend, figure = ax.get_legend(), ax.get_figure(root=True)
    height = legend.get_window_extent(figure.canvas.get_renderer()).height if legend else 0.0  # type: ignore[union-attr]
    ax.set_title("", pad=6 + height * 72 / figure.dpi)  # type: ignore[union-attr]
    write(ax.title, title)


def signed_colors() -> "Colormap":
    """Of a field whose sign matters: orange below 0, white, blue above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", SIGNED)


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
    words = alt_text(figure)
    metadata = {KEEPS_WORDS[format]: words} if words and format in KEEPS_WORDS else None
    options = {"dpi": DOTS_PER_INCH, "facecolor": background, "bbox_inches": "tight", "metadata": metadata}
    figure.savefig(content, format=format, **options)
    return write_atomically(path, content.getvalue())
