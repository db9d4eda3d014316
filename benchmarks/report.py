"""What is said about a race: a table in Markdown, which reads well on a screen too, and JSON with every figure."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe_machine, package_versions
from benchmarks.race import Outcome, Row

__all__ = ["as_data", "as_table", "write_report"]

HEADER = ("work", "contestant", "median", "minimum", "beside the reference", "aim")


def write_report(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write latest.md and latest.json, each wholly or not at all.

    Args:
        outcomes: the races of one run.
        folder: where to; made if need be.
    """
    from engine.files import write_atomically  # here, and not above: the contestants' processes import this file too

    machine, packages, date = describe_machine(), package_versions(), datetime.now(UTC).date().isoformat()
    where = "; ".join((f"{machine['processor']}, one core", machine["system"], machine["python"], date))
    versions = ", ".join(f"{package} {version}" for package, version in packages.items())
    markdown = f"{as_table(outcomes)}\n\nMeasured on {where}; {versions}.\n"
    data = {"date": date, "machine": machine, "packages": packages, "workloads": [*map(as_data, outcomes)]}
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "latest.md", markdown.encode())
    write_atomically(folder / "latest.json", (json.dumps(data, indent=1) + "\n").encode())


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Everything about a race, ready for JSON."""
    workload = outcome.workload
    return {
        "name": workload.name,
        "title": workload.title,
        "unit": workload.unit.base,
        "reference": workload.reference,
        "aims": [
            {"contestant": aim.contestant, "of": aim.of, "at_most": aim.at_most, "ratio": ratio,
             "met": None if ratio is None else ratio <= aim.at_most}
            for aim in workload.aims for ratio in [outcome.ratio(aim.contestant, aim.of)]
        ],
        "contestants": [
            {"name": row.contestant, "missing": row.missing, "problem": row.problem,
             "median": median(row.figures) if row.figures else None, "minimum": min(row.figures, default=None),
             "ratio": outcome.ratio(row.contestant), "quartiles_of_ratio": outcome.quartiles(row.contestant),
             "figures": row.figures}
            for row in outcome.rows
        ],
    }  # fmt: skip


def as_table(outcomes: Sequence[Outcome]) -> str:
    """One row for each contestant, in columns that line up."""
    rows = [line for outcome in outcomes for line in _lines(outcome)]
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, strict=True)]
    lines = [HEADER, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines
    )


def _lines(outcome: Outcome) -> list[tuple[str, ...]]:
    unit, title = outcome.workload.unit, f"{outcome.workload.name}: {outcome.workload.title}"
    lines: list[tuple[str, ...]] = []
    for row in outcome.rows:
        figures = (unit.write(median(row.figures)), unit.write(min(row.figures))) if row.figures else ("", "")
        first = title if row is outcome.rows[0] else ""
        lines.append((first, row.contestant, *figures, _verdict(outcome, row), _aims(outcome, row)))
    return lines


def _verdict(outcome: Outcome, row: Row) -> str:
    if row.missing:
        return f"{row.missing} is not installed"
    if row.problem:
        return row.problem.splitlines()[-1]
    if row.contestant == outcome.workload.reference:
        return "the reference"
    ratio = outcome.ratio(row.contestant)
    return "" if ratio is None else outcome.workload.unit.compare(ratio)


def _aims(outcome: Outcome, row: Row) -> str:
    verdicts = []
    for aim in outcome.workload.aims:
        if aim.contestant == row.contestant:
            ratio = outcome.ratio(aim.contestant, aim.of)
            beside = "" if aim.of == outcome.workload.reference else f" than {aim.of}"
            verdict = "open" if ratio is None else "met" if ratio <= aim.at_most else "missed"
            verdicts.append(f"{outcome.workload.unit.bound(aim.at_most)}{beside}: {verdict}")
    return "; ".join(verdicts)
