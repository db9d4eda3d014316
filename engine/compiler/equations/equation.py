"""Equation: one line of what is written."""

import re
from dataclasses import dataclass

from engine.formula import Formula

__all__ = ["Equation"]


@dataclass(frozen=True)
class Equation:
    """One line: left = right, or left += right.

    Attributes:
        phase: "parameters", which says where in theta a matrix is; "forward"; or "backward".
        left: what is computed.
        sign: "=" or "+=".
        right: from what.
        shape: of what is computed, such as "16" or "16, 2".
    """

    phase: str
    left: Formula
    sign: str
    right: Formula
    shape: str

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"

    @property
    def latex(self) -> str:
        """The line in LaTeX, for an environment that aligns."""
        sign = "&=" if self.sign == "=" else r"&\mathrel{+}="
        line = f"{self.left.latex} {sign} {self.right.latex}"
        if self.shape == "1" and "sum" not in line:
            return line  # single numbers
        return re.sub(r"(?<!\d) \\cdot (?!\d)", r" \\odot ", line)  # number by number, but for plain factors
