"""The explorer in a notebook: a widget where anywidget is installed, else the page in a frame."""

import html
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from viz.explorer.page import joined, page, styles

__all__ = ["Answer", "shown_in_notebook"]

Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]  # name of a request, payload -> answer

VIEW = "application/vnd.jupyter.widget-view+json"
HEIGHT = 780  # pixels


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
        source = html.escape(page(document, title), quote=True)
        frame = f'style="width:100%;height:{HEIGHT}px;border:0" sandbox="allow-scripts allow-downloads allow-modals"'
        return {"text/html": f'<iframe title="{html.escape(title, quote=True)}" {frame} srcdoc="{source}"></iframe>'}

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
