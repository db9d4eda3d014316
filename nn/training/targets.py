"""Targets as a compiled program takes them: one number for each example, or as many for each."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.trees import is_list
from nn.losses import Loss, OneHot, check_labels

__all__ = ["compilable"]


def compilable(loss: Loss, targets: Sequence[Any], output: Any) -> tuple[list[Any], Callable[[Any], Any]]:
    """Targets all of one form, and what makes of the symbols for one the target that the loss takes.

    Args:
        loss: which compares them with outputs.
        targets: one for each example.
        output: what the model gives for one of them.

    Raises:
        ValueError: a target does not fit the loss, or the output.
    """
    kinds: dict[int | None, Any] = {}
    for target in targets:
        kinds.setdefault(len(target) if is_list(target) else None, target)
    for target in kinds.values():
        loss.function(output, target)  # whether they fit together
    n_outputs = len(output) if is_list(output) else 1
    check_labels(loss, targets, n_outputs)
    if loss.decide is not None and n_outputs > 1:
        rows = [_one_hot(target, n_outputs) for target in targets]
        return rows, OneHot if all(isinstance(row, OneHot) for row in rows) else _as_it_is
    if len(kinds) > 1:  # of one output, some of them in lists
        return [target if is_list(target) else [target] for target in targets], _as_it_is
    return [*targets], _as_it_is


def _as_it_is(target: Any) -> Any:
    return target


def _one_hot(label: Any, n_classes: int) -> list[float]:
    numbers = label if is_list(label) else [k == label for k in range(n_classes)]
    is_class = sorted(numbers) == [0] * (len(numbers) - 1) + [1]
    return (OneHot if is_class else list)(map(float, numbers))
