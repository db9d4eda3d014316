"""The step-by-step account of a forward and a backward pass, as plain data."""

import json
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import chain
from operator import eq
from types import NoneType
from typing import Any, cast, overload

from engine.by_hand import ByHand, row_by_hand
from engine.collector import patient_collector
from engine.description import Description, Node, derivative, named
from engine.formula import Formula, Wording, worded
from engine.op import ATOM, NOT_YET, Op, row_named
from engine.source import Site, source_of
from engine.trace_table import Outline, Overview, as_html, as_line, as_text, without_constants
from engine.value import Value

__all__ = ["Trace", "trace", "trace_of"]


class Trace(dict[str, Any]):
    """What happened: a dict of plain numbers, texts and sequences. It prints as a table, Jupyter shows one that folds.

    The entries of its two sequences are dicts of plain data that are made when they are asked for, each time anew: of
    100,000 steps those that nobody looks at cost nothing. ``list(trace["events"])`` makes them all. `json.dumps` takes
    the whole of it; copied, pickled and read from JSON it is made of lists, and equal to what it was.

    Keys:
        output: the id of the node that was traced.
        nodes: a dict for each node, operands first: "id" ("v1", "v2", ..., the same as in pictures), "name"
            (its label where that is unique, else its id), "kind" ("input", "parameter", "constant" or
            "operation"), "data", "gradient", "uses" (by how many operands it is used), "parts" (of the model, that it
            is in: ["layer 1", "neuron 0"]), "source" (the user's "file", "line", "text" and "function", or
            None); for operations "operation", "static", "operands" (ids), "formula"; for leaves "bundle" (the
            same text for those that only one node uses and that are drawn as one where there is little room,
            or None).
        events: a dict for each step, in order. All have "phase", "node" and "sentence", and
            "forward": "operation", "operands" (ids), "values", "result", "source";
            "seed": "gradient", which is 1;
            "backward", one for each operand of each node: "operation", "operand" (id), "position",
            "rule" (the formula of the local derivative), "local", "upstream", "contribution", "before" and
            "after" (of the operand's gradient), "received" and "expected" (how many of the contributions
            to the operand's gradient are in).
    """

    def items(self) -> Any:
        """The same with lists of all entries: what `json.dumps` asks for."""
        return {key: list(x) if isinstance(x, _Made) else x for key, x in super().items()}.items()

    def _overview(self) -> Overview:
        nodes = self["nodes"]
        if isinstance(nodes, _Nodes):
            return nodes.overview()
        return {node["id"]: Outline(node["kind"], node["uses"], node["name"]) for node in nodes}

    def __str__(self) -> str:
        return as_text(self, self._overview())

    def __repr__(self) -> str:
        return as_line(self, self._overview())

    def _repr_html_(self) -> str:
        return as_html(self, self._overview())

    def latex(self) -> str:
        """The same steps in LaTeX: the formulas forward, then the chain rule with its numbers backward.

        Returns:
            str: an ``aligned`` environment, for display mathematics.
        """
        write, shown = _Latex(self["nodes"], self["output"]), without_constants(self["events"], self._overview())
        return "\\begin{aligned}\n" + " \\\\\n".join(map(write.line, shown)) + "\n\\end{aligned}"

    def part(self, ids: Collection[str], beside: Collection[str] = ()) -> "Trace":
        """The same account of some of the nodes alone.

        Args:
            ids: of these nodes.
            beside: of others, of which their numbers are told, and what passes between them and the first.

        Returns:
            Trace: their entries and the output's, and of the events the seed and those that have to do with no other
            node but as an operand that goes forward. The last contribution to the gradient of each is told in any case,
            and the node from which that comes.

        Example:
            >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
            >>> print(trace(a * b + a).part(["v1", "v4"]))
            forward                      backward
            a = 2                        dv4/dv4 = 1
            v3 = a * b = 2 * (-3) = -6   dv4/dv3 += dv4/dv4 * dv4/dv3 = 1 * 1 = 1
            v4 = v3 + a = -6 + 2 = -4    dv4/da += dv4/dv4 * dv4/da = 1 * 1 = 1, now 1
                                         dv4/da += dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2
        """
        wanted, known, nodes = set(ids), {*ids, *beside, self["output"]}, self["nodes"]
        if isinstance(nodes, _Nodes):
            entries, told = nodes.part(wanted, known)
        else:
            entries, told = _part(nodes, self["events"], wanted, known)
        return Trace({"output": self["output"], "nodes": entries, "events": told})

    def to_json(self, indent: int | None = None) -> str:
        """The same as JSON. Numbers that JSON lacks become the texts "inf", "-inf" and "nan"."""
        return json.dumps(self.plain(), indent=indent, allow_nan=False)

    def plain(self) -> dict[str, Any]:
        """The same as dicts, lists, texts and numbers, ready for JSON, as `to_json` writes it."""
        return cast(dict[str, Any], _without_infinities(dict(self)))


def trace(value: Value, *, expand: bool = False) -> Trace:
    """Tell how a Value was computed and how its gradient flows back, one step at a time.

    The gradients are computed anew, by the very operations of `Value.backward` in the same order, so
    they equal its gradients to the last bit; of an unfolded `dot` that uses an operand more than once,
    to the rounding of the order in which its parts are added. No node is changed.

    Args:
        value: the output to start from.
        expand: whether to unfold each `dot` and `total` into its multiplies and adds.

    Returns:
        Trace: a dict of plain data; print it for a table, or see its `latex` and `to_json`.

    Raises:
        TypeError: `value` is not a Value.

    Example:
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> print(trace(a * b + a))
        forward                      backward
        a = 2                        dv4/dv4 = 1
        b = -3                       dv4/dv3 += dv4/dv4 * dv4/dv3 = 1 * 1 = 1
        v3 = a * b = 2 * (-3) = -6   dv4/da += dv4/dv4 * dv4/da = 1 * 1 = 1, now 1
        v4 = v3 + a = -6 + 2 = -4    dv4/da += dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2
                                     dv4/db += dv4/dv3 * dv3/db = 1 * a = 1 * 2 = 2
    """
    if not isinstance(value, Value):
        raise TypeError(f"trace needs a Value, but was given {value!r}")
    with patient_collector():
        return trace_of(Description([value], unfold=math.inf if expand else 0))


def trace_of(graph: Description, *, at_once: bool = False) -> Trace:
    """The trace of what is described already, of one output; nodes are unfolded as they are there.

    Args:
        graph: what there is.
        at_once: whether all that will be asked for is asked for before a leaf can be changed.
    """
    account = _Account(graph, at_once)
    events = _Made(len(account.operations) + 1 + len(account.local), account.event)
    return Trace({"output": graph.id(graph.outputs[0]), "nodes": _Nodes(account), "events": events})


class _Made(Sequence[dict[str, Any]]):
    """A list of dicts that are made when they are asked for.

    Args:
        n: how many.
        make: number -> the dict at that place.
    """

    def __init__(self, n: int, make: Callable[[int], dict[str, Any]]) -> None:
        self._n = n
        self._make = make

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, i: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, i: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, i: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        places = range(self._n)[i]
        return self._make(places) if isinstance(places, int) else [*map(self._make, places)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Made | list):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self._n} dicts, made when they are asked for>"

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


class _Nodes(_Made):
    """The nodes of an account."""

    def __init__(self, account: "_Account") -> None:
        super().__init__(len(account.steps), account.entry)
        self._account = account

    def overview(self) -> Overview:
        """What there is to know of each for a table."""
        account, graph = self._account, self._account.graph
        outlines = map(Outline, account.kinds, account.uses, map(graph.name, account.steps))
        return dict(zip(map(graph.id, account.steps), outlines, strict=True))

    def part(self, wanted: set[str], known: set[str]) -> "_Part":
        """Those that are known, by their ids, and the events between them and those that are wanted."""
        return self._account.part(wanted, known)


_Part = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def _part(nodes: list[dict[str, Any]], events: list[dict[str, Any]], wanted: set[str], known: set[str]) -> _Part:
    last = {event["operand"]: event for event in events if event.get("operand") in known}
    known = known | {event["node"] for event in last.values()}

    def is_told(event: dict[str, Any]) -> bool:
        ends = {event["node"], event.get("operand", event["node"])}
        between = ends <= known and (event["phase"] == "forward" or not ends.isdisjoint(wanted))
        return event["phase"] == "seed" or between or last.get(event.get("operand", "")) is event

    return [entry for entry in nodes if entry["id"] in known], [event for event in events if is_told(event)]


class _Account:
    """The numbers of both passes, from which entries and events are made: an edge takes 50 bytes, and an event 1,000.

    Attributes:
        graph: what there is, and what it is called.
        steps: the nodes, operands first, with those that others are unfolded into.
        kinds: of every node.
        operations: the numbers of those that are no leaves.
        gradient, uses: of every node.
        operand, local, contribution, before, after, received: of every edge, in the order of the backward pass.
        first_edge: of every operation, in the order of the backward pass; and the number of edges.
    """

    def __init__(self, graph: Description, at_once: bool) -> None:
        self.graph = graph
        self.steps = graph.all_steps
        # What may be changed tomorrow is described today.
        self._described = {
            i: graph.node(step)
            for i, step in enumerate(self.steps)
            if (step.op is None and not at_once) or isinstance(step.op, ByHand)
        }
        self._told: tuple[int, Node, Wording] | None = None  # the last operation that was asked for
        self._sources: dict[Site | None, dict[str, Any] | None] = {}
        self.kinds = [step.kind for step in self.steps]
        self.operations = array("q", [i for i, kind in enumerate(self.kinds) if kind == "operation"])
        self.operand, self.received, self.first_edge = array("q"), array("q"), array("q")
        self.local, self.contribution, self.before, self.after = array("d"), array("d"), array("d"), array("d")
        self._go_back()

    def _go_back(self) -> None:
        number = {step: i for i, step in enumerate(self.steps)}  # of what unfolds, that of its last step
        graph = self.graph
        number |= {value: number[graph.steps(value)[-1]] for value in graph.order if graph.unfolds(value)}
        gradient: list[float] = [NOT_YET] * len(self.steps)
        received = [0] * len(self.steps)
        gradient[-1] = 1.0
        for i in reversed(self.operations):
            step, upstream = self.steps[i], gradient[i]
            known = self._described.get(i)
            operands = [number[operand] for operand in step.operands]
            partials = known.derivatives() if known else step.partials()
            contributions = [upstream * local for local in partials]
            self.first_edge.append(len(self.local))
            self.operand.extend(operands)
            self.local.extend(partials)
            self.contribution.extend(contributions)
            for j, contribution in zip(operands, contributions, strict=True):
                before = gradient[j]
                gradient[j] = after = before + contribution
                received[j] += 1
                self.before.append(before)
                self.after.append(after)
                self.received.append(received[j])
        self.first_edge.append(len(self.local))
        self.gradient, self.uses = array("d", gradient), array("q", received)

    def node(self, i: int) -> Node:
        """What a node is."""
        return self._described.get(i) or self.graph.node(self.steps[i])

    def told(self, i: int) -> tuple[Node, Wording]:
        """An operation, and how it is written."""
        told = self._told
        if told is None or told[0] != i:
            node = self.node(i)
            assert node.op is not None
            self._told = told = i, node, worded(node.op, node.name, node.terms)
        return told[1:]

    def source(self, site: Site | None) -> dict[str, Any] | None:
        """The line of code at a site: one dict, however many nodes were made there."""
        if site not in self._sources:
            source = source_of(site)
            self._sources[site] = None if source is None else source._asdict()
        return self._sources[site]

    @cached_property
    def _bundles(self) -> dict[Value, str]:
        graph = self.graph
        computed = (value for value in graph.order if value.op is not None)
        return {leaf: bundle.id for value in computed for bundle in graph.bundles(value) for leaf in bundle.leaves}

    @cached_property
    def _whole(self) -> dict[Value, Value]:
        """Of what a node unfolds into each step, with the node."""
        graph = self.graph
        return {step: value for value in graph.order if graph.unfolds(value) for step in graph.steps(value)}

    def entry(self, i: int) -> dict[str, Any]:
        """What is told of a node."""
        step = self.steps[i]
        node, wording = self.told(i) if self.kinds[i] == "operation" else (self.node(i), None)
        entry = {
            "id": node.id,
            "name": node.name,
            "kind": node.kind,
            "data": node.data,
            "source": self.source(node.site),
        }
        if node.op is not None and wording is not None:
            entry["operation"], entry["static"] = node.op.name, dict(node.op.static)
            entry["operands"], entry["formula"] = list(node.operands), wording.formula
            if isinstance(node.op, ByHand):
                entry["by_hand"] = True
        entry["gradient"], entry["uses"] = self.gradient[i], self.uses[i]
        entry["parts"] = self.graph.parts.get(self._whole.get(step, step), [])
        if node.op is None:
            entry["bundle"] = self._bundles.get(step)
        return entry

    def event(self, k: int) -> dict[str, Any]:
        """What happens in a step: forward through the operations, then the seed, then back through the edges."""
        n = len(self.operations)
        if k < n:
            return self._forward(self.operations[k])
        return self._backward(k - n - 1) if k > n else self._seed()

    def part(self, wanted: set[str], known: set[str]) -> _Part:
        """The entries of the nodes that are known, and the events between them and those that are wanted."""
        id = self.graph.id
        those = {i for i, step in enumerate(self.steps) if id(step) in wanted}
        all_known = those | {i for i, step in enumerate(self.steps) if id(step) in known}
        last = {j: edge for edge, j in enumerate(self.operand) if j in all_known}
        all_known |= set(map(self._from, last.values()))
        entries, forward, backward = [], [], []
        for i in sorted(all_known):  # all that is told of a node at once, so that it is described once
            entries.append(self.entry(i))
            if self.kinds[i] == "operation":
                forward.append(self._forward(i))
                ends = all_known if i in those else those
                edges = [edge for edge in self._edges(i) if (j := self.operand[edge]) in ends or last.get(j) == edge]
                backward.append([self._backward(edge) for edge in edges])
        return entries, [*forward, self._seed(), *chain.from_iterable(reversed(backward))]

    def _edges(self, i: int) -> range:
        """Of an operation, in the order of the backward pass."""
        turn = len(self.operations) - 1 - bisect_left(self.operations, i)
        return range(self.first_edge[turn], self.first_edge[turn + 1])

    def _from(self, edge: int) -> int:
        """The operation to which an edge belongs."""
        return self.operations[-bisect_right(self.first_edge, edge)]

    def _seed(self) -> dict[str, Any]:
        output = self.node(len(self.steps) - 1)
        sentence = f"{derivative(output.name, output.name)} = 1"
        return {"phase": "seed", "node": output.id, "gradient": 1.0, "sentence": sentence}

    def _forward(self, i: int) -> dict[str, Any]:
        node, wording = self.told(i)
        assert node.op is not None
        numbers = worded(node.op, None, [Formula.of(x) for x in node.values]).formula
        texts = [node.name, wording.formula, *([numbers] if numbers != wording.formula else []), _number(node.data)]
        return {
            "phase": "forward",
            "node": node.id,
            "operation": node.operation,
            "operands": list(node.operands),
            "values": list(node.values),
            "result": node.data,
            "source": self.source(node.site),
            "sentence": " = ".join(texts),
        }

    def _backward(self, edge: int) -> dict[str, Any]:
        i, j = self._from(edge), self.operand[edge]
        position = edge - self._edges(i).start
        node, wording = self.told(i)
        upstream, local, contribution = self.gradient[i], self.local[edge], self.contribution[edge]
        before, after, rule = self.before[edge], self.after[edge], wording.partials[position]
        y, z, x = (self.graph.name(self.steps[k]) for k in (-1, i, j))
        now = f", now {after:.6g}" if self.uses[j] > 1 else ""
        return {
            "phase": "backward",
            "node": node.id,
            "operation": node.operation,
            "operand": node.operands[position],
            "position": position,
            "rule": rule[0],
            "local": local,
            "upstream": upstream,
            "contribution": contribution,
            "before": before,
            "after": after,
            "received": self.received[edge],
            "expected": self.uses[j],
            "source": self.source(node.site),
            "sentence": f"{derivative(y, x)} += {derivative(y, z)} * {derivative(z, x)} = "
            f"{_product(upstream, local, *rule)} = {contribution:.6g}{now}",
        }


def _product(upstream: float, local: float, rule: str, binds: int) -> str:
    """A derivative times a local one, by the rule and by numbers."""
    left, right = f"{upstream:.6g} * ", f"{local:.6g}"
    by_rule = f"{left}{rule if binds == ATOM else f'({rule})'} = " if rule != right else ""
    return f"{by_rule}{left}{f'({right})' if right[0] == '-' else right}"


class _Latex:
    """The events of an account in LaTeX, a line for each."""

    def __init__(self, entries: Sequence[dict[str, Any]], output: str) -> None:
        self.entries = {entry["id"]: entry for entry in entries}
        self.output = self.name(output)

    def name(self, id: str) -> Formula:
        return named(self.entries[id]["name"])

    def line(self, event: dict[str, Any]) -> str:
        node = self.name(event["node"])
        if event["phase"] == "seed":
            return f"{_ratio(node, node)} &= 1"
        if event["phase"] == "forward":
            op, terms = self.operation(event["node"])
            by_name, by_number = (Formula.of(Formula.apply(op, *xs)).latex for xs in (terms, event["values"]))
            return f"{node.latex} &= {by_name} = {by_number} = {Formula.of(event['result']).latex}"
        operand, product = self.name(event["operand"]), Formula.of(event["upstream"]) * event["local"]
        return (
            rf"{_ratio(self.output, operand)} &\mathrel{{+}}= {_ratio(self.output, node)} \cdot {_ratio(node, operand)}"
            f" = {product.latex} = {Formula.of(event['contribution']).latex}"
        )

    def operation(self, id: str) -> tuple[Op, list[Formula]]:
        """The row that made a node, and how its operands are written: by name, and constants by their number."""
        entry = self.entries[id]
        operands = [self.entries[operand] for operand in entry["operands"]]
        terms = [Formula.of(x["data"]) if x["kind"] == "constant" else named(x["name"]) for x in operands]
        if "by_hand" in entry:
            return row_by_hand(entry["operation"]), terms
        return row_named(entry["operation"], tuple(sorted(entry["static"].items()))), terms


def _number(x: float) -> str:
    return f"{x:.6g}"


def _ratio(above: Formula, below: Formula) -> str:
    return rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}"


NO_NUMBERS = frozenset((str, int, NoneType))  # of JSON's, that may be infinite; asked first, as most are none


def _without_infinities(x: Any) -> Any:
    if isinstance(x, float):
        return x if math.isfinite(x) else repr(x)
    if isinstance(x, dict):
        return {key: item if type(item) in NO_NUMBERS else _without_infinities(item) for key, item in x.items()}
    if isinstance(x, str | int | None):
        return x
    return [item if type(item) in NO_NUMBERS else _without_infinities(item) for item in x]
