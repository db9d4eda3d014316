"""Sparsity: which second derivatives of a function can be other than 0, and how few directions find them all.

A second derivative by two numbers can be other than 0 only where an operation that is not linear brings them together
(A. Griewank and A. Walther, Evaluating Derivatives, 2nd ed., section 7.3). Columns of the Hessian that have no row in
common are found together, as its product with one vector that is 1 for all of them (A. Curtis, M. Powell and J. Reid,
On the Estimation of Sparse Jacobian Matrices, 1974). So three products find a Hessian of three diagonals of any size.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import product
from operator import or_
from typing import Any

import numpy as np

from engine.compiler.nests.differentiate import folds_still, pullback
from engine.compiler.nests.nest import Family, Nest, VectorProgram, in_order

__all__ = ["Columns", "hessian_pattern"]

Rows = int  # a set of rows of a family: bit k stands for row k


def hessian_pattern(program: VectorProgram, by: Family) -> list[Rows]:
    """For each row of a family: by it and which others a second derivative of the outputs can be other than 0."""
    pattern = [0] * by.rows
    depends = {(by, row): 1 << row for row in range(by.rows)}  # of each number: on which rows it does
    met = set[tuple[Rows, Rows]]()
    partials = {nest: _partials(nest) for nest in program.nests}
    for nest, turn in in_order(program.nests):
        smooth, curved = partials[nest]
        together = range(nest.n_columns if nest.folds else 1)
        for r, c in product(turn, range(1 if nest.folds else nest.n_columns)):
            operands = {
                i: reduce(or_, [depends.get(nest.reads[i].number(r, c + k), 0) for k in together]) for i in smooth
            }
            for one, other in {(operands[i], operands[k]) for i, k in curved} - met:
                met.add((one, other))
                for row in range(by.rows):
                    pattern[row] |= other * (one >> row & 1) | one * (other >> row & 1)
            to = nest.target.number(r, c)
            depends[to] = reduce(or_, operands.values(), depends.get(to, 0))
    return pattern


def _partials(nest: Nest) -> tuple[list[int], set[tuple[int, int]]]:
    """By which operands an operation has a derivative, and by which pairs of them it has a second one."""
    n = len(nest.reads)
    pulled = {i: pullback(nest.op, n, i, nest.folds) for i in range(n)}
    smooth = [i for i, (op, _) in pulled.items() if op is not None]
    curved = set()
    for i in smooth:
        op, places = pulled[i]
        assert op is not None
        folds = folds_still(nest, op)
        for k, place in enumerate(places):  # among (d, z, x1, ..., xn)
            if place > 0 and pullback(op, len(places), k, folds)[0] is not None:
                curved |= {(i, j) for j in (smooth if place == 1 else [place - 2]) if j in smooth}
    return smooth, curved


class Columns:
    """The columns of a Hessian, in groups: no two of a group have a row in common.

    Args:
        pattern: for each column the rows that it has.

    Attributes:
        directions: (groups, n) a vector for each group, to multiply the Hessian by.
    """

    def __init__(self, pattern: Sequence[Rows]) -> None:
        n = len(pattern)
        groups = np.array(_groups(pattern), dtype=np.intp)
        self.directions = np.zeros((max(groups, default=-1) + 1, n))
        self.directions[groups, range(n)] = 1.0
        is_there = np.array([[column >> row & 1 for column in pattern] for row in range(n)], dtype=bool).reshape(n, n)
        rows, columns = np.nonzero(is_there)
        self._entries = rows * n + columns  # of a matrix, row by row
        self._sources = groups[columns] * n + rows  # of each, among the products

    def matrices(self, products: Any) -> Any:
        """The Hessian, (..., n, n), from its products with all directions, (..., groups, n)."""
        *several, groups, n = products.shape
        found = np.zeros((*several, n * n))
        found[..., self._entries] = products.reshape(*several, groups * n).take(self._sources, axis=-1)
        return found.reshape(*several, n, n)


def _groups(pattern: Sequence[Rows]) -> list[int]:
    """The number of each column's group: the first that has none of its rows."""
    taken: list[Rows] = []
    groups = []
    for rows in pattern:
        group = next((k for k, others in enumerate(taken) if not others & rows), len(taken))
        taken += [0] * (group == len(taken))
        taken[group] |= rows
        groups.append(group)
    return groups
