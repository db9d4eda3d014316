"""The activation functions: what a neuron makes of its weighted sum, by name, or a function of the user's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine import Value, elu, gelu, leaky_relu, relu, sigmoid, softmax, softplus, step, swish, tanh
from engine.arguments import is_real, shown
from engine.modes import recorded
from engine.operation import Operation, operation_named
from engine.order import topological_order
from engine.trees import is_list
from engine.value import lift
from nn.aliases import choose_named, is_from_elsewhere
from nn.module import Module

__all__ = [
    "ACTIVATIONS",
    "Nonlinearity",
    "OwnFunction",
    "activation_for",
    "activation_of_layer",
    "name_of",
    "written",
]

Nonlinearity = str | Callable[[Any], Any]  # as it is given: a name, or a function


def linear(x: Any) -> Any:
    """x itself: no activation."""
    return x


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (linear, relu, leaky_relu, elu, softplus, swish, gelu, tanh, sigmoid, step)
}

TRIED = (0.5, -0.5, 2.0, -2.0)  # where a function of the user's own is tried out


class OwnFunction:
    """A function of the user's own, which is no operation of the engine, as an activation.

    Args:
        function: of a Value; gives a Value that is made of it.

    Raises:
        ValueError: it does not.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", shown(function))
        if not any(self._tries()):
            raise ValueError(
                f"an activation must make what it gives of the number that it is given, but {shown(function)} gives "
                f"{shown(function(Value(TRIED[0])))} for {TRIED[0]}, through which nothing is learnt: write it with "
                "arithmetic and functions of engine, as in lambda z: engine.tanh(z) * z"
            )

    def __call__(self, z: Any) -> Any:
        y = self.function(z)
        if not is_real(y):
            raise ValueError(f"an activation gives a number, but {shown(self.function)} gave {shown(y)}")
        return lift(y) if isinstance(z, Value) else y  # a constant in some cases, as in lambda z: z if z > 0 else 0

    def _tries(self) -> Iterator[bool]:
        """Whether what it gives depends on what it is given, at one point after the other."""
        with recorded():
            for number in TRIED:
                z = Value(number)
                try:
                    y = self(z)
                except Exception as error:
                    raise ValueError(
                        f"an activation is a function of one Value, such as lambda z: z * z, but {shown(self.function)}"
                        f" cannot be called with Value({number}): {error}"
                    ) from error
                yield any(node is z for node in topological_order(y))


def activation_for(given: Nonlinearity) -> Callable[[Any], Any]:
    """The activation function of a single number that a name stands for, or that was given itself.

    Args:
        given: a name in `ACTIVATIONS`; an operation of the user's own, or its name; or any function on Values.

    Raises:
        ValueError: there is none of that name, or the function is none of one Value.
    """
    found = operation_named(given) if isinstance(given, str) else given
    if isinstance(found, Operation) and found.op.arity in (1, None):
        return found
    if isinstance(found, OwnFunction) or any(found is function for function in ACTIVATIONS.values()):
        return found  # type: ignore[return-value]
    if is_list(given):
        raise ValueError(f"an activation is one name, such as 'tanh', for all neurons, but was {shown(given)}")
    if _is_softmax(given):
        raise ValueError(
            "softmax is of all outputs of a layer at once, not of a single neuron's: write Layer(2, 3, 'softmax'), "
            f"MLP(2, [8, 3], output_activation='softmax') or the part Softmax(), in the place of {shown(given)}"
        )
    otherwise = ", or give a function of one number, such as lambda z: z * z"
    if is_from_elsewhere(given):
        choose_named("activation", given, ACTIVATIONS, otherwise)
    if isinstance(given, (Module, type)):
        what = "a part of its own" if isinstance(given, Module) else "a class"
        raise ValueError(
            f"an activation is a name or a function of one number, but {shown(given)} is {what}: parts follow each "
            "other in a Sequential, as in Sequential(Layer(2, 8, 'linear'), PReLU(8))"
        )
    if callable(given) and not isinstance(given, Operation):
        return OwnFunction(given)
    return ACTIVATIONS[choose_named("activation", given, ACTIVATIONS, otherwise)]


@dataclass(frozen=True)
class OfLayer:
    """The activation of a layer.

    Attributes:
        of_each: what is done to each number.
        of_all: what is done to all of them then; None for nothing.
    """

    of_each: Callable[[Any], Any]
    of_all: Callable[[list[Any]], list[Any]] | None = None


def activation_of_layer(given: Nonlinearity, n_outputs: int) -> OfLayer:
    """What is given as the activation of a layer: that of a single number, or "softmax".

    Raises:
        ValueError: as for `activation_for`, or a softmax is to be of one output.
    """
    if not _is_softmax(given):
        return OfLayer(activation_for(given))
    if n_outputs == 1:
        raise ValueError("the softmax of one output is 1 whatever it is: for the probability of one of two classes "
                         "write 'sigmoid', but was given 'softmax'")  # fmt: skip
    return OfLayer(linear, softmax)


def _is_softmax(given: Any) -> bool:
    return given is softmax or (isinstance(given, str) and given == softmax.__name__)


def name_of(activation: Nonlinearity) -> str:
    """Its name, by which it can be found again; ValueError for a function of the user's own, which has none."""
    if isinstance(activation, str):
        return activation
    raise ValueError(
        f"a model file holds no functions, so {written(activation)} cannot be written there: define it with "
        "engine.operation, which gives it a name"
    )


def written(activation: Nonlinearity) -> str:
    """It in a line of code: a name in quotes, or what a function is called."""
    return repr(activation) if isinstance(activation, str) else getattr(activation, "__name__", shown(activation))
