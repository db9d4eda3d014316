"""Scalar automatic differentiation: write arithmetic on single numbers, and read everything else off its record.

>>> from engine import Value
>>> x = Value(3.0)
>>> y = x**2
>>> y.backward()
>>> x.grad
6.0
"""

from engine import elementary, reductions
from engine.adjoints import gradients
from engine.anomaly import detect_anomaly
from engine.batch import batch_mean, batched
from engine.check import check_gradients, numerical_gradient
from engine.compiler import compile as compile  # not in __all__: a star would hide Python's own
from engine.cost import count_operations
from engine.elementary import *  # noqa: F403  # what its __all__ says
from engine.forward import Dual
from engine.modes import no_grad
from engine.operation import operation
from engine.order import topological_order
from engine.reductions import *  # noqa: F403
from engine.trace import trace
from engine.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from engine.value import Constant, TraceError, Value

__all__ = [
    "Constant",
    "Dual",
    "TraceError",
    "Value",
    "batch_mean",
    "batched",
    "check_gradients",
    "count_operations",
    "detect_anomaly",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "numerical_gradient",
    "operation",
    "topological_order",
    "trace",
    "value_and_grad",
    "vjp",
]
__all__ += elementary.__all__
__all__ += reductions.__all__
