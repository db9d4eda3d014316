"""Predictions for the rows of another table."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from demos.tables.model import TableModel
from demos.tables.preparation import CategoryInput, NumberInput, Preparation, read_inputs, read_label
from demos.tables.reading import Table, TableError
from demos.tables.scores import METRICS
from demos.tables.words import score_in_words
from engine.files import write_atomically

__all__ = ["write_predictions"]


def write_predictions(model: TableModel, table: Table, missing: str, path: Path) -> list[str]:
    """Predict every row, and write the table with what was predicted as a CSV.

    Args:
        model: that predicts.
        table: with the columns that it was trained on.
        missing: what to do about missing cells: "refuse", "drop" these rows or "impute" what is typical.
        path: where to write. For classes there are a column with their names and one with the probability of each.

    Returns:
        list: what was found, line by line.

    Raises:
        TableError: a column is not there, or cells are missing and that is refused.
        OSError: the file cannot be written.
    """
    preparation = model.preparation
    target = preparation.target
    cells = read_inputs(preparation, table)
    said = [*_strangers(preparation, cells)]
    table, cells = _complete(preparation, table, cells, missing)
    X = preparation.encode(cells)
    frame = table.cells.copy()
    frame.insert(0, _free("row", frame), frame.index)
    answers = model.answers(X)
    if target.classes:
        frame[_free(f"predicted {target.name}", frame)] = [target.classes[k] for k in answers]
        for name, share in zip(target.classes, model.probabilities(X).T, strict=True):
            frame[_free(f"probability of {name}", frame)] = [f"{number:.6f}" for number in share]
    else:
        frame[_free(f"predicted {target.name}", frame)] = [repr(float(number)) for number in answers]
    write_atomically(path, frame.to_csv(index=False).encode("utf-8", "replace"))
    return [*said, *_score(model, table, answers), f"wrote {len(frame):,} predictions to {path}"]


def _strangers(preparation: Preparation, columns: list[list[Any]]) -> list[str]:
    """A line for each column with categories that the network has never seen."""
    lines = []
    for item, cells in zip(preparation.inputs, columns, strict=True):
        if isinstance(item, CategoryInput):
            strangers = [cell for cell in cells if cell is not None and cell not in item.categories]
            if strangers:
                lines.append(f"{item.name} holds {strangers[0]!r}, never seen in training: {len(strangers)} such rows")
    return lines


def _complete(
    preparation: Preparation, table: Table, columns: list[list[Any]], missing: str
) -> tuple[Table, list[list[Any]]]:
    lacking = [place for place, row in enumerate(zip(*columns, strict=True)) if None in row]
    if not lacking or missing == "impute":
        return table, columns
    if missing == "refuse":
        place = lacking[0]
        item = next(item for item, cells in zip(preparation.inputs, columns, strict=True) if cells[place] is None)
        unit = f", a number of {item.unit}," if isinstance(item, NumberInput) and item.unit else ""
        raise TableError(
            f"row {table.cells.index[place]} has no {item.name!r}{unit} that can be used, but "
            f"{str(table.cells[item.name].iloc[place])!r:.50} (such rows in all: {len(lacking)}): say "
            "--missing drop or --missing impute"
        )
    kept = [place for place in range(len(table.cells)) if place not in {*lacking}]
    if not kept:
        raise TableError(f"{table.name} has no row without a missing cell: say --missing impute")
    return replace(table, cells=table.cells.iloc[kept]), [[cells[place] for place in kept] for cells in columns]


def _score(model: TableModel, table: Table, answers: np.ndarray) -> list[str]:
    """How good they are, where the table has the answers too."""
    target = model.preparation.target
    if target.name not in table.cells.columns:
        return []
    labels = [read_label(str(cell), target, table.decimal) for cell in table.cells[target.name]]
    known = [place for place, label in enumerate(labels) if label is not None]
    if not known:
        return []
    truth = np.array([target.classes.index(str(labels[i])) if target.classes else labels[i] for i in known])
    scores = ", ".join(
        f"{metric} {score_in_words(metric, function(truth, answers[known]))}"
        for metric, function in METRICS[target.task].items()
    )
    return [f"on the {len(known):,} rows whose {target.name} is known: {scores}"]


def _free(name: str, frame: pd.DataFrame) -> str:
    """The name, or one like it that no column has."""
    while name in frame.columns:
        name += "'"
    return name
