"""Equations: a vector program as one would write it on the board, forward and backward."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any, NamedTuple

from engine import functions
from engine.compiler.differentiate import Pull, differentiate
from engine.compiler.notation import (
    along_rows,
    column,
    listed,
    matmul,
    named,
    part,
    product,
    stacked,
    stretch,
    summed,
    transposed,
)
from engine.compiler.program import (
    Dots,
    Elementwise,
    Family,
    Index,
    Operand,
    Product,
    Reduction,
    Statement,
    VectorProgram,
    operands_of,
)
from engine.formula import ATOM, ENCLOSING, PRECEDENCE, Formula
from engine.number import Number
from engine.ops import IDENTITY, TOTAL, Op

__all__ = ["Equation", "equations"]

LONGEST = 40  # characters of what stands where it is used; anything longer gets a name


@dataclass(frozen=True)
class Equation:
    """One line: left = right, or left += right.

    Attributes:
        phase: "parameters", which says where in theta a matrix is; "forward"; or "backward".
        left: what is computed.
        sign: "=" or "+=".
        right: from what.
        shape: of what is computed, such as "16" or "16, 2".
    """

    phase: str
    left: Formula
    sign: str
    right: Formula
    shape: str

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


def equations(program: VectorProgram, names: Sequence[str], *, gives_list: bool = False) -> list[Equation]:
    """A program as equations, for one example.

    A product of parameters with a vector is z1 = W1 @ x + b1, and so on from layer to layer; a1 is the
    activation of z1; d1 is the derivative of the output with respect to z1, and dt1 that with respect to t1.
    What is used once, and is short, has no name of its own but stands where it is used.

    The text means what it means in NumPy, and goes on where NumPy has no words: ``tanh'`` is the derivative
    of tanh; ``d @ x.T`` of two vectors is their outer product; ``;`` puts one below the other; and ``+=`` to a
    list of rows adds to a row as often as it is listed. dW1 and db1 are parts of dtheta, as W1 and b1 are of theta.

    Args:
        program: what to write.
        names: of the arguments.
        gives_list: whether all outputs are one list, which has no derivative. Else the first one is
            differentiated, and others are aux.
    """
    writer = _Writer(program, names, gives_list)
    writer.write_forward()
    if not gives_list:
        writer.write_backward()
    return writer.matrices + writer.lines


@dataclass(frozen=True)
class _Term:
    """What some rows of a derivative receive.

    Attributes:
        what: a formula, or a plain number.
        index: which rows.
        is_one: whether it is one number for all of them.
    """

    what: Any
    index: Index
    is_one: bool

    @property
    def is_whole(self) -> bool:
        """Whether it goes to all rows, one by one."""
        return self.index.width is None and self.index.covers


class _Pair(NamedTuple):
    """A matrix and the vector that it is multiplied by, and the operands of a product that they are parts of."""

    matrix: Operand
    vector: Operand
    of_matrix: Operand
    of_vector: Operand


class _Writer:
    def __init__(self, program: VectorProgram, names: Sequence[str], gives_list: bool) -> None:
        self.program = program
        self.gives_list = gives_list
        self.matrices: list[Equation] = []
        self.lines: list[Equation] = []
        self.taken = set(names)
        self.formulas = {family: named(name) for family, name in zip(program.inputs, names, strict=True)}
        self.formulas[program.parameters] = Formula("theta", r"\theta")
        self.parameters: dict[Index, Formula] = {}  # the matrices and biases that parts of theta are
        self.layers: dict[Family, int] = {}
        self.activated: set[Family] = set()
        self.inlined: set[Family] = set()
        self.deltas: dict[Family, Formula] = {}
        self.arriving: dict[Family, list[_Term]] = {}
        self.begun: set[str] = set()
        self.memories = {s.result.memory: None for s in program.statements if s.result.memory}  # in their order
        self.targets = [program.parameters] if program.parameters.rows else program.inputs
        pulls = [] if gives_list else differentiate(program, self.targets)
        self.pulls = {pull.statement: pull for pull in pulls}
        operands = [_view(operand, s) for s in program.statements for operand in operands_of(s)]
        self.uses = Counter(operand.family for operand in [*operands, *program.outputs])
        self.whole = Counter(o.family for o in operands if o.index.width is None and o.index.covers)

    def write(self, phase: str, left: Formula, sign: str, right: Any, rows: int | str) -> None:
        self.lines.append(Equation(phase, left, sign, Formula.of(right), str(rows)))

    # --- forward ---

    def write_forward(self) -> None:
        first, *aux = self.program.outputs
        output = named("loss" if self.program.parameters.rows else "f")
        computed = {statement.result for statement in self.program.statements}
        is_named = first.family in computed and first.family.rows == 1 and not self.gives_list
        for memory in self.memories:
            is_free = memory.name not in self.taken
            self.formulas[memory] = named(memory.name if is_free else f"{memory.name}{self.unused(memory.name)}")
            self.write("forward", self.formulas[memory], "=", 0.0, memory.rows)
        for statement in self.program.statements:
            result, right = statement.result, self.right_side(statement)
            if is_named and result is first.family:
                self.formulas[result] = output
            else:
                self.name(statement, right)
            if result not in self.inlined:
                self.write("forward", self.formulas[result], "=", right, result.rows)
        if not is_named:
            given = self.program.outputs if self.gives_list else [first]
            self.write("forward", output, "=", self.read_all(given), len(given))
        if aux and not self.gives_list:
            self.write("forward", named("aux"), "=", self.read_all(aux), len(aux))

    def name(self, statement: Statement, right: Formula) -> None:
        """Decide what a statement's result is called."""
        result = statement.result
        if result.memory is not None:
            self.formulas[result] = part(self.formulas[result.memory], _in_memory(result))
        elif result in self.layers:
            self.formulas[result] = named(f"z{self.layers[result]}")
        elif layer := self.activated_layer(statement):
            self.formulas[result] = named(f"a{layer}")
        elif self.may_be_inlined(statement) and len(right.text) <= LONGEST:
            self.formulas[result] = right
            self.inlined.add(result)
        else:
            self.formulas[result] = named(f"t{self.unused('t')}")

    def unused(self, letters: str) -> int:
        """The least number that gives new names with all these letters."""
        number = next(n for n in count(1) if not self.taken & {f"{letter}{n}" for letter in letters})
        self.taken |= {f"{letter}{number}" for letter in letters}
        return number

    def activated_layer(self, statement: Statement) -> int | None:
        """The layer of which this statement computes the activation."""
        if isinstance(statement, Elementwise) and len(statement.operands) == 1:
            operand = statement.operands[0]
            if operand.index.covers and operand.family not in self.activated:
                self.activated.add(operand.family)
                return self.layers.get(operand.family)
        return None

    def may_be_inlined(self, statement: Statement) -> bool:
        """Whether it is used once, as a whole, and no derivative has to be named after it."""
        pull, result = self.pulls.get(statement), statement.result
        if pull is not None and (len(pull.receivers) > 1 or _needs_vector(statement)):
            return False
        return self.uses[result] == self.whole[result] == 1

    def right_side(self, statement: Statement) -> Formula:
        if isinstance(statement, Elementwise):
            operands = [self.read(operand) for operand in statement.operands]
            return Formula.of(operands[0]) if statement.op == IDENTITY else functions.apply(statement.op, *operands)
        if isinstance(statement, Reduction):
            return self.reduced(statement)
        terms = self.products(statement) if isinstance(statement, Product) else self.dots(statement)
        if statement.bias is not None:
            terms.append(self.layer_bias(statement) or self.read(statement.bias))
        return Formula.of(_sum(terms))

    def reduced(self, statement: Reduction) -> Formula:
        if statement.op == TOTAL:
            return Formula.of(_sum([self.total(operand, statement) for operand in statement.matrix]))
        written: Formula = functions.apply(statement.op, self.side_by_side(statement))
        return along_rows(written) if statement.result.rows > 1 else written

    def total(self, operand: Operand, statement: Reduction) -> Any:
        """The sum over the columns of a matrix."""
        if operand.index.width == 1:
            return self.read(_flat(operand))
        return summed(self.listed(_view(operand, statement)), is_matrix=statement.result.rows > 1)

    def products(self, statement: Product) -> list[Any]:
        pairs = list(_pairs(statement))
        if self.is_layer(statement):
            self.name_layer(statement, pairs)
            return [matmul(self.parameters[pair.matrix.index], self.listed(pair.vector)) for pair in pairs]
        if statement.result.rows > 1:
            return [matmul(self.read(pair.matrix), self.listed(pair.vector)) for pair in pairs]
        return [self.dot(_flat(pair.matrix), pair.vector) for pair in pairs]

    def dots(self, statement: Dots) -> list[Any]:
        terms: list[Any] = []
        for a, b in zip(statement.left, statement.right, strict=True):
            if statement.result.rows == 1:
                terms.append(self.dot(_flat(a), _flat(b)))
            elif a.index.width == 1:
                terms.append(self.read(_flat(a)) * self.read(_flat(b)))
            elif found := _matrix_and_vector(a, b):
                terms.append(matmul(self.read(found.matrix), self.listed(found.vector)))
            else:
                terms.append(summed(self.read(a) * self.read(b), is_matrix=True))
        return terms

    def dot(self, a: Operand, b: Operand) -> Any:
        """The sum of the products of two vectors; a factor that they have in common stands before it."""
        if len(a.index.rows) == 1:
            return product(self.read(a), self.read(b))
        if _are_same(a, b):
            return summed(self.read(a) ** 2)
        for factor, other in ((a, b), (b, a)):
            if not self.varies(factor):
                total = summed(self.read(other)) if self.varies(other) else product(len(a.index.rows), self.read(other))
                return product(self.read(factor), total)
        return summed(self.read(a) * self.read(b))

    def is_layer(self, statement: Product) -> bool:
        """Whether it is a matrix of parameters times something that depends on the inputs."""
        all_shared = all(operand.family.shared for operand in statement.vector)
        return not all_shared and all(operand.family is self.program.parameters for operand in statement.matrix)

    def name_layer(self, statement: Product, pairs: Sequence[_Pair]) -> None:
        layer = self.unused("bzad")
        self.layers[statement.result] = layer
        self.deltas[statement.result] = Formula(f"d{layer}", rf"\delta_{{{layer}}}")
        for pair in pairs:
            if pair.matrix.index not in self.parameters:  # else it is the same again, as in a recurrent network
                is_free = f"W{layer}" not in self.taken
                self.taken |= {f"W{layer}"} if is_free else set()
                self.name_parameters(pair.matrix.index, f"W{layer if is_free else self.unused('W')}")
        bias = statement.bias
        if bias is not None and bias.family is self.program.parameters and not bias.index.repeats:
            self.name_parameters(bias.index, f"b{layer}")

    def name_parameters(self, index: Index, name: str) -> None:
        if index not in self.parameters:
            self.parameters[index] = named(name)
            where = part(self.formulas[self.program.parameters], index, is_list=True)
            self.matrices.append(Equation("parameters", named(name), "=", where, _shape(index)))

    def layer_bias(self, statement: Product | Dots) -> Formula | None:
        """What the bias of a layer is called, if it has a name."""
        bias = statement.bias
        is_ours = statement.result in self.layers and bias is not None and bias.family is self.program.parameters
        return self.parameters.get(bias.index) if is_ours and bias is not None else None

    # --- backward ---

    def write_backward(self) -> None:
        for memory in self.memories:
            self.write("backward", self.derivative(memory), "=", 0.0, memory.rows)
        self.add(self.program.outputs[0], 1.0, is_one=True)
        for pull in self.pulls.values():
            statement = pull.statement
            delta, is_one = self.delta(pull)
            if isinstance(statement, Elementwise):
                self.pull_elementwise(pull, statement, delta, is_one)
            elif isinstance(statement, Reduction):
                self.pull_reduction(pull, statement, delta)
            elif isinstance(statement, Product):
                self.pull_product(pull, statement, delta)
            else:
                self.pull_dots(pull, statement, delta)
        for family in self.targets:
            if family in self.arriving or not self.parameters:
                self.write_gradient(family)

    def derivative(self, family: Family) -> Formula:
        """What the derivative with respect to a family is called."""
        return self.deltas.get(family) or _d(self.formulas[family])

    def add(self, operand: Operand, what: Any, *, is_one: bool) -> None:
        """Note what an operand receives: a number for each of its rows, or one for all."""
        family, index, n = operand.family, operand.index, len(operand.index.rows)
        if index.width is None and index.form == "one" and n > 1:
            what, index, n = product(float(n), what) if is_one else summed(what), _row(index), 1
        if family in self.memories:
            self.write("backward", part(self.derivative(family), index), "+=", what, _shape(index))
        else:
            self.arriving.setdefault(family, []).append(_Term(what, index, is_one))

    def delta(self, pull: Pull) -> tuple[Any, bool]:
        """The derivative with respect to a statement's result, and whether it is one number for all its rows."""
        result = pull.statement.result
        if result.memory is not None:
            return part(self.derivative(result.memory), _in_memory(result)), False
        terms = self.arriving[result]
        total, is_one = Formula.of(_sum([term.what for term in terms])), all(term.is_one for term in terms)
        is_named = result in self.deltas or not all(term.is_whole for term in terms)
        is_short = total.precedence == ATOM or (len(pull.receivers) == 1 and len(total.text) <= LONGEST)
        fits = not _needs_vector(pull.statement) or (total.precedence == ATOM and not is_one)
        if result in self.inlined or (not is_named and is_short and fits):
            self.arriving.pop(result)
            return (terms[0].what if len(terms) == 1 else total), is_one
        self.write_gradient(result)
        return self.derivative(result), False

    def write_gradient(self, family: Family) -> None:
        """The lines that add up what a family has received."""
        name, terms = self.derivative(family), self.arriving.pop(family, [])
        whole = [term.what for term in terms if term.is_whole]
        goes_on = family is self.program.parameters and bool(self.parameters)  # with what its matrices have received
        if whole or not goes_on:
            self.write("backward", name, "+=" if goes_on else "=", _sum(whole) if whole else 0.0, family.rows)
        for term in terms:
            if not term.is_whole:
                self.write("backward", part(name, term.index), "+=", term.what, _shape(term.index))

    def pull_elementwise(self, pull: Pull, statement: Elementwise, delta: Any, is_one: bool) -> None:
        xs = [self.read(operand) for operand in statement.operands]
        sizes = [_Size(self.varies(operand)) for operand in statement.operands]
        partials = statement.op.partials(_Algebra(), self.formulas[statement.result], *xs)
        partial_sizes = statement.op.partials(_Algebra(), _Size(any(size.varies for size in sizes)), *sizes)
        for operand, partial, size in zip(statement.operands, partials, partial_sizes, strict=True):
            if operand in pull.receivers:
                is_reciprocal = str(partial) == str(1.0 / Formula.of(xs[-1]))
                if not is_reciprocal and isinstance(partial, Formula) and len(xs) == 1:
                    partial = _primed(statement.op, xs[0]) or partial
                term = Formula.of(delta) / xs[-1] if is_reciprocal else product(delta, partial)
                self.add(operand, term, is_one=is_one and not (isinstance(size, _Size) and size.varies))

    def pull_reduction(self, pull: Pull, statement: Reduction, delta: Any) -> None:
        if statement.op == TOTAL:
            for operand in pull.receivers:
                is_column = operand.index.width == 1
                view = _flat(operand) if is_column else _view(operand, statement)
                self.add(view, delta if view.index.width is None else column(delta), is_one=not is_column)
            return
        x, z, is_matrix = self.side_by_side(statement), self.formulas[statement.result], statement.result.rows > 1
        (partial,) = statement.op.partials(_Algebra(is_matrix), column(z) if is_matrix else z, x)
        term = product(column(delta) if is_matrix else delta, partial)
        start = 0
        for operand in statement.matrix:
            stop = start + (operand.index.width or 0)
            if operand in pull.receivers:
                mine = term if len(statement.matrix) == 1 else stretch(term, start, stop, is_matrix=is_matrix)
                self.add(_view(operand, statement), mine, is_one=False)
            start = stop

    def pull_product(self, pull: Pull, statement: Product, delta: Any) -> None:
        for pair in _pairs(statement):
            if statement.result in self.layers:
                self.pull_layer(pull, delta, pair)
            elif statement.result.rows == 1:
                self.pull_dot(pull, delta, (_flat(pair.matrix), pair.of_matrix), (pair.vector, pair.of_vector))
            else:
                self.pull_matmul(pull, delta, pair)
        self.pull_bias(pull, statement, delta)

    def pull_dots(self, pull: Pull, statement: Dots, delta: Any) -> None:
        for a, b in zip(statement.left, statement.right, strict=True):
            if statement.result.rows == 1 or a.index.width == 1:
                self.pull_dot(pull, delta, (_flat(a), a), (_flat(b), b))
            elif found := _matrix_and_vector(a, b):
                self.pull_matmul(pull, delta, found)
            else:
                for one, other in ((a, b), (b, a)):
                    if one in pull.receivers:
                        self.add(one, column(delta) * self.read(other), is_one=False)
        self.pull_bias(pull, statement, delta)

    def pull_layer(self, pull: Pull, delta: Any, pair: _Pair) -> None:
        self.accumulate(pair.matrix.index, matmul(delta, transposed(self.listed(pair.vector))))
        if pair.of_vector in pull.receivers:
            matrix = self.parameters[pair.matrix.index]
            self.add(pair.vector, matmul(transposed(matrix), delta), is_one=False)

    def pull_matmul(self, pull: Pull, delta: Any, pair: _Pair) -> None:
        if pair.of_matrix in pull.receivers:
            self.add(pair.matrix, matmul(delta, transposed(self.listed(pair.vector))), is_one=False)
        if pair.of_vector in pull.receivers:
            self.add(pair.vector, matmul(transposed(self.read(pair.matrix)), delta), is_one=False)

    def pull_dot(self, pull: Pull, delta: Any, *sides: tuple[Operand, Operand]) -> None:
        """For products of two vectors, number by number, each with the operand that it is a part of."""
        (a, of_a), (b, of_b) = sides
        is_total = pull.statement.result.rows == 1  # so that delta is one number
        if _are_same(a, b) and of_a in pull.receivers and of_b in pull.receivers:
            self.add(a, product(product(2.0, delta), self.read(a)), is_one=is_total and not self.varies(a))
            return
        for one, of_one, other in ((a, of_a, b), (b, of_b, a)):
            if of_one in pull.receivers:
                self.add(one, product(delta, self.read(other)), is_one=is_total and not self.varies(other))

    def pull_bias(self, pull: Pull, statement: Product | Dots, delta: Any) -> None:
        bias = statement.bias
        if bias is not None and bias in pull.receivers:
            if self.layer_bias(statement):
                self.accumulate(bias.index, Formula.of(delta))
            else:
                self.add(bias, delta, is_one=False)

    def accumulate(self, index: Index, term: Formula) -> None:
        """A line for what a matrix or a bias of a layer receives."""
        name = _d(self.parameters[index])
        self.write("backward", name, "+=" if name.text in self.begun else "=", term, _shape(index))
        self.begun.add(name.text)

    # --- operands ---

    def read(self, operand: Operand, *, is_list: bool = False) -> Any:
        index = operand.index
        if operand.family is not self.program.constants:
            return part(self.formulas[operand.family], index, is_list=is_list)
        numbers = [self.program.constants.numbers[row] for row in index.rows]
        if index.width is None and not self.varies(operand) and not (is_list and len(numbers) > 1):
            return numbers[0]
        text = listed(numbers, index.width)
        return Formula(text, text.replace("...", r"\dots"))

    def listed(self, operand: Operand) -> Formula:
        """A vector for matrices to be multiplied by: with all its rows, even where they are one again and again."""
        return Formula.of(self.read(operand, is_list=True))

    def read_all(self, operands: Sequence[Operand]) -> Formula:
        """Single rows, one below the other."""
        parts = []
        for family, group in groupby(operands, key=lambda operand: operand.family):
            rows = tuple(row for operand in group for row in operand.index.rows)
            parts.append(self.listed(Operand(family, Index(rows, None, family.rows))))
        return stacked(parts)

    def side_by_side(self, statement: Reduction) -> Formula:
        """What is reduced: a vector, or a matrix with a row for each result."""
        parts = [self.listed(_view(operand, statement)) for operand in statement.matrix]
        return stacked(parts, are_matrices=statement.result.rows > 1)

    def varies(self, operand: Operand) -> bool:
        """Whether its rows may be different numbers."""
        if operand.family is self.program.constants:
            return len({repr(operand.family.numbers[row]) for row in operand.index.rows}) > 1
        return len(set(operand.index.rows)) > 1


class _Size(Number):
    """A number of which all that matters is whether it varies from row to row."""

    __slots__ = ("varies",)

    def __init__(self, varies: bool) -> None:
        self.varies = varies

    @staticmethod
    def apply(op: Op, *xs: Any) -> "_Size":
        return _Size(any(isinstance(x, _Size) and x.varies for x in xs))


class _Algebra:
    """The functions that rows call by name; a total over one operand is one over all the numbers in it."""

    def __init__(self, is_matrix: bool = False) -> None:
        self.is_matrix = is_matrix

    def __getattr__(self, name: str) -> Any:
        return getattr(functions, name)

    def total(self, xs: Sequence[Any]) -> Any:
        if len(xs) > 1:
            return sum(xs)
        return column(summed(xs[0], is_matrix=True)) if self.is_matrix else summed(xs[0])


def _pairs(statement: Product) -> Iterator[_Pair]:
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
            yield _Pair(matrix, vector, of_matrix, of_vector)


def _matrix_and_vector(a: Operand, b: Operand) -> _Pair | None:
    """Two matrices, of which one has the same row again and again: the other one, and that row."""
    for matrix, other in ((a, b), (b, a)):
        width = other.index.width or 1
        if other.index.rows == other.index.rows[:width] * (len(other.index.rows) // width):
            row = Operand(other.family, Index(other.index.rows[:width], None, other.index.total))
            return _Pair(matrix, row, matrix, other)
    return None


def _view(operand: Operand, statement: Statement) -> Operand:
    """A matrix of a single row as a vector; anything else as it is."""
    return _flat(operand) if operand.index.width is not None and statement.result.rows == 1 else operand


def _flat(operand: Operand) -> Operand:
    return Operand(operand.family, Index(operand.index.rows, None, operand.index.total))


def _are_same(a: Operand, b: Operand) -> bool:
    return (a.family, a.index.rows) == (b.family, b.index.rows)


def _needs_vector(statement: Statement) -> bool:
    """Whether its derivative has to be a vector, as one number for all rows would not do in a product."""
    return statement.result.rows > 1 and not isinstance(statement, Elementwise)


def _in_memory(family: Family) -> Index:
    assert family.memory is not None
    return Index(tuple(range(family.start, family.start + family.rows)), None, family.memory.rows)


def _row(index: Index) -> Index:
    return Index(index.rows[:1], None, index.total)


def _shape(index: Index) -> str:
    n = len(index.rows)
    return str(n) if index.width is None else f"{n // index.width}, {index.width}"


def _d(formula: Formula) -> Formula:
    return Formula(f"d{formula.text}", f"d{formula.latex}")


def _primed(op: Op, x: Any) -> Formula | None:
    """relu'(x), which says more than step(x); None where the operation is written without a name."""
    if not op.symbol[0].isalpha() or op.name in ENCLOSING:
        return None
    written = functions.apply(op, x)
    return Formula(written.text.replace("(", "'(", 1), written.latex.replace("(", "'(", 1))


def _sum(terms: Sequence[Any]) -> Any:
    if len(terms) == 1:
        return terms[0]
    total, *rest = sorted(map(Formula.of, terms), key=lambda term: term.text.startswith("-"))  # p - y, not -y + p
    for term in rest:
        if term.precedence >= PRECEDENCE["mul"] and term.text[0] == term.latex[0] == "-":  # a - b, not a + (-b)
            total = Formula(
                f"{total.text} - {term.text[1:]}", f"{total.latex} - {term.latex[1:]}", precedence=PRECEDENCE["sub"]
            )
        else:
            total = total + term
    return total
