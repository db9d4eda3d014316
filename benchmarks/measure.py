"""What is measured: a Trial, by its time or by the memory that its result holds."""

import gc
import math
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter, process_time
from typing import Any, NamedTuple

__all__ = ["Trial", "Unit", "held_bytes", "seconds", "seconds_at_once", "values"]


class Trial(NamedTuple):
    """A contestant that is ready to run.

    Attributes:
        step: the work that is measured.
        answer: turns what the first step returned into the numbers by which contestants are compared.
        size: what a step's figure is divided by, such as the number of nodes.
        beside: what the step is compared with, where that is what is measured.
    """

    step: Callable[[], Any]
    answer: Callable[[Any], list[float]] = lambda result: []
    size: float = 1
    beside: Callable[[], Any] | None = None


Turn = Callable[[], float]

# The collector stays on, as users have it, so a turn is long and has several steps: what it costs a library that
# leaves garbage in cycles shows only once some has piled up, as it does in every training loop.
FEWEST_CALLS = 4


@dataclass(frozen=True)
class Unit:
    """A quantity to measure.

    Args:
        start: (trial, at least so many seconds) -> a turn, a function that measures once.
        scale: how it is written: (factor, name) from the largest to the smallest.
        less: what a contestant with a smaller figure is.
        more: what a contestant with a larger figure is.
    """

    start: Callable[[Trial, float], Turn]
    scale: tuple[tuple[float, str], ...]
    less: str
    more: str

    @property
    def base(self) -> str:
        """What figures are in before they are written."""
        return next(name for factor, name in self.scale if factor == 1.0)

    def write(self, figure: float) -> str:
        """A figure with three digits and its unit.

        Example:
            >>> seconds.write(0.01234), seconds.write(1.5e-6)
            ('12.3 ms', '1.50 us')
        """
        factor, name = next((step for step in self.scale if figure >= step[0]), self.scale[-1])
        figure /= factor
        return f"{figure:.{max(0, 2 - math.floor(math.log10(figure))) if figure > 0 else 2}f} {name}"

    def compare(self, ratio: float) -> str:
        """A ratio to another figure, in words.

        Example:
            >>> seconds.compare(0.02), held_bytes.compare(1.25)
            ('50x faster', '1.2x larger')
        """
        word, factor = (self.less, 1 / ratio) if ratio < 1 else (self.more, ratio)
        return f"{factor:.2g}x {word}" if factor < 100 else f"{factor:.0f}x {word}"

    def bound(self, at_most: float) -> str:
        """An upper bound on a ratio, in words.

        Example:
            >>> seconds.bound(1 / 50), seconds.bound(1), held_bytes.bound(1.5)
            ('at least 50x faster', 'no slower', 'at most 1.5x larger')
        """
        if at_most == 1:
            return f"no {self.more}"
        return f"at {'least' if at_most < 1 else 'most'} {self.compare(at_most)}"


def _start_clock(trial: Trial, at_least: float, fewest_calls: int = FEWEST_CALLS) -> Turn:
    # The process's own time on its one core: what a clock on the wall shows, less what other programs take in between.
    start = perf_counter()
    trial.step()
    calls = max(fewest_calls, math.ceil(at_least / (perf_counter() - start)))

    def turn() -> float:
        gc.collect()
        start = process_time()
        for _ in range(calls):
            trial.step()
        return (process_time() - start) / calls / trial.size

    return turn


def _start_clocks(trial: Trial, at_least: float) -> Turn:
    assert trial.beside is not None
    trial.beside()  # what happens only once belongs to nobody's figure
    turns = [_start_clock(Trial(step), at_least / 2) for step in (trial.step, trial.beside)]

    def turn() -> float:
        step, beside = (turn() for turn in turns)
        return step / beside

    return turn


def _start_scales(trial: Trial, at_least: float) -> Turn:
    def turn() -> float:
        gc.collect()
        tracemalloc.start()
        result = trial.step()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del result  # it had to live until here
        return held / trial.size

    return turn


SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))

seconds = Unit(_start_clock, SECONDS, "faster", "slower")
seconds_at_once = Unit(partial(_start_clock, fewest_calls=1), SECONDS, "faster", "slower")  # for what is done once
values = Unit(_start_clocks, ((1.0, "values"),), "cheaper", "dearer")  # how many times what it is beside
held_bytes = Unit(_start_scales, ((1.0, "bytes"),), "smaller", "larger")
