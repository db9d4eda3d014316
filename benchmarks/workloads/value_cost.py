"""What a gradient costs: value and gradient of a compiled program, in evaluations of its value alone.

Reverse mode needs a few. A figure below 1 praises nobody: there the value alone is not carried out as well as it is
together with its gradient, and an aim that it meets is not met honestly. Both are timed in one process, one after the
other. What a call costs in Python is in both figures, and makes the ratio of a tiny program look better than it is.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks import chalkgrad
from benchmarks.dag import inputs
from benchmarks.measure import values
from benchmarks.peers import with_casadi
from benchmarks.workload import Aim, Contestant, Workload
from benchmarks.workloads.random_dag import of_symbols, of_values
from benchmarks.workloads.rosenbrock import POINT, rosenbrock

Function = Callable[[list[Any]], Any]


def value_cost(
    name: str, title: str, ours: Function, casadis: Function, point: list[float], without: Sequence[str] = ()
) -> Workload:
    """The cost for one function, which CasADi may have in other words."""
    compiled = tuple(chalkgrad.on_backends(chalkgrad.compiled, ours, point, without=without))
    return Workload(
        name=f"value-cost-{name}",
        title=f"cost of value and gradient, compiled, in values: {title}",
        reference="CasADi",
        contestants=(
            *compiled,
            Contestant("CasADi", partial(with_casadi.in_buffers, casadis, point), needs="casadi"),
        ),
        aims=tuple(Aim(contestant.name, of=None, at_most=2.5) for contestant in compiled),
        unit=values,
    )


ROSENBROCK = value_cost("rosenbrock", "Rosenbrock's function of 100 variables", rosenbrock, rosenbrock, POINT)
RANDOM_DAG = value_cost("dag", "random graph of 10,000 nodes", of_values, of_symbols, inputs(), without=["jax"])
