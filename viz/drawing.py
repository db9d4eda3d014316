"""What nodes and edges look like: shapes, colours and arrows, in DOT.

Shapes say what a node is: a box with its operation on the left was computed; of the leaves, a
rounded box is an input, a hexagon is a parameter and an oval is a constant.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from engine import Value, ieee
from engine.expansion import unfold
from viz.diagram import Diagram
from viz.escaping import plain, record, shorten, tooltip
from viz.palette import EDGE, INK, TINTS
from viz.words import count, gradient, name_of, number, sentence, symbol

__all__ = ["Drawing"]

PARALLEL_EDGES = 8  # more than these between the same two nodes are drawn as one, with their count
REST = "rest"  # the box for the nodes that are not drawn

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.2", "ranksep": "0.4"}
_NODE = {"fontname": _FONT, "fontsize": "12", "fontcolor": INK, "style": "filled", "penwidth": "1.4"}
_EDGE = {"fontname": _FONT, "fontsize": "11", "fontcolor": EDGE, "color": EDGE, "arrowsize": "0.7"}


class Drawing:
    """A picture in the making. Nodes are added operands first, and numbered v1, v2, ... as they come.

    Args:
        outputs: the nodes to give a thicker outline.
        derivatives: whether to write the local derivatives on the arrows.
        direction: where the computation runs: "LR", "RL", "TB" or "BT".
        precision: significant digits.

    Attributes:
        diagram (Diagram): the picture so far.
        sentences (list of str): the same in words, one for each node.
    """

    def __init__(self, outputs: Collection[Value], *, derivatives: bool, direction: str, precision: int) -> None:
        self._outputs = set(outputs)
        self.derivatives = derivatives
        self.direction = direction
        self.precision = precision
        self.sentences: list[str] = []
        self.diagram = Diagram(graph_attr={**_GRAPH, "rankdir": direction}, node_attr=_NODE, edge_attr=_EDGE)
        self._n_boxes = 0
        self._ids: dict[Value, str] = {}
        self._together = {REST}  # the boxes that stand for several nodes: one arrow is enough for all of these

    def add(self, node: Value) -> None:
        """Add a node and the arrows that come in."""
        self._ids[node] = self._new_id()
        self._add_node(node)
        if node.op is not None:
            self._add_edges(node)

    def add_unfolded(self, node: Value) -> None:
        """Add the multiplies and adds that a node stands for, the last of them in its place."""
        *inner, last = unfold(node)
        for step in inner:
            self.add(step)
        if node in self._outputs:
            self._outputs.add(last)
        self.add(last)
        self._ids[node] = self._ids[last]

    def add_bundle(self, leaves: Sequence[Value]) -> None:
        """Add one box that stands for several leaves of one kind."""
        id, what = self._new_id(), leaves[0].kind
        self._together.add(id)
        self._ids.update(dict.fromkeys(leaves, id))
        amount = count(len(leaves), what)
        ends = [shorten(name_of(leaves[0])), shorten(name_of(leaves[-1]))]
        span = " … ".join(ends) if all(ends) else ""
        words = f"{id}: {amount}" + (f", {span}" if span else "")
        style = {"shape": {"parameter": "hexagon", "constant": "ellipse", "input": "box"}[what], "peripheries": "2"}
        if what == "input":
            style["style"] = "filled,rounded"
        self._add_box(id, what, _lines(span, amount), words, style)

    def add_rest(self, kinds: "Counter[str]") -> None:
        """Add the box that stands for the nodes that are not drawn, with how many there are of each kind."""
        headline = f"… {count(kinds.total(), 'more node')}"
        contents = [count(kinds[what], what) for what in ("operation", "parameter", "input", "constant") if kinds[what]]
        words = f"{headline} not drawn: {', '.join(contents)}"
        self._add_box(REST, "rest", _lines(headline, *contents), words, {"shape": "tab", "style": "filled,dashed"})

    def _new_id(self) -> str:
        self._n_boxes += 1
        return f"v{self._n_boxes}"

    def _add_node(self, node: Value) -> None:
        shape, label = self._look(node)
        words = sentence(node, name_of(node) or self._ids[node], self._name, self.precision)
        style = {"shape": shape}
        if len(node.args) > 1:
            style["ordering"] = "in"  # the arrows arrive as the operands were written: a / b is not b / a
        if node in self._outputs:
            style["penwidth"] = "3"
        self._add_box(self._ids[node], node.kind, label, words, style)

    def _add_box(self, id: str, what: str, label: str, words: str, style: dict[str, str]) -> None:
        self.sentences.append(words)
        fill, outline = TINTS[what]
        if style["shape"] in ("hexagon", "ellipse"):  # these surround their text more widely than it needs
            style["margin"] = "0"
        self.diagram.node(id, label, fillcolor=fill, color=outline, tooltip=tooltip(words), **style)

    def _look(self, node: Value) -> tuple[str, str]:
        """The shape of a node and the text in it."""
        name, data = shorten(name_of(node)), number(node.data, self.precision)
        lines = [f"data {data}", f"gradient {gradient(node, self.precision)}"]
        match node.kind:
            case "constant":
                return "ellipse", _lines(name, data)
            case "parameter":
                return "hexagon", _lines(name, *lines)
            case "input":
                return "Mrecord", self._across(_stack(name, lines))
            case _:
                return "record", self._along(f"{record(symbol(node))}|{{{_stack(name, lines)}}}")

    def _across(self, fields: str) -> str:
        # Graphviz stacks a record's fields across the direction of the graph; braces turn them round.
        return fields if self.direction in ("LR", "RL") else f"{{{fields}}}"

    def _along(self, fields: str) -> str:
        return fields if self.direction in ("TB", "BT") else f"{{{fields}}}"

    def _add_edges(self, node: Value) -> None:
        assert node.op is not None
        tails = [self._ids.get(arg, REST) for arg in node.args]
        labels = [""] * len(tails)
        if self.derivatives:
            slopes = node.op.partials(ieee, node.data, *node.operands)
            labels = [f"∂ = {number(slope, self.precision)}" for slope in slopes]
        bundles = {tail: n for tail, n in Counter(tails).items() if n > PARALLEL_EDGES or tail in self._together}
        for tail, label in zip(tails, labels, strict=True):
            if tail not in bundles:
                self._add_edge(tail, node, label)
        for tail, n in bundles.items():
            # Boxes for several nodes say how many themselves, and every label costs Graphviz room on all arrows.
            self._add_edge(tail, node, "" if tail in self._together else f"× {n:,}")

    def _add_edge(self, tail: str, head: Value, label: str) -> None:
        style = {"style": "dashed"} if tail == REST else {}
        self.diagram.edge(tail, self._ids[head], label or None, **style)

    def _name(self, node: Value) -> str:
        """What to call a node in words: its label, the number of a constant, or its id."""
        name = name_of(node)
        if not name and node.kind == "constant":
            return number(node.data, self.precision)
        id = self._ids.get(node, "…")
        return id if not name or re.fullmatch(r"v\d+", name) else name  # not another's id


def _stack(name: str, lines: Sequence[str]) -> str:
    body = "".join(record(line) + r"\l" for line in lines)
    return f"{record(name)}|{body}" if name else body


def _lines(*lines: str) -> str:
    return plain("\n".join(filter(None, lines)))
