"""Residual: parts whose input is added to what they make of it."""

from collections.abc import Iterator
from random import Random
from typing import Any

from engine.arguments import shown
from nn.arguments import random_from
from nn.hints import hinting
from nn.layers.dense import Layer
from nn.layers.sequential import Sequential
from nn.module import Module

__all__ = ["Residual"]


@hinting
class Residual(Sequential):
    """Parts in a row, and their input added to what they make of it: x + parts(x).

    So a deep net learns what to change in its input, and a gradient reaches its first layers undiminished. Where the
    parts are known to give another count of numbers than they read, the input goes through a Layer without activation
    that makes as many of it: P @ x + p + parts(x).

    Args:
        *parts: Modules, one or more, as for `Sequential`.
        seed: of the weights of that Layer, as for `Layer`.

    Attributes:
        parts (list of Module): these.
        projection (Layer or None): what the input goes through.

    Raises:
        TypeError, ValueError: as for `Sequential`; and when it is called, if the parts turn out to give another count
            of numbers than they were given.

    Source:
        He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016), equations 1 and 2.

    Example:
        >>> block = Residual(Layer(2, 2, init="zeros"))
        >>> [y.data for y in block([0.5, -1.0])]
        [0.5, -1.0]
        >>> Residual(Layer(2, 8, "tanh")).projection
        Layer(2, 8, 'linear')
    """

    _kind = "residual"

    def __init__(self, *parts: Module, seed: int | Random | None = None) -> None:
        super().__init__(*parts)
        random = random_from(seed)
        n_inputs, n_outputs = self.n_inputs, self.n_outputs_for(self.n_inputs)
        self.projection: Layer | None = None
        if n_inputs and n_outputs and n_inputs != n_outputs:
            self.projection = Layer(n_inputs, n_outputs, "linear", seed=random)

    @property
    def output_activation(self) -> Any:
        return "linear"

    def _through(self, x: Any, *more: Any) -> Iterator[tuple[Module, list[Any]]]:
        change: list[Any] = []
        for part, change in super()._through(x, *more):
            yield part, change
        x = self.projection(x) if self.projection else x
        if len(x) != len(change):
            raise ValueError(
                f"{shown(self)} adds its input to what its parts make of it, so these must be as many numbers, but it "
                f"was given {len(x)} and they gave {len(change)}"
            )
        yield self, [a + b for a, b in zip(x, change, strict=True)]
