"""Plan: in which order native loops carry out the nests of a procedure, and which of them share a loop.

A stage is what can be done for all examples at once or, by turns, what can be done for each example by itself: most
procedures have a shared one, one for each example, forward and backward, and then a shared one again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from engine import ops
from engine.compiler.nests.nest import Access, Family, Nest, Procedure, homes

__all__ = ["Plan", "Step", "plan"]

MOST_COMPARED = 8  # pairs of places in memory: a loop for which LLVM must find out more is not vectorised


@dataclass(frozen=True)
class Step:
    """Nests that one loop carries out.

    Attributes:
        nests: which, in order. All go through the same rows, columns and examples; or there is a product, and then its
            bias.
        sets: of each whether it is the first that its target gets something from, all of it: then it sets it.
        by_example: whether there is a loop over the examples.
    """

    nests: tuple[Nest, ...]
    sets: tuple[bool, ...]
    by_example: bool


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        cleared: families to set to 0 first.
        stages: the steps of each stage. Those of odd number are carried out for each example, the others once.
    """

    cleared: list[Family]
    stages: list[list[Step]]


def plan(procedure: Procedure, is_shared: Callable[[Family], bool]) -> Plan:
    """The plan for a procedure.

    Args:
        procedure: what to do.
        is_shared: whether all examples share the numbers of a family.
    """
    stages = _stages([_without_single(nest, is_shared) for nest in procedure.nests], is_shared)
    nests = [nest for stage in stages for nest in stage]
    setters, cleared = _setters(nests, is_shared)
    steps = [[_step([nest], setters, is_shared) for nest in stage] for stage in stages]
    return Plan(cleared, [_fused(stage, setters, is_shared) for stage in steps])


def _without_single(nest: Nest, is_shared: Callable[[Family], bool]) -> Nest:
    """The same without an axis along which there is but one, unless tiles or folds need it."""
    if nest.folds or (is_product(nest) and nest.n_columns > 1 and _is_by_example(nest, is_shared)):
        return nest
    dropped = "r" * (nest.n_rows == 1) + "c" * (nest.n_columns == 1)
    target, *reads = (_without(access, dropped) for access in nest.accesses)
    return replace(nest, target=target, reads=tuple(reads))


def _without(access: Access, dropped: str) -> Access:
    axes = "".join(axis for axis in access.axes if axis not in dropped)
    width = access.index.width if axes == "rc" else None
    return Access(access.family, replace(access.index, width=width), axes) if axes != access.axes else access


def _stages(nests: Iterable[Nest], is_shared: Callable[[Family], bool]) -> list[list[Nest]]:
    stages: list[list[Nest]] = [[]]
    ready: dict[Family, int] = {}  # the stage from which on a family has all that was added to it
    for nest in nests:
        by_example = _is_by_example(nest, is_shared)
        stage = max(ready.get(home, 0) for read in nest.reads for home in homes(read.family))
        stage += stage % 2 != by_example
        after = stage + (by_example and is_shared(nest.target.family))  # the sum is known when all examples are through
        for home in homes(nest.target.family):
            ready[home] = max(after, ready.get(home, 0))
        stages += [[] for _ in range(stage + 1 - len(stages))]
        stages[stage].append(nest)
    return stages


def _setters(nests: Sequence[Nest], is_shared: Callable[[Family], bool]) -> tuple[set[Nest], list[Family]]:
    """The nests that set their target, and the families that must be cleared since nests only add to them."""
    targets = {nest.target.family for nest in nests}
    pools = {access.family.pool for nest in nests for access in nest.accesses}
    setters: set[Nest] = set()
    begun: set[Family] = set()
    cleared: dict[Family, None] = {}
    for nest in nests:
        to = nest.target
        whole = to.family.home if to.family.home in targets else to.family  # all parts are added to at once
        is_summed = is_shared(to.family) and _is_by_example(nest, is_shared)
        if whole not in begun and to.index.covers and not is_summed and whole not in pools:
            setters.add(nest)
        elif whole not in begun:
            cleared[whole] = None
        begun.add(whole)
    return setters, list(cleared)


def _is_by_example(nest: Nest, is_shared: Callable[[Family], bool]) -> bool:
    return not all(is_shared(access.family) for access in nest.accesses)


def _step(nests: Sequence[Nest], setters: set[Nest], is_shared: Callable[[Family], bool]) -> Step:
    return Step(tuple(nests), tuple([nest in setters for nest in nests]), _is_by_example(nests[0], is_shared))


# --- several nests in one loop ---


def _fused(steps: Sequence[Step], setters: set[Nest], is_shared: Callable[[Family], bool]) -> list[Step]:
    fused: list[Step] = []
    for step in steps:
        (nest,) = step.nests
        before = fused[-1].nests if fused else ()
        if before and (_is_bias(before, nest) or _can_join(before, nest, setters, is_shared)):
            fused[-1] = _step([*before, nest], setters, is_shared)
        else:
            fused.append(step)
    return fused


def is_product(nest: Nest) -> bool:
    """Whether it multiplies a matrix by a vector, or two vectors to a matrix."""
    return nest.op == ops.MUL and sorted(access.axes for access in nest.accesses) == ["c", "r", "rc"]


def _is_bias(before: Sequence[Nest], nest: Nest) -> bool:
    product = before[0]
    return (
        len(before) == 1
        and is_product(product)
        and nest.op == ops.IDENTITY
        and nest.reads[0].family.shared
        and _same(product.target, nest.target)
    )


def _can_join(before: Sequence[Nest], nest: Nest, setters: set[Nest], is_shared: Callable[[Family], bool]) -> bool:
    """Whether a nest may be carried out in the loop of others, and it is worth it: they have numbers in common."""
    spaces = {_space(other, is_shared) for other in (*before, nest)}
    if len(spaces) > 1 or nest.folds or is_product(nest) or is_product(before[0]):
        return False
    in_common = any(_same(x, y) for other in before for x in other.accesses for y in nest.reads)
    if not in_common or not all(_commute(other, nest, setters) for other in before):
        return False
    if not _is_by_example(nest, is_shared):  # a loop over rows, whose turns must not wait for each other
        return not any(_are_shifted(other.target, nest.target) for other in before)
    places = {(access.family, access.index.rows): False for other in (*before, nest) for access in other.accesses}
    places.update({(other.target.family, other.target.index.rows): True for other in (*before, nest)})
    in_memory = [written for (family, _), written in places.items() if not is_shared(family)]
    written = sum(in_memory)
    return written * (written - 1) // 2 + written * (len(in_memory) - written) <= MOST_COMPARED


def _space(nest: Nest, is_shared: Callable[[Family], bool]) -> tuple[object, ...]:
    return nest.axes, nest.n_rows, nest.n_columns, nest.folds, _is_by_example(nest, is_shared)


def _commute(first: Nest, second: Nest, setters: set[Nest]) -> bool:
    """Whether the one may be done row by row in turn with the other, rather than after it."""
    for read in second.reads:  # a number must be ready when it is read
        if _overlap(first.target, read) and not (_same(first.target, read) and first in setters and not first.summed):
            return False
    if any(_overlap(read, second.target) and not _same(read, second.target) for read in first.reads):
        return False
    return first not in setters or not _overlap(first.target, second.target)


def _are_shifted(one: Access, other: Access) -> bool:
    return one.index.slice is not None and _overlap(one, other) and not _same(one, other)


def _same(one: Access, other: Access) -> bool:
    return (one.family, one.index.rows, one.axes) == (other.family, other.index.rows, other.axes)


def _overlap(one: Access, other: Access) -> bool:
    return one.family.home is other.family.home and not _rows(one).isdisjoint(_rows(other))


def _rows(access: Access) -> set[int]:
    return {access.family.start + row for row in access.index.rows}
