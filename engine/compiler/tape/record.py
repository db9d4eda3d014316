"""Record: run a function once on symbols, and write down what it does as a tape."""

from collections.abc import Callable, Sequence
from typing import Any

from engine import modes
from engine.compiler.tape.symbols import as_symbols, symbol
from engine.compiler.tape.tape import Leaf, Tape
from engine.source import line_at_work, source_of
from engine.trees import is_list
from engine.value import Constant, TraceError, Value, lift, topological_order

__all__ = ["record_tape"]

Shape = int | tuple[()]  # of an argument: a list of so many numbers, or one number


class _Numbers(list[Value]):
    """The numbers of an argument, which is an array to the callers of the program: they may mean arithmetic by *."""

    def _refuse(self, factor: Any) -> Any:
        raise TraceError(
            f"an argument with n in inputs is a list of n numbers, and * repeats a list: for its numbers times a "
            f"factor write [factor * number for number in x], or np.array(x) * factor\n  {line_at_work()}"
        )

    __mul__ = __rmul__ = __imul__ = _refuse


def _numbers_of(output: Any) -> list[Any]:
    return [number for part in output for number in _numbers_of(part)] if is_list(output) else [output]


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
        symbols = [symbol(f"x{argument}[{i}]") for i in range(1 if shape == () else int(shape))]  # type: ignore[arg-type]
        leaves |= {number: Leaf("input", argument, i) for i, number in enumerate(symbols)}
        arguments.append(symbols[0] if shape == () else _Numbers(symbols))
    leaves |= {parameter: Leaf("parameter", 0, i) for i, parameter in enumerate(parameters)}

    with modes.note_leaves() as made_inside, as_symbols(parameters):
        output = function(*arguments)
    try:
        outputs = [lift(number) for number in _numbers_of(output)]
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
