"""Tests that take long and try once more what quicker ones have tried: another way, or with more of the same.

`make test` leaves them out; `make test-all` and CI run every one. Most are programs for Numba, which takes seconds to
compile each: every row of the op table is tried natively all the same.
"""

import pytest

from engine.compiler import BACKENDS as ALL

__all__ = ["BACKENDS", "IN_PARTS", "PARTS", "thorough"]

thorough = pytest.mark.thorough
PARTS = 4  # into which a test's random trials are divided: `make test` takes the first
IN_PARTS = [0, *(pytest.param(part, marks=thorough) for part in range(1, PARTS))]
BACKENDS = [pytest.param(name, marks=thorough) if name == "numba" else name for name in ALL]
