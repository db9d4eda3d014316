"""What a page is given: one document, ready for JSON."""

import linecache
import math
from collections.abc import Sequence
from typing import Any

from engine import Value
from engine.collector import patient_collector
from engine.description import Description
from engine.trace import trace_of
from viz.explorer.layout import layouts
from viz.explorer.rules import rules_of

__all__ = ["VERSION", "document"]

VERSION = 1


MOST_NODES = 3000  # of a bigger graph a page has what it draws, and what is next to that


@patient_collector()
def document(value: Value, *, expand: bool, budget: int, options: dict[str, Any]) -> dict[str, Any]:
    """All that a page shows of a Value.

    Args:
        value: the output.
        expand: whether to unfold each `dot` and `total` into its multiplies and adds.
        budget: how many boxes to show at first, at most.
        options: what the teacher chose.

    Returns:
        dict: "version"; "trace", as `engine.trace` has it in JSON; "omitted", the number of nodes that are not in it;
            "rules", by which a page computes without Python; "layouts"; "code", the lines around those that the trace
            names; "options".
    """
    graph = Description([value], unfold=math.inf if expand else 0)
    account = trace_of(graph, at_once=True)
    n_nodes = len(account["nodes"])
    is_whole = n_nodes <= MOST_NODES
    drawn = layouts(graph, budget, only_first=not is_whole)
    if not is_whole:
        account = account.part(_around(graph, drawn["views"][drawn["start"]]))
    plain = account.plain()
    return {
        "version": VERSION,
        "trace": plain,
        "omitted": n_nodes - len(plain["nodes"]),
        "rules": rules_of(plain["nodes"]),
        "layouts": drawn,
        "code": _code(plain["nodes"]),
        "options": options,
    }


def _around(graph: Description, view: dict[str, Any]) -> set[str]:
    """The nodes of a view, those in its bundles, what these are computed from, and what is computed from them."""
    drawn = {*view["nodes"], *(leaf for box in view["boxes"].values() for leaf in box.get("leaves", ()))}
    shown = {each for each in (*graph.order, *graph.all_steps) if graph.id(each) in drawn}
    near = set(shown)
    parts = graph.parts if any(box.get("part") for box in view["boxes"].values()) else {}
    for value in graph.order:
        if value.op is None:
            continue
        part = parts.get(value)
        for step in graph.steps(value):
            if step in shown or not shown.isdisjoint(step.operands):
                near |= {step, *step.operands}
            elif part:  # what comes out of a box is shown on it
                near |= {arg for arg in step.operands if parts.get(arg, part) != part}
    return set(map(graph.id, near))


AROUND = 3  # lines between two that the trace names, that are shown too


def _code(nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The user's lines from which nodes came, in runs: {"file", "first", "lines"}."""
    named: dict[str, dict[int, str]] = {}
    for node in nodes:
        if node["source"] is not None:
            named.setdefault(node["source"]["file"], {})[node["source"]["line"]] = node["source"]["text"]
    runs: list[dict[str, Any]] = []
    for file, texts in named.items():
        last = None
        for line in sorted(texts):
            if last is not None and line - last <= AROUND:
                runs[-1]["lines"] += [linecache.getline(file, i).rstrip("\n") for i in range(last + 1, line + 1)]
            else:
                runs.append({"file": file, "first": line, "lines": [linecache.getline(file, line).rstrip("\n")]})
            last = line
    return runs
