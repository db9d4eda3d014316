"""Layout: where the numbers of a procedure lie when it runs as loops over memory.

All numbers that examples share lie in one array `s`, the first argument's first; all that each example has of its own
in another, `v`, (rows, width), for `width` examples at a time. A family is so many rows from some row on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.compiler.nests.nest import Access, Family, Index, Procedure

__all__ = ["Address", "Layout", "end"]


@dataclass(frozen=True)
class Address:
    """Where the numbers of an access lie.

    Attributes:
        array: "s" or "v".
        form: "one" number; a "stretch" of them, one after the other; "strided", with gaps of one length; a "block", as
            a matrix has it; or "gather", looked up in the index.
        axes: which of r and c pick among them.
        at: the row of the first; of a gather, where in the index the rows stand. A number, or a variable's name.
        step: from one to the next, or from one row of a matrix to the next; likewise.
    """

    array: str
    form: str
    axes: str
    at: int | str
    step: int | str

    @property
    def kind(self) -> tuple[str, str, str]:
        """All but the numbers."""
        return self.array, self.form, self.axes

    @property
    def row(self) -> str:
        """The row of its number for r and c."""
        if self.form == "one":
            return f"{self.at}"
        if self.axes == "rc":
            place = f"{self.at} + {self.step} * r + c"
        else:
            place = f"{self.at} + {self.axes if self.step == 1 else f'{self.step} * {self.axes}'}"
        return f"index[{place}]" if self.form == "gather" else place


class Layout:
    """Gives every family its place.

    Args:
        procedure: whose numbers they are.
        single: whether there is only one example, whose numbers then all lie in `s`, one next to the other.

    Attributes:
        shared_rows: how many rows `s` has.
        given_rows: how many of these, the first ones, must be there when the loops begin.
        example_rows: how many rows `v` has.
        index: rows that cannot be worked out, but are looked up.
    """

    def __init__(self, procedure: Procedure, single: bool) -> None:
        self.single = single
        self.shared_rows = self.example_rows = 0
        self.index: list[int] = []
        self._looked_up: dict[tuple[Family, tuple[int, ...]], int] = {}
        self._places: dict[Family, int] = {}
        touched = [access.family for nest in procedure.nests for access in nest.accesses]
        wanted = [access.family for access in procedure.results]
        families = [*procedure.arguments, procedure.constants, *touched, *wanted]
        computed = {nest.target.family.home for nest in procedure.nests}
        in_order = sorted(dict.fromkeys(family.home for family in families), key=computed.__contains__)
        for family in in_order:
            self._places[family] = self.more(self.is_shared(family), family.rows)
        self.given_rows = sum(f.rows for f in in_order if self.is_shared(f) and f not in computed)
        self._scratch = self.example_rows

    def is_shared(self, family: Family) -> bool:
        """Whether its numbers are in `s`."""
        return family.shared or self.single

    def place(self, family: Family) -> int:
        """Its first row."""
        return self._places[family.home] + family.start

    def scratch(self, k: int) -> int:
        """The k-th of the rows of `v` that hold something for a moment."""
        self.example_rows = max(self.example_rows, self._scratch + k + 1)
        return self._scratch + k

    def look_up(self, rows: Iterable[int]) -> int:
        """Where in the index these rows stand from now on."""
        start = len(self.index)
        self.index.extend(rows)
        return start

    def address(self, access: Access, looked_up: int = 0) -> Address:
        """Where an access finds its numbers; by way of the index, if so many are to be looked up there."""
        index, axes, first = access.index, access.axes, self.place(access.family)
        array = "s" if self.is_shared(access.family) else "v"
        if looked_up and axes != "rc":
            index, axes = Index(index.rows * (looked_up // len(index.rows)), None, index.total), axes or "r"
        elif axes == "":
            return Address(array, "one", axes, first + index.rows[0], 0)
        elif index.width is not None and index.block is not None:
            return Address(array, "block", axes, first + index.block[0], index.block[1])
        elif index.width is None and index.slice is not None:
            step = index.slice.step
            return Address(array, "stretch" if step == 1 else "strided", axes, first + index.slice.start, step)
        if (access.family, index.rows) not in self._looked_up:
            self._looked_up[access.family, index.rows] = self.look_up(first + row for row in index.rows)
        return Address(array, "gather", axes, self._looked_up[access.family, index.rows], index.width or 1)

    def row_by_row(self, access: Access, n: int) -> list[int]:
        """What to know of its numbers for each of n r: the row of a single one; where in the index those of columns."""
        rows = [self.place(access.family) + row for row in access.index.rows]
        if "c" not in access.axes:
            return rows if "r" in access.axes else rows * n
        start, width = self.look_up(rows), access.n_columns
        return list(range(start, start + len(rows), width)) if "r" in access.axes else [start] * n

    def in_one_row(self, access: Access, at: str) -> Address:
        """Where its numbers lie for one r, of which a variable says what there is to know."""
        array = "s" if self.is_shared(access.family) else "v"
        return Address(array, "gather", "c", at, 1) if "c" in access.axes else Address(array, "one", "", at, 0)

    def more(self, shared: bool, rows: int) -> int:
        """The first of so many rows more in `s`, or in `v`."""
        before = self.shared_rows, self.example_rows
        self.shared_rows += rows * shared
        self.example_rows += rows * (not shared)
        return before[not shared]


def end(at: int | str, n: int | str) -> int | str:
    """at + n, as text unless these are numbers."""
    return at + n if isinstance(at, int) and isinstance(n, int) else f"{at} + {n}"
