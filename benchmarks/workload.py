"""What is raced: a Workload, by Contestants, with an Aim or several."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import Trial, Unit, seconds

__all__ = ["Aim", "Contestant", "Workload"]


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Args:
        name: what the tables call it.
        prepare: builds the data and gives the Trial; a function of a module, for it runs in a process of its own.
        needs: the package without which it cannot run; "" for none.
    """

    name: str
    prepare: Callable[[], Trial]
    needs: str = ""


@dataclass(frozen=True)
class Aim:
    """The figure of one contestant shall be at most so many times that of another."""

    contestant: str
    of: str
    at_most: float


@dataclass(frozen=True)
class Workload:
    """Some work, and who races to do it.

    Args:
        name: what the command line calls it.
        title: what is done, in one line.
        reference: the contestant that the others' ratios are taken to.
        contestants: who takes part. The first one's answer is the one that all the others' must agree with.
        aims: what the project wants to reach.
        unit: what is measured.
        tolerance: how far an answer may be off, relative to the largest number in it.
        rounds: how often each contestant is measured.
    """

    name: str
    title: str
    reference: str
    contestants: tuple[Contestant, ...]
    aims: tuple[Aim, ...] = ()
    unit: Unit = seconds
    tolerance: float = 1e-9
    rounds: int = 9

    def __post_init__(self) -> None:
        names = [contestant.name for contestant in self.contestants]
        for name in (self.reference, *(name for aim in self.aims for name in (aim.contestant, aim.of))):
            if name not in names:
                raise ValueError(f"{self.name} has no contestant {name!r}, only {', '.join(names)}")
