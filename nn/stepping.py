"""One step of training, eager or compiled: a batch in; its loss and outputs out, and the parameters changed."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import compile, dot, no_grad, total
from engine.compiler import BACKENDS
from nn.losses import Loss, check_labels
from nn.module import Module
from nn.optimizers import Optimizer

__all__ = ["class_of", "stepper"]

Step = Callable[[list[int], int], tuple[float, Sequence[Any]]]


@contextmanager
def stepper(
    backend: str, model: Module, rows: list[list[float]], labels: list[Any], loss: Loss, l2: float, optimizer: Optimizer
) -> Iterator[Step]:
    """How to take a step, as a function (indices of the batch, epoch) -> (loss before the step, outputs).

    Args:
        backend: "eager", or one of `engine.compiler.BACKENDS`.
        model, rows, labels, loss, l2: as for `nn.fit`, checked.
        optimizer: of the model's parameters.

    Raises:
        ValueError: there is no such backend, or a label does not fit the loss.
    """
    if backend == "eager":
        yield _eager_step(model, rows, labels, loss, l2, optimizer)
    elif backend in BACKENDS:
        with _compiled_step(backend, model, rows, labels, loss, l2, optimizer) as step:
            yield step
    else:
        raise ValueError(f"unknown backend {backend!r}: choose one of {', '.join(('eager', *BACKENDS))}")


def _eager_step(model: Any, rows: Any, labels: Any, loss: Loss, l2: float, optimizer: Optimizer) -> Step:
    def step(batch: list[int], epoch: int) -> tuple[float, Sequence[Any]]:
        outputs = [model(rows[i]) for i in batch]
        cost = total(loss.function(output, labels[i]) for output, i in zip(outputs, batch, strict=True)) / len(batch)
        if l2:
            cost = cost + l2 * dot(optimizer.parameters, optimizer.parameters)
        check_finite(cost.data, epoch, optimizer)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        return cost.data, outputs

    return step


@contextmanager
def _compiled_step(
    backend: str, model: Any, rows: Any, labels: Any, loss: Loss, l2: float, optimizer: Optimizer
) -> Iterator[Step]:
    import numpy as np

    from engine import arrays

    with no_grad():
        first = model(rows[0])
        loss.function(first, labels[0])  # whether they fit together
    n_outputs = len(first) if hasattr(first, "__len__") else 1
    check_labels(loss, labels, n_outputs)
    one_hot = loss.decide is not None and n_outputs > 1
    targets = np.array([_one_hot(label, n_outputs) if one_hot else label for label in labels], dtype=float)
    parameters = optimizer.parameters

    def cost(x: Any, y: Any) -> tuple[Any, list[Any]]:
        output = model(x)
        value = loss.function(output, y)
        outputs = list(output) if n_outputs > 1 else [output]
        return (value + l2 * dot(parameters, parameters) if l2 else value), outputs

    shape: Any = () if targets.ndim == 1 else targets.shape[1]
    program = compile(cost, inputs=(len(rows[0]), shape), parameters=parameters, has_aux=True, backend=backend)
    inputs = np.array(rows, dtype=float)
    theta = np.array([parameter.data for parameter in parameters])
    memory: Any = tuple(np.zeros(len(parameters)) for _ in range(optimizer.n_memories))

    def step(batch: list[int], epoch: int) -> tuple[float, Sequence[Any]]:
        nonlocal theta, memory
        (value, outputs), gradient = program.value_and_grad(theta, inputs[batch], targets[batch])
        check_finite(value, epoch, optimizer)
        optimizer.count += 1
        theta, memory = optimizer.rule(arrays, theta, gradient, memory, optimizer.count)
        return value, outputs.tolist() if n_outputs > 1 else outputs[:, 0].tolist()

    try:
        yield step
    finally:  # also when training was interrupted: what was learnt until then is kept
        for parameter, number in zip(parameters, theta.tolist(), strict=True):
            parameter.data = number


def check_finite(cost: float, epoch: int, optimizer: Optimizer) -> None:
    """FloatingPointError if a loss is nan or infinite."""
    if not math.isfinite(cost):
        raise FloatingPointError(
            f"the loss became {cost} in epoch {epoch + 1}: try a smaller learning rate "
            f"(it was {optimizer.learning_rate:g})"
        )


def class_of(label: Any) -> Any:
    """The label itself, or of one that is one-hot the index of the class."""
    return max(range(len(label)), key=label.__getitem__) if isinstance(label, Sequence) else label


def _one_hot(label: Any, n_classes: int) -> list[float]:
    return list(label) if isinstance(label, Sequence) else [float(k == label) for k in range(n_classes)]
