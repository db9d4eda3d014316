"""Spirals: three arms wound around each other, for which a network needs two hidden layers."""

from pathlib import Path

from demos.plane import learn
from nn import MLP, spirals


def run(folder: Path, epochs: int = 300) -> None:
    """Train on 300 points, with an output for each arm."""
    data, fresh = spirals(300, n_classes=3, seed=0), spirals(1000, n_classes=3, seed=1)
    model = MLP(2, [24, 24, 3], activation="tanh", seed=0)
    learn(
        folder, "Spirals: each point by its highest output", model, data, fresh, "cross_entropy",
        optimizer="adam", learning_rate=0.01, batch_size=30, epochs=epochs,
    )  # fmt: skip
