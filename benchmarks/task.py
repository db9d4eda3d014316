"""What it is to train a network here: the same start, data and order for all, and losses by which all are compared."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from benchmarks.measure import Trial
from nn import MLP

__all__ = ["Task"]


@dataclass(frozen=True)
class Task:
    """A network to train.

    Args:
        model: makes the network as all start it.
        data: gives (rows, labels).
        batch_size: rows in a step; it divides their number.
        settings: what else `nn.fit` has to know, by its names.
        steps: how many steps a contestant that takes many at once takes in a call.
        compared: the answer of all is the mean loss, each before its step, of so many epochs from the start.
    """

    model: Callable[[], MLP]
    data: Callable[[], tuple[list[list[float]], list[int]]]
    batch_size: int
    settings: dict[str, Any]
    steps: int
    compared: int

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.settings["learning_rate"]

    @property
    def l2(self) -> float:
        """The factor in the loss of the sum of all parameters' squares."""
        return self.settings.get("l2", 0.0)

    def matrices(self) -> list[tuple[Any, Any]]:
        """(W, b) of each layer at the start, W with a row for each neuron."""
        import numpy as np

        return [(np.array(layer.weights), np.array(layer.biases)) for layer in self.model().layers]

    def batches(self) -> list[tuple[Any, Any]]:
        """An epoch: for each step (rows, labels) as arrays, in a random order that is the same in every epoch."""
        import numpy as np

        rows, labels = map(np.array, self.data())
        order = list(range(len(rows)))
        if self.batch_size < len(rows):
            random.Random(0).shuffle(order)
        parts = [order[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        return [(rows[part], labels[part]) for part in parts]

    def trial(self, run: Callable[[], Any], steps: int = 1, extra: Callable[[], float] = lambda: 0.0) -> Trial:
        """A contestant that goes on training with every call.

        Args:
            run: takes steps, and gives the loss before each: a number for one step, else a sequence.
            steps: how many those are.
            extra: what the loss of the next step will lack; it is asked while nobody measures.
        """
        epoch = len(self.data()[0]) // self.batch_size
        extra_of_first = extra()

        def answer(first: Any) -> list[float]:
            losses = [loss + extra_of_first for loss in numbers(first)]
            while len(losses) < self.compared * epoch:
                more = extra()
                losses += [loss + more for loss in numbers(run())]
            return [fmean(losses[i * epoch : (i + 1) * epoch]) for i in range(self.compared)]

        def numbers(losses: Any) -> list[float]:
            return [float(losses)] if steps == 1 else [float(loss) for loss in losses]

        return Trial(run, answer, size=steps)
