"""The explorer's page in a real browser: what is seen, what keys do, and that nothing leaves it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import nbformat
import pytest
from browser import AXE, ROOT, needs_axe, needs_browser
from expressions import EXPRESSIONS, loss, shared
from thorough import thorough

from engine import Value, atan2, dot, leaky_relu, logaddexp, softplus, total, trace
from engine.order import topological_order
from nn import MLP, Module, Parameter
from viz import explore

pytestmark = needs_browser

# Of a picture that has just been opened, two frames long the camera jumps, which is no part of the state.
STATE = """() => {
  const state = document.getElementById('chalkgrad').explorer.state();
  const known = Object.fromEntries(['data', 'gradient'].map((what) => [what, [...state.known[what]].map(
    ([id, x]) => [id, Number.isFinite(x) ? x : String(x)])]));
  const seen = [...document.querySelectorAll('.cg-frame *')].map((element) => [element.tagName,
    [...element.classList].filter((each) => each !== 'is-jumping').sort().join(' '), element.hidden, element.value,
    element.childElementCount ? '' : element.textContent]);
  return {index: state.index, beat: state.beat, known, seen};
}"""


AT = "() => { const {index, beat} = document.getElementById('chalkgrad').explorer.state(); return [index, beat]; }"
WALK = """() => {
  const {explorer} = document.getElementById('chalkgrad');
  const n = explorer.state().stops.length;
  for (let i = 1; i < n; i += 1) explorer.dispatch({type: 'step'});
}"""


def at(page):
    return page.evaluate(AT)


def walk(page):
    """To the end by steps; every state on the way."""
    states = [page.evaluate(STATE)]
    while not page.get_by_role("button", name="Step (→)").is_disabled():
        page.keyboard.press("ArrowRight")
        states.append(page.evaluate(STATE))
    return states


def test_every_step_can_be_undone_exactly(opened):
    page = opened(explore(EXPRESSIONS["twice"]()))
    forth = walk(page)
    assert len(forth) == 16
    for before in reversed(forth[:-1]):
        page.keyboard.press("ArrowLeft")
        assert page.evaluate(STATE) == before


PART = """() => {
  const {explorer} = document.getElementById('chalkgrad');
  const {known} = explorer.state();
  return {boxes: [...document.querySelectorAll('.cg-card.is-box')].map((box) => ({
      words: box.querySelector('.cg-caption').textContent, opens: Boolean(box.querySelector('.cg-opener')),
      bars: ['is-data', 'is-grad'].map((how) => box.querySelectorAll(`.${how}`).length)})),
    said: document.querySelector('.cg-said p').textContent,
    panel: document.querySelector('.cg-step .cg-remark:last-of-type')?.textContent ?? '',
    names: [...document.querySelectorAll('.cg-tables .cg-formula, .cg-said p')].map((text) =>
      [...text.childNodes].filter((each) => each.nodeName === '#text').map((each) => each.textContent).join('')),
    gradient: Object.fromEntries(known.gradient)};
}"""


def test_of_a_big_network_what_is_drawn_is_told_and_what_comes_out_of_its_boxes(opened):
    y = MLP(8, [40, 60, 1], "tanh", seed=0)([0.1 * i for i in range(8)])
    account = trace(y)
    page = opened(explore(y))
    assert "too big" in page.evaluate(PART)["panel"]
    page.keyboard.press("End")
    seen = page.evaluate(PART)
    assert [box["words"] for box in seen["boxes"]] == [
        "61 weights, 62 nodes", "2,460 weights, 2,580 nodes", "360 weights, 440 nodes",
    ]  # fmt: skip
    assert not any(box["opens"] for box in seen["boxes"])
    assert [box["bars"] for box in seen["boxes"]] == [[0, 0], [28, 28], [28, 28]]
    expected = {node["id"]: node["gradient"] for node in account["nodes"]}
    assert len(seen["gradient"]) > 100
    assert {id: expected[id] for id in seen["gradient"]} == pytest.approx(seen["gradient"], rel=1e-12)
    assert re.fullmatch(r"layer 1: \d+ steps backward\.", seen["said"])
    for text in seen["names"]:  # all that is a name is set as one, be it told of or not
        assert not re.search(r"\bv\d|W\d|b\d", text), text


class Sum(Module):
    """Of its weights alone: where it is folded, nothing else is left."""

    def __init__(self):
        self.weights = [Parameter(0.001 * i) for i in range(3500)]

    def __call__(self):
        return total(self.weights)


class Folded(Module):
    def __init__(self):
        self.inner = Sum()

    def __call__(self):
        return self.inner()


def test_what_is_folded_into_a_single_box_has_its_numbers_there(opened):
    page = opened(explore(Folded()(), start="end"))
    assert [box["words"] for box in page.evaluate(PART)["boxes"]] == ["3,500 weights, 3,501 nodes"]
    assert page.locator(".cg-card .cg-number").all_text_contents() == ["6123", "1"]


def test_of_a_node_with_very_many_operands_some_are_told_and_its_formula_is_short(opened):
    y = dot([Value(0.001 * i) for i in range(2500)], [Value(0.5) for _ in range(2500)])
    page = opened(explore(y))
    assert [box["words"] for box in page.evaluate(PART)["boxes"]] == ["5,000 nodes, told of 100"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(PART)["said"].startswith("v₅₀₀₁ = dot(v₁, v₂, v₃, …, v₅₀₀₀) = dot(0, 0.001, 0.002, …, 0.5) = ")
    page.keyboard.press("End")
    assert page.evaluate(PART)["gradient"] == {"v5001": 1, **{f"v{i}": 0.5 for i in range(1, 101)}}


ROWS = """() => [...document.querySelectorAll('.cg-tables > div')].map((panel) => {
  const now = panel.querySelector('tr.is-now')?.getBoundingClientRect();
  return {names: [...panel.querySelectorAll('tbody tr')].map((row) => row.cells[0].textContent),
    isSeen: !now || now.bottom <= panel.getBoundingClientRect().bottom + 1};
})"""


def test_tables_have_their_last_rows_at_once_and_those_before_them_a_little_later(opened):
    y = Value(1.0, label="x")
    for _ in range(90):
        y = y.tanh()
    page = opened(explore(y, budget=200))
    names = [f"v{i}".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) for i in range(2, 92)]
    all_of = ([*names], [*reversed(names), "x"])
    for key, counts in (("End", (90, 91)), ("Home", (0, 0)), ("End", (90, 91))):
        page.keyboard.press(key)
        for (found, isSeen), expected, n in zip(map(dict.values, page.evaluate(ROWS)), all_of, counts, strict=True):
            assert found == expected[n - len(found) : n]
            assert len(found) >= min(n, 30)
            assert isSeen
        page.wait_for_function(f"({ROWS})().map(({{names}}) => names.length).join() === '{counts[0]},{counts[1]}'")
        for (found, isSeen), expected, n in zip(map(dict.values, page.evaluate(ROWS)), all_of, counts, strict=True):
            assert found == expected[:n]
            assert isSeen
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert [len(each["names"]) for each in page.evaluate(ROWS)] == [90, 90]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_at_the_end_all_numbers_are_the_engines(name, opened):
    value = EXPRESSIONS[name]()
    page = opened(explore(value, expand=name == "neuron"))
    if page.locator(".cg-bar select").count():
        page.locator(".cg-bar select").select_option("scalars")
    page.evaluate(WALK)
    account = json.loads(trace(value, expand=name == "neuron").to_json())
    known = page.evaluate(STATE)["known"]
    read = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    data = {node["id"]: read.get(node["data"], node["data"]) for node in account["nodes"]}
    assert dict(known["data"]) == data
    gradient = {node["id"]: read.get(node["gradient"], node["gradient"]) for node in account["nodes"]}
    assert dict(known["gradient"]).items() <= gradient.items()
    free = {node["id"] for node in account["nodes"] if node["kind"] != "constant"}
    assert free <= dict(known["gradient"]).keys()

    value.backward()  # and these are those of backward
    by_hand = {f"v{i}": node.grad for i, node in enumerate(topological_order(value), 1)}
    for id, x in known["gradient"]:
        if id in by_hand and by_hand[id] == by_hand[id]:
            assert float(x) == by_hand[id]
    shown = page.locator(".cg-card:not(.is-constant) .cg-number").all_text_contents()
    assert len(shown) == 2 * len(free)
    assert "not yet" not in shown


def test_gradients_are_not_yet_there_before_the_pass(opened):
    page = opened(explore(shared()))
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    gradients = page.locator(".cg-card .cg-grad").all_text_contents()
    assert set(gradients) == {"not yet"}


def test_a_reused_node_waits(opened):
    page = opened(explore(EXPRESSIONS["twice"]()))
    waits = []
    while not page.get_by_role("button", name="Step (→)").is_disabled():
        page.keyboard.press("ArrowRight")
        waits += page.locator(".cg-waiting").all_text_contents()
    assert any("still waiting for 1 of 2" in text for text in waits)
    assert any("all 2 contributions" in text for text in waits)


def test_keys_alone_are_enough(opened):
    page = opened(explore(shared()))
    page.keyboard.press("End")
    end = at(page)
    page.keyboard.press("Home")
    assert at(page) == [0, 0]
    page.keyboard.press("Shift+ArrowRight")
    assert at(page) == [1, 0]
    page.keyboard.press("Space")
    page.wait_for_function("document.getElementById('chalkgrad').explorer.state().index === 2", timeout=5000)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    assert at(page)[0] < end[0]
    page.keyboard.press("ArrowDown")
    assert page.locator(".cg-card.is-selected").count() == 1
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    assert page.get_by_role("button", name="Predict", exact=True).get_attribute("aria-pressed") == "true"


def test_the_live_region_speaks(opened):
    page = opened(explore(shared()))
    region = page.locator("[aria-live=polite]").last
    said = set()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        said.add(region.text_content())
    assert len(said) == 8
    assert "v3 = a × b = 2 × (−3) = −6" in said


def test_code_and_picture_point_at_each_other(opened):
    page = opened(explore(shared()))
    page.locator(".cg-card", has_text="b").first.hover()
    assert 'label="b"' in page.locator(".cg-code .is-pointed").text_content()
    page.locator(".cg-code button", has_text="relu").hover()
    assert page.locator(".cg-card.is-pointed").count() >= 5


def test_boxes_open_and_fold(opened):
    page = opened(explore(EXPRESSIONS["network"](), budget=10))
    boxes = page.locator(".cg-card.is-box")
    assert boxes.count() == 3
    boxes.filter(has_text="layer 1").locator(".cg-opener").click()
    assert boxes.count() == 5
    page.locator(".cg-part text", has_text="layer 1").click()
    assert boxes.count() == 3


@needs_axe
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=thorough)])
def test_nothing_stands_in_the_way_of_anybody(scheme, opened):
    page = opened(explore(shared()), color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tabs = page.locator(".cg-tabs button")
    found = set()
    for place in range(tabs.count()):
        tabs.nth(place).click()
        for key in ("Home", "ArrowRight") if place % 2 else ("End", "ArrowLeft", "ArrowLeft"):
            page.keyboard.press(key)
        for problem in page.evaluate(f"axe.run('{'.cg-side' if place else '.chalkgrad'}')")["violations"]:
            if problem["impact"] in ("serious", "critical"):
                found.add((problem["id"], problem["nodes"][0]["html"][:200]))
    assert not found


@pytest.mark.parametrize("width", [1920, 1280, 800, 390])
def test_nothing_is_wider_than_the_page(width, opened):
    page = opened(explore(loss()), width=width)
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    title = page.locator("h1")
    assert title.evaluate("h1 => h1.scrollWidth <= h1.clientWidth && getComputedStyle(h1).overflow === 'visible'")
    assert title.bounding_box()["height"] < 50


def test_a_picture_that_is_too_small_to_read_is_followed_or_seen_whole(opened):
    page = opened(explore(loss()))
    page.locator(".cg-bar select").select_option("scalars")
    scale = "new DOMMatrix(getComputedStyle(document.querySelector('.cg-graph')).transform).a"
    whole = page.evaluate(scale)
    page.keyboard.press("End")
    assert whole < 0.45 < page.evaluate(scale)
    page.keyboard.press("0")
    assert page.evaluate(scale) == whole
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(scale) == whole
    page.keyboard.press("0")
    assert page.evaluate(scale) > whole
    small = opened(explore(small_network()))
    fitted = small.evaluate(scale)
    small.keyboard.press("End")
    assert small.evaluate(scale) == fitted >= 0.45


def long_names():
    """What has to fit: long names and operations, numbers with powers of ten, inf and nan."""
    a = Value(-1.2345678e-05, label="learning_rate_of_the_first_layer")
    b = Value(1e308, label="a_very_large_number")
    c = Value(-0.00396712, label="c")
    hidden = leaky_relu(a * -123456.789 + 1.5)
    hidden.label = "activation_of_hidden_unit_3"
    grown = b * 10.0 + logaddexp(hidden, a)
    grown.label = "overflowing"
    return (grown - grown) * hidden + softplus(a * c) * atan2(a, hidden) ** 3


CROWDED = """() => {
  const boxes = (texts) => texts.filter((text) => text.textContent)
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  const found = [];
  for (const card of document.querySelectorAll('.cg-card')) {
    const body = card.querySelector('.cg-body').getBoundingClientRect();
    const texts = boxes([...card.querySelectorAll(':scope > text:not(.cg-beside)')]);
    const most = body.height / 74;  // of a line's height only its letters matter, so heights may touch
    for (const [i, [text, a]] of texts.entries()) {
      if (a.left < body.left - 1 || a.right > body.right + 1) found.push([text, 'leaves its card']);
      for (const [other, b] of texts.slice(i + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 0.5 && down > 5 * most) found.push([text, other]);
      }
    }
  }
  for (const cell of document.querySelectorAll('.cg-tables td, .cg-panel, .cg-panel *'))
    if (cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth) found.push([cell.textContent, 'is too wide']);
  return found;
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_text_lies_on_another(width, opened):
    page = opened(explore(long_names()), width=width, height=900)
    at_start = page.evaluate(CROWDED)
    page.keyboard.press("End")
    at_end = page.evaluate(CROWDED)
    page.keyboard.press("ArrowLeft")
    assert at_start == at_end == page.evaluate(CROWDED) == []


def crossing():
    """Two rings of operations, whose arrows cross."""
    x = [Value(float(i + 1), label=f"x{i}") for i in range(4)]
    y = [x[i] * x[(i + 1) % 4] for i in range(4)]
    z = [y[i] - x[(i + 2) % 4] for i in range(4)]
    return z[0] * z[2] + z[1] * z[3]


def small_network():
    return (MLP(2, [3, 1], "tanh", seed=1)([Value(1.0, label="x1"), Value(2.0, label="x2")]) - 1) ** 2


LABELS_ON_OTHERS = """() => {
  const {explorer} = document.getElementById('chalkgrad');
  const boxOf = (element) => element.getBoundingClientRect();
  const found = [];
  const shown = '.cg-local.is-now rect, .cg-local:not(.is-now) text, .cg-badge rect, .cg-beside';
  let most = 0;
  const {stops, trace} = explorer.state();
  const backward = stops.filter((stop) => stop.event >= trace.seed);  // before that there are no labels
  const every = backward.length > 40 ? 3 * Math.ceil(backward.length / 100) + 1 : 1;  // so that all beats come
  for (let i = backward.length - 1; i >= 0; i -= every) {
    explorer.dispatch({type: 'goto', index: backward[i].index, beat: backward[i].beat});
    const cards = [...document.querySelectorAll('.cg-card')]
      .map((card) => [card, boxOf(card.querySelector('.cg-body'))]);
    const labels = [...document.querySelectorAll(shown)]
      .map((label) => [label, boxOf(label)]).filter(([, box]) => box.width);
    most = Math.max(most, labels.length);
    for (const [k, [label, a]] of labels.entries()) {
      for (const [other, b] of [...labels.slice(k + 1), ...cards]) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1 && !other.contains(label))
          found.push([i, label.parentNode.textContent, other.textContent]);
      }
    }
  }
  return {found, most};
}"""


@pytest.mark.parametrize(
    "make",
    [small_network, loss, *(pytest.param(each, marks=thorough) for each in (shared, EXPRESSIONS["twice"], crossing))],
)
def test_no_label_lies_on_a_card_or_on_another(make, opened):
    page = opened(explore(make()))
    views = page.locator(".cg-bar select")
    if views.count():
        views.select_option("scalars")
    for width in (1920, 1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 850})
        labels = page.evaluate(LABELS_ON_OTHERS)
        assert labels["found"] == [], width
        assert labels["most"] > 2
    page.get_by_role("button", name="Break it").click()
    page.locator(".cg-bug").first.click()  # which puts the right numbers below the cards
    assert page.evaluate(LABELS_ON_OTHERS)["found"] == []


def test_what_is_hidden_is_not_there(opened):
    page = opened(explore(shared(), hidden=["code", "table"], start="backward", title="Only the picture"))
    assert page.locator(".cg-code").count() == page.locator(".cg-tables").count() == 0
    assert page.locator("h1").text_content() == "Only the picture"
    assert page.locator(".cg-phase").text_content() == "forward"
    page.keyboard.press("ArrowRight")
    assert page.locator(".cg-phase").text_content() == "seed"


def test_the_picture_can_be_saved(opened):
    page = opened(explore(shared()))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the picture").click()
    text = download.value.path().read_text()
    assert text.startswith("<svg")
    assert "−3" in text
    assert "class=" not in text


@thorough
def test_in_jupyterlab(browser, tmp_path):
    code = """from math import gamma
from engine import Value, operation
from viz import explore
factorial = operation(lambda m, x: gamma(x), lambda m, z, x: 0.42 * z, name="factorial")
a, b = Value(2.0, label="a"), Value(-3.0, label="b")
explore((a * b + a) * factorial(a))"""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=kernel)
    nbformat.write(notebook, tmp_path / "one.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--IdentityProvider.token="]
    command += ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url=None"]
    homes = {f"JUPYTER_{name}": str(tmp_path / name) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    environment = {**os.environ, **homes, "JUPYTERLAB_SETTINGS_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    lab = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                urlopen(f"{base}/api").close()
                break
            except OSError:
                time.sleep(0.2)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        foreign = []
        page.on("request", lambda request: foreign.append(request.url))
        page.goto(f"{base}/lab/tree/one.ipynb", timeout=120_000)
        page.get_by_text("(ipykernel) | Idle").wait_for(timeout=120_000)  # what is run before that may be lost
        page.locator(".jp-Cell .cm-content").click()
        page.keyboard.press("Shift+Enter")
        explorer = page.locator(".chalkgrad")
        explorer.wait_for(timeout=120_000)
        explorer.locator(".cg-main").click()
        said = explorer.locator(".cg-said p")
        assert said.text_content().endswith("2 × (−3) = −6")
        page.keyboard.press("ArrowRight")
        assert said.text_content().endswith("−6 + 2 = −4")
        explorer.get_by_role("button", name="Nudge", exact=True).click()
        explorer.get_by_label("a, as a number").fill("3")
        page.keyboard.press("Enter")
        explorer.get_by_text("before: data −4").wait_for(timeout=20_000)
        assert explorer.locator(".is-output .cg-data").text_content() == "−12"  # as the kernel alone can compute it
        assert explorer.evaluate("element => getComputedStyle(element).colorScheme") == "light"
        assert [url for url in foreign if not re.match(rf"{base}|data:|blob:", url)] == []
        page.close()
    finally:
        lab.terminate()
        try:
            lab.wait(20)
        finally:
            lab.kill()
