"""Module and Parameter: what every part of a network is made of."""

import functools
from collections import deque
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from dataclasses import fields, is_dataclass
from types import FunctionType, GeneratorType, NoneType, SimpleNamespace
from typing import Any

from engine import Value
from engine.arguments import plain_lists, shown
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

    leaf_kind = "parameter"

    place: Place

    @property
    def label(self) -> str:
        """The name to show: the one that it was given, or else that of its place."""
        return self._label or (self.place.label if hasattr(self, "place") else "")

    @label.setter
    def label(self, text: str) -> None:
        Value.label.__set__(self, text)  # type: ignore[attr-defined]


class Module:
    """A part of a network: a callable that owns Parameters, or other Modules that do.

    A subclass sets Parameters, Modules, and lists, dicts or arrays of them as attributes; this class finds them there,
    in the order in which they were set, and tells each where it is once the subclass's ``__init__`` is done.

    Attributes:
        classes: the labels that the outputs stand for, in their order, where `fit` was given labels that are not the
            loss's own numbers; else None.

    Raises:
        TypeError: Parameters are in a set, a deque or the like, where they have no lasting place that they could be
            named by; a generator was set, which cannot be looked through; or where Parameters are something without
            any is set, as in ``neuron.b = 0.5``.

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

    classes: tuple[Any, ...] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, item in vars(cls).items():
            if name == "__slots__" and item:
                raise TypeError(f"{cls.__name__} must not have __slots__: a Module looks for its parts in its __dict__")
            if _held(item, name):
                raise TypeError(
                    f"{name} is set for the class {cls.__name__}, so that all objects would share it and none own it: "
                    f"set it in __init__, as self.{name}"
                )
        build: Any = vars(cls).get("__init__")
        if build is not None:

            @functools.wraps(build)
            def build_and_place(self: Module, *args: Any, **kwargs: Any) -> None:
                build(self, *args, **kwargs)
                for path, part in reversed([*self._parts()]):  # of several places here the first is a part's own
                    self._place(part, *path)

            cls.__init__ = build_and_place  # type: ignore[assignment, method-assign]

    def __setattr__(self, name: str, item: Any) -> None:
        """Refuse what would take Parameters out of the module unseen, as ``neuron.b = 0.5`` would."""
        before = vars(self).get(name)
        if before is not None and item is not None and _held(before, name) and not _held(item, name):
            raise TypeError(
                f"{name} holds Parameters of this {type(self).__name__}, and {shown(item)} none, so nothing there "
                "would be trained: to change a number write to its .data, as in neuron.b.data = 0.5"
            )
        super().__setattr__(name, item)

    @functools.cached_property
    def place(self) -> Place:
        """Where in a larger model it is."""
        return Place()

    def _place(self, part: "Parameter | Module", name: str, *index: int | str) -> None:
        """Tell a part where it is. What is in another Module already keeps its place there."""
        place = getattr(part, "place", None)
        if place is None:
            part.place = Place(name, index, self.place)
        elif (place.within is None and not place.holds(self.place)) or place.within is self.place:
            place.name, place.index, place.within = name, index, self.place

    def _parts(self) -> Iterator[tuple["Path", "Parameter | Module"]]:
        """The Parameters and Modules here, each with its path: the attribute, and its index or key in there."""
        for name, item in [*vars(self).items()]:
            if not isinstance(item, Place):
                yield from _held(item, name)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path, such as ``("layers.0.neurons.2.w.1", Parameter)``; if it has several, each.

        A Module that is in several places is gone through at the first of them; so it may refer to itself.
        """
        seen = {id(self)}
        open_modules = [("", self._parts())]  # from this one down to where we are
        while open_modules:
            prefix, parts = open_modules[-1]
            for path, part in parts:
                name = prefix + ".".join(map(str, path))
                if isinstance(part, Parameter):
                    yield name, part
                elif id(part) not in seen:
                    seen.add(id(part))
                    open_modules.append((f"{name}.", part._parts()))
                    break
            else:
                open_modules.pop()

    def parameters(self) -> list[Parameter]:
        """Every Parameter once, in the order in which they were set; one that has several names too."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def batch(self, X: Sequence[Any]) -> list[Any]:
        """The outputs for all rows of a batch: row by row, or at once where the rows look at each other.

        Args:
            X: a list of numbers for each row, or whatever the module is called with; an array or a table, too.

        Returns:
            list: what the module gives for each row.

        Raises:
            TypeError: X is no list.

        Example:
            >>> from engine import batch_mean
            >>> class Centred(Module):
            ...     def __call__(self, x):
            ...         return [number - batch_mean(number) for number in x]
            >>> Centred().batch([[1.0, 5.0], [3.0, 5.0]])
            [[-1.0, 0.0], [1.0, 0.0]]
        """
        rows = plain_lists(X)
        if not isinstance(rows, list):
            raise TypeError(f"batch needs a list of rows, but was given {shown(X)}")
        return map_examples(self, rows)  # type: ignore[arg-type]  # each kind of Module says how it is called

    def zero_grad(self) -> None:
        """Set the gradient of every Parameter to 0, before the next backward pass adds to it."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The numbers of all Parameters by their path.

        Raises:
            ValueError: two have the same path, as ``{0: ..., "0": ...}`` makes them have.
        """
        return {name: parameter.data for name, parameter in self._by_path().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set all Parameters from a `state_dict`.

        Args:
            state: a number for every parameter path of this module, and no others.

        Raises:
            TypeError: it is no dict, or holds something other than numbers.
            ValueError: a path is missing or unknown, or one Parameter has several paths and not the same number for
                all. Nothing has been changed then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dict from paths to numbers, as state_dict gives it, but was {shown(state)}")
        parameters = self._by_path()
        missing, unknown = parameters.keys() - state.keys(), state.keys() - parameters.keys()
        if missing or unknown:
            wrong = [f"{len(names)} {what} (such as {min(map(shown, names))})" for what, names in
                     (("missing", missing), ("unknown", unknown)) if names]  # fmt: skip
            raise ValueError(f"the state does not fit this {type(self).__name__}: {' and '.join(wrong)}")
        numbers: dict[Parameter, float] = {}
        for name, parameter in parameters.items():
            number = Value(state[name]).data
            if repr(numbers.setdefault(parameter, number)) != repr(number):
                raise ValueError(
                    f"the state does not fit this {type(self).__name__}: {name!r} is one of several names of a "
                    f"Parameter, but has {number!r} where another has {numbers[parameter]!r}"
                )
        for parameter, number in numbers.items():
            parameter.data = number

    def _by_path(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for name, parameter in self.named_parameters():
            if found.setdefault(name, parameter) is not parameter:
                raise ValueError(f"two Parameters of this {type(self).__name__} have the path {name!r}: rename one")
        return found


Path = tuple[Any, ...]  # an attribute's name, and then indices and keys


def _held(item: Any, *path: Any, within: tuple[Any, ...] = ()) -> list[tuple[Path, Parameter | Module]]:
    """The Parameters and Modules in an item at that path, each with its own. What a Module holds is that one's."""
    if isinstance(item, (Parameter, Module)):
        return [(path, item)]
    found: list[tuple[Path, Parameter | Module]] = []
    if type(item) in SINGLE or any(item is outer for outer in within):  # a list may hold itself
        return found
    for key, entry in _entries(item, path[0]):
        if isinstance(key, int) and isinstance(entry, Parameter):  # nearly always
            found.append(((*path, key), entry))
            continue
        keys = key if isinstance(key, tuple) else (key,)
        parts = _held(entry, *path, *keys, within=(*within, item))
        if parts and not all(isinstance(key, (str, int)) for key in keys):
            raise TypeError(_has_no_name(item, path[0], key))
        found += parts
    return found


SINGLE = {bool, bytes, float, int, str, FunctionType, NoneType}  # what holds nothing, and is often met


def _entries(item: Any, attribute: str) -> Iterable[tuple[Any, Any]]:
    """What is in a container, by index, key or name; by None where it has none of these."""
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    if isinstance(item, Mapping):
        return [*item.items()]
    if getattr(getattr(item, "dtype", None), "kind", "") == "O":
        return _entries(item.tolist(), attribute) if item.ndim else [((), item.item())]
    if isinstance(item, SimpleNamespace):
        return [*vars(item).items()]
    if is_dataclass(item) and not isinstance(item, type):
        return [(field.name, getattr(item, field.name, None)) for field in fields(item)]
    if isinstance(item, (Set, deque, ItemsView, KeysView, ValuesView)):
        return [(None, entry) for entry in item]
    if isinstance(item, (GeneratorType, filter, map, reversed, zip)):
        raise TypeError(
            f"{attribute} is a {type(item).__name__}, which gives what is in it only once, so a Module cannot look for "
            f"Parameters there: make it a list"
        )
    return ()


def _has_no_name(container: Any, attribute: str, key: Any) -> str:
    """Why a Parameter in there cannot be named, and what to write."""
    if isinstance(container, Mapping):
        return (
            f"{attribute} has Parameters under the key {shown(key)}, which names none: keys must be text, whole "
            f"numbers, or tuples of these"
        )
    return (
        f"{attribute} has Parameters in a {type(container).__name__}, where nothing has a lasting place that could "
        f"name it: make it a list, a tuple or a dict"
    )
