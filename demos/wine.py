"""Wine: a 13-8-3 network tells three growers apart by what a chemist measured in their wines."""

from pathlib import Path

from demos.measures import learn
from nn import MLP, wine


def run(folder: Path, epochs: int = 40) -> None:
    """Train on four of five bottles; the boundary is drawn by flavanoids and proline, two of thirteen measures."""
    model, data = MLP(13, [8, 3], activation="tanh", seed=0), wine()
    shown = data.feature_names.index("flavanoids"), data.feature_names.index("proline")
    learn(
        folder, "Wine: the grower by two measures, the others at their means", model, data, shown,
        optimizer="adam", learning_rate=0.01, batch_size=16, l2=1e-3, epochs=epochs,
    )  # fmt: skip
