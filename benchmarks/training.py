"""chalkgrad trains: the one place where the race goes through `nn`'s way of training on a backend."""

from dataclasses import replace

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
    from nn.losses import loss_named
    from nn.optimizers import optimizer_for
    from nn.training.data import Data
    from nn.training.trainer import Objective, trainer_for

    model, batches = task.model(), task.batches()
    rows = [row for X, _ in batches for row in X.tolist()]
    labels = [label for _, y in batches for label in y.tolist()]
    objective = Objective(model, replace(loss_named(task.settings["loss"]), correct=None), task.l2)
    optimizer = optimizer_for(task.settings["optimizer"], model.parameters(), task.rate)
    epochs = task.compared if backend == "eager" else task.steps // len(batches)
    trainer = trainer_for(backend, objective, optimizer, Data(rows, labels, task.batch_size))
    state = optimizer.state

    def run() -> list[float]:
        nonlocal state
        state, means = trainer.run(state, None, [task.rate] * epochs)
        return [float(row[0]) for row in means]

    return Trial(run, lambda losses: losses[: task.compared], size=epochs * len(batches))
