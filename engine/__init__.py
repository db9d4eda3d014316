"""Scalar automatic differentiation: write arithmetic on single numbers, and read everything else off its record.

>>> from engine import Value
>>> x = Value(3.0)
>>> y = x**2
>>> y.backward()
>>> x.grad
6.0
"""

from engine.functions import (
    absolute,
    cos,
    dot,
    elu,
    exp,
    gelu,
    leaky_relu,
    log,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    prelu,
    relu,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    step,
    swish,
    tanh,
    total,
)
from engine.graph import topological_order
from engine.value import Constant, Value

__all__ = [
    "Constant",
    "Value",
    "absolute",
    "cos",
    "dot",
    "elu",
    "exp",
    "gelu",
    "leaky_relu",
    "log",
    "log_softmax",
    "logsumexp",
    "maximum",
    "minimum",
    "prelu",
    "relu",
    "sigmoid",
    "sin",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "swish",
    "tanh",
    "topological_order",
    "total",
]
