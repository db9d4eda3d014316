"""Arithmetic on NumPy arrays: the algebra that `engine.ieee` is on floats, element by element.

The one file of the engine that needs NumPy; it is imported when the first array comes.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np

Array = Any

absolute = np.absolute
cos = np.cos
div = np.divide
exp = np.exp
expm1 = np.expm1
log = np.log
log1p = np.log1p
maximum = np.maximum
minimum = np.minimum
power = np.float_power  # np.power refuses an int to a negative power
select = np.where
sin = np.sin
sqrt = np.sqrt
tanh = np.tanh


def sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1.0, small) / (1.0 + small)


def normal_cdf(x: Array) -> Array:
    from scipy.special import ndtr

    return ndtr(x)


def step(x: Array) -> Array:
    return np.heaviside(x, 0.0)


def equal(a: Array, b: Array) -> Array:
    return np.equal(a, b).astype(float)


def total(xs: Iterable[Array]) -> Array:
    return sum(xs)


def largest(xs: Iterable[Array]) -> Array:
    return reduce(np.maximum, xs)


def smallest(xs: Iterable[Array]) -> Array:
    return reduce(np.minimum, xs)
