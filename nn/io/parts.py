"""What a model is made of, as plain data, and how it is made again from that.

A model file describes each part by its name in a fixed table and its settings. So nothing in a file is ever executed,
and what the table does not have is refused when it is written and when it is read.
"""

from collections.abc import Callable, Sequence
from inspect import signature
from itertools import pairwise
from typing import Any

from engine.arguments import shown
from nn.activations import activation_of_layer
from nn.arguments import check_size
from nn.io.schema import DamagedError, check_keys, is_label, listed, number_from, number_to
from nn.layers.activation import Activation, PReLU, Softmax
from nn.layers.dense import Layer, Neuron
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.mlp import MLP
from nn.layers.normalization import BatchNorm, LayerNorm
from nn.layers.residual import Residual
from nn.layers.sequential import Sequential
from nn.module import Kept, Module, Path, name_at
from nn.scaling import MinMaxScaler, Standardizer

__all__ = [
    "check_same",
    "describe",
    "make",
    "numbers_by_row",
    "numbers_in_rows",
    "places_of",
    "set_numbers",
    "tie",
    "ties",
]

Settings = dict[str, Any]
Places = dict[str, tuple[Module, Path, Kept | Module]]


def _nothing(settings: Settings) -> int:
    return 0


def _product(*names: str) -> Callable[[Settings], int]:
    def n_numbers(settings: Settings) -> int:
        product = 1
        for name in names:
            product *= check_size(name, settings.get(name))
        return product

    return n_numbers


def _of_layers(settings: Settings) -> int:
    sizes = [check_size("n_inputs", settings.get("n_inputs"))]
    sizes += [check_size("a width", width) for width in listed(settings.get("widths"))]
    return sum(n_inputs * n_outputs for n_inputs, n_outputs in pairwise(sizes))


def _of_scaler(settings: Settings) -> int:
    return 0 if settings.get("n_inputs") is None else check_size("n_inputs", settings["n_inputs"])


# What a model file may hold, and how many numbers each keeps at least, by its settings: so nothing is made that is
# larger than its file.
KINDS: dict[type[Module], Callable[[Settings], int]] = {
    MLP: _of_layers,
    Sequential: _nothing,
    Residual: _nothing,
    Layer: _product("n_inputs", "n_outputs"),
    Neuron: _product("n_inputs"),
    Activation: _nothing,
    PReLU: _product("n"),
    Softmax: _nothing,
    BatchNorm: _product("n"),
    LayerNorm: _product("n"),
    Dropout: _nothing,
    Embedding: _product("n_words", "width"),
    Standardizer: _of_scaler,
    MinMaxScaler: _of_scaler,
}
BY_NAME = {kind.__name__: kind for kind in KINDS}
OF_START = {"init", "seed"}  # how a part starts, which its file does not say
DEEPEST = 100  # parts within parts, which is far from what Python's stack bears


def describe(part: Module, depth: int = 0) -> dict[str, Any]:
    """A part and the parts in it, as plain data.

    Args:
        part: this.
        depth: how many parts it is in.

    Returns:
        dict: "part", the name of its class; its settings; and, where there is something to say, "parts", "classes", and
        "training", which is False for a part that computes as in use.

    Raises:
        ValueError: it is a Module of the user's own, or has a function of the user's own, settings that cannot be
            written, or parts too deep within parts.
    """
    if type(part) not in KINDS:
        raise ValueError(
            f"a model file holds parts of nn alone ({', '.join(BY_NAME)}), and no code, so {shown(part)}, a Module of "
            "your own, cannot be written there: keep its numbers, state_dict(), and its class"
        )
    if depth > DEEPEST:
        raise ValueError(f"a model file holds parts in parts at most {DEEPEST} deep, but {shown(part)} is deeper")
    described = {"part": type(part).__name__, **part.settings()}
    if isinstance(part, Sequential):
        described["parts"] = [describe(inner, depth + 1) for inner in part.parts]
    if part.classes is not None:
        for label in part.classes:
            if not is_label(label):
                raise ValueError(f"a model file holds labels that are text, numbers, True or False, not {shown(label)}")
        described["classes"] = [*part.classes]
    return described if part.training else {**described, "training": False}


def make(described: Any, n_numbers: int) -> Module:
    """A model of the parts that `describe` told of, whose numbers are still to be set.

    Args:
        described: what it gave, from whatever file.
        n_numbers: how many numbers there are to be set: nothing is made that would need more.

    Raises:
        DamagedError: it is nothing that `describe` gives.
    """
    return _Maker(n_numbers).part(described, "the model", 0)


class _Maker:
    """Makes parts, of no more numbers in all than there are."""

    def __init__(self, n_numbers: int) -> None:
        self.left = n_numbers

    def part(self, described: Any, where: str, depth: int) -> Module:
        if depth > DEEPEST:
            raise DamagedError(f"it has parts in parts more than {DEEPEST} deep")
        if not isinstance(described, dict) or not isinstance(described.get("part"), str):
            raise DamagedError(f'{where} must be a part, such as {{"part": "Layer", ...}}, but is {shown(described)}')
        name = described["part"]
        if name not in BY_NAME:
            raise DamagedError(f"{where} is a {shown(name)}, which is none of {', '.join(BY_NAME)}")
        kind, where = BY_NAME[name], f"{where} ({name})"
        has_parts = {"parts"} if issubclass(kind, Sequential) else set()
        known = {*signature(kind).parameters} - OF_START - {"parts"}
        check_keys(where, described, {"part", *has_parts}, {*known, "classes", "training"})
        settings = {setting: given for setting, given in described.items() if setting in known}
        inner = [
            self.part(part, f"part {number} of {where}", depth + 1)
            for number, part in enumerate(listed(described["parts"]) if has_parts else (), 1)
        ]
        made = self._made(kind, settings, inner, where)
        _set_classes(made, described.get("classes"), where)
        if described.get("training", True) is not True:
            if described["training"] is not False:
                raise DamagedError(f"training must be true or false in {where}, but is {shown(described['training'])}")
            said = {module for part in inner for module in part.modules()}  # each for itself
            for module in {*made.modules()} - said:
                module.training = False
        return made

    def _made(self, kind: type[Module], settings: Settings, inner: Sequence[Module], where: str) -> Module:
        try:
            self._take(KINDS[kind](settings), where)
            _check_activations(settings)
            if issubclass(kind, Residual):
                self._take(_of_projection(inner), where)
            made = kind(*inner, **settings, **_start(kind))
            needed = made.settings()
        except (TypeError, ValueError) as error:
            raise DamagedError(f"{where} cannot be made: {error}") from None
        for setting in needed.keys() | settings.keys():
            if setting not in settings:
                raise DamagedError(f"{where} does not say its {setting}")
            if setting not in needed or settings[setting] != needed[setting]:
                raise DamagedError(f"{where} says {setting}: {shown(settings[setting])}, which it cannot have")
        return made

    def _take(self, n_numbers: int, where: str) -> None:
        self.left -= n_numbers
        if self.left < 0:
            raise DamagedError(f"{where} needs more numbers than there are in the file")


def _of_projection(parts: Sequence[Module]) -> int:
    """How many numbers a Residual has besides those of its parts."""
    n_inputs = n_outputs = parts[0].n_inputs if parts else None
    for part in parts:
        n_outputs = part.n_outputs_for(n_outputs)
    return n_inputs * n_outputs if n_inputs and n_outputs and n_inputs != n_outputs else 0


def _start(kind: type[Module]) -> Settings:
    """What a part is made with so that nothing is drawn for numbers that a file has, from Python's own randomness."""
    if issubclass(kind, Residual):
        return {"seed": 0}
    return {"init": "zeros"} if "init" in signature(kind).parameters else {}


def _check_activations(settings: Settings) -> None:
    for setting in ("activation", "output_activation"):
        given = settings.get(setting, "linear")
        for activation in given if isinstance(given, list) else [given]:
            try:
                activation_of_layer(activation, 2)
            except ValueError:
                raise DamagedError(
                    f"unknown activation {shown(activation)}: if it is an operation of your own, define it with "
                    "engine.operation before the file is read"
                ) from None


def _set_classes(part: Module, classes: Any, where: str) -> None:
    if classes is None:
        return
    n_outputs = part.n_outputs_for(part.n_inputs)
    n_classes = len(listed(classes)) if n_outputs is None else 2 if n_outputs == 1 else n_outputs
    if not all(map(is_label, listed(classes))) or len({*classes}) != n_classes or len(classes) != n_classes:
        raise DamagedError(f"classes must be {n_classes} different labels in {where}, but are {shown(classes)}")
    part.classes = tuple(classes)


def places_of(model: Module) -> Places:
    """Everything in a model by its path, in all places: the Module that has it, where there, and itself."""
    found: Places = {}

    def look_through(module: Module, prefix: str) -> None:
        for path, part in module._parts():
            name = name_at(prefix, path)
            found[name] = module, path, part
            if isinstance(part, Module):
                look_through(part, f"{name}.")

    look_through(model, "")
    return found


def check_same(model: Module, mine: Places, made: Module) -> None:
    """ValueError unless a model that was made of what `describe` says of another has the same parts, in all places.

    What a class of nn is made with does not say all that somebody may have set in it.

    Args:
        model: that other.
        mine: its `places_of`.
        made: the model that was made.
    """
    others = places_of(made)
    for name in [*mine, *(name for name in others if name not in mine)]:
        if name not in mine or name not in others:
            owner, has = (mine[name][0], "has") if name in mine else (others[name][0], "lacks")
            raise ValueError(
                f"a model file holds what a {type(owner).__name__} is made with, but this one {has} {name}: "
                f"{shown(model)}"
            )
        part, other = mine[name][2], others[name][2]
        if type(part) is not type(other):
            raise ValueError(
                f"a model file holds parts and numbers of nn alone, but {name} is a {type(part).__name__}: "
                f"{shown(model)}"
            )
        if isinstance(part, Module) and part.settings() != other.settings():  # type: ignore[union-attr]
            raise ValueError(
                f"a model file holds what a {type(mine[name][0]).__name__} is made with, but {name} of this one has "
                f"settings of its own, {shown(part.settings())}: {shown(model)}"
            )


def numbers_by_row(places: Places) -> dict[str, Any]:
    """Every number of a model by its path, and those of a list as a row, by the path of the list.

    Those of a Module that is in several places are there for each.

    Example:
        >>> from nn import Layer
        >>> numbers_by_row(places_of(Layer(2, 1, init="zeros")))
        {'neurons.0.w': [0.0, 0.0], 'neurons.0.b': 0.0}
    """
    rows: dict[str, Any] = {}
    for name, (_, path, part) in places.items():
        if isinstance(part, Kept) and isinstance(path[-1], int):
            rows.setdefault(name.rpartition(".")[0], []).append(number_to(part.data))
        elif isinstance(part, Kept):
            rows[name] = number_to(part.data)
    return rows


def numbers_in_rows(rows: Any) -> dict[str, float]:
    """Every number by its path: what `numbers_by_row` was made of; DamagedError if this is nothing that it makes."""
    if not isinstance(rows, dict):
        raise DamagedError(f"numbers must be by path, but are {shown(rows)}")
    numbers: dict[str, float] = {}
    for name, row in rows.items():
        for path, item in (
            [(f"{name}.{i}", item) for i, item in enumerate(row)] if isinstance(row, list) else [(name, row)]
        ):
            if path in numbers:
                raise DamagedError(f"it has two numbers for {shown(path)}")
            numbers[path] = number_from(item)
    return numbers


def set_numbers(model: Module, numbers: dict[str, float]) -> None:
    """Set all numbers of a model that was made; DamagedError unless these are as many, in the same places."""
    places = {name: part for name, (_, _, part) in places_of(model).items() if isinstance(part, Kept)}
    for name in places.keys() - numbers.keys():
        raise DamagedError(f"it has no number for {shown(name)}")
    for name in numbers.keys() - places.keys():
        raise DamagedError(f"it has a number for {shown(name)}, which its model does not have")
    for name, part in places.items():
        part.data = numbers[name]


def ties(model: Module) -> list[list[str]]:
    """The paths of each Parameter, Buffer and Module that is in several places."""
    first: dict[Module, str] = {model: ""}
    first |= {part: f"{name_at(at, path)}." for at, path, part in model._everything() if isinstance(part, Module)}
    paths: dict[Any, list[str]] = {}
    for module, prefix in first.items():
        for path, part in module._parts():
            paths.setdefault(part, []).append(name_at(prefix, path))
    return [group for group in paths.values() if len(group) > 1]


def tie(model: Module, groups: Any) -> None:
    """Have one Parameter, Buffer or Module in all places of each group; DamagedError if they differ."""
    names = [name for group in listed(groups) for name in listed(group)]
    if not groups:
        return
    if any(len(group) < 2 for group in groups) or not all(isinstance(name, str) for name in names):
        raise DamagedError(f"what is tied must be lists of two paths or more, but is {shown(groups)}")
    if len({*names}) < len(names):
        raise DamagedError(f"what is tied must have each path once, but is {shown(groups)}")
    places = places_of(model)
    for name in names:
        if name not in places:
            raise DamagedError(f"{shown(name)} is tied, but there is no such Parameter")
    for first, *others in groups:
        part = places[first][2]
        content = _content(part)
        for name in others:
            owner, path, other = places[name]
            if _content(other) != content:
                raise DamagedError(f"{first} and {name} are tied, but differ: {shown(part)}, {shown(other)}")
            _put(owner, path, part)
    for module in reversed(model.modules()):  # as when they were made: what is within first
        if module._is_row:
            module._count()


def _content(part: Kept | Module) -> Any:
    """What is equal for parts of which one may stand for the other."""
    if isinstance(part, Module):
        return describe(part), [(name, repr(row)) for name, row in numbers_by_row(places_of(part)).items()]
    return type(part), repr(part.data)


def _put(owner: Module, path: Path, part: Kept | Module) -> None:
    name, *indices = path
    if not indices:
        setattr(owner, name, part)
        return
    container = vars(owner)[name]
    for index in indices[:-1]:
        container = container[index]
    container[indices[-1]] = part
