"""Value: a number that remembers how it was made.

``c = a * b`` makes a node: `of_two`, or `record` where more has to be asked. ``c.backward()`` puts the nodes into
`topological_order` and applies the chain rule to one after the other, from the last to the first: `_sweep`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from types import CodeType
from typing import Any

from engine import anomaly, ieee, ops
from engine.escape import TraceError, check_may_escape
from engine.modes import PLAIN, current
from engine.number import Number, to_float
from engine.op import NOT_YET, Op
from engine.source import NOWHERE, Site, is_ours, users_line

__all__ = [
    "Constant",
    "TraceError",
    "Value",
    "Variable",
    "connect",
    "lift",
    "of_one",
    "of_two",
    "record",
    "sweep",
    "topological_order",
]


_NOTHING = object()  # in the place of an operand that there is not

_new = object.__new__
_getframe = sys._getframe


def of_one(op: Op, otherwise: Callable[..., Any]) -> Callable[[Any], Any]:
    """The function that applies a row of one operand.

    It does what `record` does where there is nothing to ask: to a Value, in the user's own code, with no modes on.
    There nodes are made by the million, and `record` takes a quarter longer.

    Args:
        op: the row.
        otherwise: (op, x) -> the result for what is no Value.
    """
    value = op.value

    def function(x: Any) -> Any:
        if not isinstance(x, Value):
            return otherwise(op, x)
        frame = _getframe(1)
        code = frame.f_code
        if current() is not PLAIN or is_ours[code.co_filename]:
            return x.apply(op, x)
        node: Value = _new(Value)
        node._x = number = x.data
        node.data = value(ieee, number)
        node.op, node.grad, node.label = op, NOT_YET, ""
        node._a = x
        node._b = node._y = None
        node._code, node._instruction = code, frame.f_lasti
        return node

    return function


def of_two(op: Op) -> Callable[["Value", Any], "Value"]:
    """The operator that applies a row of two operands to a Value and whatever there is to its right; see `of_one`."""
    value = op.value

    def operator(a: "Value", b: Any) -> Any:
        frame = _getframe(1)
        code = frame.f_code
        if not isinstance(b, Value) or current() is not PLAIN or is_ours[code.co_filename]:
            return a.apply(op, a, b)
        node: Value = _new(Value)
        node._x = x = a.data
        node._y = y = b.data
        node.data = value(ieee, x, y)
        node.op, node.grad, node.label = op, NOT_YET, ""
        node._a, node._b = a, b
        node._code, node._instruction = code, frame.f_lasti
        return node

    return operator


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

    # A node is one object and no more, as the garbage collector looks through every one: args are _a and _b, or if
    # there are more than two _a is all of them; operands are _x and _y likewise. A leaf has None.
    __slots__ = ("data", "grad", "op", "label", "_a", "_b", "_x", "_y", "_code", "_instruction")

    leaf_kind = "input"

    data: float
    grad: float
    op: Op | None
    label: str
    _a: Any
    _b: Any
    _x: Any
    _y: Any
    _code: CodeType | None
    _instruction: int

    def __init__(self, data: Any, label: str = "") -> None:
        self.data = to_float(data)
        self.grad = NOT_YET
        self.op = self._a = self._b = self._x = self._y = None
        self.label = label
        modes = current()
        self.site = modes.site or users_line(_getframe(1))
        if modes.leaves is not None:
            modes.leaves.add(self)

    __add__ = of_two(ops.ADD)
    __sub__ = of_two(ops.SUB)
    __mul__ = of_two(ops.MUL)
    __truediv__ = of_two(ops.DIV)

    @property
    def args(self) -> tuple["Value", ...]:
        return _together(self._a, self._b)

    @property
    def operands(self) -> tuple[float, ...]:
        return _together(self._x, self._y)

    @property
    def site(self) -> Site | None:
        return None if self._code is None else (self._code, self._instruction)

    @site.setter
    def site(self, site: Site | None) -> None:
        self._code, self._instruction = site or NOWHERE

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
        check_may_escape(self)  # gradients are plain numbers
        with _one_at_a_time:
            order, before = _sweep(self)
            if any(before):  # as a rule they were 0 or not there yet
                for node, gradient in zip(order, before, strict=True):
                    if node.op is None:
                        node.grad += gradient

    def __float__(self) -> float:
        check_may_escape(self)
        return self.data

    def _seen(self) -> float:
        return self.data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        kept = [slot for slot in Value.__slots__ if slot not in ("_code", "_instruction")]
        return None, {"site": None, **{slot: getattr(self, slot) for slot in kept}}  # a place means nothing elsewhere

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


class Variable(Value):
    """What stands for a plain number in the place of an argument while a transform runs a function."""

    __slots__ = ()


def _together(first: Any, second: Any) -> tuple[Any, ...]:
    if second is not None:
        return first, second
    return () if first is None else first if type(first) is tuple else (first,)


def lift(x: Any) -> Value:
    """A Value as it is, a plain number as a Constant; TypeError for anything else."""
    return x if isinstance(x, Value) else _constant(to_float(x))


def record(op: Op, a: Any, b: Any = _NOTHING, *more: Any) -> Value:
    """Apply an operation to operands, whatever they are and whoever asks, and remember it.

    Args:
        op: a row of `engine.ops`.
        a, b, *more: Values or plain numbers; a plain number becomes a Constant.

    Returns:
        The new Value; NotImplemented where an operand is no number, as Python's operators expect.
    """
    x: Any
    y: Any = None
    try:
        if more:
            a, b = tuple([arg if isinstance(arg, Value) else lift(arg) for arg in (a, b, *more)]), None
            x = tuple([arg.data for arg in a])
        elif b is _NOTHING:
            a = a if isinstance(a, Value) else lift(a)
            b = None
            x = a.data
        else:
            a = a if isinstance(a, Value) else lift(a)
            b = b if isinstance(b, Value) else lift(b)
            x, y = a.data, b.data
    except TraceError:  # one of them is a symbol, with a way of its own
        args = _together(a, b)
        return next(arg for arg in args if arg.apply is not record).apply(op, *args)
    except TypeError:
        return NotImplemented
    node: Value = _new(Value)
    node.data = op.value(ieee, x, y) if b is not None else op.value(ieee, *x) if more else op.value(ieee, x)
    node.op, node.grad, node.label = op, NOT_YET, ""
    node._a, node._b = a, b
    node._x, node._y = x, y
    modes = current()
    node._code, node._instruction = modes.site or users_line(_getframe(2)) or NOWHERE
    if modes.watched > 0:
        anomaly.check_forward(node)
    return node if modes.is_recording else _constant(node.data)


def connect(node: Value, op: Op, args: Sequence[Value], operands: Sequence[float]) -> None:
    """Make a node what an operation gives: those that are not computed by `record`."""
    node.op = op
    node._a, node._b, node._x, node._y = tuple(args), None, tuple(operands), None


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
    visit = to_visit.append
    while to_visit:
        node = to_visit.pop()
        if node is None:
            order.append(path.pop())
        elif node not in seen:
            seen.add(node)
            a, b = node._a, node._b
            if a is None:
                order.append(node)
                continue
            path.append(node)  # no iterator beside it: the collector would walk a deep path again and again
            visit(None)
            if b is not None and b not in seen:
                visit(b)
            if type(a) is tuple:
                to_visit.extend(a[::-1])
            elif a not in seen:
                visit(a)
    return order


# Gradients are gathered in the nodes, as a dict beside them takes a third longer; and threads may share nodes.
_one_at_a_time = RLock()


def _sweep(output: Value) -> tuple[list[Value], list[float]]:
    """The chain rule, once through the graph from the output to the leaves.

    In reverse topological order each node has received all of its gradient before it passes any on:
    that is why the order matters, and why one visit to each node is enough.

    Returns:
        The nodes, now with the gradients of this pass, and the gradients that they had before, which they have again
        where something is raised on the way.

    Source:
        Griewank and Walther, "Evaluating Derivatives" (2008), section 3.2.
    """
    order = topological_order(output)
    before = [node.grad for node in order]
    try:
        if any(before):
            _set_gradients(order, [NOT_YET] * len(order))
        output.grad = 1.0
        for node in reversed(order):
            op, upstream = node.op, node.grad
            if op is None:
                continue
            a, b = node._a, node._b
            if b is not None:
                da, db = op.partials(ieee, node.data, node._x, node._y)
                a.grad += upstream * da
                b.grad += upstream * db
            elif type(a) is not tuple:
                (da,) = op.partials(ieee, node.data, node._x)
                a.grad += upstream * da
            else:
                partials = op.partials(ieee, node.data, *node._x)
                for arg, partial in zip(a, partials):  # noqa: B905  # strict=True doubles this loop's time
                    arg.grad += upstream * partial
        if current().watched > 0:
            anomaly.check_backward(order)
    except BaseException:
        _set_gradients(order, before)
        raise
    return order, before


def _set_gradients(nodes: Iterable[Value], gradients: Iterable[float]) -> None:
    for node, gradient in zip(nodes, gradients, strict=True):
        node.grad = gradient


def sweep(output: Value) -> dict[Value, float]:
    """The derivative of a node with respect to every node it was made from, as numbers. No node is changed.

    Args:
        output: the node to differentiate.

    Returns:
        dict from node to d(output)/d(node).
    """
    with _one_at_a_time:
        order, before = _sweep(output)
        adjoint = {node: node.grad for node in order}
        _set_gradients(order, before)
    return adjoint


def _constant(data: float) -> Constant:
    leaf: Constant = _new(Constant)
    leaf.data = data
    leaf.grad = NOT_YET
    leaf.label = ""
    leaf.op = leaf._a = leaf._b = leaf._x = leaf._y = leaf._code = None
    return leaf


Value.apply = staticmethod(record)
