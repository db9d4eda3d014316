"""draw_graph: the recorded graph as a picture, one box per node and one arrow per operand."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine import Value
from engine.arguments import check_flag, shown, whole_number
from engine.description import Description
from viz.graph.diagram import Diagram
from viz.graph.drawing import Drawing
from viz.graph.render import check_format
from viz.graph.selection import select
from viz.graph.words import summary

__all__ = ["draw_dot", "draw_graph"]

DIRECTIONS = ("LR", "RL", "TB", "BT")


def draw_graph(
    value: Value | Sequence[Value],
    *,
    expand: bool = False,
    derivatives: bool = False,
    direction: str = "LR",
    budget: int = 150,
    precision: int = 4,
) -> Diagram:
    """Draw how a Value was computed, with the number and the gradient of every node.

    Boxes with an operation on the left were computed; rounded boxes are inputs, hexagons parameters
    and ovals constants, which show their number alone. An operand that is used twice has two arrows.
    A gradient reads "not yet" until a backward pass reaches it. Outputs have a thicker outline.

    A graph with more nodes than `budget` is drawn in brief: leaves of which only one node makes use,
    such as the weights of a neuron, share a box with a double outline; and if that is not enough,
    the nodes nearest to the output are drawn and one box says how many more there are.

    Args:
        value: the output; or several, in a list.
        expand: whether to unfold each `dot` and `total` into its multiplies and adds.
        derivatives: whether to write on every arrow the local derivative: that of the node at its
            head with respect to the node at its tail.
        direction: where the computation runs: "LR" (to the right), "TB" (down), "RL" or "BT".
        budget: how many boxes to draw at most, 1 or more; a few hundred are still quick.
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
    """
    outputs = _outputs(value)
    check_flag("expand", expand)
    check_flag("derivatives", derivatives)
    _check(direction, budget, precision)
    graph = Description(outputs, unfold=budget if expand else 0)
    selection = select(graph, budget)
    drawing = Drawing(graph, derivatives=derivatives, direction=direction, precision=precision)
    rest: Counter[str] = Counter()
    for node in graph.order:
        if node in selection.nodes:
            for bundle in selection.bundles.get(node, ()):
                drawing.add_bundle(bundle)
            for part in graph.describe(node):
                drawing.add(part)
        else:
            rest[node.kind] += graph.size(node)
    for bundles in selection.bundles.values():
        rest.subtract(leaf.kind for bundle in bundles for leaf in bundle.leaves)
    if rest.total():
        drawing.add_rest(rest)

    diagram = drawing.diagram
    diagram.title = summary(graph, precision)
    diagram.description = ". ".join(drawing.sentences) + "."
    return diagram


def draw_dot(
    root: Value | Sequence[Value],
    format: str = "svg",
    rankdir: str = "LR",
    *,
    expand: bool = False,
    derivatives: bool = False,
    budget: int = 150,
    precision: int = 4,
) -> Diagram:
    """`draw_graph` under the name, and with the arguments, that micrograd gave it.

    Args:
        root: the output; or several, in a list.
        format: "svg", "png" or "pdf": what the diagram is rendered to unless told otherwise.
        rankdir: the `direction` of `draw_graph`.
        expand, derivatives, budget, precision: as for `draw_graph`.

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
        root, expand=expand, derivatives=derivatives, direction=rankdir, budget=budget, precision=precision
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


def _check(direction: Any, budget: Any, precision: Any) -> None:
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(map(repr, DIRECTIONS))}, but was {shown(direction)}")
    whole_number("budget", budget)
    whole_number("precision", precision, most=17)
