"""Neuron and Layer: a weighted sum written one number at a time."""

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import Value, dot
from engine.number import Number
from engine.source import network_at_work
from engine.value import lift
from nn.activations import Activation, activation_named
from nn.arguments import check_size, random_from
from nn.initializers import initializer_named
from nn.module import Module, Parameter

__all__ = ["Layer", "Neuron"]


class Neuron(Module):
    """activation(w1*x1 + ... + wn*xn + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        activation: a name in `nn.ACTIVATIONS`, or an operation of your own (see `engine.operation`) or its name.
        init: how the weights start: "auto", or a name in `nn.INITIALIZERS`.
        seed: an int for the same weights every time, a `random.Random` to draw them from, or None.
        n_outputs: how many neurons read the same inputs, which "xavier" takes into account.

    Attributes:
        w (list of Parameter): the weights.
        b (Parameter): the bias.

    Raises:
        ValueError: a name is unknown, or a size is below 1.

    Example:
        >>> neuron = Neuron(2, activation="tanh", init="zeros")
        >>> neuron([1.0, 2.0]).data
        0.0
    """

    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "relu",
        init: str = "auto",
        seed: int | Random | None = None,
        n_outputs: int = 1,
    ) -> None:
        check_size("n_inputs", n_inputs)
        self.activation = activation
        draw = initializer_named(init, self.activation)
        random = random_from(seed)
        self.w = [Parameter(draw(random, n_inputs, n_outputs)) for _ in range(n_inputs)]
        self.b = Parameter(0.0)

    @property
    def activation(self) -> str:
        """The name of the activation; setting one that is unknown raises ValueError."""
        return self._activate.__name__

    @activation.setter
    def activation(self, activation: Activation) -> None:
        self._activate = activation_named(activation)

    def __call__(self, x: Sequence[Any]) -> Value:
        if len(x) != len(self.w):
            raise ValueError(f"a neuron with {len(self.w)} weights needs {len(self.w)} inputs, but was given {len(x)}")
        return self._activate(dot(self.w, x, self.b))

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation!r})"


class Layer(Module):
    """Neurons that read the same inputs: activation(W @ x + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        n_outputs: how many neurons it has, at least 1.
        activation, init, seed: as for `Neuron`.

    Attributes:
        neurons (list of Neuron): one for each output.

    Raises:
        ValueError: a name is unknown, or a size is below 1.

    Example:
        >>> layer = Layer(2, 3, activation="tanh", seed=0)
        >>> len(layer([1.0, 2.0])), len(layer.weights), len(layer.weights[0])
        (3, 3, 2)
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation = "relu",
        init: str = "auto",
        seed: int | Random | None = None,
    ) -> None:
        check_size("n_outputs", n_outputs)
        random = random_from(seed)
        with network_at_work():  # one user's line for all parameters
            self.neurons = [Neuron(n_inputs, activation, init, random, n_outputs) for _ in range(n_outputs)]

    @property
    def weights(self) -> list[list[float]]:
        """The matrix W, one row for each neuron."""
        return [[w.data for w in neuron.w] for neuron in self.neurons]

    @property
    def biases(self) -> list[float]:
        """The vector b, one number for each neuron."""
        return [neuron.b.data for neuron in self.neurons]

    @property
    def activation(self) -> str:
        """The name of the activation."""
        return self.neurons[0].activation

    def __call__(self, x: Sequence[Any]) -> list[Value]:
        x = [number if isinstance(number, Number) else lift(number) for number in x]  # once, not in every neuron
        return [neuron(x) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({len(self.neurons[0].w)}, {len(self.neurons)}, {self.activation!r})"
