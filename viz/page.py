"""Pages: plain ES modules and styles, joined to one text, and the file that holds them with what they are to show."""

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["framed", "joined", "page", "styles"]

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[\w./-]+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.M)


@cache
def joined(start: Path) -> str:
    """A module and all that it imports as one, each after those that it imports.

    The names at their top level must be unique over all of them.
    """
    texts: dict[Path, str] = {}

    def take(path: Path) -> None:
        if path in texts:
            return
        text = path.read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            take((path.parent / needed).resolve())
        texts[path] = _EXPORT.sub("", _IMPORT.sub("", text)).strip()

    take(start.resolve())
    return "\n\n".join(texts.values()) + "\n"


@cache
def styles(folder: Path) -> str:
    """All style sheets of a folder, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.css"))) + "\n"


def page(document: Any, title: str, *, css: str, code: str, start: str) -> str:
    """A file that needs nothing else: no network, no kernel, no other file.

    Args:
        document: what the page is given, ready for JSON.
        title: of the page, as the browser's tab has it.
        css, code: how it looks, and what it does.
        start: the call that opens it.

    Returns:
        str: HTML.

    Example:
        >>> "open();" in page({}, "y", css="", code="", start="open();")
        True
    """
    # In a script element only "</script" and "<!--" mean anything.
    data = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{css}</style>
</head>
<body>
<main id="chalkgrad"></main>
<script type="application/json" id="chalkgrad-document">{data}</script>
<script type="module">
{code}
{start}
</script>
</body>
</html>
"""


def framed(page: str, title: str, *, height: int, allowed: str = "allow-scripts") -> str:
    """A page within a frame, so that its styles and names and those of the notebook around it are apart.

    Args:
        page: HTML, as `page` gives it.
        title: of the frame.
        height: of the frame, in pixels.
        allowed: what the page may do.

    Returns:
        str: HTML.

    Example:
        >>> framed("<p>", "y", height=80)[:62]
        '<iframe title="y" sandbox="allow-scripts" srcdoc="&lt;p&gt;" s'
    """
    source = html.escape(page)
    return (
        f'<iframe title="{html.escape(title)}" sandbox="{allowed}" srcdoc="{source}" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
    )
