"""The picture of a network: units, weights, values and what is folded."""

import re
import warnings
from itertools import pairwise

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot

from engine import compile, trace
from nn import (
    MLP,
    Activation,
    BatchNorm,
    Embedding,
    Layer,
    Neuron,
    Residual,
    Sequential,
    Softmax,
    Standardizer,
    fit,
    hinge,
    predict,
    summary,
    two_moons,
)
from viz import draw_network, plot_history
from viz.palette import PETROFF10


def edges(diagram):
    """(from, to) -> the style of the line."""
    found = {}
    for tail, head, style in re.findall(r"(u\d+_\d+) -> (u\d+_\d+) \[(.*)\]", diagram.source):
        found[tail, head] = dict(re.findall(r'(\w+)="?([^" ]*)"?', style))
    return found


def labels(diagram, column):
    return re.findall(rf'^\tu{column}_\d+ \[label="?([^" ]*)"?', diagram.source, re.MULTILINE)


def test_width_is_size_and_colour_and_style_are_the_sign():
    layer = Layer(2, 1, "linear", init="zeros")
    layer.neurons[0].w[0].data, layer.neurons[0].w[1].data = 2.0, -1.0
    up, down = edges(draw_network(layer)).values()
    assert (up["color"], up["style"], down["color"], down["style"]) == (PETROFF10[0], "solid", PETROFF10[6], "dashed")
    thinnest = 0.3
    assert float(up["penwidth"]) - thinnest == pytest.approx(2 * (float(down["penwidth"]) - thinnest))


@pytest.mark.parametrize("precision", [1, 2, 5, 17])
def test_units_have_room_for_their_numbers_and_layers_for_their_units(precision):
    diagram = draw_network(MLP(3, [4, 2], seed=1), [1.3e12, -1.3e-12, 0.5], precision=precision)
    width = float(re.search(r" width=([\d.]+)", diagram.source)[1])
    longest = max(len(label) for column in range(3) for label in labels(diagram, column))
    assert 72 * width >= 6 * longest  # points: a digit of the font at its size has 5.6
    across = [float(pos) for pos in re.findall(r'title\d.* pos="([-\d.]+),', diagram.source)]
    assert all(right - left >= width + 1 for left, right in pairwise(across))


def test_every_weight_has_a_line_that_has_its_name():
    model = MLP(3, [4, 2], seed=1)
    diagram = draw_network(model)
    assert len(edges(diagram)) == 3 * 4 + 4 * 2
    w = model.layers[1].neurons[1].w[3]
    assert edges(diagram)["u1_3", "u2_1"]["tooltip"] == "W2[1,3]"
    assert f"W2[1,3] = {w.data:.2g}" in diagram.source
    assert diagram.title == "Network of 3 inputs and layers of 4 and 2 units."


@pytest.mark.parametrize(
    "model",
    [
        MLP(3, [4, 4, 2], seed=1),
        MLP(3, [4, 4, 2], "tanh", normalization="batch", residual=True, dropout=0.5, seed=1),
        MLP(3, [4, 1], normalization="layer", seed=1),
        Sequential(Standardizer(3), Layer(3, 4, "linear", seed=1), BatchNorm(4), Activation("tanh"), Layer(4, 3),
                   Softmax()),
        Sequential(Layer(3, 3, seed=1), Residual(Layer(3, 3, seed=2)), MLP(3, [2, 2], seed=3)),
        Layer(3, 2, seed=1),
        Neuron(3, seed=1),
    ],
)  # fmt: skip
def test_the_values_of_an_example_are_those_of_the_model_in_use(model):
    x = [0.5, -1.0, 2.0]
    diagram = draw_network(model, x, precision=12)
    assert labels(diagram, 0) == ["0.5", "-1", "2"]
    last = max(int(column) for column in re.findall(r"\bu(\d+)_", diagram.source))
    shown = [float(label) for label in labels(diagram, last)]
    assert shown == pytest.approx(predict(model, [x]).ravel().tolist(), rel=1e-9)
    assert model.training


def test_what_is_between_the_layers_is_named_above_them():
    model = Sequential(Layer(2, 3, "linear"), BatchNorm(3), Activation("tanh"), Residual(Layer(3, 3)), Layer(3, 1))
    captions = re.findall(r'title\d \[label="?(.*?)"? (?:fix|font|pos)', draw_network(model).source)
    assert captions == [
        "inputs",
        r"layer 1\nlinear\nnormalization 1\nactivation 1",
        r"layer 2\nrelu\nresidual 1",
        r"layer 3\nrelu",
    ]


@pytest.mark.parametrize("most", [3, 20])
def test_units_beyond_the_most_are_folded(most):
    diagram = draw_network(MLP(64, [32, 3], seed=1), most=most)
    assert [len(labels(diagram, column)) for column in range(3)] == [most - 1, most - 1, 3]
    assert f"… {64 - most + 1} more" in diagram.source
    assert len(edges(diagram)) == (most - 1) ** 2 + (most - 1) * 3
    assert diagram.source == draw_network(MLP(64, [32, 3], seed=1), most=most).source


def test_it_is_drawn_with_words():
    svg = draw_network(MLP(2, [3, 1], seed=1), [1.0, 2.0]).pipe(encoding="utf-8")
    assert "Network of 2 inputs and layers of 3 and 1 units." in svg
    assert "layer 1, relu: 3 units" in svg


@pytest.mark.parametrize(
    ("model", "x", "says"),
    [
        (Embedding(2, 3), None, "there are none in Embedding"),
        (lambda x: x, None, "draws a model, such as"),
        (MLP(2, [1]), [1.0], "1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(model, x, says):
    with pytest.raises((TypeError, ValueError), match=says):
        draw_network(model, x)


def test_in_jupyter_a_model_shows_itself_with_its_text():
    model = MLP(2, [3, 1], seed=1)
    shown = DisplayFormatter().format(model)[0]
    assert shown["text/plain"] == repr(model)
    assert "Network of 2 inputs and layers of 3 and 1 units." in shown["image/svg+xml"]
    for part in (Neuron(2, seed=1), Layer(2, 3, seed=1), Sequential(Layer(2, 3), Softmax())):
        assert "<svg" in part._repr_mimebundle_()["image/svg+xml"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [*DisplayFormatter().format(Embedding(2, 3))[0]] == ["text/plain"]


def test_whatever_shows_itself_has_a_text_that_is_no_longer_than_a_screen():
    model = MLP(2, [4, 1], "tanh", seed=1)
    X, y = two_moons(20)
    history = fit(model, X, y, epochs=300, progress=False)
    loss = hinge(model(X[0]), 1)
    program = compile(lambda x: model(x), inputs=2, parameters=model.parameters())
    kinds = {"text/html", "image/svg+xml", "text/latex"}
    figure = plot_history(history).figure
    pyplot.close(figure)
    for each in (loss, model, history, trace(loss), program, summary(model), figure):
        # a figure displays its bundle itself, since IPython would draw another image beside it
        shown = each._repr_mimebundle_() if each is figure else DisplayFormatter().format(each)[0]
        assert kinds & {*shown}, each
        assert shown["text/plain"].count("\n") < 40
        assert len(shown["text/plain"]) < 2000
