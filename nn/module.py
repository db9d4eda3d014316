"""Module and Parameter: what every part of a network is made of."""

from collections.abc import Iterator
from typing import Any

from engine import Value

__all__ = ["Module", "Parameter"]


class Parameter(Value):
    """A Value that training changes: a weight or a bias."""

    __slots__ = ()

    leaf_kind = "parameter"


class Module:
    """A part of a network: a callable that owns Parameters, or other Modules that do.

    A subclass sets Parameters, Modules, and lists of them as attributes; this class finds them there,
    in the order in which they were set.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.offset = Parameter(2.0), Parameter(1.0)
        ...     def __call__(self, x):
        ...         return self.slope * x + self.offset
        >>> line = Line()
        >>> line(3.0).data, line.state_dict()
        (7.0, {'slope': 2.0, 'offset': 1.0})
    """

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path, such as ``("layers.0.neurons.2.w.1", Parameter)``."""
        for name, item in vars(self).items():
            yield from _named(name, item)

    def parameters(self) -> list[Parameter]:
        """Every Parameter once, in the order in which they were set; one that has several names too."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def zero_grad(self) -> None:
        """Set the gradient of every Parameter to 0, before the next backward pass adds to it."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The numbers of all Parameters by their path."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Set all Parameters from a `state_dict`.

        Args:
            state: a number for every parameter path of this module, and no others.

        Raises:
            ValueError: a path is missing or unknown; nothing has been changed then.
        """
        parameters = dict(self.named_parameters())
        missing, unknown = parameters.keys() - state.keys(), state.keys() - parameters.keys()
        if missing or unknown:
            wrong = [f"{len(names)} {what} (such as {min(names)!r})" for what, names in
                     (("missing", missing), ("unknown", unknown)) if names]  # fmt: skip
            raise ValueError(f"the state does not fit this {type(self).__name__}: {' and '.join(wrong)}")
        numbers = {name: Value(number).data for name, number in state.items()}
        for name, parameter in parameters.items():
            parameter.data = numbers[name]


def _named(path: str, item: Any) -> Iterator[tuple[str, Parameter]]:
    if isinstance(item, Parameter):
        yield path, item
    elif isinstance(item, Module):
        for name, parameter in item.named_parameters():
            yield f"{path}.{name}", parameter
    elif isinstance(item, (list, tuple)):
        for index, element in enumerate(item):
            yield from _named(f"{path}.{index}", element)
