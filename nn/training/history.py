"""History: what happened in a training, and how that is shown while it lasts."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

__all__ = ["History", "progress_bar", "record"]

History = dict[str, list[float]]


def record(history: History, epochs: Sequence[int], rates: Sequence[float], means: Sequence[Sequence[float]]) -> None:
    """Add the means of these epochs, of as many as there were.

    Raises:
        FloatingPointError: a loss is nan or infinite.
    """
    for epoch, rate, numbers in zip(epochs, rates, means, strict=False):
        if not math.isfinite(numbers[0]):
            raise FloatingPointError(
                f"the loss became {numbers[0]} in epoch {epoch + 1}: try a smaller learning rate (it was {rate:g})"
            )
        for column, number in zip(history.values(), numbers, strict=True):
            column.append(float(number))


@contextmanager
def progress_bar(epochs: int, *, shown: bool) -> Iterator[Callable[[History], None]]:
    """A tqdm bar, as a function to call after one epoch or several; nothing without tqdm, or a place to show it."""
    try:
        if not shown or getattr(sys.stderr, "closed", True):  # there is none where Python runs without a console
            raise ImportError
        from tqdm.auto import tqdm
    except ImportError:
        yield lambda history: None
        return
    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def report(history: History) -> None:
            bar.set_postfix({name: f"{numbers[-1]:.4f}" for name, numbers in history.items()}, refresh=False)
            bar.update(len(history["loss"]) - bar.n)

        yield report
