"""Tests that take long and try once more what quicker ones have tried: another way, or with more of the same.

`make test` leaves them out; `make test-all` and CI run every one. Most are programs for Numba, which takes seconds to
compile each: every row of the op table is tried natively all the same.
"""

import pytest

from engine.compiler import BACKENDS as ALL

__all__ = ["BACKENDS", "thorough"]

thorough = pytest.mark.thorough
BACKENDS = [pytest.param(name, marks=thorough) if name == "numba" else name for name in ALL]
