"""Native modules: text that Numba compiles, kept on disk together with what was compiled. Needs Numba."""

import hashlib
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numba

from engine.files import write_atomically

__all__ = ["NativeModule"]

HERE = Path(__file__).parent
HEADER = '''\
"""Written by chalkgrad and compiled by Numba; may be deleted at any time."""

from math import inf, nan

from engine.compiler.native import *
from engine.compiler.products import *

'''


class NativeModule:
    """Functions on single numbers, and the drivers that call them, compiled together.

    Its kernels, those of `engine.compiler.drivers`, are attributes: each is compiled when it is first called, which
    takes seconds and is said, or read from disk if it was compiled before.

    Args:
        source: text that defines what the drivers call.
    """

    def __init__(self, source: str) -> None:
        self._text = f"{HEADER}{_text_of('drivers.py')}\n\n{source}"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kernel = getattr(self._module, name)

        def first_call(*arguments: Any) -> Any:
            with _said(name, Path(str(self._module.__file__))):
                result = kernel(*arguments)
            setattr(self, name, kernel)
            return result

        return first_call

    @cached_property
    def _module(self) -> ModuleType:
        # Numba takes notice when this text changes, but not when what it imports does: that is in the name.
        parts = [numba.__version__, *map(_text_of, ("native.py", "products.py")), self._text]
        name = f"chalkgrad_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"
        path = cache_folder() / f"{name}.py"
        if not path.exists():
            write_atomically(path, self._text.encode())
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # where Numba looks for the globals of what it reads from disk
        spec.loader.exec_module(module)
        return module


class _said:  # noqa: N801
    """Says that something is compiled, and how long it took, unless that is on disk already."""

    def __init__(self, name: str, path: Path) -> None:
        self._is_known = any(path.parent.glob(f"__pycache__/{path.stem}.{name}-*.nbi"))
        self._name, self._folder = name, path.parent

    def __enter__(self) -> None:
        self._start = time.perf_counter()
        if not self._is_known:
            print(f"chalkgrad: compiling {self._name} to native code, once ...", end=" ", file=sys.stderr, flush=True)

    def __exit__(self, *error: Any) -> None:
        if not self._is_known:
            print(f"{time.perf_counter() - self._start:.1f} s; kept in {self._folder}", file=sys.stderr)


@cache
def _text_of(file: str) -> str:
    return (HERE / file).read_text(encoding="utf-8")


@cache
def cache_folder() -> Path:
    """Where native code is kept: CHALKGRAD_CACHE, else the user's folder for such things, else a temporary one."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("CHALKGRAD_CACHE") or Path(home) / "chalkgrad")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "README", b"Native code of chalkgrad's; may be deleted at any time.\n")
        return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="chalkgrad-"))
