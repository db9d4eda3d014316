"""Equations: a vector program as one would write it on the board, forward and backward."""

from collections.abc import Sequence

from engine.compiler.equations.equation import Equation
from engine.compiler.equations.lines import Lines
from engine.compiler.equations.names import Names
from engine.compiler.nests.lower import lower
from engine.compiler.nests.nest import Procedure
from engine.compiler.nests.procedures import value, value_and_grad
from engine.compiler.nests.statements import Family, VectorProgram

__all__ = ["Equation", "equations", "names_of"]


def equations(program: VectorProgram, names: Sequence[str], *, gives_list: bool = False) -> list[Equation]:
    """A program as equations, for one example.

    A product of parameters with a vector is z1 = W1 @ x + b1, and so on from layer to layer; a1 is the
    activation of z1; d1 is the derivative of the output with respect to z1, and dt1 that with respect to t1.
    What is used once, and is short, has no name of its own but stands where it is used.

    The text means what it means in NumPy, and goes on where NumPy has no words: ``tanh'`` is the derivative
    of tanh; ``d @ x.T`` of two vectors is their outer product; ``;`` puts one below the other; ``windows(x, 3)``
    has a row for each stretch of three numbers; and ``+=`` adds to a number as often as it is listed. dW1 and db1
    are parts of dtheta, as W1 and b1 are of theta.

    Args:
        program: what to write.
        names: of the arguments.
        gives_list: whether all outputs are one list, which has no derivative. Else the first one is
            differentiated, and others are aux.
    """
    procedure, given = _procedure(program, names, gives_list)
    return Lines(procedure, Names(procedure, given), gives_list=gives_list).write()


def names_of(program: VectorProgram, names: Sequence[str]) -> Names:
    """What the parameters and arguments of a program are called."""
    return Names(*_procedure(program, names, True))


def _procedure(
    program: VectorProgram, names: Sequence[str], gives_list: bool
) -> tuple[Procedure, dict[Family, str | float]]:
    nests, targets = lower(program.statements), [program.parameters] if program.parameters.rows else program.inputs
    procedure = value(program, nests) if gives_list else value_and_grad(program, nests, targets)
    given: dict[Family, str | float] = dict(zip(program.inputs, names, strict=True))
    return procedure, given | dict.fromkeys(procedure.arguments[1 + len(names) :], 1.0)
