"""How the numbers of each layer are spread."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from engine.arguments import choose, shown
from nn import History, Module
from viz.fitted import network_of, training_of
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import axes_for, finish, write, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_histograms"]

WHAT = {"activation": "activations", "gradient": "gradients", "parameter": "parameters"}
HUES = {"activation": PETROFF10[0], "gradient": PETROFF10[6], "parameter": PETROFF10[4]}
COLUMNS = 3
ROWS = 60  # of the picture of a layer
BINS = 30
WITHIN = 0.9  # the share of the epochs whose numbers are all within the picture


def plot_histograms(
    of: Any, X: Any = None, *, what: str = "activation", axes: "Sequence[Axes] | None" = None
) -> "list[Axes]":
    """Show how the numbers of each layer are spread: of a training epoch by epoch, or of a network as it is.

    Of a training each epoch is a column, which is the darker the more numbers are there, with lines at the least and
    the largest one; of a network there are bars.

    Args:
        of: the history of a training, as ``nn.fit(..., record=True)`` returns it; or a network, or an
            estimator that has one.
        X: (n, n_inputs) rows, for the activations of a network; else None.
        what: "activation" for what the layers give, "gradient" for the derivatives of the loss by their parameters, or
            "parameter" for these; of a network not its gradients.
        axes: where to plot, one for each layer; None for a new figure.

    Returns:
        list of Axes: one for each layer. Nothing is shown or saved.

    Raises:
        TypeError: it is neither a history nor a network, or `axes` are none.
        ValueError: the training was not recorded, or there are no such numbers; there are more layers than `axes`.

    Example:
        >>> from nn import MLP, fit, two_moons
        >>> model = MLP(2, [3, 1], seed=1)
        >>> history = fit(model, *two_moons(20), epochs=3, record=True, progress=False)
        >>> [ax.get_title() for ax in plot_histograms(history, what="gradient")]
        ['layer 1', 'layer 2']
        >>> len(plot_histograms(model, [[0.0, 1.0], [1.0, 0.0]]))
        2
        >>> from matplotlib import pyplot; pyplot.close("all")
    """
    choose("what", what, WHAT)
    of = training_of(of) if what == "gradient" else network_of(of)
    if isinstance(of, Module):
        return _of_network(of, X, what, axes)
    if not isinstance(of, History):
        raise TypeError(
            f"plot_histograms needs what fit(..., record=True) returned, or a network, but was given {shown(of)}"
        )
    if X is not None:
        raise ValueError(f"X is for a network; of a training it must be None, but was {shown(X)}")
    snapshots = of.recording.snapshots if of.recording else []
    titles = [title for title in (snapshots[0].layers if snapshots else ()) if what in snapshots[0].layers[title]]
    if not titles:
        raise ValueError(f"there are no {WHAT[what]} of any layer in this history: write fit(..., record=True)")
    grid = axes_for(axes, len(titles), COLUMNS, 3.2, 2.6)
    epochs = [snapshot.epoch for snapshot in snapshots]
    for ax, title in zip(grid, titles, strict=True):
        _draw_course(ax, title, what, epochs, [snapshot.layers[title][what] for snapshot in snapshots])
    return grid


def _draw_course(ax: "Axes", title: str, what: str, epochs: Sequence[int], histograms: Sequence[Any]) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.ticker import MaxNLocator

    lows, highs = (np.array([getattr(each, side) for each in histograms]) for side in ("low", "high"))
    low, high = min(0.0, -np.quantile(-lows, WITHIN)), max(0.0, np.quantile(highs, WITHIN))
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    edges = np.linspace(low, high, ROWS + 1)
    picture = np.zeros((ROWS, len(histograms)))
    for column, (start, end, counts) in enumerate(histograms):
        end = end if end > start else np.nextafter(start, np.inf)
        sums = np.interp(edges, np.linspace(start, end, len(counts) + 1), np.cumsum([0, *counts]))
        picture[:, column] = np.diff(sums)
    picture /= np.maximum(picture.max(axis=0), 1e-300)
    if epochs[-1] == epochs[0]:
        borders = np.array([epochs[0] - 0.5, epochs[0] + 0.5])
    else:
        middles = (np.array(epochs[1:]) + epochs[:-1]) / 2
        borders = np.array([epochs[0] - 0.5 * (epochs[1] - epochs[0]), *middles, epochs[-1] + 0.5])
    shades = LinearSegmentedColormap.from_list("counts", ["#ffffff", HUES[what], "#1c1f24"])
    ax.pcolormesh(borders, edges, np.sqrt(picture), cmap=shades, vmin=0, vmax=1.25, rasterized=True)
    for numbers in (lows, highs):
        ax.plot(epochs, numbers, color=EDGE, linewidth=1.0)
    ax.set(ylim=(low, high), xlim=borders[[0, -1]], xlabel="epoch", ylabel=WHAT[what])
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    write_title(ax, title)
    first, last = (f"{each.low:.3g} to {each.high:.3g}" for each in (histograms[0], histograms[-1]))
    finish(ax, f"The {WHAT[what]} of {title}: {first} in epoch {epochs[0]}, {last} in epoch {epochs[-1]}.")


def _of_network(model: Module, X: Any, what: str, axes: Any) -> "list[Axes]":
    if what == "gradient":
        raise ValueError("of a network there are no gradients to show: give the history of its training")
    if what == "activation":
        if X is None:
            raise ValueError("the activations of a network are those for rows X, but X was None")
        found = {title: outputs.ravel() for title, outputs in nn.layer_outputs(model, X).items()}
    else:
        layers: dict[str, list[float]] = {}
        for parameter in model.parameters():
            layers.setdefault(_layer_of(parameter), []).append(parameter.data)
        found = {title: np.array(numbers) for title, numbers in layers.items()}
    found = {title: numbers[np.isfinite(numbers)] for title, numbers in found.items()}
    found = {title: numbers for title, numbers in found.items() if numbers.size}
    if not found:
        raise ValueError(f"there are no {WHAT[what]} to show in {shown(model)}")
    grid = axes_for(axes, len(found), COLUMNS, 3.2, 2.6)
    for ax, (title, numbers) in zip(grid, found.items(), strict=True):
        ax.hist(numbers, bins=BINS, color=HUES[what])
        ax.axvline(0, color=EDGE, linewidth=1.0)
        ax.set(xlabel=WHAT[what], ylabel="how many")
        write(ax.title, title)
        finish(ax, f"The {len(numbers)} {WHAT[what]} of {title}, from {numbers.min():.3g} to {numbers.max():.3g}.")
    return grid


def _layer_of(parameter: Any) -> str:
    """The title of the part of a model in which a Parameter is, such as "layer 1"."""
    place, title = parameter.place.within, ""
    while place is not None:
        title = place.title if place.title and not place.title.startswith("neuron ") else title
        place = place.within
    return title or "parameters"
