"""Optimizers: how a gradient changes the parameters."""

from collections.abc import Iterable

from nn.module import Parameter

__all__ = ["SGD"]


class SGD:
    """Gradient descent: parameter <- parameter - learning_rate * gradient.

    Stochastic when the gradient is that of a batch drawn from the data.

    Args:
        parameters: what to change.
        learning_rate: how far to go; may be set anew before any step.

    Raises:
        ValueError: there are no parameters, or the learning rate is not above 0.

    Example:
        >>> x = Parameter(3.0)
        >>> optimizer = SGD([x], learning_rate=0.1)
        >>> (x**2).backward()
        >>> optimizer.step()
        >>> x.data
        2.4
    """

    def __init__(self, parameters: Iterable[Parameter], learning_rate: float = 0.1) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        if not self.parameters:
            raise ValueError("an optimizer needs parameters to change, but was given none")
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, but was {learning_rate!r}")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        """Change every parameter once, by the gradient it holds."""
        for parameter in self.parameters:
            parameter.data -= self.learning_rate * parameter.grad
