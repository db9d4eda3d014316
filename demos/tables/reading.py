"""Reading a CSV as people have them: its encoding, separator and decimal sign are found out."""

import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from demos.tables.columns import apart

__all__ = ["Table", "TableError", "near_names", "read_table"]

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}  # on a tie the rarer sign in text wins
SAMPLE = 200  # lines that are looked at to find the separator
COMMA_NUMBER, POINT_NUMBER = re.compile(r"[+-]?[0-9]+,[0-9]+"), re.compile(r"[+-]?[0-9]*\.[0-9]+")
COMMA_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")


class TableError(ValueError):
    """What is wrong with a file, a column or an option, in one line for the user."""


@dataclass(frozen=True)
class Table:
    """A CSV as text.

    Attributes:
        name: the file's, without its ending.
        cells: a column of text for each column of the file; its index is the row of a spreadsheet, in which the names
            stand in row 1.
        encoding, separator: what they were found to be, in words.
        decimal: "." or ",".
        repeated: names that several columns of the file have.
    """

    name: str
    cells: pd.DataFrame
    encoding: str
    separator: str
    decimal: str
    repeated: frozenset[str] = frozenset()

    def __str__(self) -> str:
        rows, columns = self.cells.shape
        sign = " and decimal commas" if self.decimal == "," else ""
        return f"{rows:,} rows of {columns} columns, separated by {self.separator}{sign}, in {self.encoding}"


def read_table(path: Path) -> Table:
    """Read a CSV whose first line names the columns.

    Args:
        path: the file.

    Returns:
        Table: empty lines left out, spaces around cells too. Columns of the same name are numbered: "x", "x.2".

    Raises:
        TableError: there is no such file, it cannot be read, is no text, has no rows, or one of them has more cells
            than there are columns.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "cats.csv")
        ...     _ = path.write_text("weight;name\\n4,5;Tom\\n")
        ...     print(read_table(path))
        1 rows of 2 columns, separated by semicolons and decimal commas, in UTF-8
    """
    text, encoding = _decoded(_content(path), path)
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip(" \t;,|")), len(lines))
    hint = re.fullmatch(r'"?sep=(.)"?', lines[first].strip("\n")) if first < len(lines) else None  # as Excel writes it
    first += bool(hint)
    text = "\n".join(lines[first:])
    separator = hint[1] if hint else _separator(text)
    if not text.strip():
        raise TableError(f"{path} has no rows: it is empty")
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=object, na_filter=False, skip_blank_lines=False,
            index_col=False, skipinitialspace=True,
        )  # fmt: skip
    except (ValueError, OverflowError, MemoryError, csv.Error) as error:
        raise TableError(f"{path} cannot be read: {_in_words(error, first)}") from None
    frame = frame.apply(lambda column: column.map(lambda cell: str(cell).strip()))
    frame.index = pd.RangeIndex(first + 1, first + 1 + len(frame))
    names, cells = list(frame.iloc[0]), frame.iloc[1:]
    kept = [i for i, name in enumerate(names) if name or cells[i].any()]  # a separator at the end of lines makes one
    cells = cells.loc[(cells != "").any(axis=1), kept]
    if not len(cells):
        raise TableError(f"{path} has no rows: there is nothing below the names of its columns")
    names = [names[i] for i in kept]
    cells.columns = pd.Index(_distinct(names))
    repeated = frozenset(name for name, count in Counter(names).items() if count > 1)
    words = SEPARATORS.get(separator, repr(separator))
    return Table(path.stem, cells, encoding, words, _decimal(cells, separator), repeated)


def near_names(name: str, names: Iterable[str]) -> str:
    """What the user may have meant, as the end of a message: ": did you mean 'petals'?"; "" where nothing is near."""
    folded = {known.casefold(): known for known in names}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.7)
    return f": did you mean {' or '.join(repr(folded[known]) for known in near)}?" if near else ""


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise TableError(f"{path} is a folder: name a CSV in it")
        return path.read_bytes()
    except FileNotFoundError:
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise TableError(f"there is no file {path}{near_names(path.name, beside)}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise TableError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _decoded(content: bytes, path: Path) -> tuple[str, str]:
    """The text with plain ends of lines, and its encoding in words."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = [("utf-16", "UTF-16")]
    elif content.startswith(b"\xef\xbb\xbf"):
        attempts = [("utf-8-sig", "UTF-8 with a BOM")]
    else:
        attempts = [("utf-8", "UTF-8"), ("cp1252", "Latin-1"), ("latin-1", "Latin-1")]  # Windows' Latin-1 has more
    for codec, words in attempts:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n"), words
    raise TableError(f"{path} is no text: a spreadsheet has to be saved as CSV first")


def _separator(text: str) -> str:
    """The one that splits most lines into as many cells as the first; a comma where none does."""
    sample = text.split("\n", SAMPLE)[:SAMPLE]
    agreeing = {}
    for separator in SEPARATORS:
        try:
            rows = [row for row in csv.reader(sample, delimiter=separator, skipinitialspace=True) if row]
        except csv.Error:  # a cell that never ends
            continue
        if rows and len(rows[0]) > 1:
            agreeing[separator] = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return max(agreeing, key=agreeing.__getitem__, default=",")


def _decimal(cells: pd.DataFrame, separator: str) -> str:
    found = Counter(
        "," if COMMA_NUMBER.fullmatch(cell) else "."
        for cell, _ in map(apart, cells.iloc[:SAMPLE].to_numpy().ravel())
        if POINT_NUMBER.fullmatch(cell)
        or (COMMA_NUMBER.fullmatch(cell) and not (separator == "," and COMMA_THOUSANDS.fullmatch(cell)))
    )
    return "," if found[","] > found["."] else "."


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for i, name in enumerate(names, 1):
        name = name or f"column {i}"
        repeats = (f"{name}.{k}" if k > 1 else name for k in range(1, len(names) + len(found) + 2))
        found.append(next(repeat for repeat in repeats if repeat not in found))
    return found


def _in_words(error: Exception, first: int) -> str:
    text = " ".join(str(error).split())
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text):
        expected, line, seen = found.groups()
        return f"row {int(line) + first} has {seen} cells, but the first has {expected}"
    if found := re.search(r"EOF inside string starting at row (\d+)", text):
        return f"the quote that opens in row {int(found[1]) + 1 + first} is never closed"
    return text[:200]
