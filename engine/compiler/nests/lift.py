"""Lift: scalar operations of the same kind on operands of the same families become one nest.

A program is lifted in one of two ways. A regular one, such as a network, by families: its vectors are
whole layers, and read each other whole. An irregular one has as many families as operations, so it is
lifted by levels: what can be computed at the same time, being as far from the leaves, is one vector,
all vectors are parts of one pool, and operands are gathered from there. Where many levels in succession
have hardly anything in them, as in a long chain, their numbers are computed one by one, in turn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count, groupby
from typing import Any

from engine import ops
from engine.compiler.nests.nest import Access, Family, Index, Nest, VectorProgram, whole
from engine.compiler.tape.tape import Tape
from engine.op import Op

__all__ = ["lift_tape"]

Place = tuple[Family, int]  # a number: a row of a family
# A result, what computes it, of each row the operands, and its turn if it has one.
Group = tuple[Family, Op, list[list[Place]], tuple[int, ...]]

MANY_STATEMENTS = 100  # a program of more than this many families ...
FEW_ROWS = 4  # ... with less than so many rows each is irregular
PRODUCTS_PER_ROW = 8  # at most, of one matrix with several vectors
LONG_CHAIN = 100  # more nests than this of less than FEW_ROWS each, in succession, are carried out row by row
FEW_COLUMNS = 4  # at most so many are added up one by one, where rows have turns


def lift_tape(tape: Tape, shapes: Sequence[int | tuple[()]], labels: Sequence[str]) -> VectorProgram:
    """The vector program of a tape.

    Args:
        tape: a function.
        shapes: for each argument n for a list of n numbers, or () for one number.
        labels: of the parameters, "" for none; the tape need not use them all.

    Returns:
        VectorProgram: of as many statements as there are families, or levels with different operations in each.
    """
    inputs = [Family(f"x{i}", "input", False, 1 if shape == () else shape) for i, shape in enumerate(shapes)]  # type: ignore[arg-type]
    parameters = Family("theta", "parameter", True, len(labels), labels=list(labels))
    constants = Family("constants", "constant", True)
    leaves: dict[int, Place] = {}
    for i, leaf in tape.leaves.items():
        if leaf.kind == "constant":
            leaves[i] = constants, constants.rows
            constants.numbers.append(leaf.at)
            constants.rows += 1
        else:
            leaves[i] = inputs[leaf.argument] if leaf.kind == "input" else parameters, int(leaf.at)

    n_scalars = len(tape) - len(tape.leaves)
    places, groups = _by_families(tape, leaves, at_most=max(MANY_STATEMENTS, n_scalars // FEW_ROWS))
    if not groups and n_scalars:
        places, groups = _by_levels(tape, leaves, [*inputs, parameters, constants])
    weight = Family("example_weight", "weight", False, 1)  # no name of a user's has a _ in the source
    nests = [nest for group in groups for nest in _nests(*group, weight)]
    outputs = [_along_rows([places[i]]) for i in tape.outputs]
    sees_others = any(op.over_examples for _, op, *_ in groups)
    return VectorProgram(inputs, parameters, constants, weight if sees_others else None, nests, outputs, n_scalars)


def _by_families(tape: Tape, leaves: dict[int, Place], at_most: int) -> tuple[list[Place], list[Group]]:
    """Two operations belong together when they are the same, with the same static parameters, on operands of
    the same families. Then neither can depend on the other, so one pass in the order of the tape finds all
    families, each after those that it reads. There are no groups where they would be more than `at_most`."""
    places: list[Place] = []
    groups: dict[Any, Group] = {}
    vectors = _vectors_of_one_matrix(tape)
    for i, op in enumerate(tape.ops):
        if op is None:
            places.append(leaves[i])
            continue
        operands = [places[arg] for arg in tape.args[i]]
        key = op, vectors.get(i), tuple([id(family) for family, _ in operands])
        if key not in groups:
            if len(groups) == at_most:
                return [], []
            shared = op.over_examples or all(family.shared for family, _ in operands)
            groups[key] = Family(f"t{len(groups) + 1}", "computed", shared), op, [], ()
        family, _, members, _ = groups[key]
        places.append((family, family.rows))
        members.append(operands)
        family.rows += 1
    return places, list(groups.values())


def _vectors_of_one_matrix(tape: Tape) -> dict[int, tuple[int, ...]]:
    """For the rows of a matrix of parameters that is multiplied by several vectors: by which of them each is.

    So each product is a statement of its own, as one expects of a recurrent network; unless there are many of a few
    rows each, as where a kernel is moved along an image.
    """
    rows_of: dict[tuple[int, ...], list[tuple[int, tuple[int, ...]]]] = {}  # from a vector to its dots, and their rows
    for i, op in enumerate(tape.ops):
        if op == ops.DOT:
            n = len(tape.args[i]) // 2
            sides = tape.args[i][:n], tape.args[i][n : 2 * n]
            of_parameters = [all(tape.is_leaf(arg, "parameter") for arg in side) for side in sides]
            if of_parameters[0] != of_parameters[1]:
                row, vector = sides if of_parameters[0] else sides[::-1]
                rows_of.setdefault(vector, []).append((i, row))
    vectors_of: dict[frozenset[tuple[int, ...]], list[tuple[int, ...]]] = {}
    for vector, dots in rows_of.items():
        vectors_of.setdefault(frozenset(row for _, row in dots), []).append(vector)
    return {
        i: vector
        for matrix, vectors in vectors_of.items()
        if len(matrix) > 1 and 1 < len(vectors) <= PRODUCTS_PER_ROW * len(matrix)
        for vector in vectors
        for i, _ in rows_of[vector]
    }


def _by_levels(tape: Tape, leaves: dict[int, Place], given: list[Family]) -> tuple[list[Place], list[Group]]:
    """Two operations belong together when they are the same, and as far from the leaves; or when they are the same, and
    have turns. What examples share is computed first, then what each has of its own, then means over these, and so on.
    """
    pools = {False: Family("v", "computed", False), True: Family("s", "computed", True)}
    groups: list[Group] = []
    places: dict[int, Place] = {}
    phase, level, shared = [0] * len(tape), [0] * len(tape), [True] * len(tape)

    def add(pool: Family, start: int, op: Op, members: list[list[Place]], turns: Sequence[int] = ()) -> None:
        family = Family(f"t{len(groups) + 1}", "computed", pool.shared, len(members), pool=pool, start=start)
        groups.append((family, op, members, tuple(turns)))

    starts: dict[Family, int] = {}
    for family in given:
        if family.rows:
            pool = pools[family.shared]
            starts[family] = pool.rows
            pool.rows += family.rows
            add(pool, starts[family], ops.IDENTITY, [[(family, row)] for row in range(family.rows)])
    for i, op in enumerate(tape.ops):
        if op is None:
            family, row = leaves[i]
            shared[i], phase[i] = family.shared, not family.shared
            places[i] = pools[family.shared], starts[family] + row
        else:
            args = tape.args[i]
            level[i] = 1 + max([level[arg] for arg in args])
            shared[i] = op.over_examples or all(shared[arg] for arg in args)
            phase[i] = max([phase[arg] + (shared[arg] != shared[i]) for arg in args])

    def kind(i: int) -> Any:
        op, args = tape.ops[i], tape.args[i]
        assert op is not None
        return op.name, op.static, id(op), [shared[arg] for arg in args]

    def add_all(kinds: list[list[int]], turns: dict[int, int]) -> None:
        for alike in kinds:
            pool = pools[shared[alike[0]]]
            places.update((i, (pool, pool.rows + row)) for row, i in enumerate(alike))
            pool.rows += len(alike)
        for alike in kinds:
            op, (pool, start) = tape.ops[alike[0]], places[alike[0]]
            assert op is not None
            members = [[places[arg] for arg in tape.args[i]] for i in alike]
            add(pool, start, op, members, [turns[i] for i in alike if turns])

    computed = (i for i, op in enumerate(tape.ops) if op is not None)
    levels = [
        (where, [alike for _, alike in _grouped(some, kind)])
        for where, some in _grouped(computed, lambda i: (phase[i], level[i]))
    ]

    def has_few(kinds: list[list[int]]) -> bool:
        looks_across = any(op is not None and op.over_examples for op in (tape.ops[alike[0]] for alike in kinds))
        return not looks_across and sum(map(len, kinds)) < FEW_ROWS * len(kinds)

    turn = count(1)
    for (_, few), some in groupby(levels, lambda level: (level[0][0], has_few(level[1]))):
        kinds = [alike for _, kinds in some for alike in kinds]
        if few and len(kinds) > LONG_CHAIN:
            turns = {i: next(turn) for alike in kinds for i in alike}
            add_all([alike for _, alike in _grouped(turns, kind)], turns)
        else:
            add_all(kinds, {})
    return [places[i] for i in range(len(tape))], groups


def _grouped(indices: Iterable[int], key: Callable[[int], Any]) -> Iterable[tuple[Any, list[int]]]:
    return ((same, list(group)) for same, group in groupby(sorted(indices, key=key), key))


def _nests(result: Family, op: Op, members: list[list[Place]], turns: tuple[int, ...], weight: Family) -> list[Nest]:
    """What computes a family: one nest, or several that add up."""
    to = whole(result)
    if turns:
        nests = _nests(result, op, members, (), weight)
        return [replace(one, turns=turns) for nest in nests for one in _column_by_column(nest)]
    if op in _PRODUCT_OF:
        return _products(to, op, members)
    if op.over_examples:
        return [Nest(to, ops.MUL, (_along_rows([x for (x,) in members]), Access(weight, Index((0,), None, 1), "")))]
    is_whole = _is_all_of_a_family(members)
    if op == ops.ADD and is_whole and result.rows == 1:
        op = ops.TOTAL  # both numbers of a vector are its sum, as those of a longer one would be
    if not op.folds or (len(members[0]) <= 2 and op != ops.TOTAL and not is_whole):
        return [Nest(to, op, tuple([_along_rows(column) for column in zip(*members, strict=True)]))]
    blocks = _blocks(members)
    if op == ops.TOTAL:
        return [Nest(to, ops.IDENTITY, (block,)) for block in blocks]
    copies, block = _side_by_side(result, blocks)
    return [*copies, Nest(to, op, (block,), folds=True)]


def _is_all_of_a_family(members: list[list[Place]]) -> bool:
    """Whether the operands are several rows of one family, and all together each of its rows once, in order."""
    first, *more = _blocks(members)
    return first.n_columns > 1 and not more and first.index.covers


def _column_by_column(nest: Nest) -> list[Nest]:
    """A sum along few columns as a nest for each of them."""
    if "c" not in nest.summed or nest.n_columns > FEW_COLUMNS:
        return [nest]
    parts = [nest.part(range(nest.n_rows), [c]) for c in range(nest.n_columns)]
    return [replace(part, reads=tuple(map(_as_column, part.reads))) for part in parts]


def _as_column(access: Access) -> Access:
    """A matrix of a single column without the axis of these."""
    return replace(access, index=replace(access.index, width=None), axes=access.axes.replace("c", ""))


def _products(to: Access, op: Op, members: list[list[Place]]) -> list[Nest]:
    """Matrices that all examples share times vectors, or products number by number, and the bias."""
    n = len(members[0]) // 2
    left, right = [operands[:n] for operands in members], [operands[n : 2 * n] for operands in members]
    kinds = [(id(a), id(b)) for (a, _), (b, _) in zip(left[0], right[0], strict=True)]
    pairs = list(zip(_blocks(left, kinds), _blocks(right, kinds), strict=True))
    for matrix, other in ((left, right), (right, left)):
        if all(row == other[0] for row in other) and all(family.shared for row in matrix for family, _ in row):
            vectors = _blocks(other[:1], kinds)
            pairs = list(zip(_blocks(matrix, kinds), [_as_vector(vector) for vector in vectors], strict=True))
            break
    nests = [_product(to, op, a, b) for a, b in pairs]
    if len(members[0]) % 2:
        nests.append(Nest(to, ops.IDENTITY, (_along_rows([operands[-1] for operands in members]),)))
    return nests


def _product(to: Access, op: Op, a: Access, b: Access) -> Nest:
    if (
        op == ops.DOT and a.reads_as(b) and (to.family.rows == 1 or a.axes == b.axes)
    ):  # a square: its derivative is one nest, not two
        return Nest(to, _SQUARE, (a,))
    return Nest(to, _PRODUCT_OF[op], (a, b))


_PRODUCT_OF = {ops.DOT: ops.MUL, ops.WEIGHTED_SUM: ops.WEIGHTED}  # what is summed up
_SQUARE: Op = ops.POWER(exponent=2)


def _along_rows(column: Sequence[Place]) -> Access:
    """One place for each row of the result, all of one family; or one place, if they are all the same."""
    family = column[0][0]
    rows = tuple([row for _, row in column])
    if len(rows) > 1 and rows == rows[:1] * len(rows):
        return Access(family, Index(rows[:1], None, family.rows), "")
    return Access(family, Index(rows, None, family.rows), "r")


def _as_vector(block: Access) -> Access:
    """A matrix of a single row as a vector; as one number, if that is the same again and again."""
    rows, total = block.index.rows, block.index.total
    if len(rows) > 1 and rows == rows[:1] * len(rows):
        return Access(block.family, Index(rows[:1], None, total), "")
    return Access(block.family, Index(rows, None, total), "c")


def _blocks(rows: list[list[Place]], kinds: Sequence[Any] = ()) -> list[Access]:
    """A row of places for each row of the result, as blocks of columns of one family, or of one kind, each."""
    blocks = []
    column = 0
    for _, group in groupby(kinds or [id(family) for family, _ in rows[0]]):
        width = len(list(group))
        family = rows[0][column][0]
        indices = tuple([row for places in rows for _, row in places[column : column + width]])
        blocks.append(Access(family, Index(indices, width, family.rows), "rc"))
        column += width
    return blocks


def _side_by_side(result: Family, blocks: list[Access]) -> tuple[list[Nest], Access]:
    """Blocks as one, which is a copy of them if they are several."""
    if len(blocks) == 1:
        return [], blocks[0]
    width = sum(block.n_columns for block in blocks)
    n = result.rows * width
    copy = Family(f"{result.name}_x", "computed", result.shared, n)
    nests, first = [], 0
    for block in blocks:
        columns = range(first, first + block.n_columns)
        rows = tuple([start + c for start in range(0, n, width) for c in columns])
        nests.append(Nest(Access(copy, Index(rows, len(columns), n), "rc"), ops.IDENTITY, (block,)))
        first += block.n_columns
    return nests, Access(copy, Index(tuple(range(n)), width, n), "rc")
