"""What an algebra lacks is found by one rule, and answers as IEEE 754 has it."""

import itertools
import math

import jax
import numpy as np
import pytest
from numba import njit

from engine import Value, algebra, arrays, functions, ieee, ops
from engine.algebra import NUMPY_NAMES, SCIPY_NAMES
from engine.compiler.backends.expression import Algebra as Writer
from engine.compiler.backends.expression import name as variable
from engine.compiler.backends.expression import namespace, text_of
from engine.compiler.backends.jax import Algebra as JaxAlgebra
from engine.compiler.backends.numba import arithmetic

BORROWED = sorted(NUMPY_NAMES | SCIPY_NAMES)
OF_TWO = {"atan2", "copysign", "hypot"}
POINTS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -2.0, 1e-20, -1e-20, 720.0, -720.0, 1e308, -1e308]
POINTS += [math.inf, -math.inf, math.nan]


def operands(name):
    return [(x, y) for x in POINTS for y in POINTS] if name in OF_TWO else [(x,) for x in POINTS]


def with_numpy(name, xs):
    """The second opinion: NumPy's ufuncs and SciPy's, of their own accord."""
    import scipy.special

    function = getattr(scipy.special, name) if name.startswith("erf") else getattr(np, NUMPY_NAMES[name])
    with np.errstate(all="ignore"):
        return function(*xs)


@pytest.mark.parametrize("name", BORROWED)
def test_borrowed_functions_answer_where_python_raises(name):
    for xs in operands(name):
        mine = getattr(ieee, name)(*xs)
        assert isinstance(mine, float)
        np.testing.assert_allclose(mine, with_numpy(name, xs), rtol=1e-13, err_msg=f"{name}{xs}")


@pytest.mark.parametrize("name", BORROWED)
def test_every_algebra_borrows_the_same_functions(name):
    columns = [np.array(column) for column in zip(*operands(name), strict=True)]
    expected = with_numpy(name, columns)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(getattr(arrays, name)(*columns), expected, rtol=1e-13)
    with jax.enable_x64(True):
        theirs = getattr(JaxAlgebra(jax), name)(*columns)
        np.testing.assert_allclose(theirs, expected, rtol=1e-12, atol=1e-300)  # XLA flushes numbers below to 0
    function = getattr(arithmetic, name)
    native = njit(error_model="numpy")(lambda *xs: function(*xs))
    np.testing.assert_allclose([native(*xs) for xs in operands(name)], expected, rtol=1e-12)


OWN = sorted(name for name in vars(JaxAlgebra(jax)) if name[0] != "_" and name != "select")
TIES = [0.1, -0.1, 0.3, 0.7, -6.0, 3.0, 1e17]  # 1.0 // 0.1 is 9, though 1.0 / 0.1 is 10
FLUSHED = 2.2250738585072014e-308  # XLA computes with no smaller numbers


@pytest.mark.parametrize("name", OWN)
def test_every_algebra_answers_as_that_on_floats(name):
    """To the sign of a zero, by which one may divide."""
    points = [*POINTS, *TIES]
    n_operands = 2 if name in {"div", "equal", "floor_divide", "maximum", "minimum", "mod", "power"} else 1
    rows = list(itertools.product(points, repeat=n_operands))
    expected = [getattr(ieee, name)(*row) for row in rows]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    function = getattr(arithmetic, name)
    native = njit(error_model="numpy")(lambda *xs: function(*xs))
    with np.errstate(all="ignore"), jax.enable_x64(True):
        found = {
            "numpy": np.asarray(getattr(arrays, name)(*columns)).tolist(),
            "jax": np.asarray(getattr(JaxAlgebra(jax), name)(*columns)).tolist(),
            "numba": [native(*row) for row in rows],
        }
    for algebra_name, results in found.items():
        for row, mine, right in zip(rows, results, expected, strict=True):
            what = f"{algebra_name}: {name}{row} is {mine}, not {right}"
            unsigned = name in {"maximum", "minimum"} and {*row} == {0.0}  # which zero of two
            if algebra_name == "jax" and (unsigned or 0 < abs(right) < FLUSHED):
                continue
            assert mine == pytest.approx(right, rel=1e-14, abs=0.0, nan_ok=True), what
            assert right != 0 or math.copysign(1, mine) == math.copysign(1, right), what


def test_a_function_that_is_a_row_is_its_formula_on_every_algebra():
    x = np.array([-2.0, 0.0, 3.0])
    expected = np.log1p(np.exp(x))
    np.testing.assert_allclose([ieee.softplus(t) for t in x.tolist()], expected, rtol=1e-15)
    np.testing.assert_allclose(arrays.softplus(x), expected, rtol=1e-15)
    text = text_of(Writer().softplus(variable("x")))
    assert text == "maximum(x, 0.0) + log1p(exp(-absolute(x)))"
    np.testing.assert_allclose(eval(text, namespace(text, arrays, {"x": x})), expected, rtol=1e-15)
    assert ieee.leaky_relu(-2.0, slope=0.5) == -1.0


def test_on_values_a_function_is_the_row():
    x = Value(0.5)
    assert functions.normal_cdf(x).op is ops.NORMAL_CDF
    assert functions.div(x, 2.0).op is ops.DIV
    assert functions.largest([x, 1.0]).op is ops.MAXIMUM


def test_a_row_that_asks_for_itself_is_sent_to_the_library():
    assert algebra.row_of("sin") is None
    assert algebra.row_of("relu") is ops.RELU
    assert algebra.row_of("no such row") is None


@pytest.mark.parametrize("where", [arrays, functions, arithmetic, JaxAlgebra(jax)])
def test_what_nobody_has_is_refused_in_words(where):
    with pytest.raises(AttributeError, match=r"no (function|operation) gizmo .*engine\.operation defines one"):
        where.gizmo  # noqa: B018


def test_a_program_that_calls_what_nobody_has_is_refused_in_words():
    with pytest.raises(AttributeError, match="no function gizmo"):
        namespace("def f(x):\n    return gizmo(x)", arrays, {})
