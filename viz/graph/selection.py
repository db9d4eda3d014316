"""What of a graph to draw one by one, and what to fold, so that it can be read."""

from collections import Counter, deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import Value
from engine.description import Bundle, Description

__all__ = ["LEVELS", "Part", "Selection", "select"]

LEVELS = ("nothing", "neurons", "layers")  # what may be folded, from less to more
EDGES_PER_NODE = 4  # on average; with more of them Graphviz takes seconds
MOST_BESIDE = 10  # boxes in a rank; of a network that has more, parts are folded, and of what is nearest no more drawn
MOST_RANKS = 24  # of a picture that fits a page or two; of longer chains the middle is folded
ENDS = 3  # operations of such a chain that are drawn at either end
ROOM = 1060  # points: a notebook's cell is as wide, where the picture is shown as small as can be read
RANK, BOX = 175, 150  # points that a rank takes along the graph, and a box across it

Part = tuple[str, ...]  # of a model, from the outside in: ("layer 1", "neuron 2")


@dataclass
class Selection:
    """The nodes to draw one by one, and those that share a box.

    Attributes:
        level: which of `LEVELS` is folded; None where only the nodes nearest to the outputs are drawn.
        nodes: the nodes to draw.
        bundles: for a node to draw, those of its operands that share a box.
        folded: the part of a model in the box of which a node is.
        runs: nodes in the middle of long chains, of which each shares a box.
        direction: where the computation has to run for the picture to fit the page: "LR", or else "TB".
    """

    level: str | None = None
    nodes: set[Value] = field(default_factory=set)
    bundles: dict[Value, list[Bundle]] = field(default_factory=dict)
    folded: dict[Value, Part] = field(default_factory=dict)
    runs: list[list[Value]] = field(default_factory=list)
    direction: str = "LR"


def select(
    graph: Description,
    budget: int,
    fold: str | None = None,
    opened: Collection[Part] = (),
    *,
    fits_page: bool = False,
) -> Selection:
    """Choose what to draw: the whole graph if it fits, else parts of the model as one box each, else what is nearest.

    Args:
        graph: what there is.
        budget: how many boxes to draw at most; an output is drawn in any case.
        fold: one of `LEVELS`; None for the first that fits.
        opened: parts that are not folded, nor is what they are in.
        fits_page: whether the picture is to fit a page or two, unless it is said what to fold: long chains are folded
            then, and of what is nearest no more than fits.

    Returns:
        Selection: if not even layers fit, with bundles, and filled by breadth-first search from the outputs.
    """
    parts = graph.parts if any(value.kind == "parameter" for value in graph.order) else {}
    fits_page = fits_page and fold is None
    for level in LEVELS if fold is None else (fold,):
        if graph.n_nodes > budget and not parts and (level != "nothing" or not fits_page):
            continue
        folded = _folded(parts, level)
        runs = _runs(graph, folded) if fits_page else []
        n_alone = graph.n_nodes - sum(map(graph.size, folded)) - sum(map(len, runs))
        if n_alone + len(set(folded.values())) > budget and (fold is None or level == "nothing"):
            continue
        layout, runs = _shortened(graph, folded, runs, budget)
        is_legible = not parts or fold is not None or level != "nothing" or layout.breadth <= MOST_BESIDE
        n_edges = budget * (1 if folded else EDGES_PER_NODE)
        is_legible = is_legible and not (fits_page and layout.depth > MOST_RANKS)
        fits = layout.n_boxes <= budget and layout.n_edges <= n_edges and is_legible
        if fits or (fold is not None and folded):
            if opened:
                folded, runs = _folded(parts, level, opened), []
                layout = _layout(graph, folded)
            bundles = _inputs(graph, folded) if fits_page and folded else {}
            hidden = {*folded, *(value for run in runs for value in run)}
            hidden.update(leaf for several in bundles.values() for bundle in several for leaf in bundle.leaves)
            nodes = {value for value in graph.order if value not in hidden}
            return Selection(level, nodes, bundles, folded, runs, layout.direction)
    if not fits_page:
        return _nearest(graph, budget)[0]
    for ranks in (MOST_RANKS, MOST_RANKS // 2, MOST_RANKS // 4):
        selection, layout = _nearest(graph, budget, ranks)
        if layout.depth <= MOST_RANKS and layout.breadth <= 2 * MOST_BESIDE:
            break
    return selection


def _shortened(
    graph: Description, folded: Mapping[Value, Part], runs: list[list[Value]], budget: int
) -> tuple["_Layout", list[list[Value]]]:
    """The layout, and the runs that have to be folded in it; none where it is short enough without."""
    if not runs or graph.n_nodes - len(folded) <= budget:
        layout = _layout(graph, folded)
        if not runs or layout.depth <= MOST_RANKS:
            return layout, []
    boxes = {value: (f"run {i}",) for i, run in enumerate(runs) for value in run}
    firsts = {run[0] for run in runs}  # the rest of a run is where its first operation is
    drawn = [value for value in graph.order if value not in boxes or value in firsts]
    return _layout(graph, {**folded, **boxes}, drawn), runs


def _runs(graph: Description, folded: Mapping[Value, Part]) -> list[list[Value]]:
    """The middles of long chains: operations each of which is made of the one before and leaves, with these leaves."""
    before: dict[Value, Value] = {}
    for value in graph.order:
        if value.op is not None and value not in folded:
            inner = [arg for arg in dict.fromkeys(value.operands) if arg.op is not None]
            if len(inner) == 1 and graph.uses(inner[0]) == 1 and inner[0] not in folded:
                before[value] = inner[0]
    not_last = set(before.values())
    runs = []
    for value in before:
        if value in not_last:
            continue
        chain = [value]
        while chain[-1] in before:
            chain.append(before[chain[-1]])
        middle = chain[-ENDS - 1 : ENDS - 1 : -1]
        if len(middle) > 2:
            uses = Counter(arg for each in middle for arg in set(each.operands) if arg.op is None)
            runs.append(middle + [leaf for leaf, n in uses.items() if n == graph.uses(leaf) and leaf not in folded])
    return runs


def _inputs(graph: Description, folded: Mapping[Value, Part]) -> dict[Value, list[Bundle]]:
    """Many leaves of one kind that one folded part alone reads, by the first node of that which reads one."""
    readers: dict[Value, set[Part]] = {}
    first: dict[Part, Value] = {}
    for value in graph.order:
        part = folded.get(value, ())
        for arg in value.operands:
            if arg.op is None and arg not in folded:
                readers.setdefault(arg, set()).add(part)
                first.setdefault(part, value)
    groups: dict[tuple[Part, str], list[Value]] = {}
    for leaf, found in readers.items():
        if len(found) == 1 and () not in found and leaf not in graph.outputs:
            groups.setdefault((found.pop(), leaf.kind), []).append(leaf)
    bundles: dict[Value, list[Bundle]] = {}
    for (part, kind), leaves in groups.items():
        if len(leaves) > MOST_BESIDE:
            bundles.setdefault(first[part], []).append(Bundle(f"{graph.id(first[part])}_{kind}s", leaves))
    return bundles


def _nearest(graph: Description, budget: int, ranks: int | None = None) -> tuple[Selection, "_Layout"]:
    """What is nearest to the outputs; with so many ranks at most, and no more in each than can be read."""
    selection = Selection()
    queue = deque(graph.outputs)
    distance = dict.fromkeys(queue, 0)
    across: Counter[int] = Counter()
    seen = set(queue)
    boxes, edges = 0, 0
    while queue:
        node = queue.popleft()
        rank = distance.pop(node)
        across[rank] += 1
        if ranks is not None and selection.nodes and (rank >= ranks or across[rank] > MOST_BESIDE):
            continue
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
                distance[arg] = rank + 1
                queue.append(arg)
    bundled = {
        leaf: bundle.id for bundles in selection.bundles.values() for bundle in bundles for leaf in bundle.leaves
    }
    drawn = [value for value in graph.order if value in selection.nodes]
    layout = _layout(graph, bundled, drawn)
    selection.direction = layout.direction
    return selection, layout


def _folded(parts: Mapping[Value, Sequence[str]], level: str, opened: Collection[Part] = ()) -> dict[Value, Part]:
    """In which folded part each node is."""
    if level == "nothing":
        return {}
    open = {part[:i] for part in opened for i in range(1, len(part) + 1)}
    found: dict[int, Part] = {}  # by the titles, which many nodes share

    def box_of(titles: Sequence[str]) -> Part:
        path = tuple(titles)
        layer = 2 if path[:1] and path[0].startswith("model ") else 1  # of several models in one graph
        lengths = range(layer if level == "layers" else len(path), len(path) + 1)
        return next((path[:length] for length in lengths if path[:length] and path[:length] not in open), ())

    folded = {}
    for value, titles in parts.items():
        box = found.get(id(titles))
        if box is None:
            box = found[id(titles)] = box_of(titles)
        if box:
            folded[value] = box
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
    number: dict[Hashable, int] = {}
    box_of: dict[Value, int] = {}  # the number of its box
    for value in graph.order:
        box_of[value] = number.setdefault(boxes.get(value) or graph.id(value), len(number))
    rank: dict[int, int] = {}  # of boxes, by their numbers
    edges: set[tuple[int, int]] = set()
    leaves: set[int] = set()
    n_boxes = 0
    for value in graph.order if drawn is None else drawn:
        head, size, is_alone = box_of[value], graph.size(value), value not in boxes
        n_boxes += size if is_alone else head not in rank
        rank.setdefault(head, 0)
        if value.op is None:
            if is_alone:
                leaves.add(head)
            continue
        for tail in {box_of[arg] for arg in value.operands} - {head}:
            edges.add((tail, head))
            rank[head] = max(rank[head], rank.setdefault(tail, 0) + (size + 1) // 2)
    first_use: dict[int, int] = {}
    for tail, head in edges:
        first_use[tail] = min(first_use.get(tail, rank[head]), rank[head])
    ranks = Counter(first_use.get(box, 1) - 1 if box in leaves else depth for box, depth in rank.items())
    return _Layout(n_boxes, len(edges), max(rank.values()) + 1, max(ranks.values()))
