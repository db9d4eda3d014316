"""Optimizers: how a gradient changes the parameters.

Each has one rule, in ordinary arithmetic and functions of an algebra, as the rows of `engine.ops` have:
it changes one parameter at a time where code is eager, and all of them at once where it is compiled.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

from engine import ieee
from engine.compiler.backends.trainer import TrainingState
from nn.module import Parameter

__all__ = ["OPTIMIZERS", "SGD", "Adam", "Optimizer", "optimizer_for"]


class Optimizer:
    """What all optimizers share: parameters, a learning rate, and steps.

    A subclass has a `rule`, and says in `n_memories` how many numbers it remembers of each parameter.

    Args:
        parameters: what to change.
        learning_rate: how far to go; may be set anew before any step.

    Attributes:
        count: how many steps were taken.

    Raises:
        ValueError: there are no parameters, or the learning rate is below 0 or no number.
    """

    n_memories = 0
    _learning_rate: float

    def __init__(self, parameters: Iterable[Parameter], learning_rate: float = 0.1) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.count = 0
        if not self.parameters:
            raise ValueError(
                "an optimizer needs parameters to change, but was given none: what a Module is to learn must be "
                "nn.Parameter(...), not Value(...), and set as its attributes or in lists of these"
            )
        self._memories = [(0.0,) * self.n_memories] * len(self.parameters)
        self._fitted = TrainingState(())

    @property
    def learning_rate(self) -> float:
        """How far a step goes."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not isinstance(rate, Real) or not 0 <= rate < math.inf:
            raise ValueError(f"learning_rate must be a number, 0 or more, but was {rate!r}")
        self._learning_rate = float(rate)

    @property
    def state(self) -> TrainingState:
        """Where training stands: the parameters, what is remembered of them, and how far `fit` has come.

        Setting it takes training back there, or on, to the last bit, on any backend.

        Example:
            >>> x = Parameter(3.0)
            >>> optimizer = SGD([x], learning_rate=0.1)
            >>> before = optimizer.state
            >>> (x**2).backward()
            >>> optimizer.step()
            >>> optimizer.state = before
            >>> x.data, optimizer.count
            (3.0, 0)
        """
        return replace(
            self._fitted,
            parameters=[parameter.data for parameter in self.parameters],
            memories=tuple(zip(*self._memories, strict=True)),
            count=self.count,
        )

    @state.setter
    def state(self, state: TrainingState) -> None:
        state.check_sizes(len(self.parameters), self.n_memories)
        for parameter, number in zip(self.parameters, state.parameters, strict=True):
            parameter.data = number
        self._memories = list(zip(*state.memories, strict=True)) or [()] * len(self.parameters)
        self.count = state.count
        self._fitted = state

    def state_dict(self) -> dict[str, Any]:
        """The `state` but for the parameters, which are the model's: numbers, lists and None, ready for JSON."""
        return {name: entry for name, entry in self.state.as_dict().items() if name != "parameters"}

    def load_state_dict(self, given: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; the parameters stay as they are.

        Raises:
            ValueError: it is of other sizes, or an entry is missing or unknown.
        """
        parameters = [parameter.data for parameter in self.parameters]
        self.state = TrainingState.from_dict({**given, "parameters": parameters})

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        """One step of one parameter, or of an array of them, or of the symbols that stand for them.

        Args:
            m: the algebra: what has ``sqrt`` and the other functions for numbers of this kind.
            parameter, gradient: as they are.
            memory: as many numbers as `n_memories`, 0 before the first step.
            rate: the learning rate.
            count: which step this is, from 1.

        Returns:
            (parameter, memory) after the step.
        """
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Change every parameter once, by the gradient it holds."""
        self.count += 1
        for i, parameter in enumerate(self.parameters):
            parameter.data, self._memories[i] = self.rule(
                ieee, parameter.data, parameter.grad, self._memories[i], self.learning_rate, self.count
            )


class SGD(Optimizer):
    """Gradient descent: parameter <- parameter - learning_rate * gradient.

    Stochastic when the gradient is that of a batch drawn from the data. Arguments as for `Optimizer`.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = SGD([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> x.data
        2.4
    """

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        return parameter - rate * gradient, memory


class Adam(Optimizer):
    """Steps of about the learning rate for every parameter, by running means of its gradient and their squares.

    Args:
        parameters, learning_rate: as for `Optimizer`.
        beta1, beta2: how much of the running means of gradients and squares is kept, from 0 to below 1.
        epsilon: keeps the division finite.

    Source:
        Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = Adam([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> round(x.data, 6)
        2.9
    """

    n_memories = 2

    def __init__(
        self,
        parameters: Iterable[Parameter],
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise ValueError(f"{name} must be from 0 to below 1, but was {beta!r}")
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def rule(self, m: Any, parameter: Any, gradient: Any, memory: tuple[Any, ...], rate: Any, count: Any) -> Any:
        mean, square = memory
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        square = self.beta2 * square + (1 - self.beta2) * gradient * gradient
        unbiased_mean = mean / (1 - self.beta1**count)
        unbiased_square = square / (1 - self.beta2**count)
        step = rate * unbiased_mean / (m.sqrt(unbiased_square) + self.epsilon)
        return parameter - step, (mean, square)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam}


def optimizer_for(given: Any, parameters: Sequence[Parameter], learning_rate: float | None = None) -> Optimizer:
    """The optimizer of these parameters that a name stands for, or that was given itself.

    Args:
        given: a name in `OPTIMIZERS`, or an Optimizer.
        parameters: of the model.
        learning_rate: how far a named one goes; None for 0.1.

    Raises:
        ValueError: there is no such optimizer, or it is of other parameters, or was given a learning rate by itself.
    """
    if isinstance(given, str) and given in OPTIMIZERS:
        return OPTIMIZERS[given](parameters, 0.1 if learning_rate is None else learning_rate)
    if isinstance(given, type) and issubclass(given, Optimizer):
        raise ValueError(
            f"optimizer must be made first: write optimizer={given.__name__}(model.parameters()), not {given.__name__}"
        )
    if not isinstance(given, Optimizer):
        raise ValueError(f"unknown optimizer {given!r}: choose one of {', '.join(OPTIMIZERS)}, or give an nn.Optimizer")
    if learning_rate is not None:
        raise ValueError(
            f"learning_rate is there twice: {learning_rate!r}, and {given.learning_rate!r} in the optimizer; "
            f"leave the first one out"
        )
    if len(given.parameters) != len(parameters) or set(map(id, given.parameters)) != set(map(id, parameters)):
        raise ValueError(
            "the optimizer must be of the parameters of the model that is trained, and of all of them: "
            f"make it as {type(given).__name__}(model.parameters())"
        )
    return given
