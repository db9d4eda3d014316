"""In Jupyter a Value shows itself as its graph.

The engine knows nothing of pictures, so importing `viz` hands it the method that Jupyter looks for.
"""

from collections.abc import Iterable
from typing import Any

from engine import Value
from viz.graph.diagram import show
from viz.graph.draw import draw_graph

__all__: list[str] = []


def _repr_mimebundle_(
    self: Value, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
) -> dict[str, Any]:
    return show(lambda: draw_graph(self), repr(self), include, exclude)


Value._repr_mimebundle_ = _repr_mimebundle_  # type: ignore[attr-defined]
