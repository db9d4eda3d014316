"""How much memory a recorded graph holds, for each of its operations. The answer is the value computed."""

from collections.abc import Callable
from typing import Any

from benchmarks.dag import evaluate, inputs, random_dag
from benchmarks.measure import Trial, held_bytes
from benchmarks.peers import with_micrograd
from benchmarks.workload import Aim, Contestant, Workload

N_NODES = 10_000


def graph(number: Callable[[float], Any], tanh: Callable[[Any], Any]) -> Trial:
    """A graph of somebody's numbers."""
    program, start = random_dag(N_NODES), inputs()
    return Trial(lambda: evaluate(program, [*map(number, start)], tanh), lambda y: [y.data], size=N_NODES)


def chalkgrad() -> Trial:
    """chalkgrad's Values."""
    from engine import Value, tanh

    return graph(Value, tanh)


def micrograd() -> Trial:
    """micrograd's Values."""
    from micrograd.engine import Value

    return graph(Value, with_micrograd.tanh)


def microgpt() -> Trial:
    """microgpt's Values."""
    from benchmarks.peers.with_microgpt import Value

    return graph(Value, Value.tanh)


WORKLOAD = Workload(
    name="memory",
    title="memory held by a node, in a random graph of 10,000 (add, mul, tanh)",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad, eager", chalkgrad, role="ours"),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("microgpt", microgpt),
    ),
    aims=(Aim("chalkgrad, eager", of="micrograd", at_most=1 / 4),),
    unit=held_bytes,
    rounds=3,
)
