"""Board: all lines that are written of a procedure, one or more for each family that has a name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import ops
from engine.compiler.equations.accesses import flat, is_whole, shape_of
from engine.compiler.equations.equation import Equation
from engine.compiler.equations.names import Names, Written
from engine.compiler.equations.notation import LONGEST, Product, added, column, named, part, stacked
from engine.compiler.equations.terms import term
from engine.compiler.nests.nest import Access, Family, Index, Nest, Procedure, homes
from engine.formula import Formula
from engine.op import ATOM

__all__ = ["Board"]

LONGEST_AGAIN = 20  # characters of what stands in several places
PHASES = {"": "forward", "d_": "backward"}  # by the prefix of what is computed


@dataclass(frozen=True)
class _Term:
    """What some rows of a family receive."""

    index: Index
    written: Written

    @property
    def what(self) -> Any:
        """As it stands on the right of a line."""
        is_column = self.index.width is not None and self.written.axes == "r"
        return column(self.written.what) if is_column else self.written.what


class Board:
    """What is written of a procedure.

    Args:
        procedure: what to write.
        given: what its arguments are called, or the number that they are; others have names like any family.
        gives_list: whether all outputs are one list. Else the first one is the function's value, and others are aux.

    Attributes:
        names: of everything.
        lines: where the matrices are in theta, forward, then backward.
    """

    def __init__(self, procedure: Procedure, given: Mapping[Family, str | float], *, gives_list: bool = False) -> None:
        procedure = procedure.without_turns  # a line for each, as one would write it
        self.names = Names(procedure, given)
        self.procedure = procedure
        self.gives_list = gives_list
        self.outputs = [result for result in procedure.results if result.family.derivative_of is None]
        self.written: list[Equation] = []
        self.arriving: dict[Family, list[_Term]] = {}
        self.activated: set[Family] = set()
        self.begun: set[str] = set()
        families = [access.family for nest in procedure.nests for access in nest.accesses]
        self.pools = list(dict.fromkeys(family.pool for family in families if family.pool is not None))
        self.derivatives = {f.derivative_of: f for f in families if f.derivative_of and f.prefix == "d_"}
        self.adding: dict[Family, list[Nest]] = {}  # to each family
        self.readers: dict[Family, list[Nest]] = {}  # of each, in the pass that computes it
        self.whole: Counter[Family] = Counter()  # how often it is read as a vector, with all its rows
        self.added: Counter[Family] = Counter()  # and, that being all, added to another one
        self.again: Counter[Family] = Counter()  # how often it is read in later passes
        self.nests = _without_zeros(procedure)
        for nest in self.nests:
            self.adding.setdefault(nest.target.family, []).append(nest)
        self.copies = {family for family, nests in self.adding.items() if not family.prefix and _are_copies(nests)}
        reads = Counter(read.family for nest in self.nests for read in nest.reads)
        for nest in self.nests:
            # What puts copies side by side stands for all of them, and what squares a vector has it twice.
            for read in nest.reads:
                is_squared = _squares(nest) and read is nest.reads[-1]
                is_copied = nest.target.family.derivative_of in self.copies
                times = reads[nest.target.family] if is_copied else 1 + is_squared
                self.again[read.family] += times * (nest.target.family.prefix != read.family.prefix)
                if read.family.prefix == nest.target.family.prefix:
                    self.readers.setdefault(read.family, []).extend([nest] * times)
                    self.whole[read.family] += times * is_whole(read, nest)
                    is_added = nest.op == ops.IDENTITY and nest.n_columns == 1 and read.index.covers
                    self.added[read.family] += times * is_added
        self.write()
        self.lines = [*self.names.lines, *self.written]

    def name_families(self) -> None:
        """Call families what they are called here, where others read it, as no function is; each has a name, then."""
        import numpy as np

        from engine import arrays

        names, numbers = self.names, {family.name for family in self.names.written if family.kind == "input"}

        def is_free(name: str) -> bool:
            return not (name in numbers or "_" in name or hasattr(np, name) or hasattr(arrays, name))

        for family in (*self.procedure.arguments, *self.procedure.computed):
            if family.pool is None and family.name not in numbers:
                name = names.name(family).text
                keeps = is_free(name) if family.kind == "input" else not hasattr(arrays, name)
                family.name = name if keeps else names.fresh("x").text
        views = {index: view.text for index, view in names.views.items()}
        names.parameters.views = {index: name for index, name in views.items() if is_free(name)}

    def write(self) -> None:
        names, nests = self.names, self.nests
        self.output = names.fresh("loss" if names.parameters.rows else "f")
        if self.outputs and self.outputs[0].family.rows == 1 and not self.gives_list:
            family = self.outputs[0].family
            names.formulas |= {family: self.output} if family in self.adding else {}
        for prefix in dict.fromkeys(["", *(nest.target.family.prefix for nest in nests)]):
            for pool in self.pools:
                if pool.prefix == prefix:
                    self.line(pool, names.name(pool), "=", 0.0, str(pool.rows))
            for nest in nests:
                if nest.target.family.prefix == prefix:
                    self.carry(nest)
            if not prefix and self.outputs:
                self.write_outputs()
        for result in self.procedure.results:
            self.write_result(result.family)

    def line(self, family: Family, left: Formula, sign: str, right: Any, shape: str) -> None:
        phase = PHASES.get(family.prefix, "second order")
        right = right if isinstance(right, Formula) else Product(float(right), None)
        self.written.append(Equation(phase, left, sign, right, shape))

    # --- in the order of the nests ---

    def carry(self, nest: Nest) -> None:
        """Note what a nest adds, after the lines of what it reads."""
        family = nest.target.family
        nests, is_forward = self.adding[family], not family.prefix
        for read in nest.reads:
            self.settle(read.family)
        if is_forward and nest is nests[0]:
            self.name_layer(family)
        if family in self.copies:
            self.names.written[family] = self.side_by_side(nests)
            return
        is_zero = _is_zero(nest, self.names.constants)
        self.add(*((nest.target, Written(0.0, "")) if is_zero else term(nest, self.names)))
        if is_forward and nest is nests[-1]:  # a derivative waits until it is read
            self.settle(family)

    def add(self, target: Access, written: Written) -> None:
        names, family, received = self.names, target.family, _Term(target.index, written)
        view = names.view(target.index) if family.derivative_of is names.parameters else None
        if view is not None:
            left = names.derivative(family, view)
            self.line(family, left, "+=" if left.text in self.begun else "=", received.what, shape_of(target.index))
            self.begun.add(left.text)
        elif family in self.pools:
            left = part(names.name(family), target.index)
            self.line(family, left, "+=", received.what, shape_of(target.index))
        else:
            self.arriving.setdefault(family, []).append(received)

    def settle(self, family: Family) -> None:
        """Now that a family has received everything: write its lines, or note what stands where it is used."""
        terms = self.arriving.pop(family, [])
        if not terms:
            return
        if not family.prefix and (layer := self.activated_layer(family)):
            self.names.formulas.setdefault(family, named(f"a{layer}"))
        is_matrix = family.derivative_of in self.names.written and len(terms[0].written.axes) == 2
        whats = [term.written.what if is_matrix else term.what for term in terms]
        axes = max((term.written.axes for term in terms), key=len)
        together = Written(whats[0] if len(whats) == 1 else added(whats), axes, terms[0].index.width or 0)
        all_whole = all(term.index.covers and (is_matrix or term.index.width is None) for term in terms)
        if all_whole and self.stands_where_used(family, Formula.of(together.what), axes):
            self.names.written[family] = together
        else:
            self.write_terms(family, terms)

    def write_terms(self, family: Family, terms: Sequence[_Term]) -> None:
        """The lines that add up what a family has received."""
        names, name = self.names, self.names.name(family)
        whole = [term.what for term in terms if term.index.covers and term.index.width is None]
        # Where matrices have names, what they have received is a part of it already.
        goes_on = family.derivative_of is names.parameters and bool(names.views)
        parts: dict[Index, list[Any]] = {}
        for received in terms:
            parts.setdefault(received.index, []).append(received.what)
        rows = [row for index in parts for row in index.rows]
        if len(set(rows)) == len(rows) and not goes_on and not whole:  # each number gets all that it is in one line
            if len(rows) < family.rows:
                self.line(family, name, "=", 0.0, str(family.rows))
            for index, whats in parts.items():
                self.line(family, part(name, index), "=", added(whats), shape_of(index))
            return
        if whole or not goes_on:
            self.line(family, name, "+=" if goes_on else "=", added(whole) if whole else 0.0, str(family.rows))
        for received in terms:
            if received.index.width is not None or not received.index.covers:
                self.line(family, part(name, received.index), "+=", received.what, shape_of(received.index))

    def write_outputs(self) -> None:
        first, *aux = self.outputs
        given = self.outputs if self.gives_list else [first]
        if self.names.formulas.get(first.family) is not self.output:
            self.line(self.outputs[0].family, self.output, "=", self.names.read_all(given), str(len(given)))
        if aux and not self.gives_list:
            left = self.names.fresh("aux")
            self.line(first.family, left, "=", self.names.read_all(aux), str(len(aux)))

    def write_result(self, family: Family) -> None:
        terms = self.arriving.pop(family, [])
        has_views = family.derivative_of is self.names.parameters and bool(self.names.views)
        if family.prefix and (terms or not has_views):
            self.write_terms(family, terms)

    # --- names ---

    def name_layer(self, family: Family) -> None:
        """Give it the name of a layer if it is a matrix of parameters times something that depends on the inputs."""
        parameters, nests = self.names.parameters, self.adding[family]
        products = [nest for nest in nests if nest.op != ops.IDENTITY]
        of_parameters = all(
            nest.op == ops.MUL
            and (nest.reads[0].family, nest.reads[0].axes) == (parameters, "rc")
            and not nest.reads[0].index.repeats
            and nest.reads[1].axes in ("c", "")
            for nest in products
        )
        is_of_numbers = family.rows == 1 and all(nest.n_columns == 1 for nest in products)
        all_shared = all(nest.reads[-1].family.shared for nest in products)
        if of_parameters and not all_shared and not is_of_numbers:
            biases = [nest.reads[0] for nest in nests if nest.op == ops.IDENTITY and nest.reads[0].axes == "r"]
            biases = [bias for bias in biases if bias.family is parameters and not bias.index.repeats]
            products = [nest for nest in products if not _is_zero(nest, self.names.constants)]
            self.names.name_layer(family, products, biases)

    def activated_layer(self, family: Family) -> int | None:
        """The layer of which this is the activation."""
        read, *more = self.adding[family][0].reads
        is_function = not more and len(self.adding[family]) == 1 and read.axes == "r" and read.index.covers
        if not is_function or read.family in self.activated:
            return None
        self.activated.add(read.family)
        return self.names.layers.get(read.family)

    def stands_where_used(self, family: Family, right: Formula, axes: str) -> bool:
        """Whether it has no name of its own."""
        names, readers = self.names, self.readers.get(family, [])
        if family.pool is not None or family in names.formulas:
            return False
        if not family.prefix:
            is_nothing = right.text == "0" and self.uses(family) == self.added[family]
            longest = LONGEST if self.again[family] < 2 else LONGEST_AGAIN
            return is_nothing or (self.may_be_inlined(family, axes) and len(right.text) <= longest)
        if family.derivative_of in names.written:
            return True
        is_short = right.precedence == ATOM or (len(readers) == 1 and len(right.text) <= LONGEST)
        # In a product with a matrix, one number for all rows will not do.
        in_product = family.derivative_of in names.layers or self.meets_matrix(family)
        is_vector = axes != "" or (family.rows == 1 and right.text.isidentifier())
        return is_short and (not in_product or (right.precedence == ATOM and is_vector))

    def may_be_inlined(self, family: Family, axes: str) -> bool:
        """Whether it is used once, as a whole, and no derivative has to be named after it."""
        derivative = self.derivatives.get(family)
        if derivative and self.meets_matrix(derivative):
            return False
        if derivative and len(self.readers.get(derivative, [])) > 1 and not self.is_called_like_another(derivative):
            return False
        is_vector = family.rows == 1 or axes != ""  # as it is written, too
        return is_vector and self.uses(family) == self.whole[family] == 1

    def is_called_like_another(self, derivative: Family) -> bool:
        """Whether a derivative is what another one is that has a name, or is a number."""
        family = derivative
        while family in self.adding:
            nest, *more = self.adding[family]
            target, read, *_ = nest.accesses
            is_same = target.axes == read.axes and target.index.covers and read.index.covers
            if more or nest.op != ops.IDENTITY or not is_same:
                return False
            family = read.family
            if len(self.readers.get(family, [])) > 1:
                return True
        return family in self.names.written

    def meets_matrix(self, family: Family) -> bool:
        return family.rows > 1 and any("c" in nest.axes for nest in self.readers.get(family, []))

    def uses(self, family: Family) -> int:
        return len(self.readers.get(family, [])) + sum(output.family is family for output in self.outputs)

    # --- of nests ---

    def side_by_side(self, nests: Sequence[Nest]) -> Written:
        """Copies of several blocks, as one matrix, or as one vector of a single row."""
        is_matrix = nests[0].n_rows > 1
        reads = [flat(nest.reads[0]) for nest in nests]
        parts = [Formula.of(self.names.read(read, is_list=len(read.index.rows) > 1).what) for read in reads]
        width = sum(nest.n_columns for nest in nests) if is_matrix else 0
        return Written(stacked(parts, are_matrices=is_matrix), "rc" if is_matrix else "r", width)


def _without_zeros(procedure: Procedure) -> list[Nest]:
    """The nests, but those of the backward pass that pass nothing on."""
    kept, received = [], {*procedure.arguments}
    for nest in procedure.nests:
        family = nest.target.family
        is_zero = _is_zero(nest, procedure.constants) or received.isdisjoint(homes(nest.reads[0].family))
        if not family.prefix or not is_zero:
            kept.append(nest)
            received.update(homes(family))
    return kept


def _is_zero(nest: Nest, constants: Family) -> bool:
    """Whether it multiplies a matrix by zeros, such as a state before the first step."""
    vectors = [read for read in nest.reads if read.family is constants and read.axes in ("c", "")]
    are_zeros = any(not any(constants.numbers[row] for row in read.index.rows) for read in vectors)
    return nest.op == ops.MUL and are_zeros and any(access.axes == "rc" for access in nest.accesses)


def _squares(nest: Nest) -> bool:
    """Whether it sums up squares, or is the derivative of what does."""
    of = nest.origin[0] if nest.origin else nest
    return of.op == ops.POWER(exponent=2) and "c" in of.summed


def _are_copies(nests: Sequence[Nest]) -> bool:
    """Whether all that they do is to put blocks side by side."""
    return all(nest.op == ops.IDENTITY and not nest.summed and not nest.target.index.covers for nest in nests)
