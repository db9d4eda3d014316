"""Text from users, made fit to be shown."""

import unicodedata

__all__ = ["printable"]

NO_TEXT = ("Cc", "Cs")  # categories: controls, and halves of characters
NO_XML = "\ufffe\uffff"


def printable(text: str) -> str:
    r"""Text without what neither XML nor UTF-8 can hold: control characters and halves of characters.

    Example:
        >>> printable("bell\x07\tand\r\nbook")
        'bell� and\nbook'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join("\ufffd" if c in NO_XML or (c != "\n" and unicodedata.category(c) in NO_TEXT) else c for c in text)
