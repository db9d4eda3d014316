"""What went through the layers while a model was trained."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arguments import choose, is_real, plain_lists, shown
from viz.fitted import training_of
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import MARKERS, add_legend, check_axes, check_title, draw_on, finish, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_gradient_flow"]

WHAT = {
    "gradient_deviation": "standard deviation of the gradient",
    "gradient_mean": "mean of the gradient",
    "gradient_zeros": "share of zeros in the gradient",
    "activation_deviation": "standard deviation of the activations",
    "activation_mean": "mean of the activations",
    "activation_zeros": "share of zeros in the activations",
}


def plot_gradient_flow(
    history: Any, *, what: str = "gradient_deviation", ax: "Axes | None" = None, title: str | None = None
) -> "Axes":
    """Show how large the gradients of each layer were, epoch by epoch: where they vanish, explode or die.

    A standard deviation has a logarithmic axis: layers whose lines drift apart learn at speeds that do.

    Args:
        history: as `nn.fit` returns it where it was told to ``record`` the layers; or its ``layers``.
        what: "gradient_deviation", "gradient_mean" or "gradient_zeros" (the share of zeros); or the same of what the
            layers give, as in "activation_zeros", which shows units that died.
        ax: where to plot; None for a new figure.
        title: what to write above; None for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        ValueError: nothing was recorded, or not this.
        TypeError: it is no history, `ax` is no Axes, or the title no text.

    Example:
        >>> ax = plot_gradient_flow({"layer 1": {"gradient_deviation": [0.1, 0.01]}})
        >>> ax.get_ylabel(), ax.get_yscale()
        ('standard deviation of the gradient', 'log')
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    from matplotlib.ticker import MaxNLocator

    check_axes(ax)
    check_title(title)
    choose("statistic", what, WHAT)
    curves = _curves(history, what)

    ax = draw_on(ax)
    lines = []
    for i, numbers in enumerate(curves.values()):
        lines += ax.plot(
            np.arange(1, len(numbers) + 1), np.where(np.isfinite(numbers), numbers, np.nan),
            color=PETROFF10[i % len(PETROFF10)], marker=MARKERS[i % len(MARKERS)],
            markevery=max(1, len(numbers) // 12), markersize=4.5,
        )  # fmt: skip
    all_numbers = np.concatenate([*curves.values()])
    if what.endswith("deviation") and (np.isfinite(all_numbers) & (all_numbers > 0)).any():
        ax.set_yscale("log", nonpositive="mask")
    ax.set(xlabel="epoch", ylabel=WHAT[what])
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.grid(axis="y", color=EDGE, alpha=0.25)
    add_legend(ax, lines, [*curves])
    write_title(ax, title)
    courses = [f"{name} from {numbers[0]:.3g} to {numbers[-1]:.3g}" for name, numbers in curves.items()]
    return finish(ax, f"The {WHAT[what]} of each layer, by epoch: {'; '.join(courses)}.")


def _curves(history: Any, what: str) -> dict[str, np.ndarray]:
    history = training_of(history)
    layers = getattr(history, "layers", history)
    if not isinstance(layers, Mapping) or not all(isinstance(layer, Mapping) for layer in layers.values()):
        raise TypeError(f"history must be what fit(..., record=True) returned, but was {shown(history)}")
    curves = {}
    for name, layer in layers.items():
        numbers = plain_lists(layer.get(what, []))
        if not isinstance(numbers, list) or not all(map(is_real, numbers)):
            raise TypeError(f"history must have a number for each epoch, but for {shown(name)} has {shown(numbers)}")
        if numbers:
            curves[str(name)] = np.array(numbers, dtype=float)
    if not curves:
        raise ValueError(f"there is no {what} of any layer in {shown(history)}: write fit(..., record=True)")
    return curves
