"""Epochs of training, carried out by eager code or by a compiled program."""

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import compile, dot, no_grad, total
from engine.compiler import BACKENDS
from engine.compiler.backends.trainer import TrainingState
from nn.losses import Loss, check_labels
from nn.module import Module
from nn.optimizers import Optimizer

__all__ = ["Train", "trainer"]

# (orders, learning rates) -> of each epoch the mean loss and, where outputs stand for labels, the share that is right.
# An order lists the examples, None is the one in which they came. The first loss that is not finite ends it.
Train = Callable[[Sequence[Sequence[int]] | None, Sequence[float]], Sequence[Sequence[float]]]


@contextmanager
def trainer(
    backend: str,
    model: Module,
    rows: list[list[float]],
    labels: list[Any],
    loss: Loss,
    l2: float,
    optimizer: Optimizer,
    batch_size: int,
) -> Iterator[Train]:
    """How to train: epochs as a function, while this lasts; afterwards the model has learnt what was trained.

    Args:
        backend: "eager", or one of `engine.compiler.BACKENDS`.
        model, rows, labels, loss, l2, batch_size: as for `nn.fit`, checked.
        optimizer: of the model's parameters.

    Raises:
        ValueError: there is no such backend, or a label does not fit the loss.
    """
    if backend == "eager":
        with _patient_collector():
            yield _eager(model, rows, labels, loss, l2, optimizer, batch_size)
    elif backend in BACKENDS:
        with _compiled(backend, model, rows, labels, loss, l2, optimizer, batch_size) as train:
            yield train
    else:
        raise ValueError(f"unknown backend {backend!r}: choose one of {', '.join(('eager', *BACKENDS))}")


def _eager(model: Any, rows: Any, labels: Any, loss: Loss, l2: float, optimizer: Optimizer, batch_size: int) -> Train:
    def step(batch: Sequence[int]) -> tuple[float, float]:
        """The mean loss before it, and the share that was right."""
        outputs = [model(rows[i]) for i in batch]
        pairs = [(output, labels[i]) for output, i in zip(outputs, batch, strict=True)]
        cost = total(loss.function(output, label) for output, label in pairs) / len(batch)
        if l2:
            cost = cost + l2 * dot(optimizer.parameters, optimizer.parameters)
        if math.isfinite(cost.data):
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
        correct = loss.correct
        return cost.data, sum(correct(_numbers(z), label) for z, label in pairs) / len(batch) if correct else 0.0

    def train(orders: Sequence[Sequence[int]] | None, rates: Sequence[float]) -> list[list[float]]:
        epochs: list[list[float]] = []
        for epoch, optimizer.learning_rate in enumerate(rates):
            order = orders[epoch] if orders else range(len(rows))
            losses = hits = 0.0
            for start in range(0, len(rows), batch_size):
                batch = order[start : start + batch_size]
                cost, share = step(batch)
                if not math.isfinite(cost):
                    return [*epochs, [cost, share]]
                losses += cost * len(batch)
                hits += share * len(batch)
            epochs.append([losses / len(rows), hits / len(rows)])
        return epochs

    return train


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Let the garbage collector look less often: our graphs have no cycles for it to find, only nodes to look through.

    It takes a quarter of a step's time otherwise. What a model of somebody else's leaves behind is found all the same.
    """
    first, *others = gc.get_threshold()
    gc.set_threshold(max(first, 100_000) if first else 0, *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)


@contextmanager
def _compiled(
    backend: str,
    model: Any,
    rows: Any,
    labels: Any,
    loss: Loss,
    l2: float,
    optimizer: Optimizer,
    batch_size: int,
) -> Iterator[Train]:
    with no_grad():
        first = model(rows[0])
        kinds: dict[int | None, Any] = {}
        for label in labels:
            kinds.setdefault(len(label) if hasattr(label, "__len__") else None, label)
        for label in kinds.values():
            loss.function(first, label)  # whether they fit together
    n_outputs = len(first) if hasattr(first, "__len__") else 1
    check_labels(loss, labels, n_outputs)
    if loss.decide is not None and n_outputs > 1:
        labels = [_one_hot(label, n_outputs) for label in labels]
    elif len(kinds) > 1:  # targets of one output, some of them in lists
        labels = [label if hasattr(label, "__len__") else [label] for label in labels]
    parameters = optimizer.parameters

    def cost(x: Any, y: Any) -> tuple[Any, list[Any]]:
        output = model(x)
        value = loss.function(output, y)
        value = value + l2 * dot(parameters, parameters) if l2 else value
        return value, [loss.correct(output, y)] if loss.correct else []

    shape: Any = len(labels[0]) if hasattr(labels[0], "__len__") else ()
    program = compile(cost, inputs=(len(rows[0]), shape), parameters=parameters, has_aux=True, backend=backend)
    trainer = program.trainer(rows, labels, rule=optimizer.rule, n_memories=optimizer.n_memories, batch_size=batch_size)
    memories = ((0.0,) * len(parameters),) * optimizer.n_memories
    state = TrainingState([parameter.data for parameter in parameters], memories)

    def train(orders: Sequence[Sequence[int]] | None, rates: Sequence[float]) -> list[list[float]]:
        nonlocal state
        state, means = trainer.run(state, orders, rates)
        return means.tolist()

    try:
        yield train
    finally:  # also when training was interrupted: what was learnt until then is kept
        for parameter, number in zip(parameters, state.parameters, strict=True):
            parameter.data = number


def _numbers(output: Any) -> Any:
    return [float(z) for z in output] if hasattr(output, "__len__") else float(output)


def _one_hot(label: Any, n_classes: int) -> list[float]:
    return list(label) if hasattr(label, "__len__") else [float(k == label) for k in range(n_classes)]
