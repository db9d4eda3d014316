"""Lower: statements as nests."""

from collections.abc import Iterable, Iterator

from engine import ops
from engine.compiler.nests.nest import Access, Nest, whole
from engine.compiler.nests.statements import Elementwise, Family, Index, Operand, Product, Reduction, Statement
from engine.ops import Op

__all__ = ["lower"]


def lower(statements: Iterable[Statement]) -> list[Nest]:
    """Each statement as a nest, or as several that add to the same family."""
    return [nest for statement in statements for nest in _lowered(statement)]


def _lowered(statement: Statement) -> list[Nest]:
    to = whole(statement.result)
    if isinstance(statement, Elementwise):
        return [Nest(to, statement.op, tuple([_access(x, "r") for x in statement.operands]))]
    if isinstance(statement, Reduction):
        blocks = tuple([_access(block, "rc") for block in statement.matrix])
        if statement.op == ops.TOTAL:
            return [Nest(to, ops.IDENTITY, (block,)) for block in blocks]
        copies, block = _side_by_side(statement, blocks)
        return [*copies, Nest(to, statement.op, (block,), folds=True)]
    if isinstance(statement, Product):
        pairs = [(_access(matrix, "rc"), _access(vector, "c")) for matrix, vector in _pairs(statement)]
    else:
        pairs = [(_access(a, "rc"), _access(b, "rc")) for a, b in zip(statement.left, statement.right, strict=True)]
    nests = [_product(to, *pair) for pair in pairs]
    if statement.bias is not None:
        nests.append(Nest(to, ops.IDENTITY, (_access(statement.bias, "r"),)))
    return nests


def _side_by_side(statement: Reduction, blocks: tuple[Access, ...]) -> tuple[list[Nest], Access]:
    """Blocks as one, which is a copy of them if they are several."""
    if len(blocks) == 1:
        return [], blocks[0]
    width = sum(block.n_columns for block in blocks)
    n = statement.result.rows * width
    copy = Family(f"{statement.result.name}_x", "computed", statement.result.shared, n)
    nests, first = [], 0
    for block in blocks:
        columns = range(first, first + block.n_columns)
        rows = tuple([start + c for start in range(0, n, width) for c in columns])
        nests.append(Nest(Access(copy, Index(rows, len(columns), n), "rc"), ops.IDENTITY, (block,)))
        first += block.n_columns
    return nests, Access(copy, Index(tuple(range(n)), width, n), "rc")


def _pairs(statement: Product) -> Iterator[tuple[Operand, Operand]]:
    """A product in as many pieces as its matrix or its vector has."""
    start = 0
    for matrix in statement.matrix:
        for vector in statement.vector:
            width, n = matrix.index.width or 0, len(vector.index.rows)
            columns, start = range(start, start + min(width, n)), start + min(width, n)
            if len(statement.matrix) > 1:
                yield matrix, _picked(vector, columns, None)
            elif len(statement.vector) > 1:
                rows = range(0, len(matrix.index.rows), width)
                yield _picked(matrix, [row + c for row in rows for c in columns], len(columns)), vector
            else:
                yield matrix, vector


def _picked(operand: Operand, places: Iterable[int], width: int | None) -> Operand:
    rows = tuple([operand.index.rows[place] for place in places])
    return Operand(operand.family, Index(rows, width, operand.index.total))


def _product(to: Access, a: Access, b: Access) -> Nest:
    if a.reads_as(b) and (to.family.rows == 1 or a.axes == b.axes):  # a square: its derivative is one nest, not two
        return Nest(to, _SQUARE, (a,))
    return Nest(to, ops.MUL, (a, b))


_SQUARE: Op = ops.POWER(exponent=2)


def _access(operand: Operand, axes: str) -> Access:
    rows, width, total = operand.index.rows, operand.index.width, operand.index.total
    if axes != "rc" and len(set(rows)) == 1:
        return Access(operand.family, Index(rows[:1], None, total), "" if len(rows) > 1 else axes)
    return Access(operand.family, Index(rows, width, total), axes)
