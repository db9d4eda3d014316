"""How the weights of a layer start, by name. Biases start at 0.

Sources:
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010);
    He et al., "Delving deep into rectifiers" (2015).
"""

from collections.abc import Callable
from math import sqrt
from random import Random

__all__ = ["INITIALIZERS", "initializer_named"]

Initializer = Callable[[Random, int, int], float]

INITIALIZERS: dict[str, Initializer] = {
    "zeros": lambda random, n_inputs, n_outputs: 0.0,
    "uniform": lambda random, n_inputs, n_outputs: random.uniform(-1, 1),
    "normal": lambda random, n_inputs, n_outputs: random.gauss(0, 1),
    "xavier": lambda random, n_inputs, n_outputs: random.gauss(0, sqrt(2 / (n_inputs + n_outputs))),
    "he": lambda random, n_inputs, n_outputs: random.gauss(0, sqrt(2 / n_inputs)),
}

RECTIFIERS = {"relu", "leaky_relu", "elu", "softplus", "swish", "gelu"}


def initializer_named(name: str, activation: str) -> Initializer:
    """The initializer of that name: a function of (random, n_inputs, n_outputs) that draws one weight.

    Args:
        name: a key of `INITIALIZERS`, or "auto": he before a rectifier, xavier before anything else.
        activation: the name of the activation that follows.

    Raises:
        ValueError: there is none of that name.
    """
    if name == "auto":
        name = "he" if activation in RECTIFIERS else "xavier"
    if name not in INITIALIZERS:
        raise ValueError(f"unknown init {name!r}: choose auto or one of {', '.join(INITIALIZERS)}")
    return INITIALIZERS[name]
