"""The workloads, by name. A new one is a file here and a line below."""

from benchmarks.workload import Workload
from benchmarks.workloads import growth, memory, moons, random_dag, rosenbrock

__all__ = ["WORKLOADS"]

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        moons.WORKLOAD,
        rosenbrock.WORKLOAD,
        random_dag.WORKLOAD,
        memory.WORKLOAD,
        growth.CHAIN,
        growth.RANDOM_DAG,
        growth.MEMORY,
    )
}
