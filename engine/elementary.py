"""The functions of one number, or of two, under one name for plain numbers, Values and NumPy arrays.

They stand in the order of the op table, which is that in which one meets them. Those of one number are methods too:
``exp(x)`` and ``x.exp()`` are the same.
"""

from typing import Any, Protocol, overload

from engine import ops
from engine.apply import apply
from engine.number import N, Number, clip_row, to_float
from engine.op import Op
from engine.value import Value, of_one

__all__ = [
    "absolute",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "elu",
    "erf",
    "exp",
    "expm1",
    "floor",
    "gelu",
    "hypot",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "mod",
    "prelu",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "step",
    "stop_gradient",
    "swish",
    "tan",
    "tanh",
    "where",
]


class Function(Protocol):
    """A function of one number: of a Value it gives a Value, of a float a float."""

    @overload
    def __call__(self, x: Number[N]) -> N: ...
    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: Any) -> Any: ...


DOCUMENTATION = """{does}

    Args:
        x: a number, a Value, or an array of numbers.

    Returns:
        The same kind as `x`.
{source}
    Example:
        >>> from engine import {name}
        >>> {name}({at})
        {gives}
    """


def _of_one(op: Op, does: str, at: float, gives: str, source: str = "") -> Function:
    """The function that applies a row of one operand, with its documentation."""
    function: Any = of_one(op, apply)
    function.__name__ = function.__qualname__ = op.name
    function.__module__ = __name__
    source = f"\n    Source:\n        {source}\n" if source else ""
    function.__doc__ = DOCUMENTATION.format(does=does, source=source, name=op.name, at=at, gives=gives)
    return function


# fmt: off
exp   = _of_one(ops.EXP,   "e to the power x; inf beyond about 709.78.", 0.0, "1.0")
log   = _of_one(ops.LOG,   "The natural logarithm; -inf at 0, nan below 0.", 1.0, "0.0")
sqrt  = _of_one(ops.SQRT,  "The square root; nan below 0. Its derivative at 0 is inf.", 9.0, "3.0")
sin   = _of_one(ops.SIN,   "The sine of x radians.", 0.0, "0.0")
cos   = _of_one(ops.COS,   "The cosine of x radians.", 0.0, "1.0")
tan   = _of_one(ops.TAN,   "The tangent of x radians.", 0.0, "0.0")
tanh  = _of_one(ops.TANH,  "The hyperbolic tangent, between -1 and 1; the same as 2 sigmoid(2x) - 1.", 0.0, "0.0")
sinh  = _of_one(ops.SINH,  "The hyperbolic sine, (exp(x) - exp(-x)) / 2; inf beyond about 710.48.", 0.0, "0.0")
cosh  = _of_one(ops.COSH,  "The hyperbolic cosine, (exp(x) + exp(-x)) / 2; inf beyond about 710.48.", 0.0, "1.0")
asin  = _of_one(ops.ASIN,  "The angle from -pi/2 to pi/2 whose sine is x; nan beyond -1 and 1, where the slope is inf.",
                0.0, "0.0")
acos  = _of_one(ops.ACOS,  "The angle from 0 to pi whose cosine is x; nan beyond -1 and 1, where the slope is -inf.",
                1.0, "0.0")
atan  = _of_one(ops.ATAN,  "The angle from -pi/2 to pi/2 whose tangent is x.", 0.0, "0.0")
asinh = _of_one(ops.ASINH, "The inverse of `sinh`.", 0.0, "0.0")
acosh = _of_one(ops.ACOSH, "The inverse of `cosh`, 0 or more; nan below 1, where its derivative is inf.", 1.0, "0.0")
atanh = _of_one(ops.ATANH, "The inverse of `tanh`; -inf at -1, inf at 1, nan beyond them.", 0.0, "0.0")
log2  = _of_one(ops.LOG2,  "The logarithm to the base 2; -inf at 0, nan below 0.", 8.0, "3.0")
log10 = _of_one(ops.LOG10, "The logarithm to the base 10; -inf at 0, nan below 0.", 1000.0, "3.0")
log1p = _of_one(ops.LOG1P, "log(1 + x), with all digits where x is small; -inf at -1, nan below.", 1e-20, "1e-20")
expm1 = _of_one(ops.EXPM1, "exp(x) - 1, with all digits where x is small.", 1e-20, "1e-20")
cbrt  = _of_one(ops.CBRT,  "The cube root, also of numbers below 0. Its derivative at 0 is inf.", 8.0, "2.0")
erf   = _of_one(ops.ERF,   "The error function: 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x.", 0.0, "0.0")

absolute = _of_one(ops.ABSOLUTE, "The absolute value, also written ``abs(x)``. Its derivative at 0 is taken to be 0.",
                   -2.0, "2.0")
sign  = _of_one(ops.SIGNUM,  "-1 below 0, 0 at 0, 1 above. Its derivative is taken to be 0 everywhere.", -2.0, "-1.0")
step  = _of_one(ops.STEP,  "The threshold: 1 where x > 0, else 0. Its derivative is taken to be 0 everywhere, so "
                           "nothing learns through it.", 3.0, "1.0")
floor = _of_one(ops.FLOOR, "The largest whole number that is not above x. Its derivative is taken to be 0 everywhere.",
                -2.5, "-3.0")
ceil  = _of_one(ops.CEIL,  "The smallest whole number that is not below x. Its derivative is taken to be 0 everywhere.",
                -2.5, "-2.0")

sigmoid = _of_one(ops.SIGMOID, "The logistic function 1 / (1 + exp(-x)), between 0 and 1, for any x however large.",
                  0.0, "0.5")
relu  = _of_one(ops.RELU,  "The rectifier max(0, x). Its derivative at 0 is taken to be 0.", -2.0, "0.0")
softplus = _of_one(ops.SOFTPLUS, "log(1 + exp(x)), a smooth relu, for any x however large.", 1000.0, "1000.0")
swish = _of_one(ops.SWISH, "x sigmoid(x), also called SiLU.", 0.0, "0.0",
                "Ramachandran, Zoph and Le, \"Searching for activation functions\" (2017).")
gelu  = _of_one(ops.GELU,  "x times the standard normal distribution function at x: the exact form, not the tanh "
                           "approximation.", 0.0, "0.0",
                "Hendrycks and Gimpel, \"Gaussian error linear units\" (2016).")
stop_gradient = _of_one(ops.STOP_GRADIENT, "x itself, but a constant to every derivative: its own is taken to be 0. "
                        "The method `detach` is the same.", 3.0, "3.0")
# fmt: on


def atan2(y: Any, x: Any) -> Any:
    """The angle from -pi to pi of the point (x, y), seen from the origin. At the origin its derivatives are nan.

    Args:
        y, x: numbers, Values or arrays; `y` comes first.

    Returns:
        Value if an operand is one, else a float or an array.

    Example:
        >>> round(atan2(1.0, -1.0), 4)
        2.3562
    """
    return apply(ops.ATAN2, y, x)


def hypot(x: Any, y: Any) -> Any:
    """sqrt(x**2 + y**2), for numbers however large; of more numbers see `norm`. At 0, 0 its derivatives are nan.

    Args:
        x, y: numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Example:
        >>> hypot(3.0, 4.0)
        5.0
    """
    return apply(ops.HYPOT, x, y)


def mod(a: Any, b: Any) -> Any:
    """What remains of a divided by b, also written ``a % b``: it has the sign of b, as in Python.

    The derivative is 1 by a and ``-(a // b)`` by b, also where a is a multiple of b and the remainder jumps.

    Args:
        a, b: numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Example:
        >>> mod(7.5, 2.0), mod(-1.0, 3.0)
        (1.5, 2.0)
    """
    return apply(ops.MOD, a, b)


def logaddexp(a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)), for numbers however large; of more numbers see `logsumexp`.

    Args:
        a, b: numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Example:
        >>> logaddexp(1000.0, -1000.0)
        1000.0
    """
    return apply(ops.LOGADDEXP, a, b)


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition is not 0, else `b`: what an ``if`` is in a function that is compiled.

    What is not chosen is computed all the same, but nothing goes backward to it. The condition has the derivative 0.

    Args:
        condition: a boolean, a number, a Value, or an array of these; `step` of a number and `sign` are useful ones.
        a, b: numbers, Values or arrays.

    Returns:
        Value if an operand is one, else a float or an array.

    Example:
        >>> where(step(2.0), 10.0, 20.0), where(False, 10.0, 20.0)
        (10.0, 20.0)
    """
    return apply(ops.SELECT, condition, a, b)


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """x, but `low` where it is below that, and `high` where it is above that.

    Between plain bounds the derivative is 1, at the upper one too; beyond them, and at the lower one, it is 0. Bounds
    that are Values are operands, with derivatives of their own: it is ``minimum(maximum(x, low), high)`` then.

    Args:
        x: a number, a Value, or an array of numbers.
        low, high: numbers, Values or arrays; None for no such bound.

    Returns:
        Value if an operand is one, else the kind of `x`.

    Raises:
        ValueError: `low` is above `high`.

    Example:
        >>> clip(7.0, 0.0, 5.0), clip(-7.0, low=0.0)
        (5.0, 0.0)
    """
    op = clip_row(low, high)
    if op is not None:
        return apply(op, x)
    above = x if low is None else apply(ops.MAXIMUM, x, low)
    return above if high is None else apply(ops.MINIMUM, above, high)


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


for _name in __all__:
    if hasattr(Number, _name):  # a Value's own method is the function: half as long a way, and all of its documentation
        setattr(Value, _name, globals()[_name])
