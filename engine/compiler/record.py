"""Record: run a function once on symbols, and write down what it does as a tape."""

import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from engine import modes
from engine.compiler.tape import Leaf, Tape
from engine.graph import topological_order
from engine.ops import Op
from engine.source import source_of, users_line
from engine.trees import is_list, numbers_in
from engine.value import NOT_YET, Constant, TraceError, Value, lift

__all__ = ["record_tape"]

Shape = int | tuple[()]  # of an argument: a list of so many numbers, or one number


class Symbolic:
    """What makes a Value a symbol: arithmetic is recorded, and asking for the number is refused."""

    __slots__ = ()

    @property
    def data(self) -> float:
        line = source_of(users_line(sys._getframe(1)))
        raise TraceError(
            "a function that is compiled runs once, before there are any numbers, so nothing in it may depend on one "
            "(no if, no comparison, no float(), no .data): use maximum, relu, select or step, and give labels as "
            f"inputs, classes as one-hot rows\n  {line}"
        )

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'label', '')!r})"

    @staticmethod
    def apply(op: Op, *args: Any) -> Any:
        """Record an operation on operands of which at least one is a symbol."""
        try:
            operands = tuple(map(lift, args))
        except TypeError:
            return NotImplemented
        node = _symbol()
        node.op = op
        node.args = operands
        return node


@cache
def _symbolic(kind: type[Value]) -> type[Value]:
    """The kind of Value as which a Value of the given kind has no number."""
    return type(f"Symbolic{kind.__name__}", (Symbolic, kind), {"__slots__": ()})


def _symbol(label: str = "") -> Value:
    symbol = object.__new__(_symbolic(Value))
    symbol.op = symbol.site = None
    symbol.args = symbol.operands = ()
    symbol.grad = NOT_YET
    symbol.label = label
    return symbol


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

    kinds = [type(parameter) for parameter in parameters]
    with modes.note_leaves() as made_inside:
        try:
            for parameter in parameters:
                parameter.__class__ = _symbolic(type(parameter))  # type: ignore[arg-type] # while this lasts they have no number either
            output = function(*arguments)
        finally:
            for parameter, kind in zip(parameters, kinds, strict=True):
                parameter.__class__ = kind
    try:
        outputs = [lift(number) for number in numbers_in(output)]
    except TypeError:
        raise TraceError(
            f"a function to compile must give a number or a list of numbers, but gave {output!r}"
        ) from None

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
                f"the function uses {node!r}, which is neither an argument nor a parameter: add it to parameters= "
                f"if it may change, or use a plain number\n  {source_of(node.site)}"
            )
    return tape, is_list(output)
