"""Cache: native code kept on disk, a file for each function and kind of arguments. Needs Numba.

Numba's own cache keeps an index of such files for each function, which two processes may spoil for each other. Here a
file is found by its name, in which is all that its content depends on, and written in one step: whoever else writes
it at the same time writes the same. What is damaged, or cannot be written, is compiled anew.
"""

import atexit
import hashlib
import os
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps

from engine.files import write_atomically

__all__ = ["cache_folder", "kept", "kept_for"]


def kept(compiled: Any) -> Any:
    """A function of Numba's, whose native code is kept from now on; plain functions stay what they are."""
    is_native = isinstance(compiled, Dispatcher)
    if is_native:
        compiled._cache = _Files(compiled.py_func)
    return compiled


def kept_for(compiled: Any, *signature: Any) -> Any:
    """The same, compiled for arguments of these types and no others, where Numba would for every constant anew."""
    kept(compiled)
    if isinstance(compiled, Dispatcher):
        compiled.compile(signature)
        compiled.disable_compile()
    return compiled


class _Files(NullCache):  # type: ignore[misc]  # Any, to whom Numba's types are not known
    """The files of one function, as Numba asks for them.

    A function in whose module there is a ``PURPOSE`` says on stderr that it is compiled for that, and how long it took.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        module = function.__module__.rpartition(".")[2]
        self._name = f"{module}.{function.__qualname__}".replace("<", "").replace(">", "")
        self._origin = _digest(Path(function.__code__.co_filename)) + module
        self._purpose = function.__globals__.get("PURPOSE", "")

    def load_overload(self, signature: Any, target: Any) -> Any:
        """What was compiled for such arguments; None if there is nothing."""
        target.refresh()
        with suppress(OSError):
            content = self._path(signature, target.codegen()).read_bytes()
            if content[:32] == hashlib.sha256(content[32:]).digest():
                return CompileResult._rebuild(target, *pickle.loads(content[32:]))
        if self._purpose:
            what = f"compiling {self._purpose} to native code, once, to be kept in {cache_folder()}"
            print(f"chalkgrad: {what} ...", end=" ", file=sys.stderr, flush=True)
        self._start = time.perf_counter()
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled."""
        if self._purpose:
            print(f"{time.perf_counter() - self._start:.1f} s", file=sys.stderr)
        content = dumps(result._reduce())
        with suppress(OSError):
            write_atomically(self._path(signature, result.codegen), hashlib.sha256(content).digest() + content)

    def _path(self, signature: Any, codegen: Any) -> Path:
        how = repr((*codegen.magic_tuple(), int(numba.config.OPT)))  # for which processor, and optimised how well
        parts = numba.__version__, sys.version, self._origin, str(signature), how
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return cache_folder() / f"{self._name}-{key[:20]}.nbc"


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""  # what has no file has it in its name


@cache
def cache_folder() -> Path:
    """Where native code is kept: CHALKGRAD_CACHE, else the user's folder for such things, else a temporary one."""
    try:
        folder = Path(os.environ.get("CHALKGRAD_CACHE") or _users_caches() / "chalkgrad").absolute()
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "README", b"Native code of chalkgrad's; may be deleted at any time.\n")
        return folder
    except (OSError, RuntimeError):  # the latter where there is no home
        folder = Path(tempfile.mkdtemp(prefix="chalkgrad-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder


def _users_caches() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
