"""The vector program as data: families of numbers, and statements that compute one from others."""

from dataclasses import dataclass, field
from functools import cached_property

from engine.ops import Op

__all__ = [
    "Dots",
    "Elementwise",
    "Family",
    "Index",
    "Operand",
    "Product",
    "Reduction",
    "Statement",
    "VectorProgram",
]


@dataclass(eq=False)
class Family:
    """Numbers that are computed, or given, in the same way: a vector.

    Attributes:
        name: such as "z1".
        kind: "input", "parameter", "constant" or "computed".
        shared: whether it is the same for every example, or there is one for each.
        rows: how many numbers it holds.
        numbers: of constants, what they are.
        labels: of parameters, what the user calls each, or "".
        memory: the family that this one is a part of, if it is none of its own; `start` is its first row there.
        derivative_of: of derivatives, what they are by; `prefix` is what their names have more.
    """

    name: str
    kind: str
    shared: bool
    rows: int = 0
    numbers: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    memory: "Family | None" = None
    start: int = 0
    derivative_of: "Family | None" = None
    prefix: str = ""


@dataclass(frozen=True)
class Index:
    """Which rows of a family, in an order: one for each row of a result, or a matrix of them.

    Attributes:
        rows: the indices, row by row of the matrix.
        width: how many columns the matrix has; None for a plain list.
        total: how many rows the family has.
    """

    rows: tuple[int, ...]
    width: int | None
    total: int

    @cached_property
    def form(self) -> str:
        """How it can be had: "all", "one" (the same row for all), "slice", "block" (a part of a matrix) or "gather"."""
        if self.width is not None:
            return "block" if self.block else "gather"
        if self.covers:
            return "all"
        if len(set(self.rows)) == 1:
            return "one"
        return "slice" if self.slice else "gather"

    @cached_property
    def slice(self) -> slice | None:
        """The rows as a slice, if they are one."""
        first = self.rows[0]
        step = self.rows[1] - first if len(self.rows) > 1 else 1
        if step < 1 or any(row != first + i * step for i, row in enumerate(self.rows)):
            return None
        return slice(first, self.rows[-1] + 1, step)

    @cached_property
    def block(self) -> tuple[int, int, int] | None:
        """(start, stride, height) if row r, column c of the matrix is row start + r * stride + c of the family."""
        assert self.width is not None
        height = len(self.rows) // self.width
        start = self.rows[0]
        stride = self.rows[self.width] - start if height > 1 else self.width
        if stride < self.width or start + height * stride > self.total:
            return None
        regular = all(row == start + (i // self.width) * stride + i % self.width for i, row in enumerate(self.rows))
        return (start, stride, height) if regular else None

    @cached_property
    def covers(self) -> bool:
        """Whether it has every row of the family once, in order, be it as a matrix."""
        return len(self.rows) == self.total and self.rows == tuple(range(self.total))

    @cached_property
    def repeats(self) -> bool:
        """Whether a row occurs more than once, so that contributions to it must be added up."""
        return len(set(self.rows)) < len(self.rows)


@dataclass(frozen=True, eq=False)
class Operand:
    """Rows of a family."""

    family: Family
    index: Index

    def reads_as(self, other: "Operand") -> bool:
        """Whether it has the numbers that another one has, in their order, be it as a matrix."""
        return (self.family, self.index.rows) == (other.family, other.index.rows)


@dataclass(frozen=True, eq=False)
class Elementwise:
    """result[r] = op(operands[0][r], operands[1][r], ...)"""

    result: Family
    op: Op
    operands: tuple[Operand, ...]


@dataclass(frozen=True, eq=False)
class Product:
    """result = matrix @ vector + bias, with a matrix that all examples share."""

    result: Family
    matrix: tuple[Operand, ...]  # side by side
    vector: tuple[Operand, ...]  # one below the other; of matrix and vector one is in one piece
    bias: Operand | None


@dataclass(frozen=True, eq=False)
class Dots:
    """result[r] = sum over c of left[r, c] * right[r, c], + bias[r]"""

    result: Family
    left: tuple[Operand, ...]  # side by side
    right: tuple[Operand, ...]  # likewise, and each as wide as its counterpart
    bias: Operand | None


@dataclass(frozen=True, eq=False)
class Reduction:
    """result[r] = op(matrix[r, 0], matrix[r, 1], ...), for an operation on any number of operands."""

    result: Family
    op: Op
    matrix: tuple[Operand, ...]  # side by side


Statement = Elementwise | Product | Dots | Reduction


@dataclass(eq=False)
class VectorProgram:
    """Families and the statements that compute them, in order.

    Attributes:
        inputs: the family of each argument.
        parameters: the family of all parameters.
        constants: the family of all constants.
        statements: what to do.
        outputs: where the results are: for each one row of a family. The first is the one to differentiate.
        n_scalars: how many scalar operations it stands for.
    """

    inputs: list[Family]
    parameters: Family
    constants: Family
    statements: list[Statement]
    outputs: list[Operand]
    n_scalars: int
