"""Arithmetic on NumPy arrays: the algebra that `engine.ieee` is on floats, element by element.

What it does not define is NumPy's (see `engine.algebra`). It is imported when the first array comes.
"""

from collections.abc import Iterable
from functools import reduce
from sys import modules
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, found, keep

Array = Any

absolute = np.absolute
div = np.divide
maximum = np.maximum
minimum = np.minimum
power = np.float_power  # np.power refuses an int to a negative power
select = np.where


def library(name: str) -> Any:
    """NumPy's function, or SciPy's, of a name in `math`."""
    if name in NUMPY_NAMES:
        return getattr(np, NUMPY_NAMES[name])
    from scipy import special

    return getattr(special, SCIPY_NAMES[name])


if not TYPE_CHECKING:  # which would take any name for one that is defined

    def __getattr__(name: str) -> Any:
        return keep(name, found(name, modules[__name__], library), globals())


def sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1.0, small) / (1.0 + small)


def normal_cdf(x: Array) -> Array:
    from scipy.special import ndtr

    return ndtr(x)


def step(x: Array) -> Array:
    return np.sign(np.maximum(x, 0.0))  # np.heaviside takes half as long again


def equal(a: Array, b: Array) -> Array:
    return np.equal(a, b).astype(float)


def total(xs: Iterable[Array]) -> Array:
    return sum(xs)


def largest(xs: Iterable[Array]) -> Array:
    return reduce(np.maximum, xs)


def smallest(xs: Iterable[Array]) -> Array:
    return reduce(np.minimum, xs)
