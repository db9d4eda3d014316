"""Formulas: the rows of the op table run on names instead of numbers.

A row says how it is written, in Python's way and in LaTeX; this is where that is put together, with parentheses
where they are needed.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from engine.number import Number, to_float
from engine.op import ATOM, PRODUCT, SIGN, Op

__all__ = ["Formula", "Wording", "primed", "shortened", "worded"]

MANY = 8  # operands: of more, how they are written is not kept, and rules do not name all of them


class Formula(Number["Formula"]):
    """A number that is only a name. Arithmetic on it writes down the formula.

    Args:
        name: how to write it in text.
        latex: how to write it in LaTeX, or what makes that of the text when it is asked for; None for the same.

    Example:
        >>> from engine import functions
        >>> from engine.ops import TANH
        >>> x, z = Formula("x"), Formula("z")
        >>> str((x + 1) * x), str(TANH.partials(functions, z, x)[0])
        ('(x + 1) * x', '1 - z * z')
    """

    __slots__ = ("_latex", "precedence", "text")

    def __init__(self, name: str, latex: str | Callable[[str], str] | None = None, precedence: int = ATOM) -> None:
        self.text = name
        self._latex = name if latex is None else latex
        self.precedence = precedence

    @property
    def latex(self) -> str:
        """How it is written in LaTeX."""
        if not isinstance(self._latex, str):
            self._latex = self._latex(self.text)
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
        return Formula(text, _number_latex, precedence)


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
        for i in range(len(operands) > 1, len(operands)):  # 2 * (-3), never 2 * -3, and -(-3), never --3
            fits[i] = fits[i] and not operands[i].text.startswith("-")
        text = op.write(*[x.text if ok else f"({x.text})" for x, ok in zip(operands, fits, strict=True)])
    else:
        own, fits, text = ATOM, [True] * len(operands), op.write(*[x.text for x in operands])
    return Formula(text, partial(_latex, op, operands, fits), own)


_TO_THE_POWER_1 = (("exponent", 1),)


def _latex(op: Op, operands: list[Formula], fits: list[bool], text: str) -> str:
    if "#" not in op.latex:
        command = op.latex or rf"\operatorname{{{op.symbol.replace('_', ' ')}}}"
        settings = [f"{name}={value:g}" for name, value in op.static]
        return f"{command}({', '.join([*(x.latex for x in operands), *settings])})"
    static = dict(op.static)

    def filled_in(place: re.Match[str]) -> str:
        before, name, after = place.groups()
        if not name.isdigit():
            return f"{before}{static[name]}{after}"
        x, is_enclosed = operands[int(name) - 1], before in ("{", "|") and not after
        is_base = after != "^" or (x.precedence == ATOM and "^" not in x.latex)  # no a^b^c, and no -2^2
        stands = is_enclosed or (fits[int(name) - 1] and is_base)
        return f"{before}{x.latex}{after}" if stands else rf"{before}\left({x.latex}\right){after}"

    return re.sub(r"(.?)#(\w+)(\^?)", filled_in, op.latex)


def _number_latex(text: str) -> str:
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


def shortened(terms: Sequence[Formula], most: int) -> Sequence[Formula]:
    """The operands of a formula; of more than that the first three and the last.

    Example:
        >>> shortened([Formula(name) for name in "abcdefg"], 6)
        [Formula('a'), Formula('b'), Formula('c'), Formula('…'), Formula('g')]
    """
    return terms if len(terms) <= most else [*terms[:3], Formula("…", r"\dots"), terms[-1]]


def primed(name: str, xs: Sequence[Any]) -> list[Formula]:
    """The derivatives of a function that cannot be written out, by their names: atan2'1(a, b)."""
    terms = shortened([Formula.of(x) for x in xs], MANY)
    written, latex = ", ".join(x.text for x in terms), ", ".join(x.latex for x in terms)
    which = [""] if len(xs) == 1 else [str(i) for i in range(1, len(xs) + 1)]
    shown = re.sub(r"[\\#$%&_{}^~]", " ", name)
    return [Formula(f"{name}'{i}({written})", rf"\operatorname{{{shown}}}'_{{{i}}}({latex})") for i in which]


Formula.apply = staticmethod(_write)


class _InRule(Formula):
    """A formula in which not all operands are named where they are many.

    Each of the derivatives of a maximum depends on all of its operands, and there are as many derivatives as operands.
    """

    __slots__ = ()


def _write_in_rule(op: Op, *xs: Any) -> Any:
    try:
        operands = [Formula.of(x) for x in xs]
    except TypeError:
        return NotImplemented
    written = _write(op, *(shortened(operands, MANY) if op.arity is None else operands))
    return _InRule(written.text, written._latex, written.precedence)


_InRule.apply = staticmethod(_write_in_rule)


class Wording(NamedTuple):
    """How an operation is written: by itself, and its partials, with how tightly these bind."""

    formula: str
    partials: list[tuple[str, int]]


def worded(op: Op, result: str | None, operands: Sequence[Formula]) -> Wording:
    """An operation in text, as quickly as where it is done a million times.

    Args:
        op: a row.
        result: what its result is called; None for no partials.
        operands: names, or numbers.

    Example:
        >>> from engine.ops import MUL
        >>> worded(MUL, "y", [Formula("a"), Formula.of(-2.0)])
        Wording(formula='a * (-2)', partials=[('-2', 3), ('a', 5)])
    """
    if len(operands) > MANY:  # one by one, as to fill many texts into each of as many patterns takes long
        of_operands = [_InRule(x.text, x._latex, x.precedence) for x in operands]
        return _wording(op, None if result is None else _InRule(result), of_operands)
    kinds = tuple([(x.precedence, x.text.startswith("-")) for x in operands])
    pattern = _pattern(op, kinds)
    texts = [x.text[is_negative:] for x, (_, is_negative) in zip(operands, kinds, strict=True)]
    partials = pattern.partials if result is not None else ()
    return Wording(pattern.formula.format(*texts), [(text.format(*texts, z=result), binds) for text, binds in partials])


@lru_cache(maxsize=4096)
def _pattern(op: Op, kinds: tuple[tuple[int, bool], ...]) -> Wording:
    """The same with {0}, {1}, ... in the place of operands that bind so, and begin with a minus or not."""
    xs = [Formula(f"{'-' * is_negative}{{{i}}}", "", binds) for i, (binds, is_negative) in enumerate(kinds)]
    return _wording(op, Formula("{z}", ""), xs)


def _wording(op: Op, z: Formula | None, xs: Sequence[Formula]) -> Wording:
    from engine import functions  # which needs formulas

    partials = map(Formula.of, op.partials(functions, z, *xs) if z is not None else ())
    return Wording(Formula.of(_write(op, *xs)).text, [(x.text, x.precedence) for x in partials])
