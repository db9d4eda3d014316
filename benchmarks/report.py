"""What is said about a race: Markdown tables that read well on a screen too, a picture, and JSON with every figure."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe_machine, package_versions
from benchmarks.measure import seconds
from benchmarks.picture import draw_race
from benchmarks.race import Outcome, Row, Verdict

__all__ = ["as_data", "as_summary", "as_table", "columns", "write_report"]


def write_report(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Write latest.md, summary.md, latest.json and, where times were measured, race.svg, each wholly or not at all.

    Args:
        outcomes: the races of one run.
        folder: where to; made if need be.

    Returns:
        The files that were written.
    """
    from engine.files import write_atomically  # here, and not above: the contestants' processes import this file too

    machine, packages, date = describe_machine(), package_versions(), datetime.now(UTC).date().isoformat()
    where = "; ".join((f"{machine['processor']}, one core", machine["system"], machine["python"], date))
    versions = ", ".join(f"{package} {version}" for package, version in packages.items())
    measured = f"Measured on {where}; {versions}."
    data = {"date": date, "machine": machine, "packages": packages, "workloads": [*map(as_data, outcomes)]}
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        write_atomically(folder / "latest.md", f"{as_table(outcomes)}\n\n{measured}\n".encode()),
        write_atomically(folder / "summary.md", f"{as_summary(outcomes)}\n\n{measured}\n".encode()),
        write_atomically(folder / "latest.json", (json.dumps(data, indent=1) + "\n").encode()),
    ]
    timed = [outcome for outcome in outcomes if outcome.workload.in_summary and outcome.workload.unit is seconds]
    return [*written, draw_race(timed, folder / "race.svg")] if timed else written


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Everything about a race, ready for JSON."""
    workload = outcome.workload
    return {
        "name": workload.name,
        "title": workload.title,
        "unit": workload.unit.base,
        "reference": workload.reference,
        "aims": [
            {"contestants": aim.contestants, "of": aim.of, "at_most": aim.at_most,
             "best": best, "ratio": ratio, "met": outcome.verdict(aim).met}
            for aim, best, ratio in map(outcome.verdict, workload.aims)
        ],
        "contestants": [
            {"name": row.contestant, "role": contestant.role, "compared": contestant.compared,
             "missing": row.missing, "problem": row.problem,
             "median": median(row.figures) if row.figures else None, "minimum": min(row.figures, default=None),
             "ratio": outcome.ratio(row.contestant), "quartiles_of_ratio": outcome.quartiles(row.contestant),
             "figures": row.figures}
            for contestant, row in zip(workload.contestants, outcome.rows, strict=True)
        ],
    }  # fmt: skip


def as_table(outcomes: Sequence[Outcome]) -> str:
    """One row for each contestant, in columns that line up."""
    header = ("work", "contestant", "median", "minimum", "beside the reference", "aim")
    return columns([header, *(line for outcome in outcomes for line in _lines(outcome))])


def as_summary(outcomes: Iterable[Outcome]) -> str:
    """One row for each workload that belongs there: the best of the peers, the limit and ours, and the aims."""
    lines: list[tuple[str, ...]] = [("work", "best peer", "limit", "chalkgrad's best", "aims")]
    for outcome in outcomes:
        workload = outcome.workload
        if workload.in_summary:
            bests = (_best(outcome, role) for role in ("peer", "limit", "ours"))
            lines.append((workload.title, *bests, _say_all(outcome)))
    return columns(lines)


def columns(lines: Sequence[tuple[str, ...]]) -> str:
    """A table of a header and rows."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines
    )


def _best(outcome: Outcome, role: str) -> str:
    """Name and median of the best of those who were measured in a role."""
    medians = [
        (median(row.figures), row.contestant.removeprefix("chalkgrad, "))
        for contestant, row in zip(outcome.workload.contestants, outcome.rows, strict=True)
        if contestant.role == role and row.figures
    ]
    if not medians:
        return ""
    figure, name = min(medians)
    return f"{name} {outcome.workload.unit.write(figure)}"


def _say_all(outcome: Outcome) -> str:
    """How many aims were met, and of each that was not by how much."""
    verdicts = [*map(outcome.verdict, outcome.workload.aims)]
    short = [_say(outcome, verdict, short=False) for verdict in verdicts if not verdict.met]
    met = f"{len(verdicts) - len(short)} of {len(verdicts)} met" if verdicts else ""
    return "; ".join([met, *short])


def _lines(outcome: Outcome) -> list[tuple[str, ...]]:
    unit, title = outcome.workload.unit, f"{outcome.workload.name}: {outcome.workload.title}"
    verdicts = [*map(outcome.verdict, outcome.workload.aims)]
    lines: list[tuple[str, ...]] = []
    for contestant, row in zip(outcome.workload.contestants, outcome.rows, strict=True):
        figures = (unit.write(median(row.figures)), unit.write(min(row.figures))) if row.figures else ("", "")
        first = title if row is outcome.rows[0] else ""
        beside = _beside_the_reference(outcome, row)
        if contestant.role == "peer" and not contestant.compared:
            beside += " (similar work, not the same)"
        aims = "; ".join(_say(outcome, verdict) for verdict in verdicts if verdict.best == row.contestant)
        lines.append((first, row.contestant, *figures, beside, aims))
    return lines


def _beside_the_reference(outcome: Outcome, row: Row) -> str:
    if row.missing:
        return row.missing
    if row.problem:
        return row.problem.splitlines()[-1]
    if row.contestant == outcome.workload.reference:
        return "the reference"
    ratio = outcome.ratio(row.contestant)
    return "" if ratio is None else outcome.workload.unit.compare(ratio)


def _say(outcome: Outcome, verdict: Verdict, short: bool = True) -> str:
    """An aim and what became of it; without names that stand beside it already, if it is to be short."""
    unit, aim = outcome.workload.unit, verdict.aim
    bound = f"at most {unit.write(aim.at_most)}" if aim.of is None else unit.bound(aim.at_most)
    if aim.of is not None and not (short and aim.of == outcome.workload.reference):
        bound += f" than {aim.of}"
    said = "not measured" if verdict.met is None else "met" if verdict.met else "missed"
    if short:
        return f"{'the best ' if len(aim.contestants) > 1 else ''}{bound}: {said}"
    if verdict.ratio is not None:
        said += f" ({unit.write(verdict.ratio) if aim.of is None else unit.compare(verdict.ratio)})"
    who = verdict.best.removeprefix("chalkgrad, ")
    return f"{f'the best, {who},' if len(aim.contestants) > 1 else who} {bound}: {said}"
