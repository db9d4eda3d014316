"""Optimizers: how a gradient changes the parameters."""

import math
from collections.abc import Iterable
from numbers import Real

from nn.module import Parameter

__all__ = ["SGD"]


class SGD:
    """Gradient descent: parameter <- parameter - learning_rate * gradient.

    Stochastic when the gradient is that of a batch drawn from the data.

    Args:
        parameters: what to change.
        learning_rate: how far to go; may be set anew before any step.

    Raises:
        ValueError: there are no parameters, or the learning rate is below 0 or no number.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = SGD([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> x.data
        2.4
    """

    _learning_rate: float

    def __init__(self, parameters: Iterable[Parameter], learning_rate: float = 0.1) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        if not self.parameters:
            raise ValueError("an optimizer needs parameters to change, but was given none")

    @property
    def learning_rate(self) -> float:
        """How far a step goes."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not isinstance(rate, Real) or not 0 <= rate < math.inf:
            raise ValueError(f"learning_rate must be a number, 0 or more, but was {rate!r}")
        self._learning_rate = float(rate)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Change every parameter once, by the gradient it holds."""
        for parameter in self.parameters:
            parameter.data -= self.learning_rate * parameter.grad
