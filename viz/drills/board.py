"""Numbers and formulas as they are on the board: 2 × x², −0.5, 1.5 × 10⁻⁷. `numbers.js` writes them alike."""

import math
import re

__all__ = ["as_factor", "on_board", "write_number"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+")
_TIMES = "\u00a0×\u00a0"  # with spaces at which no line ends, as it stands in a number


def write_number(x: float, digits: int = 6) -> str:
    """A number to so many significant digits.

    Example:
        >>> write_number(-0.5), write_number(1.5e-7), write_number(math.inf)
        ('−0.5', '1.5\xa0×\xa010⁻⁷', '∞')
    """
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    return on_board(f"{x:.{digits}g}")


def as_factor(x: float) -> str:
    """A number as a factor or a term.

    Example:
        >>> as_factor(-3.0), as_factor(2.0)
        ('(−3)', '2')
    """
    text = write_number(x)
    return f"({text})" if text.startswith("−") or "×" in text else text


def on_board(code: str) -> str:
    """A formula of Python's as one writes it.

    Example:
        >>> on_board("2 * x**2 - b")
        '2 × x² − b'
    """
    power = r"(\d(?:\.\d+)?)e([+-])0*(\d+)"
    text = re.sub(power, lambda m: f"{m[1]}{_TIMES}10{(m[2] + m[3]).translate(_RAISED)}", code)
    text = re.sub(r"\*\*\(?(-?\d+)\)?(?![\d.])", lambda m: m[1].translate(_RAISED), text)
    return text.replace("**", "^").replace("*", "×").replace("-", "−")
