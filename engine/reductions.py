"""The functions of a list of numbers: sums, means, products, the largest, and what makes probabilities of them."""

from collections.abc import Iterable
from typing import Any

from engine import ops
from engine.apply import apply
from engine.arguments import shown
from engine.elementary import exp
from engine.number import Number

__all__ = [
    "dot",
    "log_softmax",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "norm",
    "product",
    "softmax",
    "total",
    "variance",
]


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
    return apply(ops.TOTAL, *xs) if (xs := _all(xs, "total")) else 0.0


def mean(xs: Iterable[Any]) -> Any:
    """The sum, divided by how many there are.

    Args:
        xs: one or more numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Raises:
        TypeError: no operands.

    Example:
        >>> mean([1, 2, 6])
        3.0
    """
    xs = _some(xs, "mean")
    return total(xs) / len(xs)


def variance(xs: Iterable[Any], ddof: int = 0) -> Any:
    """The mean of the squares of what each is away from the mean.

    Args:
        xs: one or more numbers, Values or arrays.
        ddof: by how much less than their count to divide by: 1 to estimate the variance of what they are a sample of.

    Returns:
        Value if an operand is one, else a float or an array.

    Raises:
        TypeError: no operands.
        ValueError: not more operands than `ddof`.

    Example:
        >>> variance([1.0, 2.0, 6.0]), variance([1.0, 2.0, 6.0], ddof=1)
        (4.666666666666667, 7.0)
    """
    xs = _some(xs, "variance")
    if len(xs) <= ddof:
        raise ValueError(f"variance with ddof={ddof} needs more than {ddof} operands, but was given {len(xs)}")
    middle = mean(xs)
    apart = [x - middle for x in xs]
    return dot(apart, apart) / (len(xs) - ddof)


def product(xs: Iterable[Any]) -> Any:
    """All multiplied with each other, two by two. Its derivatives are right where some are 0.

    Args:
        xs: numbers, Values or arrays, any count.

    Returns:
        Value if an operand is one, else a float or an array; 1.0 for no operands.

    Example:
        >>> product([2, 3, 4])
        24.0
    """
    factors = [apply(ops.IDENTITY, x) if not isinstance(x, Number) else x for x in _all(xs, "product")]
    while len(factors) > 1:  # a tree, which is no deeper than it has to be
        pairs = [a * b for a, b in zip(factors[::2], factors[1::2], strict=False)]
        factors = [*pairs, *factors[2 * len(pairs) :]]
    return factors[0] if factors else 1.0


def norm(xs: Iterable[Any]) -> Any:
    """The length of a vector: the root of the sum of the squares, for numbers however large.

    Its derivative by a number is that number's share in it. At the origin that is nan: there it has a corner.

    Args:
        xs: numbers, Values or arrays, any count.

    Returns:
        Value if an operand is one, else a float or an array; 0.0 for no operands.

    Example:
        >>> norm([3, 4]), norm([0.0, 1e300])
        (5.0, 1e+300)
    """
    return apply(ops.NORM, *xs) if (xs := _all(xs, "norm")) else 0.0


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
    try:
        w, x = tuple(w), tuple(x)
    except TypeError:  # and not looked at before, as neurons do little else than this
        w, x = _all(w, "dot"), _all(x, "dot")
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
    xs = _some(xs, "softmax")
    peak = apply(ops.PEAK, *xs)
    return peak, [x - peak for x in xs]


def _all(xs: Iterable[Any], name: str) -> tuple[Any, ...]:
    if isinstance(xs, (str, dict)) or not hasattr(xs, "__iter__") or getattr(xs, "ndim", 1) == 0:
        raise TypeError(f"{name} needs a list of numbers, such as {name}([1.0, 2.0]), but was given {shown(xs)}")
    return tuple(xs)


def _some(xs: Iterable[Any], name: str) -> tuple[Any, ...]:
    if not (xs := _all(xs, name)):
        raise TypeError(f"{name} needs at least one operand, but was given none")
    return xs
