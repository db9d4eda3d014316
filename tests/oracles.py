"""What each row of the op table should compute, written again in mpmath and in JAX, and where to try it.

The rows know nothing of this file and this file nothing of them: it is the second opinion. A row
without an entry here fails `test_every_row_has_an_oracle`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp

jax.config.update("jax_enable_x64", True)


def digits(xs: tuple[float, ...]) -> int:
    """How many to compute with: many more where 1e308 and 1e-200 meet, so that a difference quotient still has some."""
    return 200 if all(x == 0 or 1e-3 < abs(x) < 1e3 for x in xs) else 1000


@dataclass
class Oracle:
    """A second opinion on one row.

    mpmath, jax: the function, as (*xs, **static).
    points: ordinary operand tuples, away from corners.
    extreme: operand tuples with huge, tiny and unequal sizes, still away from corners.
    static: one dict of static parameters for each variant to try.
    """

    mpmath: Callable[..., Any]
    jax: Callable[..., Any]
    points: list[tuple[float, ...]]
    extreme: list[tuple[float, ...]]
    static: tuple[dict[str, float], ...] = ({},)


LINE = [(x,) for x in (-3.0, -1.25, -0.5, -0.01, 0.01, 0.3, 1.0, 2.5)]
POSITIVE = [(x,) for x in (0.01, 0.3, 1.0, 2.5, 17.0)]
FAR = [(s * x,) for x in (1e-300, 1e-20, 1e-8, 20.0, 36.0, 40.0, 300.0, 700.0, 709.0, 1e4, 1e17, 1e154, 1e308)
       for s in (1, -1)]  # fmt: skip
FAR_POSITIVE = [x for x in FAR if x[0] > 0]
SMALL = [x for x in FAR if abs(x[0]) <= 700]
INSIDE = [(x,) for x in (-0.9, -0.5, -0.01, 0.01, 0.3, 0.75)]
NEAR_ENDS = [(s * x,) for x in (1e-300, 1e-20, 1e-8, 1 - 1e-6, 1 - 1e-12) for s in (1, -1)]
BROKEN = [(x,) for x in (-2.7, -1.25, -0.5, -0.01, 0.01, 0.3, 1.6)]
FAR_BROKEN = [(s * x,) for x in (1e-300, 1e-8, 1e4 + 0.3, 1e15 + 0.375) for s in (1, -1)]
WHOLE_PARTS = [(x, y) for x in (-7.3, -0.5, 0.4, 5.9) for y in (-2.0, 0.75, 3.1)]
FAR_WHOLE_PARTS = [(1e15 + 0.5, 3.0), (-7.5, 1e200), (1e-200, -3.0), (1e10, 0.7)]
PLANE = list(product((-2.0, -0.5, 0.7, 3.0), (-1.5, 0.25, 2.0)))
FAR_PLANE = list(product((-1e200, -1e-200, 1e-200, 1e150, 1e308), (-1e100, 1e-100, 3.0, 1e200)))
LISTS = [(1.5,), (1.0, -2.0), (0.5, -1.0, 2.0), (3.0, 0.1, -0.2, 1.0, 2.5)]
FAR_LISTS = [(1e308, -1e308), (1000.0, -1000.0, 999.0), (-1e300, 1e-300, 2.0), (-745.0, -746.0), (1e5, 1.0)]


def unary(mpmath: Any, jax: Any, points: Any = LINE, extreme: Any = FAR, static: Any = ({},)) -> Oracle:
    return Oracle(mpmath, jax, points, extreme, static)


def binary(mpmath: Any, jax: Any, points: Any = PLANE, extreme: Any = FAR_PLANE) -> Oracle:
    return Oracle(mpmath, jax, points, extreme)


def nary(mpmath: Any, jax: Any, points: Any = LISTS, extreme: Any = FAR_LISTS) -> Oracle:
    return Oracle(mpmath, jax, points, extreme)


def _dot_of(xs: tuple[Any, ...]) -> Any:
    n = len(xs) // 2
    result = xs[2 * n] if len(xs) % 2 else 0
    for i in range(n):
        result = result + xs[i] * xs[n + i]
    return result


def _without_uncounted(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of a dot where what does not count is 0."""
    n = len(xs) // 2
    return (*xs[:n], *[x if w != 0 else 0 * w for w, x in zip(xs[:n], xs[n : 2 * n], strict=True)], *xs[2 * n :])


def _jax_logsumexp(xs: Any) -> Any:
    """With the digits that JAX's own loses where all but the first are small."""
    return xs[0] + jnp.log1p(jnp.sum(jnp.exp(xs[1:] - xs[0])))


def _jax_cosine(sine: Any) -> Any:
    """With the digits that the slopes of JAX's own asin and acos lose near 1, but where XLA contracts 1 - x * x."""
    return jnp.sqrt((1 - sine) * (1 + sine))


def _jax_norm(xs: Any) -> Any:
    """Where JAX's own is inf, and the gradient of its hypot wrong if both are large and equal."""
    size = jnp.max(jnp.abs(xs))
    scale = jnp.where(size > 1e150, 1e160, jnp.where(size < 1e-150, 1e-160, 1.0))
    return scale * jnp.sqrt(jnp.sum((xs / scale) ** 2))


def _mp_power(x: Any, y: Any) -> Any:
    return mp.mpf(1) if y == 0 else mp.power(x, y)


def _mp_sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def _mp_normal_cdf(x: Any) -> Any:
    return mp.ncdf(x) if abs(x) < 1e200 else mp.mpf(x > 0)  # mpmath overflows where the answer is long 0 or 1


ORACLES: dict[str, Oracle] = {
    "add": binary(lambda a, b: a + b, lambda a, b: a + b),
    "sub": binary(lambda a, b: a - b, lambda a, b: a - b),
    "mul": binary(lambda a, b: a * b, lambda a, b: a * b),
    "div": binary(lambda a, b: a / b, lambda a, b: a / b),
    "floor_divide": binary(lambda a, b: mp.floor(a / b), jnp.floor_divide, WHOLE_PARTS, FAR_WHOLE_PARTS),
    "mod": binary(lambda a, b: a - b * mp.floor(a / b), jnp.mod, WHOLE_PARTS, FAR_WHOLE_PARTS),
    "neg": unary(lambda a: -a, lambda a: -a),
    "power": unary(
        lambda x, exponent: _mp_power(x, exponent),
        lambda x, exponent: x**exponent,
        POSITIVE,
        [(1e-100,), (1e-8,), (1e100,)],
        tuple({"exponent": n} for n in (-2, -1, -0.5, 0, 0.5, 1, 1 / 3, 2, 3, 7)),
    ),
    "pow": binary(
        lambda x, y: mp.power(x, y),
        lambda x, y: x**y,
        list(product((0.3, 1.0, 2.5), (-1.5, 0.25, 1.0, 2.0))),
        list(product((1e-200, 1e-8, 1e100), (-1.25, 1e-10, 1.25))),
    ),
    "identity": unary(lambda x: x, lambda x: x),
    "batch_mean": unary(lambda x: x, lambda x: x),  # of a batch of one; of more, see test_batch.py
    "exp": unary(mp.exp, jnp.exp),
    "log": unary(mp.log, jnp.log, POSITIVE, FAR_POSITIVE),
    "sqrt": unary(mp.sqrt, jnp.sqrt, POSITIVE, FAR_POSITIVE),
    "sin": unary(mp.sin, jnp.sin),
    "cos": unary(mp.cos, jnp.cos),
    "tan": unary(mp.tan, jnp.tan),
    "tanh": unary(mp.tanh, jnp.tanh),
    "sinh": unary(mp.sinh, jnp.sinh, extreme=SMALL),
    "cosh": unary(mp.cosh, jnp.cosh, extreme=SMALL),
    "asin": unary(mp.asin, lambda x: jnp.arctan2(x, _jax_cosine(x)), INSIDE, NEAR_ENDS),
    "acos": unary(mp.acos, lambda x: jnp.arctan2(_jax_cosine(x), x), INSIDE, NEAR_ENDS),
    "atan": unary(mp.atan, jnp.arctan),
    "atan2": binary(mp.atan2, jnp.arctan2),
    "asinh": unary(mp.asinh, jnp.arcsinh),
    "acosh": unary(mp.acosh, jnp.arccosh, [(1.01,), (1.5,), (3.0,)], [(1.0 + 1e-12,), (1e8,), (1e154,), (1e308,)]),
    "atanh": unary(mp.atanh, jnp.arctanh, INSIDE, NEAR_ENDS),
    "log2": unary(lambda x: mp.log(x, 2), jnp.log2, POSITIVE, FAR_POSITIVE),
    "log10": unary(mp.log10, jnp.log10, POSITIVE, FAR_POSITIVE),
    "log1p": unary(mp.log1p, jnp.log1p, [*POSITIVE, (-0.3,), (-0.5,)], [*FAR_POSITIVE, (-1e-20,), (-1e-8,)]),
    "expm1": unary(mp.expm1, jnp.expm1),
    "cbrt": unary(lambda x: mp.sign(x) * mp.cbrt(abs(x)), jnp.cbrt),
    "hypot": binary(mp.hypot, lambda x, y: _jax_norm(jnp.stack((x, y)))),
    "erf": unary(lambda x: mp.erf(x) if abs(x) < 1e3 else mp.sign(x), jax.scipy.special.erf),
    "sigmoid": unary(_mp_sigmoid, jax.nn.sigmoid),
    "normal_cdf": unary(_mp_normal_cdf, jax.scipy.stats.norm.cdf),
    "relu": unary(lambda x: max(x, mp.mpf(0)), jax.nn.relu),
    "leaky_relu": unary(
        lambda x, slope: x if x > 0 else slope * x,
        lambda x, slope: jax.nn.leaky_relu(x, slope),
        static=({"slope": 0.01}, {"slope": 0.3}),
    ),
    "prelu": binary(lambda x, a: x if x > 0 else a * x, lambda x, a: jnp.where(x > 0, x, a * x)),
    "elu": unary(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        lambda x, alpha: jax.nn.elu(x, alpha),
        static=({"alpha": 1.0}, {"alpha": 0.5}),
    ),
    "softplus": unary(lambda x: mp.log1p(mp.exp(-abs(x))) + max(x, mp.mpf(0)), jax.nn.softplus),
    "swish": unary(lambda x: x * _mp_sigmoid(x), jax.nn.silu),
    "gelu": unary(lambda x: x * _mp_normal_cdf(x), lambda x: jax.nn.gelu(x, approximate=False)),
    "stop_gradient": unary(lambda x: mp.mpf(float(x)), jax.lax.stop_gradient),  # a float: the same a hair away
    "step": unary(lambda x: mp.mpf(x > 0), lambda x: jnp.where(x > 0, 1.0, jnp.where(x <= 0, 0.0, x))),
    "equal": binary(lambda a, b: mp.mpf(a == b), lambda a, b: jnp.where(a == b, 1.0, 0.0)),
    "select": Oracle(
        lambda c, a, b: a if c else b,
        lambda c, a, b: jnp.where(c != 0, a, b),
        [(1.0, 2.0, 3.0), (-0.5, 2.0, 3.0)],
        [(1e-300, 1e308, -1e308), (1e308, 1e-300, 2.0)],
    ),
    "absolute": unary(abs, jnp.abs),
    "sign": unary(mp.sign, jnp.sign),
    "floor": unary(mp.floor, jnp.floor, BROKEN, FAR_BROKEN),
    "ceil": unary(mp.ceil, jnp.ceil, BROKEN, FAR_BROKEN),
    "rounded": unary(
        lambda x, digits: mp.nint(x * mp.mpf(10) ** int(digits)) / mp.mpf(10) ** int(digits),
        lambda x, digits: jnp.round(x, int(digits)),
        [(-3.126,), (-0.5001,), (0.3,), (12.344,)],
        [x for x in FAR_BROKEN if abs(x[0]) < 1e15],
        ({"digits": 0.0}, {"digits": 2.0}, {"digits": -1.0}),
    ),
    "clip": unary(
        lambda x, low, high: min(max(x, mp.mpf(low)), mp.mpf(high)),
        lambda x, low, high: jnp.clip(x, low, high),
        static=({"low": -1.0, "high": 2.0}, {"low": -math.inf, "high": 0.5}, {"low": 0.2, "high": math.inf}),
    ),
    "logaddexp": binary(lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))), jnp.logaddexp),
    "norm": nary(lambda *xs: mp.sqrt(sum(x * x for x in xs)), lambda *xs: _jax_norm(jnp.stack(xs))),
    "total": nary(lambda *xs: sum(xs), lambda *xs: sum(xs)),
    "dot": nary(
        lambda *xs: _dot_of(xs),
        lambda *xs: _dot_of(xs),
        [(2.0,), (2.0, 3.0), (2.0, 3.0, -1.0), (1.0, -2.0, 0.5, 4.0), (1.0, -2.0, 0.5, 4.0, 10.0)],
        [(1e200, 1e-200, 1e100), (1e200, 1e200), (-1e154, 2.0, 1e154, 1e-300, 1.0)],
    ),
    "weighted": binary(lambda w, x: w * x, lambda w, x: jnp.where(w != 0, w * x, 0.0 * w)),
    "weighted_sum": nary(
        lambda *xs: _dot_of(_without_uncounted(xs)),
        lambda *xs: _dot_of(xs),
        [(2.0, 3.0), (2.0, 3.0, -1.0), (1.0, -2.0, 0.5, 4.0), (1.0, -2.0, 0.5, 4.0, 10.0)],
        [(1e200, 1e-200, 1e100), (1e200, 1e200), (-1e154, 2.0, 1e154, 1e-300, 1.0)],
    ),
    "binary_cross_entropy": binary(
        lambda x, t: (1 - t) * mp.log1p(mp.exp(x)) + t * mp.log1p(mp.exp(-x)),
        lambda x, t: (1 - t) * jax.nn.softplus(x) + t * jax.nn.softplus(-x),
        list(product((-3.0, -0.5, 0.3, 2.5), (0.25, 0.5, 1.0, 2.0))),
        [(x, t) for (x,) in FAR if abs(x) < 1e18 for t in (0.25, 1.0)],
    ),
    "maximum": nary(lambda *xs: max(xs), lambda *xs: jnp.max(jnp.stack(xs))),
    "minimum": nary(lambda *xs: min(xs), lambda *xs: jnp.min(jnp.stack(xs))),
    "peak": nary(  # a float: the same a hair away
        lambda *xs: mp.mpf(float(max(xs))), lambda *xs: jax.lax.stop_gradient(jnp.max(jnp.stack(xs)))
    ),
    "logsumexp": nary(
        lambda *xs: reduce(max, xs) + mp.log(sum(mp.exp(x - reduce(max, xs)) for x in xs)),
        lambda *xs: _jax_logsumexp(jnp.sort(jnp.stack(xs))[::-1]),
        [*LISTS, (0.0, -1.0, -2.5), (0.0, 0.0)],
        [(0.0, -1e308), (0.0, -1e-300, -2.0), (-745.0, 0.0), (0.0, -40.0), (0.0, 0.0, -30.0), (0.0,)],
    ),
}


def cases(*, extreme: bool) -> list[Any]:
    """(name, static, xs) for every row, static variant and point."""
    return [
        (name, static, xs)
        for name, oracle in ORACLES.items()
        for static in oracle.static
        for xs in (oracle.extreme if extreme else oracle.points)
    ]


def rows(*, extreme: bool) -> list[Any]:
    """(name, static, its points, with the extreme ones where these are asked for) for every row and static variant."""
    return [
        (name, static, [*oracle.points, *(oracle.extreme if extreme else [])])
        for name, oracle in ORACLES.items()
        for static in oracle.static
    ]


def exact(name: str, static: dict[str, float], xs: tuple[float, ...]) -> Any:
    """The row's value in mpmath, with many digits."""
    return _exact(name, tuple(static.items()), xs)


def exact_partials(name: str, static: dict[str, float], xs: tuple[float, ...]) -> list[Any]:
    """The row's partial derivatives in mpmath, by central differences with steps far below a float's last place."""
    return _exact_partials(name, tuple(static.items()), xs)


@cache
def _exact(name: str, static: tuple[tuple[str, float], ...], xs: tuple[float, ...]) -> Any:
    with mp.workdps(digits(xs)):
        return ORACLES[name].mpmath(*map(mp.mpf, xs), **dict(static))


@cache
def _exact_partials(name: str, static: tuple[tuple[str, float], ...], xs: tuple[float, ...]) -> list[Any]:
    partials = []
    with mp.workdps(digits(xs)):
        numbers = list(map(mp.mpf, xs))
        tiny = mp.mpf(10) ** -(digits(xs) * 35 // 100)
        for i, x in enumerate(numbers):
            h = (abs(x) or 1) * tiny
            above, below = numbers.copy(), numbers.copy()
            above[i], below[i] = x + h, x - h
            f = ORACLES[name].mpmath
            partials.append((f(*above, **dict(static)) - f(*below, **dict(static))) / (2 * h))
    return partials


def close(actual: float, expected: Any, relative: float = 1e-13, absolute: float = 2e-16) -> bool:
    """Whether a float is what IEEE arithmetic may make of an exact number: nearly it, or inf beyond the floats."""
    if isinstance(expected, float) and math.isnan(expected):
        return math.isnan(actual)
    if abs(expected) > 1.797693134862315e308:
        return actual == math.copysign(math.inf, expected)
    return math.isfinite(actual) and abs(actual - expected) <= relative * abs(expected) + absolute
