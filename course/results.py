"""Compares what was shown with what a solution prints, number by number, whatever words stand around them."""

import re
from dataclasses import dataclass

__all__ = ["missing"]

NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?%?|(?<![\w.])-?\.\d+%?")
LABEL = re.compile(r"^\s*[-+\w. ]*:")
ENOUGH = 3  # significant digits of an answer that was rounded more than the solution


@dataclass(frozen=True)
class Numeral:
    """A number as it is written, with the digits that it was given.

    Attributes:
        text: as it stands.
        value: the number.
        step: what its last digit counts for; 0 of a whole number, which is exact.
        digits: how many digits count.
    """

    text: str
    value: float
    step: float
    digits: int

    def agrees(self, other: "Numeral") -> bool:
        """Whether another, which may be rounded more or less, is the same number."""
        if (other.step > self.step and other.digits < ENOUGH) or self.step == 0:
            return self.value == other.value
        return abs(self.value - other.value) <= 0.5000001 * max(self.step, other.step)


def numerals(text: str) -> list[Numeral]:
    """All numbers in a text."""
    return [_numeral(match[0]) for match in NUMBER.finditer(text.replace("−", "-"))]


def _numeral(text: str) -> Numeral:
    plain = text.rstrip("%").replace(",", "").lower()
    mantissa, _, exponent = plain.partition("e")
    whole, point, decimals = mantissa.partition(".")
    scale = 10.0 ** int(exponent or 0) * (0.01 if text.endswith("%") else 1.0)
    is_exact = not (point or exponent or text.endswith("%"))
    digits = len((whole.lstrip("-") + decimals).lstrip("0"))
    return Numeral(text, float(mantissa) * scale, 0.0 if is_exact else 10.0 ** -len(decimals) * scale, digits)


def missing(wanted: list[str], shown: str) -> list[str]:
    """What the lines of a solution say and an answer does not show.

    A number is there if the answer has one that agrees with it to the digits of the less precise of the two. What
    stands before a colon at the beginning of a line is what a result is called, and no result. Lines without any number
    must be there word by word.

    Args:
        wanted: the lines that the solution prints.
        shown: all that the answer prints and defines.

    Example:
        >>> missing(["rate 0.1: 0.0115", "right: 87%"], "with 0.1 it is at 0.011529, and 0.8733 of them are right")
        []
        >>> missing(["6.0 -2.0"], "six is 6")
        ['-2.0']
    """
    given = numerals(shown)
    words = set(shown.split())
    absent = []
    for line in wanted:
        results = numerals(LABEL.sub("", line))
        if results:
            absent += [number.text for number in results if not any(number.agrees(other) for other in given)]
        elif not words.issuperset(line.split()):
            absent.append(line)
    return list(dict.fromkeys(absent))
