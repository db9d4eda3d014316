"""What holds for a stretch of code, in its own thread: whether to record, to watch for nan, and whose line it is.

And what a function that runs is differentiated with respect to.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from threading import RLock
from types import CodeType
from typing import Any, NamedTuple

__all__ = [
    "PLAIN",
    "Modes",
    "Site",
    "current",
    "deeper",
    "differentiated",
    "is_within",
    "no_grad",
    "note_leaves",
    "recorded",
    "switched",
    "varying",
]

Site = tuple[CodeType, int]  # a place in compiled code: cheap to note, and all there is to know


class Modes(NamedTuple):
    """What is switched on here.

    Depths rather than flags, so that blocks which do not end in the order in which they began, as in
    generators, leave nothing behind.

    Attributes:
        muted: how many blocks of `no_grad` are open.
        watched: how many blocks of `detect_anomaly` are open.
        leaves: where new leaves are collected, or None.
        site: the line of whatever is made here, or None to look for it.
    """

    muted: int = 0
    watched: int = 0
    leaves: set[Any] | None = None
    site: Site | None = None

    @property
    def is_recording(self) -> bool:
        """Whether results remember how they were made."""
        return self.muted <= 0


PLAIN = Modes()  # there is only one of these: making a node looks no further where this is current
_modes = ContextVar("modes", default=PLAIN)
current = _modes.get


def _set(modes: Modes) -> None:
    _modes.set(PLAIN if modes == PLAIN else modes)


@contextmanager
def switched(**changed: Any) -> Iterator[None]:
    """Other modes while this lasts; afterwards what they were."""
    before = current()
    _set(before._replace(**changed))
    try:
        yield
    finally:
        _set(current()._replace(**{name: getattr(before, name) for name in changed}))


@contextmanager
def deeper(mode: str) -> Iterator[None]:
    """One more block of a mode that is counted, while this lasts."""
    _set(current()._replace(**{mode: getattr(current(), mode) + 1}))
    try:
        yield
    finally:
        _set(current()._replace(**{mode: getattr(current(), mode) - 1}))


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results inside are constants, and nothing goes backward through them.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0)
        >>> with no_grad():
        ...     y = x * 2
        >>> y.data, y.op
        (6.0, None)
    """
    with deeper("muted"):
        yield


def recorded() -> AbstractContextManager[None]:
    """Record, whatever is around: what a derivative needs to be taken of."""
    return switched(muted=0)


@contextmanager
def note_leaves() -> Iterator[set[Any]]:
    """Collect the leaves that are made inside."""
    leaves: set[Any] = set()
    with switched(leaves=leaves):
        yield leaves


# Beside the modes, as making a node does not depend on it: under a transform it is as fast as anywhere.
_depth: ContextVar[int] = ContextVar("depth", default=0)
_open: dict[object, frozenset[Any]] = {}  # of all threads, as a function may have others compute for it
_varying: frozenset[Any] = frozenset()
_lock = RLock()


def varying() -> frozenset[Any]:
    """What is differentiated with respect to, in any thread: Values, and levels of Duals."""
    return _varying


def is_within() -> bool:
    """Whether a function that is differentiated, or compiled, runs here."""
    return _depth.get() > 0 or current().leaves is not None


@contextmanager
def differentiated(variables: Iterable[Any]) -> Iterator[None]:
    """While this lasts, a function is differentiated with respect to these: Values, and levels of Duals."""
    me = object()
    token = _depth.set(_depth.get() + 1)
    try:
        _have_open(me, frozenset(variables))
        yield
    finally:
        _have_open(me, None)
        _depth.reset(token)


def _have_open(who: object, variables: frozenset[Any] | None) -> None:
    global _varying
    with _lock:
        if variables is None:
            _open.pop(who, None)
        else:
            _open[who] = variables
        first, *others = _open.values() if _open else (frozenset(),)
        _varying = first.union(*others) if others else first
