"""Exported models compute the same in other libraries; what cannot be said in a format is refused in words."""

import json
import os
import struct
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from models import MODELS
from safetensors import safe_open
from safetensors.numpy import load_file

from engine import operation
from nn import MLP, Activation, Embedding, Layer, LayerNorm, Module, Sequential, Standardizer, export
from nn.io.parts import KINDS
from nn.io.steps import steps_of

IN_TORCH = json.loads(Path(__file__).with_name("exports_in_torch.json").read_text())


def made(name):
    """A model, rows of inputs, and its outputs for them in use, (n_rows, n_outputs)."""
    model, rows = MODELS[name]()
    model.batch(rows)  # on which running statistics depend
    training = [part.training for part in model.modules()]
    outputs = [output if isinstance(output, list) else [output] for output in model.eval().batch(rows)]
    for part, mode in zip(model.modules(), training, strict=True):
        part.training = mode
    return model, rows, np.array([[float(getattr(y, "data", y)) for y in output] for output in outputs])


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name]()[1]])
def test_onnxruntime_computes_the_same(name, tmp_path):
    model, rows, outputs = made(name)
    for dtype, close in (("float64", 1e-12), ("float32", 1e-5)):
        export(model, tmp_path / "model.onnx", dtype=dtype)
        (found,) = session(tmp_path / "model.onnx").run(None, {"x": np.array(rows, dtype=dtype)})
        assert (found.dtype, found.shape) == (dtype, outputs.shape)
        assert found == pytest.approx(outputs, rel=close, abs=close)
    assert [part.training for part in model.modules()] == [part.training for part in MODELS[name]()[0].modules()]


@pytest.mark.parametrize("name", ["elu", "gelu", "leaky_relu", "relu", "sigmoid", "softplus", "step", "swish", "tanh"])
def test_activations_are_right_at_every_size(name, tmp_path):
    rows = [[-745.0, -40.0, -38.0, -6.0, -5.5, -1.0, -1e-9, -0.0, 0.0, 1e-300, 1e-9, 0.5, 1.0, 5.5, 6.0, 38.0, 745.0]]
    export(Activation(name), tmp_path / "model.onnx")
    (found,) = session(tmp_path / "model.onnx").run(None, {"x": np.array(rows)})
    expected = [y.data for y in Activation(name)(rows[0])]
    assert found[0].tolist() == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_a_word_that_there_is_not_is_refused(tmp_path):
    export(Embedding(3, 2, seed=1), tmp_path / "model.onnx")
    for index in (3.0, -1.0, 0.5):
        with pytest.raises(Exception, match="out of data bounds"):
            session(tmp_path / "model.onnx").run(None, {"x": np.array([[index]])})


@pytest.mark.parametrize("name", IN_TORCH)
def test_pytorch_computes_the_same(name, tmp_path):
    model, _, outputs = made(name)
    export(model, tmp_path / "model.safetensors", format="torch")
    export(model, tmp_path / "model.npz")
    arrays, in_torch = load_file(tmp_path / "model.safetensors"), IN_TORCH[name]
    assert safe_open(tmp_path / "model.safetensors", "np").metadata()["torch"] == in_torch["code"]
    assert {key: array.shape for key, array in arrays.items()} == {
        key: np.shape(array) for key, array in in_torch["state"].items()
    }
    with np.load(tmp_path / "model.npz", allow_pickle=False) as same:
        assert str(same["torch"]) == in_torch["code"]
        for key, array in arrays.items():
            assert array == pytest.approx(np.array(in_torch["state"][key]), rel=1e-12, abs=1e-15)
            assert same[key].tolist() == array.tolist()
    assert outputs == pytest.approx(np.array(in_torch["outputs"]), rel=1e-8, abs=1e-12)  # its softplus is x above 20


def test_every_model_and_part_was_tried():
    assert IN_TORCH.keys() == {name for name, make in MODELS.items() if make()[1]} - {"step"}
    assert {type(part) for make in MODELS.values() for part in make()[0].modules()} == {*KINDS}
    assert all(steps_of.dispatch(kind) is not steps_of.dispatch(object) for kind in KINDS)


@pytest.mark.parametrize("name", MODELS)
def test_safetensors_hold_every_number_by_its_path(name, tmp_path):
    model, _ = MODELS[name]()
    path = tmp_path / "model.safetensors"
    export(model, path)
    arrays, state = load_file(path), model.state_dict()
    assert json.loads(safe_open(path, "np").metadata()["model"])["part"] == type(model).__name__
    numbers = sorted(number for array in arrays.values() for number in array.ravel().tolist())
    if name != "tied":  # which has some at several paths
        assert numbers == sorted(state.values())
    assert all(array.dtype == "float64" for array in arrays.values())


def test_safetensors_have_matrices(tmp_path):
    model = Sequential(MLP(2, [3, 1], normalization="batch", seed=1), Embedding(3, 2, seed=1))
    export(model, tmp_path / "model.safetensors")
    arrays = load_file(tmp_path / "model.safetensors")
    assert arrays["parts.0.layers.0.W"].tolist() == model.parts[0].layers[0].weights
    assert arrays["parts.0.layers.1.b"].tolist() == model.parts[0].layers[1].biases
    assert arrays["parts.0.normalizations.0.running_var"].tolist() == [1.0, 1.0, 1.0]
    assert arrays["parts.1.E"].tolist() == model.parts[1].vectors
    export(model, tmp_path / "model.safetensors", dtype="float32")
    single = load_file(tmp_path / "model.safetensors")
    assert {key: array.tolist() for key, array in single.items()} == {
        key: array.astype("float32").tolist() for key, array in arrays.items()
    }
    content = (tmp_path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    assert length % 8 == 0
    assert json.loads(content[8 : 8 + length])["parts.0.normalizations.0.beta"]["shape"] == [3]


def test_classes_and_scaling_travel_with_the_model(tmp_path):
    model = Sequential(Standardizer().fit([[100.0, 5.0], [300.0, 5.5]]), MLP(2, [2], seed=1))
    model.classes = ("no", 7)
    export(model, tmp_path / "model.onnx")
    export(model, tmp_path / "model.npz")
    export(model, tmp_path / "model.safetensors")
    texts = session(tmp_path / "model.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(texts["classes"]) == ["no", 7]
    assert json.loads(texts["model"])["parts"][0] == {"part": "Standardizer", "n_inputs": 2}
    assert json.loads(safe_open(tmp_path / "model.safetensors", "np").metadata()["classes"]) == ["no", 7]
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert json.loads(str(arrays["classes"])) == ["no", 7]
    (found,) = session(tmp_path / "model.onnx").run(None, {"x": np.array([[100.0, 5.0]])})
    assert found[0].tolist() == pytest.approx([y.data for y in model([100.0, 5.0])], rel=1e-12)


class Mine(Module):
    pass


SHRUG = operation(lambda m, x: x - m.tanh(x), name="shrug_of_export")


@pytest.mark.parametrize(
    ("model", "path", "format", "says"),
    [
        (Layer(2, 1), "model.pt", None, r"ending of the path must say the format, \.safetensors, \.onnx, \.npz"),
        (Layer(2, 1), "model", None, "ending of the path"),
        (Layer(2, 1), "model.onnx", "pickle", "unknown format 'pickle': choose one of safetensors, onnx, torch"),
        (Mine(), "model.onnx", None, "a Module of your own, cannot be written"),
        (Sequential(Layer(2, 1), Mine()), "model.safetensors", None, "a Module of your own, cannot be written"),
        (Layer(2, 1, lambda z: z * z), "model.npz", None, "holds no functions"),
        (Layer(2, 1, SHRUG), "model.onnx", None, "ONNX has no way to say the activation 'shrug_of_export'"),
        (Layer(2, 1, SHRUG), "model.npz", None, r"torch.nn has no module for the activation 'shrug_of_export'"),
        (Layer(2, 1, "step"), "model.npz", None, r"torch.nn has no module for the activation 'step'"),
        (Standardizer(), "model.onnx", None, "no statistics yet"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_words(model, path, format, says, tmp_path):
    with pytest.raises(ValueError, match=says):
        export(model, tmp_path / path, format=format)
    assert os.listdir(tmp_path) == []


def test_a_name_of_an_operation_is_kept_where_no_formula_is_needed(tmp_path):
    export(Layer(2, 1, SHRUG), tmp_path / "model.safetensors")
    description = json.loads(safe_open(tmp_path / "model.safetensors", "np").metadata()["model"])
    assert description["activation"] == "shrug_of_export"


def test_onnx_that_is_not_installed_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r'install onnx: pip install "chalkgrad\[export\]"'):
        export(LayerNorm(2), tmp_path / "model.onnx")
    export(LayerNorm(2), tmp_path / "model.safetensors")
    assert os.listdir(tmp_path) == ["model.safetensors"]
