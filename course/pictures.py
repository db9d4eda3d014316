"""The pictures of a notebook as files, each with words for those who cannot see it, and as a page of slides."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat

from course.kernel import execute
from course.notebook import headings, read, title

__all__ = ["Picture", "export_pictures", "pictures_of", "slides"]

BEGIN = """from course.figures import show_as_svg_and_png
show_as_svg_and_png(get_ipython())"""
SVG, PNG = "image/svg+xml", "image/png"
WORDS = re.compile(r"<(title|desc)[^>]*>(.*?)</\1>", re.S)
SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n\s*\n")
ASKS = re.compile(r"\?\)?\**$")
NO_PROSE = re.compile(r"^(?:#[^\n]*|\|[^\n]*|```.*?^```)$", re.M | re.S)  # headings, tables and blocks of code


@dataclass(frozen=True)
class Picture:
    """A picture that a notebook shows.

    Attributes:
        heading: the heading under which it stands.
        questions: what is asked right before it, in sentences.
        words: what it shows, for those who cannot see it.
        svg, png: the picture.
    """

    heading: str
    questions: str
    words: str
    svg: str
    png: bytes


def export_pictures(path: Path, folder: Path) -> list[Path]:
    """Run a notebook, and write its pictures and a page of slides.

    Args:
        path: the notebook.
        folder: gets 01.svg, 01.png, 02.svg, ..., pictures.md, which has what each shows in words, and slides.html.

    Returns:
        The files.
    """
    notebook = read(path)
    pictures = pictures_of(notebook, path.parent)
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, bytes] = {}
    lines = [f"# {title(notebook)}: the pictures"]
    for i, picture in enumerate(pictures, 1):
        files |= {f"{i:02}.svg": picture.svg.encode(), f"{i:02}.png": picture.png}
        lines.append(f"## {i:02}: {picture.heading}\n\n{picture.words}")
    files["pictures.md"] = ("\n\n".join(lines) + "\n").encode()
    files["slides.html"] = slides(title(notebook), pictures).encode()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def pictures_of(notebook: Any, folder: Path) -> list[Picture]:
    """Run a notebook in a folder, and gather what pictures its cells show."""
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), 0)
    notebook.cells.insert(first + 1, nbformat.v4.new_code_cell(BEGIN))  # after the choice of formats in the first cell
    execute(notebook, folder)
    return list(_pictures(notebook))


def _pictures(notebook: Any) -> Iterator[Picture]:
    asked = ""
    for cell, heading in zip(notebook.cells, headings(notebook), strict=True):
        if cell.cell_type == "markdown":
            asked = _questions(cell.source)
            continue
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if SVG in data:
                words = unescape(" ".join(dict.fromkeys(text.strip() for _, text in _words(data[SVG]))))
                yield Picture(heading, asked, words or f"{heading}.", data[SVG], base64.b64decode(data[PNG]))
                asked = ""


def _words(svg: str) -> list[tuple[str, str]]:
    """The title and the description at the beginning of an SVG; those of its parts come later."""
    start = re.match(r".*?<svg[^>]*>\s*(<metadata>|)((?:\s*<(title|desc)[^>]*>.*?</\3>)*)", svg, re.S)
    return WORDS.findall(start[2]) if start else []


def _questions(markdown: str) -> str:
    """The sentences of a text that ask something, but for those with formulas."""
    sentences = (" ".join(sentence.split()) for sentence in SENTENCE.split(NO_PROSE.sub("", markdown)))
    asked = [sentence for sentence in sentences if ASKS.search(sentence) and "$" not in sentence]
    bare = (sentence.strip("(*)") for sentence in asked)
    return " ".join(re.sub(r"[*`]", "", sentence[:1].upper() + sentence[1:]) for sentence in bare)


STYLE = """
:root { color-scheme: light; font-family: system-ui, sans-serif; }
html { scroll-snap-type: y mandatory; }
body { margin: 0; background: #fff; color: #30343b; }
section { box-sizing: border-box; height: 100vh; padding: 4vh 5vw; scroll-snap-align: start; display: flex;
  flex-direction: column; gap: 2vh; break-after: page; }
section.first { justify-content: center; }
h1, h2 { margin: 0; font-weight: 600; }
h1 { font-size: 7vh; }
h2 { font-size: 4.5vh; }
p { margin: 0; font-size: 3.2vh; max-width: 60em; }
p.asked { color: #bd1f01; }
img { flex: 1; min-height: 0; object-fit: contain; width: 100%; }
footer { text-align: right; color: #6b7280; font-size: 2vh; }
"""
KEYS = """
addEventListener("keydown", (event) => {
  const step = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1}[event.key];
  if (!step) return;
  event.preventDefault();
  const pages = [...document.querySelectorAll("section")];
  const now = pages.findIndex((page) => page.getBoundingClientRect().bottom > innerHeight / 2);
  pages[Math.min(Math.max(now + step, 0), pages.length - 1)].scrollIntoView();
});
"""


def slides(name: str, pictures: list[Picture]) -> str:
    """A page of HTML that needs no other file: a slide for each picture, which arrow keys turn and a printer prints."""
    parts = [f'<section class="first"><h1>{escape(name)}</h1></section>']
    for i, picture in enumerate(pictures, 1):
        source = base64.b64encode(picture.svg.encode()).decode()
        asked = f'<p class="asked">{escape(picture.questions)}</p>' if picture.questions else ""
        parts.append(
            f"<section><h2>{escape(picture.heading)}</h2>{asked}"
            f'<img alt="{escape(picture.words)}" src="data:image/svg+xml;base64,{source}">'
            f"<footer>{i} / {len(pictures)}</footer></section>"
        )
    body = "\n".join(parts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(name)}</title>
<style>{STYLE}</style>
</head>
<body>
{body}
<script>{KEYS}</script>
</body>
</html>
"""
