"""Curve: regression; the same noisy points, fitted by 2, by 6 and by 24 hidden neurons."""

import math
from pathlib import Path
from random import Random

from matplotlib import pyplot

from nn import MLP, CosineDecay, fit, predict
from viz import plot_history, save_figure
from viz.palette import PETROFF10


def run(folder: Path, epochs: int = 600) -> None:
    """Fit points around sin(2x) + x/2; write curve.png, history.png and model.json of the widest."""
    random = Random(0)
    x = sorted(random.uniform(-3, 3) for _ in range(120))
    y = [math.sin(2 * a) + a / 2 + random.gauss(0, 0.15) for a in x]
    line = [[-3.2 + 6.4 * k / 300] for k in range(301)]
    figure, ax = pyplot.subplots(figsize=(8, 4.8), layout="constrained")
    ax.scatter(x, y, s=16, color=PETROFF10[3], label="points")
    losses = {}
    for width, color, style in zip((2, 6, 24), PETROFF10, (":", "--", "-"), strict=False):
        model = MLP(1, [width, 1], activation="tanh", seed=0)
        history = fit(
            model, [[a] for a in x], y, loss="mean_squared_error", optimizer="adam", batch_size=20, epochs=epochs,
            learning_rate=CosineDecay(0.05, epochs=epochs),
        )  # fmt: skip
        losses[f"loss of {width} neurons"] = history["loss"]
        print(f"{width} hidden neurons: mean squared error {history['loss'][-1]:.4f}")
        ax.plot([a for (a,) in line], predict(model, line), style, color=color, lw=2, label=f"{width} hidden neurons")
    ax.legend()
    ax.set(title="Wider networks bend more often; the noise alone has 0.0225", xlabel="x", ylabel="y")
    save_figure(figure, folder / "curve.png")
    save_figure(plot_history(losses), folder / "history.png")
    model.save(folder / "model.json")
