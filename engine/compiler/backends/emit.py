"""Emit: a procedure as the text of a Python function on arrays, for NumPy and for what follows its interface.

Numbers of a family are an array (rows, examples), or (rows, 1) where all examples share them, so that broadcasting
does the rest. A nest with columns is computed on arrays (rows, columns, examples), unless it is a matrix product. The
rows of the op table write the formulas: they run on pieces of text.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, zip_longest
from typing import Any, NamedTuple

from engine import ops
from engine.compiler.backends.expression import Algebra, Expression, Line, expression, name, new_names, total, written
from engine.compiler.backends.turns import METHODS, Turn, write_turns
from engine.compiler.nests.nest import Access, Family, Index, Nest, Procedure, stretches, whole
from engine.op import PRODUCT, SIGN

__all__ = ["Emitted", "emit"]

_SQUARE = ops.POWER(exponent=2)


class Emitted(NamedTuple):
    """The text of a function, and the arrays of indices and constants that it refers to.

    Attributes:
        source: defines a function that is called as the procedure is, and gives a list of its results.
        tables: the lists of numbers that it refers to by name.
        turns: likewise the lists of which rows have their turn (see `write_turns`).
    """

    source: str
    tables: dict[str, list[Any]]
    turns: dict[str, list[Turn]]


def emit(procedure: Procedure, *, in_place: bool = True) -> Emitted:
    """A procedure as Python.

    Args:
        procedure: what to compute.
        in_place: whether arrays can be added to; if not, the text uses JAX's ``array.at[...].add(...)``.
    """
    return _Emitter(procedure, in_place).run()


class _Term(NamedTuple):
    """What a nest adds, or several that add to the same numbers.

    Attributes:
        target: to what.
        value: an array (rows, examples); if `is_matrix` one (rows, columns, examples), or (rows, columns) where
            examples share it.
        axes: those of r, c and j along which it is as long as the target; along others it is to be repeated.
        is_matrix: whether rows and columns are axes of their own.
    """

    target: Access
    value: Expression
    axes: frozenset[str]
    is_matrix: bool

    @classmethod
    def of(cls, target: Access, value: Expression, axes: set[str], is_matrix: bool) -> "_Term":
        """What adds an array that has these axes; where the target has no rows but columns, these are called rows."""
        named = axes if is_matrix else {axis.replace("c", "r") for axis in axes}
        return cls(target, value, frozenset(named), is_matrix)


class _Factor(NamedTuple):
    """A matrix, and which axes its rows and its columns are; "" for one of them."""

    matrix: Expression
    rows: str
    columns: str

    @property
    def axes(self) -> set[str]:
        return {self.rows, self.columns} - {""}


class _Emitter:
    def __init__(self, procedure: Procedure, in_place: bool) -> None:
        self.procedure = procedure
        self.in_place = in_place
        self.lines: list[Line] = []
        self.tables: dict[str, list[Any]] = {}
        self.turns: dict[str, list[Turn]] = {}
        self.names_of_tables: dict[Any, str] = {}
        self.views: dict[str, Expression] = {}  # what is written as these names
        self.arrays = {family: name(family.name) for family in procedure.arguments}
        self.terms: dict[Family, list[_Term]] = {}  # of families that are not complete
        families = [access.family for nest in procedure.nests for access in nest.accesses]
        self.pools = {family.pool for family in families if family.pool is not None}
        self.written_once = {pool: _is_written_once(procedure, pool) for pool in self.pools}
        first = procedure.per_example
        self.examples = "1" if first is None else f"{procedure.arguments[first].name}.shape[1]"

    def run(self) -> Emitted:
        last = {nest.target.family: nest for nest in self.procedure.nests}
        together = stretches(self.procedure.nests)
        for (nest, *more), following in zip_longest(together, together[1:]):
            if nest.turns:
                self.write_turns([nest, *more])
                continue
            for read in nest.reads:
                self.complete(read.family)
            home = nest.target.family.home
            self.terms.setdefault(home, []).append(self.term(nest))
            if home in self.pools:
                if following is None or following[0].turns or following[0].target != nest.target:
                    self.write_to_pool(home)
            elif last[home] is nest:
                self.complete(home)
        for result in self.procedure.results:
            self.complete(result.family)
        results = tuple([self.flat(result) for result in self.procedure.results])
        self.lines.append(Line("return [{}]", Expression(", ".join(["{}"] * len(results)), results, needs=0)))
        families = [*self.procedure.arguments, *self.procedure.computed]
        taken = {*self.tables, *self.views, *(family.name for family in families)}
        lines = written(self.lines, new_names("v", taken), self.views)
        arguments = ", ".join(family.name for family in self.procedure.arguments)
        text = "\n    ".join([f"def {self.procedure.name}({arguments}):", *lines]) + "\n"
        return Emitted(text, self.tables, self.turns)

    # --- what nests compute ---

    def term(self, nest: Nest) -> _Term:
        if nest.op in (ops.MUL, _SQUARE) and (product := self.product(nest)):
            return product
        single = "r" * (nest.n_rows == 1) + "c" * (nest.n_columns == 1 and not nest.folds)
        axes = "".join(axis for axis in nest.axes if axis not in single)
        is_cube = len(axes) == 2 and nest.is_per_example
        layout = f"{axes}j" if is_cube else axes if len(axes) == 2 else f"{axes or '.'}j"
        numbers = [self.number(nest, read) for read in nest.reads]
        reads = [
            x if x is not None else self.operand(read, single, layout)
            for read, x in zip(nest.reads, numbers, strict=True)
        ]
        if is_cube and not any("r" in read.axes for read, x in zip(nest.reads, numbers, strict=True) if x is None):
            reads = [_view("{}[None]", x) if isinstance(x, Expression) else x for x in reads]

        def fold(how: str, x: Expression) -> Expression:
            return Expression(f"{{}}.{METHODS[how]}(axis={layout.index('c')}, keepdims=True)", (x,))

        value = expression(nest.op.value(Algebra(fold if nest.folds else None), *reads))
        used = value.within()
        has = {axis for read, x in zip(nest.reads, reads, strict=True) if x in used for axis in _axes(read, single)}
        if nest.reduces:
            has.discard("c")
        if not has.issuperset(set(nest.summed) - set(single)) or not used.intersection(reads):
            sizes = {"r": nest.n_rows, "c": nest.n_columns, "j": self.examples if nest.is_per_example else 1, ".": 1}
            shape = ", ".join(str(sizes[axis]) for axis in layout)
            value, has = Expression(f"broadcast_to({{}}, ({shape}))", (value,), needs=0), set(layout)
        summed = [axis for axis in nest.summed if axis in has]
        if len(layout) == 2:
            value = _sum(value, [layout.index(axis) for axis in summed])
        kept = "".join(axis for axis in axes if axis in nest.target.axes)
        if layout == "rc":
            value = _view("{}.T", value) if kept == "c" else value
        if is_cube:
            value = self.from_cube(nest, value, summed, kept)
        return _Term.of(nest.target, value, has.difference(summed), len(kept) == 2)

    def from_cube(self, nest: Nest, value: Expression, summed: Sequence[str], kept: str) -> Expression:
        """An array (rows, columns, examples), summed along axes, as the target has it."""
        gone = sorted("rcj".index(axis) for axis in summed)
        if len(gone) == 3:
            return Expression("{}.sum(keepdims=True)[0]", (value,))
        if gone:
            value = Expression(f"{{}}.sum(axis={gone[0] if len(gone) == 1 else tuple(gone)})", (value,))
        if nest.reduces:
            return _view("{}[:, 0]", value) if not gone else value
        if len(kept) < 2 and nest.target.family.shared and "j" in summed:
            return _view("{}[:, None]", value)
        return _view("{}[None]", value) if not kept else value

    def product(self, nest: Nest) -> _Term | None:
        """A nest as a matrix product, if it is one."""
        a, b = nest.reads * 2 if nest.op == _SQUARE else nest.reads
        if not nest.summed or any(self.number(nest, read) is not None for read in nest.reads):
            return None
        single = "r" * (nest.n_rows == 1) + "c" * (nest.n_columns == 1)
        for without in dict.fromkeys(["", single]):
            kept = "".join(axis for axis in nest.target.axes if axis not in without)
            is_matrix = len(kept) == 2
            target, row = nest.target, kept
            if is_matrix:
                target, row = _upright(nest.target)
            left, right = self.factor(a, without), self.factor(b, without)
            if left is None or right is None or (is_matrix and not nest.target.family.shared):
                continue
            product = _matrix_product(left, right, {*kept, *"j" * (not nest.target.family.shared)}, row)
            if product is not None:
                return _Term.of(target, *product, is_matrix)
        return None

    def factor(self, access: Access, without: str) -> _Factor | None:
        """What is read, as a matrix; None if it has three axes."""
        axes = "".join(axis for axis in access.axes if axis not in without)
        if len(axes) == 2:
            return _Factor(self.matrix(access), "r", "c") if access.family.shared else None
        return _Factor(self.flat(access), axes, "j" * (not access.family.shared))

    def number(self, nest: Nest, read: Access) -> float | None:
        """What is read, if it is one constant."""
        constants = self.procedure.constants
        if read.family is not constants or len({repr(constants.numbers[row]) for row in read.index.rows}) > 1:
            return None
        others = {axis for other in nest.reads if other.family is not constants for axis in other.axes}
        is_factor = all(axis in others for axis in read.axes if axis in nest.summed)
        return constants.numbers[read.index.rows[0]] if is_factor else None

    def operand(self, access: Access, without: str, layout: str) -> Expression:
        """What is read, with the axes of a layout."""
        axes = "".join(axis for axis in access.axes if axis not in without)
        if len(axes) == 2:
            array = self.matrix(access)
            return _view("{}[:, :, None]", array) if layout == "rcj" and access.family.shared else array
        array = self.flat(access)
        if layout == "rc":
            return _view("{}.T", array) if axes == "c" else array
        return _view("{}[:, None]", array) if layout == "rcj" and axes == "r" else array

    def write_turns(self, nests: Sequence[Nest]) -> None:
        """Write the loop that carries out rows of nests in turn."""
        for family in dict.fromkeys(access.family.home for nest in nests for access in nest.accesses):
            self.complete(family) if family in self.pools or family in self.terms else self.begin(family)
        table = f"turns_{len(self.turns) + 1}"
        once = {home for home in self.pools if self.written_once[home]}
        lines, self.turns[table] = write_turns(nests, table, self.examples, once.__contains__, in_place=self.in_place)
        self.lines.append(Line("\n    ".join(lines), name("")))

    # --- where numbers are ---

    def flat(self, access: Access) -> Expression:
        """What is read, as an array (rows, examples)."""
        if access.family is self.procedure.constants:
            return self.table("constants", [[access.family.numbers[row]] for row in access.index.rows])
        array, index = self.place(access)
        where = self.subscript(index.rows, index.total)
        if "rows" in where:
            return Expression(f"{{}}{where}", (array,))
        return self.viewed(access.family, index, _view(f"{{}}{where}", array))

    def matrix(self, access: Access) -> Expression:
        """What is read, as an array (rows, columns, examples), or (rows, columns) where all examples share it."""
        if access.family is self.procedure.constants:
            return self.table("constants", _in_rows([access.family.numbers[row] for row in access.index.rows], access))
        array, index = self.place(access)
        is_shared = access.family.shared
        if index.block is not None:
            return self.viewed(access.family, index, Expression(f"{{}}{_block(index, is_shared)}", (array,)))
        if is_shared and (upright := _transposed(index)).block is not None:
            block = Expression(f"{{}}{_block(upright, is_shared)}", (array,))
            return _view("{}.T", self.viewed(access.family, upright, block))
        rows = self.table("rows", _in_rows(index.rows, access)).pattern
        return Expression(f"{{}}[{rows}, 0]" if is_shared else f"{{}}[{rows}]", (array,))

    def viewed(self, family: Family, index: Index, view: Expression) -> Expression:
        """A part of a family, which is written as its name if it has one."""
        if index in family.views:
            self.views.setdefault(family.views[index], view)
        return view

    def place(self, access: Access) -> tuple[Expression, Index]:
        """An array, and which of its rows are meant."""
        family, index = access.family, access.index
        if family.pool is None:
            return self.arrays[family], index
        rows = tuple([family.start + row for row in index.rows])
        return self.arrays[family.pool], Index(rows, index.width, family.pool.rows)

    def subscript(self, rows: Sequence[int], total: int) -> str:
        """Code for rows of an array that has so many."""
        index = Index(tuple(rows), None, total)
        if index.covers:
            return ""
        if index.slice is not None:
            return f"[{_range(index.slice)}]"
        return f"[{self.table('rows', list(rows)).pattern}]"

    def table(self, kind: str, numbers: list[Any]) -> Expression:
        """Numbers that are known, under a name."""
        key = kind, repr(numbers)
        if key not in self.names_of_tables:
            self.names_of_tables[key] = f"{kind}_{len(self.tables) + 1}"
            self.tables[self.names_of_tables[key]] = numbers
        return name(self.names_of_tables[key])

    # --- what families are made of ---

    def complete(self, family: Family) -> None:
        """Write the lines after which a family has all its numbers."""
        home = family.home
        if home in self.pools:
            self.begin(home)
        elif home not in self.arrays and home is not self.procedure.constants:
            self.arrays[home] = self.assembled(home, self.terms.pop(home, []))

    def begin(self, pool: Family) -> None:
        """Write the line that makes room for a pool, if it is not there."""
        if pool not in self.arrays:
            of = "empty" if self.written_once.get(pool) and self.in_place else "zeros"
            self.lines.append(Line(f"{pool.name} = {{}}", self.filled(of, pool)))
            self.arrays[pool] = name(pool.name)

    def write_to_pool(self, pool: Family) -> None:
        """Write the line that adds to a part of a pool what has come together."""
        self.begin(pool)
        self.put(self.combined(self.terms.pop(pool)), is_first=self.written_once[pool])

    def assembled(self, family: Family, terms: Sequence[_Term]) -> Expression:
        """The array of a family, after the lines that make it of what is added to it."""
        groups: dict[tuple[int, ...], list[_Term]] = {}
        for term in terms:
            groups.setdefault(term.target.index.rows, []).append(term)
        sums = [self.combined(group) for group in groups.values()]
        wholes = [self.flattened(term) for term in sums if term.target.index.covers]
        parts = [term for term in sums if not term.target.index.covers]
        if parts and (joined := self.joined(parts)) is not None:
            wholes, parts = [*wholes, joined], []
        if wholes:
            (whole,) = wholes if len(wholes) == 1 else [_total(wholes)]
            value = self.repeated(whole, (family.rows,))
        else:
            value = self.filled("zeros", family)
        if not parts and not value.parts and not value.is_light:
            return value  # another's name
        self.lines.append(
            Line(f"{family.name} = {{}}", value, "" if parts else family.name, is_own=bool(parts) and self.in_place)
        )
        self.arrays[family] = name(family.name)
        for term in parts:
            self.put(term, is_first=False)
        return self.arrays[family]

    def filled(self, of: str, family: Family) -> Expression:
        return Expression(f"{of}(({family.rows}, {self.width(family)}))", is_light=True)

    def width(self, family: Family) -> str:
        """Code for how many columns the array of a family has."""
        return "1" if family.shared else self.examples

    def combined(self, terms: Sequence[_Term]) -> _Term:
        """Terms that are added to the same numbers, as one."""
        if len({(term.is_matrix, term.is_matrix and term.target.n_rows) for term in terms}) > 1:
            terms = [self.flattened(term) for term in terms]
        return _total(terms) if len(terms) > 1 else terms[0]

    def flattened(self, term: _Term) -> _Term:
        """The same without an axis of columns."""
        if not term.is_matrix:
            return term
        to = term.target
        value = self.repeated(term, (to.n_rows, to.n_columns))
        shape = "-1, 1" if to.family.shared else f"{to.n_rows * to.n_columns}, -1"
        return _Term(to, _view(f"{{}}.reshape({shape})", value), frozenset("rj"), False)

    def repeated(self, term: _Term, shape: tuple[int, ...]) -> Expression:
        """What a term adds, as long along every axis as its target, which has that shape beside the examples."""
        family = term.target.family
        needs = {axis for axis, n in zip("rc", shape, strict=False) if n > 1}
        needs = needs if family.shared else needs | {"j"}
        if needs <= term.axes:
            return term.value
        if not (term.is_matrix and family.shared):
            shape = (*shape, self.width(family))  # type: ignore[arg-type]
        return Expression(f"broadcast_to({{}}, ({', '.join(map(str, shape))}))", (term.value,), needs=0)

    def joined(self, parts: Sequence[_Term]) -> _Term | None:
        """Terms that follow one upon the other and leave no gap, put together; None if they do not.

        A matrix with its biases, which stand at the ends of its rows, is one of them.
        """
        family = parts[0].target.family
        at_ends: dict[tuple[int, int, int], Expression] = {}
        blocks: list[tuple[int, int, int, int, Expression]] = []
        pieces: list[tuple[int, int, Expression]] = []
        for term in parts:
            index = term.target.index
            if term.is_matrix:
                if index.block is None:
                    return None
                width = term.target.n_columns
                blocks.append((*index.block, width, self.repeated(term, (term.target.n_rows, width))))
                continue
            rows = Index(index.rows, None, index.total).slice
            value = self.repeated(term, (len(index.rows),))
            if rows is None:
                return None
            if rows.step == 1:
                pieces.append((rows.start, rows.stop, value))
            elif (end := (rows.start, rows.step, len(index.rows))) not in at_ends:
                at_ends[end] = value
            else:
                return None
        for start, stride, height, width, value in blocks:
            if stride == width + 1:
                if (end := (start + width, stride, height)) not in at_ends:
                    return None
                bias = at_ends.pop(end) if family.shared else _view("{}[:, None]", at_ends.pop(end))
                value = Expression("concatenate(({}, {}), axis=1)", (value, bias), needs=0)
            elif stride != width:
                return None
            shape = "-1, 1" if family.shared else f"{height * stride}, -1"
            pieces.append((start, start + height * stride, _view(f"{{}}.reshape({shape})", value)))
        pieces.sort(key=lambda piece: piece[:2])
        starts, stops = [start for start, _, _ in pieces], [stop for _, stop, _ in pieces]
        if at_ends or starts != [0, *stops[:-1]] or stops[-1] != family.rows:
            return None
        values = tuple([value for _, _, value in pieces])
        if len(values) > 1:
            values = (Expression(f"concatenate(({', '.join(['{}'] * len(values))}))", values, needs=0),)
        return _Term(whole(family), values[0], frozenset("rj"), False)

    def put(self, term: _Term, *, is_first: bool) -> None:
        """Write the line that adds to some rows of an array that is there; or `is_first` that fills them."""
        array, index = self.place(term.target)
        is_shared = term.target.family.shared
        if term.is_matrix and index.block is not None and index.block[1] == index.width:
            term = self.flattened(term)
        text, change = array.pattern, "set" if is_first else "add"
        if not term.is_matrix:
            where = self.subscript(index.rows, index.total) or "[:]"
        elif index.block is None:
            rows = self.table("rows", _in_rows(index.rows, term.target)).pattern
            where = f"[{rows}, 0]" if is_shared else f"[{rows}]"
        elif self.in_place:
            where = _block(index, is_shared)
        else:
            start, stride, height = index.block
            where = f"[{start}:{start + height * stride}]"
            block, columns = _block(index, is_shared).rsplit("[", 1)
            whole = f"reshape({height * stride}, {'1' if is_shared else '-1'})"
            value = Expression(f"{text}{block}.at[{columns}.{change}({{}}).{whole}", (term.value,), needs=0)
            term, change = term._replace(value=value), "set"
        if not self.in_place:
            pattern = f"{text} = {text}.at{where}.{change}({{}})"
        elif index.repeats and not is_first:  # array[rows] += value drops all but one of the same row
            pattern = f"add_at({text}, {f'({where[1:-1]})' if ',' in where else where[1:-1]}, {{}})"
        else:
            pattern = f"{text}{where} {'=' if is_first else '+='} {{}}"
        self.lines.append(Line(pattern, term.value))


def _matrix_product(a: _Factor, b: _Factor, wanted: set[str], row: str) -> tuple[Expression, set[str]] | None:
    """The sum of a * b over those axes that are not wanted, if it is a matrix product, and the axes that it has.

    Args:
        a, b: matrices.
        wanted: axes of the result.
        row: which of them its rows are, or "".
    """
    a, b = _presummed(a, a.axes - b.axes - wanted), _presummed(b, b.axes - a.axes - wanted)
    common = a.axes & b.axes
    if len(common) != 1 or common & wanted:
        return None
    (along,) = common
    rest_of_a, rest_of_b = "".join(a.axes - common), "".join(b.axes - common)
    if (rest_of_b == row and row) or (not rest_of_b and rest_of_a != row):
        a, b = b, a
    left = a.matrix if a.columns == along else _view("{}.T", a.matrix)
    right = b.matrix if b.rows == along else _view("{}.T", b.matrix)
    return Expression("{} @ {}", (left, right), PRODUCT, (PRODUCT, SIGN)), (a.axes | b.axes) - common


def _presummed(factor: _Factor, axes: set[str]) -> _Factor:
    """A factor, summed along axes that nothing else has."""
    positions = [i for i, axis in enumerate((factor.rows, factor.columns)) if axis in axes]
    rows, columns = ("" if axis in axes else axis for axis in (factor.rows, factor.columns))
    return _Factor(_sum(factor.matrix, positions), rows, columns)


def _sum(x: Expression, positions: Sequence[int]) -> Expression:
    """The sum of an array of two axes along some of these, which stay."""
    if not positions:
        return x
    along = f"axis={positions[0]}, " if len(positions) == 1 else ""
    return Expression(f"{{}}.sum({along}keepdims=True)", (x,))


def _total(terms: Sequence[_Term]) -> _Term:
    """Terms of one form that are added to the same numbers, as one."""
    axes = frozenset[str]().union(*[term.axes for term in terms])
    return _Term(terms[0].target, total([term.value for term in terms]), axes, terms[0].is_matrix)


def _view(pattern: str, x: Expression) -> Expression:
    """Part of an array, or the same in another form."""
    if pattern == x.pattern == "{}.T":
        return x.parts[0]
    return Expression(pattern, (x,), is_light=True) if pattern != "{}" else x


def _axes(access: Access, without: str) -> list[str]:
    return [axis for axis in f"{access.axes}{'j' * (not access.family.shared)}" if axis not in without]


def _block(index: Index, is_shared: bool) -> str:
    """Code for a block of an array, as rows and columns."""
    assert index.block is not None
    start, stride, height = index.block
    cut = "" if (start, height * stride) == (0, index.total) else f"[{start}:{start + height * stride}]"
    columns = "" if stride == index.width else f"[:, :{index.width}]"
    return f"{cut}.reshape({height}, {stride}{'' if is_shared else ', -1'}){columns}"


def _upright(target: Access) -> tuple[Access, str]:
    """A matrix that is added to, and which axis its rows are: those of a tied one are the columns of the other."""
    if target.index.block is None and target.family.shared and (upright := _transposed(target.index)).block is not None:
        return replace(target, index=upright), "c"
    return target, "r"


def _transposed(index: Index) -> Index:
    """Of a matrix, where it lies upside down."""
    width = index.width or 1
    rows = tuple([row for first in range(width) for row in index.rows[first::width]])
    return Index(rows, len(rows) // width, index.total)


def _range(rows: slice) -> str:
    return f"{rows.start}:{rows.stop}" + (f":{rows.step}" if rows.step != 1 else "")


def _in_rows(items: Sequence[Any], access: Access) -> list[list[Any]]:
    """The items of a matrix, row by row."""
    width = access.n_columns
    return [list(items[i : i + width]) for i in range(0, len(items), width)]


def _is_written_once(procedure: Procedure, pool: Family) -> bool:
    """Whether each row of a pool is written in one line, and in one only."""
    rows: list[int] = []
    for (target, turns), _ in groupby((nest.target, nest.turns) for nest in procedure.nests):
        if target.family.home is pool:
            times = len(turns) if turns and "r" not in target.axes else 1
            rows += [target.family.start + row for row in target.index.rows] * times
    return sorted(rows) == list(range(pool.rows))
