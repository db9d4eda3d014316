"""Model files: JSON that any program can read, numbers that come back exactly, and no code to run."""

import json
import os
from typing import Any

from engine.arguments import shown
from engine.collector import patient_collector
from engine.files import as_path, write_atomically
from nn.io.parts import check_same, describe, make, numbers_by_row, numbers_in_rows, places_of, set_numbers, tie, ties
from nn.io.schema import DamagedError, check_keys
from nn.io.version_1 import from_version_1
from nn.module import Module

__all__ = ["document_of", "load", "model_of", "save"]

FORMAT = "chalkgrad model"
VERSION = 2


def save(path: str | os.PathLike[str], model: Module) -> None:
    """Write a model file, wholly or not at all: `Module.save` says more.

    Args:
        path: where to; an older file there is replaced.
        model: what to write.
    """
    write_atomically(path, f"{_in_lines(document_of(model))}\n".encode())


def load(path: str | os.PathLike[str]) -> Module:
    """The model that `Module.save` wrote: every part, setting, number, tie and class of it.

    Nothing in a file is executed, and nothing is made that is larger than the file. An activation that is an operation
    of your own is written by its name, so `engine.operation` must have defined it before.

    Args:
        path: a model file.

    Returns:
        Module: of the class that was saved.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a model file, is damaged, is of a newer version, or needs an operation that is not
            defined.

    Example:
        >>> import tempfile
        >>> from nn import Activation, Layer, Sequential
        >>> model = Sequential(Layer(2, 3, "linear", seed=1), Activation("tanh"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model.json")
        ...     same = load(f"{folder}/model.json")
        >>> same
        Sequential(Layer(2, 3, 'linear'), Activation('tanh'))
        >>> same.state_dict() == model.state_dict()
        True
    """
    path = as_path(path)
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except DamagedError as error:
        raise ValueError(f"{path} is a damaged {FORMAT}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a {FORMAT}: it is not JSON ({str(error)[:200]})") from None
    return model_of(document, str(path))


@patient_collector()
def document_of(model: Module) -> dict[str, Any]:
    """What a file says of a model, for `json.dumps`; ValueError unless that makes the same model again."""
    described, places, tied = describe(model), places_of(model), ties(model)
    numbers = numbers_by_row(places)
    try:
        check_same(model, places, make(described, len(numbers_in_rows(numbers))))
    except DamagedError as error:
        raise ValueError(f"a model file cannot hold {shown(model)}: {error}") from None
    document = {"format": FORMAT, "version": VERSION, "model": described, "numbers": numbers}
    return {**document, "tied": tied} if tied else document


@patient_collector()
def model_of(document: Any, where: str) -> Module:
    """The model that `document_of` told of.

    Args:
        document: what `json.loads` made of it, or of whatever else.
        where: what has it, such as the path of a file, for messages.

    Raises:
        ValueError: it is nothing that `document_of` gives.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'{where} is not a {FORMAT}: it does not say "format": "{FORMAT}"')
    version = document.get("version")
    if type(version) is not int or version not in (1, VERSION):
        raise ValueError(f"{where} is version {shown(version)}; this program reads versions 1 to {VERSION}")
    try:
        if version == 1:
            document = from_version_1(document)
        else:
            check_keys("the file", document, {"format", "version", "model", "numbers"}, {"tied"})
        numbers = numbers_in_rows(document["numbers"])
        model = make(document["model"], len(numbers))
        set_numbers(model, numbers)
        tie(model, document.get("tied", []))
    except (DamagedError, RecursionError) as error:
        raise ValueError(f"{where} is a damaged {FORMAT}: {error}") from None
    return model


def _in_lines(item: Any, margin: str = "\n") -> str:
    """JSON with a line for each entry, and rows of numbers or texts on one line."""
    inner = f"{margin} "
    if isinstance(item, dict) and item:
        entries = (f"{inner}{json.dumps(key)}: {_in_lines(entry, inner)}" for key, entry in item.items())
        return f"{{{','.join(entries)}{margin}}}"
    if isinstance(item, list) and any(isinstance(entry, dict | list) for entry in item):
        return f"[{','.join(inner + _in_lines(entry, inner) for entry in item)}{margin}]"
    return json.dumps(item, allow_nan=False)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in pairs:
        if key in found:
            raise DamagedError(f"it says {shown(key)} twice")
        found[key] = item
    return found


def _refuse(constant: str) -> Any:
    raise DamagedError(f'{constant} is no JSON: it is written as "nan", "inf" or "-inf"')
