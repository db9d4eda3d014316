"""explore: the backprop explorer of a Value, in a notebook and as one file."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import Value
from engine.arguments import check_flag, shown, whole_number
from viz.explorer.answer import answer
from viz.explorer.document import document
from viz.explorer.page import save_page
from viz.explorer.widget import shown_in_notebook
from viz.graph.diagram import show
from viz.graph.draw import draw_graph

__all__ = ["Explorer", "explore"]

BUDGET = 150
PANELS = ("code", "graph", "table", "inspector", "narration")
# By their id, as page/screens.js has them.
SCREENS = ("step", "predict", "nudge", "break", "paths", "check", "update", "health")
STARTS = ("backward", "end")


def explore(
    value: Value,
    *,
    start: int | str = 0,
    hidden: Sequence[str] = (),
    locked: bool = False,
    title: str | None = None,
    expand: bool = False,
    budget: int = BUDGET,
) -> "Explorer":
    """Walk through how a Value was computed and how its gradient flows back, step by step, and back again.

    Args:
        value: the output to start from.
        start: the step to open at: how many steps have happened, or "backward" (before the first gradient), or "end".
        hidden: what not to show: of "code", "graph", "table", "inspector" and "narration", or screens: "step",
            "predict", "nudge", "break", "paths", "check", "update" and "health".
        locked: whether every number has to be predicted before it is shown; screens that would tell it are left out.
        title: what it is called; None for the output's name.
        expand: whether to unfold each `dot` and `total` of at most `budget` operands into its multiplies and adds.
        budget: with more boxes than that, parts of a model are folded at first.

    Returns:
        Explorer: shows itself in Jupyter; ``.save("x.html")`` writes a file that needs nothing else.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: an argument is out of its range.

    Example:
        >>> from engine import Value
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> explore(a * b + a)
        Explorer('v4', 7 steps)
    """
    if not isinstance(value, Value):
        raise TypeError(f"explore needs a Value, but was given {shown(value)}")
    if not (isinstance(start, str) and start in STARTS):
        whole_number("start", start, 0, unless="or 'backward' or 'end'")
    known = (*PANELS, *SCREENS)
    if not isinstance(hidden, list | tuple) or not all(isinstance(name, str) and name in known for name in hidden):
        raise ValueError(f"hidden is a list of names, of {', '.join(map(repr, known))}, but was {shown(hidden)}")
    check_flag("locked", locked)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be text or None, but was {shown(title)}")
    check_flag("expand", expand)
    whole_number("budget", budget)
    options = {"start": start, "hidden": [*hidden], "locked": locked, "title": title}
    unfold = budget if expand else 0
    return Explorer(value, document(value, unfold=unfold, budget=budget, options=options), unfold)


class Explorer:
    """The explorer of one Value, as `explore` makes it.

    Attributes:
        document (dict): all that its page is given, ready for JSON.
    """

    def __init__(self, value: Value, document: dict[str, Any], unfold: float) -> None:
        self._value = value
        self._unfold = unfold
        self.document = document

    @property
    def title(self) -> str:
        """What it is called."""
        return self.document["options"]["title"] or f"Backpropagation through {self._name}"

    @property
    def _name(self) -> str:
        return str(self.document["trace"]["nodes"][-1]["name"])

    def __repr__(self) -> str:
        return f"Explorer({self._name!r}, {len(self.document['trace']['events'])} steps)"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the explorer as one HTML file, which needs no kernel, no network and no other file.

        Args:
            path: ends in .html.

        Returns:
            Path: the path, as given.

        Raises:
            TypeError: it is no path.
            ValueError: any other ending.
            OSError: the file cannot be written; the message says why.

        Example:
            >>> import tempfile
            >>> from engine import Value
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     explore(Value(3.0) * 2).save(folder + "/product.html").stat().st_size > 10_000
            True
        """
        return save_page(path, self.document, self.title)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        picture = show(lambda: draw_graph(self._value), repr(self), include, exclude)
        return picture | shown_in_notebook(self.document, self.title, self._answer)

    def _answer(self, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        return answer(self._value, name, payload, unfold=self._unfold)
