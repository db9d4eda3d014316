"""The explorer in a notebook: a widget where anywidget is installed, else the page in a frame."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from viz.explorer.page import joined, page, styles
from viz.page import framed

__all__ = ["Answer", "shown_in_notebook"]

Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]  # name of a request, payload -> answer

VIEW = "application/vnd.jupyter.widget-view+json"
HEIGHT = 780  # pixels
ALLOWED = "allow-scripts allow-downloads allow-modals"  # of the page in a frame


def shown_in_notebook(document: dict[str, Any], title: str, answer: Answer) -> dict[str, Any]:
    """What Jupyter displays of a document, by MIME type.

    Args:
        document: what the page is given.
        title: of the page.
        answer: what Python says to the page's requests.

    Returns:
        dict: the view of a widget; or HTML, where anywidget is missing.
    """
    try:
        widget = _widget_class()(document=json.dumps(document, allow_nan=False))
    except ImportError:
        return {"text/html": framed(page(document, title), title, height=HEIGHT, allowed=ALLOWED)}

    def reply(widget: Any, message: Mapping[str, Any], _: Any) -> None:
        widget.send({"id": message["id"], "answer": answer(message["name"], message["payload"])})

    widget.on_msg(reply)
    return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}


@cache
def _widget_class() -> Any:
    import anywidget
    import traitlets

    class ExplorerWidget(anywidget.AnyWidget):  # type: ignore[misc]
        _esm = f"{joined()}\nexport default {{ render }};\n"
        _css = styles()
        document = traitlets.Unicode().tag(sync=True)

    return ExplorerWidget
