"""A user's formula in the hands of a row: what it is given, and what it gives.

Whoever runs a row gives it numbers of some kind and an algebra. A formula of the user's own may be anything: plain
Python that raises where IEEE 754 has an answer, or that needs floats. So it gets its numbers wrapped.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NoReturn

from engine import functions, ieee
from engine.algebra import unknown
from engine.apply import apply
from engine.formula import Formula, primed
from engine.forward import Dual, tangent_of
from engine.modes import recorded
from engine.number import Number, to_float
from engine.op import FLAT, Op

__all__ = ["NeedsFloatsError", "derived", "given", "value_of"]


class NeedsFloatsError(TypeError):
    """A formula asks for a float where there is none, or where it would be lost to the graph."""


def value_of(name: str, formula: Callable[..., Any]) -> Callable[..., Any]:
    """A formula for a value as that of a row: on floats it gives a float, whatever the floats are."""

    @wraps(formula)
    def value(m: Any, *xs: Any, **static: float) -> Any:
        if m is ieee:
            z = _on_floats(formula, *xs, **static)
            return z if type(z) is float else _number(z, f"the value of {name}")
        if any(isinstance(x, Number) for x in xs):
            return _opened(_on_numbers(NEEDS.format(name), formula, m, *xs, **static))
        return _on_arrays(value, formula, m, *xs, **static)

    return value


def given(name: str, formula: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """A formula for partials as that of a row."""

    @wraps(formula)
    def partials(m: Any, z: Any, *xs: Any, **static: float) -> tuple[Any, ...]:
        if m is ieee or all(type(x) is float for x in xs):
            found = _on_floats(formula, z, *xs, **static)
        elif any(isinstance(x, Number) for x in xs):
            try:
                found = _on_numbers(NEEDS.format(name), formula, m, z, *xs, **static)
            except NeedsFloatsError:
                if not isinstance(z, Formula):
                    raise
                found = primed(name, xs)
        else:
            return _as_many(name, len(xs), _on_arrays(partials, formula, m, z, *xs, **static))
        return _partials(name, len(xs), found)

    return partials


def derived(name: str, formula: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """The partials of a formula for a value as those of a row: by forward mode, once for each operand."""

    def along(i: int, level: int, xs: tuple[Any, ...], static: dict[str, float]) -> Any:
        duals = [Dual(x, 1.0 if k == i else FLAT, level) for k, x in enumerate(xs)]
        with recorded():
            y = _opened(_on_numbers(NOT_FOUND.format(name), formula, functions, *duals, **static))
        return tangent_of(y, level)

    @wraps(formula)
    def partials(m: Any, z: Any, *xs: Any, **static: float) -> tuple[Any, ...]:
        if any(getattr(x, "ndim", 0) for x in xs):
            return _one_by_one(partials, *xs, **static)
        level = 1 + max([x.level for x in xs if isinstance(x, Dual)], default=0)
        return _partials(name, len(xs), [along(i, level, xs, static) for i in range(len(xs))])

    return partials


NEEDS = (
    "a formula of {} needs floats, but here it is differentiated, or compiled: take functions from m, such as m.erf(x) "
    "and not math.erf(x), and write m.select(condition, a, b) in the place of an if"
)
NOT_FOUND = (
    "the derivative of {} cannot be found from its value, which needs floats: give its partials; or take functions "
    "from m, such as m.erf(x) and not math.erf(x), and write m.select(condition, a, b) for an if"
)


# --- what it gives ---


def _partials(name: str, n: int, found: Any) -> tuple[Any, ...]:
    opened = map(_opened, _as_many(name, n, found))
    return tuple([x if isinstance(x, Number) else _number(x, f"a partial of {name}") for x in opened])


def _as_many(name: str, n: int, found: Any) -> tuple[Any, ...]:
    partials = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    if len(partials) != n:
        raise TypeError(
            f"{name} has {n} operands, but its partials are {len(partials)}: give a tuple, one for each operand"
        )
    return partials


def _number(x: Any, what: str) -> float:
    if type(x) is float or x is FLAT:
        return x
    try:
        return to_float(x)
    except TypeError:
        raise TypeError(f"{what} must be one real number, but was {x!r} ({type(x).__name__})") from None


# --- what it is given ---


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


def _on_numbers(refusal: str, formula: Callable[..., Any], m: Any, *xs: Any, **static: float) -> Any:
    """What a formula gives for numbers of other kinds, which it must not look into."""

    def sealed(x: Any) -> Any:
        return _Sealed(x, refusal) if isinstance(x, Number) else x

    return formula(_Within(m, sealed), *map(sealed, xs), **static)


def _on_arrays(row: Callable[..., Any], formula: Callable[..., Any], m: Any, *xs: Any, **static: float) -> Any:
    """A formula's array, and of a formula that needs floats an array of what it gives for each."""
    try:
        return formula(m, *xs, **static)
    except (TypeError, ValueError):
        return _one_by_one(row, *xs, **static)


def _one_by_one(row: Callable[..., Any], *xs: Any, **static: float) -> Any:
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


class _Wrapped(Number):
    """A number in the hands of a formula."""

    __slots__ = ("number",)

    number: Any


class _Float(_Wrapped):
    """A float, with arithmetic that never raises."""

    __slots__ = ()

    def __init__(self, number: float) -> None:
        self.number = number

    def __float__(self) -> float:
        return self.number

    @staticmethod
    def apply(op: Op, *xs: Any) -> "_Float":
        return _Float(op.value(ieee, *map(_opened, xs)))


class _Sealed(_Wrapped):
    """A number of another kind, which nothing but arithmetic gets out of.

    A float that was read off it would be a constant to whoever differentiates the formula, and the derivative wrong.
    """

    __slots__ = ("refusal",)

    def __init__(self, number: Any, refusal: str) -> None:
        self.number = number
        self.refusal = refusal

    def __float__(self) -> NoReturn:
        raise NeedsFloatsError(self.refusal)

    @staticmethod
    def apply(op: Op, *xs: Any) -> Any:
        refusal = next(x.refusal for x in xs if isinstance(x, _Sealed))
        return _Sealed(apply(op, *map(_opened, xs)), refusal)


def _opened(x: Any) -> Any:
    """The number that is wrapped, and the numbers in a list of such."""
    if isinstance(x, _Wrapped):
        return x.number
    return [_opened(element) for element in x] if isinstance(x, Iterable) else x
