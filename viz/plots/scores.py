"""What a model says of many rows: of a network, of scikit-learn's estimators, and of any function, in one form."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import nn
from engine.arguments import plain_lists, shown

__all__ = ["Scores", "check_scorer", "scores_of"]


@dataclass(frozen=True)
class Scores:
    """A table of scores.

    Attributes:
        table: (n_rows, 1) where the score tells two classes apart, else (n_rows, n_classes).
        are_probabilities: whether the scores are such already.
        classes: what the model says that they stand for, in their order; None where it does not.
    """

    table: np.ndarray
    are_probabilities: bool
    classes: tuple[Any, ...] | None

    @property
    def threshold(self) -> float:
        """The single score from which on it is the second class."""
        return 0.5 if self.are_probabilities else 0.0

    def probabilities(self) -> np.ndarray:
        """Of several scores the probability of each class: the softmax, unless they are probabilities already."""
        return self.table if self.are_probabilities else softmax(self.table)


def softmax(table: np.ndarray) -> np.ndarray:
    """The softmax of each row; nan where there is a nan."""
    bounded = np.clip(table, -1e300, 1e300)
    powers = np.exp(bounded - bounded.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def check_scorer(name: str, model: Any) -> None:
    """TypeError unless it can be asked for scores."""
    if isinstance(model, type) or not (callable(model) or _is_estimator(model)):
        raise TypeError(
            f"{name} must be a model or a function of one point, but was {shown(model)}: a network, an estimator of "
            "scikit-learn that was fitted, or a function"
        )


def scores_of(model: Any, rows: Sequence[Sequence[float]]) -> Scores:
    """The scores for all rows at once; compiled where the model compiles.

    Args:
        model: a function of one row, such as a network, that gives a score or a list with one for each class; or an
            estimator, which is asked for its probabilities, or else its decision function, or else its predictions.
        rows: (n_rows, n_inputs).

    Raises:
        TypeError, ValueError: as `nn.predict` does.
    """
    if _is_estimator(model):
        return _of_estimator(model, rows)
    outputs = np.asarray(nn.predict(model, rows), dtype=float)
    table = outputs.reshape(len(rows), -1)
    trained_for = getattr(model, "classes", None)
    activation = getattr(model, "output_activation", None)
    are_probabilities = activation == "sigmoid" if table.shape[1] == 1 else _sum_to_one(table)
    return Scores(table, bool(are_probabilities), trained_for if isinstance(trained_for, tuple) else None)


def _is_estimator(model: Any) -> bool:
    return not callable(model) and callable(getattr(model, "predict", None))


def _of_estimator(model: Any, rows: Sequence[Sequence[float]]) -> Scores:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")  # the points of a grid have none
        for method in ("predict_proba", "decision_function", "predict"):
            if hasattr(model, method):
                found = np.asarray(getattr(model, method)(np.array(rows, dtype=float)))
                break
    classes = tuple(plain_lists(getattr(model, "classes_", ()))) or None
    if method == "predict":
        classes = classes or tuple(sorted({*found.tolist()}))
        return Scores(np.array([[float(label == each) for each in classes] for label in found]), True, classes)
    are_probabilities = method == "predict_proba"
    table = found.reshape(len(rows), -1)
    if are_probabilities and table.shape[1] == 2:
        table = table[:, 1:]
    return Scores(table, are_probabilities, classes)


def _sum_to_one(table: np.ndarray) -> bool:
    return bool(np.all(table >= 0) and np.allclose(table.sum(axis=1), 1.0, atol=1e-6))
