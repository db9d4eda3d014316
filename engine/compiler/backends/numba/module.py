"""Native modules: text that Numba compiles. Needs Numba."""

import hashlib
import re
import sys
import threading
from functools import cache, cached_property
from pathlib import Path
from textwrap import dedent, indent
from types import ModuleType
from typing import Any

import numba

from engine.compiler.backends.expression import namespace
from engine.compiler.backends.numba import arithmetic, products

__all__ = ["NativeModule"]

HERE = Path(__file__).parent
LOCK = threading.Lock()  # one thread at a time makes a module
HEADER = """\
from math import inf, nan

from engine.compiler.backends.numba.arithmetic import *
from engine.compiler.backends.numba.products import *

"""
PRODUCTS_IN_PYTHON = """\
def product(v, s, out, rows, W, down, across, columns, x, add, b, step):
    r, c = np.arange(rows)[:, None], np.arange(columns)
    before = (v[out : out + rows] if add else 0.0) + (s[b + step * r] if b >= 0 else 0.0)
    v[out : out + rows] = before + s[W + down * r + across * c] @ v[x : x + columns]


def rolled(n):
    return n


def outer(v, s, out, down, rows, columns, d, x, n):
    r, c = np.arange(rows)[:, None], np.arange(columns)
    s[out + down * r + c] += v[d : d + rows, :n] @ v[x : x + columns, :n].T


"""


FUNCTION = re.compile(r"^def (?P<name>\w+)\(.*\):\n(?P<body>(    .*\n|\n)+)", re.MULTILINE)
CALL = re.compile(
    r"^(?P<indent> *)(?P<name>tell|before|before_all|examples|examples_of_all|after|keep|update)\(.*\)$", re.MULTILINE
)


class NativeModule:
    """Functions on single numbers, and the drivers that call them, compiled together.

    Its kernels, those of `drivers`, are attributes: each is compiled when it is first called, which takes seconds and
    is said, or read from disk if it was compiled before.

    Args:
        source: text that defines what the drivers call.
        purpose: what it is for, in a word.
    """

    def __init__(self, source: str, purpose: str) -> None:
        self._text = whole_text(source, purpose)
        # what its native code depends on is in the name, by which it is found on disk
        parts = *map(_text_of, ("arithmetic.py", "products.py")), self._text
        self._name = f"chalkgrad_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        kernel = getattr(self._module, name)
        setattr(self, name, kernel)
        return kernel

    @cached_property
    def _module(self) -> ModuleType:
        with LOCK:
            if self._name not in sys.modules:  # where Numba looks for the globals of what it reads from disk
                module = ModuleType(self._name)
                exec(compile(self._text, f"<{self._name}>", "exec"), module.__dict__)
                sys.modules[self._name] = module
            return sys.modules[self._name]


def whole_text(source: str, purpose: str) -> str:
    """The text of a module: what is imported, and the drivers, with the bodies of what they call in place of the calls.

    For Numba to put them there takes as long as all the rest that it does before LLVM has its turn.
    """
    # NUMBA_DISABLE_JIT leaves all to Python, which has none of the instructions that products are written in
    disabled: Any = numba.config.DISABLE_JIT
    own = vars(arithmetic) | vars(products)
    borrowed = sorted(namespace(source, arithmetic, own).keys() - own.keys())
    imports = "".join(f"from {arithmetic.__name__} import {name}\n" for name in borrowed)
    bodies = {function["name"]: dedent(function["body"]).rstrip() for function in re.finditer(FUNCTION, source)}
    parts = (
        HEADER + imports,
        PRODUCTS_IN_PYTHON * bool(disabled),
        f"PURPOSE = {purpose!r}",
        re.sub(CALL, lambda call: indent(bodies.get(call["name"], "pass"), call["indent"]), _text_of("drivers.py")),
    )
    return "\n\n".join(parts)


@cache
def _text_of(file: str) -> str:
    return (HERE / file).read_text(encoding="utf-8")
