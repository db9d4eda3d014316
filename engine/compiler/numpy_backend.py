"""The NumPy backend: the emitted text, run on arrays in main memory that are added to in place."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import arrays
from engine.compiler.emit import emit
from engine.compiler.program import Family, VectorProgram

__all__ = ["build"]


def build(program: VectorProgram, targets: Sequence[Family]) -> tuple[str, Callable[..., Any], Callable[..., Any]]:
    """(source, value, value_and_grad) of a program; see `emit.Emitted`."""
    emitted = emit(program, targets)
    names: dict[str, Any] = {name: getattr(arrays, name) for name in dir(arrays) if not name.startswith("_")}
    names |= {name: np.array(table) for name, table in emitted.tables.items()}
    names |= {"add_at": np.add.at, "broadcast_to": np.broadcast_to, "concatenate": np.concatenate, "zeros": np.zeros}
    names |= {"copy": lambda a: np.array(a, order="C"), "inf": np.inf, "nan": np.nan}  # C: so that a reshape is a view
    exec(compile(emitted.source, "<compiled to NumPy>", "exec"), names)
    return emitted.source, _quiet(names["value"]), _quiet(names["value_and_grad"])


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):  # inf and nan are answers here, not accidents
            return function(*arguments)

    return run
