"""The data of a study: which columns and rows of a table are learnt from, and which rows are kept for the test."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from demos.tables.columns import Column, describe
from demos.tables.options import Options
from demos.tables.preparation import Preparation, Target, learn_preparation, mean_and_scale
from demos.tables.reading import Table, TableError, near_names
from demos.tables.task import Labels, find_task

__all__ = ["Data", "Part", "prepare"]

TESTED = 0.2  # the share of the rows
MOST_INPUTS = 2000

Part = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Data:
    """A table, made ready.

    Attributes:
        table: the rows that are used.
        columns: all but the target, and what was found in them.
        used: those that are learnt from.
        labels: what is to be predicted.
        preparation: how `used` becomes inputs, by the rows trained on.
        notes: what the reader should know, in sentences.
        trained, tested: inputs (n_rows, width), and the indices of classes or numbers (n_rows,).
        tested_rows: the places of the rows of `tested` in the table.
    """

    table: Table
    columns: list[Column]
    used: list[Column]
    labels: Labels
    preparation: Preparation
    notes: list[str]
    trained: Part
    tested: Part
    tested_rows: list[int]


def prepare(table: Table, target: str, options: Options) -> Data:
    """Make a table ready to learn from.

    Args:
        table: of text.
        target: the column to predict.
        options: what the user decided.

    Raises:
        TableError: there is no such column, it is no target, cells are missing and nothing was said about them, or
            nothing is left to learn from.
    """
    names = [*table.cells.columns]
    for name in (target, *options.skip):
        if name not in names:
            raise TableError(f"{table.name} has no column {name!r}{near_names(name, names) or _listed(names)}")
    if target in table.repeated:
        raise TableError(f"{table.name} has several columns {target!r}: only one may be called what is to be predicted")
    notes: list[str] = []
    while True:  # where rows are left out, other columns may be of use in those that remain
        columns = [describe(name, table.cells[name], table.decimal) for name in names if name != target]
        aim = describe(target, table.cells[target], table.decimal)
        used = _useful([column for column in columns if column.name not in options.skip], table.name)
        without = _rows_without(used, aim, options.missing, notes)
        if not without:
            break
        table = replace(table, cells=table.cells.drop(index=without))
        if not len(table.cells):
            raise TableError(f"{table.name} has no row without a missing cell: say --missing impute")
    labels = find_task(aim, options.task)
    learnt, tested = _split(labels, options.seed, notes)
    answers = _answers(labels)
    scaling = (0.0, 1.0) if labels.classes else mean_and_scale(answers[learnt])
    preparation = learn_preparation(used, Target(target, labels.classes, *scaling, aim.unit), learnt, options.missing)
    if preparation.width > MOST_INPUTS:
        raise TableError(
            f"{table.name} makes {preparation.width} inputs, more than {MOST_INPUTS}: leave columns out with --skip"
        )
    X = preparation.encode([column.cells for column in used])
    return Data(
        table,
        columns,
        used,
        labels,
        preparation,
        notes,
        (X[learnt], answers[learnt]),
        (X[tested], answers[tested]),
        tested,
    )


def _useful(columns: Sequence[Column], name: str) -> list[Column]:
    """Those that can be learnt from; where there are none, numbers that only seemed to number the rows."""
    useful = [column for column in columns if column.is_useful]
    if not useful:
        numbered = [column for column in columns if column.kind == "identifier" and isinstance(column.cells[0], float)]
        useful = [replace(column, kind="number") for column in numbered]
    if not useful:
        why = "; ".join(f"{column.name}: {column.remark}" for column in columns[:5]) or "there is no other column"
        raise TableError(f"{name} has no column to learn from: {why}")
    return useful


def _rows_without(used: Sequence[Column], aim: Column, action: str, notes: list[str]) -> list[int]:
    """The rows to be left out, for what they lack; it is noted what is done about it."""
    lacking = [column for column in (*used, aim) if column.missing]
    if not lacking:
        return []
    by_column = ", ".join(f"{column.name} in {_rows(column.missing)}" for column in lacking)
    if action == "refuse":
        row, column = min(((min(column.missing), column) for column in lacking), key=lambda pair: pair[0])
        cell = column.missing[row]
        what = f"holds {cell!r} in the place of" if cell else "has no"
        raise TableError(
            f"row {row} {what} {column.name!r}: say --missing drop to leave such rows out, or --missing impute to put "
            f"in what is typical (missing in all: {by_column})"
        )
    dropped = sorted({row for column in (lacking if action == "drop" else [aim]) for row in column.missing})
    notes.append(f"Missing: {by_column}.")
    if dropped:
        notes.append(f"Left out for that: {len(dropped)} of the rows.")
    if action == "impute" and any(column.missing for column in used):
        notes.append(
            "In the place of what is missing stands what is typical: the median, or the most frequent category."
        )
    return dropped


def _split(labels: Labels, seed: int, notes: list[str]) -> tuple[list[int], list[int]]:
    """The places of the rows to learn from, and of those to be tested on, with the same share of every class."""
    places = range(len(labels.values))
    if not labels.classes:
        if len(places) < 5:
            raise TableError(f"{len(places)} rows are too few: five are the least to learn from and be tested on")
        return train_test_split([*places], test_size=TESTED, random_state=seed)
    counts = Counter(labels.values)
    alone = [place for place in places if counts[labels.values[place]] == 1]  # of its class the only row
    others = [place for place in places if counts[labels.values[place]] > 1]
    if alone:
        names = ", ".join(str(labels.values[place]) for place in alone)
        notes.append(f"Classes with one row only are learnt from, but not tested: {names}.")
    n_tested = max(len(counts) - len(alone), round(TESTED * len(others)))
    strata = [labels.values[place] for place in others]
    learnt, tested = train_test_split(others, test_size=n_tested, stratify=strata, random_state=seed)
    return learnt + alone, tested


def _answers(labels: Labels) -> np.ndarray:
    if not labels.classes:
        return np.array(labels.values, dtype=float)
    place = {name: k for k, name in enumerate(labels.classes)}
    return np.array([place[str(value)] for value in labels.values])


def _rows(rows: Iterable[int]) -> str:
    """ "3 rows (7, 19 and 20)"."""
    found = [*map(str, rows)]
    listed = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
    return f"row {listed}" if len(found) == 1 else f"{len(found)} rows ({listed})"


def _listed(names: Sequence[Any]) -> str:
    shown = ", ".join(map(str, names[:8])) + (", ..." if len(names) > 8 else "")
    return f": there are {shown}"
