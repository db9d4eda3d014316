"""How good a model is."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine import no_grad
from engine.batch import map_examples
from engine.trees import is_list
from nn.arguments import check_model
from nn.losses import loss_named
from nn.training.classes import check_width, targets_and_classes
from nn.training.data import check_data, numbers_of

__all__ = ["accuracy"]


def accuracy(
    model: Callable[[Any], Any], X: Any, y: Any, *, loss: str = "hinge", classes: Sequence[Any] | None = None
) -> float:
    """The share of rows, from 0 to 1, whose output stands for the right label.

    Args:
        model: maps one row of `X` to an output.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels, of any kind that `fit` takes.
        loss: the loss that the model was trained with, which says how outputs are read as labels.
        classes: the labels in the order of the outputs, as for `fit`; None for those that the model was trained for.

    Raises:
        TypeError: the model cannot be called.
        ValueError: the data is wrong as for `fit`, or outputs under this loss are not labels.
        FloatingPointError: an output is nan, which stands for no label: the training went wrong.

    Example:
        >>> accuracy(lambda x: x[0], [[2.0], [-3.0], [1.0], [-1.0]], [1, -1, -1, -1])
        0.75
    """
    measure = loss_named(loss)
    if measure.correct is None:
        raise ValueError(f"outputs trained with {loss} are numbers, not labels, so they have no accuracy")
    rows, labels = check_data(X, y)
    check_model(model)
    targets, known = targets_and_classes(measure, labels, model, classes)
    with no_grad():
        outputs = [numbers_of(output) for output in map_examples(model, rows)]
    for number, (output, label) in enumerate(zip(outputs, targets, strict=True)):
        check_width(known, output)
        measure.function(output, label)  # whether they fit together
        if any(map(math.isnan, output if is_list(output) else [output])):
            raise FloatingPointError(f"the model gives {output!r} for row {number}, which stands for no label")
    return sum(measure.correct(output, label) for output, label in zip(outputs, targets, strict=True)) / len(rows)
