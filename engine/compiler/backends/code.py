"""Code: a number that is a piece of program text, so that the rows of the op table write programs."""

import builtins
import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NoReturn

from engine.algebra import called_in, row_of
from engine.number import Number, to_float
from engine.op import Op

__all__ = ["Algebra", "Code", "namespace", "text_of"]


class Code(Number):
    """A piece of code for a number: arithmetic on it writes a longer one.

    Example:
        >>> str((Code("a") + 1) * Code("b"))
        '((a + 1.0) * b)'
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> NoReturn:
        raise TypeError(
            "an operation that is compiled is a formula: take functions from m, m.erf(x) and not math.erf(x), and "
            "m.select in the place of an if; it has no numbers to look at"
        )


def _apply(op: Op, *xs: Any) -> Any:
    if op.binds:
        return Code(f"({op.write(*map(text_of, xs))})")
    return op.value(Algebra(), *xs)


Code.apply = staticmethod(_apply)


def text_of(x: Any) -> str:
    """Code, or a plain number as code."""
    return x.text if isinstance(x, Code) else repr(to_float(x))


class Algebra:
    """The functions that rows call by name, as calls of functions of that name.

    A function that is a row of its own is written out (see `engine.algebra`); what is left, `namespace` finds.

    Args:
        assign: what to do with the text of a call: give it a name, or leave it where it is.
        fold: ("total", "largest" or "smallest", terms) -> code for that of terms which stand for many numbers each,
            side by side; None where each of them is one number.
    """

    def __init__(
        self, assign: Callable[[str], str] = str, fold: Callable[[str, Iterable[Any]], Code] | None = None
    ) -> None:
        self._assign = assign
        self._fold = fold

    def __getattr__(self, name: str) -> Callable[..., Any]:
        op = row_of(name)
        if op is None:
            return lambda *xs: self._call(name, *xs)
        return lambda *xs, **static: (op(**static) if static else op).value(self, *xs)

    def _call(self, name: str, *xs: Any) -> Code:
        return Code(self._assign(f"{name}({', '.join(map(text_of, xs))})"))

    def div(self, a: Any, b: Any) -> Code:
        return Code(f"({text_of(a)} / {text_of(b)})")

    def power(self, x: Any, y: Any) -> Any:
        if isinstance(y, Code):
            return self._call("power", x, y)
        return x if y == 1 else Code(f"({x} * {x})") if y == 2 else self._call("power", x, y)

    def maximum(self, a: Any, b: Any) -> Code:
        return self._call("maximum", a, b)

    def minimum(self, a: Any, b: Any) -> Code:
        return self._call("minimum", a, b)

    def total(self, xs: Iterable[Any]) -> Any:
        return self._fold("total", xs) if self._fold else sum(xs)

    def largest(self, xs: Iterable[Any]) -> Any:
        return self._fold("largest", xs) if self._fold else reduce(self.maximum, xs)

    def smallest(self, xs: Iterable[Any]) -> Any:
        return self._fold("smallest", xs) if self._fold else reduce(self.minimum, xs)


def namespace(text: str, algebra: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What the names in the text of a program stand for: those that are given, and functions of an algebra.

    Raises:
        AttributeError: the text calls a function that the algebra does not have.
    """
    names = dict(given)
    for name in called_in(text) - given.keys() - set(re.findall(r"\bdef (\w+)", text)):
        if hasattr(algebra, name) or not hasattr(builtins, name):
            names[name] = getattr(algebra, name)
    return names
