"""Training: where it stands, as a value, and what takes it from one such value to the next."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.arguments import shown, whole_number

if TYPE_CHECKING:
    from engine.compiler.nests.nest import Procedure

__all__ = ["ArrayTrainer", "Clip", "Descent", "Rule", "Trainer", "TrainingState", "check_batch_size"]

# (algebra, parameters, gradient, memory, learning rate, how many steps so far) -> (parameters, memory) after a step
Rule = Callable[[Any, Any, Any, tuple[Any, ...], Any, Any], tuple[Any, tuple[Any, ...]]]
# (algebra, gradient, norm of it) -> gradient, as the rule gets it
Clip = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class TrainingState:
    """Where training stands: all that it needs to go on as if it had never stopped, to the last bit.

    A plain value, which every backend takes and gives: two are equal if all their numbers are, and `as_dict` is
    ready for JSON, which keeps every float as it is. Nobody writes to its arrays: what goes on makes new ones.

    Attributes:
        parameters: (n_parameters,) floats, kept as an array of their own.
        memories: what the optimizer remembers, so many times (n_parameters,), likewise.
        count: how many steps were taken.
        epochs: how many times training went through the data.
        random: of the generator that shuffles the data, what `random.Random.getstate` gives; None before the first.
        order: of the examples in the last epoch, which the next one shuffles; empty before the first.
        schedule: what a schedule of the learning rate remembers, as numbers.

    Raises:
        ValueError: one of these is something else.

    Example:
        >>> state = TrainingState([1.0, 2.0])
        >>> TrainingState.from_dict(state.as_dict()) == state
        True
    """

    parameters: Sequence[float]
    memories: tuple[Sequence[float], ...] = ()
    count: int = 0
    epochs: int = 0
    random: tuple[Any, ...] | None = None
    order: tuple[int, ...] = ()
    schedule: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", _numbers("parameters", self.parameters))
        if not isinstance(self.memories, list | tuple):
            raise ValueError(f"memories must be a list of lists of numbers, but was {shown(self.memories)}")
        object.__setattr__(self, "memories", tuple(_numbers("memories", memory) for memory in self.memories))
        for name in ("count", "epochs"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), 0, 2**53))
        if self.random is not None and not (isinstance(self.random, tuple) and len(self.random) == 3):
            raise ValueError(f"random must be what random.Random.getstate gives, or None, but was {shown(self.random)}")
        if not isinstance(self.order, tuple) or {*self.order} != {*range(len(self.order))}:
            raise ValueError(f"order must be a tuple of the indices of examples, but was {shown(self.order)}")
        object.__setattr__(self, "schedule", tuple(_numbers("schedule", self.schedule)))

    def check_sizes(self, n_parameters: int, n_memories: int) -> None:
        """ValueError unless it is of so many parameters, and so many memories of each."""
        sizes = [len(self.parameters), *map(len, self.memories)]
        if sizes != [n_parameters] * (1 + n_memories):
            raise ValueError(
                f"the state of a training of {n_parameters} parameters, of each of which {n_memories} numbers are "
                f"remembered, was expected, but this has {sizes[0]} parameters and {len(self.memories)} numbers of each"
            )

    def as_dict(self) -> dict[str, Any]:
        """The same in numbers, lists and None."""
        return {field.name: _listed(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "TrainingState":
        """What `as_dict` gave.

        Raises:
            TypeError: it is no dict.
            ValueError: an entry is missing, unknown or out of range.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(given, Mapping):
            raise TypeError(f"the state of a training is a dict, as as_dict gives it, but was {shown(given)}")
        if {*given} != {*names}:
            found = ", ".join(map(shown, given)) or "nothing"
            raise ValueError(f"the state of a training has {', '.join(names)}, but this has {found}")
        return cls(**{name: _tupled(entry) for name, entry in given.items()})


def _numbers(name: str, given: Any) -> Any:
    try:
        if not isinstance(given, str | bytes | bytearray):
            return array("d", given)
    except (TypeError, OverflowError):
        pass
    raise ValueError(f"{name} must be a list of numbers, but was {shown(given)}")


def _listed(item: Any) -> Any:
    return [_listed(element) for element in item] if isinstance(item, tuple | array) else item


def _tupled(item: Any) -> Any:
    return tuple(map(_tupled, item)) if isinstance(item, list) else item


class Trainer(ABC):
    """Gradient descent on data that stays where it is computed on."""

    @abstractmethod
    def run(
        self, state: TrainingState, orders: Sequence[Sequence[int]] | None, rates: Sequence[float]
    ) -> tuple[TrainingState, Any]:
        """Go through the data once for each learning rate, with a step for each batch.

        Args:
            state: where to go on.
            orders: (epochs, n_examples) in which order to take the examples; None for the order in which they came.
            rates: (epochs,) learning rates.

        Returns:
            (state, means): where training stands then, and (epochs, n_outputs) the means of the outputs, each example's
            as it was before its step. A first output that is nan or infinite ends the training before that step, and
            its epoch's row is the last.

        Raises:
            ValueError: the state or the orders do not fit, or orders hold something other than the indices of examples.
        """


@dataclass(frozen=True)
class Descent:
    """What a trainer is to do.

    Attributes:
        inputs: all the data: for each argument (n, n_examples).
        rule, n_memories, clip: as for `Program.trainer`.
        batch_size: examples in a step, no more than there are.
    """

    inputs: Sequence[Any]
    rule: Rule
    n_memories: int
    batch_size: int
    clip: Clip | None = None

    @property
    def n_examples(self) -> int:
        """How many examples there are."""
        return self.inputs[0].shape[1]


class ArrayTrainer(Trainer):
    """Gradient descent by a compiled program, whose first output is to become small.

    Args:
        procedure: its value and gradient.
        descent: what to do.
    """

    def __init__(self, procedure: "Procedure", descent: Descent) -> None:
        self.n_parameters = procedure.arguments[0].rows
        self.n_memories = descent.n_memories
        self.n_examples = descent.n_examples
        self.n_outputs = len(procedure.results) - 1
        self._counts = procedure.arguments[1 + len(descent.inputs) :]

    def widths_of_counts(self, size: int) -> list[int]:
        """Of what says how much each of so many examples counts, how many numbers it is: 1 where they share it."""
        return [1 if family.shared else size for family in self._counts]

    def run(self, state: TrainingState, orders: Any, rates: Sequence[float]) -> tuple[TrainingState, Any]:
        import numpy as np

        state.check_sizes(self.n_parameters, self.n_memories)
        shape = len(rates), self.n_examples
        orders = None if orders is None or not shape[0] else _checked_orders(orders, shape)
        theta = np.array(state.parameters, dtype=float)
        memories = np.array(state.memories, dtype=float).reshape(self.n_memories, self.n_parameters)
        theta, memories, count, means = self._run_epochs(theta, memories, state.count, orders, rates)
        epochs = len(means) - any(not isfinite(mean) for mean in means[-1:, 0])
        return replace(
            state,
            parameters=_floats(theta),
            memories=tuple(map(_floats, memories)),
            count=int(count),
            epochs=state.epochs + epochs,
        ), means

    @abstractmethod
    def _run_epochs(self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float]) -> Any:
        """What `run` does, on arrays that are its own: (theta, memories, count, means) afterwards.

        Args:
            theta: (n_parameters,).
            memories: (n_memories, n_parameters).
            count: how many steps were taken.
            orders: an array of checked integers, or None.
            rates: one for each epoch.
        """


def _floats(numbers: Any) -> Any:
    return array("d", numbers.tobytes())


def _checked_orders(given: Any, shape: tuple[int, int]) -> Any:
    import numpy as np

    expected = f"orders must be whole numbers from 0 to {shape[1] - 1}, of shape {shape}: a row for each learning rate"
    try:
        orders = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{expected}; but they are ragged") from error
    if orders.shape != shape:
        raise ValueError(f"{expected}; but they have shape {orders.shape}")
    if orders.dtype.kind not in "iu":
        raise ValueError(f"{expected}; but they are {orders.dtype}")
    outside = orders[(orders < 0) | (orders >= shape[1])]
    if outside.size:
        raise ValueError(f"{expected}; but {outside[0]} is among them")
    return np.array(orders, dtype=np.intp, order="C")  # a copy: Numba would compile anew for other kinds of array


def check_batch_size(batch_size: Any) -> None:
    """ValueError unless it is a number of examples that a step can have, or None for all of them."""
    if batch_size is not None:
        whole_number("batch_size", batch_size, unless="or None")
