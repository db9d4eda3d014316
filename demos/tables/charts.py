"""Charts as SVG that lies within a page: its words are text, and its colours are the page's, by day and by night."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib import image
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from viz.palette import PETROFF10

__all__ = ["curves", "legend", "points_on", "region_map", "spread"]

WIDTH, HEIGHT = 360, 250  # so that text is of the page's size on a phone
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 10, 38
SHAPES = (
    "m-3.3 0a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0-6.6 0z",  # a disc, a square, a diamond, two triangles
    "m-3-3h6v6h-6z",
    "m0-4.2l4.2 4.2l-4.2 4.2l-4.2-4.2z",
    "m0-4l4 7h-8z",
    "m0 4l4-7h-8z",
)
DASHES = ("none", "6 3", "2 3", "8 3 2 3")


def color(k: int) -> str:
    """The colour of class k."""
    return PETROFF10[k % len(PETROFF10)]


class Frame:
    """Axes to draw in: what lies where, and the lines and words around it.

    Args:
        xs, ys: the least and the greatest number along each axis.
        x_name, y_name: what the axes are called.
    """

    def __init__(self, xs: tuple[float, float], ys: tuple[float, float], x_name: str, y_name: str) -> None:
        self.xs, self.ys, self.x_name, self.y_name = xs, ys, x_name, y_name

    def x(self, number: float) -> float:
        """How far to the right a number lies."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (number - self.xs[0]) / (self.xs[1] - self.xs[0])

    def y(self, number: float) -> float:
        """How far down a number lies."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number - self.ys[0]) / (self.ys[1] - self.ys[0])

    def path(self, points: np.ndarray) -> str:
        """The way along some points, as SVG writes it."""
        return "M" + "L".join(f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in points)

    def svg(self, inside: str, title: str) -> str:
        """The whole picture, with what was drawn inside."""
        parts = []
        for at in _ticks(self.xs):
            place = f'x="{self.x(at):.1f}"'
            parts.append(f'<text class="tick" {place} y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{at:g}</text>')
        for at in _ticks(self.ys):
            y = self.y(at)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{at:g}</text>')
        middle = f'x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 5}" text-anchor="middle"'
        parts.append(f'<text class="axis" {middle}>{escape(_short(self.x_name))}</text>')
        turned = f'transform="translate(11 {(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle"'
        parts.append(f'<text class="axis" {turned}>{escape(_short(self.y_name))}</text>')
        label = escape(title, quote=True)
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}{inside}</svg>'


def curves(x: np.ndarray, series: Mapping[str, np.ndarray], x_name: str, y_name: str, most: float | None = None) -> str:
    """Lines from left to right, each in the colour and dashes of its place in a `legend`.

    Args:
        x: (n,) where the numbers of every series lie.
        series: (n,) numbers by name.
        x_name, y_name: what the axes are called.
        most: where the upright axis ends; None for the greatest number.
    """
    numbers = np.concatenate([*series.values()])
    low, high = min(0.0, float(numbers.min())), most or float(numbers.max()) or 1.0
    frame = Frame((float(x[0]), float(x[-1]) + (x[0] == x[-1])), (low, high), x_name, y_name)
    drawn = "".join(
        f'<path class="line" d="{frame.path(np.stack([x, line], axis=1))}" style="{_stroke(k)}"/>'
        for k, line in enumerate(series.values())
    )
    return frame.svg(drawn, f"{y_name} by {x_name}")


def legend(names: Sequence[str], *, lines: bool = False) -> str:
    """What each mark, or line, stands for."""
    parts = []
    for k, name in enumerate(names):
        drawn = f'<path class="line" d="M0 7H16" style="{_stroke(k)}"/>' if lines else _mark(k, 8, 7)
        parts.append(f'<li><svg viewBox="0 0 16 14" aria-hidden="true">{drawn}</svg>{escape(name)}</li>')
    return f'<ul class="legend">{"".join(parts)}</ul>'


def points_on(
    X: np.ndarray, classes: Sequence[int] | np.ndarray, x_name: str, y_name: str, *, line: np.ndarray | None = None
) -> str:
    """Points in the plane, and a line if there is one.

    Args:
        X: (n, 2) the points.
        classes: the number of the class of each.
        x_name, y_name: what the axes are called.
        line: (m, 2) the points that a line goes along.
    """
    every = X if line is None else np.concatenate([X, line])
    frame = Frame(spread(every[:, 0]), spread(every[:, 1]), x_name, y_name)
    drawn = "" if line is None else f'<path class="line ink" d="{frame.path(line)}"/>'
    return frame.svg(drawn + _dots(frame, X, classes), f"{y_name} against {x_name}")


def region_map(X: np.ndarray, classes: Sequence[int] | np.ndarray, scores: np.ndarray, x_name: str, y_name: str) -> str:
    """Points on a plane that is coloured by what a model says there, with lines where it changes its mind.

    Args:
        X: (n, 2) the points.
        classes: the number of the class of each.
        scores: (rows, columns, n_classes) of a grid over `spread` of both columns of X, its first row the lowest.
        x_name, y_name: what the axes are called.
    """
    from contourpy import contour_generator

    frame = Frame(spread(X[:, 0]), spread(X[:, 1]), x_name, y_name)
    best = scores.argmax(axis=2)
    ranked = np.sort(scores, axis=2)
    sure = ranked[:, :, -1] - ranked[:, :, -2]
    pixels = np.empty((*best.shape, 4))
    pixels[:, :, :3] = np.array([to_rgb(color(k)) for k in range(scores.shape[2])])[best]
    pixels[:, :, 3] = 0.12 + 0.38 * np.clip(sure, 0, 1)
    drawn = _image(frame, pixels)
    x1, x2 = (np.linspace(*ends, n) for ends, n in ((frame.xs, best.shape[1]), (frame.ys, best.shape[0])))
    for k in range(scores.shape[2]):
        lead = scores[:, :, k] - np.delete(scores, k, axis=2).max(axis=2)
        ways: Any = contour_generator(x1, x2, lead).lines(0.0)
        for way in ways:
            drawn += f'<path class="line ink" d="{frame.path(way)}"/>'
    return frame.svg(drawn + _dots(frame, X, classes), f"the classes by {x_name} and {y_name}")


def spread(numbers: np.ndarray) -> tuple[float, float]:
    """The least and the greatest, with a margin."""
    low, high = float(numbers.min()), float(numbers.max())
    margin = 0.06 * (high - low) or abs(high) * 0.1 or 1.0
    return low - margin, high + margin


def _dots(frame: Frame, X: np.ndarray, classes: Sequence[int] | np.ndarray) -> str:
    return "".join(_mark(k, frame.x(a), frame.y(b)) for (a, b), k in zip(X, classes, strict=True))


def _mark(k: int, x: float, y: float) -> str:
    """The mark of class k: colour and shape say the same."""
    shape = SHAPES[k % len(SHAPES)]
    return f'<path class="mark" d="M{x:.1f} {y:.1f}{shape}" style="fill:{color(k)}"/>'


def _stroke(k: int) -> str:
    return f"stroke:{color(k)};stroke-dasharray:{DASHES[k % len(DASHES)]}"


def _image(frame: Frame, pixels: np.ndarray) -> str:
    file = io.BytesIO()
    image.imsave(file, pixels[::-1], format="png")
    data = base64.b64encode(file.getvalue()).decode()
    place = f'x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
    return f'<image {place} preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'


def _ticks(ends: tuple[float, float]) -> list[float]:
    found = MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(*ends)
    return [round(float(at), 12) for at in found if ends[0] <= at <= ends[1]]


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:37] + "..."
