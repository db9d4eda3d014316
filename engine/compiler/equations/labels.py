"""Labels: what the user calls parameters, one by one, or as vectors and matrices."""

from collections.abc import Iterator, Sequence
from itertools import product
from keyword import iskeyword
from re import fullmatch

from engine.compiler.nests.nest import Index

__all__ = ["labelled"]

OF_LAYERS = r"[Wb]\d*"  # which are counted as they are met, so that z1 = W1 @ x + b1


def labelled(labels: Sequence[str]) -> Iterator[tuple[Index, str]]:
    """The parts of the parameters that have a name: single ones, and all those that a vector or a matrix consists of.

    Args:
        labels: of all parameters, "" for none.

    Example:
        >>> [(index.rows, name) for index, name in labelled(["w", "gamma1[0]", "gamma1[1]", "v[1]", "a-b"])]
        [((0,), 'w'), ((1, 2), 'gamma1')]
    """
    rows: dict[str, dict[str, int]] = {}
    n_labels: dict[str, int] = {}
    for row, label in enumerate(labels):
        name, bracket, rest = label.partition("[")
        rows.setdefault(name, {})[bracket + rest] = row
        n_labels[name] = n_labels.get(name, 0) + 1
    for name, row_at in rows.items():
        if not name.isidentifier() or iskeyword(name) or len(row_at) < n_labels[name]:
            continue
        if [*row_at] == [""]:
            yield Index((row_at[""],), None, len(labels)), name
        elif not fullmatch(OF_LAYERS, name):
            last = fullmatch(r"\[(\d+)(?:,(\d+))?\]", [*row_at][-1])
            if last is None or (int(last[1]) + 1) * (int(last[2] or 0) + 1) != len(row_at):
                continue
            height, width = int(last[1]) + 1, int(last[2] or 0) + 1
            places = product(range(height), range(width))
            wanted = [f"[{i},{j}]" if last[2] else f"[{i}]" for i, j in places]
            if [*row_at] == wanted:
                yield Index(tuple(row_at.values()), width if last[2] else None, len(labels)), name
