"""The document of a page that asks: for each level so many drills, ready for the explorer's page."""

from itertools import islice
from typing import Any

from engine.description import Description
from viz.drills.drill import Drill, drills
from viz.drills.levels import LEVELS
from viz.drills.score import LOWER_AFTER, RAISE_AFTER
from viz.explorer.document import VERSION
from viz.explorer.explorer import SCREENS
from viz.explorer.layout import layouts

__all__ = ["practice_document"]

EACH = 12  # drills of a level; then they come again
HIDDEN = ("code", "table", "narration")


def practice_document(level: int, seed: int) -> dict[str, Any]:
    """All that a page needs to ask without Python behind it.

    Args:
        level: where to start.
        seed: which drills.

    Returns:
        dict: "version" and "practice", which `practice.js` describes.
    """
    series = [
        {"title": kind.title, "drills": [*map(_drill_document, islice(drills(number, seed), EACH))]}
        for number, kind in enumerate(LEVELS, 1)
    ]
    rules = {"raise_after": RAISE_AFTER, "lower_after": LOWER_AFTER}
    return {"version": VERSION, "practice": {"level": level, "levels": series, **rules}}


def _drill_document(drill: Drill) -> dict[str, Any]:
    questions = [
        {"index": q.index, "asked": q.asked, "known": q.known, "asks": q.asks, "told": q.solution}
        for q in drill.questions
    ]
    options = {
        "title": None,
        "start": questions[0]["index"],
        "hidden": [*HIDDEN, *(screen for screen in SCREENS if screen != "predict")],
        "locked": True,
        "screen": "predict",
        "questions": questions,
    }
    graph = Description([drill.value])
    return {
        "version": VERSION,
        "trace": drill.trace,
        "rules": {},
        "layouts": layouts(graph, budget=graph.n_nodes),
        "code": [],
        "options": options,
    }
