"""Numbers as people type them, and whether one is the number that was asked. `judge.js` reads and compares alike."""

import math
import re
import unicodedata
from typing import NamedTuple

__all__ = ["Reading", "is_answer", "is_near", "is_rough", "is_shifted", "read_answer"]

SHORT = 3  # significant digits: a number of no more is asked for exactly
FEWEST = 2  # significant digits of any other
TINY = 1e-9  # relative: what rounding may do
NEAR = 0.2  # relative: this far off is a slip


class Reading(NamedTuple):
    """What an answer may mean.

    Attributes:
        number: the number.
        unit: that of its last digit; 0 where it is exact.
        digits: how many were given.
    """

    number: float
    unit: float = 0.0
    digits: int = 1


def read_answer(answer: str) -> list[Reading]:
    """What an answer may mean: "1,000" one of two numbers, and "maybe" none.

    Example:
        >>> [reading.number for text in ("1/4", "−0,5", "x = 2e-3", "½") for reading in read_answer(text)]
        [0.25, -0.5, 0.002, 0.5]
    """
    text = _plain(answer)
    if special := re.fullmatch(r"([+-]?)(?:inf|infinity|∞|oo)", text):
        return [Reading(-math.inf if special[1] == "-" else math.inf)]
    if text == "nan":
        return [Reading(math.nan)]
    parts = [_read_decimal(part) for part in text.split("/")]
    if len(parts) == 1:
        return parts[0]
    if len(parts) > 2:
        return []
    return [Reading(above.number / below.number) for above in parts[0] for below in parts[1] if below.number]


def _plain(answer: str) -> str:
    """The same in plain signs, without spaces, and from after the last "="."""
    text = re.sub("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda run: "^" + unicodedata.normalize("NFKC", run[0]), answer.rpartition("=")[2])
    text = unicodedata.normalize("NFKC", text)
    text = re.sub("[−‐‑‒–—]", "-", text)
    text = re.sub("[⁄∕÷]", "/", text).lower().strip()
    text = re.sub(r"(?<![\d.,])\s+|\s+(?![\d.,])", "", text)
    text = re.sub(r"(?<=\d)\s(?=\d{3}(?!\d))", "", text)
    return re.sub(r"^\((.*)\)$", r"\1", text)


def _read_decimal(text: str) -> list[Reading]:
    match = re.fullmatch(r"([+-]?)([\d.,]+)(?:e([+-]?\d{1,3}))?", re.sub(r"[×·⋅*x]10\^?(?=[+-]?\d+$)", "e", text), re.A)
    if match is None:
        return []
    sign, body, exponent = match[1], match[2], int(match[3] or 0)
    readings = []
    for plain in _spellings(body):
        decimals = len(plain.partition(".")[2])
        digits = len(plain.replace(".", "").lstrip("0"))
        readings.append(Reading(float(f"{sign}{plain}e{exponent}"), 10.0 ** (exponent - decimals), digits))
    return readings


def _spellings(body: str) -> list[str]:
    """Digits with a decimal point: of "0,5" one spelling, of "1,000" two, of "1.2.3" none."""
    found = []
    if re.fullmatch(r"\d+[.,]?\d*|[.,]\d+", body):
        found.append(body.replace(",", "."))
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", body):
        found.append(body.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d*", body):
        found.append(body.replace(".", "").replace(",", "."))
    return found


def is_answer(reading: Reading, expected: float, size: float = 0.0) -> bool:
    """Whether it is this number: to the digits that were given, rounded or cut off, but not too few.

    Args:
        reading: what was answered.
        expected: the number.
        size: that of what was added up to get it, to whose rounding a 0 is only known.

    Example:
        >>> [is_answer(read_answer(text)[0], 1 / 3) for text in ("1/3", "0.333", "0.3", "0.34")]
        [True, True, False, False]
    """
    number = reading.number
    if not (math.isfinite(expected) and math.isfinite(number)):
        return number == expected or (math.isnan(number) and math.isnan(expected))
    if abs(number - expected) <= TINY * abs(expected):
        return True
    if number == 0:
        return abs(expected) <= TINY * size
    return not _is_short(expected) and reading.digits >= FEWEST and _rounds_to(reading, expected)


def is_rough(reading: Reading, expected: float) -> bool:
    """Whether it is this number, but to too few digits."""
    return is_near(reading, expected) and reading.number != 0 and _rounds_to(reading, expected)


def is_shifted(reading: Reading, expected: float) -> bool:
    """Whether it is this number but for the place of the decimal point."""
    shifted = [Reading(reading.number * 10.0**n, reading.unit * 10.0**n, reading.digits) for n in (-3, -2, -1, 1, 2, 3)]
    return any(is_answer(each, expected) for each in shifted)


def is_near(reading: Reading, expected: float) -> bool:
    """Whether it is so near to this number that somebody has miscounted."""
    error = abs(reading.number - expected)
    is_off_by_one = error == 1 and reading.number.is_integer() and abs(expected) > 1
    return math.isfinite(expected) and (error <= NEAR * abs(expected) or is_off_by_one)


def _rounds_to(reading: Reading, expected: float) -> bool:
    number, unit, error = reading.number, reading.unit, abs(reading.number - expected)
    is_cut_off = abs(number) < abs(expected) and number * expected > 0 and error < unit
    return is_cut_off or error <= unit / 2 * (1 + TINY)


def _is_short(x: float) -> bool:
    return abs(float(f"{x:.{SHORT}g}") - x) <= TINY * abs(x)
