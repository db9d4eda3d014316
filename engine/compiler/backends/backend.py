"""Backend: what carries procedures out. Each is a module of this package, by its name."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from engine.compiler.backends.trainer import ArrayTrainer, Descent
from engine.compiler.nests.nest import Procedure

__all__ = ["Backend", "Function"]


class Backend(ABC):
    """One way to carry procedures out.

    Raises:
        ImportError: its library is not installed.
    """

    @abstractmethod
    def function(self, procedure: Procedure) -> "Function":
        """What carries a procedure out, compiled when it is first called."""

    @abstractmethod
    def trainer(self, procedure: Procedure, descent: Descent) -> ArrayTrainer:
        """What carries out a descent of a function with parameters.

        Args:
            procedure: its value and gradient.
            descent: what to do.
        """

    def function_of_one(self, procedure: Procedure) -> Callable[[Any], Any] | None:
        """A quick way to a function's value, or to (value, gradient), for one example of one argument, x (n,).

        Args:
            procedure: of a function without parameters, its value, or its value and gradient.

        Returns:
            None if there is none.
        """
        return None

    def for_each_of_one(self, procedure: Procedure) -> Callable[[Any, Any], Any] | None:
        """A quick way to one result for each of many last arguments, for one example of one argument.

        Args:
            procedure: of a function without parameters; its arguments are those of the function, seeds that are 1, and
                the one of which there are many.

        Returns:
            (x (n,), (many, rows)) -> (many, rows of the result); None if there is none.
        """
        return None


class Function(ABC):
    """A procedure, ready to be called.

    Attributes:
        source: the text that runs.
    """

    source: str

    @abstractmethod
    def __call__(self, *arrays: Any) -> Sequence[Any]:
        """The results, as (rows, batch), or (rows, 1) where all examples share them.

        Args:
            *arrays: the arguments, likewise.
        """

    def for_each(self, *arrays: Any) -> Sequence[Any]:
        """The results for each of many last arguments, one below the other: (n, rows, batch).

        Args:
            *arrays: the arguments; of the last one n.
        """
        *others, many = arrays
        return [list(found) for found in zip(*[self(*others, one) for one in many], strict=True)]
