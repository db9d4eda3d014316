"""Layout: where the numbers of a program lie when it runs as loops over memory.

All numbers that examples share lie in one array `s`, parameters first; all that each example has of its own
in another, `v`, (rows, width), for `width` examples at a time. A family is so many rows from some row on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.compiler.program import Dots, Family, Operand, Product, Statement, VectorProgram, operands_of

__all__ = ["Layout", "Rows", "Task"]


@dataclass(frozen=True)
class Rows:
    """Where an operand's numbers are, as text.

    Attributes:
        operand: which it is.
        shared: whether they are in `s`.
        place: the row of its number for row {r} of the result, and for column {c} of that where there are columns.
        width: how many columns; "" where there are none.
        number: the number itself where all are the same constant.
    """

    operand: Operand
    shared: bool
    place: str
    width: str = ""
    number: float | None = None

    def row(self, r: str = "r", c: str = "c") -> str:
        """The row of its number there."""
        return self.place.format(r=r, c=c)

    def along_columns(self) -> "Rows":
        """Of a vector: the same numbers in every row, one in each column."""
        return replace(
            self, place=self.place.replace("{r}", "{c}"), width=self.width or f"{len(self.operand.index.rows)}"
        )

    def from_column(self, first: str, width: str) -> "Rows":
        """So many columns of it."""
        place = self.place if first == "0" else self.place.replace("{c}", f"({first} + {{c}})")
        return replace(self, place=place, width=width)

    def stretch(self) -> str:
        """All columns of row r as a slice of `s`; "" if they are not next to each other."""
        if "index" in self.place or not self.place.endswith(" + {c}") or self.number is not None:
            return ""
        return f"s[{self.row(c='0')} : {self.row(c=self.width)}]"


@dataclass(frozen=True)
class Task:
    """A statement, with the rows that it touches.

    Attributes:
        statement: which it is.
        shared: whether its result is in `s`.
        row: the row of its result for r.
        n: how many rows it has.
        operands: in the order of `operands_of`.
    """

    statement: Statement
    shared: bool
    row: str
    n: str
    operands: tuple[Rows, ...]

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

    def rows(self, operand: Operand) -> Rows:
        """Where an operand's numbers are."""
        family, index, first = operand.family, operand.index, self.place(operand.family)
        width = "" if index.width is None else f"{index.width}"
        match index.form:
            case "all":
                place = f"{first} + {{r}}"
            case "one":
                place = f"{first + index.rows[0]}"
            case "slice":
                assert index.slice is not None
                step = f"{index.slice.step} * " if index.slice.step != 1 else ""
                place = f"{first + index.slice.start} + {step}{{r}}"
            case "block":
                assert index.block is not None
                place = f"{first + index.block[0]} + {index.block[1]} * {{r}} + {{c}}"
            case _:
                at = self.look_up_rows(operand)
                place = f"index[{at} + {width} * {{r}} + {{c}}]" if width else f"index[{at} + {{r}}]"
        numbers = {repr(family.numbers[row]) for row in index.rows} if family is self.constants else ()
        number = family.numbers[index.rows[0]] if len(numbers) == 1 else None
        return Rows(operand, self.is_shared(family), place, width, number)

    def task(self, statement: Statement) -> Task:
        """A statement by itself."""
        result = statement.result
        row, n = f"{self.place(result)} + r", f"{result.rows}"
        return Task(statement, self.is_shared(result), row, n, tuple(map(self.rows, operands_of(statement))))

    def task_of_table(self, statement: Statement) -> Task:
        """A statement that stands for many of its kind: the rows are looked up by way of a table.

        Of what it touches the table has the first row of the result, how many there are, and for each operand where
        its rows stand in the index, and how many there are, or how many columns: first, n, at0, n0, at1, n1, ...
        """
        operands = []
        for i, operand in enumerate(operands_of(statement)):
            is_matrix = operand.index.width is not None
            place = f"index[at{i} + n{i} * {{r}} + {{c}}]" if is_matrix else f"index[at{i} + {{r}}]"
            in_columns = is_matrix or isinstance(statement, Product)
            operands.append(Rows(operand, self.is_shared(operand.family), place, f"n{i}" if in_columns else ""))
        return Task(statement, self.is_shared(statement.result), "first + r", "n", tuple(operands))

    def table_entry(self, statement: Statement) -> list[int]:
        """What the table has for this one."""
        entry = [self.place(statement.result), statement.result.rows]
        for operand in operands_of(statement):
            entry += [self.look_up_rows(operand), operand.index.width or len(operand.index.rows)]
        return entry

    def slice_of(self, operand: Operand, array: str) -> str:
        """Code for its rows as one stretch of an array, or in `s` and `ds` any slice; "" if they are not that."""
        rows = operand.index.slice
        if rows is None or (not self.is_shared(operand.family) and rows.step != 1):
            return ""
        first = self.place(operand.family)
        step = f":{rows.step}" if self.is_shared(operand.family) else ""  # even 1: one kind of slice to compile
        return f"{array}[{first + rows.start}:{first + rows.stop}{step}]"

    def matrix_of(self, operand: Operand, array: str) -> str:
        """Code for a part of a matrix in `s` or `ds`; "" if it is not that."""
        if operand.index.block is None:
            return ""
        start, stride, height = operand.index.block
        start += self.place(operand.family)
        stop, width = start + height * stride, operand.index.width
        return f"{array}[{start}:{stop}].reshape({height}, {stride})[:, :{width}]"
