"""Sheets as PDF, by matplotlib: pages that fit on A4 and on Letter."""

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from viz.drills.sheet import Exercise, Sheet

__all__ = ["as_pdf", "pages"]

WIDTH, HEIGHT = 595.0, 792.0  # points: as wide as A4 and as high as Letter, so that either holds it
MARGIN = 48.0
ROW, GAP = 24.0, 20.0  # points: of a line to write on, and between exercises
NUMBER = 24.0  # of the column with the exercise's number
PICTURE = 310.0  # of a picture with its questions beside it
LARGEST = 0.8  # the scale of pictures, at most
FONT = "STIXGeneral"
INK, SOFT, LINE = "#1c1f24", "#595f69", "#cfcbc0"


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF, with the same bytes each time."""
    from matplotlib.backends.backend_pdf import PdfPages

    content = io.BytesIO()
    metadata = {"Title": sheet.title, "Subject": sheet.note, "CreationDate": None}
    with PdfPages(content, metadata=metadata) as file:
        for page in pages(sheet):
            file.savefig(page.figure)
    return content.getvalue()


def pages(sheet: Sheet) -> Iterator["_Page"]:
    """The pages of a sheet, with those of its key."""
    for page in (*_exercise_pages(sheet), *_key_pages(sheet)):
        page.write_note(sheet.note)
        yield page


class _Page:
    """A page that is filled from its top."""

    def __init__(self, title: str, task: str = "") -> None:
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        self.axes: Any = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.axis("off")
        self.top = MARGIN
        if title:
            self.write(MARGIN, self.top + 18, title, size=18, weight="bold")
            if task:
                self.write(WIDTH - MARGIN - 270, self.top + 18, "Name", size=10, color=SOFT)
                self.rule(WIDTH - MARGIN - 242, WIDTH - MARGIN - 96, self.top + 20)
                self.write(WIDTH - MARGIN - 90, self.top + 18, "Date", size=10, color=SOFT)
                self.rule(WIDTH - MARGIN - 66, WIDTH - MARGIN, self.top + 20)
                self.write(MARGIN, self.top + 40, task, size=11, color=SOFT)
                self.top += 18
            self.top += 36

    @property
    def room(self) -> float:
        """How many points are left."""
        return HEIGHT - MARGIN - 14 - self.top

    def write(self, x: float, y: float, text: str, size: float = 12, color: str = INK, **style: Any) -> None:
        self.axes.text(x, y, text, fontsize=size, family=FONT, color=color, parse_math=False, **style)

    def rule(self, left: float, right: float, y: float, color: str = SOFT, width: float = 0.7) -> None:
        self.axes.plot((left, right), (y, y), color=color, linewidth=width, solid_capstyle="butt")

    def write_note(self, note: str) -> None:
        self.axes.text(MARGIN, HEIGHT - MARGIN + 8, note, fontsize=8, family=FONT, color=SOFT)


def _exercise_pages(sheet: Sheet) -> Iterator[_Page]:
    page, columns = _Page(sheet.title, sheet.task), sheet.columns
    width = (WIDTH - 2 * MARGIN - (columns - 1) * 2 * GAP) / columns
    place = _beside if columns == 1 else _below
    for start in range(0, len(sheet.exercises), columns):
        row = sheet.exercises[start : start + columns]
        height = max(place(None, exercise, 0, 0, width) for exercise in row)
        if height > page.room and page.top > 2 * MARGIN:
            yield page
            page = _Page("")
        for i, exercise in enumerate(row):
            left = MARGIN + i * (width + 2 * GAP)
            page.rule(left, left + width, page.top, color=LINE, width=0.5)
            page.write(left, page.top + 18, f"{start + i + 1}", weight="bold")
            place(page, exercise, left + NUMBER, page.top + 8, width - NUMBER)
        page.top += height + GAP
    yield page


def _beside(page: _Page | None, exercise: Exercise, left: float, top: float, width: float) -> float:
    """An exercise with its questions on the right of the picture; gives its height."""
    scale = min(LARGEST, PICTURE / exercise.width, (HEIGHT - 3.5 * MARGIN) / exercise.height)
    lines = len(exercise.questions) * ROW + (ROW if exercise.given else 0)
    height = max(exercise.height * scale, lines)
    if page is not None:
        _draw(page, exercise.picture, left, top + (height - exercise.height * scale) / 2, scale)
        x = left + PICTURE + GAP
        _ask(page, exercise, x, top + (height - lines) / 2, left + width - x)
    return height + 8


def _below(page: _Page | None, exercise: Exercise, left: float, top: float, width: float) -> float:
    """An exercise with its questions below the picture; gives its height."""
    scale = min(LARGEST, (width - (0 if page else NUMBER)) / exercise.width)
    lines = len(exercise.questions) * ROW + (ROW if exercise.given else 0)
    if page is not None:
        _draw(page, exercise.picture, left, top, scale)
        _ask(page, exercise, left, top + exercise.height * scale + 4, width)
    return exercise.height * scale + 4 + lines + 8


def _ask(page: _Page, exercise: Exercise, left: float, top: float, width: float) -> None:
    if exercise.given:
        top += ROW
        page.write(left, top - 6, f"Given: {exercise.given}", size=11, color=SOFT)
    for question in exercise.questions:
        top += ROW
        page.write(left, top - 6, question.blank, style="italic")
        page.rule(left + 5 * len(question.blank) + 14, left + width, top - 4)


def _key_pages(sheet: Sheet) -> Iterator[_Page]:
    if not sheet.key:
        return
    page = _Page(f"Key: {sheet.title}")
    for number, exercise in enumerate(sheet.exercises, 1):
        if len(exercise.questions) * 16 > page.room:
            yield page
            page = _Page("")
        page.write(MARGIN, page.top + 12, f"{number}", weight="bold")
        for question in exercise.questions:
            page.write(MARGIN + NUMBER, page.top + 12, question.solution)
            page.top += 16
        page.top += 8
    yield page


# --- Graphviz's SVG on a page ---

_SVG = "{http://www.w3.org/2000/svg}"


def _draw(page: _Page, svg: str, left: float, top: float, scale: float) -> None:
    """Draw a picture of Graphviz: polygons, polylines, paths, ellipses and texts, moved as a whole."""
    from matplotlib.patches import Ellipse, PathPatch
    from matplotlib.path import Path

    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE.*?>", "", svg, flags=re.DOTALL).encode())
    group = root.find(f"{_SVG}g")
    assert group is not None
    moved = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", group.get("transform", ""))
    assert moved is not None
    dx, dy = map(float, moved.groups())

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (x + dx) * scale, top + (y + dy) * scale

    for element in group.iter():
        kind, get = element.tag.removeprefix(_SVG), element.get
        look: dict[str, Any] = {
            "facecolor": get("fill", "none"),
            "edgecolor": get("stroke", "none"),
            "linewidth": float(get("stroke-width", "1")) * scale,
            "linestyle": (0, (1, 2)) if get("stroke-dasharray") else "solid",
        }
        if kind == "text":
            x, y = place(float(get("x", "0")), float(get("y", "0")))
            align = "center" if get("text-anchor") == "middle" else "left"
            size = float(get("font-size", "12")) * scale
            page.axes.text(
                x, y, element.text, fontsize=size, color=get("fill", INK), ha=align, family="DejaVu Sans",
                parse_math=False,
            )  # fmt: skip
        elif kind == "ellipse":
            cx, cy, rx, ry = (float(get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
            page.axes.add_patch(Ellipse(place(cx, cy), 2 * rx * scale, 2 * ry * scale, **look))
        elif kind in ("polygon", "polyline", "path"):
            numbers = [float(x) for x in re.findall(r"-?[\d.]+", get("points") or get("d") or "")]
            points = [place(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
            after_first = Path.CURVE4 if kind == "path" else Path.LINETO
            codes = [Path.MOVETO, *[after_first] * (len(points) - 1)]
            if (get("fill"), get("stroke")) != ("none", "transparent"):
                page.axes.add_patch(PathPatch(Path(points, codes), **look))
