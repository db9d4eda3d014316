"""What an algebra lacks, and where a row that asks for it is sent instead.

An algebra, the `m` of a row, defines by itself that for which there is something to say: how it divides by 0, how it
stays in range. There is one rule for any other function that a row looks up on it:

1. a row of that name is run on the algebra: ``m.softplus`` is the formula of SOFTPLUS, and a user's own operation is
   found in the same way;
2. where there is none, or where that row itself is what asks (``lambda m, x: m.atan(x)`` is all there is to say of
   an arc tangent), it is the function of that name in Python's `math`, as the algebra's library has it.

So an operation needs a line in an algebra only where its library has no such function, or not with the answers that
IEEE 754 gives.
"""

import re
from collections.abc import Callable
from dis import get_instructions
from functools import cache
from inspect import unwrap
from itertools import pairwise
from types import CodeType
from typing import Any

from engine.op import Op, find_row

__all__ = ["NUMPY_NAMES", "SCIPY_NAMES", "asks_for_itself", "called_in", "forget", "found", "keep", "row_of", "unknown"]

# The functions of `math` that are of real numbers: what NumPy calls them, and what follows its interface,
NUMPY_NAMES = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
    "atanh": "arctanh", "cbrt": "cbrt", "copysign": "copysign", "cos": "cos", "cosh": "cosh", "degrees": "degrees",
    "exp": "exp", "exp2": "exp2", "expm1": "expm1", "fabs": "fabs", "hypot": "hypot", "log": "log", "log10": "log10",
    "log1p": "log1p", "log2": "log2", "radians": "radians", "sin": "sin", "sinh": "sinh", "sqrt": "sqrt",
    "tan": "tan", "tanh": "tanh",
}  # fmt: skip
SCIPY_NAMES = {"erf": "erf", "erfc": "erfc"}  # and what scipy.special does

_kept: list[tuple[dict[str, Any], str]] = []


def found(name: str, algebra: Any, library: Callable[[str], Any]) -> Any:
    """The function that an algebra has none of its own of.

    Args:
        name: what a row asks for.
        algebra: what it asks.
        library: gives the library's function of a name in `math`.

    Raises:
        AttributeError: there is no such function.
    """
    op = row_of(name)
    if op is not None:
        return lambda *xs, **static: (op(**static) if static else op).value(algebra, *xs)
    if name in NUMPY_NAMES or name in SCIPY_NAMES:
        return library(name)
    raise unknown(name)


def keep(name: str, function: Any, names: dict[str, Any]) -> Any:
    """Have an algebra know a function by its name, until an operation of that name is defined."""
    names[name] = function
    _kept.append((names, name))
    return function


def unknown(name: str) -> AttributeError:
    """What to raise where there is no such function."""
    return AttributeError(
        f"no function {name} is known here: there is neither an operation of that name nor a function of a real number "
        "in Python's math. engine.operation defines one"
    )


def row_of(name: str) -> Op | None:
    """The row of that name, unless it says no more than that there is a function of that name."""
    op = find_row(name)
    return None if op is None or asks_for_itself(op) else op


@cache
def asks_for_itself(op: Op) -> bool:
    """Whether a row's value looks its own name up on the algebra."""
    code = getattr(unwrap(op.value), "__code__", None)
    return isinstance(code, CodeType) and _looks_up(op.name, code.co_varnames[0], code)


def _looks_up(name: str, m: str, code: CodeType) -> bool:
    steps = [(step.opname, step.argval) for step in get_instructions(code)]
    looked_up = any(
        before == m and opname in ("LOAD_ATTR", "LOAD_METHOD") and argument == name
        for (_, before), (opname, argument) in pairwise(steps)
    )
    return looked_up or any(_looks_up(name, m, x) for x in code.co_consts if isinstance(x, CodeType))


def forget(name: str) -> None:
    """Have algebras look again: an operation of that name has just been defined."""
    for names, kept in _kept:
        if kept == name:
            names.pop(name, None)


def called_in(text: str) -> set[str]:
    """The names of the functions that the text of a program calls.

    Example:
        >>> sorted(called_in("a = x.sum(axis=1) + exp(tan(b))"))
        ['exp', 'tan']
    """
    return set(re.findall(r"(?<![.\w])([^\W\d]\w*)\(", text))
