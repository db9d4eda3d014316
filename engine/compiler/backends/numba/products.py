"""Products: the matrix products of a neural net in numba, for nets that are too small for BLAS. Needs numba.

A processor multiplies and adds faster than it loads, so what was loaded must serve more than once. Each product is
cut into tiles, whose sums stay in registers while a loop runs along what is summed over. Each turn of the loop loads
two small tiles and multiplies every row of the one with every row of the other. With four vectors of eight numbers:

    product:  4 rows of one number  x  1 row of 4 vectors    adds to  4 rows of 4 vectors
    outer:    4 rows of one vector  x  4 rows of one vector  adds to  16 rows of one vector

To numba a tile is a value, with the operations `tile`, `load`, `store`, `multiply_add` and `sums`. To LLVM it is one
long vector, which LLVM cuts into the registers that the processor has. Any number of rows, columns and examples will
do: past the last row a tile does that row again, and past the last column it neither reads nor writes.

What is multiplied is part of larger arrays: matrices of `s`, (n,), vectors with a column for each example of `v`,
(rows, width). A product is told by whole numbers where it begins there, so that it is compiled once for all.
"""
# mypy: ignore-errors
# What has types here has numba's, and is checked when numba compiles it; llvmlite has no stubs.

from llvmlite import ir
from numba import njit, types
from numba.core.cgutils import get_or_insert_function
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, models, register_model

from engine.compiler.backends.numba.cache import kept_for

__all__ = ["outer", "product", "rolled"]

LANES, ACROSS = (8, 4) if "+avx512f" in get_host_cpu_features() else (4, 2)  # numbers in a vector, vectors in a row
WIDE = LANES * ACROSS
DOWN = 4  # rows
PAIRS = DOWN * ACROSS  # named, because numba takes a name for a literal, but no expression

FLOAT, INT = ir.DoubleType(), ir.IntType(64)
ALIGNMENT = ir.IntType(32)(8)  # bytes: rows begin anywhere


@intrinsic
def _hidden(typing, n):
    """n, of which LLVM cannot tell how much it is."""

    def generate(context, builder, signature, arguments):
        return builder.asm(ir.FunctionType(INT, [INT]), "", "=r,0", arguments, False)

    return types.int64(types.int64), generate


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


def _rows(context, builder, kind, of, array, first, step, left, n):
    """Pointers to the rows of a tile, and the mask for its first n columns."""
    data = context.make_array(of)(context, builder, array).data
    last = builder.sub(left, INT(1))
    below = [builder.select(builder.icmp_signed("<", INT(k), last), INT(k), last) for k in range(1, kind.rows)]
    places = [first, *[builder.add(first, builder.mul(k, step)) for k in below]]
    vector = ir.VectorType(FLOAT, kind.columns).as_pointer()
    pointers = [builder.bitcast(builder.gep(data, [place]), vector) for place in places]
    columns = ir.Constant(ir.VectorType(INT, kind.columns), list(range(kind.columns)))
    return pointers, builder.icmp_signed("<", columns, _repeat(builder, n, kind.columns))


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
def load(typing, rows, columns, array, first, step, left, n):
    """The tile whose rows begin at the numbers first, first + step, ... of a contiguous array.

    From row `left` on it has that before again, and 0 from column n on.
    """
    kind = Tile(rows.literal_value, columns.literal_value)

    def generate(context, builder, signature, arguments):
        pointers, mask = _rows(context, builder, kind, array, *arguments[2:])
        name, row = f"load.v{kind.columns}f64", ir.VectorType(FLOAT, kind.columns)
        parts = [_masked(builder, name, row, p, ALIGNMENT, mask, ir.Constant(row, None)) for p in pointers]
        while len(parts) > 1:
            both = range(2 * parts[0].type.count)
            parts = [_pick(builder, both, a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    return kind(rows, columns, array, types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def store(typing, kind, array, first, step, left, n):
    """Put the first n columns of a tile where `load` would find them."""

    def generate(context, builder, signature, arguments):
        pointers, mask = _rows(context, builder, kind, array, *arguments[1:])
        for k, pointer in enumerate(pointers):
            row = _pick(builder, range(k * kind.columns, (k + 1) * kind.columns), arguments[0])
            _masked(builder, f"store.v{kind.columns}f64", ir.VoidType(), row, pointer, ALIGNMENT, mask)

    return types.void(kind, array, types.int64, types.int64, types.int64, types.int64), generate


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


@_inline
def rolled(n):
    """n, as a number of turns: LLVM is not to write out a loop of loops turn by turn, which takes it long."""
    return _hidden(n)


V, S, I, B = types.float64[:, ::1], types.float64[::1], types.int64, types.boolean


def _kernel(*signature):
    return lambda function: kept_for(njit(error_model="numpy")(function), *signature)


def _product_tile(wide):
    @_inline
    def run(v, s, out, left, W, down, across, columns, x, add, b, step, n):
        width = v.shape[1]
        total = load(DOWN, wide, v, out, width, left, n) if add else tile(DOWN, wide, 0.0)
        if b >= 0:
            total = multiply_add(load(DOWN, 1, s, b, step, left, 1), tile(1, 1, 1.0), total)
        for c in range(columns):
            weights = load(DOWN, 1, s, W + across * c, down, left, 1)
            total = multiply_add(weights, load(1, wide, v, x + width * c, width, 1, n), total)
        store(total, v, out, width, left, n)

    return run


_wide_tile, _narrow_tile = _product_tile(WIDE), _product_tile(LANES)


@_kernel(V, S, *[I] * 7, B, I, I)
def product(v, s, out, rows, W, down, across, columns, x, add, b, step):
    """v[out + r, j] (+)= the sum over c of s[W + down * r + across * c] * v[x + c, j], and maybe + s[b + step * r].

    Args:
        v: (n, width), contiguous.
        s: (m,), contiguous.
        out, rows: the rows of v that are computed; none of them is a factor.
        W, down, across: where in s the matrix begins, and how far it is from there to the next row and column.
        columns: how many it has.
        x: the first of so many rows of v.
        add: whether to add to what is there.
        b, step: where in s the biases are; b is -1 if there are none.
    """
    width = v.shape[1]
    step = step if b >= 0 else 0  # so that a later row's b is -1 too
    wide = width // WIDE * WIDE
    for r in range(0, rows, DOWN):
        for j in range(0, wide, WIDE):
            _wide_tile(
                v, s, width * (out + r) + j, rows - r, W + down * r, down, across, columns, width * x + j,
                add, b + step * r, step, WIDE,
            )  # fmt: skip
        for j in range(wide, width, LANES):
            _narrow_tile(
                v, s, width * (out + r) + j, rows - r, W + down * r, down, across, columns, width * x + j,
                add, b + step * r, step, width - j,
            )  # fmt: skip


@_inline
def _add_examples(total, v, d, rows, x, columns, n):
    width = v.shape[1]
    return multiply_add(load(DOWN, LANES, v, d, width, rows, n), load(ACROSS, LANES, v, x, width, columns, n), total)


@_kernel(V, S, *[I] * 7)
def outer(v, s, out, down, rows, columns, d, x, n):
    """s[out + down * r + c] += the sum over the first n examples j of v[d + r, j] * v[x + c, j].

    Args:
        v: (m, width), contiguous.
        s: (k,), contiguous.
        out, down: where in s the matrix begins, and how far it is from one row to the next.
        rows, columns: how many it has.
        d, x: the first of so many rows of v.
        n: how many examples count.
    """
    width = v.shape[1]
    whole = n // LANES * LANES
    for c in range(0, columns, ACROSS):
        for r in range(0, rows, DOWN):
            total = tile(PAIRS, LANES, 0.0)
            for j in range(0, whole, LANES):
                total = _add_examples(total, v, width * (d + r) + j, rows - r, width * (x + c) + j, columns - c, LANES)
            if whole < n:
                j, rest = whole, n - whole
                total = _add_examples(total, v, width * (d + r) + j, rows - r, width * (x + c) + j, columns - c, rest)
            before = load(DOWN, ACROSS, s, out + down * r + c, down, rows - r, columns - c)
            after = multiply_add(sums(total, ACROSS), tile(1, 1, 1.0), before)
            store(after, s, out + down * r + c, down, rows - r, columns - c)
