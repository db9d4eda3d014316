"""In Jupyter a Value shows itself as its graph, and a model as its units and weights.

The engine and nn know nothing of pictures, so importing `viz` hands them the method that Jupyter looks for.
"""

from collections.abc import Iterable
from typing import Any

from engine import Value
from nn import Module
from viz.graph.diagram import show
from viz.graph.draw import draw_graph
from viz.network import columns_of, draw_network

__all__: list[str] = []


def _show_value(
    self: Value, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
) -> dict[str, Any]:
    return show(lambda: draw_graph(self), repr(self), include, exclude)


def _show_model(
    self: Module, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
) -> dict[str, Any]:
    try:
        columns_of(self)
    except Exception:  # without neurons there is nothing to draw, and a model of the user's own may do anything
        return {"text/plain": repr(self)}
    return show(lambda: draw_network(self), repr(self), include, exclude)


Value._repr_mimebundle_ = _show_value  # type: ignore[attr-defined]
Module._repr_mimebundle_ = _show_model  # type: ignore[attr-defined]
