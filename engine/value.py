"""Value: a number that remembers how it was made."""

import math
from numbers import Real
from typing import Any

from engine import ieee, ops, reverse
from engine.ops import Op

__all__ = ["Constant", "Value", "lift", "record", "to_float"]


class _NotYet(float):
    """The gradient of a node that no backward pass has reached: counts as 0, and is known not to be one."""

    __slots__ = ()


NOT_YET = _NotYet(0.0)


def to_float(x: Any) -> float:
    """A real number of any kind (int, float, Fraction, NumPy scalar) as a float; TypeError otherwise."""
    scalar_array = getattr(x, "shape", None) == () and x.dtype.kind in "biuf"
    if isinstance(x, Real) or scalar_array:
        try:
            return float(x)
        except OverflowError:  # an int beyond the floats
            return math.inf if x > 0 else -math.inf
    hint = "it is one already" if isinstance(x, Value) else "give an int or a float"
    raise TypeError(f"a Value holds one real number, but was given {x!r} ({type(x).__name__}): {hint}")


class Value:
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

    Raises:
        TypeError: `data` is not one real number.

    Example:
        >>> x = Value(3.0)
        >>> y = x**2 + 2 * x
        >>> y.backward()
        >>> y.data, x.grad
        (15.0, 8.0)
    """

    __slots__ = ("data", "grad", "op", "args", "operands", "label")

    data: float
    grad: float
    op: Op | None
    args: tuple["Value", ...]
    operands: tuple[float, ...]
    label: str

    def __init__(self, data: Any, label: str = "") -> None:
        self.data = to_float(data)
        self.grad = NOT_YET
        self.op = None
        self.args = self.operands = ()
        self.label = label

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
        for node, adjoint in reverse.sweep(self).items():
            node.grad = adjoint if node.args else node.grad + adjoint

    # fmt: off
    def __add__(self, other: Any) -> "Value": return record(ops.ADD, self, other)
    def __sub__(self, other: Any) -> "Value": return record(ops.SUB, self, other)
    def __mul__(self, other: Any) -> "Value": return record(ops.MUL, self, other)
    def __truediv__(self, other: Any) -> "Value": return record(ops.DIV, self, other)
    def __rsub__(self, other: Any) -> "Value": return record(ops.SUB, other, self)
    def __rmul__(self, other: Any) -> "Value": return record(ops.MUL, other, self)
    def __rtruediv__(self, other: Any) -> "Value": return record(ops.DIV, other, self)
    def __rpow__(self, other: Any) -> "Value": return record(ops.POW, other, self)
    def __neg__(self) -> "Value": return record(ops.NEG, self)
    def __pos__(self) -> "Value": return self
    def __abs__(self) -> "Value": return record(ops.ABSOLUTE, self)

    def __lt__(self, other: Any) -> bool: return self.data < other
    def __le__(self, other: Any) -> bool: return self.data <= other
    def __gt__(self, other: Any) -> bool: return self.data > other
    def __ge__(self, other: Any) -> bool: return self.data >= other
    def __float__(self) -> float: return self.data
    # fmt: on

    def __radd__(self, other: Any) -> "Value":
        if type(other) is int and other == 0:  # where sum() starts: no operand of anybody's
            return self
        return record(ops.ADD, other, self)

    def __pow__(self, other: Any) -> "Value":
        if isinstance(other, Real):  # a constant exponent needs no log x, so x may be 0 or negative
            exponent = to_float(other)
            exponent = int(exponent) if exponent.is_integer() else exponent
            return record(ops.POWER(exponent=exponent), self)
        return record(ops.POW, self, other)

    def __repr__(self) -> str:
        grad = "" if self.grad is NOT_YET else f", grad={self.grad:.6g}"
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data:.6g}{grad}{label})"


class Constant(Value):
    """A plain number that met a Value in arithmetic: the 2 of ``2 * x``."""

    __slots__ = ()


def lift(x: Any) -> Value:
    """A Value as it is, a plain number as a Constant; TypeError for anything else."""
    return x if isinstance(x, Value) else Constant(x)


_new = object.__new__


def record(op: Op, *args: Any) -> Value:
    """Apply an operation to operands and remember it: the one place where nodes are made.

    Args:
        op: a row of `engine.ops`.
        *args: Values or plain numbers; a plain number becomes a Constant.

    Returns:
        The new Value; NotImplemented where an operand is no number, as Python's operators expect.
    """
    for arg in args:
        if not isinstance(arg, Value):
            try:
                args = tuple(map(lift, args))
            except TypeError:
                return NotImplemented
            break
    node: Value = _new(Value)
    node.args = args
    node.operands = operands = tuple([arg.data for arg in args])
    node.op = op
    node.data = op.value(ieee, *operands)
    node.grad = NOT_YET
    node.label = ""
    return node
