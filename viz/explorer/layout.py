"""Where everything stands: for each level of folding the places that Graphviz finds for it, along and down."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from statistics import fmean
from typing import Any, NamedTuple

from engine import Value
from engine.description import Description, Node
from viz.explorer.twins import Twins, twins
from viz.graph.render import arrange
from viz.graph.selection import LEVELS, Part, Selection, select

__all__ = ["layouts"]

MOST_BOXES = 400  # of a view; Graphviz takes half a second for as many
MOST_EDGES = 500  # of a view; with more of them Graphviz takes seconds, and nobody could follow one
MOST_IN_ALL, MOST_ARROWS_IN_ALL = 2000, 6000  # boxes and arrows of all views; of more parts not every one can be opened
MOST_DOWN, MOST_ARROWS_DOWN = 60, 200  # of a view that is laid out downwards too, for narrow pages
TITLES = {  # names and titles of views, by what is folded
    "nothing": ("scalars", "every number"),
    "neurons": ("neurons", "neurons"),
    "layers": ("layers", "layers"),
    None: ("nearest", "nearest to the output"),
}
POINTS = 72
REST = "rest"

HEIGHT, LEAST, MOST = 74, 148, 250  # points: of a card, and its widths
LETTER, ASIDE, SIGN = 9, 48, 18  # of a name, and what stands beside it; operations have a sign as well
CONSTANT = (72, 36)
BOX = (178, 88)


class _View(NamedTuple):
    name: str
    title: str
    selection: Selection


def layouts(graph: Description, budget: int, *, only_first: bool = False) -> dict[str, Any]:
    """The views of a graph, and which of them to open with.

    Args:
        graph: what there is.
        budget: how many boxes to show at first, at most.
        only_first: whether the view to open with is all.

    Returns:
        dict: "start", the name of a view, and "views", each a dict of
            "title"; "nodes", the ids of those that are drawn one by one; "boxes", a dict for each box that stands for
            several nodes, by its id: its "title", the "count" of its nodes and of the "weights" among them, its "part"
            of the model and the "view" that opens it, or its "leaves"; "LR" and, unless it is big, "TB": "width" and
            "height", "places" (id -> middle, width and height), "edges" ("tail", "head", "position", "path") and
            "frames" ("title", "place", and the "view" where it is folded).
    """
    parts = graph.parts if any(value.kind == "parameter" for value in graph.order) else {}
    views = [*islice(_views(graph, parts, budget), 1 if only_first else None)]
    drawn = _Layouts(graph, parts, {view.name for view in views})
    return {"start": views[0].name, "views": {view.name: drawn.view(view) for view in views}}


def _views(graph: Description, parts: Mapping[Value, Sequence[str]], budget: int) -> Iterator[_View]:
    """The view to open with comes first."""
    start = select(graph, budget)
    if not parts:
        whole = graph.n_nodes <= MOST_BOXES
        yield _View("scalars", "every number", select(graph, MOST_BOXES) if whole else start)
        return
    yield _View(*TITLES[start.level], start)
    for level in LEVELS:
        if level == start.level:
            continue
        selection = select(graph, MOST_BOXES, fold=level)
        n_boxes, n_edges = _counts(graph, selection)
        if n_boxes <= MOST_BOXES and n_edges <= MOST_EDGES:
            yield _View(*TITLES[level], selection)
    boxes, edges = MOST_IN_ALL, MOST_ARROWS_IN_ALL  # that are left
    opened: dict[Part, Selection] = {}
    every = {tuple(path[:i]) for path in parts.values() for i in range(1, len(path) + 1)}
    for part in sorted(every, key=_in_turn):
        selection = select(graph, MOST_BOXES, fold="layers", opened=[part])
        n_boxes, n_edges = _counts(graph, selection)
        if n_boxes <= min(boxes, MOST_BOXES) and n_edges <= min(edges, MOST_EDGES):
            boxes, edges = boxes - n_boxes, edges - n_edges
            opened[part] = selection
    for part in sorted(opened, key=_counted):
        yield _View(", ".join(part), ", ".join(part), opened[part])


def _counted(part: Part) -> list[list[int | str]]:
    """By what parts are sorted for "layer 2" to come before "layer 10"."""
    return [[int(word) if word.isdecimal() else word for word in re.split(r"(\d+)", title)] for title in part]


def _in_turn(part: Part) -> tuple[int, list[list[int | str]]]:
    """By what they are sorted for layers to come first, then the first neuron of each, the second of each, ..."""
    return len(part), _counted(part)[::-1]


def _counts(graph: Description, selection: Selection) -> tuple[int, int]:
    """How many boxes and arrows a picture has."""
    n_boxes = sum(map(graph.size, selection.nodes)) + len(set(selection.folded.values()))
    drawn = {value: selection.folded.get(value, value) for value in graph.order}
    edges = {(drawn[arg], drawn[value]) for value in graph.order for arg in value.operands}
    return n_boxes, sum(tail != head for tail, head in edges)


class _Box(NamedTuple):
    id: str
    width: float
    height: float
    part: Part  # of the model, that it stands in


class _Layouts:
    """The views of one graph.

    Args:
        graph: what there is.
        parts: of a model, in which each node is.
        known: the names of the views there are.
    """

    def __init__(self, graph: Description, parts: Mapping[Value, Sequence[str]], known: Collection[str]) -> None:
        self._graph = graph
        self._parts = {value: tuple(path) for value, path in parts.items()}
        self._known = known

    def view(self, view: _View) -> dict[str, Any]:
        """One of them, ready for JSON."""
        boxes: dict[str, _Box] = {}
        folded: dict[str, dict[str, Any]] = {}
        holder: dict[Value, str] = {}  # a node -> the id of what it is drawn as; of what unfolds, the last step
        self._bundle(view.selection, boxes, folded, holder)
        nodes = self._place(view.selection, boxes, folded, holder)
        edges: dict[tuple[str, str, int | None], None] = {}
        for step in self._graph.all_steps:
            head, tails = holder[step], [*map(holder.__getitem__, step.operands)]
            if head != self._graph.id(step):
                edges |= dict.fromkeys((tail, head, None) for tail in dict.fromkeys(tails) if tail != head)
                continue
            for position, (operand, tail) in enumerate(zip(step.operands, tails, strict=True)):
                edges[tail, head, position if tail == self._graph.id(operand) else None] = None
        drawing = {"title": view.title, "nodes": nodes, "boxes": folded}
        is_small = len(boxes) <= MOST_DOWN and len(edges) <= MOST_ARROWS_DOWN
        for direction in ("LR", "TB") if is_small else (view.selection.direction,):
            drawing[direction] = _arranged(boxes, [*edges], direction, self._known)
        return drawing

    def _bundle(
        self, selection: Selection, boxes: dict[str, _Box], folded: dict[str, dict[str, Any]], holder: dict[Value, str]
    ) -> None:
        """Make the boxes of leaves that are drawn as one."""
        for value, bundles in selection.bundles.items():
            for bundle in bundles:
                ids = [*map(self._graph.id, bundle.leaves)]
                title = f"{len(ids)} {bundle.leaves[0].kind}s"
                folded[bundle.id] = {"title": title, "count": len(ids), "weights": 0, "leaves": ids}
                boxes[bundle.id] = _Box(bundle.id, *BOX, self._parts.get(value, ()))
                holder |= dict.fromkeys(bundle.leaves, bundle.id)

    def _place(
        self, selection: Selection, boxes: dict[str, _Box], folded: dict[str, dict[str, Any]], holder: dict[Value, str]
    ) -> list[str]:
        """Make all other boxes; the ids of the nodes that have one of their own."""
        graph, nodes = self._graph, []
        ids = {part: ", ".join(part) for part in {*selection.folded.values()}}
        for value in graph.order:
            if value in holder:
                continue
            if value in selection.nodes:
                for step in graph.steps(value):
                    node = graph.node(step)
                    nodes.append(node.id)
                    holder[step] = holder[value] = node.id
                    boxes[node.id] = _Box(node.id, *_size(node), self._parts.get(value, ()))
                continue
            part = selection.folded.get(value)
            id = REST if part is None else ids[part]
            if id not in folded:
                title = "the rest" if part is None else part[-1]
                view = id if id in self._known else None
                folded[id] = {"title": title, "count": 0, "weights": 0, "part": part, "view": view}
                boxes[id] = _Box(id, *BOX, () if part is None else part[:-1])
            folded[id]["count"] += graph.size(value)
            folded[id]["weights"] += value.kind == "parameter"
            holder[value] = id
            if graph.unfolds(value):
                holder |= dict.fromkeys(graph.steps(value), id)
        return nodes


def _size(node: Node) -> tuple[float, float]:
    if node.kind == "constant":
        return CONSTANT
    sign = SIGN if node.kind == "operation" else 0
    return min(MOST, max(LEAST, LETTER * len(node.name) + ASIDE)) + sign, HEIGHT


def _arranged(
    boxes: Mapping[str, _Box], edges: Sequence[tuple[str, str, int | None]], direction: str, known: Collection[str]
) -> dict[str, Any]:
    number = {id: f"n{i}" for i, id in enumerate(boxes)}
    frames = [*dict.fromkeys(box.part[:i] for box in boxes.values() for i in range(1, len(box.part) + 1))]
    parts = {id: box.part for id, box in boxes.items()}
    sizes = {id: (box.width, box.height) for id, box in boxes.items()}
    groups = twins(parts, sizes, [(tail, head) for tail, head, _ in edges])
    # upside down, what is to be above a frame has to be below it
    for label in "tb" if frames and direction == "LR" else "t":
        found = arrange(_dot(boxes, number, frames, edges, direction, label))
        objects = {thing["name"]: thing for thing in found["objects"]}
        middles = {id: _numbers(objects[name]["pos"]) for id, name in number.items()}
        is_mirrored = _is_mirrored(middles, groups, direction)
        if is_mirrored == (label == "b"):
            break
    _, _, width, height = _numbers(found["bb"])

    def turn(x: float, y: float) -> tuple[float, float]:
        if direction == "LR":
            return x, y if label == "b" or (is_mirrored and not frames) else height - y
        return width - x if is_mirrored else x, height - y

    places = {id: (*turn(x, y), boxes[id].width, boxes[id].height) for id, (x, y) in middles.items()}
    paths: dict[tuple[str, str], list[str]] = {}  # of all arrows between two
    for (tail, head, _), edge in zip(edges, found.get("edges", ()), strict=True):
        paths.setdefault((tail, head), []).append(_path(edge["pos"], turn))
    surrounds: dict[Part, tuple[float, ...]] = {}
    for i, part in enumerate(frames):
        left, bottom, right, top = _numbers(objects[f"cluster_{i}"]["bb"])
        (x, y), (x2, y2) = turn(left, top), turn(right, bottom)
        surrounds[part] = (min(x, x2), min(y, y2), right - left, top - bottom)
    for group in groups:
        takes = _in_order(group, places, direction)
        frames_of = {parts[id][:i]: parts[its][:i] for id, its in takes.items() for i in range(1, len(parts[id]) + 1)}
        places |= {id: places[its] for id, its in takes.items()}
        surrounds |= {part: surrounds[its] for part, its in frames_of.items()}
        paths = {(tail, head): paths[takes.get(tail, tail), takes.get(head, head)] for tail, head in paths}
    each = {pair: iter(several) for pair, several in paths.items()}
    return {
        "width": round(width, 1),
        "height": round(height, 1),
        "places": {id: _rounded(*place) for id, place in places.items()},
        "edges": [
            {"tail": tail, "head": head, "position": position, "path": next(each[tail, head])}
            for tail, head, position in edges
        ],
        "frames": [
            {"title": part[-1], "view": _folding(part, known), "place": _rounded(*place)}
            for part, place in surrounds.items()
        ],
    }


def _in_order(group: Twins, places: Mapping[str, Sequence[float]], direction: str) -> dict[str, str]:
    """Whose place each box of a group of twins takes, for the first to go first."""
    along, across = (0, 1) if direction == "LR" else (1, 0)

    def place(unit: Sequence[str]) -> tuple[float, float]:
        return round(fmean(places[id][along] for id in unit)), fmean(places[id][across] for id in unit)

    found = zip(group, sorted(group, key=place), strict=True)
    return {id: its for unit, other in found for id, its in zip(unit, other, strict=True)}


def _dot(
    boxes: Mapping[str, _Box],
    number: Mapping[str, str],
    frames: Sequence[Part],
    edges: Sequence[tuple[str, str, int | None]],
    direction: str,
    label: str,
) -> str:
    """The boxes, in frames, as DOT: sizes alone, and room for the title of each frame."""
    ranksep = 0.85 if direction == "LR" else 0.66
    lines = [f'rankdir={direction}; nodesep=0.44; ranksep={ranksep}; node [shape=box, fixedsize=true, label=""];']
    members: dict[Part, list[str]] = {part: [] for part in ((), *frames)}
    for box in boxes.values():
        size = f"width={box.width / POINTS:.3f}, height={box.height / POINTS:.3f}"
        members[box.part].append(f"{number[box.id]} [{size}];")
    for i in reversed(range(len(frames))):  # what is in others comes after them
        part = frames[i]
        inner = " ".join(members[part])
        members[part[:-1]].append(
            f'subgraph cluster_{i} {{ margin=14; label="x"; fontsize=17; labelloc={label}; {inner} }}'
        )
    lines += members[()]
    lines += [f"{number[tail]} -> {number[head]};" for tail, head, _ in edges]
    return "\n".join(["digraph {", *lines, "}"])


Turn = Callable[[float, float], tuple[float, float]]


def _is_mirrored(middles: Mapping[str, Sequence[float]], groups: Sequence[Twins], direction: str) -> bool:
    """Whether a picture should be turned, as Graphviz puts what is side by side in any order: the first goes first."""
    places: dict[str, Sequence[float]] = {id: (x, -y) for id, (x, y) in middles.items()}
    for group in groups:  # whose order is any other
        places |= {id: places[its] for id, its in _in_order(group, places, direction).items()}
    along, across = (0, 1) if direction == "LR" else (1, 0)
    ranks: dict[float, list[float]] = {}
    for place in places.values():
        ranks.setdefault(round(place[along]), []).append(place[across])
    pairs = [(a, b) for rank in ranks.values() for a, b in pairwise(rank)]
    return sum(a > b for a, b in pairs) > len(pairs) / 2


def _folding(part: Part, known: Collection[str]) -> str | None:
    """The view in which a part is folded, that leaves most of the rest as it is."""
    choices = (", ".join(part[:-1]), "neurons" if len(part) > 1 else "layers", "layers")
    return next((name for name in choices if name in known), None)


def _numbers(text: str) -> list[float]:
    return [float(x) for x in text.split(",")]


def _rounded(*numbers: float) -> list[float]:
    return [round(x, 1) for x in numbers]


def _path(spline: str, turn: Turn) -> str:
    """A spline of Graphviz as the path of an SVG, up to the point of its arrow."""
    texts = spline.split(" ")
    ends = [texts.pop(0)[2:]] if spline.startswith("e,") else []

    def written(point: str) -> str:
        left, up = point.split(",")
        x, y = turn(float(left), float(up))
        return f"{round(x, 1):g},{round(y, 1):g}"

    first, *rest = map(written, texts)
    tip = f"L{written(ends[0])}" if ends else ""
    return f"M{first}C{' '.join(rest)}{tip}"
