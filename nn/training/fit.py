"""fit: the training loop."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from engine.arguments import check_flag, real_number, whole_number
from engine.compiler.backends.trainer import check_batch_size
from engine.modes import recorded
from nn.arguments import check_model
from nn.clipping import clipping
from nn.hints import hinting
from nn.module import Module, buffers_of, in_mode
from nn.optimizers import Optimizer, optimizer_for
from nn.schedules import Schedule, is_schedule
from nn.training.checkpoint import checkpoint_at, trained
from nn.training.choice import loss_for
from nn.training.classes import targets_and_classes
from nn.training.data import Data, check_data, drawn, seeded
from nn.training.figures import metrics_named
from nn.training.history import History, progress_bar
from nn.training.layers import sample_size
from nn.training.predict import output_of
from nn.training.recording import Recording
from nn.training.stopping import Best, Callback, callbacks_in
from nn.training.trainer import Objective, chosen_trainer
from nn.training.validation import held_out
from nn.training.watch import Watch

__all__ = ["fit"]

STRETCH = 0.1  # seconds of compiled training between two looks at the world outside
MOST_NUMBERS = 2**21  # in the orders of the examples of such a stretch, and their noise


@hinting
def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: str | Callable[[Any, Any], Any] | None = None,
    classes: Sequence[Any] | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    learning_rate: float | Schedule | None = None,
    optimizer: str | Optimizer = "sgd",
    l1: float = 0.0,
    l2: float = 0.0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    validation: float | tuple[Any, Any] | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    metrics: Any = (),
    callbacks: Callback | Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    record: bool | int = False,
    backend: str = "auto",
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a model by gradient descent and return what happened.

    An epoch goes through the data once, in shuffled batches. For each batch it computes the mean loss,
    goes backward, and takes one step against the gradient.

    Args:
        model: a Module, or anything else with a method `parameters` that gives a list of Parameters, that maps one
            row of `X` to an output. It is in training mode meanwhile.
        X: (n_rows, n_inputs) numbers: lists, an array, or a table such as pandas has.
        y: n_rows labels or targets, as the loss needs them: for "mean_squared_error" numbers, or a list of them for
            each row; for the others labels of any kind, such as text, True and False; or the loss's own numbers.
        loss: None for the only one that fits: with one output "hinge" for two classes and for the labels -1 and 1,
            "binary_cross_entropy" for 0 and 1, "mean_squared_error" for other numbers; with several outputs
            "cross_entropy" for classes, "mean_squared_error" for lists of numbers. Or one of these: "hinge" and
            "binary_cross_entropy" tell two classes apart by one output (their own numbers are -1 and 1, and 0 and 1),
            "cross_entropy" several by an output for each (0, 1, ...; or a list with a number for each class, such as
            one-hot); "mean_squared_error" is for targets that are no classes. Outputs of a sigmoid or softmax are read
            as the probabilities that they are. Or any function (output, target) -> the loss of one example.
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
        l1, l2: adds l1 * (sum of the absolute values of all parameters) and l2 * (sum of their squares) to the loss.
        clip_norm, clip_value: the most that the norm of the gradient, or each number in it, may be in a step, as for
            `clip_gradients`; None for anything.
        validation: (X, y) that the model does not learn from, or a share of the rows to set aside for that, drawn by
            the seed, of each class the same share. How good the model is on them is found out after every epoch.
        patience: how many epochs in a row the loss may fail to be smaller than ever before; then training stops. It is
            the loss on the validation data, if there are any, and in the end the model has the weights and buffers for
            which that was smallest.
        min_delta: by how much it must be smaller to count.
        metrics: what else to find out after every epoch: names in `nn.METRICS`, or functions (y, predicted) -> number
            as `sklearn.metrics` has them, which are given labels, or numbers where outputs are none; one or several,
            or a dict from names to them.
        callbacks: functions, one or several, that are called with the history after every epoch. Training stops if
            one gives True.
        checkpoint: the path of a file to keep the training in: it is written after an epoch whenever a second has
            gone by, wholly or not at all, and in the end.
        resume: whether to go on from that file, if it is there, to the last bit as if there had been no end; epochs
            are those of the whole.
        record: whether to write down in ``history.layers``, after every epoch, statistics of each layer on the first
            100 rows, or on as many as are said here: mean, standard deviation and share of zeros of what it gives (a
            hidden layer of an MLP with all that is around it), and of the derivatives of the loss by its parameters;
            and to keep in ``history.recording`` the model as it was after each epoch, of many every second one and so
            on, for `viz.replay`.
        backend: "auto" for "numpy" where the model compiles, and "eager" where it does not; "eager" computes with
            Values, one number at a time; "numpy", "numba" and "jax" compile the model first, which takes the same
            steps to the rounding of sums, many times faster.
        seed: of the shuffling; an optimizer that was in a `fit` before goes on with that one's.
        progress: whether to show a progress bar.

    Returns:
        History, a dict with a number for each epoch under "loss" (with the l1 and l2 terms) and, where the outputs
        stand for labels, "accuracy" (from 0 to 1): means over the epoch's batches, each as it was before its step.
        Where several classes have the largest output, each counts by its share. Under the names of metrics, and under
        "validation_loss", "validation_accuracy" and so on, are numbers from the end of the epoch. Where labels are not
        the loss's own numbers, ``model.classes`` says afterwards which label each output stands for.

    Raises:
        TypeError: the model is none, or there is no such argument.
        ValueError: the data is empty, ragged, holds a nan or inf, or X and y differ in length; a label is missing, or
            none of the classes; a setting is out of range; the optimizer is of other parameters; the loss does not
            depend on them; the checkpoint is damaged, or of another training.
        FloatingPointError: the loss is no longer finite. The parameters stay as they were then.
        TraceError: a backend was asked for, but what the model does depends on its numbers.
        OSError: the checkpoint cannot be written.

    Ctrl-C ends the training, and not the program: the model has the weights for which the loss on the validation data
    was smallest, or the last ones where there are none, and the history says so. However it ends, model and optimizer
    have what was learnt in the last stretch of epochs that was gone through: eager code looks up after every epoch, a
    compiled program about ten times a second, or after every epoch if there is something to find out then.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], activation="tanh", seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
        >>> history = fit(model, X, y, epochs=200, learning_rate=0.5, progress=False)
        >>> history["accuracy"][-1], history.backend
        (1.0, 'numpy')

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
    l1, l2 = (real_number(name, x, "a number, 0 or more", lambda x: x >= 0) for name, x in (("l1", l1), ("l2", l2)))
    measure = loss_for(loss, labels, model, lambda: output_of(model, rows[0]), classes)
    targets, known = targets_and_classes(measure, labels, model, classes, learns=True)
    learnt, held = held_out(validation, rows, targets, measure, known, seed)
    data = Data(*learnt, min(batch_size or len(learnt[0]), len(learnt[0])))
    objective = Objective(model, measure, l2, known, clipping(clip_norm, clip_value), l1)
    schedule: Any = learning_rate if is_schedule(learning_rate) else None
    rate: Any = None if schedule else learning_rate
    optimizer = optimizer_for(optimizer, model.parameters(), rate)
    optimizer.buffers = buffers_of(model)
    history = History(["loss", "accuracy"] if measure.correct else ["loss"])
    history.loss = measure.name
    best = Best("validation_loss" if held[0] else "loss", patience, min_delta)
    file = checkpoint_at(checkpoint, resume)
    asked, n_recorded, listeners = metrics_named(metrics), sample_size(record), callbacks_in(callbacks)
    if n_recorded:
        history.recording = Recording(model, rows, labels)
    state = seeded(optimizer.state, seed)
    begun = state.epochs
    if file:
        limits = {"clip_norm": clip_norm, "clip_value": clip_value, "patience": patience, "min_delta": min_delta}
        file.trained = trained(objective, optimizer, schedule, data, held) | limits | {"seed": seed}
        state, begun = file.read(history, best) or (state, begun) if resume else (state, begun)
    if hasattr(schedule, "state"):
        schedule.state = state.schedule
    todo = range(state.epochs, state.epochs if history.stopped else begun + epochs)
    before, trainer, is_interrupted = state, None, False
    try:
        with recorded(), in_mode(model, training=True), progress_bar(len(todo), shown=progress) as report:
            optimizer.state = state
            trainer, history.backend, history.reason = chosen_trainer(backend, objective, optimizer, data)
            watch = Watch(objective, optimizer, learnt, held, asked, n_recorded, schedule, best, listeners, history)
            is_slow = history.backend == "eager" or not watch.is_idle
            numbers = len(data.rows) * (1 + trainer.n_noise)  # in an epoch
            for stretch in stretches(todo, 1 if is_slow else max(1, MOST_NUMBERS // numbers)):
                rates = rates_of(optimizer, schedule, stretch)
                before, orders, noise = drawn(state, data, len(stretch), trainer.n_noise)
                state, means = trainer.run(before, orders, rates, noise)
                if known is not None:
                    with suppress(AttributeError):  # a model of the user's own may take none
                        model.classes = known
                history.add(stretch, rates, means)
                state = watch(state)
                report(history)
                if file:
                    file.write(state, begun, history, best)
                if history.stopped:
                    break
    except KeyboardInterrupt:
        if trainer is None:  # nothing was learnt yet
            raise
        is_interrupted = True
        if any(len(column) != state.epochs - begun for column in history.values()):
            state = before  # the last epochs count as if they had not begun
        history.cut(state.epochs - begun)
    finally:  # also when it was interrupted, in the middle of a step or of a compilation
        optimizer.state = state
    if file:
        file.write(state, begun, history, best, now=True)
    if best.state and held[0] and (patience or is_interrupted):
        optimizer.state, history.best_epoch = best.state, best.epoch
    if is_interrupted:
        history.stopped = f"interrupted in epoch {history.epochs + 1}"
        print(f"fit was {history.stopped}: the model has the weights of epoch {history.best_epoch or history.epochs}",
              file=sys.stderr)  # fmt: skip
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
