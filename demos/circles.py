"""Circles: one class lies around the other, and eight neurons are enough to close a line around it."""

from pathlib import Path

from demos.plane import learn
from nn import MLP, circles


def run(folder: Path, epochs: int = 150) -> None:
    """Train on 200 points in batches of 20."""
    data, fresh = circles(200, noise=0.08, seed=0), circles(1000, noise=0.08, seed=1)
    model = MLP(2, [8, 1], activation="tanh", seed=0)
    learn(
        folder, "Circles: a closed line of eight neurons", model, data, fresh, "hinge",
        optimizer="adam", learning_rate=0.03, batch_size=20, epochs=epochs,
    )  # fmt: skip
