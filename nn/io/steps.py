"""A model in use as steps on arrays: what the formats of other libraries are written from.

Parts within parts are laid out in one row; only what is added to its input has a row of its own. So there are few kinds
of steps, and whoever writes a format writes these.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from nn.layers.activation import Activation, PReLU, Softmax
from nn.layers.dense import Layer, Neuron
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.mlp import MLP
from nn.layers.normalization import BatchNorm, LayerNorm
from nn.layers.residual import Residual
from nn.layers.sequential import Sequential
from nn.module import Module
from nn.scaling import Scaler

__all__ = ["Step", "named_arrays", "steps_of"]


@dataclass
class Step:
    """One step: from rows of numbers to rows of numbers.

    Attributes:
        kind: "linear", "activation", "softmax", "prelu", "batch_norm", "layer_norm", "dropout", "embedding", "flatten",
            "scale" or "residual".
        arrays: its numbers as lists (of lists), by the names that PyTorch has for them; those of "scale" are subtracted
            (shift), and divided by (scale).
        settings: what else there is to say: the name of an activation, epsilon, p, what is added to scaled numbers
            (low).
        steps: those of a "residual", to whose outcome its input is added.
        projection: what a "residual" makes of its input first, if not nothing.
    """

    kind: str
    arrays: dict[str, list[Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    steps: list["Step"] = field(default_factory=list)
    projection: "Step | None" = None


def named_arrays(steps: list[Step], within: str = "") -> Iterator[tuple[str, list[Any]]]:
    """All arrays, by the names that a `torch.nn.Sequential` of these steps has for them: "0.weight", "2.1.bias"."""
    for number, step in enumerate(steps):
        yield from ((f"{within}{number}.{name}", array) for name, array in step.arrays.items())
        yield from named_arrays(step.steps, f"{within}{number}.")
        if step.projection:
            yield from (
                (f"{within}{number}.projection.{name}", array) for name, array in step.projection.arrays.items()
            )


@singledispatch
def steps_of(part: Module) -> list[Step]:
    """The steps of a part in use: by running statistics, and without dropout.

    Args:
        part: a Module of nn that `nn.io.model_file.document_of` does not refuse.

    Example:
        >>> [step.kind for step in steps_of(MLP(2, [3, 2], "tanh", "softmax"))]
        ['linear', 'activation', 'linear', 'softmax']
    """
    raise NotImplementedError(f"nobody has said which steps a {type(part).__name__} takes")


@steps_of.register
def _(part: Sequential) -> list[Step]:
    return [step for inner in part.parts for step in steps_of(inner)]


@steps_of.register
def _(part: Residual) -> list[Step]:
    steps = [step for inner in part.parts for step in steps_of(inner)]
    return [Step("residual", steps=steps, projection=steps_of(part.projection)[0] if part.projection else None)]


@steps_of.register
def _(part: MLP) -> list[Step]:
    steps: list[Step] = []
    for i, layer in enumerate(part.layers[:-1]):
        linear, *activation = steps_of(layer)
        normalization = steps_of(part.normalizations[i]) if part.normalizations else []
        dropout = steps_of(part.dropouts[i]) if part.dropouts else []
        hidden = [linear, *normalization, *activation, *dropout]
        is_residual = part.residual and layer.n_inputs == len(layer.neurons)
        steps += [Step("residual", steps=hidden)] if is_residual else hidden
    return [*steps, *steps_of(part.layers[-1])]


@steps_of.register
def _(part: Layer) -> list[Step]:
    return [
        _linear(part.weights, part.biases if part.neurons[0].b is not None else None),
        *_activation(part.activation),
    ]


@steps_of.register
def _(part: Neuron) -> list[Step]:
    return [_linear([_numbers(part.w)], None if part.b is None else [part.b.data]), *_activation(part.activation)]


@steps_of.register
def _(part: Activation) -> list[Step]:
    return _activation(part.activation)


@steps_of.register
def _(part: Softmax) -> list[Step]:
    return [Step("softmax")]


@steps_of.register
def _(part: PReLU) -> list[Step]:
    return [Step("prelu", {"weight": _numbers(part.slope)})]


@steps_of.register
def _(part: BatchNorm) -> list[Step]:
    statistics = {"running_mean": _numbers(part.running_mean), "running_var": _numbers(part.running_var)}
    arrays = {"weight": _numbers(part.gamma), "bias": _numbers(part.beta), **statistics}
    return [Step("batch_norm", arrays, {"epsilon": part.epsilon, "momentum": part.momentum})]


@steps_of.register
def _(part: LayerNorm) -> list[Step]:
    arrays = {"weight": _numbers(part.gamma), "bias": _numbers(part.beta)}
    return [Step("layer_norm", arrays, {"epsilon": part.epsilon})]


@steps_of.register
def _(part: Dropout) -> list[Step]:
    return [Step("dropout", settings={"p": part.p})]


@steps_of.register
def _(part: Embedding) -> list[Step]:
    return [Step("embedding", {"weight": part.vectors}), Step("flatten")]


@steps_of.register
def _(part: Scaler) -> list[Step]:
    part._check_fitted()
    shift, scale = (_numbers(buffers) for buffers in part._buffers)
    return [Step("scale", {"shift": shift, "scale": scale}, {"low": part.low})]


def _linear(weights: list[Any], biases: list[Any] | None) -> Step:
    return Step("linear", {"weight": weights} if biases is None else {"weight": weights, "bias": biases})


def _activation(activation: Any) -> list[Step]:
    if activation == "linear":
        return []
    return [Step("softmax")] if activation == "softmax" else [Step("activation", settings={"activation": activation})]


def _numbers(kept: Any) -> list[float]:
    return [number.data for number in kept]
