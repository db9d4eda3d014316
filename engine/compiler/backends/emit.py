"""Emit: a vector program as the text of a Python function on arrays, for NumPy and for what follows its interface.

Every vector is an array (rows, batch), or (rows, 1) where all examples share it, so that broadcasting
does the rest. The rows of the op table write the formulas: they run on pieces of code.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.compiler.backends.code import Algebra, Code, text_of
from engine.compiler.nests.pulls import Pull, differentiate, homes
from engine.compiler.nests.statements import (
    Dots,
    Elementwise,
    Family,
    Operand,
    Product,
    Reduction,
    Statement,
    VectorProgram,
)
from engine.number import times

__all__ = ["Emitted", "emit"]

ALONG_AXIS = {"total": "sum", "largest": "max", "smallest": "min"}


class Emitted:
    """The text of a function, and the arrays of indices and constants that it refers to.

    Attributes:
        source: defines ``value(theta, *inputs)``, which gives each output as (1, batch) or (1, 1), and
            ``value_and_grad(theta, *inputs, seed)``, which gives these and the derivative of
            (seed * the first output, summed over the batch) with respect to each target.
        tables: the lists of numbers that it refers to by name.
    """

    def __init__(self, source: str, tables: dict[str, list[Any]]) -> None:
        self.source = source
        self.tables = tables


def emit(program: VectorProgram, targets: Sequence[Family], *, in_place: bool = True) -> Emitted:
    """A program as Python.

    Args:
        program: what to compute.
        targets: the families to differentiate with respect to.
        in_place: whether arrays can be added to; if not, the text uses JAX's ``array.at[...].add(...)``.
    """
    return _Emitter(program, targets, in_place).run()


class _Emitter:
    def __init__(self, program: VectorProgram, targets: Sequence[Family], in_place: bool) -> None:
        self.program = program
        self.targets = list(targets)
        self.in_place = in_place
        self.tables: dict[str, list[Any]] = {"constants": [[x] for x in program.constants.numbers]}
        self.lines: list[str] = []
        self.assigned: dict[str, str] = {}
        self.temporary: set[str] = set()  # names of what has none of its own
        self.algebra = Algebra(self.assign)
        self.along_axis = Algebra(self.assign, self.fold)
        self.memories = program.memories
        self.contributions: dict[Family, list[tuple[Operand, str]]] = {}

    def run(self) -> Emitted:
        program = self.program
        arguments = ", ".join(family.name for family in [program.parameters, *program.inputs])
        self.lines += [f"{memory.name} = zeros(({memory.rows}, {self.width(memory)}))" for memory in self.memories]
        for statement in program.statements:
            self.store(statement.result, self.compute(statement))
        outputs = "".join(f"{self.read(operand)}, " for operand in program.outputs)
        forward = list(self.lines)
        self.lines += [f"d_{memory.name} = zeros(({memory.rows}, {self.width(memory)}))" for memory in self.memories]
        self.pull_all()
        gradients = "".join(f"{self.gradient(family)}, " for family in self.targets)
        source = [
            f"def value({arguments}):",
            *(f"    {line}" for line in forward),
            f"    return ({outputs})",
            "",
            "",
            f"def value_and_grad({arguments}, seed):",
            *(f"    {line}" for line in self.lines),
            f"    return ({outputs}{gradients})",
            "",
        ]
        return Emitted("\n".join(source), self.tables)

    # --- forward ---

    def compute(self, statement: Statement) -> str:
        if isinstance(statement, Elementwise):
            text = text_of(statement.op.value(self.algebra, *map(self.code, statement.operands)))
            if all(operand.index.form == "one" for operand in statement.operands) and statement.result.rows > 1:
                text = f"broadcast_to({text}, ({statement.result.rows}, {self.width(statement.result)}))"
            return text
        if isinstance(statement, Reduction):
            return f"{text_of(statement.op.value(self.along_axis, self.side_by_side(statement)))}[:, 0]"
        if isinstance(statement, Product):
            text = f"{self.matrix(statement.matrix)} @ {self.vector(statement.vector)}"
        else:
            text = f"({self.cube(statement.left)} * {self.cube(statement.right)}).sum(axis=1)"
        return text if statement.bias is None else f"{text} + {self.read(statement.bias)}"

    def fold(self, name: str, terms: Iterable[Any]) -> Code:
        (term,) = terms
        return Code(self.assign(f"{text_of(term)}.{ALONG_AXIS[name]}(axis=1, keepdims=True)"))

    def side_by_side(self, statement: Reduction) -> Code:
        """Code for all that is reduced, as one array."""
        cube = self.cube(statement.matrix)
        return Code(cube if cube.isidentifier() else self.assign(cube))

    def width(self, family: Family) -> str:
        """Code for how many columns the array of a family has."""
        if family.shared:
            return "1"
        return f"{self.program.inputs[0].name}.shape[1]"

    # --- backward ---

    def pull_all(self) -> None:
        pulls = differentiate(self.program, self.targets)
        self.dependent = {*self.targets, *(family for pull in pulls for family in homes(pull.statement.result))}
        first = self.program.outputs[0]
        self.add(first, "seed", shared=False)
        for pull in pulls:
            result = pull.statement.result
            delta = self.gradient(result) if result.memory is None else f"d_{self.part(result)}"
            if isinstance(pull.statement, Elementwise):
                self.pull_elementwise(pull, pull.statement, delta)
            elif isinstance(pull.statement, Reduction):
                self.pull_reduction(pull, pull.statement, delta)
            elif isinstance(pull.statement, Product):
                self.pull_product(pull, pull.statement, delta)
            else:
                self.pull_dots(pull, pull.statement, delta)

    def pull_elementwise(self, pull: Pull, statement: Elementwise, delta: str) -> None:
        codes = list(map(self.code, statement.operands))
        partials = statement.op.partials(self.algebra, Code(self.part(statement.result)), *codes)
        for operand, partial in zip(statement.operands, partials, strict=True):
            if operand in pull.receivers:
                self.add(operand, text_of(times(Code(delta), partial)), statement.result.shared)

    def pull_reduction(self, pull: Pull, statement: Reduction, delta: str) -> None:
        z = Code(f"{self.part(statement.result)}[:, None]")
        (partial,) = statement.op.partials(self.along_axis, z, self.side_by_side(statement))
        term = text_of(times(Code(f"{delta}[:, None]"), partial))
        self.add_side_by_side(pull, statement.matrix, term, is_full=isinstance(partial, Code))

    def pull_product(self, pull: Pull, statement: Product, delta: str) -> None:
        if len(statement.matrix) == len(statement.vector) == 1:
            matrix, vector = statement.matrix[0], statement.vector[0]
            if matrix.reads_as(vector):  # a sum of squares
                self.add(vector, f"2.0 * {delta} * {self.vector(statement.vector)}", statement.result.shared)
                self.add_bias(pull, statement, delta)
                return
        if any(operand in pull.receivers for operand in statement.matrix):
            all_shared = all(operand.family.shared for operand in statement.vector)
            summed = f"({delta}).sum(axis=-1, keepdims=True)" if all_shared and not statement.result.shared else delta
            outer = f"{summed} @ {self.vector(statement.vector)}.T"
            outer = outer if len(statement.matrix) == 1 else self.assign(outer)
            for operand, part in self.parts(statement.matrix, outer, ":, "):
                self.add(operand, part, True)
        if any(operand in pull.receivers for operand in statement.vector):
            back = f"{self.matrix(statement.matrix)}.T @ {delta}"
            back = back if len(statement.vector) == 1 else self.assign(back)
            for operand, part in self.parts(statement.vector, back, ""):
                self.add(operand, part, statement.result.shared)
        self.add_bias(pull, statement, delta)

    def pull_dots(self, pull: Pull, statement: Dots, delta: str) -> None:
        for side, other in ((statement.left, statement.right), (statement.right, statement.left)):
            self.add_side_by_side(pull, side, f"{delta}[:, None] * {self.cube(other)}", is_full=True)
        self.add_bias(pull, statement, delta)

    def add_bias(self, pull: Pull, statement: Product | Dots, delta: str) -> None:
        if statement.bias in pull.receivers and statement.bias is not None:
            self.add(statement.bias, delta, statement.result.shared)

    def add_side_by_side(self, pull: Pull, operands: tuple[Operand, ...], term: str, *, is_full: bool) -> None:
        """Note what the operands of a matrix for each example receive; `is_full` if the term is as wide as they are."""
        if not any(operand in pull.receivers for operand in operands):
            return
        result = pull.statement.result
        gathers = len(operands) == 1 and operands[0].index.form == "gather"  # adding to such rows broadcasts by itself
        if not is_full and not gathers:
            columns = sum(operand.index.width or 0 for operand in operands)
            term = f"broadcast_to({term}, ({result.rows}, {columns}, {self.width(result)}))"
        for operand, part in self.parts(operands, self.assign(term), ":, "):
            if operand.family.shared:  # a matrix that is shared has no third axis
                part = f"{part}[:, :, 0]" if result.shared else f"{part}.sum(axis=-1)"
            self.add(operand, part, result.shared or operand.family.shared)

    def parts(self, operands: tuple[Operand, ...], whole: str, before: str) -> list[tuple[Operand, str]]:
        """Each operand with its stretch of what they have side by side, or one below the other."""
        if len(operands) == 1:
            return [(operands[0], whole)]
        found, start = [], 0
        for operand in operands:
            stop = start + (operand.index.width or len(operand.index.rows))
            found.append((operand, f"{whole}[{before}{start}:{stop}]"))
            start = stop
        return found

    def add(self, operand: Operand, term: str, shared: bool) -> None:
        """Note a contribution to an operand's gradient, summed over what the operand is shared by."""
        if operand.family not in self.dependent:
            return
        if operand.family.shared and not shared:
            term = f"({term}).sum(axis=-1, keepdims=True)"
        if operand.family in self.memories:
            self.lines.append(self.add_to(f"d_{operand.family.name}", operand, term))
            return
        self.contributions.setdefault(operand.family, []).append((operand, term))

    def gradient(self, family: Family) -> str:
        """The name of a family's gradient, after the lines that add up what was contributed to it."""
        name = f"d_{family.name}"
        terms = self.contributions.pop(family, [])
        rows, width = family.rows, self.width(family)
        whole = [self.sized(term, operand, rows) for operand, term in terms if operand.index.covers]
        parts = [(operand, term) for operand, term in terms if not operand.index.covers]
        if family.shared and (joined := self.joined(family, parts)):
            whole, parts = [*whole, joined], []
        if whole:
            self.lines.append(f"{name} = {' + '.join(whole)}")
            if parts and self.in_place:
                self.lines.append(f"{name} = copy({name})")  # it may be another's array too, not to be added to
        else:
            self.lines.append(f"{name} = zeros(({rows}, {width}))")
        for operand, term in parts:
            self.lines.append(self.add_to(name, operand, term))
        return name

    def joined(self, family: Family, parts: Sequence[tuple[Operand, str]]) -> str:
        """Code for contributions that follow one upon the other and leave no gap, put together; "" if they do not.

        A matrix with its biases, which stand at the ends of its rows, is one of them.
        """
        at_ends: dict[tuple[int, int, int], str] = {}
        blocks: list[tuple[int, int, int, int, str]] = []
        pieces: list[tuple[int, int, str]] = []
        for operand, term in parts:
            rows, width = operand.index.slice, operand.index.width
            if width is not None and operand.index.block is not None:
                blocks.append((*operand.index.block, width, term))
            elif rows is None or width is not None:
                return ""
            elif rows.step == 1:
                pieces.append((rows.start, rows.stop, term))
            elif (end := (rows.start, rows.step, len(operand.index.rows))) not in at_ends:
                at_ends[end] = term
            else:
                return ""
        for start, stride, height, width, term in blocks:
            if stride == width + 1:
                if (end := (start + width, stride, height)) not in at_ends:
                    return ""
                term = f"concatenate(({term}, {at_ends.pop(end)}), axis=1)"
            elif stride != width:
                return ""
            pieces.append((start, start + height * stride, f"({term}).reshape(-1, 1)"))
        pieces.sort(key=lambda piece: piece[:2])
        starts, stops = [start for start, _, _ in pieces], [stop for _, stop, _ in pieces]
        if at_ends or not pieces or starts != [0, *stops[:-1]] or stops[-1] != family.rows:
            return ""
        return f"concatenate(({', '.join(term for _, _, term in pieces)},))"

    def sized(self, term: str, operand: Operand, rows: int) -> str:
        return f"({term}).reshape({rows}, -1)" if operand.index.width is not None else term

    def add_to(self, name: str, operand: Operand, term: str) -> str:
        index, family = operand.index, operand.family
        if index.form == "one":
            row = index.rows[0]
            term = term if len(index.rows) == 1 else f"({term}).sum(axis=0, keepdims=True)"
            return self.increment(f"{name}", f"{row}:{row + 1}", term)
        if index.form == "slice":
            return self.increment(name, _slice(index.slice), term)
        if index.form == "block":
            start, stride, height = index.block  # type: ignore[misc]
            width = "1" if family.shared else f"{name}.shape[1]"
            if height == 1 or stride == index.width:
                return self.increment(name, f"{start}:{start + height * stride}", f"({term}).reshape(-1, {width})")
            shape = f"{height}, {stride}" + ("" if family.shared else ", -1")
            rows = f"{start}:{start + height * stride}"
            if self.in_place:
                return f"{name}[{rows}].reshape({shape})[:, :{index.width}] += {term}"
            block = f"{name}[{rows}].reshape({shape}).at[:, :{index.width}].add({term}).reshape(-1, {width})"
            return f"{name} = {name}.at[{rows}].set({block})"
        positions = self.positions(operand)
        if index.width is not None and family.shared:
            term = f"({term})[:, :, None]"
        if self.in_place and index.repeats:  # array[rows] += term would drop all but one of the same row
            return f"add_at({name}, {positions}, {term})"
        return self.increment(name, positions, term)

    def increment(self, name: str, where: str, term: str) -> str:
        return f"{name}[{where}] += {term}" if self.in_place else f"{name} = {name}.at[{where}].add({term})"

    def assign(self, text: str) -> str:
        """The name of what a piece of code computes, after the line that computes it."""
        if text not in self.assigned:
            self.assigned[text] = f"v{len(self.assigned) + 1}"
            self.temporary.add(self.assigned[text])
            self.lines.append(f"{self.assigned[text]} = {text}")
        return self.assigned[text]

    def part(self, family: Family) -> str:
        """Code for a family: its name, or where it lies in a memory."""
        if family.memory is None:
            return family.name
        return f"{family.memory.name}[{family.start}:{family.start + family.rows}]"

    def store(self, family: Family, text: str) -> None:
        """Keep what a piece of code computes as a family."""
        if family.memory is not None and not self.in_place:
            memory, rows = family.memory.name, f"{family.start}:{family.start + family.rows}"
            self.lines.append(f"{memory} = {memory}.at[{rows}].set({text})")
            return
        name = self.part(family)
        last, _, computation = self.lines[-1].partition(" = ") if self.lines else ("", "", "")
        if text == last and last in self.temporary:  # it was only just called something
            self.lines[-1] = f"{name} = {computation}"
            self.assigned[computation] = name
        else:
            self.lines.append(f"{name} = {text}")

    # --- operands ---

    def code(self, operand: Operand) -> Any:
        if operand.family is self.program.constants and len(set(operand.index.rows)) == 1:
            return self.program.constants.numbers[operand.index.rows[0]]
        return Code(self.read(operand))

    def read(self, operand: Operand) -> str:
        name, index = operand.family.name, operand.index
        match index.form:
            case "all":
                return name
            case "one":
                return f"{name}[{index.rows[0]}:{index.rows[0] + 1}]"
            case "slice":
                return f"{name}[{_slice(index.slice)}]"
            case "block":
                start, stride, height = index.block  # type: ignore[misc]
                shape = f"{height}, {stride}" + ("" if operand.family.shared else ", -1")
                columns = "" if stride == index.width else f"[:, :{index.width}]"
                return f"{name}[{start}:{start + height * stride}].reshape({shape}){columns}"
        return f"{name}[{self.positions(operand)}]" + ("[:, :, 0]" if index.width and operand.family.shared else "")

    def vector(self, operands: tuple[Operand, ...]) -> str:
        parts = [self.read(operand) for operand in operands]
        for i, operand in enumerate(operands):
            n = len(operand.index.rows)
            widths_differ = len({operand.family.shared for operand in operands}) > 1
            repeated = operand.index.form == "one" and n > 1
            if repeated or (widths_differ and operand.family.shared):
                width = "1" if not widths_differ and operand.family.shared else self.width(_example(operands))
                parts[i] = f"broadcast_to({parts[i]}, ({n}, {width}))"
        return parts[0] if len(parts) == 1 else f"concatenate(({', '.join(parts)}))"

    def matrix(self, operands: tuple[Operand, ...]) -> str:
        parts = [self.read(operand) for operand in operands]
        return parts[0] if len(parts) == 1 else f"concatenate(({', '.join(parts)}), axis=1)"

    def cube(self, operands: tuple[Operand, ...]) -> str:
        parts = [self.read(operand) + "[:, :, None]" * operand.family.shared for operand in operands]
        if len(parts) == 1:
            return parts[0]
        if len({operand.family.shared for operand in operands}) > 1:
            width = self.width(_example(operands))
            parts = [
                f"broadcast_to({part}, ({len(o.index.rows) // (o.index.width or 1)}, {o.index.width}, {width}))"
                if o.family.shared
                else part
                for part, o in zip(parts, operands, strict=True)
            ]
        return f"concatenate(({', '.join(parts)}), axis=1)"

    def positions(self, operand: Operand) -> str:
        index = operand.index
        name = f"rows_{len(self.tables)}"
        table: list[Any] = list(index.rows)
        if index.width is not None:
            table = [table[i : i + index.width] for i in range(0, len(table), index.width)]
        for known, same in self.tables.items():
            if same == table and known != "constants":  # whose numbers are floats
                return known
        self.tables[name] = table
        return name


def _example(operands: Sequence[Operand]) -> Family:
    return next((operand.family for operand in operands if not operand.family.shared), operands[0].family)


def _slice(rows: slice | None) -> str:
    assert rows is not None
    return f"{rows.start}:{rows.stop}" + (f":{rows.step}" if rows.step != 1 else "")
