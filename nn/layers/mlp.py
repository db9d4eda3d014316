"""MLP: layers in a row."""

import os
from collections.abc import Sequence
from typing import Any

from engine.source import network_at_work
from nn.activations import Activation, activation_named
from nn.arguments import check_size, random_from
from nn.io.model_file import load_layers, save_layers
from nn.layers.dense import Layer
from nn.module import Module

__all__ = ["MLP"]


class MLP(Module):
    """A multi-layer perceptron: layers, each reading the outputs of the one before.

    Args:
        n_inputs: how many numbers it reads, at least 1.
        n_outputs: the width of each layer, the last one's being the number of outputs.
        activation: of every layer but the last, as for `Neuron`.
        output_activation: the last layer's.
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
        activation: Activation = "relu",
        output_activation: Activation = "linear",
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
        with network_at_work():  # one user's line for all parameters
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
        save_layers(
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
        saved = load_layers(path)
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
