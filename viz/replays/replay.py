"""replay: a training, to be looked at again epoch by epoch."""

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from engine.arguments import real_number, whole_number
from engine.files import as_path, write_atomically
from nn import History
from viz.page import framed, joined, page, styles
from viz.palette import HEIGHTS, PETROFF10
from viz.plots.boundary import TINT, is_to_scale, words_of_shades
from viz.plots.flow import WHAT
from viz.plots.history import name_of_scores, read_series
from viz.replays.film import MAP, Film, Net, Plane, Surface, film_of
from viz.replays.pictures import FORMATS, moving_picture

__all__ = ["Replay", "replay"]

FOLDER = Path(__file__).parent / "page"
DASHES = {(False, False): None, (False, True): "2 3", (True, False): "8 4", (True, True): "8 3 2 3"}
SPREAD = {"parameter": "parameters", "gradient": "gradients", "activation": "activations"}
HEIGHT = 760  # pixels, of the page within a notebook
MOST_FRAMES = 1000
BEYOND = 1.5  # how far outputs may be beyond the deepest colour, so that lines up to it are where they belong


def replay(history: History, *, frames: int = 60) -> "Replay":
    """Show a recorded training again, epoch by epoch.

    There is the network with its weights; where it has two inputs, its decision boundary or, if it gives a number,
    that number over the plane, and in each unit what that one says of the plane; where it has one input, the function
    that it has learnt, or the probability of each class; the learning curves, and what became of the activations and
    gradients of each layer.

    Args:
        history: as ``fit(..., record=True)`` returns it. The model must still be the one that was trained, whatever its
            numbers are now.
        frames: how many to show at most, from 2 to 1000; the first and the last epoch are among them.

    Returns:
        Replay: shows itself in Jupyter, with a slider; ``.save("run.html")`` writes it to a file that needs nothing
        else, ``.save("run.webp")`` or ``.save("run.gif")`` as moving pictures.

    Raises:
        TypeError: it is no history.
        ValueError: the training was not recorded, or a setting is out of range.

    Example:
        >>> from nn import MLP, fit, two_moons
        >>> history = fit(MLP(2, [3, 1], seed=1), *two_moons(20), epochs=3, record=True, progress=False)
        >>> replay(history)
        Replay(MLP 2-3-1, 4 frames)
    """
    return Replay(film_of(history, whole_number("frames", frames, 2, MOST_FRAMES)))


class Replay:
    """A training to be looked at again, as `replay` makes it.

    Args:
        film: what there is to see.
    """

    def __init__(self, film: Film) -> None:
        self._film = film

    def __repr__(self) -> str:
        return f"Replay({self._film.title}, {len(self._film.epochs)} frames)"

    def to_html(self) -> str:
        """The replay as one page that needs nothing else."""
        start, title = FOLDER / "replay.js", f"Replay of {self._film.title}"
        return page(_document(self._film), title, css=styles(FOLDER), code=joined(start), start="openReplay();")

    def save(self, path: str | os.PathLike[str], *, seconds: float = 8.0) -> Path:
        """Write the replay to a file, whole or not at all.

        Args:
            path: ends in .html for a page with a slider, or in .webp or .gif for moving pictures.
            seconds: how long moving pictures last.

        Returns:
            Path: the path, as given.

        Raises:
            TypeError: it is no path.
            ValueError: any other ending, or the time is none.
            OSError: the file cannot be written; the message says why.
        """
        seconds = real_number("seconds", seconds, "a number above 0, 3600 at most", lambda x: 0 < x <= 3600)
        format = as_path(path).suffix[1:].lower()
        if format in ("html", "htm"):
            return write_atomically(path, self.to_html().encode())
        if format not in FORMATS:
            endings = ", ".join(f".{name}" for name in ("html", *FORMATS))
            raise ValueError(f"cannot tell the format of {os.fspath(path)!r}: end the file name in one of {endings}")
        return write_atomically(path, moving_picture(self._film, format, seconds))

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        wanted = {"text/html", "text/plain"} if include is None else {*include}
        bundle = {"text/plain": repr(self)}
        if "text/html" in wanted:
            bundle["text/html"] = framed(self.to_html(), repr(self), height=HEIGHT)
        return {kind: content for kind, content in bundle.items() if kind in wanted - {*(exclude or ())}}


def _document(film: Film) -> dict[str, Any]:
    """The film as the page reads it."""
    history = film.history
    series = read_series(history)
    scores = [each for each in series if each.is_score]
    numbers = np.concatenate([each.numbers for each in scores]) if scores else np.zeros(0)
    is_share = not ((numbers < 0) | (numbers > 1)).any()
    common = {"epochs": history.epochs, "best": history.best_epoch}
    return {
        "version": 1,
        "title": f"Replay of {film.title}",
        "summary": history.summary(),
        "epochs": film.epochs,
        "total": history.epochs,
        "plane": film.plane and _plane(film.plane),
        "surface": film.surface and _surface(film.surface),
        "curve": film.curve and {
            "x": film.curve.x.tolist(),
            "outputs": _floats(film.curve.outputs),
            "lines": film.curve.lines,
            "points": film.curve.points.tolist(),
            "classes": film.curve.classes,
            "names": film.curve.names,
            "colors": film.curve.colors,
            "limits": film.curve.limits,
            "threshold": film.curve.threshold,
            "axes": ["x", film.curve.axis],
            "words": film.curve.words,
        },
        "net": film.net and _net(film.net),
        "curves": common | {
            "series": [{"words": each.words, "color": PETROFF10[each.hue % len(PETROFF10)],
                        "dash": DASHES[each.is_score, each.is_validation], "side": "right" if each.is_score else "left",
                        "numbers": _listed(each.numbers)} for each in series],
            "left": {"words": "loss"},
            "right": {"words": name_of_scores(scores), "range": [0, 1] if is_share else None},
        },
        "layers": [common | view for view in (_layers(history.layers, what) for what in WHAT) if view["series"]],
        "histograms": [
            {"words": SPREAD[what], "color": PETROFF10[i],
             "layers": [{"title": title, "frames": frames} for title, frames in found.items()]}
            for i, (what, found) in enumerate(film.histograms.items())
        ],
    }  # fmt: skip


def _plane(plane: Plane) -> dict[str, Any]:
    k = plane.scores[0].table.shape[1]
    last = plane.scores[-1]
    fields = np.array([scores.probabilities() if k > 1 else scores.table for scores in plane.scores])
    limit = 0.5 if last.are_probabilities else plane.limit
    if k == 1:
        tints = [_tinted(plane.colors[0]), "#ffffff", _tinted(plane.colors[1])]
        bar = {"low": plane.threshold - limit, "high": plane.threshold + limit, "colors": tints}
    else:
        bar = {"low": 1 / k, "high": 1.0, "colors": ["#ffffff", _tinted("#000000")]}
    return {
        "n": len(plane.x1),
        "k": k,
        "x": [plane.x1[0], plane.x1[-1]],
        "y": [plane.x2[0], plane.x2[-1]],
        "axes": ["x1", "x2"],
        "isToScale": is_to_scale(plane.x1, plane.x2),
        "names": plane.names,
        "colors": plane.colors,
        "tint": TINT,
        "threshold": plane.threshold,
        "limit": limit,
        "points": [[x, y, i] for (x, y), i in zip(plane.points.tolist(), plane.classes, strict=True)],
        "scores": _packed(fields, 1.0 if k > 1 else abs(plane.threshold) + 4 * plane.limit),
        "bar": bar | {"words": words_of_shades(last, plane.threshold, plane.names)},
    }


def _surface(surface: Surface) -> dict[str, Any]:
    low, high = surface.limits
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    targets = (surface.targets - middle) / half
    return {
        "n": len(surface.x1),
        "x": [surface.x1[0], surface.x1[-1]],
        "y": [surface.x2[0], surface.x2[-1]],
        "axes": ["x1", "x2"],
        "isToScale": is_to_scale(surface.x1, surface.x2),
        "points": [[*point, target] for point, target in zip(surface.points.tolist(), targets.tolist(), strict=True)],
        "outputs": _packed((surface.outputs - middle) / half, BEYOND),
        "bar": {"low": low, "high": high, "colors": HEIGHTS, "words": "output of the model"},
    }


def _tinted(color: str) -> str:
    """A colour as deep as the deepest shade has it."""
    channels = [round(255 - TINT * (255 - int(color[i : i + 2], 16))) for i in (1, 3, 5)]
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _net(net: Net) -> dict[str, Any]:
    columns = []
    for column, units in zip(net.columns, net.units, strict=True):
        title, *rest = column.title.split("\n")
        folded = column.width - sum(unit is not None for unit in units)
        columns.append(
            {"title": title, "activation": ", ".join(rest), "units": units, "folded": f"{folded} more units"}
        )
    return {
        "columns": columns,
        "edges": net.edges,
        "labels": net.labels,
        "weights": _floats(net.weights),
        "maps": [
            {"column": column, "unit": unit, "numbers": _packed(numbers, 1.0)}
            for (column, unit), numbers in net.maps.items()
        ],
        "mapSize": MAP,
        "colors": {"plus": PETROFF10[0], "minus": PETROFF10[6]},
    }


def _layers(layers: Any, what: str) -> dict[str, Any]:
    """Curves of one statistic of all layers."""
    series = [
        {"words": title, "color": PETROFF10[i % len(PETROFF10)], "dash": None, "side": "left",
         "numbers": _listed(found[what])}
        for i, (title, found) in enumerate(layers.items()) if found.get(what)
    ]  # fmt: skip
    return {"words": WHAT[what], "series": series, "left": {"words": "", "isLog": what.endswith("deviation")}}


def _listed(numbers: Any) -> list[float | None]:
    return [float(number) if np.isfinite(number) else None for number in numbers]


def _floats(numbers: np.ndarray) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        return {"kind": "float32", "data": base64.b64encode(numbers.astype("<f4").tobytes()).decode()}


def _packed(numbers: np.ndarray, most: float) -> dict[str, Any]:
    """Numbers to 16 bits each; those beyond the most are that."""
    scale = most / 32767
    with np.errstate(invalid="ignore"):
        whole = np.clip(np.nan_to_num(numbers / scale, nan=-32768.0, posinf=32767, neginf=-32767), -32768, 32767)
    whole = np.where(np.isnan(numbers), -32768, np.maximum(whole, -32767)).round().astype("<i2")
    return {"kind": "int16", "scale": scale, "data": base64.b64encode(whole.tobytes()).decode()}
