"""What an SVG needs on a page: a text for those who cannot see it, and ids that are its own."""

import hashlib
import re
from xml.sax.saxutils import escape

from viz.text import printable

__all__ = ["describe", "fit_width"]

NOTEBOOK_WIDTH = 640  # points: what a cell has room for
LEAST_SCALE = 0.6  # smaller than this nobody could read it: better to scroll


def describe(svg: bytes, title: str, description: str) -> bytes:
    """Give an SVG its alternative text, and every id in it a prefix that no other picture has.

    The prefix is a digest of the picture itself: two different pictures on a page never share an
    id, and the same picture always comes out the same.

    Args:
        svg: a picture drawn by Graphviz.
        title: what it is, in a sentence.
        description: what it shows, in as many sentences as it takes.

    Returns:
        bytes: the SVG with ``role="img"``, ``<title>`` and ``<desc>``.

    Example:
        >>> svg = describe(b'<svg width="8pt"><g id="graph0"/></svg>', "A dot.", "One small dot.").decode()
        >>> print(svg.replace("g2933368bfc", "PREFIX"))
        <svg style="max-width:100%;height:auto" role="img" aria-labelledby="PREFIX-title PREFIX-desc" width="8pt">
        <title id="PREFIX-title">A dot.</title>
        <desc id="PREFIX-desc">One small dot.</desc><g id="PREFIX-graph0"/></svg>
    """
    text, title, description = svg.decode(), printable(title), printable(description)
    prefix = "g" + hashlib.sha256(svg + title.encode() + description.encode()).hexdigest()[:10]
    text = re.sub(r'(<[^<>]*? id=")', rf"\1{prefix}-", text)
    text = re.sub(r'((?:xlink:)?href="#|url\(#)', rf"\1{prefix}-", text)
    fit = 'style="max-width:100%;height:auto"'  # a page narrower than the picture shrinks it
    opening = f'<svg {fit} role="img" aria-labelledby="{prefix}-title {prefix}-desc" '
    texts = f'<title id="{prefix}-title">{escape(title)}</title>\n<desc id="{prefix}-desc">{escape(description)}</desc>'
    return re.sub(r"<svg ([^>]*>)", lambda found: f"{opening}{found[1]}\n{texts}", text, count=1).encode()


def fit_width(svg: str) -> str:
    """Make an SVG as wide as a notebook's cell at the most, unless it could not be read then.

    Jupyter shows an SVG as an image of the size that it says it has, and what is wider is cut off.

    Args:
        svg: a picture whose root element says its width and height in points.

    Returns:
        str: the same with a smaller width and height.

    Example:
        >>> fit_width('<svg width="800pt" height="100pt" viewBox="0 0 800 100"/>')
        '<svg width="640pt" height="80pt" viewBox="0 0 800 100"/>'
    """
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if size is None:
        return svg
    width, height = map(float, size.groups())
    scale = max(LEAST_SCALE, min(1.0, NOTEBOOK_WIDTH / width))
    return svg.replace(size[0], f'width="{width * scale:g}pt" height="{height * scale:g}pt"', 1)
