"""What Jupyter is given of an explorer: a widget, a picture and a text; without anywidget, the page in a frame."""

import json
import sys
from math import gamma

import anywidget
import pytest
from browser import needs_browser

from engine import Value, operation
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


CELL = """(document) => {
  const model = { sent: [], get: () => document, send: (message) => model.sent.push(message) };
  model.on = (_, handler) => { model.told = handler; };
  Object.assign(globalThis, { model });
  widget.render({ model, el: globalThis.cell });
}"""


@needs_browser
def test_in_a_cell_the_page_asks_the_kernel(open_page, tmp_path, monkeypatch):
    """As in JupyterLab, in which `test_in_jupyterlab` tries it."""
    gamma_in_a_cell = operation(lambda m, x: gamma(x), lambda m, z, x: 0.42 * z, name="gamma_in_a_cell")
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    sent, handlers = [], []
    monkeypatch.setattr(anywidget.AnyWidget, "send", lambda self, content: sent.append(content))
    monkeypatch.setattr(anywidget.AnyWidget, "on_msg", lambda self, handler: handlers.append((self, handler)))
    explore((a * b + a) * gamma_in_a_cell(a))._repr_mimebundle_()
    ((made, reply),) = handlers

    def answer_all():
        page.wait_for_function("model.sent.length")
        for message in page.evaluate("model.sent.splice(0)"):
            reply(made, message, [])
            page.evaluate("(answer) => model.told(answer)", sent[-1])

    (tmp_path / "cell.html").write_text('<!doctype html><meta charset="utf-8"><div id="cell"></div>')
    page = open_page(tmp_path / "cell.html", reduced_motion="reduce")
    page.add_style_tag(content=made._css)
    page.add_script_tag(content=made._esm.replace("export default", "globalThis.widget ="), type="module")
    page.wait_for_function("globalThis.widget")  # modules are carried out when there is time
    page.evaluate(CELL, made.document)
    page.locator(".cg-main").click()
    said = page.locator(".cg-said p")
    assert said.text_content().endswith("2 × (−3) = −6")
    page.keyboard.press("ArrowRight")
    assert said.text_content().endswith("−6 + 2 = −4")
    page.get_by_role("button", name="Nudge", exact=True).click()
    answer_all()
    page.get_by_label("a, as a number").fill("3")
    page.keyboard.press("Enter")
    answer_all()
    page.get_by_text("before: data −4").wait_for()
    assert page.locator(".is-output .cg-data").text_content() == "−12"  # as the kernel alone can compute it


def test_without_anywidget_the_page_is_shown_in_a_frame(product, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()
    shown = product._repr_mimebundle_()["text/html"]
    assert shown.startswith("<iframe")
    assert "openPage();" in shown
    assert "<script" not in shown  # it is within an attribute
