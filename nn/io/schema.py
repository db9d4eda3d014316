"""What a file must say: the checks that all readers of model files share."""

import math
from collections.abc import Set
from typing import Any

from engine.arguments import shown

__all__ = ["DamagedError", "check_keys", "is_label", "listed", "number_from", "number_to"]


class DamagedError(ValueError):
    """A model file that does not say what it should."""


def check_keys(what: str, found: Any, needed: Set[str], optional: Set[str] = frozenset()) -> None:
    """DamagedError unless it is a dict that has all of these keys, and no others.

    Args:
        what: what to call it.
        found: what stands there.
        needed, optional: the keys that it must have, and may have.
    """
    if not isinstance(found, dict):
        raise DamagedError(f"{what} must say {', '.join(sorted(needed))}, but is {shown(found)}")
    for key in sorted(needed - found.keys()):
        raise DamagedError(f"{what} does not say its {key}")
    for key in sorted(found.keys() - needed - optional):
        raise DamagedError(f"{what} says {shown(key)}, which this program does not know")


def listed(item: Any) -> list[Any]:
    """The item, if it is a list."""
    if not isinstance(item, list):
        raise DamagedError(f"{shown(item)} stands where a list should")
    return item


def number_from(item: Any) -> float:
    """The number that stands in a file: JSON has no inf and no nan, so these are texts."""
    if isinstance(item, str) and item in ("inf", "-inf", "nan"):
        return float(item)
    try:
        if isinstance(item, int | float) and not isinstance(item, bool) and math.isfinite(float(item)):
            return float(item)
    except OverflowError:
        pass
    raise DamagedError(f"{shown(item)} stands where a number should")


def number_to(number: float) -> float | str:
    """What stands in a file for a number."""
    return number if math.isfinite(number) else repr(number)


def is_label(label: Any) -> bool:
    """Whether JSON has a way to write it, and to give back the same."""
    return isinstance(label, str | bool | int) or (isinstance(label, float) and math.isfinite(label))
