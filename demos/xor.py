"""Xor: what no single neuron can do, and four in front of it can."""

from pathlib import Path
from typing import Any

from demos.plane import learn
from nn import MLP, accuracy, fit, xor


def run(folder: Path, epochs: int = 100) -> None:
    """Train a neuron, which fails, and then a network with a hidden layer."""
    data, fresh = xor(200, noise=0.25, seed=0), xor(1000, noise=0.25, seed=1)
    steps: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.05, "batch_size": 20, "epochs": epochs}
    alone = MLP(2, [1], seed=0)
    fit(alone, *data, loss="hinge", **steps)
    print(f"one neuron alone: accuracy {accuracy(alone, *data):.1%}")
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    learn(folder, "Xor: two lines make a band", model, data, fresh, "hinge", **steps)
