"""Ten expressions of different kinds."""

from engine import Value, dot, exp, log, logsumexp, maximum, relu, sigmoid, tanh
from nn import MLP, Neuron


def shared():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    return relu(a * b + a * a + 10) * a


def twice():
    a = Value(3.0, label="a")
    b = a + a
    return b + b


def largest():
    x, y = Value(1.5, label="x"), Value(1.5, label="y")
    return maximum(x, y, 1.0) - x / y


def soft():
    scores = [Value(x, label=f"s{i}") for i, x in enumerate((1.0, 2.0, -1.0))]
    return logsumexp(scores) - scores[1]


def neuron():
    return Neuron(3, "tanh", seed=1)([Value(1.0, label="x1"), Value(-2.0, label="x2"), 0.5])


def loss():
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    rows = (([1.0, 2.0], 1.0), ([0.5, -1.0], -1.0), ([2.0, 0.0], 1.0))
    return sum((model(x) - y) ** 2 for x, y in rows) / 3


def network():
    return MLP(2, [3, 2, 1], seed=1)([1.0, -2.0])


def constant():
    return Value(2.0) * 3 + 1


def not_a_number():
    x = Value(-1.0, label="x")
    return log(x) + x * x


def infinite():
    x = Value(1000.0, label="x")
    return exp(x) * sigmoid(x) + dot([x, 2.0], [x, 3.0], 1.0)


def leaf():
    return Value(1.0, label="x")


def chain():
    x = Value(0.5, label="x")
    for _ in range(5):
        x = tanh(x * 1.5)
    return x


EXPRESSIONS = {
    each.__name__: each
    for each in (shared, twice, largest, soft, neuron, loss, network, constant, not_a_number, infinite, leaf, chain)
}
