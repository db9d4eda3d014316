"""The activation functions of a layer, by name."""

from collections.abc import Callable
from typing import Any

from engine import elu, gelu, leaky_relu, relu, sigmoid, softplus, step, swish, tanh

__all__ = ["ACTIVATIONS", "activation_named"]


def linear(x: Any) -> Any:
    """x itself: no activation."""
    return x


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (linear, relu, leaky_relu, elu, softplus, swish, gelu, tanh, sigmoid, step)
}


def activation_named(name: str) -> Callable[[Any], Any]:
    """The activation function of that name; ValueError listing the known ones if there is none."""
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}: choose one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
