"""The compiler: from a function on single numbers to the matrix program that it was all along.

Each stage is a room: `tape` runs the function once on symbols, writes down what it does and tidies that;
`nests` finds the vectors in it, and what goes backward; `equations` writes the result for people, and
`backends` for NumPy, JAX and Numba, which carry it out. A `Program` is all of it, ready to be called and read.
"""

from collections.abc import Callable, Sequence
from inspect import signature
from operator import index
from typing import TYPE_CHECKING, Any

from engine.arguments import check_function
from engine.collector import patient_collector
from engine.trees import is_list
from engine.value import TraceError, Value

if TYPE_CHECKING:
    from engine.compiler.program import Program

__all__ = ["TraceError", "compile"]

BACKENDS = ("numpy", "numba", "jax")


def compile(
    function: Callable[..., Any],
    *,
    inputs: int | tuple[()] | Sequence[int | tuple[()]],
    parameters: Sequence[Value] = (),
    has_aux: bool = False,
    backend: str = "numpy",
) -> "Program":
    """Turn a function that is written one number at a time into a program on whole arrays.

    The function runs on symbols: nothing in it may depend on a number. Any function of arithmetic and the functions of
    `engine` compiles; regular ones become matrix products. It runs twice, so that what is drawn or looked up while it
    runs, and would be the same number for ever, is refused.

    Args:
        function: of as many arguments as `inputs` has entries; gives one number, or a list of them, which
            has a value but no gradient.
        inputs: for each argument n for a list of n numbers, or () for one number; a single entry may stand alone. On
            such a list ``x * 2``, ``x - y`` and ``x @ w`` go number by number, as on an array.
        parameters: Values that the function uses without being given them, such as ``model.parameters()``.
        has_aux: whether the function gives (number, list): the number to differentiate, and others to know.
        backend: what carries the program out: "numpy"; "numba", as native code, which takes seconds to make, once,
            and is kept on disk; or "jax", which compiles it for whatever JAX runs on, anew for each batch size.

    Returns:
        Program: print it to read the matrix equations; call its `value` and `value_and_grad`.

    Raises:
        TraceError: the function asks for a number, gives something other than numbers, uses a Value that is neither
            an argument nor a parameter, or does something else when it runs again, as with random numbers.
        ValueError: the inputs are no sizes, a parameter was computed or is there twice, or there is no such backend.
        TypeError: the parameters are no Values, or the function takes other arguments.
        ImportError: the backend's library is not installed.

    Example:
        >>> program = compile(lambda x: sum(a * a for a in x), inputs=3)
        >>> value, gradient = program.value_and_grad([1.0, 2.0, 3.0])
        >>> value, gradient.tolist()
        (14.0, [2.0, 4.0, 6.0])
    """
    check_function("compile", function, "compile(f, inputs=2)")
    from engine.compiler import kept
    from engine.compiler.nests.lift import lift_tape
    from engine.compiler.program import Program
    from engine.compiler.tape.record import record_tape
    from engine.compiler.tape.simplify import simplify

    shapes = _shapes(inputs)
    parameters = _checked(parameters)
    names = _names(function, shapes)
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}: choose one of {', '.join(BACKENDS)}")
    with patient_collector():
        tape, gives_list = record_tape(_with_aux(function) if has_aux else function, shapes, parameters)
        labels = [str(parameter.label or "") for parameter in parameters]

        def make() -> Program:
            return Program(lift_tape(simplify(tape), shapes, labels), shapes, names, backend, gives_list, has_aux)

        key = kept.key_of(tape, tuple(shapes), tuple(labels), tuple(names), backend, gives_list, has_aux)
        program: Program = kept.kept(key, make)
        return program


def _shapes(inputs: Any) -> list[int | tuple[()]]:
    """The inputs as a list with a shape for each argument."""
    given = list(inputs) if isinstance(inputs, (list, tuple)) and inputs != () else [inputs]
    for i, shape in enumerate(given):
        if isinstance(shape, tuple) and not shape:
            continue
        try:
            given[i] = index(shape)
        except TypeError:
            given[i] = 0
        if isinstance(shape, bool) or given[i] < 1:
            raise ValueError(
                f"inputs must have for each argument a size, 1 or more, or () for one number, but has {shape!r}"
            )
    return given


def _checked(parameters: Any) -> list[Value]:
    """The parameters as a list."""
    try:
        found = list(parameters)
    except TypeError:
        found = [parameters]
        if isinstance(parameters, Value):
            raise TypeError(f"parameters must be a list of Values: write [...] around {parameters!r}") from None
    for i, parameter in enumerate(found):
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters must be a list of Values, such as model.parameters(), but has {parameter!r}")
        if parameter.op is not None:
            raise ValueError(f"parameter {i} was computed, and could not change by itself: {parameter!r}")
    if len(set(found)) < len(found):
        twice = next(parameter for i, parameter in enumerate(found) if parameter in found[:i])
        raise ValueError(f"parameters has the same Value more than once: {twice!r}")
    return found


def _with_aux(function: Callable[..., Any]) -> Callable[..., list[Any]]:
    """A function that gives (number, list), as one that gives a list."""

    def flat(*arguments: Any) -> list[Any]:
        output = function(*arguments)
        if not isinstance(output, tuple) or len(output) != 2 or is_list(output[0]) or not is_list(output[1]):
            raise TraceError(
                f"with has_aux=True the function must give a number and a list of numbers, but gave {output!r}"
            )
        return [output[0], *output[1]]

    return flat


def _names(function: Callable[..., Any], shapes: Sequence[Any]) -> list[str]:
    """What the function calls its arguments; TypeError if it does not take so many."""
    numbered = [f"x{i}" for i in range(len(shapes))]
    try:
        of_function = signature(function)
    except (TypeError, ValueError):  # as of some that are written in C
        return numbered
    try:
        of_function.bind(*shapes)
    except TypeError as error:
        raise TypeError(
            f"inputs has {len(shapes)} entries, one for each argument, but the function takes {of_function}: {error}"
        ) from None
    names = list(of_function.parameters)
    return names if len(names) == len(shapes) else numbered  # as of *xs
