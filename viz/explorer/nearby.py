"""What a page is told of a graph that is too big to be told of as a whole: what it draws, and what is next to that."""

from collections import Counter
from itertools import islice
from typing import Any

from engine import Value
from engine.description import Description

__all__ = ["nearby"]

MOST_OF_ONE = 100  # leaves of a box, operands of a node, results of a part
MOST_READERS_OF_ONE, MOST_READERS = 1000, 10_000  # of a node that is drawn, and of all of them


def nearby(graph: Description, view: dict[str, Any]) -> tuple[set[str], set[str]]:
    """What is drawn in a view, and what is to be known beside it: operands, readers, and what comes out of parts.

    Args:
        graph: what there is.
        view: one of its `layouts`. Of the leaves in a box only those that are told of are left in it.

    Returns:
        (drawn, beside): ids, as `Trace.part` takes them.
    """
    drawn, left_out = set(view["nodes"]), set[str]()
    for box in view["boxes"].values():
        leaves = box.get("leaves", [])
        left_out.update(leaves[MOST_OF_ONE:])
        del leaves[MOST_OF_ONE:]
        drawn.update(leaves)
    steps = [step for step in graph.all_steps if step.op is not None]
    shown = {each for each in (*graph.order, *graph.all_steps) if graph.id(each) in drawn}
    beside: set[Value] = set()
    for step in steps:
        if step in shown:
            others = (x for x in step.operands if x not in shown and graph.id(x) not in left_out)
            beside.update(islice(others, MOST_OF_ONE))
    n_readers: Counter[Value] = Counter()
    most = min(MOST_READERS_OF_ONE, MOST_READERS // max(1, len(shown)))
    for step in reversed(steps):  # gradients come from the last first
        if step not in shown and not shown.isdisjoint(step.operands):
            read = [x for x in {*step.operands} if x in shown and n_readers[x] < most]
            n_readers.update(read)
            if read:
                beside.add(step)
    if any(box.get("part") for box in view["boxes"].values()):
        beside |= _results(graph)
    return {*map(graph.id, shown)}, {*map(graph.id, beside - shown)}


def _results(graph: Description) -> set[Value]:
    """What comes out of the parts of a model."""
    results: dict[tuple[str, ...], dict[Value, None]] = {}
    for value in graph.order:
        if part := graph.parts.get(value):
            for operand in value.operands:
                its = graph.parts.get(operand, part)
                if its != part and len(found := results.setdefault(tuple(its), {})) < MOST_OF_ONE:
                    found[operand] = None
    return {value for found in results.values() for value in found}
