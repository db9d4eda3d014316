"""Procedures: what can be asked of a compiled function, each as nests from beginning to end.

The function itself, its gradient, and what its derivatives make of a vector: all are made by the one rule of
`differentiate`, the last two by applying it again to what it made.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.compiler.nests.differentiate import differentiate
from engine.compiler.nests.nest import Access, Family, Index, Procedure, VectorProgram, needed, whole

__all__ = ["gradient_product", "value", "value_and_grad", "vector_product"]


def value(program: VectorProgram) -> Procedure:
    """All outputs, (1, batch) or (1, 1) each.

    Its arguments are those of the program.
    """
    outputs = tuple(program.outputs)
    return Procedure("value", program.arguments, program.constants, needed(program.nests, outputs), outputs)


def value_and_grad(program: VectorProgram, targets: Sequence[Family]) -> Procedure:
    """All outputs, and the derivative by each target of the first one times a seed, summed over the examples.

    Its arguments are those of the program and the seed.
    """
    outputs = tuple(program.outputs)
    seed = _seed("seed", 1, shared=outputs[0].family.shared)
    return _pulled_back("value_and_grad", program, targets, seed, outputs)


def vector_product(program: VectorProgram, targets: Sequence[Family], seed: Family) -> Procedure:
    """The derivative by each target of the sum of all outputs, each times a row of the seed.

    Its arguments are those of the program and the seed.
    """
    return replace(_pulled_back("vector_product", program, targets, seed, ()), varying=(seed,))


def gradient_product(program: VectorProgram, targets: Sequence[Family]) -> Procedure:
    """The derivative by each target of (the gradient times a vector): the Hessian times that vector.

    Its arguments are those of the program, the seed, and for each target a vector of as many rows.
    """
    outputs = tuple(program.outputs)
    seed = _seed("seed", 1, shared=outputs[0].family.shared)
    first = differentiate(program.nests, [(outputs[0], whole(seed))], targets)
    vectors = [_seed(f"u_{target.name}", target.rows, shared=target.shared) for target in targets]
    pairs = [(whole(first.gradients[target]), whole(u)) for target, u in zip(targets, vectors, strict=True)]
    everything = [*program.nests, *first.nests]
    second = differentiate(everything, pairs, targets, prefix="h_")
    results = tuple([whole(second.gradients[target]) for target in targets])
    arguments = (*program.arguments, seed, *vectors)
    nests = needed([*everything, *second.nests], results)
    return Procedure("gradient_product", arguments, program.constants, nests, results, varying=tuple(vectors))


def _pulled_back(
    name: str, program: VectorProgram, targets: Sequence[Family], seed: Family, outputs: tuple[Access, ...]
) -> Procedure:
    """These outputs, and the derivatives of the sum of as many outputs as the seed has rows."""
    pairs = [(output, _row(seed, k)) for k, output in enumerate(program.outputs[: seed.rows])]
    backward = differentiate(program.nests, pairs, targets)
    results = (*outputs, *[whole(backward.gradients[target]) for target in targets])
    nests = needed([*program.nests, *backward.nests], results)
    return Procedure(name, (*program.arguments, seed), program.constants, nests, results)


def _seed(name: str, rows: int, *, shared: bool) -> Family:
    return Family(name, "input", shared, rows)


def _row(family: Family, k: int) -> Access:
    return Access(family, Index((k,), None, family.rows), "r")
