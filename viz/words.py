"""How a node is put into words: the same ones in its box, in its tooltip and for those who cannot see it."""

from collections.abc import Callable, Sequence

from engine import Value
from engine.value import NOT_YET
from viz.escaping import shorten

__all__ = ["count", "gradient", "name_of", "number", "sentence", "summary", "symbol"]

MANY_OPERANDS = 8  # more are written as the first few, an ellipsis and the last


def name_of(node: Value) -> str:
    """A node's label as text, cut where it is too long even for a tooltip; "" if it has none."""
    return "" if node.label is None else shorten(str(node.label), 200)


def number(x: float, precision: int) -> str:
    """A number to so many significant digits."""
    return f"{x:.{precision}g}"


def gradient(node: Value, precision: int) -> str:
    """A node's gradient, which is not 0 but "not yet" known before a backward pass has reached it."""
    return "not yet" if node.grad is NOT_YET else number(node.grad, precision)


def count(amount: int, noun: str) -> str:
    """An amount with its noun.

    Example:
        >>> count(1, "node"), count(9850, "node")
        ('1 node', '9,850 nodes')
    """
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def symbol(node: Value) -> str:
    """The sign of a node's operation, such as "+", "**2" or "tanh"."""
    return "" if node.op is None else node.op.symbol


def sentence(node: Value, own_name: str, name: Callable[[Value], str], precision: int) -> str:
    """All there is to know about a node: ``d = a * b = -6, gradient 1``.

    Args:
        node: the node.
        own_name: what to call it.
        name: what to call its operands.
        precision: significant digits.
    """
    made = f" = {_formula(node, name)}" if node.op is not None else ""
    what = "" if node.op is not None else f" ({node.kind})"
    return f"{own_name}{made} = {number(node.data, precision)}{what}, gradient {gradient(node, precision)}"


def summary(outputs: Sequence[Value], n_nodes: int, precision: int) -> str:
    """What a whole graph computes: ``Computation graph of 7 nodes: L = relu(dot) = 2.``

    Args:
        outputs: its outputs; the first three are named.
        n_nodes: how many nodes it has.
        precision: significant digits.
    """

    def name(node: Value) -> str:  # an operand without a label goes by its operation, or its number
        return name_of(node) or (node.op.name if node.op else number(node.data, precision))

    results = [
        " = ".join(filter(None, [name_of(node), _formula(node, name) if node.op else "", number(node.data, precision)]))
        for node in outputs[:3]
    ]
    rest = f"; and {count(len(outputs) - 3, 'more output')}" if len(outputs) > 3 else ""
    size = count(n_nodes, "node") + (f" with {len(outputs)} outputs" if len(outputs) > 1 else "")
    return f"Computation graph of {size}: {'; '.join(results)}{rest}."


def _formula(node: Value, name: Callable[[Value], str]) -> str:
    assert node.op is not None
    names = [name(arg) for arg in node.args[:MANY_OPERANDS]]
    if len(node.args) > MANY_OPERANDS:
        names = [*names[:3], "…", name(node.args[-1])]
    return node.op.write(*names)
