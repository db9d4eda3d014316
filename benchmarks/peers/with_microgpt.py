"""The Value of Karpathy's microgpt, a GPT in 200 lines of Python that nobody installs: written anew, equally fast.

What makes it so: slots, local derivatives taken on the way forward, no closures, hence no cycles, and constructors
called by nobody but the operators. Like his it has subtraction and division by negating and inverting, which make
nodes of their own, and a recursive search. His file is gist.github.com/karpathy/8627fe009c40f57531cb18360106ce95.
"""

import math
from typing import Any

__all__ = ["Value"]


class Value:
    """A number, its operands, and its derivative by each of them.

    Args:
        data: the number.
        children: the operands.
        local_gradients: the derivative by each operand.
    """

    __slots__ = ("data", "grad", "children", "local_gradients")

    def __init__(self, data: float, children: tuple["Value", ...] = (), local_gradients: tuple[float, ...] = ()):
        self.data = data
        self.grad: float = 0
        self.children = children
        self.local_gradients = local_gradients

    def __add__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> "Value":
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> "Value":
        """His computes the exponential twice."""
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> "Value":
        """The natural logarithm."""
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> "Value":
        """The number or 0, whichever is larger."""
        return Value(max(0, self.data), (self,), (float(self.data > 0),))

    def tanh(self) -> "Value":
        """Not his: added as he would, for the random graph."""
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def __neg__(self) -> "Value":
        return self * -1

    def __sub__(self, other: Any) -> "Value":
        return self + (-other)

    def __truediv__(self, other: Any) -> "Value":
        return self * other**-1

    def __radd__(self, other: Any) -> "Value":
        return self + other

    def __rmul__(self, other: Any) -> "Value":
        return self * other

    def __rsub__(self, other: Any) -> "Value":
        return other + (-self)

    def __rtruediv__(self, other: Any) -> "Value":
        return other * self**-1

    def backward(self) -> None:
        """Add to every `grad` the derivative of this number by it."""
        order: list[Value] = []
        seen = set()

        def visit(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for child, local_gradient in zip(node.children, node.local_gradients):  # noqa: B905  a check costs time
                child.grad += local_gradient * node.grad
