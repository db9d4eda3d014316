"""Model files: JSON that any program can read, numbers that come back exactly, and no code to run."""

import json
import os
import re
from typing import Any

from engine.arguments import shown
from engine.files import as_path, write_atomically
from nn.io.parts import check_same, describe, make, numbers_by_row, numbers_in_rows, set_numbers, tie, ties
from nn.io.schema import DamagedError, check_keys
from nn.io.version_1 import from_version_1
from nn.module import Module

__all__ = ["document_of", "load", "model_of", "save"]

FORMAT = "chalkgrad model"
VERSION = 2
STRING_OR_ROW = r'"(?:[^"\\]|\\.)*"|\[[^\[\]{}"]*\]'


def save(path: str | os.PathLike[str], model: Module) -> None:
    """Write a model file, wholly or not at all: `Module.save` says more.

    Args:
        path: where to; an older file there is replaced.
        model: what to write.
    """
    text = json.dumps(document_of(model), indent=1, allow_nan=False) + "\n"
    write_atomically(path, re.sub(STRING_OR_ROW, _on_one_line, text).encode())


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
    try:
        text = as_path(path).read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except DamagedError as error:
        raise ValueError(f"{path} is a damaged {FORMAT}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a {FORMAT}: it is not JSON ({str(error)[:200]})") from None
    return model_of(document, str(path))


def document_of(model: Module) -> dict[str, Any]:
    """What a file says of a model, for `json.dumps`; ValueError unless that makes the same model again."""
    described, numbers, tied = describe(model), numbers_by_row(model), ties(model)
    try:
        check_same(model, make(described, len(numbers_in_rows(numbers))))
    except DamagedError as error:
        raise ValueError(f"a model file cannot hold {shown(model)}: {error}") from None
    document = {"format": FORMAT, "version": VERSION, "model": described, "numbers": numbers}
    return {**document, "tied": tied} if tied else document


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
