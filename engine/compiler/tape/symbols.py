"""Symbols: Values without a number, which a function that is compiled runs on."""

import sys
from collections.abc import Callable, Sequence
from functools import cache
from threading import RLock
from typing import Any

from engine import modes
from engine.op import Op
from engine.ops import STOP_GRADIENT
from engine.source import line_at_work, users_line
from engine.value import TraceError, Value, connect, lift, record

__all__ = ["is_recorded_here", "symbol", "without_numbers"]

_LOCK = RLock()  # one thread at a time makes symbols of parameters


def _refuse(symbol: Any, *_: Any) -> Any:
    """Raise TraceError: something in the function depends on a number."""
    raise TraceError(
        "a function that is compiled runs before there are any numbers, so nothing in it may depend on one: no if, no "
        "comparison, no float(), no .data, no function of math, no trace, no picture. Use relu, maximum, where or "
        "step in the place of an if, and engine's functions, or one of your own (engine.operation), in the place of "
        "math's; give labels as inputs, classes as one-hot rows (inputs=(..., 3) for three classes)\n"
        f"  {line_at_work()}"
    )


def _refuse_as_index(symbol: Any) -> Any:
    raise TraceError(
        "a function that is compiled runs before there are any numbers, so none of them can be an index, nor how "
        "often to repeat a list. If this was meant to be arithmetic: an argument with n in inputs is a list of n "
        f"numbers, even if n is 1; one with () is a number\n  {line_at_work()}"
    )


def is_recorded_here() -> bool:
    """Whether a function is recorded in this thread, that is, as one may be in another."""
    return modes.current().leaves is not None


def _withheld(slot: str) -> Any:
    """A slot of Value that must be neither read nor written while a function is recorded."""
    kept: Any = Value.__dict__[slot]

    def read(symbol: Any) -> Any:
        if is_recorded_here():
            _refuse(symbol)
        try:
            return kept.__get__(symbol)
        except AttributeError:
            raise TraceError(
                f"{symbol!r} stands for a number in a function that was compiled, and has none itself: the function "
                "must not keep what it computes"
            ) from None

    def write(symbol: Any, number: Any) -> None:
        if is_recorded_here():
            _refuse(symbol)
        kept.__set__(symbol, number)

    return property(read, write)


class Symbolic:
    """What makes a Value a symbol: arithmetic is recorded, and asking for the number is refused.

    To other threads than the one that records, a parameter is a number all the while.
    """

    __slots__ = ()

    _data = _withheld("_data")
    _grad = _withheld("_grad")

    __index__ = _refuse_as_index
    __int__ = __complex__ = _refuse

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'label', '')!r})"

    def _kind(self) -> type:
        # Another thread may copy a parameter, which is what it was to it; a symbol has no number to be copied.
        return type(self).__bases__[1]

    @staticmethod
    def apply(op: Op, *args: Any) -> Any:
        """Record an operation on operands of which at least one is a symbol."""
        try:
            operands = tuple(map(lift, args))
        except TypeError:
            return NotImplemented
        if not is_recorded_here():
            for operand in operands:
                operand._data  # noqa: B018  # refused, if it is not a parameter that another thread has here
            return record(op, *operands)
        node = symbol()
        node.site = modes.current().site or users_line(sys._getframe(2))
        connect(node, op, operands, ())
        return node if modes.current().is_recording or op is STOP_GRADIENT else Symbolic.apply(STOP_GRADIENT, node)


@cache
def _symbolic(kind: type[Value]) -> type[Value]:
    """The kind of Value as which a Value of the given kind has no number."""
    return type(f"Symbolic{kind.__name__}", (Symbolic, kind), {"__slots__": ()})


def symbol(label: str = "") -> Value:
    """A number that is not known yet."""
    made: Value = object.__new__(_symbolic(Value))
    made.op = made.site = made._a = made._b = made._x = made._y = None
    made.label = label
    return made


def without_numbers(parameters: Sequence[Value], run: Callable[[], Any]) -> Any:
    """What a function gives while parameters have no number either; those that are symbols already stay what they are.

    Afterwards they have theirs again, whatever happens. An interrupt may come at any point, and so while they are put
    back too: that is done twice, as no contextmanager could, which may be interrupted on the way to either.
    """
    with _LOCK:
        kinds = [(parameter, type(parameter)) for parameter in parameters if not isinstance(parameter, Symbolic)]
        try:
            try:
                for parameter, kind in kinds:
                    parameter.__class__ = _symbolic(kind)  # type: ignore[arg-type]
                return run()
            finally:
                for parameter, kind in kinds:
                    parameter.__class__ = kind
        finally:
            for parameter, kind in kinds:
                parameter.__class__ = kind
