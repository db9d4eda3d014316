"""How a node is put into words: the same ones in its box, in its tooltip and for those who cannot see it."""

import re

from engine.description import Description, Node
from viz.graph.escaping import shorten

__all__ = ["count", "gradient", "headline", "number", "sentence", "sign", "summary"]

MANY_OPERANDS = 8  # more are written as the first few, an ellipsis and the last
LONG = 200  # characters of a name or a formula
MINUS = "\N{MINUS SIGN}"


def number(x: float, precision: int) -> str:
    """A number to so many significant digits."""
    return f"{x:.{precision}g}"


def gradient(node: Node, precision: int) -> str:
    """A node's gradient, which is not 0 but "not yet" known before a backward pass has reached it."""
    return "not yet" if node.gradient is None else number(node.gradient, precision)


def count(amount: int, noun: str) -> str:
    """An amount with its noun.

    Example:
        >>> count(1, "node"), count(9850, "node")
        ('1 node', '9,850 nodes')
    """
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def headline(node: Node) -> str:
    """What stands in a node's box: its name, and its label too where others have that as well."""
    return node.name if node.label in ("", node.name) else f"{node.label} · {node.name}"


def sign(symbol: str) -> str:
    """An operation's sign as it is on the board; a power has an x below it, as a raised number alone is hardly seen.

    Example:
        >>> sign("*"), sign("**2"), sign("**-1"), sign("**0.5"), sign("tanh")
        ('×', 'x²', 'x⁻¹', 'x^0.5', 'tanh')
    """
    power = symbol.removeprefix("**")
    if power == symbol:
        return {"*": "×", "-": MINUS}.get(symbol, symbol)
    raised = power.translate(_RAISED) if re.fullmatch(r"-?\d+", power) else f"^{power.replace('-', MINUS)}"
    return f"x{raised}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def sentence(node: Node, precision: int, *, forward_only: bool = False) -> str:
    """All there is to know about a node: ``d = a * b = -6, gradient 1``; forward only, without its gradient."""
    steps = [shorten(node.name, LONG), *_formula(node), number(node.data, precision)]
    what = "" if node.op else f" ({node.kind})"
    told = f"{' = '.join(steps)}{what}"
    return told if forward_only else f"{told}, gradient {gradient(node, precision)}"


def summary(graph: Description, precision: int) -> str:
    """What a whole graph computes: ``Computation graph of 7 nodes: L = relu(v6) = 2.`` It names three outputs."""
    results = []
    for node in [graph.describe(output)[-1] for output in graph.outputs[:3]]:
        name = [shorten(node.name, LONG)] if node.name == node.label else []
        results.append(" = ".join([*name, *_formula(node), number(node.data, precision)]))
    rest = f"; and {count(len(graph.outputs) - 3, 'more output')}" if len(graph.outputs) > 3 else ""
    size = count(graph.n_nodes, "node")
    size += f" with {len(graph.outputs)} outputs" if len(graph.outputs) > 1 else ""
    return f"Computation graph of {size}: {'; '.join(results)}{rest}."


def _formula(node: Node) -> list[str]:
    return [shorten(node.formula(MANY_OPERANDS).text, LONG)] if node.op else []
