"""What an SVG needs on a page: a text for those who cannot see it, and ids that are its own."""

import hashlib
import re
from xml.sax.saxutils import escape

from viz.escaping import printable

__all__ = ["describe"]


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
