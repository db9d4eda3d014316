"""A model file gives back the very same numbers, or says what is wrong with it; writing is all or nothing."""

import copy
import json
import math
import os
import pickle
import re
import stat
from datetime import date

import pytest

from nn import MLP, Parameter, accuracy, fit


def test_every_number_comes_back_exactly(tmp_path):
    model = MLP(3, [4, 1, 2], activation="tanh", output_activation="sigmoid", seed=1)
    model.layers[0].neurons[0].b.data = 5e-324
    model.layers[0].neurons[1].b.data = math.inf
    model.layers[0].neurons[2].b.data = -0.0
    model.save(tmp_path / "model.json")
    same = MLP.load(tmp_path / "model.json")
    assert list(map(repr, same.state_dict().items())) == list(map(repr, model.state_dict().items()))
    assert [layer.activation for layer in same.layers] == ["tanh", "tanh", "sigmoid"]
    model.layers[0].neurons[1].b.data = math.nan
    model.save(tmp_path / "model.json")
    assert math.isnan(MLP.load(tmp_path / "model.json").layers[0].neurons[1].b.data)


def test_the_file_is_json_that_anyone_can_read(tmp_path):
    model = MLP(2, [1], seed=1)
    model.save(tmp_path / "model.json")
    document = json.loads((tmp_path / "model.json").read_text(), parse_constant=pytest.fail)
    assert document["format"] == "chalkgrad model"
    assert document["layers"][0]["weights"] == model.layers[0].weights
    assert stat.S_IMODE((tmp_path / "model.json").stat().st_mode) & 0o444 != 0


GOOD = {"activation": "relu", "weights": [[1.0, 2.0]], "biases": [0.5]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1, 2]", "does not say"),
        ('{"format": "other"}', "does not say"),
        ('{"format": "chalkgrad model", "version": 99}', "version 99"),
        ('{"format": "chalkgrad model", "version": 1}', "damaged.*layers"),
        *(
            (json.dumps({"format": "chalkgrad model", "version": 1, "layers": layers}), says)
            for layers, says in (
                ([], "no layers"),
                ("x", "no layers"),
                ([{**GOOD, "weights": [[1.0], [2.0, 3.0]], "biases": [0, 0]}], "layer 1 do not fit"),
                ([{**GOOD, "biases": []}], "layer 1 do not fit"),
                ([{**GOOD, "weights": []}], "layer 1 do not fit"),
                ([GOOD, GOOD], "layer 2 do not fit"),
                ([{**GOOD, "weights": [["x", 2.0]]}], "'x' stands where a number should"),
                ([{**GOOD, "weights": [[True, 2.0]]}], "True"),
                ([{**GOOD, "weights": [[None, 2.0]]}], "None"),
                ([{**GOOD, "activation": 3}], "no name"),
                ([{**GOOD, "activation": "__import__('os')"}], "unknown activation"),
                ([3], "damaged.*layer 1 must say activation, biases, weights, but is 3"),
                ([{**GOOD, "weights": [1.0, 2.0]}], "1.0 stands where a list should"),
                ([{**GOOD, "weights": {"a": 1}}], "stands where a list should"),
                ([{**GOOD, "biases": [10**400]}], "1000.* stands where a number should"),
                ([{**GOOD, "bias": [0.5]}], "layer 1 says 'bias', which this program does not know"),
                ([{"weights": [[1.0]], "biases": [0.5]}], "layer 1 does not say its activation"),
            )
        ),
    ],
)
def test_a_damaged_or_foreign_file_gives_one_clear_error(tmp_path, text, says):
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=says):
        MLP.load(path)


HEAD = '{"format": "chalkgrad model", "version": 1, "layers": [' + json.dumps(GOOD) + "]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + ', "layers": []}', "damaged .*: it says 'layers' twice"),
        (HEAD.replace('"relu"', '"relu", "activation": "tanh"') + "}", "it says 'activation' twice"),
        (HEAD + ', "optimizer": 1}', "the file says 'optimizer', which this program does not know"),
        (HEAD.replace("0.5", "NaN") + "}", "NaN is no JSON"),
        (HEAD.replace("0.5", "1e999") + "}", "inf stands where a number should"),
        (HEAD.replace("1,", "true,") + "}", "is version True"),
        (HEAD.replace("1,", "1.0,") + "}", "is version 1.0"),
        (HEAD + ', "classes": "ab"}', "'ab' stands where a list should"),
        (HEAD + ', "classes": ["a", "b", "c"]}', "classes must be 2 different labels"),
        (HEAD + ', "classes": ["a", "a"]}', "classes must be 2 different labels"),
        (HEAD + ', "classes": ["a", null]}', "classes must be 2 different labels"),
        (HEAD + ', "classes": ["a", ["b"]]}', "classes must be 2 different labels"),
        (HEAD + ', "tied": 3}', "3 stands where a list should"),
        (HEAD + ', "tied": [["layers.0.neurons.0.b"]]}', "lists of two paths or more"),
        (HEAD + ', "tied": [[1, 2]]}', "lists of two paths or more"),
        (HEAD + ', "tied": [["b", "b"]]}', "each path once"),
        (HEAD + ', "tied": [["layers.0.neurons.0.b", "b"]]}', "'b' is tied, but there is no such Parameter"),
        (HEAD + ', "tied": [["layers.0.neurons.0.w.0", "layers.0.neurons.0.b"]]}', "are tied, but differ"),
    ],
)
def test_what_a_model_file_does_not_say_is_refused(tmp_path, text, says):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ValueError, match=says):
        MLP.load(tmp_path / "model.json")


@pytest.mark.parametrize(
    "tie",
    [
        lambda layers: setattr(layers[1].neurons[0], "b", layers[0].neurons[0].w[1]),
        lambda layers: layers[1].neurons[1].w.__setitem__(slice(0, 2), [layers[0].neurons[0].b] * 2),
        lambda layers: layers.__setitem__(1, layers[0]),
        lambda layers: layers[1].neurons.__setitem__(0, layers[1].neurons[1]),
        lambda layers: setattr(layers[1].neurons[0], "w", layers[1].neurons[1].w),
    ],
)
def test_tied_weights_stay_tied(tmp_path, tie):
    model = MLP(2, [2, 2, 1], activation="tanh", seed=1)
    tie(model.layers)
    model.save(tmp_path / "model.json")
    same = MLP.load(tmp_path / "model.json")
    assert len(same.parameters()) == len(model.parameters()) < 15
    for each in (model, same):
        fit(each, [[1.0, 2.0], [2.0, -1.0]], [1, -1], epochs=3, progress=False)
    assert [layer.weights for layer in same.layers] == [layer.weights for layer in model.layers]
    assert [layer.biases for layer in same.layers] == [layer.biases for layer in model.layers]


@pytest.mark.parametrize(
    "classes", [("no", "yes"), (False, True), (1, 2.5), ("", "[1,  2]"), ('"', "\\"), ("é", "\ud800")]
)
def test_the_classes_are_in_the_file(tmp_path, classes):
    model = MLP(2, [3, 1], seed=1)
    fit(model, [[1.0, 2.0], [2.0, 1.0]], [*classes], classes=classes, epochs=1, progress=False)
    model.save(tmp_path / "model.json")
    same = MLP.load(tmp_path / "model.json")
    assert same.classes == classes
    assert [*map(type, same.classes)] == [*map(type, classes)]
    assert accuracy(same, [[1.0, 2.0], [2.0, 1.0]], [*classes]) == accuracy(model, [[1.0, 2.0], [2.0, 1.0]], [*classes])


def test_classes_that_json_cannot_say_are_refused(tmp_path):
    model = MLP(2, [1], seed=1)
    model.classes = ("a", date(2026, 1, 1))
    with pytest.raises(
        ValueError, match=r"labels that are text, numbers, True or False, not datetime.date\(2026, 1, 1\)"
    ):
        model.save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


def test_parameters_that_are_in_no_layer_are_not_lost_unseen(tmp_path):
    class Scaled(MLP):
        def __init__(self, *widths):
            super().__init__(*widths)
            self.scale = Parameter(2.0)

    with pytest.raises(ValueError, match="holds the layers of an MLP, but scale is a Parameter in none of them"):
        Scaled(2, [1]).save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", [None, 3, ["model.json"], b"model.json", MLP(1, [1])])
def test_what_is_no_path_is_refused(path):
    for call in (MLP(2, [1]).save, MLP.load):
        with pytest.raises(TypeError, match="a path is text, such as 'model.json', but was " + re.escape(repr(path))):
            call(path)
    with pytest.raises(ValueError, match="no path has a null character"):
        MLP(2, [1]).save("a\0b")


def test_a_binary_file_and_a_missing_one(tmp_path):
    (tmp_path / "x").write_bytes(b"\x80\x04\xff")
    with pytest.raises(ValueError, match="not JSON"):
        MLP.load(tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        MLP.load(tmp_path / "missing.json")


def test_a_path_that_cannot_be_written(tmp_path):
    model = MLP(2, [1])
    with pytest.raises(FileNotFoundError, match=r"folder .*nowhere does not exist"):
        model.save(tmp_path / "nowhere" / "model.json")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        model.save(tmp_path)


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    MLP(2, [1], seed=1).save(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        MLP(2, [1], seed=2).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_layer_of_mixed_activations_is_refused(tmp_path):
    model = MLP(2, [2, 1], seed=1)
    model.layers[0].neurons[1].activation = "tanh"
    with pytest.raises(ValueError, match="different activations: relu, tanh"):
        model.save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


def test_links_and_modes_stay(tmp_path):
    MLP(2, [1], seed=1).save(tmp_path / "real.json")
    (tmp_path / "real.json").chmod(0o600)
    (tmp_path / "link.json").symlink_to("real.json")
    model = MLP(2, [1], seed=2)
    model.save(tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.json").stat().st_mode) == 0o600
    assert MLP.load(tmp_path / "real.json").state_dict() == model.state_dict()


def test_models_can_be_copied_and_pickled():
    model = MLP(2, [3, 1], seed=1)
    for same in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert same.state_dict() == model.state_dict()
        assert same([1.0, 2.0]).data == model([1.0, 2.0]).data
