"""The NumPy backend: arrays in main memory, changed in place."""

from typing import Any

import numpy as np

from engine import arrays

__all__ = ["NumpyArrays"]


class NumpyArrays:
    """What `interpret.Interpreter` needs, from NumPy."""

    xp = np
    algebra = arrays

    def add_at(self, array: Any, where: Any, term: Any, repeats: bool) -> Any:
        if repeats:
            np.add.at(array, where, term)  # array[where] += term would drop all but one
        else:
            array[where] += term
        return array

    def put(self, array: Any, where: Any, rows: Any) -> Any:
        array[where] = rows
        return array
