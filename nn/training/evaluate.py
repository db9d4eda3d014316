"""How good a model is."""

from collections.abc import Callable
from typing import Any

from engine import no_grad
from engine.batch import map_examples
from nn.losses import check_labels, loss_named
from nn.training.data import check_data

__all__ = ["accuracy"]


def accuracy(model: Callable[[Any], Any], X: Any, y: Any, *, loss: str = "hinge") -> float:
    """The share of rows, from 0 to 1, whose output stands for the right label.

    Args:
        model: maps one row of `X` to an output.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels.
        loss: the loss that the model was trained with, which says how outputs are read as labels.

    Raises:
        ValueError: the data is wrong as for `fit`, or outputs under this loss are not labels.

    Example:
        >>> accuracy(lambda x: x[0], [[2.0], [-3.0], [1.0], [-1.0]], [1, -1, -1, -1])
        0.75
    """
    measure = loss_named(loss)
    if measure.correct is None:
        raise ValueError(f"outputs trained with {loss} are numbers, not labels, so they have no accuracy")
    rows, labels = check_data(X, y)
    check_labels(measure, labels)
    with no_grad():
        outputs = map_examples(model, rows)
        return sum(float(measure.correct(z, label)) for z, label in zip(outputs, labels, strict=True)) / len(rows)
