"""What was found, in lines for a terminal."""

from collections.abc import Sequence

from demos.tables.data import Data
from demos.tables.scores import Score

__all__ = ["columns_in_words", "score_in_words", "scores_in_words"]


def columns_in_words(data: Data, skipped: Sequence[str]) -> list[str]:
    """A line for each column: what it holds, or why it is not used."""
    used = {column.name for column in data.used}
    found = []
    for column in data.columns:
        use = f"{column.kind}, {column.remark}" if column.name in used else f"not used: {column.remark}"
        found.append(f"{column.name}: {'not used: skipped' if column.name in skipped else use}")
    return found


def score_in_words(metric: str, number: float) -> str:
    """A score as it is written: shares of rows as percentages."""
    return f"{number:.1%}" if "accuracy" in metric else f"{number:.3g}" if "error" in metric else f"{number:.3f}"


def scores_in_words(scores: Sequence[Score]) -> list[str]:
    """The table of results, a line for each row."""
    metrics = [*scores[0].on_tested]
    table = [["", *metrics, f"{metrics[0]} (learnt from)"]]
    for score in scores:
        numbers = [score_in_words(metric, score.on_tested[metric]) for metric in metrics]
        table.append([score.name, *numbers, score_in_words(metrics[0], score.on_trained[metrics[0]])])
    first, *widths = (max(map(len, column)) for column in zip(*table, strict=True))
    return [
        "  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))])
        for row in table
    ]
