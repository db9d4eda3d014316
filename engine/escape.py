"""Plain numbers that must not escape from a function that is differentiated: to the derivative they are constants."""

import re
from sys import modules
from typing import Any, NoReturn

from engine import ops
from engine.modes import varying
from engine.number import Number
from engine.op import find_row
from engine.source import line_at_work, line_that_raised, was_raised_in_a_library

__all__ = ["TraceError", "check_may_escape", "explain", "is_varying", "refuse_to_escape"]


class TraceError(TypeError):
    """A number is asked for where there is none yet, or where the derivative would lack what is made of it."""


def is_varying(x: Any) -> bool:
    """Whether a node depends on what a function that is running is differentiated with respect to."""
    around = varying()
    seen: set[Any] = set()
    to_visit = [x] if around else []
    while to_visit:
        node = to_visit.pop()
        if node in around:
            return True
        if node not in seen and node.op is not ops.STOP_GRADIENT:
            seen.add(node)
            to_visit.extend(node.operands)
    return False


def check_may_escape(x: Any) -> None:
    """Raise TraceError for a node whose number would be missing in a derivative that is being taken."""
    if varying() and is_varying(x):
        refuse_to_escape()


def refuse_to_escape() -> NoReturn:
    """Raise TraceError, with the user's line and what to write instead."""
    source = line_at_work()
    asked = [] if source is None else re.findall(r"\b((?:math|np|numpy)\.(\w+))\(", source.text)
    instead = [f"engine's {name} in the place of {whole}" for whole, name in asked if find_row(name) is not None]
    raise TraceError(
        "this function is differentiated, and the derivative would lack what is made of a plain number in the place "
        f"of its variables: write {' and '.join(instead) or 'functions of engine in the place of those of math'}, keep "
        "results in lists or in arrays of objects, and use grad or gradients within. To look at a number on purpose "
        f"there is x.data\n  {source}"
    )


def explain(error: TypeError | AttributeError) -> None:
    """Raise TraceError, with the user's line, for an error by which NumPy says that it can do this for floats alone."""
    if isinstance(error, AttributeError):
        ufunc = getattr(modules.get("numpy"), error.name or "", None)  # a method of that name it calls on other numbers
        if not isinstance(error.obj, Number) or not (hasattr(ufunc, "nin") or was_raised_in_a_library(error)):
            return
    elif isinstance(error, TraceError) or "ufunc" not in str(error):
        return
    raise TraceError(
        "what NumPy and SciPy have compiled for floats alone, such as np.linalg.inv, np.fft.fft or "
        "scipy.special.gamma, knows of no numbers that are differentiated: write it in arithmetic, sums, @ and "
        "functions of engine, which apply to arrays too; or define an operation of your own by its value and its "
        f"derivatives (engine.operation)\n  {line_that_raised(error) or line_at_work()}"
    ) from error
