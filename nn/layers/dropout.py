"""Dropout: a layer that leaves numbers out at random while a network is trained."""

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import step as step_function
from engine.arguments import real_number
from engine.batch import Batch
from engine.compiler.tape.symbols import is_recorded_here
from engine.value import TraceError
from nn.arguments import inputs_of, random_from
from nn.hints import hinting
from nn.module import Module
from nn.training.step import current_step

__all__ = ["Dropout", "checked_dropout"]


@hinting
class Dropout(Module):
    """In training mode, 0 in the place of each number with probability p, and the number / (1 - p) else.

    So its mean stays what it is, and in use, after ``model.eval()``, numbers go through as they are. What `fit` leaves
    out is drawn from its own seed, and the same on every backend; in a loop of the user's own from the seed here.

    Args:
        p: the probability, from 0 to below 1.
        seed: an int for the same choice every time, a `random.Random` to draw it from, or None for Python's own
            randomness, which `random.seed` governs.

    Raises:
        ValueError: p is out of range, or the seed is none.

    Source:
        Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014); inverted, as in
        PyTorch.

    Example:
        >>> dropout = Dropout(0.5, seed=1)
        >>> [y.data for y in dropout([1.0, 2.0, 3.0, 4.0])]
        [0.0, 4.0, 6.0, 0.0]
        >>> [y.data for y in dropout.eval()([1.0, 2.0, 3.0, 4.0])]
        [1.0, 2.0, 3.0, 4.0]
    """

    _kind = "dropout"

    def __init__(self, p: float = 0.5, seed: int | Random | None = None) -> None:
        self.p = checked_dropout("p", p)
        self._random = None if seed is None else random_from(seed)

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        return n_inputs

    def settings(self) -> dict[str, Any]:
        return {"p": self.p}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, None, x, *more)
        if not self.training or not self.p:
            return [*x]
        now = current_step()
        drawn = now.noise(len(x)) if now else [self._drawn(x_i) for x_i in x]
        # step(u - p) is 1 where the number stays, and its derivative is 0: what is drawn has none
        return [x_i * (step_function(u - self.p) / (1 - self.p)) for x_i, u in zip(x, drawn, strict=True)]

    def _drawn(self, x: Any) -> Any:
        """A number from 0 to 1, or one for each example."""
        if is_recorded_here():
            raise TraceError(
                "Dropout in training mode draws numbers, which would be the same for ever in a function that is "
                "compiled: fit draws them anew for each step, and for use there is model.eval()"
            )
        draw = random_from(self._random).random
        return Batch([draw() for _ in x.numbers]) if isinstance(x, Batch) else draw()

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


def checked_dropout(name: str, given: Any) -> float:
    """The argument of that name, with which probability to leave out; ValueError unless it is from 0 to below 1."""
    return real_number(name, given, "from 0 to below 1", lambda x: 0 <= x < 1)
