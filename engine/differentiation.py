"""How a transform runs a function, in reverse and in forward mode, and differentiates what it gives."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count
from operator import index
from typing import Any, SupportsIndex

from engine import modes, ops
from engine.adjoints import gradients, sweep_rows
from engine.apply import apply
from engine.escape import explain
from engine.forward import Dual, primal_of, tangent_of
from engine.number import Number, to_float
from engine.op import FLAT
from engine.order import dependent_on, topological_order
from engine.trees import (
    describe,
    filled,
    is_array,
    is_number,
    is_truth,
    map_blocks,
    names_in,
    numbers_in,
    numbers_like,
    shape_of,
    shaped,
)
from engine.value import Constant, Value, Variable
from engine.vector import Vector

__all__ = [
    "check_argnums",
    "check_argument",
    "derivatives",
    "directions_of",
    "indices_of",
    "push_forward",
    "run",
    "settled",
]

Function = Callable[..., Any]

_levels = count(1)


def run(
    f: Function, args: Sequence[Any], kwargs: Mapping[str, Any], indices: Sequence[int], has_aux: bool
) -> tuple[list[Any], Any, Any]:
    """The variables in the place of the numbers in some arguments, what the function gives for these, and aux."""
    for i in indices:
        check_argument(i, args[i])
    with modes.recorded():
        replaced = {i: filled(args[i], map(_variable, numbers_in(args[i])), Vector) for i in indices}
    variables = [x for i in indices for x in numbers_in(replaced[i])]  # now: the function may change what holds them
    output, aux = _call(f, args, kwargs, replaced, map(_innermost, variables), has_aux)
    return variables, output, _map_aux(lambda x: settled([x])[0], aux)


def push_forward(
    f: Function, args: Sequence[Any], kwargs: Mapping[str, Any], tangents: Mapping[int, list[Any]], has_aux: bool
) -> tuple[Any, list[Any], list[Any], Any]:
    """What the function gives for Duals in the place of some arguments, its numbers, their tangents, and aux."""
    level = next(_levels)
    for i in tangents:
        check_argument(i, args[i])
    replaced = {
        i: filled(args[i], [Dual(*pair, level) for pair in zip(numbers_in(args[i]), tangents[i], strict=True)], Vector)
        for i in tangents
    }
    output, aux = _call(f, args, kwargs, replaced, [level], has_aux)
    numbers = numbers_in(output)
    primals = settled([primal_of(x, level) for x in numbers])
    aux = _map_aux(lambda x: settled([primal_of(x, level)])[0], aux)
    return output, primals, settled([tangent_of(x, level) for x in numbers]), aux


def _call(
    f: Function, args: Sequence[Any], kwargs: Mapping[str, Any], replaced: Mapping[int, Any],
    varying: Iterable[Any], has_aux: bool
) -> tuple[Any, Any]:  # fmt: skip
    """What the function gives for arguments of which some are replaced, and aux.

    Lists among these are Vectors, on which x * 2 is what it is on an array. Outside, lists are plain ones again.
    """
    with modes.recorded(), modes.differentiated(varying):
        try:
            output = f(*[replaced.get(i, arg) for i, arg in enumerate(args)], **kwargs)
        except (TypeError, AttributeError) as error:
            explain(error)
            raise
    aux = None
    if has_aux:
        if not isinstance(output, (list, tuple)) or len(output) != 2:
            raise TypeError(f"with has_aux a function must give (numbers, aux), but it gave {describe(output)}")
        output, aux = output
    for x in numbers_in(output):
        if not is_number(x):
            raise TypeError(
                f"a function to differentiate must give a number, or a list, tuple, dict or array of numbers, but it "
                f"gave {describe(x)}: {_instead(x)}"
            )
    if not modes.is_within():
        output = map_blocks(lambda block: block, output, list)
    return output, aux


def _map_aux(function: Callable[[Any], Any], aux: Any) -> Any:
    """What a function has to say beside its numbers, without the variables that nobody else knows."""

    def block(x: Any) -> Any:
        if getattr(x, "dtype", None) is None:
            return function(x) if isinstance(x, Number) else x
        return shaped(map(function, numbers_in(x)), shape_of(x)) if x.dtype.hasobject else x

    return map_blocks(block, aux, None if modes.is_within() else list)


def _variable(x: Any) -> Any:
    """A number of the same kind that nothing else depends on.

    A Value is renamed, so that what depends on it by another way does not count. A Dual becomes a Dual
    of a variable: a derivative is linear, so its tangent is differentiated like its primal.
    """
    if isinstance(x, Value):
        return apply(ops.IDENTITY, x)
    return Dual(_variable(x.primal), x.tangent, x.level) if isinstance(x, Dual) else Variable(x)


def _innermost(variable: Any) -> Value:
    while isinstance(variable, Dual):
        variable = variable.primal
    return variable


def derivatives(outputs: Sequence[Any], variables: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
    """Some numbers as they leave a transform, and for each its derivatives with respect to variables."""
    leaves = [_innermost(variable) for variable in variables]
    undecided = _undecided(outputs)
    decided = [value for output in outputs for value in _values_in(output) if value not in undecided]
    rows = dict(zip(decided, sweep_rows(decided, leaves), strict=True))

    def row(output: Any) -> list[Any]:
        if isinstance(output, Dual):
            parts = row(output.primal), row(output.tangent)
            return [Dual(*pair, output.level) for pair in zip(*parts, strict=True)]
        if isinstance(output, Value):
            return rows[output] if output in rows else settled(gradients(output, leaves))
        return [output if output is FLAT else 0.0] * len(leaves)

    return [_settle(output, undecided) for output in outputs], [row(output) for output in outputs]


def settled(numbers: Sequence[Any]) -> list[Any]:
    """Numbers as they leave a transform: floats, and Values only where somebody else may differentiate them."""
    undecided = _undecided(numbers)
    return [_settle(x, undecided) for x in numbers]


def _settle(x: Any, undecided: Collection[Value]) -> Any:
    if isinstance(x, Dual):
        return Dual(_settle(x.primal, undecided), _settle(x.tangent, undecided), x.level)
    if isinstance(x, Value):
        return x if x in undecided else x.data
    return x if isinstance(x, Number) or x is FLAT else to_float(x)


def _undecided(numbers: Iterable[Any]) -> set[Value]:
    """The nodes that depend on Values of the user's, or on variables of a transform around this one."""
    order = topological_order(*[value for x in numbers for value in _values_in(x)])
    around = modes.varying()
    known = (Constant, Variable)
    found = {node for node in order if node in around or (node.op is None and not isinstance(node, known))}
    return dependent_on(found, order) if found else found


def _values_in(x: Any) -> list[Value]:
    """The Values that a number is made of."""
    if isinstance(x, Dual):
        return _values_in(x.primal) + _values_in(x.tangent)
    return [x] if isinstance(x, Value) else []


# --- What a caller may get wrong ---


def check_argnums(argnums: Any) -> bool:
    """Whether it is several arguments that are asked for."""
    several = isinstance(argnums, (list, tuple))
    for i in argnums if several else [argnums]:
        if isinstance(i, bool) or not isinstance(i, SupportsIndex) or is_array(i):
            raise ValueError(f"argnums must be the index of an argument or a tuple of them, but was {argnums!r}")
    return several


def indices_of(argnums: int | Sequence[int], args: Sequence[Any]) -> list[int]:
    indices = [index(i) for i in ([argnums] if isinstance(argnums, SupportsIndex) else argnums)]
    for i in indices:
        if not -len(args) <= i < len(args):
            raise ValueError(
                f"argnums is {argnums!r}, but the function was given {len(args)} arguments"
                + (" beside those by keyword, which are not differentiated" if not args else "")
            )
    return [i % len(args) for i in indices]


def check_argument(i: int, argument: Any) -> None:
    """Raise TypeError for an argument that cannot be differentiated."""
    numbers = numbers_in(argument)
    wrong = [place for place, x in enumerate(numbers) if not is_number(x)]
    if not wrong and argument is not None:
        return
    where, what = f"argument {i}", argument
    if wrong:
        where, what = names_in(argument, where)[wrong[0]], numbers[wrong[0]]
    raise TypeError(
        f"what is differentiated must be a number, or a list, tuple, dict or array of numbers, but {where} is "
        f"{describe(what)}: {_instead(what)}"
    )


def _instead(x: Any) -> str:
    """What to write in the place of what is no number."""
    if is_truth(x):
        return "a truth has no derivative; for a number that is 1 where x > a and else 0 write step(x - a)"
    if hasattr(x, "parameters"):
        return "for the derivatives of a model's loss call loss.backward(), and read the grad of each of its parameters"
    return "argnums says which arguments are differentiated; the others may be anything"


def directions_of(name: str, primals: Any, tangents: Any) -> tuple[Sequence[Any], dict[int, list[Any]]]:
    """The arguments, and for those that are differentiated their tangents, from left to right."""
    args, directions = (primals, tangents) if isinstance(primals, (list, tuple)) else ([primals], [tangents])
    if not isinstance(directions, (list, tuple)) or len(args) != len(directions):
        raise ValueError(
            f"{name} needs a list of the arguments and a list of as many tangents, such as {name}(f, [x], [1.0]), "
            f"but was given {describe(primals)} and {describe(tangents)}"
        )
    found = {}
    for i, (arg, direction) in enumerate(zip(args, directions, strict=True)):
        if direction is None:
            continue
        found[i] = numbers_like(arg, direction)
        for tangent in found[i]:
            if not is_number(tangent):
                raise TypeError(f"a tangent has a number for each of its argument, but has {describe(tangent)}")
    if not found:
        raise ValueError(f"{name} needs a tangent for at least one argument, but was given {describe(tangents)}")
    return args, found
