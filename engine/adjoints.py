"""The backward sweep in any kind of number: with the nodes themselves for numbers it records the derivative's graph.

There is one rule for 0 beside infinity, in every mode and compiled. What a result does not depend on has the partial
FLAT, a 0 that stays 0 whatever it is a factor of: nothing comes through it. Any other 0 is a number, and times infinity
nan. Where no number is used twice, that settles whether a derivative is nan. Where one is, reverse mode adds up what a
node receives before it multiplies by the partial, and forward mode afterwards: of 0 and g received, and an infinite
partial, (0 + g) * inf is inf backward, and 0 * inf + g * inf is nan forward. There the formula has no derivative that
either could be false to.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from engine import functions, ieee, modes
from engine.forward import Dual
from engine.number import times
from engine.op import FLAT
from engine.order import dependent_on, topological_order
from engine.trees import is_list
from engine.value import Value, lift, record, sweep

__all__ = ["gradients", "sweep_rows", "sweep_towards"]


def gradients(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """The derivatives of a node with respect to others as Values, whose own graph can be drawn or differentiated.

    Args:
        output: the node to differentiate.
        inputs: the nodes to differentiate with respect to; interior ones too.

    Returns:
        list of Value: one for each input; a Constant 0 for one that the output was not made from.

    Raises:
        TypeError: `output` or an input is not a Value.

    Example:
        >>> x = Value(3.0)
        >>> (slope,) = gradients(x**3, [x])
        >>> slope.data, gradients(slope, [x])[0].data
        (27.0, 18.0)
    """
    for x in (output, *(inputs if is_list(inputs) else ())):
        if isinstance(x, Dual):
            raise TypeError(
                f"{x!r} is differentiated by forward mode, and has no graph to go back through: within, take "
                "grad(f)(x) of a function in the place of gradients(f(x), [x]); or differentiate by reverse mode"
            )
    if not isinstance(output, Value):
        raise TypeError(f"gradients needs a Value to differentiate, but was given {output!r}")
    if not is_list(inputs) or not all(isinstance(x, Value) for x in inputs):
        raise TypeError(f"gradients needs a list of Values to differentiate with respect to, but was given {inputs!r}")
    _check_unchanged(output)
    with modes.recorded():
        adjoint = sweep_towards(inputs, output)
    return [lift(adjoint.get(x, 0.0)) for x in inputs]


def sweep_towards(
    targets: Collection[Value], output: Value, number_of: Callable[[Value], Any] = lambda node: node
) -> dict[Value, Any]:
    """The same sweep in any kind of number, through those nodes only that depend on the targets.

    With the nodes themselves for numbers it records the graph of the derivative: every product and
    sum of the chain rule is a Value that can be drawn, or differentiated again. Factors of 1 and what is FLAT leave
    no node behind.

    Args:
        targets: the nodes to differentiate with respect to.
        output: the node to differentiate.
        number_of: what stands for a node in the formulas.

    Returns:
        dict from node to d(output)/d(node), without the nodes that have no part in it.
    """
    order = topological_order(output)
    dependent = dependent_on(targets, order)
    adjoint: dict[Value, Any] = {output: 1.0}
    for node in reversed(order):
        if node.op is not None and node in dependent and node in adjoint:
            partials = node.op.partials(functions, number_of(node), *map(number_of, node.operands))
            for arg, partial in zip(node.operands, partials, strict=True):
                if arg in dependent and partial is not FLAT:
                    term = times(adjoint[node], partial)
                    adjoint[arg] = adjoint[arg] + term if arg in adjoint else term
    return adjoint


def sweep_rows(outputs: Sequence[Value], targets: Sequence[Value]) -> list[list[float]]:
    """The derivatives of some nodes with respect to others, as numbers: a row for each output. No node is changed.

    Where there are more than two outputs, partials are computed once for all, and only of what lies between.

    Args:
        outputs: the nodes to differentiate.
        targets: the nodes to differentiate with respect to.

    Returns:
        list of lists of floats: d(output)/d(target).
    """
    if len(outputs) <= 2 or modes.current().watched > 0:
        return [[float(adjoint.get(target, 0.0)) for target in targets] for adjoint in map(sweep, outputs)]  # of FLAT 0
    order = topological_order(*outputs)
    place = {node: i for i, node in enumerate(order)}
    dependent = set(targets)
    # Of each node the operands that depend on a target, by their places, with its partials by these.
    passes: list[list[tuple[int, float]]] = []
    for node in order:
        if node.op is None or dependent.isdisjoint(node.operands):
            passes.append([])
            continue
        dependent.add(node)
        edges = zip(node.operands, node.op.partials(ieee, node.data, *node.operand_data), strict=True)
        passes.append([(place[arg], partial) for arg, partial in edges if arg in dependent and partial is not FLAT])
    places = [place.get(target) for target in targets]
    rows = []
    for output in outputs:
        adjoint: dict[int | None, float] = {place[output]: 1.0}
        for i in _below(place[output], passes):
            upstream = adjoint[i]
            for operand, partial in passes[i]:
                adjoint[operand] = adjoint.get(operand, 0.0) + upstream * partial
        rows.append([adjoint.get(i, 0.0) for i in places])
    return rows


def _below(start: int, passes: Sequence[list[tuple[int, float]]]) -> list[int]:
    """The places that something is passed to from one of them, results before operands."""
    reached = {start}
    to_visit = [start]
    while to_visit:
        for operand, _ in passes[to_visit.pop()]:
            if operand not in reached:
                reached.add(operand)
                to_visit.append(operand)
    return sorted(reached, reverse=True)


def _check_unchanged(output: Value) -> None:
    """The graph of a derivative is made of the nodes themselves, so they must still be what they were."""
    for node in topological_order(output):
        for arg, operand in zip(node.operands, node.operand_data, strict=False):  # a symbol has no operands
            if arg.apply is not record:  # a symbol has no number
                continue
            if arg.data != operand and operand == operand:
                raise ValueError(
                    f"{arg!r} was {operand:g} when it was used, and has been changed since: compute the output anew"
                )
