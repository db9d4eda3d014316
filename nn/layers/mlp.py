"""MLP: layers in a row."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Any

from engine.arguments import check_flag, shown
from engine.source import network_at_work
from engine.trees import is_list
from nn.activations import Nonlinearity, activation_of_layer
from nn.arguments import check_inputs, check_size, check_widths, random_from
from nn.hints import hinting
from nn.initializers import Initializer
from nn.layers.dense import Layer
from nn.layers.dropout import Dropout, checked_dropout
from nn.layers.normalization import BatchNorm, normalization_named
from nn.module import Module

__all__ = ["MLP"]


@hinting
class MLP(Module):
    """A multi-layer perceptron: layers, each reading the outputs of the one before.

    A hidden layer computes, in this order: its weighted sums, their normalization, the activation, dropout; and adds
    its input, if it is residual. The output layer has its activation, and nothing else of these.

    Args:
        n_inputs: how many numbers it reads, at least 1.
        widths: of the layers, how many neurons each has; the last one's are the outputs.
        activation: of every layer but the last, as for `Neuron`; or a list with that of each of these.
        output_activation: the last layer's; also "softmax", for the probability of each of several classes.
        init: how the weights start: a name in `nn.INITIALIZERS`; "auto" for "he" before a rectifier and "xavier"
            before anything else; or an initializer, such as ``Constant(0.5)``, ``Uniform(-0.1, 0.1)``,
            ``Normal(0.01)`` or a function of your own, ``(random, fan_in, fan_out) -> weight``.
        seed: an int for the same weights every time; None for Python's own randomness, which `random.seed` governs.
        normalization: "layer" for a `LayerNorm` in every hidden layer, "batch" for a `BatchNorm`, before which neurons
            have no bias; None for none.
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
        activation: Nonlinearity | Sequence[Nonlinearity] = "relu",
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
        hidden = _of_each_hidden(activation, len(widths) - 1)
        # a wrong name is wrong even where there is no hidden layer
        for name, size in zip(hidden or [activation], [*widths[:-1]] or [2], strict=True):
            activation_of_layer(name, size)
        normalize = normalization_named(normalization)
        check_residual(residual, [n_inputs, *widths[:-1]])
        dropout = checked_dropout("dropout", dropout)
        random = random_from(seed)
        sizes = [n_inputs, *widths]
        activations = [*hidden, output_activation]
        # The mean that a BatchNorm subtracts has a bias in it, too: its gradient would be what rounding leaves of 0.
        biases = [normalize is not BatchNorm] * len(hidden) + [True]
        with network_at_work():  # one user's line for all parameters
            self.layers = [
                Layer(size, next_size, name, init, random, bias=bias)
                for size, next_size, name, bias in zip(sizes[:-1], sizes[1:], activations, biases, strict=True)
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
        return {
            "n_inputs": self.n_inputs,
            "widths": [len(layer.neurons) for layer in self.layers],
            "activation": hidden if len({*hidden}) > 1 else hidden[0] if hidden else "relu",
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
            *_, (_, output) = self._through(x)
        return output[0] if len(output) == 1 else output

    def _through(self, x: Sequence[Any]) -> Iterator[tuple[Module, list[Any]]]:
        """Layer by layer what it gives, with all that is in it; before that, what its normalization gives."""
        *hidden, last = self.layers
        for i, layer in enumerate(hidden):
            if self.normalizations:
                normalized = self.normalizations[i](layer.weighted_sums(x))
                yield self.normalizations[i], normalized
                y = layer.activate(normalized)
            else:
                y = layer(x)
            y = self.dropouts[i](y) if self.dropouts else y
            x = [a + b for a, b in zip(x, y, strict=True)] if self.residual and len(x) == len(y) else y
            yield layer, x
        yield last, last(x)

    def __repr__(self) -> str:
        around = [f"normalization={self.normalization!r}"] if self.normalization else []
        around += ["residual=True"] if self.residual else []
        around += [f"dropout={self.dropout:g}"] if self.dropout else []
        return f"MLP({', '.join([*map(repr, self.layers), *around])})"


def _of_each_hidden(activation: Any, n_hidden: int) -> list[Any]:
    """The activation of each hidden layer; ValueError for a list of more or fewer."""
    if not is_list(activation):
        return [activation] * n_hidden
    if len(activation) != n_hidden:
        raise ValueError(
            f"an activation is one name, such as 'tanh', for all neurons, or a list with one for each hidden layer, of "
            f"which there are {n_hidden}, but was {shown(activation)}"
        )
    return [*activation]


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
