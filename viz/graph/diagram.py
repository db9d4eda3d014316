"""A graphviz.Digraph that draws itself wherever it is run, Graphviz installed or not."""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import graphviz

from engine.arguments import shown
from engine.files import as_path, write_atomically
from viz.graph.render import FORMATS, check_format, render
from viz.graph.svg import describe, fit_width

__all__ = ["Diagram", "show"]

_SOURCE_SUFFIXES = ("dot", "gv")
_MIME_TYPES = {"image/svg+xml": "svg", "image/png": "png"}


class Diagram(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A directed graph in the DOT language, with its own drawing and its own words.

    All of `graphviz.Digraph` works, with three differences: drawing goes through `viz.render`, so no
    program named ``dot`` is needed; files are written whole or not at all; and what is saved by a name
    that ends as a picture's does is the picture.

    Args:
        *args, **kwargs: as for `graphviz.Digraph`; the format is "svg" unless given.
        title: one sentence for those who cannot see the picture.
        description: the same at length.

    Example:
        >>> diagram = Diagram(title="An arrow from a to b.")
        >>> diagram.edge("a", "b")
        >>> "An arrow" in diagram.pipe(encoding="utf-8")
        True
    """

    def __init__(self, *args: Any, title: str = "", description: str = "", **kwargs: Any) -> None:
        for name, text in (("title", title), ("description", description)):
            if not isinstance(text, str):
                raise TypeError(f"{name} must be text, but was {shown(text)}")
        kwargs["format"] = kwargs.get("format") or "svg"
        super().__init__(*args, **kwargs)
        self.title = title
        self.description = description

    def __repr__(self) -> str:
        return f"Diagram({self.title!r})"

    def _copy_kwargs(self, **kwargs: Any) -> Any:
        return {**super()._copy_kwargs(**kwargs), "title": self.title, "description": self.description}

    def save_as(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, in the format that its ending names.

        Args:
            path: ends in .svg, .png or .pdf; or in .dot or .gv for the DOT text.

        Returns:
            Path: the path, as given.

        Raises:
            TypeError: it is no path.
            ValueError: any other ending.
            OSError: the file cannot be written; the message says why.
            RuntimeError: nothing is installed that draws.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     Diagram("empty").save_as(folder + "/empty.svg").stat().st_size > 100
            True
        """
        format = as_path(path).suffix[1:].lower()
        if format in _SOURCE_SUFFIXES:
            return write_atomically(path, self.source.encode())
        if format not in FORMATS:
            endings = ", ".join(f".{name}" for name in (*FORMATS, *_SOURCE_SUFFIXES))
            raise ValueError(f"cannot tell the format of {os.fspath(path)!r}: end the file name in one of {endings}")
        return write_atomically(path, self.pipe(format))

    # From here on the methods of graphviz.Digraph, with its signatures.

    def pipe(self, format: str | None = None, *args: Any, encoding: str | None = None, **options: Any) -> Any:
        """The picture as bytes, or as text when an encoding is given; see `graphviz.Digraph.pipe`."""
        format = format or self.format
        check_format(format)
        layout = options.pop("engine", None) or self.engine
        options.pop("quiet", None)
        if args or any(option is not None for option in options.values()) or self.renderer or self.formatter:
            # A renderer or formatter is chosen by an option of the program: only the program has those.
            return super().pipe(format, *args, engine=layout, encoding=encoding, **options)
        picture = render(self.source, format, layout=layout)
        if format == "svg" and self.title:
            picture = describe(picture, self.title, self.description)
        return picture if encoding is None else picture.decode(encoding)

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Write the DOT text and return its path; see `graphviz.Digraph.save`. Named as a picture it is the picture."""
        path = self._placed(filename, directory)
        if not (skip_existing and os.path.exists(path)):
            format = Path(path).suffix[1:].lower()
            self._write(path, self.pipe(format) if filename is not None and format in FORMATS else None)
        return path

    def _placed(self, filename: str | os.PathLike[str] | None, directory: str | os.PathLike[str] | None) -> str:
        """Where the DOT text goes, from now on."""
        if filename is not None:
            self.filename = os.fspath(filename)
        if directory is not None:
            self.directory = os.fspath(directory)
        return str(self.filepath)

    def _write(self, path: str, picture: bytes | None = None) -> None:
        """Write a picture, or else the DOT text."""
        self._mkdirs(path)
        write_atomically(path, self.source.encode(self.encoding) if picture is None else picture)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        quiet_view: bool = False,
        **options: Any,
    ) -> str:
        """Write the DOT text and the picture beside it; return the picture's path. See `graphviz.Digraph.render`."""
        if outfile is not None:
            format = format or Path(outfile).suffix[1:].lower()
            if directory is None and self.directory:
                outfile = Path(os.fspath(self.directory), outfile)
            filename = filename or Path(outfile).with_suffix(".gv").name
            directory = directory if directory is not None else Path(outfile).parent
        picture = self.pipe(format, **options)
        source = self._placed(filename, directory)
        self._write(source)
        drawn = os.fspath(outfile) if outfile is not None else f"{source}.{format or self.format}"
        write_atomically(drawn, picture)
        if cleanup:
            os.remove(source)
        if view or quiet_view:
            self._view(drawn, format=format or self.format, quiet=quiet_view)
        return drawn

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        return show(lambda: self, repr(self), include, exclude)


def show(
    draw: Callable[[], Diagram], text: str, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, Any]:
    """What Jupyter displays: the picture, or where it cannot be drawn the text and a warning that says why.

    Args:
        draw: makes the picture.
        text: what stands for it where no picture is shown.
        include: the MIME types wanted; None for SVG and plain text.
        exclude: the MIME types not wanted.

    Returns:
        dict from MIME type to content. It never raises: a notebook shows at least the text.
    """
    wanted = set(include if include is not None else ("image/svg+xml", "text/plain")) - set(exclude or ())
    bundle: dict[str, Any] = {"text/plain": text} if "text/plain" in wanted else {}
    try:
        diagram = draw()
        for mime_type, format in _MIME_TYPES.items():
            if mime_type in wanted:
                picture = diagram.pipe(format, encoding="utf-8" if format == "svg" else None)
                bundle[mime_type] = fit_width(picture) if format == "svg" else picture
    except Exception as error:
        with contextlib.suppress(Warning):  # where warnings are errors, this one is still no reason to raise
            warnings.warn(f"no picture: {error}", RuntimeWarning, stacklevel=2)
        return {"text/plain": text}
    return bundle
