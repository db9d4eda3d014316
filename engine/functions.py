"""The elementary functions, under one name for plain numbers, Values and NumPy arrays.

Those of one number are methods too: ``exp(x)`` and ``x.exp()`` are the same. Together they are an algebra, so the
rows of `engine.ops` run on Values too.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, overload

from engine import ieee, ops
from engine.algebra import keep
from engine.number import N, Number, to_float
from engine.ops import Op
from engine.value import Value, of_one

__all__ = [
    "absolute",
    "cos",
    "dot",
    "elu",
    "exp",
    "gelu",
    "leaky_relu",
    "log",
    "log_softmax",
    "logsumexp",
    "maximum",
    "minimum",
    "prelu",
    "relu",
    "sigmoid",
    "sin",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "stop_gradient",
    "swish",
    "tanh",
    "total",
]


def apply(op: Op, *xs: Any) -> Any:
    """Apply a row of the op table to whatever the operands are: plain numbers, Values, Duals, arrays."""
    for x in xs:
        if isinstance(x, Number):
            result = x.apply(op, *xs)
            if result is not NotImplemented:
                return result
        elif getattr(x, "ndim", 0):
            return _apply_to_arrays(op, *xs)
    return op.value(ieee, *[x if isinstance(x, Number) else to_float(x) for x in xs])


def _apply_to_arrays(op: Op, *xs: Any) -> Any:
    import numpy as np

    from engine import arrays

    if any(np.asarray(x).dtype == object for x in xs):  # Values in an array, one by one
        return np.frompyfunc(lambda *elements: apply(op, *elements), len(xs), 1)(*xs)
    with np.errstate(all="ignore"):  # inf and nan are answers here, not accidents
        return op.value(arrays, *xs)


class Function(Protocol):
    """A function of one number: of a Value it gives a Value, of a float a float."""

    @overload
    def __call__(self, x: Number[N]) -> N: ...
    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: Any) -> Any: ...


OF_ONE_NUMBER = """
    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.

"""


def _row(op: Op) -> Callable[[Callable[[Any], Any]], Function]:
    """Turn a signature and its documentation into the function that applies a row."""

    def define(signature: Callable[[Any], Any]) -> Function:
        function: Any = wraps(signature)(of_one(op, apply))
        does, section, rest = re.split("\n(    (?:Source|Example):)", signature.__doc__ or "\n    Example:", maxsplit=1)
        function.__doc__ = f"{does}{OF_ONE_NUMBER}{section}{rest}"
        return function

    return define


@_row(ops.EXP)
def exp(x: Any) -> Any:
    """e to the power x; inf beyond about 709.78.

    Example:
        >>> exp(0.0)
        1.0
    """


@_row(ops.LOG)
def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, nan below 0.

    Example:
        >>> log(1.0)
        0.0
    """


@_row(ops.SQRT)
def sqrt(x: Any) -> Any:
    """The square root; nan below 0. Its derivative at 0 is inf.

    Example:
        >>> sqrt(9.0)
        3.0
    """


@_row(ops.SIN)
def sin(x: Any) -> Any:
    """The sine of x radians.

    Example:
        >>> sin(0.0)
        0.0
    """


@_row(ops.COS)
def cos(x: Any) -> Any:
    """The cosine of x radians.

    Example:
        >>> cos(0.0)
        1.0
    """


@_row(ops.TANH)
def tanh(x: Any) -> Any:
    """The hyperbolic tangent, between -1 and 1; the same as 2 sigmoid(2x) - 1.

    Example:
        >>> tanh(0.0)
        0.0
    """


@_row(ops.SIGMOID)
def sigmoid(x: Any) -> Any:
    """The logistic function 1 / (1 + exp(-x)), between 0 and 1, for any x however large.

    Example:
        >>> sigmoid(0.0)
        0.5
    """


@_row(ops.RELU)
def relu(x: Any) -> Any:
    """The rectifier max(0, x). Its derivative at 0 is taken to be 0.

    Example:
        >>> relu(-2.0), relu(3.0)
        (0.0, 3.0)
    """


@_row(ops.SOFTPLUS)
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu, for any x however large.

    Example:
        >>> softplus(1000.0)
        1000.0
    """


@_row(ops.SWISH)
def swish(x: Any) -> Any:
    """x sigmoid(x), also called SiLU.

    Source:
        Ramachandran, Zoph and Le, "Searching for activation functions" (2017).

    Example:
        >>> swish(0.0)
        0.0
    """


@_row(ops.GELU)
def gelu(x: Any) -> Any:
    """x times the standard normal distribution function at x: the exact form, not the tanh approximation.

    Source:
        Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    Example:
        >>> gelu(0.0)
        0.0
    """


@_row(ops.STEP)
def step(x: Any) -> Any:
    """The threshold: 1 where x > 0, else 0. Its derivative is 0 everywhere, so nothing learns through it.

    Example:
        >>> step(-2.0), step(0.0), step(3.0)
        (0.0, 0.0, 1.0)
    """


@_row(ops.STOP_GRADIENT)
def stop_gradient(x: Any) -> Any:
    """x itself, but a constant to every derivative: its own is taken to be 0.

    Example:
        >>> from engine import grad
        >>> grad(lambda x: x * stop_gradient(x))(3.0)
        3.0
    """


@_row(ops.ABSOLUTE)
def absolute(x: Any) -> Any:
    """The absolute value, also written ``abs(x)``. Its derivative at 0 is taken to be 0.

    Example:
        >>> absolute(-2.0)
        2.0
    """


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where x > 0, else slope * x: a relu that still learns below 0. Its derivative at 0 is the slope.

    Args:
        x: a number, a Value, or an array of numbers.
        slope: a plain number, fixed; for a slope that is learnt, see `prelu`.

    Returns:
        The same kind as `x`.

    Example:
        >>> leaky_relu(-2.0, slope=0.1)
        -0.2
    """
    return apply(ops.LEAKY_RELU(slope=to_float(slope)), x)


def prelu(x: Any, slope: Any) -> Any:
    """x where x > 0, else slope * x, with a slope that is an operand and so can be learnt.

    Args:
        x: a number, a Value, or an array of numbers.
        slope: a number, a Value, or an array of numbers.

    Returns:
        Value if an operand is one, else the kind of `x`.

    Source:
        He et al., "Delving deep into rectifiers" (2015).

    Example:
        >>> prelu(-2.0, 0.25)
        -0.5
    """
    return apply(ops.PRELU, x, slope)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha * (exp(x) - 1): falls smoothly to -alpha. Its derivative at 0 is alpha.

    Args:
        x: a number, a Value, or an array of numbers.
        alpha: a plain number, fixed.

    Returns:
        The same kind as `x`.

    Source:
        Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by ELUs" (2015).

    Example:
        >>> elu(3.0), elu(-1000.0)
        (3.0, -1.0)
    """
    return apply(ops.ELU(alpha=to_float(alpha)), x)


def maximum(*xs: Any) -> Any:
    """The largest operand. Equal ones share the derivative evenly.

    Args:
        *xs: one or more numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Raises:
        TypeError: no operands.

    Example:
        >>> maximum(1, 3, 2)
        3.0
    """
    return apply(ops.MAXIMUM, *_some(xs, "maximum"))


def minimum(*xs: Any) -> Any:
    """The smallest operand. Equal ones share the derivative evenly.

    Args:
        *xs: one or more numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Raises:
        TypeError: no operands.

    Example:
        >>> minimum(1, 3, 2)
        1.0
    """
    return apply(ops.MINIMUM, *_some(xs, "minimum"))


def total(xs: Iterable[Any]) -> Any:
    """The sum as one node of the graph, where ``sum(xs)`` makes one for every addition.

    Args:
        xs: numbers, Values or arrays, any count.

    Returns:
        Value if an operand is one, else a float or an array; 0.0 for no operands.

    Example:
        >>> total([1, 2, 3])
        6.0
    """
    return apply(ops.TOTAL, *xs) if (xs := tuple(xs)) else 0.0


def dot(w: Iterable[Any], x: Iterable[Any], b: Any = None) -> Any:
    """w1*x1 + ... + wn*xn + b as one node of the graph: what a neuron computes before its activation.

    Args:
        w: n numbers, Values or arrays.
        x: n numbers, Values or arrays.
        b: one more to add; None for none.

    Returns:
        Value if an operand is one, else a float or an array.

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
    xs = (*w, *x) if b is None else (*w, *x, b)
    if isinstance(w[0], Number):  # what `apply` would find too, but neurons do little else
        result = w[0].apply(ops.DOT, *xs)
        if result is not NotImplemented:
            return result
    return apply(ops.DOT, *xs)


def logsumexp(xs: Iterable[Any]) -> Any:
    """log(exp(x1) + ... + exp(xn)), for any numbers however large.

    Args:
        xs: one or more numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Raises:
        TypeError: no operands.

    Example:
        >>> logsumexp([1000.0, -1000.0])
        1000.0
    """
    peak, shifted = shifted_logits(xs)
    return peak + apply(ops.LOGSUMEXP, *shifted)


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """The logarithm of `softmax`, without computing a probability that could round to 0.

    Args:
        xs: the logits: one or more numbers, Values or arrays, of any size. One that is -inf has no probability at all.

    Returns:
        list, as long as `xs`.

    Raises:
        TypeError: no operands.

    Example:
        >>> log_softmax([0.0, 1000.0])
        [-1000.0, 0.0]
    """
    _, shifted = shifted_logits(xs)
    normalizer = apply(ops.LOGSUMEXP, *shifted)
    return [x - normalizer for x in shifted]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """exp(xi) / (exp(x1) + ... + exp(xn)): turns logits into probabilities.

    Args:
        xs: the logits: one or more numbers, Values or arrays, of any size. One that is -inf has no probability at all.

    Returns:
        list, as long as `xs`, adding up to 1.

    Raises:
        TypeError: no operands.

    Example:
        >>> softmax([0.0, 0.0]), softmax([1e16, 1e16])
        ([0.5, 0.5], [0.5, 0.5])
    """
    return [exp(x) for x in log_softmax(xs)]


def shifted_logits(xs: Iterable[Any]) -> tuple[Any, list[Any]]:
    """The largest of some logits, a constant to every derivative, and how much larger than it each of them is.

    Softmax is the same of both, as are its derivatives, but of these it keeps its digits: log(exp(1e16) + exp(1e16))
    is 1e16 + log 2, which as a float is 1e16.

    Raises:
        TypeError: no operands.
    """
    xs = _some(tuple(xs), "softmax")
    peak = apply(ops.PEAK, *xs)
    return peak, [x - peak for x in xs]


def _some(xs: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if not xs:
        raise TypeError(f"{name} needs at least one operand, but was given none")
    return xs


for _name in __all__:
    if hasattr(Number, _name):  # a Value's own method is the function: half as long a way, and all of its documentation
        setattr(Value, _name, globals()[_name])

# What remains of the algebra: the names that rows call on operands which may be Values. Any row of the table is one.


def power(x: Any, y: Any) -> Any:
    return x**y if isinstance(x, Number) else apply(ops.POW, x, y)


def equal(a: Any, b: Any) -> Any:
    return apply(ops.EQUAL, a, b)


def largest(xs: Iterable[Any]) -> Any:
    return maximum(*xs)


def smallest(xs: Iterable[Any]) -> Any:
    return minimum(*xs)


if not TYPE_CHECKING:  # which would take any name for one that is defined

    def __getattr__(name: str) -> Any:
        op = ops.find(name)
        if op is None:
            raise AttributeError(f"there is no operation {name} that applies to Values; engine.operation defines one")

        def function(*xs: Any, **static: float) -> Any:
            return apply(op(**static) if static else op, *xs)

        return keep(name, function, globals())
