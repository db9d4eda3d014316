"""What a model gives for many rows at once: compiled where it compiles, else one number at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from engine import compile, no_grad
from engine.arguments import choose, plain_lists, shown
from engine.batch import map_examples
from engine.compiler import BACKENDS
from engine.compiler.backends.trainer import check_batch_size
from engine.modes import recorded
from engine.trees import is_list, plain_array
from nn.arguments import check_model
from nn.hints import hinting
from nn.module import buffers_of, in_mode
from nn.training.data import check_rows, numbers_of

__all__ = ["FEW", "Forward", "forward_of", "output_of", "outputs_of", "predict"]

Forward = Callable[[Sequence[Any]], list[Any]]

FEW = 10  # rows: to record what a model does takes as long as to run it on these


@hinting
def predict(model: Callable[[Any], Any], X: Any, *, batch_size: int | None = None, backend: str = "auto") -> Any:
    """The outputs of a model for many rows, as they are: no labels, and no probabilities unless the model gives such.

    It is in evaluation mode meanwhile. A model compiles once: what was compiled for one that does the same, whatever
    its numbers are, is used again.

    Args:
        model: a Module, or another function of one row of numbers, that gives a number or a list of numbers.
        X: (n_rows, n_inputs) numbers: lists, an array, or a table such as pandas has.
        batch_size: rows at a time; None for all.
        backend: "auto" for "numpy" where the model compiles and there are more than a few rows, else "eager", one
            number at a time; or "numba" or "jax".

    Returns:
        array: (n_rows,) if the model gives a number, (n_rows, n_outputs) if it gives a list.

    Raises:
        TypeError: the model cannot be called, or gives something other than numbers.
        ValueError: the rows are wrong as for `fit`, or a setting is.
        TraceError: a backend was asked for, but the model does not compile.

    Example:
        >>> predict(lambda x: x[0] + 2 * x[1], [[1.0, 2.0], [3.0, 4.0]]).tolist()
        [5.0, 11.0]
    """
    check_model(model)
    check_batch_size(batch_size)
    choose("backend", backend, ("auto", "eager", *BACKENDS))
    import numpy as np

    outputs = outputs_of(model, check_rows(plain_lists(X)), batch_size, backend)
    sizes = {len(output) if is_list(output) else 1 for output in outputs}
    if len(sizes) > 1:
        raise ValueError(f"the model must give as many numbers for every row, but gave {sorted(sizes)}")
    return np.array(outputs)


def outputs_of(
    model: Callable[[Any], Any], rows: Sequence[Any], batch_size: int | None = None, backend: str = "auto"
) -> list[Any]:
    """The same, of rows that were checked, in lists: for each row a float, or a list of them."""
    size = batch_size or len(rows)
    forward = forward_of(model, rows, "eager" if backend == "auto" and len(rows) <= FEW else backend)
    return [output for start in range(0, len(rows), size) for output in forward(rows[start : start + size])]


def output_of(model: Any, row: Any) -> Any:
    """What a model in use gives for one row, as nodes that remember how they were made."""
    with recorded(), in_mode(model, training=False):
        output = model(row)
    if is_list(output) and not len(output):
        numbers_of(output)  # refuses it
    return output


def forward_of(model: Callable[[Any], Any], rows: Sequence[Any], backend: str = "auto") -> Forward:
    """A function from rows such as these to the outputs of the model in use, by the numbers that it has then."""
    if backend != "eager":
        try:
            with recorded(), in_mode(model, training=False):
                return _compiled(model, len(rows[0]), "numpy" if backend == "auto" else backend)
        except Exception:  # of whatever kind: on symbols a function may do anything
            if backend != "auto":
                raise

    def forward(rows: Sequence[Any]) -> list[Any]:
        with no_grad(), in_mode(model, training=False):
            return [numbers_of(output) for output in map_examples(model, rows)]

    return forward


def _compiled(model: Any, n_inputs: int, backend: str) -> Forward:
    gives_list = True

    def listed(x: Any) -> list[Any]:
        nonlocal gives_list
        output = model(x)
        gives_list = is_list(output)
        if gives_list and any(map(is_list, output)):
            raise TypeError(f"a model must give a number or a list of numbers for each row, but gave {shown(output)}")
        return output if gives_list else [output]

    numbers = [*model.parameters()] if callable(getattr(model, "parameters", None)) else []
    numbers += buffers_of(model)
    program = compile(listed, inputs=n_inputs, parameters=numbers, backend=backend)
    last: tuple[Any, Any] = None, None

    def forward(rows: Sequence[Any]) -> list[Any]:
        nonlocal last
        if rows is not last[0]:  # in validation they are the same in every epoch, and take longer to read than the rest
            last = rows, plain_array(rows)
        theta = [[number.data for number in numbers]] if numbers else []
        values = program.value(*theta, last[1])
        is_nan = (values != values).any(axis=1)
        if is_nan.any():
            output_of(model, rows[is_nan.argmax()])  # which may refuse it, and say why
        outputs: list[Any] = values.tolist()
        return outputs if gives_list else [output for (output,) in outputs]

    return forward
