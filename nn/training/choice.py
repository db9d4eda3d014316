"""Which loss is meant where nobody says so: the one that outputs and labels leave. And whether a loss takes them."""

from collections.abc import Callable, Sequence
from typing import Any

from engine import Value
from engine.arguments import shown
from engine.trees import is_list
from nn.losses import LOSSES, Loss, loss_after, loss_named
from nn.training.classes import is_number

__all__ = ["check_outputs", "loss_for"]

OF_LOGITS = {"hinge", "binary_cross_entropy", "cross_entropy"}  # losses of any real numbers


def loss_for(given: Any, labels: Sequence[Any], model: Any, output: Callable[[], Any], classes: Any = None) -> Loss:
    """The loss that was given, or else the only one that fits; as it reads the outputs of the model.

    Args:
        given: a name or a function, as for `loss_named`; None for the one that fits.
        labels: one for each row, of any kind that `fit` takes.
        model: whose outputs. It may say what made these, and the classes that they stand for.
        output: to be called for what it gives for one row.
        classes: that the labels stand for, if the user says so.

    Raises:
        ValueError: there is no such loss, or several would fit, or it would not read these outputs as they are meant.
    """
    activation = getattr(model, "output_activation", None)
    if given is not None:
        return loss_after(loss_named(given), activation)
    activation = _end(output()) or activation
    flat = [label[0] if is_list(label) and len(label) == 1 else label for label in labels]
    known = getattr(model, "classes", None) if classes is None else classes
    are_classes = known is not None or not all(map(is_number, flat))
    if is_list(output()) and len(output()) > 1:
        name = _of_several(flat, are_classes)
    else:
        name = _of_one(flat, are_classes)
        if name == "hinge" and activation == "sigmoid" and are_classes:
            name = "binary_cross_entropy"
    return loss_after(LOSSES[name], activation)


def _of_one(labels: Sequence[Any], are_classes: bool) -> str:
    if are_classes or all(label in (-1, 1) for label in labels):
        return "hinge"
    return "binary_cross_entropy" if all(label in (0, 1) for label in labels) else "mean_squared_error"


def _of_several(labels: Sequence[Any], are_classes: bool) -> str:
    if are_classes:
        return "cross_entropy"
    if not all(map(is_list, labels)):
        return "cross_entropy" if all(is_list(label) or label % 1 == 0 for label in labels) else "mean_squared_error"
    if all(sorted(row) == [0] * (len(row) - 1) + [1] for row in labels):
        return "cross_entropy"
    for row in labels:
        if min(row, default=-1) < 0 or abs(sum(row) - 1) > 1e-9:
            return "mean_squared_error"
    raise ValueError(
        f"each label, such as {shown(labels[0])}, may say how probable each class is, or be numbers to predict: write "
        "loss='cross_entropy' or loss='mean_squared_error'"
    )


def check_outputs(loss: Loss, output: Any) -> None:
    """Refuse probabilities where a loss takes what becomes of them: the training would seem to work, and would not.

    Args:
        loss: which.
        output: what the model gives for one row, as nodes that remember how they were made.

    Raises:
        ValueError: the output was made by a sigmoid or a softmax, and the loss is of what goes into one.
    """
    if loss.name not in OF_LOGITS:
        return
    end = _end(output)
    if end:
        twin = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}[end] + "_from_probabilities"
        raise ValueError(
            f"the outputs of the model are probabilities already, as it ends in a {end}, but {loss.name} takes what "
            f"goes into the {end}: leave that out, or write loss={twin!r}"
        )


def _end(output: Any) -> str:
    """ "sigmoid" or "softmax" if the outputs were made by one."""
    return "sigmoid" if _op(output[0] if is_list(output) else output) == "sigmoid" else _softmax(output)


def _softmax(output: Any) -> str:
    """ "softmax" if a list of outputs was made by one: exp(x - logsumexp of all), or its like."""
    if not is_list(output) or _op(output[0]) != "exp":
        return ""
    (inner,) = output[0].operands
    sums = [_op(operand) for operand in getattr(inner, "operands", ())]
    return "softmax" if "logsumexp" in sums else ""


def _op(number: Any) -> str:
    return number.op.name if isinstance(number, Value) and number.op is not None else ""
