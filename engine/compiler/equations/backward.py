"""Backward: what everything passes on to that which it was computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine import functions
from engine.compiler.equations.equation import Equation
from engine.compiler.equations.names import Names
from engine.compiler.equations.notation import (
    LONGEST,
    added,
    column,
    matmul,
    part,
    product,
    stretch,
    summed,
    transposed,
)
from engine.compiler.equations.pieces import (
    Pair,
    flat,
    matrix_and_vector,
    needs_vector,
    row_of,
    shape_of,
    transposed_index,
    view,
)
from engine.compiler.nests.pulls import Pull
from engine.compiler.nests.statements import Dots, Elementwise, Family, Index, Operand, Product, Reduction
from engine.formula import Formula
from engine.number import Number
from engine.ops import ATOM, TOTAL, Op

__all__ = ["Backward"]


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


class Backward:
    """The lines of the backward pass.

    Args:
        names: of everything, after the forward pass.
        targets: the families to differentiate with respect to.
    """

    def __init__(self, names: Names, targets: Sequence[Family]) -> None:
        self.names = names
        self.read, self.factor = names.read, names.factor
        self.program = names.program
        self.targets = targets
        self.memories = self.program.memories
        self.lines: list[Equation] = []
        self.arriving: dict[Family, list[_Term]] = {}
        self.begun: set[str] = set()

    def line(self, left: Formula, sign: str, right: Any, rows: int | str) -> None:
        self.lines.append(Equation("backward", left, sign, Formula.of(right), str(rows)))

    def write(self, pulls: Sequence[Pull]) -> list[Equation]:
        """All lines, as these say what to do."""
        for memory in self.memories:
            self.line(self.names.derivative(memory), "=", 0.0, memory.rows)
        self.add(self.program.outputs[0], 1.0, is_one=True)
        for pull in pulls:
            statement = pull.statement
            if statement.result.memory is None and statement.result not in self.arriving:
                continue  # what it would have received was left out, being multiplied by 0
            delta, is_one = self.delta(pull)
            if isinstance(statement, Elementwise):
                self.pull_elementwise(pull, statement, delta, is_one)
            elif isinstance(statement, Reduction):
                self.pull_reduction(pull, statement, delta, is_one)
            elif isinstance(statement, Product):
                self.pull_product(pull, statement, delta)
            else:
                self.pull_dots(pull, statement, delta)
        for family in self.targets:
            if family in self.arriving or not self.names.parameters:
                self.write_gradient(family)
        return self.lines

    def add(self, operand: Operand, what: Any, *, is_one: bool) -> None:
        """Note what an operand receives: a number for each of its rows, or one for all."""
        family, index, n = operand.family, operand.index, len(operand.index.rows)
        if index.width is None and index.form == "one" and n > 1:
            what, index, is_one = product(float(n), what) if is_one else summed(what), row_of(index), True
        if family is self.program.parameters and self.names.parameter(index) is not None:
            self.accumulate(index, Formula.of(what))
        elif family in self.memories:
            self.line(part(self.names.derivative(family), index), "+=", what, shape_of(index))
        else:
            self.arriving.setdefault(family, []).append(_Term(what, index, is_one))

    def delta(self, pull: Pull) -> tuple[Any, bool]:
        """The derivative with respect to a statement's result, and whether it is one number for all its rows."""
        result = pull.statement.result
        if result.memory is not None:
            return self.names.derivative(result), False
        terms = self.arriving[result]
        total, is_one = Formula.of(added([term.what for term in terms])), all(term.is_one for term in terms)
        is_named = not all(term.is_whole for term in terms)
        is_short = total.precedence == ATOM or (len(pull.receivers) == 1 and len(total.text) <= LONGEST)
        in_product = needs_vector(pull.statement) or result in self.names.layers  # one number for all will not do
        fits = not in_product or (total.precedence == ATOM and not is_one)
        if result in self.names.inlined or (not is_named and is_short and fits):
            self.arriving.pop(result)
            return (terms[0].what if len(terms) == 1 else total), is_one
        self.write_gradient(result)
        return self.names.derivative(result), False

    def write_gradient(self, family: Family) -> None:
        """The lines that add up what a family has received."""
        name, terms = self.names.derivative(family), self.arriving.pop(family, [])
        whole = [term.what for term in terms if term.is_whole]
        # Where matrices have names, what they have received is a part of it already.
        goes_on = family is self.program.parameters and bool(self.names.parameters)
        if whole or not goes_on:
            self.line(name, "+=" if goes_on else "=", added(whole) if whole else 0.0, family.rows)
        for term in terms:
            if not term.is_whole:
                self.line(part(name, term.index), "+=", term.what, shape_of(term.index))

    def pull_elementwise(self, pull: Pull, statement: Elementwise, delta: Any, is_one: bool) -> None:
        xs = [self.read(operand) for operand in statement.operands]
        sizes = [_Size(self.names.varies(operand)) for operand in statement.operands]
        partials = statement.op.partials(_Algebra(), self.names.formulas[statement.result], *xs)
        partial_sizes = statement.op.partials(_Algebra(), _Size(any(size.varies for size in sizes)), *sizes)
        for operand, partial, size in zip(statement.operands, partials, partial_sizes, strict=True):
            if operand in pull.receivers:
                is_reciprocal = str(partial) == str(1.0 / Formula.of(xs[-1]))
                if not is_reciprocal and isinstance(partial, Formula) and len(xs) == 1:
                    partial = _primed(statement.op, xs[0]) or partial
                term = Formula.of(delta) / xs[-1] if is_reciprocal else product(delta, partial)
                self.add(operand, term, is_one=is_one and not (isinstance(size, _Size) and size.varies))

    def pull_reduction(self, pull: Pull, statement: Reduction, delta: Any, is_one: bool) -> None:
        if statement.op == TOTAL:
            for operand in pull.receivers:
                if operand.index.width == 1:
                    self.add(flat(operand), delta, is_one=is_one)
                else:
                    whole = view(operand, statement)
                    self.add(whole, delta if whole.index.width is None else column(delta), is_one=True)
            return
        is_matrix = statement.result.rows > 1
        x, z = self.names.side_by_side(statement), self.names.formulas[statement.result]
        (partial,) = statement.op.partials(_Algebra(is_matrix), column(z) if is_matrix else z, x)
        term = product(column(delta) if is_matrix else delta, partial)
        start = 0
        for operand in statement.matrix:
            stop = start + (operand.index.width or 0)
            if operand in pull.receivers:
                mine = term if len(statement.matrix) == 1 else stretch(term, start, stop, is_matrix=is_matrix)
                self.add(view(operand, statement), mine, is_one=False)
            start = stop

    def pull_product(self, pull: Pull, statement: Product, delta: Any) -> None:
        for pair in self.names.pairs(statement):
            if statement.result in self.names.layers:
                self.pull_layer(pull, delta, pair)
            elif statement.result.rows == 1:
                self.pull_dot(pull, delta, (flat(pair.matrix), pair.of_matrix), (pair.vector, pair.of_vector))
            else:
                self.pull_matmul(pull, delta, pair)
        self.pull_bias(pull, statement, delta)

    def pull_dots(self, pull: Pull, statement: Dots, delta: Any) -> None:
        for a, b in zip(statement.left, statement.right, strict=True):
            if statement.result.rows == 1 or a.index.width == 1:
                self.pull_dot(pull, delta, (flat(a), a), (flat(b), b))
            elif found := matrix_and_vector(a, b):
                self.pull_matmul(pull, delta, found)
            else:
                for one, other in ((a, b), (b, a)):
                    if one in pull.receivers:
                        self.add(one, column(delta) * self.read(other), is_one=False)
        self.pull_bias(pull, statement, delta)

    def pull_layer(self, pull: Pull, delta: Any, pair: Pair) -> None:
        vector = self.factor(pair.vector)
        if (upright := transposed_index(pair.matrix.index)) in self.names.parameters:  # it is W1.T itself
            self.accumulate(upright, matmul(vector, transposed(delta)))
        else:
            self.accumulate(pair.matrix.index, matmul(delta, transposed(vector)))
        if pair.of_vector in pull.receivers:
            self.add(pair.vector, matmul(transposed(self.names.matrix(pair.matrix)), delta), is_one=False)

    def pull_matmul(self, pull: Pull, delta: Any, pair: Pair) -> None:
        if pair.of_matrix in pull.receivers:
            self.add(pair.matrix, matmul(delta, transposed(self.factor(pair.vector))), is_one=False)
        if pair.of_vector in pull.receivers:
            self.add(pair.vector, matmul(transposed(self.read(pair.matrix)), delta), is_one=False)

    def pull_dot(self, pull: Pull, delta: Any, *sides: tuple[Operand, Operand]) -> None:
        """For products of two vectors, number by number, each with the operand that it is a part of."""
        (a, of_a), (b, of_b) = sides
        is_total = pull.statement.result.rows == 1  # so that delta is one number
        if a.reads_as(b) and of_a in pull.receivers and of_b in pull.receivers:
            self.add(a, product(product(2.0, delta), self.read(a)), is_one=is_total and not self.names.varies(a))
            return
        for one, of_one, other in ((a, of_a, b), (b, of_b, a)):
            if of_one in pull.receivers:
                self.add(one, product(delta, self.read(other)), is_one=is_total and not self.names.varies(other))

    def pull_bias(self, pull: Pull, statement: Product | Dots, delta: Any) -> None:
        bias = statement.bias
        if bias is not None and bias in pull.receivers:
            if self.names.layer_bias(statement):
                self.accumulate(bias.index, Formula.of(delta))
            else:
                self.add(bias, delta, is_one=statement.result.rows == 1)

    def accumulate(self, index: Index, term: Formula) -> None:
        """A line for what a matrix or a bias of a layer receives."""
        name = self.names.derivative_of(self.names.parameters[index])
        self.line(name, "+=" if name.text in self.begun else "=", term, shape_of(index))
        self.begun.add(name.text)


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


def _primed(op: Op, x: Any) -> Formula | None:
    """relu'(x), which says more than step(x); None where the operation is written without a name."""
    if not op.symbol[0].isalpha() or "#" in op.latex:
        return None
    written = functions.apply(op, x)
    return Formula(written.text.replace("(", "'(", 1), written.latex.replace("(", "'(", 1))
