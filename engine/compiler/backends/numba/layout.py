"""Layout: where the numbers of a program lie when it runs as loops over memory.

All numbers that examples share lie in one array `s`, parameters first; all that each example has of its own
in another, `v`, (rows, width), for `width` examples at a time. A family is so many rows from some row on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.compiler.nests.statements import Dots, Family, Operand, Product, Statement, VectorProgram, operands_of

__all__ = ["Layout", "Rows", "Task", "Where", "end"]


class Where(NamedTuple):
    """Where an operand's numbers are.

    Attributes:
        form: "stretch", one after the other; "strided", with gaps of one length; "one", always the same; "block", a
            part of a matrix; or "gather", looked up in the index.
        at: the row of the first; of a gather, where in the index the rows stand.
        width: how many there are in a row of a matrix; else how many there are.
        step: from one to the next, or from one row of a matrix to the next.
    """

    form: str
    at: int
    width: int
    step: int


@dataclass(frozen=True)
class Rows:
    """Where an operand's numbers are, as text.

    Attributes:
        operand: which it is.
        shared: whether they are in `s`.
        form: as of `Where`.
        at, step: likewise, as text.
        place: the row of its number for row {r} of the result, and for column {c} of that where there are columns.
        width: how many columns; "" where there are none.
        number: the number itself where all are the same constant.
    """

    operand: Operand
    shared: bool
    form: str
    at: str
    step: str
    place: str
    width: str = ""
    number: float | None = None

    def row(self, r: str = "r", c: str = "c") -> str:
        """The row of its number there."""
        return self.place.format(r=r, c=c)

    def along_columns(self) -> "Rows":
        """Of a vector: the same numbers in every row, one in each column."""
        width = self.width or f"{len(self.operand.index.rows)}"
        return replace(self, place=self.place.replace("{r}", "{c}"), width=width)

    def from_column(self, first: str, width: str) -> "Rows":
        """So many columns of it."""
        place = self.place if first == "0" else self.place.replace("{c}", f"({first} + {{c}})")
        return replace(self, place=place, width=width)

    def columns(self) -> str:
        """All columns of row r as a slice of `s`; "" if they are not next to each other."""
        if "index" in self.place or not self.place.endswith(" + {c}") or self.number is not None:
            return ""
        return f"s[{self.row(c='0')} : {self.row(c=self.width)}]"

    def slice(self, array: str, n: str) -> str:
        """So many of its numbers, those of a vector, as one slice of an array."""
        step = f" : {self.step}" if self.shared else ""  # even where it is 1: one kind of slice to compile
        return f"{array}[{self.at} : {end(self.at, n, self.step)}{step}]"

    def matrix(self, array: str, n: str) -> str:
        """So many of its rows, those of a matrix, as a part of an array."""
        return f"{array}[{self.at} : {end(self.at, n, self.step)}].reshape({n}, {self.step})[:, :{self.width}]"


@dataclass(frozen=True)
class Task:
    """A statement, with the rows that it touches.

    Attributes:
        statement: which it is.
        shared: whether its result is in `s`.
        first: the first row of its result.
        n: how many rows it has.
        operands: in the order of `operands_of`.
    """

    statement: Statement
    shared: bool
    first: str
    n: str
    operands: tuple[Rows, ...]

    @property
    def row(self) -> str:
        """The row of its result for r."""
        return f"{self.first} + r"

    def pairs(self) -> tuple[list[tuple[Rows, Rows]], Rows | None]:
        """Of a product or of dots what is multiplied by each other, in pieces of as many columns, and the bias."""
        statement, xs = self.statement, self.operands
        if isinstance(statement, Product):
            n, m = len(statement.matrix), len(statement.matrix) + len(statement.vector)
            left, right = xs[:n], tuple(x.along_columns() for x in xs[n:m])
        else:
            assert isinstance(statement, Dots)
            n, m = len(statement.left), len(statement.left) + len(statement.right)
            left, right = xs[:n], xs[n:m]
        first = "0"
        pieces: list[tuple[Rows, Rows]] = []
        for piece in max(left, right, key=len):  # of two that differ, the other one is in one piece
            columns = first, piece.width
            pieces.append((
                left[len(pieces)] if len(left) >= len(right) else left[0].from_column(*columns),
                right[len(pieces)] if len(right) >= len(left) else right[0].from_column(*columns),
            ))  # fmt: skip
            first = piece.width if first == "0" else f"{first} + {piece.width}"
        return pieces, xs[m] if m < len(xs) else None


class Layout:
    """Gives every family its place, and every statement the rows that it touches.

    Args:
        program: whose numbers they are.
        single: whether there is only one example, whose numbers then all lie in `s`, one next to the other.

    Attributes:
        places: of each family its first row in `s` or `v`.
        shared_rows: how many rows `s` has.
        example_rows: how many rows `v` has.
        index: rows that cannot be worked out, but are looked up.
    """

    def __init__(self, program: VectorProgram, single: bool) -> None:
        self.single = single
        self.constants = program.constants
        self.places: dict[Family, int] = {}
        self.shared_rows = self.example_rows = 0
        self.index: list[int] = []
        self._looked_up: dict[Operand, int] = {}
        computed = dict.fromkeys(statement.result.memory or statement.result for statement in program.statements)
        for family in [program.parameters, *program.inputs, program.constants, *computed]:
            if self.is_shared(family):
                self.places[family] = self.shared_rows
                self.shared_rows += family.rows
            else:
                self.places[family] = self.example_rows
                self.example_rows += family.rows
        self.scratch_row = self.example_rows

    def is_shared(self, family: Family) -> bool:
        """Whether its numbers are in `s`."""
        return family.shared or self.single

    def place(self, family: Family) -> int:
        """Its first row."""
        return self.places[family] if family.memory is None else self.places[family.memory] + family.start

    def scratch(self, k: int) -> str:
        """The k-th of the rows of `v` that hold something for a moment."""
        self.example_rows = max(self.example_rows, self.scratch_row + k + 1)
        return f"{self.scratch_row + k}"

    def look_up(self, rows: Iterable[int]) -> int:
        """Where in the index these rows stand from now on."""
        start = len(self.index)
        self.index.extend(rows)
        return start

    def look_up_rows(self, operand: Operand) -> int:
        """Where in the index the rows of an operand stand."""
        if operand not in self._looked_up:
            first = self.place(operand.family)
            self._looked_up[operand] = self.look_up(first + row for row in operand.index.rows)
        return self._looked_up[operand]

    def where(self, operand: Operand, *, looked_up: bool = False) -> Where:
        """Where an operand's numbers are; `looked_up` if that must be by way of the index."""
        index, first = operand.index, self.place(operand.family)
        n = index.width or len(index.rows)
        if not looked_up:
            if index.width is not None and index.block is not None:
                start, stride, _ = index.block
                return Where("block", first + start, n, stride)
            if index.form == "one" and n > 1:
                return Where("one", first + index.rows[0], n, 0)
            if index.width is None and index.slice is not None:
                step = index.slice.step
                return Where("stretch" if step == 1 else "strided", first + index.slice.start, n, step)
        return Where("gather", self.look_up_rows(operand), n, 0)

    def rows(self, operand: Operand, where: Where, names: tuple[str, str, str] | None = None) -> Rows:
        """The same as text.

        Args:
            operand: which.
            where: where it is.
            names: of variables that say where it begins, its width and its step; None to write the numbers.
        """
        form, is_matrix, family = where.form, operand.index.width is not None, operand.family
        at, width, step = names or (str(where.at), str(where.width), str(where.step))
        place = {
            "stretch": f"{at} + {{r}}",
            "strided": f"{at} + {step} * {{r}}",
            "one": at,
            "block": f"{at} + {step} * {{r}} + {{c}}",
            "gather": f"index[{at} + {width} * {{r}} + {{c}}]" if is_matrix else f"index[{at} + {{r}}]",
        }[form]
        numbers = {repr(family.numbers[row]) for row in operand.index.rows} if family is self.constants else ()
        number = family.numbers[operand.index.rows[0]] if len(numbers) == 1 and names is None else None
        return Rows(operand, self.is_shared(family), form, at, step, place, width if is_matrix or names else "", number)

    def task(self, statement: Statement) -> Task:
        """A statement by itself."""
        result = statement.result
        operands = [self.rows(operand, self.where(operand)) for operand in operands_of(statement)]
        return Task(statement, self.is_shared(result), f"{self.place(result)}", f"{result.rows}", tuple(operands))

    def table_entry(self, statement: Statement) -> tuple[Task, list[int]]:
        """A statement that stands for many of its kind, in variables, and what these are for this one.

        They are the first row of the result, how many there are, and of each operand where it begins, its width and
        its step: first, n, at0, width0, step0, at1, ...
        """
        result, is_part = statement.result, statement.result.memory is not None
        entry, operands = [self.place(result), result.rows], []
        for i, operand in enumerate(operands_of(statement)):
            where = self.where(operand, looked_up=is_part)  # the parts of a memory shall be of few kinds
            operands.append(self.rows(operand, where, (f"at{i}", f"width{i}", f"step{i}")))
            entry += where[1:]
        return Task(statement, self.is_shared(result), "first", "n", tuple(operands)), entry


def end(at: str, n: str, step: str = "1") -> str:
    """Code for at + n * step, worked out where these are numbers."""
    if at.isdigit() and n.isdigit() and step.isdigit():
        return str(int(at) + int(n) * int(step))
    return f"{at} + {n}" if step == "1" else f"{at} + {n} * {step}"
