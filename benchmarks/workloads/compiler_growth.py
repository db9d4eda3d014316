"""How the compiler's time grows: that to compile with the recorded graph, that of a step with network and batch.

Here the contestants are sizes, beside NumPy by hand at the same size. Networks of different sizes have different
gradients, so an answer is compared with the one by hand: all have to be 1.
"""

from collections.abc import Callable
from functools import partial
from math import sqrt
from typing import Any

from benchmarks.measure import Trial, seconds_at_once
from benchmarks.peers import with_numpy
from benchmarks.workload import Aim, Contestant, Workload
from benchmarks.workloads.growth import SIZES, growth
from nn import MLP, mean_squared_error


def compile_one(n_nodes: int) -> Trial:
    """Compile a network written as micrograd's users write theirs, two nodes for each weight: what a node takes."""
    import numpy as np

    from engine import Value, compile, tanh

    width = round(sqrt(n_nodes / 4))
    random = np.random.default_rng(0)
    layers = [(random.normal(size=(m, width)) / sqrt(width), random.normal(size=m)) for m in (width, width, 1)]
    scalars = [([[*map(Value, row)] for row in W.tolist()], [*map(Value, b.tolist())]) for W, b in layers]
    parameters = [value for W, b in scalars for row, bias in zip(W, b, strict=True) for value in (*row, bias)]

    def squared_error(x: Any, y: Any) -> Any:
        for W, b in scalars:
            sums = [sum(w * a for w, a in zip(row, x, strict=True)) + bias for row, bias in zip(W, b, strict=True)]
            x = [tanh(z) for z in sums]
        return (sums[0] - y) ** 2

    def answer(program: Any) -> list[float]:
        X, y = random.normal(size=(1, width)), random.normal(size=1)
        return agreement(program.value_and_grad(flat(layers), X, y), with_numpy.regression(layers, X, y))

    return Trial(lambda: compile(squared_error, inputs=(width, ()), parameters=parameters), answer, size=n_nodes)


def step(width: int, depth: int, batch: int, *, by_hand: bool) -> Trial:
    """Value and gradient of a network's mean squared error over a batch."""
    import numpy as np

    from engine import compile

    model = MLP(2, [width] * depth + [1], activation="tanh", seed=1)
    layers = [(np.array(layer.weights), np.array(layer.biases)) for layer in model.layers]
    random = np.random.default_rng(0)
    X, y = random.normal(size=(batch, 2)), random.normal(size=batch)
    if by_hand:
        return Trial(lambda: with_numpy.regression(layers, X, y), lambda result: [1.0, 1.0, 1.0])
    program = compile(lambda x, y: mean_squared_error(model(x), y), inputs=(2, ()), parameters=model.parameters())
    theta = flat(layers)
    return Trial(
        lambda: program.value_and_grad(theta, X, y),
        lambda result: agreement(result, with_numpy.regression(layers, X, y)),
    )


def flat(layers: list[tuple[Any, Any]]) -> Any:
    """All numbers as the compiler has them: neuron by neuron, weights before bias."""
    import numpy as np

    return np.concatenate([np.column_stack(layer).ravel() for layer in layers])


def agreement(ours: tuple[float, Any], by_hand: tuple[float, Any]) -> list[float]:
    """The ratios of the values, of the gradients along the one by hand, and of their lengths: 1 if they are equal."""
    import numpy as np

    (value, gradient), (expected, right) = ours, (by_hand[0], flat(by_hand[1]))
    square = np.vdot(right, right)
    return [value / expected, np.vdot(gradient, right) / square, sqrt(np.vdot(gradient, gradient) / square)]


def step_growth(what: str, sizes: list[int], of: Callable[..., dict[str, int]]) -> Workload:
    """The same at all sizes, compared with NumPy by hand at the largest.

    Args:
        what: grows.
        sizes: through these.
        of: a size -> width, depth and batch.
    """
    contestants = [
        Contestant(name, partial(step, **of(size), by_hand=by_hand), role="peer" if by_hand else "ours")
        for size in sizes
        for by_hand, name in ((False, f"{what} {size:,}"), (True, f"{what} {size:,}, NumPy by hand"))
    ]
    ours, by_hand = contestants[-2:]
    return Workload(
        name=f"growth-{what}",
        title=f"value and gradient of an MLP 2-16-16-1 tanh, 100 rows, as its {what} grows",
        reference=contestants[0].name,
        contestants=tuple(contestants),
        aims=(Aim(ours.name, of=by_hand.name, at_most=1.2),),
        rounds=5,
        in_summary=False,
    )


COMPILE = growth(
    "growth-compile",
    "time to compile a node of a network of single numbers",
    compile_one,
    seconds_at_once,
    rounds=2,
    aims=(Aim(f"{SIZES[-1]:,} nodes", of=None, at_most=60 / SIZES[-1]),),  # a million in less than a minute
)
WIDTH = step_growth("width", [16, 64, 256], lambda n: {"width": n, "depth": 2, "batch": 100})
DEPTH = step_growth("depth", [2, 8, 32], lambda n: {"width": 16, "depth": n, "batch": 100})
BATCH = step_growth("batch", [10, 100, 1_000, 10_000], lambda n: {"width": 16, "depth": 2, "batch": n})
