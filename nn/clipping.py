"""Clipping: what keeps a step small where the gradient is steep."""

from collections.abc import Callable, Iterable
from math import hypot
from typing import Any

from engine import ieee
from engine.arguments import real_number
from nn.hints import hinting
from nn.module import Parameter
from nn.optimizers import check_parameters

__all__ = ["clip_gradients", "clipping"]


def clipping(norm: float | None, value: float | None) -> Callable[[Any, Any, Any], Any] | None:
    """How gradients are clipped: (algebra, gradient, root of the sum of the squares of all its numbers) -> gradient.

    Args:
        norm: what that root is to be at most, by making all numbers smaller alike.
        value: what each number is to be at most, on either side of 0.

    Returns:
        None if both are None.

    Raises:
        ValueError: one is no number above 0, or both are given.
    """
    if norm is not None and value is not None:
        raise ValueError(f"clip_norm and clip_value are two ways to clip: choose one, but was given {norm} and {value}")
    if norm is not None:
        longest = real_number("clip_norm", norm, "a number above 0, or None", lambda x: x > 0)
        return lambda m, gradient, length: gradient * m.minimum(1.0, m.div(longest, length))
    if value is not None:
        most = real_number("clip_value", value, "a number above 0, or None", lambda x: x > 0)
        return lambda m, gradient, length: m.maximum(-most, m.minimum(most, gradient))
    return None


@hinting
def clip_gradients(
    parameters: Iterable[Parameter], clip_norm: float | None = None, clip_value: float | None = None
) -> float:
    """Make gradients smaller, between ``loss.backward()`` and ``optimizer.step()``.

    Args:
        parameters: whose gradients.
        clip_norm: the most that their norm, the root of the sum of their squares, may be: all are made smaller alike.
        clip_value: the most that each may be, on either side of 0.

    Returns:
        float: the norm that they had.

    Raises:
        TypeError: it was given something else than a list of Parameters.
        ValueError: one is no number above 0, or both are given.

    Source:
        Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013), section 3.2.
        PyTorch adds 1e-6 to the norm; this, like optax, does not.

    Example:
        >>> x, y = Parameter(3.0), Parameter(4.0)
        >>> (x * x + y * y).backward()
        >>> clip_gradients([x, y], clip_norm=5.0), x.grad, y.grad
        (10.0, 3.0, 4.0)
    """
    clipped = check_parameters(parameters, "clip_gradients")
    norm = hypot(*(parameter.grad for parameter in clipped))
    clip = clipping(clip_norm, clip_value)
    if clip:
        for parameter in clipped:
            parameter.grad = clip(ieee, parameter.grad, norm)
    return norm
