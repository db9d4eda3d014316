"""What the layers of a model do while it is trained: their activations, and the gradients of their parameters."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from engine import compile, gradients, total
from engine.arguments import whole_number
from engine.modes import recorded
from engine.trees import is_list
from engine.value import lift
from nn.layers.mlp import MLP
from nn.layers.sequential import Sequential, numbers_from
from nn.losses import Loss
from nn.module import Module, buffers_of, in_mode
from nn.training.data import numbers_of
from nn.training.predict import FEW, forward_of
from nn.training.targets import compilable

__all__ = ["Layers", "sample_size"]

SAMPLE = 100  # rows that are looked at


def sample_size(record: Any) -> int:
    """How many rows `fit` is to record the layers on: 0 for False, 100 for True, or as many as were said."""
    if isinstance(record, bool):
        return SAMPLE * record
    return whole_number("record", record, unless="or True or False")


class Layers:
    """Statistics of each layer of a model, on the same rows again and again.

    Of an MLP, a Sequential or a Residual, and of what is made of them, the parts; of another model with a list of
    `layers`, each of which is called with what the one before gives, these; of any other one the parts that it holds,
    whose gradients alone can be seen.

    Args:
        model, loss: what is looked at.
        rows, targets: on what.
    """

    def __init__(self, model: Any, loss: Loss, rows: Sequence[Any], targets: Sequence[Any]) -> None:
        self._model, self._loss, self._rows = model, loss, rows
        self._parameters = [*model.parameters()]
        self._widths: list[int] = []
        with recorded(), in_mode(model, training=False):
            is_chain = _is_row(model) or _is_chain(model, rows[:FEW])
            self._layers = [part for part, _ in _through(model, rows[0])] if is_chain else _parts(model)
            self._titles = _titles(self._layers)
            self._targets, self._target_of = compilable(loss, targets, model(rows[0]))
            self._forward = forward_of(_Function(self._everything, model), rows) if is_chain else None
            self._program = self._compiled()

    def __call__(self) -> dict[str, dict[str, float]]:
        """For each layer, by its title, the mean, the standard deviation and the share of zeros of what it gives, and
        of the derivatives of the mean loss by its parameters."""
        with recorded(), in_mode(self._model, training=False):
            slopes = dict(zip(self._parameters, self._gradient(), strict=True))
            activations = self._activations(self._forward(self._rows)) if self._forward else [[]] * len(self._layers)
        found: dict[str, dict[str, float]] = {}
        seen: set[Any] = set()
        for title, layer, numbers in zip(self._titles, self._layers, activations, strict=True):
            own = [*layer.parameters()] if callable(getattr(layer, "parameters", None)) else []
            gradient = [slopes[p] for p in own if p not in seen]  # those of parts in a residual are theirs
            seen.update(own)
            found[title] = {**_statistics("activation", numbers), **_statistics("gradient", gradient)}
        return found

    def _everything(self, x: Any) -> list[Any]:
        """What all layers give for one row."""
        outputs = [output for _, output in _through(self._model, x)]
        self._widths = [len(output) for output in outputs]
        return [number for output in outputs for number in output]

    def _activations(self, table: Sequence[Any]) -> list[list[float]]:
        """Of each layer what it gives, for all rows in one list."""
        ends = list(accumulate(self._widths, initial=0))
        return [[number for row in table for number in row[start:end]] for start, end in pairwise(ends)]

    def _cost(self, x: Any, y: Any) -> Any:
        return self._loss.function(self._model(x), self._target_of(y))

    def _compiled(self) -> Any:
        """The cost as a program; None if it does not compile."""
        sizes: Any = (len(self._rows[0]), len(self._targets[0]) if is_list(self._targets[0]) else ())
        try:
            return compile(self._cost, inputs=sizes, parameters=[*self._parameters, *buffers_of(self._model)])
        except Exception:  # a model of the user's own may do anything
            return None

    def _gradient(self) -> list[float]:
        """The derivatives of the mean loss by all parameters."""
        if self._program is not None:
            theta = [number.data for number in (*self._parameters, *buffers_of(self._model))]
            gradient: list[float] = self._program.value_and_grad(theta, self._rows, self._targets)[1].tolist()
            return gradient[: len(self._parameters)]
        costs = [self._cost(x, y) for x, y in zip(self._rows, self._targets, strict=True)]
        found = gradients(lift(total(costs) / len(costs)), self._parameters)
        return [float(gradient) for gradient in found]


class _Function:
    """A function that uses the numbers of a model."""

    def __init__(self, function: Any, model: Any) -> None:
        self._function, self._model = function, model

    def __call__(self, x: Any) -> Any:
        return self._function(x)

    def parameters(self) -> list[Any]:
        return [*self._model.parameters()]

    def buffers(self) -> list[Any]:
        return buffers_of(self._model)


def _is_row(model: Any) -> bool:
    """Whether it is called as parts are that know what each in them gives."""
    return type(model).__call__ in (MLP.__call__, Sequential.__call__)


def _through(model: Any, x: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Part by part what it gives, from input to output."""
    for part, output in model._through(x) if _is_row(model) else _in_turn(model.layers, x):
        if _is_row(part) and part is not model:
            yield from _through(part, x)
        else:
            yield part, output
        x = output


def _in_turn(layers: Sequence[Any], x: Any) -> Iterator[tuple[Any, list[Any]]]:
    for layer in layers:
        x = numbers_from(layer, layer(x))
        yield layer, x


def _is_chain(model: Any, rows: Sequence[Any]) -> bool:
    """Whether its `layers`, one after the other, give what it gives: there may be more to it than is seen in them."""
    layers: Any = getattr(model, "layers", None)
    if not (is_list(layers) and len(layers) and all(callable(layer) for layer in layers)):
        return False
    try:
        for row in rows:
            *_, (_, last) = _in_turn(layers, row)
            output = model(row)
            if repr(numbers_of(last)) != repr(numbers_of(output if is_list(output) else [output])):
                return False
    except Exception:  # layers that are not called so at all may do anything
        return False
    return True


def _parts(model: Any) -> list[Any]:
    """The Modules that a model holds itself; or the model."""
    if not isinstance(model, Module):
        return [model]
    return [part for _, part in model._parts() if isinstance(part, Module)] or [model]


def _titles(layers: Sequence[Any]) -> list[str]:
    places = [getattr(layer, "place", None) for layer in layers]
    titles = [place.title if place is not None else "" for place in places]
    spare = "part" if any(titles) else "layer"
    return [title if title and titles.count(title) == 1 else f"{spare} {i}" for i, title in enumerate(titles, 1)]


def _statistics(name: str, numbers: Sequence[float]) -> dict[str, float]:
    """Their mean, their standard deviation and the share of zeros; nothing of none."""
    if not numbers:
        return {}
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / len(numbers)
    return {
        f"{name}_mean": mean,
        f"{name}_deviation": variance**0.5,
        f"{name}_zeros": sum(number == 0 for number in numbers) / len(numbers),
    }
