"""The table of primitives: one row per operation, and nothing else knows what an operation means.

A row is written in ordinary arithmetic plus functions looked up on an *algebra* ``m``. Run on floats
it gives numbers; on Values, a new graph (hence derivatives of any order); on arrays, vectorised code.

    value     (m, *xs) -> z                    what the operation computes
    partials  (m, z, *xs) -> (dz/dx1, ...)     its local derivatives, given the result z

What else there is to say of an operation stands in its row too, if it is not what one expects of a
function: how it is written, how tightly that binds, what it costs (see `Op`).

Static parameters, such as the exponent of a constant power, are keyword-only and are bound with
``POWER(exponent=2)``; they are part of what the operation *is*, not operands of it.

There are two kinds of 0 in the chain rule, the same in every mode, to any order, eager and compiled. What does not
depend on the variable takes no part: an operand that was not made from it, and one whose partial is FLAT, which is how
a row says that nothing goes through whatever the operands are. Any other 0 is a number, multiplied as IEEE 754 says:
times inf it is nan.

Choices where mathematics leaves one: at its corner a piecewise function takes the slope of its left
side (so relu'(0) = 0), except abs'(0) = 0; a maximum shares its slope evenly among equal operands;
x**y has the partial 0 with respect to x at y = 0, and with respect to y at x = 0 if y >= 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib import import_module
from inspect import Parameter, signature
from math import pi, sqrt
from operator import mul
from sys import float_info
from typing import Any
from weakref import WeakValueDictionary

Static = tuple[tuple[str, float], ...]

# How tightly what is written binds. A sum needs parentheses within a product, a product none within a sum.
SUM, PRODUCT, SIGN, POWERS, ATOM = range(1, 6)

LARGEST = float_info.max


class _NotYet(float):
    """The gradient of a node that no backward pass has reached: counts as 0, and is known not to be one."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOT_YET"  # there is only one


NOT_YET = _NotYet(0.0)


class _Flat(_NotYet):  # of that kind, so that Python asks this one first how to add the two
    """The partial by an operand on which the result does not depend, and any derivative that it is a factor of."""

    __slots__ = ()

    def __mul__(self, other: Any) -> float:
        return self

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        return other

    def __radd__(self, other: float) -> float:
        return self if other is NOT_YET else other

    def __reduce__(self) -> str:
        return "FLAT"


FLAT = _Flat(0.0)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Op:
    """One primitive operation, with its static parameters bound. There is only one of each.

    Attributes:
        name: what it is called.
        value, partials: see above.
        symbol: how it is written: a word stands before its operands, "+" between them; "" for its name.
        latex: what stands before its operands in LaTeX, if not the symbol; or how to write it, with its operands as
            #1, #2, ... and static parameters as #slope.
        binds: how tightly what is written binds, and for each operand how tightly that has to, so as to need no
            parentheses; () for a function, which has its own.
        cost: number of operands -> how many operations on plain numbers it takes.
        folds: whether it is computed of any number of operands by a total, the largest or the smallest of them, so
            that its formulas hold for all of them side by side as one array.
        static: the static parameters that are bound.
        arity: how many operands it has; None for any number.
    """

    name: str
    value: Callable[..., Any]
    partials: Callable[..., tuple[Any, ...]]
    symbol: str = ""
    latex: str = ""
    binds: tuple[int, ...] = ()
    cost: Callable[[int], int] = lambda n: 1
    folds: bool = False
    static: Static = ()
    arity: int | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbol", self.symbol or self.name)
        object.__setattr__(self, "arity", _arity(self.value))

    def __call__(self, **static: float) -> "Op":
        """The same operation with its static parameters set, e.g. ``POWER(exponent=2)``."""
        return _bind(self, tuple(sorted(static.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return named, (self.name, self.static, home_of(self.name))  # its functions have no names to be pickled by

    def write(self, *operands: str) -> str:
        """The operation applied to named operands, as Python writes it: ``a * b``, ``tanh(a)``."""
        if self.symbol[0].isalpha():
            settings = (f"{name}={value:g}" for name, value in self.static)
            return f"{self.symbol}({', '.join((*operands, *settings))})"
        if len(operands) == 1:
            return f"{operands[0]}{self.symbol}" if self.static else f"{self.symbol}{operands[0]}"
        return f" {self.symbol} ".join(operands)


def _arity(value: Callable[..., Any]) -> int | None:
    _, *operands = [p for p in signature(value).parameters.values() if p.kind is not Parameter.KEYWORD_ONLY]
    return None if any(p.kind is Parameter.VAR_POSITIONAL for p in operands) else len(operands)


_bound: "WeakValueDictionary[tuple[Op, Static], Op]" = WeakValueDictionary()


@lru_cache(maxsize=4096)
def _bind(op: Op, static: Static) -> Op:
    if (known := _bound.get((op, static))) is not None:
        return known
    given = dict(static)
    value, partials = partial(op.value, **given), partial(op.partials, **given)
    bound = replace(op, value=value, partials=partials, symbol=op.symbol.format(**given), static=static)
    return _bound.setdefault((op, static), bound)


# --- Rows by name: those of the table below, and those that users define (see `engine.operation`) ---

_users: dict[str, tuple[Op, str]] = {}  # with the module that defines each


def define(op: Op, home: str) -> None:
    """Have an operation of a user's own found by its name."""
    _users[op.name] = op, home


def rows() -> list[Op]:
    """All there are."""
    return [*TABLE.values(), *(op for op, _ in _users.values())]


def find(name: str) -> Op | None:
    """The row of that name."""
    return TABLE.get(name) or _users.get(name, (None, ""))[0]


def home_of(name: str) -> str:
    """The module in which a user defined the operation of that name; "" for those of the table."""
    return _users.get(name, (None, ""))[1]


def named(name: str, static: Static = (), home: str = "") -> Op:
    """The operation of that name, with static parameters bound. Where it is not known, its module is imported.

    Raises:
        LookupError: nobody has defined it.
    """
    if find(name) is None and home not in ("", "__main__"):
        import_module(home)
    op = find(name)
    if op is None:
        raise LookupError(
            f"there is no operation {name} here: define it first, as it was with engine.operation in {home}"
        )
    return op(**dict(static)) if static else op


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
    n_wins = m.total(wins)
    return tuple(m.div(win, n_wins) for win in wins)


def _weighted_sum(m: Any, *xs: Any) -> Any:
    """The same of weights, of which those that are 0 do not count."""
    n = len(xs) // 2
    return m.total([*map(m.weighted, xs[:n], xs[n : 2 * n]), *xs[2 * n :]])


def _peak(m: Any, *xs: Any) -> Any:
    return m.maximum(m.minimum(m.largest(xs), LARGEST), -LARGEST)  # finite, as inf - inf would be nan


def _logsumexp(m: Any, *xs: Any) -> Any:
    """log(1 + the sum of all but one of those that are 1), which has its digits when that sum is small."""
    ones = [m.equal(x, 0.0) for x in xs]
    return m.log1p(m.total(m.exp(x) - one for x, one in zip(xs, ones)) + (m.total(ones) - 1.0))  # noqa: B905


def _softmax(m: Any, z: Any, *xs: Any) -> tuple[Any, ...]:
    share = m.exp(-z)
    return tuple(m.exp(x) * share for x in xs)


def _binary_cross_entropy(m: Any, x: Any, t: Any) -> Any:
    """(1 - t) softplus(x) + t softplus(-x), with one exponential."""
    size, missed = m.absolute(x), m.select(m.step(x), 1.0 - t, t)
    return m.select(missed, missed * size, 0.0) + m.log1p(m.exp(-size))


# fmt: off
ADD     = Op("add",     lambda m, a, b: a + b,           lambda m, z, a, b: (1.0, 1.0),
             symbol="+", binds=(SUM, SUM, SUM), latex="#1 + #2")
SUB     = Op("sub",     lambda m, a, b: a - b,           lambda m, z, a, b: (1.0, -1.0),
             symbol="-", binds=(SUM, SUM, PRODUCT), latex="#1 - #2")
MUL     = Op("mul",     lambda m, a, b: a * b,           lambda m, z, a, b: (b, a),
             symbol="*", binds=(PRODUCT, PRODUCT, PRODUCT), latex=r"#1 \cdot #2")
DIV     = Op("div",     lambda m, a, b: m.div(a, b),     lambda m, z, a, b: (m.div(1.0, b), m.div(-z, b)),
             symbol="/", binds=(PRODUCT, PRODUCT, SIGN), latex=r"\frac{#1}{#2}")
NEG     = Op("neg",     lambda m, a: -a,                 lambda m, z, a: (-1.0,),
             symbol="-", binds=(SIGN, SIGN), latex="-#1")
POWER   = Op("power",   lambda m, x, *, exponent: m.power(x, exponent),
             lambda m, z, x, *, exponent: (exponent * m.power(x, exponent - 1) if exponent else FLAT,),
             symbol="**{exponent}", binds=(POWERS, ATOM), latex="#1^{#exponent}")
POW     = Op("pow",     lambda m, x, y: m.power(x, y),
             lambda m, z, x, y: (y * m.power(m.select(y, x, m.select(x, x, 1.0)), y - 1.0),
                                 z * m.log(m.select(x, x, 1.0))),
             symbol="**", binds=(POWERS, ATOM, POWERS), latex="#1^{#2}")

EXP     = Op("exp",     lambda m, x: m.exp(x),           lambda m, z, x: (z,),                    latex="e^{#1}")
LOG     = Op("log",     lambda m, x: m.log(x),           lambda m, z, x: (m.div(1.0, x),),        latex=r"\log")
SQRT    = Op("sqrt",    lambda m, x: m.sqrt(x),          lambda m, z, x: (m.div(0.5, z),),        latex=r"\sqrt{#1}")
SIN     = Op("sin",     lambda m, x: m.sin(x),           lambda m, z, x: (m.cos(x),),             latex=r"\sin")
COS     = Op("cos",     lambda m, x: m.cos(x),           lambda m, z, x: (-m.sin(x),),            latex=r"\cos")
TANH    = Op("tanh",    lambda m, x: m.tanh(x),          lambda m, z, x: (1.0 - z * z,),          latex=r"\tanh")
SIGMOID = Op("sigmoid", lambda m, x: m.sigmoid(x),       lambda m, z, x: (z * (1.0 - z),),        latex=r"\sigma")
NORMAL_CDF = Op("normal_cdf", lambda m, x: m.normal_cdf(x),
             lambda m, z, x: (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi)),),                         latex=r"\Phi")

RELU    = Op("relu",    lambda m, x: m.maximum(x, 0.0),  lambda m, z, x: (m.step(x),))
LEAKY_RELU = Op("leaky_relu",
             lambda m, x, *, slope: m.select(m.step(x), x, slope * x),
             lambda m, z, x, *, slope: (m.select(m.step(x), 1.0, slope),))
PRELU   = Op("prelu",   lambda m, x, slope: m.select(m.step(x), x, slope * x),
             lambda m, z, x, slope: (m.select(m.step(x), 1.0, slope), m.select(m.step(x), 0.0, x)))
ELU     = Op("elu",
             lambda m, x, *, alpha: m.select(m.step(x), x, alpha * m.expm1(m.minimum(x, 0.0))),
             lambda m, z, x, *, alpha: (m.select(m.step(x), 1.0, z + alpha),))
SOFTPLUS = Op("softplus", lambda m, x: m.maximum(x, 0.0) + m.log1p(m.exp(-m.absolute(x))),
             lambda m, z, x: (m.sigmoid(x),))
SWISH   = Op("swish",   lambda m, x: x * m.sigmoid(x),
             lambda m, z, x: (m.sigmoid(x) + z * (1.0 - m.sigmoid(x)),))
GELU    = Op("gelu",    lambda m, x: x * m.normal_cdf(x),
             lambda m, z, x: (m.normal_cdf(x) + x * (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi))),))

IDENTITY = Op("identity", lambda m, x: x,                lambda m, z, x: (1.0,),                  cost=lambda n: 0)
BATCH_MEAN = Op("batch_mean", lambda m, x: x,            lambda m, z, x: (1.0,),  # what one example makes of it
             latex=r"\operatorname{mean}")
STOP_GRADIENT = Op("stop_gradient", lambda m, x: x,      lambda m, z, x: (FLAT,))
STEP    = Op("step",    lambda m, x: m.step(x),          lambda m, z, x: (FLAT,))
EQUAL   = Op("equal",   lambda m, a, b: m.equal(a, b),   lambda m, z, a, b: (FLAT, FLAT))
SELECT  = Op("select",  lambda m, c, a, b: m.select(c, a, b),
             lambda m, z, c, a, b: (FLAT, m.select(c, 1.0, 0.0), m.select(c, 0.0, 1.0)))
ABSOLUTE = Op("absolute", lambda m, x: m.absolute(x),    lambda m, z, x: (m.step(x) - m.step(-x),),
             symbol="abs", latex=r"\left|#1\right|")

TOTAL   = Op("total",   lambda m, *xs: m.total(xs),      lambda m, z, *xs: (1.0,) * len(xs),
             symbol="sum", cost=lambda n: n - 1, folds=True)
DOT     = Op("dot",     _dot,                            _dot_partials,                           cost=lambda n: n - 1)
MAXIMUM = Op("maximum", lambda m, *xs: m.largest(xs),    _winners,
             symbol="max", latex=r"\max", cost=lambda n: n - 1, folds=True)
MINIMUM = Op("minimum", lambda m, *xs: m.smallest(xs),   _winners,
             symbol="min", latex=r"\min", cost=lambda n: n - 1, folds=True)
PEAK    = Op("peak",    _peak,                           lambda m, z, *xs: (FLAT,) * len(xs),  # a constant to subtract
             symbol="peak", cost=lambda n: n - 1, folds=True)
LOGSUMEXP = Op("logsumexp", _logsumexp,                  _softmax,  # of operands of which the largest is 0
             cost=lambda n: 2 * n, folds=True)

WEIGHTED = Op("weighted", lambda m, w, x: m.select(w, w * x, 0.0),  # 0 times inf is 0: what does not count
             lambda m, z, w, x: (x, w),
             symbol="*", binds=(PRODUCT, PRODUCT, PRODUCT), latex=r"#1 \cdot #2")
WEIGHTED_SUM = Op("weighted_sum", _weighted_sum,         _dot_partials,                           cost=lambda n: n - 1)
BINARY_CROSS_ENTROPY = Op("binary_cross_entropy", _binary_cross_entropy,
             lambda m, z, x, t: (m.sigmoid(x) - t, -x))
# fmt: on

TABLE: dict[str, Op] = {op.name: op for op in list(globals().values()) if isinstance(op, Op)}
