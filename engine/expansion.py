"""Unfolding an n-ary node into the multiplies and adds that it stands for.

Nothing is computed anew but the intermediate numbers: every one of them is determined by the node,
and so is every gradient, since a sum passes its own on unchanged.
"""

from engine import ieee, ops
from engine.op import Op
from engine.value import Value, connect

__all__ = ["can_unfold", "unfold", "unfolded_size"]


def can_unfold(node: Value) -> bool:
    """Whether the node is a `dot` or a `total` of several operands."""
    return len(node.operands) > 1 and (node.op is ops.DOT or node.op is ops.TOTAL)


def unfolded_size(node: Value) -> int:
    """How many nodes `unfold` makes of a node that can be unfolded.

    Example:
        >>> from engine import Value, dot
        >>> unfolded_size(dot([Value(1), Value(2)], [3, 4], 5))  # two products, two sums
        4
    """
    return len(node.operands) - 1


def unfold(node: Value) -> list[Value]:
    """The products and running sums that a `dot` or `total` stands for.

    Args:
        node: one for which `can_unfold` is true.

    Returns:
        list of Value: new nodes, operands first. The last stands for `node` itself and has its
        data, gradient and label; its leaves are the operands of `node`. The running sums go from
        left to right and the bias comes last, as it is written on paper.

    Example:
        >>> from engine import Value, dot
        >>> y = dot([Value(1), Value(2)], [3, 4], 5)
        >>> [(step.op.symbol, step.data) for step in unfold(y)]
        [('*', 3.0), ('*', 8.0), ('+', 11.0), ('+', 16.0)]
    """
    steps: list[Value] = []

    def take(op: Op, left: tuple[Value, float], right: tuple[Value, float]) -> tuple[Value, float]:
        step = Value(op.value(ieee, left[1], right[1]))
        step.grad, step.site = node.grad, node.site
        connect(step, op, (left[0], right[0]), (left[1], right[1]))
        steps.append(step)
        return step, step.data

    # node.operand_data, not operand.data: a leaf may have been changed since this node was computed.
    terms = list(zip(node.operands, node.operand_data, strict=True))
    if node.op is ops.DOT:
        n = len(terms) // 2
        products = [take(ops.MUL, w, x) for w, x in zip(terms[:n], terms[n : 2 * n], strict=True)]
        terms = products + terms[2 * n :]
    running = terms[0]
    for term in terms[1:]:
        running = take(ops.ADD, running, term)
    steps[-1]._data, steps[-1].label = node.data, node.label
    return steps
