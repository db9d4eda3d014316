"""Iris: a 4-8-3 network tells three species of flower apart by four measures."""

from pathlib import Path

from demos.measures import learn
from nn import MLP, iris


def run(folder: Path, epochs: int = 60) -> None:
    """Train on four of five flowers; the boundary is drawn by petals, at mean sepals."""
    model = MLP(4, [8, 3], activation="tanh", seed=1)
    learn(
        folder, "Iris: the species by petals, at mean sepals", model, iris(), (2, 3),
        batch_size=15, learning_rate=0.2, l2=1e-3, epochs=epochs,
    )  # fmt: skip
