"""Schedules: how the learning rate changes from epoch to epoch, for ``fit(..., learning_rate=StepDecay(0.1))``.

A schedule is a function from the epoch (0, 1, ...) to the rate in it; a number is the same rate in all. One that goes
by the loss has a method `observe` besides, which is told the mean loss of every epoch when it is over; and an attribute
`state`, a tuple of the numbers that it remembers, so that a training goes on where it was.
"""

from collections.abc import Callable
from math import cos, inf, pi
from typing import Any

from engine.arguments import real_number, shown, whole_number
from nn.hints import hinting
from nn.module import Module

__all__ = ["CosineDecay", "ExponentialDecay", "ReduceOnPlateau", "Schedule", "StepDecay", "WarmUp", "is_schedule"]

Schedule = Callable[[int], float]


@hinting
class StepDecay:
    """The rate times `factor` after every so many epochs: rate * factor**(epoch // every).

    Args:
        rate: the first.
        every: how many epochs a rate lasts.
        factor: what it is multiplied by then, above 0.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> schedule = StepDecay(0.4, every=2, factor=0.5)
        >>> [schedule(epoch) for epoch in range(5)]
        [0.4, 0.4, 0.2, 0.2, 0.1]
    """

    def __init__(self, rate: float, every: int = 10, factor: float = 0.5) -> None:
        self.rate, self.every, self.factor = _rate("rate", rate), whole_number("every", every), _factor(factor)

    def __call__(self, epoch: int) -> float:
        return self.rate * self.factor ** (epoch // self.every)

    def __repr__(self) -> str:
        return f"StepDecay({self.rate!r}, every={self.every!r}, factor={self.factor!r})"


@hinting
class ExponentialDecay:
    """The rate times `factor` after every epoch: rate * factor**epoch.

    Args:
        rate: the first.
        factor: what it is multiplied by, above 0.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> schedule = ExponentialDecay(0.4, factor=0.5)
        >>> [schedule(epoch) for epoch in range(3)]
        [0.4, 0.2, 0.1]
    """

    def __init__(self, rate: float, factor: float = 0.95) -> None:
        self.rate, self.factor = _rate("rate", rate), _factor(factor)

    def __call__(self, epoch: int) -> float:
        return self.rate * self.factor**epoch

    def __repr__(self) -> str:
        return f"ExponentialDecay({self.rate!r}, factor={self.factor!r})"


@hinting
class CosineDecay:
    """From one rate to another along half a cosine, and there it stays: slow, fast, slow.

    Args:
        rate: the first.
        epochs: how many until the last.
        final: the last.

    Raises:
        ValueError: an argument is out of range.

    Source:
        Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without the restarts.

    Example:
        >>> schedule = CosineDecay(0.4, epochs=4)
        >>> [round(schedule(epoch), 3) for epoch in range(6)]
        [0.4, 0.341, 0.2, 0.059, 0.0, 0.0]
    """

    def __init__(self, rate: float, epochs: int = 100, final: float = 0.0) -> None:
        self.rate, self.epochs, self.final = _rate("rate", rate), whole_number("epochs", epochs), _rate("final", final)

    def __call__(self, epoch: int) -> float:
        return self.final + (self.rate - self.final) * (1 + cos(pi * min(epoch / self.epochs, 1.0))) / 2

    def __repr__(self) -> str:
        return f"CosineDecay({self.rate!r}, epochs={self.epochs!r}, final={self.final!r})"


@hinting
class WarmUp:
    """From a small rate up to that of a schedule along a line, and then that schedule.

    Args:
        schedule: a number, or a schedule, whose first epoch is the first one after the line.
        epochs: how many the line takes.
        start: the rate in the first epoch; None for a third of what the line leads to, as in PyTorch's LinearLR, whose
            defaults these are. From 0, where optax and Keras begin as they count steps, nothing would be learnt for a
            whole epoch.

    Raises:
        ValueError: an argument is out of range.
        TypeError: schedule is neither a number nor a schedule.

    Source:
        Goyal et al., "Accurate, large minibatch SGD" (2017), section 2.2. The line is that of PyTorch's LinearLR and of
        optax's linear_schedule: start + (rate - start) * epoch / epochs.

    Example:
        >>> schedule = WarmUp(StepDecay(0.4, every=1), epochs=2, start=0.1)
        >>> [schedule(epoch) for epoch in range(4)]
        [0.1, 0.25, 0.4, 0.2]
    """

    def __init__(self, schedule: float | Schedule, epochs: int = 5, start: float | None = None) -> None:
        self.schedule: Any = schedule if is_schedule(schedule) else _rate("schedule", schedule)
        self.epochs, self.start = whole_number("epochs", epochs), None if start is None else _rate("start", start)
        if hasattr(schedule, "observe"):
            raise TypeError(
                f"a warm-up goes by the epoch alone, so it cannot lead to a schedule that goes by the loss, such as "
                f"{shown(schedule)}"
            )

    def __call__(self, epoch: int) -> float:
        if epoch >= self.epochs:
            return self._after(epoch - self.epochs)
        start = self._after(0) / 3 if self.start is None else self.start
        return start + (self._after(0) - start) * epoch / self.epochs

    def _after(self, epoch: int) -> float:
        return self.schedule(epoch) if callable(self.schedule) else self.schedule

    def __repr__(self) -> str:
        return f"WarmUp({self.schedule!r}, epochs={self.epochs!r}, start={self.start!r})"


@hinting
class ReduceOnPlateau:
    """The rate times `factor` whenever the loss has not become smaller for more than so many epochs.

    It remembers what it observed, and `fit` keeps that with the optimizer: a training goes on from there, and a new one
    begins anew. The loss is that of the validation data, if there are any.

    Args:
        rate: the first.
        factor: what it is multiplied by, above 0 and below 1.
        patience: for how many epochs in a row the loss may fail to become smaller.
        threshold: a loss is smaller if it is below (1 - threshold) times the smallest so far; from 0 to below 1.
        least: no rate is below this; from 0 to the first.

    Raises:
        ValueError: an argument is out of range.

    Source:
        PyTorch's ReduceLROnPlateau, whose conventions these are; optax's patience is one more.

    Example:
        >>> schedule = ReduceOnPlateau(0.4, factor=0.5, patience=1)
        >>> rates = []
        >>> for epoch, loss in enumerate([3.0, 2.0, 2.0, 2.0, 1.0]):
        ...     rates.append(schedule(epoch))
        ...     schedule.observe(loss)
        >>> rates
        [0.4, 0.4, 0.4, 0.4, 0.2]
    """

    def __init__(
        self, rate: float, factor: float = 0.1, patience: int = 10, threshold: float = 1e-4, least: float = 0.0
    ) -> None:
        self.rate, self.factor = _rate("rate", rate), _factor(factor, below=1.0)
        self.patience = whole_number("patience", patience, 0)
        self.threshold = real_number("threshold", threshold, "from 0 to below 1", lambda x: 0 <= x < 1)
        self.least = real_number("least", least, f"from 0 to the rate, {self.rate!r}", lambda x: 0 <= x <= self.rate)
        self._forget()

    def _forget(self) -> None:
        self._now, self._smallest, self._n_bad = self.rate, inf, 0

    @property
    def state(self) -> tuple[float, ...]:
        """What it remembers: the rate, the smallest loss, and how many epochs have failed since; () for nothing."""
        return () if self._smallest == inf else (self._now, self._smallest, float(self._n_bad))

    @state.setter
    def state(self, state: tuple[float, ...]) -> None:
        self._forget()
        if len(state) == 3:
            self._now, self._smallest, self._n_bad = *state[:2], int(state[2])

    def __call__(self, epoch: int) -> float:
        if epoch == 0:
            self._forget()
        return self._now

    def observe(self, loss: float) -> None:
        """Take note of an epoch's mean loss; ValueError if it is no finite number."""
        loss = real_number("loss", loss, "a finite number", lambda x: True)
        if loss < self._smallest * (1 - self.threshold):
            self._smallest, self._n_bad = loss, 0
        else:
            self._n_bad += 1
        if self._n_bad > self.patience:
            self._now, self._n_bad = max(self._now * self.factor, self.least), 0

    def __repr__(self) -> str:
        return (
            f"ReduceOnPlateau({self.rate!r}, factor={self.factor!r}, patience={self.patience!r}, "
            f"threshold={self.threshold!r}, least={self.least!r})"
        )


def is_schedule(given: Any) -> bool:
    """Whether it is a function that can say a learning rate; TypeError for a class, which must be made first."""
    if isinstance(given, type) and given.__module__ == __name__:
        raise TypeError(f"a schedule must be made first: write {given.__name__}(0.1), not {given.__name__}")
    return callable(given) and not isinstance(given, Module | type)


def _rate(name: str, given: Any) -> float:
    return real_number(name, given, "a number, 0 or more", lambda x: x >= 0)


def _factor(given: Any, below: float = inf) -> float:
    needs = "a number above 0" if below == inf else f"above 0 and below {below:g}"
    return real_number("factor", given, needs, lambda x: 0 < x < below)
