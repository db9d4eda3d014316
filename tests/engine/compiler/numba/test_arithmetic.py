"""The algebra in native code: right to 3 units in the last place everywhere, and vectorised."""

import itertools
import math
import re
from functools import lru_cache

import mpmath
import numba
import numpy as np
import pytest
from numba import njit

from engine import ieee
from engine.compiler.backends.numba import arithmetic

OPERANDS = {
    **dict.fromkeys(["absolute", "cos", "exp", "expm1", "log", "log1p", "normal_cdf", "sigmoid", "sin", "sqrt"], 1),
    **dict.fromkeys(["cbrt", "ceil", "floor", "rint", "step", "tanh"], 1),
    **dict.fromkeys(["div", "equal", "floor_divide", "maximum", "minimum", "mod", "power"], 2),
    "select": 3,
}
VECTORISED = ["exp", "expm1", "log", "log1p", "sigmoid", "tanh"]
PACKED = r"(fadd|fmul|fdiv|call)\b[\w ]* <\d+ x double>"

LARGEST, NORMAL, SMALLEST = 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324
SPECIAL = [0.0, SMALLEST, 1e-310, NORMAL, 1e-20, 1e-8, 0.5, 1.0, 2.5, 3.0, 22.0, 709.0, 1e17, LARGEST, math.inf]
SPECIAL = [*SPECIAL, *(-x for x in SPECIAL), math.nan]


@pytest.fixture(autouse=True, scope="module")
def optimised():
    """As users have it, also where tests are compiled sooner."""
    before, numba.config.OPT = numba.config.OPT, type(numba.config.OPT)(3)
    yield
    numba.config.OPT = before


def test_every_function_on_floats_is_tried():
    public = {n for n, function in vars(arithmetic).items() if hasattr(function, "py_func") and n[0] != "_"}
    on_arrays = {"fill", "load", "row_total", "total", "zero"}
    assert public - on_arrays <= {*OPERANDS}


@lru_cache
def loop(name):
    """A compiled loop that calls a function of the algebra for every element of its arrays."""
    arguments = ", ".join(f"x{i}" for i in range(OPERANDS[name]))
    elements = arguments.replace(",", "[j],") + "[j]"
    names = {"f": getattr(arithmetic, name)}
    exec(f"def run({arguments}, out):\n for j in range(out.size):\n  out[j] = f({elements})", names)
    return njit(error_model="numpy", fastmath={"contract"})(names["run"])


def call(name, *columns):
    columns = [np.array(column, float) for column in columns]
    out = np.empty_like(columns[0])
    loop(name)(*columns, out)
    return out


def sizes(low, high, n=1500):
    """Numbers of both signs, of every magnitude from 2**low to 2**high."""
    random = np.random.default_rng(0)
    return np.ldexp(random.uniform(1, 2, n) * random.choice([-1, 1], n), random.integers(low, high, n))


def between(low, high, n=1500):
    return np.random.default_rng(1).uniform(low, high, n)


def around(*xs):
    return np.concatenate([x + x * 2.0**-52 * np.arange(-20, 21) for x in xs])


HALF_LN2 = math.log(2) / 2 * np.arange(1, 8, 2)

EXACT = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
}
POINTS = {
    "exp": [sizes(-1074, 9), between(-746, 709.78), between(-746, -700), around(*HALF_LN2, 709.78, -708.396, -745.13)],
    "expm1": [
        sizes(-1074, 9),
        between(-2, 2),
        between(-45, 709.78),
        around(*HALF_LN2, *-HALF_LN2, 709.78, -37.4, 1e-17),
    ],
    "log": [
        abs(sizes(-1074, 1024)),
        between(0.4, 3),
        1 + sizes(-52, -2),
        around(0.5**0.5, 2**0.5, NORMAL, 1.0, 2**1023.5),
    ],
    "log1p": [
        sizes(-1074, -1),
        abs(sizes(-1, 1024)),
        between(-1, 3),
        -1 + abs(sizes(-53, -1)),
        around(2**0.5 - 1, 1e-17),
    ],
    "sigmoid": [sizes(-1074, 9), between(-745, 40), between(-6, 6), between(-746, -700)],
    "tanh": [sizes(-1074, 9), between(-1.5, 1.5), between(-25, 25), around(*HALF_LN2 / 2, 19.06, 22.0)],
}


def ulps(approximate, exact):
    """An error in units of the last place of the exact number."""
    if math.isinf(approximate):
        return 0 if abs(exact) > LARGEST else math.inf
    unit = mpmath.ldexp(1, max(mpmath.frexp(exact)[1] - 53, -1074))
    return abs(mpmath.mpf(float(approximate)) - exact) / unit


@pytest.mark.parametrize("name", EXACT)
def test_right_to_the_last_places(name):
    xs = np.concatenate(POINTS[name])
    with mpmath.workprec(140):
        errors = [ulps(y, EXACT[name](mpmath.mpf(float(x)))) for x, y in zip(xs, call(name, xs), strict=True)]
    worst = int(np.argmax(errors))
    assert errors[worst] < 2.5, xs[worst]


def test_normal_cdf_down_to_the_lower_tail():
    xs = between(-37, 8)
    with mpmath.workprec(140):
        exact = np.array([float(mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2) for x in xs.tolist()])
    # a relative change of x by epsilon changes the result by x**2 epsilon there
    assert np.all(abs(call("normal_cdf", xs) - exact) <= (2 + xs**2) * 2.0**-52 * exact)


def on_floats(name, *xs):
    try:
        return getattr(ieee, name)(*xs)
    except OverflowError:  # outside of the range where the rows call it
        return math.inf
    except ValueError:
        return -math.inf if xs[0] == -1 else math.nan


@pytest.mark.parametrize("name", OPERANDS)
def test_the_same_as_on_floats_where_it_is_special(name):
    rows = [(*row, 7.0)[: OPERANDS[name]] for row in itertools.product(SPECIAL, repeat=min(OPERANDS[name], 2))]
    for row, y in zip(rows, call(name, *zip(*rows, strict=True)), strict=True):
        expected = on_floats(name, *row)
        assert y == pytest.approx(expected, rel=1e-15, abs=SMALLEST, nan_ok=True), row
        assert math.isnan(expected) or math.copysign(1, y) == math.copysign(1, expected), row
        assert (y == 0) == (expected == 0), row


@pytest.mark.parametrize("exponent", [-1.0, 0.5, 2.0, 3.0])
def test_a_constant_power_needs_no_call(exponent):
    @njit(error_model="numpy", fastmath={"contract"})
    def run(x, out):
        for j in range(out.size):
            out[j] = arithmetic.power(x[j], exponent)

    xs = np.array([*SPECIAL, *sizes(-300, 300, 100)])
    out = np.empty_like(xs)
    run(xs, out)
    assert calls(run) == set()
    assert out == pytest.approx([ieee.power(x, exponent) for x in xs.tolist()], rel=1e-15, abs=SMALLEST, nan_ok=True)


def llvm(function):
    return "\n".join(function.inspect_llvm().values())


def calls(function):
    """The functions from floats to floats that compiled code calls: what is not an instruction of the processor."""
    called = set(re.findall(r"call [\w ]*(?:double|<\d+ x double>) @([\w.]+)", llvm(function)))
    return {name for name in called if not re.match(r"sqrt$|llvm\.(copysign|fabs|fma|fmuladd|sqrt)\b", name)}


@pytest.mark.parametrize("name", VECTORISED)
def test_a_loop_is_vectorised(name):
    call(name, [1.0])
    assert calls(loop(name)) == set()
    assert re.search(PACKED, llvm(loop(name)))


def test_the_search_for_calls_finds_them():
    call("sin", [1.0])
    assert calls(loop("sin")), llvm(loop("sin"))
