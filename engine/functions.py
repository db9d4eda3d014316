"""The elementary functions, under one name for plain numbers, Values and NumPy arrays.

Each is also a method: ``exp(x)`` and ``x.exp()`` are the same. Together they are an algebra, so the
rows of `engine.ops` run on Values too.
"""

import operator
from collections.abc import Callable, Iterable
from typing import Any

from engine import ieee, ops
from engine.ops import Op
from engine.value import Value, lift, record, to_float

__all__ = ["dot", "exp", "log", "relu", "sigmoid", "sqrt", "step", "tanh", "total"]


def apply(op: Op, *xs: Any) -> Any:
    """Apply a row of the op table to whatever the operands are: numbers, Values or arrays."""
    if any(isinstance(x, Value) for x in xs):
        return record(op, *map(lift, xs))
    if any(getattr(x, "ndim", 0) for x in xs):
        from engine import arrays

        return op.value(arrays, *xs)
    return op.value(ieee, *map(to_float, xs))


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    setattr(Value, function.__name__, function)
    return function


@_method
def exp(x: Any) -> Any:
    """e to the power x; inf beyond about 709.78.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> exp(0.0)
        1.0
    """
    return apply(ops.EXP, x)


@_method
def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, nan below 0.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> log(1.0)
        0.0
    """
    return apply(ops.LOG, x)


@_method
def sqrt(x: Any) -> Any:
    """The square root; nan below 0. Its derivative at 0 is inf.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> sqrt(9.0)
        3.0
    """
    return apply(ops.SQRT, x)


@_method
def tanh(x: Any) -> Any:
    """The hyperbolic tangent, between -1 and 1: 2 sigmoid(2x) - 1.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> tanh(0.0)
        0.0
    """
    return apply(ops.TANH, x)


@_method
def sigmoid(x: Any) -> Any:
    """The logistic function 1 / (1 + exp(-x)), between 0 and 1; exact for any x, however large.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> sigmoid(0.0)
        0.5
    """
    return apply(ops.SIGMOID, x)


@_method
def relu(x: Any) -> Any:
    """The rectifier max(0, x), whose derivative at 0 is taken to be 0.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> relu(-2.0), relu(3.0)
        (0.0, 3.0)
    """
    return apply(ops.RELU, x)


@_method
def step(x: Any) -> Any:
    """The threshold: 1 where x > 0, else 0. Its derivative is 0 everywhere, so nothing learns through it.

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

    Example:
        >>> step(-2.0), step(0.0), step(3.0)
        (0.0, 0.0, 1.0)
    """
    return apply(ops.STEP, x)


def total(xs: Iterable[Any]) -> Any:
    """The sum as one node of the graph, where ``sum(xs)`` makes one for every addition.

    Args:
        xs: numbers or Values, any count.

    Returns:
        Value, or float if no operand is a Value; 0.0 for no operands.

    Example:
        >>> total([1, 2, 3])
        6.0
    """
    return apply(ops.TOTAL, *xs) if (xs := tuple(xs)) else 0.0


def dot(w: Iterable[Any], x: Iterable[Any], b: Any = None) -> Any:
    """w1*x1 + ... + wn*xn + b as one node of the graph: what a neuron computes before its activation.

    Args:
        w: n numbers or Values.
        x: n numbers or Values.
        b: a number or Value to add; None for none.

    Returns:
        Value, or float if no operand is a Value.

    Raises:
        ValueError: `w` and `x` differ in length.

    Example:
        >>> dot([1, 2], [10, 100], 0.5)
        210.5
    """
    w, x = tuple(w), tuple(x)
    if len(w) != len(x):
        raise ValueError(f"dot needs as many weights as inputs, but was given {len(w)} weights and {len(x)} inputs")
    if not w:
        return 0.0 if b is None else b
    return apply(ops.DOT, *w, *x) if b is None else apply(ops.DOT, *w, *x, b)


# The rest of the algebra: what the rows' partials call by name when they run on Values.
div = operator.truediv


def power(x: Any, y: Any) -> Any:
    return x**y if isinstance(x, Value) else apply(ops.POW, x, y)


def select(condition: Any, a: Any, b: Any) -> Any:
    return apply(ops.SELECT, condition, a, b)
