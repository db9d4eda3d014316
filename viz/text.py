"""Text from users, made fit to be shown."""

import re
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
    text = re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    return "".join("\ufffd" if c in NO_XML or (c != "\n" and unicodedata.category(c) in NO_TEXT) else c for c in text)
