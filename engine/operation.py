"""An operation of the user's own: a row like any other, defined in one call."""

from collections.abc import Callable, Iterable
from functools import update_wrapper, wraps
from inspect import Parameter, Signature, signature
from keyword import iskeyword
from re import findall
from typing import Any, NoReturn

from engine import functions, ieee, ops
from engine.algebra import NUMPY_NAMES, SCIPY_NAMES, asks_for_itself, forget, unknown
from engine.apply import apply
from engine.formula import Formula
from engine.number import Number, times, to_float
from engine.op import FLAT, Op, add_row, find_row, home_of, rows

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
        formula = partials or _derived(called, value)
        _try_out(called, value, formula, n or 2, is_derived=partials is None)
        row = Op(
            called,
            _value(called, value),
            _partials(called, formula),
            symbol=symbol,
            latex=latex,
            cost=lambda n: cost,
        )
        if asks_for_itself(row) and called not in {*NUMPY_NAMES, *SCIPY_NAMES}:
            raise unknown(called)
        add_row(row, getattr(value, "__module__", "__main__"))
        forget(called)
        ieee.take(called)
        _operations[called] = Operation(row, value)
        return _operations[called]

    return define if value is None else define(value)


# --- A formula in the hands of a row: what it is given, and what it gives ---


def _value(name: str, formula: Callable[..., Any]) -> Callable[..., Any]:
    """A formula for a value as that of a row: on floats it gives a float, whatever the floats are."""

    @wraps(formula)
    def value(m: Any, *xs: Any, **static: float) -> Any:
        if m is ieee:
            z = _on_floats(formula, *xs, **static)
            return z if type(z) is float else _number(z, f"the value of {name}")
        if any(isinstance(x, Number) for x in xs):
            return _opened(_on_numbers(name, formula, m, *xs, **static))
        return _on_arrays(value, formula, m, *xs, **static)

    return value


def _partials(name: str, formula: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """A formula for partials as that of a row."""

    @wraps(formula)
    def partials(m: Any, z: Any, *xs: Any, **static: float) -> tuple[Any, ...]:
        n = len(xs)
        if m is ieee or all(type(x) is float for x in xs):
            found = _as_many(name, n, _on_floats(formula, z, *xs, **static))
            return tuple([_number(partial, f"a partial of {name}") for partial in found])
        if not any(isinstance(x, Number) for x in xs):
            return _as_many(name, n, _on_arrays(partials, formula, m, z, *xs, **static))
        try:
            found = _as_many(name, n, _on_numbers(name, formula, m, z, *xs, **static))
        except _NeedsFloatsError:
            if not isinstance(z, Formula):
                raise
            found = tuple(_primed(name, xs))
        partials_ = [_opened(partial) for partial in found]
        return tuple([x if isinstance(x, Number) else _number(x, f"a partial of {name}") for x in partials_])

    return partials


def _as_many(name: str, n: int, found: Any) -> tuple[Any, ...]:
    given = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    if len(given) != n:
        raise TypeError(
            f"{name} has {n} operands, but its partials are {len(given)}: give a tuple, one for each operand"
        )
    return given


def _number(x: Any, what: str) -> float:
    if type(x) is float or x is FLAT:
        return x
    try:
        return to_float(x)
    except TypeError:
        raise TypeError(f"{what} must be one real number, but was {x!r} ({type(x).__name__})") from None


def _on_floats(formula: Callable[..., Any], *xs: Any, **static: float) -> Any:
    """A formula's number. Where Python raises, or leaves the real numbers, it is that of IEEE arithmetic."""
    try:
        found = formula(ieee, *xs, **static)
        if not any(isinstance(x, complex) for x in (found if isinstance(found, (tuple, list)) else (found,))):
            return found
    except (ArithmeticError, ValueError):
        pass
    except AttributeError as error:
        if error.obj is ieee:
            raise unknown(str(error.name)) from None
        raise
    found = formula(_Within(ieee, _Float), *map(_Float, xs), **static)
    return tuple(map(_opened, found)) if isinstance(found, (tuple, list)) else _opened(found)


def _on_numbers(name: str, formula: Callable[..., Any], m: Any, *xs: Any, **static: float) -> Any:
    """What a formula gives for numbers of other kinds, which it must not look into."""

    def sealed(x: Any) -> Any:
        return _Sealed(x, name) if isinstance(x, Number) else x

    return formula(_Within(m, sealed), *map(sealed, xs), **static)


def _on_arrays(row: Callable[..., Any], formula: Callable[..., Any], m: Any, *xs: Any, **static: float) -> Any:
    """A formula's array, and of a formula that needs floats an array of what it gives for each."""
    try:
        return formula(m, *xs, **static)
    except (TypeError, ValueError):
        import numpy as np

        columns = np.broadcast_arrays(*xs)
        found = [row(ieee, *map(float, numbers), **static) for numbers in zip(*map(np.ravel, columns), strict=True)]
        shape = columns[0].shape
        if found and isinstance(found[0], tuple):
            return tuple([np.reshape(partials, shape) for partials in zip(*found, strict=True)])
        return np.reshape(found, shape)


class _Within:
    """An algebra on numbers that are wrapped.

    Args:
        m: the algebra on what is in them.
        wrap: what to do with a result.
    """

    def __init__(self, m: Any, wrap: Callable[[Any], Any]) -> None:
        self._m = m
        self._wrap = wrap

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._m, name)
        return lambda *xs, **static: self._wrap(function(*map(_opened, xs), **static))


class _Float(Number):
    """A float, with arithmetic that never raises."""

    __slots__ = ("number",)

    def __init__(self, number: float) -> None:
        self.number = number

    def __float__(self) -> float:
        return self.number

    @staticmethod
    def apply(op: Op, *xs: Any) -> "_Float":
        return _Float(op.value(ieee, *map(_opened, xs)))


class _NeedsFloatsError(TypeError):
    """A formula asks for a float where there is none, or where it would be lost to the graph."""


class _Sealed(Number):
    """A number of any kind within a formula, which nothing but arithmetic gets out of.

    A float that was read off it would be a constant to whoever differentiates the formula, and the derivative wrong.
    """

    __slots__ = ("name", "number")

    def __init__(self, number: Any, name: str) -> None:
        self.number = number
        self.name = name

    def __float__(self) -> NoReturn:
        raise _NeedsFloatsError(
            f"a formula of {self.name} needs floats, but here it is differentiated, or compiled: take functions from "
            "m, such as m.erf(x) and not math.erf(x), and write m.select(condition, a, b) in the place of an if"
        )

    @staticmethod
    def apply(op: Op, *xs: Any) -> Any:
        name = next(x.name for x in xs if isinstance(x, _Sealed))
        return _Sealed(apply(op, *map(_opened, xs)), name)


def _opened(x: Any) -> Any:
    """The number that is wrapped, and the numbers in a list of such."""
    if isinstance(x, (_Float, _Sealed)):
        return x.number
    return [_opened(element) for element in x] if isinstance(x, Iterable) else x


def _primed(name: str, xs: tuple[Any, ...]) -> list[Any]:
    """The derivatives of a formula that cannot be written out, by their names: atan2'1(a, b)."""
    written = ", ".join(Formula.of(x).text for x in xs)
    latex = ", ".join(Formula.of(x).latex for x in xs)
    which = [""] if len(xs) == 1 else [str(i) for i in range(1, len(xs) + 1)]
    shown = name.replace("_", " ")
    return [Formula(f"{name}'{i}({written})", rf"\operatorname{{{shown}}}'_{{{i}}}({latex})") for i in which]


# --- Partials that are found from the value ---


def _derived(name: str, formula: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """The partials of a formula, by forward mode: for each operand once, on numbers that carry a tangent along."""

    @wraps(formula)
    def partials(m: Any, z: Any, *xs: Any, **static: float) -> tuple[Any, ...]:
        def along(i: int) -> Any:
            moved = [_Moving(x, 1.0 if k == i else None, m, name) for k, x in enumerate(xs)]
            y = formula(functions, *moved, **static)
            return y.tangent if isinstance(y, _Moving) and y.tangent is not None else FLAT

        return tuple([along(i) for i in range(len(xs))])

    return partials


class _Moving(Number):
    """A number of any kind with the tangent it carries along, None for what does not move, and the algebra of both."""

    __slots__ = ("m", "name", "primal", "tangent")

    def __init__(self, primal: Any, tangent: Any, m: Any, name: str) -> None:
        self.primal = primal
        self.tangent = tangent
        self.m = m
        self.name = name

    def __float__(self) -> NoReturn:
        raise _NeedsFloatsError(
            f"the derivative of {self.name} cannot be found from its value, which needs floats: give its partials; or "
            "take functions from m, such as m.erf(x) and not math.erf(x), and write m.select(condition, a, b) for an if"
        )

    @staticmethod
    def apply(op: Op, *xs: Any) -> "_Moving":
        m, name = next((x.m, x.name) for x in xs if isinstance(x, _Moving))
        primals = [x.primal if isinstance(x, _Moving) else x for x in xs]
        z = apply(op, *primals) if any(isinstance(x, Number) for x in primals) else op.value(m, *primals)
        tangent = None
        for x, partial in zip(xs, op.partials(m, z, *primals), strict=True):
            dx = x.tangent if isinstance(x, _Moving) else None
            if dx is not None and partial is not FLAT:
                term = times(dx, partial)
                tangent = term if tangent is None else tangent + term
        return _Moving(z, tangent, m, name)


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

    def taken(formula: Callable[..., Any]) -> tuple[int | None, set[str]]:
        parameters = signature(formula).parameters.values()
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        static = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
        return None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional), static

    if partials is not None and not callable(partials):
        raise TypeError(f"the partials of {name} must be a function (m, z, x, ...), but are {partials!r}")
    n, static = taken(value)
    names = list(signature(value).parameters)
    if len(names) < 2 or (n is None and signature(value).parameters[names[0]].kind is Parameter.VAR_POSITIONAL):
        n = 1
    if n is not None and n < 2:
        raise TypeError(f"the value of {name} takes {n} arguments: it must take m, to get functions from, and operands")
    if partials is None:
        return None if n is None else n - 1
    n_partials, static_partials = taken(partials)
    if n_partials is not None and n_partials != (n or 0) + 1:
        given = (
            "m, z and any number of operands (*xs)" if n is None else f"m, z and {n - 1} operands: {n + 1} arguments"
        )
        raise TypeError(f"the partials of {name} must take {given}, but take {n_partials}")
    if static != static_partials:
        raise TypeError(
            f"the static parameters of {name} are {sorted(static)} in its value, but {sorted(static_partials)} in its "
            "partials"
        )
    return None if n is None else n - 1


def _check_latex(name: str, latex: str, n: int | None, value: Callable[..., Any]) -> None:
    if not isinstance(latex, str):
        raise ValueError(f"the LaTeX of {name} must be text, but is {latex!r}")
    known = {*map(str, range(1, (n or 9) + 1)), *signature(value).parameters}
    if unknown := set(findall(r"#(\w+)", latex)) - known:
        raise ValueError(f"the LaTeX of {name} asks for #{min(unknown)}, but it has {n or 'any number of'} operands")


def _try_out(name: str, value: Any, partials: Any, n: int, *, is_derived: bool) -> None:
    """Write the partials down, to find what can be found before there are numbers."""
    static = {p.name: 1.0 for p in signature(value).parameters.values() if p.kind is Parameter.KEYWORD_ONLY}
    names = [Formula(text) for text in ("z", *[f"x{i}" for i in range(1, n + 1)])]
    try:
        _as_many(name, n, _on_numbers(name, partials, functions, *names, **static))
    except _NeedsFloatsError:
        if is_derived:
            raise
    except AttributeError as error:
        if is_derived:
            raise TypeError(
                f"the derivative of {name} cannot be found from its value: {error}, or give partials"
            ) from None
    except (ArithmeticError, ValueError):  # of the static parameters that were made up
        pass
