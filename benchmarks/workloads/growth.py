"""How the price of a node grows with the graph: hardly, if time and memory are linear in the number of nodes.

Here the contestants are sizes. Graphs of different sizes have different gradients, so an answer is
divided by what it should be: all have to be 1.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.dag import differentiate_by_hand, evaluate, inputs, random_dag
from benchmarks.measure import Trial, Unit, held_bytes, seconds_at_once
from benchmarks.workload import Aim, Contestant, Workload
from engine import Value, tanh

SIZES = [1_000, 10_000, 100_000, 1_000_000]


def chain(n_nodes: int) -> Trial:
    """x <- (x + x0) / 2 over and over, each result made from the one before; it stays x0, and its derivative 1."""
    start = 3.0

    def step() -> Any:
        x = y = Value(start)
        for _ in range(n_nodes // 2):
            y = (y + x) / 2
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data / start, result[1].grad], size=n_nodes)


def dag(n_nodes: int) -> Trial:
    """A random program, value and gradient."""
    program, start = random_dag(n_nodes), inputs()

    def step() -> Any:
        x = [Value(number) for number in start]
        y = evaluate(program, x, tanh)
        y.backward()
        return y, x

    def answer(result: Any) -> list[float]:
        y, x = result
        expected = differentiate_by_hand(program, start)
        return [mine / right for mine, right in zip([y.data, *(leaf.grad for leaf in x)], expected, strict=True)]

    return Trial(step, answer, size=n_nodes)


def growth(
    name: str, title: str, prepare: Callable[[int], Trial], unit: Unit, rounds: int, aims: tuple[Aim, ...] = ()
) -> Workload:
    """The same at all sizes, compared with the smallest."""
    names = [f"{size:,} nodes" for size in SIZES]
    return Workload(
        name=name,
        title=title,
        reference=names[0],
        contestants=tuple(Contestant(f"{n:,} nodes", partial(prepare, n), role="ours") for n in SIZES),
        aims=(Aim(names[-1], of=names[0], at_most=1.5), *aims),
        unit=unit,
        rounds=rounds,
        in_summary=False,
    )


CHAIN = growth("growth-chain", "time for a node, there and back, along a chain", chain, seconds_at_once, rounds=3)
RANDOM_DAG = growth("growth-dag", "time for a node, there and back, in a random graph", dag, seconds_at_once, rounds=3)
MEMORY = growth("growth-memory", "memory held by a node after backward, in a random graph", dag, held_bytes, rounds=2)
