"""The replay of a training: what it shows of every frame, as a page and as moving pictures."""

import base64
import copy
import json
import re
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from browser import AXE, names_at_the_top, needs_axe, needs_browser, needs_node
from PIL import Image
from thorough import thorough

from nn import MLP, Activation, Layer, Module, Parameter, Sequential, fit, layer_outputs, predict, two_moons
from viz import Replay, replay
from viz.page import joined
from viz.replays.film import MAP, film_of
from viz.replays.pictures import _frames
from viz.replays.replay import FOLDER

HERE = Path(__file__).parent
X, Y = two_moons(20, seed=1)


def trained(model=None, X=X, y=Y, **settings):
    model = model or MLP(2, [3, 1], "tanh", seed=1)
    return fit(model, X, y, **{"epochs": 4, "learning_rate": 0.3, "record": 10, "progress": False} | settings)


@pytest.fixture(scope="module")
def history():
    return trained(validation=0.2)


def document(replay):
    page = replay.to_html()
    return json.loads(re.search(r'id="chalkgrad-document">(.*?)</script>', page, re.S)[1])


def unpacked(packed, *shape):
    kind = "<f4" if packed["kind"] == "float32" else "<i2"
    numbers = np.frombuffer(base64.b64decode(packed["data"]), kind).astype(float)
    return (numbers * packed.get("scale", 1.0)).reshape(shape)


def test_every_frame_has_the_numbers_of_the_model_then(history):
    film = document(replay(history))
    plane, net, n = film["plane"], film["net"], film["plane"]["n"]
    assert (film["epochs"], film["total"]) == ([0, 1, 2, 3, 4], 4)
    scores, weights = unpacked(plane["scores"], 5, n, n), unpacked(net["weights"], 5, -1)
    x1, x2 = np.linspace(*plane["x"], n), np.linspace(*plane["y"], n)
    for frame, epoch in enumerate(film["epochs"]):
        with history.recording.model_at(epoch) as model:
            assert scores[frame, 5, 7] == pytest.approx(model([x1[7], x2[5]]).data, abs=2 * plane["scores"]["scale"])
            for (column, tail, head), label, weight in zip(net["edges"], net["labels"], weights[frame], strict=True):
                parameter = model.layers[column].neurons[head].w[tail]
                assert (label, weight) == (parameter.label, pytest.approx(parameter.data, rel=1e-6))
    assert [point[:2] for point in plane["points"]] == X
    assert [plane["names"][point[2]] for point in plane["points"]] == [str(label) for label in Y]
    assert [each["words"] for each in film["curves"]["series"]] == [
        "loss", "accuracy", "validation loss", "validation accuracy"]  # fmt: skip
    assert film["curves"]["series"][0]["numbers"] == history["loss"]
    assert film["layers"][0]["series"][0]["numbers"] == history.layers["layer 1"]["gradient_deviation"]
    assert [[*found["frames"][2]] for found in film["histograms"][1]["layers"]] == [
        [*layer["gradient"]] for layer in history.recording.snapshots[2].layers.values()]  # fmt: skip


def test_each_unit_shows_what_it_says_of_the_plane(history):
    film = film_of(history, 2)
    net = film.net
    x1, x2 = (np.linspace(line[0], line[-1], MAP) for line in (film.plane.x1, film.plane.x2))
    with history.recording.model_at(4) as model:
        given = layer_outputs(model, [[a, b] for b in x2 for a in x1])["layer 1"][:, 1].reshape(MAP, MAP)
    ratio = given / net.maps[1, 1][-1]
    inside = np.abs(net.maps[1, 1][-1]) < 1
    assert ratio[inside] == pytest.approx(ratio[inside].mean())
    assert {*net.maps} == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)}


class Odd(Module):
    """Has no layers, and does not compile."""

    def __init__(self):
        self.w = Parameter(0.5)

    def __call__(self, x):
        return self.w * x[0] if x[0] > 0 else self.w


@pytest.mark.parametrize(
    ("model", "X", "y", "shown"),
    [
        (MLP(2, [3, 3], seed=1), X, [["a", "b", "c"][i % 3] for i in range(20)], {"plane", "net"}),
        (MLP(2, [3, 2], seed=1), X, [[1.0, 0.0], [0.0, 1.0]] * 10, {"plane", "net"}),
        (MLP(2, [3, 1], output_activation="sigmoid", seed=1), X, [i % 2 for i in range(20)], {"plane", "net"}),
        (MLP(2, [3, 1], seed=1), X, [x[0] for x in X], {"surface", "net"}),
        (MLP(2, [3, 2], seed=1), X, [[x[0], x[1]] for x in X], {"net"}),
        (MLP(1, [3, 1], "tanh", seed=1), [[x] for x, _ in X], [x**2 for x, _ in X], {"curve", "net"}),
        (MLP(1, [3, 1], "tanh", seed=1), [[x] for x, _ in X], Y, {"curve", "net"}),
        (MLP(1, [3, 2], seed=1), [[x] for x, _ in X], [[1.0, 0.0], [0.0, 1.0]] * 10, {"curve", "net"}),
        (MLP(3, [30, 1], seed=1), [[*x, 1.0] for x in X], Y, {"net"}),
        (MLP(2, [3, 1], "tanh", normalization="batch", dropout=0.2, seed=1), X, Y, {"plane", "net"}),
        (Sequential(Layer(2, 3, "linear", seed=1), Activation("tanh"), Layer(3, 1, "linear", seed=2)), X, Y,
         {"plane", "net"}),
        (Odd(), X, Y, {"plane"}),
    ],
    ids=lambda item: "",
)  # fmt: skip
def test_all_kinds_of_models_have_a_replay(model, X, y, shown):
    found = document(replay(trained(model, X, y, epochs=2)))
    assert {name for name in ("plane", "surface", "curve", "net") if found[name]} == shown
    assert len(found["epochs"]) == 3


def test_a_single_input_shows_the_function_that_was_learnt():
    X1 = [[x] for x, _ in X]
    model = MLP(1, [3, 1], "tanh", seed=1)
    curve = document(replay(trained(model, X1, [x**2 for x, _ in X])))["curve"]
    outputs = unpacked(curve["outputs"], 5, -1)
    assert outputs[-1] == pytest.approx(predict(model, [[x] for x in curve["x"]]), rel=1e-5)
    assert curve["points"] == [[x, x**2] for x, _ in X]


@pytest.mark.parametrize(
    ("n_outputs", "activation", "names", "words"),
    [
        (1, "sigmoid", ["a", "b"], ("probability", "probability of b")),
        (1, "linear", ["a", "b"], ("score", "score of b")),
        (3, "linear", ["a", "b", "c"], ("probability", "probability of the class of its colour")),
    ],
)
def test_a_classifier_of_a_single_input_shows_how_probable_each_class_is(n_outputs, activation, names, words):
    X1, y = [[x] for x, _ in X], [names[i % len(names)] for i in range(len(X))]
    history = trained(MLP(1, [3, n_outputs], "tanh", output_activation=activation, seed=1), X1, y)
    curve = document(replay(history))["curve"]
    assert (curve["names"], (curve["axes"][1], curve["words"])) == (names, words)
    assert [names[i] for i in curve["classes"]] == y
    outputs = unpacked(curve["outputs"], 5, n_outputs, len(curve["x"]))
    for frame in (0, 4):
        with history.recording.model_at(frame) as model:
            found = np.array(predict(model, [[x] for x in curve["x"]])).reshape(-1, n_outputs)
            powers = np.exp(found)
            expected = found if n_outputs == 1 else powers / powers.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(outputs[frame].T, expected, rtol=1e-5, atol=1e-7)
    low, high = curve["limits"]
    assert low < outputs[-1].min() <= outputs[-1].max() < high
    at = [height for _, height in curve["points"]]
    if n_outputs == 1:
        assert curve["threshold"] == (0.5 if activation == "sigmoid" else 0.0)
        assert all((height > curve["threshold"]) == (name == "b") for height, name in zip(at, y, strict=True))
    else:
        assert (curve["threshold"], {*at}, curve["lines"]) == (None, {1.0}, curve["colors"])


def test_two_inputs_show_the_number_that_was_learnt_over_the_plane():
    targets = [3 + 2 * a * b for a, b in X]
    history = trained(y=targets)
    surface = document(replay(history))["surface"]
    n, bar = surface["n"], surface["bar"]
    assert (bar["low"], bar["high"]) == (min(targets), max(targets))
    middle, half = (bar["low"] + bar["high"]) / 2, (bar["high"] - bar["low"]) / 2
    outputs = middle + half * unpacked(surface["outputs"], 5, n, n)
    x1, x2 = np.linspace(*surface["x"], n), np.linspace(*surface["y"], n)
    for frame in (0, 4):
        with history.recording.model_at(frame) as model:
            for i, j in ((5, 7), (n - 1, 0)):
                expected = np.clip(model([x1[j], x2[i]]).data, middle - 1.5 * half, middle + 1.5 * half)
                assert outputs[frame, i, j] == pytest.approx(expected, abs=half * surface["outputs"]["scale"])
    assert [point[:2] for point in surface["points"]] == X
    assert [middle + half * point[2] for point in surface["points"]] == pytest.approx(targets)
    maps = film_of(history, 2).net.maps
    assert {*maps} == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)}


def test_numbers_that_are_all_alike_have_colours_on_both_sides():
    bar = document(replay(trained(y=[7.0] * 20, epochs=1)))["surface"]["bar"]
    assert (bar["low"], bar["high"]) == (0, 14)


def test_frames_are_spread_over_the_epochs(history):
    assert document(replay(history, frames=2))["epochs"] == [0, 4]
    assert document(replay(history, frames=3))["epochs"] == [0, 2, 4]
    assert repr(replay(history, frames=3)) == "Replay(MLP 2-3-1, 3 frames)"


def test_a_replay_leaves_the_model_as_it_is_and_can_be_made_of_a_copy(history):
    model = history.recording.model
    before = model.state_dict()
    first = replay(history).to_html()
    assert model.state_dict() == before
    assert replay(copy.deepcopy(history)).to_html() == first


@pytest.mark.parametrize("format", ["webp", "gif"])
def test_moving_pictures_have_every_frame(history, format, tmp_path):
    path = replay(history, frames=3).save(tmp_path / f"run.{format}", seconds=1.0)
    with Image.open(path) as picture:
        assert (picture.n_frames, picture.info["loop"]) == (3, 0)
        images = []
        for frame in range(3):
            picture.seek(frame)
            images.append(np.asarray(picture.convert("RGB")).astype(int))
        assert images[0].shape == (680, 900, 3)
        assert images[0].min() < 100 < 250 < images[0].max()
        for before, after in pairwise(images):
            assert (np.abs(before - after).max(axis=2) > 30).mean() > 0.001  # it moves
            assert (np.abs(before - after).max(axis=2) > 30).mean() < 0.5  # and most of it stays


def test_moving_pictures_show_a_number_over_the_plane():
    first, last = _frames(film_of(trained(y=[3 + a * b for a, b in X]), 2))
    assert (np.abs(first.astype(int) - last).max(axis=2) > 30).mean() > 0.001


def test_a_page_needs_nothing_else(history, tmp_path):
    path = replay(history).save(tmp_path / "run.html")
    text = path.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="|url\((?!#)|@import|https?://(?!www\.w3\.org)', text)
    assert text.count("</script>") == 2
    assert [file.name for file in tmp_path.iterdir()] == ["run.html"]
    with pytest.raises(ValueError, match=r"cannot tell the format of '.*run\.mp4': end the file name in one of \.html"):
        replay(history).save(str(tmp_path / "run.mp4"))


def test_in_jupyter_it_shows_itself_in_a_frame_of_its_own(history):
    shown = replay(history)
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(shown)
    assert bundle["text/html"].startswith(
        '<iframe title="Replay(MLP 2-3-1, 5 frames)" sandbox="allow-scripts" srcdoc="'
    )
    assert [*shown._repr_mimebundle_(include=["text/plain"])] == ["text/plain"]
    assert isinstance(shown, Replay)


def test_a_training_that_was_not_recorded_is_refused(history):
    with pytest.raises(ValueError, match=r"this training was not recorded: write fit\(\.\.\., record=True\)"):
        replay(trained(record=False))
    with pytest.raises(TypeError, match=r"history must be what fit\(\.\.\., record=True\) returned, but was \{'loss'"):
        replay({"loss": [1.0]})


def test_the_modules_are_joined_whole_and_their_names_are_unique():
    text = joined(FOLDER / "replay.js")
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    assert [name for name, times in Counter(names_at_the_top(text)).items() if times > 1] == []
    for path in FOLDER.glob("*.js"):
        assert path.read_text(encoding="utf-8").split("\n", 1)[0] in text


@needs_node
def test_pure_modules():
    done = subprocess.run(["node", "--test", str(HERE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.M), done.stdout


# In a browser


@pytest.fixture
def opened(open_page, history, tmp_path):
    """Opens the replay in a page, which must keep to itself."""
    return lambda history=history, **options: open_page(replay(history).save(tmp_path / "run.html"), **options)


def pixels(page):
    return page.evaluate("() => document.querySelector('.rp-field').toDataURL()")


@needs_browser
def test_keys_and_slider_choose_the_frame_and_back_is_exact(opened, history):
    page = opened()
    slider, readout = page.get_by_role("slider", name="epoch"), page.locator(".rp-readout")
    assert readout.text_content().startswith("epoch 4 of 4 · loss ")
    seen = {}
    for key in ("Home", *["ArrowRight"] * 4, *["ArrowLeft"] * 4):
        page.keyboard.press(key)
        frame = page.evaluate("() => document.getElementById('chalkgrad').replay.frame()")
        lines = page.locator(".rp-net line").evaluate_all("all => all.map((each) => each.outerHTML)")
        assert seen.setdefault(frame, (pixels(page), lines)) == (pixels(page), lines)
    assert [*seen] == [0, 1, 2, 3, 4]
    assert len({field for field, _ in seen.values()}) == 5
    assert readout.text_content() == "before training"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext").startswith("epoch 1 of 4 · loss ")
    page.get_by_role("button", name="last").click()
    assert slider.input_value() == "4"


@needs_browser
def test_it_plays_to_the_end_and_can_be_stopped(opened):
    page = opened()
    page.get_by_label("speed").select_option("2")
    page.get_by_role("button", name="Play").click()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.get_by_role("button", name="Play").wait_for()
    assert page.evaluate("() => document.getElementById('chalkgrad').replay.frame()") == 4
    assert page.get_by_role("status").text_content().startswith("epoch 4 of 4")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press(" ")
    page.keyboard.press(" ")
    assert not page.evaluate("() => document.getElementById('chalkgrad').replay.isPlaying()")


KINDS = {
    "classes": lambda: trained(validation=0.2),
    "number": lambda: trained(y=[100000 * a + b for a, b in X], epochs=2),
    "curve": lambda: trained(MLP(1, [3, 1], seed=1), [[x] for x, _ in X], [x for x, _ in X], epochs=2),
    "line": lambda: trained(
        MLP(1, [3, 3], seed=1), [[x] for x, _ in X], [f"kind {i % 3}" for i in range(20)], epochs=2
    ),
    "table": lambda: trained(MLP(3, [30, 1], seed=1), [[*x, 1.0] for x in X], epochs=2),
}
INSIDE = """() => [...document.querySelectorAll(".rp-panel svg text")].filter((text) => {
  const [mine, around] = [text, text.closest(".rp-panel")].map((each) => each.getBoundingClientRect());
  return mine.left < around.left || mine.right > around.right || mine.top < around.top || mine.bottom > around.bottom;
}).map((text) => text.textContent)"""


@needs_browser
@pytest.mark.parametrize(
    ("kind", "width"),
    [
        *((kind, 390) for kind in KINDS),
        *(pytest.param(kind, 1280, marks=thorough) for kind in KINDS),
        *(pytest.param("number", width, marks=thorough) for width in (1920, 800)),
    ],
)
def test_nothing_is_wider_than_the_page_and_all_choices_are_drawn(opened, kind, width):
    page = opened(KINDS[kind](), width=width, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(INSIDE) == []
    shares = page.locator(".rp-panel").evaluate_all(
        "all => all.map((each) => each.lastElementChild.getBoundingClientRect().height / each.clientHeight)"
    )
    assert min(shares) > 0.5, "panels are filled"
    for each in page.get_by_role("combobox").all():
        for option in each.locator("option").all():
            each.select_option(label=option.text_content())
            assert "NaN" not in page.locator(".rp-panels").inner_html()


@needs_browser
@needs_axe
@pytest.mark.parametrize("scheme", [pytest.param("light", marks=thorough), "dark"])
def test_an_accessibility_checker_finds_nothing_serious(opened, scheme):
    page = opened(color_scheme=scheme)
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations.map(({id, impact}) => [id, impact])")
    assert [each for each in found if each[1] in ("serious", "critical")] == []
