"""What nodes and edges look like: shapes, colours and arrows, in DOT.

Shapes say what a node is: a box with its operation on the left was computed; of the leaves, a
rounded box is an input, a hexagon is a parameter and an oval is a constant.
"""

from collections import Counter
from collections.abc import Sequence

from engine.description import Bundle, Description, Node
from viz.graph.diagram import Diagram
from viz.graph.escaping import plain, record, shorten, tooltip
from viz.graph.words import count, gradient, headline, number, sentence
from viz.palette import EDGE, INK, TINTS

__all__ = ["Drawing"]

PARALLEL_EDGES = 8  # more than these between the same two nodes are drawn as one, with their count
REST = "rest"  # the box for the nodes that are not drawn

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.2", "ranksep": "0.4"}
_NODE = {"fontname": _FONT, "fontsize": "12", "fontcolor": INK, "style": "filled", "penwidth": "1.4"}
_EDGE = {"fontname": _FONT, "fontsize": "11", "fontcolor": EDGE, "color": EDGE, "arrowsize": "0.7"}
_MARGINS = {"hexagon": "0", "ellipse": "0.05,0"}  # these surround their text more widely than it needs


class Drawing:
    """A picture in the making. Nodes are added operands first.

    Args:
        graph: where the nodes are from; its outputs get a thicker outline.
        derivatives: whether to write the local derivatives on the arrows.
        direction: where the computation runs: "LR", "RL", "TB" or "BT".
        precision: significant digits.

    Attributes:
        diagram (Diagram): the picture so far.
        sentences (list of str): the same in words, one for each node.
    """

    def __init__(self, graph: Description, *, derivatives: bool, direction: str, precision: int) -> None:
        self._graph = graph
        self._outputs = set(map(graph.id, graph.outputs))
        self.derivatives = derivatives
        self.direction = direction
        self.precision = precision
        self.sentences: list[str] = []
        self.diagram = Diagram(graph_attr={**_GRAPH, "rankdir": direction}, node_attr=_NODE, edge_attr=_EDGE)
        self._boxes: dict[str, str] = {}  # the id of a node -> that of the box that it is in
        self._together = {REST}  # the boxes that stand for several nodes: one arrow is enough for all of these

    def add(self, node: Node) -> None:
        """Add a node and the arrows that come in."""
        self._boxes[node.id] = node.id
        shape, label = self._look(node)
        style = {"shape": shape}
        if len(node.operands) > 1:
            style["ordering"] = "in"  # the arrows arrive as the operands were written: a / b is not b / a
        if node.id in self._outputs:
            style["penwidth"] = "3"
        self._add_box(node.id, node.kind, label, sentence(node, self.precision), style)
        self._add_edges(node)

    def add_bundle(self, bundle: Bundle) -> None:
        """Add one box that stands for several leaves of one kind."""
        kind = bundle.leaves[0].kind
        self._together.add(bundle.id)
        self._boxes.update(dict.fromkeys(map(self._graph.id, bundle.leaves), bundle.id))
        amount = count(len(bundle.leaves), kind)
        span = " … ".join(shorten(self._graph.name(leaf)) for leaf in (bundle.leaves[0], bundle.leaves[-1]))
        style = {"shape": {"parameter": "hexagon", "constant": "ellipse", "input": "box"}[kind]}
        if kind == "input":
            style["style"] = "filled,rounded"
        self._add_box(bundle.id, kind, _lines(span, amount), f"{span} ({amount})", {**style, "peripheries": "2"})

    def add_rest(self, kinds: "Counter[str]") -> None:
        """Add the box that stands for the nodes that are not drawn, with how many there are of each kind."""
        headline = f"… {count(kinds.total(), 'more node')}"
        contents = [count(kinds[what], what) for what in ("operation", "parameter", "input", "constant") if kinds[what]]
        words = f"{headline} not drawn: {', '.join(contents)}"
        self._add_box(REST, "rest", _lines(headline, *contents), words, {"shape": "tab", "style": "filled,dashed"})

    def _add_box(self, id: str, what: str, label: str, words: str, style: dict[str, str]) -> None:
        self.sentences.append(words)
        fill, outline = TINTS[what]
        if style["shape"] in _MARGINS:
            style["margin"] = _MARGINS[style["shape"]]
        self.diagram.node(id, label, fillcolor=fill, color=outline, tooltip=tooltip(words), **style)

    def _look(self, node: Node) -> tuple[str, str]:
        """The shape of a node and the text in it."""
        name, data = shorten(headline(node)), number(node.data, self.precision)
        lines = [f"data {data}", f"gradient {gradient(node, self.precision)}"]
        match node.kind:
            case "constant":
                return "ellipse", _lines(name if node.label else "", data)
            case "parameter":
                return "hexagon", _lines(name, *lines)
            case "input":
                return "Mrecord", self._across(_stack(name, lines))
            case _:
                return "record", self._along(f"{record(node.symbol)}|{{{_stack(name, lines)}}}")

    def _across(self, fields: str) -> str:
        # Graphviz stacks a record's fields across the direction of the graph; braces turn them round.
        return fields if self.direction in ("LR", "RL") else f"{{{fields}}}"

    def _along(self, fields: str) -> str:
        return fields if self.direction in ("TB", "BT") else f"{{{fields}}}"

    def _add_edges(self, node: Node) -> None:
        tails = [self._boxes.get(id, REST) for id in node.operands]
        labels = [""] * len(tails)
        if self.derivatives:
            labels = [f"∂ = {number(slope, self.precision)}" for slope in node.derivatives()]
        bundles = {tail: n for tail, n in Counter(tails).items() if n > PARALLEL_EDGES or tail in self._together}
        for tail, label in zip(tails, labels, strict=True):
            if tail not in bundles:
                self._add_edge(tail, node, label)
        for tail, n in bundles.items():
            # Boxes for several nodes say how many themselves, and every label costs Graphviz room on all arrows.
            self._add_edge(tail, node, "" if tail in self._together else f"× {n:,}")

    def _add_edge(self, tail: str, head: Node, label: str) -> None:
        style = {"style": "dashed"} if tail == REST else {}
        self.diagram.edge(tail, head.id, label or None, **style)


def _stack(name: str, lines: Sequence[str]) -> str:
    body = "".join(record(line) + r"\l" for line in lines)
    return f"{record(name)}|{body}" if name else body


def _lines(*lines: str) -> str:
    return plain("\n".join(filter(None, lines)))
