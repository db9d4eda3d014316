"""The step-by-step account of a forward and a backward pass, as plain data."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.by_hand import ByHand, row_by_hand
from engine.collector import patient_collector
from engine.description import Description, Node, named
from engine.formula import Formula, Wording, worded
from engine.op import ATOM, NOT_YET, Op, row_named
from engine.source import Site, source_of
from engine.trace_table import as_html, as_line, as_text, without_constants
from engine.value import Value

__all__ = ["Trace", "trace"]


class Trace(dict[str, Any]):
    """What happened: a dict of plain numbers, texts and lists. It prints as a table, and Jupyter shows one that folds.

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

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return as_line(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def latex(self) -> str:
        """The same steps in LaTeX: the formulas forward, then the chain rule with its numbers backward.

        Returns:
            str: an ``aligned`` environment, for display mathematics.
        """
        write = _Latex(self["nodes"], self["output"])
        return "\\begin{aligned}\n" + " \\\\\n".join(map(write.line, without_constants(self))) + "\n\\end{aligned}"

    def to_json(self, indent: int | None = None) -> str:
        """The same as JSON. Numbers that JSON lacks become the texts "inf", "-inf" and "nan"."""
        return json.dumps(_without_infinities(self), indent=indent, allow_nan=False)


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
        return _account(value, expand)


def _account(value: Value, expand: bool) -> Trace:
    graph = Description([value], unfold=math.inf if expand else 0)
    nodes = [(value, node) for value in graph.order for node in graph.describe(value)]
    uses = Counter(id for _, node in nodes for id in node.operands)
    wordings = {node.id: worded(node.op, node.name, node.terms) for _, node in nodes if node.op is not None}
    sources = _Sources()
    events = list(_events([node for _, node in nodes], wordings, uses, sources))
    output = graph.id(value)
    gradient = {output: 1.0} | {event["operand"]: event["after"] for event in events if event["phase"] == "backward"}
    bundles = {leaf: bundle.id for value in graph.order for bundle in graph.bundles(value) for leaf in bundle.leaves}
    entries, parts = [], graph.parts
    for value, node in nodes:
        entry = _entry(node, wordings, sources)
        entry["gradient"], entry["uses"], entry["parts"] = gradient[node.id], uses[node.id], parts.get(value, [])
        if node.op is None:
            entry["bundle"] = bundles.get(value)
        entries.append(entry)
    return Trace({"output": output, "nodes": entries, "events": events})


class _Sources(dict[Site | None, dict[str, Any] | None]):
    """The line of code at each site: one dict, however many nodes were made there."""

    def __missing__(self, site: Site | None) -> dict[str, Any] | None:
        source = source_of(site)
        self[site] = None if source is None else source._asdict()
        return self[site]


def _events(
    nodes: list[Node], wordings: dict[str, Wording], uses: Counter[str], sources: _Sources
) -> Iterator[dict[str, Any]]:
    operations = [node for node in nodes if node.op is not None]
    output, names = nodes[-1], {node.id: node.name for node in nodes}
    for node in operations:
        yield _forward(node, wordings[node.id].formula, sources)
    yield {"phase": "seed", "node": output.id, "gradient": 1.0, "sentence": f"d{output.name}/d{output.name} = 1"}
    gradient, received = {output.id: 1.0}, dict.fromkeys(names, 0)
    for node in reversed(operations):
        upstream, source, operation = gradient[node.id], sources[node.site], node.operation
        through = f"d{output.name}/d{node.name} * d{node.name}/d"
        rules = wordings[node.id].partials
        for position, (id, local, rule) in enumerate(zip(node.operands, node.derivatives(), rules, strict=True)):
            before, contribution = gradient.get(id, NOT_YET), upstream * local
            gradient[id] = after = before + contribution
            received[id] = count = received[id] + 1
            told = f"d{output.name}/d{names[id]} += {through}{names[id]} = {_product(upstream, local, *rule)}"
            now = f", now {after:.6g}" if uses[id] > 1 else ""
            yield {
                "phase": "backward",
                "node": node.id,
                "operation": operation,
                "operand": id,
                "position": position,
                "rule": rule[0],
                "local": float(local),
                "upstream": float(upstream),
                "contribution": float(contribution),
                "before": float(before),
                "after": float(after),
                "received": count,
                "expected": uses[id],
                "source": source,
                "sentence": f"{told} = {contribution:.6g}{now}",
            }


def _forward(node: Node, formula: str, sources: _Sources) -> dict[str, Any]:
    assert node.op is not None
    numbers = worded(node.op, None, [Formula.of(x) for x in node.values]).formula
    texts = [node.name, formula, *([numbers] if numbers != formula else []), _number(node.data)]
    return {
        "phase": "forward",
        "node": node.id,
        "operation": node.operation,
        "operands": list(node.operands),
        "values": list(node.values),
        "result": node.data,
        "source": sources[node.site],
        "sentence": " = ".join(texts),
    }


def _product(upstream: float, local: float, rule: str, binds: int) -> str:
    """A derivative times a local one, by the rule and by numbers."""
    left, right = f"{upstream:.6g} * ", f"{local:.6g}"
    by_rule = f"{left}{rule if binds == ATOM else f'({rule})'} = " if rule != right else ""
    return f"{by_rule}{left}{f'({right})' if right[0] == '-' else right}"


def _entry(node: Node, wordings: dict[str, Wording], sources: _Sources) -> dict[str, Any]:
    """What the account keeps of a node."""
    entry = {"id": node.id, "name": node.name, "kind": node.kind, "data": node.data, "source": sources[node.site]}
    if node.op is not None:
        entry["operation"], entry["static"] = node.op.name, dict(node.op.static)
        entry["operands"], entry["formula"] = list(node.operands), wordings[node.id].formula
        if isinstance(node.op, ByHand):
            entry["by_hand"] = True
    return entry


class _Latex:
    """The events of an account in LaTeX, a line for each."""

    def __init__(self, entries: list[dict[str, Any]], output: str) -> None:
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


def _without_infinities(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: _without_infinities(item) for key, item in x.items()}
    if isinstance(x, list):
        return [_without_infinities(item) for item in x]
    return repr(x) if isinstance(x, float) and not math.isfinite(x) else x
