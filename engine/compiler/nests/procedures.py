"""Procedures: what can be asked of a compiled function, each as nests from beginning to end.

The function itself, its gradient, and what its derivatives make of a vector: all are made by the one rule of
`differentiate`, the last two by applying it again to what it made.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.compiler.nests.differentiate import differentiate
from engine.compiler.nests.nest import Access, Nest, Procedure, needed, whole
from engine.compiler.nests.statements import Family, Index, VectorProgram

__all__ = ["gradient_product", "value", "value_and_grad", "vector_product"]


def value(program: VectorProgram, nests: Sequence[Nest]) -> Procedure:
    """All outputs, (1, batch) or (1, 1) each.

    Its arguments are the parameters and the inputs.
    """
    outputs = _outputs(program)
    return Procedure("value", (program.parameters, *program.inputs), program.constants, needed(nests, outputs), outputs)


def value_and_grad(program: VectorProgram, nests: Sequence[Nest], targets: Sequence[Family]) -> Procedure:
    """All outputs, and the derivative by each target of the first one times a seed, summed over the examples.

    Its arguments are the parameters, the inputs and the seed.
    """
    outputs = _outputs(program)
    seed = _seed("seed", 1, shared=outputs[0].family.shared)
    return replace(vector_product(program, nests, targets, seed), name="value_and_grad")


def vector_product(program: VectorProgram, nests: Sequence[Nest], targets: Sequence[Family], seed: Family) -> Procedure:
    """All outputs, and the derivative by each target of the sum of the first ones, each times a row of the seed.

    Its arguments are the parameters, the inputs and the seed.
    """
    outputs = _outputs(program)
    pairs = [(output, _row(seed, k)) for k, output in enumerate(outputs[: seed.rows])]
    backward = differentiate(nests, pairs, targets)
    results = (*outputs, *[whole(backward.gradients[target]) for target in targets])
    arguments = (program.parameters, *program.inputs, seed)
    return Procedure(
        "vector_product", arguments, program.constants, needed([*nests, *backward.nests], results), results
    )


def gradient_product(program: VectorProgram, nests: Sequence[Nest], targets: Sequence[Family]) -> Procedure:
    """The derivative by each target of (the gradient times a vector): the Hessian times that vector.

    Its arguments are the parameters, the inputs, the seed, and for each target a vector of as many rows.
    """
    outputs = _outputs(program)
    seed = _seed("seed", 1, shared=outputs[0].family.shared)
    first = differentiate(nests, [(outputs[0], whole(seed))], targets)
    vectors = [_seed(f"u_{target.name}", target.rows, shared=target.shared) for target in targets]
    pairs = [(whole(first.gradients[target]), whole(u)) for target, u in zip(targets, vectors, strict=True)]
    everything = [*nests, *first.nests]
    second = differentiate(everything, pairs, targets, prefix="h_")
    results = tuple([whole(second.gradients[target]) for target in targets])
    arguments = (program.parameters, *program.inputs, seed, *vectors)
    return Procedure(
        "gradient_product", arguments, program.constants, needed([*everything, *second.nests], results), results
    )


def _outputs(program: VectorProgram) -> tuple[Access, ...]:
    return tuple([Access(operand.family, operand.index, "r") for operand in program.outputs])


def _seed(name: str, rows: int, *, shared: bool) -> Family:
    return Family(name, "input", shared, rows)


def _row(family: Family, k: int) -> Access:
    return Access(family, Index((k,), None, family.rows), "r")
