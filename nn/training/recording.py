"""Recording: the numbers of a model epoch by epoch, so that its training can be looked at again."""

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.arguments import shown
from nn.module import buffers_of, in_mode

__all__ = ["Histogram", "Recording", "Snapshot"]

MOST = 200  # epochs that are kept
MOST_NUMBERS = 2**22  # in all of these
FEWEST = 10  # epochs that are kept however many numbers that is
MOST_ROWS = 1000  # examples that are kept
BINS = 30


class Histogram(NamedTuple):
    """How numbers are spread.

    Attributes:
        low, high: the least and the largest one.
        counts: how many there are in each of 30 bins from the one to the other.

    Example:
        >>> histogram = Histogram.of([0.0, 0.1, 3.0])
        >>> histogram.low, histogram.high, histogram.counts[:2], histogram.counts[-1]
        (0.0, 3.0, [1, 1], 1)
    """

    low: float
    high: float
    counts: list[int]

    @classmethod
    def of(cls, numbers: Sequence[float]) -> "Histogram":
        """That of numbers, without those that are nan or infinite."""
        import numpy as np

        finite = np.asarray(numbers, dtype=float)
        finite = finite[np.isfinite(finite)]
        if not finite.size:
            return cls(0.0, 0.0, [0] * BINS)
        low, high = float(finite.min()), float(finite.max())
        width = high / BINS - low / BINS
        if width == 0:
            bins = np.full(finite.size, BINS // 2)
        else:
            with np.errstate(over="ignore"):
                bins = np.minimum(BINS - 1.0, (finite - low) / width).astype(int)
        return cls(low, high, np.bincount(bins, minlength=BINS).tolist())


class Snapshot(NamedTuple):
    """A model after an epoch.

    Attributes:
        epoch: after which one; 0 for before the first.
        parameters, buffers: the numbers that it had.
        layers: for each layer, by its title, histograms of the numbers that it gave on the rows that were looked at
            ("activation"), of its parameters ("parameter") and of the derivatives of the loss by these ("gradient").
    """

    epoch: int
    parameters: Sequence[float]
    buffers: Sequence[float]
    layers: dict[str, dict[str, Histogram]]


@dataclass
class Recording:
    """What is kept of a training: the model after each epoch, and the examples.

    Where there are more than 200 epochs it is every second one, and so on, so that there are never more; of a large
    model fewer. The last one is always there.

    Attributes:
        model: that is trained; two recordings are equal whatever it is now.
        rows, labels: what it learns from; of many, so many as are enough to be shown.
        snapshots: in the order of the epochs.

    Example:
        >>> from nn import Layer, fit
        >>> model = Layer(1, 1, "linear", init="zeros")
        >>> recording = fit(model, [[1.0], [2.0]], [2.0, 4.0], epochs=3, record=True, progress=False).recording
        >>> recording.epochs
        [0, 1, 2, 3]
        >>> with recording.model_at(1) as earlier:
        ...     earlier.neurons[0].w[0].data
        1.0
    """

    model: Any = field(compare=False, repr=False)
    rows: list[Any]
    labels: list[Any]
    snapshots: list[Snapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        every = -(-len(self.rows) // MOST_ROWS)
        self.rows, self.labels = self.rows[::every], self.labels[::every]

    @property
    def epochs(self) -> list[int]:
        """Those after which the model is known, from 0 on, which is before the first."""
        return [snapshot.epoch for snapshot in self.snapshots]

    def add(
        self,
        epoch: int,
        numbers: tuple[Sequence[Any], Sequence[Any]],
        layers: Mapping[str, Mapping[str, Sequence[float]]],
    ) -> None:
        """Keep the Parameters and Buffers of the model as they are, and how the numbers of each layer are spread."""
        spread = {
            title: {name: Histogram.of(spread_out) for name, spread_out in found.items() if len(spread_out)}
            for title, found in layers.items()
        }
        parameters, buffers = (array("d", [number.data for number in kept]) for kept in numbers)
        most = min(MOST, max(FEWEST, MOST_NUMBERS // max(1, len(parameters) + len(buffers))))
        every = 2 ** max(0, math.ceil(math.log2(max(1, epoch) / most)))
        self.snapshots = [snapshot for snapshot in self.snapshots if snapshot.epoch % every == 0]
        self.snapshots.append(Snapshot(epoch, parameters, buffers, spread))

    def cut(self, epochs: int) -> None:
        """Forget what came after so many epochs."""
        self.snapshots = [snapshot for snapshot in self.snapshots if snapshot.epoch <= epochs]

    @contextmanager
    def model_at(self, epoch: int) -> Iterator[Any]:
        """The model as it was after an epoch, in evaluation mode, and then as it is now.

        Args:
            epoch: one of `epochs`.

        Raises:
            ValueError: the model was not kept after that one, or is not what it was.
        """
        found = [snapshot for snapshot in self.snapshots if snapshot.epoch == epoch]
        if not found:
            raise ValueError(f"epoch must be one that was kept, {shown(self.epochs)}, but was {shown(epoch)}")
        numbers = [*self.model.parameters(), *buffers_of(self.model)]
        then = [*found[0].parameters, *found[0].buffers]
        if len(then) != len(numbers):
            raise ValueError(f"the model has {len(numbers)} numbers now, but had {len(then)} when it was trained")
        now = [number.data for number in numbers]
        try:
            for number, data in zip(numbers, then, strict=True):
                number.data = data
            with in_mode(self.model, training=False):
                yield self.model
        finally:
            for number, data in zip(numbers, now, strict=True):
                number.data = data

    def as_list(self) -> list[Any]:
        """The snapshots in numbers, lists and dicts."""
        return [[epoch, [*parameters], [*buffers], layers] for epoch, parameters, buffers, layers in self.snapshots]

    def read(self, given: Sequence[Any]) -> None:
        """Take the snapshots that `as_list` gave; TypeError or ValueError if they are none."""
        self.snapshots = [
            Snapshot(
                int(epoch),
                array("d", parameters),
                array("d", buffers),
                {
                    str(title): {str(name): Histogram(*histogram) for name, histogram in found.items()}
                    for title, found in layers.items()
                },
            )
            for epoch, parameters, buffers, layers in given
        ]
