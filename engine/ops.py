"""The table of primitives: one row per operation, and nothing else knows what an operation means.

A row is written in ordinary arithmetic plus functions looked up on an *algebra* ``m``. Run on floats
it gives numbers; on Values, a new graph (hence derivatives of any order); on arrays, vectorised code.

    value     (m, *xs) -> z                    what the operation computes
    partials  (m, z, *xs) -> (dz/dx1, ...)     its local derivatives, given the result z
    symbol    "+", "tanh"                      how it is written

Static parameters, such as the exponent of a constant power, are keyword-only and are bound with
``POWER(exponent=2)``; they are part of what the operation *is*, not operands of it.

Choices where mathematics leaves one: at its corner a piecewise function takes the slope of its left
side (so relu'(0) = 0), except abs'(0) = 0; a maximum shares its slope evenly among equal operands;
x**y has the partial 0 with respect to x at y = 0, and with respect to y at x = 0 if y >= 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf, pi, sqrt
from operator import mul
from typing import Any

Static = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Op:
    """One primitive operation, with its static parameters bound."""

    name: str
    symbol: str
    value: Callable[..., Any] = field(compare=False)
    partials: Callable[..., tuple[Any, ...]] = field(compare=False)
    arity: int | None = None  # None: any number of operands
    static: Static = ()

    def __call__(self, **static: float) -> "Op":
        """The same operation with its static parameters set, e.g. ``POWER(exponent=2)``."""
        return _bind(self, tuple(sorted(static.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name, self.static)  # its functions have no names to be pickled by

    def write(self, *operands: str) -> str:
        """The operation applied to named operands, as Python writes it: ``a * b``, ``tanh(a)``."""
        if self.symbol[0].isalpha():
            settings = (f"{name}={value:g}" for name, value in self.static)
            return f"{self.symbol}({', '.join((*operands, *settings))})"
        if len(operands) == 1:
            return f"{operands[0]}{self.symbol}" if self.static else f"{self.symbol}{operands[0]}"
        return f" {self.symbol} ".join(operands)


@lru_cache(maxsize=4096)
def _bind(op: Op, static: Static) -> Op:
    values = dict(static)
    symbol = op.symbol.format(**values)
    return Op(op.name, symbol, partial(op.value, **values), partial(op.partials, **values), op.arity, static)


def _named(name: str, static: Static) -> Op:
    return TABLE[name](**dict(static)) if static else TABLE[name]


def _dot(m: Any, *xs: Any) -> Any:
    """w1*x1 + ... + wn*xn [+ b] of the operands (w1, ..., wn, x1, ..., xn[, b])."""
    n = len(xs) // 2
    return sum(map(mul, xs[:n], xs[n : 2 * n]), xs[-1] if len(xs) % 2 else 0.0)


def _dot_partials(m: Any, z: Any, *xs: Any) -> tuple[Any, ...]:
    n = len(xs) // 2
    return (*xs[n : 2 * n], *xs[:n], 1.0) if len(xs) % 2 else (*xs[n:], *xs[:n])


def _winners(m: Any, z: Any, *xs: Any) -> tuple[Any, ...]:
    """1 for the operand that equals z, shared evenly where several do."""
    wins = [m.equal(x, z) for x in xs]
    return tuple(m.div(win, m.total(wins)) for win in wins)


def _logsumexp(m: Any, *xs: Any) -> Any:
    peak = m.largest(xs)
    shift = m.select(m.equal(m.absolute(peak), inf), 0.0, peak)  # inf - inf would be nan
    return shift + m.log(m.total(m.exp(x - shift) for x in xs))


# fmt: off
ADD     = Op("add",     "+",       lambda m, a, b: a + b,         lambda m, z, a, b: (1.0, 1.0),                    2)
SUB     = Op("sub",     "-",       lambda m, a, b: a - b,         lambda m, z, a, b: (1.0, -1.0),                   2)
MUL     = Op("mul",     "*",       lambda m, a, b: a * b,         lambda m, z, a, b: (b, a),                        2)
DIV     = Op("div",     "/",       lambda m, a, b: m.div(a, b),   lambda m, z, a, b: (m.div(1.0, b), m.div(-z, b)), 2)
NEG     = Op("neg",     "-",       lambda m, a: -a,               lambda m, z, a: (-1.0,),                          1)
POWER   = Op("power",   "**{exponent}",
             lambda m, x, *, exponent: m.power(x, exponent),
             lambda m, z, x, *, exponent: (exponent * m.power(x, exponent - 1) if exponent else 0.0,),              1)
POW     = Op("pow",     "**",      lambda m, x, y: m.power(x, y),
             lambda m, z, x, y: (y * m.power(m.select(y, x, m.select(x, x, 1.0)), y - 1.0),
                                 z * m.log(m.select(x, x, 1.0))),                                                   2)

IDENTITY = Op("identity", "identity", lambda m, x: x,             lambda m, z, x: (1.0,),                           1)
EXP     = Op("exp",     "exp",     lambda m, x: m.exp(x),         lambda m, z, x: (z,),                             1)
LOG     = Op("log",     "log",     lambda m, x: m.log(x),         lambda m, z, x: (m.div(1.0, x),),                 1)
SQRT    = Op("sqrt",    "sqrt",    lambda m, x: m.sqrt(x),        lambda m, z, x: (m.div(0.5, z),),                 1)
SIN     = Op("sin",     "sin",     lambda m, x: m.sin(x),         lambda m, z, x: (m.cos(x),),                      1)
COS     = Op("cos",     "cos",     lambda m, x: m.cos(x),         lambda m, z, x: (-m.sin(x),),                     1)
TANH    = Op("tanh",    "tanh",    lambda m, x: m.tanh(x),        lambda m, z, x: (1.0 - z * z,),                   1)
SIGMOID = Op("sigmoid", "sigmoid", lambda m, x: m.sigmoid(x),     lambda m, z, x: (z * (1.0 - z),),                 1)
NORMAL_CDF = Op("normal_cdf", "normal_cdf", lambda m, x: m.normal_cdf(x),
             lambda m, z, x: (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi)),),                                           1)

RELU    = Op("relu",    "relu",    lambda m, x: m.maximum(x, 0.0), lambda m, z, x: (m.step(x),),                    1)
LEAKY_RELU = Op("leaky_relu", "leaky_relu",
             lambda m, x, *, slope: m.select(m.step(x), x, slope * x),
             lambda m, z, x, *, slope: (m.select(m.step(x), 1.0, slope),),                                          1)
PRELU   = Op("prelu",   "prelu",   lambda m, x, slope: m.select(m.step(x), x, slope * x),
             lambda m, z, x, slope: (m.select(m.step(x), 1.0, slope), m.select(m.step(x), 0.0, x)),                 2)
ELU     = Op("elu",     "elu",
             lambda m, x, *, alpha: m.select(m.step(x), x, alpha * m.expm1(m.minimum(x, 0.0))),
             lambda m, z, x, *, alpha: (m.select(m.step(x), 1.0, z + alpha),),                                      1)
SOFTPLUS = Op("softplus", "softplus", lambda m, x: m.maximum(x, 0.0) + m.log1p(m.exp(-m.absolute(x))),
             lambda m, z, x: (m.sigmoid(x),),                                                                       1)
SWISH   = Op("swish",   "swish",   lambda m, x: x * m.sigmoid(x),
             lambda m, z, x: (m.sigmoid(x) + z * (1.0 - m.sigmoid(x)),),                                            1)
GELU    = Op("gelu",    "gelu",    lambda m, x: x * m.normal_cdf(x),
             lambda m, z, x: (m.normal_cdf(x) + x * (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi))),),                   1)

STOP_GRADIENT = Op("stop_gradient", "stop_gradient", lambda m, x: x, lambda m, z, x: (0.0,),                       1)
STEP    = Op("step",    "step",    lambda m, x: m.step(x),        lambda m, z, x: (0.0,),                           1)
EQUAL   = Op("equal",   "equal",   lambda m, a, b: m.equal(a, b), lambda m, z, a, b: (0.0, 0.0),                    2)
SELECT  = Op("select",  "select",  lambda m, c, a, b: m.select(c, a, b),
             lambda m, z, c, a, b: (0.0, m.select(c, 1.0, 0.0), m.select(c, 0.0, 1.0)),                             3)
ABSOLUTE = Op("absolute", "abs",   lambda m, x: m.absolute(x),    lambda m, z, x: (m.step(x) - m.step(-x),),        1)

TOTAL   = Op("total",   "sum",     lambda m, *xs: m.total(xs),    lambda m, z, *xs: (1.0,) * len(xs))
DOT     = Op("dot",     "dot",     _dot,                          _dot_partials)
MAXIMUM = Op("maximum", "max",     lambda m, *xs: m.largest(xs),  _winners)
MINIMUM = Op("minimum", "min",     lambda m, *xs: m.smallest(xs), _winners)
LOGSUMEXP = Op("logsumexp", "logsumexp", _logsumexp,              lambda m, z, *xs: tuple(m.exp(x - z) for x in xs))
# fmt: on

TABLE: dict[str, Op] = {op.name: op for op in list(globals().values()) if isinstance(op, Op)}
