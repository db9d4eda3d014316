"""Stopping: when a training is to end before its time, and which of its states is the best so far."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.arguments import real_number, shown, whole_number
from engine.compiler.backends.trainer import TrainingState
from engine.trees import is_list, is_truth
from nn.training.history import History

__all__ = ["Best", "Callback", "callbacks_in", "stops"]

Callback = Callable[[History], Any]


class Best:
    """The state with the smallest loss so far, and whether it is too long ago.

    Args:
        figure: the name in the history of the numbers that it goes by.
        patience: how many epochs in a row may fail to be better; None for any number.
        min_delta: by how much a number must be smaller than the best one so far to be better.

    Attributes:
        number, epoch, state: the best ones; a state is None before the first.

    Raises:
        ValueError: a setting is out of range.
    """

    def __init__(self, figure: str, patience: int | None = None, min_delta: float = 0.0) -> None:
        self.figure = figure
        self.patience = None if patience is None else whole_number("patience", patience, unless="or None")
        self.min_delta = real_number("min_delta", min_delta, "a number, 0 or more", lambda x: x >= 0)
        self.number, self.epoch = float("inf"), 0
        self.state: TrainingState | None = None

    def look(self, state: TrainingState, history: History) -> None:
        """Take note of the state after an epoch, and say in the history if the training is to end."""
        number = history[self.figure][-1]
        if number < self.number - self.min_delta:
            self.number, self.epoch, self.state = number, history.epochs, state
        elif self.patience is not None and history.epochs - self.epoch >= self.patience:
            name = self.figure.replace("_", " ")
            history.stopped = f"the {name} was smallest, {self.number:.4g}, in epoch {self.epoch}"


def callbacks_in(given: Any) -> list[Callback]:
    """A function of the history, several or none, as a list; TypeError if there is something else."""
    several = [] if given is None else list(given) if is_list(given) else [given]
    for callback in several:
        if not callable(callback) or isinstance(callback, type):
            raise TypeError(f"callbacks must be functions of the history, but have {shown(callback)} among them")
    return several


def stops(callbacks: Sequence[Callback], history: History) -> None:
    """Call each with the history, and say there if one gives True: then the training is to end."""
    for callback in callbacks:
        if is_truth(answer := callback(history)) and answer:
            name = getattr(callback, "__name__", type(callback).__name__)
            history.stopped = history.stopped or f"the callback {name} said so"
