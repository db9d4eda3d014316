"""Forward mode: numbers that carry a derivative along."""

from typing import Any, Self

from engine import functions, ieee, modes
from engine.apply import apply
from engine.batch import Batch
from engine.escape import refuse_to_escape
from engine.number import Number, times, to_float
from engine.op import FLAT, Op

__all__ = ["Dual", "push", "tangent_of"]


class Dual(Number["Dual"]):
    """A number together with its derivative: primal + tangent * epsilon, where epsilon squared is 0.

    Arithmetic on Duals computes both at once, by the same rows as everything else. Where one
    differentiation happens within another, each has a level of its own, and so an epsilon of its own.

    Args:
        primal: the number; a float, or another kind of number.
        tangent: its derivative in the direction of interest: 1 for the variable itself. Left out, for a constant, it
            is a 0 that stays 0 even times inf.
        level: which differentiation it belongs to; inner ones have higher levels.

    Source:
        Siskind and Pearlmutter, "Perturbation confusion and referential transparency" (2005).

    Example:
        >>> x = Dual(3.0, 1.0)
        >>> x**2 + 2 * x
        Dual(primal=15.0, tangent=8.0)
    """

    __slots__ = ("primal", "tangent", "level")

    primal: Any
    tangent: Any
    level: int

    def __init__(self, primal: Any, tangent: Any = FLAT, level: int = 0) -> None:
        self.primal = primal if isinstance(primal, Number) else to_float(primal)
        self.tangent = tangent if tangent is FLAT or isinstance(tangent, Number) else to_float(tangent)
        self.level = level

    @property
    def data(self) -> float:
        """The number alone, to look at on purpose."""
        return self._seen()

    def __float__(self) -> float:
        self._check_may_escape()
        return float(self.primal)

    def _check_may_escape(self) -> None:
        if self.level in modes.varying() and self.tangent is not FLAT:
            refuse_to_escape()

    def _seen(self) -> float:
        return self.primal._seen() if isinstance(self.primal, Number) else self.primal

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __copy__(self) -> Self:
        return self  # as of other numbers that are never changed

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        self._check_may_escape()
        return Dual, (self.primal, self.tangent, self.level)

    def __repr__(self) -> str:
        return f"Dual(primal={self.primal!r}, tangent={self.tangent!r})"


def push(op: Op, *xs: Any) -> Any:
    """Apply an operation to operands of which some are Duals: the chain rule, forward.

    Args:
        op: a row of `engine.ops`.
        *xs: Duals, other Numbers, or plain numbers.

    Returns:
        Dual of the innermost level among the operands; NotImplemented where one of them is no number.
    """
    level = -1
    for x in xs:
        if isinstance(x, Dual) and x.level > level:
            level = x.level
    primals, tangents = [], []
    for x in xs:
        if isinstance(x, Dual) and x.level == level:
            primals.append(x.primal)
            tangents.append(x.tangent)
        elif isinstance(x, Batch):
            return NotImplemented  # a batch of Duals, not a Dual of batches: each example has a derivative of its own
        else:
            try:
                primals.append(x if isinstance(x, Number) else to_float(x))
            except TypeError:
                return NotImplemented
            tangents.append(FLAT)
    algebra: Any = functions if any(isinstance(x, Number) for x in primals) else ieee
    z = op.value(ieee, *primals) if algebra is ieee else apply(op, *primals)
    tangent: Any = FLAT
    if modes.current().is_recording:
        for dx, partial in zip(tangents, op.partials(algebra, z, *primals), strict=True):
            if dx is not FLAT and partial is not FLAT:
                term = times(dx, partial)
                tangent = term if tangent is FLAT else tangent + term
    return Dual(z, tangent, level)


def tangent_of(x: Any, level: int) -> Any:
    """The derivative that a result carries for a level: 0 where it does not depend on that level's variable."""
    return x.tangent if isinstance(x, Dual) and x.level == level and x.tangent is not FLAT else 0.0


def primal_of(x: Any, level: int) -> Any:
    """The number without the derivative that it carries for a level."""
    return x.primal if isinstance(x, Dual) and x.level == level else x


Dual.apply = staticmethod(push)
