"""The format of safetensors: a header in JSON that names arrays, and then their bytes."""

import json
import os
from collections.abc import Mapping
from typing import Any

from engine.files import write_atomically

__all__ = ["write_safetensors"]

TYPES = {"float64": "F64", "float32": "F32"}


def write_safetensors(
    path: str | os.PathLike[str], arrays: Mapping[str, Any], metadata: Mapping[str, str], dtype: str
) -> None:
    """Write a safetensors file, wholly or not at all.

    Args:
        path: where to.
        arrays: by name, as NumPy makes arrays of them.
        metadata: texts by name, which the header holds too.
        dtype: "float64" or "float32".

    Source:
        https://huggingface.co/docs/safetensors, "Format": 8 bytes that say how long the header is, the header, whose
        offsets count from its end, and the arrays in the order of C, little end first.
    """
    import numpy as np

    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    contents: list[bytes] = []
    end = 0
    for name, array in arrays.items():
        numbers = np.array(array, dtype=np.dtype(dtype).newbyteorder("<"))
        contents.append(numbers.tobytes())
        start, end = end, end + numbers.nbytes
        header[name] = {"dtype": TYPES[dtype], "shape": [*numbers.shape], "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers begin where a processor likes to read them
    write_atomically(path, len(text).to_bytes(8, "little") + text + b"".join(contents))
