"""Where in the user's own code a number was made."""

import linecache
import sys
import traceback
from contextlib import AbstractContextManager
from os import sep
from os.path import dirname, join
from types import FrameType
from typing import NamedTuple

from engine.modes import Site, current, switched

__all__ = ["NOWHERE", "Site", "Source", "is_ours", "line_at_work", "network_at_work", "source_of", "users_line"]

NOWHERE = (None, 0)

_HOME = dirname(dirname(__file__))
_OURS = (join(_HOME, "engine", ""), join(_HOME, "nn", ""))
_LIBRARIES = f"{sep}site-packages{sep}"


class _Known(dict[str, bool]):
    def __missing__(self, file: str) -> bool:
        self[file] = file.startswith(_OURS)
        return self[file]


is_ours = _Known()  # whether a file is one of the engine's or of nn


class Source(NamedTuple):
    """A line of code.

    Attributes:
        file: its path, or what Python calls the place ("<stdin>", a notebook cell).
        line: its number, from 1.
        text: the line without its indentation; "" where it cannot be read.
        function: the function that it is in, "<module>" outside any.
    """

    file: str
    line: int
    text: str
    function: str

    def __str__(self) -> str:
        return f'File "{self.file}", line {self.line}, in {self.function}' + (f"\n    {self.text}" if self.text else "")


def users_line(frame: FrameType | None) -> Site | None:
    """The innermost place outside the engine and nn, from a frame outwards."""
    while frame is not None and is_ours[frame.f_code.co_filename]:
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def network_at_work() -> AbstractContextManager[None]:
    """Count whatever is recorded inside, in this thread, as made by the line that called the caller."""
    return switched(site=current().site or users_line(sys._getframe(2)))


def source_of(site: Site | None) -> Source | None:
    """The line of code at a site; None for none."""
    if site is None:
        return None
    code, instruction = site
    line = next((line for start, end, line in code.co_lines() if start <= instruction < end), None)
    line = code.co_firstlineno if line is None else line
    return Source(code.co_filename, line, linecache.getline(code.co_filename, line).strip(), code.co_name)


def line_that_raised(error: BaseException) -> Source | None:
    """The user's line that led to an error, perhaps by way of a library."""
    steps = list(traceback.walk_tb(error.__traceback__))
    files = [frame.f_code.co_filename for frame, _ in steps]
    users = [i for i, file in enumerate(files) if not is_ours[file] and _LIBRARIES not in file]
    if not users:
        return None
    frame, line = steps[users[-1]]
    code = frame.f_code
    return Source(code.co_filename, line, linecache.getline(code.co_filename, line).strip(), code.co_name)


def was_raised_in_a_library(error: BaseException) -> bool:
    """Whether it was a library's code that raised an error, not the user's, nor ours."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return _LIBRARIES in frame.f_code.co_filename


def line_at_work() -> Source | None:
    """The user's line that is being carried out, perhaps by way of a library."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (is_ours[frame.f_code.co_filename] or _LIBRARIES in frame.f_code.co_filename):
        frame = frame.f_back
    return source_of(current().site or users_line(frame))
