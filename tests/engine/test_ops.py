"""Every row of the op table against mpmath and JAX, by enumeration."""

import math
from itertools import product

import jax
import numpy as np
import pytest
from oracles import ORACLES, cases, close, exact, exact_partials, rows

from engine import Value, arrays, exp, functions, ieee, leaky_relu, maximum, sigmoid, sqrt
from engine.formula import Formula
from engine.op import FLAT, NOT_YET
from engine.ops import TABLE
from engine.value import record


def bound(name, static):
    return TABLE[name](**static) if static else TABLE[name]


def eager(name, static, xs):
    """The value and gradient that a user gets."""
    leaves = [Value(x) for x in xs]
    result = record(bound(name, static), *leaves)
    result.backward()
    return result.data, [leaf.grad for leaf in leaves]


def test_every_row_has_an_oracle():
    assert ORACLES.keys() == TABLE.keys()


# All points of a row are one test: a test of its own for each of thousands costs ten times what it does.
@pytest.mark.parametrize(("name", "static", "points"), rows(extreme=True))
def test_value_and_partials_against_mpmath(name, static, points):
    for xs in points:
        value, gradient = eager(name, static, xs)
        assert close(value, exact(name, static, xs)), (xs, value, exact(name, static, xs))
        # a partial is a formula of the rounded value, so it is exact to the rounding of its own terms
        for mine, true in zip(gradient, exact_partials(name, static, xs), strict=True):
            assert close(mine, true), (xs, mine, true)


@pytest.mark.parametrize(("name", "static", "points"), rows(extreme=False))
def test_a_partial_that_is_0_whatever_the_operands_are_is_flat(name, static, points):
    for n_operands in {len(xs) for xs in points}:
        operands = [Formula(f"x{i}") for i in range(n_operands)]
        for partial in bound(name, static).partials(functions, Formula("z"), *operands):
            assert partial is FLAT or isinstance(partial, Formula) or partial != 0.0


def test_what_is_flat_stays_flat():
    assert math.inf * FLAT is FLAT * math.nan is NOT_YET + FLAT is FLAT
    assert 2.0 + FLAT == FLAT + 2.0 == 2.0


def batches():
    """(name, static, all points of as many operands) for every row and static variant, all equally long."""
    points = {}
    for name, static, xs in cases(extreme=False) + cases(extreme=True):
        points.setdefault((name, tuple(static.items()), len(xs)), []).append(xs)
    longest = max(map(len, points.values()))  # JAX compiles an operation for each length
    return [(name, dict(static), (batch * longest)[:longest]) for (name, static, _), batch in points.items()]


@pytest.mark.parametrize(("name", "static", "points"), batches())
def test_value_and_gradient_against_jax(name, static, points):
    function = lambda xs: ORACLES[name].jax(*xs, **static)  # noqa: E731
    columns = [jax.numpy.float64(column) for column in zip(*points, strict=True)]
    values, gradients = jax.vmap(jax.value_and_grad(function))(columns)
    mine, my_gradients = zip(*(eager(name, static, xs) for xs in points), strict=True)
    flushed = 1e-300  # XLA flushes numbers below the normal floats to 0, also on the way
    np.testing.assert_allclose(mine, values, rtol=1e-12, atol=flushed, err_msg=str(points))
    np.testing.assert_allclose(my_gradients, np.transpose(gradients), rtol=1e-12, atol=3e-16, err_msg=str(points))


@pytest.mark.parametrize(("name", "static", "points"), rows(extreme=True))
def test_arrays_compute_what_floats_do(name, static, points):
    op = bound(name, static)
    for xs in points:
        with np.errstate(all="ignore"):
            columns = [np.array([x, x]) for x in xs]
            value = op.value(arrays, *columns)
            partials = op.partials(arrays, value, *columns)
        expected = op.value(ieee, *xs)
        np.testing.assert_allclose(value, [expected] * 2, rtol=1e-12, err_msg=str(xs))  # SciPy's normal_cdf, not libm's
        for partial, mine in zip(partials, op.partials(ieee, expected, *xs), strict=True):
            both = np.broadcast_to(partial, 2)
            np.testing.assert_allclose(both, [mine] * 2, rtol=1e-13, atol=2e-16, err_msg=str(xs))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_nan_in_nan_out(name):
    static = ORACLES[name].static[-1]
    n = len(ORACLES[name].points[-1])
    if name == "equal":  # nan equals nothing: the answer is 0, not nan
        assert eager(name, static, (math.nan, 1.0))[0] == 0
        return
    for i in range(n):
        if (name, i) in (("select", 0), ("select", 2)):  # these operands do not reach the result
            continue
        xs = [-1.0 if name == "prelu" else 1.0] * n  # where the slope counts
        xs[i] = math.nan
        if (name, i) == ("pow", 1):
            xs[0] = 2.0  # 1**nan is 1, as IEEE 754 has it
        assert math.isnan(eager(name, static, xs)[0]), (name, xs)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_operand_makes_a_row_raise(name):
    extremes = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, -1e308, 5e-324]
    for static, x in product(ORACLES[name].static, extremes):
        n = TABLE[name].arity or 3
        value, gradient = eager(name, static, (x,) * n)
        assert isinstance(value, float)
        assert all(isinstance(g, float) for g in gradient)


def test_the_oracle_would_notice_a_wrong_row():
    for name, static, xs in cases(extreme=False):
        for true in exact_partials(name, static, xs):
            if abs(true) > 1e-6:
                assert not close(float(true) * 1.001, true)
                assert not close(-float(true), true)


# Ties and corners: where mathematics leaves a choice, these are the choices.
@pytest.mark.parametrize(
    ("name", "static", "xs", "value", "gradient"),
    [
        ("relu", {}, (0.0,), 0.0, [0.0]),
        ("absolute", {}, (0.0,), 0.0, [0.0]),
        ("step", {}, (0.0,), 0.0, [0.0]),
        ("leaky_relu", {"slope": 0.1}, (0.0,), 0.0, [0.1]),
        ("prelu", {}, (0.0, 0.1), 0.0, [0.1, 0.0]),
        ("elu", {"alpha": 0.5}, (0.0,), 0.0, [0.5]),
        ("tan", {}, (math.inf,), math.nan, [math.nan]),
        ("asin", {}, (1.0,), math.pi / 2, [math.inf]),
        ("asin", {}, (1.5,), math.nan, [math.nan]),
        ("acos", {}, (-1.0,), math.pi, [-math.inf]),
        ("atan", {}, (-math.inf,), -math.pi / 2, [0.0]),
        ("atan2", {}, (0.0, 0.0), 0.0, [math.nan, math.nan]),
        ("acosh", {}, (1.0,), 0.0, [math.inf]),
        ("atanh", {}, (1.0,), math.inf, [math.inf]),
        ("log1p", {}, (-1.0,), -math.inf, [math.inf]),
        ("log2", {}, (0.0,), -math.inf, [math.inf]),
        ("expm1", {}, (-math.inf,), -1.0, [0.0]),
        ("cbrt", {}, (0.0,), 0.0, [math.inf]),
        ("hypot", {}, (0.0, 0.0), 0.0, [math.nan, math.nan]),
        ("norm", {}, (0.0, 0.0), 0.0, [math.nan, math.nan]),
        ("norm", {}, (math.inf, 1.0), math.inf, [math.nan, 0.0]),
        ("floor", {}, (2.0,), 2.0, [0.0]),
        ("ceil", {}, (-0.5,), -0.0, [0.0]),
        ("sign", {}, (0.0,), 0.0, [0.0]),
        ("rounded", {"digits": 0}, (2.5,), 2.0, [0.0]),
        ("rounded", {"digits": 2}, (1e308,), 1e308, [0.0]),
        ("clip", {"low": -1.0, "high": 2.0}, (-1.0,), -1.0, [0.0]),
        ("clip", {"low": -1.0, "high": 2.0}, (2.0,), 2.0, [1.0]),
        ("mod", {}, (-7.0, 3.0), 2.0, [1.0, 3.0]),
        ("mod", {}, (7.0, 0.0), math.nan, [1.0, -math.inf]),
        ("floor_divide", {}, (-7.0, 3.0), -3.0, [0.0, 0.0]),
        ("floor_divide", {}, (7.0, 0.0), math.inf, [0.0, 0.0]),
        ("floor_divide", {}, (1.0, 0.1), 9.0, [0.0, 0.0]),  # as Python has it: 0.1 is a little more than a tenth
        ("logaddexp", {}, (math.inf, math.inf), math.inf, [0.5, 0.5]),
        ("logaddexp", {}, (-math.inf, 1.0), 1.0, [0.0, 1.0]),
        ("maximum", {}, (2.0, 2.0), 2.0, [0.5, 0.5]),
        ("maximum", {}, (2.0, 2.0, 1.0, 2.0), 2.0, [1 / 3, 1 / 3, 0.0, 1 / 3]),
        ("minimum", {}, (2.0, 2.0, 5.0), 2.0, [0.5, 0.5, 0.0]),
        ("select", {}, (0.0, 2.0, 3.0), 3.0, [0.0, 0.0, 1.0]),
        ("equal", {}, (2.0, 2.0), 1.0, [0.0, 0.0]),
        ("power", {"exponent": 0}, (0.0,), 1.0, [0.0]),
        ("power", {"exponent": 1}, (0.0,), 0.0, [1.0]),
        ("power", {"exponent": 2}, (0.0,), 0.0, [0.0]),
        ("power", {"exponent": 3}, (-2.0,), -8.0, [12.0]),
        ("power", {"exponent": -1}, (0.0,), math.inf, [-math.inf]),
        ("power", {"exponent": -1}, (-0.0,), -math.inf, [-math.inf]),
        ("power", {"exponent": 1 / 3}, (-8.0,), math.nan, [math.nan]),
        ("power", {"exponent": 3}, (-1e200,), -math.inf, [math.inf]),
        ("pow", {}, (0.0, 0.0), 1.0, [0.0, 0.0]),
        ("pow", {}, (0.0, 2.0), 0.0, [0.0, 0.0]),
        ("pow", {}, (-2.0, 3.0), -8.0, [12.0, math.nan]),
        ("div", {}, (1.0, 0.0), math.inf, [math.inf, -math.inf]),
        ("div", {}, (1.0, -0.0), -math.inf, [-math.inf, -math.inf]),
        ("div", {}, (0.0, 0.0), math.nan, [math.inf, math.nan]),
        ("exp", {}, (1000.0,), math.inf, [math.inf]),
        ("log", {}, (0.0,), -math.inf, [math.inf]),
        ("log", {}, (-1.0,), math.nan, [-1.0]),
        ("sqrt", {}, (0.0,), 0.0, [math.inf]),
        ("sqrt", {}, (-1.0,), math.nan, [math.nan]),
        ("sin", {}, (math.inf,), math.nan, [math.nan]),
        ("tanh", {}, (math.inf,), 1.0, [0.0]),
        ("sigmoid", {}, (-math.inf,), 0.0, [0.0]),
        ("softplus", {}, (math.inf,), math.inf, [1.0]),
        ("logsumexp", {}, (math.inf, 1.0), math.inf, [math.nan, 0.0]),
        ("logsumexp", {}, (-math.inf, -math.inf), -math.inf, [math.nan, math.nan]),
        ("logsumexp", {}, (-math.inf, 0.0), 0.0, [0.0, 1.0]),
        ("logsumexp", {}, (0.0, -40.0), 4.248354255291589e-18, [1.0, 4.248354255291589e-18]),
        ("peak", {}, (-math.inf, 3.0, 3.0), 3.0, [0.0, 0.0, 0.0]),
        ("peak", {}, (math.inf, 1.0), 1.7976931348623157e308, [0.0, 0.0]),
        ("weighted", {}, (0.0, -math.inf), 0.0, [-math.inf, 0.0]),
        ("weighted_sum", {}, (0.0, 2.0, math.inf, 3.0), 6.0, [math.inf, 3.0, 0.0, 2.0]),
        ("binary_cross_entropy", {}, (math.inf, 1.0), 0.0, [0.0, -math.inf]),
        ("binary_cross_entropy", {}, (math.inf, 0.0), math.inf, [1.0, -math.inf]),
        ("binary_cross_entropy", {}, (0.0, 1.0), 0.6931471805599453, [-0.5, 0.0]),
    ],
)
def test_ties_corners_and_infinities(name, static, xs, value, gradient):
    mine, my_gradient = eager(name, static, xs)
    np.testing.assert_equal(mine, value)
    np.testing.assert_allclose(my_gradient, gradient, rtol=1e-15)


def test_static_parameters_are_part_of_the_operation():
    power = TABLE["power"]
    assert power(exponent=2) == power(exponent=2)
    assert power(exponent=2) != power(exponent=3)
    assert len({power(exponent=2), power(exponent=2), power(exponent=3)}) == 2


def test_how_operations_are_written():
    assert TABLE["add"].write("a", "b") == "a + b"
    assert TABLE["neg"].write("a") == "-a"
    assert TABLE["tanh"].write("a") == "tanh(a)"
    assert TABLE["power"](exponent=2).write("a") == "a**2"
    assert TABLE["leaky_relu"](slope=0.01).write("a") == "leaky_relu(a, slope=0.01)"
    assert TABLE["total"].write("a", "b", "c") == "sum(a, b, c)"


X, Y = Formula("x"), Formula("y")


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (X - (Y - 1), "x - (y - 1)", r"x - \left(y - 1\right)"),
        (X - Y - 1, "x - y - 1", "x - y - 1"),
        ((X + 1) * Y, "(x + 1) * y", r"\left(x + 1\right) \cdot y"),
        (X / (Y / 2), "x / (y / 2)", r"\frac{x}{\frac{y}{2}}"),
        (X * Y / 2, "x * y / 2", r"\frac{x \cdot y}{2}"),
        (-(X + Y), "-(x + y)", r"-\left(x + y\right)"),
        (X * -Y, "x * (-y)", r"x \cdot \left(-y\right)"),
        ((X**2) ** 3, "(x**2)**3", r"\left(x^{2}\right)^{3}"),
        (X ** (Y + 1), "x ** (y + 1)", "x^{y + 1}"),
        (exp(X) ** 2, "exp(x)**2", r"\left(e^{x}\right)^{2}"),  # not e^x^2, which TeX refuses
        (sqrt(X + 1) * 2, "sqrt(x + 1) * 2", r"\sqrt{x + 1} \cdot 2"),
        (abs(X - Y), "abs(x - y)", r"\left|x - y\right|"),
        (sigmoid(X + Y), "sigmoid(x + y)", r"\sigma(x + y)"),
        (leaky_relu(X, 0.5), "leaky_relu(x, slope=0.5)", r"\operatorname{leaky relu}(x, slope=0.5)"),
        (maximum(X, Y), "max(x, y)", r"\max(x, y)"),
    ],
)
def test_how_formulas_are_written(formula, text, latex):
    assert (formula.text, formula.latex) == (text, latex)


def test_the_number_of_operands_is_that_of_the_value():
    assert {name: op.arity for name, op in TABLE.items() if op.arity != 1} == {
        **dict.fromkeys(["add", "sub", "mul", "div", "floor_divide", "mod", "pow", "atan2", "hypot", "equal"], 2),
        **dict.fromkeys(["prelu", "logaddexp", "weighted", "binary_cross_entropy"], 2),
        **dict.fromkeys(["total", "dot", "norm", "maximum", "minimum", "peak", "logsumexp", "weighted_sum"]),
        "select": 3,
    }
    assert TABLE["leaky_relu"](slope=0.1).arity == 1
