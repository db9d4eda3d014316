"""MLP: layers in a row."""

import os
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Any

from engine.arguments import check_flag, shown
from engine.source import network_at_work
from engine.trees import is_list
from nn.activations import Nonlinearity, activation_of_layer
from nn.arguments import check_inputs, check_size, check_widths, random_from
from nn.initializers import Initializer
from nn.io.model_file import SavedModel, load_model, save_model
from nn.layers.dense import Layer, Neuron
from nn.layers.dropout import Dropout, checked_dropout
from nn.layers.normalization import normalization_named
from nn.module import Module, Parameter

__all__ = ["MLP"]


class MLP(Module):
    """A multi-layer perceptron: layers, each reading the outputs of the one before.

    A hidden layer computes, in this order: its weighted sums, their normalization, the activation, dropout; and adds
    its input, if it is residual. The output layer has its activation, and nothing else of these.

    Args:
        n_inputs: how many numbers it reads, at least 1.
        widths: of the layers, how many neurons each has; the last one's are the outputs.
        activation: of every layer but the last, as for `Neuron`.
        output_activation: the last layer's; also "softmax", for the probability of each of several classes.
        init: how the weights start: a name in `nn.INITIALIZERS`; "auto" for "he" before a rectifier and "xavier"
            before anything else; or an initializer, such as ``Constant(0.5)``, ``Uniform(-0.1, 0.1)``,
            ``Normal(0.01)`` or a function of your own, ``(random, fan_in, fan_out) -> weight``.
        seed: an int for the same weights every time; None for Python's own randomness, which `random.seed` governs.
        normalization: "layer" for a `LayerNorm` in every hidden layer, "batch" for a `BatchNorm`; None for none.
        residual: whether each hidden layer that is as wide as what it reads adds that to what it gives.
        dropout: with which probability `Dropout` leaves out each number that a hidden layer gives, in training.

    Attributes:
        layers (list of Layer): from input to output.
        normalizations (list of Module): that of each hidden layer, if they have one.
        dropouts (list of Dropout): likewise.
        normalization, residual, dropout: as they were given.

    Raises:
        ValueError: a name is unknown, there are no layers, a size is below 1, or there is no layer that could be
            residual.

    Example:
        >>> model = MLP(2, [16, 16, 1], seed=1)
        >>> len(model.parameters())
        337
        >>> type(model([0.5, -1.0])).__name__       # one output: a Value; several: a list
        'Value'
        >>> deep = MLP(2, [8] * 20 + [1], "tanh", normalization="layer", residual=True, seed=1)
        >>> deep.normalizations[1].gamma[3].label
        'gamma2[3]'
    """

    _is_row = True

    def __init__(
        self,
        n_inputs: int,
        widths: Sequence[int] = (),
        activation: Nonlinearity = "relu",
        output_activation: Nonlinearity = "linear",
        init: str | Initializer = "auto",
        seed: int | None = None,
        *,
        normalization: str | None = None,
        residual: bool = False,
        dropout: float = 0.0,
    ) -> None:
        if is_list(n_inputs):
            raise ValueError(
                "an MLP needs how many inputs there are, and then the widths of its layers, as in MLP(2, [16, 1]), "
                f"but was given {shown(n_inputs)} first"
            )
        check_size("n_inputs", n_inputs)
        if not is_list(widths) or not len(widths):
            raise ValueError(
                f"an MLP needs the width of at least one layer, such as [16, 1], but was given {shown(widths)}"
            )
        check_widths(n_inputs, *widths)
        for size in [*widths[:-1]] or [2]:  # a wrong name is wrong even where there is no hidden layer
            activation_of_layer(activation, size)
        normalize = normalization_named(normalization)
        check_residual(residual, [n_inputs, *widths[:-1]])
        dropout = checked_dropout("dropout", dropout)
        random = random_from(seed)
        sizes = [n_inputs, *widths]
        activations = [activation] * (len(widths) - 1) + [output_activation]
        with network_at_work():  # one user's line for all parameters
            self.layers = [
                Layer(size, next_size, name, init, random)
                for size, next_size, name in zip(sizes[:-1], sizes[1:], activations, strict=True)
            ]
            self.normalizations = [normalize(size) for size in widths[:-1]] if normalize else []
            shared = None if seed is None else random
            self.dropouts = [Dropout(dropout, shared) for _ in widths[:-1]] if dropout else []
        self.normalization, self.residual, self.dropout = normalization, residual, dropout

    @property
    def parts(self) -> list[Module]:
        """The layers, and what else is in each, from input to output."""
        around = zip_longest(self.layers, self.normalizations, self.dropouts)
        return [part for layer in around for part in layer if part is not None]

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        return self.layers[0].n_inputs

    def n_outputs_for(self, n_inputs: int | None) -> int:
        return len(self.layers[-1].neurons)

    @property
    def output_activation(self) -> Nonlinearity:
        return self.layers[-1].activation

    def settings(self) -> dict[str, Any]:
        *hidden, output = [layer.settings()["activation"] for layer in self.layers]
        if len({*hidden}) > 1:
            raise ValueError(f"the hidden layers of {self!r} have different activations: {', '.join(hidden)}")
        return {
            "n_inputs": self.n_inputs,
            "widths": [len(layer.neurons) for layer in self.layers],
            "activation": hidden[0] if hidden else "relu",
            "output_activation": output,
            "normalization": self.normalization,
            "residual": self.residual,
            "dropout": self.dropout,
        }

    def __call__(self, x: Sequence[Any], *more: Any) -> Any:
        n_inputs = len(self.layers[0].neurons[0].w)
        if more or type(x) is not list or len(x) != n_inputs:
            check_inputs(shown(self), n_inputs, x, *more)
        with network_at_work():
            if self.normalizations or self.residual or self.dropouts:
                for i, layer in enumerate(self.layers[:-1]):
                    x = self._hidden(i, layer, x)
                x = self.layers[-1](x)
            else:
                for layer in self.layers:
                    x = layer(x)
        return x[0] if len(x) == 1 else x

    def _hidden(self, i: int, layer: Layer, x: Sequence[Any]) -> list[Any]:
        """What a hidden layer gives, with all that it has besides its neurons."""
        y = layer.activate(self.normalizations[i](layer.weighted_sums(x))) if self.normalizations else layer(x)
        y = self.dropouts[i](y) if self.dropouts else y
        return [a + b for a, b in zip(x, y, strict=True)] if self.residual and len(x) == len(y) else y

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a JSON file, wholly or not at all; every number comes back exactly.

        Args:
            path: where to; an older file there is replaced.

        Raises:
            OSError: the path cannot be written.
            ValueError: there is something that a model file cannot say: neurons of one layer with different
                activations, Parameters that are in no layer, or classes whose labels are neither text nor numbers.
        """
        if self.residual or self.dropout:
            raise ValueError(f"a model file holds the layers of an MLP, but not yet what is around them: {self!r}")
        for layer in self.layers:
            layer.settings()  # which a function of the user's own has none of
        paths: dict[Parameter, list[str]] = {}
        for path_there, (neuron, index) in self._places().items():
            paths.setdefault(neuron.b if index is None else neuron.w[index], []).append(path_there)
        for name, parameter in self.named_parameters():
            if parameter not in paths:
                raise ValueError(f"a model file holds the layers of an MLP, but {name} is a Parameter in none of them")
        layers = [{"activation": layer.activation, "weights": layer.weights, "biases": layer.biases}
                  for layer in self.layers]  # fmt: skip
        save_model(path, SavedModel(layers, [group for group in paths.values() if len(group) > 1], self.classes))

    def _places(self) -> dict[str, tuple[Neuron, int | None]]:
        """All places for weights and biases, by path: the neuron, and the index in its weights or None for the bias."""
        places: dict[str, tuple[Neuron, int | None]] = {}
        for i, layer in enumerate(self.layers):
            for j, neuron in enumerate(layer.neurons):
                path = f"layers.{i}.neurons.{j}"
                places |= {f"{path}.w.{k}": (neuron, k) for k in range(len(neuron.w))}
                places[f"{path}.b"] = neuron, None
        return places

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
        saved = load_model(path)
        model = cls(len(saved.layers[0]["weights"][0]), [len(layer["biases"]) for layer in saved.layers], init="zeros")
        for layer, entry in zip(model.layers, saved.layers, strict=True):
            try:
                layer.activation = entry["activation"]
            except ValueError as error:
                raise ValueError(f"{path} cannot be used: {error}") from None
            for neuron, weights, bias in zip(layer.neurons, entry["weights"], entry["biases"], strict=True):
                neuron.b.data = bias
                for w, weight in zip(neuron.w, weights, strict=True):
                    w.data = weight
        try:
            model._tie(saved.tied)
        except ValueError as error:
            raise ValueError(f"{path} is a damaged model file: {error}") from None
        model.classes = saved.classes
        return model

    def _tie(self, groups: Sequence[Sequence[str]]) -> None:
        """Have one Parameter in all the places of each group."""
        parameters, places = dict(self.named_parameters()), self._places()
        for first, *others in groups:
            for path in (first, *others):
                if path not in parameters:
                    raise ValueError(f"{shown(path)} is tied, but there is no such Parameter")
                if repr(parameters[path].data) != repr(parameters[first].data):
                    raise ValueError(
                        f"{first} and {path} are tied, but differ: {parameters[first]}, {parameters[path]}"
                    )
            for path in others:
                neuron, index = places[path]
                if index is None:
                    neuron.b = parameters[first]
                else:
                    neuron.w[index] = parameters[first]

    def __repr__(self) -> str:
        around = [f"normalization={self.normalization!r}"] if self.normalization else []
        around += ["residual=True"] if self.residual else []
        around += [f"dropout={self.dropout:g}"] if self.dropout else []
        return f"MLP({', '.join([*map(repr, self.layers), *around])})"


def check_residual(residual: Any, sizes: Sequence[int]) -> None:
    """ValueError unless it is False, or True where a hidden layer is as wide as what it reads.

    Args:
        residual: this.
        sizes: how many numbers the first hidden layer reads, and how many each gives.
    """
    check_flag("residual", residual)
    if residual and all(before != after for before, after in pairwise(sizes)):
        raise ValueError(
            "residual=True adds what a hidden layer reads to what it gives, where these are as many numbers, but no "
            f"hidden layer is as wide as what is before it: {shown([*sizes])}"
        )
