"""The race itself: whose answer is right is measured, turn by turn, one after the other."""

import math
from dataclasses import dataclass, field
from importlib.util import find_spec
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks.runner import Runner
from benchmarks.workload import Aim, MissingError, Workload

__all__ = ["Outcome", "Row", "Verdict", "race"]


@dataclass
class Row:
    """How one contestant did.

    Attributes:
        contestant: its name.
        figures: what was measured, one figure for each round.
        missing: what it needs and does not have, if anything: "jax is not installed".
        problem: why it was not measured, if it failed or its answer was wrong.
    """

    contestant: str
    figures: list[float] = field(default_factory=list)
    missing: str = ""
    problem: str = ""


class Verdict(NamedTuple):
    """What became of an aim.

    Attributes:
        aim: which one.
        best: who came nearest to it; the first who could have, if none was measured.
        ratio: how near; None if it was not measured.
    """

    aim: Aim
    best: str
    ratio: float | None

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None if it was not measured."""
        return None if self.ratio is None else self.ratio <= self.aim.at_most


@dataclass
class Outcome:
    """How a race went: a row for each contestant."""

    workload: Workload
    rows: list[Row]

    def row(self, contestant: str) -> Row:
        """The row of that contestant."""
        return next(row for row in self.rows if row.contestant == contestant)

    def ratios(self, contestant: str, of: str) -> list[float]:
        """One contestant's figures over another's, round by round, so that the machine's drift cancels; [] for none."""
        pairs = zip(self.row(contestant).figures, self.row(of).figures, strict=False)
        return [mine / theirs for mine, theirs in pairs]

    def ratio(self, contestant: str, of: str | None = None) -> float | None:
        """The median of the ratios to another contestant, or to the reference; None where one was not measured."""
        ratios = self.ratios(contestant, of or self.workload.reference)
        return median(ratios) if ratios else None

    def verdict(self, aim: Aim) -> Verdict:
        """Whether an aim was met, and by whom."""

        def ratio(contestant: str) -> float | None:
            figures = self.row(contestant).figures if aim.of is None else self.ratios(contestant, aim.of)
            return median(figures) if figures else None

        ratios = {contestant: ratio(contestant) for contestant in aim.contestants}
        best = min(ratios, key=lambda contestant: math.inf if (r := ratios[contestant]) is None else r)
        return Verdict(aim, best, ratios[best])

    def quartiles(self, contestant: str) -> tuple[float, float] | None:
        """The quartiles of the ratios to the reference: half of the rounds were between them."""
        ratios = self.ratios(contestant, self.workload.reference)
        if len(ratios) < 2:
            return None
        lower, _, upper = quantiles(ratios, n=4, method="inclusive")
        return lower, upper


def race(workload: Workload, rounds: int | None = None, turn_seconds: float = 0.5) -> Outcome:
    """Let every contestant that can run, and that gives the right answer, take its turn in every round.

    Args:
        workload: what to run.
        rounds: how many; the workload's own number for None.
        turn_seconds: how long a turn lasts at least; short steps are repeated until then.
    """
    rows = [Row(contestant.name) for contestant in workload.contestants]
    runners: dict[str, Runner] = {}
    expected: list[float] | None = None
    try:
        for row, contestant in zip(rows, workload.contestants, strict=True):
            if contestant.needs and find_spec(contestant.needs) is None:
                row.missing = f"{contestant.needs} is not installed"
                continue
            runners[row.contestant] = runner = Runner(contestant, workload.unit, turn_seconds)
            try:
                answer = runner.receive()
                expected = answer if row is rows[0] else expected
                if contestant.compared:
                    row.problem = disagreement(answer, expected, workload.tolerance)
            except MissingError as what:
                row.missing = str(what)
            except RuntimeError as error:
                row.problem = str(error)
        for _ in range(workload.rounds if rounds is None else rounds):
            for row in rows:
                if row.contestant in runners and not row.problem and not row.missing:
                    try:
                        row.figures.append(runners[row.contestant].turn())
                    except RuntimeError as error:
                        row.problem, row.figures = str(error), []
    finally:
        for runner in runners.values():
            runner.stop()
    return Outcome(workload, rows)


def disagreement(answer: list[float], expected: list[float] | None, tolerance: float) -> str:
    """What is wrong with an answer; "" if it is right.

    Example:
        >>> disagreement([1.0, 2.0], [1.0, 2.0 + 1e-12], tolerance=1e-9)
        ''
        >>> disagreement([1.0, 2.5], [1.0, 2.0], tolerance=1e-9)
        'wrong: number 2 of the answer is 2.5, not 2'
    """
    if expected is None:
        return "not checked: the contestant to agree with gave no answer"
    if len(answer) != len(expected):
        return f"wrong: the answer has {len(answer)} numbers, not {len(expected)}"
    allowed = tolerance * max(map(abs, expected), default=0.0)
    for number, (x, y) in enumerate(zip(answer, expected, strict=True), 1):
        if not abs(x - y) <= allowed:  # nor is nan right
            return f"wrong: number {number} of the answer is {x:.12g}, not {y:.12g}"
    return ""
