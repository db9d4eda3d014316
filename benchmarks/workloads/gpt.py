"""A training step of a GPT made of single numbers: Karpathy's microgpt, one document, forward, backward and Adam.

One function for everybody's numbers, in plain operators, exp, log and relu: nobody's sum of products is one node.
The sizes are his but for a shorter context. micrograd has neither exp nor log, so it takes no part.
"""

import random
from collections.abc import Callable, Sequence
from itertools import chain, count, pairwise
from typing import Any

from benchmarks.measure import Trial
from benchmarks.workload import Aim, Contestant, Workload

WIDTH, HEADS, CONTEXT = 16, 4, 8
BETWEEN = 0  # the token between documents; the letters are 1 to 26
TOKENS = [BETWEEN, *(ord(letter) - ord("a") + 1 for letter in "gradient")]  # CONTEXT of them have a next one
SHAPES = {
    "token": (27, WIDTH),
    "position": (CONTEXT, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "mixed": (WIDTH, WIDTH),
    "hidden": (4 * WIDTH, WIDTH),
    "output": (WIDTH, 4 * WIDTH),
    "logits": (27, WIDTH),
}
RATE, BETA1, BETA2, EPSILON = 0.01, 0.85, 0.99, 1e-8

Vector = Sequence[Any]
Weights = dict[str, list[list[Any]]]


def weights(number: Callable[[float], Any]) -> Weights:
    """The matrices as all start them, in somebody's numbers."""
    draw = random.Random(42)
    return {
        name: [[number(draw.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def loss(weights: Weights, tokens: Sequence[int]) -> Any:
    """The mean over a document of -log(the probability of the token that comes next)."""
    keys: list[Vector] = []
    values: list[Vector] = []
    losses = []
    for position, (token, following) in enumerate(pairwise(tokens)):
        logits = predict(weights, token, position, keys, values)
        losses.append(-softmax(logits)[following].log())
    return 1 / len(losses) * sum(losses)


def predict(weights: Weights, token: int, position: int, keys: list[Vector], values: list[Vector]) -> Vector:
    """The logits of the next token; to the keys and values so far this token's are added."""
    embedded = zip(weights["token"][token], weights["position"][position], strict=True)
    x = normalize([t + p for t, p in embedded])

    before, x = x, normalize(x)
    query = times(weights["query"], x)
    keys.append(times(weights["key"], x))
    values.append(times(weights["value"], x))
    size = WIDTH // HEADS
    heads = (slice(start, start + size) for start in range(0, WIDTH, size))
    x = [number for head in heads for number in attend(query[head], [k[head] for k in keys], [v[head] for v in values])]
    x = [a + b for a, b in zip(times(weights["mixed"], x), before, strict=True)]

    before, x = x, normalize(x)
    x = times(weights["output"], [number.relu() for number in times(weights["hidden"], x)])
    return times(weights["logits"], [a + b for a, b in zip(x, before, strict=True)])


def attend(query: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """The mean of the values, weighted by how well their keys suit the query."""
    scale = len(query) ** 0.5
    shares = softmax([number / scale for number in times(keys, query)])
    return [sum(share * v for share, v in zip(shares, column, strict=True)) for column in zip(*values, strict=True)]


def times(matrix: Sequence[Vector], x: Vector) -> Vector:
    """A matrix times a vector."""
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in matrix]


def softmax(logits: Vector) -> Vector:
    """Shares of 1; the largest logit is taken off as a plain number."""
    largest = max(logit.data for logit in logits)
    exponentials = [(logit - largest).exp() for logit in logits]
    whole = sum(exponentials)
    return [e / whole for e in exponentials]


def normalize(x: Vector) -> Vector:
    """Divided by the root of the mean square, without a gain to learn."""
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def training(number: Callable[[float], Any]) -> Trial:
    """Steps in somebody's numbers. The answer: the loss and gradient of the first step, the losses of the next two."""
    model = weights(number)
    parameters = list(chain.from_iterable(chain.from_iterable(model.values())))
    means, squares = [0.0] * len(parameters), [0.0] * len(parameters)
    steps = count(1)

    def step() -> tuple[float, list[float]]:
        cost = loss(model, TOKENS)
        cost.backward()
        gradient = [p.grad for p in parameters]
        t = next(steps)
        for i, (p, g) in enumerate(zip(parameters, gradient, strict=True)):
            means[i] = BETA1 * means[i] + (1 - BETA1) * g
            squares[i] = BETA2 * squares[i] + (1 - BETA2) * g**2
            mean, square = means[i] / (1 - BETA1**t), squares[i] / (1 - BETA2**t)
            p.data -= RATE * mean / (square**0.5 + EPSILON)
            p.grad = 0
        return cost.data, gradient

    def answer(first: tuple[float, list[float]]) -> list[float]:
        return [first[0], *first[1], *(step()[0] for _ in range(2))]

    return Trial(step, answer)


def eager() -> Trial:
    """chalkgrad's Values."""
    from engine import Value

    return training(Value)


def microgpt() -> Trial:
    """microgpt's own."""
    from benchmarks.peers.with_microgpt import Value

    return training(Value)


WORKLOAD = Workload(
    name="gpt",
    title="training step of a GPT in single numbers: microgpt, 8 tokens, width 16, 4 heads, Adam",
    reference="microgpt",
    contestants=(
        Contestant("chalkgrad, eager", eager, role="ours"),
        Contestant("microgpt", microgpt),
    ),
    aims=(Aim("chalkgrad, eager", of="microgpt", at_most=1.0),),
    tolerance=1e-12,
)
