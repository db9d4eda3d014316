"""Backend: what carries a vector program out. Each is a module of this package, by its name."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

from engine.compiler.nests.statements import Family, VectorProgram

__all__ = ["Backend", "Rule", "Training", "check_batch_size"]

# (algebra, parameters, gradient, memory, learning rate, how many steps so far) -> (parameters, memory) after a step
Rule = Callable[[Any, Any, Any, tuple[Any, ...], Any, Any], tuple[Any, tuple[Any, ...]]]


class Backend(ABC):
    """A program, ready to be carried out in one way.

    Args:
        program: what to compute.
        targets: the families to differentiate its first output with respect to.

    Attributes:
        source: the text that runs.
    """

    source: str

    @abstractmethod
    def __init__(self, program: VectorProgram, targets: Sequence[Family]) -> None: ...

    @abstractmethod
    def value(self, theta: Any, inputs: Sequence[Any]) -> Sequence[Any]:
        """Each output as (1, batch), or (1, 1) where all examples share it.

        Args:
            theta: (n_parameters, 1).
            inputs: for each argument (n, batch).
        """

    @abstractmethod
    def value_and_grad(self, theta: Any, inputs: Sequence[Any], seed: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        """The outputs, and for each target (n, batch), or (n, 1), the derivative of the sum of seed * the first output.

        Args:
            theta, inputs: as for `value`.
            seed: (1, batch), or (1, 1) if all examples share the first output.
        """

    @abstractmethod
    def training(self, theta: Any, inputs: Sequence[Any], rule: Rule, n_memories: int, batch_size: int) -> "Training":
        """Training that starts from theta, (n_parameters,), on inputs as for `value`; see `Program.training`."""

    def value_of_one(self, x: Any) -> Any:
        """The value for one example x, (n,), of a program without parameters; None if there is no quick way."""
        return None

    def value_and_grad_of_one(self, x: Any) -> tuple[Any, Any] | None:
        """(value, gradient) for one example x, (n,), of a program without parameters; None if there is no quick way."""
        return None


class Training(ABC):
    """Gradient descent on data that stays where it is computed on.

    Attributes:
        n_examples: how many examples there are.
    """

    n_examples: int

    @property
    @abstractmethod
    def theta(self) -> Any:
        """The parameters now, (n_parameters,): a copy."""

    def run(self, orders: Any, rates: Sequence[float]) -> Any:
        """Go through the data once for each learning rate, with a step for each batch.

        Args:
            orders: (epochs, n_examples) in which order to take the examples; None for the order in which they came.
            rates: (epochs,).

        Returns:
            (epochs, n_outputs): the means of the outputs, each example's as it was before its step. A first output
            that is nan or infinite ends the training before that step, and its epoch's row is the last.

        Raises:
            ValueError: the orders are not of this shape, or hold something other than the indices of examples.
        """
        shape = len(rates), self.n_examples
        return self._run_epochs(None if orders is None or not shape[0] else _checked_orders(orders, shape), rates)

    @abstractmethod
    def _run_epochs(self, orders: Any, rates: Sequence[float]) -> Any:
        """What `run` does, when orders are an array of checked integers, or None."""


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
    if batch_size is None:
        return
    if isinstance(batch_size, bool) or not isinstance(batch_size, Integral) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number, 1 or more, or None, but was {batch_size!r}")
