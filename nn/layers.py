"""Neuron, Layer and MLP: a network written one number at a time."""

import os
from collections.abc import Sequence
from numbers import Integral
from random import Random
from typing import Any

from engine import Value, dot
from engine.number import Number
from engine.source import network_at_work
from engine.value import lift
from nn.activations import activation_named
from nn.initializers import initializer_named
from nn.module import Module, Parameter
from nn.serialization import read_model, write_model

__all__ = ["MLP", "Layer", "Neuron"]


class Neuron(Module):
    """activation(w1*x1 + ... + wn*xn + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        activation: a name in `nn.ACTIVATIONS`.
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
        activation: str = "relu",
        init: str = "auto",
        seed: int | Random | None = None,
        n_outputs: int = 1,
    ) -> None:
        check_size("n_inputs", n_inputs)
        draw = initializer_named(init, activation)
        random = random_from(seed)
        self.activation = activation
        self.w = [Parameter(draw(random, n_inputs, n_outputs)) for _ in range(n_inputs)]
        self.b = Parameter(0.0)

    @property
    def activation(self) -> str:
        """The name of the activation; setting one that is unknown raises ValueError."""
        return self._activate.__name__

    @activation.setter
    def activation(self, name: str) -> None:
        self._activate = activation_named(name)

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
        activation: str = "relu",
        init: str = "auto",
        seed: int | Random | None = None,
    ) -> None:
        check_size("n_outputs", n_outputs)
        random = random_from(seed)
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


class MLP(Module):
    """A multi-layer perceptron: layers, each reading the outputs of the one before.

    Args:
        n_inputs: how many numbers it reads, at least 1.
        n_outputs: the width of each layer, the last one's being the number of outputs.
        activation: the name of the activation of every layer but the last.
        output_activation: the name of the last layer's.
        init: how the weights start: "auto", or a name in `nn.INITIALIZERS`.
        seed: an int for the same weights every time, or None.

    Attributes:
        layers (list of Layer): from input to output.

    Raises:
        ValueError: a name is unknown, there are no layers, or a size is below 1.

    Example:
        >>> model = MLP(2, [16, 16, 1], seed=1)
        >>> len(model.parameters())
        337
        >>> type(model([0.5, -1.0])).__name__       # one output: a Value; several: a list
        'Value'
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: Sequence[int],
        activation: str = "relu",
        output_activation: str = "linear",
        init: str = "auto",
        seed: int | None = None,
    ) -> None:
        check_size("n_inputs", n_inputs)
        if not hasattr(n_outputs, "__len__") or len(n_outputs) == 0:
            raise ValueError(
                f"an MLP needs the width of at least one layer, such as [16, 1], but was given {n_outputs!r}"
            )
        activation_named(activation)  # a wrong name is wrong even where there is no hidden layer
        random = random_from(seed)
        sizes = [n_inputs, *n_outputs]
        activations = [activation] * (len(n_outputs) - 1) + [output_activation]
        self.layers = [
            Layer(size, next_size, name, init, random)
            for size, next_size, name in zip(sizes[:-1], sizes[1:], activations, strict=True)
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        n_inputs = len(self.layers[0].neurons[0].w)
        if len(x) != n_inputs:
            raise ValueError(f"this MLP needs {n_inputs} inputs, but was given {len(x)}")
        with network_at_work():
            for layer in self.layers:
                x = layer(x)
        return x[0] if len(x) == 1 else x

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a JSON file, wholly or not at all; every number comes back exactly.

        Args:
            path: where to; an older file there is replaced.

        Raises:
            OSError: the path cannot be written.
            ValueError: the neurons of a layer have different activations, which a model file cannot say.
        """
        for layer in self.layers:
            names = sorted({neuron.activation for neuron in layer.neurons})
            if len(names) > 1:
                raise ValueError(f"the neurons of {layer!r} have different activations: {', '.join(names)}")
        write_model(
            path,
            [{"activation": layer.activation, "weights": layer.weights, "biases": layer.biases}
             for layer in self.layers],
        )  # fmt: skip

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "MLP":
        """The network that `save` wrote.

        Args:
            path: a model file.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a model file, or is damaged.

        Example:
            >>> import tempfile
            >>> model = MLP(2, [3, 1], seed=1)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(f"{folder}/model.json")
            ...     same = MLP.load(f"{folder}/model.json")
            >>> same([1.0, 2.0]).data == model([1.0, 2.0]).data
            True
        """
        saved = read_model(path)
        for entry in saved:
            try:
                activation_named(entry["activation"])
            except ValueError as error:
                raise ValueError(f"{path} cannot be used: {error}") from None
        model = cls(len(saved[0]["weights"][0]), [len(layer["biases"]) for layer in saved], init="zeros")
        for layer, entry in zip(model.layers, saved, strict=True):
            for neuron, weights, bias in zip(layer.neurons, entry["weights"], entry["biases"], strict=True):
                neuron.activation = entry["activation"]
                neuron.b.data = bias
                for w, weight in zip(neuron.w, weights, strict=True):
                    w.data = weight
        return model

    def __repr__(self) -> str:
        return f"MLP({', '.join(map(repr, self.layers))})"


def random_from(seed: int | Random | None) -> Random:
    """A source of random numbers: the seed itself if it is one already.

    Raises:
        ValueError: the seed is neither a whole number nor None nor a `random.Random`.
    """
    if isinstance(seed, Random):
        return seed
    if seed is not None and not isinstance(seed, Integral):
        raise ValueError(f"seed must be a whole number, or None, but was {seed!r}")
    return Random(None if seed is None else int(seed))


def check_size(name: str, size: Any) -> None:
    """ValueError unless the size is a whole number, 1 or more."""
    if not isinstance(size, Integral) or isinstance(size, bool) or size < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, but was {size!r}")
