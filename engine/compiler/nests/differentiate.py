"""Differentiate: the backward pass of nests, as nests, which are differentiated like any others.

There is one rule. A nest ``target += sum of op(reads)`` passes on, to each of its reads,

    d read += sum of (d target) * (the partial of op by that read)

with the sum over those axes that the read lacks. A partial is a formula in numbers that are there already, so the
product is an operation on them like any other. Rows whose derivative is 0 because no output depends on them pass
nothing on (see `engine.ops` for the two kinds of 0): a partial of theirs that is infinite is nobody's business.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from inspect import Parameter, Signature
from itertools import chain
from typing import Any, NamedTuple

from engine import functions, modes, ops
from engine.adjoints import gradients, sweep_towards
from engine.apply import apply
from engine.compiler.nests.nest import Access, Family, Nest, homes, in_order, stretches
from engine.compiler.tape.symbols import symbol
from engine.number import is_exactly, times
from engine.op import FLAT, Op
from engine.order import topological_order
from engine.value import Constant, Value

__all__ = ["Backward", "differentiate", "folds_still", "pullback"]


class Backward(NamedTuple):
    """A backward pass.

    Attributes:
        nests: what to do after those that were differentiated.
        gradients: of families their derivatives: of the sum of all outputs, each times its seed.
    """

    nests: list[Nest]
    gradients: dict[Family, Family]


def differentiate(
    nests: Sequence[Nest], outputs: Sequence[tuple[Access, Access]], targets: Sequence[Family], prefix: str = "d_"
) -> Backward:
    """The backward pass of some nests.

    Left out is whatever the outputs do not depend on, whatever does not depend on a target, and partials that are FLAT.

    Args:
        nests: what to differentiate, in order.
        outputs: pairs of an output and its seed: by how much it counts.
        targets: the families to differentiate with respect to.
        prefix: of the names of derivatives.

    Returns:
        Backward: of every target there is a derivative among its gradients.

    Raises:
        NotImplementedError: an operation's partials go along the columns, and these are to be differentiated again.
    """
    found: dict[Family, Family] = {}

    def gradient(family: Family) -> Family:
        if family not in found:
            pool = None if family.pool is None else gradient(family.pool)
            found[family] = Family(
                f"{prefix}{family.name}",
                "computed",
                family.shared,
                family.rows,
                pool=pool,
                start=family.start,
                derivative_of=family,
                prefix=prefix,
            )
        return found[family]

    dependent = set(targets)
    for nest in nests:
        if any(dependent.intersection(homes(read.family)) for read in nest.reads):
            dependent.update(homes(nest.target.family))

    backward: list[Nest] = []
    reached = _Rows()
    for output, seed in outputs:
        if dependent.intersection(homes(output.family)):
            reached.add(output)
            backward.append(Nest(replace(output, family=gradient(output.family)), ops.IDENTITY, (seed,)))
    last = max((turn for nest in nests for turn in nest.turns), default=0)

    def passed_on(nest: Nest) -> Iterator[tuple[int, Op, tuple[int, ...]]]:
        for i, read in enumerate(nest.reads):
            if dependent.intersection(homes(read.family)):
                op, places = pullback(nest.op, len(nest.reads), i, nest.folds)
                if op is not None:
                    yield i, op, places

    for some in stretches(list(_backward(nests))):
        if some[0].turns:
            parts = _parts_in_turn(some, reached, [[nest.reads[i] for i, *_ in passed_on(nest)] for nest in some])
        else:
            parts = [_part(some[0], reached)]
        for nest in filter(None, parts):
            d = replace(nest.target, family=gradient(nest.target.family))
            operands = (d, nest.target, *nest.reads)
            turns = tuple([2 * last + 1 - turn for turn in nest.turns])
            for i, op, places in passed_on(nest):
                reached.add(nest.reads[i])
                to = replace(nest.reads[i], family=gradient(nest.reads[i].family))
                reads = tuple([operands[place] for place in places])
                backward.append(Nest(to, op, reads, folds=folds_still(nest, op), origin=(nest, i), turns=turns))
    for target in targets:
        gradient(target)
    return Backward(backward, found)


class _Rows:
    """Some rows of families."""

    def __init__(self) -> None:
        self._rows: dict[Family, set[int]] = {}

    def add(self, access: Access) -> None:
        """All that is accessed, if it is computed: what is given passes nothing on."""
        family = access.family.home
        if family.kind == "computed" and len(self.of(family)) < family.rows:
            self.of(family).update(_in_pool(access))

    def of(self, family: Family) -> set[int]:
        """Those of a family."""
        return self._rows.setdefault(family, set())

    def among(self, access: Access) -> list[bool] | None:
        """Of what is accessed, which is among them; None for all of it."""
        rows = self.of(access.family.home)
        return None if len(rows) == access.family.home.rows else [row in rows for row in _in_pool(access)]


def _in_pool(access: Access) -> Sequence[int]:
    """The rows of an access, in the pool that its family is a part of."""
    start = access.family.start
    return [start + row for row in access.index.rows] if start else access.index.rows


def _part(nest: Nest, rows: _Rows) -> Nest | None:
    """A nest for those rows and columns only in which its target is among some; None for none."""
    among = rows.among(nest.target)
    if among is None or all(among):
        return nest
    if not any(among):
        return None
    axes, width = nest.target.axes, nest.target.n_columns
    kept = {"r": range(nest.n_rows), "c": range(nest.n_columns)}
    if "r" in axes:
        kept["r"] = [r for r in kept["r"] if any(among[r * width : (r + 1) * width])]  # type: ignore[assignment]
    if "c" in axes and not nest.folds:  # a fold is one of all columns
        kept["c"] = [c for c in kept["c"] if any(among[c::width])]  # type: ignore[assignment]
    return nest.part(kept["r"], kept["c"])


def _parts_in_turn(nests: Sequence[Nest], rows: _Rows, passed_on: Sequence[Sequence[Access]]) -> list[Nest | None]:
    """The same of nests that have turns, whose rows reach each other.

    Args:
        nests: the last one first.
        rows: which are reached.
        passed_on: of each nest the reads to which it passes something on.
    """
    read_of: dict[Family, set[int]] = {}
    for read in chain.from_iterable(passed_on):
        read_of.setdefault(read.family.home, set()).update(_in_pool(read))
    targets_of = [(nest.target.family.home, _in_pool(nest.target)) for nest in nests]
    if all((rows.of(home) | read_of.get(home, set())).issuperset(places) for home, places in targets_of):
        return list(nests)  # each is reached, or read by one that has its turn later and is reached itself
    kept: dict[Nest, list[int]] = {nest: [] for nest in nests}
    targets = {nest: _row_by_row(nest.target, nest) for nest in nests}
    reads = {nest: [_row_by_row(x, nest) for x in some] for nest, some in zip(nests, passed_on, strict=True)}
    for nest, (r,) in reversed(list(in_order(nests[::-1]))):
        family, places = targets[nest]
        if not rows.of(family).isdisjoint(places[r]):
            kept[nest].append(r)
            for family, places in reads[nest]:
                rows.of(family).update(places[r])
    return [nest.part(kept[nest][::-1], range(nest.n_columns)) if kept[nest] else None for nest in nests]


def _row_by_row(access: Access, nest: Nest) -> tuple[Family, list[Sequence[int]]]:
    """Where its numbers are, and for each r of a nest which they are."""
    places, width = _in_pool(access), access.n_columns
    if "r" not in access.axes:
        return access.family.home, [places] * nest.n_rows
    return access.family.home, [places[first : first + width] for first in range(0, len(places), width)]


def _backward(nests: Sequence[Nest]) -> Iterator[Nest]:
    """The last one first; but those that make up one family together in their own order."""
    groups: list[list[Nest]] = []
    for nest in nests:
        target = nest.target.family
        goes_on = bool(groups) and groups[-1][-1].target.family is target and not nest.turns
        if goes_on and not groups[-1][-1].turns and not any(target in homes(read.family) for read in nest.reads):
            groups[-1].append(nest)
        else:
            groups.append([nest])
    return chain.from_iterable(reversed(groups))


# --- an operation's partials as operations ---


def folds_still(nest: Nest, op: Op) -> bool:
    """Whether what a nest passes on, an operation that `pullback` gave, goes along the columns as the nest does."""
    return nest.folds and op not in (ops.IDENTITY, ops.NEG, ops.MUL)


@cache
def pullback(op: Op, n: int, i: int, folds: bool = False) -> tuple[Op | None, tuple[int, ...]]:
    """What an operation of n operands passes on to the i-th of them, as an operation.

    Returns:
        (operation, places): its operands are those among (d, z, x1, ..., xn) that it needs, d being the derivative
        by the result z; (None, ()) where the partial is FLAT.
    """
    with modes.note_leaves():
        names = [symbol(name) for name in ("d", "z", *[f"x{k}" for k in range(n)])]
        partial = op.partials(functions, *names[1:])[i]
        product = None if partial is FLAT else times(names[0], partial)
    if product is None:
        return None, ()
    if product is names[0]:
        return ops.IDENTITY, (0,)
    if is_exactly(-1.0, partial):
        return ops.NEG, (0,)
    for place, name in enumerate(names):
        if partial is name:
            return ops.MUL, (0, place)
    used = set(topological_order(product))
    places = tuple([place for place, name in enumerate(names) if name in used])
    operands = [names[place] for place in places]
    value = _formulas([product], operands)  # so that only this partial is computed

    @cache
    def second() -> Callable[..., tuple[Any, ...]]:
        with modes.note_leaves():
            if folds:
                _check_folds(product, operands)
            with modes.recorded():
                found = sweep_towards(operands, product)
            return _formulas([found.get(name, FLAT) for name in operands], operands)

    def by_operands(m: Any, *xs: Any) -> Any:
        return value(m, *xs)[0]

    taken = ["m", *[name.label for name in operands]]
    by_operands.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in taken])  # type: ignore[attr-defined]
    called = f"{op.name}'" if n == 1 else f"{op.name}'{i}"
    return Op(called, by_operands, lambda m, z, *xs: second()(m, *xs), static=op.static), places


def _formulas(outputs: Sequence[Any], names: Sequence[Value]) -> Callable[..., tuple[Any, ...]]:
    """What was recorded on symbols, as a function (m, *numbers in their place) -> numbers."""
    order = topological_order(*[output for output in outputs if isinstance(output, Value)])
    place = {name: k for k, name in enumerate(names)}

    def formulas(m: Any, *xs: Any) -> tuple[Any, ...]:
        numbers: dict[Value, Any] = {}
        for node in order:
            if node.op is not None:
                args = [numbers[arg] for arg in node.operands]
                numbers[node] = apply(node.op, *args) if m is functions else node.op.value(m, *args)
            else:
                numbers[node] = node.data if isinstance(node, Constant) else xs[place[node]]
        return tuple([numbers[output] if isinstance(output, Value) else output for output in outputs])

    return formulas


def _check_folds(product: Value, operands: Sequence[Value]) -> None:
    """NotImplementedError if a derivative by one column depends on other columns by more than which is the largest."""
    for node in topological_order(product):
        if node.op is not None and node.op.arity is None:
            (passed_on,), by_columns = gradients(product, [node]), gradients(node, operands)
            if not _is_zero(passed_on) and not all(map(_is_zero, by_columns)):
                raise NotImplementedError(
                    "second derivatives of this function cannot be compiled: the first derivative of an operation on "
                    f"many operands has a {node.op.name} of all of them in it. Write it with operations on two"
                )


def _is_zero(partial: Value) -> bool:
    return isinstance(partial, Constant) and partial.data == 0.0
