"""Activation functions and their derivatives."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from engine import value_and_grad
from engine.arguments import plain_lists, real_number, shown
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import add_legend, axes_for, check_axes, check_title, draw_on, finish, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_activation", "plot_activations"]

POINTS = 241  # an odd number, so that the middle is among them
COLUMNS = 4


def plot_activation(
    activation: str | Callable[[Any], Any],
    *,
    low: float = -4.0,
    high: float = 4.0,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Axes":
    """Show an activation function, solid, and its derivative, dashed.

    Args:
        activation: a name in `nn.ACTIVATIONS`, or a function of a Value, as for `nn.Neuron`.
        low, high: from where to where.
        ax: where to plot; None for a new figure.
        title: what to write above; None for the function's name, "" for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        ValueError: there is no such activation, or `low` is not below `high`.
        TypeError: `ax` is no Axes, or the title no text.

    Example:
        >>> ax = plot_activation("relu")
        >>> [float(line.get_ydata()[-1]) for line in ax.get_lines()]
        [4.0, 1.0]
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    check_axes(ax)
    check_title(title)
    low = real_number("low", low, "a finite number", lambda x: abs(x) < 1e6)
    high = real_number("high", high, f"a finite number above low, {low:g}", lambda x: low < x < 1e6)
    part = nn.Activation(activation)
    slope = value_and_grad(lambda x: part([x])[0])
    x = np.linspace(low, high, POINTS)
    values, slopes = np.array([slope(float(each)) for each in x]).T

    ax = draw_on(ax)
    name = activation if isinstance(activation, str) else str(getattr(activation, "__name__", "activation"))
    lines = ax.plot(x, values, color=PETROFF10[0]) + ax.plot(x, slopes, color=PETROFF10[6], linestyle="--")
    ax.grid(color=EDGE, alpha=0.25)
    ax.set_xlabel("z")
    add_legend(ax, lines, [f"{name}(z)", "derivative"])
    write_title(ax, name if title is None else title)
    course = f"from {values[0]:.3g} at {low:g} to {values[-1]:.3g} at {high:g}"
    return finish(ax, f"The activation {name}, {course}, and its derivative, between {slopes.min():.3g} and "
                      f"{slopes.max():.3g}.")  # fmt: skip


def plot_activations(
    activations: Sequence[str | Callable[[Any], Any]] | None = None,
    *,
    low: float = -4.0,
    high: float = 4.0,
    axes: "Sequence[Axes] | None" = None,
) -> "list[Axes]":
    """Show several activation functions side by side, each as `plot_activation` does.

    Args:
        activations: which; None for all in `nn.ACTIVATIONS`.
        low, high: from where to where.
        axes: where to plot them; None for a new figure.

    Returns:
        list of Axes: the plots. Nothing is shown or saved.

    Raises:
        ValueError: as `plot_activation`; or there are none, or more than `axes`.
        TypeError: `axes` are none.

    Example:
        >>> len(plot_activations(["relu", "tanh"]))
        2
        >>> from matplotlib import pyplot; pyplot.close()
    """
    given = [*nn.ACTIVATIONS] if activations is None else plain_lists(activations)
    if not isinstance(given, list) or not given:
        raise ValueError(f"activations must be a list of them, such as ['relu', 'tanh'], but was {shown(activations)}")
    for each in given:
        nn.Activation(each)
    low = real_number("low", low, "a finite number", lambda x: abs(x) < 1e6)
    high = real_number("high", high, f"a finite number above low, {low:g}", lambda x: low < x < 1e6)
    grid = axes_for(axes, len(given), COLUMNS, 2.8, 2.6)
    return [plot_activation(each, low=low, high=high, ax=ax, title="") for each, ax in zip(given, grid, strict=True)]
