"""The data of a training: what is refused, and the order in which it is gone through."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from random import Random
from typing import Any

from engine.arguments import is_real, plain_lists, shown
from engine.compiler.backends.trainer import TrainingState
from engine.number import to_float
from engine.trees import is_list
from nn.arguments import random_from

__all__ = ["Data", "check_data", "check_numbers", "check_rows", "numbers_of", "seeded", "shuffled"]


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


def shuffled(state: TrainingState, data: Data, epochs: int) -> tuple[TrainingState, list[list[int]] | None]:
    """The state, and the order of the examples in each of so many epochs; None where a batch is all of them.

    Returns:
        (state, orders): the state is the one whose shuffling goes on after these.
    """
    n = len(data.rows)
    if data.batch_size == n or state.random is None:
        return state, None
    random = Random()
    random.setstate(state.random)
    order = list(state.order) if len(state.order) == n else list(range(n))
    orders = []
    for _ in range(epochs):
        random.shuffle(order)
        orders.append(order.copy())
    return replace(state, random=random.getstate(), order=tuple(order)), orders
