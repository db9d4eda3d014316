"""Neuron and Layer: a weighted sum written one number at a time."""

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import Value, dot
from engine.arguments import check_flag
from engine.source import network_at_work
from nn.activations import Nonlinearity, OwnFunction, activation_for, activation_of_layer, name_of, written
from nn.arguments import check_inputs, check_size, check_widths, inputs_of, random_from
from nn.hints import hinting
from nn.initializers import Initializer, initializer_for
from nn.layers.weights import Numbers, Weights
from nn.module import Module, Parameter

__all__ = ["Layer", "Neuron"]


@hinting
class Neuron(Module):
    """activation(w1*x1 + ... + wn*xn + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        activation: a name in `nn.ACTIVATIONS`; any function of a Value that gives a Value, such as
            ``lambda z: z * z``; or an operation of your own (see `engine.operation`) or its name.
        init: how the weights start: a name in `nn.INITIALIZERS`; "auto" for "he" before a rectifier and "xavier"
            before anything else; or an initializer, such as ``Constant(0.5)``, ``Uniform(-0.1, 0.1)``,
            ``Normal(0.01)`` or a function of your own, ``(random, fan_in, fan_out) -> weight``.
        seed: an int for the same weights every time, a `random.Random` to draw them from, or None for Python's own,
            which `random.seed` governs.
        fan_out: how many neurons read the same inputs, which an initializer may take into account.
        nonlin: False for "linear" in the place of the activation, as micrograd says it.
        bias: False for none, as before a `BatchNorm`, which takes from its inputs whatever is added to all of them.

    Attributes:
        w (list of Parameter): the weights; ``neuron.w[0].data = 0.5`` changes one.
        b (Parameter or None): the bias, which starts at 0.
        nonlin (bool): whether the activation is another than "linear".

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
        activation: Nonlinearity = "relu",
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
        fan_out: int = 1,
        nonlin: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        check_size("n_inputs", n_inputs)
        check_size("fan_out", fan_out)
        check_flag("nonlin", nonlin)
        check_flag("bias", bias)
        self.activation = activation if nonlin else "linear"
        draw = initializer_for(init, self._activate.__name__)
        random = random_from(seed)
        self.w = Weights([Parameter(draw(random, n_inputs, fan_out)) for _ in range(n_inputs)])
        self.b = Parameter(0.0) if bias else None

    @property
    def activation(self) -> Nonlinearity:
        """The name of the activation, or the function of your own; setting one that is unknown raises ValueError."""
        return self._activate.function if isinstance(self._activate, OwnFunction) else self._activate.__name__

    @activation.setter
    def activation(self, activation: Nonlinearity) -> None:
        self._activate = activation_for(activation)

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        return len(self.w)

    def n_outputs_for(self, n_inputs: int | None) -> int:
        return 1

    @property
    def nonlin(self) -> bool:
        """Whether the activation is another than "linear"; set to False it is "linear", and to True "relu"."""
        return self.activation != "linear"

    @nonlin.setter
    def nonlin(self, nonlin: bool) -> None:
        if nonlin != self.nonlin:
            self.activation = "relu" if nonlin else "linear"

    def __call__(self, x: Sequence[Any], *more: Any) -> Value:
        if more or type(x) is not list or len(x) != len(self.w):
            self._check_inputs(x, *more)
        try:
            z = dot(self.w, x, self.b)
        except TypeError:
            self._check_inputs(x)
            raise
        return self._activate(z)

    def _check_inputs(self, *given: Any) -> None:
        check_inputs(f"a neuron with {len(self.w)} weights", len(self.w), *given)

    @property
    def output_activation(self) -> Nonlinearity:
        return self.activation

    def settings(self) -> dict[str, Any]:
        return {"n_inputs": self.n_inputs, "activation": name_of(self.activation), **_of_bias(self)}

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {written(self.activation)}{', bias=False' * (self.b is None)})"


@hinting
class Layer(Module):
    """Neurons that read the same inputs: activation(W @ x + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        n_outputs: how many neurons it has, at least 1.
        activation: as for `Neuron`; or "softmax", which makes probabilities of the outputs of all neurons.
        init, seed, nonlin, bias: as for `Neuron`.

    Attributes:
        neurons (list of Neuron): one for each output.

    Raises:
        ValueError: a name is unknown, a size is below 1, or a softmax is to be of one output.

    Example:
        >>> layer = Layer(2, 3, activation="tanh", seed=0)
        >>> len(layer([1.0, 2.0])), len(layer.weights), len(layer.weights[0])
        (3, 3, 2)
    """

    _kind = "layer"

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Nonlinearity = "relu",
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
        nonlin: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        check_widths(n_inputs, n_outputs)
        random = random_from(seed)
        given = activation_of_layer(activation, n_outputs)
        with network_at_work():  # one user's line for all parameters
            self.neurons = [
                Neuron(n_inputs, given.of_each, init, random, n_outputs, nonlin, bias=bias) for _ in range(n_outputs)
            ]
        self._of_all = given.of_all if nonlin else None

    @property
    def weights(self) -> list[list[float]]:
        """The matrix W, one row for each neuron; ``layer.neurons[0].w[1].data = 0.5`` changes a number in it."""
        return Numbers(Numbers(w.data for w in neuron.w) for neuron in self.neurons)

    @property
    def biases(self) -> list[float]:
        """The vector b, one for each neuron, 0 for one without; ``layer.neurons[0].b.data = 0.5`` changes one."""
        return Numbers(0.0 if neuron.b is None else neuron.b.data for neuron in self.neurons)

    @property
    def activation(self) -> Nonlinearity:
        """The name of the activation, or the function of your own, of the first neuron; setting it sets that of all."""
        return self._of_all.__name__ if self._of_all else self.neurons[0].activation

    @activation.setter
    def activation(self, activation: Nonlinearity) -> None:
        given = activation_of_layer(activation, len(self.neurons))
        for neuron in self.neurons:
            neuron.activation = given.of_each
        self._of_all = given.of_all

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        return len(self.neurons[0].w)

    def n_outputs_for(self, n_inputs: int | None) -> int:
        return len(self.neurons)

    @property
    def output_activation(self) -> Nonlinearity:
        return self.activation

    def settings(self) -> dict[str, Any]:
        if any(neuron.activation != self.neurons[0].activation for neuron in self.neurons):
            names = sorted({neuron._activate.__name__ for neuron in self.neurons})
            raise ValueError(f"the neurons of {self!r} have different activations: {', '.join(names)}")
        sizes = {"n_inputs": self.n_inputs, "n_outputs": len(self.neurons)}
        return {**sizes, "activation": name_of(self.activation), **_of_bias(self.neurons[0])}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Value]:
        x = inputs_of(self, len(self.neurons[0].w), x, *more)  # once, not in every neuron
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs if self._of_all is None else self._of_all(outputs)

    def weighted_sums(self, x: Sequence[Any], *more: Any) -> list[Value]:
        """W @ x + b: what each neuron computes before its activation."""
        x = inputs_of(self, len(self.neurons[0].w), x, *more)
        return [dot(neuron.w, x, neuron.b) for neuron in self.neurons]

    def activate(self, sums: Sequence[Any]) -> list[Value]:
        """What the activation makes of a number for each neuron."""
        outputs = [neuron._activate(z) for neuron, z in zip(self.neurons, sums, strict=True)]
        return outputs if self._of_all is None else self._of_all(outputs)

    def __repr__(self) -> str:
        first = self.neurons[0]
        bias = ", bias=False" * (first.b is None)
        return f"Layer({len(first.w)}, {len(self.neurons)}, {written(self.activation)}{bias})"


def _of_bias(neuron: Neuron) -> dict[str, Any]:
    """What settings say of it: nothing where there is one, as in model files from before there was a choice."""
    return {} if neuron.b is not None else {"bias": False}
