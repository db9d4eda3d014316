"""Validation: how good a model is, while it is trained, on data that it does not learn from."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from engine.arguments import is_real, plain_lists, real_number, shown
from engine.trees import is_list
from nn.arguments import random_from
from nn.losses import Loss
from nn.training.classes import Classes, check_width, targets_and_classes
from nn.training.data import check_data
from nn.training.figures import Metric, comparison, figures_of
from nn.training.predict import forward_of

__all__ = ["Figures", "held_out"]


def held_out(
    validation: Any, rows: Sequence[Any], targets: Sequence[Any], loss: Loss, classes: Classes | None, seed: int
) -> tuple[tuple[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    """((rows, targets) to learn from, (rows, targets) to validate on).

    Args:
        validation: a share of the rows, above 0 and below 1, drawn at random: of each class the same share where
            outputs stand for labels, so that a rare class is in both; or (X, y), other data; None for none.
        rows, targets: what was given to learn from.
        loss, classes: what the labels in y are to be, as for `targets_and_classes`.
        seed: what the draw depends on.

    Raises:
        ValueError: it is neither, or leaves no rows on one side.
    """
    if validation is None:
        return ([*rows], [*targets]), ([], [])
    if is_real(validation):
        share = real_number("validation", validation, "a share above 0 and below 1, or (X, y)", lambda x: 0 < x < 1)
        chosen = _drawn(targets if loss.correct else [0] * len(targets), share, random_from(seed))
        if not 0 < len(chosen) < len(rows):
            raise ValueError(f"validation={shown(validation)} of {len(rows)} rows leaves none on one side: give (X, y)")
        kept = [i for i in range(len(rows)) if i not in chosen]
        return (
            ([rows[i] for i in kept], [targets[i] for i in kept]),
            ([rows[i] for i in sorted(chosen)], [targets[i] for i in sorted(chosen)]),
        )
    if not is_list(validation) or len(validation) != 2:
        raise ValueError(f"validation must be a share above 0 and below 1, or (X, y), but was {shown(validation)}")
    try:
        others, labels = check_data(*validation)
        if len(others[0]) != len(rows[0]):
            raise ValueError(f"its rows have {len(others[0])} numbers, and those to learn from {len(rows[0])}")
        return ([*rows], [*targets]), (others, targets_and_classes(loss, labels, None, classes)[0])
    except ValueError as error:
        raise ValueError(f"validation={shown(plain_lists(validation))}: {error}") from None


def _drawn(labels: Sequence[Any], share: float, random: Random) -> set[int]:
    """So many of the indices, of each label its share: what is left over goes on to the next."""
    of_label: dict[Any, list[int]] = {}
    for i, label in enumerate(labels):
        of_label.setdefault(tuple(label) if is_list(label) else label, []).append(i)
    chosen: set[int] = set()
    seen = 0
    for indices in of_label.values():
        seen += len(indices)
        n = min(len(indices), max(0, round(share * seen) - len(chosen)))
        chosen.update(random.sample(indices, n))
    return chosen


class Figures:
    """The loss, the accuracy and the metrics of a model on the same rows, again and again.

    Args:
        model, loss, classes: what is looked at.
        rows, targets: on what.
        metrics: what else is asked for.
    """

    def __init__(
        self,
        model: Any,
        loss: Loss,
        classes: Classes | None,
        rows: Sequence[Any],
        targets: Sequence[Any],
        metrics: Mapping[str, Metric],
    ) -> None:
        self._loss, self._classes, self._metrics = loss, classes, metrics
        self._rows, self._targets = rows, targets
        self._forward = forward_of(model, rows)
        output = self._forward(rows[:1])[0]
        check_width(classes, output)
        self._compare = comparison(loss, targets, output)

    def __call__(self) -> dict[str, float]:
        """What they are now."""
        outputs = self._forward(self._rows)
        return figures_of(self._loss, self._metrics, self._compare, outputs, self._targets, self._classes)
