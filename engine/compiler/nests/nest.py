"""Nests: the one form that every statement of a vector program has, forward and backward, to any order.

    target[r?, c?, j?] += sum over the other axes of op(reads)

The axes are rows r, columns c and examples j. A matrix product is the nest ``z[r, j] += sum over c of W[r, c] *
x[c, j]``, its bias ``z[r, j] += b[r]``, its derivative by the matrix ``dW[r, c] += sum over j of dz[r, j] * x[c, j]``.
Numbers are the sum of what nests add to them, and all of that is added before the first nest that reads them.

A long chain, each number of which needs the one before, would be a nest for each. It is one nest all the same, or one
for each kind of operation in it, whose rows have turns: they are carried out one by one, in that order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from engine.op import Op

__all__ = [
    "Access",
    "Family",
    "Index",
    "Nest",
    "Procedure",
    "VectorProgram",
    "homes",
    "in_order",
    "joined",
    "needed",
    "stretches",
    "whole",
]


@dataclass(eq=False)
class Family:
    """Numbers that are computed, or given, in the same way: a vector.

    Attributes:
        name: such as "z1".
        kind: "input", "parameter", "constant" or "computed"; or "weight", how much an example counts in a mean.
        shared: whether it is the same for every example, or there is one for each.
        rows: how many numbers it holds.
        numbers: of constants, what they are.
        labels: of parameters, what the user calls each, or "".
        views: of parameters, what parts of them are called, such as "W1", by where they are.
        pool: the family that this one is a part of, if it is one; `start` is its first row there.
        derivative_of: of derivatives, what they are by; `prefix` is what their names have more.
    """

    name: str
    kind: str
    shared: bool
    rows: int = 0
    numbers: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    views: "dict[Index, str]" = field(default_factory=dict)
    pool: "Family | None" = None
    start: int = 0
    derivative_of: "Family | None" = None
    prefix: str = ""

    @property
    def home(self) -> "Family":
        """Where its numbers are, from row `start` on: the pool, if it is a part of one, else the family itself."""
        return self.pool or self


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

    def number(self, r: int, c: int) -> "tuple[Family, int]":
        """The number that it has for r and c: the family, or the memory it is a part of, and the row there."""
        place = r * (self.index.width or 1) * ("r" in self.axes) + c * ("c" in self.axes)
        *_, home = homes(self.family)
        return home, self.index.rows[place] + self.family.start * (home is not self.family)

    def part(self, rows: Sequence[int], columns: Sequence[int]) -> "Access":
        """The same for some r and c only."""
        width = self.n_columns
        chosen = [r * width + c for r in (rows if "r" in self.axes else [0])
                  for c in (columns if "c" in self.axes else [0])]  # fmt: skip
        places = tuple([self.index.rows[place] for place in chosen])
        return replace(self, index=replace(self.index, rows=places, width=self.index.width and len(columns)))

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
        turns: of each row its turn, if rows wait for those of the same nest, or of others that have turns; else ().
    """

    target: Access
    op: Op
    reads: tuple[Access, ...]
    folds: bool = False
    origin: "tuple[Nest, int] | None" = None
    turns: tuple[int, ...] = ()

    def part(self, rows: Sequence[int], columns: Sequence[int]) -> "Nest":
        """The same for some r and c only."""
        target, *reads = [access.part(rows, columns) for access in self.accesses]
        turns = tuple([self.turns[r] for r in rows]) if self.turns else ()
        return replace(self, target=target, reads=tuple(reads), turns=turns)

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


@dataclass(eq=False)
class VectorProgram:
    """A function as nests: families, and what computes them, in order.

    Attributes:
        inputs: the family of each argument.
        parameters: the family of all parameters.
        constants: the family of all constants.
        weight: how much an example counts in a mean over the batch; None where examples do not see each other.
        nests: what to do.
        outputs: where the results are: for each one row of a family. The first is the one to differentiate.
        n_scalars: how many scalar operations it stands for.
    """

    inputs: list[Family]
    parameters: Family
    constants: Family
    weight: Family | None
    nests: list[Nest]
    outputs: list[Access]
    n_scalars: int

    @property
    def arguments(self) -> tuple[Family, ...]:
        """What is given: parameters, inputs and, where examples see each other, how much each counts."""
        return (self.parameters, *self.inputs, *([self.weight] if self.weight else []))


@dataclass(frozen=True, eq=False)
class Procedure:
    """What a backend carries out: nests, from arrays that are given to arrays of results.

    Attributes:
        name: what it is for, such as "value".
        arguments: the families that are given: parameters, inputs, and by how much outputs count.
        constants: the family of all constants.
        nests: what to do, in order. Families that no nest adds to, and are not given, are 0.
        results: what is wanted of it.
        varying: those of the arguments of which many may come, one after the other, while the others stay as they are.
    """

    name: str
    arguments: tuple[Family, ...]
    constants: Family
    nests: tuple[Nest, ...]
    results: tuple[Access, ...]
    varying: tuple[Family, ...] = ()

    @property
    def without_turns(self) -> "Procedure":
        """The same, with families and nests of a single row in the place of rows that have turns."""
        alone: dict[tuple[Family, tuple[int, ...]], Family] = {}

        def by_itself(access: Access) -> Access:
            family, rows = access.family, access.index.rows
            if family.pool is None:
                return access
            return whole(alone.setdefault((family, rows), replace(family, rows=1, start=family.start + rows[0])))

        def of_one_row(nest: Nest, turn: Sequence[int]) -> Nest:
            part = nest.part(turn, range(nest.n_columns))
            origin = part.origin and (of_one_row(part.origin[0], turn), part.origin[1])
            target, *reads = map(by_itself, part.accesses)
            return replace(part, target=target, reads=tuple(reads), origin=origin, turns=())

        nests = [of_one_row(nest, turn) if nest.turns else nest for nest, turn in in_order(self.nests)]
        return replace(self, nests=tuple(nests))

    @property
    def looks_across(self) -> bool:
        """Whether examples see each other, so that a batch must not be cut into portions."""
        return any(family.kind == "weight" for family in self.arguments)

    @property
    def computed(self) -> list[Family]:
        """The families that nests add to, and the pools that these are parts of, in order."""
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
        for some in stretches(self.nests):
            for nest in list(some) * (len(some) if some[0].turns else 1):
                reads = {home for read in nest.reads for home in homes(read.family)}
                if "j" in nest.summed or (nest.target.family.shared and summed.intersection(reads)):
                    summed.update(homes(nest.target.family))
        return [result.family in summed for result in self.results]


def whole(family: Family) -> Access:
    """All rows of a family."""
    return Access(family, Index(tuple(range(family.rows)), None, family.rows), "r")


def joined(accesses: Sequence[Access]) -> list[Access]:
    """The same rows in as few accesses as there are stretches of them."""
    found: list[Access] = []
    for access in accesses:
        before = found[-1] if found else None
        if before is not None and before.family is access.family and before.index.rows[-1] + 1 == access.index.rows[0]:
            rows = (*before.index.rows, *access.index.rows)
            found[-1] = replace(before, index=replace(before.index, rows=rows))
        else:
            found.append(access)
    return found


def homes(family: Family) -> tuple[Family, ...]:
    """Where others may read its numbers: in the family itself, and in the pool that it is a part of."""
    return (family,) if family.pool is None else (family, family.pool)


def stretches(nests: Sequence[Nest]) -> list[list[Nest]]:
    """Nests one by one; but those in succession that have turns together, be it that all examples share all of it, or
    that all of them are per example."""
    together = groupby(enumerate(nests), lambda item: (item[1].is_per_example,) if item[1].turns else item[0])
    return [[nest for _, nest in some] for _, some in together]


def in_order(nests: Sequence[Nest]) -> Iterator[tuple[Nest, Sequence[int]]]:
    """Nests as they are carried out, each with the rows whose turn it is."""
    for some in stretches(nests):
        if some[0].turns:
            turns = sorted((turn, k, r) for k, nest in enumerate(some) for r, turn in enumerate(nest.turns))
            yield from ((some[k], (r,)) for _, k, r in turns)
        else:
            yield some[0], range(some[0].n_rows)


def needed(nests: Sequence[Nest], results: Sequence[Access]) -> tuple[Nest, ...]:
    """Those nests without which the results would be others."""
    wanted = {home for result in results for home in homes(result.family)}
    kept: set[Nest] = set()
    for some in reversed(stretches(nests)):
        for nest in list(reversed(some)) * len(some):  # which may read each other
            if nest not in kept and wanted.intersection(homes(nest.target.family)):
                wanted.update(home for read in nest.reads for home in homes(read.family))
                kept.add(nest)
    return tuple([nest for nest in nests if nest in kept])
