"""chalkgrad's contestants: one for each backend of the compiler, missing where the backend does not exist yet."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from benchmarks.measure import Trial
from benchmarks.workload import Contestant, MissingError

__all__ = ["BACKENDS", "COMPILED", "compiled", "on_backends"]

BACKENDS = {"numpy": "", "numba": "numba", "jax": "jax"}
"""What each backend needs."""

COMPILED = tuple(f"chalkgrad, {backend}" for backend in BACKENDS)
"""What the contestants are called; an aim for all of them is met by the best."""


def on_backends(prepare: Callable[..., Trial], *arguments: Any, without: Sequence[str] = ()) -> Iterable[Contestant]:
    """A contestant for each backend.

    Args:
        prepare: is called with the arguments, and then the backend.
        *arguments: those.
        without: backends that do not take part.
    """
    return [
        Contestant(name, partial(_prepare, prepare, *arguments, backend), needs, role="ours")
        for name, (backend, needs) in zip(COMPILED, BACKENDS.items(), strict=True)
        if backend not in without
    ]


def _prepare(prepare: Callable[..., Trial], *arguments: Any) -> Trial:
    from engine.compiler import BACKENDS

    if arguments[-1] not in BACKENDS:
        raise MissingError(f"there is no {arguments[-1]} backend yet")
    return prepare(*arguments)


def compiled(function: Callable[[Any], Any], point: Sequence[float], backend: str) -> Trial:
    """Value and gradient of a function of a list of numbers; beside them the value alone."""
    import numpy as np

    from engine import compile

    program, x = compile(function, inputs=len(point), backend=backend), np.array(point)
    return Trial(
        lambda: program.value_and_grad(x),
        lambda result: [result[0], *result[1].tolist()],
        beside=lambda: program.value(x),
    )
