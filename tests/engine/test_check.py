"""The checker finds wrong derivatives, and says which; right ones pass."""

from dataclasses import replace

import pytest

from engine import check_gradients, dot, exp, log, numerical_gradient, relu, sin, tanh
from engine.apply import apply
from engine.ops import TABLE
from nn import MLP, hinge


def f(x, y):
    return sin(x[0]) * x[1] + tanh(y) * exp(x[0])


def test_right_derivatives_pass_with_room_to_spare():
    report = check_gradients(f, [0.3, -2.0], 0.7)
    assert report.ok
    assert [check.name for check in report.checks] == ["x0[0]", "x0[1]", "x1"]
    assert report.worst.relative_error < 1e-8
    lines = str(report).splitlines()
    assert lines[0].split() == ["analytic", "numeric", "relative", "error", "step"]
    assert len(lines) == 4


def test_a_single_argument_is_x():
    assert [check.name for check in check_gradients(lambda x: x[0] ** 3, [2.0]).checks] == ["x[0]"]


def wrong(name, partials):
    return lambda *xs: apply(replace(TABLE[name], partials=partials), *xs)


@pytest.mark.parametrize(
    ("lie", "culprit"),
    [
        (lambda x: wrong("sin", lambda m, z, x: (1.01 * m.cos(x),))(x[0]) + x[1], r"x\[0\]"),
        (lambda x: x[0] + wrong("sin", lambda m, z, x: (-m.cos(x),))(x[1]), r"x\[1\]"),
        (lambda x: wrong("mul", lambda m, z, a, b: (a, b))(x[0], x[1]), r"x\[[01]\]"),
        (lambda x: wrong("mul", lambda m, z, a, b: (b, 0.0))(x[0], x[1]), r"x\[1\]"),
        (lambda x: wrong("exp", lambda m, z, x: (z + 1e-4,))(x[0]) + x[1], r"x\[0\]"),
        (lambda x: wrong("exp", lambda m, z, x: (float("nan"),))(x[0]) + x[1], r"x\[0\]"),
        (lambda x: wrong("exp", lambda m, z, x: (float("inf"),))(x[0]) + x[1], r"x\[0\]"),
    ],
)
def test_wrong_derivatives_are_found_and_the_worst_is_named(lie, culprit):
    with pytest.raises(AssertionError, match=rf"with respect to {culprit} is .* by rule, but .* by finite differences"):
        check_gradients(lie, [0.4, 1.3])


def test_the_report_of_a_failure_shows_all():
    with pytest.raises(AssertionError) as error:
        check_gradients(lambda x: wrong("exp", lambda m, z, x: (2 * z,))(x[0]) + x[1], [0.4, 1.3])
    assert "x[0]" in str(error.value)
    assert "x[1]" in str(error.value)


def test_a_corner_is_not_a_derivative():
    with pytest.raises(AssertionError, match=r"x is 0 by rule, but 0\.5"):
        check_gradients(relu, 0.0)


def test_a_network_passes():
    model = MLP(2, [3, 1], activation="tanh", seed=1)

    def cost(weights, x):
        w = iter(weights)
        hidden = [tanh(dot([next(w), next(w)], x, next(w))) for _ in range(3)]
        return hinge(dot([next(w) for _ in range(3)], hidden, next(w)), 1)

    assert len(check_gradients(cost, [p.data for p in model.parameters()], [0.5, -0.2]).checks) == 15


def test_numerical_gradients_have_the_form_of_the_argument():
    assert numerical_gradient(lambda x, y: x * y[0] * y[1][0], 1)(2.0, [3.0, [5.0]]) == [
        pytest.approx(10.0), [pytest.approx(6.0)]]  # fmt: skip
    assert numerical_gradient(log)(1e8) == pytest.approx(1e-8, rel=1e-6)  # the step grows with the number


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: check_gradients(f), ValueError, "a point"),
        (lambda: check_gradients(lambda x: [x], 1.0), TypeError, "one number"),
        (lambda: numerical_gradient(lambda x: [x])(1.0), TypeError, "one number"),
        (lambda: check_gradients(lambda x: x, "a"), TypeError, "'a'"),
    ],
)
def test_what_it_refuses(call, error, says):
    with pytest.raises(error, match=says):
        call()
