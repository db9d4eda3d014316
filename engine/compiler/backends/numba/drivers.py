"""Drivers: what calls the loops of a program, example by example and step by step. Text, compiled with them.

The backend puts this file above what `engine.compiler.backends.numba.loops` wrote, so that all of it is compiled
together; by itself it does nothing. What is done to arrays is spelt out number by number: Numba takes a
second longer for every kind of slice that is assigned to.
"""

from typing import Any

import numpy as np

from engine.compiler.backends.numba.arithmetic import fill, kernel, load, store, total

# What stands here is defined by the text that follows.
forward: Any = None
forward_shared: Any = None
backward: Any = None
backward_shared: Any = None
update: Any = None


@kernel
def value(s: Any, v: Any, index: Any, X: Any, order: Any, outputs: Any, out: Any) -> None:
    """The outputs, (n_outputs, batch), of the examples X, (batch, n_inputs)."""
    width, batch = v.shape[1], X.shape[0]
    forward_shared(s, index)
    for first in range(0, batch, width):
        n = min(width, batch - first)
        load(v, X, order, first, n)
        forward(v, s, index)
        store(out, v, s, outputs, first, n)


@kernel
def value_of_one(shared: Any, index: Any, start: int, x: Any, outputs: Any) -> float:
    """The value at the inputs x, of a program for one example; `shared` has them from `start` on."""
    s = np.empty(len(shared))
    for i in range(len(shared)):
        s[i] = shared[i]
    for i in range(len(x)):
        s[start + i] = x[i]
    forward_shared(s, index)
    return s[outputs[0, 1]]


@kernel
def value_and_grad(
    s: Any, ds: Any, v: Any, dv: Any, index: Any, X: Any, order: Any, seed: Any, outputs: Any, out: Any, dX: Any
) -> None:
    """The outputs, the derivatives ds where examples count by `seed` each, and the derivatives dX by the inputs."""
    width, batch = v.shape[1], X.shape[0]
    counts = np.zeros(width)
    fill(ds, 0.0, 0, len(ds))
    forward_shared(s, index)
    for first in range(0, batch, width):
        n = min(width, batch - first)
        load(v, X, order, first, n)
        forward(v, s, index)
        store(out, v, s, outputs, first, n)
        for j in range(n):
            counts[j] = seed[min(first + j, len(seed) - 1)]
        fill(counts, 0.0, n, width)
        backward(v, dv, s, ds, index, counts)
        for j in range(n):
            for i in range(dX.shape[1]):
                dX[first + j, i] = dv[i, j]
    backward_shared(s, ds, index, seed)


@kernel
def value_and_grad_of_one(shared: Any, index: Any, start: int, x: Any, outputs: Any, gradient: Any) -> float:
    """The value and the gradient by the inputs x, of a program for one example; `shared` has them from `start` on."""
    s, ds = np.empty(len(shared)), np.zeros(len(shared))
    for i in range(len(shared)):
        s[i] = shared[i]
    for i in range(len(x)):
        s[start + i] = x[i]
    forward_shared(s, index)
    backward_shared(s, ds, index, np.ones(1))
    for i in range(len(x)):
        gradient[i] = ds[start + i]
    return s[outputs[0, 1]]


@kernel
def train(
    s: Any, ds: Any, v: Any, dv: Any, index: Any, X: Any, orders: Any, batch_size: int, rates: Any,
    memory: Any, count: int, outputs: Any, means: Any,
) -> tuple[int, int]:  # fmt: skip
    """A step for each batch of each epoch: how many steps and epochs there were now, and the means of all outputs.

    It ends when a loss is no longer finite: that is the last one in `means` then.
    """
    width, batch = v.shape[1], X.shape[0]
    counts, whole = np.zeros(width), np.ones(1)
    sums = np.zeros(len(outputs))
    stays = len(orders) == 1 and batch <= min(width, batch_size)  # all examples, all the time
    if stays:
        load(v, X, orders[0], 0, batch)
    for epoch in range(len(rates)):
        order = orders[epoch % len(orders)]
        for start in range(0, batch, batch_size):
            size = min(batch_size, batch - start)
            fill(ds, 0.0, 0, len(ds))
            fill(sums, 0.0, 0, len(sums))
            forward_shared(s, index)
            for first in range(start, start + size, width):
                n = min(width, start + size - first)
                if not stays:
                    load(v, X, order, first, n)
                forward(v, s, index)
                for k in range(len(outputs)):
                    row = outputs[k, 1]
                    sums[k] += n * s[row] if outputs[k, 0] else total(v[row, :n])
                fill(counts, 1.0 / size, 0, n)
                fill(counts, 0.0, n, width)
                backward(v, dv, s, ds, index, counts)
            backward_shared(s, ds, index, whole)
            if not np.isfinite(sums[0]):
                for k in range(len(sums)):
                    means[epoch, k] = sums[k] / size
                return count, epoch + 1
            for k in range(len(sums)):
                means[epoch, k] += sums[k]
            count += 1
            update(s, ds, memory, rates[epoch], count)
        for k in range(len(sums)):
            means[epoch, k] /= batch
    return count, len(rates)
