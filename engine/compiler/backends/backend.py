"""Backend: what carries a vector program out. Each is a module of this package, by its name."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.nests.statements import Family, VectorProgram

__all__ = ["Backend"]


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
    def trainer(self, descent: Descent) -> ArrayTrainer:
        """What carries out a descent of a program with parameters."""

    def value_of_one(self, x: Any) -> Any:
        """The value for one example x, (n,), of a program without parameters; None if there is no quick way."""
        return None

    def value_and_grad_of_one(self, x: Any) -> tuple[Any, Any] | None:
        """(value, gradient) for one example x, (n,), of a program without parameters; None if there is no quick way."""
        return None
