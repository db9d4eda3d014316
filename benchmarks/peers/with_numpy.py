"""NumPy by hand: the derivatives worked out on paper and written down as matrices, with few copies."""

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["classifier", "regression"]


def classifier(task: Task, activate: Callable[..., Any], slope: Callable[[Any], Any]) -> Trial:
    """Training of a network with one hidden layer, softmax and cross-entropy, and Adam.

    All parameters lie in one array, of which the matrices are views, so that Adam goes over one array only.

    Args:
        task: what is trained.
        activate: (array, array for the result) -> the hidden layer's activation.
        slope: the derivative of that, by its result.
    """
    import numpy as np

    start = task.matrices()
    theta = np.concatenate([part.ravel() for layer in start for part in layer])
    gradient, mean, square = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)
    W1, b1, W2, b2 = _views(theta, start)
    dW1, db1, dW2, db2 = _views(gradient, start)
    n = task.batch_size
    batches = cycle([(X, np.eye(len(b2))[y]) for X, y in task.batches()])
    steps = count(1)

    def step() -> float:
        nonlocal theta
        X, Y = next(batches)
        z1 = X @ W1.T + b1
        a1 = activate(z1, z1)
        z2 = a1 @ W2.T + b2
        z2 -= z2.max(axis=1, keepdims=True)
        p = np.exp(z2)
        total = p.sum(axis=1, keepdims=True)
        loss = (np.log(total).sum() - np.vdot(Y, z2)) / n

        p /= total
        p -= Y
        p *= 1.0 / n
        d1 = p @ W2
        d1 *= slope(a1)
        np.matmul(p.T, a1, out=dW2)
        p.sum(axis=0, out=db2)
        np.matmul(d1.T, X, out=dW1)
        d1.sum(axis=0, out=db1)

        t = next(steps)
        mean[:] = 0.9 * mean + 0.1 * gradient
        square[:] = 0.999 * square + 0.001 * gradient * gradient
        theta -= task.rate / (1 - 0.9**t) * mean / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        return loss

    return task.trial(step)


def regression(layers: list[tuple[Any, Any]], X: Any, y: Any) -> tuple[float, list[Any]]:
    """The mean squared error of a network of tanh layers, and a linear one with one output at the end.

    Args:
        layers: (W, b) of each, W with a row for each neuron.
        X: (batch, n_inputs).
        y: (batch,).

    Returns:
        (value, [(dW, db) of each layer]).
    """
    import numpy as np

    *hidden, (V, c) = layers
    activations = [X]
    for W, b in hidden:
        z = activations[-1] @ W.T
        z += b
        activations.append(np.tanh(z, out=z))
    error = (activations[-1] @ V.T + c)[:, 0] - y

    delta = (2.0 / len(y)) * error[:, None]
    gradient = [(delta.T @ activations[-1], delta.sum(axis=0))]
    for (W, _), a, before in zip(layers[:0:-1], activations[:0:-1], activations[-2::-1], strict=True):
        delta = delta @ W
        delta *= 1.0 - a * a
        gradient.append((delta.T @ before, delta.sum(axis=0)))
    return np.vdot(error, error) / len(y), gradient[::-1]


def _views(flat: Any, layers: list[tuple[Any, Any]]) -> list[Any]:
    """The parts of a flat array, each with the shape of one of the parameters."""
    views, start = [], 0
    for part in (part for layer in layers for part in layer):
        views.append(flat[start : start + part.size].reshape(part.shape))
        start += part.size
    return views
