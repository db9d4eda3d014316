"""Arithmetic on NumPy arrays: the algebra that `engine.ieee` is on floats, element by element.

What it does not define is NumPy's (see `engine.algebra`). It is imported when the first array comes.
"""

from collections.abc import Iterable
from functools import reduce
from sys import modules
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, found, keep
from engine.trees import plain_array

Array = Any

absolute = np.absolute
ceil = np.ceil
div = np.divide
floor = np.floor
floor_divide = np.floor_divide
maximum = np.maximum
minimum = np.minimum
mod = np.mod
power = np.float_power  # np.power refuses an int to a negative power
rint = np.rint
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


def real(x: Any) -> Array:
    """Numbers as an array that functions apply to: of floats as they are, Values as they are, other numbers as floats.

    Raises:
        TypeError: they are no real numbers.
    """
    array = plain_array(x)
    if array.dtype.kind in "fO":
        return array
    if array.dtype.kind not in "biu":
        raise TypeError(f"functions apply to arrays of real numbers, but this one has the type {array.dtype}")
    return array.astype(float)


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
