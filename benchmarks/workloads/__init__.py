"""The workloads, by name. A new one is a file here and a line below."""

from benchmarks.workload import Workload
from benchmarks.workloads import (
    compiler_growth,
    digits,
    gpt,
    growth,
    hessian,
    iris,
    memory,
    moons,
    moons_sums,
    random_dag,
    rosenbrock,
    value_cost,
)

__all__ = ["WORKLOADS"]

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        moons.WORKLOAD,
        moons_sums.WORKLOAD,
        iris.WORKLOAD,
        digits.WORKLOAD,
        rosenbrock.WORKLOAD,
        random_dag.WORKLOAD,
        gpt.WORKLOAD,
        hessian.ROSENBROCK,
        hessian.NET,
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
