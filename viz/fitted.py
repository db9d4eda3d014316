"""What was found in an estimator that was fitted, for pictures of its network and of its training."""

from typing import Any

import numpy as np

from nn import MLP, History, Module

__all__ = ["network_of", "training_of"]

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}  # scikit-learn's names


def network_of(model: Any) -> Any:
    """The network of an estimator that was fitted; anything else as it is.

    Args:
        model: of this project or of scikit-learn: a multi-layer perceptron, or a linear model, which is one neuron for
            each of its outputs.
    """
    if isinstance(model, Module | type):
        return model
    if isinstance(getattr(model, "model_", None), Module):
        return model.model_
    if hasattr(model, "coefs_"):
        return _made([weights.T for weights in model.coefs_], model.intercepts_, ACTIVATIONS[model.activation])
    if hasattr(model, "coef_") and hasattr(model, "intercept_"):
        weights = np.atleast_2d(model.coef_)
        return _made([weights], [np.broadcast_to(model.intercept_, len(weights))], "linear")
    return model


def training_of(history: Any) -> Any:
    """The history of an estimator of this project that was fitted; anything else as it is."""
    found = None if isinstance(history, type) else getattr(history, "history_", None)
    return found if isinstance(found, History) else history


def _made(weights: Any, biases: Any, activation: str) -> MLP:
    network = MLP(weights[0].shape[1], [len(rows) for rows in weights], activation, seed=0)
    numbers = [np.column_stack(layer).ravel() for layer in zip(weights, biases, strict=True)]  # neuron by neuron
    for parameter, number in zip(network.parameters(), np.concatenate(numbers), strict=True):
        parameter.data = float(number)
    return network
