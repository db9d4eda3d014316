"""Arguments: how every room checks them, and shows them in the message that refuses them."""

import math
import re
from collections.abc import Callable, Collection, Sequence
from numbers import Integral
from typing import Any

from engine.number import Number, to_float

__all__ = [
    "check_dense",
    "check_flag",
    "check_function",
    "choose",
    "is_real",
    "plain_lists",
    "real_number",
    "shown",
    "whole_number",
]

LONGEST = 100  # characters of what was given that a message repeats
LARGEST = 10**9  # no memory holds more of anything
_NO_LISTS = {bool, float, int, str}  # of which there are many in a table


def shown(given: Any) -> str:
    """What was given, as code would have it, on one line and no longer than can be read.

    Example:
        >>> shown([1.0, "two"]), len(shown("two" * 1000))
        ("[1.0, 'two']", 103)
    """
    try:
        text = re.sub(r"\s*\n\s*", " ", repr(given))
    except Exception:  # such as that of an int of 5000 digits: no reason to fail on the way to a message
        text = f"a {type(given).__name__} that has no repr"
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"


def whole_number(name: str, given: Any, least: int = 1, most: int = LARGEST, unless: str = "") -> int:
    """The argument of that name, which must be a whole number: an int, or NumPy's, but not True.

    Args:
        name: what to call it.
        given: what it is.
        least, most: its bounds.
        unless: what else it might have been, such as "or None".

    Raises:
        ValueError: it is none, or out of bounds.

    Example:
        >>> whole_number("epochs", 20, least=0)
        20
    """
    if isinstance(given, Integral) and not isinstance(given, bool):
        number = int(given)
        if least <= number <= most:
            return number
        if number > most:
            raise ValueError(f"{name} must be at most {most:,}, but was {shown(given)}")
    also = f", {unless}" if unless else ""
    raise ValueError(f"{name} must be a whole number, {least} or more{also}, but was {shown(given)}")


def real_number(name: str, given: Any, needs: str, fits: Callable[[float], bool]) -> float:
    """The argument of that name, which must be one finite number, but not True.

    Args:
        name: what to call it.
        given: what it is.
        needs: what it must be, in words.
        fits: whether it is that.

    Raises:
        ValueError: it is not.

    Example:
        >>> real_number("l2", 0.5, "a number, 0 or more", lambda x: x >= 0)
        0.5
    """
    try:
        number = math.nan if isinstance(given, bool) else to_float(given)
    except TypeError:
        number = math.nan
    if not math.isfinite(number) or not fits(number):
        raise ValueError(f"{name} must be {needs}, but was {shown(given)}")
    return number


def check_flag(name: str, given: Any) -> None:
    """ValueError unless the argument of that name is True or False."""
    if not isinstance(given, bool):
        raise ValueError(f"{name} must be True or False, but was {shown(given)}")


def check_function(name: str, given: Any, call: str) -> None:
    """Raise TypeError for what is no function.

    Args:
        name: what was called with it.
        given: what was given.
        call: what to write.

    Example:
        >>> check_function("grad", 3.0, "grad(f)(x)")
        Traceback (most recent call last):
        TypeError: grad needs a function, but was given 3.0: write grad(f)(x)
    """
    if not callable(given):
        raise TypeError(f"{name} needs a function, but was given {shown(given)}: write {call}")


def choose(kind: str, given: Any, known: Collection[str], otherwise: str = "") -> str:
    """The name that was given, which must be one of those that are known.

    Args:
        kind: what such a name stands for, such as "loss".
        given: what was given.
        known: the names there are.
        otherwise: what else could have been given, to end the message with.

    Raises:
        ValueError: there is none of that name.

    Example:
        >>> choose("loss", "hinge", ["hinge", "mean_squared_error"])
        'hinge'
    """
    if isinstance(given, str) and given in known:
        return given
    raise ValueError(f"unknown {kind} {shown(given)}: choose one of {', '.join(known)}{otherwise}")


def is_real(x: Any) -> bool:
    """Whether it is one real number, plain or of the engine; True and False are 1 and 0, as in a table of answers.

    Example:
        >>> is_real(0.5), is_real(True), is_real("0.5")
        (True, True, False)
    """
    if isinstance(x, Number):
        return True
    try:
        to_float(x)
    except TypeError:
        return False
    return True


def check_dense(data: Any) -> None:
    """TypeError if it is a sparse matrix, of which NumPy makes an array that holds one thing, the matrix."""
    if hasattr(data, "toarray"):
        raise TypeError(f"a sparse matrix ({type(data).__name__}) is not read: give all its numbers, .toarray()")


def plain_lists(data: Any) -> Any:
    """Arrays, tables, tuples, ranges and other sequences as lists (of lists ...); whatever else there is as it is.

    Example:
        >>> plain_lists(((1, 2), [3.5], range(2)))
        [[1, 2], [3.5], [0, 1]]

    Raises:
        TypeError: it is a sparse matrix.
    """
    check_dense(data)
    for convert in ("to_numpy", "tolist"):  # a table's own list would be one of the names of its columns
        if hasattr(data, convert):
            data = getattr(data, convert)()
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes, bytearray)):
        return [item if type(item) in _NO_LISTS else plain_lists(item) for item in data]
    return data
