"""History: what happened in a training, and how that is shown while it lasts and afterwards."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pkgutil import resolve_name
from typing import Any

from nn.training.recording import Recording

__all__ = ["History", "progress_bar"]

COLORS = ("#1845fb", "#ff5e02", "#c91f16", "#c849a9", "#adad7d", "#86c8dd")
WIDTH, HEIGHT, MARGIN = 420, 150, 8  # of a drawing, in pixels


class History(dict[str, list[float]]):
    """What happened in a training: for each name, such as "loss", a number for each epoch.

    It shows itself in Jupyter, as curves and the last numbers.

    Args:
        names: of what is written down.

    Attributes:
        backend: what took the steps: "eager", "numpy", "numba" or "jax".
        reason: why that one did.
        loss: the name of the loss that was made small.
        stopped: why the training ended before its time; "" if it did not.
        best_epoch: the one whose weights the model has at the end, from 1 on; None if that is the last.
        layers: what `fit` was to record of the layers: for each one, by its title, a dict from names such as
            "activation_mean" to a number for each epoch.
        recording (Recording or None): what it kept of the model after each epoch, for `viz.replay`.

    Example:
        >>> history = History(["loss"])
        >>> history.add([0], [0.1], [[0.5]])
        >>> history["loss"], history.epochs
        ([0.5], 1)
    """

    plotter = "viz:plot_history"  # by its name: nn knows of no pictures, and looks for this one when it is asked for it

    def __init__(self, names: Iterable[str] | Mapping[str, Sequence[float]] = ()) -> None:
        given = names if isinstance(names, Mapping) else {name: [] for name in names}
        super().__init__({name: [*numbers] for name, numbers in given.items()})
        self.backend = self.reason = self.loss = self.stopped = ""
        self.best_epoch: int | None = None
        self.layers: dict[str, dict[str, list[float]]] = {}
        self.recording: Recording | None = None

    @property
    def epochs(self) -> int:
        """How many there were."""
        return len(self.get("loss", ()))

    def add(self, epochs: Sequence[int], rates: Sequence[float], means: Sequence[Sequence[float]]) -> None:
        """Write down what was found while these epochs lasted.

        Args:
            epochs: their numbers, from 0 on.
            rates: the learning rate in each.
            means: of each epoch that was gone through, the mean of the loss and, of labels, the share that was right.

        Raises:
            FloatingPointError: a loss is nan or infinite.
        """
        for epoch, rate, numbers in zip(epochs, rates, means, strict=False):
            if not math.isfinite(numbers[0]):
                raise FloatingPointError(
                    f"the loss became {numbers[0]} in epoch {epoch + 1}: try a smaller learning rate (it was {rate:g})"
                )
            for name, number in zip(("loss", "accuracy"), numbers, strict=False):
                self[name].append(float(number))

    def add_figures(self, figures: Mapping[str, float], prefix: str = "") -> None:
        """Write down what was found at the end of an epoch, each under its name with this before it."""
        for name, number in figures.items():
            self.setdefault(prefix + name, []).append(float(number))

    def cut(self, epochs: int) -> None:
        """Forget what came after so many epochs."""
        for columns in (self, *self.layers.values()):
            for column in columns.values():
                del column[epochs:]
        if self.recording:
            self.recording.cut(epochs)

    def to_frame(self) -> Any:
        """The same as a pandas DataFrame: a row for each epoch, from 1 on, and a column for each name.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError("a DataFrame needs pandas: pip install pandas") from None
        return pandas.DataFrame(dict(self), index=pandas.RangeIndex(1, self.epochs + 1, name="epoch"))

    def plot(self, *, ax: Any = None) -> Any:
        """Draw the curves, as `viz.plot_history` does.

        Args:
            ax: the matplotlib Axes to draw on; None for a new figure.

        Returns:
            Axes: the plot.
        """
        return resolve_name(self.plotter)(self, ax=ax)

    def summary(self) -> str:
        """How it went, on one line."""
        numbers = ", ".join(f"{name} {column[-1]:.4g}" for name, column in self.items() if column)
        how = f" by {self.backend}" if self.backend else ""
        why = f" ({self.stopped})" if self.stopped else ""
        return f"{self.epochs} epochs{how}{': ' if numbers else ''}{numbers}{why}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython shows where there is no HTML."""
        printer.text(self.summary())

    def _repr_html_(self) -> str:
        names = [name for name, column in self.items() if column]
        rows = "".join(
            f'<tr><td style="text-align:left"><span style="color:{color}">&#9632;</span> {escape(name)}</td>'
            + "".join(f"<td>{number:.4g}</td>" for number in (self[name][0], min(self[name]), self[name][-1]))
            + "</tr>"
            for name, color in zip(names, COLORS * len(names), strict=False)
        )
        head = "<tr><th></th><th>first</th><th>least</th><th>last</th></tr>"
        reason = f"<p>{escape(self.backend)}: {escape(self.reason)}</p>" if self.backend else ""
        return f"<p>{escape(self.summary())}</p>{self._curves(names)}<table>{head}{rows}</table>{reason}"

    def _curves(self, names: Sequence[str]) -> str:
        """A drawing in which each curve goes from its own least to its own largest number."""
        lines = []
        for name, color in zip(names, COLORS * len(names), strict=False):
            column = [number if math.isfinite(number) else None for number in self[name]]
            finite = [number for number in column if number is not None]
            if not finite:
                continue
            low, high = (0.0, 1.0) if "accuracy" in name else (min(finite), max(finite))
            step, scale = (WIDTH - 2 * MARGIN) / max(1, len(column) - 1), (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
            points = " ".join(
                f"{MARGIN + step * i:.1f},{HEIGHT - MARGIN - scale * (number - low):.1f}"
                for i, number in enumerate(column)
                if number is not None
            )
            lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(lines)}</svg>'


@contextmanager
def progress_bar(epochs: int, *, shown: bool) -> Iterator[Callable[[History], None]]:
    """A tqdm bar, as a function to call after one epoch or several; nothing without tqdm, or a place to show it."""
    try:
        if not shown or getattr(sys.stderr, "closed", True):  # there is none where Python runs without a console
            raise ImportError
        from tqdm.auto import tqdm
    except ImportError:
        yield lambda history: None
        return
    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def report(history: History) -> None:
            numbers = {name.replace("validation_", "val_"): f"{column[-1]:.4f}" for name, column in history.items()}
            bar.set_postfix(numbers, refresh=False)
            bar.update(history.epochs - bar.n)

        yield report
