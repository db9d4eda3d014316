"""Formulas: the rows of the op table run on names instead of numbers.

This is the one place that knows how operations are written, in Python's way and in LaTeX.
"""

from typing import Any

from engine.number import Number, to_float
from engine.ops import Op

__all__ = ["Formula"]

ATOM = 9  # binds tighter than every operator
PRECEDENCE = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 3, "power": 4, "pow": 4}
RIGHT_OPERAND = {"sub": 2, "div": 3, "power": 5, "pow": 4}  # a - (b - c) keeps its parentheses, a + (b + c) does not
LEFT_OPERAND = {"power": 5, "pow": 5, "neg": 3}

LATEX = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": r"{} \cdot {}",
    "div": r"\frac{{{}}}{{{}}}",
    "neg": "-{}",
    "power": "{}^{{{exponent}}}",
    "pow": "{}^{{{}}}",
    "exp": "e^{{{}}}",
    "sqrt": r"\sqrt{{{}}}",
    "absolute": r"\left|{}\right|",
    "normal_cdf": r"\Phi({})",
    "sigmoid": r"\sigma({})",
}
LATEX_FUNCTIONS = {"log", "sin", "cos", "tanh", "max", "min"}  # those with a command of their own
ENCLOSING = {"div", "exp", "sqrt", "absolute"}  # in LaTeX these need no parentheses around their operands


class Formula(Number):
    """A number that is only a name. Arithmetic on it writes down the formula.

    Args:
        name: how to write it in text.
        latex: how to write it in LaTeX; None for the same.

    Example:
        >>> from engine import functions
        >>> from engine.ops import TANH
        >>> x, z = Formula("x"), Formula("z")
        >>> str((x + 1) * x), str(TANH.partials(functions, z, x)[0])
        ('(x + 1) * x', '1 - z * z')
    """

    __slots__ = ("latex", "precedence", "text")

    def __init__(self, name: str, latex: str | None = None, precedence: int = ATOM) -> None:
        self.text = name
        self.latex = name if latex is None else latex
        self.precedence = precedence

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
        precedence = PRECEDENCE["mul"] if "e" in text else PRECEDENCE["neg"] if text.startswith("-") else ATOM
        return Formula(text, _number_latex(text), precedence)


def _write(op: Op, *xs: Any) -> Any:
    try:
        operands = [Formula.of(x) for x in xs]
    except TypeError:
        return NotImplemented
    if op.name == "power" and dict(op.static)["exponent"] == 1:
        return operands[0]
    own = PRECEDENCE.get(op.name, ATOM)
    needs = [LEFT_OPERAND.get(op.name, own), *[RIGHT_OPERAND.get(op.name, own)] * (len(operands) - 1)]
    if own == ATOM:
        needs = [0] * len(operands)
    tight = [x.precedence >= need for x, need in zip(operands, needs, strict=True)]
    if own < ATOM:  # 2 * (-3), never 2 * -3
        tight[1:] = [ok and not x.text.startswith("-") for ok, x in zip(tight[1:], operands[1:], strict=True)]
    text = op.write(*[x.text if ok else f"({x.text})" for x, ok in zip(operands, tight, strict=True)])
    latex = [
        x.latex if ok or op.name in ENCLOSING else rf"\left({x.latex}\right)"
        for x, ok in zip(operands, tight, strict=True)
    ]
    return Formula(text, _latex(op, latex), own)


def _latex(op: Op, operands: list[str]) -> str:
    static = dict(op.static)
    if op.name in LATEX:
        return LATEX[op.name].format(*operands, **static)
    command = f"\\{op.symbol}" if op.symbol in LATEX_FUNCTIONS else rf"\operatorname{{{op.symbol.replace('_', ' ')}}}"
    settings = [f"{name}={value:g}" for name, value in op.static]
    return f"{command}({', '.join([*operands, *settings])})"


def _number_latex(text: str) -> str:
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


Formula.apply = staticmethod(_write)
