"""The data of a training: what is refused, and the order in which it is gone through."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from random import Random
from struct import unpack
from typing import Any

from engine.arguments import is_real, plain_lists, shown
from engine.compiler.backends.trainer import TrainingState
from engine.number import to_float
from engine.trees import is_list
from nn.arguments import random_from

__all__ = ["Data", "check_data", "check_numbers", "check_rows", "drawn", "numbers_of", "seeded"]


@dataclass(frozen=True)
class Data:
    """What a model learns from.

    Attributes:
        rows: of numbers, one for each example.
        labels: one for each, as the loss takes it.
        batch_size: examples in a step, no more than there are.
    """

    rows: list[list[float]]
    labels: list[Any]
    batch_size: int


def check_data(X: Any, y: Any) -> tuple[list[list[float]], list[Any]]:
    """The rows of numbers, and a label of any kind for each; ValueError naming the first thing that is wrong."""
    X, y = plain_lists(X), plain_lists(y)
    if not isinstance(X, list) or not isinstance(y, list):
        wrong = f"y is {shown(y)}" if isinstance(X, list) else f"X is {shown(X)}"
        raise ValueError(f"X and y must be lists or arrays, but are {type(X).__name__} and {type(y).__name__}: {wrong}")
    if X and len(X) != len(y):
        raise ValueError(f"X and y must have the same length, but X has {len(X)} rows and y has {len(y)}")
    return check_rows(X), y


def check_rows(X: Any) -> list[list[float]]:
    """The rows, if there are any, of as many numbers each; ValueError naming the first thing that is wrong."""
    if not isinstance(X, list):
        raise ValueError(f"X must be a list or an array, but is {type(X).__name__}: {shown(X)}")
    if not X:
        raise ValueError("there is no data: X has no rows")
    for number, row in enumerate(X):
        if not isinstance(row, list):
            raise ValueError(f"X must have a list of numbers for each row, but row {number} is {shown(row)}")
        if len(row) != len(X[0]):
            raise ValueError(f"all rows of X must be as long as the first, {len(X[0])}; row {number} has {len(row)}")
    check_numbers("X", X)
    return X


def check_numbers(name: str, rows: Sequence[Any]) -> None:
    """ValueError unless each is a plain finite number, or a list of them."""
    for number, row in enumerate(rows):
        for x in row if isinstance(row, list) else [row]:
            if type(x) is float and math.isfinite(x):
                continue
            if not isinstance(x, Real) or not math.isfinite(to_float(x)):
                raise ValueError(f"{name} must hold plain finite numbers, but row {number} holds {shown(x)}")


def numbers_of(output: Any) -> Any:
    """What a model gave, a number or a list of them, as floats; TypeError if it is something else."""
    numbers = output if is_list(output) else [output]
    if not len(numbers) or not all(map(is_real, numbers)):
        raise TypeError(f"a model must give a number or a list of numbers for each row, but gave {shown(output)}")
    return [float(z) for z in output] if is_list(output) else float(output)


def seeded(state: TrainingState, seed: int) -> TrainingState:
    """The same, and if nothing was shuffled yet, what is from now on depends on the seed; ValueError if it is none."""
    random = random_from(seed).getstate()
    return replace(state, random=state.random or random)


def drawn(
    state: TrainingState, data: Data, epochs: int, n_noise: int = 0
) -> tuple[TrainingState, list[list[int]] | None, list[Any] | None]:
    """What is drawn at random for each of so many epochs.

    Args:
        state: whose generator goes on.
        data: whose examples are shuffled.
        epochs: how many there are.
        n_noise: how many numbers of noise there are for each example.

    Returns:
        (state, orders, noise): the state is the one that goes on after these; the orders of the examples are None
        where a batch is all of them; the noise is (epochs, n_examples, n_noise), or None where there is none.
    """
    n = len(data.rows)
    is_shuffled = data.batch_size < n
    if state.random is None or not (is_shuffled or n_noise):
        return state, None, None
    random = Random()
    random.setstate(state.random)
    order = list(state.order) if len(state.order) == n else list(range(n))
    orders, noise = [], []
    for _ in range(epochs):
        if is_shuffled:
            random.shuffle(order)
            orders.append(order.copy())
        if n_noise:
            noise.append(_uniform(random, n, n_noise))
    state = replace(state, random=random.getstate(), order=tuple(order) if is_shuffled else state.order)
    return state, orders if is_shuffled else None, noise or None


def _uniform(random: Random, n: int, width: int) -> Any:
    """A table of numbers from 0 to below 1, in steps of 2**-32: an array, or what has `tolist` where there is none."""
    drawn = random.randbytes(4 * n * width)
    try:
        import numpy as np
    except ImportError:
        numbers = array("d", [word * 2.0**-32 for word in unpack(f"<{n * width}I", drawn)])
        return memoryview(numbers).cast("B").cast("d", (n, width))
    return np.frombuffer(drawn, dtype="<u4").reshape(n, width) * 2.0**-32
