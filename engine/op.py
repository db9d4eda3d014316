"""Op: what a row of the op table is, and where rows are found by name."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib import import_module
from inspect import Parameter, signature
from typing import Any
from weakref import WeakValueDictionary

__all__ = [
    "ATOM",
    "FLAT",
    "NOT_YET",
    "POWERS",
    "PRODUCT",
    "SIGN",
    "SUM",
    "Op",
    "Static",
    "add_row",
    "find_row",
    "home_of",
    "row_named",
    "rows",
]

Static = tuple[tuple[str, float], ...]

# How tightly what is written binds. A sum needs parentheses within a product, a product none within a sum.
SUM, PRODUCT, SIGN, POWERS, ATOM = range(1, 6)


class _NotYet(float):
    """The gradient of a node that no backward pass has reached: counts as 0, and is known not to be one."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOT_YET"  # there is only one


NOT_YET = _NotYet(0.0)


class _Flat(_NotYet):  # of that kind, so that Python asks this one first how to add the two
    """The partial by an operand on which the result does not depend, and any derivative that it is a factor of."""

    __slots__ = ()

    def __mul__(self, other: Any) -> float:
        return self

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Any:
        return other

    def __radd__(self, other: float) -> float:
        return self if other is NOT_YET else other

    def __reduce__(self) -> str:
        return "FLAT"


FLAT = _Flat(0.0)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Op:
    """One primitive operation, with its static parameters bound. There is only one of each.

    Attributes:
        name: what it is called.
        value: (m, *xs) -> what the operation computes, in arithmetic and functions of the algebra `m`.
        partials: (m, z, *xs) -> (dz/dx1, ...), its local derivatives, given the result z.
        symbol: how it is written: a word stands before its operands, "+" between them; "" for its name.
        latex: what stands before its operands in LaTeX, if not the symbol; or how to write it, with its operands as
            #1, #2, ... and static parameters as #slope.
        binds: how tightly what is written binds, and for each operand how tightly that has to, so as to need no
            parentheses; () for a function, which has its own.
        cost: number of operands -> how many operations on plain numbers it takes.
        slope: what its partials are called, as a function of its operands, if they have a name: "cos", or "-sin".
        folds: whether it is computed of any number of operands by a total, the largest or the smallest of them, so
            that its formulas hold for all of them side by side as one array.
        over_examples: whether it is the mean, over the examples of a batch, of what its formulas say of one.
        static: the static parameters that are bound.
        arity: how many operands it has; None for any number.
    """

    name: str
    value: Callable[..., Any]
    partials: Callable[..., tuple[Any, ...]]
    symbol: str = ""
    latex: str = ""
    binds: tuple[int, ...] = ()
    cost: Callable[[int], int] = lambda n: 1
    slope: str = ""
    folds: bool = False
    over_examples: bool = False
    static: Static = ()
    arity: int | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbol", self.symbol or self.name)
        object.__setattr__(self, "arity", _arity(self.value))

    def __call__(self, **static: float) -> "Op":
        """The same operation with its static parameters set, e.g. ``POWER(exponent=2)``."""
        return _bind(self, tuple(sorted(static.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return row_named, (self.name, self.static, home_of(self.name))  # its functions have no names to be pickled by

    def write(self, *operands: str) -> str:
        """The operation applied to named operands, as Python writes it: ``a * b``, ``tanh(a)``."""
        if self.symbol[0].isalpha():
            settings = (f"{name}={value:g}" for name, value in self.static)
            return f"{self.symbol}({', '.join((*operands, *settings))})"
        if len(operands) == 1:
            return f"{operands[0]}{self.symbol}" if self.static else f"{self.symbol}{operands[0]}"
        return f" {self.symbol} ".join(operands)


def _arity(value: Callable[..., Any]) -> int | None:
    _, *operands = [p for p in signature(value).parameters.values() if p.kind is not Parameter.KEYWORD_ONLY]
    return None if any(p.kind is Parameter.VAR_POSITIONAL for p in operands) else len(operands)


_bound: "WeakValueDictionary[tuple[Op, Static], Op]" = WeakValueDictionary()


@lru_cache(maxsize=4096)
def _bind(op: Op, static: Static) -> Op:
    if (known := _bound.get((op, static))) is not None:
        return known
    given = dict(static)
    value, partials = partial(op.value, **given), partial(op.partials, **given)
    bound = replace(op, value=value, partials=partials, symbol=op.symbol.format(**given), static=static)
    return _bound.setdefault((op, static), bound)


# --- by name ---

_rows: dict[str, tuple[Op, str]] = {}  # with the module that defines each


def add_row(op: Op, home: str = "") -> None:
    """Have an operation found by its name.

    Args:
        op: the row.
        home: the module in which a user defines it; "" for those of the table.
    """
    _rows[op.name] = op, home


def rows() -> list[Op]:
    """All there are: those of the table, and those that users define (see `engine.operation`)."""
    return [op for op, _ in _rows.values()]


def find_row(name: str) -> Op | None:
    """The row of that name."""
    return _rows.get(name, (None, ""))[0]


def home_of(name: str) -> str:
    """The module in which a user defined the operation of that name; "" for those of the table."""
    return _rows.get(name, (None, ""))[1]


def row_named(name: str, static: Static = (), home: str = "") -> Op:
    """The operation of that name, with static parameters bound. Where it is not known, its module is imported.

    Raises:
        LookupError: nobody has defined it.
    """
    if find_row(name) is None and home not in ("", "__main__"):
        import_module(home)
    op = find_row(name)
    if op is None:
        raise LookupError(
            f"there is no operation {name} here: define it first, as it was with engine.operation in {home}"
        )
    return op(**dict(static)) if static else op
