"""Digits: a 64-24-10 network reads handwriting; what each hidden neuron looks for, and where it errs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot

from demos.measures import every_fifth
from nn import MLP, accuracy, digits, fit, predict
from viz import plot_history, save_figure

SIDE = 8  # pixels


def run(folder: Path, epochs: int = 30) -> None:
    """Train on four of five digits; write neurons.png, mistakes.png, history.png and model.json."""
    trained, tested = every_fifth(digits())
    model = MLP(SIDE * SIDE, [24, 10], seed=0)
    history = fit(
        model, *trained, loss="cross_entropy", optimizer="adam", learning_rate=0.003, batch_size=64, l2=1e-4,
        epochs=epochs,
    )  # fmt: skip

    print(f"loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, *trained, loss='cross_entropy'):.1%},", end=" ")
    print(f"on {len(tested.X)} never seen {accuracy(model, *tested, loss='cross_entropy'):.1%}")

    model.save(folder / "model.json")
    save_figure(plot_history(history), folder / "history.png")
    draw_neurons(model, folder / "neurons.png")
    draw_mistakes(np.array(tested.X), np.array(tested.y), predict(model, tested.X), folder / "mistakes.png")


def draw_neurons(model: MLP, path: Path) -> None:
    """The weights of each hidden neuron where their pixels are, and the digit that it speaks for most."""
    hidden, output = (np.array(layer.weights) for layer in model.layers)
    strongest = np.abs(hidden).max()
    titles = [f"for {column.argmax()}, against {column.argmin()}" for column in output.T]
    draw_images(hidden, titles, path, cmap="PuOr_r", vmin=-strongest, vmax=strongest,
                title="What each hidden neuron looks for: ink where it is orange, none where it is violet")  # fmt: skip


def draw_mistakes(X: np.ndarray, y: np.ndarray, outputs: np.ndarray, path: Path) -> None:
    """The digits that were taken for others; those of which the network was surest come first."""
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = sorted(np.flatnonzero(said != y), key=lambda i: -sure[i])[:24]
    titles = [f"{y[i]}, read as {said[i]} ({sure[i]:.0%})" for i in wrong]
    draw_images(X[wrong], titles, path, cmap="gray_r", title="Digits that it gets wrong")


def draw_images(images: np.ndarray, titles: Sequence[str], path: Path, *, title: str, **look: Any) -> None:
    """Some images side by side, each with its title."""
    n_rows = max(1, -(-len(titles) // 8))
    figure, axes = pyplot.subplots(n_rows, 8, figsize=(11, 1.75 * n_rows + 0.6), layout="constrained", squeeze=False)
    figure.suptitle(title if titles else f"{title}: none")
    for ax in axes.flat:
        ax.axis("off")
    for ax, pixels, words in zip(axes.flat, images, titles, strict=False):
        ax.imshow(pixels.reshape(SIDE, SIDE), **look)
        ax.set_title(words, fontsize=8)
    save_figure(figure, path)
