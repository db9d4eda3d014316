"""The machine: holding it still, and saying which one it was."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["describe_machine", "package_versions", "use_one_core"]

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
PACKAGES = ("autograd", "casadi", "jax", "micrograd", "numba", "numpy", "scikit-learn", "torch")

VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}  # the widest first


def use_one_core() -> None:
    """Bind this process, and all it starts from now on, to one core and one thread."""
    for variable in THREADS:
        os.environ[variable] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the first core often has the system's own work


def describe_machine() -> dict[str, str]:
    """Processor, system and Python."""
    return {
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def package_versions() -> dict[str, str]:
    """The versions of those peers that are installed."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def _processor() -> str:
    """What it calls itself, and its widest vectors, without which exponentials of NumPy take ten times as long."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    found = dict(reversed([(name.strip(), text.strip()) for name, _, text in (line.partition(":") for line in lines)]))
    widest = next((told for flag, told in VECTORS.items() if flag in found.get("flags", "").split()), None)
    name = found.get("model name") or platform.processor() or "unknown"
    return f"{name} with {widest}" if widest else name
