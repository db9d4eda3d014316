"""Models for other libraries: safetensors, ONNX, and the layout of PyTorch."""

import json
import os
import re
from typing import Any

from engine.arguments import choose, shown
from engine.files import as_path, write_atomically
from nn.hints import hinting
from nn.io.model_file import document_of
from nn.io.onnx_graph import onnx_model
from nn.io.safetensors import write_safetensors
from nn.io.schema import number_from
from nn.io.steps import named_arrays, steps_of
from nn.io.torch_layout import as_torch, torch_code
from nn.module import Module

__all__ = ["export"]

ENDINGS = {".safetensors": "safetensors", ".onnx": "onnx", ".npz": "torch"}


@hinting
def export(model: Module, path: str | os.PathLike[str], *, format: str | None = None, dtype: str = "float64") -> None:
    """Write a model as other libraries read it, wholly or not at all. (`nn.load` reads what `Module.save` writes.)

    It is written as it is in use, after `eval`: with running statistics, and without dropout. Scalers are part of it,
    and a text beside the numbers, "model", has all parts and settings in JSON, and "classes" the labels of the outputs.

    - "onnx" is the whole computation, from "x", (batch, n_inputs), to "y", (batch, n_outputs). onnxruntime runs it.
    - "torch" has arrays with the names and shapes of the `state_dict` of a `torch.nn.Sequential`; its text "torch" is
      the code that makes that one: ``Sequential(Linear(2, 3), Tanh(), Linear(3, 1))``. A scaler becomes a Linear; where
      there is a ``Residual``, it is one of your own, such as this::

          class Residual(torch.nn.Sequential):
              def __init__(self, *parts, projection=None):
                  super().__init__(*parts)
                  self.projection = projection

              def forward(self, x):
                  y = x
                  for name, part in self.named_children():
                      y = y if name == "projection" else part(y)
                  return y + (x if self.projection is None else self.projection(x))

    - "safetensors" has all arrays by their paths in this model, such as "layers.0.W", of shape (n_outputs, n_inputs),
      and "layers.0.b".

    Args:
        model: made of parts of nn.
        path: where to; an older file there is replaced.
        format: one of these; None to go by the ending of the path, .onnx, .safetensors, or .npz for "torch" as NumPy's
            arrays. "torch" is a safetensors file where the path ends otherwise.
        dtype: "float64" or "float32": of all numbers, and what ONNX computes in.

    Raises:
        TypeError: the model is no Module.
        ValueError: there is no such format or dtype; or the model has what cannot be said in it, such as a function or
            a Module of your own.
        OSError: the path cannot be written.
        ModuleNotFoundError: ONNX needs the package onnx, which ``pip install "chalkgrad[export]"`` brings.

    Example:
        >>> import tempfile
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], "tanh", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export(model, f"{folder}/model.npz")
        ...     import numpy as np
        ...     arrays = dict(np.load(f"{folder}/model.npz"))
        >>> arrays["0.weight"].shape, str(arrays["torch"])
        ((3, 2), 'Sequential(Linear(2, 3), Tanh(), Linear(3, 1))')
    """
    if not isinstance(model, Module):
        raise TypeError(f"model must be a Module, but was {shown(model)}")
    ending = as_path(path).suffix.lower()
    if format is None and ending not in ENDINGS:
        raise ValueError(f"the ending of the path must say the format, {', '.join(ENDINGS)}, or format= must, but the "
                         f"path was {shown(path)}")  # fmt: skip
    format = ENDINGS[ending] if format is None else choose("format", format, ["safetensors", "onnx", "torch"])
    choose("dtype", dtype, ["float64", "float32"])
    document = document_of(model)
    texts = {"format": "chalkgrad", "model": json.dumps(document["model"])}
    if model.classes is not None:
        texts["classes"] = json.dumps([*model.classes])
    if format == "safetensors":
        write_safetensors(path, _arrays_by_path(document["numbers"]), texts, dtype)
        return
    steps = steps_of(model)
    if format == "onnx":
        write_atomically(path, onnx_model(steps, model.n_inputs, model.n_outputs_for(model.n_inputs), texts, dtype))
        return
    steps = as_torch(steps)
    arrays, texts = dict(named_arrays(steps)), {**texts, "torch": torch_code(steps)}
    if ending == ".npz":
        write_atomically(path, _npz(arrays, texts, dtype))
    else:
        write_safetensors(path, arrays, texts, dtype)


def _arrays_by_path(rows: dict[str, Any]) -> dict[str, Any]:
    """Rows of numbers, put together where they are those of one array: all words, or all neurons of a layer."""
    arrays: dict[str, Any] = {}
    for name, row in rows.items():
        numbers = [number_from(number) for number in row] if isinstance(row, list) else number_from(row)
        neuron = re.fullmatch(r"(.*?)neurons\.\d+\.([wb])", name)
        word = re.fullmatch(r"(.*)\.\d+", name)
        if neuron:
            arrays.setdefault(neuron[1] + {"w": "W", "b": "b"}[neuron[2]], []).append(numbers)
        elif word:
            arrays.setdefault(word[1], []).append(numbers)
        else:
            arrays[name] = numbers
    return arrays


def _npz(arrays: dict[str, Any], texts: dict[str, str], dtype: str) -> bytes:
    from io import BytesIO

    import numpy as np

    file = BytesIO()
    np.savez(file, **{name: np.array(array, dtype=dtype) for name, array in arrays.items()}, **texts)  # type: ignore[arg-type]
    return file.getvalue()
