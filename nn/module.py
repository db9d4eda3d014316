"""Module and Parameter: what every part of a network is made of."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from engine import Value
from engine.batch import map_examples
from nn.place import Place

__all__ = ["Module", "Parameter"]


class Parameter(Value):
    """A Value that training changes: a weight or a bias.

    Args:
        data: the number, any real one.
        label: a name to show in pictures; without one it goes by its place in the model, such as ``W1[2,0]``.

    Attributes:
        place (Place): where in a model it is; there is none as long as no Module has it.

    Example:
        >>> from nn import MLP
        >>> [w.label for w in MLP(2, [3, 1], seed=0).layers[0].neurons[2].w]
        ['W1[2,0]', 'W1[2,1]']
    """

    __slots__ = ("place",)

    leaf_kind = "parameter"

    place: Place

    @property
    def label(self) -> str:
        """The name to show: the one that it was given, or else that of its place."""
        given: str = _given_label.__get__(self)
        return given or (self.place.label if hasattr(self, "place") else "")

    @label.setter
    def label(self, label: str) -> None:
        _given_label.__set__(self, label)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        _, slots = super().__getstate__()
        place = {"place": self.place} if hasattr(self, "place") else {}
        return None, {**slots, "label": _given_label.__get__(self), **place}


_given_label: Any = Value.__dict__["label"]


class Module:
    """A part of a network: a callable that owns Parameters, or other Modules that do.

    A subclass sets Parameters, Modules, and lists of them as attributes; this class finds them there,
    in the order in which they were set, and tells each where it is once the subclass's ``__init__`` is done.

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

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        build: Any = vars(cls).get("__init__")
        if build is not None:

            @functools.wraps(build)
            def build_and_place(self: Module, *args: Any, **kwargs: Any) -> None:
                build(self, *args, **kwargs)
                for name, item in reversed([*vars(self).items()]):  # of several places here the first is a part's own
                    self._place(name, item)

            cls.__init__ = build_and_place  # type: ignore[assignment, method-assign]

    @functools.cached_property
    def place(self) -> Place:
        """Where in a larger model it is."""
        return Place()

    def _place(self, name: str, item: Any, *index: int) -> None:
        """Tell the parts in an attribute where they are. What is in another Module already keeps its place there."""
        if isinstance(item, (list, tuple)):
            for i, part in reversed([*enumerate(item)]):
                self._place(name, part, *index, i)
        elif isinstance(item, (Parameter, Module)):
            place = getattr(item, "place", None)
            if place is None:
                item.place = Place(name, index, self.place)
            elif place.within is None or place.within is self.place:
                place.name, place.index, place.within = name, index, self.place

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path, such as ``("layers.0.neurons.2.w.1", Parameter)``."""
        for name, item in vars(self).items():
            yield from _named(name, item)

    def parameters(self) -> list[Parameter]:
        """Every Parameter once, in the order in which they were set; one that has several names too."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The outputs for all rows of a batch: row by row, or at once where the rows look at each other.

        Args:
            X: a list of numbers for each row, or whatever the module is called with.

        Returns:
            list: what the module gives for each row.

        Example:
            >>> from engine import batch_mean
            >>> class Centred(Module):
            ...     def __call__(self, x):
            ...         return [number - batch_mean(number) for number in x]
            >>> Centred().batch([[1.0, 5.0], [3.0, 5.0]])
            [[-1.0, 0.0], [1.0, 0.0]]
        """
        return map_examples(self, X)  # type: ignore[arg-type]  # each kind of Module says how it is called

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
