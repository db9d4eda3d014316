"""fit: the training loop."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from engine.arguments import check_flag, real_number, whole_number
from engine.compiler.backends.trainer import check_batch_size
from engine.modes import recorded
from nn.arguments import check_model
from nn.clipping import clipping
from nn.module import Module
from nn.optimizers import Optimizer, optimizer_for
from nn.schedules import Schedule, is_schedule
from nn.training.choice import loss_for
from nn.training.classes import targets_and_classes
from nn.training.data import Data, check_data, seeded, shuffled
from nn.training.history import History, progress_bar, record
from nn.training.predict import output_of
from nn.training.trainer import Objective, trainer_for

__all__ = ["fit"]

STRETCH = 0.1  # seconds of compiled training between two looks at the world outside
MOST_NUMBERS = 2**21  # in the orders of the examples of such a stretch


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: str | None = None,
    classes: Sequence[Any] | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    learning_rate: float | Schedule | None = None,
    optimizer: str | Optimizer = "sgd",
    l2: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    backend: str = "eager",
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a model by gradient descent and return what happened.

    An epoch goes through the data once, in shuffled batches. For each batch it computes the mean loss,
    goes backward, and takes one step against the gradient.

    Args:
        model: a Module, or anything else with a method `parameters` that gives a list of Parameters, that maps one
            row of `X` to an output.
        X: (n_rows, n_inputs) numbers: lists, an array, or a table such as pandas has.
        y: n_rows labels or targets, as the loss needs them: for "mean_squared_error" numbers, or a list of them for
            each row; for the others labels of any kind, such as text, True and False; or the loss's own numbers.
        loss: None for the only one that fits: with one output "hinge" for two classes and for the labels -1 and 1,
            "binary_cross_entropy" for 0 and 1, "mean_squared_error" for other numbers; with several outputs
            "cross_entropy" for classes, "mean_squared_error" for lists of numbers. Or one of these: "hinge" and
            "binary_cross_entropy" tell two classes apart by one output (their own numbers are -1 and 1, and 0 and 1),
            "cross_entropy" several by an output for each (0, 1, ...; or a list with a number for each class, such as
            one-hot); "mean_squared_error" is for targets that are no classes.
        classes: the labels in the order of the outputs; None for those that the model was trained for before, or else
            all that are in y, sorted. Where labels are the loss's own numbers nobody needs them.
        epochs: how often to go through the data.
        batch_size: rows in a step; None for all of them, unshuffled.
        learning_rate: the size of a step; or a schedule, such as ``CosineDecay(0.1, epochs=50)``, or another function
            from the epoch (0, 1, ...) to it; None for what the optimizer has, by default 0.1 ("sgd"), 0.01
            ("rmsprop") or 0.001 ("adam", "adamw").
        optimizer: "sgd", "rmsprop", "adam" or "adamw"; or an optimizer of the model's parameters, such as
            ``Adam(model.parameters(), learning_rate=0.01, beta1=0.8)``, which keeps where training stands: `fit` with
            the same one goes on as if the two were one.
        l2: adds l2 * (sum of the squares of all parameters) to the loss.
        clip_norm, clip_value: the most that the norm of the gradient, or each number in it, may be in a step, as for
            `clip_gradients`; None for anything.
        backend: "eager" computes with Values, one number at a time; "numpy", "numba" and "jax" compile the model
            first, which takes the same steps to the rounding of sums, many times faster.
        seed: of the shuffling; an optimizer that was in a `fit` before goes on with that one's.
        progress: whether to show a progress bar.

    Returns:
        dict with a number for each epoch under "loss" (with the l2 term) and, where the outputs stand for
        labels, "accuracy" (from 0 to 1): means over the epoch's batches, each as it was before its step. Where
        several classes have the largest output, each counts by its share. Where labels are not the loss's own
        numbers, ``model.classes`` says afterwards which label each output stands for.

    Raises:
        TypeError: the model is none.
        ValueError: the data is empty, ragged, holds a nan or inf, or X and y differ in length; a label is missing, or
            none of the classes; a setting is out of range; the optimizer is of other parameters; the loss does not
            depend on them.
        FloatingPointError: the loss is no longer finite. The parameters stay as they were then.
        TraceError: the model is to be compiled, but what it does depends on its numbers.

    However it ends, by Ctrl-C too, model and optimizer have what was learnt in the last stretch of epochs that was
    gone through: eager code looks up after every epoch, a compiled program about ten times a second.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], activation="tanh", seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
        >>> history = fit(model, X, y, epochs=200, learning_rate=0.5, progress=False)
        >>> history["accuracy"][-1]
        1.0

        >>> model = MLP(1, [2], seed=1)
        >>> history = fit(model, [[1.0], [2.0]], ["cat", "dog"], loss="cross_entropy", epochs=5, progress=False)
        >>> model.classes
        ('cat', 'dog')
    """
    check_model(model, trained=True)
    rows, labels = check_data(X, y)
    epochs = whole_number("epochs", epochs, 0)
    check_batch_size(batch_size)
    check_flag("progress", progress)
    l2 = real_number("l2", l2, "a number, 0 or more", lambda x: x >= 0)
    measure = loss_for(loss, labels, lambda: output_of(model, rows[0]), classes or getattr(model, "classes", None))
    targets, known = targets_and_classes(measure, labels, model, classes, learns=True)
    data = Data(rows, targets, min(batch_size or len(rows), len(rows)))
    objective = Objective(model, measure, l2, known, clipping(clip_norm, clip_value))
    schedule: Any = learning_rate if is_schedule(learning_rate) else None
    observe = getattr(schedule, "observe", None)
    rate: Any = None if schedule else learning_rate
    optimizer = optimizer_for(optimizer, model.parameters(), rate)
    history: History = {"loss": [], "accuracy": []} if objective.loss.correct else {"loss": []}
    state = seeded(optimizer.state, seed)
    todo = range(state.epochs, state.epochs + epochs)
    at_most = 1 if backend == "eager" or observe else max(1, MOST_NUMBERS // len(rows))
    try:
        with recorded(), progress_bar(epochs, shown=progress) as report:
            trainer = trainer_for(backend, objective, optimizer, data)
            for stretch in stretches(todo, at_most):
                rates = rates_of(optimizer, schedule, stretch)
                begun, orders = shuffled(state, data, len(stretch))
                state, means = trainer.run(begun, orders, rates)
                if known is not None:
                    with suppress(AttributeError):  # a model of the user's own may take none
                        model.classes = known
                record(history, stretch, rates, means)
                if observe:
                    observe(history["loss"][-1])
                report(history)
    finally:  # also when it was interrupted, in the middle of a step or of a compilation
        optimizer.state = state
    return history


def stretches(epochs: range, at_most: int) -> Iterator[range]:
    """The epochs in stretches that take a tenth of a second each, so that progress is seen and Ctrl-C heard."""
    n = 1
    while epochs:
        start = perf_counter()
        yield epochs[:n]
        epochs = epochs[n:]
        seconds = perf_counter() - start
        n = min(at_most, 2 * n if seconds < STRETCH else max(1, n // 2))


def rates_of(optimizer: Optimizer, schedule: Schedule | None, epochs: Iterable[int]) -> list[float]:
    """The learning rate in each of these epochs: by the schedule, if there is one, which the optimizer checks."""
    rates = []
    for epoch in epochs:
        if schedule:
            optimizer.learning_rate = schedule(epoch)
        rates.append(optimizer.learning_rate)
    return rates
