"""What of a graph to draw one by one, and what to fold, so that it can be read."""

from collections import Counter, deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import Value
from engine.description import Bundle, Description

__all__ = ["LEVELS", "Part", "Selection", "select"]

LEVELS = ("nothing", "neurons", "layers")  # what may be folded, from less to more
EDGES_PER_NODE = 4  # on average; with more of them Graphviz takes seconds
MOST_BESIDE = 10  # boxes in a rank; of a network that has more, parts are folded
ROOM = 1060  # points: a notebook's cell is as wide, where the picture is shown as small as can be read
RANK, BOX = 175, 150  # points that a rank takes along the graph, and a box across it

Part = tuple[str, ...]  # of a model, from the outside in: ("layer 1", "neuron 2")


@dataclass
class Selection:
    """The nodes to draw one by one, and those that share a box.

    Attributes:
        nodes: the nodes to draw.
        bundles: for a node to draw, those of its operands that share a box.
        folded: the part of a model in the box of which a node is.
        direction: where the computation has to run for the picture to fit the page: "LR", or else "TB".
    """

    nodes: set[Value] = field(default_factory=set)
    bundles: dict[Value, list[Bundle]] = field(default_factory=dict)
    folded: dict[Value, Part] = field(default_factory=dict)
    direction: str = "LR"


def select(graph: Description, budget: int, fold: str | None = None, opened: Collection[Part] = ()) -> Selection:
    """Choose what to draw: the whole graph if it fits, else parts of the model as one box each, else what is nearest.

    Args:
        graph: what there is.
        budget: how many boxes to draw at most; an output is drawn in any case.
        fold: one of `LEVELS`; None for the first that fits.
        opened: parts that are not folded, nor is what they are in.

    Returns:
        Selection: if not even layers fit, with bundles, and filled by breadth-first search from the outputs.
    """
    parts = graph.parts if any(value.kind == "parameter" for value in graph.order) else {}
    for level in LEVELS if fold is None else (fold,):
        if graph.n_nodes > budget and (level == "nothing" or not parts):
            continue
        folded = _folded(parts, level)
        if fold is None and len(set(folded.values())) > budget:
            continue
        layout = _layout(graph, folded)
        is_legible = not parts or fold is not None or level != "nothing" or layout.breadth <= MOST_BESIDE
        n_edges = budget * (1 if folded else EDGES_PER_NODE)
        fits = layout.n_boxes <= budget and layout.n_edges <= n_edges and is_legible
        if fits or (fold is not None and folded):
            if opened:
                folded = _folded(parts, level, opened)
                layout = _layout(graph, folded)
            nodes = {value for value in graph.order if value not in folded}
            return Selection(nodes, {}, folded, layout.direction)
    return _nearest(graph, budget)


def _nearest(graph: Description, budget: int) -> Selection:
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
        edges += len(set(node.operands)) - sum(len(bundle.leaves) - 1 for bundle in bundles)
        for arg in node.operands:
            if arg not in seen:
                seen.add(arg)
                queue.append(arg)
    bundled = {
        leaf: bundle.id for bundles in selection.bundles.values() for bundle in bundles for leaf in bundle.leaves
    }
    drawn = [value for value in graph.order if value in selection.nodes]
    selection.direction = _layout(graph, bundled, drawn).direction
    return selection


def _folded(parts: Mapping[Value, Sequence[str]], level: str, opened: Collection[Part] = ()) -> dict[Value, Part]:
    """In which folded part each node is."""
    if level == "nothing":
        return {}
    open = {part[:i] for part in opened for i in range(1, len(part) + 1)}
    folded = {}
    for value, titles in parts.items():
        path = tuple(titles)
        layer = 2 if path[:1] and path[0].startswith("model ") else 1  # of several models in one graph
        for length in range(layer if level == "layers" else len(path), len(path) + 1):
            if path[:length] and path[:length] not in open:
                folded[value] = path[:length]
                break
    return folded


@dataclass
class _Layout:
    """About how much room a picture takes: ranks along the graph, and boxes in the broadest of them."""

    n_boxes: int
    n_edges: int
    depth: int
    breadth: int

    @property
    def direction(self) -> str:
        across, down = self.depth * RANK, self.breadth * BOX
        return "LR" if across <= max(ROOM, down) else "TB"


def _layout(graph: Description, boxes: Mapping[Value, Hashable], drawn: Sequence[Value] | None = None) -> _Layout:
    """What a picture is like, given the boxes that several nodes share."""
    rank: dict[Hashable, int] = {}  # by a node's id, as == compares the numbers of nodes
    edges: set[tuple[Hashable, Hashable]] = set()
    leaves: set[Hashable] = set()
    n_boxes = 0
    for value in graph.order if drawn is None else drawn:
        id, size = graph.id(value), graph.size(value)
        box = boxes.get(value, id)
        n_boxes += size if box == id else box not in rank
        rank.setdefault(box, 0)
        if value.op is None and box == id:
            leaves.add(id)
        for arg in dict.fromkeys(value.operands):
            tail = boxes.get(arg) or graph.id(arg)
            if tail != box:
                edges.add((tail, box))
                rank[box] = max(rank[box], rank.setdefault(tail, 0) + (size + 1) // 2)
    first_use: dict[Hashable, int] = {}
    for tail, head in edges:
        first_use[tail] = min(first_use.get(tail, rank[head]), rank[head])
    ranks = Counter(first_use.get(box, 1) - 1 if box in leaves else number for box, number in rank.items())
    return _Layout(n_boxes, len(edges), max(rank.values()) + 1, max(ranks.values()))
