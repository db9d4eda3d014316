"""Classes: which label stands for which output of a model."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

from engine.arguments import plain_lists, shown
from engine.number import Number
from engine.trees import is_list
from nn.losses import Loss
from nn.training.data import check_numbers

__all__ = ["check_width", "is_number", "targets_and_classes"]

Classes = tuple[Any, ...]  # their labels, in the order of the outputs


def targets_and_classes(
    loss: Loss, labels: Sequence[Any], model: Any, given: Any = None, *, learns: bool = False
) -> tuple[list[Any], Classes | None]:
    """What a loss is to compare outputs with, for labels of any kind.

    Args:
        loss: which.
        labels: one for each row.
        model: whose outputs; it has the classes in its attribute `classes`, if it was trained for some.
        given: the classes in the order of the outputs, if the user says so.
        learns: whether classes that nobody knows may be found among the labels.

    Returns:
        (targets, classes): numbers as the loss takes them, and the labels that the outputs stand for; None where the
        labels are such numbers already.

    Raises:
        ValueError: a label is missing, stands for no class, or does not fit the loss.
    """
    if loss.correct is None:
        if given is not None:
            raise ValueError(f"{loss.name} has no classes, so classes must be None, but was {shown(given)}")
        check_numbers("y", labels)
        return [*labels], None
    labels = [label[0] if isinstance(label, list) and len(label) == 1 else label for label in labels]  # y was a column
    classes = _known(labels, model, given)
    if classes is None and not all(map(is_number, labels)):
        classes = _found(labels, learns)
    if classes is None or all(map(is_list, labels)):
        check_numbers("y", labels)
        return labels, classes
    return _numbered(loss, labels, classes), classes


def check_width(classes: Classes | None, output: Any) -> None:
    """ValueError if a model gives several numbers, but not one for each class."""
    if classes is not None and is_list(output) and len(output) != len(classes):
        raise ValueError(
            f"the model gives {len(output)} outputs, but there are {len(classes)} classes, {_listed(classes)}: say "
            "which it has, in the order of the outputs, with classes="
        )


def _known(labels: Sequence[Any], model: Any, given: Any) -> Classes | None:
    if given is not None:
        return _checked("classes", given)
    known = getattr(model, "classes", None)
    if known is None or (all(map(is_number, labels)) and not isinstance(known, tuple)):
        return None  # what a model of the user's own calls so may be something else
    return _checked("model.classes", known)


def _found(labels: Sequence[Any], learns: bool) -> Classes:
    """The classes among the labels, sorted; False and True are always these two."""
    _check_labels("y", labels)
    if all(isinstance(label, bool) for label in labels):
        return False, True
    if not learns:
        raise ValueError(
            f"which output stands for which label, such as {shown(labels[0])}, is known of a model that was trained "
            "for such labels: say it with classes=, in the order of the outputs"
        )
    classes = {*labels}
    if len(classes) == 1:
        raise ValueError(f"y has one class only, {shown(classes.pop())}: say which there are with classes=")
    try:
        return tuple(sorted(classes))
    except TypeError:  # text beside numbers
        return tuple(sorted(classes, key=lambda label: (type(label).__name__, str(label))))


def _numbered(loss: Loss, labels: Sequence[Any], classes: Classes) -> list[Any]:
    if loss.labels and len(classes) != len(loss.labels):
        raise ValueError(
            f"{loss.name} tells two classes apart, but there are {len(classes)}, {_listed(classes)}: for these there "
            "is cross_entropy, with an output for each"
        )
    _check_labels("y", labels)
    numbers = dict(zip(classes, loss.labels or range(len(classes)), strict=True))
    for row, label in enumerate(labels):
        if label not in numbers:
            raise ValueError(f"y must hold the classes {_listed(classes)}, but row {row} holds {shown(label)}")
    return [numbers[label] for label in labels]


def _checked(name: str, given: Any) -> Classes:
    classes = plain_lists(given)
    if not isinstance(classes, list) or len(classes) < 2:
        raise ValueError(f"{name} must be a list of two labels or more, but was {shown(given)}")
    _check_labels(name, classes)
    if len({*classes}) < len(classes):
        raise ValueError(f"{name} must have each label once, but was {shown(given)}")
    return tuple(classes)


def _check_labels(name: str, labels: Sequence[Any]) -> None:
    """ValueError unless each can stand for a class."""
    for row, label in enumerate(labels):
        if isinstance(label, Number) or is_list(label) or type(label).__hash__ is None:
            raise ValueError(f"{name} must hold labels such as text or numbers, but row {row} holds {shown(label)}")
        if _is_missing(label):
            raise ValueError(f"{name} must hold a label for each row, but row {row} has none: {shown(label)}")
    if len({isinstance(label, bool) for label in labels}) > 1:
        raise ValueError(f"{name} must not hold True or False beside other labels, but does: {shown(labels)}")


def is_number(label: Any) -> bool:
    """Whether it is a number, or a row of them, that a loss may take as it is, and no name of a class."""
    return is_list(label) or (isinstance(label, Real) and not isinstance(label, bool))


def _is_missing(label: Any) -> bool:
    """Whether it is None, nan, or what else stands for nothing."""
    try:
        return label is None or bool(label != label)
    except (TypeError, ValueError):  # so says pandas.NA
        return True


def _listed(classes: Classes) -> str:
    names = [shown(label) for label in classes]
    return ", ".join(names if len(names) <= 10 else [*names[:9], "...", names[-1]])
