"""Arithmetic on single floats in native code: the algebra that `engine.ieee` is, as Numba compiles it.

Numba's own ``math.exp`` calls the C library once for each number. The exponentials and logarithms here
are arithmetic and nothing else: no calls, no tables, no branches (both sides of an ``if`` are computed
and one of them is taken). Inlined into a loop over an array, such a body is one that LLVM can run on as
many numbers at a time as fit a register of the processor.

Each function brings its argument to where a short series is right to the last bit or two:

    x = k ln 2 + r    with an integer k and |r| <= ln(2) / 2       exp(x) = 2**k * exp(r)
    x = 2**k * m      with m from sqrt(1/2) to sqrt(2)             log(x) = k ln 2 + log(m)

These reductions and the ways to lose no bit in them are those of fdlibm (Sun Microsystems: e_exp.c,
s_expm1.c, e_log.c, s_log1p.c) and of Cephes (S. Moshier). Both go on with polynomials of fitted
coefficients; the plain series need two or three terms more and no explanation.

Needs Numba.
"""

import math
from collections.abc import Callable
from functools import partial
from math import inf, nan
from sys import modules
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import config, njit, types

from engine import ieee
from engine.algebra import found
from engine.compiler.backends.numba.cache import kept, kept_for

F = TypeVar("F", bound=Callable[..., Any])


def native(function: F) -> F:
    """A function on floats, compiled as a part of every compiled function that calls it."""
    # "contract": a*b + c may be one instruction. The rest of fastmath would undo the tricks with rounding below.
    compiled: Any = njit(error_model="numpy", fastmath={"contract"}, forceinline=True)(function)
    return kept(compiled)


def kernel(function: F) -> F:
    """A function to call from Python, kept on disk once it is compiled."""
    compiled: Any = njit(error_model="numpy", fastmath={"contract"})(function)
    return kept(compiled)


LOG2_E = 1 / math.log(2)
LN2 = float.fromhex("0x1.62e42feep-1")  # ln 2 to 32 bits, so that k times it is exact,
LN2_REST = float.fromhex("0x1.a39ef35793c76p-33")  # and the 53 bits after them

# A float is (-1)**sign * 2**(exponent - 1023) * 1.fraction, in 1 + 11 + 52 bits.
FRACTION = 52
ONE = 1023 << FRACTION  # the bits of 1.0
SQRT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
INTEGERS = 1.5 * 2.0**52  # floats of this size are the integers: adding it rounds


@native
def _bits(x: float) -> Any:
    return np.float64(x).view(np.int64)


@native
def _float(bits: Any) -> Any:
    return np.int64(bits).view(np.float64)


# --- exponentials ---


@native
def _two_to(k: float) -> float:
    """2**k for an integer k from -1022 to 1023."""
    return _float(_bits(k + (INTEGERS + 1023.0)) << FRACTION)  # the sum ends in the bits of k + 1023


@native
def _reduce(x: float) -> tuple[float, float]:
    """(k, exp(r) - 1) of x = k ln 2 + r."""
    k = (x * LOG2_E + INTEGERS) - INTEGERS
    above = x - k * LN2
    rest = k * LN2_REST
    r = above - rest
    rounded_off = (above - r) - rest
    # fmt: off
    series = 1/2 + r * (1/6 + r * (1/24 + r * (1/120 + r * (1/720 + r * (1/5040 + r * (1/40320 + r * (
        1/362880 + r * (1/3628800 + r * (1/39916800 + r * (1/479001600 + r * (1/6227020800)))))))))))
    # fmt: on
    return k, r + (r * r * series + rounded_off)


@native
def exp(x: float) -> float:
    """e**x, inf beyond the largest float."""
    x = -746.0 if x < -746.0 else 710.0 if x > 710.0 else x  # nan fails every comparison and stays
    k, grown = _reduce(x)
    half = -512.0 if x < 0.0 else 512.0  # 2**k itself may be beyond the floats
    return (1.0 + grown) * _two_to(k - half) * (2.0**-512 if x < 0.0 else 2.0**512)


@native
def expm1(x: float) -> float:
    """e**x - 1, exact near 0."""
    k, grown = _reduce(-40.0 if x < -40.0 else 710.0 if x > 710.0 else x)
    half = _two_to(k - 1.0)  # 2**k itself may be inf
    return 2.0 * (half * grown + (half - 0.5)) if abs(x) > 1e-17 else x  # x: for -0.0


@native
def tanh(x: float) -> float:
    """(e**2x - 1) / (e**2x + 1)."""
    k, grown = _reduce(44.0 if abs(x) > 22.0 else 2.0 * abs(x))
    power = _two_to(k)
    above_one = power * grown + (power - 1.0)
    return math.copysign(above_one / (above_one + 2.0), x)


@native
def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without ever computing a large exponential."""
    small = exp(-abs(x))
    return (1.0 if x > 0.0 else small) / (1.0 + small)


# --- logarithms ---


@native
def _split(x: float) -> tuple[float, float]:
    """(k, m) of x = 2**k * m, for a normal x above 0."""
    bits = _bits(x) + (ONE - SQRT_HALF)  # so that the exponent changes at sqrt(1/2) and not at 1
    m = _float((bits & ((1 << FRACTION) - 1)) + SQRT_HALF)
    return float((bits >> FRACTION) - 1023), m


@native
def _log(k: float, f: float) -> float:
    """k ln 2 + log(1 + f), from log(1 + f) = f - f**2/2 + s * (f**2/2 + 2/3 s**2 + 2/5 s**4 + ...), s = f / (2 + f)."""
    s = f / (2.0 + f)
    z = s * s
    square = 0.5 * f * f
    # fmt: off
    series = 2/3 + z * (2/5 + z * (2/7 + z * (2/9 + z * (2/11 + z * (2/13 + z * (2/15 + z * (
        2/17 + z * (2/19 + z * (2/21)))))))))
    # fmt: on
    return k * LN2 - ((square - (s * (square + z * series) + k * LN2_REST)) - f)  # from the smallest to the largest


@native
def log(x: float) -> float:
    """The natural logarithm: -inf at 0, nan below."""
    subnormal = x < 2.0**-1022
    k, m = _split(x * 2.0**54 if subnormal else x)
    y = _log(k - 54.0 if subnormal else k, m - 1.0)
    return y if (x > 0.0) & (x < inf) else -inf if x == 0.0 else nan if x < 0.0 else x


@native
def log1p(x: float) -> float:
    """log(1 + x), exact near 0."""
    u = 1.0 + x
    rounded_off = x - (u - 1.0)
    k, m = _split(u)
    y = _log(k, (m - 1.0) + 0.5 * rounded_off * _two_to(1.0 - k))  # 2**-k itself may be too small
    return y if (x > -1.0) & (x < inf) & (abs(x) > 1e-17) else -inf if x == -1.0 else nan if x < -1.0 else x


# --- one instruction each, or a few ---


@native
def absolute(x: float) -> float:
    """|x|."""
    return abs(x)


@native
def div(a: float, b: float) -> float:
    """a / b, with x/0 = +-inf and 0/0 = nan."""
    return a / b


@native
def floor_divide(a: float, b: float) -> float:
    """a // b, with x // 0 = +-inf and 0 // 0 = nan."""
    return a // b  # np.floor_divide is the quotient rounded, and then rounded down, to Numba: 1 // 0.1 is 10


@native
def mod(a: float, b: float) -> float:
    """What a // b leaves: of the sign of b, nan for b = 0."""
    return a % b


@native
def floor(x: float) -> float:
    """The largest whole number that is not above x."""
    return np.floor(x)


@native
def ceil(x: float) -> float:
    """The smallest whole number that is not below x."""
    return np.ceil(x)


@native
def rint(x: float) -> float:
    """The nearest whole number, the even one of two."""
    return np.rint(x)


@native
def sqrt(x: float) -> float:
    """The square root, nan below 0."""
    return math.sqrt(x)


@native
def step(x: float) -> float:
    """1 above 0, else 0; nan stays nan."""
    return 1.0 if x > 0.0 else x if x != x else 0.0


@native
def maximum(a: float, b: float) -> float:
    """The larger of two numbers, nan if either is nan."""
    return a if (a > b) | (a != a) else b


@native
def minimum(a: float, b: float) -> float:
    """The smaller of two numbers, nan if either is nan."""
    return a if (a < b) | (a != a) else b


@native
def equal(a: float, b: float) -> float:
    """1 where a equals b, else 0."""
    return 1.0 if a == b else 0.0


@native
def select(condition: float, a: float, b: float) -> float:
    """`a` where the condition is not 0, else `b`."""
    return a if condition != 0.0 else b


# --- calls of the C library, one number at a time, as are those of math that are not defined here ---


if not TYPE_CHECKING:  # which would take any name for one that is defined

    def __getattr__(name: str) -> Any:
        return found(name, modules[__name__], partial(getattr, ieee if config.DISABLE_JIT else math))


@native
def cbrt(x: float) -> float:
    """The cube root, which Numba has none of: a power, and one step of Newton's for its last bits."""
    root = math.copysign(math.pow(abs(x), 1 / 3), x)
    return root - (root - x / (root * root)) / 3.0 if (root != 0.0) & (abs(root) < inf) else root


@native
def normal_cdf(x: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@native
def power(x: float, y: float) -> float:
    """x**y: never complex, inf on overflow and for 0 to a negative power."""
    return x * x * x if y == 3.0 else math.pow(x, y)  # LLVM itself knows how to do without a call for -1, 0.5, 1, 2


# --- arrays ---


F8, I8, V, S = types.float64, types.int64, types.float64[:, ::1], types.float64[::1]


def _on_arrays(*signature: Any, **fastmath: Any) -> Callable[[F], F]:
    """A function on arrays, compiled as a part of what calls it, and kept on disk by itself."""
    return lambda function: kept_for(njit(error_model="numpy", forceinline=True, **fastmath)(function), *signature)


@_on_arrays(S, fastmath={"contract", "reassoc", "nsz"})
def total(x: Any) -> float:
    """The sum of an array, in whatever order is quickest."""
    result = 0.0
    for number in x:
        result += number
    return result


@_on_arrays(V, I8, I8, fastmath={"contract", "reassoc", "nsz"})
def row_total(v: Any, row: int, n: int) -> float:
    """The sum of the first n numbers of a row, likewise: a slice of it would be counted, in atomic steps."""
    result = 0.0
    for j in range(n):
        result += v[row, j]
    return result


@_on_arrays(S, F8, I8, I8)
def fill(x: Any, number: float, first: int, beyond: int) -> None:
    """x[first:beyond] = number"""
    for i in range(first, beyond):
        x[i] = number


@_on_arrays(V, I8, I8)
def zero(v: Any, first: int, beyond: int) -> None:
    """v[first:beyond] = 0"""
    for i in range(first, beyond):
        fill(v[i], 0.0, 0, v.shape[1])


@_on_arrays(V, V, types.int64[::1], I8, I8)
def load(v: Any, X: Any, order: Any, first: int, n: int) -> None:
    """n examples, rows of X in that order from `first` on, into the columns of v; the last one fills what is left."""
    for j in range(v.shape[1]):
        row = order[first + min(j, n - 1)]
        for i in range(X.shape[1]):
            v[i, j] = X[row, i]
