"""What each neuron of a layer says about the plane."""

from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from engine.arguments import plain_lists, shown, whole_number
from nn import Module
from viz.palette import PETROFF10
from viz.plots.figure import finish, new_grid, write_title
from viz.plots.points import read_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_neurons"]

COLUMNS = 6
INK = "#30343b"


def plot_neurons(model: Module, X: Any, *, layer: int = 1, resolution: int = 40, most: int = 24) -> "list[Axes]":
    """Show what each neuron of a layer gives for every point of the plane, in a new figure.

    What is above 0 is blue and what is below orange, with a line between them, and a plus and a minus where it is most
    and least; all neurons have the same scale.

    Args:
        model: an `MLP` of two inputs, or a `Sequential`, whose parts are its layers here.
        X: (n, 2) numbers, the points that are to be within the picture.
        layer: which, from 1 on.
        resolution: how many points to try along each axis, from 2 to 400.
        most: how many neurons to show, from the first on.

    Returns:
        list of Axes: one for each neuron. Nothing is shown or saved.

    Raises:
        TypeError: the model is none with layers in a row.
        ValueError: it has fewer, X is not of two columns, or a setting is out of range.

    Example:
        >>> from nn import MLP
        >>> axes = plot_neurons(MLP(2, [3, 1], seed=1), [[0.0, 0.0], [1.0, 1.0]], resolution=5)
        >>> len(axes), axes[0].get_title()
        (3, 'neuron 0')
        >>> from matplotlib import pyplot; pyplot.close()
    """
    parts = _parts(model)
    layer = whole_number("layer", layer, most=len(parts))
    resolution = whole_number("resolution", resolution, 2, 400)
    most = whole_number("most", most)
    rows = plain_lists(X)
    points, _ = read_points(X, [0] * len(rows) if isinstance(rows, list) else [0])
    margins = 0.1 * np.ptp(points, axis=0)
    low, high = points.min(axis=0) - margins, points.max(axis=0) + margins
    high = np.where(high > low, high, low + 1.0)
    x1, x2 = (np.linspace(low[i], high[i], resolution) for i in range(2))

    def until_layer(x: list[Any]) -> Any:
        for part in parts[:layer]:
            x = part(x)
        return x

    outputs = np.asarray(nn.predict(until_layer, [[float(a), float(b)] for b in x2 for a in x1]))
    fields = outputs.reshape(resolution, resolution, -1).transpose(2, 0, 1)[:most]
    columns = min(COLUMNS, len(fields))
    n_rows = -(-len(fields) // columns)
    grid = [*new_grid(n_rows, columns, 1.8 * columns, 1.9 * n_rows).flat]
    for ax in grid[len(fields) :]:
        ax.remove()
    limit = float(np.abs(fields[np.isfinite(fields)]).max(initial=0.0)) or 1.0
    for i, (ax, field) in enumerate(zip(grid, fields, strict=False)):
        _draw(ax, x1, x2, field, limit)
        write_title(ax, f"neuron {i}")
        finish(ax, f"Neuron {i} of layer {layer} over the plane, from {field.min():.3g} to {field.max():.3g}.")
    return grid[: len(fields)]


def _parts(model: Any) -> list[Any]:
    parts = getattr(model, "parts", None)
    is_plain = not (getattr(model, "normalization", None) or getattr(model, "residual", False))
    if not isinstance(model, Module) or not isinstance(parts, list) or not is_plain:
        raise TypeError(
            f"plot_neurons looks into an MLP without normalization and residual layers, or a Sequential, but was given "
            f"{shown(model)}"
        )
    return [part for part in parts if not isinstance(part, nn.Dropout)]


def _draw(ax: "Axes", x1: np.ndarray, x2: np.ndarray, field: np.ndarray, limit: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    colors = [to_rgb(PETROFF10[6]), (1.0, 1.0, 1.0), to_rgb(PETROFF10[0])]
    signed = LinearSegmentedColormap.from_list("signed", colors)
    extent = (float(x1[0]), float(x1[-1]), float(x2[0]), float(x2[-1]))
    ax.imshow(field, origin="lower", extent=extent, cmap=signed, vmin=-limit, vmax=limit, aspect="auto")
    known = np.ma.masked_invalid(field)
    if known.count() and known.min() < 0 < known.max():
        ax.contour(x1, x2, known, levels=[0.0], colors=INK, linewidths=1.0)
    for sign, at in (("+", known.argmax()), ("\u2212", known.argmin())):
        row, column = np.unravel_index(int(at), known.shape)
        if known.count() and (known[row, column] > 0) == (sign == "+"):
            x, y = (0.12 + 0.76 * i / (len(x1) - 1) for i in (column, row))  # within the frame
            ax.text(x, y, sign, transform=ax.transAxes, ha="center", va="center", color=INK, fontweight="bold")
    ax.set(xticks=[], yticks=[])
