"""What a graph consists of and what everything in it is called: the one description that every view of it reads.

Order, ids, names, what a `dot` unfolds into and which nodes belong together are decided here, so that
the table, the formulas, the picture and the explorer never disagree on them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from engine import ieee
from engine.by_hand import ByHand
from engine.expansion import can_unfold, unfold, unfolded_size
from engine.formula import Formula, primed, shortened
from engine.op import NOT_YET, Op
from engine.order import topological_order
from engine.source import Site
from engine.value import Constant, Value

__all__ = ["Bundle", "Description", "Node", "derivative", "named", "on_one_line"]

SMALLEST_BUNDLE = 3
ID = re.compile(r"v\d+(_\d+)?")
VARIABLE = re.compile(r"[^\W\d]\w*(\[[\d, ]+\])?'*")


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a graph as it was when it was described.

    Attributes:
        id: "v3", or "v3_1" for the first of the multiplies and adds that v3 was unfolded into.
        name: what it is called: its label where no other node has that, else its id.
        label: what the user or the model calls it, be it unique or not; "" for nothing.
        kind: "operation", "input", "parameter" or "constant".
        data: its number.
        gradient: the one that the last backward pass left; None where none has been yet.
        op: the operation; None for a leaf.
        operands: the ids of the operands.
        terms: how the operands are written in formulas: by name, and constants by their number.
        values: the operands' numbers when it was computed.
        site: where in the user's code it was made.
    """

    id: str
    name: str
    label: str
    kind: str
    data: float
    gradient: float | None
    op: Op | None
    operands: tuple[str, ...]
    terms: tuple[Formula, ...]
    values: tuple[float, ...]
    site: Site | None

    @property
    def operation(self) -> str:
        """The operation's name; "" for a leaf."""
        return self.op.name if self.op else ""

    @property
    def symbol(self) -> str:
        """The operation's sign, such as "+", "**2" or "tanh"; "" for a leaf."""
        return self.op.symbol if self.op else ""

    def formula(self, most_operands: int | None = None) -> Formula:
        """What was computed; if of more operands than that, with the first three and the last."""
        terms = self.terms
        return _apply(self.op, terms if most_operands is None else shortened(terms, most_operands))

    def derivatives(self) -> tuple[float, ...]:
        """The local derivatives: for each operand the factor by which a small change of it comes through."""
        return () if self.op is None else self.op.partials(ieee, self.data, *self.values)


class Bundle(NamedTuple):
    """Leaves of one kind that only one node uses, such as a neuron's weights: drawn as one where there is little room.

    Attributes:
        id: such as "v3_parameters", of node v3.
        leaves: in the order in which they are used.
    """

    id: str
    leaves: list[Value]


class Description:
    """The nodes of a graph in order, with their names.

    A node's id is its number in topological order, whether or not anything is unfolded.

    Args:
        outputs: what to describe, with all it was made from.
        unfold: the most operands with which a `dot` or `total` is unfolded into its multiplies and adds.

    Attributes:
        order (list of Value): every node before anything is unfolded, operands first.

    Example:
        >>> from engine import dot
        >>> x = Value(2.0, label="x")
        >>> graph = Description([dot([3.0], [x], 1.0)], unfold=10)
        >>> [(node.id, node.formula().text) for node in graph.describe(graph.order[-1])]
        [('v4_1', '3 * x'), ('v4', 'v4_1 + 1')]
    """

    def __init__(self, outputs: Sequence[Value], *, unfold: float = 0) -> None:
        self.outputs = tuple(outputs)
        self.order = topological_order(*outputs)
        self._unfolding = {v for v in self.order if len(v.operands) <= unfold and can_unfold(v)} if unfold else set()
        self._unfolded: dict[Value, list[Value]] = {}
        self._ids = {value: f"v{number}" for number, value in enumerate(self.order, 1)}
        self._labels = {value: label for value in self.order if (label := value.label)}  # as they are now
        self._times = Counter(self._labels.values())

    def id(self, value: Value) -> str:
        """A node's id."""
        return self._ids[value]

    def name(self, value: Value) -> str:
        """A node's label, unless others have it too or it might be taken for another node's id; else its id."""
        label = self._labels.get(value)
        if not label or self._times[label] > 1 or (label[0] == "v" and ID.fullmatch(label)):
            return self.id(value)
        return label

    def unfolds(self, value: Value) -> bool:
        """Whether it is described as multiplies and adds."""
        return value in self._unfolding

    def size(self, value: Value) -> int:
        """How many nodes it is described as."""
        return unfolded_size(value) if value in self._unfolding else 1

    @cached_property
    def n_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.order) + sum(self.size(value) - 1 for value in self._unfolding)

    def describe(self, value: Value) -> list[Node]:
        """A node; or what it unfolds into, the last of which has its id."""
        return [self.node(step) for step in self.steps(value)]

    def steps(self, value: Value) -> list[Value]:
        """What a node is described as: itself, or what it unfolds into."""
        if value not in self._unfolding:
            return [value]
        if value not in self._unfolded:
            *inner, last = self._unfolded[value] = unfold(value)
            self._ids |= {step: f"{self.id(value)}_{number}" for number, step in enumerate(inner, 1)}
            self._ids[last], self._labels[last] = self.id(value), self._labels.get(value, "")
        return self._unfolded[value]

    @cached_property
    def all_steps(self) -> list[Value]:
        """What all nodes are described as, operands first."""
        return [step for value in self.order for step in self.steps(value)] if self._unfolding else self.order

    def node(self, value: Value) -> Node:
        """One of the `steps`."""
        return Node(
            self.id(value),
            self.name(value),
            self._labels.get(value, ""),
            value.kind,
            value.data,
            None if value.grad is NOT_YET else value.grad,
            _row(value),
            tuple(map(self.id, value.operands)),
            tuple(map(self._term, value.operands)),
            value.operand_data,
            value.site,
        )

    def _term(self, value: Value) -> Formula:
        return Formula.of(value.data) if isinstance(value, Constant) else named(self.name(value))

    @cached_property
    def _uses(self) -> "Counter[Value]":
        """By how many nodes each is used; an output is there to be used outside."""
        return Counter([*self.outputs, *(arg for value in self.order for arg in set(value.operands))])

    def uses(self, value: Value) -> int:
        """By how many nodes a node is used, and once more if it is an output."""
        return self._uses[value]

    def bundles(self, value: Value) -> list[Bundle]:
        """What may be drawn together of the operands of a node: three or more leaves of one kind that it alone uses."""
        operands = value.operands
        if len(operands) < SMALLEST_BUNDLE or value in self._unfolding:
            return []
        leaves: dict[str, list[Value]] = {}
        for arg in dict.fromkeys(operands):
            if arg.op is None and self._uses[arg] == 1:
                leaves.setdefault(arg.kind, []).append(arg)
        groups = [(kind, group) for kind, group in leaves.items() if len(group) >= SMALLEST_BUNDLE]
        return [Bundle(f"{self.id(value)}_{kind}s", group) for kind, group in groups]

    @cached_property
    def parts(self) -> dict[Value, list[str]]:
        """In which parts of a model a node is, from the outside in: ["layer 1", "neuron 2"].

        A parameter is where it is set, and a result where its parameters are. What is computed from
        that result alone in the same call, as an activation is, stays with it. Of several models in one
        graph each is a part.
        """
        if all(getattr(value, "place", None) is None for value in self.order):
            return {}
        parameters = {value for value in self.order if value.kind == "parameter"}
        owners: dict[Value, Any] = {}  # the place of the part that a node is in; the engine knows no models
        for value in self.order:
            if value.op is None:
                place = getattr(value, "place", None)
                owners[value] = place and place.within
                continue
            operands = value.operands
            sources = [arg for arg in operands if arg in parameters]
            if len(operands) == 1 and self._uses[operands[0]] == 1 and value.site == operands[0].site:
                sources = [*operands]
            found = {owners.get(source) for source in sources}
            owners[value] = found.pop() if len(found) == 1 else None
        places = {id(place): place for place in owners.values() if place is not None}  # many nodes share one
        paths = {key: _path(place) for key, place in places.items()}
        models = {path[0]: None for path in paths.values()}
        numbers = {model: [f"model {i}"] if len(models) > 1 else [] for i, model in enumerate(models, 1)}
        titles = {key: numbers[path[0]] + [place.title for place in path[1:]] for key, path in paths.items()}
        return {value: titles[id(place)] for value, place in owners.items() if place is not None}


def _row(value: Value) -> Op | None:
    """The operation that made a node. Of one made by hand the local derivatives are numbers, and only have a name."""
    op = value.op
    if not isinstance(op, ByHand):
        return op
    slopes = value.partials()

    def partials(m: Any, z: Any, *xs: Any) -> Any:
        return slopes if m is ieee else primed(op.name, xs)

    return replace(op, partials=partials) if value.operands else None


def _path(place: Any) -> list[Any]:
    return [*(_path(place.within) if place.within else []), place]


def on_one_line(text: str) -> str:
    """Text without what would break a table or a formula: lines, control characters."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def derivative(above: str, below: str) -> str:
    """A derivative in a sentence, by the names of what is above and below.

    Example:
        >>> derivative("L", "W1[2,0]"), derivative("df/dx", "x")
        ('dL/dW1[2,0]', 'd(df/dx)/dx')
    """
    return f"{_differential(above)}/{_differential(below)}"


@lru_cache(maxsize=1024)  # every name is written again and again
def _differential(name: str) -> str:
    return f"d{name}" if VARIABLE.fullmatch(name) else f"d({name})"


def named(name: str) -> Formula:
    """A name as a formula: in LaTeX ``W_{1}[2,0]`` for W1[2,0], whatever it is italic and harmless.

    Example:
        >>> named("v6_2").latex, named("lr%").latex
        ('v_{6,2}', '\\\\mathit{lr\\\\%}')
    """
    return Formula(name, _name_latex)


@lru_cache(maxsize=1024)  # every name is written again and again
def _name_latex(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z])(?:(\d+)(?:_(\d+))?|_([A-Za-z0-9]+))?(\[[\d,]+\])?", name)
    if match:
        letter, number, part, word, index = match.groups()
        below = ",".join(filter(None, (number, part, word)))
        return letter + (f"_{{{below}}}" if below else "") + (index or "")
    escaped = re.sub(r"([#$%&_{}])", r"\\\1", on_one_line(re.sub(r"[\\^~]", " ", name)))
    return rf"\mathit{{{escaped}}}"


def _apply(op: Op | None, terms: Sequence[Formula | float]) -> Formula:
    assert op is not None
    return Formula.of(Formula.apply(op, *terms))
