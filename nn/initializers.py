"""How the weights of a layer start. Biases start at 0.

An initializer is a function ``(random, fan_in, fan_out) -> weight`` that draws one weight from a `random.Random`:
`fan_in` is how many inputs its neuron reads, `fan_out` how many neurons read its input.

Sources:
    LeCun et al., "Efficient backprop" (1998): a variance of 1 / fan_in keeps the size of a layer's outputs;
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), after the
    first of whom it is called Xavier: 2 / (fan_in + fan_out) does so as well as can be for outputs and gradients both;
    He et al., "Delving deep into rectifiers" (2015): 2 / fan_in, as a rectifier lets half of its inputs through.
"""

from collections.abc import Callable
from math import sqrt
from random import Random

from engine.arguments import real_number, shown
from nn.aliases import choose_named, is_from_elsewhere
from nn.hints import hinting
from nn.module import Module

__all__ = ["INITIALIZERS", "Constant", "Initializer", "Normal", "Uniform", "initializer_for"]

Initializer = Callable[[Random, int, int], float]


@hinting
class Constant:
    """All weights alike: neurons that read the same stay the same, however long they are trained.

    Args:
        value: of every weight.

    Raises:
        ValueError: it is no finite number.

    Example:
        >>> from nn import Layer
        >>> Layer(2, 2, init=Constant(0.5)).weights
        [[0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(self, value: float = 0.1) -> None:
        self.value = real_number("value", value, "a finite number", lambda x: True)

    def __call__(self, random: Random, fan_in: int, fan_out: int) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"Constant({self.value!r})"


@hinting
class Uniform:
    """Weights anywhere between two numbers.

    Args:
        low, high: these; the variance is (high - low)**2 / 12.

    Raises:
        ValueError: one is no finite number, or the first is above the second.

    Example:
        >>> from nn import Neuron
        >>> all(0.5 <= w.data <= 0.6 for w in Neuron(10, init=Uniform(0.5, 0.6)).w)
        True
    """

    def __init__(self, low: float = -1.0, high: float = 1.0) -> None:
        self.low = real_number("low", low, "a finite number", lambda x: True)
        self.high = real_number("high", high, f"a finite number, {self.low!r} or more", lambda x: x >= self.low)

    def __call__(self, random: Random, fan_in: int, fan_out: int) -> float:
        return random.uniform(self.low, self.high)

    def __repr__(self) -> str:
        return f"Uniform({self.low!r}, {self.high!r})"


@hinting
class Normal:
    """Weights from the bell curve around 0.

    Args:
        deviation: their standard deviation, 0 or more.

    Raises:
        ValueError: it is no finite number, or below 0.

    Example:
        >>> from nn import Neuron
        >>> max(abs(w.data) for w in Neuron(100, init=Normal(0.01), seed=0).w) < 0.05
        True
    """

    def __init__(self, deviation: float = 1.0) -> None:
        self.deviation = real_number("deviation", deviation, "a number, 0 or more", lambda x: x >= 0)

    def __call__(self, random: Random, fan_in: int, fan_out: int) -> float:
        return random.gauss(0, self.deviation)

    def __repr__(self) -> str:
        return f"Normal({self.deviation!r})"


def _normal(variance: Callable[[int, int], float]) -> Initializer:
    return lambda random, fan_in, fan_out: random.gauss(0, sqrt(variance(fan_in, fan_out)))


def _uniform(variance: Callable[[int, int], float]) -> Initializer:
    def draw(random: Random, fan_in: int, fan_out: int) -> float:
        limit = sqrt(3 * variance(fan_in, fan_out))  # from -limit to limit the variance is limit**2 / 3
        return random.uniform(-limit, limit)

    return draw


def _both_ways(fan_in: int, fan_out: int) -> float:
    return 2 / (fan_in + fan_out)


def _forward(fan_in: int, fan_out: int) -> float:
    return 1 / fan_in


def _rectified(fan_in: int, fan_out: int) -> float:
    return 2 / fan_in


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Constant(0.0),
    "constant": Constant(),
    "uniform": Uniform(),  # as micrograd has it
    "normal": Normal(),
    "xavier": _normal(_both_ways),
    "xavier_uniform": _uniform(_both_ways),
    "xavier_in": _normal(_forward),
    "xavier_in_uniform": _uniform(_forward),
    "he": _normal(_rectified),
    "he_uniform": _uniform(_rectified),
}

RECTIFIERS = {"relu", "leaky_relu", "elu", "softplus", "swish", "gelu"}


def initializer_for(given: str | Initializer, activation: str) -> Initializer:
    """The initializer that a name stands for, or that was given itself.

    Args:
        given: a key of `INITIALIZERS`; "auto" for he before a rectifier and xavier before anything else; or a function
            ``(random, fan_in, fan_out) -> weight``.
        activation: the name of the activation that follows.

    Raises:
        ValueError: there is none of that name.
        TypeError: it is a class, which must be made first.
    """
    if isinstance(given, type) and not is_from_elsewhere(given):
        raise TypeError(f"init must be made first, as in init=Normal(0.1), but was {shown(given)}")
    if callable(given) and not isinstance(given, Module) and not is_from_elsewhere(given):
        return given
    name = choose_named(
        "init", given, ("auto", *INITIALIZERS), ", or give Constant(0.5), Uniform(-1, 1), Normal(0.1) or a function "
        "(random, fan_in, fan_out) -> weight"
    )  # fmt: skip
    if name == "auto":
        name = "he" if activation in RECTIFIERS else "xavier"
    return INITIALIZERS[name]
