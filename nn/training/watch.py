"""Watch: what is looked at when an epoch is over, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.compiler.backends.trainer import TrainingState
from nn.optimizers import Optimizer
from nn.training.figures import Metric
from nn.training.history import History
from nn.training.layers import Layers, statistics
from nn.training.stopping import Best, Callback, stops
from nn.training.trainer import Objective
from nn.training.validation import Figures

__all__ = ["Watch"]

Examples = tuple[list[Any], list[Any]]  # rows, and a target for each


class Watch:
    """Figures, layers, schedules that go by the loss, the best state, and callbacks, in this order.

    Args:
        objective, optimizer: what is trained.
        learnt, held_out: what it learns from, and what it is validated on; of the latter there may be none.
        metrics: what is asked of both.
        n_recorded: how many rows the layers are looked at on; 0 for not at all.
        schedule, best, callbacks: as they are in `fit`.
        history: where all of it is written down.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        learnt: Examples,
        held_out: Examples,
        metrics: Mapping[str, Metric],
        n_recorded: int,
        schedule: Any,
        best: Best,
        callbacks: Sequence[Callback],
        history: History,
    ) -> None:
        model, loss = objective.model, objective.loss
        self._optimizer, self._history, self._best, self._callbacks = optimizer, history, best, callbacks
        self._schedule = schedule if hasattr(schedule, "observe") else None
        self._metrics = {name: metric for name, metric in metrics.items() if name not in history}
        self._of_learnt = self._of_held_out = self._layers = None
        if self._metrics:
            self._of_learnt = Figures(model, loss, objective.classes, *learnt, self._metrics)
        if held_out[0]:
            self._of_held_out = Figures(model, loss, objective.classes, *held_out, self._metrics)
        if n_recorded:
            self._layers = Layers(model, loss, learnt[0][:n_recorded], learnt[1][:n_recorded])
            if history.recording and not history.recording.snapshots:
                history.recording.add(history.epochs, self._layers.numbers, self._layers())
        self.is_idle = not (
            self._of_learnt or self._of_held_out or self._layers or self._schedule or callbacks or best.patience
        )

    def __call__(self, state: TrainingState) -> TrainingState:
        """Look at a state after an epoch, and give the one to go on from."""
        if self.is_idle:
            return state
        history = self._history
        self._optimizer.state = state
        if self._of_learnt:
            found = self._of_learnt()
            history.add_figures({name: found[name] for name in self._metrics})
        if self._of_held_out:
            history.add_figures(self._of_held_out(), "validation_")
        if self._layers:
            layers = self._layers()
            for title, found_there in layers.items():
                of_layer = history.layers.setdefault(title, {})
                for what in ("activation", "gradient"):
                    for name, number in statistics(what, found_there[what]).items():
                        of_layer.setdefault(name, []).append(number)
            if history.recording:
                history.recording.add(history.epochs, self._layers.numbers, layers)
        if self._schedule is not None:
            self._schedule.observe(history[self._best.figure][-1])
            state = replace(state, schedule=getattr(self._schedule, "state", ()))
        self._best.look(state, history)
        self._optimizer.state = state
        stops(self._callbacks, history)
        return self._optimizer.state  # callbacks may have changed the model
