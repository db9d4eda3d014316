"""A model file gives back the very same numbers, or says what is wrong with it; writing is all or nothing."""

import copy
import json
import math
import os
import pickle
import random
import re
import stat
import sys
import traceback
from datetime import date
from pathlib import Path

import pytest
from models import MODELS, ROWS

import nn
from engine import operation
from nn import (
    MLP,
    Activation,
    Layer,
    LayerNorm,
    Module,
    Parameter,
    PReLU,
    Sequential,
    Standardizer,
    accuracy,
    fit,
    load,
)
from nn.io.parts import DEEPEST, KINDS


def what_is_in(model):
    """Everything that a model file is to keep, and that a model can be asked for."""
    modules = [(type(part), part.training, part.classes, part.place.title) for part in model.modules()]
    return repr([modules, model, *model.state_dict().items(), [parameter.label for parameter in model.parameters()]])


@pytest.mark.parametrize("name", MODELS)
def test_every_model_comes_back_exactly(name, tmp_path):
    model, rows = MODELS[name]()
    model.batch(rows)  # on which running statistics depend
    before = random.getstate()
    model.save(tmp_path / "model.json")
    for same in (load(tmp_path / "model.json"), type(model).load(tmp_path / "model.json")):
        assert what_is_in(same) == what_is_in(model)
    assert random.getstate() == before, "nothing is drawn for what a file says"
    same.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == (tmp_path / "model.json").read_text()
    assert repr(same.eval().batch(rows)) == repr(model.eval().batch(rows))


def test_there_is_a_model_of_every_part():
    parts = {item for item in map(nn.__dict__.get, nn.__all__) if isinstance(item, type) and issubclass(item, Module)}
    assert parts - {Module} == {*KINDS}
    assert {type(part) for make in MODELS.values() for part in make()[0].modules()} == {*KINDS}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda model: model.parts.append(Module()), "no code, so <.*Module object .*, a Module of your own"),
        (
            lambda model: setattr(model.parts[1].layers[0], "activation", lambda z: z * z),
            "holds no functions, so .*lambda",
        ),
        (
            lambda model: setattr(model.parts[1].layers[0], "extra", Parameter(1.0)),
            "a Layer is made with, .* has .*extra",
        ),
        (lambda model: model.parts[1].normalizations.pop(), "a MLP is made with, .* lacks parts.1.normalizations.1"),
        (
            lambda model: setattr(model.parts[1].normalizations[0], "epsilon", 1.0),
            "normalizations.0 .* settings of its own",
        ),
        (
            lambda model: model.parts[1].layers[0].neurons[0].w.append(Parameter(1.0)),
            "MLP.* reads 3 numbers, but",
        ),
        (lambda model: model.parts[1].layers.__setitem__(0, type("Mine", (Layer,), {})(2, 3)), "layers.0 is a Mine"),
        (lambda model: model.parts.append(model), f"at most {DEEPEST} deep"),
        (lambda model: setattr(model, "classes", ("a", "b", "c")), "classes must be 2 different labels"),
    ],
)
def test_what_a_model_file_cannot_say_is_refused(change, says, tmp_path):
    model = Sequential(Standardizer(2), MLP(2, [3, 3, 1], normalization="layer"))
    change(model)
    with pytest.raises(ValueError, match=says):
        model.save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


def test_an_operation_is_written_by_its_name_and_must_be_known(tmp_path, monkeypatch):
    twice = operation(lambda m, x: x + x, name="twice_of_a_file")
    model = Sequential(Layer(2, 2, twice, seed=1), Activation("twice_of_a_file"))
    model.save(tmp_path / "model.json")
    assert load(tmp_path / "model.json").batch(ROWS) == model.batch(ROWS)
    monkeypatch.delitem(sys.modules["engine.operation"]._operations, "twice_of_a_file")
    with pytest.raises(ValueError, match=r"unknown activation 'twice_of_a_file': .* define it with engine.operation"):
        load(tmp_path / "model.json")


def test_a_model_of_another_class_is_refused(tmp_path):
    Layer(2, 1).save(tmp_path / "model.json")
    with pytest.raises(ValueError, match=r"holds no MLP, but Layer\(2, 1, 'relu'\): write nn.load\("):
        MLP.load(tmp_path / "model.json")


def test_what_is_no_path_is_no_file_that_is_damaged():
    with pytest.raises(ValueError, match=r"^no path has a null character"):
        load("model\0.json")


def test_files_of_version_1_are_read(tmp_path):
    layers = [
        {"activation": "tanh", "weights": [[0.1, -0.0], [5e-324, 2]], "biases": [0.5, "inf"]},
        {"activation": "relu", "weights": [[1.0, 2.0]], "biases": [0.25]},
        {"activation": "sigmoid", "weights": [[-1.0]], "biases": [0.25]},
    ]
    tied = [["layers.1.neurons.0.b", "layers.2.neurons.0.b"]]
    document = {"format": "chalkgrad model", "version": 1, "layers": layers, "tied": tied, "classes": ["a", "b"]}
    (tmp_path / "model.json").write_text(json.dumps(document))
    model = load(tmp_path / "model.json")
    assert repr([layer.weights for layer in model.layers]) == "[[[0.1, -0.0], [5e-324, 2.0]], [[1.0, 2.0]], [[-1.0]]]"
    assert [layer.biases for layer in model.layers] == [[0.5, math.inf], [0.25], [0.25]]
    assert [layer.activation for layer in model.layers] == ["tanh", "relu", "sigmoid"]
    assert model.layers[1].neurons[0].b is model.layers[2].neurons[0].b
    assert model.classes == ("a", "b")
    model.save(tmp_path / "model.json")
    assert what_is_in(load(tmp_path / "model.json")) == what_is_in(model)


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
    assert document["model"] == {"part": "MLP", **model.settings()}
    assert document["numbers"] == {"layers.0.neurons.0.w": model.layers[0].weights[0], "layers.0.neurons.0.b": 0.0}
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

    extended = MLP(2, [1])
    extended.scale = Parameter(2.0)
    with pytest.raises(ValueError, match="holds what a MLP is made with, but this one has scale"):
        extended.save(tmp_path / "model.json")
    with pytest.raises(ValueError, match=r"parts of nn alone .*MLP\(Layer.* a Module of your own, cannot be written"):
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


def document_of(model, tmp_path):
    model.save(tmp_path / "model.json")
    return json.loads((tmp_path / "model.json").read_text())


LARGE = 10**7


@pytest.mark.parametrize(
    ("described", "says"),
    [
        ({"part": "Layer", "n_inputs": LARGE, "n_outputs": LARGE, "activation": "relu"}, "needs more numbers"),
        ({"part": "Layer", "n_inputs": 1, "n_outputs": 10**400, "activation": "relu"}, "n_outputs must be at most"),
        ({"part": "MLP", "n_inputs": 1, "widths": [LARGE, 1]}, "needs more numbers"),
        ({"part": "MLP", "n_inputs": 2, "widths": [3, "x"]}, "a width must be a whole number, .* was 'x'"),
        ({"part": "MLP", "n_inputs": 2, "widths": 3}, "3 stands where a list should"),
        *(({"part": part, **settings}, "needs more numbers")
          for part, settings in (("Embedding", {"n_words": LARGE, "width": 1}), ("PReLU", {"n": LARGE}),
                                 ("Neuron", {"n_inputs": LARGE, "activation": "relu"}),
                                 ("LayerNorm", {"n": LARGE, "epsilon": 1.0}),
                                 ("BatchNorm", {"n": LARGE, "epsilon": 1.0, "momentum": 0.5}),
                                 ("Standardizer", {"n_inputs": LARGE}),
                                 ("MinMaxScaler", {"n_inputs": LARGE, "low": 0.0, "high": 1.0}))),
        ({"part": "os.system"}, "'os.system', which is none of MLP, Sequential"),
        ({"part": "Module"}, "'Module', which is none of"),
        ({"part": ["Layer"]}, "must be a part, such as"),
        (3, "must be a part, such as .* but is 3"),
        ({"part": "Softmax", "parts": []}, r"the model \(Softmax\) says 'parts', which this program does not know"),
        ({"part": "Sequential"}, "does not say its parts"),
        ({"part": "Sequential", "parts": []}, "a Sequential needs a part at least"),
        ({"part": "Sequential", "parts": {}}, "stands where a list should"),
        ({"part": "Sequential", "parts": [{"part": "Softmax"}, {"part": "?"}]},
         r"part 2 of the model \(Sequential\) is a '\?'"),
        ({"part": "Softmax", "training": 1}, "training must be true or false"),
        ({"part": "Softmax", "classes": ["a", "a"]}, "must be 2 different labels"),
        ({"part": "LayerNorm", "n": 2}, "does not say its epsilon"),
        ({"part": "LayerNorm", "n": 2.0, "epsilon": 1.0}, "n must be a whole number"),
        ({"part": "LayerNorm", "n": True, "epsilon": 1.0}, "n must be a whole number"),
        ({"part": "LayerNorm", "n": 2, "epsilon": "x"}, "epsilon must be"),
        ({"part": "Layer", "n_inputs": 1, "n_outputs": 1, "activation": "relu", "seed": 3}, "says 'seed'"),
        ({"part": "Layer", "n_inputs": 1, "n_outputs": 1, "activation": "relu", "nonlin": True}, "says nonlin: True"),
        ({"part": "Activation", "activation": "eval"}, "unknown activation 'eval'"),
        ({"part": "Activation", "activation": {"a": 1}}, "unknown activation {'a': 1}"),
    ],
)  # fmt: skip
def test_a_hostile_file_makes_nothing(described, says, tmp_path):
    document = {"format": "chalkgrad model", "version": 2, "model": described, "numbers": {"w": [1.0] * 8}}
    (tmp_path / "model.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match=says):
        load(tmp_path / "model.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda numbers: numbers.pop("slope"), "needs more numbers"),
        (lambda numbers: numbers["slope"].pop(), "needs more numbers"),
        (lambda numbers: numbers["slope"].append(1.0), "a number for 'slope.2', which its model does not have"),
        (lambda numbers: numbers.update({"slope.1": 1.0}), "two numbers for 'slope.1'"),
        (lambda numbers: numbers.update({"slopes": numbers.pop("slope")}), "no number for 'slope.[01]'"),
        (lambda numbers: numbers.update({"slope": [[1.0], [2.0]]}), r"\[1.0\] stands where a number should"),
        (lambda numbers: numbers.update({"slope": "x"}), "'x' stands where a number should"),
        (lambda numbers: numbers.update({"__class__": 1.0}), "'__class__', which its model does not have"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(change, says, tmp_path):
    document = document_of(PReLU(2), tmp_path)
    change(document["numbers"])
    (tmp_path / "model.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match=f"damaged .*{says}"):
        load(tmp_path / "model.json")


@pytest.mark.parametrize(
    ("ties", "says"),
    [
        ([["parts.0", "parts.1"]], "parts.0 and parts.1 are tied, but differ"),
        ([["parts.1", "parts.1.parts.0"]], "are tied, but differ"),
        ([["parts.2.gamma.0", "parts.2.beta.0"]], "are tied, but differ"),
        ([["parts.2.beta.0", "parts.3.mean.0"]], "are tied, but differ"),  # a Parameter and a Buffer
        ([["parts", "parts.0"]], "'parts' is tied, but there is no such"),
        ([["__class__", "parts.0"]], "'__class__' is tied, but there is no such"),
        ([["parts.0"]], "two paths or more"),
        ([["parts.0", "parts.0"]], "each path once"),
        ([3], "3 stands where a list should"),
    ],
)
def test_ties_that_do_not_fit_are_refused(ties, says, tmp_path):
    model = Sequential(Layer(2, 2, init="zeros"), Sequential(Sequential(Layer(2, 2))), LayerNorm(2), Standardizer(2))
    document = document_of(model, tmp_path) | {"tied": ties}
    (tmp_path / "model.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match=f"damaged .*{says}"):
        load(tmp_path / "model.json")


def test_parts_within_parts_are_refused_before_the_stack_ends(tmp_path):
    for depth in (DEEPEST + 1, 10_000):
        described = '{"part": "Sequential", "parts": [' * depth + '{"part": "Softmax"}' + "]}" * depth
        text = '{"format": "chalkgrad model", "version": 2, "numbers": {}, "model": ' + described + "}"
        (tmp_path / "model.json").write_text(text)
        with pytest.raises(ValueError, match=r"more than 100 deep|not JSON \(maximum recursion"):
            load(tmp_path / "model.json")


JUNK = [None, True, False, 0, -1, 3, 2.0, 0.5, 1e308, 10**30, "", "nan", "tanh", "Layer", "MLP", "parts.0", [], {},
        [[]], [1], [2, 2], ["a", "b"], {"part": "Softmax"},
        {"part": "Sequential", "parts": [{"part": "Softmax"}]}]  # fmt: skip


NAMES = ["part", "classes", "training", "widths", "parts", "tied", "n", "parts.0.gamma", "layers.0.neurons.0.b"]


def slots(document):
    """Every place in a document, as the container and the key."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, item in [*entries]:
        yield document, key
        if isinstance(item, dict | list):
            yield from slots(item)


def mutated(text, draw):
    """A model file that somebody edited, cut short, or that a disk has spoilt."""
    how = draw.random()
    if how < 0.15:
        return text[: draw.randrange(len(text))]
    if how < 0.35:
        place = draw.randrange(len(text))
        return text[:place] + draw.choice('0123456789-+.eE"[]{},: \\n\0\udcffxN') + text[place + draw.randrange(3) :]
    document = json.loads(text)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        (container, key), (other, name) = draw.choice([*slots(document)]), draw.choice([*slots(document)])
        what = draw.randrange(5)
        if what == 0:
            del container[key]
        elif what == 1:
            container[key] = copy.deepcopy(other[name])
        elif what == 2 and isinstance(container, dict):
            container[draw.choice([str(name), "part", "classes", "training", "widths", "parts", "tied"])] = (
                container.pop(key)
            )
        elif what == 3 and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        else:
            container[key] = copy.deepcopy(draw.choice(JUNK))
        if not document:
            break
    return json.dumps(document)


def read(path):
    try:
        return load(path), None
    except Exception as error:
        return None, error


def test_a_mutated_random_file_is_read_or_refused_in_words(tmp_path):
    n_trials = int(os.environ.get("RANDOM_TRIALS", "200"))
    texts, path = [], tmp_path / "model.json"
    for make in MODELS.values():
        make()[0].save(path)
        texts.append(path.read_text())
    n_refused = 0
    for trial in range(n_trials):
        draw = random.Random(trial)
        text = mutated(texts[trial % len(texts)], draw)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        model, error = read(path)
        if error is None:
            model.save(path)  # whatever is read can be written, and is the same then
            assert what_is_in(load(path)) == what_is_in(model), f"trial {trial}: {text[:2000]}"
            continue
        n_refused += 1
        assert isinstance(error, ValueError), f"trial {trial}: {error!r}: {text[:2000]}"
        place = traceback.extract_tb(error.__traceback__)[-1].filename
        assert Path(place).name == "model_file.py", f"trial {trial}: {error} comes from {place}: {text[:2000]}"
        assert str(path) in str(error)
    assert n_refused > n_trials / 2
