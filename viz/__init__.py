"""Pictures: the recorded graph, how a model divides the plane, and how its training went.

Importing this lets every Value show itself as its graph in Jupyter.

>>> from engine import Value, relu
>>> from viz import draw_graph
>>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
>>> loss = relu(1 - w * x)
>>> loss.backward()
>>> draw_graph(loss).title
'Computation graph of 6 nodes: relu(v5) = 7.'
"""

from viz import notebook as notebook
from viz.drills.practice import practice
from viz.explorer.explorer import explore
from viz.graph.diagram import Diagram
from viz.graph.draw import draw_dot, draw_graph
from viz.graph.render import render
from viz.network import draw_network
from viz.plots.activation import plot_activation, plot_activations
from viz.plots.boundary import plot_decision_boundary
from viz.plots.confusion import plot_confusion
from viz.plots.figure import save_figure
from viz.plots.flow import plot_gradient_flow
from viz.plots.histograms import plot_histograms
from viz.plots.history import plot_history
from viz.plots.landscape import plot_loss_landscape
from viz.plots.neurons import plot_neurons
from viz.plots.weight_paths import plot_weight_paths
from viz.plots.weights import plot_weights
from viz.replays.replay import Replay, replay

__all__ = [
    "Diagram",
    "Replay",
    "draw_dot",
    "draw_graph",
    "draw_network",
    "explore",
    "plot_activation",
    "plot_activations",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_gradient_flow",
    "plot_histograms",
    "plot_history",
    "plot_loss_landscape",
    "plot_neurons",
    "plot_weight_paths",
    "plot_weights",
    "practice",
    "render",
    "replay",
    "save_figure",
]
