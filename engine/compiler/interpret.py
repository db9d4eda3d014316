"""Interpret: carry out a vector program, forward and backward, on arrays of any library with NumPy's interface.

Every vector is an array (rows, batch), or (rows, 1) where all examples share it, so that broadcasting
does the rest. The rows of the op table compute on these arrays as they do on single numbers.
"""

from typing import Any, Protocol

from engine.compiler.program import (
    Elementwise,
    Family,
    Operand,
    Product,
    Statement,
    Sum,
    VectorProgram,
    operands_of,
)

__all__ = ["Arrays", "Interpreter"]

Array = Any


class Arrays(Protocol):
    """What a backend provides: an array library, and the algebra that the op table needs."""

    @property
    def xp(self) -> Any:
        """The library: zeros, concatenate, ..."""

    @property
    def algebra(self) -> Any:
        """The functions that the op table calls by name."""

    def add_at(self, array: Array, where: Any, term: Array, repeats: bool) -> Array:
        """The array with a term added at some rows, which may be among them more than once. May change the array."""

    def put(self, array: Array, where: Any, rows: Array) -> Array:
        """The array with some rows replaced. May change the array."""


class Interpreter:
    """A vector program, ready to run.

    Args:
        program: what to compute.
        arrays: what with.
    """

    def __init__(self, program: VectorProgram, arrays: Arrays) -> None:
        self.program = program
        self.arrays = arrays
        self._gathers: dict[int, Array] = {}
        self._constants = arrays.xp.array(program.constants.numbers, dtype=float).reshape(-1, 1)

    def forward(self, theta: Array, inputs: list[Array]) -> dict[Family, Array]:
        """Every family's numbers.

        Args:
            theta: (n_parameters, 1).
            inputs: for each argument (rows, batch).
        """
        program = self.program
        known = dict(zip(program.inputs, inputs, strict=True))
        known[program.parameters] = theta
        known[program.constants] = self._constants
        for statement in program.statements:
            known[statement.result] = self._compute(statement, known)
        return known

    def output(self, known: dict[Family, Array]) -> Array:
        """The result, (1, batch) or (1, 1)."""
        return self._take(self.program.output, known)

    def backward(self, known: dict[Family, Array], seed: Array, targets: set[Family]) -> dict[Family, Array]:
        """The derivative of (seed * output, summed over the batch) with respect to some families.

        Args:
            known: what `forward` gave.
            seed: as wide as the output.
            targets: the families asked for.

        Returns:
            dict from family to an array of its shape; a family without one does not matter to the output.
        """
        dependent = set(targets)
        for statement in self.program.statements:
            if any(operand.family in dependent for operand in operands_of(statement)):
                dependent.add(statement.result)
        adjoint: dict[Family, Array] = {}
        self._borrowed: set[Family] = set()

        def add(operand: Operand, term: Array) -> None:
            if operand.family in dependent:
                self._accumulate(adjoint, known, operand, term)

        if self.program.output.family in dependent:
            add(self.program.output, seed)
        for statement in reversed(self.program.statements):
            if statement.result in adjoint:
                delta = adjoint[statement.result]
                if isinstance(statement, Elementwise):
                    self._pull_elementwise(statement, known, delta, dependent, add)
                    continue
                if isinstance(statement, Product):
                    self._pull_product(statement, known, delta, dependent, add)
                else:
                    self._pull_sum(statement, known, delta, dependent, add)
                if statement.bias is not None:
                    add(statement.bias, delta)
        return {family: adjoint[family] for family in targets if family in adjoint}

    # --- statements forward ---

    def _compute(self, statement: Statement, known: dict[Family, Array]) -> Array:
        if isinstance(statement, Elementwise):
            xs = [self._take(operand, known) for operand in statement.operands]
            z = statement.op.value(self.arrays.algebra, *xs)
            rows = statement.result.rows
            return z if z.shape[0] == rows else self.arrays.xp.broadcast_to(z, (rows, z.shape[1]))
        if isinstance(statement, Product):
            z = self._matrix(statement.matrix, known) @ self._vector(statement.vector, known)
        else:
            left = self._cube(statement.left, known)
            z = (left * self._cube(statement.right, known) if statement.right else left).sum(axis=1)
        return z if statement.bias is None else z + self._take(statement.bias, known)

    # --- statements backward ---

    def _pull_elementwise(self, statement: Elementwise, known: Any, delta: Array, dependent: Any, add: Any) -> None:
        xs = [self._take(operand, known) for operand in statement.operands]
        partials = statement.op.partials(self.arrays.algebra, known[statement.result], *xs)
        for operand, partial in zip(statement.operands, partials, strict=True):
            if operand.family in dependent and not (isinstance(partial, float) and partial == 0.0):
                add(operand, delta if isinstance(partial, float) and partial == 1.0 else delta * partial)

    def _pull_product(self, statement: Product, known: Any, delta: Array, dependent: Any, add: Any) -> None:
        if any(operand.family in dependent for operand in statement.matrix):
            columns = delta @ self._vector(statement.vector, known, delta.shape[1]).T
            for operand, start, stop in _stretches(statement.matrix):
                add(operand, columns[:, start:stop, None])
        if any(operand.family in dependent for operand in statement.vector):
            rows = self._matrix(statement.matrix, known).T @ delta
            for operand, start, stop in _stretches(statement.vector):
                add(operand, rows[start:stop])

    def _pull_sum(self, statement: Sum, known: Any, delta: Array, dependent: Any, add: Any) -> None:
        sides = ((statement.left, statement.right), (statement.right, statement.left))
        for side, other in sides:
            if any(operand.family in dependent for operand in side):
                width = sum(operand.index.width or 0 for operand in side)
                factor = self._cube(other, known) if other else self.arrays.xp.ones((1, width, 1))
                term = delta[:, None, :] * factor
                for operand, start, stop in _stretches(side):
                    add(operand, term[:, start:stop])

    # --- reading and adding to rows of a family ---

    def _take(self, operand: Operand, known: dict[Family, Array]) -> Array:
        array, index = known[operand.family], operand.index
        match index.form:
            case "all":
                return array
            case "one":
                return array[index.rows[0] : index.rows[0] + 1]
            case "slice":
                return array[index.slice]
            case "block":
                start, stride, height = index.block  # type: ignore[misc]
                block = array[start : start + height * stride]
                return block.reshape(height, stride, array.shape[1])[:, : index.width]
        gathered = array[self._positions(operand)]
        return gathered

    def _vector(self, operands: tuple[Operand, ...], known: Any, width: int | None = None) -> Array:
        xp = self.arrays.xp
        parts = []
        for operand in operands:
            part = self._take(operand, known)
            n = len(operand.index.rows)
            parts.append(part if part.shape[0] == n else xp.broadcast_to(part, (n, part.shape[1])))
        width = max([part.shape[1] for part in parts] + [width or 1])
        parts = [part if part.shape[1] == width else xp.broadcast_to(part, (part.shape[0], width)) for part in parts]
        return parts[0] if len(parts) == 1 else xp.concatenate(parts)

    def _matrix(self, operands: tuple[Operand, ...], known: Any) -> Array:
        return self._cube(operands, known)[:, :, 0]

    def _cube(self, operands: tuple[Operand, ...], known: Any) -> Array:
        xp = self.arrays.xp
        parts = [self._take(operand, known) for operand in operands]
        if len(parts) == 1:
            return parts[0]
        depth = max(part.shape[2] for part in parts)
        return xp.concatenate([xp.broadcast_to(part, (*part.shape[:2], depth)) for part in parts], axis=1)

    def _positions(self, operand: Operand) -> Array:
        key = id(operand)
        if key not in self._gathers:
            import numpy as np

            positions = np.array(operand.index.rows)
            self._gathers[key] = (
                positions if operand.index.width is None else positions.reshape(-1, operand.index.width)
            )
        return self._gathers[key]

    def _accumulate(self, adjoint: Any, known: Any, operand: Operand, term: Array) -> None:
        family, index = operand.family, operand.index
        width = known[family].shape[1]
        if width < term.shape[-1]:  # shared by the examples, each of which contributes
            term = term.sum(axis=-1, keepdims=True)
        if index.form == "one" and term.shape[0] > 1:  # shared by the rows likewise
            term = term.sum(axis=0, keepdims=True)
        if index.form == "all" and family not in adjoint and term.shape == (family.rows, width):
            adjoint[family] = term  # perhaps another family's array too: not to be changed in place
            self._borrowed.add(family)
            return
        if family not in adjoint:
            adjoint[family] = self.arrays.xp.zeros((family.rows, width))
        elif index.form != "all" and family in self._borrowed:
            adjoint[family] = adjoint[family] + 0.0
            self._borrowed.remove(family)
        array = adjoint[family]
        match index.form:
            case "all":
                adjoint[family] = array + term
                self._borrowed.discard(family)
            case "one":
                where: Any = slice(index.rows[0], index.rows[0] + 1)
                adjoint[family] = self.arrays.add_at(array, where, term, False)
            case "slice":
                adjoint[family] = self.arrays.add_at(array, index.slice, term, False)
            case "block":
                start, stride, height = index.block  # type: ignore[misc]
                rows = slice(start, start + height * stride)
                block = array[rows].reshape(height, stride, width)
                block = self.arrays.add_at(block, (slice(None), slice(0, index.width)), term, False)
                adjoint[family] = self.arrays.put(array, rows, block.reshape(-1, width))
            case _:
                positions = self._positions(operand)
                term = self.arrays.xp.broadcast_to(term, (*positions.shape, width))
                adjoint[family] = self.arrays.add_at(array, positions, term, index.repeats)


def _stretches(operands: tuple[Operand, ...]) -> Any:
    """Each operand with where it begins and ends side by side with the others."""
    start = 0
    for operand in operands:
        size = operand.index.width if operand.index.width is not None else len(operand.index.rows)
        yield operand, start, start + size
        start += size
