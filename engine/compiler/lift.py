"""Lift: scalar operations of the same kind on operands of the same families become one vector statement."""

from collections.abc import Sequence
from itertools import groupby

from engine import ops
from engine.compiler.program import Elementwise, Family, Index, Operand, Product, Statement, Sum, VectorProgram
from engine.compiler.tape import Tape
from engine.ops import Op

__all__ = ["lift_tape"]

Place = tuple[Family, int]  # a number: a row of a family


def lift_tape(tape: Tape, shapes: Sequence[int | tuple[()]], n_parameters: int) -> VectorProgram:
    """The vector program of a tape.

    Two operations belong together when they are the same operation, with the same static parameters,
    on operands of the same families. Then neither can depend on the other, so one pass in the order of
    the tape finds all families, each after those that it reads.

    Args:
        tape: a function.
        shapes: for each argument n for a list of n numbers, or () for one number.
        n_parameters: how many parameters there are; the tape need not use them all.

    Returns:
        VectorProgram: of as many statements as there are families.
    """
    inputs = [Family(f"x{i}", "input", False, 1 if shape == () else shape) for i, shape in enumerate(shapes)]  # type: ignore[arg-type]
    parameters = Family("theta", "parameter", True, n_parameters)
    constants = Family("constants", "constant", True)
    places: list[Place] = []
    families: dict[tuple[Op, tuple[int, ...]], tuple[Family, list[list[Place]]]] = {}

    for i, op in enumerate(tape.ops):
        if op is None:
            leaf = tape.leaves[i]
            if leaf.kind == "input":
                places.append((inputs[leaf.argument], int(leaf.at)))
            elif leaf.kind == "parameter":
                places.append((parameters, int(leaf.at)))
            else:
                places.append((constants, constants.rows))
                constants.numbers.append(leaf.at)
                constants.rows += 1
            continue
        operands = [places[arg] for arg in tape.args[i]]
        key = (op, tuple([id(family) for family, _ in operands]))
        if key not in families:
            shared = all(family.shared for family, _ in operands)
            families[key] = (Family(f"t{len(families) + 1}", "computed", shared), [])
        family, members = families[key]
        places.append((family, family.rows))
        members.append(operands)
        family.rows += 1

    statements = [_statement(op, family, members) for (op, _), (family, members) in families.items()]
    outputs = [_operand([places[i]]) for i in tape.outputs]
    return VectorProgram(inputs, parameters, constants, statements, outputs, sum(op is not None for op in tape.ops))


def _statement(op: Op, result: Family, members: list[list[Place]]) -> Statement:
    if op not in (ops.DOT, ops.TOTAL):
        columns = zip(*members, strict=True)
        return Elementwise(result, op, tuple(_operand(column) for column in columns))
    arity = len(members[0])
    if op == ops.TOTAL:
        return Sum(result, _matrix(members), (), None)
    n = arity // 2
    left, right = [operands[:n] for operands in members], [operands[n : 2 * n] for operands in members]
    bias = _operand([operands[-1] for operands in members]) if arity % 2 else None
    for a, b in ((left, right), (right, left)):
        if all(row == b[0] for row in b) and all(family.shared for row in a for family, _ in row):
            return Product(result, _matrix(a), _vector(b[0]), bias)
    return Sum(result, _matrix(left), _matrix(right), bias)


def _operand(column: Sequence[Place]) -> Operand:
    """One place for each row of the result, all of one family."""
    family = column[0][0]
    return Operand(family, Index(tuple(row for _, row in column), None, family.rows))


def _matrix(rows: list[list[Place]]) -> tuple[Operand, ...]:
    """A row of places for each row of the result, as blocks of columns of one family each."""
    blocks = []
    column = 0
    for _, group in groupby(rows[0], key=lambda place: id(place[0])):
        width = len(list(group))
        family = rows[0][column][0]
        indices = tuple(row for places in rows for _, row in places[column : column + width])
        blocks.append(Operand(family, Index(indices, width, family.rows)))
        column += width
    return tuple(blocks)


def _vector(places: list[Place]) -> tuple[Operand, ...]:
    """A list of places as stretches of one family each."""
    return tuple(_operand(list(group)) for _, group in groupby(places, key=lambda place: id(place[0])))
