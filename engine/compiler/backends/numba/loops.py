"""Loops: a vector program as native loops over memory, for Numba.

A statement becomes a loop over the rows r of its result, within it one over the columns c of what is summed up, and
within that one over the examples j, next to each other in memory: a processor computes eight of them at a time.

Of many statements, as deep nets and irregular programs have them, most differ in nothing but the rows that they touch:
these are listed in a table, and one loop carries out all of them. So the time to compile does not grow with the depth.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.compiler.backends.code import Algebra, Code, text_of
from engine.compiler.backends.numba.layout import Layout, Rows, Task, end
from engine.compiler.nests.pulls import Pull, differentiate
from engine.compiler.nests.statements import Elementwise, Family, Operand, Product, Reduction, Statement, VectorProgram
from engine.number import times

__all__ = ["Loops", "write_loops"]

MOST_STATEMENTS = 12  # that are written one after the other
FOLDS = {"total": ("0.0", "{} + {}"), "largest": ("-inf", "maximum({}, {})"), "smallest": ("inf", "minimum({}, {})")}


@dataclass(frozen=True)
class Loops:
    """Text of functions on numbers in memory, and where these lie.

    Attributes:
        source: defines ``forward_shared(s, index)``, ``forward(v, s, index)``, ``backward(v, dv, s, ds, index, seed)``
            and ``backward_shared(s, ds, index, seed)``, to be called in this order. `seed`, (width,), is by how much
            the first output of each example counts; `ds` and `dv` hold derivatives as `s` and `v` hold numbers.
            Those in `ds` are added to what is there, those in `dv` are set.
        layout: where the numbers are.
        outputs: of each output whether it is in `s`, and its row.
    """

    source: str
    layout: Layout
    outputs: list[tuple[bool, int]]


def write_loops(program: VectorProgram, targets: Sequence[Family], *, single: bool = False) -> Loops:
    """A program as loops.

    Args:
        program: what to compute.
        targets: the families to differentiate with respect to.
        single: whether there is only one example, whose numbers then lie in `s`, one next to the other.
    """
    return _Writer(program, targets, Layout(program, single)).run()


class _Writer:
    def __init__(self, program: VectorProgram, targets: Sequence[Family], layout: Layout) -> None:
        self.program = program
        self.targets = list(targets)
        self.layout = layout
        self.lines: list[str] = []
        self.indent = "    "
        self.n_names = 0
        self.known: dict[str, str] = {}  # calls that have a name in the body of the loop being written
        self.started: set[Family] = set()  # what can be added to, since it has been set

    def run(self) -> Loops:
        program, layout = self.program, self.layout
        pulls = differentiate(program, self.targets)
        shared = [statement for statement in program.statements if layout.is_shared(statement.result)]
        examples = [statement for statement in program.statements if not layout.is_shared(statement.result)]
        parts = [
            self.function("forward_shared(s, index)", self.write_forward, shared),
            self.function("forward(v, s, index)", self.write_forward, examples),
            self.function("backward(v, dv, s, ds, index, seed)", self.write_backward, pulls, False),
            self.function("backward_shared(s, ds, index, seed)", self.write_backward, pulls, True),
        ]
        outputs = [(layout.is_shared(o.family), layout.place(o.family) + o.index.rows[0]) for o in program.outputs]
        return Loops("\n\n".join(parts), layout, outputs)

    # --- text ---

    def function(self, signature: str, write: Callable[..., None], *arguments: Any) -> str:
        self.lines = ["@inlined", f"def {signature}:"]
        self.line("width = v.shape[1]" if "(v" in signature else "pass")
        write(*arguments)
        return "".join(f"{line}\n" for line in self.lines)

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        empty = len(self.lines)
        indent, known = self.indent, self.known
        self.indent, self.known = f"{indent}    ", {}
        yield
        self.indent, self.known = indent, known
        if len(self.lines) == empty:
            self.lines.pop()

    @contextmanager
    def examples(self, task: Task) -> Iterator[None]:
        """What is done for each example, or just once for all of them."""
        if task.shared:
            yield
        else:
            with self.block("for j in range(width):"):
                yield

    def name(self) -> str:
        self.n_names += 1
        return f"t{self.n_names}"

    def assign(self, text: str) -> str:
        if text not in self.known:
            self.known[text] = self.name()
            self.line(f"{self.known[text]} = {text}")
        return self.known[text]

    # --- numbers ---

    def result(self, task: Task) -> Code:
        return Code(f"s[{task.row}]" if task.shared else f"v[{task.row}, j]")

    def delta(self, task: Task) -> Code:
        return Code("delta" if task.shared else f"dv[{task.row}, j]")

    def read(self, task: Task, x: Rows) -> Any:
        """An operand's number; what does not depend on the example is got hold of before the loop over these."""
        if x.number is not None:
            return x.number
        if task.shared:
            return Code(f"s[{x.row()}]")
        if x.shared:
            return Code(self.assign(f"s[{x.row()}]"))
        return Code(f"v[{self.row(x)}, j]")

    def row(self, x: Rows) -> str:
        return self.assign(x.row()) if "index" in x.place else x.row()

    # --- forward ---

    def write_forward(self, statements: Sequence[Statement]) -> None:
        if len(statements) > MOST_STATEMENTS:
            self.write_table([Pull(statement, ()) for statement in statements], self.compute)
        else:
            for statement in statements:
                self.compute(self.layout.task(statement), ())

    def compute(self, task: Task, receivers: Sequence[Operand]) -> None:
        statement = task.statement
        if self.is_tiled(task):
            self.compute_tiles(task)
            return
        with self.block(f"for r in range({task.n}):"):
            if isinstance(statement, Elementwise):
                self.compute_elementwise(task, statement)
            elif isinstance(statement, Reduction):
                self.compute_reduction(task, statement)
            else:
                self.compute_dots(task)

    def compute_elementwise(self, task: Task, statement: Elementwise) -> None:
        xs = [self.read(task, x) for x in task.operands]
        with self.examples(task):
            value = statement.op.value(Algebra(self.assign), *xs)
            self.line(f"{self.result(task)} = {text_of(value)}")

    def compute_dots(self, task: Task) -> None:
        pieces, bias = task.pairs()
        start = text_of(0.0 if bias is None else self.read(task, bias))
        total = "total" if task.shared else self.result(task)
        with self.examples(task):
            self.line(f"{total} = {start}")
        for left, right in pieces:
            if task.shared and left.columns() and right.columns():
                self.line(f"{total} += inner({left.columns()}, {right.columns()})")
                continue
            with self.block(f"for c in range({left.width}):"):
                a, b = self.read(task, left), self.read(task, right)
                with self.examples(task):
                    self.line(f"{total} += {text_of(a)} * {text_of(b)}")
        if task.shared:
            self.line(f"{self.result(task)} = {total}")

    def compute_reduction(self, task: Task, statement: Reduction) -> None:
        value = statement.op.value(self.along_columns(task), *self.blocks(task))
        with self.examples(task):
            self.line(f"{self.result(task)} = {text_of(value)}")

    def blocks(self, task: Task) -> list[Code]:
        """What is reduced: of each block the number in column c, once `open_column` has been written."""
        return [
            Code(f"s[{x.row()}]" if task.shared else f"x{i}" if x.shared else f"v[x{i}, j]")
            for i, x in enumerate(task.operands)
        ]

    def open_column(self, task: Task, i: int) -> None:
        x = task.operands[i]
        if not task.shared:
            self.line(f"x{i} = {f's[{x.row()}]' if x.shared else x.row()}")

    def along_columns(self, task: Task) -> Algebra:
        """The algebra on numbers side by side. What it puts together goes through all columns once more."""
        known: dict[tuple[str, ...], Code] = {}

        def fold(name: str, terms: Iterable[Any]) -> Code:
            texts = [text_of(term) for term in terms]
            if (name, *texts) in known:
                return known[name, *texts]
            first, both = FOLDS[name]
            # row 0 of the scratch is where `receiver` puts what is to be summed up
            total = self.name() if task.shared else f"v[{self.layout.scratch(len(known) + 1)}, j]"
            with self.examples(task):
                self.line(f"{total} = {first}")
            for i, (x, text) in enumerate(zip(task.operands, texts, strict=True)):
                with self.block(f"for c in range({x.width}):"):
                    self.open_column(task, i)
                    with self.examples(task):
                        self.line(f"{total} = {both.format(total, text)}")
            return known.setdefault((name, *texts), Code(total))

        return Algebra(fold=fold)

    # --- backward ---

    def write_backward(self, pulls: Sequence[Pull], shared: bool) -> None:
        first = self.program.outputs[0]
        output = self.layout.rows(first, self.layout.where(first))
        if output.shared == shared:
            self.start_from(output)
        mine = [pull for pull in pulls if self.layout.is_shared(pull.statement.result) == shared]
        if len(mine) > MOST_STATEMENTS:
            self.write_table(mine, self.pull)
        else:
            for statement, receivers in mine:
                self.pull(self.layout.task(statement), receivers)
        if not shared:
            self.zero(*(family for family in self.targets if not self.layout.is_shared(family)))

    def start_from(self, output: Rows) -> None:
        """What is asked for is the derivative of this number."""
        if output.shared:
            self.line(f"ds[{output.row('0')}] += total(seed)")
            return
        self.zero(output.operand.family)
        with self.block("for j in range(width):"):
            self.line(f"dv[{output.row('0')}, j] += seed[j]")

    def zero(self, *families: Family) -> None:
        """Clear the derivatives of families that nothing has been added to."""
        places = sorted((self.layout.place(f), self.layout.place(f) + f.rows) for f in {*families} - self.started)
        self.started.update(families)
        while places:
            start, stop = places.pop(0)
            while places and places[0][0] <= stop:
                stop = max(stop, places.pop(0)[1])
            self.line(f"zero(dv, {start}, {stop})")

    def pull(self, task: Task, receivers: Sequence[Operand]) -> None:
        statement = task.statement
        if self.is_tiled(task):
            self.pull_tiles(task, receivers)
            return
        signs = self.signs(statement, receivers)
        with self.block(f"for r in range({task.n}):"):
            if task.shared:
                self.line(f"delta = ds[{task.row}]")
            if isinstance(statement, Elementwise):
                self.pull_elementwise(task, statement, signs)
            elif isinstance(statement, Reduction):
                self.pull_reduction(task, statement, signs)
            else:
                self.pull_dots(task, signs)

    def signs(self, statement: Statement, receivers: Sequence[Operand], *, tiled: bool = False) -> dict[Operand, str]:
        """How each receiver takes its share: what a family gets first, and at once, may be set; the rest is added."""
        signs = dict.fromkeys(receivers, "+=")
        families = [operand.family for operand in receivers]
        row_by_row = statement.vector if isinstance(statement, Product) and not tiled else ()
        for operand in receivers:
            family = operand.family
            if not self.layout.is_shared(family) and family not in self.started:
                at_once = operand.index.form == "all" and operand not in row_by_row and families.count(family) == 1
                if at_once and statement.result.memory is None:
                    self.started.add(family)
                    signs[operand] = "="
                else:
                    self.zero(family)
        return signs

    def pull_elementwise(self, task: Task, statement: Elementwise, signs: dict[Operand, str]) -> None:
        xs = [self.read(task, x) for x in task.operands]
        mine = [(i, x) for i, x in enumerate(task.operands) if x.operand in signs]
        receivers = [self.receiver(task, x, signs, i) for i, x in mine]
        with self.examples(task):
            partials = statement.op.partials(Algebra(self.assign), self.result(task), *xs)
            for (i, _), receiver in zip(mine, receivers, strict=True):
                self.line(f"{receiver} {text_of(times(self.delta(task), partials[i]))}")
        for i, x in mine:
            self.sum_up(task, x, i)

    def pull_reduction(self, task: Task, statement: Reduction, signs: dict[Operand, str]) -> None:
        partials = statement.op.partials(self.along_columns(task), self.result(task), *self.blocks(task))
        for i, (x, partial) in enumerate(zip(task.operands, partials, strict=True)):
            if x.operand in signs:
                with self.block(f"for c in range({x.width}):"):
                    self.open_column(task, i)
                    self.give(task, x, times(self.delta(task), partial), signs)

    def pull_dots(self, task: Task, signs: dict[Operand, str]) -> None:
        pieces, bias = task.pairs()
        if bias is not None and bias.operand in signs:
            self.give(task, bias, self.delta(task), signs)
        for left, right in pieces:
            with self.block(f"for c in range({left.width}):"):
                a, b = self.read(task, left), self.read(task, right)
                for x, other in ((left, b), (right, a)):
                    if x.operand in signs:
                        self.give(task, x, times(self.delta(task), other), signs)

    def give(self, task: Task, x: Rows, term: Any, signs: dict[Operand, str]) -> None:
        """One operand's share, in a loop of its own."""
        receiver = self.receiver(task, x, signs)
        with self.examples(task):
            self.line(f"{receiver} {text_of(term)}")
        self.sum_up(task, x)

    def receiver(self, task: Task, x: Rows, signs: dict[Operand, str], k: int = 0) -> str:
        """What takes an operand's share, and how; a row of the scratch, if the shares of examples must be summed up."""
        if task.shared:
            return f"ds[{x.row()}] +="
        if x.shared:
            return f"v[{self.layout.scratch(k)}, j] ="
        return f"dv[{self.row(x)}, j] {signs[x.operand]}"

    def sum_up(self, task: Task, x: Rows, k: int = 0) -> None:
        if x.shared and not task.shared:
            self.line(f"ds[{x.row()}] += total(v[{self.layout.scratch(k)}])")

    # --- products, by the tiles of engine.compiler.backends.numba.products ---

    def is_tiled(self, task: Task) -> bool:
        """Whether it is a product whose matrix, vector and bias can all be had as they lie in memory."""
        statement = task.statement
        if task.shared or not isinstance(statement, Product) or len(statement.matrix) > 1 or len(statement.vector) > 1:
            return False
        matrix, vector, *bias = task.operands
        return (
            matrix.form == "block"
            and (vector.form, vector.shared) == ("stretch", False)
            and all(x.shared and x.form in ("stretch", "strided") for x in bias)
        )

    def compute_tiles(self, task: Task) -> None:
        matrix, vector, *bias = task.operands
        b = bias[0].slice("s", task.n) if bias else None
        self.line(f"affine({self.whole(task, 'v')}, {matrix.matrix('s', task.n)}, {self.vector(vector, 'v')}, {b})")

    def pull_tiles(self, task: Task, receivers: Sequence[Operand]) -> None:
        matrix, vector, *bias = task.operands
        delta = self.whole(task, "dv")
        if matrix.operand in receivers:
            self.line(f"outer({matrix.matrix('ds', task.n)}, {delta}, {self.vector(vector, 'v')})")
        for b in bias:
            if b.operand in receivers:
                self.line(f"row_sums({b.slice('ds', task.n)}, {delta})")
        if vector.operand in receivers:
            add = self.signs(task.statement, [vector.operand], tiled=True)[vector.operand] == "+="
            back = f"{self.vector(vector, 'dv')}, {matrix.matrix('s', task.n)}, {delta}, {add}"
            self.line(f"transposed({back})")

    def whole(self, task: Task, array: str) -> str:
        return f"{array}[{task.first} : {end(task.first, task.n)}]"

    def vector(self, x: Rows, array: str) -> str:
        return x.slice(array, x.width or f"{len(x.operand.index.rows)}")

    # --- tables ---

    def write_table(self, pulls: Sequence[Pull], write: Callable[[Task, Sequence[Operand]], None]) -> None:
        """One loop for many statements, with a branch for each kind of them."""
        kinds: dict[Any, tuple[int, Task, Sequence[Operand]]] = {}
        table: list[list[int]] = []
        for statement, theirs in pulls:
            task, entry = self.layout.table_entry(statement)
            number, *_ = kinds.setdefault(_kind(task, theirs), (len(kinds), task, theirs))
            table.append([number, *entry])
        receivers = {operand.family for pull in pulls for operand in pull.receivers}
        self.zero(*(family for family in receivers if not self.layout.is_shared(family)))
        size = max(map(len, table))
        start = self.layout.look_up(number for entry in table for number in [*entry, *[0] * (size - len(entry))])
        with self.block(f"for k in range({start}, {start + size * len(table)}, {size}):"):
            self.line("first, n = index[k + 1], index[k + 2]")
            for number, task, given in kinds.values():
                with self.block(f"{'el' * (number > 0)}if index[k] == {number}:"):
                    for i in range(len(task.operands)):
                        at = [f"index[k + {3 + 3 * i + j}]" for j in range(3)]
                        self.line(f"at{i}, width{i}, step{i} = {', '.join(at)}")
                    write(task, given)


def _kind(task: Task, receivers: Sequence[Operand]) -> Any:
    """What a statement has in common with those that differ from it in nothing but the rows."""
    statement = task.statement
    parts = [len(getattr(statement, name, ())) for name in ("matrix", "vector", "left", "right")]
    has_bias = getattr(statement, "bias", None) is not None
    operands = [(x.shared, x.form, x.operand.index.width is None, x.operand in receivers) for x in task.operands]
    return type(statement), getattr(statement, "op", None), task.shared, has_bias, *parts, *operands
