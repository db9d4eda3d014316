"""The NumPy backend: the emitted text, run on arrays in main memory that are added to in place."""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np

from engine import arrays
from engine.compiler.backends.backend import Backend
from engine.compiler.backends.code import namespace
from engine.compiler.backends.emit import emit
from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.nests.statements import Family, VectorProgram

__all__ = ["NumpyBackend"]

MOST_NUMBERS = 8192  # in an array: memory for larger ones is given back to the system each time, and cleared anew
FEWEST_EXAMPLES = 128  # at a time all the same


class NumpyBackend(Backend):
    """A program as NumPy."""

    def __init__(self, program: VectorProgram, targets: Sequence[Family]) -> None:
        emitted = emit(program, targets)
        given: dict[str, Any] = {name: np.array(table) for name, table in emitted.tables.items()}
        given |= {"add_at": np.add.at, "broadcast_to": np.broadcast_to, "concatenate": np.concatenate}
        given |= {"copy": lambda a: np.array(a, order="C"), "zeros": np.zeros}  # C: so that a reshape of it is a view
        names = namespace(emitted.source, arrays, given | {"inf": np.inf, "nan": np.nan})
        exec(compile(emitted.source, "<compiled to NumPy>", "exec"), names)
        self.source = emitted.source
        self._value = names["value"]
        self._value_and_grad = names["value_and_grad"]
        self._program = program
        widest = max((family.rows for family in program.inputs), default=1)
        widest = max([widest, *(statement.result.rows for statement in program.statements)])
        self._portion = max(FEWEST_EXAMPLES, MOST_NUMBERS // widest)

    def value(self, theta: Any, inputs: Sequence[Any]) -> Sequence[Any]:
        with np.errstate(all="ignore"):  # inf and nan are answers here, not accidents
            found = [self._value(theta, *portion) for _, portion in self._portions(inputs)]
        return _side_by_side(found)

    def value_and_grad(self, theta: Any, inputs: Sequence[Any], seed: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        with np.errstate(all="ignore"):
            return self._differentiate(theta, inputs, seed)

    def _differentiate(self, theta: Any, inputs: Sequence[Any], seed: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        if seed.shape[1] <= self._portion:  # also where all examples share the first output
            return self._value_and_grad(theta, *inputs, seed)
        found = [self._value_and_grad(theta, *portion, seed[:, columns]) for columns, portion in self._portions(inputs)]
        outputs = _side_by_side([outputs for outputs, _ in found])
        gradients = [gradients for _, gradients in found]
        if len(theta):
            return outputs, [sum(gradient for (gradient,) in gradients)]
        return outputs, _side_by_side(gradients)

    def trainer(self, descent: Descent) -> "NumpyTrainer":
        return NumpyTrainer(self._program, self._differentiate, descent)

    def _portions(self, inputs: Sequence[Any]) -> Iterator[tuple[slice, Sequence[Any]]]:
        """The examples, so many at a time that arrays are small."""
        batch = inputs[0].shape[1] if inputs else 1
        if batch <= self._portion:
            yield slice(None), inputs
            return
        for first in range(0, batch, self._portion):
            columns = slice(first, first + self._portion)
            yield columns, [x[:, columns] for x in inputs]


def _side_by_side(portions: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """What was computed of each portion of the examples, for all of them."""
    if len(portions) == 1:
        return portions[0]
    return [
        parts[0] if parts[0].shape[1] == 1 else np.concatenate(parts, axis=1) for parts in zip(*portions, strict=True)
    ]


class NumpyTrainer(ArrayTrainer):
    """A loop in Python over steps on arrays."""

    def __init__(self, program: VectorProgram, value_and_grad: Callable[..., Any], descent: Descent) -> None:
        super().__init__(program, descent)
        self._value_and_grad = value_and_grad
        self._rule = descent.rule
        self._batch_size = descent.batch_size
        self._columns = [np.array(x, order="C") for x in descent.inputs]  # copies: the caller may go on changing his
        self._rows = [np.array(x.T, order="C") for x in descent.inputs]
        sizes = {self._batch_size, self.n_examples % self._batch_size} - {0}
        self._seeds = {size: np.full((1, size), 1.0 / size) for size in sizes}

    def _run_epochs(self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float]) -> Any:
        n = self.n_examples
        theta, memory = theta[:, None], tuple(memories[:, :, None])
        epochs: list[list[float]] = []

        def ended() -> Any:
            return theta, np.reshape(memory, memories.shape), count, np.reshape(epochs, (-1, self.n_outputs))

        with np.errstate(all="ignore"):  # also for the rule
            for epoch, rate in enumerate(rates):
                sums = [0.0] * self.n_outputs
                for start in range(0, n, self._batch_size):
                    size = min(self._batch_size, n - start)
                    inputs = self._batch(None if orders is None else orders[epoch], start, size)
                    outputs, (gradient,) = self._value_and_grad(theta, inputs, self._seeds[size])
                    means = [float(output.sum()) / output.size for output in outputs]
                    if not isfinite(means[0]):
                        epochs.append(means)
                        return ended()
                    sums = [total + mean * size for total, mean in zip(sums, means, strict=True)]
                    count += 1
                    theta, memory = self._rule(arrays, theta, gradient, memory, rate, count)
                epochs.append([total / n for total in sums])
        return ended()

    def _batch(self, order: Any, start: int, size: int) -> list[Any]:
        if order is not None:
            return [x[order[start : start + size]].T for x in self._rows]
        if size == self.n_examples:
            return self._columns
        return [x[:, start : start + size] for x in self._columns]
