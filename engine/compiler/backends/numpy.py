"""The NumPy backend: the emitted text, run on arrays in main memory that are added to in place."""

import sys
from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Any

import numpy as np

from engine import arrays
from engine.compiler.backends.backend import Backend, Function
from engine.compiler.backends.emit import emit
from engine.compiler.backends.expression import namespace
from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.backends.turns import Turn
from engine.compiler.nests.nest import Procedure

__all__ = ["NumpyBackend"]

MOST_NUMBERS = 8192  # in an array: memory for larger ones is given back to the system each time, and cleared anew
FEWEST_EXAMPLES = 128  # at a time all the same


class NumpyBackend(Backend):
    """Procedures as NumPy."""

    def __init__(self) -> None:
        self._functions: dict[Procedure, NumpyFunction] = {}

    def function(self, procedure: Procedure) -> "NumpyFunction":
        if procedure not in self._functions:
            self._functions[procedure] = NumpyFunction(procedure)
        return self._functions[procedure]

    def trainer(self, procedure: Procedure, descent: Descent) -> "NumpyTrainer":
        return NumpyTrainer(procedure, self.function(procedure).quietly, descent)


class NumpyFunction(Function):
    """A procedure as NumPy."""

    def __init__(self, procedure: Procedure) -> None:
        emitted = emit(procedure)
        given: dict[str, Any] = {name: np.array(table) for name, table in emitted.tables.items()}
        given |= {name: list(map(_with_arrays, turns)) for name, turns in emitted.turns.items()}
        given |= {"add_at": np.add.at, "broadcast_to": np.broadcast_to, "concatenate": np.concatenate}
        given |= {"copy": lambda a: np.array(a, order="C")}  # C: so that a reshape of it is a view
        given |= {"empty": np.empty, "zeros": np.zeros}
        names = namespace(emitted.source, arrays, given | {"inf": np.inf, "nan": np.nan})
        exec(compile(emitted.source, "<compiled to NumPy>", "exec"), names)
        self.source = emitted.source
        self._run = names[procedure.name]
        families = [*procedure.arguments, *procedure.computed]
        widest = max((family.rows for family in families if family.pool is None and not family.shared), default=1)
        self._portion = sys.maxsize if procedure.looks_across else max(FEWEST_EXAMPLES, MOST_NUMBERS // widest)
        self._is_shared = [family.shared for family in procedure.arguments]
        self._per_example = procedure.per_example
        self._is_sum = procedure.sums

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        with np.errstate(all="ignore"):  # inf and nan are answers here, not accidents
            return self.quietly(*arrays)

    def quietly(self, *arrays: Any) -> Sequence[Any]:
        """The same, where warnings are off already."""
        batch = 1 if self._per_example is None else arrays[self._per_example].shape[1]
        if batch <= self._portion:
            return self._run(*arrays)
        found = []
        for first in range(0, batch, self._portion):
            columns = slice(first, first + self._portion)
            some = [a if shared else a[:, columns] for a, shared in zip(arrays, self._is_shared, strict=True)]
            found.append(self._run(*some))
        return [
            sum(parts) if is_sum else parts[0] if parts[0].shape[1] == 1 else np.concatenate(parts, axis=1)
            for parts, is_sum in zip(zip(*found, strict=True), self._is_sum, strict=True)
        ]


def _with_arrays(turn: Turn) -> Turn:
    """A turn whose lists of rows are arrays, by which NumPy gathers sooner."""
    kind, touched = turn
    return kind, tuple([np.array(rows) if isinstance(rows, list) else rows for rows in touched])


class NumpyTrainer(ArrayTrainer):
    """A loop in Python over steps on arrays."""

    def __init__(self, procedure: Procedure, value_and_grad: Callable[..., Any], descent: Descent) -> None:
        super().__init__(procedure, descent)
        self._value_and_grad = value_and_grad
        self._rule, self._clip = descent.rule, descent.clip
        self._batch_size = descent.batch_size
        self._columns = [np.array(x, order="C") for x in descent.inputs]  # copies: the caller may go on changing his
        self._rows = [np.array(x.T, order="C") for x in descent.inputs]
        sizes = {self._batch_size, self.n_examples % self._batch_size} - {0}
        self._counts_of = {size: [np.full((1, n), 1.0 / n) for n in self.widths_of_counts(size)] for size in sizes}

    def _run_epochs(
        self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float], noise: Any
    ) -> Any:
        n = self.n_examples
        theta, memory = theta[:, None], tuple(memories[:, :, None])
        epochs: list[list[float]] = []

        def ended() -> Any:
            return theta, np.reshape(memory, memories.shape), count, np.reshape(epochs, (-1, self.n_outputs))

        with np.errstate(all="ignore"):  # also for the rule
            for epoch, rate in enumerate(rates):
                sums = [0.0] * self.n_outputs
                if noise is not None:
                    self._columns[-1], self._rows[-1] = noise[epoch].T, noise[epoch]
                for start in range(0, n, self._batch_size):
                    size = min(self._batch_size, n - start)
                    inputs = self._batch(None if orders is None else orders[epoch], start, size)
                    if self.tells_size:
                        theta[-1] = size
                    *outputs, gradient = self._value_and_grad(theta, *inputs, *self._counts_of[size])
                    means = [float(output.sum()) / output.size for output in outputs[: self.n_outputs]]
                    if not isfinite(means[0]):
                        epochs.append(means)
                        return ended()
                    sums = [total + mean * size for total, mean in zip(sums, means, strict=True)]
                    count += 1
                    rest = self._rest(theta, outputs)
                    if rest:
                        theta, gradient = theta[: self.n_parameters], gradient[: self.n_parameters]
                    if self._clip:
                        gradient = self._clip(arrays, gradient, _norm(gradient))
                    theta, memory = self._rule(arrays, theta, gradient, memory, rate, count)
                    if rest:
                        theta = np.concatenate([theta, *rest])
                epochs.append([total / n for total in sums])
        return ended()

    def _rest(self, theta: Any, outputs: Sequence[Any]) -> list[Any]:
        """What stands behind the parameters in theta after a step: the statistics, and the size of the batch."""
        statistics = [x if x.shape[1] == 1 else x.mean(axis=1, keepdims=True) for x in outputs[self.n_outputs :]]
        return [*statistics, *[theta[-1:]] * self.tells_size]

    def _batch(self, order: Any, start: int, size: int) -> list[Any]:
        if order is not None:
            return [x[order[start : start + size]].T for x in self._rows]
        if size == self.n_examples:
            return self._columns
        return [x[:, start : start + size] for x in self._columns]


def _norm(gradient: Any) -> Any:
    """The root of the sum of the squares, none of which is beyond the floats."""
    peak = np.abs(gradient).max()
    scale = peak if 0 < peak < inf else 1.0
    return scale * np.linalg.norm(gradient / scale)
