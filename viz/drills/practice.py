"""practice: drills without end, from the derivative of one operation to a net of two layers with its loss."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any

from engine.arguments import check_flag, whole_number
from engine.files import as_path, write_atomically
from viz.drills.drill import Question, drills
from viz.drills.levels import LEVELS
from viz.drills.page import practice_document
from viz.drills.score import Score
from viz.drills.sheet import make_sheet
from viz.drills.sheet_html import as_html
from viz.drills.sheet_pdf import as_pdf
from viz.explorer.page import check_page_path, save_page
from viz.explorer.widget import shown_in_notebook

__all__ = ["Practice", "practice"]

TITLE = "Practise backpropagation"
SHEETS = {".html": as_html, ".htm": as_html, ".pdf": as_pdf}
MOST_QUESTIONS = 100  # on a sheet


def practice(level: int = 1, seed: int | None = None) -> "Practice":
    """Practise the chain rule on small graphs, whose numbers can be done in the head.

    The levels: 1 local derivatives of one operation, 2 upstream times local, 3 chains, 4 reused nodes, 5 relu, max and
    abs, 6 a neuron, 7 tanh and sigmoid, 8 a neuron and its loss, 9 two layers and a loss. Five right answers in a row
    raise the level; three wrong ones in a row lower it.

    Args:
        level: where to start, from 1 to 9.
        seed: any whole number: the same one gives the same drills. None for others each time.

    Returns:
        Practice: shows itself in Jupyter as a page that asks; ``.save("x.html")`` writes that page, ``.sheet("x.pdf")``
        a sheet to be printed, and ``for question in practice()`` asks in Python.

    Raises:
        ValueError: an argument is out of its range.

    Example:
        >>> exercises = practice(level=4, seed=0)
        >>> question = next(exercises)
        >>> print(question.text)
        a = −5, b = 3, c = 3
        x = a × b = −15
        y = x + c = −12
        L = y × a = 60
        dL/dL = 1
        What does a get from L?
        >>> question.judge("12").sentence
        'The size is right, the sign is not: look at the signs of dL/dL and of dL/da.'
        >>> question.judge(question.answer).right, exercises.score.right
        (True, 0)
    """
    whole_number("level", level, 1, most=len(LEVELS))
    if seed is None:
        seed = SystemRandom().randrange(1_000_000)
    return Practice(level, whole_number("seed", seed, -(10**9), unless="or None"))


class Practice(Iterator[Question]):
    """Questions one after the other, without end: each is the next number of a drill. `practice` makes it.

    Attributes:
        level (int): of the drills to come.
        seed (int): gives the same drills again.
        score (Score): so far.
    """

    def __init__(self, level: int, seed: int) -> None:
        self.level = level
        self.seed = seed
        self.score = Score()
        self._drills = [drills(number, seed) for number in range(1, len(LEVELS) + 1)]
        self._waiting: list[Question] = []

    def __repr__(self) -> str:
        right = f", {self.score.right} of {self.score.asked} right" if self.score.asked else ""
        return f"Practice(level={self.level}, seed={self.seed}, {LEVELS[self.level - 1].title!r}{right})"

    def __next__(self) -> Question:
        if not self._waiting:
            self._waiting = [*next(self._drills[self.level - 1]).questions]
        question = self._waiting.pop(0)
        question.when_judged = self._count
        return question

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        shown = shown_in_notebook(practice_document(self.level, self.seed), TITLE, _say_nothing)
        return {"text/plain": repr(self), **shown}

    def _count(self, is_right: bool) -> None:
        self.score = self.score.after(is_right)
        self.level = self.score.level_after(self.level)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write drills of all levels as one HTML file that asks, judges and keeps score: it needs nothing else.

        Args:
            path: ends in .html.

        Returns:
            Path: the path, as given.

        Raises:
            TypeError: it is no path.
            ValueError: any other ending.
            OSError: the file cannot be written; the message says why.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     practice(seed=7).save(folder + "/practice.html").stat().st_size > 100_000
            True
        """
        check_page_path(path)
        return save_page(path, practice_document(self.level, self.seed), TITLE)

    def sheet(self, path: str | os.PathLike[str], questions: int = 12, key: bool = True) -> Path:
        """Write questions of this level on a sheet to be printed, on A4 or Letter; the same each time.

        Args:
            path: ends in .html or .pdf.
            questions: how many, from 1 to 100, give or take half of what is asked of one graph.
            key: whether the answers stand on a page of their own at the end.

        Returns:
            Path: the path, as given.

        Raises:
            TypeError: it is no path.
            ValueError: any other ending, or an argument is out of its range.
            OSError: the file cannot be written; the message says why.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     practice(level=2, seed=7).sheet(folder + "/chain.html", questions=6).stat().st_size > 10_000
            True
        """
        whole_number("questions", questions, most=MOST_QUESTIONS)
        check_flag("key", key)
        write = SHEETS.get(as_path(path).suffix.lower())
        if write is None:
            raise ValueError(f"a sheet is a page or a PDF: end the file name in .html or .pdf, not {os.fspath(path)!r}")
        return write_atomically(path, write(make_sheet(self.level, self.seed, questions, key)))


def _say_nothing(name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The page judges and keeps score by itself."""
    return {}
