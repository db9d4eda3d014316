"""Batches in eager code: a function that is written for one example, run once for all of them.

Compiled programs look at a batch as a whole anyway. Here a number is replaced by the list of those that the examples
have in its place, so that `batch_mean` finds all of them.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial
from itertools import repeat
from typing import Any

from engine import ops
from engine.apply import apply
from engine.arguments import check_function
from engine.number import Number
from engine.op import Op
from engine.reductions import total
from engine.trees import map_numbers

__all__ = ["Batch", "batch_mean", "batched", "map_examples"]

_one_by_one = ContextVar("one_by_one", default=False)  # whether what runs is one example of a batch


class AcrossExamplesError(TypeError):
    """One example of several asks for those beside it."""


class Batch(Number):
    """A number of every example: arithmetic on it is done example by example.

    Args:
        numbers: one for each example, of any kind.

    Example:
        >>> from engine import batch_mean
        >>> x = Batch([1.0, 2.0, 6.0])
        >>> (x - batch_mean(x)).numbers
        [-2.0, -1.0, 3.0]
    """

    __slots__ = ("numbers",)

    def __init__(self, numbers: Sequence[Any]) -> None:
        self.numbers = list(numbers)

    def __repr__(self) -> str:
        return f"Batch({self.numbers!r})"

    def __float__(self) -> float:
        raise TypeError(
            "this stands for the numbers of all examples of a batch, so it is no single float, and nothing can be "
            "decided by it: use maximum, where or step in the place of an if"
        )


def _apply(op: Op, *xs: Any) -> Any:
    sizes = {len(x.numbers) for x in xs if isinstance(x, Batch)}
    if len(sizes) > 1:
        raise ValueError(f"numbers of batches that differ in length do not go together: {sorted(sizes)} examples")
    if op.over_examples:
        (x,) = xs
        return total(x.numbers) / len(x.numbers)
    columns = [x.numbers if isinstance(x, Batch) else repeat(x) for x in xs]
    try:
        return Batch([apply(op, *row) for row in zip(*columns, strict=False)])
    except TypeError:
        return NotImplemented


Batch.apply = staticmethod(_apply)


def batched(function: Callable[..., Any]) -> Callable[..., list[Any]]:
    """A function that is written for one example, as one of a batch.

    Args:
        function: of numbers and lists of numbers; gives a number, or a list of them. It runs once, so nothing in it
            may be decided by the numbers of an example.

    Returns:
        A function of as many arguments, each a list with an entry for every example. It gives a list with what the
        function gives for each of them.

    Raises:
        ValueError: there are no examples, or their numbers differ.
        TypeError: something is decided by the numbers of an example.

    Example:
        >>> from engine import batch_mean
        >>> batched(lambda x: x[0] * x[1] - batch_mean(x[0]))([[1.0, 2.0], [3.0, 4.0]])
        [0.0, 10.0]
    """

    check_function("batched", function, "batched(f)(X)")

    def of_batch(*arguments: Sequence[Any]) -> list[Any]:
        n = {len(argument) for argument in arguments}
        if len(n) != 1 or not max(n):
            raise ValueError(f"a batch needs the same number of examples in each argument, 1 or more, but has {n}")
        output = function(*[map_numbers(lambda *xs: Batch(xs), *argument) for argument in arguments])
        return [map_numbers(partial(_number_of, j), output) for j in range(max(n))]

    return of_batch


def _number_of(example: int, x: Any) -> Any:
    return x.numbers[example] if isinstance(x, Batch) else x


def map_examples(function: Callable[[Any], Any], examples: Sequence[Any]) -> list[Any]:
    """What a function gives for each example: one by one, or for all at once where they look at each other.

    Args:
        function: of one example.
        examples: a number, or a list of numbers, for each.

    Returns:
        list, as long as the examples.

    Example:
        >>> from engine import batch_mean
        >>> map_examples(lambda x: x - batch_mean(x), [1.0, 2.0, 6.0])
        [-2.0, -1.0, 3.0]
    """
    before = _one_by_one.set(len(examples) > 1)
    try:
        return [function(example) for example in examples]
    except AcrossExamplesError:
        _one_by_one.set(False)
        return batched(function)(examples)
    finally:
        _one_by_one.reset(before)


def batch_mean(x: Any) -> Any:
    """The mean of a number over the examples of a batch, which all of them share.

    In a function that is compiled, or that `batched` runs, that is the mean over the batch; a number by itself is a
    batch of one, and its own mean.

    Args:
        x: a number that each example has.

    Returns:
        The same kind as `x`; of a Batch the mean, a number of the kind that is in it.

    Example:
        >>> batch_mean(Batch([1.0, 2.0, 6.0])), batch_mean(5.0)
        (3.0, 5.0)
    """
    if _one_by_one.get() and not isinstance(x, Batch):
        raise AcrossExamplesError(
            "batch_mean needs all examples of the batch at once, but the function is run for one at a time: "
            "run it by engine.batched"
        )
    return apply(ops.BATCH_MEAN, x)
