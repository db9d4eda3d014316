"""Activations as parts of their own, among them those that are not of one number alone."""

from collections.abc import Sequence
from typing import Any

from engine import prelu, softmax
from engine.arguments import real_number
from nn.activations import Nonlinearity, OwnFunction, activation_for, name_of, written
from nn.arguments import check_size, inputs_of
from nn.hints import hinting
from nn.layers.weights import Weights
from nn.module import Module, Parameter

__all__ = ["Activation", "PReLU", "Softmax"]


@hinting
class Activation(Module):
    """An activation as a part: what it makes of each number that it is given.

    Args:
        activation: a name in `nn.ACTIVATIONS`; any function of a Value that gives a Value; or an operation of your own.

    Raises:
        ValueError: there is none of that name, or the function is none of one Value.

    Example:
        >>> from nn import Layer, Sequential
        >>> model = Sequential(Layer(2, 8, "linear"), Activation("tanh"), Layer(8, 1, "linear"))
        >>> [y.data for y in Activation(lambda z: z * z)([2.0, -3.0])]
        [4.0, 9.0]
    """

    _kind = "activation"

    def __init__(self, activation: Nonlinearity) -> None:
        self._activate = activation_for(activation)

    @property
    def activation(self) -> Nonlinearity:
        """Its name, or the function of your own."""
        return self._activate.function if isinstance(self._activate, OwnFunction) else self._activate.__name__

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        return n_inputs

    @property
    def output_activation(self) -> Nonlinearity:
        return self.activation

    def settings(self) -> dict[str, Any]:
        return {"activation": name_of(self.activation)}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        return [self._activate(z) for z in inputs_of(self, None, x, *more)]

    def __repr__(self) -> str:
        return f"Activation({written(self.activation)})"


@hinting
class PReLU(Module):
    """A rectifier that learns its slopes below 0: x where x > 0, else slope * x, with a slope for each number.

    Args:
        n: how many numbers it reads, at least 1.
        slope: where each slope starts.

    Attributes:
        slope (list of Parameter): the slopes.

    Raises:
        ValueError: n is below 1, or the slope is no finite number.

    Source:
        He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015), which starts at 0.25.

    Example:
        >>> [y.data for y in PReLU(2)([4.0, -4.0])]
        [4.0, -1.0]
    """

    _kind = "PReLU"

    def __init__(self, n: int, slope: float = 0.25) -> None:
        check_size("n", n)
        start = real_number("slope", slope, "a finite number", lambda x: True)
        self.slope = Weights([Parameter(start) for _ in range(n)])

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        return len(self.slope)

    def n_outputs_for(self, n_inputs: int | None) -> int:
        return len(self.slope)

    @property
    def output_activation(self) -> str:
        return "prelu"

    def settings(self) -> dict[str, Any]:
        return {"n": len(self.slope)}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, len(self.slope), x, *more)
        return [prelu(z, slope) for z, slope in zip(x, self.slope, strict=True)]

    def __repr__(self) -> str:
        return f"PReLU({len(self.slope)})"


class Softmax(Module):
    """Probabilities of the numbers that it is given: exp(x_i), divided by the sum of all of them.

    The loss that trains it is "cross_entropy", which finds the logits in the graph, and so loses no digits.

    Example:
        >>> [y.data for y in Softmax()([0.0, 0.0])]
        [0.5, 0.5]
    """

    _kind = "activation"

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        return n_inputs

    @property
    def output_activation(self) -> str:
        return "softmax"

    def settings(self) -> dict[str, Any]:
        return {}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, None, x, *more)
        if len(x) < 2:
            raise ValueError(
                f"Softmax() shares 1 out among two numbers or more, but was given {len(x)}; for the probability of one "
                "of two classes there is Activation('sigmoid')"
            )
        return softmax(x)

    def __repr__(self) -> str:
        return "Softmax()"
