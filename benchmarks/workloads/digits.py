"""A training step on handwritten digits: MLP 64-32-10, relu, softmax and cross-entropy, batches of 64, Adam.

1792 of the 1797 rows, so that all batches are full, in one random order that all share and keep.
"""

from functools import partial
from typing import Any

from benchmarks import chalkgrad
from benchmarks.limit import products_at_peak
from benchmarks.measure import Trial
from benchmarks.peers import with_jax, with_numpy, with_sklearn, with_torch
from benchmarks.task import Task
from benchmarks.training import training
from benchmarks.workload import Aim, Contestant, Workload
from nn import MLP


def digits() -> tuple[list[list[float]], list[int]]:
    """8 by 8 grey levels from 0 to 1, and which digit they show."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X[:1792] / 16).tolist(), y[:1792].tolist()


TASK = Task(
    model=partial(MLP, 64, [32, 10], seed=1),
    data=digits,
    batch_size=64,
    settings={"loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.001},
    steps=560,  # 20 epochs
    compared=1,
)


def numpy_by_hand() -> Trial:
    """relu' is 1 where relu is not 0."""
    import numpy as np

    return with_numpy.classifier(TASK, lambda z, out: np.maximum(z, 0.0, out=out), lambda a: a > 0.0)


def torch_loss(outputs: Any, y: Any) -> Any:
    """PyTorch's own."""
    import torch

    return torch.nn.functional.cross_entropy(outputs, y)


def jax_cost(parameters: Any, X: Any, Y: Any) -> Any:
    """relu, and what classifies."""
    import jax

    return with_jax.softmax_cross_entropy(with_jax.layers(parameters, X, jax.nn.relu), Y)


WORKLOAD = Workload(
    name="digits",
    title="training step on digits: MLP 64-32-10 relu, cross-entropy, batches of 64, Adam",
    reference="JAX, scan",
    contestants=(
        *chalkgrad.on_backends(training, TASK),
        Contestant("PyTorch", partial(with_torch.eager, TASK, "ReLU", torch_loss), needs="torch"),
        Contestant("torch.compile", partial(with_torch.compiled, TASK, "ReLU", torch_loss), needs="torch"),
        Contestant("scikit-learn", partial(with_sklearn.training, TASK, "relu", alpha=0.0), compared=False),
        Contestant("NumPy by hand", numpy_by_hand),
        Contestant("JAX, jit", partial(with_jax.jitted, TASK, jax_cost), needs="jax"),
        Contestant("JAX, scan", partial(with_jax.scanned, TASK, jax_cost), needs="jax"),
        Contestant("GEMM and exp peak", partial(products_at_peak, TASK, 0, 10), compared=False, role="limit"),
    ),
    aims=(Aim(chalkgrad.COMPILED, of="JAX, scan", at_most=1.0),),
)
