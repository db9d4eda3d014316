"""Native modules: text that Numba compiles, kept on disk together with what was compiled. Needs Numba."""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numba

from engine.compiler.backends.code import namespace
from engine.compiler.backends.numba import arithmetic, products
from engine.files import write_atomically

__all__ = ["NativeModule"]

HERE = Path(__file__).parent
SETTINGS: Any = numba.config
LOCK = threading.RLock()  # one thread at a time makes or loads native code
HEADER = '''\
"""Written by chalkgrad and compiled by Numba; may be deleted at any time."""

from math import inf, nan

from engine.compiler.backends.numba.arithmetic import *
from engine.compiler.backends.numba.products import *

'''
PRODUCTS_IN_PYTHON = """\
def affine(out, W, x, b):
    out[:] = W @ x + (0.0 if b is None else b[:, None])


def transposed(out, W, d, add):
    out[:] = W.T @ d + (out if add else 0.0)


def outer(out, d, x):
    out += d @ x.T


"""


class NativeModule:
    """Functions on single numbers, and the drivers that call them, compiled together.

    Its kernels, those of `drivers`, are attributes: each is compiled when it is first called, which takes seconds and
    is said, or read from disk if it was compiled before.

    Args:
        source: text that defines what the drivers call.
    """

    def __init__(self, source: str) -> None:
        # NUMBA_DISABLE_JIT leaves all to Python, which has none of the instructions that products are written in
        header = HEADER + PRODUCTS_IN_PYTHON if SETTINGS.DISABLE_JIT else HEADER
        own = vars(arithmetic) | vars(products)
        borrowed = sorted(namespace(source, arithmetic, own).keys() - own.keys())
        header += "".join(f"from {arithmetic.__name__} import {name}\n" for name in borrowed)
        self._text = f"{header}{_text_of('drivers.py')}\n\n{source}"
        # Numba takes notice when this text changes, but not when what it imports does: that is in the name.
        parts = [numba.__version__, *map(_text_of, ("arithmetic.py", "products.py")), self._text]
        self._name = f"chalkgrad_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def first_call(*arguments: Any) -> Any:
            with LOCK:
                kernel = getattr(self._module, name)
                with _said(kernel, f"{self._name}.{name}-*.nbi"):
                    try:
                        result = kernel(*arguments)
                    except Exception:  # a file on disk is damaged, or the disk is full
                        _forget(self._name, "arithmetic", "products")
                        result = kernel(*arguments)
            setattr(self, name, kernel)
            return result

        return first_call

    @cached_property
    def _module(self) -> ModuleType:
        if self._name not in sys.modules:  # where Numba looks for the globals of what it reads from disk
            sys.modules[self._name] = _loaded(self._name, self._text)
        return sys.modules[self._name]


def _loaded(name: str, text: str) -> ModuleType:
    folder = cache_folder()
    path = folder / f"{name}.py"
    if not path.exists() or path.read_bytes() != text.encode():
        _forget(name)
        write_atomically(path, text.encode())
    module = ModuleType(name)
    module.__file__ = str(path)
    before, SETTINGS.CACHE_DIR = SETTINGS.CACHE_DIR, str(folder)  # also for what the text imports from our own folder,
    try:  # which may be read-only
        exec(compile(text, path, "exec"), module.__dict__)
    finally:
        SETTINGS.CACHE_DIR = before
    return module


def _forget(*modules: str) -> None:
    """Delete what was compiled of these modules."""
    for module in modules:
        for file in cache_folder().glob(f"*/{module}.*.nb[ic]"):
            with suppress(OSError):
                file.unlink()


@contextmanager
def _said(kernel: Any, files: str) -> Iterator[None]:
    """Says that a kernel is compiled, and how long it took, unless it is on disk already, or Python runs it."""
    if SETTINGS.DISABLE_JIT or any(Path(kernel.stats.cache_path).glob(files)):
        yield
        return
    what = f"compiling {kernel.__name__} to native code, once, to be kept in {cache_folder()}"
    print(f"chalkgrad: {what} ...", end=" ", file=sys.stderr, flush=True)
    start = time.perf_counter()
    try:
        yield
    finally:
        print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)


@cache
def _text_of(file: str) -> str:
    return (HERE / file).read_text(encoding="utf-8")


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
