"""A study: a network is trained on most rows of a table, and what it learnt is tried on the others."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import numpy as np

from demos.tables.data import Data
from demos.tables.model import TableModel
from demos.tables.options import Options
from demos.tables.scores import METRICS, Score, measure, most_frequent, rival
from nn import MLP, History, fit

__all__ = ["Study", "study"]

LEARNING_RATE, L2, BATCH_SIZE = 0.01, 1e-4, 32
STEPS = 3000  # of training at most, where the user does not say how many epochs
SHUFFLES = 5  # of each column
CELLS = 1_000_000  # of shuffled tables that are predicted at once, as to compile a network takes longer than to run it
VALIDATED, PATIENCE, ENOUGH = 0.15, 20, 250  # training stops early where there are enough rows to set some aside


@dataclass(frozen=True)
class Study:
    """What was found.

    Attributes:
        data: that it was found in.
        model: that was trained.
        history: of its training.
        scores: of the model, of scikit-learn's, and of the baseline.
        worth: of each column that was used, how much worse the model is where its cells are shuffled; the column that
            tells most comes first.
    """

    data: Data
    model: TableModel
    history: History
    scores: list[Score]
    worth: dict[str, float]


def study(data: Data, options: Options) -> Study:
    """Train a network, and try it.

    Args:
        data: a table, made ready.
        options: what the user decided.

    Raises:
        FloatingPointError: the training went wrong.
    """
    (X, y), task = data.trained, data.labels.task
    epochs = options.epochs or max(10, min(200, STEPS * BATCH_SIZE // len(X)))
    validated = VALIDATED if len(X) >= ENOUGH else 0.0
    model, history = _train(data, options, epochs, validated)
    theirs = rival(
        X, y, task, hidden=options.hidden, epochs=epochs, batch_size=BATCH_SIZE, learning_rate=LEARNING_RATE, l2=L2,
        validated=validated, patience=PATIENCE,
    )  # fmt: skip
    predictors = {
        "this network": model.answers,
        "scikit-learn's of the same shape": theirs,
        "the most frequent class" if data.labels.classes else "the mean": most_frequent(y, task),
    }
    scores = [measure(name, task, predictor, data.trained, data.tested) for name, predictor in predictors.items()]
    return Study(data, model, history, scores, _worth(model, data))


def _train(data: Data, options: Options, epochs: int, validated: float) -> tuple[TableModel, History]:
    (X, y), classes, target = data.trained, data.labels.classes, data.preparation.target
    n_outputs = len(classes) if len(classes) > 2 else 1
    network = MLP(X.shape[1], [*options.hidden, n_outputs], seed=options.seed)
    loss = "mean_squared_error" if not classes else "cross_entropy" if n_outputs > 1 else "binary_cross_entropy"
    history = fit(
        network, X, [classes[k] for k in y] if classes else (y - target.mean) / target.scale, loss=loss,
        classes=classes or None, optimizer="adam", learning_rate=LEARNING_RATE, l2=L2, batch_size=BATCH_SIZE,
        epochs=epochs, seed=options.seed, validation=validated or None, patience=PATIENCE if validated else None,
    )  # fmt: skip
    return TableModel(network, data.preparation), history


def _worth(model: TableModel, data: Data) -> dict[str, float]:
    """How much the first metric loses where the cells of a column change places; the mean of several shuffles.

    Source:
        Breiman, "Random Forests" (2001), permutation importance.
    """
    X, y = (np.concatenate(parts) for parts in zip(data.trained, data.tested, strict=True))
    metric = next(iter(METRICS[data.labels.task].values()))
    whole, losses = metric(y, model.answers(X)), defaultdict(list)
    shuffled = _shuffled(X, data)
    while together := [*islice(shuffled, max(1, CELLS // X.size))]:
        names, tables = zip(*together, strict=True)
        answers = model.answers(np.concatenate(tables)).reshape(len(tables), len(X))
        for name, found in zip(names, answers, strict=True):
            losses[name].append(whole - metric(y, found))
    worth = {name: float(np.mean(lost)) for name, lost in losses.items()}
    return dict(sorted(worth.items(), key=lambda item: -item[1]))


def _shuffled(X: np.ndarray, data: Data) -> Iterator[tuple[str, np.ndarray]]:
    """The name of each column, several times, and the inputs with its cells in other places."""
    random, start = Random(0), 0
    for column in data.preparation.inputs:
        places = slice(start, start + column.width)
        for _ in range(SHUFFLES):
            shuffled = X.copy()
            shuffled[:, places] = X[random.sample(range(len(X)), len(X)), places]
            yield column.name, shuffled
        start += column.width
