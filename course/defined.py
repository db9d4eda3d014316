"""What the names in a kernel stand for, as far as it is numbers. This runs in the kernel of a student's notebook."""

from collections.abc import Mapping
from typing import Any

__all__ = ["numbers_by_name"]

MANY = 50  # numbers in a list: longer ones are data


def numbers_by_name(names: Mapping[str, Any]) -> dict[str, str]:
    """The names that stand for numbers, Values or short lists of these, with what these are, as text.

    Example:
        >>> numbers_by_name({"a": 2, "b": [0.5, (1, 1.5)], "c": "three", "_": 4})
        {'a': '2', 'b': '0.5 1 1.5'}
    """
    found = {name: _numbers(thing) for name, thing in names.items() if not name.startswith("_")}
    return {name: " ".join(map(str, numbers)) for name, numbers in found.items() if numbers}


def _numbers(thing: Any) -> list[float]:
    """Those in a thing; none if it is something else, or has too many."""
    thing = thing.tolist() if hasattr(thing, "tolist") and getattr(thing, "size", 0) <= MANY else thing
    if isinstance(thing, int | float):
        return [thing]
    if type(thing).__name__ == "Value":
        return [thing.data]
    if isinstance(thing, list | tuple) and len(thing) <= MANY:
        return [number for each in thing for number in _numbers(each)][:MANY]
    return []
