"""What each neuron of a layer says about the plane."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from engine.arguments import plain_lists, shown, whole_number
from viz.fitted import network_of
from viz.plots.figure import axes_for, finish, signed_colors, write_title
from viz.plots.points import read_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_neurons"]

COLUMNS = 6
INK = "#30343b"


def plot_neurons(
    model: Any,
    X: Any,
    *,
    layer: int | str = 1,
    resolution: int = 40,
    most: int = 24,
    axes: "Sequence[Axes] | None" = None,
) -> "list[Axes]":
    """Show what each neuron of a layer gives for every point of the plane.

    What is above 0 is blue and what is below orange, with a line between them, and a plus and a minus where it is most
    and least; all neurons have the same scale. A hidden layer of an MLP counts with all that is around it.

    Args:
        model: a network of two inputs, as for `nn.layer_outputs`, or an estimator that has one.
        X: (n, 2) numbers, the points that are to be within the picture.
        layer: which, from 1 on; or any part by its title, such as "normalization 1".
        resolution: how many points to try along each axis, from 2 to 400.
        most: how many neurons to show, from the first on.
        axes: where to plot them; None for a new figure.

    Returns:
        list of Axes: one for each neuron. Nothing is shown or saved.

    Raises:
        TypeError: the model is none with layers in a row; `axes` are none.
        ValueError: it has no such layer, X is not of two columns, or a setting is out of range; there are more neurons
            than `axes`.

    Example:
        >>> from nn import MLP
        >>> axes = plot_neurons(MLP(2, [3, 1], seed=1), [[0.0, 0.0], [1.0, 1.0]], resolution=5)
        >>> len(axes), axes[0].get_title()
        (3, 'neuron 0')
        >>> from matplotlib import pyplot; pyplot.close()
    """
    resolution = whole_number("resolution", resolution, 2, 400)
    most = whole_number("most", most)
    rows = plain_lists(X)
    points, _ = read_points(X, [0] * len(rows) if isinstance(rows, list) else [0])
    margins = 0.1 * np.ptp(points, axis=0)
    low, high = points.min(axis=0) - margins, points.max(axis=0) + margins
    high = np.where(high > low, high, low + 1.0)
    x1, x2 = (np.linspace(low[i], high[i], resolution) for i in range(2))
    outputs = nn.layer_outputs(network_of(model), [[float(a), float(b)] for b in x2 for a in x1])
    title = _title(layer, outputs)
    fields = outputs[title].reshape(resolution, resolution, -1).transpose(2, 0, 1)[:most]
    grid = axes_for(axes, len(fields), COLUMNS, 1.8, 1.9)
    limit = float(np.abs(fields[np.isfinite(fields)]).max(initial=0.0)) or 1.0
    for i, (ax, field) in enumerate(zip(grid, fields, strict=True)):
        _draw(ax, x1, x2, field, limit)
        write_title(ax, f"neuron {i}")
        finish(ax, f"Neuron {i} of {title} over the plane, from {field.min():.3g} to {field.max():.3g}.")
    return grid


def _title(layer: Any, outputs: Mapping[str, Any]) -> str:
    """The title of the part that is meant."""
    if not isinstance(layer, str):
        n_layers = sum(title.startswith("layer ") for title in outputs)
        return f"layer {whole_number('layer', layer, most=max(1, n_layers), unless='or a title')}"
    if layer not in outputs:
        raise ValueError(f"layer must be a number, or one of {', '.join(map(repr, outputs))}, but was {shown(layer)}")
    return layer


def _draw(ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: np.ndarray, limit: float) -> None:
    extent = (float(x1[0]), float(x1[-1]), float(x2[0]), float(x2[-1]))
    ax.imshow(field, origin="lower", extent=extent, cmap=signed_colors(), vmin=-limit, vmax=limit, aspect="auto")
    known = np.ma.masked_invalid(field)
    if known.count() and known.min() < 0 < known.max():
        ax.contour(x1, x2, known, levels=[0.0], colors=INK, linewidths=1.0)
    for sign, at in (("+", known.argmax()), ("\u2212", known.argmin())):
        row, column = np.unravel_index(int(at), known.shape)
        if known.count() and (known[row, column] > 0) == (sign == "+"):
            x, y = (0.12 + 0.76 * i / (len(x1) - 1) for i in (column, row))  # within the frame
            ax.text(x, y, sign, transform=ax.transAxes, ha="center", va="center", color=INK, fontweight="bold")
    ax.set(xticks=[], yticks=[])
