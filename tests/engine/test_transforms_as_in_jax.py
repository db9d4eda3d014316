"""The transforms beside JAX's: the same arguments give the same numbers in the same form, in every nesting."""

from collections import namedtuple
from functools import cache, partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import oracles  # noqa: F401  # has JAX count in float64
import pytest

import engine
from engine import Value, cos, exp, grad, hessian, hvp, jacobian, jvp, sin, tanh, value_and_grad, vjp

Pair = namedtuple("Pair", "a b")
W = np.array([[1.0, -2.0, 0.5], [0.3, 0.8, -1.0]])
x3 = np.array([0.3, -0.8, 1.2])


def check_same(mine, true):
    """Whether two trees are of the same form, and their numbers the same to rounding."""
    if isinstance(true, dict):
        assert set(mine) == set(true)  # JAX sorts them
        for key in true:
            check_same(mine[key], true[key])
    elif isinstance(true, (list, tuple)):
        assert type(mine) is type(true)
        assert len(mine) == len(true)
        for parts in zip(mine, true, strict=True):
            check_same(*parts)
    elif true is None:
        assert mine is None
    elif np.ndim(true):
        assert isinstance(mine, np.ndarray)
        assert mine.dtype == float
        assert mine.shape == true.shape
        np.testing.assert_allclose(mine, true, rtol=1e-12, atol=1e-14)
    else:
        assert type(mine) is float
        np.testing.assert_allclose(mine, true, rtol=1e-12, atol=1e-14)


# Of trees that Python's and NumPy's operators can work on: m has functions of one number or an array.
SCALARS = {
    "a number": (lambda m, x: m.exp(x) * x, 0.7),
    "a number without axes": (lambda m, x: m.exp(x) * x, np.array(0.7)),
    "an array": (lambda m, x: (x * 2) @ (x * 2) + ((x - x.mean()) ** 3).sum() + (x[1:] * x[:-1] - x[1:]).sum(), x3),
    "a layer": (lambda m, x: (m.tanh(W @ x + 1) ** 2).sum(), x3),
    "a matrix": (lambda m, A: (A @ A.T).trace() + (m.exp(A[:, 0]) * A[:, 1]).sum() + A.T[2] @ A.T[2], W),
    "a tensor": (lambda m, A: (A.sum(axis=1) ** 2).sum() * A.reshape(8)[0], np.arange(8.0).reshape(2, 2, 2)),
    "a tuple": (lambda m, x: x[0] * m.sin(x[1][0]), (0.5, [2.0])),
    "a namedtuple": (lambda m, x: x.a * m.sin(x.b), Pair(0.5, 2.0)),
    "a tree": (
        lambda m, p: (m.tanh(p["layers"][0].a @ x3[:2] + p["layers"][0].b) ** 2).sum() * p["scale"],
        {"layers": (Pair(W[:, :2], np.array([0.1, 0.2])),), "none": None, "scale": 0.7},
    ),
}  # fmt: skip


class Mine:
    """Functions of arrays of Values by NumPy, as JAX's are by jax.numpy."""

    exp, sin, tanh = engine.exp, engine.sin, engine.tanh


def to_jax(tree):
    return jax.tree.map(lambda x: jnp.asarray(x, float), tree)


@pytest.mark.parametrize("what", SCALARS)
def test_gradients_and_hessians_have_the_form_that_jax_gives(what):
    formula, x = SCALARS[what]

    def mine(x):
        return formula(Mine, x)

    def true(x):
        return formula(jnp, x)

    @jax.jit  # all at once, as JAX compiles each operation by itself otherwise
    def derivatives(at):
        gradient = jax.grad(true)(at)
        return true(at), gradient, jax.hessian(true)(at), jax.jvp(jax.grad(true), (at,), (gradient,))[1]

    value, gradient, second, product = derivatives(to_jax(x))
    check_same(value_and_grad(mine)(x), (value, gradient))
    check_same(grad(mine)(x), gradient)
    check_same(vjp(mine, x)[1](1.0), (gradient,))
    check_same(jvp(mine, (x,), (grad(mine)(x),)), (value, sum(jnp.sum(g**2) for g in jax.tree.leaves(gradient))))
    check_same(hvp(mine, (x,), (grad(mine)(x),)), product)
    for mode in ("forward", "reverse"):
        check_same(jacobian(mine, mode=mode)(x), gradient)
        check_same(jacobian(grad(mine), mode=mode)(x), second)
    check_same(hessian(mine)(x), second)


VECTORS = {
    "array to array": (lambda m, x: m.tanh(W @ x), x3),
    "array to matrix": (lambda m, x: W * x, x3),
    "matrix to array": (lambda m, A: A @ x3, W),
    "array to dict": (lambda m, x: {"sum": x.sum(), "all": x**2}, x3),
    "array to list": (lambda m, x: [x[0] * x[1], m.exp(x[2])], x3),
    "dict to dict": (lambda m, p: {"y": p["w"] * p["b"], "z": (p["b"], None)}, {"w": x3, "b": 2.0}),
    "list to tuple": (lambda m, x: (x[0] * x[1], m.sin(x[0])), [0.3, 0.4]),
    "number to array": (lambda m, x: x * x3, 0.7),
}


@pytest.mark.parametrize("what", VECTORS)
def test_jacobians_have_the_form_that_jax_gives(what):
    formula, x = VECTORS[what]

    def mine(x):
        return formula(Mine, x)

    def true(x):
        return formula(jnp, x)

    @jax.jit
    def derivatives(at):
        value, pull = jax.vjp(true, at)
        return (
            value,
            jax.jacobian(true)(at),
            jax.jacobian(jax.jacobian(true))(at),
            pull(value),
            jax.jvp(true, (at,), (at,)),
        )

    value, first, second, pulled, pushed = derivatives(to_jax(x))
    for mode in ("forward", "reverse"):
        check_same(jacobian(mine, mode=mode)(x), first)
        check_same(jacobian(jacobian(mine), mode=mode)(x), second)
    mine_value, pull = vjp(mine, x)
    check_same(mine_value, value)
    check_same(pull(mine_value), pulled)
    check_same(jvp(mine, (x,), (x,)), pushed)


# Each of these makes of a function of one number its first or second derivative.
DERIVATIVES = {
    "grad": (1, grad),
    "value_and_grad": (1, lambda f: lambda x: value_and_grad(f)(x)[1]),
    "vjp": (1, lambda f: lambda x: vjp(f, x)[1](1.0)[0]),
    "jvp": (1, lambda f: lambda x: jvp(f, (x,), (1.0,))[1]),
    "jacobian": (1, jacobian),
    "jacobian, forward": (1, lambda f: jacobian(f, mode="forward")),
    "hvp": (2, lambda f: lambda x: hvp(f, (x,), (1.0,))),
    "hessian": (2, hessian),
}
VALUES = {
    "the value": (0, lambda f: lambda x: value_and_grad(f)(x)[0]),
    "the value, forward": (0, lambda f: lambda x: jvp(f, (x,), (1.0,))[0]),
}
ALL = {**DERIVATIVES, **VALUES}


def true_derivative(order, f):
    for _ in range(order):
        f = jax.grad(f)
    return f


def nested(outer, middle, inner, m):
    """Each differentiates by a variable of its own, in a formula of all, at a point that depends on those around."""
    return outer(lambda z: middle(lambda y: inner(lambda x: m.sin(x * y) * x * z)(y * z) * y)(z + 0.5) * z)(0.6)


class Functions:
    sin, cos, exp = staticmethod(sin), staticmethod(cos), staticmethod(exp)


ORDERS = [*product((1, 2), repeat=3)]


@cache
def true_nested():
    """For each three orders of derivatives what JAX gives."""

    @jax.jit
    def numbers():
        return [nested(*[partial(true_derivative, order) for order in orders], jnp) for orders in ORDERS]

    return dict(zip(ORDERS, map(float, numbers()), strict=True))


@pytest.mark.parametrize("outer", DERIVATIVES)
def test_three_transforms_within_each_other_give_floats_as_jax_does(outer):
    for middle, inner in product(DERIVATIVES, repeat=2):
        orders, transforms = zip(*[DERIVATIVES[name] for name in (outer, middle, inner)], strict=True)
        mine = nested(*transforms, Functions)
        assert type(mine) is float, (outer, middle, inner)
        assert mine == pytest.approx(true_nested()[orders], rel=1e-11), (outer, middle, inner)


def with_parameter(outer, inner, a, m):
    return outer(lambda y: inner(lambda x: m.sin(a * x * y) * x**3)(y) * a)(0.6)


@cache
def true_with_parameter():
    """For each two orders of derivatives what JAX gives, and the derivative of that by the parameter."""
    pairs = [*product((0, 1, 2), repeat=2)]

    def of_orders(orders, a):
        return with_parameter(*[partial(true_derivative, order) for order in orders], a, jnp)

    @jax.jit
    def numbers(a):
        return [jax.value_and_grad(partial(of_orders, orders))(a) for orders in pairs]

    return {orders: tuple(map(float, pair)) for orders, pair in zip(pairs, numbers(0.8), strict=True)}


@pytest.mark.parametrize("outer", ALL)
def test_a_users_own_value_stays_differentiable_through_two_transforms(outer):
    """What a model's parameters need: the derivative of a derivative by a Value that nobody has named."""
    for inner in ALL:
        orders, transforms = zip(*[ALL[name] for name in (outer, inner)], strict=True)
        a = Value(0.8)
        mine = with_parameter(*transforms, a, Functions)
        assert isinstance(mine, Value), (outer, inner)
        mine.backward()
        assert (mine.data, a.grad) == pytest.approx(true_with_parameter()[orders], rel=1e-11), (outer, inner)


def test_one_function_differentiated_by_several_arguments_in_turn():
    def f(x, y, z, m=Functions):
        return x * x * y * m.sin(z * x)

    def thrice(grad, m):
        for i, j, k in product(range(3), repeat=3):
            yield grad(grad(grad(lambda *xs: f(*xs, m=m), i), j), k)(2.0, 3.0, 0.5)

    mine = [*thrice(grad, Functions)]
    assert {*map(type, mine)} == {float}
    assert mine == pytest.approx([*map(float, jax.jit(lambda: [*thrice(jax.grad, jnp)])())], rel=1e-11)


def test_arrays_within_transforms_of_arrays():
    def f(x, grad, tanh):
        inner = grad(lambda y: (tanh(W @ (x * y)) ** 2).sum())(x + 1)
        return (inner * x).sum()

    def true(x):
        return f(x, jax.grad, jnp.tanh)

    def mine(x):
        return f(x, grad, tanh)

    first, second = jax.jit(lambda x: (jax.grad(true)(x), jax.hessian(true)(x)))(x3)
    check_same(grad(mine)(x3), first)
    check_same(jacobian(mine, mode="forward")(x3), first)
    check_same(hessian(mine)(x3), second)


def test_gradient_descent_on_an_array_is_written_as_with_numpy():
    x = np.array([1.0, -2.0])
    for _ in range(50):
        x = x - 0.1 * grad(lambda x: ((x - [3.0, 4.0]) ** 2).sum())(x)
    np.testing.assert_allclose(x, [3.0, 4.0], atol=1e-3)


def test_arguments_chosen_and_what_is_beside_them_as_in_jax():
    def f(x, y, *, scale=1.0):
        return x * x * y * scale, {"seen": x, "why": "because", "values": (y, [x])}

    for argnums in (0, 1, -1, (0, 1), [1, 0], (-1,), np.int64(1), (np.int32(0),)):
        mine = value_and_grad(f, argnums, has_aux=True)(2.0, 3.0, scale=0.5)
        (value, aux), gradient = mine
        assert gradient == (tuple([(6.0, 2.0)[i] for i in argnums]) if np.ndim(argnums) else (6.0, 2.0)[argnums])
        assert value == 6.0
        assert aux == {"seen": 2.0, "why": "because", "values": (3.0, [2.0])}
        assert grad(f, argnums, has_aux=True)(2.0, 3.0, scale=0.5) == (gradient, aux)
    for mode in ("forward", "reverse"):
        assert jacobian(f, 1, mode, has_aux=True)(2.0, 3.0) == (4.0, aux)
    assert hessian(f, has_aux=True)(2.0, 3.0) == (6.0, aux)
    assert jvp(f, (2.0, 3.0), (1.0, 0.0), has_aux=True) == (12.0, 12.0, aux)
    value, pull, beside = vjp(f, 2.0, 3.0, has_aux=True)
    assert (value, pull(1.0), beside) == (12.0, (12.0, 4.0), aux)


def test_what_is_beside_the_numbers_stays_differentiable_by_what_is_around():
    def outer(a):
        _, aux = grad(lambda x: (x * a, {"square": a * a, "array": np.array([a, 1.0])}), has_aux=True)(2.0)
        return aux["square"] * aux["array"][0]

    assert grad(outer)(3.0) == 27.0
    assert jvp(outer, 3.0, 1.0) == (27.0, 27.0)
