"""draw_graph: the recorded graph as a picture, one box per node and one arrow per operand."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine import Value
from engine.arguments import check_flag, shown, whole_number
from engine.description import Description
from engine.op import NOT_YET
from viz.graph.diagram import Diagram
from viz.graph.drawing import Drawing
from viz.graph.render import check_format
from viz.graph.selection import LEVELS, Part, select
from viz.graph.words import summary

__all__ = ["draw_dot", "draw_graph"]

DIRECTIONS = ("LR", "RL", "TB", "BT")


def draw_graph(
    value: Value | Sequence[Value],
    *,
    expand: bool = False,
    derivatives: bool = False,
    fold: str | None = None,
    opened: str | Sequence[str] = (),
    direction: str | None = None,
    budget: int = 150,
    precision: int = 4,
) -> Diagram:
    """Draw how a Value was computed, with the number and the gradient of every node.

    Boxes with an operation on the left were computed; rounded boxes are inputs, hexagons parameters
    and ovals constants, which show their number alone. An operand that is used twice has two arrows.
    Before a backward pass there are numbers alone. After one, an arrow is the thicker the more of the
    gradient flows back through it, and dotted where none does; the gradient of what the pass has not
    reached reads "not yet". Outputs have a thicker outline.

    The layers and neurons of a model have frames. Where the graph is too big to be read, each neuron is
    folded into a block, or each layer, and so is the middle of a chain that is longer than a page. A graph
    that still has more than `budget` boxes, or does not fit a page or two, is drawn in brief: leaves of
    which only one node makes use, such as the weights of a neuron, share a box with a double outline; and
    if that is not enough, the nodes nearest to the output are drawn and one box says how many more there
    are.

    Args:
        value: the output; or several, in a list.
        expand: whether to unfold each `dot` and `total` of at most `budget` operands into its multiplies and adds.
        derivatives: whether to write on every arrow the local derivative: that of the node at its
            head with respect to the node at its tail.
        fold: what of a model is folded into blocks: "nothing", "neurons" or "layers"; None for what it takes
            to be read. Where it is said no chain is folded, and the budget alone limits what is drawn.
        opened: a part that is drawn open all the same, or several: "layer 2" shows its neurons, and
            "layer 2, neuron 0" what is in that one.
        direction: where the computation runs: "LR" (to the right), "TB" (down), "RL" or "BT"; None for to the
            right where that fits the page, and else down.
        budget: how many boxes to draw at most, 1 or more, unless told what to fold; a few hundred are still quick.
        precision: how many significant digits to show, from 1 to 17.

    Returns:
        Diagram: a `graphviz.Digraph` that shows itself in Jupyter. ``.save_as("graph.svg")`` writes
        it to a file, and ``.source`` is the DOT text.

    Raises:
        TypeError: `value` is not a Value or a list of them.
        ValueError: an argument is out of its range.

    Example:
        >>> x = Value(3.0, label="x")
        >>> diagram = draw_graph(x * x)
        >>> diagram.title
        'Computation graph of 2 nodes: x * x = 9.'
        >>> diagram.source.count("v1 -> v2")
        2
        >>> from nn import MLP
        >>> y = MLP(2, [16, 16, 1], seed=1)([1.0, 2.0])
        >>> draw_graph(y).source.count("box3d"), draw_graph(y, opened="layer 3").source.count("box3d")
        (3, 3)
    """
    outputs = _outputs(value)
    check_flag("expand", expand)
    check_flag("derivatives", derivatives)
    _check(fold, direction, budget, precision)
    graph = Description(outputs, unfold=budget if expand else 0)
    selection = select(graph, budget, fold, _opened(opened, graph), fits_page=True)
    drawing = Drawing(
        graph,
        graph.parts if any(value.kind == "parameter" for value in graph.order) else {},
        derivatives=derivatives,
        forward_only=not (any(map(_is_reached, graph.order)) or any(node.grad is not NOT_YET for node in outputs)),
        direction=direction or selection.direction,
        precision=precision,
    )
    folded: dict[Part, list[Value]] = {}
    for node, part in selection.folded.items():
        folded.setdefault(part, []).append(node)
    runs = {value: run for run in selection.runs for value in run}
    rest: Counter[str] = Counter()
    for node in graph.order:
        if node in selection.nodes:
            for bundle in selection.bundles.get(node, ()):
                drawing.add_bundle(bundle)
            for described in graph.describe(node):
                drawing.add(node, described)
        elif node in selection.folded:
            for bundle in selection.bundles.get(node, ()):
                drawing.add_bundle(bundle)
            part = selection.folded[node]
            if part in folded:
                drawing.add_folded(part, folded.pop(part))
        elif node in runs:
            if node is runs[node][0]:
                drawing.add_run(runs[node])
        else:
            rest[node.kind] += graph.size(node)
    for bundles in selection.bundles.values():
        rest.subtract(leaf.kind for bundle in bundles for leaf in bundle.leaves)
    if rest.total():
        drawing.add_rest(rest)

    diagram = drawing.finish()
    diagram.title = summary(graph, precision)
    diagram.description = ". ".join(drawing.sentences) + "."
    return diagram


def draw_dot(
    root: Value | Sequence[Value],
    format: str = "svg",
    rankdir: str | None = None,
    *,
    expand: bool = False,
    derivatives: bool = False,
    fold: str | None = None,
    opened: str | Sequence[str] = (),
    budget: int = 150,
    precision: int = 4,
) -> Diagram:
    """`draw_graph` under the name, and with the arguments, that micrograd gave it.

    Args:
        root: the output; or several, in a list.
        format: "svg", "png" or "pdf": what the diagram is rendered to unless told otherwise.
        rankdir: the `direction` of `draw_graph`.
        expand, derivatives, fold, opened, budget, precision: as for `draw_graph`.

    Returns:
        Diagram: as `draw_graph` gives it.

    Raises:
        TypeError: `root` is not a Value or a list of them.
        ValueError: an argument is out of its range.

    Example:
        >>> x = Value(3.0, label="x")
        >>> draw_dot(x * x, rankdir="TB", format="png").format
        'png'
    """
    check_format(format)
    diagram = draw_graph(
        root,
        expand=expand,
        derivatives=derivatives,
        fold=fold,
        opened=opened,
        direction=rankdir,
        budget=budget,
        precision=precision,
    )
    diagram.format = format
    return diagram


def _outputs(value: Any) -> tuple[Value, ...]:
    outputs = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not outputs:
        raise TypeError("draw_graph draws a Value or a list of them, but was given [], an empty list")
    for output in outputs:
        if not isinstance(output, Value):
            hint = "call it, and draw what it returns" if callable(output) else "draw what arithmetic on Values gave"
            raise TypeError(
                f"draw_graph draws a Value, but was given {shown(output)} ({type(output).__name__}): {hint}"
            )
    return tuple(dict.fromkeys(outputs))


def _opened(opened: Any, graph: Description) -> list[Part]:
    names = [opened] if isinstance(opened, str) else opened
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f"opened names parts of the model, such as 'layer 1', or is a list of names, but was {shown(opened)}"
        )
    if not names:
        return []
    known = {part[:i]: None for part in map(tuple, graph.parts.values()) for i in range(1, len(part) + 1)}
    for name in names:
        if tuple(name.split(", ")) not in known:
            there = ", ".join(repr(", ".join(part)) for part in [*known][:6]) or "none"
            raise ValueError(f"opened names parts of the model that there are ({there}), but was {shown(name)}")
    return [tuple(name.split(", ")) for name in names]


def _is_reached(value: Value) -> bool:
    """Whether a backward pass has been here; zero_grad sets the gradients of leaves before there is one."""
    return value.grad is not NOT_YET and (value.op is not None or value.grad != 0)


def _check(fold: Any, direction: Any, budget: Any, precision: Any) -> None:
    if fold is not None and fold not in LEVELS:
        raise ValueError(f"fold must be one of {', '.join(map(repr, LEVELS))}, or None, but was {shown(fold)}")
    if direction is not None and direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(map(repr, DIRECTIONS))}, but was {shown(direction)}")
    whole_number("budget", budget)
    whole_number("precision", precision, most=17)
