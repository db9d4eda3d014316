"""What nodes and edges look like: shapes, colours and arrows, in DOT.

Shapes say what a node is: a box with its operation on the left was computed; of the leaves, a
rounded box is an input, a hexagon is a parameter and an oval is a constant. Parts of a model have a
frame round them; a folded one is a block.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import graphviz

from engine import Value
from engine.description import Bundle, Description, Node
from engine.op import NOT_YET
from viz.graph.diagram import Diagram
from viz.graph.escaping import plain, record, shorten, tooltip
from viz.graph.selection import Part
from viz.graph.words import count, gradient, headline, number, sentence, sign
from viz.palette import EDGE, INK, TINTS

__all__ = ["Drawing"]

MOST_SIGNS = 4  # of a folded chain
PARALLEL_EDGES = 8  # more than these between the same two nodes are drawn as one, with their count
REST = "rest"  # the box for the nodes that are not drawn
WIDTHS = (0.8, 4.0)  # of the arrows through which the least and the most of the gradient flows

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.2", "ranksep": "0.4"}
_NODE = {"fontname": _FONT, "fontsize": "12", "fontcolor": INK, "style": "filled", "penwidth": "1.4"}
_EDGE = {"fontname": _FONT, "fontsize": "11", "fontcolor": EDGE, "color": EDGE, "arrowsize": "0.7"}
_MARGINS = {"hexagon": "0", "ellipse": "0.05,0"}  # these surround their text more widely than it needs


class _Arrow(NamedTuple):
    tail: str
    head: str
    label: str
    flow: float | None  # how much of the gradient comes through; None where no pass has been


class Drawing:
    """A picture in the making. Nodes are added operands first.

    Args:
        graph: where the nodes are from; its outputs get a thicker outline.
        parts: of a model, that nodes are in; each gets a frame.
        derivatives: whether to write the local derivatives on the arrows.
        forward_only: whether no backward pass has been, so that there are no gradients to show.
        direction: where the computation runs: "LR", "RL", "TB" or "BT".
        precision: significant digits.

    Attributes:
        diagram (Diagram): the picture so far.
        sentences (list of str): the same in words, one for each node.
    """

    def __init__(
        self,
        graph: Description,
        parts: Mapping[Value, Sequence[str]],
        *,
        derivatives: bool,
        forward_only: bool,
        direction: str,
        precision: int,
    ) -> None:
        self._graph = graph
        self._parts = parts
        self._outputs = set(map(graph.id, graph.outputs))
        self.derivatives = derivatives
        self.forward_only = forward_only
        self.direction = direction
        self.precision = precision
        self.sentences: list[str] = []
        self.diagram = Diagram(
            graph_attr={**_GRAPH, "rankdir": direction, "ranksep": "0.4" if direction in ("LR", "RL") else "0.3"},
            node_attr=_NODE,
            edge_attr=_EDGE,
        )
        self._boxes: dict[str, str] = {}  # the id of a node -> that of the box that it is in
        self._together = {REST}  # the boxes that stand for several nodes: one arrow is enough for all of these
        self._members: dict[Part, list[str]] = {}  # the boxes in the frame of each part
        self._heads: list[Node] = []  # what arrows lead to
        self._inflows: list[tuple[Value, str]] = []  # and those of a part, with its box
        self._arrows: list[_Arrow] = []
        self._leaves: set[str] = set()

    def add(self, value: Value, node: Node) -> None:
        """Add a node, or one that it unfolds into, and the arrows that come in."""
        self._boxes[node.id] = node.id
        self._put(node.id, self._parts.get(value, ()))
        shape, label = self._look(node)
        style = {"shape": shape}
        if len(node.operands) > 1:
            style["ordering"] = "in"  # the arrows arrive as the operands were written: a / b is not b / a
        if node.id in self._outputs:
            style["penwidth"] = "3"
        words = sentence(node, self.precision, forward_only=self.forward_only)
        self._add_box(node.id, node.kind, label, words, style)
        if not node.op:
            self._leaves.add(node.id)
        self._heads.append(node)

    def add_folded(self, part: Part, values: Sequence[Value]) -> None:
        """Add one box that stands for a part of a model, with what comes in."""
        box = f"part_{self._graph.id(values[0])}"
        self._together.add(box)
        self._put(box, part[:-1])
        outputs = [value for value in values if self._graph.id(value) in self._outputs]
        inner = {tuple(self._parts[value][: len(part) + 1]) for value in values}
        neurons = sum(len(path) > len(part) and path[-1].startswith("neuron ") for path in inner)
        parameters = [value for value in values if value.kind == "parameter"]
        lines = [count(neurons, "neuron")] if neurons else []
        lines += [count(len(parameters), "parameter")] if parameters else []
        if parameters and not self.forward_only:
            size = math.hypot(*(parameter.grad or 0.0 for parameter in parameters))
            lines.append(f"‖gradient‖ {number(size, self.precision)}")
        for value in outputs[:3]:
            lines.append(f"{shorten(self._graph.name(value))} = {number(value.data, self.precision)}")
        lines += ["…"] if len(outputs) > 3 else []
        title = shorten(part[-1])
        style = {"shape": "box3d", **({"penwidth": "3"} if outputs else {})}
        self._add_box(box, "part", _lines(title, *lines), f"{', '.join(part)}, folded: {', '.join(lines)}", style)
        self._boxes.update(dict.fromkeys(map(self._graph.id, values), box))
        self._inflows += [(value, box) for value in values if value.operands]

    def add_run(self, values: Sequence[Value]) -> None:
        """Add one box that stands for the middle of a chain: operations, the first of them first, and their leaves."""
        operations = [value for value in values if value.op is not None]
        box = f"run_{self._graph.id(operations[0])}"
        self._together.add(box)
        self._put(box, self._parts.get(operations[0], ()))
        signs = Counter(sign(value.op.symbol) for value in operations if value.op)
        title = f"… {count(sum(map(self._graph.size, operations)), 'operation')}"
        lines = [f"{symbol} {n:,} times" for symbol, n in signs.most_common(MOST_SIGNS)]
        lines += ["…"] if len(signs) > MOST_SIGNS else []
        ends = f"{self._graph.name(operations[0])} to {self._graph.name(operations[-1])}"
        words = f"{title} in a row, {ends}, folded: {', '.join(lines)}"
        style = {"shape": "box3d", "style": "filled,dashed"}
        self._add_box(box, "operation", _lines(title, *lines), words, style)
        self._boxes.update(dict.fromkeys(map(self._graph.id, values), box))
        inside = {*values}
        self._inflows += [(value, box) for value in operations if not inside.issuperset(value.operands)]

    def finish(self) -> Diagram:
        """Add the arrows and the frames of the parts; no more comes after this."""
        for node in self._heads:  # only now, as a part of a model may read what comes later in the order
            self._add_arrows(node)
        for value, box in self._inflows:
            self._add_inflow(value, box)
        flows = [abs(arrow.flow) for arrow in self._arrows if arrow.flow is not None and math.isfinite(arrow.flow)]
        most = max(flows, default=0.0)
        for arrow in self._merged():
            style = {"style": "dashed"} if arrow.tail == REST else {}
            if arrow.flow is not None:
                style |= _width(arrow.flow, most)
            if arrow.tail not in self._leaves:
                style["weight"] = "8"  # what was computed goes straight on, and the leaves stand beside it
            self.diagram.edge(arrow.tail, arrow.head, arrow.label or None, **style)
        self._add_frames()
        self._order_outputs()
        return self.diagram

    def _merged(self) -> Iterable[_Arrow]:
        """The arrows, with one between two boxes of which either stands for several nodes."""
        merged: dict[tuple[str, str], _Arrow] = {}
        for arrow in self._arrows:
            ends = arrow.tail, arrow.head
            if arrow.head not in self._together and arrow.tail not in self._together:
                yield arrow
            elif ends not in merged or abs(merged[ends].flow or 0.0) < abs(arrow.flow or 0.0):
                merged[ends] = arrow
        for arrow in merged.values():
            yield arrow._replace(label="")

    def _put(self, box: str, part: Sequence[str]) -> None:
        if part:
            self._members.setdefault(tuple(part), []).append(box)

    def _add_frames(self) -> None:
        tree: dict[Part, list[Part]] = {}
        for part in self._members:
            for i in range(len(part)):
                inner = tree.setdefault(part[:i], [])
                if part[: i + 1] not in inner:
                    inner.append(part[: i + 1])

        def write(part: Part, indent: str) -> None:
            for inner in tree.get(part, ()):
                self.diagram.body.append(f"{indent}subgraph cluster_{next(numbers)} {{\n")
                look = f'color="{EDGE}" fontcolor="{EDGE}" fontname="{_FONT}" fontsize=11 style="rounded,dashed"'
                name = graphviz.quoting.quote(plain(inner[-1]))
                self.diagram.body.append(f"{indent}\tgraph [label={name} {look} margin=6]\n")
                for box in self._members.get(inner, ()):
                    self.diagram.body.append(f"{indent}\t{box}\n")
                write(inner, indent + "\t")
                self.diagram.body.append(f"{indent}}}\n")

        numbers = itertools.count(1)
        write((), "\t")

    def _order_outputs(self) -> None:
        """Have the outputs of which nothing is made stand in the order in which they were given."""
        tails = {arrow.tail for arrow in self._arrows}
        boxes = dict.fromkeys(self._boxes.get(self._graph.id(output), REST) for output in self._graph.outputs)
        ends = [box for box in boxes if box not in tails and box != REST]
        if len(ends) > 1:  # as the operands of one more node, which is not seen
            self.diagram.body.append('\t{ end [ordering=in shape=point style=invis width=0 label=""]\n')
            self.diagram.body.extend(f"\t\t{box} -> end [style=invis]\n" for box in ends)
            self.diagram.body.append("\t}\n")

    def add_bundle(self, bundle: Bundle) -> None:
        """Add one box that stands for several leaves of one kind."""
        kind = bundle.leaves[0].kind
        self._together.add(bundle.id)
        self._boxes.update(dict.fromkeys(map(self._graph.id, bundle.leaves), bundle.id))
        self._leaves.add(bundle.id)
        self._put(bundle.id, self._parts.get(bundle.leaves[0], ()))
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
        lines = [f"data {data}"]
        if not self.forward_only:
            lines.append(f"gradient {gradient(node, self.precision)}")
        match node.kind:
            case "constant":
                return "ellipse", _lines(name if node.label else "", data)
            case "parameter":
                return "hexagon", _lines(name, *lines)
            case "input":
                return "Mrecord", self._across(_stack(name, lines))
            case _:
                return "record", self._along(f"{record(sign(node.symbol))}|{{{_stack(name, lines)}}}")

    def _across(self, fields: str) -> str:
        # Graphviz stacks a record's fields across the direction of the graph; braces turn them round.
        return fields if self.direction in ("LR", "RL") else f"{{{fields}}}"

    def _along(self, fields: str) -> str:
        return fields if self.direction in ("TB", "BT") else f"{{{fields}}}"

    def _add_arrows(self, node: Node) -> None:
        tails = [self._boxes.get(id, REST) for id in node.operands]
        slopes: Sequence[float | None] = [None] * len(tails)
        if self.derivatives or not self.forward_only:
            slopes = node.derivatives()
        bundles = {tail: n for tail, n in Counter(tails).items() if n > PARALLEL_EDGES or tail in self._together}
        flows: dict[str, float | None] = dict.fromkeys(bundles)
        for tail, slope in zip(tails, slopes, strict=True):
            flow = None if slope is None or node.gradient is None else slope * node.gradient
            if tail in bundles:
                flows[tail] = max(filter(None, (flow, flows[tail])), key=abs, default=flow)
            else:
                label = f"∂ = {number(slope, self.precision)}" if self.derivatives and slope is not None else ""
                if label and self.direction in ("TB", "BT"):
                    label = f"  {label}"  # which otherwise begins on the arrow
                self._arrows.append(_Arrow(tail, node.id, label, flow))
        for tail, n in bundles.items():
            # Boxes for several nodes say how many themselves, and every label costs Graphviz room on all arrows.
            label = "" if tail in self._together else f"× {n:,}"
            self._arrows.append(_Arrow(tail, node.id, label, flows[tail]))

    def _add_inflow(self, value: Value, box: str) -> None:
        slopes: Sequence[float | None] = (None,) * len(value.operands)
        if not self.forward_only and value.grad is not NOT_YET:
            slopes = value.partials()
        for arg, slope in zip(value.operands, slopes, strict=True):
            tail = self._boxes.get(self._graph.id(arg), REST)
            if tail != box:
                self._arrows.append(_Arrow(tail, box, "", None if slope is None else slope * value.grad))


def _width(flow: float, most: float) -> dict[str, str]:
    """How thick an arrow is by the gradient that flows through it; dotted where none does."""
    if flow == 0:
        return {"style": "dotted"}
    thin, thick = WIDTHS
    share = abs(flow) / most if math.isfinite(flow) else 1.0
    return {"penwidth": f"{thin + (thick - thin) * math.sqrt(share):.2g}"}


def _stack(name: str, lines: Sequence[str]) -> str:
    body = "".join(record(line) + r"\l" for line in lines)
    return f"{record(name)}|{body}" if name else body


def _lines(*lines: str) -> str:
    return plain("\n".join(filter(None, lines)))
