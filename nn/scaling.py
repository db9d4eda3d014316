"""Scalers: columns of numbers brought to a common size, by statistics that are kept with the model.

They are Modules without parameters. Their statistics are Buffers, so they are in the state of the model and in its
file, and a network that begins with a scaler takes numbers as they were measured.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from engine.arguments import plain_lists, real_number
from nn.arguments import check_inputs, check_size, inputs_of
from nn.hints import hinting
from nn.module import Buffer, Module
from nn.training.data import check_rows

__all__ = ["MinMaxScaler", "Standardizer"]


class Scaler(Module):
    """What all scalers share. A subclass has two statistics of each column, and y = (x - first) / second + `low`."""

    names: ClassVar[tuple[str, str]]  # of the statistics, which are attributes
    low = 0.0

    def __init__(self, n_inputs: int | None = None) -> None:
        self._resize(0 if n_inputs is None else check_size("n_inputs", n_inputs))

    def _resize(self, n_inputs: int) -> None:
        for name, start in zip(self.names, (0.0, 1.0), strict=True):  # what leaves a number as it is
            setattr(self, name, [Buffer(start) for _ in range(n_inputs)])
        self._place_parts()

    @property
    def n_inputs(self) -> int | None:  # type: ignore[override]
        return len(self._buffers[0]) or None

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        return self.n_inputs or n_inputs

    @property
    def output_activation(self) -> str:
        return "linear"

    @property
    def _buffers(self) -> tuple[list[Buffer], list[Buffer]]:
        first, second = (getattr(self, name) for name in self.names)
        return first, second

    def fit(self, X: Any) -> Self:
        """Learn the statistics of these columns, in place of those of others.

        Args:
            X: (n_rows, n_inputs) numbers: lists, an array, or a table such as pandas has.

        Returns:
            The scaler itself.

        Raises:
            ValueError: X is empty, ragged, or holds a nan, infinity or what is no number; or a column's smallest and
                largest numbers are so far apart that no float says how far.
        """
        import numpy as np

        columns = np.array(check_rows(plain_lists(X)), dtype=float).T
        with np.errstate(over="ignore"):
            spreads = columns.max(axis=1) - columns.min(axis=1)
        for column, spread in zip(columns, spreads, strict=True):
            if not np.isfinite(spread):
                raise ValueError(f"a column of X goes from {column.min()} to {column.max()}, which is too far to scale")
        if len(columns) != self.n_inputs:
            self._resize(len(columns))
        for buffers, statistics in zip(self._buffers, self._measured(columns, spreads), strict=True):
            for buffer, statistic in zip(buffers, statistics.tolist(), strict=True):
                buffer.data = statistic
        return self

    def _measured(self, columns: Any, spreads: Any) -> tuple[Any, Any]:
        """The two statistics of each column; the second is not 0.

        Args:
            columns: an array, with a row for each of them.
            spreads: how far each goes from its smallest to its largest number.
        """
        raise NotImplementedError(f"{type(self).__name__} has no statistics")

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        self._check_fitted()
        numbers = inputs_of(self, self.n_inputs, x, *more)
        return [self._scaled(*entry) for entry in zip(numbers, *self._buffers, strict=True)]

    def transform(self, X: Any) -> Any:
        """The rows, scaled.

        Args:
            X: (n_rows, n_inputs) numbers, as for `fit`.

        Returns:
            array: (n_rows, n_inputs).

        Raises:
            ValueError: X is wrong as for `fit`, or has another number of columns.
        """
        return self._scaled(self._array(X), *self._arrays())

    def inverse_transform(self, X: Any) -> Any:
        """The rows as they were before `transform`, to the rounding of floats.

        Args:
            X: (n_rows, n_inputs) scaled numbers.

        Returns:
            array: (n_rows, n_inputs).

        Raises:
            ValueError: as for `transform`.
        """
        shift, scale = self._arrays()
        return (self._array(X) - self.low) * scale + shift

    def _scaled(self, x: Any, shift: Any, scale: Any) -> Any:
        y = (x - shift) / scale
        return y + self.low if self.low else y

    def _arrays(self) -> tuple[Any, Any]:
        import numpy as np

        shift, scale = (np.array([buffer.data for buffer in buffers]) for buffers in self._buffers)
        return shift, scale

    def _array(self, X: Any) -> Any:
        import numpy as np

        self._check_fitted()
        rows = check_rows(plain_lists(X))
        check_inputs(repr(self), self.n_inputs, rows[0])
        return np.array(rows, dtype=float)

    def _check_fitted(self) -> None:
        if self.n_inputs is None:
            raise ValueError(f"{self!r} has no statistics yet: call fit(X) first, or say how many columns there are")

    def settings(self) -> dict[str, Any]:
        return {"n_inputs": self.n_inputs}

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.settings().items() if value is not None)
        return f"{type(self).__name__}({given})"


@hinting
class Standardizer(Scaler):
    """Columns brought to mean 0 and standard deviation 1: (x - mean) / deviation.

    Made by itself it transforms tables; as the first part of a model it scales what the model is given, and is saved
    with it. (scikit-learn's StandardScaler computes the same, but no model file holds it.)

    Args:
        n_inputs: how many columns there are; None for as many as `fit` finds.

    Attributes:
        mean, deviation (list of Buffer): of each column; 0 and 1 before `fit`, so that it changes nothing. The
            deviation is that of the rows themselves (divided by their number, not by one less), and 1 for a column
            whose numbers are all alike, which becomes 0.

    Raises:
        ValueError: there are fewer columns than 1.

    Example:
        >>> scaler = Standardizer().fit([[1.0, 5.0], [3.0, 5.0]])
        >>> scaler.transform([[1.0, 5.0], [4.0, 6.0]]).tolist()
        [[-1.0, 0.0], [2.0, 1.0]]
        >>> [number.data for number in scaler([1.0, 5.0])], scaler.inverse_transform([[2.0, 1.0]]).tolist()
        ([-1.0, 0.0], [[4.0, 6.0]])
    """

    names = ("mean", "deviation")
    mean: list[Buffer]
    deviation: list[Buffer]

    def _measured(self, columns: Any, spreads: Any) -> tuple[Any, Any]:
        import numpy as np

        start, unit = columns.min(axis=1), np.where(spreads > 0, spreads, 1.0)
        shares = (columns - start[:, None]) / unit[:, None]  # from 0 to 1, whose squares are no larger
        deviation = shares.std(axis=1) * unit
        return start + shares.mean(axis=1) * unit, np.where(deviation > 0, deviation, 1.0)


@hinting
class MinMaxScaler(Scaler):
    """Columns brought to a range: the smallest number becomes `low`, the largest `high`.

    Args:
        n_inputs: as for `Standardizer`.
        low, high: these.

    Attributes:
        smallest, step (list of Buffer): of each column the smallest number, and the difference that becomes 1; 0 and 1
            before `fit`. The step is 1 for a column whose numbers are all alike, which becomes `low`.

    Raises:
        ValueError: there are fewer columns than 1, or `high` is not above `low`.

    Example:
        >>> scaler = MinMaxScaler(low=-1.0).fit([[1.0, 5.0], [3.0, 5.0]])
        >>> scaler.transform([[1.0, 5.0], [3.0, 6.0]]).tolist()
        [[-1.0, -1.0], [1.0, 0.0]]
    """

    names = ("smallest", "step")
    smallest: list[Buffer]
    step: list[Buffer]

    def __init__(self, n_inputs: int | None = None, low: float = 0.0, high: float = 1.0) -> None:
        super().__init__(n_inputs)
        self.low = real_number("low", low, "a finite number", lambda x: True)
        self.high = real_number(
            "high", high, f"a number above low, {self.low!r}, not too far", lambda x: 0 < x - self.low < math.inf
        )

    def _measured(self, columns: Any, spreads: Any) -> tuple[Any, Any]:
        import numpy as np

        steps = spreads / (self.high - self.low)
        return columns.min(axis=1), np.where(steps > 0, steps, 1.0)

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "low": self.low, "high": self.high}
