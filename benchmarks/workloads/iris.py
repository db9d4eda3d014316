"""A training step on the irises: MLP 4-16-3, tanh, softmax and cross-entropy, all 150 rows, Adam."""

from functools import partial
from typing import Any

from benchmarks import chalkgrad
from benchmarks.limit import products_at_peak
from benchmarks.measure import Trial
from benchmarks.peers import with_jax, with_numpy, with_sklearn, with_torch
from benchmarks.task import Task
from benchmarks.training import training
from benchmarks.workload import Aim, Contestant, Workload
from nn import MLP, iris

TASK = Task(
    model=partial(MLP, 4, [16, 3], activation="tanh", seed=1),
    data=iris,
    batch_size=150,
    settings={"loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.001},
    steps=1000,
    compared=5,
)


def numpy_by_hand() -> Trial:
    """tanh' is 1 - tanh**2."""
    import numpy as np

    return with_numpy.classifier(TASK, np.tanh, lambda a: 1.0 - a * a)


def torch_loss(outputs: Any, y: Any) -> Any:
    """PyTorch's own."""
    import torch

    return torch.nn.functional.cross_entropy(outputs, y)


def jax_cost(parameters: Any, X: Any, Y: Any) -> Any:
    """tanh, and what classifies."""
    import jax.numpy as jnp

    return with_jax.softmax_cross_entropy(with_jax.layers(parameters, X, jnp.tanh), Y)


WORKLOAD = Workload(
    name="iris",
    title="training step on irises: MLP 4-16-3 tanh, cross-entropy, 150 rows, Adam",
    reference="JAX, scan",
    contestants=(
        *chalkgrad.on_backends(training, TASK),
        Contestant("PyTorch", partial(with_torch.eager, TASK, "Tanh", torch_loss), needs="torch"),
        Contestant("torch.compile", partial(with_torch.compiled, TASK, "Tanh", torch_loss), needs="torch"),
        Contestant("scikit-learn", partial(with_sklearn.training, TASK, "tanh", alpha=0.0), compared=False),
        Contestant("NumPy by hand", numpy_by_hand),
        Contestant("JAX, jit", partial(with_jax.jitted, TASK, jax_cost), needs="jax"),
        Contestant("JAX, scan", partial(with_jax.scanned, TASK, jax_cost), needs="jax"),
        Contestant("GEMM, tanh and exp peak", partial(products_at_peak, TASK, 16, 3), compared=False, role="limit"),
    ),
    aims=(Aim(chalkgrad.COMPILED, of="JAX, scan", at_most=0.8),),
)
