"""Plan: in which order native loops carry out the nests of a procedure, and which of them share a loop.

A stage is what can be done for all examples at once or, by turns, what can be done for each example by itself: most
procedures have a shared one, one for each example, forward and backward, and then a shared one again.

A Hessian is many products with a vector. What does not depend on the vector is done once for all of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from engine import ops
from engine.compiler.nests.nest import Access, Family, Nest, Procedure, homes, stretches

__all__ = ["Plan", "Step", "plan"]

FARTHEST = 8  # so many loops before it, a nest may find one to join
MOST_COMPARED = 8  # pairs of places in memory: a loop for which LLVM must find out more is not vectorised


@dataclass(frozen=True)
class Step:
    """Nests that one loop carries out.

    Attributes:
        nests: which, in order. All go through the same rows, columns and examples; or there is a product, and then its
            bias; or all have turns.
        sets: of each whether it is the first that its target gets something from, all of it: then it sets it.
        stays: of each whether its target has to be there when the loop is over, for others to read.
        by_example: whether there is a loop over the examples.
    """

    nests: tuple[Nest, ...]
    sets: tuple[bool, ...]
    stays: tuple[bool, ...]
    by_example: bool

    @property
    def in_turn(self) -> bool:
        """Whether rows have turns."""
        return bool(self.nests[0].turns)

    def each(self) -> "list[Step]":
        """Its nests one by one."""
        return [
            Step((nest,), (sets,), (True,), self.by_example) for nest, sets in zip(self.nests, self.sets, strict=True)
        ]


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        cleared: families to set to 0 first.
        stages: the steps of each stage. Those of odd number are carried out for each example, the others once.
    """

    cleared: list[Family]
    stages: list[list[Step]]


def plan(procedure: Procedure, is_shared: Callable[[Family], bool]) -> tuple[Plan, Plan]:
    """The plans for a procedure.

    Args:
        procedure: what to do.
        is_shared: whether all examples share the numbers of a family.

    Returns:
        (once, each): what to do before all else, in the first two stages; and what is left to do, or to do again for
        each of many varying arguments.
    """
    stages = _stages([_without_single(nest, is_shared) for nest in procedure.nests], is_shared)
    nests = [nest for stage in stages for nest in stage]
    setters, cleared = _setters(nests, is_shared)
    cleared = [*dict.fromkeys([*cleared, *_with_gaps(procedure, nests)])]
    loops = _Loops(procedure, nests, setters, is_shared)
    lasting = _lasting(procedure, stages, is_shared)
    targets = {nest.target.family.home for nest in nests}

    def those(last: bool) -> Plan:
        some = [[nest for nest in stage if (nest.target.family.home in lasting) == last] for stage in stages]
        zeros = [family for family in cleared if (family.home in lasting) == last or family.home not in targets]
        return Plan(zeros, list(map(loops.steps, some)))

    return those(True), those(False)


def _without_single(nest: Nest, is_shared: Callable[[Family], bool]) -> Nest:
    """The same without an axis along which there is but one, unless tiles or folds need it; a single one is r."""
    if nest.folds or nest.turns or (is_product(nest) and nest.n_columns > 1 and _is_by_example(nest, is_shared)):
        return nest
    dropped = "r" * (nest.n_rows == 1) + "c" * (nest.n_columns == 1)
    target, *reads = (_without(access, dropped) for access in nest.accesses)
    nest = replace(nest, target=target, reads=tuple(reads))
    if nest.axes != "c":
        return nest
    target, *reads = (replace(access, axes=access.axes.replace("c", "r")) for access in nest.accesses)
    return replace(nest, target=target, reads=tuple(reads))


def _without(access: Access, dropped: str) -> Access:
    axes = "".join(axis for axis in access.axes if axis not in dropped)
    width = access.index.width if axes == "rc" else None
    return Access(access.family, replace(access.index, width=width), axes) if axes != access.axes else access


def _stages(nests: Iterable[Nest], is_shared: Callable[[Family], bool]) -> list[list[Nest]]:
    stages: list[list[Nest]] = [[]]
    ready: dict[Family, int] = {}  # the stage from which on a family has all that was added to it
    for some in stretches(list(nests)):
        by_example = _is_by_example(some[0], is_shared)
        stage = max(ready.get(home, 0) for nest in some for read in nest.reads for home in homes(read.family))
        stage += stage % 2 != by_example
        stages += [[] for _ in range(stage + 1 - len(stages))]
        stages[stage] += some
        for nest in some:
            # a sum is known when all examples are through
            after = stage + (by_example and is_shared(nest.target.family))
            for home in homes(nest.target.family):
                ready[home] = max(after, ready.get(home, 0))
    return stages


def _lasting(
    procedure: Procedure, stages: Sequence[Sequence[Nest]], is_shared: Callable[[Family], bool]
) -> set[Family]:
    """The families whose numbers stay the same when the varying arguments change, and are there after two stages."""
    nests = [nest for stage in stages for nest in stage]
    if not procedure.varying or any(nest.turns for nest in nests):
        return set()
    changing = {family.home for family in procedure.varying}
    changing |= {nest.target.family.home for stage in stages[2:] for nest in stage}
    # a sum over examples is cleared before all portions of them
    summed = [nest for nest in nests if is_shared(nest.target.family) and _is_by_example(nest, is_shared)]
    changing |= {nest.target.family.home for nest in summed}
    n_before = 0
    while n_before < len(changing):
        n_before = len(changing)
        for nest in nests:
            if any(read.family.home in changing for read in nest.reads):
                changing.add(nest.target.family.home)
    return {nest.target.family.home for nest in nests} - changing


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
        if whole not in begun and to.index.covers and not is_summed and whole not in pools and not nest.turns:
            setters.add(nest)
        elif whole not in begun:
            cleared[whole] = None
        begun.add(whole)
    return setters, list(cleared)


def _with_gaps(procedure: Procedure, nests: Sequence[Nest]) -> list[Family]:
    """Computed families that are read, and to some of whose numbers nothing is added: derivatives of a step, say."""
    given = {family.home for family in (*procedure.arguments, procedure.constants)}
    written: dict[Family, set[int]] = {}
    for nest in nests:
        written.setdefault(nest.target.family.home, set()).update(_rows(nest.target))
    read = [read.family.home for nest in nests for read in nest.reads]
    read += [result.family.home for result in procedure.results]
    return [home for home in dict.fromkeys(read) if home not in given and len(written.get(home, ())) < home.rows]


def _is_by_example(nest: Nest, is_shared: Callable[[Family], bool]) -> bool:
    return not all(is_shared(access.family) for access in nest.accesses)


def sums_up(nest: Nest, is_shared: Callable[[Family], bool]) -> bool:
    """Whether all that it does is to sum up over the examples what is there."""
    return nest.op == ops.IDENTITY and not is_shared(nest.reads[0].family) and is_shared(nest.target.family)


def is_product(nest: Nest) -> bool:
    """Whether it multiplies a matrix by a vector, or two vectors to a matrix."""
    return nest.op == ops.MUL and sorted(access.axes for access in nest.accesses) == ["c", "r", "rc"]


# --- several nests in one loop ---


class _Loops:
    """Which nests share a loop.

    Args:
        procedure: whose they are.
        nests: all of them.
        setters: those that set their target.
        is_shared: whether all examples share the numbers of a family.
    """

    def __init__(
        self, procedure: Procedure, nests: Sequence[Nest], setters: set[Nest], is_shared: Callable[[Family], bool]
    ) -> None:
        self.setters = setters
        self.is_shared = is_shared
        self.results = {result.family for result in procedure.results}
        self.readers: dict[Family, list[Nest]] = {}
        self.adding: dict[Family, list[Nest]] = {}
        for nest in nests:
            self.adding.setdefault(nest.target.family, []).append(nest)
            for read in nest.reads:
                self.readers.setdefault(read.family.home, []).append(nest)

    def steps(self, nests: Sequence[Nest]) -> list[Step]:
        """The loops for a stage."""
        loops: list[list[Nest]] = []
        for nest, *more in stretches(nests):
            for loop in [] if nest.turns else loops[: -FARTHEST - 1 : -1]:
                if self.is_bias(loop, nest) or self.can_join(loop, nest):
                    loop.append(nest)
                    break
                if not all(_may_swap(other, nest) for other in loop):
                    loops.append([nest])
                    break
            else:
                loops.append([nest, *more])
        return [
            Step(
                tuple(loop),
                tuple([nest in self.setters for nest in loop]),
                tuple([bool(nest.turns) or self.stays(nest, loop) for nest in loop]),
                _is_by_example(loop[0], self.is_shared),
            )
            for loop in loops
        ]

    def is_bias(self, before: Sequence[Nest], nest: Nest) -> bool:
        """Whether it adds the bias to a product."""
        product = before[0]
        return (
            len(before) == 1
            and is_product(product)
            and nest.op == ops.IDENTITY
            and nest.reads[0].family.shared
            and product.target.reads_as(nest.target)
        )

    def can_join(self, before: Sequence[Nest], nest: Nest) -> bool:
        """Whether it may be carried out in the loop of others."""
        loop = [*before, nest]
        if before[0].turns:
            return False
        if len({_space(one, self.is_shared) for one in loop}) > 1 or nest.folds or any(map(is_product, loop)):
            return False
        begun = {one.target.family for one in before if one in self.setters and not one.summed}
        if not all(_may_take_turns(other, nest, begun) for other in before):
            return False
        if not _is_by_example(nest, self.is_shared):  # a loop over rows, whose turns must not wait for each other
            return not any(_are_shifted(other.target, nest.target) for other in before)
        written = {one.target.family: self.stays(one, loop) for one in loop}
        places = {(access.family, access.index.rows) for one in loop for access in one.accesses}
        in_memory = [family for family, _ in places if not self.is_shared(family) and written.get(family, True)]
        n, n_written = len(in_memory), sum(family in written for family in in_memory)
        return n_written * (n_written - 1) // 2 + n_written * (n - n_written) <= MOST_COMPARED

    def stays(self, nest: Nest, loop: Sequence[Nest]) -> bool:
        """Whether its target has to be in memory, for others than those in its loop, or to be added to."""
        family = nest.target.family
        adding = self.adding[family]
        is_complete = adding[0] in self.setters and all(one in loop and not one.summed for one in adding)
        is_awaited = family.pool is not None or family in self.results
        readers = self.readers.get(family, [])
        return not is_complete or is_awaited or any(r not in loop or sums_up(r, self.is_shared) for r in readers)


def _space(nest: Nest, is_shared: Callable[[Family], bool]) -> tuple[object, ...]:
    return nest.axes, nest.n_rows, nest.n_columns, nest.folds, _is_by_example(nest, is_shared)


def _may_swap(first: Nest, second: Nest) -> bool:
    """Whether it makes no difference which of them is carried out first."""
    reads = [(first.target, read) for read in second.reads] + [(second.target, read) for read in first.reads]
    return not any(_overlap(target, read) for target, read in [*reads, (first.target, second.target)])


def _may_take_turns(first: Nest, second: Nest, begun: set[Family]) -> bool:
    """Whether the one may be done row by row in turn with the other, rather than after it.

    Args:
        first, second: in this order.
        begun: families that a nest in the loop sets, row by row.
    """
    at_once = first.target.family in begun and not first.summed  # its rows are there as soon as they are written
    for read in second.reads:
        if _overlap(first.target, read) and not (at_once and _same(first.target, read)):
            return False
    if any(_overlap(read, second.target) and not _same(read, second.target) for read in first.reads):
        return False
    if first.target.family not in begun or not _overlap(first.target, second.target):
        return True
    return at_once and not second.summed and _same(first.target, second.target)


def _are_shifted(one: Access, other: Access) -> bool:
    return one.index.slice is not None and _overlap(one, other) and not _same(one, other)


def _same(one: Access, other: Access) -> bool:
    return (one.family, one.index.rows, one.axes) == (other.family, other.index.rows, other.axes)


def _overlap(one: Access, other: Access) -> bool:
    return one.family.home is other.family.home and not _rows(one).isdisjoint(_rows(other))


def _rows(access: Access) -> set[int]:
    return {access.family.start + row for row in access.index.rows}
