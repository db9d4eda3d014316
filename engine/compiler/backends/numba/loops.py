"""Loops: a procedure as native loops over memory, for Numba.

A nest becomes a loop over the rows r, within it one over the columns c, and within that one over the examples j, next
to each other in memory: a processor computes several of them at a time. Products are left to tiles.

Of many nests, as deep nets and irregular programs have them, most differ in nothing but the rows that they touch:
these are listed in a table, and one loop carries out all of them. So the time to compile does not grow with the depth.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from engine.compiler.backends.expression import Algebra, Expression, Line, expression, name, text_of, written
from engine.compiler.backends.numba.layout import Address, Layout, end
from engine.compiler.backends.numba.plan import Step, is_product, plan, sums_up
from engine.compiler.nests.nest import Access, Family, Nest, Procedure

__all__ = ["Loops", "write_loops"]

MOST_STEPS = 32  # of a stage that are written one after the other
LONG = 16  # so many numbers are summed up in whatever order is quickest
FOLDS = {  # what they begin with, and what each number adds
    "total": ("0.0", "{0} += {{}}"),
    "largest": ("-inf", "{0} = maximum({0}, {{}})"),
    "smallest": ("inf", "{0} = minimum({0}, {{}})"),
}


@dataclass(frozen=True)
class Loops:
    """Text of functions on numbers in memory, and where these lie.

    Attributes:
        source: defines ``before(s, index)``, ``examples(v, s, index, n)`` and ``after(s, index)``, to be called in this
            order. `v` has room for `width` examples, the first n of which count. Where arguments vary it also defines
            ``before_all(s, index)`` and ``examples_of_all(v, s, index, n)``, to be called once before each of these.
        layout: where the numbers are.
        in_portions: whether `examples` may be called several times, with some of the examples each.
    """

    source: str
    layout: Layout
    in_portions: bool


def write_loops(procedure: Procedure, *, single: bool = False) -> Loops:
    """A procedure as loops.

    Args:
        procedure: what to compute.
        single: whether there is only one example, whose numbers then lie in `s`, one next to the other.
    """
    return _Writer(procedure, Layout(procedure, single)).run()


class _Writer:
    def __init__(self, procedure: Procedure, layout: Layout) -> None:
        self.procedure = procedure
        self.layout = layout
        self.pools = {access.family.pool for nest in procedure.nests for access in nest.accesses}
        self.lines: list[str] = []
        self.indent = "    "
        self.n_names = 0
        self.known: dict[str, str] = {}  # what has a name here

    def run(self) -> Loops:
        is_shared = self.layout.is_shared
        once, each = plan(self.procedure, is_shared)
        stages = [some + others for some, others in zip(once.stages, each.stages, strict=True)]
        last = max((number for number, steps in enumerate(stages) if number % 2 and steps), default=0)
        parts = []
        for planned, before, examples in [(once, "before_all", "examples_of_all"), (each, "before", "examples")]:
            shared, own = ([f for f in planned.cleared if is_shared(f) == which] for which in (True, False))
            if planned is each or any(planned.stages):
                parts += [
                    self.function(f"{before}(s, index)", shared, planned.stages[:1]),
                    self.function(f"{examples}(v, s, index, n)", own, planned.stages[1 : last + 1]),
                ]
        parts.append(self.function("after(s, index)", [], each.stages[last + 1 :]))
        return Loops("\n\n".join(parts), self.layout, last <= 1)

    # --- text ---

    def function(self, signature: str, cleared: Sequence[Family], stages: Iterable[Sequence[Step]]) -> str:
        self.lines = []
        self.clear(cleared)
        for stage in stages:
            for in_turn, some in groupby(stage, lambda step: step.in_turn):
                steps = list(some)
                if len(steps) > MOST_STEPS and not in_turn:
                    self.write_table(steps)
                    continue
                for step in steps:
                    self.write_turns(step) if in_turn else self.write(step, *self.literally(step))
        text = "\n".join(self.lines) or "    pass"
        begin = [f"def {signature}:"]
        begin += ["    width = v.shape[1]"] if "width" in text else []
        return "\n".join([*begin, text, ""])

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        indent, known = self.indent, self.known
        self.indent, self.known = f"{indent}    ", dict(known)
        yield
        self.indent, self.known = indent, known

    @contextmanager
    def loop(self, variable: str, n: int | str, *, when: bool = True, has_loops: bool = False) -> Iterator[None]:
        if when:
            with self.block(f"for {variable} in range({f'rolled({n})' if has_loops else n}):"):
                yield
        else:
            yield

    def name(self) -> str:
        self.n_names += 1
        return f"t{self.n_names}"

    def assign(self, text: str) -> str:
        if text.isidentifier():
            return text
        if text not in self.known:
            self.known[text] = self.name()
            self.line(f"{self.known[text]} = {text}")
        return self.known[text]

    def clear(self, families: Sequence[Family]) -> None:
        ranges: list[list[int]] = []
        for place, rows in sorted((self.layout.place(family), family.rows) for family in families):
            if ranges and ranges[-1][1] == place:
                ranges[-1][1] += rows
            else:
                ranges.append([place, place + rows])
        for first, beyond in ranges:
            self.clear_rows("s" if self.layout.is_shared(families[0]) else "v", first, beyond)

    def clear_rows(self, array: str, first: int | str, beyond: int | str) -> None:
        self.line(f"fill(s, 0.0, {first}, {beyond})" if array == "s" else f"zero(v, {first}, {beyond})")

    # --- nests ---

    def literally(self, step: Step) -> tuple[int, int, dict[Access, Address]]:
        """The rows and columns of a step, and where what it touches lies, in numbers."""
        at = {access: self.layout.address(access) for nest in step.nests for access in nest.accesses}
        return step.nests[0].n_rows, step.nests[0].n_columns, at

    def write(self, step: Step, rows: int | str, columns: int | str, at: dict[Access, Address]) -> None:
        if tiles := self.tiles(step, rows, columns, at):
            self.line(tiles)
        elif is_product(step.nests[0]) and len(step.nests) > 1:
            for one in step.each():
                self.write(one, rows, columns, at)
        else:
            self.write_loops(step, rows, columns, at)

    def write_loops(self, step: Step, rows: int | str, columns: int | str, at: dict[Access, Address]) -> None:
        self.known = {}
        first = step.nests[0]
        axes = {axis for nest in step.nests for access in nest.accesses for axis in at[access].axes}
        axes -= {"c"} if first.reduces else set()
        inner = "c" if "c" in axes else "r" if "r" in axes and not first.folds else ""
        outer = "r" if "r" in axes and inner != "r" else ""
        n_inner = columns if inner == "c" else rows
        parts = []
        for nest, sets, stays in zip(step.nests, step.sets, step.stays, strict=True):
            target = at[nest.target]
            summed = axes.difference(target.axes)
            if sets and outer in summed:
                self.clear_rows(target.array, target.at, end(target.at, columns if target.axes else 1))
                sets = False
            parts.append(_Part(nest, target, sets, stays, is_total=inner in summed))
        self.hoist(step, at, "")
        with self.loop(outer, rows, when=bool(outer), has_loops=True):
            if outer:
                self.hoist(step, at, outer)
            value = self.folded(step, columns, at) if first.folds else None
            for part in parts:
                self.begin(part, step.by_example, inner, n_inner)
            with self.loop(inner, n_inner, when=bool(inner), has_loops=step.by_example):
                self.write_terms(parts, at, value, by_example=step.by_example)
            for part in parts:
                if part.total:
                    self.line(f"{self.number(part.target)} {'=' if part.sets else '+='} {part.total}")

    def hoist(self, step: Step, at: dict[Access, Address], axes: str) -> None:
        """Get hold of shared operands that only these axes pick, before the loops over others."""
        targets = [at[nest.target] for nest in step.nests]
        for nest in step.nests:
            for x in nest.reads:
                if at[x].array == "s" and at[x].axes in ("", axes) and at[x] not in targets:
                    self.operand(x, at[x], by_example=True)

    def begin(self, part: "_Part", by_example: bool, axis: str, n: int | str) -> None:
        """What comes before the inner loop, along this axis."""
        if part.is_total and not by_example:
            if isinstance(n, int) and n >= LONG:
                start = self.layout.more(True, n)
                part.place, part.sign, part.total = f"s[{start} + {axis}]", "=", f"total(s[{start} : {start + n}])"
            else:
                part.total = self.name()
                part.place, part.sign = part.total, "+="
                self.line(f"{part.total} = 0.0")
        elif part.is_total and part.sets:
            with self.loop("j", "width"):
                self.line(f"{self.number(part.target)} = 0.0")
            part.sets = False

    def write_terms(
        self, parts: "Sequence[_Part]", at: dict[Access, Address], value: Expression | None, *, by_example: bool
    ) -> None:
        """What comes in the innermost loop; `value` is the term, where it is known."""
        terms: dict[str, tuple[str, Expression]] = {}  # for each place whether it is set or added to, and what
        passing: set[str] = set()  # places of what nobody reads afterwards
        sums = []
        reads = [part.nest.reads if value is None else () for part in parts]
        operands = [[self.operand(x, at[x], by_example) for x in accesses] for accesses in reads]
        if value is not None:
            self.open_columns(parts[0].nest, value, at)
        for k, (part, xs) in enumerate(zip(parts, operands, strict=True)):
            if by_example and part.target.array == "s":
                as_it_is = sums_up(part.nest, self.layout.is_shared)
                row = self.row(at[part.nest.reads[0]]) if as_it_is else self.layout.scratch(k)
                sums.append(f"{self.number(part.target)} += row_total(v, {row}, n)")
                if as_it_is:
                    continue
                part.place, part.sign = f"v[{row}, j]", "="
            place, sign = part.place or self.number(part.target), part.sign or ("=" if part.sets else "+=")
            numbers = [terms[x][1] if x in terms else self.read(x) if isinstance(x, str) else x for x in xs]
            term = expression(part.nest.op.value(Algebra(), *numbers)) if value is None else value
            if place in terms:
                sign, before = terms[place]
                term = before + term
            terms[place] = sign, term
            if not part.stays:
                passing.add(place)
        lines = [Line(f"{place} {sign} {{}}", term) for place, (sign, term) in terms.items() if place not in passing]
        with self.loop("j", "width", when=by_example and bool(lines)):
            for text in written(lines, self.name):
                self.line(text)
        for text in sums:
            self.line(text)

    # --- along the columns ---

    def folded(self, step: Step, columns: int | str, at: dict[Access, Address]) -> Expression:
        """The value of an operation that puts all columns together. For each such sum they are gone through once."""
        (nest,), j = step.nests, step.by_example
        known: dict[tuple[str, str], Expression] = {}

        def fold(how: str, x: Expression) -> Expression:
            if (how, text_of(x)) not in known:
                first, then = FOLDS[how]
                total = f"v[{self.layout.scratch(len(known) + 1)}, j]" if j else self.name()
                with self.loop("j", "width", when=j):
                    self.line(f"{total} = {first}")
                with self.loop("c", columns, has_loops=j):
                    self.open_columns(nest, x, at)
                    with self.loop("j", "width", when=j):
                        for text in written([Line(then.format(total), x)], self.name):
                            self.line(text)
                known[how, text_of(x)] = _read(total)
            return known[how, text_of(x)]

        xs: list[Expression | float] = []
        for i, read in enumerate(nest.reads):
            if "c" in at[read].axes:
                xs.append(_read(f"v[x{i}, j]" if at[read].array == "v" else f"x{i}"))
            else:
                x = self.operand(read, at[read], j)
                xs.append(self.read(x) if isinstance(x, str) else x)
        return expression(nest.op.value(Algebra(fold), *xs))

    def open_columns(self, nest: Nest, x: Expression, at: dict[Access, Address]) -> None:
        """What an expression calls column c of the operands."""
        patterns = [part.pattern for part in x.within()]
        for i, read in enumerate(nest.reads):
            if "c" in at[read].axes and any(f"x{i}" in pattern for pattern in patterns):
                self.line(f"x{i} = {at[read].row}" if at[read].array == "v" else f"x{i} = s[{at[read].row}]")

    # --- numbers ---

    def row(self, address: Address) -> str:
        return self.assign(address.row) if address.form == "gather" else address.row

    def number(self, address: Address) -> str:
        return f"s[{self.row(address)}]" if address.array == "s" else f"v[{self.row(address)}, j]"

    def read(self, place: str) -> Expression:
        """What stands in a place of an array, or what it is called."""
        return _read(self.known.get(place, place))

    def operand(self, access: Access, address: Address, by_example: bool) -> str | float:
        """An operand; what does not depend on the example is got hold of before the loop over these."""
        if access.family is self.procedure.constants and isinstance(address.at, int):
            numbers = {repr(access.family.numbers[row]) for row in access.index.rows}
            if len(numbers) == 1:
                return access.family.numbers[access.index.rows[0]]
        number = self.number(address)
        return self.assign(number) if by_example and address.array == "s" else number

    # --- products, by the tiles of engine.compiler.backends.numba.products ---

    def tiles(self, step: Step, rows: int | str, columns: int | str, at: dict[Access, Address]) -> str:
        """A product, if what it touches can be had as it lies in memory; else ""."""
        product, *bias = step.nests
        if not (step.by_example and is_product(product)):
            return ""
        matrix, *vectors = sorted((at[access] for access in product.accesses), key=lambda address: -len(address.axes))
        if matrix.kind != ("s", "block", "rc") or any(x.kind[:2] != ("v", "stretch") for x in vectors):
            return ""
        target, size = at[product.target], {"r": rows, "c": columns}
        if target is matrix:
            d, x = sorted(vectors, key=lambda x: x.axes, reverse=True)
            where = f"out={matrix.at}, down={matrix.step}, rows={rows}, columns={columns}"
            return f"outer(v, s, {where}, d={d.at}, x={x.at}, n=n)"
        b = at[bias[0].reads[0]] if bias else Address("s", "one", "", -1, 0)
        if b.form == "gather":
            return ""
        (x,) = [vector for vector in vectors if vector is not target]
        down, across = (matrix.step, 1) if target.axes == "r" else (1, matrix.step)
        return (
            f"product(v, s, out={target.at}, rows={size[target.axes]}, W={matrix.at}, down={down}, across={across}, "
            f"columns={size[x.axes]}, x={x.at}, add={not step.sets[0]}, b={b.at}, step={b.step})"
        )

    # --- tables ---

    def write_table(self, steps: Sequence[Step]) -> None:
        """One loop for many steps, with a branch for each kind of them."""
        kinds: dict[Any, tuple[int, Step, list[Access], list[Address]]] = {}
        table: list[list[int]] = []
        for step in steps:
            nest = step.nests[0]
            accesses = list(dict.fromkeys(access for one in step.nests for access in one.accesses))
            targets = {one.target for one in step.nests}
            addresses = [self.in_table(access, nest.n_rows, access in targets) for access in accesses]
            places = {access: k for k, access in enumerate(accesses)}
            operations = tuple([(one.op, one.folds, *[places[x] for x in one.accesses]) for one in step.nests])
            kind = operations, step.sets, step.stays, step.by_example, *[address.kind for address in addresses]
            number, *_ = kinds.setdefault(kind, (len(kinds), step, accesses, addresses))
            entry = [number, nest.n_rows, nest.n_columns]
            table.append(entry + [x for address in addresses for x in _as_entry(address)])
        with self.rows_of(table):
            self.line("kind, rows, columns = index[k], index[k + 1], index[k + 2]")
            for number, step, accesses, addresses in kinds.values():
                with self.block(f"{'el' * (number > 0)}if kind == {number}:"):
                    named = [_named(i, address) for i, address in enumerate(addresses)]
                    names = [x for address in named for x in _as_entry(address)]
                    self.line(f"{', '.join(names)} = {', '.join(f'index[k + {3 + i}]' for i in range(len(names)))}")
                    self.write(step, "rows", "columns", dict(zip(accesses, named, strict=True)))

    @contextmanager
    def rows_of(self, table: Sequence[Sequence[int]]) -> Iterator[None]:
        """A loop in which the numbers of a row of a table are index[k], index[k + 1] and so on."""
        size = max(map(len, table))
        start = self.layout.look_up(x for entry in table for x in [*entry, *[0] * (size - len(entry))])
        with self.block(f"for k in range({start}, {start + size * len(table)}, {size}):"):
            yield

    def write_turns(self, step: Step) -> None:
        """A loop over the turns of rows, with a branch for each kind of them."""
        kinds = [list(some) for _, some in groupby(step.nests, lambda nest: nest.turns)]
        touched = [list(dict.fromkeys(x for nest in some for x in nest.accesses)) for some in kinds]
        entries = [
            list(zip(*[self.layout.row_by_row(access, len(some[0].turns)) for access in accesses], strict=True))
            for some, accesses in zip(kinds, touched, strict=True)
        ]
        order = sorted((turn, number, r) for number, some in enumerate(kinds) for r, turn in enumerate(some[0].turns))
        with self.rows_of([[number, *entries[number][r]] for _, number, r in order]):
            for number, (some, accesses) in enumerate(zip(kinds, touched, strict=True)):
                with self.block(f"{'el' * (number > 0)}if index[k] == {number}:"):
                    at = {access: self.layout.in_one_row(access, f"at{i}") for i, access in enumerate(accesses)}
                    for i in range(len(accesses)):
                        self.line(f"at{i} = index[k + {1 + i}]")
                    for nest in some:
                        self.write_loops(Step((nest,), (False,), (True,), step.by_example), 1, nest.n_columns, at)

    def in_table(self, access: Access, rows: int, is_target: bool) -> Address:
        """An address of few kinds: what is in a pool is looked up; a part of one, or a target, has rows, be it one."""
        if access.family in self.pools:
            return self.layout.address(access, looked_up=len(access.index.rows) if "c" in access.axes else rows)
        address = self.layout.address(access)
        has_rows = rows == 1 and access.axes == "" and (is_target or access.family.pool is not None)
        return replace(address, form="stretch", axes="r", step=1) if has_rows else address


@dataclass
class _Part:
    """What one nest does in a loop: ``place sign term``, and then ``target += total``, if there is a total."""

    nest: Nest
    target: Address
    sets: bool
    stays: bool
    is_total: bool  # of all that the inner loop goes through
    place: str = ""  # its target's, unless it is a total
    sign: str = ""
    total: str = ""


def _read(place: str) -> Expression:
    """What stands in a place of an array, or is called so."""
    array, bracket, rest = place.partition("[")
    return Expression(f"{{}}[{rest}", (name(array),)) if bracket else name(place)


def _named(i: int, address: Address) -> Address:
    """With variables in the place of numbers."""
    step = f"step{i}" if address.form in ("block", "strided") else "columns" if address.axes == "rc" else address.step
    return replace(address, at=f"at{i}", step=step)


def _as_entry(address: Address) -> list[Any]:
    """What must be known of an address of some kind."""
    return [address.at, address.step] if address.form in ("block", "strided") else [address.at]
