"""Products: the matrix products of a neural net in numba, for nets that are too small for BLAS. Needs numba.

A processor multiplies and adds faster than it loads, so what was loaded must serve more than once. Each product is
cut into tiles, whose sums stay in registers while a loop runs along what is summed over. Each turn of the loop loads
two small tiles and multiplies every row of the one with every row of the other. With four vectors of eight numbers:

    affine, transposed:  4 rows of one number  x  1 row of 4 vectors    adds to  4 rows of 4 vectors
    outer:               4 rows of one vector  x  4 rows of one vector  adds to  16 rows of one vector

To numba a tile is a value, with the operations `tile`, `load`, `store`, `multiply_add` and `sums`. To LLVM it is one
long vector, which LLVM cuts into the registers that the processor has. Any number of rows, columns and examples will
do: past the last row a tile does that row again, and past the last column it neither reads nor writes.
"""
# mypy: ignore-errors
# What has types here has numba's, and is checked when numba compiles it; llvmlite has no stubs.

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core.cgutils import get_item_pointer, get_or_insert_function
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, models, register_model

from engine.compiler.backends.numba.cache import kept

__all__ = ["affine", "outer", "transposed"]

LANES, ACROSS = (8, 4) if "+avx512f" in get_host_cpu_features() else (4, 2)  # numbers in a vector, vectors in a row
WIDE = LANES * ACROSS
DOWN = 4  # rows
PAIRS = DOWN * ACROSS  # named, because numba takes a name for a literal, but no expression

FLOAT, INT = ir.DoubleType(), ir.IntType(64)
ALIGNMENT = ir.IntType(32)(8)  # bytes: rows begin anywhere


# --- tiles ---


class Tile(types.Type):
    """The numba type of a tile of float64."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        super().__init__(f"Tile({rows}, {columns})")


@register_model(Tile)
class _TileModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.VectorType(FLOAT, kind.rows * kind.columns))


def _pick(builder, places, a, b=None):
    """The numbers at these places of a vector, or of two vectors one after the other."""
    order = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
    return builder.shuffle_vector(a, ir.Constant(a.type, ir.Undefined) if b is None else b, order)


def _repeat(builder, x, n):
    return _pick(builder, [0] * n, builder.bitcast(x, ir.VectorType(x.type, 1)))


def _rows(context, builder, kind, of, array, i, j, n):
    """Pointers to the rows of the tile at array[i, j], and the mask for its first n columns."""
    view = context.make_array(of)(context, builder, array)
    last = builder.sub(builder.extract_value(view.shape, 0), INT(1))
    below = [builder.add(i, INT(k)) for k in range(1, kind.rows)]
    below = [builder.select(builder.icmp_signed("<", row, last), row, last) for row in below]
    pointers = [get_item_pointer(context, builder, of, view, [row, j]) for row in (i, *below)]
    vector = ir.VectorType(FLOAT, kind.columns).as_pointer()
    columns = ir.Constant(ir.VectorType(INT, kind.columns), list(range(kind.columns)))
    mask = builder.icmp_signed("<", columns, _repeat(builder, n, kind.columns))
    return [builder.bitcast(pointer, vector) for pointer in pointers], mask


def _masked(builder, name, result, *arguments):
    """Call llvm.masked.load or store in the form of LLVM 15, which later ones translate."""
    function = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(get_or_insert_function(builder.module, function, f"llvm.masked.{name}.p0"), arguments)


@intrinsic(prefer_literal=True)
def tile(typing, rows, columns, x):
    """A tile that is x everywhere."""
    kind = Tile(rows.literal_value, columns.literal_value)

    def generate(context, builder, signature, arguments):
        return _repeat(builder, arguments[2], kind.rows * kind.columns)

    return kind(rows, columns, types.float64), generate


@intrinsic(prefer_literal=True)
def load(typing, rows, columns, array, i, j, n):
    """The tile at array[i, j], with 0 from column n on. Rows must be contiguous, unless the tile has one column."""
    kind = Tile(rows.literal_value, columns.literal_value)

    def generate(context, builder, signature, arguments):
        pointers, mask = _rows(context, builder, kind, array, *arguments[2:])
        name, row = f"load.v{kind.columns}f64", ir.VectorType(FLOAT, kind.columns)
        parts = [_masked(builder, name, row, p, ALIGNMENT, mask, ir.Constant(row, None)) for p in pointers]
        while len(parts) > 1:
            both = range(2 * parts[0].type.count)
            parts = [_pick(builder, both, a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    return kind(rows, columns, array, types.int64, types.int64, types.int64), generate


@intrinsic
def store(typing, kind, array, i, j, n):
    """Put the first n columns of a tile at array[i, j]. Rows must be contiguous."""

    def generate(context, builder, signature, arguments):
        pointers, mask = _rows(context, builder, kind, array, *arguments[1:])
        for k, pointer in enumerate(pointers):
            row = _pick(builder, range(k * kind.columns, (k + 1) * kind.columns), arguments[0])
            _masked(builder, f"store.v{kind.columns}f64", ir.VoidType(), row, pointer, ALIGNMENT, mask)

    return types.void(kind, array, types.int64, types.int64, types.int64), generate


@intrinsic
def multiply_add(typing, a, b, total):
    """A tile + every row of a * every row of b; a row of one number stands for as many as the tile has columns."""
    pairs = [(i, j, k) for i in range(a.rows) for j in range(b.rows) for k in range(total.columns)]
    in_a = [i * a.columns + k % a.columns for i, _, k in pairs]
    in_b = [j * b.columns + k % b.columns for _, j, k in pairs]

    def generate(context, builder, signature, arguments):
        a, b, total = arguments
        product = builder.fmul(_pick(builder, in_a, a), _pick(builder, in_b, b), flags=["contract"])
        return builder.fadd(product, total, flags=["contract"])  # one instruction, where the processor has it

    return total(a, b, total), generate


@intrinsic(prefer_literal=True)
def sums(typing, kind, columns):
    """The sum of each row of a tile, laid out as a tile of so many columns."""

    def generate(context, builder, signature, arguments):
        vector = arguments[0]
        while vector.type.count > kind.rows:
            even, odd = (_pick(builder, range(first, vector.type.count, 2), vector) for first in (0, 1))
            vector = builder.fadd(even, odd)
        return vector

    return Tile(kind.rows // columns.literal_value, columns.literal_value)(kind, columns), generate


# --- products ---

_inline = njit(error_model="numpy", forceinline=True)


def _kernel(function):
    return kept(njit(error_model="numpy")(function))


def _product_tile(columns):
    @_inline
    def run(out, W, x, b, add, r, j, n):
        total = load(DOWN, columns, out, r, j, n) if add else tile(DOWN, columns, 0.0)
        if b is not None:
            total = multiply_add(load(DOWN, 1, np.expand_dims(b, 1), r, 0, 1), tile(1, 1, 1.0), total)
        for c in range(W.shape[1]):
            total = multiply_add(load(DOWN, 1, W, r, c, 1), load(1, columns, x, c, j, n), total)
        store(total, out, r, j, n)

    return run


_wide_tile, _narrow_tile = _product_tile(WIDE), _product_tile(LANES)


@_inline
def _product(out, W, x, b, add):
    rows, batch = out.shape
    wide = batch // WIDE * WIDE
    for r in range(0, rows, DOWN):
        for j in range(0, wide, WIDE):
            _wide_tile(out, W, x, b, add, r, j, WIDE)
        for j in range(wide, batch, LANES):
            _narrow_tile(out, W, x, b, add, r, j, batch - j)


@_kernel
def affine(out: np.ndarray, W: np.ndarray, x: np.ndarray, b: np.ndarray | None) -> None:
    """out = W @ x + b, for each example.

    Args:
        out: (rows, batch), contiguous; shares no memory with x.
        W: (rows, width), with any strides.
        x: (width, batch), contiguous.
        b: (rows,), with any stride; or None for 0.
    """
    _product(out, W, x, b, False)


@_kernel
def transposed(out: np.ndarray, W: np.ndarray, d: np.ndarray, add: bool) -> None:
    """out = W.T @ d; or, to add, out += W.T @ d.

    Args:
        out: (width, batch), contiguous; shares no memory with d.
        W: (rows, width), with any strides.
        d: (rows, batch), contiguous.
        add: whether to add to what is there.
    """
    _product(out, W.T, d, None, add)


@_inline
def _add_examples(total, d, x, r, c, j, n):
    return multiply_add(load(DOWN, LANES, d, r, j, n), load(ACROSS, LANES, x, c, j, n), total)


@_kernel
def outer(out: np.ndarray, d: np.ndarray, x: np.ndarray, n: int) -> None:
    """out += d @ x.T, for the first n examples.

    Args:
        out: (rows, width), contiguous along a row.
        d: (rows, batch), contiguous.
        x: (width, batch), contiguous.
        n: which count.
    """
    rows, width = out.shape
    whole = n // LANES * LANES
    for c in range(0, width, ACROSS):
        for r in range(0, rows, DOWN):
            total = tile(PAIRS, LANES, 0.0)
            for j in range(0, whole, LANES):
                total = _add_examples(total, d, x, r, c, j, LANES)
            if whole < n:
                total = _add_examples(total, d, x, r, c, whole, n - whole)
            before = load(DOWN, ACROSS, out, r, c, width - c)
            store(multiply_add(sums(total, ACROSS), tile(1, 1, 1.0), before), out, r, c, width - c)
