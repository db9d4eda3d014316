"""Training: where it stands, as a value, and what takes it from one such value to the next."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.arguments import shown, whole_number

if TYPE_CHECKING:
    from engine.compiler.nests.nest import Access, Procedure

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
        statistics: (n_statistics,) floats, likewise: what else a step leaves behind, such as means over what was seen.
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
    statistics: Sequence[float] = ()
    count: int = 0
    epochs: int = 0
    random: tuple[Any, ...] | None = None
    order: tuple[int, ...] = ()
    schedule: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("parameters", "statistics"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
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

    def check_sizes(self, n_parameters: int, n_memories: int, n_statistics: int | None = None) -> None:
        """ValueError unless it is of so many parameters, memories of each, and statistics; None for any number."""
        sizes = [len(self.parameters), *map(len, self.memories)]
        if sizes != [n_parameters] * (1 + n_memories):
            raise ValueError(
                f"the state of a training of {n_parameters} parameters, of each of which {n_memories} numbers are "
                f"remembered, was expected, but this has {sizes[0]} parameters and {len(self.memories)} numbers of each"
            )
        if n_statistics not in (None, len(self.statistics)):
            raise ValueError(
                f"the state of a training with {n_statistics} statistics, such as running means, was expected, but "
                f"this has {len(self.statistics)}"
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
    """Gradient descent on data that stays where it is computed on.

    Attributes:
        n_noise: how many numbers of noise each example is to be given, others in every epoch.
    """

    n_noise = 0

    @abstractmethod
    def run(
        self,
        state: TrainingState,
        orders: Sequence[Sequence[int]] | None,
        rates: Sequence[float],
        noise: Sequence[Any] | None = None,
    ) -> tuple[TrainingState, Any]:
        """Go through the data once for each learning rate, with a step for each batch.

        Args:
            state: where to go on.
            orders: (epochs, n_examples) in which order to take the examples; None for the order in which they came.
            rates: (epochs,) learning rates.
            noise: (epochs, n_examples, n_noise) numbers from 0 to below 1; None where there is none.

        Returns:
            (state, means): where training stands then, and (epochs, n_outputs) the means of the outputs, each example's
            as it was before its step. A first output that is nan or infinite ends the training before that step, and
            its epoch's row is the last.

        Raises:
            ValueError: the state, the orders or the noise do not fit, or orders hold something other than the indices
                of examples.
        """


@dataclass(frozen=True)
class Descent:
    """What a trainer is to do.

    Attributes:
        inputs: all the data: for each argument (n, n_examples).
        rule, n_memories, clip, n_statistics, tells_size, n_noise: as for `Program.trainer`.
        batch_size: examples in a step, no more than there are.
    """

    inputs: Sequence[Any]
    rule: Rule
    n_memories: int
    batch_size: int
    clip: Clip | None = None
    n_statistics: int = 0
    tells_size: bool = False
    n_noise: int = 0

    @property
    def n_examples(self) -> int:
        """How many examples there are."""
        return self.inputs[0].shape[1]


class ArrayTrainer(Trainer):
    """Gradient descent by a compiled program, whose first output is to become small.

    Its first argument, theta, has the parameters first, then the statistics, and then the size of the batch, if it is
    told that. The rule changes the parameters alone.

    Args:
        procedure: its outputs, the statistics after a step in one result or several, and the gradient.
        descent: what to do.
    """

    def __init__(self, procedure: "Procedure", descent: Descent) -> None:
        self.n_statistics = descent.n_statistics
        self.tells_size = descent.tells_size
        self.n_parameters = procedure.arguments[0].rows - self.n_statistics - self.tells_size
        self.n_memories = descent.n_memories
        self.n_examples = descent.n_examples
        self.n_noise = descent.n_noise
        self.n_outputs = len(outputs_of(procedure, self.n_statistics))
        self._counts = procedure.arguments[1 + len(descent.inputs) :]

    def widths_of_counts(self, size: int) -> list[int]:
        """Of what says how much each of so many examples counts, how many numbers it is: 1 where they share it."""
        return [1 if family.shared else size for family in self._counts]

    def run(
        self, state: TrainingState, orders: Any, rates: Sequence[float], noise: Any = None
    ) -> tuple[TrainingState, Any]:
        import numpy as np

        state.check_sizes(self.n_parameters, self.n_memories, self.n_statistics)
        shape = len(rates), self.n_examples
        orders = None if orders is None or not shape[0] else _checked_orders(orders, shape)
        noise = _checked_noise(noise, (*shape, self.n_noise)) if self.n_noise and shape[0] else None
        theta = np.array([*state.parameters, *state.statistics, *[0.0] * self.tells_size])
        memories = np.array(state.memories, dtype=float).reshape(self.n_memories, self.n_parameters)
        theta, memories, count, means = self._run_epochs(theta, memories, state.count, orders, rates, noise)
        epochs = len(means) - any(not isfinite(mean) for mean in means[-1:, 0])
        end = self.n_parameters + self.n_statistics
        return replace(
            state,
            parameters=_floats(theta[: self.n_parameters]),
            statistics=_floats(theta[self.n_parameters : end]),
            memories=tuple(map(_floats, memories)),
            count=int(count),
            epochs=state.epochs + epochs,
        ), means

    @abstractmethod
    def _run_epochs(
        self, theta: Any, memories: Any, count: int, orders: Any, rates: Sequence[float], noise: Any
    ) -> Any:
        """What `run` does, on arrays that are its own: (theta, memories, count, means) afterwards.

        Args:
            theta: the parameters, the statistics, and room for the size of a batch if it is to be told.
            memories: (n_memories, n_parameters).
            count: how many steps were taken.
            orders: an array of checked integers, or None.
            rates: one for each epoch.
            noise: for each epoch an array (n_examples, n_noise), which stands in the place of the last input; or None.
        """


def outputs_of(procedure: "Procedure", n_statistics: int) -> "Sequence[Access]":
    """The results whose means are wanted: those before so many statistics, and the gradient."""
    *outputs, _ = procedure.results
    while n_statistics > 0:
        n_statistics -= len(outputs.pop().index.rows)
    return outputs


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


def _checked_noise(given: Any, shape: tuple[int, int, int]) -> Sequence[Any]:
    import numpy as np

    tables = [] if given is None else [np.asarray(table, dtype=float) for table in given]
    if len(tables) != shape[0] or any(table.shape != shape[1:] for table in tables):
        found = "is missing" if given is None else f"has shapes {[table.shape for table in tables]}"
        raise ValueError(f"noise must have shape {shape}: numbers for each example, for each learning rate; it {found}")
    return tables


def check_batch_size(batch_size: Any) -> None:
    """ValueError unless it is a number of examples that a step can have, or None for all of them."""
    if batch_size is not None:
        whole_number("batch_size", batch_size, unless="or None")
