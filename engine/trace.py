"""The step-by-step account of a forward and a backward pass, as plain data."""

import json
import math
import re
from collections import Counter
from typing import Any

from engine import functions, ieee
from engine.expansion import can_unfold, unfold
from engine.formula import Formula
from engine.ops import TABLE, Op
from engine.source import source_of
from engine.value import Constant, Value, topological_order

__all__ = ["Trace", "trace"]


class Trace(dict[str, Any]):
    """What happened: a dict of plain numbers, texts and lists, that prints as a table.

    Keys:
        output: the id of the node that was traced.
        nodes: a dict for each node, operands first: "id" ("v1", "v2", ...), "name" (its label where that
            is unique, else its id), "kind" ("input", "parameter", "constant" or "operation"), "data",
            "gradient", "uses" (by how many operands it is used), and for operations "operation",
            "static", "operands" (ids), "formula". All have "source": the user's "file", "line", "text" and
            "function", or None.
        events: a dict for each step, in order. All have "phase", "node" and "sentence", and
            "forward": "operation", "operands" (ids), "values", "result", "source";
            "seed": "gradient", which is 1;
            "backward", one for each operand of each node: "operation", "operand" (id), "position",
            "rule" (the formula of the local derivative), "local", "upstream", "contribution", "before" and
            "after" (of the operand's gradient), "received" and "expected" (how many of the contributions
            to the operand's gradient are in).
    """

    def __str__(self) -> str:
        forward = [event["sentence"] for event in self["events"] if event["phase"] == "forward"]
        backward = [event["sentence"] for event in self._backward()]
        leaves = [
            f"{node['name']} = {_number(node['data'])}"
            for node in self["nodes"]
            if node["kind"] not in ("operation", "constant")
        ]
        left, right = ["forward", *leaves, *forward], ["backward", *backward]
        width = max(map(len, left))
        height = max(len(left), len(right))
        left += [""] * (height - len(left))
        right += [""] * (height - len(right))
        return "\n".join(f"{a:{width}}   {b}".rstrip() for a, b in zip(left, right, strict=True))

    def _backward(self) -> list[dict[str, Any]]:
        """The steps backward without those that lead to constants, which nobody wants to change."""
        constants = {node["id"] for node in self["nodes"] if node["kind"] == "constant"}
        return [e for e in self["events"] if e["phase"] != "forward" and e.get("operand") not in constants]

    def latex(self) -> str:
        """The same steps in LaTeX: the formulas forward, then the chain rule with its numbers backward.

        Returns:
            str: an ``aligned`` environment, for display mathematics.
        """
        nodes = {node["id"]: node for node in self["nodes"]}
        names = {id: _latex_name(node["name"]) for id, node in nodes.items()}
        symbols = {
            id: Formula.of(node["data"]) if node["kind"] == "constant" else Formula(names[id])
            for id, node in nodes.items()
        }
        output = names[self["output"]]
        lines = []
        for event in [e for e in self["events"] if e["phase"] == "forward"] + self._backward():
            name = names[event["node"]]
            if event["phase"] == "forward":
                op = _op(nodes[event["node"]])
                formula = functions.apply(op, *[symbols[id] for id in event["operands"]])
                numbers = functions.apply(op, *map(Formula.of, event["values"]))
                lines.append(f"{name} &= {formula.latex} = {numbers.latex} = {Formula.of(event['result']).latex}")
            elif event["phase"] == "seed":
                lines.append(f"{_ratio(output, output)} &= 1")
            else:
                operand = names[event["operand"]]
                product = Formula.of(event["upstream"]) * Formula.of(event["local"])
                lines.append(
                    rf"{_ratio(output, operand)} &\mathrel{{+}}= {_ratio(output, name)} \cdot {_ratio(name, operand)}"
                    f" = {product.latex} = {Formula.of(event['contribution']).latex}"
                )
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

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
    order, standing_for = _order(value, expand)
    ids = {node: f"v{i}" for i, node in enumerate(order, 1)}
    ids |= {node: ids[last] for node, last in standing_for.items()}
    labels = Counter(node.label for node in order)
    names = {node: _own_name(node, ids[node], labels) for node in order}
    names |= {node: names[last] for node, last in standing_for.items()}
    uses = Counter(ids[arg] for node in order for arg in node.args)

    forward = [_forward_event(node, ids, names) for node in order if node.op is not None]
    output = order[-1]
    gradient: dict[str, float] = {ids[output]: 1.0}
    received: Counter[str] = Counter()
    backward: list[dict[str, Any]] = [
        {
            "phase": "seed",
            "node": ids[output],
            "gradient": 1.0,
            "sentence": f"d{names[output]}/d{names[output]} = 1",
        }
    ]
    for node in reversed(order):
        if node.op is None:
            continue
        upstream = gradient[ids[node]]
        locals_ = node.op.partials(ieee, node.data, *node.operands)
        formulas = node.op.partials(functions, Formula(names[node]), *[_formula(arg, names) for arg in node.args])
        for position, (arg, local, formula) in enumerate(zip(node.args, locals_, formulas, strict=True)):
            operand = ids[arg]
            before = gradient.get(operand, 0.0)
            contribution = upstream * local
            gradient[operand] = before + contribution
            received[operand] += 1
            event = {
                "phase": "backward",
                "node": ids[node],
                "operation": node.op.name,
                "operand": operand,
                "position": position,
                "rule": Formula.of(formula).text,
                "local": local,
                "upstream": upstream,
                "contribution": contribution,
                "before": before,
                "after": gradient[operand],
                "received": received[operand],
                "expected": uses[operand],
                "source": _source(node),
            }
            event["sentence"] = _backward_sentence(event, names[output], names[node], names[arg])
            backward.append(event)
    nodes = [_node(node, ids, names, gradient, uses) for node in order]
    return Trace(output=ids[output], nodes=nodes, events=forward + backward)


def _own_name(node: Value, id: str, labels: Counter[str]) -> str:
    """A node's label, unless others have it too or it might be taken for another node's id."""
    taken = labels[node.label] > 1 or (node.label != id and re.fullmatch(r"v\d+", str(node.label)))
    return id if node.label in ("", None) or taken else str(node.label)


def _order(value: Value, expand: bool) -> tuple[list[Value], dict[Value, Value]]:
    """The nodes, operands first, and what stands for those that were unfolded."""
    order: list[Value] = []
    standing_for: dict[Value, Value] = {}
    for node in topological_order(value):
        if expand and can_unfold(node):
            steps = unfold(node)
            order += steps
            standing_for[node] = steps[-1]
        else:
            order.append(node)
    return order, standing_for


def _forward_event(node: Value, ids: dict[Value, str], names: dict[Value, str]) -> dict[str, Any]:
    assert node.op is not None
    symbols = functions.apply(node.op, *[_formula(arg, names) for arg in node.args]).text
    numbers = functions.apply(node.op, *map(Formula.of, node.operands)).text
    steps = [names[node], symbols, *([numbers] if numbers != symbols else []), _number(node.data)]
    return {
        "phase": "forward",
        "node": ids[node],
        "operation": node.op.name,
        "operands": [ids[arg] for arg in node.args],
        "values": list(node.operands),
        "result": node.data,
        "source": _source(node),
        "sentence": " = ".join(steps),
    }


def _backward_sentence(event: dict[str, Any], output: str, node: str, operand: str) -> str:
    upstream, local, rule = Formula.of(event["upstream"]), Formula.of(event["local"]), event["rule"]
    steps = [f"d{output}/d{operand} += d{output}/d{node} * d{node}/d{operand}", (upstream * local).text]
    if rule != local.text:
        steps.insert(1, f"{upstream} * {rule if rule.isidentifier() else f'({rule})'}")
    sentence = " = ".join([*steps, _number(event["contribution"])])
    return sentence + (f", now {_number(event['after'])}" if event["expected"] > 1 else "")


def _node(
    node: Value, ids: dict[Value, str], names: dict[Value, str], gradient: dict[str, float], uses: Counter[str]
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": ids[node],
        "name": names[node],
        "kind": node.kind,
        "data": node.data,
        "gradient": gradient[ids[node]],
        "uses": uses[ids[node]],
        "source": _source(node),
    }
    if node.op is not None:
        entry |= {
            "operation": node.op.name,
            "static": dict(node.op.static),
            "operands": [ids[arg] for arg in node.args],
            "formula": functions.apply(node.op, *[_formula(arg, names) for arg in node.args]).text,
        }
    return entry


def _formula(node: Value, names: dict[Value, str]) -> Formula:
    """How a node is called in a formula: a constant by its number."""
    return Formula.of(node.data) if isinstance(node, Constant) else Formula(names[node])


def _op(node: dict[str, Any]) -> Op:
    op = TABLE[node["operation"]]
    return op(**node["static"]) if node["static"] else op


def _source(node: Value) -> dict[str, Any] | None:
    source = source_of(node.site)
    return None if source is None else source._asdict()


def _number(x: float) -> str:
    return f"{x:.6g}"


def _ratio(above: str, below: str) -> str:
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def _latex_name(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z])(?:_?(\d+)|_([A-Za-z0-9]+))", name)
    if match:
        return f"{match[1]}_{{{match[2] or match[3]}}}"
    escaped = re.sub(r"([#$%&_{}])", r"\\\1", re.sub(r"[\\^~]", " ", name))
    return name if len(name) == 1 and name.isalpha() else rf"\mathit{{{escaped}}}"


def _without_infinities(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: _without_infinities(item) for key, item in x.items()}
    if isinstance(x, list):
        return [_without_infinities(item) for item in x]
    return repr(x) if isinstance(x, float) and not math.isfinite(x) else x
