"""What Python answers to a page behind which it is: the same graph with other numbers in its leaves.

The page asks by a name and a payload, and where nobody is behind it, answers itself (page/answer.js); tests hold the
two to the same numbers. Python knows more: it runs rows that need floats.
"""

from collections.abc import Callable, Mapping
from math import isfinite, nan
from typing import Any

from engine import Value, ieee
from engine.by_hand import ByHand
from engine.description import Description
from engine.order import topological_order
from engine.trace import trace_of
from engine.value import connect

__all__ = ["RefusedError", "UndefinedError", "answer", "outputs_at", "with_leaves"]

Leaves = Mapping[str, float]


class RefusedError(Exception):
    """That something cannot be computed, and why."""


class UndefinedError(RefusedError):
    """That it cannot be computed of these numbers."""


def answer(value: Value, name: str, payload: Mapping[str, Any], *, unfold: float = 0) -> dict[str, Any]:
    """The answer to a request of the page's.

    Args:
        value: the output that is explored.
        name: "nudge", with {"leaves": {id: number}}, for the trace with these numbers in the leaves; or "outputs", with
            {"points": [leaves, ...]}, for the output's number at each.
        payload: what goes with it.
        unfold: the most operands with which a node is unfolded, as in the trace that the page has.

    Returns:
        dict: {"trace": ...} or {"outputs": [...]}, ready for JSON; or {"refusal": why not, in words}.

    Raises:
        ValueError: there is no such request.

    Example:
        >>> x = Value(3.0, label="x")
        >>> answer(x * x, "outputs", {"points": [{"v1": 2.0}, {"v1": -1.0}]})
        {'outputs': [4.0, 1.0]}
    """
    if name not in _ANSWERS:
        raise ValueError(f"a page asks for {' or '.join(map(repr, _ANSWERS))}, but this one asked for {name!r}")
    try:
        return _ANSWERS[name](value, payload, unfold)
    except RefusedError as refusal:
        return {"refusal": str(refusal)}


def _nudge(value: Value, payload: Mapping[str, Any], unfold: float) -> dict[str, Any]:
    graph = Description([with_leaves(value, _read(payload["leaves"]))], unfold=unfold)
    return {"trace": trace_of(graph, at_once=True).plain()}


def _outputs(value: Value, payload: Mapping[str, Any], unfold: float) -> dict[str, Any]:
    found = outputs_at(value, [*map(_read, payload["points"])])
    return {"outputs": [x if isfinite(x) else repr(x) for x in found]}


_ANSWERS: dict[str, Callable[[Value, Mapping[str, Any], float], dict[str, Any]]] = {
    "nudge": _nudge,
    "outputs": _outputs,
}


def _read(leaves: Mapping[str, Any]) -> Leaves:
    return {id: float(x) for id, x in leaves.items()}  # "inf" and "nan" too


class _Graph:
    """A graph to be computed with other numbers in its leaves; what does not depend on these stays as it is."""

    def __init__(self, output: Value) -> None:
        self.nodes = topological_order(output)
        self.ids = {f"v{number}": node for number, node in enumerate(self.nodes, 1)}

    def numbers(self, leaves: Leaves) -> dict[Value, float]:
        """Of all nodes that are other than they were."""
        changed: dict[Value, float] = {}
        for id, x in leaves.items():
            leaf = self.ids.get(id)
            if leaf is None or leaf.kind not in ("input", "parameter"):
                raise RefusedError(f"{id} is no input and no parameter of this graph")
            changed[leaf] = x
        for node in self.nodes:
            if node.op is not None and not changed.keys().isdisjoint(node.operands):
                if isinstance(node.op, ByHand):
                    what = node.label or node.op.name
                    raise RefusedError(
                        f"{what} was made by hand, and its own code alone knows what it computes: nothing can be "
                        "nudged past it"
                    )
                changed[node] = _computed(node, operand_data(node, changed))
        return changed


def _computed(node: Value, numbers: list[float]) -> float:
    assert node.op is not None
    try:
        return node.op.value(ieee, *numbers)
    except (ArithmeticError, ValueError) as error:  # a formula of the user's own, of floats
        operands = [f"{x:.6g}" for x in numbers]
        raise UndefinedError(f"{node.op.write(*operands)} cannot be computed: {error}") from error


def _output_at(graph: _Graph, value: Value, leaves: Leaves) -> float:
    try:
        return graph.numbers(leaves).get(value, value.data)
    except UndefinedError:
        return nan


def operand_data(node: Value, changed: Mapping[Value, float]) -> list[float]:
    """The numbers of a node's operands: as they are now where they have changed, else as they were."""
    return [changed.get(operand, x) for operand, x in zip(node.operands, node.operand_data, strict=True)]


def outputs_at(value: Value, points: list[Leaves]) -> list[float]:
    """The output's number for each of some settings of the leaves, by their ids; nan where there is none."""
    graph = _Graph(value)
    return [_output_at(graph, value, leaves) for leaves in points]


def with_leaves(value: Value, leaves: Leaves) -> Value:
    """The same graph with other numbers in some leaves: a copy with the same names, places and lines of code.

    Args:
        value: the output.
        leaves: number by id, as `engine.trace` has these.

    Returns:
        Value: the output of the new graph.

    Raises:
        RefusedError: one is no input or parameter, or a node made by hand depends on one.
    """
    graph = _Graph(value)
    changed = graph.numbers(leaves)
    twins: dict[Value, Value] = {}
    for node in graph.nodes:
        twins[node] = _leaf(node, changed) if node.op is None else _operation(node, changed, twins)
    return twins[value]


def _leaf(node: Value, changed: Mapping[Value, float]) -> Value:
    twin: Value = node.__copy__()
    twin.site = node.site
    if node in changed:
        twin.data = changed[node]
    return twin


def _operation(node: Value, changed: Mapping[Value, float], twins: Mapping[Value, Value]) -> Value:
    assert node.op is not None
    twin = Value(changed.get(node, node.data), label=node.label)
    operands = [twins[operand] for operand in node.operands]
    if isinstance(node.op, ByHand):
        slopes = node.partials()

        def pass_on() -> None:
            for operand, slope in zip(operands, slopes, strict=True):
                operand.grad += twin.grad * slope

        twin._backward = pass_on
    connect(twin, node.op, operands, operand_data(node, changed))
    twin.site = node.site
    return twin
