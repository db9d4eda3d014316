"""Where in the user's own code a number was made."""

import linecache
import sys
from contextlib import AbstractContextManager
from os.path import dirname, join
from types import CodeType, FrameType
from typing import NamedTuple

from engine.modes import current, switched

__all__ = ["IN_NN", "OURS", "Site", "Source", "locate", "network_at_work", "sites", "source_of", "users_line"]

Site = tuple[CodeType, int]  # a place in compiled code: cheap to note, and all there is to know

# Every place noted so far, by the identity of its code: hashing a code object would read all of it.
# The site keeps that code alive, so an identity is never given to another one; ours lives as long as we do.
sites: dict[tuple[int, int], Site] = {}

MANY_SITES = 100_000

# What `sites` says of a place in nn: the line to note is the one that called the network.
IN_NN: Site = (compile("", "<nn>", "exec"), 0)

_HOME = dirname(dirname(__file__))
ENGINE = join(_HOME, "engine", "")
OURS = (ENGINE, join(_HOME, "nn", ""))


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


def locate(frame: FrameType | None) -> Site:
    """What `sites` says of the innermost place outside the engine, from a frame outwards."""
    while frame is not None and frame.f_code.co_filename.startswith(ENGINE):
        frame = frame.f_back
    if frame is None:
        return IN_NN
    if len(sites) >= MANY_SITES:  # code that is made and run by the thousand, as exec does
        sites.clear()
    site = IN_NN if frame.f_code.co_filename.startswith(OURS) else (frame.f_code, frame.f_lasti)
    return sites.setdefault((id(frame.f_code), frame.f_lasti), site)


def users_line(frame: FrameType | None) -> Site | None:
    """The innermost place outside the engine and nn: that of the network at work, or found from a frame outwards."""
    if (site := current().site) is not None:
        return site
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def network_at_work() -> AbstractContextManager[None]:
    """Count whatever is recorded inside, in this thread, as made by the line that called the caller."""
    return switched(site=users_line(sys._getframe(2)))


def source_of(site: Site | None) -> Source | None:
    """The line of code at a site; None for none."""
    if site is None:
        return None
    code, instruction = site
    line = next((line for start, end, line in code.co_lines() if start <= instruction < end), None)
    line = code.co_firstlineno if line is None else line
    return Source(code.co_filename, line, linecache.getline(code.co_filename, line).strip(), code.co_name)
