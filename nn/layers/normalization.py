"""Normalization: numbers brought to mean 0 and variance 1, and then to what is learnt."""

from collections.abc import Sequence
from typing import Any

from engine import batch_mean, mean, sqrt, variance
from engine.arguments import choose, real_number
from engine.batch import Batch
from engine.compiler.tape.symbols import is_recorded_here
from nn.arguments import check_size, inputs_of
from nn.hints import hinting
from nn.layers.weights import Weights
from nn.module import Buffer, Module, Parameter
from nn.training.step import current_step

__all__ = ["NORMALIZATIONS", "BatchNorm", "LayerNorm", "normalization_named"]


class Normalization(Module):
    """What normalizations share: for each number a gamma, which starts at 1, and a beta, at 0."""

    _kind = "normalization"

    def __init__(self, n: int, epsilon: float) -> None:
        check_size("n", n)
        self.epsilon = real_number("epsilon", epsilon, "a number above 0", lambda x: x > 0)
        self.gamma = Weights([Parameter(1.0) for _ in range(n)])
        self.beta = Weights([Parameter(0.0) for _ in range(n)])

    @property
    def n_inputs(self) -> int:  # type: ignore[override]
        return len(self.gamma)

    def n_outputs_for(self, n_inputs: int | None) -> int:
        return len(self.gamma)

    @property
    def output_activation(self) -> str:
        return "linear"

    def settings(self) -> dict[str, Any]:
        return {"n": len(self.gamma), "epsilon": self.epsilon}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.gamma)})"


@hinting
class LayerNorm(Normalization):
    """The numbers of one example, normalized by their mean and variance: gamma * (x - mean) / sqrt(variance + epsilon)
    + beta.

    The variance is that of these n numbers: divided by n. Each number has a gamma, which starts at 1, and a beta, at 0.

    Args:
        n: how many numbers it reads, at least 1.
        epsilon: keeps the division finite; above 0.

    Attributes:
        gamma, beta (lists of Parameter): by what each number is multiplied, and what is added to it.

    Raises:
        ValueError: n is below 1, or epsilon no number above 0.

    Source:
        Ba, Kiros and Hinton, "Layer normalization" (2016), with the epsilon of PyTorch.

    Example:
        >>> [round(y.data, 4) for y in LayerNorm(2)([3.0, 5.0])]
        [-1.0, 1.0]
    """

    def __init__(self, n: int, epsilon: float = 1e-5) -> None:
        super().__init__(n, epsilon)

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, len(self.gamma), x, *more)
        middle, deviation = mean(x), sqrt(variance(x) + self.epsilon)
        return [
            gamma * ((number - middle) / deviation) + beta
            for number, gamma, beta in zip(x, self.gamma, self.beta, strict=True)
        ]


@hinting
class BatchNorm(Normalization):
    """The numbers of a batch, each normalized by its mean and variance there: gamma * (x - mean) / sqrt(variance +
    epsilon) + beta.

    In training mode mean and variance are those of the batch, so that the examples of a batch depend on each other;
    running means of both are kept, which take their place in use, after ``model.eval()``. They are kept up to date by
    `fit`, and by calls of ``model.batch(X)`` in training mode; what is compiled by hand leaves them as they are.

    What is added to all examples of a batch is in their mean, too, and so is gone. So a Layer right before it needs no
    bias: ``Layer(2, 8, "linear", bias=False)``.

    Args:
        n: how many numbers it reads, and gives.
        momentum: how much of a running mean each batch replaces.
        epsilon: what is added to a variance, which might be 0.

    Attributes:
        gamma, beta (lists of Parameter): by what each number is multiplied, and what is added to it.
        running_mean, running_var (lists of Buffer): 0 and 1 at first.

    Raises:
        ValueError: n is no size, momentum not from 0 to 1, or epsilon not above 0.

    Source:
        Ioffe and Szegedy, "Batch Normalization" (2015). As in PyTorch, the batch is normalized by the variance over n,
        and the running one is that over n - 1.

    Example:
        >>> norm = BatchNorm(1)
        >>> [round(y.data, 3) for (y,) in norm.batch([[1.0], [2.0], [6.0]])]
        [-0.926, -0.463, 1.389]
        >>> round(norm.running_mean[0].data, 6), round(norm.running_var[0].data, 6)
        (0.3, 1.6)
    """

    def __init__(self, n: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__(n, epsilon)
        self.momentum = real_number("momentum", momentum, "from 0 to 1", lambda x: 0 <= x <= 1)
        self.running_mean = [Buffer(0.0) for _ in range(n)]
        self.running_var = [Buffer(1.0) for _ in range(n)]

    def settings(self) -> dict[str, Any]:
        return {"n": len(self.gamma), "momentum": self.momentum, "epsilon": self.epsilon}

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, len(self.gamma), x, *more)
        middles, variances = self._of_batch(x) if self.training else (self.running_mean, self.running_var)
        return [
            gamma * ((number - middle) / sqrt(spread + self.epsilon)) + beta
            for number, middle, spread, gamma, beta in zip(x, middles, variances, self.gamma, self.beta, strict=True)
        ]

    def _of_batch(self, x: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The means and variances of the batch, of which the running ones get their share."""
        means = [batch_mean(x_i) for x_i in x]
        variances = [batch_mean((x_i - mean) ** 2) for x_i, mean in zip(x, means, strict=True)]
        step = current_step()
        if step is None and is_recorded_here():
            return means, variances  # nothing is known of the batch, nor is there any yet
        n = max(len(x_i.numbers) if isinstance(x_i, Batch) else 1 for x_i in x) if step is None else step.batch_size
        if isinstance(n, int | float) and n < 2:
            raise ValueError(
                f"{self!r} in training mode needs a batch of two examples or more, to take means over, but one has a "
                "single example: choose another batch_size; or write model.batch(X), or model.eval() for use"
            )
        for running, number in zip(self.running_mean, means, strict=True):
            self._run_on(running, number)
        for running, number in zip(self.running_var, variances, strict=True):
            self._run_on(running, number * (n / (n - 1)))
        return means, variances

    def _run_on(self, running: Buffer, number: Any) -> None:
        """Put a number's share into a running mean: at once, or when the step that is computed is taken."""
        step = current_step()
        before = running.data if step is None else step.after(running)
        after = (1 - self.momentum) * before + self.momentum * number
        if step is None:
            running.data = getattr(after, "data", after)
        else:
            step.update(running, after)


NORMALIZATIONS: dict[str, type[BatchNorm] | type[LayerNorm]] = {"batch": BatchNorm, "layer": LayerNorm}


def normalization_named(name: str | None) -> type[BatchNorm] | type[LayerNorm] | None:
    """The normalization that a name stands for; None for None. ValueError if there is none of that name."""
    return None if name is None else NORMALIZATIONS[choose("normalization", name, NORMALIZATIONS, ", or None")]
