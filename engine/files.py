"""Writing files whole or not at all."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from engine.arguments import shown

__all__ = ["as_path", "write_atomically"]


def as_path(path: Any) -> Path:
    """The path, if it can be one.

    Raises:
        TypeError: it is neither text nor a path.
        ValueError: it holds a character that no path may have.

    Example:
        >>> as_path("model.json").suffix
        '.json'
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"a path is text, such as 'model.json', but was {shown(path)}")
    if "\0" in os.fspath(path):
        raise ValueError(f"no path has a null character, but {shown(path)} has")
    return Path(path)


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that nobody ever finds it half written.

    The content goes to a temporary file in the same folder, which then takes the file's place in
    one step. If anything fails, an older file of that name is left as it was.

    Args:
        path: where to write; its folder must exist.
        content: the bytes of the whole file.

    Returns:
        Path: the path, as given.

    Raises:
        TypeError, ValueError: it is no path.
        FileNotFoundError: the folder does not exist.
        IsADirectoryError: the path is a folder.
        PermissionError: the file or its folder may not be written.
        OSError: the disk is full, the name is too long, and the like; the message names the path.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder) / "graph.svg", b"<svg/>").read_bytes()
        b'<svg/>'
    """
    path = as_path(path)
    target = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder; add the name of a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: the folder {target.parent} does not exist; make it first")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(f"cannot write {path}: the file is read-only; choose another name")
    try:
        _replace(target, content)
    except OSError as error:
        raise type(error)(f"cannot write {path}: {error.strerror or error}; choose another place or name") from error
    return path


def _replace(target: Path, content: bytes) -> None:
    if target.exists() and not target.is_file():  # a device or a pipe, such as /dev/null, must not be replaced
        target.write_bytes(content)
        return
    temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(content)
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
