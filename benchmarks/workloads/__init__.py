"""The workloads, by name. A new one is a file here and a line below."""

from benchmarks.workload import Workload
from benchmarks.workloads import (
    compiler_growth,
    digits,
    growth,
    iris,
    memory,
    moons,
    random_dag,
    rosenbrock,
    value_cost,
)

__all__ = ["WORKLOADS"]

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        moons.WORKLOAD,
        iris.WORKLOAD,
        digits.WORKLOAD,
        rosenbrock.WORKLOAD,
        random_dag.WORKLOAD,
        value_cost.ROSENBROCK,
        value_cost.RANDOM_DAG,
        memory.WORKLOAD,
        growth.CHAIN,
        growth.RANDOM_DAG,
        growth.MEMORY,
        compiler_growth.COMPILE,
        compiler_growth.WIDTH,
        compiler_growth.DEPTH,
        compiler_growth.BATCH,
    )
}
