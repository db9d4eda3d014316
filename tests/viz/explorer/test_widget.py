"""What Jupyter is given of an explorer: a widget, a picture and a text; without anywidget, the page in a frame."""

import json
import sys

import anywidget
import pytest

from engine import Value
from viz import explore
from viz.explorer import widget


@pytest.fixture
def product():
    return explore(Value(2.0, label="a") * Value(3.0, label="b"))


def test_a_widget_a_picture_and_a_text(product):
    bundle = product._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer('v3', 4 steps)"
    assert "<svg" in bundle["image/svg+xml"]
    assert bundle[widget.VIEW]["model_id"]


def test_the_kernel_answers(product, monkeypatch):
    sent, handlers = [], []
    monkeypatch.setattr(anywidget.AnyWidget, "send", lambda self, content: sent.append(content))
    monkeypatch.setattr(anywidget.AnyWidget, "on_msg", lambda self, handler: handlers.append((self, handler)))
    product._repr_mimebundle_()
    ((made, reply),) = handlers
    assert json.loads(made.document) == json.loads(json.dumps(product.document))
    reply(made, {"id": 7, "name": "outputs", "payload": {"points": [{"v1": 5.0}]}}, [])
    assert sent == [{"id": 7, "answer": {"outputs": [15.0]}}]


def test_without_anywidget_the_page_is_shown_in_a_frame(product, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()
    shown = product._repr_mimebundle_()["text/html"]
    assert shown.startswith("<iframe")
    assert "openPage();" in shown
    assert "<script" not in shown  # it is within an attribute
