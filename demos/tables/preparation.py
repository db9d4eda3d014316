"""Preparation: how the columns of a table become the numbers that a network reads, and its outputs words again."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

import numpy as np

from demos.tables.columns import Column, category_name, is_missing, number_in
from demos.tables.reading import Table, TableError, near_names

__all__ = [
    "MISSING_ACTIONS",
    "CategoryInput",
    "NumberInput",
    "Preparation",
    "Target",
    "Task",
    "learn_preparation",
    "mean_and_scale",
    "read_inputs",
    "read_label",
]

Task = Literal["classification", "regression"]
MISSING_ACTIONS = ("refuse", "drop", "impute")


@dataclass(frozen=True)
class NumberInput:
    """A column of numbers, scaled so that those learnt from have mean 0 and standard deviation 1.

    Attributes:
        name: the column's.
        mean, scale: the network reads (number - mean) / scale.
        typical: the median, which stands in for a number that is missing.
        unit: what stands before or behind each number.
    """

    name: str
    mean: float
    scale: float
    typical: float
    unit: str = ""

    width = 1

    def encode(self, cells: Sequence[Any]) -> np.ndarray:
        """(n_rows, 1) numbers; None is the typical one."""
        numbers = np.array([self.typical if cell is None else cell for cell in cells], dtype=float)
        return ((numbers - self.mean) / self.scale)[:, None]


@dataclass(frozen=True)
class CategoryInput:
    """A column of text: an input for each category, which is 1 where the cell is of it and else 0.

    Attributes:
        name: the column's.
        categories: in the order of the inputs, the most frequent first. A cell of none of them is 0 in all.
    """

    name: str
    categories: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many inputs."""
        return len(self.categories)

    @property
    def typical(self) -> str:
        """The most frequent category, which stands in for one that is missing."""
        return self.categories[0]

    def encode(self, cells: Sequence[Any]) -> np.ndarray:
        """(n_rows, n_categories) of 0 and 1; None is the typical category."""
        named = np.array([self.typical if cell is None else cell for cell in cells], dtype=object)
        return (named[:, None] == np.array(self.categories, dtype=object)).astype(float)


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Attributes:
        name: the column's.
        classes: what they are called, in the order of the outputs; empty for a number.
        mean, scale: the network gives (number - mean) / scale.
        unit: what stands before or behind each number.
    """

    name: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0
    unit: str = ""

    @property
    def task(self) -> Task:
        """ "classification" or "regression"."""
        return "classification" if self.classes else "regression"


@dataclass(frozen=True)
class Preparation:
    """How a table becomes the inputs of a network, as learnt from the rows that it was trained on.

    Attributes:
        inputs: the columns that are of use.
        target: the column that is predicted.
        missing: what is done about missing cells: "refuse", "drop" or "impute".
    """

    inputs: tuple[NumberInput | CategoryInput, ...]
    target: Target
    missing: str

    @property
    def width(self) -> int:
        """How many numbers the network reads."""
        return sum(column.width for column in self.inputs)

    def encode(self, columns: Sequence[Sequence[Any]]) -> np.ndarray:
        """(n_rows, width) numbers, from the cells of each column as `Column.cells` has them."""
        return np.hstack([item.encode(cells) for item, cells in zip(self.inputs, columns, strict=True)])

    def as_dict(self) -> dict[str, Any]:
        """It as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: Any) -> "Preparation":
        """What `as_dict` gave.

        Raises:
            TableError: it gave something else.

        Example:
            >>> known = Preparation((NumberInput("x", 0.0, 1.0, 0.5),), Target("y", ("no", "yes")), "drop")
            >>> Preparation.from_dict(known.as_dict()) == known
            True
        """
        try:
            inputs = tuple(_input(entry) for entry in saved["inputs"])
            named, missing = saved["target"], saved["missing"]
            mean, scale = _number(named["mean"]), _number(named["scale"])
            target = Target(_text(named["name"]), _texts(named["classes"]), mean, scale, _text(named.get("unit", "")))
            if not inputs or len(target.classes) == 1 or not scale > 0 or missing not in MISSING_ACTIONS:
                raise ValueError
            return cls(inputs, target, missing)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise TableError("the preparation of its columns is damaged") from None


def learn_preparation(columns: Sequence[Column], target: Target, rows: Sequence[int], missing: str) -> Preparation:
    """How to prepare these columns, by what they hold in some of their rows.

    Args:
        columns: those that are of use.
        target: what is predicted.
        rows: the places of the rows that are trained on.
        missing: what is to be done about missing cells.
    """
    inputs: list[NumberInput | CategoryInput] = []
    for column in columns:
        found: list[Any] = [column.cells[row] for row in rows if column.cells[row] is not None]
        if column.kind == "category":
            categories = tuple(category for category in column.categories if category in {*found})
            inputs.append(CategoryInput(column.name, categories or column.categories))
        else:
            found = found or [0.0]
            inputs.append(NumberInput(column.name, *mean_and_scale(found), median(found), column.unit))
    return Preparation(tuple(inputs), target, missing)


def read_inputs(preparation: Preparation, table: Table) -> list[list[Any]]:
    """The cells of another table, column by column, as the preparation encodes them.

    Raises:
        TableError: the table lacks a column.
    """
    names = [*table.cells.columns]
    columns: list[list[Any]] = []
    for item in preparation.inputs:
        if item.name not in names:
            raise TableError(f"{table.name} has no column {item.name!r}{near_names(item.name, names)}")
        texts = [str(cell) for cell in table.cells[item.name]]
        signs = {*texts}
        present = [None if is_missing(text, signs) else text for text in texts]
        if isinstance(item, NumberInput):
            columns.append([text and number_in(text, table.decimal, item.unit) for text in present])
        else:
            columns.append(present)
    return columns


def mean_and_scale(numbers: Any) -> tuple[float, float]:
    """The mean and the standard deviation of some numbers; 1 in its place where all are the same."""
    mean = float(np.mean(numbers))
    scale = float(np.std(numbers))
    return mean, scale if scale > 1e-12 * max(abs(mean), 1e-100) else 1.0


def read_label(text: str, target: Target, decimal: str) -> str | float | None:
    """What a cell of the target's column says: the name of a class, or a number; None if neither."""
    number = number_in(text, decimal, target.unit)
    if target.task == "regression":
        return number
    named = text if text in target.classes or number is None else category_name(number)
    return named if named in target.classes else None


def _input(entry: Any) -> NumberInput | CategoryInput:
    if "categories" in entry:
        categories = _texts(entry["categories"])
        if not categories:
            raise ValueError
        return CategoryInput(_text(entry["name"]), categories)
    mean, scale, typical = (_number(entry[key]) for key in ("mean", "scale", "typical"))
    if not scale > 0:
        raise ValueError
    return NumberInput(_text(entry["name"]), mean, scale, typical, _text(entry.get("unit", "")))


def _text(item: Any) -> str:
    if not isinstance(item, str):
        raise TypeError
    return item


def _texts(items: Any) -> tuple[str, ...]:
    if not isinstance(items, list | tuple) or len({*items}) < len(items):
        raise TypeError
    return tuple(map(_text, items))


def _number(item: Any) -> float:
    if isinstance(item, bool) or not isinstance(item, int | float) or not math.isfinite(item):
        raise TypeError
    return float(item)
