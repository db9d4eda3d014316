"""Accesses as they are best written: without an axis along which nothing changes."""

from dataclasses import replace

from engine.compiler.nests.nest import Access, Family, Index, Nest

__all__ = ["flat", "in_pool", "is_whole", "repeated", "shape_of", "simplest", "transposed_index"]


def simplest(access: Access) -> Access:
    """The same numbers with as few axes as tell them apart: a matrix whose rows are all the same is one row."""
    rows, width, axes = access.index.rows, access.index.width, access.axes
    if axes == "rc":
        width = width or 1
        if rows[:width] * (len(rows) // width) == rows:
            rows, axes = rows[:width], "c"
        elif width == 1:
            axes = "r"
        else:
            return access
    if rows[:1] * len(rows) == rows:
        rows, axes = rows[:1], ""
    return Access(access.family, Index(rows, None, access.index.total), axes)


def flat(access: Access) -> Access:
    """A matrix of a single row as a vector; anything else as it is."""
    if access.axes != "rc" or access.n_rows > 1:
        return access
    return Access(access.family, Index(access.index.rows, None, access.index.total), "c")


def repeated(access: Access, n: int) -> Access:
    """A single number as a vector of n."""
    return access if access.axes else replace(access, index=replace(access.index, rows=access.index.rows * n), axes="c")


def is_whole(access: Access, nest: Nest) -> bool:
    """Whether a nest has it as a vector, with every row of its family once and in order."""
    is_vector = access.axes in ("r", "c") or (access.axes == "rc" and nest.n_rows == 1)
    return is_vector and access.index.covers


def transposed_index(index: Index) -> Index:
    """Of a matrix, where it stands upside down."""
    width = index.width or 1
    rows = tuple(row for first in range(width) for row in index.rows[first::width])
    return Index(rows, len(rows) // width, index.total)


def in_pool(family: Family) -> Index:
    """The rows of the pool that a family is a part of."""
    return Index(tuple(range(family.start, family.start + family.rows)), None, family.home.rows)


def shape_of(index: Index) -> str:
    """What a line says of the shape: "16" or "16, 2"."""
    n = len(index.rows)
    return str(n) if index.width is None else f"{n // index.width}, {index.width}"
