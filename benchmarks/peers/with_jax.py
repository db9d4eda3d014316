"""JAX, in float64: a step compiled by XLA, called one at a time, or many in one call by lax.scan.

The examples are columns, which XLA's products on the CPU prefer to rows. A step gives its parameters' memory away
(donate_argnums). Labels are one-hot, since to pick a class by index is slow to differentiate. The optimizers are
written out: optax does the same.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["Cost", "compiled", "hessian", "jitted", "layers", "scanned", "softmax_cross_entropy"]

Cost = Callable[[Any, Any, Any], Any]
"""(parameters, X (n_inputs, batch), labels) -> the mean loss with the penalty."""


def layers(parameters: Any, X: Any, activate: Callable[[Any], Any]) -> Any:
    """The outputs of a network, (n_outputs, batch)."""
    *hidden, (W, b) = parameters
    for V, c in hidden:
        X = activate(V @ X + c)
    return W @ X + b


def softmax_cross_entropy(logits: Any, Y: Any) -> Any:
    """The mean over the columns, Y one-hot."""
    from jax.nn import log_softmax

    return -(Y * log_softmax(logits, axis=0)).sum(axis=0).mean()


def jitted(task: Task, cost: Cost) -> Trial:
    """One step in a call."""
    jax = _jax()
    step, state, (Xs, ys) = _prepare(task, cost)
    step = jax.jit(step, donate_argnums=0)
    batches = cycle(zip(Xs, ys, strict=True))

    def run() -> Any:
        nonlocal state
        state, loss = step(state, next(batches))
        return loss

    return task.trial(run)


def scanned(task: Task, cost: Cost) -> Trial:
    """`task.steps` steps in a call."""
    jax = _jax()
    step, state, data = _prepare(task, cost)
    epochs = task.steps // len(data[0])

    def train(state: Any, data: Any) -> Any:
        if len(data[0]) == 1:  # the batch is all there is
            batch = data[0][0], data[1][0]
            return jax.lax.scan(lambda state, _: step(state, batch), state, length=epochs)
        state, losses = jax.lax.scan(lambda state, _: jax.lax.scan(step, state, data), state, length=epochs)
        return state, losses.ravel()

    train_at_once = jax.jit(train)

    def run() -> Any:
        nonlocal state
        state, losses = train_at_once(state, data)
        return losses.block_until_ready()

    return task.trial(run, steps=task.steps)


def compiled(function: Callable[[Any], Any], point: list[float]) -> Trial:
    """Value and gradient of a program of single numbers, compiled as it stands."""
    jax = _jax()
    f = jax.jit(jax.value_and_grad(lambda x: function([x[i] for i in range(len(point))])))
    x = jax.numpy.array(point)
    return Trial(lambda: jax.block_until_ready(f(x)), lambda result: [float(result[0]), *result[1].tolist()])


def hessian(function: Callable[[Any], Any], point: list[float]) -> Trial:
    """The Hessian of a function of an array, by forward mode over reverse mode."""
    jax = _jax()
    f, x = jax.jit(jax.jacfwd(jax.jacrev(function))), jax.numpy.array(point)
    return Trial(lambda: jax.block_until_ready(f(x)), lambda matrix: matrix.ravel().tolist())


def _prepare(task: Task, cost: Cost) -> tuple[Callable[..., Any], Any, tuple[Any, Any]]:
    """The step, (state, (X, y)) -> (state, loss); the state at the start; and the batches as two arrays."""
    import numpy as np

    jax = _jax()
    jnp = jax.numpy
    parameters = [(jnp.array(W), jnp.array(b[:, None])) for W, b in task.matrices()]
    zeros = jax.tree.map(jnp.zeros_like, parameters)

    def sgd(state: Any, batch: Any) -> Any:
        loss, gradient = jax.value_and_grad(cost)(state, *batch)
        return jax.tree.map(lambda p, g: p - task.rate * g, state, gradient), loss

    def adam(state: Any, batch: Any) -> Any:
        parameters, mean, square, count = state
        loss, gradient = jax.value_and_grad(cost)(parameters, *batch)
        count += 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradient)

        def descend(p: Any, m: Any, v: Any) -> Any:
            return p - task.rate * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)

        return (jax.tree.map(descend, parameters, mean, square), mean, square, count), loss

    Xs, ys = zip(*task.batches(), strict=True)
    labels = [y.astype(float) if task.settings["loss"] == "hinge" else np.eye(len(parameters[-1][1]))[y].T for y in ys]
    data = jnp.array([X.T for X in Xs]), jnp.array(labels)
    if task.settings["optimizer"] == "sgd":
        return sgd, parameters, data
    return adam, (parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.array(0.0)), data


def _jax() -> Any:
    """JAX, with float64 for all of the process."""
    import jax

    config: Any = jax.config
    config.update("jax_enable_x64", True)
    return jax
