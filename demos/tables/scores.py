"""Scores: how well rows are predicted that were not learnt from, beside a baseline and scikit-learn's network."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from demos.tables.preparation import Task

__all__ = ["METRICS", "Score", "measure", "most_frequent", "rival"]

Metric = Callable[[np.ndarray, np.ndarray], float]


def accuracy(y: np.ndarray, predicted: np.ndarray) -> float:
    """The share of rows that are right."""
    return float(np.mean(y == predicted))


def balanced_accuracy(y: np.ndarray, predicted: np.ndarray) -> float:
    """The mean over the classes of the share of their rows that are right."""
    return float(np.mean([np.mean(predicted[y == k] == k) for k in np.unique(y)]))


def r_squared(y: np.ndarray, predicted: np.ndarray) -> float:
    """The share of the variance that is explained: 0 for the mean of these rows, 1 for no error."""
    total = float(np.sum((y - y.mean()) ** 2))
    return 1.0 - float(np.sum((y - predicted) ** 2)) / total if total else 0.0


def mean_error(y: np.ndarray, predicted: np.ndarray) -> float:
    """The mean distance, in the units of the table."""
    return float(np.mean(np.abs(y - predicted)))


METRICS: dict[Task, dict[str, Metric]] = {
    "classification": {"accuracy": accuracy, "balanced accuracy": balanced_accuracy},
    "regression": {"R²": r_squared, "mean error": mean_error},
}


@dataclass(frozen=True)
class Score:
    """A row of the table of results.

    Attributes:
        name: who predicted.
        on_trained, on_tested: a number for each metric of the task, on rows learnt from and on the others.
    """

    name: str
    on_trained: dict[str, float]
    on_tested: dict[str, float]


def measure(
    name: str, task: Task, predictor: Callable[[np.ndarray], np.ndarray], trained: tuple[np.ndarray, np.ndarray],
    tested: tuple[np.ndarray, np.ndarray],
) -> Score:  # fmt: skip
    """Score what predicts.

    Args:
        name: what to call it.
        task: whose metrics.
        predictor: maps inputs to the indices of classes, or to numbers.
        trained, tested: inputs, and what is right.
    """
    (X, y), (X_test, y_test) = trained, tested
    now, later = predictor(X), predictor(X_test)
    metrics = METRICS[task]
    return Score(
        name,
        {metric: function(y, now) for metric, function in metrics.items()},
        {metric: function(y_test, later) for metric, function in metrics.items()},
    )


def most_frequent(y: np.ndarray, task: Task) -> Callable[[np.ndarray], np.ndarray]:
    """The baseline that looks at no column: the most frequent class, or the mean."""
    answer = np.bincount(y).argmax() if task == "classification" else y.mean()
    return lambda X: np.full(len(X), answer)


def rival(
    X: np.ndarray, y: np.ndarray, task: Task, *, hidden: Sequence[int], epochs: int, batch_size: int,
    learning_rate: float, l2: float, validated: float, patience: int,
) -> Callable[[np.ndarray], np.ndarray]:  # fmt: skip
    """scikit-learn's network of the same shape, trained in the same way.

    Args:
        X, y: inputs, and the indices of classes or numbers.
        task: which of its two networks.
        hidden, epochs, batch_size, learning_rate, l2: as ours.
        validated: the share of the rows that is set aside to stop early by, or 0.
        patience: how many epochs may bring nothing better, then.
    """
    mean, scale = (0.0, 1.0) if task == "classification" else (float(y.mean()), float(y.std()) or 1.0)
    kind = MLPClassifier if task == "classification" else MLPRegressor
    per_l2 = 2.0 if task == "classification" else 1.0  # it halves the penalty, and the squared error too
    batch_size = min(batch_size, len(X))
    if task == "classification":  # it sets aside rows of every class, or fails
        counts = np.bincount(y)
        validated *= counts[counts > 0].min() > 1 and validated * len(y) >= (counts > 0).sum()
    stopping = {"early_stopping": True, "validation_fraction": validated, "n_iter_no_change": patience}
    network = kind(
        hidden_layer_sizes=tuple(hidden), batch_size=batch_size, learning_rate_init=learning_rate, max_iter=epochs,
        alpha=per_l2 * l2 * batch_size, tol=0.0, random_state=0,
        **(stopping if validated else {"n_iter_no_change": epochs}),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it may be stopped before it has converged, as ours
        network.fit(X, y if task == "classification" else (y - mean) / scale)
    return lambda X: network.predict(X) if task == "classification" else mean + scale * network.predict(X)
