"""What can be switched for a stretch of code: whether to record, and whether to watch for nan and inf."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING

from engine import ieee
from engine.source import source_of

if TYPE_CHECKING:
    from engine.value import Value

__all__ = ["detect_anomaly", "no_grad"]

# Depths rather than flags, so that blocks which do not end in the order in which they began, as in
# generators, leave nothing behind.
muted: ContextVar[int] = ContextVar("muted", default=0)
watching: ContextVar[int] = ContextVar("watching", default=0)
noting: "ContextVar[set[Value] | None]" = ContextVar("noting", default=None)

switched = 0  # how many blocks are open in any thread: recording a node looks no further while this is 0
_lock = Lock()


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results inside are constants, and nothing goes backward through them.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     y = x * 2
        >>> y.data, y.op
        (6.0, None)
    """
    with _deeper(muted):
        yield


def is_recording() -> bool:
    """Whether results remember how they were made."""
    return muted.get() <= 0


@contextmanager
def recorded() -> Iterator[None]:
    """Record, whatever is around: what a derivative needs to be taken of."""
    before = muted.get()
    muted.set(0)
    try:
        yield
    finally:
        muted.set(before)


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
    with _deeper(watching):
        yield


@contextmanager
def note_leaves() -> "Iterator[set[Value]]":
    """Collect the leaves that are made inside."""
    leaves: set[Value] = set()
    before = noting.get()
    with _switched():
        noting.set(leaves)
        try:
            yield leaves
        finally:
            noting.set(before)


def is_noting() -> bool:
    """Whether leaves are collected here: in this thread, that is, as others may."""
    return noting.get() is not None


def note_leaf(leaf: "Value") -> None:
    """Add a leaf that was just made to the collection, if there is one."""
    leaves = noting.get()
    if leaves is not None:
        leaves.add(leaf)


@contextmanager
def _deeper(depth: "ContextVar[int]") -> Iterator[None]:
    with _switched():
        depth.set(depth.get() + 1)
        try:
            yield
        finally:
            depth.set(depth.get() - 1)


@contextmanager
def _switched() -> Iterator[None]:
    global switched
    with _lock:
        switched += 1
    try:
        yield
    finally:
        with _lock:
            switched -= 1


def check_forward(node: "Value") -> None:
    """Raise FloatingPointError if we are watching and a node that was just computed is not finite."""
    if watching.get() <= 0:
        return
    if not math.isfinite(node.data) and node.op is not None:
        raise FloatingPointError(f"{_formula(node)} is {node.data}\n  {source_of(node.site)}")


def check_backward(order: "list[Value]", adjoint: "dict[Value, float]") -> None:
    """Raise FloatingPointError if we are watching and a gradient is not finite, naming where it first was not."""
    if watching.get() <= 0 or all(math.isfinite(x) for node, x in adjoint.items() if node.kind != "constant"):
        return
    for node in reversed(order):
        if node.op is None:
            continue
        for number, partial in enumerate(node.op.partials(ieee, node.data, *node.operands), 1):
            if node.args[number - 1].kind != "constant" and not math.isfinite(adjoint[node] * partial):
                raise FloatingPointError(
                    f"going backward through {_formula(node)}, gradient {adjoint[node]:.6g} times the derivative "
                    f"{partial:.6g} with respect to operand {number} is {adjoint[node] * partial:.6g}\n"
                    f"  {source_of(node.site)}"
                )
    node = next(node for node in reversed(order) if node.kind != "constant" and not math.isfinite(adjoint[node]))
    raise FloatingPointError(f"going backward, the gradients that {node!r} receives add up to {adjoint[node]}")


def _formula(node: "Value") -> str:
    assert node.op is not None
    return node.op.write(*[f"{x:.6g}" for x in node.operands])
