"""How good a model is."""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from engine import compile, no_grad, total
from engine.arguments import choose, shown
from engine.compiler import BACKENDS
from engine.compiler.backends.trainer import check_batch_size
from engine.modes import recorded
from engine.trees import is_list
from nn.arguments import check_model
from nn.hints import hinting
from nn.losses import Loss
from nn.module import buffers_of, in_mode
from nn.training.choice import check_outputs, loss_for
from nn.training.classes import Classes, check_width, targets_and_classes
from nn.training.data import check_data
from nn.training.figures import Metric, comparison, figures_of, metrics_named
from nn.training.predict import output_of, outputs_of
from nn.training.targets import compilable

__all__ = ["accuracy", "evaluate", "loss_of"]


@hinting
def evaluate(
    model: Callable[[Any], Any],
    X: Any,
    y: Any,
    *,
    loss: str | None = None,
    metrics: str | Metric | Iterable[str | Metric] = (),
    classes: Sequence[Any] | None = None,
    batch_size: int | None = None,
    backend: str = "auto",
) -> dict[str, float]:
    """How good a model is on data: the mean of the loss, and what else is asked for.

    Args:
        model: maps one row of `X` to an output.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels or targets, as `fit` takes them.
        loss: as for `fit`; None for the one that fits.
        metrics: as for `fit`.
        classes: the labels in the order of the outputs; None for those that the model was trained for.
        batch_size, backend: as for `predict`.

    Returns:
        dict with "loss", without what large parameters cost; "accuracy" where the outputs stand for labels, from 0 to
        1; and a number for each metric under its name.

    Raises:
        TypeError: the model cannot be called.
        ValueError: the data is wrong as for `fit`, or a setting is.
        FloatingPointError: an output is nan, which stands for no label.

    Example:
        >>> evaluate(lambda x: x[0], [[2.0], [-3.0], [0.5], [-1.0]], [1, -1, -1, -1])
        {'loss': 0.375, 'accuracy': 0.75}
        >>> evaluate(lambda x: 2 * x[0], [[1.0], [2.0]], [2.0, 5.0], metrics="mean_absolute_error")
        {'loss': 0.5, 'mean_absolute_error': 0.5}
    """
    check_batch_size(batch_size)
    choose("backend", backend, ("auto", "eager", *BACKENDS))
    named = metrics_named(metrics)
    measure, outputs, targets, known = _compared(model, X, y, loss, classes, batch_size, backend)
    return figures_of(measure, named, comparison(measure, targets, outputs[0]), outputs, targets, known)


@hinting
def accuracy(
    model: Callable[[Any], Any], X: Any, y: Any, *, loss: str | None = None, classes: Sequence[Any] | None = None
) -> float:
    """The share of rows, from 0 to 1, whose output stands for the right label.

    Args:
        model: maps one row of `X` to an output.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels, of any kind that `fit` takes.
        loss: the loss that the model was trained with, which says how outputs are read as labels; None for the one
            that fits, as for `fit`.
        classes: the labels in the order of the outputs, as for `fit`; None for those that the model was trained for.

    Raises:
        TypeError: the model cannot be called.
        ValueError: the data is wrong as for `fit`, or outputs under this loss are not labels.
        FloatingPointError: an output is nan, which stands for no label: the training went wrong.

    Example:
        >>> accuracy(lambda x: x[0], [[2.0], [-3.0], [1.0], [-1.0]], [1, -1, -1, -1])
        0.75
    """
    measure, outputs, targets, _ = _compared(model, X, y, loss, classes)
    if measure.correct is None:
        raise ValueError(f"outputs trained with {measure.name} are numbers, not labels, so they have no accuracy")
    return comparison(measure, targets, outputs[0])(outputs)[1]


@hinting
def loss_of(
    model: Any, X: Any, y: Any, *, loss: str | None = None, classes: Sequence[Any] | None = None
) -> Callable[[Sequence[float]], float]:
    """The mean loss of a model on data as a function of its parameters, as `viz.plot_loss_landscape` shows it.

    Args:
        model: a Module, or anything else with a method `parameters`.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels or targets, as `fit` takes them.
        loss: as for `fit`; None for the one that fits.
        classes: the labels in the order of the outputs; None for those that the model was trained for.

    Returns:
        function: of a list of as many numbers as the model has parameters, in their order; it gives the mean of the
        loss with these, in evaluation mode and without what large parameters cost. Then the model is as it was.

    Raises:
        TypeError: the model has no parameters.
        ValueError: the data is wrong as for `fit`; or the function is given another count of numbers.

    Example:
        >>> from nn import Layer
        >>> loss = loss_of(Layer(1, 1, "linear", bias=False, seed=1), [[1.0], [2.0]], [2.5, 5.0])
        >>> loss([2.5]), loss([3.5])
        (0.0, 2.5)
    """
    check_model(model, trained=True)
    parameters, buffers = [*model.parameters()], buffers_of(model)
    if not parameters:
        raise TypeError(f"loss_of gives a function of the parameters of a model, but {shown(model)} has none")
    rows, labels = check_data(X, y)
    measure = loss_for(loss, labels, model, lambda: output_of(model, rows[0]), classes)
    targets, known = targets_and_classes(measure, labels, model, classes)
    output = output_of(model, rows[0])
    check_width(known, output)
    check_outputs(measure, output)
    arranged, target_of = compilable(measure, targets, output)

    def cost(x: Any, y: Any) -> Any:
        return measure.function(model(x), target_of(y))

    def eager(numbers: Sequence[float]) -> float:
        now = [parameter.data for parameter in parameters]
        try:
            for parameter, number in zip(parameters, numbers, strict=True):
                parameter.data = number
            with no_grad(), in_mode(model, training=False):
                return float(total(cost(x, y) for x, y in zip(rows, arranged, strict=True))) / len(rows)
        finally:
            for parameter, number in zip(parameters, now, strict=True):
                parameter.data = number

    program = None
    with suppress(Exception), recorded(), in_mode(model, training=False):  # a model of the user's own may do anything
        sizes: Any = (len(rows[0]), len(arranged[0]) if is_list(arranged[0]) else ())
        program = compile(cost, inputs=sizes, parameters=[*parameters, *buffers])

    def mean_loss(numbers: Sequence[float]) -> float:
        if len(numbers) != len(parameters):
            raise ValueError(
                f"a number for each of {len(parameters)} parameters is needed, but {len(numbers)} were given"
            )
        if program is None:
            return eager(numbers)
        return float(program.value([*numbers, *(buffer.data for buffer in buffers)], rows, arranged))

    return mean_loss


def _compared(
    model: Any, X: Any, y: Any, loss: Any, classes: Any, batch_size: int | None = None, backend: str = "auto"
) -> tuple[Loss, list[Any], list[Any], Classes | None]:
    """The loss, the outputs for all rows, the targets they are compared with, and the classes they stand for."""
    rows, labels = check_data(X, y)
    check_model(model)
    outputs = outputs_of(model, rows, batch_size, backend)
    measure = loss_for(loss, labels, model, lambda: output_of(model, rows[0]), classes)
    targets, known = targets_and_classes(measure, labels, model, classes)
    check_width(known, outputs[0])
    check_outputs(measure, output_of(model, rows[0]))
    for number, output in enumerate(outputs):
        if measure.correct and any(map(math.isnan, output if is_list(output) else [output])):
            raise FloatingPointError(f"the model gives {output!r} for row {number}, which stands for no label")
    return measure, outputs, targets, known
