"""The backward sweep: the chain rule, once through the graph from the output to the leaves."""

from typing import TYPE_CHECKING

from engine import ieee
from engine.graph import topological_order

if TYPE_CHECKING:
    from engine.value import Value

__all__ = ["sweep"]


def sweep(output: "Value") -> dict["Value", float]:
    """The derivative of the output with respect to every node it was made from.

    In reverse topological order each node has received all of its adjoint before it passes any on:
    that is why the order matters, and one visit per node is enough. No node is changed.

    Args:
        output: the node to differentiate.

    Returns:
        dict from node to d(output)/d(node), the output first and the leaves last.

    Source:
        Griewank and Walther, "Evaluating Derivatives" (2008), section 3.2.
    """
    adjoint = {output: 1.0}
    for node in reversed(topological_order(output)):
        if node.op is not None:
            upstream = adjoint[node]
            for arg, partial in zip(node.args, node.op.partials(ieee, node.data, *node.operands), strict=True):
                adjoint[arg] = adjoint.get(arg, 0.0) + upstream * partial
    return adjoint
