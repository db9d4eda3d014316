"""Two moons: a 2-16-16-1 network learns a boundary that no straight line could be."""

from pathlib import Path

from demos.plane import learn
from nn import MLP, two_moons


def run(folder: Path, epochs: int = 100) -> None:
    """Train on 100 points by hinge loss, as micrograd's demo does."""
    data, fresh = two_moons(100, noise=0.1, seed=1337), two_moons(1000, noise=0.1, seed=1)
    model = MLP(2, [16, 16, 1], seed=1337)
    learn(
        folder, "Two moons: the score of the network", model, data, fresh, "hinge",
        learning_rate=lambda epoch: 1.0 - 0.9 * epoch / epochs, l2=1e-4, epochs=epochs,
    )  # fmt: skip
