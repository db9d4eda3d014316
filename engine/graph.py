"""Walking the recorded graph."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.value import Value

__all__ = ["topological_order"]


def topological_order(*outputs: "Value") -> list["Value"]:
    """Every node that the outputs were made from, operands always before the results made of them.

    Walks depth first with its own stack, so the depth of the graph is not limited by Python's.
    Operands keep the order in which they were written, and a node appears once however often it is used.

    Args:
        *outputs: the nodes to start from.

    Returns:
        list of Value: the nodes; the outputs are among them.

    Example:
        >>> from engine import Value
        >>> a = Value(2.0)
        >>> b = a + a          # used twice, listed once
        >>> c = b * a
        >>> [node.data for node in topological_order(c)]
        [2.0, 4.0, 8.0]
    """
    order: list[Value] = []
    seen: set[Value] = set()
    path: list[Value] = []  # from an output down to where we are
    to_visit: list[Value | None] = [*outputs[::-1]]  # from its end; None for the way back up
    while to_visit:
        node = to_visit.pop()
        if node is None:
            order.append(path.pop())
        elif node not in seen:
            seen.add(node)
            if node.args:
                path.append(node)  # no iterator beside it: the collector would walk a deep path again and again
                to_visit.append(None)
                to_visit.extend(node.args[::-1])
            else:
                order.append(node)
    return order
