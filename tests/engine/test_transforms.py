"""grad and its kin: closed forms, nesting, and what they refuse."""

import functools
import math
from itertools import pairwise

import numpy as np
import pytest

from engine import (
    Constant,
    Dual,
    Value,
    check_gradients,
    compile,
    cos,
    count_operations,
    dot,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    log_softmax,
    logsumexp,
    no_grad,
    numerical_gradient,
    sin,
    softmax,
    step,
    stop_gradient,
    tanh,
    topological_order,
    total,
    value_and_grad,
    vjp,
)
from engine.value import TraceError
from nn import MLP, Neuron, cross_entropy
from nn.losses import one_hot


def rosenbrock(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def rosenbrock_gradient(x):
    g = np.zeros(len(x))
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def rosenbrock_hessian(x):
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i + 1, i + 1] += 200
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
    return H


def himmelblau(p):
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def himmelblau_gradient(p):
    x, y = p
    u, v = x**2 + y - 11, x + y**2 - 7
    return [4 * x * u + 2 * v, 2 * u + 4 * y * v]


def himmelblau_hessian(p):
    x, y = p
    return [[12 * x**2 + 4 * y - 42, 4 * x + 4 * y], [4 * x + 4 * y, 4 * x + 12 * y**2 - 26]]


def beale(p):
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def beale_gradient(p):
    x, y = p
    terms = [(1.5 - x + x * y**k, k) if k == 1 else ((2.25, 2.625)[k - 2] - x + x * y**k, k) for k in (1, 2, 3)]
    return [sum(2 * t * (y**k - 1) for t, k in terms), sum(2 * t * k * x * y ** (k - 1) for t, k in terms)]


def beale_hessian(p):
    x, y = p
    H = np.zeros((2, 2))
    for c, k in ((1.5, 1), (2.25, 2), (2.625, 3)):
        t, tx, ty = c - x + x * y**k, y**k - 1, k * x * y ** (k - 1)
        txy, tyy = k * y ** (k - 1), k * (k - 1) * x * y ** (k - 2)
        H += 2 * np.array([[tx * tx, tx * ty + t * txy], [tx * ty + t * txy, ty * ty + t * tyy]])
    return H


def softmax_of(x):
    e = np.exp(np.array(x) - max(x))
    return e / e.sum()


CLOSED = {
    "Rosenbrock": (rosenbrock, rosenbrock_gradient, rosenbrock_hessian, [-1.2, 1.0, 0.7, 2.0]),
    "Himmelblau": (himmelblau, himmelblau_gradient, himmelblau_hessian, [1.5, -2.0]),
    "Beale": (beale, beale_gradient, beale_hessian, [1.5, -0.7]),
    "log-sum-exp": (
        logsumexp,
        softmax_of,
        lambda x: np.diag(softmax_of(x)) - np.outer(softmax_of(x), softmax_of(x)),
        [0.5, -1.0, 2.0, 0.1],
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_gradients_and_hessians_of_closed_form(name):
    f, gradient, second, x = CLOSED[name]
    v = [0.3, -1.1, 0.7, 0.2][: len(x)]
    expected, expected_second = np.array(gradient(np.array(x))), np.array(second(x))
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-12)
    np.testing.assert_allclose(jacobian(f, mode="forward")(x), expected, rtol=1e-12)
    np.testing.assert_allclose(hessian(f)(x), expected_second, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(jacobian(grad(f))(x), expected_second, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(hvp(f, [x], [v]), expected_second @ v, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(jvp(f, [x], [v])[1], expected @ v, rtol=1e-12)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_jacobian_of_softmax(mode):
    x = [0.5, -1.0, 2.0]
    p = softmax_of(x)
    np.testing.assert_allclose(jacobian(softmax, mode=mode)(x), np.diag(p) - np.outer(p, p), rtol=1e-13)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_the_jacobian_of_a_layer(mode):
    W, b, x = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.0]]), [0.1, -0.2], [0.5, -1.0, 2.0]

    def layer(x):
        return [tanh(dot(row, x, bias)) for row, bias in zip(W.tolist(), b, strict=True)]

    slopes = 1 - np.tanh(W @ x + b) ** 2
    np.testing.assert_allclose(jacobian(layer, mode=mode)(x), slopes[:, None] * W, rtol=1e-13)


def test_grad_nests_six_times():
    f = sin
    for order, expected in enumerate([cos, lambda x: -sin(x), lambda x: -cos(x), sin, cos, lambda x: -sin(x)], 1):
        f = grad(f)
        assert f(0.7) == pytest.approx(expected(0.7), rel=1e-14), order


def test_forward_mode_nests_too():
    def derivative(f):
        return lambda x: jvp(f, [x], [1.0])[1]

    f = sin
    for expected in [cos, lambda x: -sin(x), lambda x: -cos(x), sin, cos, lambda x: -sin(x)]:
        f = derivative(f)
        assert f(0.7) == pytest.approx(expected(0.7), rel=1e-14)


@pytest.mark.parametrize("outer", ["reverse", "forward"])
@pytest.mark.parametrize("inner", ["reverse", "forward"])
class TestModesWithinModes:
    """Differentiation within differentiation, in all four combinations."""

    @staticmethod
    def d(mode):
        return grad if mode == "reverse" else lambda f: lambda x: jvp(f, [x], [1.0])[1]

    def test_perturbation_confusion(self, outer, inner):
        # d/dx (x * d/dy (x + y)) is 1; an engine that mixes up the two perturbations says 2
        assert self.d(outer)(lambda x: x * self.d(inner)(lambda y: x + y)(1.0))(1.0) == 1.0

    def test_the_inner_point_depends_on_the_outer_variable(self, outer, inner):
        # d/dx [d/dy (x y**2) at y = x] = d/dx (2 x**2) = 4 x
        assert self.d(outer)(lambda x: self.d(inner)(lambda y: x * y**2)(x))(3.0) == 12.0

    def test_the_inner_function_is_constant(self, outer, inner):
        assert self.d(outer)(lambda x: x * self.d(inner)(lambda y: 7.0)(x))(3.0) == 0.0
        assert self.d(outer)(lambda x: self.d(inner)(lambda y: x**2)(x))(3.0) == 0.0

    def test_three_deep(self, outer, inner):
        d, e = self.d(outer), self.d(inner)
        assert d(lambda x: e(lambda y: d(lambda z: x * y * z**3)(y))(x))(2.0) == pytest.approx(3 * 3 * 3 * 4)

    def test_functions_within(self, outer, inner):
        mine = self.d(outer)(lambda x: exp(self.d(inner)(lambda y: tanh(x * y))(x)))(0.4)
        h = 1e-6

        def closed(x):
            return math.exp(x * (1 - math.tanh(x * x) ** 2))

        assert mine == pytest.approx((closed(0.4 + h) - closed(0.4 - h)) / (2 * h), rel=1e-8)


def test_several_arguments_and_forms():
    def f(x, y, z):
        return x[0] * y + x[1][0] * z**2

    args = ([2.0, [3.0]], 5.0, 7.0)
    assert grad(f)(*args) == [5.0, [49.0]]
    assert grad(f, 1)(*args) == 2.0
    assert grad(f, -1)(*args) == 42.0
    assert grad(f, (0, 2))(*args) == ([5.0, [49.0]], 42.0)
    assert value_and_grad(f, (1,))(*args) == (157.0, (2.0,))
    assert grad(lambda x: x[0] * x[1])(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    assert grad(lambda x: x * x)(3) == 6.0
    assert type(grad(lambda x: x * x)(np.float64(3))) is float


class Model:
    """What is no number, and has to be let alone."""

    def parameters(self):
        return []


UNTOUCHED = [True, False, 3, "tanh", None, [1, 2], (0.5, "a"), {"k": 1.0}, np.array([1, 2]), Model(), len]
KINDS = {
    "grad": lambda f, x, other: grad(f)(x, other),
    "value_and_grad": lambda f, x, other: value_and_grad(f)(x, other),
    "jacobian": lambda f, x, other: jacobian(f)(x, other),
    "jacobian, forward": lambda f, x, other: jacobian(f, mode="forward")(x, other),
    "hessian": lambda f, x, other: hessian(f)(x, other),
    "jvp": lambda f, x, other: jvp(f, (x, other), ([1.0], None)),
    "hvp": lambda f, x, other: hvp(f, (x, other), ([1.0], None)),
    "numerical_gradient": lambda f, x, other: numerical_gradient(f)(x, other),
    "check_gradients": lambda f, x, other: check_gradients(f, x, other, argnums=0),
    "by keyword": lambda f, x, other: grad(f)(x, other=other),
    "by keyword, forward": lambda f, x, other: jacobian(f, mode="forward")(x, other=other),
}


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_that_are_not_differentiated_are_let_alone(kind):
    for given in UNTOUCHED:
        seen = []

        def f(x, other, seen=seen):
            seen.append(other)
            return x[0] ** 2

        KINDS[kind](f, [3.0], given)
        assert seen
        assert all(other is given for other in seen)


def test_what_has_no_numbers_goes_through_vjp_as_it_is():
    for given in (True, "tanh", None, (), Model(), len):
        value, pull = vjp(lambda x, other, given=given: x**2 if other is given else None, 3.0, given)
        assert (value, pull(1.0)) == (9.0, (6.0, None))
    report = check_gradients(lambda x, how: x**2 if how == "square" else x, 3.0, "square")
    assert [check.name for check in report.checks] == ["x0"]


def test_arguments_that_say_how_do_so_in_second_derivatives():
    assert hessian(lambda x, cubic: x[0] ** 3 if cubic else x[0] ** 2)([2.0], False) == [[2.0]]
    assert hessian(lambda x, n: sum(x[0] ** k for k in range(n)))([2.0], 4) == [[14.0]]
    p = np.exp([0.3, -0.2, 0.5]) / np.exp([0.3, -0.2, 0.5]).sum()
    np.testing.assert_allclose(hessian(cross_entropy)([0.3, -0.2, 0.5], 1), np.diag(p) - np.outer(p, p), rtol=1e-12)
    np.testing.assert_allclose(
        hessian(cross_entropy)([0.3, -0.2, 0.5], 1),
        [[0.2286, -0.0758, -0.1527], [-0.0758, 0.1685, -0.0926], [-0.1527, -0.0926, 0.2454]],
        atol=6e-5,
    )
    assert hvp(lambda x, how, y: x * y if how else x, (2.0, True, 3.0), (1.0, None, 0.0)) == (0.0, None, 1.0)


def test_vjp_and_jvp_are_transposes():
    def f(x, y):
        return [x[0] * y, sin(x[1]) + y, x[0] ** 2]

    primals, tangents, cotangent = ([2.0, 3.0], 0.5), ([0.1, -0.4], 0.7), [1.0, -2.0, 0.3]
    value, forward = jvp(f, primals, tangents)
    same, pull = vjp(f, *primals)
    assert value == same
    x_bar, y_bar = pull(cotangent)
    left = sum(a * b for a, b in zip(cotangent, forward, strict=True))
    assert left == pytest.approx(sum(a * b for a, b in zip(x_bar, tangents[0], strict=True)) + y_bar * tangents[1])


def test_hvp_of_several_arguments():
    def f(x, y):
        return x[0] ** 2 * y + x[1] * y**3

    h_x, h_y = hvp(f, ([2.0, 3.0], 5.0), ([1.0, 0.0], 2.0))
    assert h_x == [10.0 + 2 * 2 * 2.0, 3 * 25.0 * 2]
    assert h_y == 2 * 2.0 + 6 * 3.0 * 5.0 * 2


def test_numbers_and_arrays_are_arguments_by_themselves():
    assert jvp(lambda x: x**2, 3.0, 1.0) == (9.0, 6.0)
    assert jvp(lambda x, y: x * y, (3.0, 2.0), [1.0, 0.0]) == (6.0, 2.0)
    assert hvp(lambda x: x**3, 3.0, 1.0) == 18.0
    x = np.array([1.0, 2.0])
    value, tangent = jvp(lambda x: x**2, x, [1, 0])
    assert (value.tolist(), tangent.tolist()) == ([1.0, 4.0], [2.0, 0.0])
    assert hvp(lambda x: (x**3).sum(), x, x).tolist() == [6.0, 24.0]


def test_arrays_of_values_give_arrays_of_values():
    x = np.array([Value(1.0), Value(2.0)])
    slopes = grad(lambda x: (x**3).sum())(x)
    assert slopes.dtype == object
    slopes.sum().backward()
    assert [(slope.data, value.grad) for slope, value in zip(slopes, x, strict=True)] == [(3.0, 6.0), (12.0, 12.0)]
    a = Value(5.0)
    assert grad(lambda x: a * x.sum())(np.array([1.0, 2.0])).tolist() == [a, a]
    assert grad(lambda x: a + x.sum())(np.array([1.0, 2.0])).tolist() == [1.0, 1.0]  # which nothing can change


def test_what_numpy_makes_of_a_number_is_a_number():
    assert grad(lambda x: np.where(True, x, 0.0))(3.0) == 1.0
    assert grad(lambda x: np.sum(np.where([True, False], x, 0.0)))(np.array([3.0, 4.0])).tolist() == [1.0, 0.0]


A = np.arange(9.0).reshape(3, 3) + np.eye(3)
BY_NUMPY = {
    "std": np.std, "var": np.var, "prod": np.prod, "norm": np.linalg.norm, "max": np.max, "min": np.min, "ptp": np.ptp,
    "median": np.median, "nanmean": np.nanmean, "vdot": lambda x: np.vdot(x, x), "inner": lambda x: np.inner(x, x),
    "outer": lambda x: (np.outer(x, x) ** 2).sum(), "kron": lambda x: (np.kron(x, x) ** 3).sum(),
    "trace": lambda x: np.trace(np.outer(x, x)), "einsum": lambda x: np.einsum("i,ij,j->", x, A, x),
    "tensordot": lambda x: np.tensordot(x, x, axes=1), "dot": lambda x: (np.dot(A, x) ** 2).sum(),
    "where": lambda x: np.where(x > 0, x * 2, x * 3).sum(), "maximum": lambda x: np.maximum(x, 0.1).sum(),
    "clip": lambda x: np.clip(x, -0.5, 0.5).sum(), "abs": lambda x: abs(x).sum(), "sign": lambda x: np.sign(x) @ x,
    "sort": lambda x: np.sort(x)[0], "argmax": lambda x: x[np.argmax(x)], "all": lambda x: x[int(np.all(x > 0))],
    "cumsum": lambda x: (np.cumsum(x) ** 2).sum(), "diff": lambda x: (np.diff(x) ** 2).sum(),
    "mean along an axis": lambda x: (np.mean(np.outer(x, x), axis=0) ** 2).sum(),
    "average": lambda x: np.average(x, weights=[1.0, 2.0, 3.0]), "cross": lambda x: np.cross(x, [1.0, 2.0, 3.0]).sum(),
    "concatenate": lambda x: (np.concatenate([x, x * 2]) ** 2).sum(), "stack": lambda x: (np.stack([x, x]) @ x).sum(),
    "roll": lambda x: (np.roll(x, 1) * x).sum(), "flip": lambda x: (np.flip(x) * x).sum(),
    "tile": lambda x: (np.tile(x, 2) ** 2).sum(), "array": lambda x: (np.array([x[0], 2 * x[1]]) ** 2).sum(),
    "full": lambda x: np.full(2, x[0]).sum(), "zeros_like": lambda x: (np.zeros_like(x) + x).sum(),
    "exp": lambda x: np.exp(x).sum(), "sqrt": lambda x: np.sqrt(x * x + 1).sum(), "tanh": lambda x: np.tanh(x).sum(),
    "power": lambda x: np.power(x, 3).sum(), "square": lambda x: np.square(x).sum(), "over": lambda x: (1 / x).sum(),
    "arctan": lambda x: np.arctan(x).sum(), "hypot": lambda x: np.hypot(x, 2.0).sum(), "mod": lambda x: (x % 0.7).sum(),
    "reciprocal": lambda x: np.reciprocal(x).sum(), "logaddexp": lambda x: np.logaddexp(x[0], x[1]),
    "float_power": lambda x: np.float_power(x * x, 1.5).sum(), "solve": lambda x: np.linalg.solve(A, x).sum(),
    "inv": lambda x: np.linalg.inv(A * x).sum(), "interp": lambda x: np.interp(x[0], [0.0, 1.0], [0.0, 2.0]),
}  # fmt: skip
NOT_BY_NUMPY = {"logaddexp", "float_power", "solve", "inv", "interp"}  # which need floats


@pytest.mark.parametrize("name", BY_NUMPY)
def test_what_numpy_does_with_arrays_of_values_is_right_or_refused(name):
    f, x = BY_NUMPY[name], np.array([0.3, -0.8, 1.2])
    for derivative in (grad(f), jacobian(f, mode="forward")):
        if name in NOT_BY_NUMPY:
            with pytest.raises(TypeError):
                derivative(x)
        else:
            np.testing.assert_allclose(derivative(x), numerical_gradient(f)(x), rtol=1e-6, atol=1e-9)


def test_arithmetic_of_lists_that_are_compiled_goes_through_transforms_within():
    for transform in (grad, lambda f: jacobian(f, mode="forward"), lambda f: lambda x: vjp(f, x)[1](1.0)[0]):
        program = compile(lambda x, transform=transform: transform(lambda t: dot(t * 2, t))(x), inputs=3)
        assert program.value([1.0, 2.0, 3.0]).tolist() == [4.0, 8.0, 12.0]


def test_a_list_that_means_more_is_a_list_of_numbers():
    z = [0.3, -0.2, 0.5]  # one-hot labels that vary do not add up to 1 any more
    assert grad(cross_entropy, 1)(z, one_hot(1, 3)) == pytest.approx([-x for x in log_softmax(z)], rel=1e-12)


def in_place(x):
    x[0] = x[0] * 2
    x *= 3
    return x[0] * x[1]


def in_a_list(x):
    x[0] = x[0] * 2
    x.append(x.pop(0) * 3)
    return x[0] * x[1]


@pytest.mark.parametrize(("f", "x"), [(in_place, np.array([2.0, 5.0])), (in_a_list, [2.0, 5.0])])
def test_a_function_may_change_what_it_is_given_in_place(f, x):
    before = list(x)
    slope = f(x.copy()) / 10
    for gradient in (grad(f)(x), jacobian(f)(x), jacobian(f, mode="forward")(x), vjp(f, x)[1](1.0)[0]):
        assert list(gradient) == [5 * slope, 2 * slope]
        assert type(gradient) is type(x)
    np.testing.assert_allclose(hessian(f)(x), [[0, slope], [slope, 0]])
    assert jvp(f, (x,), ([1.0, 0.0],))[1] == 5 * slope
    assert list(x) == before


def test_gradients_of_arrays_checked_by_differences():
    W = np.array([[1.0, -2.0], [0.5, 3.0]])
    x = np.array([0.3, 0.7])
    numeric = numerical_gradient(lambda x: (tanh(W @ x) ** 2).sum())(x)
    assert numeric.shape == (2,)
    np.testing.assert_allclose(numeric, grad(lambda x: (tanh(W @ x) ** 2).sum())(x), rtol=1e-8)
    report = check_gradients(lambda p, x: (tanh(p["W"] @ x) ** 2).sum(), {"W": W, "b": None}, x)
    assert [check.name for check in report.checks] == [
        "x0['W'][0][0]", "x0['W'][0][1]", "x0['W'][1][0]", "x0['W'][1][1]", "x1[0]", "x1[1]"]  # fmt: skip


def test_gradients_give_a_graph():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    z = x * x * y
    dx, dy = gradients(z, [x, y])
    assert (dx.data, dy.data) == (12.0, 4.0)
    assert {x, y} & set(topological_order(dx)) == {x, y}
    assert gradients(dx, [y])[0].data == 4.0
    assert (x.grad, z.grad) == (0.0, 0.0)  # nothing was changed
    dx.backward()
    assert (x.grad, y.grad) == (6.0, 4.0)


def test_gradients_with_respect_to_interior_nodes_and_strangers():
    x = Value(2.0)
    y = x * x
    z = y**3
    by_y, by_stranger, by_itself = gradients(z, [y, Value(1.0), z])
    assert by_y.data == 3 * 16
    assert isinstance(by_stranger, Constant)
    assert (by_stranger.data, by_itself.data) == (0.0, 1.0)


def test_a_derivative_that_depends_on_other_values_stays_a_value():
    a = Value(2.0)
    slope = grad(lambda x: a * x**2)(3.0)
    assert isinstance(slope, Value)
    assert slope.data == 12.0
    slope.backward()
    assert a.grad == 6.0


def test_arguments_that_are_values_give_values():
    x = Value(3.0)
    slope = grad(lambda t: t**3)(x)
    slope.backward()
    assert (slope.data, x.grad) == (27.0, 18.0)


def test_gradients_by_parameters_can_be_a_penalty_and_an_array_of_floats():
    model = Neuron(2, "linear", seed=1)
    weights = model.w
    slopes = grad(lambda w: w[0] ** 2 * w[1])(weights)
    total(slope**2 for slope in slopes).backward()
    a, b = (w.data for w in weights)
    assert [w.grad for w in weights] == pytest.approx([8 * a * b * b + 4 * a**3, 8 * a * a * b], rel=1e-12)
    for gradient, expected in ((slopes, [2 * a * b, a * a]), (grad(model)([0.5, 1.0]), [a, b])):
        floats = np.array(gradient, dtype=float)
        assert (floats.dtype, floats.tolist()) == (float, pytest.approx(expected, rel=1e-12))


def test_the_graph_of_a_derivative_has_no_idle_nodes():
    x = Value(3.0)
    (slope,) = gradients(x + x * 5 + 0.0, [x])
    assert slope.data == 6.0
    assert len(topological_order(slope)) <= 4
    assert gradients(-x, [x])[0].data == -1


def test_outputs_that_do_not_depend_on_the_input_have_gradient_0():
    assert grad(lambda x: 5.0)(1.0) == 0.0
    assert grad(lambda x, y: y * 2, 0)([1.0, 2.0], 3.0) == [0.0, 0.0]
    assert jacobian(lambda x: [x[0], 7.0])([1.0, 2.0]) == [[1.0, 0.0], [0.0, 0.0]]
    assert jacobian(lambda x: [x[0], 7.0], mode="forward")([1.0, 2.0]) == [[1.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: 3 * x[0])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert jvp(lambda x: 5.0, [1.0], [1.0]) == (5.0, 0.0)
    assert vjp(lambda x: 5.0, 1.0)[1](1.0) == (0.0,)


def test_a_derivative_that_is_0_is_a_plain_float_in_every_mode():
    for f in (step, lambda x: 5, lambda x: stop_gradient(x) * 2, lambda x: x**0):
        for derivative in (grad(f), jacobian(f), jacobian(f, mode="forward"), hessian(f), grad(grad(f))):
            assert type(derivative(1.0)) is float
            assert derivative(1.0) == 0.0
        for number in (
            *jvp(f, 1.0, 1.0),
            *vjp(f, 1.0)[1](1.0),
            hvp(f, 1.0, 1.0),
            *jacobian(lambda x, f=f: [f(x)] * 2)(1.0),
        ):
            assert type(number) is float


def test_the_identity_is_differentiable():
    assert grad(lambda x: x)(3.0) == 1.0
    assert jacobian(lambda x: x)([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert jacobian(lambda x: x, mode="forward")([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert hessian(lambda x: x[0])([1.0]) == [[0.0]]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: grad(lambda x: [x, x])(1.0), TypeError, "a list of 2.*jacobian"),
        (lambda: grad(lambda x: "x")(1.0), TypeError, "'x'"),
        (lambda: grad(lambda x: None)(1.0), TypeError, "None"),
        (lambda: grad(lambda x: x)("1"), TypeError, "'1'"),
        (lambda: grad(lambda x: x)(None), TypeError, "None"),
        (lambda: grad(lambda x: x[0])(["a"]), TypeError, "'a'"),
        (lambda: grad(lambda x: x, 1)(1.0), ValueError, "argnums is 1, but the function was given 1"),
        (lambda: grad(lambda x: x, "x")(1.0), ValueError, "argnums.*'x'"),
        (lambda: grad(lambda x: x, True)(1.0), ValueError, "argnums.*True"),
        (lambda: grad(lambda: 1.0)(), ValueError, "0 arguments"),
        (lambda: grad(3.0), TypeError, r"^grad needs a function.*3.0.*grad\(f\)\(x\)"),
        (lambda: jacobian(Value(3.0)), TypeError, "not jacobian"),
        (lambda: jacobian(lambda x: x, mode="backward"), ValueError, "reverse.*forward.*backward"),
        (lambda: jvp(lambda x: x, [1.0], 1.0), ValueError, "jvp needs a list"),
        (lambda: jvp(lambda x: x, 1.0, [1.0]), ValueError, "same form"),
        (lambda: jvp(lambda x: x, [1.0], [1.0, 2.0]), ValueError, "jvp needs"),
        (lambda: jvp(lambda x: x, [[1.0, 2.0]], [[1.0]]), ValueError, "same form.*a list of 2 and a list of 1"),
        (lambda: jvp(lambda x: x, [[1.0, 2.0]], [1.0]), ValueError, "same form"),
        (lambda: vjp(lambda x: [x, x], 1.0)[1](1.0), ValueError, "same form"),
        (lambda: hvp(lambda x: [x], [1.0], [1.0]), TypeError, "a list of 1"),
        (lambda: gradients(3.0, []), TypeError, "3.0"),
        (lambda: gradients(Value(3.0), Value(1.0)), TypeError, "a list of Values"),
        (lambda: gradients(Value(3.0), [1.0]), TypeError, "a list of Values"),
    ],
)
def test_what_the_transforms_refuse(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_gradients_of_a_graph_whose_leaf_was_changed_are_refused():
    x = Value(3.0)
    y = x**2
    x.data = 4.0
    with pytest.raises(ValueError, match="was 3 when it was used"):
        gradients(y, [x])
    y.backward()  # as numbers it is known: the operands were kept
    assert x.grad == 6.0


FORWARD = functools.partial(jacobian, mode="forward")


@pytest.mark.parametrize("slope", [grad, FORWARD, lambda f: lambda x: jvp(f, [x], [1.0])[1]])
def test_branches_are_taken_by_the_number(slope):
    def sinc(x):
        return 1.0 + 0 * x if x == 0 else sin(x) / x

    def ramp(x):
        return x * 2 if x else x * 3

    assert slope(sinc)(0.0) == 0.0
    assert slope(sinc)(1.0) == pytest.approx(math.cos(1) - math.sin(1), rel=1e-14)
    assert (slope(ramp)(0.0), slope(ramp)(1.0), slope(slope(lambda x: ramp(x) * x))(1.0)) == (3.0, 2.0, 4.0)
    assert slope(lambda x: x * 5 if x != 2.0 else x)(2.0) == 1.0


def test_dual_numbers_by_hand():
    x = Dual(3.0, 1.0)
    y = (x**2 + 1) / x
    assert y.primal == pytest.approx(10 / 3)
    assert y.tangent == pytest.approx(1 - 1 / 9)
    assert x > 2
    assert float(x) == 3.0
    assert repr(Dual(1, 2)) == "Dual(primal=1.0, tangent=2.0)"
    assert (2**x).tangent == pytest.approx(8 * math.log(2))
    assert sin(x).tangent == x.sin().tangent == math.cos(3)
    with pytest.raises(TypeError):
        x + "a"
    with pytest.raises(TypeError, match="'a'"):
        Dual("a")


def test_duals_and_values_mix():
    x = Dual(Value(3.0), 1.0)
    y = Value(2.0) * x**2
    assert isinstance(y, Dual)
    assert isinstance(y.tangent, Value)
    assert (y.primal.data, y.tangent.data) == (18.0, 12.0)


def test_the_hessian_of_a_power_where_the_exponent_is_0_or_1():
    def f(v):
        return v[0] ** v[1]

    for y in (0.0, 1.0, 2.0):
        x = 2.0
        log_x = math.log(x)
        mixed = x ** (y - 1) * (1 + y * log_x)
        expected = [[y * (y - 1) * x ** (y - 2), mixed], [mixed, x**y * log_x**2]]
        np.testing.assert_allclose(hessian(f)([x, y]), expected, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(jacobian(grad(f))([x, y]), expected, rtol=1e-13, atol=1e-15)
    assert grad(grad(lambda x: x ** (x - 2)))(2.0) == pytest.approx(1 + math.log(2) ** 2)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_every_transform_takes_a_network(activation):
    model = MLP(2, [3, 1], activation=activation, output_activation="sigmoid", seed=1)
    x = [0.5, 1.0]
    expected = [float(g) for g in grad(model)(x)]
    np.testing.assert_allclose([float(g) for g in jacobian(model, mode="forward")(x)], expected, rtol=1e-12)
    np.testing.assert_allclose(float(jvp(model, [x], [[1.0, 2.0]])[1]), expected[0] + 2 * expected[1], rtol=1e-12)
    H = np.array([[float(h) for h in row] for row in hessian(model)(x)])
    np.testing.assert_allclose(H, H.T, rtol=1e-9, atol=1e-12)
    assert count_operations(model, x).n_inputs == 2


def test_transforms_record_whatever_is_around():
    with no_grad():
        assert grad(lambda x: x**2)(3.0) == 6.0
        assert hessian(lambda x: x[0] ** 2)([3.0]) == [[2.0]]
        _, pull = vjp(lambda x: x**2, 3.0)
        assert pull(1.0) == (6.0,)
        assert check_gradients(lambda x: x**2, 3.0).ok


def test_what_is_computed_under_no_grad_within_is_a_constant_in_every_mode():
    def f(x):
        with no_grad():
            c = x * x
        return c * x

    assert grad(f)(3.0) == 9.0
    assert jvp(f, [3.0], [1.0])[1] == 9.0


def test_a_jacobian_is_with_respect_to_one_argument():
    for mode in ("reverse", "forward"):
        with pytest.raises(ValueError, match=r"one argument, but argnums was \(0, 1\)"):
            jacobian(lambda x, y: x * y, (0, 1), mode=mode)


# A function of a list, and of what an array of it would be: the same arithmetic, and so the same derivatives.
LISTS = {
    "times a number": (lambda x: dot(x * 2, 3 * x), [1.0, 2.0, 3.0]),
    "number by number": (lambda x: total((x - 0.5) / x[::-1] ** 2), [1.0, 2.0, 3.0]),
    "times an array": (lambda x: total(x * np.array([1.0, -2.0]) - [3.0, 4.0]), [1.0, 2.0]),
    "a product": (lambda x: x @ x + (np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)[1], [1.0, 2.0]),
    "a matrix": (lambda W: dot((W * 2)[0], W[1] * W[0]), [[1.0, 2.0], [3.0, 4.0]]),
    "a matrix times a vector": (lambda W: total((W @ [1.0, 2.0]) * ([3.0, -1.0] @ W)), [[1.0, 2.0], [3.0, 4.0]]),
    "in every row": (lambda W: total((W * [1.0, 2.0] - [3.0, 4.0] / W)[1] ** 2), [[1.0, 2.0], [3.0, 4.0]]),
}


def in_every_mode(f, x):
    """A function's value, and its first and second derivatives by whatever gives them."""
    direction = [0.5 + i for i in range(len(x))] if np.ndim(x) == 1 else [[0.5, -1.0], [2.0, 1.0]]
    value, gradient = value_and_grad(f)(x)
    return {
        "value": value,
        "grad": gradient,
        "forward": jacobian(f, mode="forward")(x),
        "jvp": jvp(f, [x], [direction]),
        "vjp": vjp(f, x)[1](1.0),
        "hvp": hvp(f, [x], [direction]),
        "hessian": hessian(f)(x),
        "within": grad(lambda y: f(y * grad(f)(y)))(x),
        "differences": numerical_gradient(f)(x),
    }


@pytest.mark.parametrize("what", LISTS)
def test_a_list_has_the_arithmetic_of_an_array_and_its_gradient_is_a_list(what):
    f, x = LISTS[what]
    of_list, of_array = in_every_mode(f, x), in_every_mode(f, np.array(x))
    for mode, true in of_array.items():
        np.testing.assert_allclose(np.array(of_list[mode], float), np.array(true, float), rtol=1e-9, err_msg=mode)
    assert type(of_list["grad"]) is type(of_list["forward"]) is type(of_list["hessian"]) is list
    assert check_gradients(f, x).ok


def test_lists_that_a_function_gives_are_plain_lists():
    def twice(x):
        return x * 2

    (value, aux), gradient = value_and_grad(lambda x: (total(x), {"twice": twice(x)}), has_aux=True)([1.0, 2.0])
    assert (value, aux, gradient) == (3.0, {"twice": [2.0, 4.0]}, [1.0, 1.0])
    value, _ = vjp(twice, [1.0, 2.0])
    found = [aux["twice"], value, *jvp(twice, [[1.0, 2.0]], [[1.0, 0.0]]), jacobian(twice)([1.0, 2.0])]
    assert [type(x) for x in found] == [list] * len(found)
    assert found[-1] == jacobian(twice, mode="forward")([1.0, 2.0]) == [[2.0, 0.0], [0.0, 2.0]]


def test_what_joins_lists_and_adds_up_arrays_is_refused():
    numbers = [1.0, 2.0]
    for f in (lambda x: total(x + numbers), lambda x: total(numbers + x), lambda x: total(x + x)):
        with pytest.raises(TraceError, match=r"\[\*x, \*y\] to join\n  File"):
            grad(f)([1.0, 2.0])
    with pytest.raises(TraceError, match="lists of 2 and of 3"):
        grad(lambda x: total(x * [1.0, 2.0, 3.0]))([1.0, 2.0])
    with pytest.raises(AttributeError, match=r"np\.array\(x\)\.sum"):
        grad(lambda x: x.sum())([1.0, 2.0])


def test_a_dual_has_no_graph_to_go_back_through():
    for derivative in (
        lambda f: jvp(f, 3.0, 1.0),
        lambda f: jacobian(f, mode="forward")(3.0),
    ):
        with pytest.raises(TypeError, match=r"take grad\(f\)\(x\)"):
            derivative(lambda x: gradients(x**3, [x])[0])
