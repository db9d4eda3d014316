"""Turns: nests whose rows wait for each other, as the text of one loop that looks up which rows have their turn.

So the text does not grow with the length of a chain; nor does the time to compile it.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from engine.compiler.backends.expression import Algebra, Expression, Line, expression, name, new_names, total, written
from engine.compiler.nests.nest import Access, Family, Nest

__all__ = ["METHODS", "Turn", "write_turns"]

METHODS = {"total": "sum", "largest": "max", "smallest": "min"}

Turn = tuple[int, tuple[Any, ...]]  # of which kind it is, and what rows it touches: an index, or several, each


class _Kind(NamedTuple):
    """Nests whose rows have the same turns.

    Attributes:
        names: what is touched is called so.
        lines: what to do with it.
        touched: for each row what it is.
    """

    names: list[str]
    lines: list[str]
    touched: list[tuple[Any, ...]]


def write_turns(
    nests: Sequence[Nest], table: str, examples: str, written_once: Callable[[Family], bool], *, in_place: bool
) -> tuple[list[str], list[Turn]]:
    """Nests that have turns, as a loop over a table, and that table.

    Args:
        nests: in order. The arrays of all families that they touch are there, under their names.
        table: what it is called.
        examples: code for how many there are.
        written_once: of an array, whether nothing else adds to what is set.
        in_place: whether arrays can be added to; if not, the text uses JAX's ``array.at[...].add(...)``.
    """
    alike = [list(some) for _, some in groupby(nests, lambda nest: nest.turns)]
    kinds = [_kind(some, examples, written_once, in_place) for some in alike]
    order = sorted((turn, k, r) for k, some in enumerate(alike) for r, turn in enumerate(some[0].turns))
    turns = [(k, kinds[k].touched[r]) for _, k, r in order]
    if in_place:
        text = [f"for kind_, rows_ in {table}:"]
        for k, kind in enumerate(kinds):
            text.append(f"    {'el' * (k > 0)}if kind_ == {k}:")
            text += [f"        {line}" for line in (f"{', '.join(kind.names)}, = rows_", *kind.lines)]
        return text, turns
    arrays = ", ".join(dict.fromkeys(nest.target.family.home.name for nest in nests))
    text = ["def turn_(i_, arrays_):", f"    {arrays}, = arrays_", f"    rows_ = {table}[i_]"]
    for k, kind in enumerate(kinds):
        text += [f"    def kind_{k}({arrays}):", *_looked_up(kind)]
        text += [f"        {line}" for line in (*kind.lines, f"return {arrays},")]
    branches = ", ".join(f"kind_{k}" for k in range(len(kinds)))
    text += [f"    return switch(rows_[0], ({branches},), {arrays})"]
    return [*text, f"{arrays}, = fori_loop(0, {len(turns)}, turn_, ({arrays},))"], turns


def _looked_up(kind: _Kind) -> list[str]:
    """Lines that give its names to what stands in a row of a table, one number next to the other."""
    lines, at = [], 1
    for called, rows in zip(kind.names, kind.touched[0], strict=True):
        n = len(rows) if isinstance(rows, list) else 0
        lines.append(f"        {called} = rows_[{f'{at}:{at + n}' if n else at}]")
        at += n or 1
    return lines


def _kind(nests: Sequence[Nest], examples: str, written_once: Callable[[Family], bool], in_place: bool) -> _Kind:
    names: dict[tuple[tuple[int, ...], int, str], str] = {}

    def part(access: Access) -> Expression:
        """What is accessed: (examples,), or (columns, examples)."""
        start, width = access.family.start, access.n_columns if "c" in access.axes else 0
        key = tuple([start + row for row in access.index.rows]), width, access.axes
        return Expression(f"{{}}[{names.setdefault(key, f'r_{len(names) + 1}')}]", (name(access.family.home.name),))

    lines = []
    for target, several in groupby(nests, lambda nest: nest.target):
        terms = [_term(nest, [part(read) for read in nest.reads], examples) for nest in several]
        array, rows = target.family.home, part(target).pattern.removeprefix("{}")
        is_set = written_once(array)
        if not in_place:
            pattern = f"{array.name} = {array.name}.at{rows}.{'set' if is_set else 'add'}({{}})"
        elif not is_set and "c" in target.axes and target.index.repeats:  # += drops all but one of the same row
            pattern = f"add_at({array.name}, {rows[1:-1]}, {{}})"
        else:
            pattern = f"{array.name}{rows} {'=' if is_set else '+='} {{}}"
        lines.append(Line(pattern, total(terms)))
    columns = [_row_by_row(*key, nests[0].n_rows) for key in names]
    return _Kind(list(names.values()), written(lines, new_names("t_")), list(zip(*columns, strict=True)))


def _row_by_row(rows: Sequence[int], width: int, axes: str, n: int) -> Sequence[Any]:
    """What an access has for each r: a row, or of each column one."""
    each = [list(rows[i : i + width]) for i in range(0, len(rows), width)] if width else rows
    return each if "r" in axes else [each[0]] * n


def _term(nest: Nest, reads: list[Expression], examples: str) -> Expression:
    """What a nest adds in one turn: (examples,), (columns, examples), or 1 in the place of examples that share it."""

    def fold(how: str, x: Expression) -> Expression:
        return Expression(f"{{}}.{METHODS[how]}(axis=0)", (x,))

    value = expression(nest.op.value(Algebra(fold if nest.folds else None), *reads))
    used = value.within()
    own = [read for read, x in zip(nest.reads, reads, strict=True) if x in used]
    has = {axis for read in own for axis in read.axes + "j" * (not read.family.shared)}
    summed = set(nest.summed)
    if not summed <= has:
        value = Expression(f"broadcast_to({{}}, ({nest.n_columns}, {examples}))", (value,), needs=0)
        has = {"c", "j"}
    if "c" in summed and "j" in summed:
        return Expression("{}.sum()", (value,))
    if "c" in summed:
        return Expression("{}.sum(axis=0)", (value,))
    if "j" in summed:
        has_columns = "c" in has and not nest.reduces
        return Expression(f"{{}}.sum({'axis=1, keepdims=True' if has_columns else ''})", (value,))
    return value
