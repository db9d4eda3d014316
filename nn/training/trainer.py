"""What takes steps: eager code, or a program that the model is compiled to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import Value, absolute, compile, dot, ieee, total
from engine.arguments import choose
from engine.batch import map_examples
from engine.collector import patient_collector
from engine.compiler import BACKENDS
from engine.compiler.backends.trainer import Clip, Trainer, TrainingState
from engine.trees import is_list
from engine.value import lift
from nn.losses import Loss
from nn.optimizers import Optimizer
from nn.training.choice import check_outputs
from nn.training.classes import check_width
from nn.training.data import Data, numbers_of
from nn.training.targets import compilable

__all__ = ["EagerTrainer", "Objective", "chosen_trainer", "trainer_for"]


@dataclass(frozen=True)
class Objective:
    """What training makes small: the mean loss of a model over a batch, and what large parameters cost.

    Attributes:
        model, loss: these.
        l2: how much the sum of the squares of all parameters costs.
        classes: the labels that the outputs stand for; None where these are the loss's own numbers.
        clip: what is done to its gradient before a step; None for nothing.
        l1: how much the sum of their absolute values costs.
    """

    model: Any
    loss: Loss
    l2: float = 0.0
    classes: tuple[Any, ...] | None = None
    clip: Clip | None = None
    l1: float = 0.0

    def penalized(self, loss: Any, parameters: Sequence[Any]) -> Any:
        """A loss with what large parameters cost."""
        if self.l1:
            loss = loss + self.l1 * total(absolute(parameter) for parameter in parameters)
        return loss + self.l2 * dot(parameters, parameters) if self.l2 else loss


def chosen_trainer(backend: str, objective: Objective, optimizer: Optimizer, data: Data) -> tuple[Trainer, str, str]:
    """What trains on these data, the backend that it is, and why; the rest is as for `trainer_for`.

    Args:
        backend: "auto" for the compiled NumPy program where there is one, else eager code; or as for `trainer_for`.
    """
    if backend != "auto":
        return trainer_for(backend, objective, optimizer, data), backend, "it was asked for"
    try:
        return trainer_for("numpy", objective, optimizer, data), "numpy", "the model compiles"
    except ValueError:  # the data, or a setting
        raise
    except Exception as error:  # of whatever kind: on symbols a model may do anything
        reason = f"the model does not compile: {error}"
        return trainer_for("eager", objective, optimizer, data), "eager", reason


def trainer_for(backend: str, objective: Objective, optimizer: Optimizer, data: Data) -> Trainer:
    """What trains on these data: gives of each epoch the mean and, where outputs stand for labels, the share right.

    Args:
        backend: "eager", or one of `engine.compiler.BACKENDS`.
        objective, data: what to learn, and from what.
        optimizer: of the model's parameters; eager code changes it as it goes, a program does not.

    Raises:
        ValueError: there is no such backend, or a label does not fit the loss.
    """
    if choose("backend", backend, ("auto", "eager", *BACKENDS)) == "eager":
        return EagerTrainer(objective, optimizer, data)
    return _compiled(backend, objective, optimizer, data)


class EagerTrainer(Trainer):
    """Gradient descent on Values, one number at a time."""

    def __init__(self, objective: Objective, optimizer: Optimizer, data: Data) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.data = data
        self._is_connected = False  # whether a loss was seen that depends on the parameters

    def run(
        self, state: TrainingState, orders: Sequence[Sequence[int]] | None, rates: Sequence[float]
    ) -> tuple[TrainingState, list[list[float]]]:
        self.optimizer.state = state
        epochs: list[list[float]] = []
        with patient_collector():
            for epoch, self.optimizer.learning_rate in enumerate(rates):
                means, is_whole = self._epoch(orders[epoch] if orders else range(len(self.data.rows)))
                epochs.append(means)
                if not is_whole:
                    break
                if not self._is_connected:
                    raise ValueError(UNCONNECTED)
                state = replace(state, epochs=state.epochs + 1)
        return replace(self.optimizer.state, epochs=state.epochs), epochs

    def _epoch(self, order: Sequence[int]) -> tuple[list[float], bool]:
        """The means, and whether all losses were finite; the last loss alone if not."""
        sums = [0.0, 0.0] if self.objective.loss.correct else [0.0]
        for start in range(0, len(order), self.data.batch_size):
            batch = order[start : start + self.data.batch_size]
            means = self._step(batch)
            if not math.isfinite(means[0]):
                return means, False
            sums = [so_far + mean * len(batch) for so_far, mean in zip(sums, means, strict=True)]
        return [whole / len(order) for whole in sums], True

    def _step(self, batch: Sequence[int]) -> list[float]:
        """The mean loss before it and, where outputs stand for labels, the share that was right."""
        model, loss = self.objective.model, self.objective.loss
        outputs = map_examples(model, [self.data.rows[i] for i in batch])
        check_width(self.objective.classes, outputs[0])
        check_outputs(loss, outputs[0])
        pairs = [(output, self.data.labels[i]) for output, i in zip(outputs, batch, strict=True)]
        mean = lift(total(loss.function(output, label) for output, label in pairs) / len(batch))
        self._is_connected = self._is_connected or depends(mean, self.optimizer.parameters)
        cost = self.objective.penalized(mean, self.optimizer.parameters)
        if not math.isfinite(cost.data):
            return [cost.data]
        self.optimizer.zero_grad()
        cost.backward()
        if self.objective.clip:
            norm = math.hypot(*(parameter.grad for parameter in self.optimizer.parameters))
            for parameter in self.optimizer.parameters:
                parameter.grad = self.objective.clip(ieee, parameter.grad, norm)
        self.optimizer.step()
        if loss.correct is None:
            return [cost.data]
        return [cost.data, sum(loss.correct(numbers_of(output), label) for output, label in pairs) / len(batch)]


def _compiled(backend: str, objective: Objective, optimizer: Optimizer, data: Data) -> Trainer:
    model, loss, labels = objective.model, objective.loss, data.labels
    first = model(data.rows[0])
    check_width(objective.classes, first)
    check_outputs(loss, first)
    targets, target_of = compilable(loss, labels, first)
    parameters = optimizer.parameters

    def cost(x: Any, y: Any) -> tuple[Any, list[Any]]:
        output, target = model(x), target_of(y)
        value = objective.penalized(loss.function(output, target), parameters)
        return value, [loss.correct(output, target)] if loss.correct else []

    shape: Any = len(targets[0]) if is_list(targets[0]) else ()
    program = compile(cost, inputs=(len(data.rows[0]), shape), parameters=parameters, has_aux=True, backend=backend)
    if not any(depends(lift(loss.function(first, label)), parameters) for label in labels):
        raise ValueError(UNCONNECTED)
    return program.trainer(
        data.rows,
        targets,
        rule=optimizer.rule,
        n_memories=optimizer.n_memories,
        batch_size=data.batch_size,
        clip=objective.clip,
    )


UNCONNECTED = (
    "the loss does not depend on the parameters of the model, so there is nothing to learn: compute the outputs with "
    "the Parameters themselves, not with their .data, float(...) or under no_grad()"
)


def depends(loss: Value, parameters: Sequence[Value]) -> bool:
    """Whether a loss was computed from any of these; as a rule the first that are looked at."""
    wanted, seen, to_visit = {*parameters}, set[Value](), [loss]
    while to_visit:
        node = to_visit.pop()
        if node in wanted:
            return True
        if node not in seen:
            seen.add(node)
            to_visit.extend(node.operands)
    return False
