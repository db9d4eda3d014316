"""Which nodes of a graph to draw when there are more of them than can be read."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import Value
from engine.expansion import unfolded_size

__all__ = ["Selection", "select"]

EDGES_PER_NODE = 4  # on average; with more of them Graphviz takes seconds
SMALLEST_BUNDLE = 3


@dataclass
class Selection:
    """The nodes to draw one by one, and the leaves to draw as one box together.

    Attributes:
        nodes: the nodes to draw.
        bundles: for a node to draw, groups of its operands: leaves of one kind that only it uses,
            such as the weights of one neuron.
    """

    nodes: set[Value] = field(default_factory=set)
    bundles: dict[Value, list[list[Value]]] = field(default_factory=dict)

    def bundled(self) -> Iterator[Value]:
        """Every leaf that is in a bundle."""
        for groups in self.bundles.values():
            for group in groups:
                yield from group


def select(everything: Sequence[Value], outputs: Sequence[Value], unfolding: set[Value], budget: int) -> Selection:
    """Choose what to draw: the whole graph if it fits, else what is nearest to the outputs.

    Args:
        everything: the nodes of the graph.
        outputs: those to start from.
        unfolding: the nodes that will be drawn as several.
        budget: how many boxes to draw at most; an output is drawn in any case.

    Returns:
        Selection: whole when it fits; otherwise with bundles, and filled by breadth-first search.
    """

    def size(node: Value) -> int:
        return unfolded_size(node) if node in unfolding else 1

    if sum(map(size, everything)) <= budget and sum(_fan_in(node) for node in everything) <= EDGES_PER_NODE * budget:
        return Selection(set(everything))

    uses = Counter(arg for node in everything for arg in set(node.args))
    selection = Selection()
    seen = set(outputs)
    queue = deque(outputs)
    boxes, edges = 0, 0
    while queue:
        node = queue.popleft()
        groups = [] if node in unfolding else _groups(node, uses, seen)
        boxes += size(node) + len(groups)
        if selection.nodes and (boxes > budget or edges > EDGES_PER_NODE * budget):
            break
        selection.nodes.add(node)
        if groups:
            selection.bundles[node] = groups
            seen.update(*groups)
        edges += _fan_in(node) - sum(len(group) - 1 for group in groups)
        for arg in node.args:
            if arg not in seen:
                seen.add(arg)
                queue.append(arg)
    return selection


def _fan_in(node: Value) -> int:
    return len(set(node.args))


def _groups(node: Value, uses: "Counter[Value]", seen: set[Value]) -> list[list[Value]]:
    """The leaves that only this node uses, by kind, where there are enough of a kind."""
    leaves: dict[str, list[Value]] = {}
    for arg in dict.fromkeys(node.args):
        if arg.op is None and uses[arg] == 1 and arg not in seen:
            leaves.setdefault(arg.kind, []).append(arg)
    return [group for group in leaves.values() if len(group) >= SMALLEST_BUNDLE]
