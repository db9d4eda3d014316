"""Checks a student's notebook: runs it, and compares each answer with what the solution prints."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat

from course.kernel import execute
from course.notebook import NOTEBOOKS, Exercise, exercises, read, title
from course.results import missing

__all__ = ["Finding", "Report", "check"]

HOLDS, DIFFERS, FAILS, EMPTY, READ = "holds", "differs", "fails", "empty", "to read"
LOOK = "import json, course.defined\nprint(json.dumps(course.defined.numbers_by_name(globals())))"


@dataclass(frozen=True)
class Finding:
    """What was found out about the answer to an exercise.

    Attributes:
        number, title: of the exercise.
        verdict: "holds", "differs", "fails", "empty", or "to read" where the solution has no results to compare.
        details: what is missing, why it fails, or what there is to read.
    """

    number: int
    title: str
    verdict: str
    details: str = ""


@dataclass(frozen=True)
class Report:
    """What was found out about a notebook.

    Attributes:
        path: its file.
        title: of the notebook of the course that it is.
        findings: one for each exercise.
        failures: of cells that belong to no exercise.
    """

    path: Path
    title: str
    findings: list[Finding]
    failures: list[str]

    @property
    def is_right(self) -> bool:
        """Whether every exercise is answered and shows what the solution prints, as far as that can be compared."""
        return not self.failures and all(finding.verdict in (HOLDS, READ) for finding in self.findings)

    def __str__(self) -> str:
        width = max(len(finding.title) for finding in self.findings)
        lines = [f"{self.path}: {self.title}", *(f"  {failure}" for failure in self.failures)]
        for finding in self.findings:
            line = f"  {finding.number:2}. {finding.title:{width}}  {finding.verdict:7}  {finding.details}"
            lines.append(line.rstrip())
        n_holding, n_to_read = (
            sum(finding.verdict == verdict for finding in self.findings) for verdict in (HOLDS, READ)
        )
        to_read = f", {n_to_read} to read" if n_to_read else ""
        return "\n".join([*lines, f"  {n_holding} of {len(self.findings)} hold{to_read}"])


def check(path: Path, timeout: int = 120) -> Report:
    """Run a student's notebook from top to bottom, and compare its answers with the solutions.

    It runs whatever is in the notebook, in a kernel on this machine.

    Args:
        path: a notebook of the course in which somebody has worked. Which one it is, its first heading says.
        timeout: how many seconds a cell may take.

    Raises:
        ValueError: it is no notebook, or none of the course.
    """
    theirs, ours = _read(path)
    answers = exercises(theirs)
    looks = _add_looks(theirs, answers)
    execute(theirs, path.resolve().parent, timeout=timeout, go_on=True)

    names = [json.loads(_shown(look) or "{}") for look in looks]
    shown = {}
    for answer, (before, after) in zip(answers, pairwise(names), strict=True):
        defined = [numbers for name, numbers in after.items() if before.get(name) != numbers]
        shown[answer.number] = "\n".join([*map(_shown, answer.answer), *defined])
    by_number = {answer.number: answer for answer in answers}
    findings = [
        _finding(exercise, by_number.get(exercise.number), shown.get(exercise.number, ""))
        for exercise in exercises(ours)
    ]
    inside = [id(cell) for answer in answers for cell in answer.answer] + [id(look) for look in looks]
    rest = [cell for cell in theirs.cells if id(cell) not in inside]
    failures = [f"before the exercises, or between them: {failure}" for failure in _failures(rest)]
    return Report(path, title(ours), findings, failures)


def _read(path: Path) -> tuple[Any, Any]:
    """A student's notebook, and the one of the course that it was."""
    try:
        theirs = read(path)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no notebook: {error}") from None
    course = {title(notebook): notebook for notebook in map(read, sorted(NOTEBOOKS.glob("*.ipynb")))}
    name = title(theirs)
    if name not in course:
        known = ", ".join(map(repr, course))
        raise ValueError(f"{path} has the title {name!r}, and is none of the course: {known}")
    return theirs, course[name]


def _add_looks(notebook: Any, answers: Iterable[Exercise]) -> list[Any]:
    """Put a cell before each exercise, and one at the end, that shows what the names stand for; and return these."""
    questions = [id(answer.question) for answer in answers]
    cells, looks = [], []
    for cell in [*notebook.cells, None]:
        if cell is None or id(cell) in questions:
            looks.append(nbformat.v4.new_code_cell(LOOK))
            cells.append(looks[-1])
        cells += [] if cell is None else [cell]
    notebook.cells = cells
    return looks


def _finding(exercise: Exercise, answer: Exercise | None, shown: str) -> Finding:
    """What is to be said of an answer, of which all that it shows is given."""
    cells = [cell for cell in answer.answer if cell.source.strip()] if answer else []
    failures = _failures(cells)
    absent = missing(exercise.prints, shown)
    if not cells:
        verdict, details = EMPTY, ""
    elif failures:
        verdict, details = FAILS, failures[0]
    elif not exercise.prints:
        verdict, details = READ, " ".join(" ".join(cell.source for cell in cells).split())
    elif absent:
        verdict, details = DIFFERS, f"does not show {', '.join(absent)}"
    else:
        verdict, details = HOLDS, ""
    return Finding(exercise.number, exercise.title, verdict, details)


def _shown(cell: Any) -> str:
    """What a cell has printed and displayed, as text."""
    outputs = cell.get("outputs", [])
    return "\n".join(out.text if "text" in out else out.get("data", {}).get("text/plain", "") for out in outputs)


def _failures(cells: Iterable[Any]) -> list[str]:
    outputs = [out for cell in cells for out in cell.get("outputs", []) if out.output_type == "error"]
    return [f"{out.ename}: {out.evalue}".splitlines()[0] for out in outputs]
