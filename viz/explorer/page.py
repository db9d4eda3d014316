"""The explorer's page: the modules and styles of `page/`, joined to one text, and the file that holds them."""

import os
from pathlib import Path
from typing import Any

import viz.page as pages
from engine.files import as_path, write_atomically

__all__ = ["check_page_path", "joined", "page", "save_page", "styles"]

FOLDER = Path(__file__).parent / "page"
START = "main.js"


def joined() -> str:
    """All modules as one."""
    return pages.joined(FOLDER / START)


def styles() -> str:
    """All style sheets as one."""
    return pages.styles(FOLDER)


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
    return pages.page(document, title, css=styles(), code=joined(), start="openPage();")


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
