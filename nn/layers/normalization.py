"""Normalization: numbers brought to mean 0 and variance 1, and then to what is learnt."""

from collections.abc import Sequence
from typing import Any

from engine import mean, sqrt, variance
from engine.arguments import choose, real_number
from nn.arguments import check_size, inputs_of
from nn.layers.weights import Weights
from nn.module import Module, Parameter

__all__ = ["NORMALIZATIONS", "LayerNorm", "normalization_named"]


class LayerNorm(Module):
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

    _kind = "normalization"

    def __init__(self, n: int, epsilon: float = 1e-5) -> None:
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

    def __call__(self, x: Sequence[Any], *more: Any) -> list[Any]:
        x = inputs_of(self, len(self.gamma), x, *more)
        middle, deviation = mean(x), sqrt(variance(x) + self.epsilon)
        return [
            gamma * ((number - middle) / deviation) + beta
            for number, gamma, beta in zip(x, self.gamma, self.beta, strict=True)
        ]

    def __repr__(self) -> str:
        return f"LayerNorm({len(self.gamma)})"


NORMALIZATIONS: dict[str, type[LayerNorm]] = {"layer": LayerNorm}


def normalization_named(name: str | None) -> type[LayerNorm] | None:
    """The normalization that a name stands for; None for None. ValueError if there is none of that name."""
    return None if name is None else NORMALIZATIONS[choose("normalization", name, NORMALIZATIONS, ", or None")]
