"""Sheets: what is on them. They are written as a page or as a PDF."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from viz.drills.drill import Drill, Question, drills
from viz.drills.levels import LEVELS
from viz.graph.draw import draw_graph

__all__ = ["Exercise", "Sheet", "make_sheet"]

WIDE = 480  # points: a picture that is wider stands upright
TASKS = {
    "local": "How fast does each result change when one operand alone changes? Write down the local derivatives.",
    "after": "Write down the gradients, from the output L back: upstream times local, summed where paths meet.",
}
NARROW = 310  # points: pictures of no more than this stand side by side


class Exercise(NamedTuple):
    """A picture and what is asked of it.

    Attributes:
        picture: the graph, as an SVG.
        width, height: its size in points.
        given: what is told beside it; "" for nothing.
        questions: what is asked.
    """

    picture: str
    width: float
    height: float
    given: str
    questions: list[Question]


class Sheet(NamedTuple):
    """What is on a sheet.

    Attributes:
        title: what it is about.
        task: what to do.
        note: how to get the same again.
        exercises: in order.
        key: whether the answers stand on a page at the end.
    """

    title: str
    task: str
    note: str
    exercises: list[Exercise]
    key: bool

    @property
    def columns(self) -> int:
        """How many exercises stand side by side."""
        return 2 if all(exercise.width <= NARROW for exercise in self.exercises) else 1


def make_sheet(level: int, seed: int, questions: int, key: bool) -> Sheet:
    """A sheet of so many questions of a level.

    Args:
        level, seed: which drills.
        questions: how many, to the nearest graph.
        key: whether the answers stand on a page at the end.

    Example:
        >>> [len(exercise.questions) for exercise in make_sheet(level=9, seed=0, questions=12, key=True).exercises]
        [11]
    """
    return Sheet(
        title=LEVELS[level - 1].title.capitalize(),
        task=TASKS[LEVELS[level - 1].asked],
        note=f"practice(level={level}, seed={seed}).sheet(questions={questions})",
        exercises=list(_exercises(level, seed, questions)),
        key=key,
    )


def _exercises(level: int, seed: int, questions: int) -> Iterator[Exercise]:
    for drill in drills(level, seed):
        picture = _drawn(drill)
        yield Exercise(picture, *_size(picture), drill.given, drill.questions)
        questions -= len(drill.questions)
        if questions <= len(drill.questions) / 2:
            return


def _drawn(drill: Drill) -> str:
    picture: str = draw_graph(drill.value, direction="LR").pipe("svg", encoding="utf-8")
    if _size(picture)[0] > WIDE:
        picture = draw_graph(drill.value, direction="TB").pipe("svg", encoding="utf-8")
    return picture


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert found is not None
    return float(found[1]), float(found[2])
