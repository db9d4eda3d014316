"""The physical limit of a training step: what there is to multiply, at the speed of the machine's best big products.

It is no contestant that computes the same, but the time that nobody can go below. Where a network has tanh or exp,
those are added at the speed of NumPy's, which compute several numbers in one instruction.
"""

from itertools import pairwise
from time import process_time

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["flops_of_products", "products_at_peak"]

SIZES = (256, 384, 512, 1024)


def flops_of_products(sizes: list[int], batch: int) -> int:
    """Floating point operations of a step's matrix products: forward, and backward to weights and to inputs.

    Nothing goes back to the network's own inputs.

    Example:
        >>> flops_of_products([2, 16, 16, 1], batch=100)
        176000
    """
    weights = [n * m for n, m in pairwise(sizes)]
    return 2 * batch * (2 * sum(weights) + sum(weights[1:]))


def products_at_peak(task: Task, tanh: int = 0, exp: int = 0) -> Trial:
    """The products of a step, as a share of one big product; and so many tanh and exp as well.

    Args:
        task: what is trained.
        tanh, exp: how many of these a step takes for each row.
    """
    import numpy as np

    matrices = task.matrices()
    shapes = [W.shape for W, _ in matrices]
    flops = flops_of_products([shapes[0][1], *(n for n, _ in shapes)], task.batch_size)
    squares = {n: np.full((n, n), 0.5) for n in SIZES}
    results = {n: np.empty((n, n)) for n in SIZES}

    def speed(n: int) -> float:
        np.dot(squares[n], squares[n], out=results[n])
        start = process_time()
        for _ in range(3):
            np.dot(squares[n], squares[n], out=results[n])
        return 3 * n**3 / (process_time() - start)

    n = max(SIZES, key=speed)
    repeats = 2 * n**3 // flops
    arguments = [(f, np.linspace(-2.0, 2.0, k * task.batch_size)) for f, k in ((np.tanh, tanh), (np.exp, exp)) if k]

    def step() -> None:
        np.dot(squares[n], squares[n], out=results[n])
        for function, x in arguments:
            out = np.empty_like(x)
            for _ in range(repeats):
                function(x, out=out)

    return Trial(step, size=2 * n**3 / flops)
