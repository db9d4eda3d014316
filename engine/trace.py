"""The step-by-step account of a forward and a backward pass, as plain data."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from engine.description import Description, Node, named
from engine.formula import Formula
from engine.ops import ATOM
from engine.source import source_of
from engine.value import Value

__all__ = ["Trace", "trace"]


class Trace(dict[str, Any]):
    """What happened: a dict of plain numbers, texts and lists, that prints as a table.

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

    def __init__(self, account: dict[str, Any], latex: list[str]) -> None:
        super().__init__(account)
        self._latex = latex  # a line for each event

    def _shown(self) -> list[tuple[dict[str, Any], str]]:
        """The events without those that lead back to constants, which nobody wants to change."""
        constants = {node["id"] for node in self["nodes"] if node["kind"] == "constant"}
        events = zip(self["events"], self._latex, strict=True)
        return [(event, line) for event, line in events if event.get("operand") not in constants]

    def __str__(self) -> str:
        leaves = [
            f"{node['name']} = {_number(node['data'])}"
            for node in self["nodes"]
            if node["kind"] not in ("operation", "constant")
        ]
        columns: dict[bool, list[str]] = {True: ["forward", *leaves], False: ["backward"]}
        for event, _ in self._shown():
            columns[event["phase"] == "forward"].append(event["sentence"])
        width = max(map(len, columns[True]))
        rows = zip_longest(*columns.values(), fillvalue="")
        return "\n".join(f"{left:{width}}   {right}".rstrip() for left, right in rows)

    def latex(self) -> str:
        """The same steps in LaTeX: the formulas forward, then the chain rule with its numbers backward.

        Returns:
            str: an ``aligned`` environment, for display mathematics.
        """
        return "\\begin{aligned}\n" + " \\\\\n".join(line for _, line in self._shown()) + "\n\\end{aligned}"

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
    graph = Description([value], unfold=math.inf if expand else 0)
    nodes = {node.id: (value, node) for value in graph.order for node in graph.describe(value)}
    uses = Counter(id for _, node in nodes.values() for id in node.operands)
    steps = list(_steps([node for _, node in nodes.values()], uses))
    output = graph.id(value)
    gradient = {output: 1.0} | {e["operand"]: e["after"] for e, _ in steps if e["phase"] == "backward"}
    bundles = {leaf: bundle.id for value in graph.order for bundle in graph.bundles(value) for leaf in bundle.leaves}
    entries = [
        _entry(node)
        | {"gradient": gradient[node.id], "uses": uses[node.id], "parts": graph.parts.get(value, [])}
        | ({"bundle": bundles.get(value)} if node.op is None else {})
        for value, node in nodes.values()
    ]
    account = {"output": output, "nodes": entries, "events": [e for e, _ in steps]}
    return Trace(account, [line for _, line in steps])


def _steps(nodes: list[Node], uses: Counter[str]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each event with its line in LaTeX."""
    operations = [node for node in nodes if node.op is not None]
    output, by_id = nodes[-1], {node.id: node for node in nodes}
    for node in operations:
        yield _forward(node)
    yield _seed(output)
    gradient, received = {output.id: 1.0}, Counter[str]()
    for node in reversed(operations):
        upstream, source = gradient[node.id], _source(node)
        for position, (id, local, rule) in enumerate(zip(node.operands, node.derivatives(), node.rules(), strict=True)):
            before = gradient.get(id, 0.0)
            contribution = upstream * local
            gradient[id] = before + contribution
            received[id] += 1
            event = {
                "phase": "backward",
                "node": node.id,
                "operation": node.operation,
                "operand": id,
                "position": position,
                "rule": rule.text,
                "local": local,
                "upstream": upstream,
                "contribution": contribution,
                "before": before,
                "after": gradient[id],
                "received": received[id],
                "expected": uses[id],
                "source": source,
            }
            yield _told(event, rule, output, node, by_id[id])


def _forward(node: Node) -> tuple[dict[str, Any], str]:
    formula, numbers = node.formula(), node.formula_of_numbers()
    texts = [node.name, formula.text, *([numbers.text] if numbers.text != formula.text else []), _number(node.data)]
    latex = f"{named(node.name).latex} &= {formula.latex} = {numbers.latex} = {Formula.of(node.data).latex}"
    event = {
        "phase": "forward",
        "node": node.id,
        "operation": node.operation,
        "operands": list(node.operands),
        "values": list(node.values),
        "result": node.data,
        "source": _source(node),
        "sentence": " = ".join(texts),
    }
    return event, latex


def _seed(output: Node) -> tuple[dict[str, Any], str]:
    name = output.name
    event = {"phase": "seed", "node": output.id, "gradient": 1.0, "sentence": f"d{name}/d{name} = 1"}
    return event, f"{_ratio(output, output)} &= 1"


def _told(event: dict[str, Any], rule: Formula, output: Node, node: Node, operand: Node) -> tuple[dict[str, Any], str]:
    """A step of the chain rule with its sentence: by names, by the rule, by numbers."""
    upstream, local = Formula.of(event["upstream"]), Formula.of(event["local"])
    by_name = f"d{output.name}/d{operand.name} += d{output.name}/d{node.name} * d{node.name}/d{operand.name}"
    factor = rule if rule.precedence == ATOM else f"({rule})"
    by_rule = [f"{upstream} * {factor}"] if rule.text != local.text else []
    product, contribution = upstream * local, Formula.of(event["contribution"])
    now = f", now {_number(event['after'])}" if event["expected"] > 1 else ""
    latex = (
        rf"{_ratio(output, operand)} &\mathrel{{+}}= {_ratio(output, node)} \cdot {_ratio(node, operand)}"
        f" = {product.latex} = {contribution.latex}"
    )
    return event | {"sentence": " = ".join([by_name, *by_rule, product.text, contribution.text]) + now}, latex


def _entry(node: Node) -> dict[str, Any]:
    """What the account keeps of a node."""
    entry = {"id": node.id, "name": node.name, "kind": node.kind, "data": node.data, "source": _source(node)}
    if node.op is not None:
        entry |= {
            "operation": node.op.name,
            "static": dict(node.op.static),
            "operands": list(node.operands),
            "formula": node.formula().text,
        }
    return entry


def _source(node: Node) -> dict[str, Any] | None:
    source = source_of(node.site)
    return None if source is None else source._asdict()


def _number(x: float) -> str:
    return f"{x:.6g}"


def _ratio(above: Node, below: Node) -> str:
    return rf"\frac{{\partial {named(above.name).latex}}}{{\partial {named(below.name).latex}}}"


def _without_infinities(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: _without_infinities(item) for key, item in x.items()}
    if isinstance(x, list):
        return [_without_infinities(item) for item in x]
    return repr(x) if isinstance(x, float) and not math.isfinite(x) else x
