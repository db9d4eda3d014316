"""What could stand in each other's places: Graphviz puts it in any order, and the first is to go first."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from viz.graph.selection import Part

__all__ = ["Twins", "twins"]

Twins = list[list[str]]  # units of boxes that are alike, each box in the place of its like; the first goes first

MOST = 40  # boxes of a unit, unless they stand in one frame


def twins(
    parts: Mapping[str, Part], sizes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]]
) -> list[Twins]:
    """Units that are made alike, and of which the arrows lead to the same others in the same way.

    A unit is a box, or all boxes of a frame, and with it what it alone leads to, or what leads to it alone.

    Args:
        parts: of a model, in which each box stands; all boxes, in their order.
        sizes: of each box.
        edges: from which box to which.

    Example:
        >>> sizes = dict.fromkeys("abcde", (10, 10))
        >>> twins(dict.fromkeys("abcde", ()), sizes, [("a", "c"), ("b", "d"), ("c", "e"), ("d", "e")])
        [[['c', 'a'], ['d', 'b']]]
    """
    family = _Family(parts, edges)
    units: dict[tuple[Part, Hashable], list[str]] = {}
    for id, part in parts.items():
        for depth in range(len(part) + 1):
            unit = part[: depth + 1] if depth < len(part) else id
            units.setdefault((part[:depth], unit), []).append(id)
    alike: dict[Hashable, Twins] = {}
    seen: set[frozenset[str]] = set()
    for (part, _), members in units.items():
        whole = family.grown(members, part)
        if frozenset(whole) in seen:
            continue
        seen.add(frozenset(whole))
        number = {id: i for i, id in enumerate(whole)}
        looks = tuple(
            (
                sizes[id],
                len(parts[id]),
                parts[id][len(part) + 1 :],
                frozenset(Counter((way, number.get(other, other)) for way, other in family.around(id)).items()),
            )
            for id in whole
        )
        alike.setdefault((part, looks), []).append(whole)
    groups = [group for group in alike.values() if len(group) > 1]
    return [group for group in groups if len({id for unit in group for id in unit}) == sum(map(len, group))]


class _Family:
    """Who leads to whom.

    Args:
        parts: in which each box stands.
        edges: from which box to which.
    """

    def __init__(self, parts: Mapping[str, Part], edges: Sequence[tuple[str, str]]) -> None:
        self._parts = parts
        self._before: dict[str, list[str]] = {id: [] for id in parts}
        self._after: dict[str, list[str]] = {id: [] for id in parts}
        for tail, head in edges:
            self._after[tail].append(head)
            self._before[head].append(tail)
        self._made_of = {  # what a box is computed from, but for leaves of its own
            id: {tail for tail in before if self._before[tail] or {*self._after[tail]} != {id}}
            for id, before in self._before.items()
        }

    def around(self, id: str) -> list[tuple[str, str]]:
        """The boxes that arrows come from, and those that they go to."""
        return [*(("from", tail) for tail in self._before[id]), *(("to", head) for head in self._after[id])]

    def grown(self, members: Sequence[str], part: Part) -> list[str]:
        """With these boxes, that stand in a part, those around it that belong to them alone."""
        unit = dict.fromkeys(members)
        waiting = [*members]
        while waiting and len(unit) <= MOST:
            for _, other in self.around(waiting.pop()):
                its = self._parts[other]
                made_of = self._made_of[other]
                is_own = (made_of and made_of <= unit.keys()) or {*self._after[other]} <= unit.keys()
                if other not in unit and is_own and its == part[: len(its)] and self._after[other]:
                    unit[other] = None
                    waiting.append(other)
        return [*unit]
