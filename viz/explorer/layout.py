"""Where everything stands: for each level of folding the places that Graphviz finds for it, along and down."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine import Value
from engine.description import Description, Node
from viz.graph.render import arrange
from viz.graph.selection import LEVELS, Part, Selection, select

__all__ = ["layouts"]

MOST_BOXES = 400  # of a view; Graphviz takes half a second for as many
MOST_VIEWS = 80
MOST_DOWN = 60  # boxes of a view that is laid out downwards too, for narrow pages
POINTS = 72
REST = "rest"

HEIGHT, LEAST, MOST = 62, 96, 210  # points: of a card, and its widths
LETTER, ASIDE = 8.2, 44  # of a name, and what stands beside it
CONSTANT = (64, 34)
BOX = (176, 84)


class _View(NamedTuple):
    name: str
    title: str
    selection: Selection


def layouts(graph: Description, budget: int) -> dict[str, Any]:
    """The views of a graph, and which of them to open with.

    Args:
        graph: what there is.
        budget: how many boxes to show at first, at most.

    Returns:
        dict: "start", the name of a view, and "views", each a dict of
            "title"; "nodes", the ids of those that are drawn one by one; "boxes", a dict for each box that stands for
            several nodes, by its id: its "title", its "part" of the model and the "view" that opens it, or its
            "leaves"; "LR" and, unless it is big, "TB": "width" and "height", "places" (id -> middle, width and
            height), "edges" ("tail", "head", "position", "path") and "frames" ("title", "place", and the
            "view" where it is folded).
    """
    parts = graph.parts if any(value.kind == "parameter" for value in graph.order) else {}
    views = [*_views(graph, parts, budget)]
    return {"start": views[0].name, "views": {view.name: _laid_out(graph, parts, view, views) for view in views}}


def _views(graph: Description, parts: Mapping[Value, Sequence[str]], budget: int) -> Iterator[_View]:
    """The view to open with comes first."""
    start = select(graph, budget)
    if not parts:
        whole = graph.n_nodes <= MOST_BOXES
        yield _View("scalars", "every number", select(graph, MOST_BOXES) if whole else start)
        return
    levels = {level: select(graph, MOST_BOXES, fold=level) for level in LEVELS}
    titles = {"nothing": "every number", "neurons": "neurons", "layers": "layers"}
    names = {"nothing": "scalars", "neurons": "neurons", "layers": "layers"}
    found = [
        _View(names[level], titles[level], selection)
        for level, selection in levels.items()
        if _n_boxes(graph, selection) <= MOST_BOXES
    ]
    first = next((view for view in found if view.selection.folded == start.folded), None)
    yield first or _View("nearest", "nearest to the output", start)
    yield from (view for view in found if view is not first)
    every = dict.fromkeys(tuple(path[:i]) for path in parts.values() for i in range(1, len(path) + 1))
    for part in [*every][:MOST_VIEWS]:
        selection = select(graph, MOST_BOXES, fold="layers", opened=[part])
        if _n_boxes(graph, selection) <= MOST_BOXES:
            yield _View(", ".join(part), ", ".join(part), selection)


def _n_boxes(graph: Description, selection: Selection) -> int:
    return sum(map(graph.size, selection.nodes)) + len(set(selection.folded.values()))


class _Box(NamedTuple):
    id: str
    width: float
    height: float
    part: Part  # of the model, that it stands in


def _laid_out(
    graph: Description, parts: Mapping[Value, Sequence[str]], view: _View, views: Sequence[_View]
) -> dict[str, Any]:
    known = {each.name for each in views}
    selection = view.selection
    boxes: dict[str, _Box] = {}
    folded: dict[str, dict[str, Any]] = {}
    nodes: list[str] = []
    holder: dict[str, str] = {}
    edges: dict[tuple[str, str, int | None], None] = {}
    for value in graph.order:
        within = tuple(parts.get(value, ()))
        if value in selection.nodes:
            for bundle in selection.bundles.get(value, ()):
                ids = [graph.id(leaf) for leaf in bundle.leaves]
                folded[bundle.id] = {"title": f"{len(ids)} {bundle.leaves[0].kind}s", "leaves": ids}
                boxes[bundle.id] = _Box(bundle.id, *BOX, within)
                holder |= dict.fromkeys(ids, bundle.id)
    for value in graph.order:
        within = tuple(parts.get(value, ()))
        if value in selection.nodes and graph.id(value) not in holder:
            for node in graph.describe(value):
                nodes.append(node.id)
                holder[node.id] = node.id
                boxes[node.id] = _Box(node.id, *_size(node), within)
        elif value not in selection.nodes and graph.id(value) not in holder:
            part = selection.folded.get(value)
            id = REST if part is None else ", ".join(part)
            if id not in folded:
                name = id if id in known else None
                folded[id] = {"title": "more" if part is None else part[-1], "part": part, "view": name}
                boxes[id] = _Box(id, *BOX, () if part is None else part[:-1])
            holder |= dict.fromkeys((graph.id(step) for step in graph.steps(value)), id)
    for value in graph.order:
        for node in graph.describe(value):
            head = holder[node.id]
            for position, operand in enumerate(node.operands):
                tail = holder[operand]
                if tail != head:
                    is_single = tail == operand and head == node.id
                    edges[tail, head, position if is_single else None] = None
    drawing = {"title": view.title, "nodes": nodes, "boxes": folded}
    for direction in ("LR", "TB") if len(boxes) <= MOST_DOWN else (selection.direction,):
        drawing[direction] = _arranged(boxes, [*edges], direction, known)
    return drawing


def _size(node: Node) -> tuple[float, float]:
    if node.kind == "constant":
        return CONSTANT
    return min(MOST, max(LEAST, LETTER * len(node.name) + ASIDE)), HEIGHT


def _arranged(
    boxes: Mapping[str, _Box], edges: Sequence[tuple[str, str, int | None]], direction: str, known: set[str]
) -> dict[str, Any]:
    number = {id: f"n{i}" for i, id in enumerate(boxes)}
    lines = [
        "digraph {",
        f"rankdir={direction}; nodesep=0.32; ranksep={0.85 if direction == 'LR' else 0.6}; outputorder=edgesfirst;",
        'node [shape=box, fixedsize=true, label=""]; edge [arrowsize=0.8];',
    ]
    members: dict[Part, list[str]] = {}
    for box in boxes.values():
        members.setdefault(box.part, []).append(box.id)
        for i in range(len(box.part)):
            members.setdefault(box.part[:i], [])
    frames: list[Part] = []

    def put(part: Part) -> None:
        for id in members[part]:
            box = boxes[id]
            lines.append(f"{number[id]} [width={box.width / POINTS:.3f}, height={box.height / POINTS:.3f}];")
        for inner in members:
            if len(inner) == len(part) + 1 and inner[: len(part)] == part:
                lines.append(f'subgraph cluster_{len(frames)} {{ margin=14; label="x"; fontsize=17;')
                frames.append(inner)
                put(inner)
                lines.append("}")

    members.setdefault((), [])
    put(())
    lines += [f"{number[tail]} -> {number[head]};" for tail, head, _ in edges]
    lines.append("}")
    found = arrange("\n".join(lines))
    _, _, width, height = _numbers(found["bb"])
    places, drawn_frames = {}, []
    for thing in found["objects"]:
        if thing["name"].startswith("cluster_"):
            part = frames[int(thing["name"].removeprefix("cluster_"))]
            left, bottom, right, top = _numbers(thing["bb"])
            place = _rounded(left, height - top, right - left, top - bottom)
            drawn_frames.append({"title": part[-1], "view": _folding(part, known), "place": place})
    objects = {thing["name"]: thing for thing in found["objects"]}
    for id, name in number.items():
        x, y = _numbers(objects[name]["pos"])
        places[id] = _rounded(x, height - y, boxes[id].width, boxes[id].height)
    drawn = [
        {"tail": tail, "head": head, "position": position, "path": _path(edge["pos"], height)}
        for (tail, head, position), edge in zip(edges, found.get("edges", ()), strict=True)
    ]
    return {
        "width": round(width, 1), "height": round(height, 1), "places": places, "edges": drawn, "frames": drawn_frames,
    }  # fmt: skip


def _folding(part: Part, known: set[str]) -> str | None:
    """The view in which a part is folded, that leaves most of the rest as it is."""
    choices = (", ".join(part[:-1]), "neurons" if len(part) > 1 else "layers", "layers")
    return next((name for name in choices if name in known), None)


def _numbers(text: str) -> list[float]:
    return [float(x) for x in text.split(",")]


def _rounded(*numbers: float) -> list[float]:
    return [round(x, 1) for x in numbers]


def _path(spline: str, height: float) -> str:
    """A spline of Graphviz as the path of an SVG, up to the point of its arrow."""
    *ends, first = spline.split(" ")[:2] if spline.startswith("e,") else [spline.split(" ")[0]]
    points = spline.split(" ")[len(ends) + 1 :]

    def written(point: str) -> str:
        x, y = _numbers(point)
        return f"{round(x, 1):g},{round(height - y, 1):g}"

    tip = f"L{written(ends[0][2:])}" if ends else ""
    return f"M{written(first)}C{' '.join(map(written, points))}{tip}"
