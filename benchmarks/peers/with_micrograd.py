"""micrograd, as installed; what it lacks is added in the way in which its users add it."""

import math
from typing import Any

__all__ = ["tanh"]


def tanh(x: Any) -> Any:
    """tanh of a micrograd Value, written like its relu."""
    from micrograd.engine import Value

    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")

    def _backward() -> None:
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out
