"""How the weights of a layer start, by name. Biases start at 0.

Sources:
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010);
    He et al., "Delving deep into rectifiers" (2015).
"""

from collections.abc import Callable
from math import sqrt
from random import Random

from engine.arguments import choose

__all__ = ["INITIALIZERS", "initializer_named"]

Initializer = Callable[[Random, int, int], float]

INITIALIZERS: dict[str, Initializer] = {
    "zeros": lambda random, fan_in, fan_out: 0.0,
    "uniform": lambda random, fan_in, fan_out: random.uniform(-1, 1),
    "normal": lambda random, fan_in, fan_out: random.gauss(0, 1),
    "xavier": lambda random, fan_in, fan_out: random.gauss(0, sqrt(2 / (fan_in + fan_out))),
    "he": lambda random, fan_in, fan_out: random.gauss(0, sqrt(2 / fan_in)),
}

RECTIFIERS = {"relu", "leaky_relu", "elu", "softplus", "swish", "gelu"}


def initializer_named(name: str, activation: str) -> Initializer:
    """The initializer of that name: a function of (random, fan_in, fan_out) that draws one weight.

    `fan_in` is how many inputs its neuron reads, `fan_out` how many neurons read its input.

    Args:
        name: a key of `INITIALIZERS`, or "auto": he before a rectifier, xavier before anything else.
        activation: the name of the activation that follows.

    Raises:
        ValueError: there is none of that name.
    """
    name = choose("init", name, ("auto", *INITIALIZERS))
    if name == "auto":
        name = "he" if activation in RECTIFIERS else "xavier"
    return INITIALIZERS[name]
