"""Record: run a function once on symbols, and write down what it does as a tape."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Any

from engine import modes
from engine.compiler.tape import Leaf, Tape
from engine.graph import topological_order
from engine.ops import STOP_GRADIENT, Op
from engine.source import OURS, Source, source_of, users_line
from engine.trees import is_list, numbers_in
from engine.value import Constant, TraceError, Value, lift, record

__all__ = ["record_tape"]

Shape = int | tuple[()]  # of an argument: a list of so many numbers, or one number

LIBRARIES = f"{os.sep}site-packages{os.sep}"
_LOCK = RLock()  # one thread at a time makes symbols of parameters


def _refuse(symbol: Any, *_: Any) -> Any:
    """Raise TraceError: something in the function depends on a number."""
    raise TraceError(
        "a function that is compiled runs once, before there are any numbers, so nothing in it may depend on one: no "
        "if, no comparison, no float(), no .data, no function of math. Use relu, maximum, select or step in the place "
        "of an if, and engine's functions in the place of math's; give labels as inputs, classes as one-hot rows "
        f"(inputs=(..., 3) for three classes)\n  {_line()}"
    )


def _refuse_as_index(symbol: Any) -> Any:
    raise TraceError(
        "a function that is compiled runs once, before there are any numbers, so none of them can be an index, nor how "
        "often to repeat a list. If this was meant to be arithmetic: an argument with n in inputs is a list of n "
        f"numbers, even if n is 1; one with () is a number\n  {_line()}"
    )


def _line() -> Source | None:
    """The user's line that asked for a number, perhaps by way of a library."""
    frame = sys._getframe(2)
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(OURS) or LIBRARIES in frame.f_code.co_filename
    ):
        frame = frame.f_back
    return source_of(users_line(frame))


def _withheld(slot: str) -> Any:
    """A slot of Value that must be neither read nor written while a function is recorded."""
    kept: Any = Value.__dict__[slot]

    def read(symbol: Any) -> Any:
        if modes.is_noting():
            _refuse(symbol)
        try:
            return kept.__get__(symbol)
        except AttributeError:
            raise TraceError(
                f"{symbol!r} stands for a number in a function that was compiled, and has none itself: the function "
                "must not keep what it computes"
            ) from None

    def write(symbol: Any, number: Any) -> None:
        if modes.is_noting():
            _refuse(symbol)
        kept.__set__(symbol, number)

    return property(read, write)


class Symbolic:
    """What makes a Value a symbol: arithmetic is recorded, and asking for the number is refused.

    To other threads than the one that records, a parameter is a number all the while.
    """

    __slots__ = ()

    data = _withheld("data")
    grad = _withheld("grad")

    def __bool__(self) -> bool:
        return bool(self.data)

    def __eq__(self, other: object) -> bool:
        if self is other or other is None or isinstance(other, Value):
            return self is other  # as of all Values
        return bool(self.data == other)

    def __hash__(self) -> int:
        return object.__hash__(self)

    __index__ = _refuse_as_index
    __int__ = __trunc__ = __floor__ = __ceil__ = __round__ = __complex__ = _refuse

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'label', '')!r})"

    @staticmethod
    def apply(op: Op, *args: Any) -> Any:
        """Record an operation on operands of which at least one is a symbol."""
        try:
            operands = tuple(map(lift, args))
        except TypeError:
            return NotImplemented
        if not modes.is_noting():
            for operand in operands:
                operand.data  # noqa: B018  # refused, if it is not a parameter that another thread has here
            return record(op, *operands)
        node = _symbol()
        node.op = op
        node.args = operands
        return node if modes.is_recording() or op is STOP_GRADIENT else Symbolic.apply(STOP_GRADIENT, node)


@cache
def _symbolic(kind: type[Value]) -> type[Value]:
    """The kind of Value as which a Value of the given kind has no number."""
    return type(f"Symbolic{kind.__name__}", (Symbolic, kind), {"__slots__": ()})


def _symbol(label: str = "") -> Value:
    symbol = object.__new__(_symbolic(Value))
    symbol.op = symbol.site = None
    symbol.args = symbol.operands = ()
    symbol.label = label
    return symbol


@contextmanager
def _as_symbols(parameters: Sequence[Value]) -> Iterator[None]:
    """While this lasts, parameters have no number either; those that are symbols already stay what they are."""
    with _LOCK:
        kinds = {parameter: type(parameter) for parameter in parameters if not isinstance(parameter, Symbolic)}
        try:
            for parameter, kind in kinds.items():
                parameter.__class__ = _symbolic(kind)  # type: ignore[arg-type]
            yield
        finally:
            for parameter, kind in kinds.items():
                parameter.__class__ = kind


def record_tape(
    function: Callable[..., Any], shapes: Sequence[Shape], parameters: Sequence[Value]
) -> tuple[Tape, bool]:
    """What a function computes from its arguments and the parameters, as a tape, and whether that is a list.

    Args:
        function: gives one number, or a list of numbers.
        shapes: for each argument n for a list of n numbers, or () for one number.
        parameters: Values that the function uses without being given them, and that may change.

    Returns:
        (tape, is_list): the tape has the inputs and parameters that are really used among its leaves.

    Raises:
        TraceError: the function asks for a number, gives something other than numbers, or uses a Value
            that is neither an argument nor a parameter nor made by itself.
    """
    leaves: dict[Value, Leaf] = {}
    arguments: list[Any] = []
    for argument, shape in enumerate(shapes):
        symbols = [_symbol(f"x{argument}[{i}]") for i in range(1 if shape == () else int(shape))]  # type: ignore[arg-type]
        leaves |= {symbol: Leaf("input", argument, i) for i, symbol in enumerate(symbols)}
        arguments.append(symbols[0] if shape == () else symbols)
    leaves |= {parameter: Leaf("parameter", 0, i) for i, parameter in enumerate(parameters)}

    with modes.note_leaves() as made_inside, _as_symbols(parameters):
        output = function(*arguments)
    try:
        outputs = [lift(number) for number in numbers_in(output)]
    except TypeError:
        raise TraceError(
            f"a function to compile must give a number or a list of numbers, but gave {output!r}"
        ) from None
    if not outputs:
        raise TraceError(f"a function to compile must give a number, or a list with one or more, but gave {output!r}")

    order = topological_order(*outputs)
    place = {node: i for i, node in enumerate(order)}
    tape = Tape()
    tape.outputs = [place[number] for number in outputs]
    for node in order:
        if node.op is not None:
            tape.add(node.op, tuple([place[arg] for arg in node.args]))
        elif node in leaves:
            tape.add_leaf(leaves[node])
        elif isinstance(node, Constant) or node in made_inside:
            tape.add_leaf(Leaf("constant", 0, node.data))
        else:
            raise TraceError(
                f"the function uses {node!r}, which is neither an argument nor a parameter: make it one of the "
                f"parameters if it may change, or use a plain number\n  {source_of(node.site)}"
            )
    return tape, is_list(output)
