"""The tape: a recorded function as a list of operations on earlier entries."""

from typing import NamedTuple

from engine.op import Op

__all__ = ["Leaf", "Tape"]


class Leaf(NamedTuple):
    """Where a number comes from that is not computed.

    Attributes:
        kind: "input", "parameter" or "constant".
        argument: of an input, the index of the argument.
        at: of an input or parameter its position; of a constant its number.
    """

    kind: str
    argument: int
    at: float


class Tape:
    """Operations in order; each refers to earlier entries by their index.

    Attributes:
        outputs: the indices of the results.
        ops: for each entry the operation, or None for a leaf.
        args: for each entry the indices of its operands.
        leaves: from the index of a leaf to what it is.
    """

    def __init__(self) -> None:
        self.ops: list[Op | None] = []
        self.args: list[tuple[int, ...]] = []
        self.leaves: dict[int, Leaf] = {}
        self.outputs: list[int] = []

    def __len__(self) -> int:
        return len(self.ops)

    def add(self, op: Op, args: tuple[int, ...]) -> int:
        """Append an operation and give its index."""
        self.ops.append(op)
        self.args.append(args)
        return len(self.ops) - 1

    def add_leaf(self, leaf: Leaf) -> int:
        """Append a leaf and give its index."""
        i = len(self.ops)
        self.ops.append(None)
        self.args.append(())
        self.leaves[i] = leaf
        return i

    def is_leaf(self, i: int, kind: str) -> bool:
        """Whether an entry is a leaf of that kind."""
        return i in self.leaves and self.leaves[i].kind == kind
