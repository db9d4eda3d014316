"""Model files of version 1, which held the layers of an MLP, as what a file of version 2 says."""

from typing import Any

from engine.arguments import shown
from nn.io.schema import DamagedError, check_keys, listed, number_from
from nn.layers.mlp import MLP

__all__ = ["from_version_1"]

LAYER = {"activation", "weights", "biases"}


def from_version_1(document: dict[str, Any]) -> dict[str, Any]:
    """The same model, as version 2 tells of it; DamagedError if there is none."""
    check_keys("the file", document, {"format", "version", "layers"}, {"tied", "classes"})
    layers = _checked_layers(document["layers"])
    widths = [len(layer["biases"]) for layer in layers]
    *hidden, output = [layer["activation"] for layer in layers]
    settings = MLP(1, [1], init="zeros").settings()  # what there was no choice of then
    settings |= {"n_inputs": len(layers[0]["weights"][0]), "widths": widths, "output_activation": output}
    settings["activation"] = hidden if len({*hidden}) > 1 else hidden[0] if hidden else "relu"
    numbers: dict[str, Any] = {}
    for i, layer in enumerate(layers):
        for j, (weights, bias) in enumerate(zip(layer["weights"], layer["biases"], strict=True)):
            numbers |= {f"layers.{i}.neurons.{j}.w": weights, f"layers.{i}.neurons.{j}.b": bias}
    classes = {"classes": listed(document["classes"])} if "classes" in document else {}
    return {"model": {"part": "MLP", **settings, **classes}, "numbers": numbers, "tied": document.get("tied", [])}


def _checked_layers(layers: Any) -> list[dict[str, Any]]:
    if not isinstance(layers, list) or not layers:
        raise DamagedError("it has no layers")
    n_inputs = None
    for number, layer in enumerate(layers, 1):
        check_keys(f"layer {number}", layer, LAYER)
        weights = [[number_from(weight) for weight in listed(row)] for row in listed(layer["weights"])]
        biases = [number_from(bias) for bias in listed(layer["biases"])]
        if n_inputs is None:
            n_inputs = len(weights[0]) if weights else 0
        if not biases or len(weights) != len(biases) or any(len(row) != n_inputs for row in weights) or not n_inputs:
            raise DamagedError(f"the weights and biases of layer {number} do not fit together or to the layer before")
        if not isinstance(layer["activation"], str):
            raise DamagedError(f"the activation of layer {number} is no name, but {shown(layer['activation'])}")
        n_inputs = len(biases)
    return layers
