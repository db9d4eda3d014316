"""Forward: how everything is computed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine import functions
from engine.compiler.equations.equation import Equation
from engine.compiler.equations.names import Names
from engine.compiler.equations.notation import LONGEST, added, along_rows, matmul, named, part, product, summed
from engine.compiler.equations.pieces import (
    cut,
    flat,
    in_memory,
    matrix_and_vector,
    needs_vector,
    summands,
    view,
)
from engine.compiler.nests.pulls import Pull
from engine.compiler.nests.statements import (
    Dots,
    Elementwise,
    Family,
    Operand,
    Product,
    Reduction,
    Statement,
    operands_of,
)
from engine.formula import Formula
from engine.ops import IDENTITY, TOTAL

__all__ = ["Forward"]


class Forward:
    """The lines of the forward pass, and with them the names.

    Args:
        names: those known so far; more are added.
        pulls: what the backward pass will do, which needs names.
    """

    def __init__(self, names: Names, pulls: Sequence[Pull]) -> None:
        self.names = names
        self.read, self.factor = names.read, names.factor
        self.program = names.program
        self.pulls = {pull.statement: pull for pull in pulls}
        self.activated: set[Family] = set()
        operands = [view(operand, s) for s in self.program.statements for operand in operands_of(s)]
        self.uses = Counter(operand.family for operand in [*operands, *self.program.outputs])
        self.whole = Counter(o.family for o in operands if o.index.width is None and o.index.covers)
        self.whole.subtract(o.family for s in self.program.statements for o in cut(s))
        self.added = Counter(o.family for s in self.program.statements for o in summands(s))

    def write(self, *, gives_list: bool) -> list[Equation]:
        """All lines."""
        names, program = self.names, self.program
        first, *aux = program.outputs
        output = names.fresh("loss" if program.parameters.rows else "f")
        computed = {statement.result for statement in program.statements}
        is_named = first.family in computed and first.family.rows == 1 and not gives_list
        lines: list[tuple[Formula, Any, int]] = [
            (names.formulas[memory], 0.0, memory.rows) for memory in program.memories
        ]
        for statement in program.statements:
            result, right = statement.result, self.right_side(statement)
            names.formulas[result] = output if is_named and result is first.family else self.name(statement, right)
            if result not in names.inlined:
                lines.append((names.formulas[result], right, result.rows))
        if not is_named:
            given = program.outputs if gives_list else [first]
            lines.append((output, names.read_all(given), len(given)))
        if aux and not gives_list:
            lines.append((names.fresh("aux"), names.read_all(aux), len(aux)))
        return [Equation("forward", left, "=", Formula.of(right), str(rows)) for left, right, rows in lines]

    def name(self, statement: Statement, right: Formula) -> Formula:
        """What a statement's result is called."""
        names, result = self.names, statement.result
        if result.memory is not None:
            return part(names.formulas[result.memory], in_memory(result))
        if result in names.layers:
            return named(f"z{names.layers[result]}")
        if layer := self.activated_layer(statement):
            return named(f"a{layer}")
        is_nothing = right.text == "0" and self.uses[result] == self.added[result]
        if is_nothing or (self.may_be_inlined(statement) and len(right.text) <= LONGEST):
            names.inlined.add(result)
            return right
        return named(f"t{names.unused('t')}")

    def activated_layer(self, statement: Statement) -> int | None:
        """The layer of which this statement computes the activation."""
        if isinstance(statement, Elementwise) and len(statement.operands) == 1:
            operand = statement.operands[0]
            if operand.index.covers and operand.family not in self.activated:
                self.activated.add(operand.family)
                return self.names.layers.get(operand.family)
        return None

    def may_be_inlined(self, statement: Statement) -> bool:
        """Whether it is used once, as a whole, and no derivative has to be named after it."""
        pull, result = self.pulls.get(statement), statement.result
        if pull is not None and (len(pull.receivers) > 1 or needs_vector(statement)):
            return False
        is_vector = result.rows == 1 or any(map(self.names.varies, operands_of(statement)))  # as it is written, too
        return is_vector and self.uses[result] == self.whole[result] == 1

    def right_side(self, statement: Statement) -> Formula:
        if isinstance(statement, Elementwise):
            operands = [self.read(operand) for operand in statement.operands]
            return Formula.of(operands[0] if statement.op == IDENTITY else functions.apply(statement.op, *operands))
        if isinstance(statement, Reduction):
            return self.reduced(statement)
        terms = self.products(statement) if isinstance(statement, Product) else self.dots(statement)
        if statement.bias is not None:
            terms.append(self.names.layer_bias(statement) or self.read(statement.bias))
        return Formula.of(added(terms or [0.0]))

    def reduced(self, statement: Reduction) -> Formula:
        if statement.op == TOTAL:
            return Formula.of(added([self.total(operand, statement) for operand in statement.matrix]))
        written: Formula = functions.apply(statement.op, self.names.side_by_side(statement))
        return along_rows(written) if statement.result.rows > 1 else written

    def total(self, operand: Operand, statement: Reduction) -> Any:
        """The sum over the columns of a matrix."""
        if operand.index.width == 1:
            return self.read(flat(operand))
        return summed(self.names.listed(view(operand, statement)), is_matrix=statement.result.rows > 1)

    def products(self, statement: Product) -> list[Any]:
        pairs = self.names.pairs(statement)
        if self.names.is_layer(statement):
            self.names.name_layer(statement, pairs)
            return [matmul(self.names.matrix(pair.matrix), self.factor(pair.vector)) for pair in pairs]
        if statement.result.rows > 1:
            return [matmul(self.read(pair.matrix), self.factor(pair.vector)) for pair in pairs]
        return [self.dot(flat(pair.matrix), pair.vector) for pair in pairs]

    def dots(self, statement: Dots) -> list[Any]:
        terms: list[Any] = []
        for a, b in zip(statement.left, statement.right, strict=True):
            if statement.result.rows == 1:
                terms.append(self.dot(flat(a), flat(b)))
            elif a.index.width == 1:
                terms.append(self.read(flat(a)) * self.read(flat(b)))
            elif found := matrix_and_vector(a, b):
                terms.append(matmul(self.read(found.matrix), self.factor(found.vector)))
            else:
                terms.append(summed(self.read(a) * self.read(b), is_matrix=True))
        return terms

    def dot(self, a: Operand, b: Operand) -> Any:
        """The sum of the products of two vectors; a factor that they have in common stands before it."""
        if not self.names.varies(a) and not self.names.varies(b):
            return product(float(len(a.index.rows)), product(self.read(a), self.read(b)))
        if a.reads_as(b):
            return summed(self.read(a) ** 2)
        for factor, other in ((a, b), (b, a)):
            if not self.names.varies(factor):
                return product(self.read(factor), summed(self.read(other)))
        return summed(self.read(a) * self.read(b))
