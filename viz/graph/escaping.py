"""Text from users, made safe for the labels of DOT."""

from graphviz.quoting import NoHtml

from viz.text import printable

__all__ = ["plain", "record", "shorten", "tooltip"]

_RECORD_SYNTAX = str.maketrans({character: f"\\{character}" for character in "{}|<>"})


def plain(text: str) -> str:
    r"""Text for the label or tooltip of an ordinary node; a newline starts a new line.

    Example:
        >>> print(plain("a\\b & c"))
        a\\b &amp; c
    """
    # A backslash starts an escape such as \N (the node's name), "&" an entity such as "&lt;".
    escaped = printable(text).replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")
    return NoHtml(escaped)  # or "<...>" would be read as markup


def record(text: str) -> str:
    r"""Text for one field of a record, whose dividing marks it must not contain.

    Example:
        >>> print(record("p(a|b)"))
        p(a\|b)
    """
    return NoHtml(plain(text).translate(_RECORD_SYNTAX))


def tooltip(text: str) -> str:
    r"""Text for a tooltip, on one line.

    Example:
        >>> print(tooltip("\\Node\n= 1"))
        ∖Node = 1
    """
    # Graphviz resolves escapes in tooltips twice, so that no number of backslashes comes out as one.
    return plain(text.replace("\\", "∖").replace("\n", " "))


def shorten(text: str, length: int = 40) -> str:
    """Text that fits in a box: at most `length` characters, cut with "…".

    Example:
        >>> shorten("loss", 40), shorten("a long label", 7)
        ('loss', 'a long…')
    """
    return text if len(text) <= length else text[: length - 1] + "…"
