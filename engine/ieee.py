"""Arithmetic on Python's floats with the answers that IEEE 754 gives.

Python raises where the standard defines a number: ``1 / 0``, ``math.exp(1000)``, ``math.log(0)``,
and turns ``(-8.0) ** (1 / 3)`` complex. A computation graph wants inf and nan instead, so that the
loss of a net that has gone wrong is a number to look at and not a traceback.

This module is the *algebra* on floats: the rows of `engine.ops` look their functions up on it. What it does not
define is math's (see `engine.algebra`).
"""

import math
from collections.abc import Callable, Iterable
from functools import reduce, wraps
from sys import modules

from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, found, keep
from engine.ops import TABLE

absolute = abs

NEVER_RAISE = {
    "asinh", "atan", "atan2", "cbrt", "copysign", "degrees", "erf", "erfc", "fabs", "hypot", "radians", "tanh",
}  # fmt: skip
POLES = {  # where a function of math is infinite: it raises there what it raises where it is undefined
    (math.atanh, -1.0): -math.inf,
    (math.atanh, 1.0): math.inf,
    (math.log, 0.0): -math.inf,
    (math.log10, 0.0): -math.inf,
    (math.log1p, -1.0): -math.inf,
    (math.log2, 0.0): -math.inf,
}


def without_exceptions(name: str) -> Callable[..., float]:
    """A function of `math` with nan where it is undefined, and inf at its poles and beyond the largest float."""
    function: Callable[..., float] = getattr(math, name)
    if name in NEVER_RAISE:
        return function

    @wraps(function)
    def answer(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return POLES.get((function, x), math.nan)
        except OverflowError:
            return math.copysign(math.inf, function(math.copysign(1.0, x)))

    return answer


def div(a: float, b: float) -> float:
    """a / b, with x/0 = +-inf and 0/0 = nan."""
    try:
        return a / b
    except ZeroDivisionError:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def floor_divide(a: float, b: float) -> float:
    """a // b, with x // 0 = +-inf and 0 // 0 = nan."""
    try:
        return a // b
    except ZeroDivisionError:
        return div(a, b)


def mod(a: float, b: float) -> float:
    """What a // b leaves: of the sign of b, nan for b = 0."""
    try:
        return a % b
    except ZeroDivisionError:
        return math.nan


def floor(x: float) -> float:
    """The largest whole number that is not above x; of the sign of x, a zero too, which Python's int would lose."""
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """The smallest whole number that is not below x; of the sign of x, a zero too."""
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


def rint(x: float) -> float:
    """The nearest whole number, the even one of two."""
    return math.copysign(round(x), x) if math.isfinite(x) else x


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without ever computing a large exponential."""
    small = math.exp(-abs(x))
    return (1.0 if x > 0 else small) / (1.0 + small)


def normal_cdf(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def power(x: float, y: float) -> float:
    """x**y: never complex, inf on overflow and for 0 to a negative power."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        if x != 0:
            return math.nan
        return math.copysign(math.inf, x) if y % 2 == 1 else math.inf


def step(x: float) -> float:
    """1 above 0, else 0; nan stays nan."""
    return 1.0 if x > 0 else x if x != x else 0.0


def maximum(a: float, b: float) -> float:
    """The larger of two numbers, nan if either is nan."""
    return a if a > b or a != a else b


def minimum(a: float, b: float) -> float:
    """The smaller of two numbers, nan if either is nan."""
    return a if a < b or a != a else b


def total(xs: Iterable[float]) -> float:
    """The sum of numbers."""
    return sum(xs)


def largest(xs: Iterable[float]) -> float:
    """The largest of some numbers, nan if one is nan."""
    return reduce(maximum, xs)


def smallest(xs: Iterable[float]) -> float:
    """The smallest of some numbers, nan if one is nan."""
    return reduce(minimum, xs)


def equal(a: float, b: float) -> float:
    """1 where a equals b, else 0."""
    return 1.0 if a == b else 0.0


def select(condition: float, a: float, b: float) -> float:
    """`a` where the condition is not 0, else `b`."""
    return a if condition else b


def take(name: str) -> None:
    """Have the function of that name from elsewhere, by the rule of `engine.algebra`."""
    keep(name, found(name, modules[__name__], without_exceptions), globals())


for _name in {*NUMPY_NAMES, *SCIPY_NAMES, *TABLE} - globals().keys():  # all at once: a module that looks when it is
    take(_name)  # asked, with a __getattr__, is slower to ask for anything
