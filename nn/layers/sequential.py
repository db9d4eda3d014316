"""Sequential: parts in a row, each reading what the one before gives."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.arguments import shown
from engine.number import Number
from engine.source import network_at_work
from engine.trees import is_list
from nn.hints import hinting
from nn.module import Module

__all__ = ["Sequential", "numbers_from"]


@hinting
class Sequential(Module):
    """Parts in a row: the first reads the inputs, and each other one what the part before it gives.

    Args:
        *parts: Modules, one or more. A part that gives one number alone, as an MLP may, gives a list of it here.

    Attributes:
        parts (list of Module): these.

    Raises:
        TypeError: one of them is no Module.
        ValueError: there are none, or one reads another count of numbers than it is given.

    Example:
        >>> from nn import Activation, Layer
        >>> model = Sequential(Layer(2, 8, "linear", seed=1), Activation("tanh"), Layer(8, 1, "linear", seed=2))
        >>> type(model([0.5, -1.0])).__name__  # one output: a Value; several: a list
        'Value'
        >>> [parameter.label for parameter in model.parameters()[-2:]]
        ['W2[0,7]', 'b2[0]']
    """

    _is_row = True

    def __init__(self, *parts: Module) -> None:
        check_parts(type(self).__name__, parts)
        self.parts = list(parts)

    @property
    def n_inputs(self) -> int | None:  # type: ignore[override]
        return self.parts[0].n_inputs

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        for part in self.parts:
            n_inputs = part.n_outputs_for(n_inputs)
        return n_inputs

    @property
    def output_activation(self) -> Any:
        return self.parts[-1].output_activation

    def settings(self) -> dict[str, Any]:
        return {}

    def __call__(self, x: Sequence[Any], *more: Any) -> Any:
        with network_at_work():
            *_, (_, output) = self._through(x, *more)
        return output[0] if len(output) == 1 else output

    def _through(self, x: Any, *more: Any) -> Iterator[tuple[Module, list[Any]]]:
        """Part by part what it gives, from input to output."""
        for part in self.parts:
            x, more = numbers_from(part, part(x, *more)), ()  # type: ignore[operator]  # each kind says how it is called
            yield part, x

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts))})"


def numbers_from(part: Module, given: Any) -> list[Any]:
    """What a part gave, as a list; TypeError if it is neither a number nor a list."""
    if is_list(given):
        return given if isinstance(given, list) else list(given)
    if isinstance(given, (Number, float, int)):
        return [given]
    raise TypeError(f"a part gives a number or a list of numbers, but {shown(part)} gave {shown(given)}")


def check_parts(kind: str, parts: Iterable[Any]) -> None:
    """TypeError or ValueError unless these can follow each other."""
    width, before = None, ""
    for part in parts:
        if is_list(part):
            raise TypeError(f"the parts of a {kind} are given one by one, as in {kind}(Layer(2, 8), Layer(8, 1)), but "
                            f"was given {shown(part)}")  # fmt: skip
        if not isinstance(part, Module):
            raise TypeError(f"the parts of a {kind} are Modules that have been made, such as Layer(2, 8) or, of a "
                            f"function, Activation('tanh'), but was given {shown(part)}")  # fmt: skip
        if width is not None and part.n_inputs is not None and part.n_inputs != width:
            raise ValueError(f"{shown(part)} reads {part.n_inputs} numbers, but {before} gives {width}")
        width, before = part.n_outputs_for(width or part.n_inputs), shown(part)
    if not before:
        raise ValueError(f"a {kind} needs a part at least, such as {kind}(Layer(2, 1)), but was given ()")
