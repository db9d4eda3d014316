"""Equation: one line of what is written."""

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
