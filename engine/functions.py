"""The algebra on Values: all functions, by the names under which rows call them.

So a row that runs on Values makes a graph, from which derivatives of any order are found.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine import ops, reductions
from engine.algebra import keep
from engine.apply import apply
from engine.elementary import *  # noqa: F403
from engine.number import Number
from engine.op import find_row
from engine.reductions import *  # noqa: F403

# What remains of the algebra: the names that rows call on operands which may be Values. Any row of the table is one.


def power(x: Any, y: Any) -> Any:
    return x**y if isinstance(x, Number) else apply(ops.POW, x, y)


def norm(*xs: Any) -> Any:  # type: ignore[no-redef]  # as rows call it: of operands, not of a list
    return apply(ops.NORM, *xs)


def equal(a: Any, b: Any) -> Any:
    return apply(ops.EQUAL, a, b)


def largest(xs: Iterable[Any]) -> Any:
    return reductions.maximum(*xs)


def smallest(xs: Iterable[Any]) -> Any:
    return reductions.minimum(*xs)


if not TYPE_CHECKING:  # which would take any name for one that is defined

    def __getattr__(name: str) -> Any:
        op = find_row(name)
        if op is None:
            raise AttributeError(f"there is no operation {name} that applies to Values; engine.operation defines one")

        def function(*xs: Any, **static: float) -> Any:
            return apply(op(**static) if static else op, *xs)

        return keep(name, function, globals())
