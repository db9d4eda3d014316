"""Names: what everything in a program is called, and how operands are written with these names."""

from collections import Counter
from collections.abc import Sequence
from itertools import count, groupby
from typing import Any

from engine.compiler.equations.equation import Equation
from engine.compiler.equations.notation import listed, named, part, stacked, transposed
from engine.compiler.equations.pieces import Pair, in_memory, pairs_of, row_of, shape_of, transposed_index, view
from engine.compiler.nests.statements import Dots, Family, Index, Operand, Product, Reduction, VectorProgram
from engine.formula import Formula
from engine.ops import rows

__all__ = ["Names"]


class Names:
    """The names of everything.

    Args:
        program: whose.
        arguments: the names of its inputs.

    Attributes:
        formulas: of each family its name, or what is written in its stead.
        layers: from the results of layers, which are products of parameters, to their numbers.
        parameters: the matrices and biases of layers, by where they are in theta.
        matrices: the lines that say so.
        inlined: the families that have no name, but stand where they are used.
    """

    def __init__(self, program: VectorProgram, arguments: Sequence[str]) -> None:
        self.program = program
        refused = {*arguments, *(op.symbol for op in rows())}
        labels = Counter(label for label in program.parameters.labels if label.isidentifier() and label not in refused)
        self.labels = {label for label, n in labels.items() if n == 1}
        self.taken = {f"{d}{name}" for name in (*arguments, *self.labels) for d in ("", "d")}
        self.numbers: dict[tuple[str, ...], int] = {}
        self.layers: dict[Family, int] = {}
        self.parameters: dict[Index, Formula] = {}
        self.matrices: list[Equation] = []
        self.inlined: set[Family] = set()
        self.formulas = {family: named(name) for family, name in zip(program.inputs, arguments, strict=True)}
        self.formulas[program.parameters] = self.fresh("theta")
        self.formulas |= {memory: self.fresh(memory.name) for memory in program.memories}

    def unused(self, *stems: str) -> int:
        """The least number that makes new names of all these."""
        first = self.numbers.get(stems, 0) + 1
        number = next(n for n in count(first) if not self.taken & {f"{stem}{n}" for stem in stems})
        self.taken |= {f"{stem}{number}" for stem in stems}
        self.numbers[stems] = number
        return number

    def fresh(self, name: str) -> Formula:
        """That name, or if an argument has it already, with a number."""
        if name in self.taken:
            return named(f"{name}{self.unused(name)}")
        self.taken |= {name, f"d{name}"}
        return named(name)

    def derivative(self, family: Family) -> Formula:
        """What the derivative with respect to a family is called."""
        if family in self.layers:
            return Formula(f"d{self.layers[family]}", rf"\delta_{{{self.layers[family]}}}")
        if family.memory is not None:
            return part(self.derivative(family.memory), in_memory(family))
        return self.derivative_of(self.formulas[family])

    def derivative_of(self, name: Formula) -> Formula:
        """What the derivative with respect to something of that name is called."""
        return Formula(f"d{name.text}", f"d{name.latex}")

    def is_layer(self, statement: Product) -> bool:
        """Whether it is a matrix of parameters times something that depends on the inputs."""
        of_parameters = all(
            operand.family is self.program.parameters and not operand.index.repeats for operand in statement.matrix
        )
        is_of_numbers = statement.result.rows == 1 and all(pair.matrix.index.width == 1 for pair in pairs_of(statement))
        all_shared = all(operand.family.shared for operand in statement.vector)
        return of_parameters and not all_shared and not is_of_numbers

    def name_layer(self, statement: Product, pairs: Sequence[Pair]) -> None:
        """Give a layer a number, and names to those of its matrices and biases that have none yet."""
        self.layers[statement.result] = self.unused("z", "a", "d")
        matrices = [index for index in (pair.matrix.index for pair in pairs) if self._is_new(index)]
        number = self.unused("W", "b") if matrices else 0
        for i, index in enumerate(matrices):
            self._name_parameters(index, f"W{self.unused('W', 'b') if i else number}")
        bias = statement.bias
        if bias is None or bias.family is not self.program.parameters or bias.index.repeats:
            return
        if bias.index not in self.parameters:
            self._name_parameters(bias.index, f"b{number or self.unused('b')}")

    def matrix(self, operand: Operand) -> Formula:
        """What a matrix of a layer is called."""
        if operand.index in self.parameters:
            return self.parameters[operand.index]
        return transposed(self.parameters[transposed_index(operand.index)])

    def pairs(self, statement: Product) -> list[Pair]:
        """The matrices and vectors of a product, without vectors of zeros, such as a state before the first step."""
        return [pair for pair in pairs_of(statement) if not self._is_zero(pair.vector)]

    def _is_zero(self, operand: Operand) -> bool:
        constants = self.program.constants
        return operand.family is constants and not any(constants.numbers[row] for row in operand.index.rows)

    def _is_new(self, index: Index) -> bool:
        return index not in self.parameters and transposed_index(index) not in self.parameters

    def _name_parameters(self, index: Index, name: str) -> None:
        self.parameters[index] = named(name)
        where = part(self.formulas[self.program.parameters], index, is_list=True)
        self.matrices.append(Equation("parameters", named(name), "=", where, shape_of(index)))

    def parameter(self, index: Index) -> Formula | None:
        """What these parameters are called, by the user or as a part of a layer; None for nothing."""
        if index not in self.parameters and len(index.rows) == 1 and index.width is None:
            label = self.program.parameters.labels[index.rows[0]]
            if label in self.labels:
                self._name_parameters(index, label)
        return self.parameters.get(index)

    def layer_bias(self, statement: Product | Dots) -> Formula | None:
        """What the bias of a layer is called, if it has a name."""
        bias = statement.bias
        is_ours = statement.result in self.layers and bias is not None and bias.family is self.program.parameters
        return self.parameters.get(bias.index) if is_ours and bias is not None else None

    def read(self, operand: Operand, *, is_list: bool = False) -> Any:
        """An operand: a formula, or a plain number; `is_list` if it has to be a vector even where all rows are one."""
        index = operand.index
        if operand.family is self.program.parameters:
            is_number = index.width is None and not is_list and not self.varies(operand)
            name = self.parameter(row_of(index) if is_number else index)
            if name is not None:
                return name
        if operand.family is not self.program.constants:
            return part(self.formulas[operand.family], index, is_list=is_list)
        numbers = [self.program.constants.numbers[row] for row in index.rows]
        if index.width is None and not self.varies(operand) and not is_list:
            return numbers[0]
        text = listed(numbers, index.width)
        return Formula(text, text.replace("...", r"\dots"))

    def listed(self, operand: Operand) -> Formula:
        """A vector with all its rows, even where they are one again and again."""
        return Formula.of(self.read(operand, is_list=True))

    def factor(self, operand: Operand) -> Formula:
        """A vector for a matrix to be multiplied by, even where it is one number."""
        x = self.listed(operand)
        is_number = operand.family in self.inlined and operand.family.rows == 1
        return Formula(f"[{x.text}]", f"[{x.latex}]") if is_number else x

    def read_all(self, operands: Sequence[Operand]) -> Formula:
        """Single rows, one below the other."""
        parts = []
        for family, group in groupby(operands, key=lambda operand: operand.family):
            rows = tuple(row for operand in group for row in operand.index.rows)
            parts.append(self.listed(Operand(family, Index(rows, None, family.rows))))
        return stacked(parts)

    def side_by_side(self, statement: Reduction) -> Formula:
        """What is reduced: a vector, or a matrix with a row for each result."""
        views = [view(operand, statement) for operand in statement.matrix]
        parts = [Formula.of(self.read(each, is_list=len(each.index.rows) > 1)) for each in views]
        return stacked(parts, are_matrices=statement.result.rows > 1)

    def varies(self, operand: Operand) -> bool:
        """Whether its rows may be different numbers."""
        if operand.family is self.program.constants:
            return len({repr(operand.family.numbers[row]) for row in operand.index.rows}) > 1
        return len(set(operand.index.rows)) > 1
