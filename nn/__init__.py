"""Neurons, layers and networks made of single numbers, and what trains them.

>>> from nn import MLP
>>> model = MLP(2, [16, 16, 1], seed=1337)
>>> len(model.parameters())
337
"""

from typing import TYPE_CHECKING, Any

from engine.compiler.backends.trainer import TrainingState
from nn.activations import ACTIVATIONS
from nn.clipping import clip_gradients
from nn.datasets.dataset import Dataset
from nn.datasets.location_windows import LocationWindows, location_windows
from nn.datasets.plane import blobs, circles, spirals, two_moons, xor
from nn.datasets.tables import breast_cancer, digits, iris, wine
from nn.initializers import INITIALIZERS, Constant, Normal, Uniform
from nn.io.export import export
from nn.io.model_file import load
from nn.layers.activation import Activation, PReLU, Softmax
from nn.layers.dense import Layer, Neuron
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.mlp import MLP
from nn.layers.normalization import BatchNorm, LayerNorm
from nn.layers.residual import Residual
from nn.layers.sequential import Sequential
from nn.losses import (
    LOSSES,
    binary_cross_entropy,
    binary_cross_entropy_from_probabilities,
    cross_entropy,
    cross_entropy_from_probabilities,
    hinge,
    mean_squared_error,
)
from nn.module import Buffer, Module, Parameter
from nn.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp
from nn.scaling import MinMaxScaler, Standardizer
from nn.schedules import CosineDecay, ExponentialDecay, ReduceOnPlateau, StepDecay, WarmUp
from nn.summary import summary
from nn.training.evaluate import accuracy, evaluate, loss_of
from nn.training.figures import METRICS
from nn.training.fit import fit
from nn.training.history import History
from nn.training.outputs import layer_outputs
from nn.training.predict import predict

if TYPE_CHECKING:
    from nn.estimators import MLPClassifier as MLPClassifier
    from nn.estimators import MLPRegressor as MLPRegressor

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "METRICS",
    "MLP",
    "OPTIMIZERS",
    "SGD",
    "Activation",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Buffer",
    "Constant",
    "CosineDecay",
    "Dataset",
    "Dropout",
    "Embedding",
    "ExponentialDecay",
    "History",
    "Layer",
    "LayerNorm",
    "LocationWindows",
    "MinMaxScaler",
    "Module",
    "Neuron",
    "Normal",
    "Optimizer",
    "PReLU",
    "Parameter",
    "RMSProp",
    "ReduceOnPlateau",
    "Residual",
    "Sequential",
    "Softmax",
    "Standardizer",
    "StepDecay",
    "TrainingState",
    "Uniform",
    "WarmUp",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_from_probabilities",
    "blobs",
    "breast_cancer",
    "circles",
    "clip_gradients",
    "cross_entropy",
    "cross_entropy_from_probabilities",
    "digits",
    "evaluate",
    "export",
    "fit",
    "hinge",
    "iris",
    "layer_outputs",
    "load",
    "location_windows",
    "loss_of",
    "mean_squared_error",
    "predict",
    "spirals",
    "summary",
    "two_moons",
    "wine",
    "xor",
]

ESTIMATORS = "MLPClassifier", "MLPRegressor"  # not in __all__, as they need scikit-learn, and * should not


def __getattr__(name: str) -> Any:
    if name in ESTIMATORS:
        from nn import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *ESTIMATORS})
