"""The order of a graph's nodes, operands before results: what everything that goes through a graph goes by."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

__all__ = ["dependent_on", "topological_order", "walk"]

V = TypeVar("V")  # Value; its own file needs this one


def topological_order(*outputs: V) -> list[V]:
    """Every node that the outputs were made from, operands always before the results made of them.

    Walks depth first with its own stack, so the depth of the graph is not limited by Python's.
    Operands keep the order in which they were written, and a node appears once however often it is used.

    Args:
        *outputs: the nodes to start from.

    Returns:
        list of Value: the nodes; the outputs are among them.

    Raises:
        TypeError: an output is not a Value.

    Example:
        >>> from engine import Value
        >>> a = Value(2.0)
        >>> b = a + a          # used twice, listed once
        >>> c = b * a
        >>> [node.data for node in topological_order(c)]
        [2.0, 4.0, 8.0]
    """
    for output in outputs:
        if not hasattr(type(output), "operands"):
            hint = ": write topological_order(*outputs)" if isinstance(output, (list, tuple)) else ""
            raise TypeError(f"topological_order needs Values, but was given {output!r}{hint}")
    return walk(outputs, set())


def walk(outputs: Sequence[V], seen: set[V]) -> list[V]:
    """The same, but without the nodes that were seen already, and what only these were made from."""
    order: list[V] = []
    path: list[V] = []  # from an output down to where we are
    to_visit: list[Any] = [*outputs[::-1]]  # from its end; None for the way back up
    visit = to_visit.append
    while to_visit:
        node = to_visit.pop()
        if node is None:
            order.append(path.pop())
        elif node not in seen:
            seen.add(node)
            a, b = node._a, node._b
            if a is None:
                order.append(node)
                continue
            path.append(node)  # no iterator beside it: the collector would walk a deep path again and again
            visit(None)
            if b is not None and b not in seen:
                visit(b)
            if type(a) is tuple:
                to_visit.extend(a[::-1])
            elif a not in seen:
                visit(a)
    return order


def dependent_on(targets: Iterable[Any], order: Iterable[Any]) -> set[Any]:
    """Some nodes, and those of an order, operands before results, that were made of one of them."""
    dependent = set(targets)
    for node in order:
        if not dependent.isdisjoint(node.operands):
            dependent.add(node)
    return dependent
