"""The loss around a point, along a line or over a plane through the space of all parameters."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from engine import Value
from engine.arguments import is_real, plain_lists, real_number, shown, whole_number
from engine.number import to_float
from nn import Module
from viz.fitted import network_of
from viz.palette import EDGE, HEIGHTS, PETROFF10
from viz.plots.figure import add_bar, add_legend, check_axes, check_title, draw_on, finish, write, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_loss_landscape"]

LEVELS = 24  # shades of a plane, each of which covers as much of it
MARGIN = 0.25  # of a path's extent, around it
MOST = 400  # points along an axis
LARGEST = 1e300  # of a loss: matplotlib overflows beyond


def plot_loss_landscape(
    loss: Any,
    X: Any = None,
    y: Any = None,
    *,
    center: Any = None,
    directions: Any = None,
    path: Any = None,
    span: float | None = None,
    resolution: int = 41,
    seed: int = 0,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Axes":
    """Show a loss along a line or over a plane through the space of its parameters, and the path of an optimizer.

    The directions are those of the parameters themselves, where there are no more; else those in which the path goes
    farthest; else random ones, in which the numbers of each neuron are as large as its parameters are, so that a step
    means as much to each. Each shade of a plane covers as much of it, and the bar says which losses it stands for.

    Args:
        loss: a function of a list of numbers; or a network, or an estimator that has one, for its mean loss on X and y
            in its parameters.
        X, y: data, as for `nn.fit`, if it is one of these; else None.
        center: the point in the middle, a number for each parameter; None for the end of the path, or the parameters
            that the network has.
        directions: 1 for a line, 2 for a plane, or one vector or two in a list; None for a plane, or for a line where
            there is but one parameter.
        path: points that an optimizer went through, in their order; or the history of a training that was recorded.
        span: how far to go to both sides, in lengths of a direction; None for so far that the path is within, or 1.
        resolution: how many points to try along each direction, from 3 to 400.
        seed: of random directions.
        ax: where to plot; None for a new figure.
        title: what to write above; None for nothing.

    Returns:
        Axes: the plot. Nothing is shown or saved.

    Raises:
        TypeError: the loss is neither a function nor a network, `ax` is no Axes, or the title no text.
        ValueError: there is no center, a point or a direction has another count of numbers, or a setting is out of
            range.

    Source:
        Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural nets" (2018): directions that
        are as large as the filters, and those of a path.

    Example:
        >>> ax = plot_loss_landscape(lambda x: x[0] ** 2 + 3 * x[1] ** 2, path=[[1, 1], [0, 0]], resolution=5)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('x1', 'x2')
        >>> from matplotlib import pyplot; pyplot.close(ax.figure)
    """
    check_axes(ax)
    check_title(title)
    resolution = whole_number("resolution", resolution, 3, MOST)
    seed = whole_number("seed", seed, 0)
    if span is not None:
        span = real_number("span", span, "a number above 0, a billion at most, or None", lambda x: 0 < x <= 1e9)
    function, parameters = _function(loss, X, y)
    trail = _path(path)
    middle = _center(center, trail, parameters)
    for point in trail:
        _check_length("path", point, len(middle))
    plane = _Plane(middle, *_directions(directions, middle, trail, parameters, seed))
    along = [plane.coordinates(point) for point in trail]
    lines = [np.linspace(low, high, resolution) for low, high in _ranges(along, len(plane.vectors), span)]

    ax = draw_on(ax)
    shifts = middle @ plane.vectors.T if plane.are_axes else np.zeros(len(plane.vectors))
    if len(lines) == 1:
        values = np.array([_number(function(plane.point([a]))) for a in lines[0]])
        heights = [_number(function(list(point))) for point in trail]
        marks = _draw_line(ax, lines[0] + shifts[0], values, [a[0] + shifts[0] for a in along], heights)
        ax.set(ylabel="loss")
    else:
        values = np.array([[_number(function(plane.point([a, b]))) for a in lines[0]] for b in lines[1]])
        marks = _draw_plane(ax, lines[0] + shifts[0], lines[1] + shifts[1], values, [a + shifts for a in along])
        write(ax.yaxis.label, plane.names[1])
    write(ax.xaxis.label, plane.names[0])
    if marks:
        add_legend(ax, marks, ["start", "end"])
    write_title(ax, title)
    finite = values[np.isfinite(values)]
    course = f"from {finite.min():.3g} to {finite.max():.3g}" if finite.size else "nowhere finite"
    words = f"The loss {'along a line' if len(lines) == 1 else 'over a plane'} of {len(middle)} parameters, {course}"
    if trail:
        first, last = (_number(function(trail[i])) for i in (0, -1))
        words += f", with a path of {len(trail)} points from {first:.3g} to {last:.3g}"
    return finish(ax, f"{words}.")


class _Plane:
    """A line or a plane: center + a * first + b * second."""

    def __init__(self, center: np.ndarray, vectors: np.ndarray, names: Sequence[str], are_axes: bool) -> None:
        self.center, self.vectors, self.names, self.are_axes = center, vectors, names, are_axes
        self._inverse = np.linalg.pinv(vectors.T)

    def point(self, coordinates: Sequence[float]) -> list[float]:
        shift: np.ndarray = np.asarray(coordinates) @ self.vectors
        return (self.center + shift).tolist()

    def coordinates(self, point: Sequence[float]) -> np.ndarray:
        """Of the point in the plane that is nearest."""
        return np.asarray(self._inverse @ (np.asarray(point) - self.center))


def _function(loss: Any, X: Any, y: Any) -> tuple[Callable[[list[float]], Any], list[Any]]:
    """The loss as a function of a list of numbers, and the Parameters of a network."""
    network = network_of(loss)
    if isinstance(network, Module):
        if X is None or y is None:
            raise ValueError(
                f"the loss of {shown(loss)} is one on data: X and y are needed, but were {shown(X)} and {shown(y)}"
            )
        classes = getattr(loss, "classes_", None)  # of an estimator
        measure = nn.loss_of(network, X, y, classes=None if classes is None else [*classes])
        return measure, [*network.parameters()]
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(f"loss must be a function of a list of numbers, or a network, but was {shown(loss)}")
    for name, given in (("X", X), ("y", y)):
        if given is not None:
            raise ValueError(f"{name} is for a network; of a function it must be None, but was {shown(given)}")
    return loss, []


def _path(path: Any) -> list[list[float]]:
    if path is None:
        return []
    recording = getattr(path, "recording", None)
    if recording is not None:
        return [[*snapshot.parameters] for snapshot in recording.snapshots]
    points = plain_lists(path)
    if not isinstance(points, list) or not points:
        raise ValueError(f"path must be a list of points, a recorded history, or None, but was {shown(path)}")
    return [_vector("path", point) for point in points]


def _vector(name: str, given: Any) -> list[float]:
    numbers = plain_lists(given)
    if not isinstance(numbers, list) or not numbers or not all(map(is_real, numbers)):
        raise ValueError(f"{name} must have a list with a number for each parameter, but was {shown(given)}")
    found = [to_float(x.data if isinstance(x, Value) else x) for x in numbers]
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be of finite numbers, but was {shown(given)}")
    return found


def _check_length(name: str, vector: Sequence[float], n: int) -> None:
    if len(vector) != n:
        raise ValueError(
            f"{name} must have a number for each of {n} parameters, but has {len(vector)}: {shown(vector)}"
        )


def _center(center: Any, trail: list[list[float]], parameters: Sequence[Any]) -> np.ndarray:
    if center is None:
        if not trail and not parameters:
            raise ValueError("of a function, center or path must say where to look, but both were None")
        return np.array(trail[-1] if trail else [parameter.data for parameter in parameters])
    found = _vector("center", center)
    if parameters:
        _check_length("center", found, len(parameters))
    return np.array(found)


def _directions(
    given: Any, center: np.ndarray, trail: list[list[float]], parameters: Sequence[Any], seed: int
) -> tuple[np.ndarray, list[str], bool]:
    """The vectors, what they are called, and whether they are the parameters themselves."""
    n = len(center)
    listed = plain_lists(given)
    if isinstance(listed, list):
        if len(listed) not in (1, 2):
            raise ValueError(f"directions must be 1 or 2, or one vector or two in a list, but was {shown(given)}")
        vectors = [_vector("directions", vector) for vector in listed]
        for vector in vectors:
            _check_length("directions", vector, n)
        if np.linalg.matrix_rank(vectors) < len(vectors):
            raise ValueError(f"directions must differ from each other and from 0, but were {shown(given)}")
        return np.array(vectors), [f"direction {i + 1}" for i in range(len(vectors))], False
    wanted = min(2, n) if given is None else whole_number("directions", given, most=2, unless="or a list of vectors")
    if wanted > n:
        raise ValueError(f"directions must be 1 where there is one parameter, but was {shown(given)}")
    if wanted == n:
        names = [parameter.label for parameter in parameters] or ["x"] * (n == 1) or ["x1", "x2"]
        return np.eye(n), names, True
    if len(trail) > wanted:
        _, sizes, rows = np.linalg.svd(np.array(trail) - center, full_matrices=False)
        if np.count_nonzero(sizes > 1e-12 * sizes[0]) >= wanted:
            shares = sizes**2 / (sizes**2).sum()
            return rows[:wanted], [f"direction {i + 1} ({shares[i]:.0%} of the path)" for i in range(wanted)], False
    random = Random(seed)
    drawn = [_as_large_as([random.gauss(0, 1) for _ in range(n)], center, parameters) for _ in range(wanted)]
    return np.array(drawn), [f"random direction {i + 1}" for i in range(wanted)], False


def _as_large_as(vector: list[float], center: np.ndarray, parameters: Sequence[Any]) -> np.ndarray:
    """A direction whose numbers for each neuron are as large as its parameters."""
    direction = np.array(vector)
    groups: dict[Any, list[int]] = {}
    for i in range(len(center)):
        place = getattr(parameters[i], "place", None) if parameters else None
        groups.setdefault(id(place.within) if place else None, []).append(i)
    for indices in groups.values():
        direction[indices] *= np.linalg.norm(center[indices]) / np.linalg.norm(direction[indices])
    return direction if direction.any() else np.array(vector)


def _ranges(along: list[np.ndarray], n: int, span: float | None) -> list[tuple[float, float]]:
    if span is not None or not along:
        return [(-(span or 1.0), span or 1.0)] * n
    points = np.array([*along, np.zeros(n)])
    room = MARGIN * np.ptp(points, axis=0)
    room = np.where(room > 0, room, room.max() or 1.0)
    return [*zip(points.min(axis=0) - room, points.max(axis=0) + room, strict=True)]


def _number(value: Any) -> float:
    if not is_real(value):
        raise TypeError(f"loss must give a number, but gave {shown(value)}")
    return to_float(value.data if isinstance(value, Value) else value)


def _draw_line(
    ax: "Axes", x: np.ndarray, values: np.ndarray, along: Sequence[float], heights: Sequence[float]
) -> list[Any]:
    known = np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)
    ax.plot(x, known, color=PETROFF10[0], linewidth=2)
    ax.grid(color=EDGE, alpha=0.25)
    return _draw_path(ax, along, heights) if along else []


def _draw_plane(ax: "Axes", x: np.ndarray, y: np.ndarray, values: np.ndarray, along: Sequence[np.ndarray]) -> list[Any]:
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    known = np.ma.masked_invalid(np.clip(values, -LARGEST, LARGEST))
    levels = np.unique(np.quantile(known.compressed(), np.linspace(0, 1, LEVELS + 1))) if known.count() else np.zeros(1)
    if len(levels) > 1:
        blues = LinearSegmentedColormap.from_list("losses", HEIGHTS)
        shades = ax.contourf(x, y, known, levels=levels, cmap=blues, norm=BoundaryNorm(levels, 256))
        ax.contour(x, y, known, levels=levels[1:-1:2], colors="#12304f", linewidths=0.4, alpha=0.5)
        add_bar(ax, shades, "loss", spacing="uniform", ticks=levels[:: max(1, len(levels) // 6)], format="%.3g")
    return _draw_path(ax, *np.array(along).T) if along else []


def _draw_path(ax: "Axes", x: Sequence[float], y: Sequence[float]) -> list[Any]:
    """A line with its points, and marks where it starts and ends; gives these."""
    style: Any = {"color": PETROFF10[6], "markeredgecolor": "white", "zorder": 3}
    ax.plot(x, y, linewidth=1.8, marker="o", markersize=4, markeredgewidth=0.5, **style)
    start = ax.plot(x[:1], y[:1], linestyle="", marker="s", markersize=9, markeredgewidth=1.2, **style)
    return start + ax.plot(x[-1:], y[-1:], linestyle="", marker="*", markersize=15, markeredgewidth=1.0, **style)
