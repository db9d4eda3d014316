"""Loops: a vector program as native loops over two blocks of numbers, for Numba.

All numbers that examples share lie in one array `s`, parameters first; all that each example has of its own
in another, `v`, (rows, width), for `width` examples at a time. `ds` and `dv` hold their derivatives. A family
is so many rows from some row on, and the text names these by number: nothing is allocated and nothing looked up.

The statements of an irregular program, of which there are thousands, differ in nothing but the rows that they
touch: these are listed in a table, and one loop carries out all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from typing import Any

from engine.compiler.differentiate import Pull, differentiate
from engine.compiler.emit import Code, text_of
from engine.compiler.program import (
    Dots,
    Elementwise,
    Family,
    Operand,
    Product,
    Reduction,
    Statement,
    VectorProgram,
    operands_of,
)
from engine.ops import Op
from engine.reverse import times

__all__ = ["Loops", "write_loops", "write_update"]


@dataclass
class Loops:
    """Text of functions on numbers in memory, and how that memory is laid out.

    Attributes:
        source: defines ``forward_shared(s, index)``, ``forward(v, s, index)``, ``backward(v, dv, s, ds, index, seed)``
            and ``backward_shared(s, ds, index, seed)``, to be called in this order. `seed`, (width,), is by how much
            the first output of each example counts. Derivatives in `ds` are added to what is there, those in `dv` set.
        places: of each family its first row in `s` or `v`.
        outputs: of each output whether it is in `s`, and its row.
        shared_rows: how many rows `s` has.
        example_rows: how many rows `v` has.
        index: rows that statements look up.
    """

    source: str = ""
    places: dict[Family, int] = field(default_factory=dict)
    outputs: list[tuple[bool, int]] = field(default_factory=list)
    shared_rows: int = 0
    example_rows: int = 0
    index: list[int] = field(default_factory=list)


def write_loops(program: VectorProgram, targets: Sequence[Family], *, single: bool = False) -> Loops:
    """A program as loops.

    Args:
        program: what to compute.
        targets: the families to differentiate with respect to.
        single: whether there is only one example, whose numbers then lie in `s`, one next to the other.
    """
    return _Writer(program, targets, single).run()


def write_update(rule: Callable[..., Any], n_parameters: int, n_memories: int) -> str:
    """An optimizer's rule as ``update(s, ds, memory, rate, count)``: one step of all parameters.

    Args:
        rule: see `engine.compiler.backend.Rule`.
        n_parameters: how many there are, at the beginning of `s`.
        n_memories: how many numbers the rule remembers of each.
    """
    before: list[str] = []

    def once(op: Op, *xs: Any) -> Code:
        """What is the same for all parameters is computed before the loop."""
        if not all(isinstance(x, (_Once, float, int)) for x in xs):
            return Code.apply(op, *xs)
        before.append(f"    c{len(before)} = {text_of(Code.apply(op, *xs))}")
        return _Once(f"c{len(before) - 1}")

    class _Once(Code):
        __slots__ = ()
        apply = staticmethod(once)

    memory = tuple(Code(f"m{k}") for k in range(n_memories))
    parameter, memory = rule(Algebra(str), Code("p"), Code("g"), memory, _Once("rate"), _Once("count"))
    lines = [
        "@inlined",
        "def update(s, ds, memory, rate, count):",
        *(f"    memory{k} = memory[{k}]" for k in range(n_memories)),
        *before,
        f"    for i in range({n_parameters}):",
        "        p, g = s[i], ds[i]",
        *(f"        m{k} = memory{k}[i]" for k in range(n_memories)),
        f"        s[i] = {text_of(parameter)}",
        *(f"        memory{k}[i] = {text_of(x)}" for k, x in enumerate(memory)),
    ]
    return "\n".join(lines) + "\n"


class Algebra:
    """The functions that rows call by name, as calls of functions in `engine.compiler.native`.

    Args:
        assign: what to do with the text of a call: give it a name, or leave it where it is.
        fold: (how to put two together, what to start from, a term for each block of columns) -> code for the result.
    """

    def __init__(self, assign: Callable[[str], str], fold: Callable[..., Any] | None = None) -> None:
        self._assign = assign
        self._fold = fold

    def __getattr__(self, name: str) -> Callable[..., Code]:
        return lambda *xs: Code(self._assign(f"{name}({', '.join(map(text_of, xs))})"))

    def div(self, a: Any, b: Any) -> Code:
        return Code(f"({text_of(a)} / {text_of(b)})")

    def power(self, x: Any, y: Any) -> Any:
        if y == 1:
            return x
        return Code(f"({x} * {x})") if y == 2 else Code(self._assign(f"power({text_of(x)}, {text_of(y)})"))

    def total(self, xs: Iterable[Any]) -> Any:
        return self._fold("{} + {}", "0.0", xs) if self._fold else sum(xs)

    def largest(self, xs: Iterable[Any]) -> Any:
        return self._fold("maximum({}, {})", "-inf", xs) if self._fold else reduce(self.maximum, xs)

    def smallest(self, xs: Iterable[Any]) -> Any:
        return self._fold("minimum({}, {})", "inf", xs) if self._fold else reduce(self.minimum, xs)


@dataclass(frozen=True)
class _Rows:
    """Where an operand's numbers are, as text.

    Attributes:
        operand: which it is.
        shared: whether they are in `s`.
        row: the row of its number for row {r} of the result, and for column {c} of that if it is a matrix.
        width: how many columns; "" if it is no matrix.
        number: the number itself where all are the same constant.
    """

    operand: Operand
    shared: bool
    row: str
    width: str = ""
    number: float | None = None

    def at(self, r: str = "r", c: str = "c") -> str:
        """The row of its number there."""
        return self.row.format(r=r, c=c)

    def stretch(self, first: str, n: str) -> str:
        """So many columns of a row, as a slice; "" if they are not next to each other, or all the same number."""
        if "index" in self.row or not self.row.endswith(" + {c}") or self.number is not None:
            return ""
        start = self.at("r", first.replace("c", "0"))
        return f"{start} : {start} + {n}"


@dataclass(frozen=True)
class _Task:
    """A statement, with text for the rows it touches: numbers, or places in a table.

    Attributes:
        statement: which it is.
        shared: whether its result is in `s`.
        row: where row r of its result is.
        n: how many rows it has.
        operands: in the order of `operands_of`.
    """

    statement: Statement
    shared: bool
    row: str
    n: str
    operands: tuple[_Rows, ...]


class _Writer:
    def __init__(self, program: VectorProgram, targets: Sequence[Family], single: bool) -> None:
        self.program = program
        self.targets = list(targets)
        self.single = single
        self.loops = Loops()
        self.lines: list[str] = []
        self.indent = "    "
        self.scratch_rows = 0  # of v, at its end: rows to put numbers for a moment
        self.n_names = 0
        self.known: dict[str, str] = {}  # calls that have a name in the body of the loop being written
        self.started: set[Family] = set()  # what can be added to, since it has been set

    def run(self) -> Loops:
        program, loops = self.program, self.loops
        self.lay_out()
        pulls = differentiate(program, self.targets)
        shared = [statement for statement in program.statements if self.is_shared(statement.result)]
        examples = [statement for statement in program.statements if not self.is_shared(statement.result)]
        source = self.function("forward_shared(s, index)", self.write_forward, shared)
        source += self.function("forward(v, s, index)", self.write_forward, examples)
        source += self.function("backward(v, dv, s, ds, index, seed)", self.write_backward, pulls, False)
        source += self.function("backward_shared(s, ds, index, seed)", self.write_backward, pulls, True)
        loops.source = source
        loops.outputs = [(self.is_shared(o.family), self.place(o.family) + o.index.rows[0]) for o in program.outputs]
        loops.example_rows += self.scratch_rows
        return loops

    def lay_out(self) -> None:
        program, loops = self.program, self.loops
        computed = dict.fromkeys(statement.result.memory or statement.result for statement in program.statements)
        for family in [program.parameters, *program.inputs, program.constants, *computed]:
            if self.is_shared(family):
                loops.places[family] = loops.shared_rows
                loops.shared_rows += family.rows
            else:
                loops.places[family] = loops.example_rows
                loops.example_rows += family.rows

    def function(self, signature: str, write: Callable[..., None], *arguments: Any) -> str:
        self.lines = []
        write(*arguments)
        width = "    width = v.shape[1]\n" if "(v" in signature else ""
        body = "".join(f"{line}\n" for line in self.lines) or "    pass\n"
        return f"@inlined\ndef {signature}:\n{width}{body}\n\n"

    # --- where things are ---

    def is_shared(self, family: Family) -> bool:
        return family.shared or self.single

    def place(self, family: Family) -> int:
        return self.loops.places[family] if family.memory is None else self.loops.places[family.memory] + family.start

    def look_up(self, rows: Iterable[int]) -> int:
        """Where in the index these rows stand from now on."""
        start = len(self.loops.index)
        self.loops.index.extend(rows)
        return start

    def rows(self, operand: Operand) -> _Rows:
        family, index = operand.family, operand.index
        first = self.place(family)
        shared = self.is_shared(family)
        width = "" if index.width is None else str(index.width)
        number = None
        match index.form:
            case "all":
                row = f"{first} + {{r}}"
            case "one":
                row = f"{first + index.rows[0]}"
            case "slice":
                assert index.slice is not None
                step = f"{index.slice.step} * " if index.slice.step != 1 else ""
                row = f"{first + index.slice.start} + {step}{{r}}"
            case "block":
                assert index.block is not None
                row = f"{first + index.block[0]} + {index.block[1]} * {{r}} + {{c}}"
            case _:
                at = self.look_up(first + row for row in index.rows)
                row = f"index[{at} + {{r}}]" if index.width is None else f"index[{at} + {width} * {{r}} + {{c}}]"
        if family is self.program.constants and len({repr(family.numbers[row]) for row in index.rows}) == 1:
            number = family.numbers[index.rows[0]]
        return _Rows(operand, shared, row, width, number)

    def task(self, statement: Statement) -> _Task:
        """A statement as it is written by itself."""
        result = statement.result
        row, n = f"{self.place(result)} + r", str(result.rows)
        return _Task(statement, self.is_shared(result), row, n, tuple(map(self.rows, operands_of(statement))))

    # --- writing ---

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        indent, known = self.indent, self.known
        self.indent, self.known = indent + "    ", {}
        yield
        self.indent, self.known = indent, known

    def name(self) -> str:
        self.n_names += 1
        return f"t{self.n_names}"

    def assign(self, text: str) -> str:
        if text not in self.known:
            self.known[text] = self.name()
            self.line(f"{self.known[text]} = {text}")
        return self.known[text]

    def read(self, task: _Task, x: _Rows, name: str, c: str = "c") -> Any:
        """Code for an operand's number, after a line that gets hold of its row."""
        if x.number is not None:
            return x.number
        if task.shared:
            return Code(f"s[{x.at(c=c)}]")
        if x.shared:
            self.line(f"{name} = s[{x.at(c=c)}]")
            return Code(name)
        return Code(f"v[{self.row(x, name, c)}, j]")

    def row(self, x: _Rows, name: str, c: str = "c") -> str:
        """The row of an operand's number; looked up before the loop over examples, and not in it."""
        row = x.at(c=c)
        if "index" not in row:
            return row
        self.line(f"{name} = {row}")
        return name

    def scratch(self, k: int) -> str:
        """A row of `v` to put something for a moment."""
        self.scratch_rows = max(self.scratch_rows, k + 1)
        return f"{self.loops.example_rows + k}"

    # --- forward ---

    def write_forward(self, statements: Sequence[Statement]) -> None:
        for is_part, alike in groupby(statements, lambda statement: statement.result.memory is not None):
            if is_part:
                self.write_table([(statement, ()) for statement in alike], self.compute)
            else:
                for statement in alike:
                    self.compute(self.task(statement), ())

    def compute(self, task: _Task, receivers: Sequence[Operand]) -> None:
        statement = task.statement
        if isinstance(statement, Product) and self.is_tiled(task, statement):
            self.compute_tiles(statement)
            return
        with self.block(f"for r in range({task.n}):"):
            if isinstance(statement, Elementwise):
                self.compute_elementwise(task, statement)
            elif isinstance(statement, Reduction):
                self.compute_reduction(task, statement)
            else:
                self.compute_dots(task, statement)

    @contextmanager
    def examples(self, task: _Task) -> Iterator[None]:
        """What is done for each example, or just once for all of them."""
        if task.shared:
            yield
        else:
            with self.block("for j in range(width):"):
                yield

    def compute_elementwise(self, task: _Task, statement: Elementwise) -> None:
        xs = [self.read(task, x, f"x{i}") for i, x in enumerate(task.operands)]
        with self.examples(task):
            value = text_of(statement.op.value(Algebra(self.assign), *xs))
            self.line(f"{self.result(task)} = {value}")

    def result(self, task: _Task) -> str:
        return f"s[{task.row}]" if task.shared else f"v[{task.row}, j]"

    def compute_dots(self, task: _Task, statement: Product | Dots) -> None:
        pairs, bias = self.pairs(task, statement)
        start = "0.0" if bias is None else text_of(self.read(task, bias, "b"))
        if task.shared:
            self.line(f"sum = {start}")
        else:
            with self.examples(task):
                self.line(f"{self.result(task)} = {start}")
        for left, right, first, width in pairs:
            if task.shared and (a := left.stretch(first[0], width)) and (b := right.stretch(first[1], width)):
                self.line(f"sum += inner(s[{a}], s[{b}])")
                continue
            with self.block(f"for c in range({width}):"):
                a, b = self.read(task, left, "a", first[0]), self.read(task, right, "x", first[1])
                with self.examples(task):
                    self.line(f"{'sum' if task.shared else self.result(task)} += {text_of(a)} * {text_of(b)}")
        if task.shared:
            self.line(f"s[{task.row}] = sum")

    def pairs(
        self, task: _Task, statement: Product | Dots
    ) -> tuple[list[tuple[_Rows, _Rows, tuple[str, str], str]], _Rows | None]:
        """What is multiplied by each other, as (left, right, their columns for c, how many); and the bias."""
        xs = task.operands
        n_left = len(statement.matrix if isinstance(statement, Product) else statement.left)
        n_right = len(statement.vector if isinstance(statement, Product) else statement.right)
        left, right, rest = xs[:n_left], xs[n_left : n_left + n_right], xs[n_left + n_right :]
        if isinstance(statement, Product):  # its vector is the same in every row, and goes along the columns
            right = tuple(_Rows(x.operand, x.shared, x.row.replace("{r}", "{c}"), x.width, x.number) for x in right)
        longer = max(left, right, key=len)
        found, first = [], "0"
        for k in range(len(longer)):
            whole = f"c + {first}" if first != "0" else "c"
            a, a_column = (left[k], "c") if len(left) == len(longer) else (left[0], whole)
            b, b_column = (right[k], "c") if len(right) == len(longer) else (right[0], whole)
            width = self.width(longer[k])
            found.append((a, b, (a_column, b_column), width))
            first = width if first == "0" else f"{first} + {width}"
        return found, rest[0] if rest else None

    def width(self, x: _Rows) -> str:
        return x.width or str(len(x.operand.index.rows))

    def compute_reduction(self, task: _Task, statement: Reduction) -> None:
        value = statement.op.value(self.folding(task), *self.blocks(task))
        with self.examples(task):
            self.line(f"{self.result(task)} = {text_of(value)}")

    def blocks(self, task: _Task) -> list[Code]:
        """Code for what is reduced: in each block the number in column c."""
        return [
            Code(f"s[{x.at()}]" if task.shared else f"x{i}" if x.shared else f"v[x{i}, j]")
            for i, x in enumerate(task.operands)
        ]

    def folding(self, task: _Task) -> Algebra:
        """The algebra on numbers side by side; whatever is put together over them goes through all columns anew."""
        n_folds = 0

        def fold(pattern: str, first: str, terms: Iterable[Any]) -> Code:
            nonlocal n_folds
            n_folds += 1  # row 0 is for what goes to shared numbers
            name = self.name()
            total = name if task.shared else f"v[{self.scratch(n_folds)}, j]"
            with self.examples(task):
                self.line(f"{total} = {first}")
            for i, (x, term) in enumerate(zip(task.operands, terms, strict=True)):
                with self.block(f"for c in range({x.width}):"):
                    if not task.shared:
                        self.line(f"x{i} = {f's[{x.at()}]' if x.shared else x.at()}")
                    with self.examples(task):
                        self.line(f"{total} = {pattern.format(total, text_of(term))}")
            return Code(total)

        return Algebra(str, fold)

    # --- backward ---

    def write_backward(self, pulls: Sequence[Pull], shared: bool) -> None:
        output = self.rows(self.program.outputs[0])
        if output.shared == shared:
            self.start_from(output)
        mine = [pull for pull in pulls if self.is_shared(pull.statement.result) == shared]
        for is_part, alike in groupby(mine, lambda pull: pull.statement.result.memory is not None):
            if is_part:
                self.write_table(list(alike), self.pull)
            else:
                for pull in alike:
                    self.pull(self.task(pull.statement), pull.receivers)
        for family in self.targets:
            if not shared and not self.is_shared(family) and family not in self.started:
                self.zero(family)

    def start_from(self, output: _Rows) -> None:
        """What is asked for is the derivative of this number."""
        if output.shared:
            self.line(f"ds[{output.at('0')}] += total(seed)")
            return
        self.zero(output.operand.family)
        with self.block("for j in range(width):"):
            self.line(f"dv[{output.at('0')}, j] += seed[j]")

    def zero(self, family: Family) -> None:
        self.started.add(family)
        self.line(f"zero(dv, {self.place(family)}, {self.place(family) + family.rows})")

    def pull(self, task: _Task, receivers: Sequence[Operand]) -> None:
        statement = task.statement
        if isinstance(statement, Product) and self.is_tiled(task, statement):
            self.pull_tiles(statement, receivers)
            return
        signs = self.signs(statement, receivers)
        with self.block(f"for r in range({task.n}):"):
            if task.shared:
                self.line(f"e = ds[{task.row}]")
            if isinstance(statement, Elementwise):
                self.pull_elementwise(task, statement, receivers, signs)
            elif isinstance(statement, Reduction):
                self.pull_reduction(task, statement, receivers, signs)
            else:
                self.pull_dots(task, statement, receivers, signs)

    def signs(self, statement: Statement, receivers: Sequence[Operand]) -> dict[Operand, str]:
        """Whether to set or to add to what each operand receives, after setting to 0 whatever must be added to."""
        signs = dict.fromkeys(receivers, "+=")
        families = [operand.family for operand in receivers]
        for operand in receivers:
            family = operand.family
            if not self.is_shared(family) and family not in self.started:
                if operand.index.form == "all" and families.count(family) == 1 and statement.result.memory is None:
                    self.started.add(family)
                    signs[operand] = "="
                else:
                    self.zero(family)
        return signs

    def pull_elementwise(
        self, task: _Task, statement: Elementwise, receivers: Sequence[Operand], signs: dict[Operand, str]
    ) -> None:
        xs = [self.read(task, x, f"x{i}") for i, x in enumerate(task.operands)]
        mine = [(i, x) for i, x in enumerate(task.operands) if x.operand in receivers]
        places = {i: self.receiver(task, x, f"g{i}", i) for i, x in mine}
        with self.examples(task):
            partials = statement.op.partials(Algebra(self.assign), Code(self.result(task)), *xs)
            for i, x in mine:
                self.line(f"{places[i]} {self.sign(task, x, signs)} {text_of(times(self.delta(task), partials[i]))}")
        for i, x in mine:
            self.sum_up(task, x, i)

    def pull_reduction(
        self, task: _Task, statement: Reduction, receivers: Sequence[Operand], signs: dict[Operand, str]
    ) -> None:
        partials = statement.op.partials(self.folding(task), Code(self.result(task)), *self.blocks(task))
        for i, (x, partial) in enumerate(zip(task.operands, partials, strict=True)):
            if x.operand in receivers:
                with self.block(f"for c in range({x.width}):"):
                    if not task.shared:
                        self.line(f"x{i} = {f's[{x.at()}]' if x.shared else x.at()}")
                    self.give(task, x, times(self.delta(task), partial), signs)

    def pull_dots(
        self, task: _Task, statement: Product | Dots, receivers: Sequence[Operand], signs: dict[Operand, str]
    ) -> None:
        pairs, bias = self.pairs(task, statement)
        if bias is not None and bias.operand in receivers:
            self.give(task, bias, self.delta(task), signs)
        for left, right, (c_left, c_right), width in pairs:
            with self.block(f"for c in range({width}):"):
                a, b = self.read(task, left, "a", c_left), self.read(task, right, "b", c_right)
                for x, c, other in ((left, c_left, b), (right, c_right, a)):
                    if x.operand in receivers:
                        self.give(task, x, times(self.delta(task), other), signs, c)

    def delta(self, task: _Task) -> Code:
        return Code("e" if task.shared else f"dv[{task.row}, j]")

    def give(self, task: _Task, x: _Rows, term: Any, signs: dict[Operand, str], c: str = "c") -> None:
        """One operand's share, in a loop of its own."""
        place = self.receiver(task, x, "g", 0, c)
        with self.examples(task):
            self.line(f"{place} {self.sign(task, x, signs)} {text_of(term)}")
        self.sum_up(task, x, 0, c)

    def receiver(self, task: _Task, x: _Rows, name: str, k: int, c: str = "c") -> str:
        """What receives: for numbers that examples share, the k-th row of what is then to be summed up."""
        if task.shared:
            return f"ds[{x.at(c=c)}]"
        return f"v[{self.scratch(k)}, j]" if x.shared else f"dv[{self.row(x, name, c)}, j]"

    def sign(self, task: _Task, x: _Rows, signs: dict[Operand, str]) -> str:
        return "=" if x.shared and not task.shared else signs[x.operand]

    def sum_up(self, task: _Task, x: _Rows, k: int, c: str = "c") -> None:
        if x.shared and not task.shared:
            self.line(f"ds[{x.at(c=c)}] += total(v[{self.scratch(k)}])")

    # --- products, by the tiles of engine.compiler.products ---

    def is_tiled(self, task: _Task, statement: Product) -> bool:
        """Whether its matrix, its vector and its bias can be had without copying."""
        matrix, vector, bias = statement.matrix, statement.vector, statement.bias
        return (
            not task.shared
            and statement.result.memory is None
            and len(matrix) == len(vector) == 1
            and matrix[0].index.block is not None
            and not self.is_shared(vector[0].family)
            and self.slice_of(vector[0], "v") != ""
            and (bias is None or (self.is_shared(bias.family) and self.slice_of(bias, "s") != ""))
        )

    def compute_tiles(self, statement: Product) -> None:
        y, matrix, vector = self.whole(statement.result, "v"), self.matrix(statement, "s"), statement.vector[0]
        if statement.bias is None:
            self.line(f"transposed({y}, {matrix}.T, {self.slice_of(vector, 'v')}, False)")
        else:
            self.line(f"affine({y}, {matrix}, {self.slice_of(vector, 'v')}, {self.slice_of(statement.bias, 's')})")

    def pull_tiles(self, statement: Product, receivers: Sequence[Operand]) -> None:
        e, vector, bias = self.whole(statement.result, "dv"), statement.vector[0], statement.bias
        if statement.matrix[0] in receivers:
            self.line(f"outer({self.matrix(statement, 'ds')}, {e}, {self.slice_of(vector, 'v')})")
        if bias is not None and bias in receivers:
            self.line(f"row_sums({self.slice_of(bias, 'ds')}, {e})")
        if vector in receivers:
            add = self.signs(statement, [vector])[vector] == "+="
            self.line(f"transposed({self.slice_of(vector, 'dv')}, {self.matrix(statement, 's')}, {e}, {add})")

    def whole(self, family: Family, memory: str) -> str:
        return f"{memory}[{self.place(family)}:{self.place(family) + family.rows}]"

    def matrix(self, statement: Product, memory: str) -> str:
        operand = statement.matrix[0]
        assert operand.index.block is not None
        assert operand.index.width is not None
        start, stride, height = operand.index.block
        start += self.place(operand.family)
        columns = "" if stride == operand.index.width else f"[:, :{operand.index.width}]"
        return f"{memory}[{start}:{start + height * stride}].reshape({height}, {stride}){columns}"

    def slice_of(self, operand: Operand, memory: str) -> str:
        """Code for rows that are one stretch of memory, or in `s` any slice of it; "" if they are not."""
        rows = operand.index.slice
        if rows is None or (memory[-1] == "v" and rows.step != 1):
            return ""
        first = self.place(operand.family)
        step = f":{rows.step}" if rows.step != 1 else ""
        return f"{memory}[{first + rows.start}:{first + rows.stop}{step}]"

    # --- tables ---

    def write_table(self, pulls: Sequence[Any], write: Callable[[_Task, Sequence[Operand]], None]) -> None:
        """One loop for statements that are parts of a memory; their rows are looked up."""
        kinds: dict[Any, tuple[int, _Task, Sequence[Operand]]] = {}
        table: list[list[int]] = []
        for statement, receivers in pulls:
            operands = operands_of(statement)
            receives = tuple(operand in receivers for operand in operands)
            kind = (
                type(statement), self.is_shared(statement.result), receives,
                getattr(statement, "op", None), len(getattr(statement, "matrix", getattr(statement, "left", ()))),
                tuple((id(o.family), o.index.width is None) for o in operands),
            )  # fmt: skip
            entry = [self.place(statement.result), statement.result.rows]
            for operand in operands:
                first = self.place(operand.family)
                entry += [self.look_up(first + row for row in operand.index.rows)]
                entry += [operand.index.width or len(operand.index.rows)]
            if kind not in kinds:
                kinds[kind] = len(kinds), self.task_of_table(statement), receivers
            table.append([kinds[kind][0], *entry])
        for family in dict.fromkeys(operand.family for _, receivers in pulls for operand in receivers):
            if not self.is_shared(family) and family not in self.started:
                self.zero(family)
        size = max(map(len, table))
        start = self.look_up(number for entry in table for number in [*entry, *[0] * (size - len(entry))])
        with self.block(f"for k in range({start}, {start + size * len(table)}, {size}):"):
            self.line("first, n = index[k + 1], index[k + 2]")
            for number, task, receivers in kinds.values():
                with self.block(f"{'el' * (number > 0)}if index[k] == {number}:"):
                    for i in range(len(task.operands)):
                        self.line(f"at{i}, n{i} = index[k + {3 + 2 * i}], index[k + {4 + 2 * i}]")
                    write(task, receivers)

    def task_of_table(self, statement: Statement) -> _Task:
        """A statement of which the rows are looked up: it stands for all of its kind."""
        product = isinstance(statement, Product | Dots)
        operands = []
        for i, operand in enumerate(operands_of(statement)):
            matrix = operand.index.width is not None
            row = f"index[at{i} + n{i} * {{r}} + {{c}}]" if matrix else f"index[at{i} + {{r}}]"
            operands.append(_Rows(operand, self.is_shared(operand.family), row, f"n{i}" if matrix or product else ""))
        return _Task(statement, self.is_shared(statement.result), "first + r", "n", tuple(operands))
