"""Where the first nan or inf came from, forward or backward."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import modes
from engine.source import source_of

__all__ = ["check_backward", "check_forward", "detect_anomaly"]


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Raise where the first nan or inf comes up, forward or backward, instead of letting it spread.

    Raises:
        FloatingPointError: names the operation, its operands, and the line of your code that recorded it.

    Example:
        >>> from engine import Value, log
        >>> x = Value(-1.0)
        >>> with detect_anomaly():
        ...     y = 2 * log(x)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        FloatingPointError: log(-1) is nan
          File ...
    """
    with modes.deeper("watched"):
        yield


def check_forward(node: Any) -> None:
    """Raise FloatingPointError if an operation that was just computed is not finite."""
    if not math.isfinite(node.data):
        raise FloatingPointError(f"{_formula(node)} is {node.data}\n  {source_of(node.site)}")


def check_backward(order: Sequence[Any]) -> None:
    """Raise FloatingPointError if a gradient of this pass is not finite, naming where it first was not.

    Args:
        order: the nodes, operands before results, each with the gradient of this pass.
    """
    if all(math.isfinite(node.grad) for node in order if node.kind != "constant"):
        return
    for node in reversed(order):
        if node.op is None:
            continue
        for number, partial in enumerate(node.partials(), 1):
            if node.operands[number - 1].kind != "constant" and not math.isfinite(node.grad * partial):
                raise FloatingPointError(
                    f"going backward through {_formula(node)}, gradient {node.grad:.6g} times the derivative "
                    f"{partial:.6g} with respect to operand {number} is {node.grad * partial:.6g}\n"
                    f"  {source_of(node.site)}"
                )
    node = next(node for node in reversed(order) if node.kind != "constant" and not math.isfinite(node.grad))
    raise FloatingPointError(f"going backward, the gradients that {node!r} receives add up to {node.grad}")


def _formula(node: Any) -> str:
    assert node.op is not None
    return node.op.write(*[f"{x:.6g}" for x in node.operand_data])
