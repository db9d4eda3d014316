"""Nodes made by hand, as micrograd teaches it: a number, the nodes it came from, and a function for the way back.

    out = Value(math.atan(x.data), (x,), "atan")

    def _backward():
        x.grad += out.grad / (1 + x.data**2)

    out._backward = _backward

`Value.backward` runs that function, and nothing else knows what such a node computes: its row says so to whoever reads
it. An operation that works everywhere is made by `engine.operation`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NoReturn

from engine.modes import current
from engine.op import Op

__all__ = ["ByHand", "HandMade", "make", "measured", "row_by_hand"]

NAMELESS = "by_hand"


class ByHand(Op):
    """The row of nodes that were made by hand, which has a name and no formulas."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return row_by_hand, (self.name,)

    def write(self, *operands: str) -> str:
        if self.name.isidentifier() or not operands:
            return f"{self.name}({', '.join(operands)})"
        if len(operands) > 1:
            return f" {self.name} ".join(operands)
        return operands[0] + self.name if self.name.startswith("*") else self.name + operands[0]


@lru_cache(maxsize=1024)
def row_by_hand(name: str) -> ByHand:
    """The row of that name: there is one for each."""

    def refuse(m: Any, *xs: Any) -> NoReturn:
        raise TypeError(
            f"{name} was made by hand, and only its _backward knows how: backward() works, but for whatever reads "
            "formulas (grad, jvp and all transforms, gradients, compile) define an operation: "
            "engine.operation(value, partials, name=...)"
        )

    name = name.replace("{", "(").replace("}", ")")  # which templates of text would take for places to fill in
    latex = re.sub(r"[^\w\s*/+<>=.,:;!?()-]|_", " ", name)
    return ByHand(name, refuse, refuse, latex=rf"\operatorname{{{latex}}}")


class HandMade:
    """What lets a Value be made by hand, under the names that micrograd has for it."""

    __slots__ = ()

    op: Any
    operands: tuple[Any, ...]

    @property
    def _prev(self) -> tuple[Any, ...]:
        """The operands."""
        return self.operands

    @_prev.setter
    def _prev(self, children: Iterable[Any]) -> None:
        make(self, children)

    @property
    def _op(self) -> str:
        """The sign of the operation; "" where there is none."""
        if self.op is None or isinstance(self.op, ByHand):
            return str(getattr(self, "__dict__", {}).get("_op", ""))
        return str(self.op.symbol)

    @_op.setter
    def _op(self, name: str) -> None:
        make(self, name=name)

    @property
    def _backward(self) -> Callable[[], None]:
        """The step of `backward` at this node: add to the gradients of its operands, by its own."""
        if self.op is None or isinstance(self.op, ByHand):
            given: Callable[[], None] = getattr(self, "__dict__", {}).get("_backward", _nothing)
            return given
        return partial(_pass_on, self)

    @_backward.setter
    def _backward(self, function: Callable[[], None]) -> None:
        make(self, backward=function)


def make(node: Any, children: Any = None, name: Any = None, backward: Any = None) -> None:
    """Say of a node how it was made, or a part of that: what is None stays as it is."""
    if not hasattr(node, "__dict__") or not (node.op is None or isinstance(node.op, ByHand)):
        raise TypeError(
            f"{node!r} knows how it was made. A node made by hand is one of its own: Value(number, children, op), and "
            "then its _backward"
        )
    if not current().is_recording:
        return
    if name is not None:
        node.__dict__["_op"] = _text(name)
    if backward is not None:
        node.__dict__["_backward"] = _callable(backward)
    operands = node.operands if children is None else _nodes(children)
    if operands or node.__dict__.get("_backward", _nothing) is not _nothing:
        node.op = row_by_hand(node.__dict__.get("_op") or NAMELESS)
        node._a, node._x = operands, tuple([operand.data for operand in operands])
    else:
        node.op = node._a = node._x = None


def measured(node: Any) -> tuple[float, ...]:
    """The local derivatives of a node made by hand: what it passes on of a gradient of 1.

    Of an operand that it has several times each gets the same share, as nobody can tell them apart.
    """
    before = {each: each._grad for each in (node, *node.operands)}
    try:
        for each in before:
            each._grad = 0.0
        node._grad = 1.0
        node._backward()
        uses = Counter(node.operands)
        return tuple([operand._grad / uses[operand] for operand in node.operands])
    finally:
        for each, gradient in before.items():
            each._grad = gradient


def _nothing() -> None:
    """What a leaf does on the way back."""


def _pass_on(node: Any) -> None:
    for operand, slope in zip(node.operands, node.partials(), strict=True):
        operand._grad += node._grad * slope


def _text(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the _op of a node made by hand is text, the sign of an operation, but was {name!r}")
    return name


def _callable(function: Any) -> Callable[[], None]:
    if not callable(function):
        raise TypeError(f"a node's _backward is a function without arguments, but was {function!r}")
    found: Callable[[], None] = function
    return found


def _nodes(children: Any) -> tuple[Any, ...]:
    """The operands of a node made by hand, as a tuple."""
    if isinstance(children, HandMade) or not isinstance(children, Iterable):
        raise TypeError(f"the children of a node made by hand are a tuple of Values, but were {children!r}: write (x,)")
    nodes = tuple(children)
    for node in nodes:
        if not isinstance(node, HandMade):
            raise TypeError(
                f"the children of a node made by hand are Values, but one is {node!r}; an operation that works on "
                "whatever transforms and compile give to a function is made by engine.operation"
            )
    return nodes
