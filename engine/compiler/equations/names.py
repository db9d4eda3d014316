"""Names: what everything in a procedure is called, and how accesses are written with these names."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, count, groupby, repeat
from typing import Any, NamedTuple

from engine.compiler.equations.accesses import in_pool, shape_of, transposed_index
from engine.compiler.equations.equation import Equation
from engine.compiler.equations.labels import labelled
from engine.compiler.equations.notation import columns, listed, named, part, stacked, transposed
from engine.compiler.nests.nest import Access, Family, Index, Nest, Procedure
from engine.formula import Formula
from engine.op import rows

__all__ = ["Names", "Written"]

WORDS = ("sum", "windows", "inf", "nan")  # of the notation, beside the names of operations


class Written(NamedTuple):
    """Numbers, as they are written.

    Attributes:
        what: a formula, or a plain number.
        axes: along which it varies; "" if it is one number, which may stand for many.
        width: of a matrix that stands for a whole family, how many columns it has.
    """

    what: Any
    axes: str
    width: int = 0


class Names:
    """The names of everything.

    Args:
        procedure: whose.
        given: what its arguments are called, or the number that they are; others have names like any family.

    Attributes:
        formulas: of families that have a name, this.
        written: of those that have none, but stand where they are used, what stands there.
        layers: from the results of layers, which are products of parameters, to their numbers.
        views: the matrices and biases of layers, by where they are in theta.
        lines: the lines that say so.
        made_by: from what is computed to the nests that add to it.
    """

    def __init__(self, procedure: Procedure, given: Mapping[Family, str | float]) -> None:
        self.constants = procedure.constants
        self.made_by: dict[Family, list[Nest]] = {}
        for nest in procedure.nests:
            self.made_by.setdefault(nest.target.family, []).append(nest)
        self.parameters = next(family for family in procedure.arguments if family.kind == "parameter")
        families = [access.family for nest in procedure.nests for access in nest.accesses]
        self.letters = dict.fromkeys(("", "d", *[family.prefix.rstrip("_") for family in families]))
        functions = {*WORDS, *(op.symbol for op in rows())}
        arguments = {name for name in given.values() if isinstance(name, str)} - functions
        taken = arguments | functions
        self.labels = {index: label for index, label in labelled(self.parameters.labels) if label not in taken}
        self.of_user = arguments | {*self.labels.values()}
        self.taken = functions | {f"{letter}{name}" for name in self.of_user for letter in self.letters}
        self.numbers: dict[tuple[str, ...], int] = {}
        self.layers: dict[Family, int] = {}
        self.views: dict[Index, Formula] = {}
        self.lines: list[Equation] = []
        self.formulas: dict[Family, Formula] = {}
        self.written: dict[Family, Written] = {}
        for family in procedure.arguments:
            name = given.get(family)
            if name is None:
                self.formulas[family] = self.fresh("theta" if family is self.parameters else family.name)
            elif isinstance(name, str):
                self.formulas[family] = named(name) if name in arguments else self.fresh(name)
            else:
                self.written[family] = Written(name, "")
        pools = [family.pool for family in families if family.pool and not family.prefix]
        self.formulas |= {pool: self.fresh(pool.name) for pool in dict.fromkeys(pools)}

    def unused(self, *stems: str) -> int:
        """The least number that makes new names of all these."""
        first = self.numbers.get(stems, 0) + 1
        number = next(n for n in count(first) if not self.taken & {f"{stem}{n}" for stem in stems})
        self.taken |= {f"{stem}{number}" for stem in stems}
        self.numbers[stems] = number
        return number

    def fresh(self, name: str) -> Formula:
        """That name, or if it means something already, with a number."""
        if name in self.taken:
            return named(f"{name}{self.unused(name)}")
        self.taken |= {f"{letter}{name}" for letter in self.letters}
        return named(name)

    def name(self, family: Family) -> Formula:
        """What a family is called; of derivatives that follows from what they are by."""
        if family in self.formulas:
            return self.formulas[family]
        if family.pool is not None:
            return part(self.name(family.pool), in_pool(family))
        if family.derivative_of is None:
            is_given = family.kind == "input"
            self.formulas[family] = self.fresh(family.name) if is_given else named(f"t{self.unused('t')}")
        elif family.derivative_of in self.layers:
            letter, number = family.prefix.rstrip("_"), self.layers[family.derivative_of]
            latex = r"\delta" if letter == "d" else letter
            self.formulas[family] = Formula(f"{letter}{number}", f"{latex}_{{{number}}}")
        else:
            self.formulas[family] = self.derivative(family, self.name(family.derivative_of))
        return self.formulas[family]

    def derivative(self, family: Family, name: Formula) -> Formula:
        """What the part of a derivative is called that is by something of that name: dt, or d_t beside a user's dt."""
        letter = family.prefix.rstrip("_")
        apart = next(gap for gap in accumulate(repeat("_"), initial="") if f"{letter}{gap}{name}" not in self.of_user)
        return Formula(f"{letter}{apart}{name}", f"{letter}_{{{name.latex}}}" if apart else f"{letter}{name.latex}")

    # --- layers ---

    def name_layer(self, family: Family, products: Sequence[Nest], biases: Sequence[Access]) -> None:
        """Give a layer a number, and names to those of its matrices and biases that have none yet."""
        self.layers[family] = self.unused("z", *[letter for letter in self.letters if letter], "a")
        self.formulas.setdefault(family, named(f"z{self.layers[family]}"))
        matrices = [nest.reads[0].index for nest in products]
        matrices = [index for index in dict.fromkeys(matrices) if self.matrix(index) is None]
        number = self.unused("W", "b") if matrices else 0
        for i, index in enumerate(matrices):
            self._view(index, f"W{self.unused('W', 'b') if i else number}")
        for bias in biases:
            if self.view(bias.index) is None:
                self._view(bias.index, f"b{number or self.unused('b')}")

    def _view(self, index: Index, name: str) -> None:
        self.views[index] = named(name)
        where = part(self.formulas[self.parameters], index, is_list=True)
        self.lines.append(Equation("parameters", named(name), "=", where, shape_of(index)))

    def view(self, index: Index) -> Formula | None:
        """What these parameters are called, by the user or as a part of a layer; None for nothing."""
        if index not in self.views and index in self.labels:
            self._view(index, self.labels[index])
        return self.views.get(index)

    def matrix(self, index: Index) -> Formula | None:
        """What a matrix of a layer is called, maybe as the transpose of another one."""
        view = self.view(index)
        if view is not None or index.width is None:
            return view
        upright = self.view(transposed_index(index))
        return None if upright is None else transposed(upright)

    def is_matrix(self, access: Access) -> bool:
        """Whether it is a matrix of a layer, or the derivative by one."""
        is_of_theta = self.parameters in (access.family, access.family.derivative_of)
        return is_of_theta and access.axes == "rc" and self.matrix(access.index) is not None

    # --- accesses ---

    def read(self, access: Access, *, is_list: bool = False) -> Written:
        """What is accessed; `is_list` if it has to be a vector even where all its rows are one number."""
        family, index, axes = access.family, access.index, access.axes
        if family is self.constants:
            numbers = [family.numbers[row] for row in index.rows]
            if index.width is None and not is_list and len(set(map(repr, numbers))) == 1:
                return Written(numbers[0], "")
            text = listed(numbers, index.width)
            return Written(Formula(text, text.replace("...", r"\dots")), axes)
        if family is self.parameters and (view := self.view(index)) is not None:
            return Written(view, axes)
        if family not in self.written:
            return Written(part(self.name(family), index, is_list=is_list), axes)
        what, of_whole, width = self.written[family]
        if not of_whole:
            return Written(what, "")
        if width:
            return Written(columns(what, index.rows[0] % width, index.width, width), axes)
        return Written(part(Formula.of(what), index, is_list=is_list), axes)

    def factor(self, access: Access) -> Formula:
        """A vector for a matrix to be multiplied by, even where it is one number."""
        x = self.read(access, is_list=True)
        if x.axes or (access.family.rows == 1 and str(x.what).isidentifier()):
            return Formula.of(x.what)
        text, latex = (listed([each] * len(access.index.rows)) for each in (x.what, Formula.of(x.what).latex))
        return Formula(text, latex.replace("...", r"\dots"))

    def read_all(self, accesses: Sequence[Access]) -> Formula:
        """Single rows, one below the other."""
        parts = []
        for family, group in groupby(accesses, key=lambda access: access.family):
            rows = tuple(row for access in group for row in access.index.rows)
            parts.append(Formula.of(self.read(Access(family, Index(rows, None, family.rows), "r"), is_list=True).what))
        return stacked(parts)
