"""The activation functions of a layer, by name."""

from collections.abc import Callable
from typing import Any

from engine import elu, gelu, leaky_relu, relu, sigmoid, softplus, step, swish, tanh
from engine.arguments import choose, shown
from engine.operation import Operation, operation_named
from engine.trees import is_list

__all__ = ["ACTIVATIONS", "Activation", "activation_named"]

Activation = str | Callable[[Any], Any]


def linear(x: Any) -> Any:
    """x itself: no activation."""
    return x


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (linear, relu, leaky_relu, elu, softplus, swish, gelu, tanh, sigmoid, step)
}


def activation_named(activation: Activation) -> Callable[[Any], Any]:
    """The activation function of that name; an operation of the user's own goes by its name, and as it is.

    Raises:
        ValueError: there is none.
    """
    found = operation_named(activation) if isinstance(activation, str) else activation
    if isinstance(found, Operation) and found.op.arity in (1, None):
        return found
    if callable(found) and any(found is function for function in ACTIVATIONS.values()):
        return found
    if is_list(activation):
        raise ValueError(f"an activation is one name, such as 'tanh', for all neurons, but was {shown(activation)}")
    name = choose("activation", activation, ACTIVATIONS, ", or define one with engine.operation, of a single number")
    return ACTIVATIONS[name]
