"""Differentiate: the backward pass of a vector program, as the list of what passes derivatives on to what."""

from collections.abc import Iterable
from typing import NamedTuple

from engine import functions
from engine.compiler.nests.statements import Elementwise, Family, Operand, Statement, VectorProgram, operands_of
from engine.formula import Formula
from engine.number import is_exactly

__all__ = ["Pull", "differentiate", "homes"]


class Pull(NamedTuple):
    """A statement that passes the derivative with respect to its result on to operands.

    Attributes:
        statement: whose local derivatives to multiply by.
        receivers: those of its operands to whose gradients it contributes.
    """

    statement: Statement
    receivers: tuple[Operand, ...]


def differentiate(program: VectorProgram, targets: Iterable[Family]) -> list[Pull]:
    """What to do backward, in order: when it is a statement's turn, its result has received all that it will.

    Left out is whatever the first output does not depend on, whatever does not depend on a target, and
    local derivatives that are 0 whatever the operands are.

    Args:
        program: what to differentiate.
        targets: the families to differentiate it with respect to.
    """
    dependent = set(targets)
    for statement in program.statements:
        if any(operand.family in dependent for operand in operands_of(statement)):
            dependent.update(homes(statement.result))
    reached = {program.outputs[0].family}
    pulls = []
    for statement in reversed(program.statements):
        if reached.intersection(homes(statement.result)):
            receivers = tuple(o for o in operands_of(statement) if o.family in dependent and not _is_flat(statement, o))
            if receivers:
                reached.update(operand.family for operand in receivers)
                pulls.append(Pull(statement, receivers))
    return pulls


def homes(family: Family) -> tuple[Family, ...]:
    """Where others may read its numbers: in the family itself, and in the memory it is a part of."""
    return (family,) if family.memory is None else (family, family.memory)


def _is_flat(statement: Statement, operand: Operand) -> bool:
    """Whether the local derivative with respect to this operand is always 0, as that of a step is."""
    if not isinstance(statement, Elementwise):
        return False
    names = [Formula(f"x{i}") for i in range(len(statement.operands))]
    partials = statement.op.partials(functions, Formula("z"), *names)
    return is_exactly(0.0, partials[statement.operands.index(operand)])
