"""Random networks, written on single numbers in as many ways as people do."""

from itertools import pairwise
from random import Random
from typing import NamedTuple

from engine import (
    Value,
    dot,
    exp,
    gelu,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    tanh,
    total,
)


class Network(NamedTuple):
    """A function of a list of `n_inputs` numbers, its parameters, and what it is made of."""

    function: object
    n_inputs: int
    parameters: list
    layers: list


ACTIVATIONS = [
    tanh, sigmoid, relu, sin, softplus, gelu, abs, lambda a: leaky_relu(a, 0.1), lambda a: 2 - a, lambda a: a * a,
    lambda a: exp(a * 0.25), lambda a: 1 / (1 + a * a), lambda a: sqrt(a * a + 1), lambda a: log(1 + a**2),
]  # fmt: skip


class Maker:
    """Makes layers: each method draws one for so many numbers, and gives a function from list to list."""

    def __init__(self, random):
        self.random = random
        self.parameters = []
        self.matrices = []  # (rows, width) of all so far, which later layers may use again

    def new(self, n):
        found = [Value(self.random.uniform(-1, 1)) for _ in range(n)]
        self.parameters += found
        return found

    def matrix(self, height, width):
        rows = [self.new(width) for _ in range(height)]
        self.matrices.append((rows, width))
        return rows

    def dense(self, n):
        height = self.random.randint(1, 5)
        W, b = self.matrix(height, n), self.new(height)
        neuron = self.random.choice([
            lambda w, x, b: dot(w, x, b),
            lambda w, x, b: dot(w, x) + b,
            lambda w, x, b: sum((a * c for a, c in zip(w, x, strict=True)), b),
            lambda w, x, b: b + sum(c * a for a, c in zip(w, x, strict=True)),
            lambda w, x, b: dot([*w, b], [*x, 1.0]),
        ])  # fmt: skip
        return lambda x: [neuron(w, x, c) for w, c in zip(W, b, strict=True)]

    def interleaved(self, n):  # each neuron's weights with its bias after them
        rows = [self.new(n + 1) for _ in range(self.random.randint(1, 5))]
        return lambda x: [dot(row[:-1], x, row[-1]) for row in rows]

    def tied(self, n):
        usable = [rows for rows, _ in self.matrices if len(rows) == n]
        if not usable:
            return self.dense(n)
        rows = self.random.choice(usable)
        return lambda x: [dot(list(column), x) for column in zip(*rows, strict=True)]

    def again(self, n):
        usable = [rows for rows, width in self.matrices if width == n]
        if not usable:
            return self.dense(n)
        rows = self.random.choice(usable)
        return lambda x: [tanh(dot(row, x)) for row in rows]

    def convolution(self, n):
        size = self.random.randint(1, min(3, n))
        kernels = [self.new(size + 1) for _ in range(self.random.randint(1, 2))]
        step = self.random.randint(1, 2)
        return lambda x: [
            sum(k[j] * x[i + j] for j in range(size)) + k[-1] for k in kernels for i in range(0, n - size + 1, step)
        ]

    def recurrent(self, n):
        U, w, b = self.matrix(2, 2), self.new(2), self.new(2)
        start = self.random.choice([[0.0, 0.0], [0.1, -0.2], self.new(2)])
        together = self.random.random() < 0.5

        def run(x):
            h = start
            for a in x:
                if together:
                    h = [tanh(dot([*U[i], w[i]], [*h, a], b[i])) for i in range(2)]
                else:
                    h = [tanh(dot(U[i], h) + w[i] * a + b[i]) for i in range(2)]
            return h

        return run

    def residual(self, n):
        W, b = self.matrix(n, n), self.new(n)
        return lambda x: [a + tanh(dot(w, x, c)) for a, w, c in zip(x, W, b, strict=True)]

    def attention(self, n):
        q, k, v = self.new(n), self.new(n), self.new(n)

        def run(x):
            weights = [softmax([q[i] * x[i] * k[j] * x[j] for j in range(n)]) for i in range(n)]
            return [dot(row, [v[j] * x[j] for j in range(n)]) for row in weights]

        return run

    def normalised(self, n):
        scale = self.new(n) if self.random.random() < 0.5 else [1.0] * n

        def run(x):
            mean = sum(x) / n
            spread = sqrt(sum((a - mean) ** 2 for a in x) / n + 0.125)
            return [s * (a - mean) / spread for s, a in zip(scale, x, strict=True)]

        return run

    def softmax_by_hand(self, n):
        def run(x):
            peak = maximum(*x) if n > 1 else x[0]
            powers = [exp(a - peak) for a in x]
            return [p / sum(powers) for p in powers]

        return run

    def picked(self, n):
        rows = [self.random.randrange(n) for _ in range(self.random.randint(1, 6))]
        return lambda x: [x[i] for i in rows]

    def scaled(self, n):
        (g,) = self.new(1)
        return lambda x: [a * g + g for a in x]

    def activation(self, n):
        function = self.random.choice(ACTIVATIONS)
        return lambda x: [function(a) for a in x]

    def plain(self, n):  # what needs nothing to be drawn
        return self.random.choice([
            softmax,
            lambda x: [logsumexp(x), logsumexp([2 * a for a in x]), logsumexp([*x, 0.5])],
            lambda x: [dot(x, x), sum(a * a for a in x), dot(x, x[::-1])],
            lambda x: [a - b for a, b in zip(x, x[1:] + x[:1], strict=True)],
            lambda x: [maximum(a, b) for a, b in pairwise(x)] + [minimum(*x, 0.5)],
            lambda x: [sum(x[: i + 1]) for i in range(len(x))],
            lambda x: [*x, *x][:6],
        ])  # fmt: skip

    def loss(self, n):
        parameters = self.parameters
        return self.random.choice([
            lambda h, y: sum(h) * y,
            lambda h, y: sum((a - y) ** 2 for a in h) / len(h),
            lambda h, y: total(h) + 0.125 * dot(parameters, parameters),
            lambda h, y: total([*h, y, *parameters]),
            lambda h, y: (sum(h) / len(h) - y) ** 2 + 0.5 * sum(abs(p) for p in parameters),
            lambda h, y: logsumexp([*h, y]) - h[0],
            lambda h, y: sum(h) + sum(p * p for p in parameters) + parameters[0],
        ])  # fmt: skip


NO_LAYERS = ("new", "matrix", "loss")
LAYERS = [name for name in vars(Maker) if not name.startswith("__") and name not in NO_LAYERS]


def random_network(seed):
    """A network of one to five layers; the same for the same seed."""
    random = Random(seed)
    maker = Maker(random)
    n = random.randint(1, 6)
    n_inputs = n + 1  # the last one is a label
    names, layers = [], []
    for _ in range(random.randint(1, 5)):
        names.append(random.choice(LAYERS))
        layers.append(getattr(maker, names[-1])(n))
        n = len(layers[-1]([0.5] * n))
    if not maker.parameters:
        layers.append(maker.scaled(n))
    loss = maker.loss(n)

    def function(x):
        h = list(x[:-1])
        for layer in layers:
            h = layer(h)
        return loss(h, x[-1])

    return Network(function, n_inputs, maker.parameters, names)
