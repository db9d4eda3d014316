"""Value: a number that remembers how it was made.

``c = a * b`` makes a node: `of_two`, or `record` where more has to be asked. ``c.backward()`` puts the nodes into
`topological_order` and applies the chain rule to one after the other, from the last to the first: `_sweep`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from threading import RLock
from types import CodeType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from engine import anomaly, by_hand, ieee, ops
from engine.by_hand import ByHand, HandMade
from engine.copying import Copied
from engine.escape import TraceError, check_may_escape
from engine.modes import PLAIN, current
from engine.number import Number, to_float
from engine.op import NOT_YET, Op
from engine.order import topological_order
from engine.source import NOWHERE, Site, is_ours, users_line

__all__ = [
    "Constant",
    "Input",
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
_NONE = ()  # all operands of a node that was made by hand of nothing, and is a leaf

_new = object.__new__
_getframe = sys._getframe


def _on_its_own(function: Any) -> Any:
    """The function with code of its own, as Python adapts code to the types, and the functions, that it meets there."""
    function.__code__ = function.__code__.replace()
    return function


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
        node._x = number = x._data
        node._data = value(ieee, number)
        node.op, node._grad, node._label = op, NOT_YET, ""
        node._a = x
        node._b = node._y = None
        node._code, node._instruction = code, frame.f_lasti
        return node

    return _on_its_own(function)


def of_two(op: Op) -> Callable[["Value", Any], "Value"]:
    """The operator that applies a row of two operands to a Value and whatever there is to its right; see `of_one`."""
    value = op.value

    def operator(a: "Value", b: Any) -> Any:
        frame = _getframe(1)
        code = frame.f_code
        if not isinstance(b, Value) or current() is not PLAIN or is_ours[code.co_filename]:
            return a.apply(op, a, b)
        node: Value = _new(Value)
        node._x = x = a._data
        node._y = y = b._data
        node._data = value(ieee, x, y)
        node.op, node._grad, node._label = op, NOT_YET, ""
        node._a, node._b = a, b
        node._code, node._instruction = code, frame.f_lasti
        return node

    return _on_its_own(operator)


T = TypeVar("T")

if TYPE_CHECKING:

    class _Stored(Generic[T]):
        def __get__(self, node: Any, kind: Any) -> T: ...
        def __set__(self, node: Any, x: Any) -> None: ...


def _stored(store: Callable[[Any, T], None]) -> "_Stored[T]":
    """A property that a function checks and stores in a slot; it is read from there in C, as that is done so often."""
    stored: Any = property(attrgetter(f"_{store.__name__}"), store, doc=store.__doc__)
    return stored


class Value(HandMade, Copied, Number["Value"]):
    """A number that remembers how it was made.

    Arithmetic on Values computes at once and records what it did: each result keeps the operation
    and the operands it came from. `backward` walks that record in reverse and leaves in every
    node's `grad` the derivative of the output with respect to it.

    A Value that is written down, such as ``Value(3.0)``, takes attributes of your own (``x.velocity = 0.0``); results,
    of which there are millions, do not.

    Args:
        data: the number, any real one.
        _children, _op: of a node made by hand, as in micrograd: the Values that it came from, and the sign of the
            operation; its `_backward` is to be set then. Text in the second place is the label.
        label: a name to show in pictures.

    Attributes:
        data (float): the number. That of a leaf may be set, to one real number of any kind.
        grad (float): the derivative of the last output that called `backward`; 0.0 until then. It may be set, too;
            to None for "not yet".
        op (Op or None): the operation that made it; None for a leaf.
        operands (tuple of Value): what it was applied to, in the order written.
        operand_data (tuple of float): the operands' numbers as they were when this was computed, so a
            later change of a leaf does not falsify the gradient of what came before.
        label (str): the name to show.
        site: where in the user's code it was made; `engine.source.source_of` reads it.

    Raises:
        TypeError: `data` is not one real number, a child is not a Value, or the label is not text.

    Example:
        >>> x = Value(3.0)
        >>> y = x**2 + 2 * x
        >>> y.backward()
        >>> y.data, x.grad
        (15.0, 8.0)
    """

    # A node is one object and no more, as the garbage collector looks through every one: the operands are _a and _b,
    # or if there are more than two, or it was made by hand, _a is all of them; their numbers are _x and _y likewise.
    # A leaf has None.
    __slots__ = ("_data", "_grad", "op", "_label", "_a", "_b", "_x", "_y", "_code", "_instruction")

    leaf_kind = "input"

    op: Op | None
    _data: float
    _grad: float
    _label: str
    _a: Any
    _b: Any
    _x: Any
    _y: Any
    _code: CodeType | None
    _instruction: int

    def __new__(cls, *_: Any, **__: Any) -> "Value":
        return _new(Input if cls is Value else cls)

    def __init__(self, data: Any, _children: Any = None, _op: str = "", label: str = "") -> None:
        if isinstance(_children, str):
            _children, label = None, label or _children
        self._data = data if type(data) is float else to_float(data)
        self._grad = NOT_YET
        self._label = label if type(label) is str else _to_text(label)
        self.op = self._a = self._b = self._x = self._y = None
        modes = current()
        self.site = modes.site or users_line(_getframe(1))
        if modes.leaves is not None:
            modes.leaves.add(self)
        if _children is not None or _op != "":
            by_hand.make(self, _children, _op)
            if modes.watched > 0 and self.op is not None:
                anomaly.check_forward(self)

    @_stored
    def data(self, number: float) -> None:
        """The number."""
        if self.op is not None and not isinstance(self.op, ByHand):
            raise TypeError(
                f"{self!r} was computed, and is what it is: change the data of the leaves that it was made of and "
                "compute it anew, or multiply it, add to it, as a part of the graph"
            )
        self._data = number if type(number) is float else to_float(number)

    @_stored
    def grad(self, number: float) -> None:
        """The derivative that the last backward pass left."""
        if number is None:
            number = NOT_YET
        self._grad = number if type(number) is float or number is NOT_YET else to_float(number)

    @_stored
    def label(self, text: str) -> None:
        """The name to show."""
        self._label = _to_text(text)

    __add__ = of_two(ops.ADD)
    __sub__ = of_two(ops.SUB)
    __mul__ = of_two(ops.MUL)
    __truediv__ = of_two(ops.DIV)

    @property
    def operands(self) -> tuple["Value", ...]:  # type: ignore[override]
        return _together(self._a, self._b)

    @property
    def operand_data(self) -> tuple[float, ...]:
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
        return self.leaf_kind if self.op is None or self._x is _NONE else "operation"

    def partials(self) -> tuple[float, ...]:
        """The local derivatives: for each operand the factor by which a small change of it comes through."""
        if self.op is None:
            return ()
        if isinstance(self.op, ByHand):
            with _one_at_a_time:
                return by_hand.measured(self)
        return self.op.partials(ieee, self._data, *self.operand_data)

    def backward(self, *, retain_graph: bool = True, keep_graph: bool = True) -> None:
        """Set `grad` on every node this one was made from to the derivative of this one.

        Interior nodes hold the gradients of this pass; leaves add up over passes until they are
        set to 0 again, so that the gradients of a batch can be summed.

        Args:
            retain_graph, keep_graph: options that other engines have. A graph is there as long as anything refers to
                it, and may be gone through again, whatever is given here.

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
                    if node.op is None or node._x is _NONE:
                        node._grad += gradient

    def __float__(self) -> float:
        check_may_escape(self)
        return self._data

    def _seen(self) -> float:
        return self._data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        grad = "" if self.grad is NOT_YET else f", grad={self.grad:.6g}"
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data:.6g}{grad}{label})"


class Input(Value):
    """What ``Value(...)`` makes: a leaf, or a node made by hand, with room for attributes of the user's own."""

    __slots__ = ("__dict__",)


class Constant(Value):
    """A plain number that met a Value in arithmetic: the 2 of ``2 * x``."""

    __slots__ = ()

    leaf_kind = "constant"


class Variable(Value):
    """What stands for a plain number in the place of an argument while a transform runs a function."""

    __slots__ = ()


def _to_text(label: Any) -> str:
    if label is None:
        return ""
    if isinstance(label, str):
        return str(label)
    hint = f', such as "{label}"' if isinstance(label, (int, float)) else ""
    raise TypeError(f"a label is text{hint}, but was given {label!r} ({type(label).__name__})")


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
            a, b = tuple([each if isinstance(each, Value) else lift(each) for each in (a, b, *more)]), None
            x = tuple([operand._data for operand in a])
        elif b is _NOTHING:
            a = a if isinstance(a, Value) else lift(a)
            b = None
            x = a._data
        else:
            a = a if isinstance(a, Value) else lift(a)
            b = b if isinstance(b, Value) else lift(b)
            x, y = a._data, b._data
    except TraceError:  # one of them is a symbol, with a way of its own
        operands = _together(a, b)
        return next(operand for operand in operands if operand.apply is not record).apply(op, *operands)
    except TypeError:
        return NotImplemented
    node: Value = _new(Value)
    node._data = op.value(ieee, x, y) if b is not None else op.value(ieee, *x) if more else op.value(ieee, x)
    node.op, node._grad, node._label = op, NOT_YET, ""
    node._a, node._b = a, b
    node._x, node._y = x, y
    modes = current()
    node._code, node._instruction = modes.site or users_line(_getframe(2)) or NOWHERE
    if modes.watched > 0:
        anomaly.check_forward(node)
    return node if modes.is_recording else _constant(node._data)


def connect(node: Value, op: Op, operands: Sequence[Value], data: Sequence[float]) -> None:
    """Make a node what an operation gives of operands, and their numbers: those that are not computed by `record`."""
    node.op = op
    node._a, node._b, node._x, node._y = tuple(operands), None, tuple(data), None


# Gradients are gathered in the nodes, as a dict beside them takes a third longer; and threads may share nodes.
_one_at_a_time = RLock()


def _sweep(output: Value, *, may_be_by_hand: bool = True) -> tuple[list[Value], list[float]]:
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
    before = [node._grad for node in order]
    try:
        if any(before):
            _set_gradients(order, [NOT_YET] * len(order))
        output._grad = 1.0
        for node in reversed(order):
            op, upstream = node.op, node._grad
            if op is None:
                continue
            a, b = node._a, node._b
            if b is not None:
                da, db = op.partials(ieee, node._data, node._x, node._y)
                a._grad += upstream * da
                b._grad += upstream * db
            elif type(a) is not tuple:
                (da,) = op.partials(ieee, node._data, node._x)
                a._grad += upstream * da
            elif may_be_by_hand and type(op) is ByHand:
                node._backward()
            else:
                partials = op.partials(ieee, node._data, *node._x)
                for operand, partial in zip(a, partials):  # noqa: B905  # strict=True doubles this loop's time
                    operand._grad += upstream * partial
        if current().watched > 0:
            anomaly.check_backward(order)
    except BaseException:
        _set_gradients(order, before)
        raise
    return order, before


def _set_gradients(nodes: Iterable[Value], gradients: Iterable[float]) -> None:
    for node, gradient in zip(nodes, gradients, strict=True):
        node._grad = gradient


def sweep(output: Value) -> dict[Value, float]:
    """The derivative of a node with respect to every node it was made from, as numbers. No node is changed.

    Args:
        output: the node to differentiate.

    Returns:
        dict from node to d(output)/d(node).

    Raises:
        TypeError: a node was made by hand.
    """
    with _one_at_a_time:
        order, before = _sweep(output, may_be_by_hand=False)
        adjoint = {node: node._grad for node in order}
        _set_gradients(order, before)
    return adjoint


def _constant(data: float) -> Constant:
    leaf: Constant = _new(Constant)
    leaf._data = data
    leaf._grad = NOT_YET
    leaf._label = ""
    leaf.op = leaf._a = leaf._b = leaf._x = leaf._y = leaf._code = None
    return leaf


Value.apply = staticmethod(record)
