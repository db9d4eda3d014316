"""What a page is given: one document, ready for JSON."""

import json
import linecache
from collections.abc import Sequence
from typing import Any

from engine import Value, trace
from engine.description import Description
from viz.explorer.layout import layouts
from viz.explorer.rules import rules_of

__all__ = ["VERSION", "document"]

VERSION = 1


def document(value: Value, *, expand: bool, budget: int, options: dict[str, Any]) -> dict[str, Any]:
    """All that a page shows of a Value.

    Args:
        value: the output.
        expand: whether to unfold each `dot` and `total` into its multiplies and adds.
        budget: how many boxes to show at first, at most.
        options: what the teacher chose.

    Returns:
        dict: "version"; "trace", as `engine.trace` has it in JSON; "rules", by which a page computes without Python;
            "layouts"; "code", the lines around those that the trace names; "options".
    """
    account = json.loads(trace(value, expand=expand).to_json())
    graph = Description([value], unfold=float("inf") if expand else 0)
    return {
        "version": VERSION,
        "trace": account,
        "rules": rules_of(account["nodes"]),
        "layouts": layouts(graph, budget),
        "code": _code(account["nodes"]),
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
