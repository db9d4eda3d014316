"""The Numba backend: native loops specialised to the program, whole epochs at a time. Needs the extra ``fast``."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.backends.backend import Backend, Function
from engine.compiler.backends.numba.layout import Layout
from engine.compiler.backends.numba.loops import Loops, write_loops
from engine.compiler.backends.numba.update import write_rest, write_update
from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.nests.nest import Access, Procedure, whole

__all__ = ["NumbaBackend"]

MOST_EXAMPLES = 256  # at a time: so that what a small net computes for them stays in the cache next to the processor
LANES = 8  # examples come in multiples of this, which fill the registers


class NumbaBackend(Backend):
    """Procedures as native code, compiled when they are first called and then kept on disk.

    Raises:
        ImportError: Numba is not installed.
    """

    def __init__(self) -> None:
        try:
            from engine.compiler.backends.numba.module import NativeModule
        except ImportError as error:
            if error.name != "numba":
                raise
            raise ImportError("the numba backend needs Numba: pip install numba") from None
        self._compiled = NativeModule

    def function(self, procedure: Procedure) -> "NumbaFunction":
        workspace = Workspace(procedure, write_loops(procedure))
        return NumbaFunction(workspace, self._compiled(workspace.loops.source, procedure.name))

    def function_of_one(self, procedure: Procedure) -> Callable[[Any], Any]:
        workspace = Workspace(procedure, write_loops(procedure, single=True))
        kernels = self._compiled(workspace.loops.source, procedure.name)
        _, x, *seeds = workspace.arguments
        value, *gradients = workspace.results
        for seed in seeds:
            workspace.template[seed.rows] = 1.0
        constant = workspace.template, workspace.loops.layout.shared_rows, workspace.index, x.start
        if not gradients:
            nothing = np.empty(0)
            return lambda x: kernels.run_one(*constant, x, value.start, 0, nothing)
        (slopes,) = gradients

        def value_and_grad(x: Any) -> tuple[Any, Any]:
            gradient = np.empty(len(x))
            return kernels.run_one(*constant, x, value.start, slopes.start, gradient), gradient

        return value_and_grad

    def for_each_of_one(self, procedure: Procedure) -> Callable[[Any, Any], Any]:
        workspace = Workspace(procedure, write_loops(procedure, single=True))
        kernels = self._compiled(workspace.loops.source, procedure.name)
        _, x, *seeds, varying = workspace.arguments
        (result,) = workspace.results
        for seed in seeds:
            workspace.template[seed.rows] = 1.0
        constant = workspace.template, workspace.loops.layout.shared_rows, workspace.index, x.start

        def for_each(x: Any, many: Any) -> Any:
            results = np.empty((len(many), result.n))
            kernels.run_one_for_each(*constant, x, varying.start, many, result.start, results)
            return results

        return for_each

    def trainer(self, procedure: Procedure, descent: Descent) -> "NumbaTrainer":
        workspace = Workspace(procedure, write_loops(procedure))
        n_rest = descent.n_statistics + descent.tells_size
        n_parameters = procedure.arguments[0].rows - n_rest
        update = write_update(descent.rule, descent.clip, n_parameters, descent.n_memories, workspace.results[-1].start)
        if n_rest:
            update += write_rest(n_parameters, descent.n_statistics, descent.tells_size)
        kernels = self._compiled(f"{workspace.loops.source}\n\n{update}", "training")
        return NumbaTrainer(procedure, kernels, workspace, descent)


class NumbaFunction(Function):
    """A procedure in native code."""

    def __init__(self, workspace: "Workspace", kernels: Any) -> None:
        self.source = workspace.loops.source
        self._workspace = workspace
        self._kernels = kernels

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        return [results[0] for results in self._run(arrays, 0, np.empty((1, 0)))]

    def for_each(self, *arrays: Any) -> Sequence[Any]:
        *others, many = arrays
        last = self._workspace.arguments[-1]
        return self._run(others, last.start, many[:, :, 0]) if last.shared else super().for_each(*arrays)

    def _run(self, arrays: Sequence[Any], start: int, many: Any) -> Sequence[Any]:
        """The results for each row of an array, which stands in `s` from `start` on."""
        workspace, s = self._workspace, self._workspace.shared(arrays)
        X = _joined([x for x, place in zip(arrays, workspace.arguments, strict=False) if not place.shared])
        own, shared = workspace.wanted
        of_own, of_shared = np.empty((len(many), len(own), len(X))), np.empty((len(many), len(shared), 1))
        v, order = workspace.examples(len(X)), np.arange(len(X))
        self._kernels.run(s, v, workspace.index, X, order, start, many, own, of_own, shared, of_shared)
        results, first = [], [0, 0]
        for place in workspace.results:
            results.append((of_own, of_shared)[place.shared][:, first[place.shared] : first[place.shared] + place.n])
            first[place.shared] += place.n
        return results


class NumbaTrainer(ArrayTrainer):
    """Epochs in native code: nothing of Python runs between the steps."""

    def __init__(self, procedure: Procedure, kernels: Any, workspace: "Workspace", descent: Descent) -> None:
        super().__init__(procedure, descent)
        self._kernels = kernels
        self._X = _joined(descent.inputs).copy()
        self._batch_size = descent.batch_size
        self._s, self._v = workspace.shared(()), workspace.examples(self._batch_size)
        counts = workspace.arguments[1 + len(descent.inputs) :]
        for place in counts:
            if place.shared:
                self._s[place.rows] = 1.0
        outputs = [(place.shared, row) for place in workspace.results[:-1] for row in place.each]
        own = np.array([place.start for place in counts if not place.shared], dtype=np.intp)
        self._constant = workspace.index, np.array(outputs, dtype=np.intp), own

    def _run_epochs(
        self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float], noise: Any
    ) -> Any:
        index, outputs, counts = self._constant
        turns = np.arange(self.n_examples)[None] if orders is None else orders
        self._s[: len(theta)] = theta
        found = []
        for epochs in [slice(None)] if noise is None else [slice(e, e + 1) for e in range(len(rates))]:
            if noise is not None:
                self._X[:, -self.n_noise :] = noise[epochs.start]
            some = np.array(rates[epochs], dtype=float)
            means = np.zeros((len(some), len(outputs)))
            count, n_epochs = self._kernels.train(
                self._s, self._v, index, self._X, turns if orders is None else turns[epochs], self._batch_size,
                some, memories, count, outputs, counts, means,
            )  # fmt: skip
            found.append(means[:n_epochs, : self.n_outputs])
            if not np.isfinite(means[n_epochs - 1 :, 0]).all():
                break
        return self._s[: len(theta)], memories, count, np.concatenate(found)


class Place(NamedTuple):
    """Where an argument or a result is: whether in `s` or `v`, and its rows there."""

    shared: bool
    start: int
    n: int

    @property
    def rows(self) -> slice:
        return slice(self.start, self.start + self.n)

    @property
    def each(self) -> range:
        return range(self.start, self.start + self.n)


class Workspace:
    """The arrays that loops run on.

    Attributes:
        loops: the text, and where what lies.
        index: rows that are looked up.
        template: the first rows of `s`, those that are given, with the constants in them.
        arguments, results: where they are.
        wanted: the rows in `v` of all results that are there, one after the other, and those in `s`.
    """

    def __init__(self, procedure: Procedure, loops: Loops) -> None:
        self.loops = loops
        layout = loops.layout
        self.index = np.array(layout.index, dtype=np.intp)
        self.arguments = [_place(layout, whole(family)) for family in procedure.arguments]
        self.results = [_place(layout, result) for result in procedure.results]
        self.wanted = tuple(
            np.array(
                [row for place in self.results if place.shared == shared for row in place.each],
                dtype=np.intp,
            )
            for shared in (False, True)
        )
        self.template = np.zeros(layout.given_rows)
        self.template[_place(layout, whole(procedure.constants)).rows] = procedure.constants.numbers

    def shared(self, arrays: Sequence[Any]) -> Any:
        """A new `s`, with those arguments that are there."""
        s = _zeros(self.loops.layout.shared_rows)
        s[: len(self.template)] = self.template
        for place, x in zip(self.arguments, arrays, strict=False):
            if place.shared:
                s[place.rows] = x[:, 0]
        return s

    def examples(self, batch: int) -> Any:
        """A new `v`, for as many examples of a batch as are computed at a time."""
        turns = -(-batch // MOST_EXAMPLES) if self.loops.in_portions else 1
        return _zeros(self.loops.layout.example_rows, -(-batch // (turns * LANES)) * LANES)


def _place(layout: Layout, access: Access) -> Place:
    rows = access.index.rows  # one after the other
    return Place(layout.is_shared(access.family), layout.place(access.family) + (rows[0] if rows else 0), len(rows))


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
