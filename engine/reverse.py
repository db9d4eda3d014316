"""The backward sweep: the chain rule, once through the graph from the output to the leaves."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from engine import functions, ieee, modes
from engine.graph import topological_order

if TYPE_CHECKING:
    from engine.value import Value

__all__ = ["sweep", "sweep_towards"]


def sweep(output: "Value") -> dict["Value", float]:
    """The derivative of the output with respect to every node it was made from, as numbers.

    In reverse topological order each node has received all of its adjoint before it passes any on:
    that is why the order matters, and why one visit to each node is enough. No node is changed.

    Args:
        output: the node to differentiate.

    Returns:
        dict from node to d(output)/d(node).

    Source:
        Griewank and Walther, "Evaluating Derivatives" (2008), section 3.2.
    """
    order = topological_order(output)
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0
    for node in reversed(order):
        if node.op is not None:
            upstream = adjoint[node]
            partials = node.op.partials(ieee, node.data, *node.operands)
            for arg, partial in zip(node.args, partials):  # noqa: B905  # strict=True would double the time of this loop
                adjoint[arg] += upstream * partial
    if modes.switched:
        modes.check_backward(order, adjoint)
    return adjoint


def sweep_towards(
    targets: Collection["Value"], output: "Value", number_of: Callable[["Value"], Any] = lambda node: node
) -> dict["Value", Any]:
    """The same sweep in any kind of number, through those nodes only that depend on the targets.

    With the nodes themselves for numbers it records the graph of the derivative: every product and
    sum of the chain rule is a Value that can be drawn, or differentiated again. Factors of 1 and terms
    of 0 that hold whatever the operands are leave no node behind.

    Args:
        targets: the nodes to differentiate with respect to.
        output: the node to differentiate.
        number_of: what stands for a node in the formulas.

    Returns:
        dict from node to d(output)/d(node), without the nodes that have no part in it.
    """
    dependent = set(targets)
    order = topological_order(output)
    for node in order:
        if any(arg in dependent for arg in node.args):
            dependent.add(node)
    adjoint: dict[Value, Any] = {output: 1.0}
    for node in reversed(order):
        if node.op is not None and node in dependent and node in adjoint:
            partials = node.op.partials(functions, number_of(node), *map(number_of, node.args))
            for arg, partial in zip(node.args, partials, strict=True):
                if arg in dependent and not is_exactly(0.0, partial):
                    term = times(adjoint[node], partial)
                    adjoint[arg] = adjoint[arg] + term if arg in adjoint else term
    return adjoint


def times(a: Any, b: Any) -> Any:
    """a * b, without a multiplication where a factor is a plain 1."""
    return b if is_exactly(1.0, a) else a if is_exactly(1.0, b) else a * b


def is_exactly(constant: float, x: Any) -> bool:
    """Whether x is that plain number, and not a number of another kind that merely has this value now."""
    return type(x) is float and x == constant
