"""The text of NumPy and JAX programs is what a person would write."""

import pytest

from engine import compile, dot, exp, tanh
from nn import MLP, Layer

MLP_SOURCE = """\
def value(theta, x, y):
    W1 = theta[0:12].reshape(4, 3)[:, :2]
    b1 = theta[2:12:3]
    z1 = W1 @ x + b1
    a1 = tanh(z1)
    W2 = theta[12:16].reshape(1, 4)
    b2 = theta[16:17]
    z2 = W2 @ a1 + b2
    t1 = z2 - y
    loss = t1**2
    return [loss]


def value_and_grad(theta, x, y, seed):
    W1 = theta[0:12].reshape(4, 3)[:, :2]
    b1 = theta[2:12:3]
    z1 = W1 @ x + b1
    a1 = tanh(z1)
    W2 = theta[12:16].reshape(1, 4)
    b2 = theta[16:17]
    z2 = W2 @ a1 + b2
    t1 = z2 - y
    loss = t1**2
    dt1 = seed * (2.0 * t1)
    da1 = W2.T @ dt1
    d1 = da1 * (1.0 - a1 * a1)
    dtheta = concatenate((concatenate((d1 @ x.T, d1.sum(axis=1, keepdims=True)), axis=1).reshape(-1, 1), \
(dt1 @ a1.T).reshape(-1, 1), dt1.sum(axis=1, keepdims=True)))
    return [loss, dtheta]
"""


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_a_network(backend):
    model = MLP(2, [4, 1], activation="tanh", seed=1)
    program = compile(lambda x, y: (model(x) - y) ** 2, inputs=(2, ()), parameters=model.parameters(), backend=backend)
    assert program.source == MLP_SOURCE


def test_nothing_is_computed_twice():
    program = compile(lambda x: exp(tanh(x[0])) * tanh(x[0]) / x[1], inputs=2)
    assert program._value_and_grad.source.count("tanh(") == 1
    assert program._value_and_grad.source.count("exp(") == 1


def test_products_with_tied_matrices_are_of_one_view():
    layer = Layer(3, 2, seed=0)
    rows = [neuron.w for neuron in layer.neurons]
    weights = [w for row in rows for w in row]

    def there_and_back(x):
        hidden = [dot(row, x) for row in rows]
        return dot(*[[dot(list(column), hidden) for column in zip(*rows, strict=True)]] * 2)

    source = compile(there_and_back, inputs=3, parameters=weights)._value_and_grad.source
    assert source.count(".reshape(2, 3)") == 1
    assert "W1.T @ " in source
    assert "rows_" not in source


def test_rows_that_repeat_are_added_up_and_others_simply_added():
    repeats = compile(lambda x: sum(x[i] * x[j] for i, j in ((0, 1), (0, 3), (2, 0), (1, 1))), inputs=4)
    assert "add_at(" in repeats._value_and_grad.source
    x = [2.0, 3.0, 5.0, 7.0]
    assert repeats.value_and_grad(x)[1].tolist() == [3.0 + 7.0 + 5.0, 2.0 + 6.0, 2.0, 2.0]
    once = compile(lambda x: x[0] * x[1] + tanh(x[2]), inputs=4)
    assert "add_at(" not in once._value_and_grad.source
