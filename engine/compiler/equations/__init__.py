"""Equations: a procedure as one would write it on the board, forward and backward, for one example.

A product of parameters with a vector is z1 = W1 @ x + b1, and so on from layer to layer; a1 is the
activation of z1; d1 is the derivative of the output with respect to z1, and dt1 that with respect to t1.
What is used once, and is short, has no name of its own but stands where it is used.

The text means what it means in NumPy, and goes on where NumPy has no words: ``tanh'`` is the derivative
of tanh; ``d @ x.T`` of two vectors is their outer product; ``;`` puts one below the other; ``windows(x, 3)``
has a row for each stretch of three numbers; and ``+=`` adds to a number as often as it is listed. dW1 and db1
are parts of dtheta, as W1 and b1 are of theta.
"""

from engine.compiler.equations.board import Board
from engine.compiler.equations.equation import Equation

__all__ = ["Board", "Equation"]
