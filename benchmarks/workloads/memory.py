"""How much memory a recorded graph holds, for each of its operations. The answer is the value computed."""

from benchmarks.dag import evaluate, inputs, random_dag
from benchmarks.measure import Trial, held_bytes
from benchmarks.peers import with_micrograd
from benchmarks.workload import Aim, Contestant, Workload

N_NODES = 10_000


def chalkgrad() -> Trial:
    """A graph of Values."""
    from engine import Value, tanh

    program, start = random_dag(N_NODES), inputs()
    return Trial(lambda: evaluate(program, [*map(Value, start)], tanh), lambda y: [y.data], size=N_NODES)


def micrograd() -> Trial:
    """A graph of micrograd's Values."""
    from micrograd.engine import Value

    program, start = random_dag(N_NODES), inputs()
    return Trial(lambda: evaluate(program, [*map(Value, start)], with_micrograd.tanh), lambda y: [y.data], size=N_NODES)


WORKLOAD = Workload(
    name="memory",
    title="memory held by a node, in a random graph of 10,000 (add, mul, tanh)",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad, eager", chalkgrad, role="ours"),
        Contestant("micrograd", micrograd, needs="micrograd"),
    ),
    aims=(Aim("chalkgrad, eager", of="micrograd", at_most=1 / 4),),
    unit=held_bytes,
    rounds=3,
)
