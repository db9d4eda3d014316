"""chalkgrad trains: the one place where the race goes through `nn`'s way of training on a backend."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["training"]


def training(task: Task, backend: str) -> Trial:
    """What `nn.fit` runs once it has compiled: epochs through the same batches as the peers'.

    It computes what the peers compute: the losses, and not the accuracy that `nn.fit` computes beside them.

    Args:
        task: what to train. Eager code takes a few steps in a call, the others many.
        backend: as for `nn.fit`.
    """
    from nn.epochs import trainer
    from nn.losses import loss_named
    from nn.optimizers import optimizer_named

    model, batches = task.model(), task.batches()
    rows = [row for X, _ in batches for row in X.tolist()]
    labels = [label for _, y in batches for label in y.tolist()]
    loss = replace(loss_named(task.settings["loss"]), correct=None)
    optimizer = optimizer_named(task.settings["optimizer"])(model.parameters(), task.rate)
    epochs = task.compared if backend == "eager" else task.steps // len(batches)
    opened = ExitStack()  # for good: this process ends without wanting the model
    train = opened.enter_context(trainer(backend, model, rows, labels, loss, task.l2, optimizer, task.batch_size))

    def run(opened: Any = opened) -> list[float]:
        return [means[0] for means in train(None, [task.rate] * epochs)]

    return Trial(run, lambda losses: losses[: task.compared], size=epochs * len(batches))
