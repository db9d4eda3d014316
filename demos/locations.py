"""Locations: which words of a sentence are places? A window classifier reads words as vectors that it learns."""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib import pyplot

from nn import MLP, Embedding, LocationWindows, Sequential, accuracy, fit, location_windows, predict
from viz import plot_history, save_figure
from viz.palette import PETROFF10

SENTENCES = ("We took the night train from Lisbon to Atlantis.", "In March Paris was angry with her brother.")
WIDTH, HIDDEN = 8, 12


def run(folder: Path, epochs: int = 15, sentence: str | None = None) -> None:
    """Train, and mark the places in a sentence: the one that is given, two of ours, or those that are typed."""
    corpus, names = location_windows(every_word=True), location_windows()  # of the same sentences; these are harder
    n_words, n_inputs = len(corpus.vocabulary), 2 * corpus.size + 1
    words = Embedding(n_words, WIDTH, seed=0)
    model = Sequential(words, MLP(n_inputs * WIDTH, [HIDDEN, 1], "tanh", seed=0))
    history = fit(
        model, *corpus.train, loss="binary_cross_entropy", optimizer="adam", learning_rate=0.01, batch_size=32,
        l2=1e-4, epochs=epochs,
    )  # fmt: skip
    print(f"loss {history['loss'][-1]:.4f},", end=" ")
    print(f"on {len(names.test.X)} names, whose places were never seen,", end=" ")
    print(f"{accuracy(model, *names.test, loss='binary_cross_entropy'):.1%}")
    model.save(folder / "model.json")
    save_figure(plot_history(history), folder / "history.png")
    draw_words(words, corpus, folder / "words.png")
    for text in SENTENCES if sentence is None else (sentence,):
        print(marked(model, corpus, text))
    with suppress(EOFError):
        while sentence is None and sys.stdin.isatty() and (text := input("a sentence, or nothing to end: ").strip()):
            print(marked(model, corpus, text))


def marked(model: Sequential, corpus: LocationWindows, text: str) -> str:
    """The words of a sentence, each that is taken for a place in brackets with its probability."""
    pairs = corpus.windows(text)
    if not pairs:
        return ""
    probabilities = 1 / (1 + np.exp(-predict(model, [window for _, window in pairs])))
    words = [f"[{word} {p:.0%}]" if p > 0.5 else word for (word, _), p in zip(pairs, probabilities, strict=True)]
    return " ".join(words)


def draw_words(words: Embedding, corpus: LocationWindows, path: Path) -> None:
    """The vectors of the words that are met most, by the two directions in which they differ most."""
    counts = np.bincount(np.array(corpus.train.X)[:, corpus.size], minlength=len(corpus.vocabulary))
    common = [i for i in np.argsort(-counts) if not corpus.vocabulary[i].startswith("<")][:70]
    vectors = np.array(words.vectors)[common]
    centred = vectors - vectors.mean(axis=0)
    places = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    figure, ax = pyplot.subplots(figsize=(9, 6), layout="constrained")
    ax.scatter(places[:, 0], places[:, 1], s=8, color=PETROFF10[0])
    for word, place in zip(common, places, strict=True):
        ax.annotate(corpus.vocabulary[word], place, xytext=(3, 3), textcoords="offset points", fontsize=8)
    ax.set(title="Words that are used alike lie together", xticks=[], yticks=[])
    save_figure(figure, path)
