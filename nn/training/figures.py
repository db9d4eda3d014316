"""Figures: how good outputs are, as the loss, the share that is right, and whatever else is asked of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import compile, total
from engine.arguments import choose, is_real, shown
from engine.trees import is_list
from nn.losses import Loss
from nn.training.classes import Classes
from nn.training.predict import FEW
from nn.training.targets import compilable

__all__ = ["METRICS", "Comparison", "Metric", "comparison", "figures_of", "metrics_named"]

Comparison = Callable[[Sequence[Any]], list[float]]
Metric = Callable[[Any, Any], float]  # (y, predicted) -> number, as those of scikit-learn are


def comparison(loss: Loss, targets: Sequence[Any], output: Any) -> Comparison:
    """A function from the outputs for all examples to the means of the loss and, of labels, the share that is right.

    Args:
        loss: which.
        targets: one for each example, as the loss takes them.
        output: what the model gives for one of them.

    Raises:
        ValueError: a target does not fit the loss, or the output.
    """
    arranged, target_of = compilable(loss, targets, output)
    measures = [measure for measure in (loss.function, loss.correct) if measure]

    def measured(output: Any, target: Any) -> list[Any]:
        return [measure(output, target_of(target)) for measure in measures]

    if len(targets) > FEW:
        sizes = tuple(len(item) if is_list(item) else () for item in (output, arranged[0]))
        try:
            program = compile(measured, inputs=sizes)
            return lambda outputs: program.value(outputs, arranged).mean(axis=0).tolist()
        except Exception:  # a loss of the user's own may do anything
            pass

    def compared(outputs: Sequence[Any]) -> list[float]:
        rows = [measured(output, target) for output, target in zip(outputs, arranged, strict=True)]
        return [float(total(column)) / len(rows) for column in zip(*rows, strict=True)]

    return compared


def mean_absolute_error(y: Any, predicted: Any) -> float:
    """The mean of how far predictions are off."""
    import numpy as np

    return float(np.abs(np.asarray(predicted) - np.asarray(y)).mean())


def mean_squared_error(y: Any, predicted: Any) -> float:
    """The mean of the squares of how far predictions are off."""
    import numpy as np

    return float(((np.asarray(predicted) - np.asarray(y)) ** 2).mean())


def r2(y: Any, predicted: Any) -> float:
    """The share of the variance of what is predicted that predictions explain: 1 - (their error) / (the mean's)."""
    import numpy as np

    targets = np.asarray(y)
    deviations = ((targets - targets.mean(axis=0)) ** 2).sum()
    errors = ((np.asarray(predicted) - targets) ** 2).sum()
    return float(1 - errors / deviations) if deviations else float(errors == 0)


def accuracy(y: Any, predicted: Any) -> float:
    """The share of labels that are right."""
    return sum(mine == label for label, mine in zip(y, predicted, strict=True)) / len(y)


METRICS: dict[str, Metric] = {
    metric.__name__: metric for metric in (accuracy, mean_absolute_error, mean_squared_error, r2)
}


def metrics_named(given: Any) -> dict[str, Metric]:
    """The metrics that were asked for, by name.

    Args:
        given: a name in `METRICS` or a function (y, predicted) -> number, or a list or dict of these; None for none.

    Raises:
        ValueError: there is no such metric, or two have one name.
        TypeError: it is neither.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = [*given.items()]
    else:
        several = given if is_list(given) or isinstance(given, set | frozenset) else [given]
        pairs = [(item if isinstance(item, str) else getattr(item, "__name__", repr(item)), item) for item in several]
    found: dict[str, Metric] = {}
    for name, metric in pairs:
        if isinstance(metric, str):
            choose("metric", metric, METRICS, ", or give a function")
        if isinstance(metric, type) or not (isinstance(metric, str) or callable(metric)):
            raise TypeError(
                f"a metric is a name or a function (y, predicted) -> number, such as "
                f"sklearn.metrics.f1_score, but was {shown(given)}"
            )
        if name in found or name == "loss" or not isinstance(name, str):
            raise ValueError(f"metrics must have names of their own, but {shown(name)} is there already")
        found[name] = METRICS[metric] if isinstance(metric, str) else metric
    return found


def figures_of(
    loss: Loss,
    metrics: Mapping[str, Metric],
    compare: Comparison,
    outputs: Sequence[Any],
    targets: Sequence[Any],
    classes: Classes | None,
) -> dict[str, float]:
    """The mean of the loss, the share that is right where outputs stand for labels, and the metrics, by name."""
    found = dict(zip(("loss", "accuracy"), compare(outputs), strict=False))
    others = {name: metric for name, metric in metrics.items() if name not in found}
    if others:
        y, predicted = read_as_labels(loss, outputs, targets, classes)
    for name, metric in others.items():
        number = metric(y, predicted)
        if not is_real(number):
            raise TypeError(f"the metric {name} must give a number, but gave {shown(number)}")
        found[name] = float(number)
    return found


def read_as_labels(
    loss: Loss, outputs: Sequence[Any], targets: Sequence[Any], classes: Classes | None
) -> tuple[list[Any], list[Any]]:
    """The labels that targets and outputs stand for; as they are, where they stand for none."""
    if loss.decide is None:
        return [target[0] if is_list(target) and len(target) == 1 else target for target in targets], [*outputs]
    decided = [loss.decide(output) for output in outputs]
    right = [loss.decide(target) if is_list(target) else target for target in targets]
    if classes is None:
        return right, decided
    labels = dict(zip(loss.labels or range(len(classes)), classes, strict=True))
    return [labels[number] for number in right], [labels[number] for number in decided]
