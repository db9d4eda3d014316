"""Notebooks to hand out: those of the course, without the solutions of their exercises."""

import copy
import re
from pathlib import Path
from typing import Any

import nbformat

from course.notebook import read, solution_of

__all__ = ["hand_out", "without_solutions"]


SAID = re.compile(r"\n\n\*Solutions\*(?:.+\n?)*")  # a paragraph of what the reader will not find


def without_solutions(notebook: Any) -> Any:
    """A copy of a notebook that has no solutions, nor a paragraph that speaks of them, and all else as it is."""
    copied = copy.deepcopy(notebook)
    copied.cells = [cell for cell in copied.cells if solution_of(cell) is None]
    for cell in copied.cells:
        if cell.cell_type == "markdown":
            cell.source = SAID.sub("", cell.source)
    return copied


def hand_out(path: Path, folder: Path) -> Path:
    """Write a notebook without its solutions into a folder, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / path.name
    nbformat.write(without_solutions(read(path)), written)
    return written
