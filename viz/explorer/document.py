"""What a page is given: one document, ready for JSON."""

import linecache
from collections.abc import Sequence
from typing import Any

from engine import Value
from engine.collector import patient_collector
from engine.description import Description
from engine.trace import trace_of
from viz.explorer.layout import layouts
from viz.explorer.nearby import nearby
from viz.explorer.rules import rules_of

__all__ = ["VERSION", "document"]

VERSION = 1
MOST_NODES, MOST_EVENTS = 3000, 15_000  # of a bigger graph a page is told a part


@patient_collector()
def document(value: Value, *, unfold: float, budget: int, options: dict[str, Any]) -> dict[str, Any]:
    """All that a page shows of a Value.

    Args:
        value: the output.
        unfold: the most operands with which a `dot` or `total` is unfolded into its multiplies and adds.
        budget: how many boxes to show at first, at most.
        options: what the teacher chose.

    Returns:
        dict: "version"; "trace", as `engine.trace` has it in JSON; "is_part", whether of a big graph it has but what is
            drawn, and "omitted", the number of nodes that are not in it; "rules", by which a page computes the whole
            without Python; "layouts"; "code", the lines around those that the trace names; "options".
    """
    graph = Description([value], unfold=unfold)
    account = trace_of(graph, at_once=True)
    n_nodes = len(account["nodes"])
    is_part = n_nodes > MOST_NODES or len(account["events"]) > MOST_EVENTS
    drawn = layouts(graph, budget, only_first=is_part)
    if is_part:
        account = account.part(*nearby(graph, drawn["views"][drawn["start"]]))
    plain = account.plain()
    return {
        "version": VERSION,
        "trace": plain,
        "is_part": is_part,
        "omitted": n_nodes - len(plain["nodes"]),
        "rules": [] if is_part else rules_of(plain["nodes"]),
        "layouts": drawn,
        "code": _code(plain["nodes"]),
        "options": options,
    }


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
