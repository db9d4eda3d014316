"""What is raced: a Workload, by Contestants, with an Aim or several."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.measure import Trial, Unit, seconds

__all__ = ["Aim", "Contestant", "MissingError", "Role", "Workload"]

Role = Literal["ours", "peer", "limit"]


class MissingError(Exception):
    """What a contestant's `prepare` raises if something it needs does not exist: it does not take part then."""


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Args:
        name: what the tables call it.
        prepare: builds the data and gives the Trial; a function of a module, for it runs in a process of its own.
        needs: the package without which it cannot run; "" for none.
        compared: whether its answer must be right; False for similar work that cannot have the same answer.
        role: "ours", a "peer", or the physical "limit".
    """

    name: str
    prepare: Callable[[], Trial]
    needs: str = ""
    compared: bool = True
    role: Role = "peer"


@dataclass(frozen=True)
class Aim:
    """The figure of one contestant shall be at most so many times that of another.

    Args:
        contestant: its name; or the names of several, of which the best one counts.
        of: the name of the other; None if the figure itself shall be at most so large.
        at_most: how many times.
    """

    contestant: str | tuple[str, ...]
    of: str | None
    at_most: float

    @property
    def contestants(self) -> tuple[str, ...]:
        """The names of those of whom one has to reach it."""
        return (self.contestant,) if isinstance(self.contestant, str) else self.contestant


@dataclass(frozen=True)
class Workload:
    """Some work, and who races to do it.

    Args:
        name: what the command line calls it.
        title: what is done, in one line.
        reference: the contestant that the others' ratios are taken to.
        contestants: who takes part. All that are compared must agree with the first one's answer.
        aims: what the project wants to reach.
        unit: what is measured.
        tolerance: how far an answer may be off, relative to the largest number in it.
        rounds: how often each contestant is measured.
        in_summary: whether the short table has it.
    """

    name: str
    title: str
    reference: str
    contestants: tuple[Contestant, ...]
    aims: tuple[Aim, ...] = ()
    unit: Unit = seconds
    tolerance: float = 1e-9
    rounds: int = 9
    in_summary: bool = True

    def __post_init__(self) -> None:
        names = [contestant.name for contestant in self.contestants]
        for name in (self.reference, *(name for aim in self.aims for name in (*aim.contestants, aim.of))):
            if name is not None and name not in names:
                raise ValueError(f"{self.name} has no contestant {name!r}, only {', '.join(names)}")
