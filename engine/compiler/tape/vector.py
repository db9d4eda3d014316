"""Vector: the list of numbers that an argument of a function to compile is."""

from collections.abc import Callable, Sequence
from operator import add, mul, pow, sub, truediv
from typing import Any

from engine.functions import dot
from engine.source import line_at_work
from engine.trees import is_list
from engine.value import TraceError

__all__ = ["Vector"]


def _number_by_number(operator: Callable[[Any, Any], Any], *, reflected: bool = False) -> Any:
    def each(x: "Vector", other: Any) -> "Vector":
        if not is_list(other):
            others: Sequence[Any] = [other] * len(x)
        elif operator is add and isinstance(other, (list, tuple)):
            raise TraceError(
                "+ would join two lists, where it adds up arrays. Write [a + b for a, b in zip(x, y)] to add number "
                f"by number, and [*x, *y] to join\n  {line_at_work()}"
            )
        elif len(other) != len(x):
            raise TraceError(
                f"lists of {len(x)} and of {len(other)} do not go together number by number\n  {line_at_work()}"
            )
        else:
            others = other
        pairs = zip(others, x, strict=True) if reflected else zip(x, others, strict=True)
        return Vector([operator(a, b) for a, b in pairs])

    return each


class Vector(list[Any]):
    """A list of numbers with arithmetic number by number, where a list would be repeated, or have none.

    It may be used as a list, and as an array of one axis where that means nothing else to a list. What it is
    multiplied by and so on is a number, or as many in a list or an array; ``x @ w`` is their dot product.
    """

    __slots__ = ()

    __add__ = _number_by_number(add)
    __radd__ = _number_by_number(add, reflected=True)
    __iadd__ = __add__
    __sub__ = _number_by_number(sub)
    __rsub__ = _number_by_number(sub, reflected=True)
    __mul__ = _number_by_number(mul)
    __rmul__ = _number_by_number(mul, reflected=True)
    __imul__ = __mul__
    __truediv__ = _number_by_number(truediv)
    __rtruediv__ = _number_by_number(truediv, reflected=True)
    __pow__ = _number_by_number(pow)
    __rpow__ = _number_by_number(pow, reflected=True)

    @classmethod
    def _make(cls, numbers: Sequence[Any]) -> "Vector":
        return cls(numbers)  # as a namedtuple has it: what a transform within gives to its function is a Vector too

    def __neg__(self) -> "Vector":
        return Vector([-x for x in self])

    def __abs__(self) -> "Vector":
        return Vector([abs(x) for x in self])

    def __matmul__(self, other: Any) -> Any:
        if not is_list(other[0]):
            return dot(self, other)
        return Vector([dot(self, column) for column in zip(*other, strict=True)])

    def __rmatmul__(self, other: Any) -> Any:
        return dot(other, self) if not is_list(other[0]) else Vector([dot(row, self) for row in other])

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return Vector(found) if isinstance(index, slice) else found

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"an argument with n in inputs is a list of n numbers, which has no {name}: "
            f"np.array(x).{name} is that of an array of them"
        )
