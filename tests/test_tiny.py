"""A tour of the whole, to be read from top to bottom by whoever is new here. It takes a second or two."""

import math

import pytest

from engine import Value, check_gradients, compile, cos, dot, grad, gradients, sin, tanh, trace
from nn import MLP, accuracy, fit
from viz import draw_graph


def test_a_value_is_a_number_that_remembers_how_it_was_made():
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    assert c.data == -6.0
    assert c.op.name == "mul"
    assert c.operands == (a, b)


def test_backward_finds_the_derivative_by_every_number():
    a, b = Value(2.0), Value(-3.0)
    c = a * b + a
    c.backward()
    assert c.grad == 1.0
    assert a.grad == -3.0 + 1.0  # a is used twice, and what comes back along both ways is added up
    assert b.grad == 2.0


def test_gradients_add_up_until_they_are_zeroed():
    x = Value(3.0)
    for _ in range(2):
        (x**2).backward()
    assert x.grad == 12.0
    x.grad = 0.0
    (x**2).backward()
    assert x.grad == 6.0


def test_the_derivative_is_a_graph_too():
    x = Value(2.0)
    (slope,) = gradients(x**3, [x])
    assert slope.data == 12.0
    (curvature,) = gradients(slope, [x])
    assert curvature.data == 12.0
    assert grad(grad(grad(lambda x: x**3)))(2.0) == 6.0  # the same as functions, to any order


def test_a_neuron():
    w, x, b = [Value(0.5), Value(-1.0)], [2.0, 1.0], Value(0.25)
    y = tanh(dot(w, x, b))
    y.backward()
    slope = 1 - math.tanh(0.25) ** 2
    assert y.data == math.tanh(0.25)
    assert [v.grad for v in (*w, b)] == pytest.approx([2.0 * slope, 1.0 * slope, slope])


def test_nobody_has_to_believe_a_derivative():
    assert check_gradients(lambda x: tanh(x[0]) * x[1] ** 2, [0.3, -2.0]).ok  # by finite differences


def test_a_step_by_step_account():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    c.label = "c"
    account = str(trace(c))
    assert "c = a * b = 2 * (-3) = -6" in account
    assert "dc/da += dc/dc * dc/da = 1 * b = 1 * (-3) = -3" in account


def test_a_picture():
    a = Value(3.0, label="a")
    square = a * a
    square.backward()
    drawing = draw_graph(square).source
    assert "data 9" in drawing
    assert "gradient 6" in drawing
    assert drawing.count("v1 -> v2") == 2  # an arrow for each time that a is used


def test_a_network_learns_two_moons():
    angles = [math.pi * i / 29 for i in range(30)]
    upper, lower = [[cos(t), sin(t)] for t in angles], [[1 - cos(t), 0.5 - sin(t)] for t in angles]
    X, y = upper + lower, [1] * 30 + [-1] * 30
    model = MLP(2, [8, 1], activation="relu", seed=2)
    history = fit(model, X, y, loss="hinge", epochs=20, batch_size=5, learning_rate=0.5, progress=False)
    assert history["loss"][-1] < history["loss"][0] / 4
    assert accuracy(model, X, y) > 0.9


def test_compiling_finds_the_matrices():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    program = compile(lambda x, y: (model(x) - y) ** 2, inputs=(2, ()), parameters=model.parameters())
    equations = str(program)
    assert "z1 = W1 @ x + b1" in equations
    assert "a1 = tanh(z1)" in equations
    assert "d1 = (W2.T @ d2) * tanh'(z1)" in equations  # backpropagation, as on the board


def test_and_computes_the_same():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    rows, targets = [[0.5, -1.0], [1.0, 2.0]], [1.0, -1.0]
    loss = sum((model(x) - y) ** 2 for x, y in zip(rows, targets, strict=True)) / 2
    loss.backward()

    theta = [p.data for p in model.parameters()]
    program = compile(lambda x, y: (model(x) - y) ** 2, inputs=(2, ()), parameters=model.parameters(), backend="numpy")
    value, gradient = program.value_and_grad(theta, rows, targets)
    assert value == pytest.approx(loss.data)
    assert gradient == pytest.approx([p.grad for p in model.parameters()])
