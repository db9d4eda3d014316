"""Nests: the one form that every statement of a vector program has, forward and backward, to any order.

    target[r?, c?, j?] += sum over the other axes of op(reads)

The axes are rows r, columns c and examples j. A matrix product is the nest ``z[r, j] += sum over c of W[r, c] *
x[c, j]``, its bias ``z[r, j] += b[r]``, its derivative by the matrix ``dW[r, c] += sum over j of dz[r, j] * x[c, j]``.
Numbers are the sum of what nests add to them, and all of that is added before the first nest that reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.compiler.nests.statements import Family, Index
from engine.ops import Op

__all__ = ["Access", "Nest", "Procedure", "homes", "whole"]


@dataclass(frozen=True)
class Access:
    """Numbers that a nest reads, or adds to.

    Attributes:
        family: whose. The examples are an axis too, unless they share it.
        index: which rows of it: one for each r, for each c, or for each r and c (then it has a width); or just one.
        axes: which of r and c pick among these: "r", "c", "rc", or "".
    """

    family: Family
    index: Index
    axes: str

    @property
    def n_rows(self) -> int:
        """How many r it tells apart."""
        return len(self.index.rows) // (self.index.width or 1) if "r" in self.axes else 1

    @property
    def n_columns(self) -> int:
        """How many c it tells apart."""
        return (self.index.width or len(self.index.rows)) if "c" in self.axes else 1

    def reads_as(self, other: "Access") -> bool:
        """Whether it has the numbers that another one has, in their order, be it as a matrix."""
        return (self.family, self.index.rows) == (other.family, other.index.rows)


@dataclass(frozen=True, eq=False)
class Nest:
    """target[r?, c?, j?] += sum over the other axes of op(reads).

    Attributes:
        target: what is added to.
        op: a row of the op table, or what the derivative of one passes on (see `differentiate`).
        reads: its operands.
        folds: whether ``m.total`` and its like in the row go along the columns of their operand; it is one, then.
        origin: of a nest that passes a derivative on: the nest that it is the derivative of, and by which of its reads.
    """

    target: Access
    op: Op
    reads: tuple[Access, ...]
    folds: bool = False
    origin: "tuple[Nest, int] | None" = None

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that it touches."""
        return (self.target, *self.reads)

    @property
    def axes(self) -> str:
        """Which of r and c there are."""
        return "".join(axis for axis in "rc" if any(axis in access.axes for access in self.accesses))

    @property
    def n_rows(self) -> int:
        """How many r there are."""
        return max(access.n_rows for access in self.accesses)

    @property
    def n_columns(self) -> int:
        """How many c there are."""
        return max(access.n_columns for access in self.accesses)

    @property
    def is_per_example(self) -> bool:
        """Whether there is an axis j: all examples take part, each with numbers of its own."""
        return not all(access.family.shared for access in self.accesses)

    @property
    def reduces(self) -> bool:
        """Whether the operation itself makes one number of all columns, as `logsumexp` does."""
        return self.folds and self.op.arity is None

    @property
    def summed(self) -> str:
        """The axes among r, c and j that are summed over."""
        rc = "".join(a for a in self.axes if a not in self.target.axes and not (a == "c" and self.reduces))
        return rc + "j" * (self.is_per_example and self.target.family.shared)


@dataclass(frozen=True, eq=False)
class Procedure:
    """What a backend carries out: nests, from arrays that are given to arrays of results.

    Attributes:
        name: what it is for, such as "value".
        arguments: the families that are given: parameters, inputs, and by how much outputs count.
        constants: the family of all constants.
        nests: what to do, in order. Families that no nest adds to, and are not given, are 0.
        results: what is wanted of it.
    """

    name: str
    arguments: tuple[Family, ...]
    constants: Family
    nests: tuple[Nest, ...]
    results: tuple[Access, ...]

    @property
    def computed(self) -> list[Family]:
        """The families that nests add to, and the memories that these are parts of, in order."""
        found = [home for nest in self.nests for home in reversed(homes(nest.target.family))]
        found += [home for result in self.results for home in reversed(homes(result.family))]
        given = {*self.arguments, self.constants}
        return [family for family in dict.fromkeys(found) if family not in given]

    @property
    def per_example(self) -> int | None:
        """The number of the first argument of which each example has one of its own; None if there is none."""
        return next((i for i, family in enumerate(self.arguments) if not family.shared), None)

    @property
    def sums(self) -> list[bool]:
        """Of each result, whether it is a sum over the examples."""
        summed: set[Family] = set()
        for nest in self.nests:
            reads = {home for read in nest.reads for home in homes(read.family)}
            if "j" in nest.summed or (nest.target.family.shared and summed.intersection(reads)):
                summed.update(homes(nest.target.family))
        return [result.family in summed for result in self.results]


def whole(family: Family) -> Access:
    """All rows of a family."""
    return Access(family, Index(tuple(range(family.rows)), None, family.rows), "r")


def homes(family: Family) -> tuple[Family, ...]:
    """Where others may read its numbers: in the family itself, and in the memory it is a part of."""
    return (family,) if family.memory is None else (family, family.memory)


def needed(nests: Sequence[Nest], results: Sequence[Access]) -> tuple[Nest, ...]:
    """Those nests without which the results would be others."""
    wanted = {home for result in results for home in homes(result.family)}
    kept: list[Nest] = []
    for nest in reversed(nests):
        if wanted.intersection(homes(nest.target.family)):
            wanted.update(home for read in nest.reads for home in homes(read.family))
            kept.append(nest)
    return tuple(reversed(kept))
