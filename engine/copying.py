"""Copies and pickles of Values: one node after the other, operands first, so that a graph may have any depth."""

from collections.abc import Callable
from copy import deepcopy
from threading import local
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from engine.escape import check_may_escape, is_varying
from engine.op import Op
from engine.order import walk
from engine.source import NOWHERE

__all__ = ["Copied"]


class Copied:
    """What makes a Value one that can be copied, deeply or not, and pickled: it comes with its class and attributes."""

    __slots__ = ()

    _a: Any
    op: Any

    def _kind(self) -> type:
        """The class that a copy has."""
        return type(self)

    def __getstate__(self) -> Any:
        state: Any = object.__getstate__(self)
        attributes, slots = state
        if attributes and isinstance(attributes.get("_backward"), FunctionType):
            raise TypeError(
                f"{self!r} was made by hand, and the function that is its _backward speaks of these very nodes, not of "
                "copies: an operation of your own can be copied, see engine.operation"
            )
        slots["_code"], slots["_instruction"] = NOWHERE  # a place means nothing elsewhere
        return attributes, slots

    def __copy__(self) -> Any:
        if is_varying(self):
            return self  # or the derivative would lack what is made of the copy
        return _filled(_blank(self._kind()), self.__getstate__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if is_varying(self):
            return self
        nodes: list[Any] = walk([self], _Known(lambda node: id(node) in memo))
        for node in nodes:
            memo[id(node)] = _blank(node._kind())
        for node in nodes:
            _filled(memo[id(node)], node.__getstate__(), lambda x: x if type(x) in _PLAIN else deepcopy(x, memo))
        return memo[id(self)]

    def __reduce__(self) -> tuple[Any, ...]:
        check_may_escape(self)
        if self._a is None:
            return _blank, (self._kind(),), self.__getstate__()
        return _blank, (self._kind(), _Graph.below(self)), self.__getstate__()


_PLAIN = {float, int, str, type(None), Op}


def _blank(kind: type, graph: Any = None) -> Any:
    """A node with nothing in it yet. What it was made of has been unpickled before, and is not needed here."""
    return object.__new__(kind)


def _filled(node: Any, state: Any, copied: Callable[[Any], Any] = lambda x: x) -> Any:
    """A node with the state that another one has, part by part; in the way of the `copy` module."""
    if hasattr(node, "__setstate__"):
        node.__setstate__(copied(state))
        return node
    attributes, slots = state if isinstance(state, tuple) else (state, {})
    for name, x in slots.items():
        setattr(node, name, copied(x))
    if attributes:
        vars(node).update(copied(attributes))
    return node


class _Graph(list[Any]):
    """What is pickled before a node: all nodes that it was made of, operands first.

    So none of them waits for another, which would be one level of recursion for each. Whichever of them is asked for
    next has the same graph, as long as that is known: a pickle keeps what it has seen, and forgets it at its end.
    """

    __slots__ = ("__weakref__", "users")

    def __init__(self) -> None:
        super().__init__()
        self.users: list[Any] = []  # the nodes that it is pickled before: without them others could have their ids

    @staticmethod
    def below(node: Any) -> "_Graph":
        """The graph of which a node was made, without what is in other graphs; or one of those, if there is no more."""
        graphs = _known.graphs
        if id(node) not in graphs:
            *nodes, _ = walk([node], _Known(lambda node: id(node) in graphs))
            known = (graphs[id(operand)] for operand in node.operands if id(operand) in graphs)
            graph = _Graph() if nodes else next(known, _Graph())
            graph.extend(nodes)
            graph.users.append(node)
            graphs.update(dict.fromkeys(map(id, (*nodes, node)), graph))
        return graphs[id(node)]

    def __reduce__(self) -> tuple[Any, ...]:
        return _Graph, (), None, iter(self)


class _KnownGraphs(local):
    def __init__(self) -> None:
        self.graphs: WeakValueDictionary[int, _Graph] = WeakValueDictionary()


_known = _KnownGraphs()


class _Known(set[Any]):
    """Nodes, and beside them all those of which something is true."""

    def __init__(self, is_known: Callable[[Any], bool]) -> None:
        super().__init__()
        self._is_known = is_known

    def __contains__(self, node: object) -> bool:
        return super().__contains__(node) or self._is_known(node)
