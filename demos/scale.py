"""Scale: 784-128-10, one hundred thousand single neurons' weights, on 6,000 made-up images of 28 x 28 pixels."""

from pathlib import Path
from time import perf_counter

import numpy as np
from matplotlib import pyplot

from nn import MLP, accuracy, fit
from viz import plot_history, save_figure

SIDE, CLASSES = 28, 10


def run(folder: Path, epochs: int = 5, n_images: int = 6000, width: int = 128) -> None:
    """Train, and say how long the parts of it took; write images.png, history.png and model.json."""
    X, y = scribbles(n_images, seed=0)
    draw_scribbles(X, y, folder / "images.png")
    start = perf_counter()
    model = MLP(SIDE * SIDE, [width, CLASSES], seed=0)
    print(f"{len(model.parameters()):,} parameters, each an object, made in {perf_counter() - start:.1f} s")
    start = perf_counter()
    history = fit(
        model, X, y, loss="cross_entropy", optimizer="adam", learning_rate=0.001, batch_size=128, epochs=epochs,
    )  # fmt: skip
    seconds = perf_counter() - start
    print(f"compiled and trained for {epochs} epochs of {n_images:,} images in {seconds:.1f} s")
    fresh = scribbles(n_images // 6, seed=1)
    print(f"loss {history['loss'][-1]:.4f}, accuracy {history['accuracy'][-1]:.1%},", end=" ")
    print(f"on {n_images // 6} new images {accuracy(model, *fresh, loss='cross_entropy'):.1%}")
    save_figure(plot_history(history), folder / "history.png")
    model.save(folder / "model.json")


def scribbles(n_images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 784) of 0 to 1, and classes: each a curve of its own, drawn anew by a shaky hand, in a noisy place."""
    turns = np.random.default_rng(7).normal(size=(CLASSES, 2, 3))  # the curve of each class: three waves either way
    random = np.random.default_rng(seed)
    y = random.integers(CLASSES, size=n_images)
    t = np.linspace(0, np.pi, 24)
    waves = np.stack([np.cos(k * t) for k in range(1, 4)])
    shaky = turns[y] + random.normal(scale=0.25, size=(n_images, 2, 3))
    path = shaky @ waves  # (n_images, 2, 24)
    path = 14 + 3.2 * path + random.normal(scale=1.0, size=(n_images, 2, 1))
    pixels = np.arange(SIDE)
    across, down = (np.exp(-((pixels[:, None] - path[:, k, None, :]) ** 2) / 1.6) for k in range(2))
    images = np.einsum("nip,njp->nij", down, across)
    images += random.uniform(0, 0.2, size=images.shape)
    return np.clip(images, 0, 1).reshape(n_images, -1), y


def draw_scribbles(X: np.ndarray, y: np.ndarray, path: Path) -> None:
    """Four images of each class."""
    figure, axes = pyplot.subplots(4, CLASSES, figsize=(10, 4.4), layout="constrained")
    figure.suptitle("Made-up images: a column for each class")
    for k, column in enumerate(axes.T):
        mine = X[y == k][: len(column)]
        for ax in column:
            ax.axis("off")
        for ax, image in zip(column, mine, strict=False):
            ax.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
    save_figure(figure, path)
