"""Value: a number that remembers how it was made."""

import sys
from collections.abc import Iterable
from threading import RLock
from typing import Any

from engine import anomaly, ieee
from engine.modes import PLAIN, current
from engine.number import Number, to_float
from engine.ops import Op
from engine.source import IN_NN, Site, locate, sites, users_line

__all__ = ["Constant", "TraceError", "Value", "lift", "record", "sweep", "topological_order"]


class TraceError(TypeError):
    """A function that is being compiled asks for a number that does not exist yet."""


class _NotYet(float):
    """The gradient of a node that no backward pass has reached: counts as 0, and is known not to be one."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOT_YET"  # there is only one


NOT_YET = _NotYet(0.0)


class Value(Number["Value"]):
    """A number that remembers how it was made.

    Arithmetic on Values computes at once and records what it did: each result keeps the operation
    and the operands it came from. `backward` walks that record in reverse and leaves in every
    node's `grad` the derivative of the output with respect to it.

    Args:
        data: the number, any real one.
        label: a name to show in pictures.

    Attributes:
        data (float): the number.
        grad (float): the derivative of the last output that called `backward`; 0.0 until then.
        op (Op or None): the operation that made it; None for a leaf.
        args (tuple of Value): the operands, in the order written.
        operands (tuple of float): the operands' numbers as they were when this was computed, so a
            later change of a leaf does not falsify the gradient of what came before.
        label (str): the name to show.
        site: where in the user's code it was made; `engine.source.source_of` reads it.

    Raises:
        TypeError: `data` is not one real number.

    Example:
        >>> x = Value(3.0)
        >>> y = x**2 + 2 * x
        >>> y.backward()
        >>> y.data, x.grad
        (15.0, 8.0)
    """

    __slots__ = ("data", "grad", "op", "args", "operands", "label", "site")

    leaf_kind = "input"

    data: float
    grad: float
    op: Op | None
    args: tuple["Value", ...]
    operands: tuple[float, ...]
    label: str
    site: Site | None

    def __init__(self, data: Any, label: str = "") -> None:
        self.data = to_float(data)
        self.grad = NOT_YET
        self.op = None
        self.args = self.operands = ()
        self.label = label
        self.site = users_line(_getframe(1))
        leaves = current().leaves
        if leaves is not None:
            leaves.add(self)

    @property
    def kind(self) -> str:
        """What it is: "operation", or for a leaf "input", "constant", or nn's "parameter"."""
        return self.leaf_kind if self.op is None else "operation"

    def backward(self) -> None:
        """Set `grad` on every node this one was made from to the derivative of this one.

        Interior nodes hold the gradients of this pass; leaves add up over passes until they are
        set to 0 again, so that the gradients of a batch can be summed.

        Example:
            >>> x = Value(3.0)
            >>> y = x**3
            >>> y.backward(); y.backward()
            >>> x.grad
            54.0
        """
        with _one_at_a_time:
            for node, before in _sweep(self):
                if node.op is None:
                    node.grad += before

    def __float__(self) -> float:
        return self.data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        kept = [slot for slot in Value.__slots__ if slot != "site"]  # a place in code means nothing elsewhere
        return None, {"site": None, **{slot: getattr(self, slot) for slot in kept}}

    # micrograd's names, which its users' drawing functions read.

    @property
    def _prev(self) -> tuple["Value", ...]:
        return self.args

    @property
    def _op(self) -> str:
        return "" if self.op is None else self.op.symbol

    def __repr__(self) -> str:
        grad = "" if self.grad is NOT_YET else f", grad={self.grad:.6g}"
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data:.6g}{grad}{label})"


class Constant(Value):
    """A plain number that met a Value in arithmetic: the 2 of ``2 * x``."""

    __slots__ = ()

    leaf_kind = "constant"


def lift(x: Any) -> Value:
    """A Value as it is, a plain number as a Constant; TypeError for anything else."""
    return x if isinstance(x, Value) else _new_leaf(Constant, to_float(x))


def record(op: Op, *args: Any) -> Value:
    """Apply an operation to operands and remember it: the one place where results are made.

    Args:
        op: a row of `engine.ops`.
        *args: Values or plain numbers; a plain number becomes a Constant.

    Returns:
        The new Value; NotImplemented where an operand is no number, as Python's operators expect.
    """
    data = []
    try:
        for arg in args:
            if not isinstance(arg, Value):
                args = tuple(map(lift, args))
                data = [arg.data for arg in args]
                break
            data.append(arg.data)
    except TraceError:  # one of them is a symbol, with a way of its own
        return next(arg for arg in args if arg.apply is not record).apply(op, *args)
    except TypeError:
        return NotImplemented
    node: Value = _new(Value)
    node.args = args
    node.operands = operands = tuple(data)
    node.op = op
    node.data = op.value(ieee, *operands)
    node.grad = NOT_YET
    node.label = ""
    frame = _getframe(2)  # who wrote the operator; `locate` looks further out where that was a function of ours
    site = sites.get((id(frame.f_code), frame.f_lasti)) or locate(frame)
    node.site = users_line(frame) if site is IN_NN else site
    modes = current()
    if modes is not PLAIN:
        if modes.watched > 0:
            anomaly.check_forward(node)
        if not modes.is_recording:
            return _new_leaf(Constant, node.data)
    return node


def topological_order(*outputs: Value) -> list[Value]:
    """Every node that the outputs were made from, operands always before the results made of them.

    Walks depth first with its own stack, so the depth of the graph is not limited by Python's.
    Operands keep the order in which they were written, and a node appears once however often it is used.

    Args:
        *outputs: the nodes to start from.

    Returns:
        list of Value: the nodes; the outputs are among them.

    Example:
        >>> a = Value(2.0)
        >>> b = a + a          # used twice, listed once
        >>> c = b * a
        >>> [node.data for node in topological_order(c)]
        [2.0, 4.0, 8.0]
    """
    order: list[Value] = []
    seen: set[Value] = set()
    path: list[Value] = []  # from an output down to where we are
    to_visit: list[Value | None] = [*outputs[::-1]]  # from its end; None for the way back up
    while to_visit:
        node = to_visit.pop()
        if node is None:
            order.append(path.pop())
        elif node not in seen:
            seen.add(node)
            if node.args:
                path.append(node)  # no iterator beside it: the collector would walk a deep path again and again
                to_visit.append(None)
                to_visit.extend(node.args[::-1])
            else:
                order.append(node)
    return order


_one_at_a_time = RLock()  # gradients are gathered in the nodes, which threads may share


def _sweep(output: Value) -> Iterable[tuple[Value, float]]:
    """The chain rule, once through the graph from the output to the leaves.

    In reverse topological order each node has received all of its gradient before it passes any on:
    that is why the order matters, and why one visit to each node is enough.

    Returns:
        Every node with the gradient that it had before. Where something is raised on the way, all have that again.

    Source:
        Griewank and Walther, "Evaluating Derivatives" (2008), section 3.2.
    """
    order = topological_order(output)
    before = [node.grad for node in order]
    try:
        for node in order:
            node.grad = 0.0
        output.grad = 1.0
        for node in reversed(order):
            if node.op is not None:
                upstream = node.grad
                partials = node.op.partials(ieee, node.data, *node.operands)
                for arg, partial in zip(node.args, partials):  # noqa: B905  # strict=True doubles this loop's time
                    arg.grad += upstream * partial
        if current().watched > 0:
            anomaly.check_backward(order)
    except BaseException:
        _set_gradients(zip(order, before, strict=True))
        raise
    return zip(order, before, strict=True)


def _set_gradients(gradients: Iterable[tuple[Value, float]]) -> None:
    for node, gradient in gradients:
        node.grad = gradient


def sweep(output: Value) -> dict[Value, float]:
    """The derivative of a node with respect to every node it was made from, as numbers. No node is changed.

    Args:
        output: the node to differentiate.

    Returns:
        dict from node to d(output)/d(node).
    """
    with _one_at_a_time:
        before = list(_sweep(output))
        adjoint = {node: node.grad for node, _ in before}
        _set_gradients(before)
    return adjoint


def _new_leaf(kind: type[Value], data: float) -> Value:
    leaf = _new(kind)
    leaf.data = data
    leaf.grad = NOT_YET
    leaf.op = leaf.site = None
    leaf.args = leaf.operands = ()
    leaf.label = ""
    return leaf


_new = object.__new__
_getframe = sys._getframe
Value.apply = staticmethod(record)
