"""The task: whether a column's values are classes or amounts, and what a network is to give for each row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from demos.tables.columns import Column, category_name
from demos.tables.preparation import Task
from demos.tables.reading import TableError

__all__ = ["Labels", "find_task"]

MOST_CLASSES_OF_NUMBERS = 20


@dataclass(frozen=True)
class Labels:
    """What is to be predicted for each row.

    Attributes:
        task: "classification" or "regression".
        values: the name of a class or a number for each row; None where it is missing.
        classes: their names, sorted; empty for numbers.
        why: how the task was found, in words.
    """

    task: Task
    values: list[str | float | None]
    classes: tuple[str, ...]
    why: str


def find_task(column: Column, wanted: Task | None = None) -> Labels:
    """Read a column as what is to be predicted.

    Text is classes, and so are a few whole numbers that come again and again; other numbers are amounts.

    Args:
        column: which.
        wanted: the task, if the user says so.

    Raises:
        TableError: the column is no target for this task: one class only, too many, dates, or text for amounts.

    Example:
        >>> column = Column("grade", "number", [1.0, 2.0, 1.0, 2.0], (), {}, "")
        >>> find_task(column).classes, find_task(column, "regression").classes
        (('1', '2'), ())
    """
    name, present = column.name, [cell for cell in column.cells if cell is not None]
    if column.kind == "empty":
        raise TableError(f"column {name!r} is empty, so there is nothing to learn")
    if column.kind == "constant":
        raise TableError(f"column {name!r} has one class only: {column.remark}")
    if column.kind == "date":
        raise TableError(f"column {name!r} holds dates or times, which are neither classes nor amounts")
    numbers = [cell for cell in present if isinstance(cell, float)]
    if not numbers:
        if wanted == "regression":
            raise TableError(f"column {name!r} holds text such as {present[0]!r}, so it is no target for regression")
        return _classes(column, column.cells, "texts")
    different = {*numbers}
    whole = all(map(float.is_integer, different))
    few = len(different) == 2 or (whole and len(different) <= min(MOST_CLASSES_OF_NUMBERS, len(numbers) // 5))
    if wanted == "classification" or (few and wanted is None):
        names = [category_name(cell) if isinstance(cell, float) else None for cell in column.cells]
        return _classes(column, names, "whole numbers" if whole else "numbers")
    return Labels("regression", column.cells, (), f"Regression: {name!r} holds {len(different)} different numbers")


def _classes(column: Column, values: Sequence[str | float | None], what: str) -> Labels:
    counts = Counter(str(value) for value in values if value is not None)
    n_rows = counts.total()
    if n_rows < 2 * len(counts):
        raise TableError(
            f"column {column.name!r} has {len(counts)} classes in {n_rows} rows, which are too few: each class needs "
            "one to learn from and one to be tested on"
        )
    classes = sorted(counts, key=float if what != "texts" else str)
    why = f"Classification: {column.name!r} holds {len(counts)} different {what}"
    return Labels("classification", [*values], tuple(classes), why)
