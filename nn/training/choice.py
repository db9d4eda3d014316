"""Which loss is meant where nobody says so: the one that the outputs of a model and the labels leave."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.arguments import shown
from engine.trees import is_list
from nn.losses import LOSSES, Loss, loss_named
from nn.training.classes import is_number

__all__ = ["loss_for"]


def loss_for(given: Any, labels: Sequence[Any], output: Callable[[], Any], classes: Any = None) -> Loss:
    """The loss that was given, or else the only one that fits.

    Args:
        given: a name; None for the one that fits.
        labels: one for each row, of any kind that `fit` takes.
        output: to be called for what the model gives for one row.
        classes: that the labels stand for, if that is known.

    Raises:
        ValueError: there is no such loss, or several would fit.
    """
    if given is not None:
        return loss_named(given)
    flat = [label[0] if is_list(label) and len(label) == 1 else label for label in labels]
    are_classes = classes is not None or not all(map(is_number, flat))
    return LOSSES[_of_several(flat, are_classes) if is_list(output()) else _of_one(flat, are_classes)]


def _of_one(labels: Sequence[Any], are_classes: bool) -> str:
    if are_classes or all(label in (-1, 1) for label in labels):
        return "hinge"
    return "binary_cross_entropy" if all(label in (0, 1) for label in labels) else "mean_squared_error"


def _of_several(labels: Sequence[Any], are_classes: bool) -> str:
    if are_classes:
        return "cross_entropy"
    if not all(map(is_list, labels)):
        return (
            "cross_entropy" if all(is_list(label) or label == int(label) for label in labels) else "mean_squared_error"
        )
    if all(sorted(row) == [0] * (len(row) - 1) + [1] for row in labels):
        return "cross_entropy"
    for row in labels:
        if min(row, default=-1) < 0 or abs(sum(row) - 1) > 1e-9:
            return "mean_squared_error"
    raise ValueError(
        f"each label, such as {shown(labels[0])}, may say how probable each class is, or be numbers to predict: write "
        "loss='cross_entropy' or loss='mean_squared_error'"
    )
