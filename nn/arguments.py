"""Arguments that many parts of nn take: sizes and seeds."""

from numbers import Integral
from random import Random
from typing import Any

__all__ = ["check_size", "random_from"]


def random_from(seed: int | Random | None) -> Random:
    """A source of random numbers: the seed itself if it is one already.

    Raises:
        ValueError: the seed is neither a whole number nor None nor a `random.Random`.
    """
    if isinstance(seed, Random):
        return seed
    if seed is not None and not isinstance(seed, Integral):
        raise ValueError(f"seed must be a whole number, or None, but was {seed!r}")
    return Random(None if seed is None else int(seed))


def check_size(name: str, size: Any) -> None:
    """ValueError unless the size is a whole number, 1 or more."""
    if not isinstance(size, Integral) or isinstance(size, bool) or size < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, but was {size!r}")
