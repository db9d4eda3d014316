"""The picture of one neuron at work on one example."""

from collections.abc import Sequence

from engine import Value
from nn import Layer
from viz import Diagram, draw_graph


def draw_neuron(layer: Layer, x: Sequence[float]) -> Diagram:
    """The graph of the layer's most active neuron on one example, with the gradients of its output.

    Args:
        layer: the layer to look into.
        x: the example.
    """
    inputs = [Value(number, f"x{i}") for i, number in enumerate(x, 1)]
    layer.zero_grad()
    output = max(layer(inputs))
    output.label = "y"
    output.backward()
    return draw_graph(output, expand=True)
