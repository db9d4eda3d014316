"""Code: a number that is a piece of program text, so that the rows of the op table write programs."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from engine.number import Number, to_float
from engine.ops import Op

__all__ = ["Algebra", "Code", "text_of"]


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


def _apply(op: Op, *xs: Any) -> Any:
    return Code(f"({op.write(*map(text_of, xs))})")


Code.apply = staticmethod(_apply)


def text_of(x: Any) -> str:
    """Code, or a plain number as code."""
    return x.text if isinstance(x, Code) else repr(to_float(x))


class Algebra:
    """The functions that rows call by name, as calls of functions of that name.

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

    def __getattr__(self, name: str) -> Callable[..., Code]:
        return lambda *xs: Code(self._assign(f"{name}({', '.join(map(text_of, xs))})"))

    def div(self, a: Any, b: Any) -> Code:
        return Code(f"({text_of(a)} / {text_of(b)})")

    def power(self, x: Any, y: Any) -> Any:
        if y == 1:
            return x
        return Code(f"({x} * {x})") if y == 2 else Code(self._assign(f"power({text_of(x)}, {text_of(y)})"))

    def total(self, xs: Iterable[Any]) -> Any:
        return self._fold("total", xs) if self._fold else sum(xs)

    def largest(self, xs: Iterable[Any]) -> Any:
        return self._fold("largest", xs) if self._fold else reduce(self.maximum, xs)

    def smallest(self, xs: Iterable[Any]) -> Any:
        return self._fold("smallest", xs) if self._fold else reduce(self.minimum, xs)
