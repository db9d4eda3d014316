"""The table of primitives: one row per operation, and nothing else knows what an operation means.

A row is written in ordinary arithmetic plus functions looked up on an *algebra* ``m``. Run on floats
it gives numbers; on Values, a new graph (hence derivatives of any order); on arrays, vectorised code.

    value     (m, *xs) -> z                    what the operation computes
    partials  (m, z, *xs) -> (dz/dx1, ...)     its local derivatives, given the result z

What else there is to say of an operation stands in its row too, if it is not what one expects of a
function: how it is written, how tightly that binds, what it costs (see `engine.op`).

Static parameters, such as the exponent of a constant power, are keyword-only and are bound with
``POWER(exponent=2)``; they are part of what the operation *is*, not operands of it.

There are two kinds of 0 in the chain rule, the same in every mode, to any order, eager and compiled. What does not
depend on the variable takes no part: an operand that was not made from it, and one whose partial is FLAT, which is how
a row says that nothing goes through whatever the operands are. Any other 0 is a number, multiplied as IEEE 754 says:
times inf it is nan.

Choices where mathematics leaves one: at its corner a piecewise function takes the slope of its left
side (so relu'(0) = 0, and a clip has the slope 0 at its lower end, 1 at its upper one), except abs'(0) = 0;
what goes in steps (floor, sign, ...) is FLAT; a maximum shares its slope evenly among
equal operands; x**y has the partial 0 with respect to x at y = 0, and with respect to y at x = 0 if y >= 0.
"""

from math import inf, log, pi, sqrt
from operator import mul
from sys import float_info
from typing import Any

from engine.op import ATOM, FLAT, POWERS, PRODUCT, SIGN, SUM, Op, add_row

LARGEST = float_info.max

# --- formulas that take more than a line ---


def _pow_partials(m: Any, z: Any, x: Any, y: Any) -> tuple[Any, ...]:
    base = m.select(x, x, 1.0)
    return y * m.power(m.select(y, x, base), y - 1.0), z * m.log(base)


def _atan2_partials(m: Any, z: Any, y: Any, x: Any) -> tuple[Any, ...]:
    r = m.hypot(x, y)  # whose square may be beyond the floats
    return m.div(m.div(x, r), r), m.div(m.div(-y, r), r)


def _apart(m: Any, a: Any, b: Any) -> Any:
    """a - b, and 0 where they are the same infinity. Of equal numbers it is a - b, which has derivatives."""
    return m.select(m.equal(a, b) * m.equal(m.absolute(a), inf), 0.0, a - b)


def _rounded(m: Any, x: Any, *, digits: float) -> Any:
    scale = 10.0 ** abs(digits)
    y = m.rint(x * scale) if digits > 0 else m.rint(m.div(x, scale))
    return m.select(m.equal(m.absolute(y), inf), x, m.div(y, scale) if digits > 0 else y * scale)


def _norm(m: Any, *xs: Any) -> Any:
    size = m.largest(m.absolute(x) for x in xs)
    scale = m.select(m.equal(size, inf), 1.0, m.select(size, size, 1.0))  # so that no square is beyond the floats
    shares = [m.div(x, scale) for x in xs]
    return scale * m.sqrt(m.total(share * share for share in shares))


def _dot(m: Any, *xs: Any) -> Any:
    """w1*x1 + ... + wn*xn [+ b] of the operands (w1, ..., wn, x1, ..., xn[, b])."""
    n = len(xs) // 2
    return sum(map(mul, xs[:n], xs[n : 2 * n]), xs[-1] if len(xs) % 2 else 0.0)


def _dot_partials(m: Any, z: Any, *xs: Any) -> tuple[Any, ...]:
    n = len(xs) // 2
    return (*xs[n : 2 * n], *xs[:n], 1.0) if len(xs) % 2 else (*xs[n:], *xs[:n])


def _weighted_sum(m: Any, *xs: Any) -> Any:
    """The same of weights, of which those that are 0 do not count."""
    n = len(xs) // 2
    return m.total([*map(m.weighted, xs[:n], xs[n : 2 * n]), *xs[2 * n :]])


def _winners(m: Any, z: Any, *xs: Any) -> tuple[Any, ...]:
    """1 for the operand that equals z, shared evenly where several do."""
    wins = [m.equal(x, z) for x in xs]
    n_wins = m.total(wins)
    return tuple(m.div(win, n_wins) for win in wins)


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

# --- arithmetic ---

ADD     = Op("add",     lambda m, a, b: a + b,           lambda m, z, a, b: (1.0, 1.0),
             symbol="+", binds=(SUM, SUM, SUM), latex="#1 + #2")
SUB     = Op("sub",     lambda m, a, b: a - b,           lambda m, z, a, b: (1.0, -1.0),
             symbol="-", binds=(SUM, SUM, PRODUCT), latex="#1 - #2")
MUL     = Op("mul",     lambda m, a, b: a * b,           lambda m, z, a, b: (b, a),
             symbol="*", binds=(PRODUCT, PRODUCT, PRODUCT), latex=r"#1 \cdot #2")
DIV     = Op("div",     lambda m, a, b: m.div(a, b),     lambda m, z, a, b: (m.div(1.0, b), m.div(-z, b)),
             symbol="/", binds=(PRODUCT, PRODUCT, SIGN), latex=r"\frac{#1}{#2}")
FLOOR_DIVIDE = Op("floor_divide", lambda m, a, b: m.floor_divide(a, b), lambda m, z, a, b: (FLAT, FLAT),
             symbol="//", binds=(SUM, SIGN, SIGN), latex=r"\left\lfloor \frac{#1}{#2} \right\rfloor")
MOD     = Op("mod",     lambda m, a, b: m.mod(a, b),     lambda m, z, a, b: (1.0, -m.floor_divide(a, b)),
             symbol="%", binds=(SUM, SIGN, SIGN), latex=r"#1 \bmod #2")
NEG     = Op("neg",     lambda m, a: -a,                 lambda m, z, a: (-1.0,),
             symbol="-", binds=(SIGN, SIGN), latex="-#1")
POWER   = Op("power",   lambda m, x, *, exponent: m.power(x, exponent),
             lambda m, z, x, *, exponent: (exponent * m.power(x, exponent - 1) if exponent else FLAT,),
             symbol="**{exponent}", binds=(POWERS, ATOM), latex="#1^{#exponent}")
POW     = Op("pow",     lambda m, x, y: m.power(x, y),   _pow_partials,
             symbol="**", binds=(POWERS, ATOM, POWERS), latex="#1^{#2}")

# --- elementary functions ---

EXP     = Op("exp",     lambda m, x: m.exp(x),           lambda m, z, x: (z,),                    latex="e^{#1}")
LOG     = Op("log",     lambda m, x: m.log(x),           lambda m, z, x: (m.div(1.0, x),),        latex=r"\log")
SQRT    = Op("sqrt",    lambda m, x: m.sqrt(x),          lambda m, z, x: (m.div(0.5, z),),        latex=r"\sqrt{#1}")
SIN     = Op("sin",     lambda m, x: m.sin(x),           lambda m, z, x: (m.cos(x),), latex=r"\sin", slope="cos")
COS     = Op("cos",     lambda m, x: m.cos(x),           lambda m, z, x: (-m.sin(x),), latex=r"\cos", slope="-sin")
TAN     = Op("tan",     lambda m, x: m.tan(x),           lambda m, z, x: (1.0 + z * z,),          latex=r"\tan")
TANH    = Op("tanh",    lambda m, x: m.tanh(x),          lambda m, z, x: (1.0 - z * z,),          latex=r"\tanh")
SINH    = Op("sinh",    lambda m, x: m.sinh(x),          lambda m, z, x: (m.cosh(x),), latex=r"\sinh", slope="cosh")
COSH    = Op("cosh",    lambda m, x: m.cosh(x),          lambda m, z, x: (m.sinh(x),), latex=r"\cosh", slope="sinh")
ASIN    = Op("asin",    lambda m, x: m.asin(x),          lambda m, z, x: (m.div(1.0, m.sqrt((1.0 - x) * (1.0 + x))),),
             latex=r"\arcsin")
ACOS    = Op("acos",    lambda m, x: m.acos(x),          lambda m, z, x: (m.div(-1.0, m.sqrt((1.0 - x) * (1.0 + x))),),
             latex=r"\arccos")
ATAN    = Op("atan",    lambda m, x: m.atan(x),          lambda m, z, x: (m.div(1.0, 1.0 + x * x),), latex=r"\arctan")
ATAN2   = Op("atan2",   lambda m, y, x: m.atan2(y, x),   _atan2_partials)
ASINH   = Op("asinh",   lambda m, x: m.asinh(x),         lambda m, z, x: (m.div(1.0, m.hypot(1.0, x)),))
ACOSH   = Op("acosh",   lambda m, x: m.acosh(x),         lambda m, z, x: (m.div(1.0, m.sqrt(x - 1) * m.sqrt(x + 1)),))
ATANH   = Op("atanh",   lambda m, x: m.atanh(x),         lambda m, z, x: (m.div(1.0, (1.0 - x) * (1.0 + x)),))
LOG2    = Op("log2",    lambda m, x: m.log2(x),          lambda m, z, x: (m.div(1 / log(2), x),), latex=r"\log_2")
LOG10   = Op("log10",   lambda m, x: m.log10(x),         lambda m, z, x: (m.div(1 / log(10), x),), latex=r"\log_{10}")
LOG1P   = Op("log1p",   lambda m, x: m.log1p(x),         lambda m, z, x: (m.div(1.0, 1.0 + x),))
EXPM1   = Op("expm1",   lambda m, x: m.expm1(x),         lambda m, z, x: (m.exp(x),), slope="exp")
CBRT    = Op("cbrt",    lambda m, x: m.cbrt(x),          lambda m, z, x: (m.div(1 / 3, z * z),),  latex=r"\sqrt[3]{#1}")
HYPOT   = Op("hypot",   lambda m, x, y: m.hypot(x, y),   lambda m, z, x, y: (m.div(x, z), m.div(y, z)),
             latex=r"\sqrt{#1^2 + #2^2}")
ERF     = Op("erf",     lambda m, x: m.erf(x),           lambda m, z, x: (m.exp(-x * x) * (2 / sqrt(pi)),))
NORMAL_CDF = Op("normal_cdf", lambda m, x: m.normal_cdf(x),
             lambda m, z, x: (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi)),),                         latex=r"\Phi")

# --- corners and steps ---

ABSOLUTE = Op("absolute", lambda m, x: m.absolute(x),    lambda m, z, x: (m.step(x) - m.step(-x),),
             symbol="abs", latex=r"\left|#1\right|")
SIGNUM  = Op("sign",    lambda m, x: m.step(x) - m.step(-x), lambda m, z, x: (FLAT,))
STEP    = Op("step",    lambda m, x: m.step(x),          lambda m, z, x: (FLAT,))
FLOOR   = Op("floor",   lambda m, x: m.floor(x),         lambda m, z, x: (FLAT,), latex=r"\lfloor #1 \rfloor")
CEIL    = Op("ceil",    lambda m, x: m.ceil(x),          lambda m, z, x: (FLAT,), latex=r"\lceil #1 \rceil")
ROUNDED = Op("rounded", _rounded,                        lambda m, z, x, *, digits: (FLAT,), symbol="round")
CLIP    = Op("clip",    lambda m, x, *, low, high: m.minimum(m.maximum(x, low), high),
             lambda m, z, x, *, low, high: (m.equal(z, x) * (1.0 - m.equal(x, low)),))
EQUAL   = Op("equal",   lambda m, a, b: m.equal(a, b),   lambda m, z, a, b: (FLAT, FLAT))
SELECT  = Op("select",  lambda m, c, a, b: m.select(c, a, b),
             lambda m, z, c, a, b: (FLAT, m.select(c, 1.0, 0.0), m.select(c, 0.0, 1.0)))

# --- of any number of operands ---

TOTAL   = Op("total",   lambda m, *xs: m.total(xs),      lambda m, z, *xs: (1.0,) * len(xs),
             symbol="sum", cost=lambda n: n - 1, folds=True)
DOT     = Op("dot",     _dot,                            _dot_partials,                           cost=lambda n: n - 1)
NORM    = Op("norm",    _norm,                           lambda m, z, *xs: tuple(m.div(x, z) for x in xs),
             cost=lambda n: 2 * n, folds=True)
MAXIMUM = Op("maximum", lambda m, *xs: m.largest(xs),    _winners,
             symbol="max", latex=r"\max", cost=lambda n: n - 1, folds=True)
MINIMUM = Op("minimum", lambda m, *xs: m.smallest(xs),   _winners,
             symbol="min", latex=r"\min", cost=lambda n: n - 1, folds=True)

# --- activations ---

SIGMOID = Op("sigmoid", lambda m, x: m.sigmoid(x),       lambda m, z, x: (z * (1.0 - z),),        latex=r"\sigma")
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
             lambda m, z, x: (m.sigmoid(x),),                                                     slope="sigmoid")
SWISH   = Op("swish",   lambda m, x: x * m.sigmoid(x),
             lambda m, z, x: (m.sigmoid(x) + z * (1.0 - m.sigmoid(x)),))
GELU    = Op("gelu",    lambda m, x: x * m.normal_cdf(x),
             lambda m, z, x: (m.normal_cdf(x) + x * (m.exp(-0.5 * x * x) * (1 / sqrt(2 * pi))),))

# --- probabilities ---

LOGADDEXP = Op("logaddexp", lambda m, a, b: m.maximum(a, b) + m.log1p(m.exp(-m.absolute(_apart(m, a, b)))),
             lambda m, z, a, b: (m.sigmoid(_apart(m, a, b)), m.sigmoid(_apart(m, b, a))))
PEAK    = Op("peak",    _peak,                           lambda m, z, *xs: (FLAT,) * len(xs),  # a constant to subtract
             cost=lambda n: n - 1, folds=True)
LOGSUMEXP = Op("logsumexp", _logsumexp,                  _softmax,  # of operands of which the largest is 0
             cost=lambda n: 2 * n, slope="softmax", folds=True)
WEIGHTED = Op("weighted", lambda m, w, x: m.select(w, w * x, 0.0),  # 0 times inf is 0: what does not count
             lambda m, z, w, x: (x, w),
             symbol="*", binds=(PRODUCT, PRODUCT, PRODUCT), latex=r"#1 \cdot #2")
WEIGHTED_SUM = Op("weighted_sum", _weighted_sum,         _dot_partials,                           cost=lambda n: n - 1)
BINARY_CROSS_ENTROPY = Op("binary_cross_entropy", _binary_cross_entropy,
             lambda m, z, x, t: (m.sigmoid(x) - t, -x))

# --- x, but not to whoever looks at it from elsewhere ---

IDENTITY = Op("identity", lambda m, x: x,                lambda m, z, x: (1.0,),                  cost=lambda n: 0)
STOP_GRADIENT = Op("stop_gradient", lambda m, x: x,      lambda m, z, x: (FLAT,))  # a constant to derivatives
BATCH_MEAN = Op("batch_mean", lambda m, x: x,            lambda m, z, x: (1.0,),
             latex=r"\operatorname{mean}", over_examples=True)
# fmt: on

TABLE: dict[str, Op] = {op.name: op for op in list(globals().values()) if isinstance(op, Op)}

for _op in TABLE.values():
    add_row(_op)
