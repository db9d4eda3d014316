"""The page: the modules and styles of `page/`, joined to one text, and the file that holds them with a document."""

import html
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from engine.files import as_path, write_atomically

__all__ = ["check_page_path", "joined", "page", "save_page", "styles"]

FOLDER = Path(__file__).parent / "page"
START = "main.js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.M)


@cache
def joined() -> str:
    """All modules as one, each after those that it imports; names at their top level are unique over all of them."""
    texts: dict[str, str] = {}

    def take(name: str) -> None:
        if name in texts:
            return
        text = (FOLDER / name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            take(needed)
        texts[name] = _EXPORT.sub("", _IMPORT.sub("", text)).strip()

    take(START)
    return "\n\n".join(texts.values()) + "\n"


@cache
def styles() -> str:
    """All style sheets, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8").strip() for path in sorted(FOLDER.glob("*.css"))) + "\n"


def page(document: dict[str, Any], title: str) -> str:
    """A file that needs nothing else: no network, no kernel, no other file.

    Args:
        document: what the page is given.
        title: of the page, as the browser's tab has it.

    Returns:
        str: HTML.

    Example:
        >>> "openPage();" in page({}, "y")
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
{styles()}</style>
</head>
<body>
<main id="chalkgrad"></main>
<script type="application/json" id="chalkgrad-document">{data}</script>
<script type="module">
{joined()}
openPage();
</script>
</body>
</html>
"""


def save_page(path: str | os.PathLike[str], document: dict[str, Any], title: str) -> Path:
    """Write a page to a file.

    Args:
        path: ends in .html.
        document: what the page is given.
        title: of the page.

    Returns:
        Path: the path, as given.

    Raises:
        TypeError: it is no path.
        ValueError: any other ending.
        OSError: the file cannot be written; the message says why.
    """
    check_page_path(path)
    return write_atomically(path, page(document, title).encode())


def check_page_path(path: str | os.PathLike[str]) -> None:
    """TypeError unless it is a path, ValueError unless it ends in .html."""
    if as_path(path).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"this is saved as a page: end the file name in .html, not {os.fspath(path)!r}")
