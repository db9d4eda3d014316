"""DOT text to a picture, with or without a Graphviz installation.

The pygraphviz wheel carries Graphviz inside and draws in this process; without it a program named
``dot`` on the PATH does the same work in 15 ms instead of 1.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from engine.arguments import shown

__all__ = ["FORMATS", "arrange", "check_format", "render"]

FORMATS = ("svg", "png", "pdf")
LAYOUTS = ("dot", "neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork")

# Graphviz frees what it never made of a label, or a part of a record, that begins with an empty line, and Python ends
# with it. A space is enough: one that does not break, as records drop others. Of records, those we draw are minded.
_EMPTY_LINE_FIRST = re.compile(r'(?:(?<==")|(?<=\|\{))(?=\\[nlr]|\r?\n)')

_graphviz_is_not_thread_safe = threading.Lock()


def render(source: str, format: str = "svg", *, layout: str = "dot") -> bytes:
    """Draw a graph that is described in the DOT language.

    Args:
        source: the DOT text.
        format: "svg", "png" or "pdf".
        layout: Graphviz's layout program: "dot" (in ranks), or another in `LAYOUTS`.

    Returns:
        bytes: the picture file's content.

    Raises:
        TypeError: the source is no text.
        ValueError: an unknown format or layout, or text that is not valid DOT.
        RuntimeError: neither pygraphviz nor a ``dot`` program is installed.

    Example:
        >>> render("digraph { a -> b }")[:5]
        b'<?xml'
    """
    if not isinstance(source, str):
        raise TypeError(f"render needs the text of a graph in the DOT language, but was given {shown(source)}")
    check_format(format)
    if layout not in LAYOUTS:
        raise ValueError(f"cannot draw in the layout {shown(layout)}: the layouts are {', '.join(map(repr, LAYOUTS))}")
    return _rendered(_EMPTY_LINE_FIRST.sub("\u00a0", source), format, layout)


def arrange(source: str) -> dict[str, Any]:
    """Where Graphviz puts the nodes, edges and clusters of a graph in the DOT language.

    Args:
        source: the DOT text.

    Returns:
        dict: what Graphviz calls JSON without the drawing: "bb", "objects" and "edges", whose places are texts of
            points, from the bottom left.

    Raises:
        ValueError: text that is not valid DOT.
        RuntimeError: neither pygraphviz nor a ``dot`` program is installed.

    Example:
        >>> arrange("digraph { a -> b }")["objects"][0]["pos"]
        '27,90'
    """
    found: dict[str, Any] = json.loads(_rendered(source, "json0", "dot"))
    return found


def _rendered(source: str, format: str, layout: str) -> bytes:
    picture = _render_in_process(source, format, layout)
    return picture if picture is not None else _render_with_program(source, format, layout)


def check_format(format: str) -> None:
    """Raise ValueError, naming the known formats, unless `format` is one of them."""
    if format not in FORMATS:
        raise ValueError(f"cannot draw {shown(format)}: the formats are {', '.join(map(repr, FORMATS))}")


def _render_in_process(source: str, format: str, layout: str) -> bytes | None:
    """The picture, or None where pygraphviz is missing."""
    try:
        import pygraphviz
    except ImportError:
        return None
    with _graphviz_is_not_thread_safe, _without_font_warnings():
        try:
            # Always string=: the first positional argument is taken for a file name unless it looks like DOT.
            picture = pygraphviz.AGraph(string=source).draw(format=format, prog=layout)
        except (pygraphviz.DotError, ValueError) as error:
            raise ValueError(f"Graphviz cannot draw this text: {error}: {shown(source)}") from error
    if not isinstance(picture, bytes):  # an int, on a format that this build of Graphviz lacks
        raise RuntimeError(f"this build of pygraphviz cannot draw {format!r}: reinstall it (pip install -U pygraphviz)")
    return picture


@contextlib.contextmanager
def _without_font_warnings() -> Iterator[None]:
    """Keep one library's remarks on the system's font settings off the screen; pass on what else is said there.

    The wheel brings a fontconfig of its own, which warns of every word in /etc/fonts that it is too old or too
    new to know, straight to the file descriptor, where a notebook would show it to the class in red.
    """
    if sys.stderr is not None:  # there is none where Python runs without a console
        sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        screen = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)
            said.seek(0)
            for line in said:
                if not line.startswith(b"Fontconfig warning:"):
                    os.write(2, line)


def _render_with_program(source: str, format: str, layout: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise RuntimeError(
            "drawing a graph needs Graphviz, and found neither pygraphviz nor a program named dot: "
            "run `pip install pygraphviz`, or install Graphviz from https://graphviz.org/download; "
            "the DOT text needs neither, and is in .source"
        )
    command = [program, f"-K{layout}", f"-T{format}"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ValueError(f"Graphviz cannot draw this text: {said}: {shown(source)}")
    return done.stdout
