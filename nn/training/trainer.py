"""What takes steps: eager code, or a program that the model is compiled to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from nn.training.step import Step
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
    is_eager = choose("backend", backend, ("auto", "eager", *BACKENDS)) == "eager"
    make = EagerTrainer if is_eager else partial(_compiled, backend)
    smallest = len(data.rows) % data.batch_size or data.batch_size
    with patient_collector(), Step(float(smallest)) as step:
        first = objective.model(data.rows[0])
    if not {*step.updates} <= {*optimizer.buffers}:
        raise ValueError(
            "the model has Buffers that its method buffers does not give, so they cannot be kept up to date"
        )
    check_width(objective.classes, first)
    check_outputs(objective.loss, first)
    return make(objective, optimizer, data, first, step)


class EagerTrainer(Trainer):
    """Gradient descent on Values, one number at a time.

    Args:
        objective, optimizer, data: as for `trainer_for`.
        first: what the model gives for the first example.
        step: what it asked for meanwhile.
    """

    def __init__(self, objective: Objective, optimizer: Optimizer, data: Data, first: Any, step: Step) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.data = data
        self.n_noise = step.n_noise
        self._is_plain = not (step.n_noise or step.updates or step.asks_size)
        self._noise: Any = None
        self._is_connected = False  # whether a loss was seen that depends on the parameters

    def run(
        self,
        state: TrainingState,
        orders: Sequence[Sequence[int]] | None,
        rates: Sequence[float],
        noise: Sequence[Any] | None = None,
    ) -> tuple[TrainingState, list[list[float]]]:
        self.optimizer.state = state
        epochs: list[list[float]] = []
        with patient_collector():
            for epoch, self.optimizer.learning_rate in enumerate(rates):
                self._noise = noise[epoch].tolist() if noise is not None else [[]] * len(self.data.rows)
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
        loss = self.objective.loss
        outputs, learnt = self._outputs(batch)
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
        for buffer, number in zip(self.optimizer.buffers, learnt, strict=False):
            buffer.data = number
        if loss.correct is None:
            return [cost.data]
        return [cost.data, sum(loss.correct(numbers_of(output), label) for output, label in pairs) / len(batch)]

    def _outputs(self, batch: Sequence[int]) -> tuple[list[Any], list[float]]:
        """What the model gives for each example, and what its Buffers are to be afterwards, if they are to change."""
        model, rows, buffers = self.objective.model, self.data.rows, self.optimizer.buffers
        if self._is_plain:
            return map_examples(model, [rows[i] for i in batch]), []

        def in_step(example: tuple[list[Any], list[Any]]) -> tuple[Any, list[Any]]:
            row, noise = example
            with Step(float(len(batch)), noise) as step:
                return model(row), [step.after(buffer) for buffer in buffers]

        found = map_examples(in_step, [(rows[i], self._noise[i]) for i in batch])
        said = zip(*[after for _, after in found], strict=True)
        return [output for output, _ in found], [mean_of(numbers) for numbers in said]


def mean_of(numbers: Sequence[Any]) -> float:
    """The mean; of what is the same one again and again, that itself, to the last digit."""
    first = numbers[0]
    return float(first if all(number is first for number in numbers) else total(numbers) / len(numbers))


def _compiled(backend: str, objective: Objective, optimizer: Optimizer, data: Data, first: Any, step: Step) -> Trainer:
    model, loss, labels = objective.model, objective.loss, data.labels
    targets, target_of = compilable(loss, labels, first)
    parameters = optimizer.parameters
    buffers, size = optimizer.buffers, Value(0.0)

    def cost(x: Any, y: Any, noise: Any) -> tuple[Any, list[Any]]:
        with Step(size, noise) as now:
            output = model(x)
        target = target_of(y)
        value = objective.penalized(loss.function(output, target), parameters)
        correct = [loss.correct(output, target)] if loss.correct else []
        return value, [*correct, *map(now.after, buffers)]

    shape: Any = len(targets[0]) if is_list(targets[0]) else ()
    program = compile(
        cost if step.n_noise else lambda x, y: cost(x, y, ()),
        inputs=(len(data.rows[0]), shape, *[step.n_noise] * (step.n_noise > 0)),
        parameters=[*parameters, *buffers, *[size] * step.asks_size],
        has_aux=True,
        backend=backend,
    )
    if not any(depends(lift(loss.function(first, label)), parameters) for label in labels):
        raise ValueError(UNCONNECTED)
    return program.trainer(
        data.rows,
        targets,
        rule=optimizer.rule,
        n_memories=optimizer.n_memories,
        batch_size=data.batch_size,
        clip=objective.clip,
        n_statistics=len(buffers),
        tells_size=step.asks_size,
        has_noise=step.n_noise > 0,
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
