"""Formulas: the rows of the op table run on names instead of numbers.

A row says how it is written, in Python's way and in LaTeX; this is where that is put together, with parentheses
where they are needed.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.number import Number, to_float
from engine.op import ATOM, PRODUCT, SIGN, Op

__all__ = ["Formula"]


class Formula(Number["Formula"]):
    """A number that is only a name. Arithmetic on it writes down the formula.

    Args:
        name: how to write it in text.
        latex: how to write it in LaTeX, or what tells that when it is asked for; None for the same.

    Example:
        >>> from engine import functions
        >>> from engine.ops import TANH
        >>> x, z = Formula("x"), Formula("z")
        >>> str((x + 1) * x), str(TANH.partials(functions, z, x)[0])
        ('(x + 1) * x', '1 - z * z')
    """

    __slots__ = ("_latex", "precedence", "text")

    def __init__(self, name: str, latex: str | Callable[[], str] | None = None, precedence: int = ATOM) -> None:
        self.text = name
        self._latex = name if latex is None else latex
        self.precedence = precedence

    @property
    def latex(self) -> str:
        """How it is written in LaTeX."""
        if not isinstance(self._latex, str):
            self._latex = self._latex()
        return self._latex

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"

    def __float__(self) -> float:
        raise TypeError(f"the formula {self.text} has no value")

    @staticmethod
    def of(x: Any) -> "Formula":
        """A formula as it is, and a plain number as what it is written like."""
        if isinstance(x, Formula):
            return x
        text = f"{to_float(x):.6g}"
        precedence = PRODUCT if "e" in text else SIGN if text.startswith("-") else ATOM
        return Formula(text, partial(_number_latex, text), precedence)


def _write(op: Op, *xs: Any) -> Any:
    try:
        operands = [Formula.of(x) for x in xs]
    except TypeError:
        return NotImplemented
    if op.static == _TO_THE_POWER_1 and op.name == "power":
        return operands[0]
    if op.binds:
        own, *needs = op.binds
        fits = [x.precedence >= need for x, need in zip(operands, needs, strict=True)]
        for i in range(1, len(operands)):  # 2 * (-3), never 2 * -3
            fits[i] = fits[i] and not operands[i].text.startswith("-")
        text = op.write(*[x.text if ok else f"({x.text})" for x, ok in zip(operands, fits, strict=True)])
    else:
        own, fits, text = ATOM, [True] * len(operands), op.write(*[x.text for x in operands])
    return Formula(text, partial(_latex, op, operands, fits), own)


_TO_THE_POWER_1 = (("exponent", 1),)


def _latex(op: Op, operands: list[Formula], fits: list[bool]) -> str:
    if "#" not in op.latex:
        command = op.latex or rf"\operatorname{{{op.symbol.replace('_', ' ')}}}"
        settings = [f"{name}={value:g}" for name, value in op.static]
        return f"{command}({', '.join([*(x.latex for x in operands), *settings])})"
    static = dict(op.static)

    def filled_in(place: re.Match[str]) -> str:
        before, name, after = place.groups()
        if not name.isdigit():
            return f"{before}{static[name]}{after}"
        x, is_enclosed = operands[int(name) - 1], before in ("{", "|")
        stands = is_enclosed or (fits[int(name) - 1] and not (after == "^" and "^" in x.latex))  # no a^b^c
        return f"{before}{x.latex}{after}" if stands else rf"{before}\left({x.latex}\right){after}"

    return re.sub(r"(.?)#(\w+)(\^?)", filled_in, op.latex)


def _number_latex(text: str) -> str:
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


Formula.apply = staticmethod(_write)
