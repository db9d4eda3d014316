"""A film as moving pictures: WebP or GIF, drawn by matplotlib and written by Pillow, which comes with it."""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from viz.palette import EDGE, HEIGHTS, INK, PETROFF10
from viz.plots.boundary import is_to_scale, mark_points, refined, shade
from viz.plots.figure import add_bar, add_legend, signed_colors
from viz.plots.flow import plot_gradient_flow
from viz.plots.history import plot_history
from viz.replays.film import Curve, Film, Net, Plane, Surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FORMATS", "moving_picture"]

FORMATS = ("webp", "gif")
WIDTH, HEIGHT, DOTS = 9.0, 6.8, 100  # inches, and dots in one
HOLD = 1.5  # seconds that the last frame stays
COLORS = 128  # of a GIF
SQUARE = 1.25  # how many times as wide as high the panel of the network is, about
SHADES = 257  # from below 0 to above, 0 in the middle
THIN, THICK = 0.3, 4.0  # points: lines of weights

Update = Callable[[int], list[Any]]  # given the number of a frame, what moves, as it is there, from back to front


def moving_picture(film: Film, format: str, seconds: float) -> bytes:
    """The content of a file that shows all frames, again and again.

    Args:
        film: what there is to see.
        format: one of `FORMATS`.
        seconds: how long all frames take; the last one stays a little longer.
    """
    from PIL import Image

    images = [Image.fromarray(pixels) for pixels in _frames(film)]
    durations = [max(20, round(1000 * seconds / len(images)))] * len(images)
    durations[-1] += round(1000 * HOLD)
    options: dict[str, Any] = {"quality": 82, "method": 2}
    if format == "gif":  # all frames by the colours of the last, or the ground would flicker
        palette = images[-1].quantize(COLORS, dither=Image.Dither.NONE)
        images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
        options = {"optimize": False}
    content = io.BytesIO()
    images[0].save(
        content, format=format, save_all=True, append_images=images[1:], duration=durations, loop=0, **options
    )
    return content.getvalue()


def _frames(film: Film) -> list[np.ndarray]:
    """The pixels (height, width, 3) of each frame.

    What stays the same, such as axes and legends, is drawn once; what moves is drawn over it, in the order in which
    each panel gives it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS, layout="constrained", facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    views = (_plane(film.plane), _surface(film.surface), _curve(film.curve), _net(film.net))
    above: list[Any] = [draw for draw in views if draw]
    rows = figure.subfigures(2 if above else 1, 1, height_ratios=[1.35, 1] if above else None, squeeze=False)[:, 0]
    updates: list[Update] = []
    if above:
        for ax, draw in zip(np.atleast_1d(rows[0].subplots(1, len(above))), above, strict=True):
            updates.append(draw(ax))
    has_flow = any("gradient_deviation" in layer for layer in film.history.layers.values())
    below = np.atleast_1d(rows[-1].subplots(1, 1 + has_flow))
    canvas.draw()  # so that legends know how much room they have
    plot_history(film.history, ax=below[0], title="")
    if has_flow:
        plot_gradient_flow(film.history, ax=below[1]).set_ylabel("gradient, std. deviation")
    cursors = [ax.axvline(0, color=EDGE, linewidth=1.5) for ax in below]
    title = figure.suptitle(" ", fontsize=13)

    def update(i: int) -> list[Any]:
        epoch = film.epochs[i]
        title.set_text(f"{film.title}: " + (f"epoch {epoch} of {film.history.epochs}" if epoch else "before training"))
        for cursor in cursors:
            cursor.set_xdata([max(epoch, 0.5)] * 2)
        return [title, *cursors, *(artist for each in updates for artist in each(i))]

    for artist in update(0):
        artist.set_animated(True)
    canvas.draw()
    figure.set_layout_engine("none")  # or panels would move from frame to frame
    ground = canvas.copy_from_bbox(figure.bbox)
    found = []
    for i in range(len(film.epochs)):
        canvas.restore_region(ground)
        for artist in update(i):
            artist.draw(canvas.get_renderer())
        found.append(np.asarray(canvas.buffer_rgba())[:, :, :3].copy())
    return found


def _plane(plane: Plane | None) -> Callable[["Axes"], Update] | None:
    if plane is None:
        return None

    def draw(ax: "Axes") -> Update:
        marks = mark_points(ax, plane.points, plane.classes, plane.colors, plane.names)
        ax.set(xlim=plane.x1[[0, -1]], ylim=plane.x2[[0, -1]], xlabel="x1", ylabel="x2")
        if is_to_scale(plane.x1, plane.x2):
            ax.set_aspect("equal")
        add_legend(ax, marks, plane.names, "class")
        shades: list[Any] = []

        def update(frame: int) -> list[Any]:
            for each in shades:
                each.remove()
            before = {*ax.get_children()}
            shade(ax, plane.x1, plane.x2, plane.scores[frame], plane.threshold, plane.colors, plane.limit)
            shades[:] = sorted({*ax.get_children()} - before, key=lambda each: each.get_zorder())
            return [*shades, *marks]

        return update

    return draw


def _surface(surface: Surface | None) -> Callable[["Axes"], Update] | None:
    if surface is None:
        return None

    def draw(ax: "Axes") -> Update:
        from matplotlib.colors import LinearSegmentedColormap, Normalize

        colors: dict[str, Any] = {
            "cmap": LinearSegmentedColormap.from_list("heights", HEIGHTS), "norm": Normalize(*surface.limits)
        }  # fmt: skip
        extent = (surface.x1[0], surface.x1[-1], surface.x2[0], surface.x2[-1])
        is_square = is_to_scale(surface.x1, surface.x2)
        image = ax.imshow(surface.outputs[0], origin="lower", extent=extent, interpolation="bilinear",
                          aspect="equal" if is_square else "auto", **colors)  # fmt: skip
        marks = ax.scatter(
            surface.points[:, 0], surface.points[:, 1], 30, surface.targets, edgecolors=INK, linewidths=0.8, **colors
        )
        ax.set(xlabel="x1", ylabel="x2", title="points: targets")
        ax.title.set_fontsize(10)
        add_bar(ax, image, "output of the model")

        def update(frame: int) -> list[Any]:
            image.set_data(surface.outputs[frame])
            return [image, marks]

        return update

    return draw


def _curve(curve: Curve | None) -> Callable[["Axes"], Update] | None:
    if curve is None:
        return None

    def draw(ax: "Axes") -> Update:
        lines = [ax.plot(curve.x, curve.x, color=color, linewidth=2)[0] for color in curve.lines]
        marks = mark_points(ax, curve.points, curve.classes, curve.colors, curve.names)
        if len(curve.names) > 1:
            add_legend(ax, marks, curve.names, "class")
        if curve.threshold is not None:
            ax.axhline(curve.threshold, color=EDGE, linewidth=1, linestyle="dotted")
        ax.set(ylim=curve.limits, xlabel="x", ylabel=curve.axis if curve.threshold is None else curve.words)

        def update(frame: int) -> list[Any]:
            for line, outputs in zip(lines, curve.outputs[frame], strict=True):
                line.set_ydata(outputs)
            return [*lines, *marks]

        return update

    return draw


def _net(net: Net | None) -> Callable[["Axes"], Update] | None:
    if net is None or not net.edges:
        return None

    def draw(ax: "Axes") -> Update:
        from matplotlib.collections import LineCollection, PatchCollection
        from matplotlib.patches import Rectangle

        tallest = max(map(len, net.units))
        places = {
            (column, unit): (float(column), ((len(units) - 1) / 2 - row) / max(1, tallest - 1))
            for column, units in enumerate(net.units)
            for row, unit in enumerate(units)
            if unit is not None
        }
        lines = LineCollection([[places[i, tail], places[i + 1, head]] for i, tail, head in net.edges], zorder=1)
        ax.add_collection(lines)
        columns = np.array([column for column, _, _ in net.edges])
        most = {column: np.nanmax(np.abs(net.weights[:, columns == column])) or 1.0 for column in {*columns.tolist()}}
        size = min(0.16, 0.85 / tallest)  # of a unit, in the height of the whole
        half = size / 2 * (len(net.columns) - 0.3) / 1.28 / SQUARE
        boxes = {
            unit: (x - half, x + half, y - size / 2, y + size / 2)
            for unit, (x, y) in places.items()
            if unit in net.maps
        }
        tiles: list[Any] = [ax.add_artist(_tiles(net.maps, boxes))] if boxes else []
        rest = [place for unit, place in places.items() if unit not in boxes]
        frames = [Rectangle((left, low), right - left, high - low) for left, right, low, high in boxes.values()]
        units: list[Any] = [ax.add_collection(PatchCollection(frames, facecolor="none", edgecolor="#717581", zorder=3))]
        if rest:
            room = min(160.0, 2400.0 / tallest)
            units.append(
                ax.scatter(
                    [x for x, _ in rest], [y for _, y in rest], s=room, color="#f4f4f1", edgecolors="#717581", zorder=2
                )
            )
        for column, each in enumerate(net.columns):
            ax.text(column, 0.56, each.title, ha="center", va="bottom", fontsize=8, color="#3a3f47")
        ax.set(xlim=(-0.35, len(net.columns) - 0.65), ylim=(-0.56, 0.72))
        ax.set_axis_off()

        def update(frame: int) -> list[Any]:
            weights = net.weights[frame]
            lines.set_color([PETROFF10[6] if weight < 0 else PETROFF10[0] for weight in weights])
            lines.set_linestyle(["dashed" if weight < 0 else "solid" for weight in weights])
            lines.set_linewidth(
                [THIN + (THICK - THIN) * abs(w) / most[c] for w, c in zip(weights, columns.tolist(), strict=True)]
            )
            for each in tiles:
                each.frame = frame
            return [lines, *tiles, *units]

        return update

    return draw


def _tiles(maps: dict[tuple[int, int], np.ndarray], boxes: Mapping[tuple[int, int], tuple[float, ...]]) -> Any:
    """What all units say of the plane as one artist: matplotlib's images, each resampled, take most of the time.

    Args:
        maps: of each unit, a grid for each frame; the attribute `frame` of the artist says which is drawn.
        boxes: where, as (left, right, low, high) in the data's coordinates.
    """
    from matplotlib.artist import Artist

    colors = (255 * signed_colors()(np.linspace(0, 1, SHADES))).round().astype(np.uint8)

    class Tiles(Artist):
        frame = 0

        def draw(self, renderer: Any) -> None:
            context = renderer.new_gc()
            for unit, (left, right, low, high) in boxes.items():
                ends = self.get_transform().transform([(left, low), (right, high)]).round().astype(int)
                width, height = ends[1] - ends[0]
                fine = refined(maps[unit][self.frame], (height, width))
                pixels = colors[np.nan_to_num((fine + 1) / 2 * (SHADES - 1), nan=(SHADES - 1) / 2).round().astype(int)]
                renderer.draw_image(context, *ends[0], pixels)
            context.restore()

    return Tiles()
