"""What a notebook of the course is made of: its title, its exercises, and what their solutions print."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

__all__ = [
    "NOTEBOOKS",
    "PRINTS",
    "Exercise",
    "exercises",
    "headings",
    "read",
    "solution_blocks",
    "solution_of",
    "title",
]

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"

EXERCISE = re.compile(r"\*\*(\d+)\.\s+(.+?)\*\*", re.S)
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n(.*)\n\n</details>", re.S)
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
PRINTS = re.compile(r"# prints (.*)$", re.M)
HEADING = re.compile(r"^#{1,3} (.+)$", re.M)


@dataclass
class Exercise:
    """A question, the place to answer it, and the answer.

    Attributes:
        number: from 1 on.
        title: the words in bold.
        question: the cell that asks.
        answer: the cells between the question and its solution, or the next question.
        solution: the Markdown of the folded answer; None where it was taken out.
    """

    number: int
    title: str
    question: Any
    answer: list[Any] = field(default_factory=list)
    solution: str | None = None

    @property
    def prints(self) -> list[str]:
        """The lines that the code of the solution prints, as it says itself (and the tests check)."""
        return [line for block in CODE.findall(self.solution or "") for line in PRINTS.findall(block)]


def read(path: Path) -> Any:
    """The notebook in a file."""
    return nbformat.read(path, as_version=4)


def title(notebook: Any) -> str:
    """Its first heading; "" if there is none."""
    found = (HEADING.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((match[1].strip() for match in found if match), "")


def headings(notebook: Any) -> list[str]:
    """For each cell, the heading under which it stands."""
    found, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = [heading, *HEADING.findall(cell.source)][-1]
        found.append(heading)
    return found


def solution_of(cell: Any) -> str | None:
    """What a cell folds away as a solution; None if it is no such cell."""
    match = SOLUTION.fullmatch(cell.source.strip()) if cell.cell_type == "markdown" else None
    return match[1] if match else None


def solution_blocks(cell: Any) -> list[str]:
    """The blocks of code in a cell that is a solution; none if it is no such cell."""
    return CODE.findall(solution_of(cell) or "")


def exercises(notebook: Any) -> list[Exercise]:
    """The exercises of a notebook, in their order; one ends where the next begins, or at a heading."""
    found: list[Exercise] = []
    is_open = False
    for cell in notebook.cells:
        source = cell.source if cell.cell_type == "markdown" else ""
        if match := EXERCISE.match(source):
            found.append(Exercise(int(match[1]), " ".join(match[2].split()).rstrip("."), cell))
            is_open = True
        elif HEADING.match(source):
            is_open = False
        elif is_open and solution_of(cell) is not None:
            found[-1].solution = solution_of(cell)
        elif is_open:
            found[-1].answer.append(cell)
    return found
