"""The step on two moons in plain sums of products, as everybody first writes it, and no `dot`: Value beside Value.

One function for everybody's numbers, so that what differs is what it costs to record a product and a sum.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

from benchmarks.measure import Trial
from benchmarks.workload import Aim, Contestant, Workload
from benchmarks.workloads.moons import TASK


def training(number: Callable[[float], Any]) -> Trial:
    """Steps in somebody's numbers."""
    X, y = TASK.data()
    layers = [
        [([*map(number, row)], number(bias)) for row, bias in zip(W.tolist(), b.tolist(), strict=True)]
        for W, b in TASK.matrices()
    ]
    parameters = [p for weights, bias in chain.from_iterable(layers) for p in (*weights, bias)]

    def neuron(weights: list[Any], bias: Any, x: list[Any]) -> Any:
        return sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)

    def score(x: list[Any]) -> Any:
        *hidden, (last,) = layers
        for layer in hidden:
            x = [neuron(weights, bias, x).relu() for weights, bias in layer]
        return neuron(*last, x)

    def step() -> float:
        losses = [(1 + -label * score([*map(number, row)])).relu() for row, label in zip(X, y, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + TASK.l2 * sum(p * p for p in parameters)
        loss.backward()
        for p in parameters:
            p.data -= TASK.rate * p.grad
            p.grad = 0
        return loss.data

    return TASK.trial(step)


def eager() -> Trial:
    """chalkgrad's Values."""
    from engine import Value

    return training(Value)


def micrograd() -> Trial:
    """micrograd's."""
    from micrograd.engine import Value

    return training(Value)


def microgpt() -> Trial:
    """microgpt's."""
    from benchmarks.peers.with_microgpt import Value

    return training(Value)


WORKLOAD = Workload(
    name="moons-sums",
    title="the same step on two moons in plain sums of products, eager",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad, eager", eager, role="ours"),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("microgpt", microgpt),
    ),
    aims=(Aim("chalkgrad, eager", of="microgpt", at_most=1.0),),
    rounds=5,
)
