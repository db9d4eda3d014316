"""Copies and pickles of Values: graphs of any depth, as nothing here goes down from a result to its operands."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from copyreg import _slotnames  # type: ignore[attr-defined]
from operator import attrgetter
from threading import local
from types import FunctionType
from typing import Any
from weakref import ref

from engine.collector import patient_collector
from engine.escape import check_may_escape, is_varying
from engine.order import walk
from engine.source import NOWHERE

__all__ = ["Copied"]

NUMBER = ("_data", "_grad", "_label")  # what there is to know of a leaf,
OPERATION = (*NUMBER, "op", "_x", "_y")  # and of what was computed, but for its operands
SLOTS = {*OPERATION, "_a", "_b", "_code", "_instruction"}


class Copied:
    """What makes a Value one that can be copied, deeply or not, and pickled: it comes with its class and attributes.

    Where in the code it was made does not come along, as that means nothing elsewhere.
    """

    __slots__ = ()

    _a: Any
    _b: Any
    _may_have_state: bool  # whether nodes of this class may have something that not every Value has

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        has_own = cls.__dictoffset__ != 0 or not SLOTS.issuperset(_slotnames(cls))
        cls._may_have_state = has_own or cls.__getstate__ is not Copied.__getstate__

    def _kind(self) -> type:
        """The class that a copy has."""
        return type(self)

    def __getstate__(self) -> Any:
        """What this node has and not every Value: its attributes, and the slots that are its class's own."""
        state: Any = object.__getstate__(self)
        attributes, slots = state
        if attributes and isinstance(attributes.get("_backward"), FunctionType):
            raise TypeError(
                f"{self!r} was made by hand, and the function that is its _backward speaks of these very nodes, not of "
                "copies: an operation of your own can be copied, see engine.operation"
            )
        own = {name: x for name, x in slots.items() if name not in SLOTS}
        return (attributes, own) if attributes or own else None

    def __copy__(self) -> Any:
        if is_varying(self):
            return self  # or the derivative would lack what is made of the copy
        return _with_state(_twin(self, self._a, self._b), self.__getstate__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if is_varying(self):
            return self
        nodes: list[Any] = walk([self], _Unless(lambda node: id(node) in memo))
        with patient_collector():
            for node in nodes:
                a, b = node._a, node._b
                if type(a) is tuple:
                    a = tuple([memo[id(operand)] for operand in a])
                elif a is not None:
                    a, b = memo[id(a)], b if b is None else memo[id(b)]
                memo[id(node)] = _twin(node, a, b)
        for node in nodes:
            if node._may_have_state:
                _with_state(memo[id(node)], deepcopy(node.__getstate__(), memo))
        return memo[id(self)]

    def __reduce__(self) -> tuple[Any, ...]:
        check_may_escape(self)
        if self._a is None:
            return _made, (self._kind(), *_leaf_facts(self)), self.__getstate__()
        graph = _Graph.of(self)
        if self in graph.places:
            return _node, (graph, graph.places[self])
        return _made, (self._kind(), *_facts(self), self._a, self._b, graph), self.__getstate__()


_leaf_facts: Any = attrgetter(*NUMBER)
_facts: Any = attrgetter(*OPERATION)


def _made(
    kind: type, data: float, grad: float, label: str,
    op: Any = None, x: Any = None, y: Any = None, a: Any = None, b: Any = None, after: Any = None,
) -> Any:  # fmt: skip
    """A node that has these things; it comes after a graph, which has been pickled with that."""
    node: Any = object.__new__(kind)
    node._data, node._grad, node._label, node.op, node._x, node._y, node._a, node._b = data, grad, label, op, x, y, a, b
    node._code, node._instruction = NOWHERE
    return node


def _twin(node: Any, a: Any, b: Any) -> Any:
    """A node like another one, of other operands."""
    return _made(*(node._kind(), *_facts(node), a, b))


def _with_state(node: Any, state: Any) -> Any:
    """A node with what `__getstate__` gave of another one, in the way of the `copy` module."""
    if state is None:
        return node
    if hasattr(node, "__setstate__"):
        node.__setstate__(state)
        return node
    attributes, slots = state if isinstance(state, tuple) else (state, {})
    for name, x in slots.items():
        setattr(node, name, x)
    if attributes:
        vars(node).update(attributes)
    return node


class _Graph:
    """Operations as they are pickled: all of a graph at once, as a list of each thing that there is to know of them.

    Leaves are pickled by themselves, as whoever has one may come to it first; so is an operation on what was pickled
    before. A graph is known as long as it is in use, and a pickle keeps what it has seen up to its end.

    Attributes:
        nodes: the operations, operands first.
        places: where in `nodes` each of them is.
        known: those for which `of` gives this graph: besides `nodes` such as are pickled by themselves, later.
    """

    __slots__ = ("__weakref__", "known", "nodes", "places")

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.nodes = [*nodes]
        self.places = {node: i for i, node in enumerate(self.nodes)}
        self.known = [*self.nodes]

    @staticmethod
    def of(node: Any) -> "_Graph":
        """The graph that a node is in, or is pickled after."""
        graph = _known(node)
        if graph is not None:
            return graph
        graphs = _local.graphs
        nodes = [x for x in walk([node], _Unless(graphs.__contains__)) if x._a is not None]
        graph = next(filter(None, map(_known, node.operands)), None) if len(nodes) == 1 else None
        if graph is None:
            graph = _Graph(nodes)
            known = graph.known
            graphs.update(dict.fromkeys(nodes, ref(graph, lambda _: [graphs.pop(x, None) for x in known])))
        else:
            graph.known.append(node)
            graphs[node] = graphs[graph.known[0]]
        return graph

    def __reduce__(self) -> tuple[Any, ...]:
        nodes, find = self.nodes, self.places.get
        columns: list[list[Any]] = [[*map(attrgetter(name), nodes)] for name in OPERATION]
        columns.append([tuple([find(x, x) for x in a]) if type(a := x._a) is tuple else find(a, a) for x in nodes])
        columns.append([find(x._b, x._b) for x in nodes])
        states = {i: node.__getstate__() for i, node in enumerate(nodes) if node._may_have_state}
        # The rest is state, since leaves and attributes may refer to these nodes, and by then they are there.
        return _graph, ([node._kind() for node in nodes],), (columns, states)

    def __setstate__(self, state: Any) -> None:
        columns, states = state
        nodes = self.nodes
        for node, data, grad, label, op, x, y, a, b in zip(nodes, *columns, strict=True):
            node._data, node._grad, node._label, node.op, node._x, node._y = data, grad, label, op, x, y
            node._code, node._instruction = NOWHERE
            node._a = nodes[a] if type(a) is int else a
            node._b = nodes[b] if type(b) is int else b
            if type(a) is tuple:
                node._a = tuple([nodes[x] if type(x) is int else x for x in a])
        for i, own in states.items():
            _with_state(nodes[i], own)


def _graph(kinds: Iterable[type]) -> _Graph:
    """One of nodes that have nothing in them yet."""
    return _Graph(map(object.__new__, kinds))


def _node(graph: _Graph, place: int) -> Any:
    return graph.nodes[place]


class _Local(local):
    def __init__(self) -> None:
        self.graphs: dict[Any, ref[_Graph]] = {}


_local = _Local()


def _known(node: Any) -> _Graph | None:
    """The graph that a node is known to be pickled with."""
    graph = _local.graphs.get(node)
    return None if graph is None else graph()


class _Unless(set[Any]):
    """Nodes, and beside them all those of which something is true."""

    def __init__(self, is_known: Callable[[Any], bool]) -> None:
        super().__init__()
        self._is_known = is_known

    def __contains__(self, node: object) -> bool:
        return super().__contains__(node) or self._is_known(node)
