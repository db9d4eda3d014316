"""Apply: a row of the op table on whatever its operands are."""

from typing import Any

from engine import ieee
from engine.number import Number, to_float
from engine.op import Op

__all__ = ["apply"]


def apply(op: Op, *xs: Any) -> Any:
    """Apply a row of the op table to plain numbers, Values, Duals, arrays of any of these.

    Args:
        op: the row.
        *xs: its operands.

    Raises:
        TypeError: one of them is no real number.
    """
    for x in xs:
        if isinstance(x, Number):
            result = x.apply(op, *xs)
            if result is not NotImplemented:
                return result
        elif type(x) is not float and _is_array(x):
            return _apply_to_arrays(op, *xs)
    return op.value(ieee, *[x if isinstance(x, Number) else to_float(x) for x in xs])


def _is_array(x: Any) -> bool:
    """Whether a row is applied to x by elements: an array with axes, or one without that an object is in."""
    return getattr(x, "ndim", 0) > 0 or getattr(getattr(x, "dtype", None), "kind", "") == "O"


def _apply_to_arrays(op: Op, *xs: Any) -> Any:
    import numpy as np

    from engine import arrays

    xs = tuple([x if isinstance(x, Number) else arrays.real(x) for x in xs])
    if any(isinstance(x, Number) or x.dtype == object for x in xs):  # Values in an array, one by one
        return np.frompyfunc(lambda *elements: apply(op, *elements), len(xs), 1)(*xs)
    with np.errstate(all="ignore"):  # inf and nan are answers here, not accidents
        return op.value(arrays, *xs)
