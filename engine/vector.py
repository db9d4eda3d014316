"""Vector: what a list is to a function that is differentiated or compiled."""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import add, mul, pow, sub, truediv
from typing import Any

from engine.functions import dot
from engine.source import line_at_work
from engine.trees import is_list
from engine.value import TraceError

__all__ = ["Vector"]


def _number_by_number(operator: Callable[[Any, Any], Any], *, reflected: bool = False) -> Any:
    def each(x: "Vector", other: Any) -> "Vector":
        axes, others_axes = _axes(x), _axes(other)
        if operator is add and isinstance(other, (list, tuple)):
            raise TraceError(
                "+ would join two lists, where it adds up arrays. Write [a + b for a, b in zip(x, y)] to add number "
                f"by number, and [*x, *y] to join\n  {line_at_work()}"
            )
        if axes == others_axes and len(other) != len(x):
            raise TraceError(
                f"lists of {len(x)} and of {len(other)} do not go together number by number\n  {line_at_work()}"
            )
        xs: Iterable[Any] = x if axes >= others_axes else repeat(x)  # in every row of the other, as NumPy has it
        others: Iterable[Any] = other if axes <= others_axes else repeat(other)
        pairs = zip(others, xs) if reflected else zip(xs, others)  # noqa: B905  # one of them may have no end
        return Vector([operator(_arithmetic(a), _arithmetic(b)) for a, b in pairs])

    return each


def _axes(x: Any) -> int:
    """How many axes an array of x would have, which may be a list of lists."""
    return 0 if not is_list(x) else 1 + (_axes(x[0]) if len(x) else 0)


def _arithmetic(x: Any) -> Any:
    """A row of a list as a Vector."""
    return Vector(x) if isinstance(x, (list, tuple)) else x


def _product(a: Any, b: Any) -> Any:
    """``a @ b`` of vectors and matrices."""
    rows = a if _axes(a) > 1 else [a]
    columns = [*zip(*b, strict=True)] if _axes(b) > 1 else [b]
    table = [Vector([dot(row, column) for column in columns]) for row in rows]
    if _axes(b) == 1:
        table = Vector([row[0] for row in table])
    return Vector(table) if _axes(a) > 1 else table[0]


class Vector(list[Any]):
    """A list of numbers with arithmetic number by number, where a list would be repeated, or have none.

    It may be used as a list, and as an array where that means nothing else to a list. What it is multiplied by and so
    on is a number, or as many in a list or an array; ``x @ w`` is their dot product. A list of lists is a matrix.

    Args:
        numbers: numbers, or lists of them.
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
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(other, self)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return Vector(found) if isinstance(index, slice) else found

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"an argument that is a list of numbers has no {name}: np.array(x).{name} is that of an array of them"
        )
