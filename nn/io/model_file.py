"""Model files: JSON that any program can read, numbers that come back exactly, and no code to run."""

import json
import math
import os
import re
from dataclasses import dataclass
from typing import Any

from engine.arguments import shown
from engine.files import as_path, write_atomically

__all__ = ["SavedModel", "load_model", "save_model"]

FORMAT = "chalkgrad model"
VERSION = 1
LAYER = {"activation", "weights", "biases"}
STRING_OR_ROW = r'"(?:[^"\\]|\\.)*"|\[[^\[\]{}"]*\]'


@dataclass
class SavedModel:
    """What a model file holds.

    Attributes:
        layers: for each its "activation" (a name), "weights" (a list of rows) and "biases".
        tied: for each Parameter that is in several places their paths.
        classes: the labels that the outputs stand for, if there are any.
    """

    layers: list[dict[str, Any]]
    tied: list[list[str]]
    classes: tuple[Any, ...] | None


class DamagedError(ValueError):
    """A model file that does not say what it should."""


def save_model(path: str | os.PathLike[str], model: SavedModel) -> None:
    """Write a model file, wholly or not at all.

    Args:
        path: where to; an older file there is replaced.
        model: what to write.

    Raises:
        OSError: the path cannot be written; what was there before is unharmed.
        ValueError: a class has a label that JSON has no way to write.
    """
    document: dict[str, Any] = {"format": FORMAT, "version": VERSION, "layers": model.layers}
    if model.tied:
        document["tied"] = model.tied
    if model.classes is not None:
        for label in model.classes:
            if not _is_label(label):
                raise ValueError(f"a model file holds labels that are text, numbers, True or False, not {shown(label)}")
        document["classes"] = [*model.classes]
    text = json.dumps(_map_numbers(document, _encode), indent=1, allow_nan=False) + "\n"
    write_atomically(path, re.sub(STRING_OR_ROW, _on_one_line, text).encode())


def load_model(path: str | os.PathLike[str]) -> SavedModel:
    """What `save_model` wrote.

    Args:
        path: a model file.

    Returns:
        SavedModel: with layers of sizes that fit together.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a model file, is damaged, or is of a newer version.
    """
    try:
        text = as_path(path).read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except DamagedError as error:
        raise ValueError(f"{path} is a damaged {FORMAT}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a {FORMAT}: it is not JSON ({str(error)[:200]})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'{path} is not a {FORMAT}: it does not say "format": "{FORMAT}"')
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise ValueError(f"{path} is version {shown(version)}; this program reads version {VERSION}")
    try:
        _check_keys("the file", document, {"format", "version", "layers"}, {"tied", "classes"})
        layers = _checked_layers(document["layers"])
        classes = _checked_classes(document["classes"], len(layers[-1]["biases"])) if "classes" in document else None
        return SavedModel(layers, _checked_ties(document.get("tied", [])), classes)
    except DamagedError as error:
        raise ValueError(f"{path} is a damaged {FORMAT}: {error}") from None


def _on_one_line(found: re.Match[str]) -> str:
    """A row of numbers on one line, and what is in quotes as it is."""
    return found[0] if found[0].startswith('"') else " ".join(found[0].split())


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in pairs:
        if key in found:
            raise DamagedError(f"it says {shown(key)} twice")
        found[key] = item
    return found


def _refuse(constant: str) -> Any:
    raise DamagedError(f'{constant} is no JSON: it is written as "nan", "inf" or "-inf"')


def _check_keys(what: str, found: Any, needed: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    if not isinstance(found, dict):
        raise DamagedError(f"{what} must say {', '.join(sorted(needed))}, but is {shown(found)}")
    for key in sorted(needed - found.keys()):
        raise DamagedError(f"{what} does not say its {key}")
    for key in found.keys() - needed - optional:
        raise DamagedError(f"{what} says {shown(key)}, which this program does not know")


def _checked_layers(layers: Any) -> list[dict[str, Any]]:
    if not isinstance(layers, list) or not layers:
        raise DamagedError("it has no layers")
    checked: list[dict[str, Any]] = []
    for number, layer in enumerate(layers, 1):
        _check_keys(f"layer {number}", layer, LAYER)
        weights = [[_decode(weight) for weight in _list(row)] for row in _list(layer["weights"])]
        biases = [_decode(bias) for bias in _list(layer["biases"])]
        n_inputs = len(checked[-1]["biases"]) if checked else len(weights[0]) if weights else 0
        if not biases or len(weights) != len(biases) or any(len(row) != n_inputs for row in weights) or not n_inputs:
            raise DamagedError(f"the weights and biases of layer {number} do not fit together or to the layer before")
        if not isinstance(layer["activation"], str):
            raise DamagedError(f"the activation of layer {number} is no name, but {shown(layer['activation'])}")
        checked.append({"activation": layer["activation"], "weights": weights, "biases": biases})
    return checked


def _checked_ties(tied: Any) -> list[list[str]]:
    paths = [path for group in _list(tied) for path in _list(group)]
    if any(len(group) < 2 for group in tied) or not all(isinstance(path, str) for path in paths):
        raise DamagedError(f"what is tied must be lists of two paths or more, but is {shown(tied)}")
    if len({*paths}) < len(paths):
        raise DamagedError(f"what is tied must have each path once, but is {shown(tied)}")
    return [[*group] for group in tied]


def _checked_classes(classes: Any, n_outputs: int) -> tuple[Any, ...]:
    n_classes = 2 if n_outputs == 1 else n_outputs
    if not all(map(_is_label, _list(classes))) or len({*classes}) != n_classes or len(classes) != n_classes:
        raise DamagedError(f"classes must be {n_classes} different labels, but are {shown(classes)}")
    return tuple(classes)


def _is_label(label: Any) -> bool:
    return isinstance(label, str | bool | int) or (isinstance(label, float) and math.isfinite(label))


def _list(item: Any) -> list[Any]:
    if not isinstance(item, list):
        raise DamagedError(f"{shown(item)} stands where a list should")
    return item


def _encode(number: float) -> float | str:
    return number if math.isfinite(number) else repr(number)  # JSON has no inf and no nan


def _decode(number: Any) -> float:
    if isinstance(number, str) and number in ("inf", "-inf", "nan"):
        return float(number)
    try:
        if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(float(number)):
            return float(number)
    except OverflowError:
        pass
    raise DamagedError(f"{shown(number)} stands where a number should")


def _map_numbers(item: Any, function: Any) -> Any:
    if isinstance(item, float):
        return function(item)
    if isinstance(item, dict):
        return {name: _map_numbers(element, function) for name, element in item.items()}
    return [_map_numbers(element, function) for element in item] if isinstance(item, list) else item
