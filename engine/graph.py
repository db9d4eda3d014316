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
    for output in outputs:
        if output in seen:
            continue
        seen.add(output)
        path = [(output, iter(output.args))]  # from the output down to where we are, with what is left to do there
        while path:
            node, operands = path[-1]
            for arg in operands:
                if arg not in seen:
                    seen.add(arg)
                    if arg.args:
                        path.append((arg, iter(arg.args)))
                        break
                    order.append(arg)
            else:
                order.append(node)
                path.pop()
    return order
