"""What the parts of a model give, one after the other, for many rows at once."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from engine.arguments import plain_lists, shown
from engine.modes import recorded
from engine.trees import is_list
from nn.arguments import check_model
from nn.layers.mlp import MLP
from nn.layers.sequential import Sequential, numbers_from
from nn.module import Module, buffers_of, in_mode
from nn.training.data import check_rows, numbers_of
from nn.training.predict import FEW, forward_of

__all__ = ["Outputs", "layer_outputs"]


def layer_outputs(model: Module, X: Any) -> dict[str, Any]:
    """What each layer of a model gives for many rows, compiled where the model compiles.

    It is in evaluation mode meanwhile.

    Args:
        model: an MLP, a Sequential or a Residual, and what is made of them; or another model with a list of `layers`
            each of which is called with what the one before gives.
        X: (n_rows, n_inputs) numbers: lists, an array, or a table such as pandas has.

    Returns:
        dict from titles, such as "layer 1" or "normalization 1", to arrays (n_rows, n_outputs). A hidden layer of an
        MLP counts with all that is around it.

    Raises:
        TypeError: the model is none, or does more than to call its layers one after the other.
        ValueError: the rows are wrong as for `predict`.

    Example:
        >>> outputs = layer_outputs(MLP(2, [3, 1], seed=1), [[0.0, 1.0], [1.0, 1.0]])
        >>> {title: numbers.shape for title, numbers in outputs.items()}
        {'layer 1': (2, 3), 'layer 2': (2, 1)}
    """
    check_model(model)
    rows = check_rows(plain_lists(X))
    with recorded(), in_mode(model, training=False):
        outputs = Outputs(model, rows)
        if not outputs.are_seen:
            raise TypeError(
                f"layer_outputs looks into an MLP, a Sequential or another model whose layers are called one after the "
                f"other, but was given {shown(model)}"
            )
        return dict(zip(outputs.titles, outputs(rows), strict=True))


class Outputs:
    """What the parts of a model give, by the numbers that it has then.

    Of an MLP, a Sequential or a Residual, and of what is made of them, the parts; of another model with a list of
    `layers`, each of which is called with what the one before gives, these; of any other one the parts that it holds,
    and nothing of what they give.

    Args:
        model: what is looked at, in evaluation mode.
        rows: such as it will be asked about.

    Attributes:
        parts, titles: of the model, and what they are called.
        are_seen: whether it is known what they give.
    """

    def __init__(self, model: Any, rows: Sequence[Any]) -> None:
        self._model = model
        self._widths: list[int] = []
        self.are_seen = _is_row(model) or _is_chain(model, rows[:FEW])
        self.parts = [part for part, _ in _through(model, rows[0])] if self.are_seen else _parts(model)
        self.titles = _titles(self.parts)
        self._forward = forward_of(_Function(self._everything, model), rows) if self.are_seen else None

    def __call__(self, rows: Sequence[Any]) -> list[Any]:
        """Of each part what it gives, (n_rows, n_outputs); nothing if that is not seen."""
        import numpy as np

        if self._forward is None:
            return [np.zeros((len(rows), 0)) for _ in self.parts]
        table = np.array(self._forward(rows), dtype=float)
        ends = list(accumulate(self._widths, initial=0))
        return [table[:, start:end] for start, end in pairwise(ends)]

    def _everything(self, x: Any) -> list[Any]:
        """What all parts give for one row."""
        outputs = [output for _, output in _through(self._model, x)]
        self._widths = [len(output) for output in outputs]
        return [number for output in outputs for number in output]


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
