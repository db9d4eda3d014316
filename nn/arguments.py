"""Arguments that many parts of nn take: sizes, seeds, models, and the inputs of a model."""

from collections.abc import Sequence
from numbers import Integral
from random import Random, _inst
from typing import Any

from engine.arguments import is_real, shown, whole_number
from engine.number import Number
from engine.trees import is_list
from engine.value import lift

__all__ = ["check_inputs", "check_model", "check_size", "check_widths", "inputs_of", "random_from"]

MOST = 10**7  # numbers side by side, each of which is an object of its own


def random_from(seed: int | Random | None) -> Random:
    """A source of random numbers: the seed itself if it is one already, and without a seed what `random.seed` governs.

    Raises:
        ValueError: the seed is neither a whole number nor None nor a `random.Random`.
    """
    if isinstance(seed, Random):
        return seed
    if seed is not None and (not isinstance(seed, Integral) or isinstance(seed, bool)):
        raise ValueError(f"seed must be a whole number, or None, but was {shown(seed)}")
    return _inst if seed is None else Random(int(seed))


def check_size(name: str, size: Any) -> int:
    """The size; ValueError unless it is a whole number, 1 or more."""
    return whole_number(name, size, most=MOST)


def check_widths(n_inputs: Any, *widths: Any) -> None:
    """ValueError unless layers can have these widths, each reading the outputs of the one before."""
    check_size("n_inputs", n_inputs)
    for n_outputs in widths:
        check_size("n_outputs", n_outputs)
        check_size("n_inputs * n_outputs", n_inputs * n_outputs)
        n_inputs = n_outputs


def check_model(model: Any, *, trained: bool = False) -> None:
    """TypeError unless it can be called with a row of X; and, if it is to be trained, has parameters."""
    if isinstance(model, type):
        raise TypeError(f"model must be made first: write {model.__name__}(...), not {model.__name__}, {shown(model)}")
    if trained and not (callable(model) and callable(getattr(model, "parameters", None))):
        raise TypeError(
            f"model must be a Module, or whatever else can be called with a row of X and has a method parameters, but "
            f"was {shown(model)}"
        )
    if not callable(model):
        raise TypeError(f"model must be a Module or a function of one row of X, but was {shown(model)}")


def inputs_of(part: Any, n_inputs: int | None, x: Any, *more: Any) -> list[Any]:
    """What a part was called with, as numbers of the engine; refused as by `check_inputs`."""
    if more or type(x) is not list or (n_inputs is not None and len(x) != n_inputs):
        check_inputs(shown(part), n_inputs, x, *more)
    try:
        return [number if isinstance(number, Number) else lift(number) for number in x]
    except TypeError:
        check_inputs(shown(part), n_inputs, x)
        raise


def check_inputs(part: str, n_inputs: int | None, x: Any, *more: Any) -> None:
    """Refuse what is no list of so many numbers.

    Args:
        part: what is called with it.
        n_inputs: how many numbers it reads; None for any.
        x, more: the arguments that it was called with.

    Raises:
        TypeError: it is no list of numbers.
        ValueError: there are more or fewer of them.
    """
    needs = f"{part} needs a list of {'numbers' if n_inputs is None else f'{n_inputs} numbers'}"
    if more:
        raise TypeError(f"{needs}, as one argument, but was given several: {shown((x, *more))}")
    if not is_list(x) and (not isinstance(x, Sequence) or isinstance(x, str | bytes)):
        raise TypeError(f"{needs}, such as {shown([0.5] * (n_inputs or 2))}, but was given {shown(x)}")
    if getattr(x, "ndim", 1) > 1 or any(map(is_list, x)):
        raise TypeError(
            f"{needs}, one example, but was given {shown(x)}, a batch: go through its rows, as in [model(x) for x in X]"
            ", or write model.batch(X)"
        )
    if n_inputs is not None and len(x) != n_inputs:
        raise ValueError(f"{part} needs {n_inputs} inputs, but was given {len(x)}: {shown(x)}")
    for number in x:
        if not is_real(number):
            raise TypeError(f"{needs}, but was given {shown(number)} among them")
