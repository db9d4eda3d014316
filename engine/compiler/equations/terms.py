"""Terms: what a nest adds, as a formula."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce
from math import prod
from typing import Any

from engine import functions, ops
from engine.apply import apply
from engine.compiler.equations.accesses import flat, repeated, simplest, transposed_index
from engine.compiler.equations.names import Names, Written
from engine.compiler.equations.notation import Product, along, column, in_front, matmul, product, summed, transposed
from engine.compiler.nests.nest import Access, Nest
from engine.formula import Formula
from engine.op import Op, find_row

__all__ = ["term"]


def term(nest: Nest, names: Names) -> tuple[Access, Written]:
    """What a nest adds to, and what it adds."""
    if any(read.family.kind == "weight" for read in nest.reads):
        (x,) = [read for read in nest.reads if read.family.kind != "weight"]
        target, written = term(replace(nest, op=ops.IDENTITY, reads=(x,)), names)
        return target, Written(in_front(partial(apply, ops.BATCH_MEAN), written.what), written.axes)
    seen = _simplest(nest, names)
    if found := _matrix_product(seen, names):
        return found
    sizes = {"r": nest.n_rows, "c": 1 if nest.reduces else nest.n_columns}
    sums = [axis for axis in "rc" if sizes[axis] > 1 and axis not in seen.target.axes]
    factors = _factors(seen, names)
    inner = [x for x in factors if set(x.axes).intersection(sums)]
    outer = [x for x in factors if not set(x.axes).intersection(sums)]
    if inner:
        outer.append(_sum(_product(inner), sums))
    n = prod(sizes[axis] for axis in sums if all(axis not in x.axes for x in inner))
    return seen.target, _product([Written(float(n), ""), *outer] if n > 1 else outer)


def _simplest(nest: Nest, names: Names) -> Nest:
    """The same nest on vectors and numbers, as far as it goes; but the matrices of layers stay what they are."""
    if nest.op == ops.MUL and any(map(names.is_matrix, nest.accesses)):
        return nest
    reads = tuple([_simplest_read(read, nest) for read in nest.reads])
    return replace(nest, target=simplest(nest.target), reads=reads)


def _simplest_read(read: Access, nest: Nest) -> Access:
    return flat(read) if nest.folds and read.axes == "rc" else simplest(read)


# --- products with matrices ---


def _matrix_product(nest: Nest, names: Names) -> tuple[Access, Written] | None:
    """W @ x, W.T @ d, or d @ x.T, if the nest is one of these."""
    matrices = [access for access in nest.accesses if access.axes == "rc"]
    rows = [access for access in nest.accesses if access.axes == "r"]
    columns = [access for access in nest.accesses if access.axes in ("c", "")]
    if nest.op != ops.MUL or not len(matrices) == len(rows) == len(columns) == 1:
        return None
    (matrix,), (down,), (across,) = matrices, rows, columns
    if nest.target is matrix:
        d, x = names.factor(down), names.factor(repeated(across, matrix.n_columns))
        if matrix.index not in names.views and (upright := transposed_index(matrix.index)) in names.views:
            matrix, d, x = replace(matrix, index=upright), x, d
        return matrix, Written(matmul(d, transposed(x)), "rc")
    W = names.matrix(matrix.index) if names.is_matrix(matrix) else None
    W = Formula.of(names.read(matrix).what) if W is None else W
    if nest.target is down:
        return down, Written(matmul(W, names.factor(repeated(across, matrix.n_columns))), "r")
    back = matmul(transposed(W), names.factor(down))
    return across, Written(back, "c") if across.axes else Written(summed(back), "")


# --- anything else ---


def _factors(nest: Nest, names: Names) -> list[Written]:
    """The numbers whose product is what is added."""
    xs = [names.read(read, is_list="c" in read.axes and nest.folds) for read in nest.reads]
    if nest.op in (ops.MUL, ops.WEIGHTED, ops.IDENTITY):
        return xs
    if nest.op == ops.NEG:
        return [Written(-1.0, ""), *xs]
    if nest.origin is not None:
        return [xs[0], _partial(nest, names, xs[1:])]
    whats, axes = _aligned(xs)
    what = apply(nest.op, *whats)
    if not nest.reduces:
        return [Written(what, axes)]
    return [Written(along(what, 1), "r") if axes == "rc" else Written(what, "")]


def _partial(nest: Nest, names: Names, others: Sequence[Written]) -> Written:
    """The partial of the operation that a nest is the derivative of; `others` are the numbers that are in it."""
    origin, i = nest.origin  # type: ignore[misc]
    goes_along_all = not origin.folds or "c" in origin.reads[i].axes  # softmax of a number by itself is 1
    if origin.op.slope and len(origin.reads) == 1 and goes_along_all:
        x = names.read(_simplest_read(_unshifted(origin.reads[i], names), origin), is_list=origin.folds)
        slope = _function(origin.op.slope, Formula.of(x.what))
        return Written(along(slope, 1) if x.axes == "rc" else slope, x.axes)
    accesses = [_simplest_read(access, origin) for access in origin.accesses]
    read = [names.read(access, is_list="c" in access.axes and origin.folds) for access in accesses]
    _, axes = _aligned(others)
    every = [column(x.what) if axes == "rc" and x.axes == "r" else x.what for x in read]
    z, *xs = [Product.of_parts(what) if isinstance(what, Formula) else what for what in every]
    partial = origin.op.partials(_Algebra(is_matrix=axes == "rc"), z, *xs)[i]
    if len(xs) == 1 and not origin.folds and str(partial) != str(1.0 / Formula.of(xs[0])):
        named = _primed(origin.op, xs[0])
        partial, axes = partial if named is None else named, read[1].axes
    return Written(partial, axes)


def _unshifted(access: Access, names: Names) -> Access:
    """What the same number was subtracted from, all along the columns, if that is how it came about: to softmax, and
    all other partials that have a name and go along the columns, that is no difference."""
    nests, rows = names.made_by.get(access.family, []), access.index.rows
    if "c" not in access.axes or len(nests) != 1 or nests[0].op != ops.SUB or access.family.pool is not None:
        return access
    x, shift = nests[0].reads
    if x.axes != "r" or not nests[0].target.index.covers:
        return access
    shifts = [shift.index.rows[row if shift.axes else 0] for row in rows]
    width = access.n_columns
    if any(len(set(shifts[first : first + width])) > 1 for first in range(0, len(rows), width)):
        return access
    index = replace(x.index, rows=tuple([x.index.rows[row] for row in rows]), width=access.index.width)
    return replace(access, family=x.family, index=index)


def _function(name: str, x: Formula) -> Formula:
    if name.startswith("-"):
        return -_function(name[1:], x)
    op = find_row(name)
    return Formula.of(apply(op, x) if op else Formula(f"{name}({x})", rf"\operatorname{{{name}}}({x.latex})"))


def _primed(op: Op, x: Any) -> Formula | None:
    """relu'(x), which says more than step(x); None where the operation is written without a name."""
    if not op.symbol[0].isalpha() or "#" in op.latex:
        return None
    written = Formula.of(apply(op, x))
    return Formula(written.text.replace("(", "'(", 1), written.latex.replace("(", "'(", 1))


class _Algebra:
    """The functions that rows call by name; a total over one operand is one over all the numbers in it."""

    def __init__(self, *, is_matrix: bool) -> None:
        self.is_matrix = is_matrix

    def __getattr__(self, name: str) -> Any:
        return getattr(functions, name)

    def total(self, xs: Sequence[Any]) -> Any:
        if len(xs) > 1:
            return sum(xs)
        return column(summed(xs[0], axis=1)) if self.is_matrix else summed(xs[0])


def _product(factors: Sequence[Written]) -> Written:
    whats, axes = _aligned(factors)
    return Written(reduce(product, whats), axes)


def _aligned(xs: Sequence[Written]) -> tuple[list[Any], str]:
    """What is written, with vectors as columns where they meet rows or matrices; and the axes of all of it."""
    axes = "".join(axis for axis in "rc" if any(axis in x.axes for x in xs))
    return [column(x.what) if axes == "rc" and x.axes == "r" else x.what for x in xs], axes


def _sum(x: Written, axes: Sequence[str]) -> Written:
    """The sum along those axes along which it varies."""
    if x.axes != "rc":
        return Written(in_front(summed, x.what), "")
    if len(axes) == 2:
        return Written(in_front(lambda what: summed(summed(what, axis=1)), x.what), "")
    axis = "rc".index(axes[0])
    return Written(in_front(partial(summed, axis=axis), x.what), "rc".replace(axes[0], ""))
