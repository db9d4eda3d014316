"""Which nodes of a graph to draw when there are more of them than can be read."""

from collections import deque
from dataclasses import dataclass, field

from engine import Value
from engine.description import Bundle, Description

__all__ = ["Selection", "select"]

EDGES_PER_NODE = 4  # on average; with more of them Graphviz takes seconds


@dataclass
class Selection:
    """The nodes to draw one by one, and the leaves to draw as one box together.

    Attributes:
        nodes: the nodes to draw.
        bundles: for a node to draw, those of its operands that share a box.
    """

    nodes: set[Value] = field(default_factory=set)
    bundles: dict[Value, list[Bundle]] = field(default_factory=dict)


def select(graph: Description, budget: int) -> Selection:
    """Choose what to draw: the whole graph if it fits, else what is nearest to the outputs.

    Args:
        graph: what there is.
        budget: how many boxes to draw at most; an output is drawn in any case.

    Returns:
        Selection: whole when it fits; otherwise with bundles, and filled by breadth-first search.
    """
    if graph.n_nodes <= budget and sum(map(_fan_in, graph.order)) <= EDGES_PER_NODE * budget:
        return Selection(set(graph.order))

    selection = Selection()
    queue = deque(graph.outputs)
    seen = set(queue)
    boxes, edges = 0, 0
    while queue:
        node = queue.popleft()
        bundles = graph.bundles(node)
        boxes += graph.size(node) + len(bundles)
        if selection.nodes and (boxes > budget or edges > EDGES_PER_NODE * budget):
            break
        selection.nodes.add(node)
        selection.bundles[node] = bundles
        for bundle in bundles:
            seen.update(bundle.leaves)
        edges += _fan_in(node) - sum(len(bundle.leaves) - 1 for bundle in bundles)
        for arg in node.operands:
            if arg not in seen:
                seen.add(arg)
                queue.append(arg)
    return selection


def _fan_in(node: Value) -> int:
    return len(set(node.operands))
