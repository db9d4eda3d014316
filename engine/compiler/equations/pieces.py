"""Pieces: operands as they are best written: a matrix of one row as a vector, a product in pieces that fit together."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.compiler.nests.statements import Elementwise, Family, Index, Operand, Product, Reduction, Statement
from engine.ops import TOTAL

__all__ = [
    "Pair",
    "cut",
    "flat",
    "in_memory",
    "matrix_and_vector",
    "needs_vector",
    "pairs_of",
    "row_of",
    "shape_of",
    "summands",
    "transposed_index",
    "view",
]


class Pair(NamedTuple):
    """A matrix and the vector that it is multiplied by, and the operands of a product that they are parts of."""

    matrix: Operand
    vector: Operand
    of_matrix: Operand
    of_vector: Operand


def pairs_of(statement: Product) -> Iterator[Pair]:
    """A product in as many pieces as its matrix or its vector has."""
    start = 0
    for of_matrix in statement.matrix:
        for of_vector in statement.vector:
            whole = of_matrix.index.width or 0, len(of_vector.index.rows)
            columns, start = range(start, start + min(whole)), start + min(whole)
            matrix, vector = of_matrix, of_vector
            if len(statement.vector) > 1:
                width = whole[0]
                rows = [of_matrix.index.rows[i : i + width] for i in range(0, len(of_matrix.index.rows), width)]
                index = Index(tuple(row[c] for row in rows for c in columns), len(columns), of_matrix.index.total)
                matrix = Operand(of_matrix.family, index)
            if len(statement.matrix) > 1:
                rows_of_vector = tuple(of_vector.index.rows[c] for c in columns)
                vector = Operand(of_vector.family, Index(rows_of_vector, None, of_vector.index.total))
            yield Pair(matrix, vector, of_matrix, of_vector)


def cut(statement: Statement) -> tuple[Operand, ...]:
    """The operand of a product that is in one piece while its counterpart is in several, and is cut like that."""
    if isinstance(statement, Product):
        if len(statement.matrix) > 1:
            return statement.vector
        if len(statement.vector) > 1:
            return statement.matrix
    return ()


def summands(statement: Statement) -> tuple[Operand, ...]:
    """The operands that are added as they are, all of them: where they are 0, they can be left out."""
    if isinstance(statement, Reduction):
        columns = statement.op == TOTAL and statement.result.rows > 1
        return tuple(o for o in statement.matrix if columns and o.index.width == 1 and o.index.covers)
    bias = None if isinstance(statement, Elementwise) else statement.bias
    return (bias,) if bias is not None and bias.index.covers else ()


def matrix_and_vector(a: Operand, b: Operand) -> Pair | None:
    """Two matrices, of which one has the same row again and again: the other one, and that row."""
    for matrix, other in ((a, b), (b, a)):
        width = other.index.width or 1
        if other.index.rows == other.index.rows[:width] * (len(other.index.rows) // width):
            row = Operand(other.family, Index(other.index.rows[:width], None, other.index.total))
            return Pair(matrix, row, matrix, other)
    return None


def view(operand: Operand, statement: Statement) -> Operand:
    """A matrix of a single row as a vector; anything else as it is."""
    return flat(operand) if operand.index.width is not None and statement.result.rows == 1 else operand


def flat(operand: Operand) -> Operand:
    """All numbers of a matrix as a vector."""
    return Operand(operand.family, Index(operand.index.rows, None, operand.index.total))


def needs_vector(statement: Statement) -> bool:
    """Whether its derivative has to be a vector, as one number for all rows would not do in a product."""
    return statement.result.rows > 1 and not isinstance(statement, Elementwise)


def transposed_index(index: Index) -> Index:
    """Of a matrix, where it stands upside down."""
    width = index.width or 1
    rows = tuple(row for first in range(width) for row in index.rows[first::width])
    return Index(rows, len(rows) // width, index.total)


def in_memory(family: Family) -> Index:
    """The rows of the memory that a family is a part of."""
    assert family.memory is not None
    return Index(tuple(range(family.start, family.start + family.rows)), None, family.memory.rows)


def row_of(index: Index) -> Index:
    """The first row of several."""
    return Index(index.rows[:1], None, index.total)


def shape_of(index: Index) -> str:
    """What a line says of the shape: "16" or "16, 2"."""
    n = len(index.rows)
    return str(n) if index.width is None else f"{n // index.width}, {index.width}"
