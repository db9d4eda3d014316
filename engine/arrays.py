"""Arithmetic on NumPy arrays: the algebra that `engine.ieee` is on floats, element by element.

The one file of the engine that needs NumPy; it is imported when the first array comes.
"""

from typing import Any

import numpy as np

__all__ = ["absolute", "div", "exp", "log", "maximum", "power", "select", "sqrt", "step", "tanh"]

Array = Any

absolute = np.absolute
maximum = np.maximum
tanh = np.tanh


def div(a: Array, b: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.divide(a, b)


def exp(x: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.exp(x)


def log(x: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.log(x)


def sqrt(x: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.sqrt(x)


def power(x: Array, y: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.power(np.asarray(x, dtype=float), y)


def step(x: Array) -> Array:
    return np.heaviside(x, 0.0)


def select(condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition, a, b)
