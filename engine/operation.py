"""An operation of the user's own: a row like any other, defined in one call."""

from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter, Signature, signature
from keyword import iskeyword
from re import findall
from typing import Any

from engine import functions, ieee, ops
from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, asks_for_itself, forget, unknown
from engine.apply import apply
from engine.formula import Formula
from engine.number import to_float
from engine.op import Op, add_row, find_row, home_of, rows
from engine.users_formula import derived, given, value_of

__all__ = ["Operation", "operation", "operation_named"]

# Names that mean something already where they are looked up on an algebra. math's functions are there to be used.
TAKEN = {*ops.TABLE, *vars(functions), *vars(ieee)} - NUMPY_NAMES.keys() - SCIPY_NAMES.keys() | ops.TABLE.keys()

_operations: dict[str, "Operation"] = {}


class Operation:
    """A function that applies a row to numbers, Values, arrays or whatever else a row applies to.

    `operation` makes it.

    Attributes:
        op (Op): the row.
    """

    def __init__(self, op: Op, function: Callable[..., Any]) -> None:
        self.op = op
        update_wrapper(self, function)
        self.__name__ = self.__qualname__ = op.name
        self.__doc__ = self.__doc__ or "An operation of your own: `engine.operation` defined it."
        _, *parameters = signature(function).parameters.values()
        self.__signature__ = Signature(parameters)
        self._static = {p.name: p.default for p in parameters if p.kind is Parameter.KEYWORD_ONLY}

    def __call__(self, *xs: Any, **static: float) -> Any:
        arity = self.op.arity
        if len(xs) != arity and (arity is not None or not xs):
            needed = "one operand or more" if arity is None else f"{arity} operand{'s' * (arity != 1)}"
            raise TypeError(f"{self.__name__} takes {needed}, but was given {len(xs)}")
        return apply(self._bound(static) if self._static or static else self.op, *xs)

    def _bound(self, given: dict[str, float]) -> Op:
        static = self._static | given
        if static.keys() != self._static.keys() or Parameter.empty in static.values():
            raise TypeError(f"{self.__name__}{self.__signature__} was given the static parameters {given}")
        return self.op(**{name: to_float(number) for name, number in static.items()})

    def __repr__(self) -> str:
        return f"<operation {self.__name__}{self.__signature__}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_row, (self.op,)


def _of_row(op: Op) -> Operation:
    return _operations[op.name]


def operation_named(name: str) -> Operation | None:
    """The user's operation of that name."""
    return _operations.get(name)


def operation(
    value: Callable[..., Any] | None = None,
    partials: Callable[..., Any] | None = None,
    *,
    name: str = "",
    symbol: str = "",
    latex: str = "",
    cost: int = 1,
) -> Any:
    """Define an operation of your own, which then works wherever a built-in one does.

    It applies to plain numbers, Values, Duals and arrays of either; it goes backward and forward, to any order; traces,
    pictures and printed equations show it as one step; it compiles, is pickled, and is an activation in `nn`.

    Its formulas are written in ordinary arithmetic and functions of an algebra `m`: all operations, such as ``m.exp``
    and ``m.relu``, further ``m.select(condition, a, b)``, ``m.total``, ``m.largest`` and ``m.smallest`` of a list, and
    functions of Python's `math`. So one formula serves floats, graphs, arrays and programs. A formula that needs floats
    (``math.gamma(x)``, ``if x > 0``) does too, but for what needs a formula: such a value does not compile, nor have
    its derivatives found; such a partial cannot be differentiated again.

    Args:
        value: (m, x1, x2, ...) -> the number; ``*xs`` for any number of operands. Parameters that are keyword-only
            are static: plain numbers that are no operands.
        partials: (m, z, x1, x2, ...) -> its derivative by each operand, as a tuple, given the value z; of a single
            operand it may be just that. None to find them from the value, by forward mode.
        name: its name; by default the function's.
        symbol: the name that is shown; by default the name.
        latex: what is written before the operands in LaTeX, such as ``r"\\arctan"``; or how all of it is written, with
            #1, #2, ... for the operands, such as ``r"\\lfloor #1 \\rfloor"``.
        cost: how many operations on plain numbers it counts as, in `count_operations`.

    Returns:
        Operation: the function to call. Without `value`, what makes one of it: a decorator.

    Raises:
        ValueError: the name is taken or is none, or so is the symbol, or LaTeX asks for operands that there are not.
        TypeError: a formula does not take what it should or give what it should, or is needed and is missing.

    Example:
        >>> from engine import Value
        >>> @operation
        ... def bent(m, x):
        ...     return (m.sqrt(x * x + 1) - 1) / 2 + x
        >>> sech = operation(lambda m, x: 1 / m.cosh(x), lambda m, z, x: -z * m.tanh(x), name="sech")
        >>> x = Value(0.0)
        >>> y = bent(x) + sech(x)
        >>> y.backward()
        >>> y.data, x.grad
        (1.0, 1.0)
    """

    def define(value: Callable[..., Any]) -> Operation:
        if not callable(value):
            raise TypeError(f"an operation needs a function (m, x, ...) for its value, but was given {value!r}")
        called = name or getattr(value, "__name__", "")
        _check_names(called, symbol, value)
        n = _check_operands(called, value, partials)
        _check_latex(called, latex, n, value)
        slopes = given(called, partials) if partials else derived(called, value)
        _try_out(called, value, slopes, n or 2, is_derived=partials is None)
        row = Op(called, value_of(called, value), slopes, symbol=symbol, latex=latex, cost=lambda n: cost)
        if asks_for_itself(row) and called not in {*NUMPY_NAMES, *SCIPY_NAMES}:
            raise unknown(called)
        add_row(row, getattr(value, "__module__", "__main__"))
        forget(called)
        ieee.take(called)
        _operations[called] = Operation(row, value)
        return _operations[called]

    return define if value is None else define(value)


# --- What a caller may get wrong ---


def _check_names(name: str, symbol: str, value: Callable[..., Any]) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name) or name.startswith("_"):
        what = f"{name!r} is none" if name != "<lambda>" else "a lambda has none"
        raise ValueError(
            f'an operation needs a name to be shown and stored by, but {what}: operation(..., name="gauss")'
        )
    home = getattr(value, "__module__", "__main__")
    if name in TAKEN or (find_row(name) is not None and home_of(name) != home):
        by = f"module {home_of(name)}" if name not in TAKEN else "the engine"
        raise ValueError(f"the name {name} is taken: it is defined by {by}. Choose another")
    shown = {row.symbol for row in rows() if row.name != name}
    if symbol and (not isinstance(symbol, str) or not symbol.isidentifier() or symbol in shown):
        raise ValueError(f"the symbol {symbol!r} of {name} must be a word, and not that of another operation")


def _check_operands(name: str, value: Callable[..., Any], partials: Callable[..., Any] | None) -> int | None:
    """How many operands the value takes, None for any number; TypeError if the partials do not take these and z."""
    if any(p.kind is Parameter.VAR_KEYWORD for p in signature(value).parameters.values()):
        raise TypeError(
            f"the value of {name} takes any static parameters (**): name each of them, as in (m, x, *, slope)"
        )
    taken, static = _taken(value)
    first, *_ = [*signature(value).parameters.values(), None]
    if first is None or first.kind is Parameter.VAR_POSITIONAL or (taken is not None and taken < 2):
        raise TypeError(
            f"the value of {name} takes {taken or 1} arguments: it must take m, to get functions from, and operands"
        )
    n = None if taken is None else taken - 1
    if partials is None:
        return n
    if not callable(partials):
        raise TypeError(f"the partials of {name} must be a function (m, z, x, ...), but are {partials!r}")
    n_partials, static_partials = _taken(partials)
    if n_partials is not None and n_partials != (n or -1) + 2:
        needed = "m, z and any number of operands (*xs)" if n is None else f"m, z and {n} operands: {n + 2} arguments"
        raise TypeError(f"the partials of {name} must take {needed}, but take {n_partials}")
    if static != static_partials:
        raise TypeError(
            f"the static parameters of {name} are {sorted(static)} in its value, but {sorted(static_partials)} in its "
            "partials"
        )
    return n


def _taken(formula: Callable[..., Any]) -> tuple[int | None, set[str]]:
    """How many arguments a formula takes, None for any number, and its static parameters."""
    parameters = signature(formula).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    static = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    return None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional), static


def _check_latex(name: str, latex: str, n: int | None, value: Callable[..., Any]) -> None:
    if not isinstance(latex, str):
        raise ValueError(f"the LaTeX of {name} must be text, but is {latex!r}")
    known = {*map(str, range(1, (n or 9) + 1)), *signature(value).parameters}
    if unknown := set(findall(r"#(\w+)", latex)) - known:
        raise ValueError(f"the LaTeX of {name} asks for #{min(unknown)}, but it has {n or 'any number of'} operands")


def _try_out(name: str, value: Any, slopes: Callable[..., Any], n: int, *, is_derived: bool) -> None:
    """Write the partials down, to find what can be found before there are numbers."""
    static = {p.name: 1.0 for p in signature(value).parameters.values() if p.kind is Parameter.KEYWORD_ONLY}
    try:
        slopes(functions, *[Formula(text) for text in ("z", *[f"x{i}" for i in range(1, n + 1)])], **static)
    except AttributeError as error:
        if is_derived:
            raise TypeError(
                f"the derivative of {name} cannot be found from its value: {error}, or give partials"
            ) from None
    except (ArithmeticError, ValueError):  # of the static parameters that were made up
        pass
