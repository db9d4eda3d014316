"""Trees: what arguments and results of a differentiable function are made of.

A list, a tuple (a namedtuple too), a dict or a NumPy array holds numbers, or trees again; None is an empty tree.
Anything else is a number, or has no place in one.
"""

from collections.abc import Callable, Iterable
from copy import copy
from itertools import islice, product
from typing import Any

from engine.arguments import check_dense, is_real, shown
from engine.number import Number

__all__ = [
    "describe",
    "filled",
    "is_array",
    "is_list",
    "is_number",
    "is_tree",
    "is_truth",
    "map_blocks",
    "map_numbers",
    "names_in",
    "numbers_in",
    "numbers_like",
    "plain_array",
    "shape_of",
    "shaped",
]


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array, or what NumPy takes for one, rather than a number."""
    if isinstance(x, (float, Number)):  # most are, and to ask them for what they lack takes long
        return False
    ndim = getattr(x, "ndim", 0)
    return isinstance(ndim, int) and ndim > 0


def is_list(x: Any) -> bool:
    """Whether x is a list, a tuple or an array, rather than a number."""
    return isinstance(x, (list, tuple)) or is_array(x)


def is_tree(x: Any) -> bool:
    """Whether x is something that numbers are in, rather than a number."""
    return x is None or isinstance(x, dict) or is_list(x)


def is_number(x: Any) -> bool:
    """Whether x is a number of any kind that can be differentiated. A truth, such as a comparison gives, is none."""
    return is_real(x) and not is_truth(x)


def is_truth(x: Any) -> bool:
    """Whether x is True or False, or an array of these."""
    return isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"


def map_blocks(function: Callable[[Any], Any], tree: Any, lists: Callable[[list[Any]], Any] | None = None) -> Any:
    """Apply a function to the numbers in a tree, and to arrays as a whole.

    Args:
        function: takes a number, or an array.
        tree: of any form.
        lists: what to make of lists; None for the same.

    Returns:
        A tree of the same form, with what the function gives in the place of numbers and arrays.

    Example:
        >>> map_blocks(str, {"w": (1, 2), "b": None})
        {'w': ('1', '2'), 'b': None}
    """
    if isinstance(tree, (list, tuple)):
        parts = [map_blocks(function, part, lists) for part in tree]
        if lists is not None and isinstance(tree, list):
            return lists(parts)
        # Namedtuples have a way of their own. Other kinds of lists may mean more by it than that they are lists.
        return getattr(tree, "_make", list if isinstance(tree, list) else tuple)(parts)
    if isinstance(tree, dict):
        same = copy(tree)  # whatever kind of dict it is
        same.update({key: map_blocks(function, part, lists) for key, part in tree.items()})
        return same
    return None if tree is None else function(tree)


def numbers_in(tree: Any) -> list[Any]:
    """All numbers in a tree, from left to right.

    Example:
        >>> numbers_in({"w": [1, [2, 3]], "b": None})
        [1, 2, 3]
    """
    found: list[Any] = []
    map_blocks(lambda block: found.extend(_elements(block)), tree)
    return found


def filled(tree: Any, numbers: Iterable[Any], lists: Callable[[list[Any]], Any] | None = None) -> Any:
    """A tree of the form of another one, with other numbers in it, from left to right; `lists` as in `map_blocks`.

    Example:
        >>> filled([1, (2, 3)], [10, 20, 30])
        [10, (20, 30)]
    """
    rest = iter(numbers)

    def block(like: Any) -> Any:
        return shaped(islice(rest, like.size), like.shape) if is_array(like) else next(rest)

    return map_blocks(block, tree, lists)


def map_numbers(function: Callable[..., Any], *trees: Any) -> Any:
    """Apply a function to the numbers that stand at the same place in trees of the same form.

    Args:
        function: takes one number from each tree.
        *trees: lists, tuples and arrays are of the same form if they are as long.

    Returns:
        What the function gives, in a tree of the form of the first.

    Raises:
        ValueError: the trees are not of the same form.

    Example:
        >>> map_numbers(lambda a, b: a + b, [1, (2, 3)], [10, [20, 30]])
        [11, (22, 33)]
    """
    first, *others = trees
    return filled(first, map(function, numbers_in(first), *[numbers_like(first, other) for other in others]))


def numbers_like(form: Any, tree: Any) -> list[Any]:
    """All numbers in a tree, in the order in which they stand in another one of the same form.

    Raises:
        ValueError: the trees are not of the same form.

    Example:
        >>> numbers_like({"w": [1, 2], "b": 3}, {"b": 30, "w": (10, 20)})
        [10, 20, 30]
    """
    if is_list(form) and is_list(tree) and len(form) == len(tree):
        if is_array(form) and is_array(tree) and shape_of(form) == shape_of(tree):
            return _elements(tree)
        return [x for parts in zip(form, tree, strict=True) for x in numbers_like(*parts)]
    if isinstance(form, dict) and isinstance(tree, dict) and form.keys() == tree.keys():
        return [x for key in form for x in numbers_like(form[key], tree[key])]
    if form is tree is None or not (is_tree(form) or is_tree(tree)):
        return numbers_in(tree)
    raise ValueError(f"these must be of the same form, but are not: {describe(form)} and {describe(tree)}")


def names_in(tree: Any, name: str) -> list[str]:
    """What to call the numbers in a tree that is called by a name.

    Example:
        >>> names_in({"w": [1, 2], "b": 3}, "x")
        ["x['w'][0]", "x['w'][1]", "x['b']"]
    """
    if is_array(tree):  # whatever is in it; and not by going through it, which may give the names of its columns
        return [name + "".join(f"[{i}]" for i in place) for place in product(*map(range, shape_of(tree)))]
    if not is_tree(tree):
        return [name]
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree or ())
    return [inner for key, part in parts for inner in names_in(part, f"{name}[{key!r}]")]


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array; () for a number."""
    return tuple(x.shape) if is_array(x) else ()


def shaped(numbers: Iterable[Any], shape: tuple[int, ...]) -> Any:
    """An array of numbers: of floats, or of objects if they are of a kind of their own. For the shape () the number."""
    numbers = list(numbers)
    if not shape:
        return numbers[0]
    import numpy as np

    array = np.empty(len(numbers), object if any(isinstance(x, Number) for x in numbers) else float)
    array[:] = numbers
    return array.reshape(shape)


def plain_array(x: Any) -> Any:
    """What is given as a NumPy array; TypeError if it is a masked one, whose mask would be lost, or sparse."""
    import numpy as np

    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("a masked array has numbers that do not count: give x.filled(...) or x.compressed()")
    check_dense(x)
    return np.asarray(x)


def _elements(block: Any) -> list[Any]:
    """The numbers in an array, or the number. An array without axes is what NumPy makes of a Value in passing."""
    if isinstance(block, (float, int, Number)) or not hasattr(block, "ndim"):
        return [block]
    array = plain_array(block)
    return list(array.ravel().tolist() if array.ndim and array.dtype.kind in "fiuO" else array.flat)


def describe(x: Any) -> str:
    """What to call x in an error message."""
    if is_array(x):
        return f"an array of shape {shape_of(x)}"
    if isinstance(x, (list, tuple)):
        return f"a {'list' if isinstance(x, list) else 'tuple'} of {len(x)}"
    if isinstance(x, dict):
        return f"a dict of {', '.join(map(repr, x)) or 'nothing'}"
    return f"{shown(x)} ({type(x).__name__})"
