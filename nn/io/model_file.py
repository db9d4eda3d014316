"""Model files: JSON that any program can read, numbers that come back exactly, and no code to run."""

import json
import math
import os
import re
from pathlib import Path
from typing import Any

from engine.files import write_atomically

__all__ = ["load_layers", "save_layers"]

FORMAT = "chalkgrad model"
VERSION = 1


def save_layers(path: str | os.PathLike[str], layers: list[dict[str, Any]]) -> None:
    """Write the layers of a network to a model file, wholly or not at all.

    Args:
        path: where to; an older file there is replaced.
        layers: for each layer its "activation" (a name), "weights" (a list of rows) and "biases".

    Raises:
        OSError: the path cannot be written; what was there before is unharmed.
    """
    document = {"format": FORMAT, "version": VERSION, "layers": layers}
    text = json.dumps(_map_numbers(document, _encode), indent=1, allow_nan=False) + "\n"
    text = re.sub(r"\[[^\[\]{}]*\]", lambda row: " ".join(row[0].split()), text)  # a row of weights on one line
    write_atomically(path, text.encode())


def load_layers(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The layers that `save_layers` wrote.

    Args:
        path: a model file.

    Returns:
        for each layer its "activation", "weights" and "biases", of sizes that fit together.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a model file, is damaged, or is of a newer version.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a {FORMAT}: it is not JSON ({str(error)[:200]})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'{path} is not a {FORMAT}: it does not say "format": "{FORMAT}"')
    if document.get("version") != VERSION:
        raise ValueError(f"{path} is version {document.get('version')!r}; this program reads version {VERSION}")
    try:
        return _checked(document["layers"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{path} is a damaged {FORMAT}: {error}") from None


def _checked(layers: Any) -> list[dict[str, Any]]:
    if not isinstance(layers, list) or not layers:
        raise ValueError("it has no layers")
    checked: list[dict[str, Any]] = []
    for number, layer in enumerate(layers, 1):
        weights = [[_decode(weight) for weight in row] for row in layer["weights"]]
        biases = [_decode(bias) for bias in layer["biases"]]
        n_inputs = len(checked[-1]["biases"]) if checked else len(weights[0]) if weights else 0
        if not biases or len(weights) != len(biases) or any(len(row) != n_inputs for row in weights) or not n_inputs:
            raise ValueError(f"the weights and biases of layer {number} do not fit together or to the layer before")
        if not isinstance(layer["activation"], str):
            raise TypeError(f"the activation of layer {number} is no name")
        checked.append({"activation": layer["activation"], "weights": weights, "biases": biases})
    return checked


def _encode(number: float) -> float | str:
    return number if math.isfinite(number) else repr(number)  # JSON has no inf and no nan


def _decode(number: Any) -> float:
    if isinstance(number, bool) or not (isinstance(number, (int, float)) or number in ("inf", "-inf", "nan")):
        raise ValueError(f"{number!r} stands where a number should")
    return float(number)


def _map_numbers(item: Any, function: Any) -> Any:
    if isinstance(item, float):
        return function(item)
    if isinstance(item, dict):
        return {name: _map_numbers(element, function) for name, element in item.items()}
    return [_map_numbers(element, function) for element in item] if isinstance(item, list) else item
