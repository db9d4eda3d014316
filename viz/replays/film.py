"""What there is to see in each frame of a replay, as numbers: the page and the moving pictures read these alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

import nn
from engine.arguments import is_real, shown
from viz.network import Column, columns_of
from viz.palette import PETROFF10
from viz.plots.boundary import grid_line, shade_limit
from viz.plots.points import class_names, order_of_classes, read_labels
from viz.plots.scores import Scores, scores_of

__all__ = ["Curve", "Film", "Net", "Plane", "Surface", "film_of"]

RESOLUTION = {1: 64, 2: 48}  # points along each axis, by scores of a point: a file of a megabyte has room for these
CURVE = 161  # points of a function of one input
MAP = 12  # points along each axis of what a unit says of the plane
MOST_MAPS = 64  # units that say it
MOST_SHADED = 0.97  # of what the units of a layer say: what is beyond has the deepest shade
MOST_UNITS = 20  # of a layer


@dataclass
class Plane:
    """What the model says of the plane.

    Attributes:
        x1, x2: the points that were tried along each axis.
        scores: what it said of them, frame by frame.
        threshold, limit: where a single score changes sides, and how far from there the deepest shade is.
        points, classes: the data, and the number of each one's class.
        names, colors: of the classes.
    """

    x1: np.ndarray
    x2: np.ndarray
    scores: list[Scores]
    threshold: float
    limit: float
    points: np.ndarray
    classes: list[int]
    names: list[str]
    colors: list[str]


@dataclass
class Surface:
    """What a model of two inputs gives, where that is a number.

    Attributes:
        x1, x2: the points that were tried along each axis.
        outputs: (n_frames, n_x2, n_x1) what it gave.
        points, targets: the data, (n_points, 2), and what each should give.
        limits: the least and the most of the targets, or a little around them where they are all alike: what colours
            tell apart.
    """

    x1: np.ndarray
    x2: np.ndarray
    outputs: np.ndarray
    points: np.ndarray
    targets: np.ndarray
    limits: tuple[float, float]


@dataclass
class Curve:
    """What a model of one input gives: its output, or how probable each class is.

    Attributes:
        x: what was tried.
        outputs: (n_frames, n_lines, n_x) what it gave.
        lines: the colour of each line.
        points: (n_points, 2) the data: each input, and what there should be.
        classes: the number of each point's class; 0 where it has none.
        names, colors: of the classes, or of the data.
        axis, words: what the outputs are, in one word and in a few.
        limits: the least and the most of them that is shown.
        threshold: where a single score changes sides, or None.
    """

    x: np.ndarray
    outputs: np.ndarray
    lines: list[str]
    points: np.ndarray
    classes: list[int]
    names: list[str]
    colors: list[str]
    axis: str
    words: str
    limits: tuple[float, float]
    threshold: float | None = None


@dataclass
class Net:
    """The units and weights of the model.

    Attributes:
        columns: the inputs and each layer.
        units: of each column, those that are drawn, None for those that are folded.
        edges: (column, from, to) of each weight that is drawn.
        labels: of each of these.
        weights: (n_frames, n_edges) their numbers.
        maps: for a unit, (column, unit), what it says of the plane: (n_frames, 12, 12), 1 and -1 being the most that
            its column says.
    """

    columns: list[Column]
    units: list[list[int | None]]
    edges: list[tuple[int, int, int]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    weights: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    maps: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)


@dataclass
class Film:
    """A training, frame by frame.

    Attributes:
        history: of it.
        epochs: that of each frame, 0 for before the first.
        plane, surface, curve, net: what the model is in each frame; None where it cannot be shown.
        histograms: of what ("activation"), by the title of the layer, one for each frame.
    """

    history: Any
    epochs: list[int]
    plane: Plane | None
    surface: Surface | None
    curve: Curve | None
    net: Net | None
    histograms: dict[str, dict[str, list[Any]]]

    @property
    def title(self) -> str:
        """What was trained."""
        kind = type(self.history.recording.model).__name__
        if self.net is None:
            return kind
        return f"{kind} {'-'.join(str(column.width) for column in self.net.columns)}"


def film_of(history: Any, frames: int) -> Film:
    """Look at a recorded training again.

    Args:
        history: as `nn.fit` returns it.
        frames: how many to show at most; the first and the last are among them.

    Raises:
        TypeError: it is none.
        ValueError: it was not recorded.
    """
    recording = getattr(history, "recording", None)
    if not isinstance(history, nn.History):
        raise TypeError(f"history must be what fit(..., record=True) returned, but was {shown(history)}")
    if recording is None or not recording.snapshots:
        raise ValueError(
            f"this training was not recorded: write fit(..., record=True), but history was {shown(history)}"
        )
    kept = recording.snapshots
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(frames, len(kept))).round().astype(int))
    snapshots = [kept[i] for i in chosen]
    epochs = [snapshot.epoch for snapshot in snapshots]
    view = _View(history)
    for epoch in epochs:
        with recording.model_at(epoch) as model:
            view.look(model)
    titles = dict.fromkeys(title for snapshot in snapshots for title in snapshot.layers)
    histograms = {
        what: {title: [snapshot.layers[title][what] for snapshot in snapshots]
               for title in titles if all(what in snapshot.layers.get(title, ()) for snapshot in snapshots)}
        for what in ("parameter", "gradient", "activation")
    }  # fmt: skip
    found = {what: layers for what, layers in histograms.items() if layers}
    return Film(history, epochs, view.plane(), view.surface(), view.curve(), view.net(), found)


class _View:
    """What is seen of a model in each frame."""

    def __init__(self, history: Any) -> None:
        recording = history.recording
        self._model, self._labels = recording.model, recording.labels
        self._rows = np.array(recording.rows, dtype=float)
        is_classifier = "accuracy" in history
        gives_number = not is_classifier and all(map(is_real, map(_single, self._labels)))
        n_inputs = self._rows.shape[1]
        self._is_plane = n_inputs == 2 and is_classifier
        self._is_surface = n_inputs == 2 and gives_number
        self._is_curve = n_inputs == 1 and gives_number
        self._is_line = n_inputs == 1 and is_classifier
        self._net = _net_of(self._model)
        self._scores: list[Scores] = []
        self._outputs: list[np.ndarray] = []
        self._weights: list[list[float]] = []
        self._maps: list[dict[tuple[int, int], np.ndarray]] = []
        if self._is_plane or self._is_surface:
            n_scores = scores_of(self._model, self._rows[:1].tolist()).table.shape[1]
            self._lines = [grid_line(column, RESOLUTION[min(n_scores, 2)]) for column in self._rows.T]
            self._grid = _grid(*self._lines)
            self._few = _grid(*[np.linspace(line[0], line[-1], MAP) for line in self._lines])
        if self._is_curve or self._is_line:
            low, high = self._rows.min(), self._rows.max()
            margin = 0.1 * (high - low) or 1.0
            self._x = np.linspace(low - margin, high + margin, CURVE)

    def look(self, model: Any) -> None:
        """See the model as it is in the next frame."""
        if self._is_plane or self._is_line:
            self._scores.append(scores_of(model, self._grid if self._is_plane else self._x[:, None].tolist()))
        if self._is_surface:
            outputs = np.asarray(nn.predict(model, self._grid), dtype=float)
            self._outputs.append(outputs.reshape(len(self._lines[1]), len(self._lines[0])))
        if self._is_curve:
            self._outputs.append(np.asarray(nn.predict(model, self._x[:, None]), dtype=float).reshape(CURVE, -1)[:, 0])
        if self._net is None:
            return
        columns = self._net.columns
        self._weights.append([columns[column + 1].neurons[head].w[tail].data for column, tail, head in self._net.edges])
        if (self._is_plane or self._is_surface) and sum(column.width for column in columns) <= MOST_MAPS:
            self._maps.append(_maps(model, columns, self._few))

    def plane(self) -> Plane | None:
        if not self._is_plane:
            return None
        last = self._scores[-1]
        limit = shade_limit(last.table, last.threshold)
        x1, x2 = self._lines
        return Plane(x1, x2, self._scores, last.threshold, limit, self._rows, *self._classes())

    def _classes(self) -> tuple[list[int], list[str], list[str]]:
        """The number of each point's class, and the names and colours of the classes."""
        last = self._scores[-1]
        targets = read_labels("y", [_as_label(label) for label in self._labels])
        known = order_of_classes(targets, None, last.table.shape[1], last.classes)
        colors = [PETROFF10[i % len(PETROFF10)] for i in range(len(known))]
        return [known.index(target) for target in targets], class_names(known, None), colors

    def surface(self) -> Surface | None:
        if not self._is_surface:
            return None
        targets = np.array([float(_single(label)) for label in self._labels])
        low, high = targets.min(), targets.max()
        room = 0.0 if high > low else abs(high) or 1.0
        x1, x2 = self._lines
        return Surface(x1, x2, np.array(self._outputs), self._rows, targets, (low - room, high + room))

    def curve(self) -> Curve | None:
        if self._is_line:
            return self._line()
        if not self._is_curve:
            return None
        targets = np.array([float(_single(label)) for label in self._labels])
        room = 0.15 * np.ptp(targets) or 1.0
        limits = float(targets.min() - room), float(targets.max() + room)
        data = np.column_stack([self._rows[:, 0], targets])
        outputs = np.array(self._outputs)[:, None, :]
        classes, names, colors = [0] * len(data), ["data"], [PETROFF10[0]]
        lines, words = [PETROFF10[6]], "output of the model"
        return Curve(self._x, outputs, lines, data, classes, names, colors, "y", words, limits)

    def _line(self) -> Curve:
        """Of a classifier the probability of each class, or its score; the points are where these would be right."""
        last = self._scores[-1]
        classes, names, colors = self._classes()
        if last.table.shape[1] > 1:
            outputs = np.array([scores.probabilities().T for scores in self._scores])
            heights, axis = np.ones(len(classes)), "probability"
            lines, threshold, limits = colors, None, (0.0, 1.0)
            words = f"{axis} of the class of its colour"
        else:
            outputs = np.array([scores.table.T for scores in self._scores])
            threshold = last.threshold
            distances = np.abs(last.table - threshold)
            half = float(distances[np.isfinite(distances)].max(initial=0.0)) or 1.0
            limits = (0.0, 1.0) if last.are_probabilities else (threshold - half, threshold + half)
            heights = np.array([limits[i] for i in classes])
            axis = "probability" if last.are_probabilities else "score"
            words = f"{axis} of {names[1]}"
            lines = [PETROFF10[4]]
        room = 0.08 * (limits[1] - limits[0])
        points = np.column_stack([self._rows[:, 0], heights])
        limits = limits[0] - room, limits[1] + room
        return Curve(self._x, outputs, lines, points, classes, names, colors, axis, words, limits, threshold)

    def net(self) -> Net | None:
        if self._net is not None:
            self._net.weights = np.array(self._weights)
            if self._maps and all(self._maps):
                self._net.maps = _to_scale(
                    {unit: np.array([maps[unit] for maps in self._maps]) for unit in self._maps[0]}
                )
        return self._net


def _net_of(model: Any) -> Net | None:
    try:
        columns = columns_of(model)
    except TypeError:  # it has no layers of neurons
        return None
    net = Net(columns, [column.units(MOST_UNITS) for column in columns])
    for i, (before, after) in enumerate(pairwise(columns)):
        if any(len(neuron.w) != before.width for neuron in after.neurons):
            continue
        for head in filter(lambda unit: unit is not None, net.units[i + 1]):
            for tail in filter(lambda unit: unit is not None, net.units[i]):
                net.edges.append((i, tail, head))  # type: ignore[arg-type]
                weight = after.neurons[head].w[tail]  # type: ignore[index]
                net.labels.append(weight.label or f"w[{head},{tail}]")
    return net


def _maps(model: Any, columns: Sequence[Column], rows: list[list[float]]) -> dict[tuple[int, int], np.ndarray]:
    """What each unit gives for the points of a small grid; nothing where that is not known."""
    try:
        outputs: Mapping[str, np.ndarray] = nn.layer_outputs(model, rows)
    except TypeError:
        return {}
    of_column: list[np.ndarray] = []
    for title, table in outputs.items():
        if title.startswith("layer "):
            of_column.append(table)
        elif of_column and of_column[-1].shape == table.shape:
            of_column[-1] = table  # what a normalization, or an activation of its own, makes of it
    widths = [column.width for column in columns[1:]]
    if [table.shape[1] for table in of_column] != widths:
        return {}
    inputs = np.array(rows)
    inputs = (inputs - inputs.mean(axis=0)) / (np.ptp(inputs, axis=0) / 2)
    return {
        (i, unit): table[:, unit].reshape(MAP, MAP)
        for i, table in enumerate([inputs, *of_column])
        for unit in range(table.shape[1])
    }


def _to_scale(maps: dict[tuple[int, int], np.ndarray]) -> dict[tuple[int, int], np.ndarray]:
    """The same, but that most numbers of a column are from -1 to 1, in all frames together."""
    columns = {column: np.array([numbers for unit, numbers in maps.items() if unit[0] == column]) for column, _ in maps}
    most = {column: float(np.nanquantile(np.abs(numbers), MOST_SHADED)) or 1.0 for column, numbers in columns.items()}
    return {unit: np.clip(numbers / most[unit[0]], -1, 1) for unit, numbers in maps.items()}


def _grid(x1: np.ndarray, x2: np.ndarray) -> list[list[float]]:
    return [[float(a), float(b)] for b in x2 for a in x1]


def _single(label: Any) -> Any:
    return label[0] if isinstance(label, list) and len(label) == 1 else label


def _as_label(label: Any) -> Any:
    """A label that is a number or a name; of one that has a number for each class, the number of the largest."""
    label = _single(label)
    return label.index(max(label)) if isinstance(label, list) else label
