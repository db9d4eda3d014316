"""Module, Parameter and Buffer: what every part of a network is made of."""

import functools
import os
from collections import Counter, deque
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from types import FunctionType, GeneratorType, NoneType, SimpleNamespace
from typing import Any, Self

from engine import Value
from engine.arguments import check_flag, plain_lists, shown
from engine.batch import map_examples
from nn.place import Place

__all__ = ["Buffer", "Module", "Parameter", "buffers_of", "in_mode"]


class Kept(Value):
    """A Value that is kept with a Module, which tells it where it is: what Parameters and Buffers share."""

    place: Place

    @property
    def label(self) -> str:
        """The name to show: the one that it was given, or else that of its place."""
        return self._label or (self.place.label if hasattr(self, "place") else "")

    @label.setter
    def label(self, text: str) -> None:
        Value.label.__set__(self, text)  # type: ignore[attr-defined]


class Parameter(Kept):
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


class Buffer(Kept):
    """A Value that is kept with the Parameters, and that no gradient changes: a mean over what was seen in training.

    It is in `Module.state_dict` as they are. What it is to be after a step of training is said by
    `nn.training.step.Step.update`.

    Args:
        data, label: as for `Parameter`.

    Attributes:
        place (Place): as for `Parameter`.

    Example:
        >>> class Centred(Module):
        ...     def __init__(self):
        ...         self.mean = Buffer(2.0)
        ...     def __call__(self, x):
        ...         return x - self.mean
        >>> Centred().state_dict(), Centred().parameters()
        ({'mean': 2.0}, [])
    """


class Module:
    """A part of a network: a callable that owns Parameters and Buffers, or other Modules that do.

    A subclass sets Parameters, Buffers, Modules, and lists, dicts or arrays of them as attributes; this class finds
    them there, in the order in which they were set, and tells each where it is once its ``__init__`` is done.

    Attributes:
        training: whether it is to compute as in training or, after `eval`, as in use. `fit` trains in training mode.
        classes: the labels that the outputs stand for, in their order, where `fit` was given labels that are not the
            loss's own numbers; else None.
        n_inputs: how many numbers it reads; None for any, or where that is not known.
        output_activation: what made its outputs, such as "sigmoid" or "softmax", which says which losses they go with;
            None where that is not known. A Module of your own may say it.

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

    training = True
    classes: tuple[Any, ...] | None = None
    n_inputs: int | None = None
    output_activation: Any = None

    # What it is counted among in a row of parts, as in "layer 2", with Parameters called by that number, as in W2. If
    # that is nothing, it is counted among those of its class, as in "MLP 1", and its Parameters go by their path.
    _kind = ""
    _is_row = False  # whether its parts follow each other

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
                self._place_parts()
                if self._is_row:
                    self._count()

            cls.__init__ = build_and_place  # type: ignore[assignment, method-assign]

    def __setattr__(self, name: str, item: Any) -> None:
        """Refuse what would take Parameters out of the module unseen, as ``neuron.b = 0.5`` would."""
        before = vars(self).get(name)
        if before is not None and item is not None and _held(before, name) and not _held(item, name):
            are_buffers = all(isinstance(part, Buffer) for _, part in _held(before, name))
            kinds, end = ("Buffers", "kept") if are_buffers else ("Parameters", "trained")
            raise TypeError(
                f"{name} holds {kinds} of this {type(self).__name__}, and {shown(item)} none, so nothing there "
                f"would be {end}: to change a number write to its .data, as in neuron.b.data = 0.5"
            )
        super().__setattr__(name, item)

    @functools.cached_property
    def place(self) -> Place:
        """Where in a larger model it is."""
        return Place()

    def _place_parts(self) -> None:
        """Tell each of the parts here where it is."""
        for path, part in reversed([*self._parts()]):  # of several places here the first is a part's own
            self._place(part, *path)

    def _place(self, part: "Kept | Module", name: str, *index: int | str) -> None:
        """Tell a part where it is. What is in another Module already keeps its place there."""
        place = getattr(part, "place", None)
        if place is None:
            part.place = Place(name, index, self.place)
        elif (place.within is None and not place.holds(self.place)) or place.within is self.place:
            place.name, place.index, place.within = name, index, self.place

    def _count(self) -> None:
        """Number the parts that follow each other here, kind by kind: layer 1, layer 2, normalization 1."""
        numbers: Counter[str] = Counter()
        for part in dict.fromkeys(self._row()):
            kind = part._kind or type(part).__name__
            numbers[kind] += 1
            if self.place.holds(part.place):
                part.place.kind, part.place.number = kind, numbers[kind]
                part.place.row = self.place if part._kind else None

    def _row(self) -> "Iterator[Module]":
        """The parts that are counted, in their order, those of a row within this one too."""
        for _, part in self._parts():
            if isinstance(part, Module):
                yield part
                if part._is_row:
                    yield from part._row()

    def _parts(self) -> Iterator[tuple["Path", "Kept | Module"]]:
        """What is kept here, and the Modules, each with its path: the attribute, and its index or key in there."""
        for name, item in [*vars(self).items()]:
            if not isinstance(item, Place):
                yield from _held(item, name)

    def _everything(self) -> Iterator[tuple[str, "Path", "Kept | Module"]]:
        """What is kept here and in the Modules below, and these, each with its path; if it has several, with each.

        The path is in two, as a name takes a while to make: that of the Module that has it, with a dot behind it, and
        where it is in there. A Module that is in several places is gone through at the first of them; so it may refer
        to itself.
        """
        seen = {id(self)}
        open_modules = [("", self._parts())]  # from this one down to where we are
        while open_modules:
            prefix, parts = open_modules[-1]
            for path, part in parts:
                if isinstance(part, Kept):
                    yield prefix, path, part
                elif id(part) not in seen:
                    seen.add(id(part))
                    yield prefix, path, part
                    open_modules.append((f"{name_at(prefix, path)}.", part._parts()))
                    break
            else:
                open_modules.pop()

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path, such as ``("layers.0.neurons.2.w.1", Parameter)``; if it has several, each."""
        return ((name_at(at, path), part) for at, path, part in self._everything() if isinstance(part, Parameter))

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Every Buffer with its path; if it has several, each."""
        return ((name_at(at, path), part) for at, path, part in self._everything() if isinstance(part, Buffer))

    def parameters(self) -> list[Parameter]:
        """Every Parameter once, in the order in which they were set; one that has several names too."""
        return list(dict.fromkeys(part for _, _, part in self._everything() if isinstance(part, Parameter)))

    def buffers(self) -> list[Buffer]:
        """Every Buffer once, in the order in which they were set; one that has several names too."""
        return list(dict.fromkeys(part for _, _, part in self._everything() if isinstance(part, Buffer)))

    def modules(self) -> "list[Module]":
        """This Module, and every Module below it, once."""
        return [self, *(part for _, _, part in self._everything() if isinstance(part, Module))]

    def train(self, mode: bool = True) -> Self:
        """Have it, and every Module below it, compute as in training: by statistics of the batch, with dropout.

        Args:
            mode: False for as in use, like `eval`.

        Returns:
            The module itself.

        Raises:
            ValueError: the mode is neither True nor False.
        """
        check_flag("mode", mode)
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Have it, and every Module below it, compute as in use: by running statistics, and without dropout.

        Returns:
            The module itself.

        Example:
            >>> from nn import MLP
            >>> model = MLP(2, [3, 1]).eval()
            >>> model.training, model.layers[0].training
            (False, False)
        """
        return self.train(False)

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        """How many numbers it gives where it is given so many; None where that is not known.

        Example:
            >>> from nn import Layer
            >>> Layer(2, 3).n_outputs_for(2)
            3
        """
        return None

    def settings(self) -> dict[str, Any]:
        """What it was made with, as plain numbers, texts and lists: ``type(part)(**part.settings())`` is of its shape.

        What is in `state_dict` is not among them, nor are the parts of a `Sequential` and a `Residual`, which are given
        to these first, one after the other.

        Raises:
            ValueError: there is something that no text describes, such as a function of your own.

        Example:
            >>> from nn import Layer
            >>> Layer(2, 3, "tanh").settings()
            {'n_inputs': 2, 'n_outputs': 3, 'activation': 'tanh'}
        """
        raise ValueError(
            f"{type(self).__name__} does not say what it was made with: give it a method settings, by which "
            f"{type(self).__name__}(**settings) makes another of its shape"
        )

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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a JSON file, wholly or not at all; every number comes back exactly, by `nn.load`.

        The file holds the parts of the model and their settings, Parameters, Buffers such as running statistics and
        those of scalers, what is tied, the classes, and which parts compute as in use. It holds no code: an activation
        that is an operation of your own is written by its name, and must be defined again before the file is read.

        Args:
            path: where to; an older file there is replaced.

        Raises:
            OSError: the path cannot be written; what was there before is unharmed.
            ValueError: there is something that a model file cannot say: a function or a Module of your own, neurons of
                one layer with different activations, what was added to a part of nn, or classes whose labels are
                neither text nor numbers.

        Example:
            >>> import tempfile
            >>> from nn import MLP, load
            >>> model = MLP(2, [3, 1], normalization="layer", seed=1)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(f"{folder}/model.json")
            ...     same = load(f"{folder}/model.json")
            >>> same([1.0, 2.0]).data == model([1.0, 2.0]).data
            True
        """
        from nn.io.model_file import save  # which knows all parts, and they this class

        save(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The model of this class that `save` wrote; `nn.load` takes a model of any class.

        Args:
            path: a model file.

        Raises:
            OSError: the file cannot be read.
            ValueError: as for `nn.load`, or the model is of another class.

        Example:
            >>> import tempfile
            >>> from nn import MLP
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     MLP(2, [3, 1], seed=1).save(f"{folder}/model.json")
            ...     MLP.load(f"{folder}/model.json")
            MLP(Layer(2, 3, 'relu'), Layer(3, 1, 'linear'))
        """
        from nn.io.model_file import load

        model = load(path)
        if not isinstance(model, cls):
            raise ValueError(f"{path} holds no {cls.__name__}, but {shown(model)}: write nn.load({str(path)!r})")
        return model

    def zero_grad(self) -> None:
        """Set the gradient of every Parameter, and Buffer, to 0, before the next backward pass adds to it."""
        for _, _, part in self._everything():
            if isinstance(part, Kept):
                part.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The numbers of all Parameters and Buffers by their path.

        Raises:
            ValueError: two have the same path, as ``{0: ..., "0": ...}`` makes them have.
        """
        return {name: kept.data for name, kept in self._by_path().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set all Parameters and Buffers from a `state_dict`.

        Args:
            state: a number for every path of one in this module, and no others.

        Raises:
            TypeError: it is no dict, or holds something other than numbers.
            ValueError: a path is missing or unknown, or one Parameter or Buffer has several paths and not the same
                number for all. Nothing has been changed then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dict from paths to numbers, as state_dict gives it, but was {shown(state)}")
        places = self._by_path()
        missing, unknown = places.keys() - state.keys(), state.keys() - places.keys()
        if missing or unknown:
            wrong = [f"{len(names)} {what} (such as {min(map(shown, names))})" for what, names in
                     (("missing", missing), ("unknown", unknown)) if names]  # fmt: skip
            raise ValueError(f"the state does not fit this {type(self).__name__}: {' and '.join(wrong)}")
        numbers: dict[Kept, float] = {}
        for name, kept in places.items():
            number = Value(state[name]).data
            if repr(numbers.setdefault(kept, number)) != repr(number):
                raise ValueError(
                    f"the state does not fit this {type(self).__name__}: {name!r} is one of several names of a "
                    f"{type(kept).__name__}, but has {number!r} where another has {numbers[kept]!r}"
                )
        for kept, number in numbers.items():
            kept.data = number

    def _by_path(self) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for at, path, part in self._everything():
            name = name_at(at, path)
            if isinstance(part, Kept) and found.setdefault(name, part) is not part:
                what = f"{type(part).__name__}s" if type(part) is type(found[name]) else "numbers"
                raise ValueError(f"two {what} of this {type(self).__name__} have the path {name!r}: rename one")
        return found


@contextmanager
def in_mode(model: Any, *, training: bool) -> Iterator[None]:
    """While this lasts, a model and the Modules below it compute as in training, or as in use; then each as before.

    Args:
        model: a Module; what is none has no modes.
        training: which of these.
    """
    before = [(module, module.training) for module in model.modules()] if isinstance(model, Module) else []
    try:
        for module, _ in before:
            module.training = training
        yield
    finally:
        for module, mode in before:
            module.training = mode


def buffers_of(model: Any) -> list[Buffer]:
    """The Buffers of a model; none of one that is no Module, and has no method `buffers` either."""
    return model.buffers() if callable(getattr(model, "buffers", None)) else []


Path = tuple[Any, ...]  # an attribute's name, and then indices and keys


def name_at(prefix: str, path: Path) -> str:
    """What something is called in a Module, of which this is the path with a dot behind it, or nothing."""
    return prefix + ".".join(map(str, path))


def _held(item: Any, *path: Any, within: tuple[Any, ...] = ()) -> list[tuple[Path, Kept | Module]]:
    """What is kept in an item at that path, and the Modules, each with its own. What a Module holds is that one's."""
    if isinstance(item, (Kept, Module)):
        return [(path, item)]
    found: list[tuple[Path, Kept | Module]] = []
    if type(item) in SINGLE or any(item is outer for outer in within):  # a list may hold itself
        return found
    for key, entry in _entries(item, path[0]):
        if isinstance(key, int) and isinstance(entry, Kept):  # nearly always
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
