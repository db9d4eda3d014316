"""The weights of a first layer as images: what each neuron looks for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import check_flag, plain_lists, shown, whole_number
from nn import Layer, Module
from viz.fitted import network_of
from viz.plots.figure import axes_for, finish, signed_colors, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_weights"]

COLUMNS = 8


def plot_weights(
    model: Any,
    shape: Sequence[int] | None = None,
    *,
    most: int = 32,
    same_scale: bool = True,
    axes: "Sequence[Axes] | None" = None,
) -> "list[Axes]":
    """Show the weights of each neuron of the first layer as an image: what it looks for.

    Weights above 0 are blue, those below orange, and hatched where they are large; white is 0.

    Args:
        model: a network, or an estimator that has one, whose inputs are the pixels of images, row by row.
        shape: of the images, (height, width); None for a square one.
        most: how many neurons to show, 1 or more, from the first on.
        same_scale: whether a shade means the same in all images; else the deepest is the largest weight of each.
        axes: where to plot them; None for a new figure.

    Returns:
        list of Axes: the images. Nothing is shown or saved.

    Raises:
        TypeError: the model is none, or has no layer of neurons; `axes` are none.
        ValueError: the inputs do not make images of that shape, or a setting is wrong; there are more than `axes`.

    Example:
        >>> from nn import MLP
        >>> images = plot_weights(MLP(64, [3, 10], seed=1))
        >>> images[0].images[0].get_array().shape
        (8, 8)
        >>> from matplotlib import pyplot; pyplot.close()
    """
    weights = np.array(_first_layer("plot_weights", model).weights)
    height, width = _shape(shape, weights.shape[1])
    most = whole_number("most", most)
    check_flag("same_scale", same_scale)
    images = weights[:most].reshape(-1, height, width)
    grid = axes_for(axes, len(images), COLUMNS, 1.3, 1.5)
    for i, (ax, image) in enumerate(zip(grid, images, strict=True)):
        limit = float(np.abs(images if same_scale else image).max()) or 1.0
        ax.imshow(image, cmap=signed_colors(), vmin=-limit, vmax=limit)
        below = image < -limit / 4
        if below.any() and min(image.shape) > 1:  # there are no areas in a single row
            ax.contourf(below, levels=[0.5, 1.5], colors="none", hatches=["////"])
        ax.set(xticks=[], yticks=[])
        write_title(ax, f"neuron {i}")
        finish(ax, f"The {height} by {width} weights of neuron {i}, from {image.min():.3g} to {image.max():.3g}.")
    return grid


def _first_layer(name: str, model: Any) -> Layer:
    """The first layer of neurons in a model; TypeError if there is none."""
    model = network_of(model)
    if isinstance(model, Module):
        for module in model.modules():
            if isinstance(module, Layer):
                return module
    raise TypeError(f"{name} needs a network with layers of neurons, such as MLP(64, [16, 10]), but was {shown(model)}")


def _shape(given: Any, n_inputs: int) -> tuple[int, int]:
    if given is None:
        side = round(n_inputs**0.5)
        if side * side != n_inputs:
            raise ValueError(f"{n_inputs} inputs make no square image: shape must be (height, width), but was None")
        return side, side
    sizes = plain_lists(given)
    if not isinstance(sizes, list) or len(sizes) != 2:
        raise ValueError(f"shape must be (height, width), or None, but was {shown(given)}")
    height, width = (whole_number("each number of shape", size) for size in sizes)
    if height * width != n_inputs:
        raise ValueError(f"shape must be of {n_inputs} pixels, as there are as many inputs, but was {shown(given)}")
    return height, width
