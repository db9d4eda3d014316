"""Record: run a function on symbols, and write down what it does as a tape.

It runs twice. What differs then was drawn, or looked up, while it ran: it would be a constant from now on.
"""

import pickle
import random
import sys
from collections.abc import Callable, Sequence
from contextvars import copy_context
from itertools import zip_longest
from typing import Any, NamedTuple

from engine import modes
from engine.by_hand import ByHand
from engine.compiler.tape.symbols import symbol, without_numbers
from engine.compiler.tape.tape import Leaf, Tape
from engine.escape import explain
from engine.order import topological_order
from engine.source import Source, source_of
from engine.trees import is_list, is_tree, numbers_in
from engine.value import Constant, TraceError, Value, lift
from engine.vector import Vector

__all__ = ["record_tape"]

Shape = int | tuple[()]  # of an argument: a list of so many numbers, or one number


class _Recording(NamedTuple):
    """What a function did when it ran.

    Attributes:
        tape: it.
        nodes: what each of its entries was.
        is_list: whether the function gave a list.
        generators: the state in which it left the random numbers that everybody draws.
    """

    tape: Tape
    nodes: list[Value]
    is_list: bool
    generators: object


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
        TraceError: the function asks for a number, gives something other than numbers, uses a Value
            that is neither an argument nor a parameter nor made by itself, or is not the same when it runs again.
    """
    leaves: dict[Value, Leaf] = {}
    arguments: list[Any] = []
    for argument, shape in enumerate(shapes):
        symbols = [symbol(f"x{argument}[{i}]") for i in range(1 if shape == () else int(shape))]  # type: ignore[arg-type]
        leaves |= {number: Leaf("input", argument, i) for i, number in enumerate(symbols)}
        arguments.append(symbols[0] if shape == () else symbols)
    leaves |= {parameter: Leaf("parameter", 0, i) for i, parameter in enumerate(parameters)}

    def run() -> Any:
        with modes.note_leaves() as made_inside:
            try:
                output = function(*[Vector(argument) if type(argument) is list else argument for argument in arguments])
            except (TypeError, AttributeError) as error:
                explain(error)
                raise
        leaves.update((leaf, Leaf("constant", 0, leaf.data)) for leaf in made_inside)
        return output, _generators()

    # In a context of its own, so that no mode outlasts an interrupt.
    first, again = copy_context().run(without_numbers, parameters, lambda: (run(), run()))
    recording = _recording(leaves, *first)
    _check_same(recording, _recording(leaves, *again))
    return recording.tape, recording.is_list


def _numbers_of(output: Any) -> list[Any]:
    if is_list(output):
        return [number for part in output for number in _numbers_of(part)]
    return [output] if is_tree(output) else numbers_in(output)


def _recording(leaves: dict[Value, Leaf], output: Any, generators: object) -> _Recording:
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
        if isinstance(node.op, ByHand):
            raise TraceError(
                f"{node.op.name} was made by hand, and nobody knows its formula: what is compiled is made of "
                f"operations, your own too (engine.operation)\n  {source_of(node.site)}"
            )
        if node.op is not None:
            tape.add(node.op, tuple([place[operand] for operand in node.operands]))
        elif node in leaves:
            tape.add_leaf(leaves[node])
        elif isinstance(node, Constant):
            tape.add_leaf(Leaf("constant", 0, node.data))
        else:
            raise TraceError(
                f"the function uses {node!r}, which is neither an argument nor a parameter: make it one of the "
                f"parameters if it may change, or use a plain number\n  {source_of(node.site)}"
            )
    return _Recording(tape, order, is_list(output), generators)


def _generators() -> object:
    numpy = sys.modules.get("numpy")
    return random.getstate(), numpy and pickle.dumps(numpy.random.get_state())


def _check_same(first: _Recording, again: _Recording) -> None:
    """TraceError, with the line, if a function did something else when it ran again."""
    one, other = first.tape, again.tape
    is_same = one.ops == other.ops and one.args == other.args and one.outputs == other.outputs
    is_same = is_same and (one.leaves == other.leaves or repr(one.leaves) == repr(other.leaves))  # nan is not itself
    if is_same and first.generators == again.generators:
        return
    raise TraceError(
        "a function that is compiled must do the same whenever it runs, but this one did not: it draws random numbers, "
        "looks at a clock, or counts how often it is called, and what it found would be the same number for ever. Give "
        "such numbers as an input (inputs=(..., n) for a list of n), drawn anew for each example; or draw them before, "
        f"if they are to stay\n  {_line(first, again)}"
    )


def _line(first: _Recording, again: _Recording) -> Source | None:
    """The user's line that did something else."""

    def entries(recording: _Recording) -> Any:
        tape = recording.tape
        return zip(tape.ops, tape.args, map(repr, map(tape.leaves.get, range(len(tape)))), strict=True)

    differs = (i for i, (one, other) in enumerate(zip_longest(entries(first), entries(again))) if one != other)
    i = min(next(differs, len(first.nodes) - 1), len(first.nodes) - 1)
    used_by = (k for k, args in enumerate(first.tape.args) if i in args)
    site = first.nodes[i].site or first.nodes[next(used_by, i)].site
    return source_of(site)
