"""Judging an answer: is it the number that was asked, and if not, which mistake leads to it?

`judge.js` does the same in a page. Both read one table of mistakes, `mistakes.js`; the tests hold them to one another.
"""

import json
import math
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from viz.drills.answers import Reading, is_answer, is_near, is_rough, is_shifted, read_answer
from viz.drills.board import on_board, write_number

__all__ = ["Verdict", "judge"]

TABLE = Path(__file__).parents[1] / "explorer" / "page" / "mistakes.js"

Facts = dict[str, Any]


class Verdict(NamedTuple):
    """What is said of an answer.

    Attributes:
        right: whether it is the number that was asked.
        kind: "right"; or the kind of mistake, such as "forgot upstream", "swapped operand", "overwrote" or "sign".
        sentence: what to do about it.
    """

    right: bool
    kind: str
    sentence: str


def judge(answer: str, event: dict[str, Any], trace: dict[str, Any], asked: str) -> Verdict:
    """Judge what somebody typed.

    Args:
        answer: as people type numbers: "-3", "0,5", "1/3", "2e-3".
        event: the step of the trace that was asked about.
        trace: the whole of it, as `engine.trace` gives it.
        asked: which number of the step: "result", "gradient", "local", "contribution" or "after".

    Returns:
        Verdict: whether it is right, the kind of mistake, and a sentence.

    Example:
        >>> from engine import Value, trace
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> account = trace(a * b)
        >>> judge("2", account["events"][2], account, "local").sentence
        '2 is dv3/db, that of the other operand: let only a change.'
    """
    facts = _facts(event, trace)
    expected, readings = event[asked], read_answer(answer)

    def say(entry: dict[str, Any], **more: Any) -> Verdict:
        known = {**facts, "typed": answer.strip(), **more}
        return Verdict(entry["kind"] == "right", entry["kind"], _fill_in(entry["sentence"], known))

    def otherwise(kind: str) -> Verdict:
        entries = [entry for entry in _table("OTHERWISE") if entry["kind"] == kind]
        return say(next(entry for entry in entries if asked in entry.get("asked", (asked,))))

    def is_any(relation: Callable[[Reading, float], bool]) -> bool:
        return any(relation(reading, expected) for reading in readings)

    if not readings:
        return otherwise("not a number")
    size = max(abs(event["before"]), abs(event["contribution"])) if asked == "after" else 0.0
    if any(is_answer(reading, expected, size) for reading in readings):
        return otherwise("right")
    for mistake in _table("MISTAKES"):
        if asked in mistake["asked"]:
            for choice in facts[mistake["each"]] if "each" in mistake else [{}]:
                for formula in mistake["number"]:
                    number = _sum_of_products(formula, {**facts, **choice})
                    for reading in readings:
                        if number == number and is_answer(reading, number):
                            return say(mistake, **choice, answer=reading.number)
    if is_any(is_rough):
        return otherwise("rough")
    return otherwise("decimal point" if is_any(is_shifted) else "slip" if is_any(is_near) else "wrong")


@cache
def _table(name: str) -> list[dict[str, Any]]:
    """One of the tables of mistakes."""
    table = re.search(rf"export const {name} = (\[.*?\n\]);", TABLE.read_text(encoding="utf-8"), re.DOTALL)
    assert table is not None
    entries: list[dict[str, Any]] = json.loads(table[1])
    return entries


def _facts(event: dict[str, Any], trace: dict[str, Any]) -> Facts:
    """Everything that mistakes are made of, and sentences: the numbers and the names of a step."""
    nodes = {node["id"]: node for node in trace["nodes"]}
    node, output = nodes[event["node"]], nodes[trace["output"]]
    facts = {
        **event,
        "node": node["name"],
        "formula": node.get("formula"),
        "output": output["name"],
        "output_data": output["data"],
    }
    if event["phase"] == "forward":
        operation, values = event["operation"], event["values"]
        names = [nodes[id]["name"] for id in event["operands"]]
        facts["values"] = [{"value": x, "value_name": name} for x, name in zip(values, names, strict=True)]
        facts["terms"] = [{"term": term} for term in _terms(operation, values)]
        if len(values) == 2:
            facts["reversed"] = _REVERSED.get(operation, _unknown)(*values)
            facts["confused"] = _CONFUSED.get(operation, _unknown)(*values)
    if event["phase"] == "backward":
        operand = nodes[event["operand"]]
        facts["operand"] = operand["name"]
        facts["values"] = [{"value": x["data"], "value_name": x["name"]} for x in (operand, node, output)]
        facts["others"] = [
            {"other": other["local"], "other_name": nodes[other["operand"]]["name"]}
            for other in trace["events"]
            if other["phase"] == "backward" and other["node"] == event["node"] and other["operand"] != event["operand"]
        ]
    return facts


def _unknown(a: float, b: float) -> float:
    return math.nan


def _quotient(a: float, b: float) -> float:
    return a / b if b else math.nan


def _power(a: float, b: float) -> float:
    try:
        return a**b if a > 0 else math.nan
    except OverflowError:
        return math.inf


_REVERSED: dict[str, Callable[[float, float], float]] = {
    "sub": lambda a, b: b - a,
    "div": lambda a, b: _quotient(b, a),
    "pow": lambda a, b: _power(b, a),
}
_CONFUSED: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a * b,
    "mul": lambda a, b: a + b,
    "sub": lambda a, b: a + b,
    "div": lambda a, b: a * b,
}


def _terms(operation: str, values: list[float]) -> Iterable[float]:
    """What is added up in a sum."""
    if operation in ("add", "total"):
        return values
    if operation != "dot":
        return ()
    n = len(values) // 2
    return [*(w * x for w, x in zip(values[:n], values[n : 2 * n], strict=True)), *values[2 * n :]]


def _sum_of_products(formula: str, numbers: Facts) -> float:
    """ "before + upstream * other" with numbers; nan where one of them is missing."""
    total = 0.0
    for product in formula.split(" + "):
        x = 1.0
        for factor in product.split(" * "):
            x *= numbers.get(factor, math.nan) if factor.isidentifier() else float(factor)
        total += x
    return total


def _fill_in(sentence: str, facts: Facts) -> str:
    def fact(found: re.Match[str]) -> str:
        fact = facts[found[1]]
        if isinstance(fact, float | int):
            return write_number(fact)
        return on_board(fact) if found[1] in ("formula", "rule") else str(fact)

    return re.sub(r"\{(\w+)\}", fact, sentence)
