"""What a Program says of second derivatives and of Jacobians is what eager code and JAX say."""

from itertools import pairwise

import jax
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from random_networks import random_network
from test_random_programs import programs, run_mine
from thorough import BACKENDS, thorough
from ways_of_lifting import WAYS, lift_by

import engine
from engine import Value, compile, dot, exp, gradients, logsumexp, maximum, relu, sin, tanh, total
from nn import MLP, cross_entropy


def rosenbrock(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


@pytest.fixture(params=WAYS)
def way_of_lifting(request, monkeypatch):
    lift_by(monkeypatch, request.param)


def check_network(seed, backend):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    X, u = rng.uniform(-1, 1, (3, network.n_inputs)), rng.normal(size=len(network.parameters))
    slopes = gradients(total(network.function([Value(x) for x in row]) for row in X) / len(X), network.parameters)
    expected = np.array([x.data for x in gradients(dot(slopes, u.tolist()), network.parameters)])
    theta = [p.data for p in network.parameters]

    program = compile(network.function, inputs=network.n_inputs, parameters=network.parameters, backend=backend)
    _, gradient = program.value_and_grad(theta, X)
    scale = 1 + max(map(abs, [*expected, *gradient]))
    np.testing.assert_allclose(gradient, [x.data for x in slopes], rtol=1e-10, atol=1e-12 * scale)
    product = program.hvp(theta, X, vector=u)
    np.testing.assert_allclose(product, expected, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.usefixtures("way_of_lifting")
@pytest.mark.parametrize("first", [100, *(pytest.param(first, marks=thorough) for first in (125, 150, 175))])
def test_random_networks_twice_on_numpy(first):
    for seed in range(first, first + 25):
        check_network(seed, "numpy")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=thorough) for seed in range(1, 6))])
def test_random_networks_twice_on_jax(seed):
    check_network(seed, "jax")


@pytest.mark.parametrize("backend", BACKENDS)
def test_hessians_of_functions_of_a_list(backend):
    rng = np.random.default_rng(0)
    functions = [
        rosenbrock,
        lambda x: exp(x[0]) * sin(x[1]) + tanh(x[2] * x[3]),
        lambda x: logsumexp([x[0] * x[1], *x]),
    ]
    for function in functions:
        program = compile(function, inputs=4, backend=backend)
        X, U = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
        matrices = program.hessian(X)
        expected = [engine.hessian(function)(row.tolist()) for row in X]
        np.testing.assert_allclose(matrices, expected, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(program.hessian(X[0]), expected[0], rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(program.hvp(X, vector=U), np.einsum("brc,bc->br", expected, U), rtol=1e-9, atol=1e-9)


def test_the_hessian_that_jax_finds_by_itself():
    x = np.random.default_rng(1).normal(size=12)
    with jax.enable_x64(True):
        expected = jax.hessian(rosenbrock)(x)
    np.testing.assert_allclose(compile(rosenbrock, inputs=12).hessian(x), expected, rtol=1e-12, atol=1e-10)


def test_a_hessian_takes_as_few_products_as_its_zeros_allow():
    assert len(compile(rosenbrock, inputs=12)._columns.directions) == 3
    linear = compile(lambda x: 2 * x[0] - x[1] + relu(x[2]) + maximum(x[0], x[2]), inputs=3)
    assert len(linear._columns.directions) == 1
    assert not linear.hessian([1.0, 2.0, 3.0]).any()
    dense = compile(lambda x: logsumexp(x), inputs=5)
    assert len(dense._columns.directions) == 5


@thorough
@pytest.mark.usefixtures("way_of_lifting")
def test_hessians_of_random_programs():
    @settings(max_examples=60, deadline=None, phases=[Phase.generate])
    @given(programs())
    def compare(program):
        inputs, _, _ = program
        f = run_mine(program)
        expected = np.array(engine.hessian(f)(inputs))
        found = compile(f, inputs=len(inputs)).hessian(inputs)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * (1 + np.abs(expected).max()))

    compare()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_hessian_of_a_networks_loss(backend):
    model = MLP(2, [3, 3], activation="tanh", seed=1)
    X, Y = [[0.5, -1.0], [2.0, 0.25]], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]

    def loss(x, y):
        return cross_entropy(model(x), y)

    program = compile(loss, inputs=(2, 3), parameters=model.parameters(), backend=backend)
    theta = [p.data for p in model.parameters()]
    slopes = gradients((loss(X[0], Y[0]) + loss(X[1], Y[1])) / 2, model.parameters())
    expected = [[x.data for x in gradients(slope, model.parameters())] for slope in slopes]
    matrix = program.hessian(theta, X, Y)
    np.testing.assert_allclose(matrix, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(program.hvp(theta, X, Y, vector=[1.0] * len(theta)), np.sum(expected, 1), atol=1e-10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hessians_of_single_numbers_and_products_of_several_arguments(backend):
    cube = compile(lambda x: x**3, inputs=(), backend=backend)
    assert cube.hessian(2.0) == pytest.approx(12.0)
    np.testing.assert_allclose(cube.hessian([1.0, 2.0]), [6.0, 12.0])
    np.testing.assert_allclose(cube.hvp([1.0, 2.0], vector=[1.0, 10.0]), [6.0, 120.0])
    program = compile(lambda x, y: x[0] * x[1] * y, inputs=(2, ()), backend=backend)
    of_x, of_y = program.hvp([2.0, 3.0], 5.0, vector=([1.0, 0.0], 1.0))
    np.testing.assert_allclose(of_x, [3.0, 5.0 + 2.0])
    np.testing.assert_allclose(of_y, 3.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_jacobians(backend):
    def function(x):
        return [x[0] * x[1], sin(x[2]), x[0] + exp(x[1]), 7.0]

    X = np.random.default_rng(2).normal(size=(5, 3))
    program = compile(function, inputs=3, backend=backend)
    expected = [[*engine.jacobian(lambda x: function(x)[:3])(row.tolist()), [0.0] * 3] for row in X]
    np.testing.assert_allclose(program.jacobian(X), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(program.jacobian(X[0]), expected[0], rtol=1e-12, atol=1e-15)

    of_two = compile(lambda x, y: [x[0] * y, x[1] + y * y], inputs=(2, ()), backend=backend)
    of_x, of_y = of_two.jacobian([[2.0, 3.0]], [5.0])
    assert (of_x.tolist(), of_y.tolist()) == ([[[5.0, 0.0], [0.0, 1.0]]], [[2.0, 10.0]])

    model = MLP(2, [3, 2], activation="tanh", seed=0)
    in_theta = compile(model, inputs=2, parameters=model.parameters(), backend=backend)
    theta = [p.data for p in model.parameters()]
    rows = [[x.data for x in gradients(z, model.parameters())] for z in model([0.5, -1.0])]
    np.testing.assert_allclose(in_theta.jacobian(theta, [0.5, -1.0]), rows, rtol=1e-12)
    np.testing.assert_allclose(in_theta.jacobian(theta, [[0.5, -1.0]] * 2), [rows, rows], rtol=1e-12)


def test_a_large_batch_in_portions():
    x = np.random.default_rng(3).normal(size=(400, 3))
    weights = [Value(0.5), Value(-0.25), Value(2.0)]
    program = compile(lambda x: tanh(dot(weights, x)), inputs=3, parameters=weights)
    program._gradient_product._portion = 128
    theta = [w.data for w in weights]
    z = x @ theta
    curvature = -2 * np.tanh(z) * (1 - np.tanh(z) ** 2)
    np.testing.assert_allclose(program.hessian(theta, x), (x.T * curvature) @ x / len(x), rtol=1e-10)


def test_what_has_no_such_derivatives():
    of_list = compile(lambda x: [x[0], x[1]], inputs=2)
    with pytest.raises(TypeError, match="a Hessian is of one number"):
        of_list.hessian([1.0, 2.0])
    with pytest.raises(TypeError, match="a Hessian is of one number"):
        of_list.hvp([1.0, 2.0], vector=[1.0, 0.0])
    of_number = compile(lambda x, y: x[0] * y, inputs=(2, ()))
    with pytest.raises(TypeError, match="a Jacobian is of a list"):
        of_number.jacobian([1.0, 2.0], 3.0)
    with pytest.raises(ValueError, match="one argument, but this has 2"):
        of_number.hessian([1.0, 2.0], 3.0)
    with pytest.raises(ValueError, match="must have 2 parts"):
        of_number.hvp([1.0, 2.0], 3.0, vector=[[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"must have shape \(2,\), but has \(3,\)"):
        of_number.hvp([1.0, 2.0], 3.0, vector=([1.0, 2.0, 3.0], 1.0))
