"""The Numba backend: native loops specialised to the program, whole epochs at a time. Needs the extra ``fast``."""

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from engine.compiler.backends.backend import Backend, Function
from engine.compiler.backends.numba.loops import Loops, write_loops
from engine.compiler.backends.numba.update import write_update
from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.nests.nest import Procedure
from engine.compiler.nests.statements import Family, VectorProgram

__all__ = ["NumbaBackend"]

MOST_EXAMPLES = 256  # at a time: so that what a small net computes for them stays in the cache next to the processor
LANES = 8  # examples come in multiples of this, which fill the registers


class NumbaBackend(Backend):
    """A program as native code, compiled when it is first called and then kept on disk.

    Raises:
        ImportError: Numba is not installed.
    """

    def __init__(self, program: VectorProgram, targets: Sequence[Family]) -> None:
        try:
            from engine.compiler.backends.numba.module import NativeModule
        except ImportError as error:
            if error.name != "numba":
                raise
            raise ImportError("the numba backend needs Numba: pip install numba") from None
        self.program = program
        self.targets = list(targets)
        self.memory = Memory(program, write_loops(program, self.targets))
        self.source = self.memory.loops.source
        self._compiled = NativeModule
        self._kernels = NativeModule(self.source)

    def function(self, procedure: Procedure) -> "NumbaFunction":
        return NumbaFunction(self.source, {"value": self.value, "value_and_grad": self.value_and_grad}[procedure.name])

    def function_of_one(self, procedure: Procedure) -> Any:
        return {"value": self.value_of_one, "value_and_grad": self.value_and_grad_of_one}[procedure.name]

    def value(self, theta: Any, *inputs: Any) -> Sequence[Any]:
        memory, X = self.memory, _joined(inputs)
        s, v = memory.shared(theta[:, 0]), memory.examples(len(X))
        out = np.empty((len(memory.outputs), len(X)))
        self._kernels.value(s, v, memory.index, X, np.arange(len(X)), memory.outputs, out)
        return np.split(out, len(out))

    def value_and_grad(self, theta: Any, *inputs_and_seed: Any) -> Sequence[Any]:
        *inputs, seed = inputs_and_seed
        memory, X = self.memory, _joined(inputs)
        s, v = memory.shared(theta[:, 0]), memory.examples(len(X))
        ds, dv = _zeros(*s.shape), _zeros(*v.shape)
        out = np.empty((len(memory.outputs), len(X)))
        dX = np.empty((len(X), 0 if len(theta) else X.shape[1]))
        order, weights = np.arange(len(X)), np.ascontiguousarray(seed[0])
        kernel, rest = self._kernels.value_and_grad, (memory.index, X, order, weights, memory.outputs, out, dX)
        kernel(s, ds, v, dv, *rest)
        if not np.isfinite(ds[: len(theta)]).all():  # is it 0 * inf, of an example that only filled the registers?
            kernel(s, ds, _zeros(len(v), 1), _zeros(len(v), 1), *rest)
        gradients = [ds[: len(theta), None]] if len(theta) else _parted(dX.T, self.targets)
        return [*np.split(out, len(out)), *gradients]

    def value_of_one(self, x: Any) -> Any:
        memory = self._one
        return self._kernels_of_one.value_of_one(memory.template, memory.index, memory.first_input, x, memory.outputs)

    def value_and_grad_of_one(self, x: Any) -> tuple[Any, Any]:
        memory, gradient = self._one, np.empty(len(x))
        value = self._kernels_of_one.value_and_grad_of_one(
            memory.template, memory.index, memory.first_input, x, memory.outputs, gradient
        )
        return value, gradient

    @cached_property
    def _one(self) -> "Memory":
        return Memory(self.program, write_loops(self.program, self.targets, single=True))

    @cached_property
    def _kernels_of_one(self) -> Any:
        return self._compiled(self._one.loops.source)

    def trainer(self, procedure: Procedure, descent: Descent) -> "NumbaTrainer":
        update = write_update(descent.rule, self.program.parameters.rows, descent.n_memories)
        return NumbaTrainer(procedure, self._compiled(f"{self.source}\n\n{update}"), self.memory, descent)


class NumbaFunction(Function):
    """One of the things that a program's native code does."""

    def __init__(self, source: str, run: Any) -> None:
        self.source = source
        self._run = run

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        return self._run(*arrays)


class NumbaTrainer(ArrayTrainer):
    """Epochs in native code: nothing of Python runs between the steps."""

    def __init__(self, procedure: Procedure, kernels: Any, memory: "Memory", descent: Descent) -> None:
        super().__init__(procedure, descent)
        self._kernels = kernels
        self._X = _joined(descent.inputs).copy()
        self._batch_size = descent.batch_size
        self._s, self._v = memory.shared(np.zeros(self.n_parameters)), memory.examples(self._batch_size)
        self._ds, self._dv = _zeros(*self._s.shape), _zeros(*self._v.shape)
        self._constant = memory.index, memory.outputs

    def _run_epochs(self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float]) -> Any:
        index, outputs = self._constant
        turns = np.arange(self.n_examples)[None] if orders is None else orders
        means = np.zeros((len(rates), self.n_outputs))
        self._s[: self.n_parameters] = theta
        count, n_epochs = self._kernels.train(
            self._s, self._ds, self._v, self._dv, index, self._X, turns, self._batch_size,
            np.array(rates, dtype=float), memories, count, outputs, means,
        )  # fmt: skip
        return self._s[: self.n_parameters], memories, count, means[:n_epochs]


class Memory:
    """The arrays that loops run on.

    Attributes:
        loops: the text, and where what lies.
        index: rows that statements look up.
        outputs: (n_outputs, 2) whether each output lies in `s`, and its row.
        template: `s` with the constants in it.
        first_input: the row of the first input.
    """

    def __init__(self, program: VectorProgram, loops: Loops) -> None:
        self.loops = loops
        layout = loops.layout
        self.index = np.array(layout.index, dtype=np.intp)
        self.outputs = np.array(loops.outputs, dtype=np.intp)
        self.template = np.zeros(layout.shared_rows)
        start = layout.place(program.constants)
        self.template[start : start + program.constants.rows] = program.constants.numbers
        self.first_input = layout.place(program.inputs[0]) if program.inputs else 0

    def shared(self, theta: Any) -> Any:
        """A new `s`."""
        s = _zeros(*self.template.shape)
        s[:] = self.template
        s[: len(theta)] = theta
        return s

    def examples(self, batch: int) -> Any:
        """A new `v`, for as many examples of a batch as are computed at a time."""
        turns = -(-batch // MOST_EXAMPLES)
        return _zeros(self.loops.layout.example_rows, -(-batch // (turns * LANES)) * LANES)


def _zeros(*shape: int) -> Any:
    """Zeros that begin where a register's worth of memory does: loads across such a border take twice as long."""
    size = prod(shape)
    numbers = np.zeros(size + LANES - 1)
    skip = -numbers.ctypes.data % (8 * LANES) // 8
    return numbers[skip : skip + size].reshape(shape)


def _joined(inputs: Sequence[Any]) -> Any:
    """All arguments of each example, side by side: (batch, n_inputs)."""
    if not inputs:
        return np.zeros((1, 0))
    rows = (np.concatenate(inputs) if len(inputs) > 1 else inputs[0]).T
    return np.require(rows, requirements=["C", "W"])  # Numba would compile anew for what cannot be written


def _parted(X: Any, families: Sequence[Family]) -> list[Any]:
    return np.split(X, np.cumsum([family.rows for family in families])[:-1])
