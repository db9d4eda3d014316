"""The rows of a trace as plain data, so that a page without Python computes with them: what it nudges is recomputed.

A row is run on numbers that only have a name. Whatever is done with them is noted as a step, in the functions that
`engine.ieee` defines by itself; all others are rows again, and are run in turn. So it is the very formula of the row, a
user's own too, that the page goes by.

From Python 3.12 on `sum` makes up for rounding, and a page adds plainly: there the last digits of sums may differ.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from engine import ieee
from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, row_of, unknown
from engine.by_hand import row_by_hand
from engine.number import Number, to_float
from engine.op import FLAT, Op, row_named

__all__ = ["ARITHMETIC", "FUNCTIONS", "LISTS", "rules_of"]

ARITHMETIC = ("add", "sub", "mul", "neg")
LISTS = ("largest", "smallest", "total")  # which are called with one list
FUNCTIONS = (
    "absolute", "ceil", "div", "equal", "floor", "floor_divide", "maximum", "minimum", "mod", "normal_cdf", "power",
    "rint", "select", "sigmoid", "step", *LISTS,
)  # fmt: skip

Rule = dict[str, Any]


def rules_of(nodes: Iterable[dict[str, Any]]) -> list[Rule]:
    """What the operations among the nodes of a trace compute, each once.

    Args:
        nodes: those of `engine.trace`, or of its JSON.

    Returns:
        list of dict, ready for JSON, each with "operation", "static" and "operands" (how many), which say of which
        nodes it is, and "text" and "binds": how it is written, with {0}, {1}, ... in the place of operands, and how
        tightly each has to bind for that (as in `engine.op`; [] for a function, which has parentheses of its own).
        Then "steps": each a function and what it is of: a number, an operand ("x0", "x1", ...), the result of the row
        ("z"), or that of an earlier step ("s0", "s1", ...); "value" and "partials", one for each operand, are
        one of these, or "flat" where nothing comes through, whatever the upstream gradient. Where a formula cannot be
        written down, they are None, and "reason" says why.

    Example:
        >>> from engine import Value, tanh, trace
        >>> (rule,) = rules_of(trace(tanh(Value(0.5)))["nodes"])
        >>> rule["steps"]
        [['tanh', 'x0'], ['mul', 'z', 'z'], ['sub', 1.0, 's1']]
        >>> rule["value"], rule["partials"]
        ('s0', ['s2'])
    """
    rules: dict[Any, Rule] = {}
    for node in nodes:
        if "operation" in node:
            n = len(node["operands"])
            key = node["operation"], tuple(node["static"].items()), n, "by_hand" in node
            if key not in rules:
                rules[key] = _rule(node, n)
    return list(rules.values())


def _rule(node: dict[str, Any], n: int) -> Rule:
    name, static = node["operation"], {key: _read(x) for key, x in node["static"].items()}
    op = row_by_hand(name) if "by_hand" in node else row_named(name, tuple(sorted(static.items())))
    is_itself = name == "power" and static["exponent"] == 1
    rule: Rule = {
        "operation": name,
        "static": {key: _plain(x) for key, x in static.items()},
        "operands": n,
        "text": "{0}" if is_itself else op.write(*[f"{{{i}}}" for i in range(n)]),
        "binds": [] if is_itself else list(op.binds[1:]),
    }
    if "by_hand" in node:
        reason = f"{name} was made by hand, and its own code alone knows what it computes"
        return rule | {"by_hand": True, "steps": [], "value": None, "partials": None, "reason": reason}
    return rule | _formulas(op, n)


def _formulas(op: Op, n: int) -> Rule:
    tape = Tape()
    xs = [Named(tape, f"x{i}") for i in range(n)]
    found: Rule = {"steps": tape.steps, "value": None, "partials": None}
    try:
        found["value"] = tape.place(op.value(tape, *xs))
        partials = op.partials(tape, Named(tape, "z"), *xs)
        found["partials"] = ["flat" if x is FLAT else tape.place(x) for x in partials]
    except Exception:  # a formula of the user's own may do anything with what is no float
        found["reason"] = f"a formula of {op.name} needs floats, which only Python can give it"
    return found


class Tape:
    """An algebra that notes what a row does.

    Attributes:
        steps: the functions that were called, with what they are of.
    """

    def __init__(self) -> None:
        self.steps: list[list[Any]] = []
        self._known: dict[str, Named] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in LISTS:
            return lambda xs: self.note(name, *xs)
        if name not in FUNCTIONS:
            op = row_of(name)
            if op is not None:
                return lambda *xs, **static: (op(**static) if static else op).value(self, *xs)
            if name not in NUMPY_NAMES and name not in SCIPY_NAMES:
                raise unknown(name)
        return lambda *xs: self.note(name, *xs)

    def note(self, name: str, *xs: Any) -> Any:
        """A step; of plain numbers alone its result."""
        if not any(isinstance(x, Number) for x in xs):
            return getattr(ieee, name)(xs) if name in LISTS else getattr(ieee, name)(*xs)
        step = [name, *map(self.place, xs)]
        key = repr(step)
        if key not in self._known:
            self._known[key] = Named(self, f"s{len(self.steps)}")
            self.steps.append(step)
        return self._known[key]

    def place(self, x: Any) -> Any:
        """Where a number is found."""
        if isinstance(x, Named):
            return x.place
        return _plain(to_float(x))


class Named(Number["Named"]):
    """A number that is only a place on a tape."""

    __slots__ = ("place", "tape")

    def __init__(self, tape: Tape, place: str) -> None:
        self.tape = tape
        self.place = place

    def __float__(self) -> NoReturn:
        raise TypeError("a formula needs floats: what it does with them cannot be noted")

    @staticmethod
    def apply(op: Op, *xs: Any) -> Any:
        tape = next(x.tape for x in xs if isinstance(x, Named))
        if op.name not in ARITHMETIC:
            return op.value(tape, *xs)
        flat = [x is FLAT for x in xs]
        if any(flat) and op.name == "mul":
            return FLAT
        if any(flat) and op.name == "add":
            return xs[flat.index(False)]
        return tape.note(op.name, *xs)


def _plain(x: float) -> float | str:
    """A number as JSON has it: infinities and nan as texts."""
    return x if math.isfinite(x) else repr(float(x))


def _read(x: float | str) -> float:
    return float(x) if isinstance(x, str) else x
