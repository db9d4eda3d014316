"""Step: what a part of a model is told while a step of training is computed, and where it leaves what it has learnt.

A part is written for one example, whether its numbers are floats, Values, the symbols of a program that is compiled or
those of a whole batch at once; and so is what it finds here.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from itertools import islice, repeat
from typing import Any, Self

from nn.module import Buffer

__all__ = ["Step", "current_step"]


class Step:
    """A step of training, as one example goes through the model in it: a block, within which `current_step` gives it.

    Args:
        batch_size: how many examples there are in the step.
        noise: of this example, so many numbers from 0 to below 1 as the model asks for; None to find out how many
            these are: then all of them are 1.

    Attributes:
        updates: what Buffers are to be after the step.
        n_noise: how many numbers of noise were asked for.
        asks_size: whether the batch size was.

    Example:
        >>> class Noisy:
        ...     def __call__(self, x):
        ...         return x + current_step().noise(1)[0]
        >>> with Step(batch_size=1.0, noise=[0.25]) as step:
        ...     y = Noisy()(2.0)
        >>> y, step.n_noise, current_step()
        (2.25, 1, None)
    """

    def __init__(self, batch_size: Any, noise: Iterable[Any] | None = None) -> None:
        self.updates: dict[Buffer, Any] = {}
        self.n_noise = 0
        self.asks_size = False
        self._batch_size = batch_size
        self._noise = repeat(1.0) if noise is None else iter(noise)

    @property
    def batch_size(self) -> Any:
        """How many examples there are in the step: a float, or a symbol that stands for it."""
        self.asks_size = True
        return self._batch_size

    def noise(self, n: int) -> list[Any]:
        """The next n numbers of this example's noise, evenly spread from 0 to below 1 and drawn anew in every epoch.

        Raises:
            ValueError: there are no more, as the model asks for more of them than when it was looked at first.
        """
        numbers = [*islice(self._noise, n)]
        if len(numbers) < n:
            raise ValueError(
                f"a model must ask for as many numbers of noise for every example, but asked for {self.n_noise + n} "
                f"where it had asked for {self.n_noise + len(numbers)} at first"
            )
        self.n_noise += n
        return numbers

    def update(self, buffer: Buffer, number: Any) -> None:
        """Say what a Buffer is to be after the step; the mean over the examples, if each says something else."""
        self.updates[buffer] = number

    def after(self, buffer: Buffer) -> Any:
        """What a Buffer is to be after the step, by what was said so far."""
        return self.updates.get(buffer, buffer)

    def __enter__(self) -> Self:
        self._before = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)


_current: ContextVar[Step | None] = ContextVar("step", default=None)


def current_step() -> Step | None:
    """The step of `fit` that is computed; None outside of one, as in a loop of the user's own."""
    return _current.get()
