"""What a column of a table holds: numbers, categories, or nothing that a network could learn from."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import pandas as pd

__all__ = ["Column", "apart", "category_name", "describe", "is_missing", "number_in"]

Kind = Literal["number", "category", "date", "identifier", "text", "constant", "empty"]

MISSING = {"", "na", "n/a", "nan", "null", "?", "-"}
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
DATE = re.compile(
    r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}\.? +[^\W\d_]{3,9}\.?,? +[0-9]{4}|[^\W\d_]{3,9}\.? +[0-9]{1,2},? +[0-9]{4})"
    r"([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[AaPp][Mm])?)?(Z| ?[+-][0-9]{2}:?[0-9]{2})?"
    r"|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AaPp][Mm])?"
)
CURRENCY = r"US\$|[$€£¥₹₽₩₺]|EUR|USD|GBP|CHF|JPY"  # no other word may stand before a number: A17 is a name
UNIT = re.compile(
    rf"(?P<sign>[+-]?)(?P<before>{CURRENCY})?\s*(?P<number>[+-]?\.?[0-9].*?)"
    rf"\s*(?P<after>{CURRENCY}|[%‰]|[°µ]?[^\W\d_][^\s\d]{{0,9}})?"
)
IDENTIFIER = re.compile(r"(.*[\W_])?(id|ids|uuid|key|nr|no|index|idx|row)\.?|.*Id|.*ID|column \d+|unnamed.*", re.S)

MOST = 0.9  # the share of cells that are numbers in a column of numbers; the others are called unreadable
LARGEST = 1e150  # whose square is still a number
MOST_CATEGORIES = 50


@dataclass(frozen=True)
class Column:
    """A column that was looked at.

    Attributes:
        name: what it is called.
        kind: "number" and "category" are of use; the others are not.
        cells: floats, or the names of categories; None where there is none.
        categories: their names, the most frequent first.
        missing: the cells that are not there or cannot be read, by their row in the spreadsheet.
        remark: in words, what it holds or why it is of no use.
        unit: what stands before or behind its numbers: %, €, km.
    """

    name: str
    kind: Kind
    cells: list[float | str | None]
    categories: tuple[str, ...]
    missing: dict[int, str]
    remark: str = field(compare=False)
    unit: str = ""

    @property
    def is_useful(self) -> bool:
        """Whether a network can learn from it."""
        return self.kind in ("number", "category")


def describe(name: str, cells: "pd.Series[str]", decimal: str = ".") -> Column:
    """Look at a column.

    Args:
        name: what it is called.
        cells: its text, by the row of the spreadsheet.
        decimal: the sign before the decimals, "." or ",".

    Example:
        >>> size = describe("size", pd.Series(["1,5 m", "", "2,5 m"], index=[2, 3, 4]), ",")
        >>> size.kind, size.cells, size.missing, size.remark
        ('number', [1.5, None, 2.5], {3: ''}, '1.5 to 2.5 m')
        >>> describe("born", pd.Series(["2001-02-03", "1999-12-31"])).kind
        'date'
    """
    texts, rows = [str(cell) for cell in cells], [int(row) for row in cells.index]
    signs = {*texts}
    present = [text for text in texts if not is_missing(text, signs)]
    different = {*present}

    def column(kind: Kind, remark: str, read: "dict[str, float] | None" = None, unit: str = "") -> Column:
        entries: list[float | str | None] = [
            None if is_missing(text, signs) else text if read is None else read.get(text) for text in texts
        ]
        counts = Counter(entry for entry in entries if isinstance(entry, str)) if kind == "category" else Counter()
        missing = {row: text for row, text, entry in zip(rows, texts, entries, strict=True) if entry is None}
        categories = tuple(sorted(counts, key=lambda category: (-counts[category], category)))
        return Column(name, kind, entries, categories, missing, remark, unit)

    if not present:
        return column("empty", "it is empty")
    if len(different) == 1:
        return column("constant", f"it is {_quoted(present[0])} in every row")
    if _share(DATE.fullmatch(text) is not None for text in present) >= MOST:
        return column("date", "it holds dates or times")
    unit = _unit(present)
    read = _numbers(different, decimal, unit)
    if _share(text in read for text in present) >= MOST:
        numbers = [read[text] for text in present if text in read]
        if len({*numbers}) == 1:
            return column("constant", f"it is {numbers[0]:g}{unit and ' ' + unit} in every row")
        if _numbers_rows(name, numbers):
            return column("identifier", "it numbers the rows", read)
        return column("number", f"{min(numbers):g} to {max(numbers):g}{unit and ' ' + unit}", read, unit)
    others = _others(present, read)
    if len(different) > max(2, len(present) // 2) and len(different) >= 0.9 * len(present):
        return column("identifier", f"it names each row, or nearly{others}")
    if len(different) > max(2, min(MOST_CATEGORIES, len(present) // 2)):
        return column("text", f"it holds {len(different)} different texts, too many for categories{others}")
    return column("category", f"{len(different)} categories")


def is_missing(text: str, column: "set[str]") -> bool:
    """Whether a cell stands for nothing: empty, NA, ? or -; but "-" beside "+" is a sign."""
    return text.casefold() in MISSING and not (text == "-" and "+" in column)


def number_in(text: str, decimal: str = ".", unit: str = "") -> float | None:
    """The number that a cell holds, with or without thousands marked; None if it holds none that is finite, or no unit.

    Example:
        >>> number_in("1.234,5", ","), number_in("-2e3"), number_in("three"), number_in("1,234.5")
        (1234.5, -2000.0, None, 1234.5)
        >>> number_in("-$12", unit="$"), number_in("12 kg", unit="kg"), number_in("12 g", unit="kg")
        (-12.0, 12.0, None)
    """
    if unit:
        text, found = apart(text)
        if found != unit:
            return None
    text = text.replace("\N{MINUS SIGN}", "-")
    other = "." if decimal == "," else ","
    groups = rf"[+-]?[1-9][0-9]{{0,2}}([{other}' \u00a0\u202f])[0-9]{{3}}(\1[0-9]{{3}})*({re.escape(decimal)}[0-9]+)?"
    if grouped := re.fullmatch(groups, text):
        text = text.replace(grouped[1], "")
    text = text.replace(decimal, ".")
    if not NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) < LARGEST else None


def apart(text: str) -> tuple[str, str]:
    """A number as text, and its unit; "" where there is none, or two.

    Example:
        >>> apart("- 12"), apart("€ 12,50"), apart("3 km"), apart("$3 US$")
        (('- 12', ''), ('12,50', '€'), ('3', 'km'), ('$3 US$', ''))
    """
    parts = UNIT.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if not parts or bool(parts["before"]) == bool(parts["after"]):
        return text, ""
    return parts["sign"] + parts["number"], parts["before"] or parts["after"]


def category_name(number: float) -> str:
    """What a class is called that is a number: 3, not 3.0."""
    return repr(int(number)) if number.is_integer() else repr(number)


def _unit(texts: list[str]) -> str:
    """The unit that nearly all the texts have; "" if there is none."""
    (unit, count), *_ = Counter(apart(text)[1] for text in texts).most_common(1)
    return unit if count >= MOST * len(texts) else ""


def _numbers(texts: "set[str]", decimal: str, unit: str) -> dict[str, float]:
    """The numbers among some texts; by the other decimal sign, if more are numbers then."""
    attempts = []
    for sign in (decimal, "," if decimal == "." else "."):
        numbers = ((text, number_in(text, sign, unit)) for text in texts)
        attempts.append({text: number for text, number in numbers if number is not None})
    return max(attempts, key=len)


def _numbers_rows(name: str, numbers: list[float]) -> bool:
    """Whether the numbers only tell the rows apart: 1, 2, 3, ..., or whole ones that are called so, each once."""
    if len({*numbers}) < len(numbers) or not all(map(float.is_integer, numbers)):
        return False
    in_order = numbers[0] in (0.0, 1.0) and all(b == a + 1 for a, b in pairwise(numbers))
    return in_order or IDENTIFIER.fullmatch(name) is not None or IDENTIFIER.fullmatch(name.lower()) is not None


def _share(found: Iterable[bool]) -> float:
    found = [*found]
    return math.fsum(found) / len(found)


def _others(texts: list[str], numbers: dict[str, float]) -> str:
    """What to add where some of the texts are numbers, and the user may think that all are."""
    share = _share(text in numbers for text in texts)
    other = next((text for text in texts if text not in numbers), "")
    return f"; {share:.0%} are numbers, but others are not, such as {_quoted(other)}" if share else ""


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "...")
