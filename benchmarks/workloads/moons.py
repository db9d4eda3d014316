"""A training step on two moons: MLP 2-16-16-1, relu, hinge loss and L2, all 100 rows, gradient descent."""

import random
from functools import partial
from typing import Any

from benchmarks import chalkgrad
from benchmarks.limit import products_at_peak
from benchmarks.measure import Trial
from benchmarks.peers import with_jax, with_sklearn, with_torch
from benchmarks.task import Task
from benchmarks.training import training
from benchmarks.workload import Aim, Contestant, Workload
from nn import MLP, two_moons

TASK = Task(
    model=partial(MLP, 2, [16, 16, 1], init="uniform", seed=1337),  # micrograd draws the same numbers
    data=partial(two_moons, 100, noise=0.1, seed=1337),
    batch_size=100,
    settings={"loss": "hinge", "optimizer": "sgd", "learning_rate": 0.1, "l2": 1e-4},
    steps=1000,
    compared=3,
)


def micrograd() -> Trial:
    """The loop of micrograd's demo notebook."""
    from micrograd.engine import Value
    from micrograd.nn import MLP

    X, y = TASK.data()
    random.seed(1337)
    model = MLP(2, [16, 16, 1])

    def step() -> float:
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = TASK.l2 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss

        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= TASK.rate * p.grad
        return total_loss.data

    return TASK.trial(step)


def numpy_by_hand() -> Trial:
    """The same derivatives worked out on paper and written down as matrices."""
    import numpy as np

    ((X, y),) = TASK.batches()
    (W1, b1), (W2, b2), (W3, b3) = TASK.matrices()
    parameters = W1, b1, W2, b2, W3, b3
    n = len(X)

    def step() -> float:
        a1 = np.maximum(X @ W1.T + b1, 0.0)
        a2 = np.maximum(a1 @ W2.T + b2, 0.0)
        margin = 1.0 - y * (a2 @ W3[0] + b3)
        loss = np.maximum(margin, 0.0).sum() / n + TASK.l2 * sum(np.vdot(p, p) for p in parameters)

        d3 = np.where(margin > 0.0, y * (-1.0 / n), 0.0)[:, None]
        d2 = d3 * W3 * (a2 > 0.0)
        d1 = d2 @ W2 * (a1 > 0.0)
        gradient = d1.T @ X, d1.sum(axis=0), d2.T @ a1, d2.sum(axis=0), d3.T @ a2, d3.sum(axis=0)
        for p, g in zip(parameters, gradient, strict=True):
            p -= TASK.rate * (g + 2 * TASK.l2 * p)
        return loss

    return TASK.trial(step)


def torch_loss(outputs: Any, y: Any) -> Any:
    """Hinge; the penalty is the optimizer's."""
    import torch

    return torch.relu(1.0 - y * outputs[:, 0]).mean()


def jax_cost(parameters: Any, X: Any, y: Any) -> Any:
    """Hinge and penalty."""
    import jax
    import jax.numpy as jnp

    scores = with_jax.layers(parameters, X, jax.nn.relu)[0]
    penalty = sum(jnp.vdot(p, p) for p in jax.tree.leaves(parameters))
    return jax.nn.relu(1.0 - y * scores).mean() + TASK.l2 * penalty


WORKLOAD = Workload(
    name="moons",
    title="training step on two moons: MLP 2-16-16-1 relu, hinge + L2, 100 rows",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad, eager", partial(training, TASK, "eager"), role="ours"),
        *chalkgrad.on_backends(training, TASK),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("PyTorch", partial(with_torch.eager, TASK, "ReLU", torch_loss), needs="torch"),
        Contestant("torch.compile", partial(with_torch.compiled, TASK, "ReLU", torch_loss), needs="torch"),
        Contestant(
            "scikit-learn, log loss",
            partial(with_sklearn.training, TASK, "relu", solver="sgd", momentum=0.0, alpha=2 * 100 * TASK.l2),
            compared=False,
        ),
        Contestant("NumPy by hand", numpy_by_hand),
        Contestant("JAX, jit", partial(with_jax.jitted, TASK, jax_cost), needs="jax"),
        Contestant("JAX, scan", partial(with_jax.scanned, TASK, jax_cost), needs="jax"),
        Contestant("GEMM peak", partial(products_at_peak, TASK), compared=False, role="limit"),
    ),
    aims=(
        Aim("chalkgrad, eager", of="micrograd", at_most=1 / 50),
        Aim("chalkgrad, numpy", of="NumPy by hand", at_most=1.2),
        Aim(chalkgrad.COMPILED, of="JAX, scan", at_most=0.6),
    ),
)
