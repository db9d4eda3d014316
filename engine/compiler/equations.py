"""Equations: a vector program as one would write it on the board, forward and backward."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine import functions
from engine.compiler.differentiate import Pull, differentiate
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
from engine.formula import ATOM, PRECEDENCE, Formula
from engine.reverse import is_exactly, times

__all__ = ["Equation", "equations"]

MATMUL = PRECEDENCE["add"]  # so that (W.T @ d) * s keeps its parentheses


@dataclass(frozen=True)
class Equation:
    """One line: left = right, with the shape of what is computed for one example.

    Attributes:
        phase: "forward" or "backward".
        left: what is computed.
        right: from what.
        rows: how many numbers.
    """

    phase: str
    left: Formula
    right: Formula
    rows: str


def equations(program: VectorProgram, names: Sequence[str]) -> list[Equation]:
    """A program as equations.

    A product of parameters with a vector is z1 = W1 @ x + b1, and so on from layer to layer; a1 is the
    activation of z1; d1 is the derivative of the output with respect to z1. What is used once, and is
    neither, has no name of its own but stands where it is used.

    Args:
        program: what to write.
        names: of the arguments.
    """
    writer = _Writer(program, names)
    writer.write_forward()
    writer.write_backward()
    return writer.lines


class _Writer:
    def __init__(self, program: VectorProgram, names: Sequence[str]) -> None:
        self.program = program
        self.lines: list[Equation] = []
        self.formulas: dict[Family, Formula] = {
            family: _name(name) for family, name in zip(program.inputs, names, strict=True)
        }
        self.formulas[program.parameters] = Formula("theta", r"\theta")
        self.deltas: dict[Family, Formula] = {}
        self.matrices: dict[Statement, tuple[Formula, Formula]] = {}  # of each layer its W and b
        self.uses = Counter(operand.family for statement in program.statements for operand in operands_of(statement))
        self.uses.update(operand.family for operand in program.outputs)
        self.whole = Counter(
            operand.family
            for statement in program.statements
            for operand in operands_of(statement)
            if operand.index.form == "all"
        )
        self.activated_families: set[Family] = set()
        self.n_named = 0
        self.arriving: dict[Family, list[Any]] = {}
        self.memories = {statement.result.memory for statement in program.statements}

    # --- forward ---

    def write_forward(self) -> None:
        layers: dict[Family, str] = {}
        for statement in self.program.statements:
            result = statement.result
            right = self.right_side(statement, layers)
            if result.memory is not None:
                self.lines.append(Equation("forward", self.part(result), right, str(result.rows)))
                self.formulas[result] = self.part(result)
                self.formulas[result.memory] = _name(result.memory.name)
                continue
            if result is self.program.outputs[0].family and self.program.outputs[0].index.form == "all":
                name = Formula("loss" if self.program.parameters.rows else "f")
            elif result in layers:
                name = Formula(f"z{layers[result]}", f"z_{{{layers[result]}}}")
                self.deltas[result] = Formula(f"d{layers[result]}", rf"\delta_{{{layers[result]}}}")
            elif (layer := self.activated(statement, layers)) is not None:
                name = Formula(f"a{layer}", f"a_{{{layer}}}")
            elif self.uses[result] == self.whole[result] == 1:
                self.formulas[result] = right
                continue
            else:
                self.n_named += 1
                name = Formula(f"t{self.n_named}", f"t_{{{self.n_named}}}")
            self.formulas[result] = name
            self.lines.append(Equation("forward", name, right, str(result.rows)))

    def right_side(self, statement: Statement, layers: dict[Family, str]) -> Formula:
        if isinstance(statement, Elementwise):
            return functions.apply(statement.op, *map(self.read, statement.operands))
        if isinstance(statement, Product):
            matrix, bias = self.side_by_side(statement.matrix), None
            if not all(operand.family.shared for operand in statement.vector) and self.is_parameter(statement.matrix):
                layer = str(len(layers) + 1)
                layers[statement.result] = layer
                matrix, bias = Formula(f"W{layer}", f"W_{{{layer}}}"), Formula(f"b{layer}", f"b_{{{layer}}}")
                self.matrices[statement] = (matrix, bias)
            right = _matmul(matrix, self.one_below_the_other(statement.vector))
            if statement.bias is None:
                return right
            known = bias is not None and self.is_parameter([statement.bias])
            return right + (bias if known else self.read(statement.bias))
        if isinstance(statement, Reduction):
            return functions.apply(statement.op, self.side_by_side(statement.matrix))
        product = self.side_by_side(statement.left) * self.side_by_side(statement.right)
        total = Formula(f"sum({product.text})", rf"\sum({product.latex})")
        return total if statement.bias is None else total + self.read(statement.bias)

    def activated(self, statement: Statement, layers: dict[Family, str]) -> str | None:
        """The layer of which this statement computes the activation."""
        if isinstance(statement, Elementwise) and len(statement.operands) == 1:
            operand = statement.operands[0]
            if operand.index.form == "all" and operand.family not in self.activated_families:
                self.activated_families.add(operand.family)
                return layers.get(operand.family)
        return None

    def is_parameter(self, operands: Sequence[Operand]) -> bool:
        return all(operand.family is self.program.parameters for operand in operands)

    # --- backward ---

    def write_backward(self) -> None:
        program = self.program
        targets = [program.parameters] if program.parameters.rows else program.inputs
        self.add(program.outputs[0], 1.0)
        for pull in differentiate(program, targets):
            statement = pull.statement
            delta = self.delta(pull)
            if isinstance(statement, Elementwise):
                self.pull_elementwise(pull, statement, delta)
            elif isinstance(statement, Reduction):
                self.pull_reduction(pull, statement, delta)
            elif isinstance(statement, Product):
                self.pull_product(pull, statement, delta)
            else:
                self.pull_dots(pull, statement, delta)
        for family in targets:
            if family in self.arriving:
                formula = self.formulas[family]
                if family is program.parameters and self.matrices:  # besides what the layers contribute
                    formula = Formula(f"{formula.text} +", f"{formula.latex} \\mathrel{{+}}")
                self.line("d", formula, _sum(self.arriving[family]), str(family.rows))

    def add(self, operand: Operand, term: Any) -> None:
        """Note what an operand receives."""
        if operand.family in self.memories:
            name = _name(operand.family.name)
            where = Formula(f"{name.text}{_rows(operand)} +", f"{name.latex}_{{{_rows(operand)}}} \\mathrel{{+}}")
            self.line("d_", where, term, str(len(operand.index.rows)))
        else:
            self.arriving.setdefault(operand.family, []).append(_at(operand, term))

    def delta(self, pull: Pull) -> Any:
        """The derivative with respect to a statement's result: by name if it has one or is used more than once."""
        result = pull.statement.result
        if result.memory is not None:
            part = self.part(result)
            return Formula(f"d_{part.text}", rf"\delta_{{{part.latex}}}")
        total = _sum(self.arriving.pop(result))
        name = self.deltas.get(result)
        if name is None and (len(pull.receivers) < 2 or not isinstance(total, Formula) or total.precedence == ATOM):
            return total
        name = name or Formula(f"d_{self.formulas[result].text}", f"d_{{{self.formulas[result].latex}}}")
        if self.formulas[result].precedence != ATOM and result not in self.deltas:
            return total
        self.lines.append(Equation("backward", name, Formula.of(total), str(result.rows)))
        return name

    def pull_elementwise(self, pull: Pull, statement: Elementwise, delta: Any) -> None:
        xs = [self.read(operand) for operand in statement.operands]
        z = self.formulas[statement.result]
        partials = statement.op.partials(functions, z, *xs)
        if len(xs) == 1 and isinstance(partials[0], Formula) and statement.op.symbol[0].isalpha():
            name = statement.op.symbol  # relu'(z1) says more than step(z1)
            latex = functions.apply(statement.op, Formula("x", "")).latex.split("(")[0]
            partials = (Formula(f"{name}'({xs[0].text})", f"{latex}'({xs[0].latex})"),)
        for operand, partial in zip(statement.operands, partials, strict=True):
            if operand in pull.receivers:
                self.add(operand, _product(delta, partial))

    def pull_reduction(self, pull: Pull, statement: Reduction, delta: Any) -> None:
        x = self.side_by_side(statement.matrix)
        (partial,) = statement.op.partials(functions, self.formulas[statement.result], x)
        for operand in pull.receivers:
            self.add(operand, _product(delta, partial))

    def pull_product(self, pull: Pull, statement: Product, delta: Any) -> None:
        if statement in self.matrices:
            delta = Formula.of(delta)
            matrix, bias = self.matrices[statement]
            if any(operand in pull.receivers for operand in statement.matrix):
                vector = self.one_below_the_other(statement.vector)
                width = sum(operand.index.width or 0 for operand in statement.matrix)
                self.line("d", matrix, _matmul(delta, _transposed(vector)), f"{statement.result.rows}, {width}")
                if statement.bias is not None and self.is_parameter([statement.bias]):
                    self.line(
                        "d", bias, Formula(f"sum({delta.text})", rf"\sum {delta.latex}"), str(statement.result.rows)
                    )
            back = _matmul(_transposed(matrix), delta)
            for operand in pull.receivers:
                if operand in statement.vector:
                    self.add(operand, back)
            if statement.bias in pull.receivers and statement.bias and not self.is_parameter([statement.bias]):
                self.add(statement.bias, delta)
            return
        matrix, vector = self.side_by_side(statement.matrix), self.one_below_the_other(statement.vector)
        for operand in pull.receivers:
            if operand is statement.bias:
                self.add(operand, delta)
            else:
                self.add(operand, _product(delta, vector if operand in statement.matrix else matrix))

    def pull_dots(self, pull: Pull, statement: Dots, delta: Any) -> None:
        for operand in pull.receivers:
            if operand is statement.bias:
                self.add(operand, delta)
            else:
                other = statement.right if operand in statement.left else statement.left
                self.add(operand, _product(delta, self.side_by_side(other)))

    def line(self, prefix: str, what: Formula, right: Any, rows: str) -> None:
        left = Formula(f"{prefix}{what.text}", f"{prefix}{what.latex}")
        self.lines.append(Equation("backward", left, Formula.of(right), rows))

    # --- operands ---

    def part(self, family: Family) -> Formula:
        """A family by its place in the memory."""
        assert family.memory is not None
        rows = f"[{family.start}:{family.start + family.rows}]"
        return Formula(f"{family.memory.name}{rows}", f"{family.memory.name}_{{{rows}}}")

    def read(self, operand: Operand) -> Any:
        index = operand.index
        if operand.family is self.program.constants:
            numbers = [self.program.constants.numbers[row] for row in index.rows]
            if len(set(numbers)) == 1:
                return Formula.of(numbers[0])
            shown = [f"{x:g}" for x in numbers[:3]] + ["..."] * (len(numbers) > 3)
            return Formula(f"[{', '.join(shown)}]")
        formula = self.formulas[operand.family]
        if index.form in ("all", "block") or operand.family.rows == 1:
            return formula
        return Formula(f"{_as_atom(formula)[0]}{_rows(operand)}", f"{formula.latex}_{{{_rows(operand)}}}")

    def side_by_side(self, operands: Sequence[Operand]) -> Formula:
        return self._joined(operands, ", ")

    def one_below_the_other(self, operands: Sequence[Operand]) -> Formula:
        return self._joined(operands, "; ")

    def _joined(self, operands: Sequence[Operand], between: str) -> Formula:
        parts = [self.read(operand) for operand in operands]
        if len(parts) == 1:
            return parts[0]
        return Formula(f"[{between.join(p.text for p in parts)}]", f"[{between.join(p.latex for p in parts)}]")


def _name(name: str) -> Formula:
    return Formula(name, name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_"))


def _matmul(a: Formula, b: Formula) -> Formula:
    (a_text, a_latex), (b_text, b_latex) = _as_atom(a), _as_atom(b)
    return Formula(f"{a_text} @ {b_text}", f"{a_latex} {b_latex}", MATMUL)


def _product(a: Any, b: Any) -> Any:
    """a * b, with plain factors of 1 and -1 left out."""
    for x, y in ((a, b), (b, a)):
        if is_exactly(-1.0, x):
            return -y
    return times(a, b)


def _transposed(x: Formula) -> Formula:
    text, latex = _as_atom(x)
    return Formula(f"{text}.T", rf"{latex}^\top")


def _as_atom(x: Formula) -> tuple[str, str]:
    """Text and LaTeX, in parentheses unless they need none anywhere."""
    return (x.text, x.latex) if x.precedence == ATOM else (f"({x.text})", f"({x.latex})")


def _rows(operand: Operand) -> str:
    index = operand.index
    if index.form == "one":
        return f"[{index.rows[0]}]"
    if index.form == "slice" and index.slice is not None:
        step = f":{index.slice.step}" if index.slice.step != 1 else ""
        return f"[{index.slice.start}:{index.slice.stop}{step}]"
    shown = ", ".join(map(str, index.rows[:4]))
    return f"[[{shown}{', ...' * (len(index.rows) > 4)}]]"


def _at(operand: Operand, term: Any) -> Any:
    """A contribution to some rows of a vector."""
    if operand.index.form in ("all", "block") or operand.family.rows == 1:
        return term
    term = Formula.of(term)
    return Formula(
        f"at({_rows(operand)[1:-1]}, {term.text})", rf"\operatorname{{at}}({_rows(operand)[1:-1]}, {term.latex})"
    )


def _sum(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = Formula.of(total) + Formula.of(term)
    return total
