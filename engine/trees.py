"""Numbers in lists: what the arguments and results of a differentiable function are made of."""

from collections.abc import Callable, Iterable
from typing import Any

from engine.number import Number, to_float

__all__ = ["describe", "filled", "is_list", "is_number", "map_numbers", "numbers_in"]


def is_list(x: Any) -> bool:
    """Whether x is a list, a tuple or an array, rather than a number."""
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) > 0


def is_number(x: Any) -> bool:
    """Whether x is a number of any kind that can be differentiated."""
    if isinstance(x, Number):
        return True
    try:
        to_float(x)
    except TypeError:
        return False
    return True


def map_numbers(function: Callable[..., Any], *trees: Any) -> Any:
    """Apply a function to the numbers that stand at the same place in lists of the same form.

    Args:
        function: takes one number from each tree.
        *trees: numbers, or lists (of lists ...) of numbers.

    Returns:
        What the function gives: lists of the same form.

    Raises:
        ValueError: the trees are not of the same form.

    Example:
        >>> map_numbers(lambda a, b: a + b, [1, [2, 3]], [10, [20, 30]])
        [11, [22, 33]]
    """
    lists = [is_list(tree) for tree in trees]
    if not any(lists):
        return function(*trees)
    if not all(lists) or len({len(tree) for tree in trees}) != 1:
        raise ValueError(f"these must be of the same form, but are not: {' and '.join(map(describe, trees))}")
    return [map_numbers(function, *children) for children in zip(*trees, strict=True)]


def filled(tree: Any, numbers: Iterable[Any]) -> Any:
    """Lists of the form of a tree, with other numbers in them, from left to right.

    Example:
        >>> filled([1, [2, 3]], [10, 20, 30])
        [10, [20, 30]]
    """
    rest = iter(numbers)
    return map_numbers(lambda _: next(rest), tree)


def numbers_in(tree: Any) -> list[Any]:
    """All numbers in a tree, from left to right."""
    found: list[Any] = []
    map_numbers(found.append, tree)
    return found


def describe(x: Any) -> str:
    """What to call x in an error message."""
    return f"a list of {len(x)}" if is_list(x) else repr(x)
