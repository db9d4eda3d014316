"""Number: Python's operators, each one row of the op table, and comparisons, which are about the number."""

import math
import numbers
import operator
from collections.abc import Callable
from functools import lru_cache
from numbers import Real
from typing import Any, Generic, Self, TypeVar

from engine import ops
from engine.op import Op

__all__ = ["Number", "clip_row", "is_exactly", "times", "to_float"]


N = TypeVar("N")  # what operators and functions give


class Number(Generic[N]):
    """What every kind of number that rows can be applied to has in common: the operators, and functions as methods.

    A subclass sets `apply`, a static method (op, *operands) -> result that gives NotImplemented where
    an operand is none of its business.
    """

    __slots__ = ()

    apply: Callable[..., Any]

    # fmt: off
    def __add__(self, other: Any) -> N: return self.apply(ops.ADD, self, other)
    def __sub__(self, other: Any) -> N: return self.apply(ops.SUB, self, other)
    def __mul__(self, other: Any) -> N: return self.apply(ops.MUL, self, other)
    def __truediv__(self, other: Any) -> N: return self.apply(ops.DIV, self, other)
    def __rsub__(self, other: Any) -> N: return self.apply(ops.SUB, other, self)
    def __rmul__(self, other: Any) -> N: return self.apply(ops.MUL, other, self)
    def __rtruediv__(self, other: Any) -> N: return self.apply(ops.DIV, other, self)
    def __rpow__(self, other: Any) -> N: return self.apply(ops.POW, other, self)
    def __floordiv__(self, other: Any) -> N: return self.apply(ops.FLOOR_DIVIDE, self, other)
    def __rfloordiv__(self, other: Any) -> N: return self.apply(ops.FLOOR_DIVIDE, other, self)
    def __mod__(self, other: Any) -> N: return self.apply(ops.MOD, self, other)
    def __rmod__(self, other: Any) -> N: return self.apply(ops.MOD, other, self)
    def __divmod__(self, other: Any) -> tuple[N, N]: return self // other, self % other
    def __rdivmod__(self, other: Any) -> tuple[N, N]: return other // self, other % self
    def __neg__(self) -> N: return self.apply(ops.NEG, self)
    def __abs__(self) -> N: return self.apply(ops.ABSOLUTE, self)
    def __floor__(self) -> N: return self.apply(ops.FLOOR, self)
    def __ceil__(self) -> N: return self.apply(ops.CEIL, self)
    def __trunc__(self) -> N: return self.apply(ops.SELECT, self.step(), self.floor(), self.ceil())
    def __pos__(self) -> Self: return self

    def __lt__(self, other: Any) -> bool: return _compare(operator.lt, self, other)
    def __le__(self, other: Any) -> bool: return _compare(operator.le, self, other)
    def __gt__(self, other: Any) -> bool: return _compare(operator.gt, self, other)
    def __ge__(self, other: Any) -> bool: return _compare(operator.ge, self, other)
    def __eq__(self, other: Any) -> bool: return _compare(operator.eq, self, other)
    def __bool__(self) -> bool: return self._seen() != 0.0

    __hash__ = object.__hash__  # so that sets and dicts tell nodes apart, whatever their numbers

    # The functions of `engine.elementary`, which has more to say of each.
    def exp(self) -> N: return self.apply(ops.EXP, self)
    def log(self) -> N: return self.apply(ops.LOG, self)
    def sqrt(self) -> N: return self.apply(ops.SQRT, self)
    def sin(self) -> N: return self.apply(ops.SIN, self)
    def cos(self) -> N: return self.apply(ops.COS, self)
    def tan(self) -> N: return self.apply(ops.TAN, self)
    def tanh(self) -> N: return self.apply(ops.TANH, self)
    def sinh(self) -> N: return self.apply(ops.SINH, self)
    def cosh(self) -> N: return self.apply(ops.COSH, self)
    def asin(self) -> N: return self.apply(ops.ASIN, self)
    def acos(self) -> N: return self.apply(ops.ACOS, self)
    def atan(self) -> N: return self.apply(ops.ATAN, self)
    def atan2(self, x: Any) -> N: return self.apply(ops.ATAN2, self, x)
    def asinh(self) -> N: return self.apply(ops.ASINH, self)
    def acosh(self) -> N: return self.apply(ops.ACOSH, self)
    def atanh(self) -> N: return self.apply(ops.ATANH, self)
    def log2(self) -> N: return self.apply(ops.LOG2, self)
    def log10(self) -> N: return self.apply(ops.LOG10, self)
    def log1p(self) -> N: return self.apply(ops.LOG1P, self)
    def expm1(self) -> N: return self.apply(ops.EXPM1, self)
    def cbrt(self) -> N: return self.apply(ops.CBRT, self)
    def hypot(self, y: Any) -> N: return self.apply(ops.HYPOT, self, y)
    def erf(self) -> N: return self.apply(ops.ERF, self)
    def logaddexp(self, b: Any) -> N: return self.apply(ops.LOGADDEXP, self, b)
    def absolute(self) -> N: return self.apply(ops.ABSOLUTE, self)
    def sign(self) -> N: return self.apply(ops.SIGNUM, self)
    def step(self) -> N: return self.apply(ops.STEP, self)
    def floor(self) -> N: return self.apply(ops.FLOOR, self)
    def ceil(self) -> N: return self.apply(ops.CEIL, self)
    def sigmoid(self) -> N: return self.apply(ops.SIGMOID, self)
    def relu(self) -> N: return self.apply(ops.RELU, self)
    def leaky_relu(self, slope: float = 0.01) -> N: return self.apply(ops.LEAKY_RELU(slope=to_float(slope)), self)
    def prelu(self, slope: Any) -> N: return self.apply(ops.PRELU, self, slope)
    def elu(self, alpha: float = 1.0) -> N: return self.apply(ops.ELU(alpha=to_float(alpha)), self)
    def softplus(self) -> N: return self.apply(ops.SOFTPLUS, self)
    def swish(self) -> N: return self.apply(ops.SWISH, self)
    def gelu(self) -> N: return self.apply(ops.GELU, self)
    def stop_gradient(self) -> N: return self.apply(ops.STOP_GRADIENT, self)
    def detach(self) -> N: return self.apply(ops.STOP_GRADIENT, self)

    # What PyTorch calls these.
    def item(self) -> float: return float(self)  # type: ignore[arg-type]  # refused where there is no number
    def pow(self, exponent: Any) -> N: return self**exponent
    def abs(self) -> N: return self.apply(ops.ABSOLUTE, self)
    def clamp(self, min: Any = None, max: Any = None) -> N: return self.clip(min, max)

    # The methods that NumPy calls on what is in an array, where it calls them otherwise.
    def arcsin(self) -> N: return self.apply(ops.ASIN, self)
    def arccos(self) -> N: return self.apply(ops.ACOS, self)
    def arctan(self) -> N: return self.apply(ops.ATAN, self)
    def arctan2(self, x: Any) -> N: return self.apply(ops.ATAN2, self, x)
    def arcsinh(self) -> N: return self.apply(ops.ASINH, self)
    def arccosh(self) -> N: return self.apply(ops.ACOSH, self)
    def arctanh(self) -> N: return self.apply(ops.ATANH, self)
    def fabs(self) -> N: return self.apply(ops.ABSOLUTE, self)
    def rint(self) -> N: return self.apply(ops.ROUNDED(digits=0.0), self)
    def conjugate(self) -> Self: return self
    # fmt: on

    def _seen(self) -> float:
        """The number that comparisons and truth go by, which stays in the graph; an error where there is none."""
        return float(self)  # type: ignore[arg-type]  # those that have no number say so there

    def __int__(self) -> int:
        return int(float(self))  # type: ignore[arg-type]  # those that have no number say so there

    def __radd__(self, other: Any) -> N:
        if type(other) is int and other == 0:  # where sum() starts: no operand of anybody's
            return self  # type: ignore[return-value]
        return self.apply(ops.ADD, other, self)

    def __round__(self, digits: int | None = None) -> N:
        return self.apply(ops.ROUNDED(digits=to_float(digits or 0)), self)

    def clip(self, low: Any = None, high: Any = None) -> N:
        op = clip_row(low, high)
        if op is not None:
            return self.apply(op, self)
        above: Any = self if low is None else self.apply(ops.MAXIMUM, self, low)
        return above if high is None else above.apply(ops.MINIMUM, above, high)

    def __pow__(self, other: Any) -> N:
        if isinstance(other, (int, float, Real)):  # a constant exponent needs no log x, so x may be 0 or negative
            return self.apply(_power(other), self)  # type: ignore[arg-type]
        return self.apply(ops.POW, self, other)


def _compare(compare: Callable[[Any, Any], bool], a: Number[Any], b: Any) -> bool:
    if isinstance(b, Number):
        return compare(a._seen(), b._seen())
    if isinstance(b, (float, int, numbers.Number)):
        return bool(compare(a._seen(), b))
    return NotImplemented


def clip_row(low: Any, high: Any) -> Op | None:
    """The row that clips between plain bounds, None for no such bound; None where a bound is no plain number.

    Raises:
        ValueError: `low` is above `high`.
    """
    bounds = [-math.inf if low is None else low, math.inf if high is None else high]
    if any(isinstance(bound, Number) or getattr(bound, "ndim", 0) for bound in bounds):
        return None
    least, most = map(to_float, bounds)
    if least > most:
        raise ValueError(f"clip needs low <= high, but was given low={low!r} and high={high!r}")
    return ops.CLIP(low=least, high=most)


@lru_cache(maxsize=1024)
def _power(exponent: Any) -> Op:
    number = to_float(exponent)
    return ops.POWER(exponent=int(number) if number.is_integer() else number)


def to_float(x: Any) -> float:
    """A real number of any kind (int, float, Fraction, NumPy scalar) as a float; TypeError for anything else."""
    if type(x) is float:
        return x
    if type(x) is not int:
        _check_real(x)
    try:
        return float(x)
    except OverflowError:  # an int beyond the floats
        return math.inf if x > 0 else -math.inf


def _check_real(x: Any) -> None:
    scalar_array = getattr(x, "shape", None) == () and getattr(x.dtype, "kind", "?") in "biuf"
    if isinstance(x, Real) or scalar_array:
        return
    hint = "give an int or a float"
    if isinstance(x, Number):
        hint = "it is a number of a kind of its own already"
        hint += "; its float is .data" if hasattr(type(x), "data") else ""
    elif isinstance(x, (list, tuple)):
        hint = "for the numbers in a list, call it with *list"
    raise TypeError(f"a Value holds one real number, but was given {x!r} ({type(x).__name__}): {hint}")


def times(a: Any, b: Any) -> Any:
    """a * b, without a multiplication where a factor is a plain 1."""
    return b if is_exactly(1.0, a) else a if is_exactly(1.0, b) else a * b


def is_exactly(constant: float, x: Any) -> bool:
    """Whether x is that plain number, and not a number of another kind that merely has this value now."""
    return type(x) is float and x == constant
