"""Neuron and Layer: a weighted sum written one number at a time."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Self

from engine import Value, dot
from engine.arguments import shown
from engine.number import Number
from engine.source import network_at_work
from engine.value import lift
from nn.activations import Activation, activation_named
from nn.arguments import check_inputs, check_size, check_widths, random_from
from nn.initializers import Initializer, initializer_for
from nn.module import Module, Parameter

__all__ = ["Layer", "Neuron"]


class Weights(list[Parameter]):
    """The weights of a neuron: a list that only Parameters get into, as nothing else would be trained."""

    def __setitem__(self, index: Any, item: Any) -> None:
        super().__setitem__(index, self._checked(item) if isinstance(index, slice) else self._checked([item])[0])

    def __iadd__(self, items: Iterable[Any]) -> Self:  # type: ignore[override, misc]  # of lists, + and += differ
        return super().__iadd__(self._checked(items))

    def append(self, item: Any) -> None:
        super().append(*self._checked([item]))

    def extend(self, items: Iterable[Any]) -> None:
        super().extend(self._checked(items))

    def insert(self, index: Any, item: Any) -> None:
        super().insert(index, *self._checked([item]))

    @staticmethod
    def _checked(items: Iterable[Any]) -> list[Any]:
        found = list(items)
        for item in found:
            if not isinstance(item, Parameter):
                raise TypeError(
                    f"a weight is a Parameter, but was given {shown(item)}: to change its number, write "
                    "neuron.w[0].data = 0.5"
                )
        return found


class Numbers(list[Any]):
    """The numbers of Parameters as they were: a list to read, as what is written to it would not reach them."""

    def _refuse(self, *given: Any) -> Any:
        raise TypeError(
            "weights and biases are given as a copy of their numbers, so nothing can be set there: to change one, "
            "write layer.neurons[0].w[0].data = 0.5, or b.data"
        )

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return list, ([*self],)  # a copy of a copy is anybody's


class Neuron(Module):
    """activation(w1*x1 + ... + wn*xn + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        activation: a name in `nn.ACTIVATIONS`, or an operation of your own (see `engine.operation`) or its name.
        init: how the weights start: a name in `nn.INITIALIZERS`; "auto" for "he" before a rectifier and "xavier"
            before anything else; or an initializer, such as ``Constant(0.5)``, ``Uniform(-0.1, 0.1)``,
            ``Normal(0.01)`` or a function of your own, ``(random, fan_in, fan_out) -> weight``.
        seed: an int for the same weights every time, a `random.Random` to draw them from, or None for Python's own,
            which `random.seed` governs.
        fan_out: how many neurons read the same inputs, which an initializer may take into account.
        nonlin: False for "linear" in the place of the activation, as micrograd says it.

    Attributes:
        w (list of Parameter): the weights; ``neuron.w[0].data = 0.5`` changes one.
        b (Parameter): the bias.
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
        activation: Activation = "relu",
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
        fan_out: int = 1,
        nonlin: bool = True,
    ) -> None:
        check_size("n_inputs", n_inputs)
        check_size("fan_out", fan_out)
        if not isinstance(nonlin, bool):
            raise TypeError(f"nonlin is True or False, but was {shown(nonlin)}: the activation goes by its name")
        self.activation = activation if nonlin else "linear"
        draw = initializer_for(init, self.activation)
        random = random_from(seed)
        self.w = Weights([Parameter(draw(random, n_inputs, fan_out)) for _ in range(n_inputs)])
        self.b = Parameter(0.0)

    @property
    def activation(self) -> str:
        """The name of the activation; setting one that is unknown raises ValueError."""
        return self._activate.__name__

    @activation.setter
    def activation(self, activation: Activation) -> None:
        self._activate = activation_named(activation)

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

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation!r})"


class Layer(Module):
    """Neurons that read the same inputs: activation(W @ x + b).

    Args:
        n_inputs: how many numbers it reads, at least 1.
        n_outputs: how many neurons it has, at least 1.
        activation, init, seed, nonlin: as for `Neuron`.

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
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
        nonlin: bool = True,
    ) -> None:
        check_widths(n_inputs, n_outputs)
        random = random_from(seed)
        with network_at_work():  # one user's line for all parameters
            self.neurons = [Neuron(n_inputs, activation, init, random, n_outputs, nonlin) for _ in range(n_outputs)]

    @property
    def weights(self) -> list[list[float]]:
        """The matrix W, one row for each neuron; ``layer.neurons[0].w[1].data = 0.5`` changes a number in it."""
        return Numbers(Numbers(w.data for w in neuron.w) for neuron in self.neurons)

    @property
    def biases(self) -> list[float]:
        """The vector b, one number for each neuron; ``layer.neurons[0].b.data = 0.5`` changes one."""
        return Numbers(neuron.b.data for neuron in self.neurons)

    @property
    def activation(self) -> str:
        """The name of the activation."""
        return self.neurons[0].activation

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Value]:
        if more or type(x) is not list or len(x) != len(self.neurons[0].w):
            self._check_inputs(x, *more)
        try:
            x = [number if isinstance(number, Number) else lift(number) for number in x]  # once, not in every neuron
        except TypeError:
            self._check_inputs(x)
            raise
        return [neuron(x) for neuron in self.neurons]

    def _check_inputs(self, *given: Any) -> None:
        check_inputs(shown(self), len(self.neurons[0].w), *given)

    def __repr__(self) -> str:
        return f"Layer({len(self.neurons[0].w)}, {len(self.neurons)}, {self.activation!r})"
