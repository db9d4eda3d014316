"""fit: the training loop."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from time import perf_counter
from typing import Any

from engine import Value, no_grad
from engine.compiler.backends.trainer import check_batch_size
from engine.modes import recorded
from engine.number import to_float
from nn.arguments import random_from
from nn.epochs import trainer
from nn.losses import check_labels, loss_named
from nn.module import Module
from nn.optimizers import optimizer_named

__all__ = ["History", "accuracy", "fit"]

History = dict[str, list[float]]

STRETCH = 0.1  # seconds of compiled training between two looks at the world outside
MOST_NUMBERS = 2**21  # in the orders of the examples of such a stretch


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: str = "hinge",
    epochs: int = 100,
    batch_size: int | None = None,
    learning_rate: float | Callable[[int], float] = 0.1,
    optimizer: str = "sgd",
    l2: float = 0.0,
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
        X: (n_rows, n_inputs) numbers: lists, or a NumPy array.
        y: n_rows labels or targets, as the loss needs them.
        loss: "hinge" (labels -1 and 1), "binary_cross_entropy" (0 and 1), "cross_entropy" (class indices)
            or "mean_squared_error" (numbers).
        epochs: how often to go through the data.
        batch_size: rows in a step; None for all of them, unshuffled.
        learning_rate: the size of a step, or a function from the epoch (0, 1, ...) to it.
        optimizer: "sgd" or "adam".
        l2: adds l2 * (sum of the squares of all parameters) to the loss.
        backend: "eager" computes with Values, one number at a time; "numpy", "numba" and "jax" compile the model
            first, which takes the same steps to the rounding of sums, many times faster.
        seed: of the shuffling.
        progress: whether to show a progress bar.

    Returns:
        dict with a number for each epoch under "loss" (with the l2 term) and, where the outputs stand for
        labels, "accuracy" (from 0 to 1): means over the epoch's batches, each as it was before its step. Where
        several classes have the largest output, each counts by its share.

    Raises:
        ValueError: the data is empty, ragged, holds a nan or inf, or X and y differ in length; a setting is
            out of range.
        FloatingPointError: the loss is no longer finite. The parameters stay as they were then.
        TraceError: the model is to be compiled, but what it does depends on its numbers.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], activation="tanh", seed=1)
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
        >>> history = fit(model, X, y, epochs=200, learning_rate=0.5, progress=False)
        >>> history["accuracy"][-1]
        1.0
    """
    rows, labels = check_data(X, y)
    check_settings(epochs=epochs, batch_size=batch_size, l2=l2)
    measure = loss_named(loss)
    random = random_from(seed)
    rate = learning_rate if callable(learning_rate) else lambda epoch: learning_rate
    descent = optimizer_named(optimizer)(model.parameters(), rate(0))
    batch_size = min(batch_size or len(rows), len(rows))
    history: History = {"loss": [], "accuracy": []} if measure.correct else {"loss": []}
    order = list(range(len(rows)))

    def shuffled() -> list[int]:
        random.shuffle(order)
        return order.copy()

    with (
        recorded(),
        trainer(backend, model, rows, labels, measure, l2, descent, batch_size) as train,
        progress_bar(epochs, shown=progress) as report,
    ):
        for some in turns(epochs, at_most=1 if backend == "eager" else max(1, MOST_NUMBERS // len(rows))):
            rates = []
            for epoch in some:
                descent.learning_rate = rate(epoch)  # which checks it
                rates.append(descent.learning_rate)
            orders = [shuffled() for _ in some] if batch_size < len(rows) else None
            for epoch, means in zip(some, train(orders, rates), strict=False):
                check_finite(means[0], epoch, rates[epoch - some[0]])
                for numbers, mean in zip(history.values(), means, strict=False):
                    numbers.append(mean)
            report(history)
    return history


def accuracy(model: Callable[[Any], Any], X: Any, y: Any, *, loss: str = "hinge") -> float:
    """The share of rows, from 0 to 1, whose output stands for the right label.

    Args:
        model: maps one row of `X` to an output.
        X: (n_rows, n_inputs) numbers.
        y: n_rows labels.
        loss: the loss that the model was trained with, which says how outputs are read as labels.

    Raises:
        ValueError: the data is wrong as for `fit`, or outputs under this loss are not labels.

    Example:
        >>> accuracy(lambda x: x[0], [[2.0], [-3.0], [1.0], [-1.0]], [1, -1, -1, -1])
        0.75
    """
    measure = loss_named(loss)
    if measure.correct is None:
        raise ValueError(f"outputs trained with {loss} are numbers, not labels, so they have no accuracy")
    rows, labels = check_data(X, y)
    check_labels(measure, labels)
    with no_grad():
        return sum(float(measure.correct(model(row), label)) for row, label in zip(rows, labels, strict=True)) / len(
            rows
        )


def turns(epochs: int, at_most: int) -> Iterator[range]:
    """Epochs in stretches that take a tenth of a second each, so that progress is seen and Ctrl-C heard."""
    first, n = 0, 1
    while first < epochs:
        start = perf_counter()
        yield range(first, min(first + n, epochs))
        first += n
        seconds = perf_counter() - start
        n = min(at_most, 2 * n if seconds < STRETCH else max(1, n // 2))


def check_finite(cost: float, epoch: int, rate: float) -> None:
    """FloatingPointError if a loss is nan or infinite."""
    if not math.isfinite(cost):
        raise FloatingPointError(
            f"the loss became {cost} in epoch {epoch + 1}: try a smaller learning rate (it was {rate:g})"
        )


def check_data(X: Any, y: Any) -> tuple[list[list[float]], list[Any]]:
    """The data as lists of plain numbers; ValueError naming the first thing that is wrong with it."""
    X, y = _plain_lists(X), _plain_lists(y)
    if not isinstance(X, list) or not isinstance(y, list):
        raise ValueError(f"X and y must be lists or arrays, but are {type(X).__name__} and {type(y).__name__}")
    if not X:
        raise ValueError("there is no data: X has no rows")
    if len(X) != len(y):
        raise ValueError(f"X and y must have the same length, but X has {len(X)} rows and y has {len(y)}")
    for number, (row, label) in enumerate(zip(X, y, strict=True)):
        if not isinstance(row, list):
            raise ValueError(f"X must have a list of numbers for each row, but row {number} is {row!r}")
        if len(row) != len(X[0]):
            raise ValueError(f"all rows of X must be as long as the first, {len(X[0])}; row {number} has {len(row)}")
        for name, numbers in (("X", row), ("y", label if isinstance(label, list) else [label])):
            for x in numbers:
                if type(x) is float and math.isfinite(x):
                    continue
                if isinstance(x, Value) or not isinstance(x, Real) or not math.isfinite(to_float(x)):
                    raise ValueError(f"{name} must hold plain finite numbers, but row {number} holds {x!r}")
    return X, y


def _plain_lists(data: Any) -> Any:
    """Arrays, tables and tuples as lists of lists."""
    for convert in ("to_numpy", "tolist"):
        if hasattr(data, convert):
            data = getattr(data, convert)()
    if isinstance(data, (list, tuple)):
        return [item if type(item) is float else _plain_lists(item) for item in data]
    return data


def check_settings(*, epochs: int, batch_size: int | None, l2: float) -> None:
    """ValueError naming the first setting of `fit` that is out of range."""
    if not isinstance(epochs, Integral) or epochs < 0:
        raise ValueError(f"epochs must be a whole number, 0 or more, but was {epochs!r}")
    check_batch_size(batch_size)
    if not l2 >= 0:
        raise ValueError(f"l2 must be 0 or more, but was {l2!r}")


@contextmanager
def progress_bar(epochs: int, *, shown: bool) -> Iterator[Callable[[History], None]]:
    """A tqdm bar, as a function to call after one epoch or several; does nothing where tqdm is not installed."""
    try:
        if not shown:
            raise ImportError
        from tqdm.auto import tqdm
    except ImportError:
        yield lambda history: None
        return
    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def report(history: History) -> None:
            bar.set_postfix({name: f"{numbers[-1]:.4f}" for name, numbers in history.items()}, refresh=False)
            bar.update(len(history["loss"]) - bar.n)

        yield report
