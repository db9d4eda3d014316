"""What a derivative costs, counted in operations on plain numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from engine import ieee
from engine.adjoints import sweep_towards
from engine.arguments import check_function
from engine.differentiation import check_argument
from engine.forward import Dual
from engine.number import Number, to_float
from engine.op import Op
from engine.ops import MUL
from engine.order import topological_order
from engine.trees import filled, map_numbers, numbers_in
from engine.value import Value

__all__ = ["OperationCounts", "count_operations"]

COUNTED = "counted"  # a number that counts, whichever it is


@dataclass(frozen=True)
class OperationCounts:
    """How many operations on plain numbers it takes.

    Attributes:
        n_inputs: numbers that go in.
        n_outputs: numbers that come out.
        value: operations to compute the outputs alone: the T of O(nT).
        forward: operations to compute all derivatives by forward mode, one pass for each input.
        reverse: operations to compute all derivatives by reverse mode: one pass, then one sweep for each output.
    """

    n_inputs: int
    n_outputs: int
    value: int
    forward: int
    reverse: int

    def __str__(self) -> str:
        times = [
            f"{count:,} ({count / max(self.value, 1):.1f} times the value)" for count in (self.forward, self.reverse)
        ]
        return (
            f"{self.n_inputs} input{'s' * (self.n_inputs != 1)}, {self.n_outputs} output{'s' * (self.n_outputs != 1)}\n"
            f"value    {self.value:,} operations\nforward  {times[0]}\nreverse  {times[1]}"
        )


def count_operations(f: Callable[..., Any], *args: Any) -> OperationCounts:
    """Count what a function's value and all of its derivatives cost, in forward and in reverse mode.

    The counts are of operations really carried out, on numbers that count. An addition, a product or a
    tanh is one operation; a sum of n terms is n - 1; a dot product of length n is n products and n - 1
    additions, and one more for the bias. A product with a plain 1, and a sum with a plain 0, are none.

    Args:
        f: gives a number or a list of numbers.
        *args: where: each argument a number or a list of numbers.

    Returns:
        OperationCounts: print it for a comparison.

    Raises:
        TypeError: an argument is no number.

    Source:
        Griewank and Walther, "Evaluating Derivatives" (2008), chapter 4.

    Example:
        >>> counts = count_operations(lambda x: x[0] * x[1] * x[2] * x[3], [1.0, 2.0, 3.0, 4.0])
        >>> counts.value, counts.forward, counts.reverse
        (3, 17, 7)
    """
    check_function("count_operations", f, "count_operations(f, x)")
    for i, arg in enumerate(args):
        check_argument(i, arg)
    tally = _Tally()
    numbers = numbers_in(args)
    n = len(numbers)

    outputs = f(*map_numbers(tally.number, args))
    value = tally.take()

    of_tangents = _Tally()
    f(*filled(args, [Dual(tally.number(x), _Tangents({1.0: 1 << i}, of_tangents), -1) for i, x in enumerate(numbers)]))
    forward = n * tally.take() + of_tangents.take()

    variables = map_numbers(Value, args)
    leaves = numbers_in(variables)
    for output in numbers_in(f(*variables)):
        if isinstance(output, Value):
            counted = {node: tally.number(node.data) for node in topological_order(output)}
            sweep_towards(leaves, output, counted.__getitem__)
    return OperationCounts(n, len(numbers_in(outputs)), value, forward, value + tally.take())


class _Tally:
    """Makes numbers that add to a common count whenever one of them takes part in an operation."""

    def __init__(self) -> None:
        self.count = 0

    def number(self, x: Any) -> "_Counted":
        return _Counted(to_float(x), self)

    def take(self) -> int:
        """The count since the last time, starting anew."""
        count, self.count = self.count, 0
        return count


class _Counted(Number):
    __slots__ = ("data", "tally")

    def __init__(self, data: float, tally: _Tally) -> None:
        self.data = data
        self.tally = tally

    def __float__(self) -> float:
        return self.data


def _count(op: Op, *xs: Any) -> Any:
    try:
        numbers = [x.data if isinstance(x, (_Counted, Value)) else to_float(x) for x in xs]
    except TypeError:
        return NotImplemented
    tally = next(x.tally for x in xs if isinstance(x, _Counted))
    tally.count += op.cost(len(xs))
    return _Counted(op.value(ieee, *numbers), tally)


_Counted.apply = staticmethod(_count)


class _Tangents(Number):
    """The tangents of one number in all passes of forward mode, so that one pass over the function counts them all.

    Attributes:
        passes: from what a tangent is, a plain number or COUNTED, to the passes in which it is that, as bits of an
            int; in all others it is FLAT.
    """

    __slots__ = ("passes", "tally")

    def __init__(self, passes: dict[Any, int], tally: _Tally) -> None:
        self.passes = passes
        self.tally = tally


def _count_in_each_pass(op: Op, a: Any, b: Any) -> Any:
    found: dict[Any, int] = {}

    def note(tangent: Any, passes: int) -> None:
        found[tangent] = found.get(tangent, 0) | passes

    if op == MUL:  # a partial, which is the same in all passes
        partial = COUNTED if isinstance(b, _Counted) else b
        for x, passes in a.passes.items():
            if x == 1.0 or (x is not COUNTED and partial is not COUNTED):
                note(partial if x == 1.0 else x * partial, passes)
            else:
                a.tally.count += op.cost(2) * passes.bit_count()
                note(COUNTED, passes)
    else:
        for x, passes in a.passes.items():
            for y, others in b.passes.items():
                if both := passes & others:
                    is_plain = x is not COUNTED and y is not COUNTED
                    a.tally.count += 0 if is_plain else op.cost(2) * both.bit_count()
                    note(x + y if is_plain else COUNTED, both)
        for mine, others in ((a, _union(b)), (b, _union(a))):
            for x, passes in mine.passes.items():
                if alone := passes & ~others:
                    note(x, alone)
    return _Tangents(found, a.tally)


def _union(tangents: _Tangents) -> int:
    return reduce(or_, tangents.passes.values())


_Tangents.apply = staticmethod(_count_in_each_pass)
