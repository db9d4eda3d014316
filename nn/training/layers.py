"""What the layers of a model do while it is trained: their activations, and the gradients of their parameters."""

from collections.abc import Sequence
from typing import Any

from engine import compile, gradients, total
from engine.arguments import whole_number
from engine.modes import recorded
from engine.trees import is_list
from engine.value import lift
from nn.losses import Loss
from nn.module import buffers_of, in_mode
from nn.training.outputs import Outputs
from nn.training.targets import compilable

__all__ = ["Layers", "sample_size", "statistics"]

SAMPLE = 100  # rows that are looked at


def sample_size(record: Any) -> int:
    """How many rows `fit` is to record the layers on: 0 for False, 100 for True, or as many as were said."""
    if isinstance(record, bool):
        return SAMPLE * record
    return whole_number("record", record, unless="or True or False")


class Layers:
    """The numbers of each layer of a model, on the same rows again and again.

    Of a model whose layers are not called one after the other the gradients alone can be seen.

    Args:
        model, loss: what is looked at.
        rows, targets: on what.

    Attributes:
        numbers: the Parameters of the model, and its Buffers.
    """

    def __init__(self, model: Any, loss: Loss, rows: Sequence[Any], targets: Sequence[Any]) -> None:
        self._model, self._loss, self._rows = model, loss, rows
        self.numbers = self._parameters, self._buffers = [*model.parameters()], buffers_of(model)
        with recorded(), in_mode(model, training=False):
            self._outputs = Outputs(model, rows)
            self._targets, self._target_of = compilable(loss, targets, model(rows[0]))
            self._program = self._compiled()
        seen: set[Any] = set()
        self._own: list[list[Any]] = []  # the parameters of each part; those of parts in a residual are theirs
        for part in self._outputs.parts:
            parameters = [*part.parameters()] if callable(getattr(part, "parameters", None)) else []
            self._own.append([p for p in parameters if p not in seen])
            seen.update(parameters)

    def __call__(self) -> dict[str, dict[str, Sequence[float]]]:
        """For each layer, by its title, what it gives ("activation"), its parameters ("parameter"), and the derivatives
        of the mean loss by them ("gradient")."""
        with recorded(), in_mode(self._model, training=False):
            slopes = dict(zip(self._parameters, self._gradient(), strict=True))
            activations = self._outputs(self._rows)
        return {
            title: {
                "activation": table.ravel(),
                "gradient": [slopes[p] for p in own],
                "parameter": [p.data for p in own],
            }
            for title, own, table in zip(self._outputs.titles, self._own, activations, strict=True)
        }

    def _cost(self, x: Any, y: Any) -> Any:
        return self._loss.function(self._model(x), self._target_of(y))

    def _compiled(self) -> Any:
        """The cost as a program; None if it does not compile."""
        sizes: Any = (len(self._rows[0]), len(self._targets[0]) if is_list(self._targets[0]) else ())
        try:
            return compile(self._cost, inputs=sizes, parameters=[*self._parameters, *self._buffers])
        except Exception:  # a model of the user's own may do anything
            return None

    def _gradient(self) -> list[float]:
        """The derivatives of the mean loss by all parameters."""
        if self._program is not None:
            theta = [number.data for number in (*self._parameters, *self._buffers)]
            gradient: list[float] = self._program.value_and_grad(theta, self._rows, self._targets)[1].tolist()
            return gradient[: len(self._parameters)]
        costs = [self._cost(x, y) for x, y in zip(self._rows, self._targets, strict=True)]
        found = gradients(lift(total(costs) / len(costs)), self._parameters)
        return [float(gradient) for gradient in found]


def statistics(name: str, numbers: Sequence[float]) -> dict[str, float]:
    """Their mean, their standard deviation and the share of zeros; nothing of none."""
    import numpy as np

    all_of_them = np.asarray(numbers, dtype=float)
    if not all_of_them.size:
        return {}
    with np.errstate(all="ignore"):  # of numbers that exploded
        return {
            f"{name}_mean": float(all_of_them.mean()),
            f"{name}_deviation": float(all_of_them.std()),
            f"{name}_zeros": float((all_of_them == 0).mean()),
        }
