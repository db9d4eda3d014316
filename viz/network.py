"""draw_network: a model as the picture in every textbook, a circle for each unit and a line for each weight."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from engine import Value, no_grad
from engine.arguments import is_real, plain_lists, shown, whole_number
from engine.number import to_float
from nn import MLP, Layer, Module, Neuron, Residual
from viz.fitted import network_of
from viz.graph.diagram import Diagram
from viz.graph.escaping import plain, shorten, tooltip
from viz.graph.words import count, number
from viz.palette import EDGE, INK, PETROFF10, TINTS

__all__ = ["Column", "columns_of", "draw_network"]

MOST_UNITS = 20  # of a layer
ACROSS, DOWN = 1.5, 0.6  # inches between the units of two layers, and from one unit to the next below
UNIT, LETTER = 0.5, 0.1  # inches: of a unit, and of each letter in it
THINNEST, THICKEST = 0.3, 3.5
SIGNS = {True: (PETROFF10[6], "dashed"), False: (PETROFF10[0], "solid")}  # is negative -> (colour, style)

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH = {"bgcolor": "transparent", "splines": "line", "outputorder": "edgesfirst"}
_NODE = {"fontname": _FONT, "fontsize": "10", "fontcolor": INK, "style": "filled", "penwidth": "1.4",
         "shape": "ellipse", "fixedsize": "true", "height": f"{UNIT}"}  # fmt: skip
_EDGE = {"arrowhead": "none"}


@dataclass
class Column:
    """One layer of units.

    Attributes:
        title: what is written above it.
        width: how many units.
        neurons: what computes them; nothing for the inputs.
        values: what they are for an example, if there is one.
    """

    title: str
    width: int
    neurons: Sequence[Neuron] = ()
    values: Sequence[float] = field(default_factory=list)

    def units(self, most: int) -> list[int | None]:
        """The units to draw, None for those that are folded."""
        if self.width <= most:
            return [*range(self.width)]
        first = most // 2
        return [*range(first), None, *range(self.width - (most - 1 - first), self.width)]


def draw_network(model: Any, x: Any = None, *, most: int = MOST_UNITS, precision: int = 2) -> Diagram:
    """Draw a model: a circle for each unit, and a line for each weight.

    The thicker a line, the larger its weight is beside the largest of that layer; weights above 0 are blue and solid,
    those below 0 orange and dashed. What else is between the units, such as a normalization, is named above them.

    Args:
        model: an `MLP`, a `Layer`, a `Neuron`, or a Module with `layers` or `parts` of these, such as a `Sequential`;
            or an estimator that was fitted.
        x: one example, as many numbers as there are inputs: every unit then shows what it is for this one, in
            evaluation mode; None for none.
        most: how many units of a layer to draw, 3 or more; where there are more, those in the middle are folded.
        precision: significant digits of numbers, from 1 to 17.

    Returns:
        Diagram: a `graphviz.Digraph` that shows itself in Jupyter; ``.save_as("network.svg")`` writes it to a file.

    Raises:
        TypeError: the model is no Module, or has no layer of neurons.
        ValueError: x does not fit, or a setting is out of range.

    Example:
        >>> from nn import MLP
        >>> diagram = draw_network(MLP(2, [3, 1], init="zeros", seed=1), [0.5, -1.0])
        >>> diagram.title
        'Network of 2 inputs and layers of 3 and 1 units.'
    """
    model = network_of(model)
    if not isinstance(model, Module):
        raise TypeError(f"draw_network draws a model, such as MLP(2, [3, 1]), but was given {shown(model)}")
    whole_number("most", most, 3)
    whole_number("precision", precision, most=17)
    example = None if x is None else _example(x)
    columns = columns_of(model, example)
    widths = [str(column.width) for column in columns[1:]]
    layers = f"a layer of {widths[0]}" if len(widths) == 1 else f"layers of {', '.join(widths[:-1])} and {widths[-1]}"
    longest = max(len(_label(each, unit, precision)) for each in columns for unit in each.units(most))
    width = max(UNIT, LETTER * longest)
    node = {**_NODE, "width": f"{width:.3g}"}
    diagram = Diagram(engine="neato", graph_attr=_GRAPH, node_attr=node, edge_attr=_EDGE)
    diagram.title = f"Network of {count(columns[0].width, 'input')} and {layers} units."
    sentences = []
    for i, column in enumerate(columns):
        _draw_units(diagram, (ACROSS + width) * i, i, column, most, precision)
        sentences.append(f"{column.title.replace(chr(10), ', ')}: {count(column.width, 'unit')}")
        if column.values:
            sentences[-1] += f", {', '.join(number(value, precision) for value in column.values[:most])}"
    for i, (before, after) in enumerate(pairwise(columns)):
        _draw_weights(diagram, i, before, after, most, precision)
    diagram.description = ". ".join(sentences) + "."
    return diagram


def _example(x: Any) -> list[float]:
    numbers = plain_lists(x)
    if not isinstance(numbers, list) or not numbers or not all(map(is_real, numbers)):
        raise ValueError(f"x must be one example, a list of numbers, or None, but was {shown(x)}")
    return [to_float(each.data if isinstance(each, Value) else each) for each in numbers]


def columns_of(model: Any, x: list[float] | None = None) -> list[Column]:
    """The inputs and every layer of a model, with what they are for an example."""
    walk = _Walk(x)
    with no_grad(), _in_use(model):
        walk.through(model, x)
    if not walk.columns:
        raise TypeError(f"draw_network draws layers of neurons, of which there are none in {shown(model)}")
    return walk.columns


class _Walk:
    """From the inputs of a model to its outputs, part by part.

    Args:
        x: an example, or None; what each part gives for it is kept with the layer to which it belongs.
    """

    def __init__(self, x: list[float] | None) -> None:
        self._x = x
        self.columns: list[Column] = []

    def through(self, part: Any, numbers: Any) -> Any:
        """Go through a part; what it gives for these numbers, or None."""
        inner = _modules(getattr(part, "layers", None)) or _modules(getattr(part, "parts", None))
        if isinstance(part, Layer | Neuron):
            self._add(part)
        elif isinstance(part, MLP):
            return self._through_layers(part, numbers)
        elif inner:
            given = numbers
            for each in inner:
                given = self.through(each, given)
            if isinstance(part, Residual):
                self._remark(part)
        else:
            self._remark(part)
        return None if numbers is None else self._kept(part(numbers))

    def _through_layers(self, model: MLP, numbers: Any) -> Any:
        """Go through an MLP, in whose hidden layers there may be more than neurons."""
        for i, layer in enumerate(model.layers):
            self._add(layer)
            norm = model.normalizations[i] if i < len(model.normalizations) else None
            if norm is not None:
                self._remark(norm)
            if numbers is None:
                continue
            given = layer(numbers) if norm is None else layer.activate(norm(layer.weighted_sums(numbers)))
            is_residual = model.residual and layer is not model.layers[-1] and len(given) == len(numbers)
            numbers = self._kept([a + b for a, b in zip(numbers, given, strict=True)] if is_residual else given)
        return numbers

    def _add(self, layer: Layer | Neuron) -> None:
        neurons = layer.neurons if isinstance(layer, Layer) else [layer]
        if not self.columns:
            self.columns.append(Column("inputs", len(neurons[0].w), values=self._x or []))
        title = f"{layer.place.title or 'layer 1'}\n{_name(layer.activation)}"
        self.columns.append(Column(title, len(neurons), neurons))

    def _remark(self, part: Any) -> None:
        if self.columns:
            self.columns[-1].title += f"\n{part.place.title or type(part).__name__}"

    def _kept(self, given: Any) -> list[Any]:
        numbers = given if isinstance(given, list) else [given]
        if self.columns and len(numbers) == self.columns[-1].width:
            self.columns[-1].values = [to_float(getattr(each, "data", each)) for each in numbers]
        return numbers


def _modules(items: Any) -> list[Module]:
    return [item for item in items if isinstance(item, Module)] if isinstance(items, list | tuple) else []


@contextmanager
def _in_use(model: Module) -> Iterator[None]:
    """The model in evaluation mode, and then as it was."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


def _name(activation: Any) -> str:
    return activation if isinstance(activation, str) else str(getattr(activation, "__name__", "own function"))


def _height(units: Sequence[Any], row: int) -> float:
    return DOWN * ((len(units) - 1) / 2 - row)


def _label(column: Column, unit: int | None, precision: int) -> str:
    """What stands in a unit."""
    if unit is None:
        return ""
    return number(column.values[unit], precision) if column.values else "" if column.neurons else f"x{unit + 1}"


def _draw_units(diagram: Diagram, across: float, i: int, column: Column, most: int, precision: int) -> None:
    units = column.units(most)
    fill, outline = TINTS["operation" if column.neurons else "input"]
    lines = column.title.split("\n")
    top = _height(units, 0) + DOWN * 0.75 + 0.1 * len(lines)
    caption = {"shape": "plaintext", "fontcolor": EDGE, "fontsize": "11", "style": "", "fixedsize": "false"}
    diagram.node(f"title{i}", plain("\n".join(map(shorten, lines))), pos=f"{across:g},{top:g}!", **caption)
    for row, unit in enumerate(units):
        place = f"{across:g},{_height(units, row):g}!"
        if unit is None:
            folded = column.width - most + 1
            fill_rest, outline_rest = TINTS["rest"]
            box = {"shape": "box", "style": "filled,rounded,dashed", "width": "0.9", "height": "0.3"}
            words = f"{count(folded, 'unit')} not drawn"
            diagram.node(f"u{i}_rest", plain(f"… {folded:,} more"), pos=place, fillcolor=fill_rest, color=outline_rest,
                         tooltip=tooltip(words), **box)  # fmt: skip
            continue
        name = f"x{unit + 1}" if not column.neurons else ""
        label = _label(column, unit, precision)
        words = f"{lines[0]}, unit {unit}" if column.neurons else name
        bias = column.neurons[unit].b if column.neurons else None
        if bias is not None:
            words += f", {bias.label or 'b'} = {number(bias.data, precision)}"
        words += f": {label}" if column.values else ""
        diagram.node(f"u{i}_{unit}", plain(label), pos=place, fillcolor=fill, color=outline, tooltip=tooltip(words))


def _draw_weights(diagram: Diagram, i: int, before: Column, after: Column, most: int, precision: int) -> None:
    thickest = THICKEST if len(before.units(most)) * len(after.units(most)) < 100 else THICKEST / 2
    largest = max((abs(w.data) for neuron in after.neurons for w in neuron.w), default=0.0) or 1.0
    if any(len(neuron.w) != before.width for neuron in after.neurons):
        return  # what is between them has another width, so that no line would lead where it says
    for unit in after.units(most):
        for source in before.units(most):
            if unit is None or source is None:
                continue
            w = after.neurons[unit].w[source]
            color, style = SIGNS[w.data < 0]
            width = THINNEST + (thickest - THINNEST) * min(1.0, abs(w.data) / largest)
            words = tooltip(f"{w.label or 'w'} = {number(w.data, precision)}")
            diagram.edge(f"u{i}_{source}", f"u{i + 1}_{unit}", color=color, style=style, penwidth=f"{width:.2f}",
                         tooltip=words)  # fmt: skip
