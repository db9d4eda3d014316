"""Drivers: what calls the loops of a procedure, portion by portion and step by step. Text, compiled with them.

The backend puts this file above what `engine.compiler.backends.numba.loops` wrote, so that all of it is compiled
together; by itself it does nothing. What is done to arrays is spelt out number by number: Numba takes a
second longer for every kind of slice that is assigned to.
"""

from typing import Any

import numpy as np

from engine.compiler.backends.numba.arithmetic import fill, kernel, load, total

# What these do is written in the place of their calls; nothing, where there is nothing to do.
tell: Any = None
before: Any = None
before_all: Any = None
examples: Any = None
examples_of_all: Any = None
after: Any = None
keep: Any = None
update: Any = None


@kernel
def run(
    s: Any, v: Any, index: Any, X: Any, order: Any, start: int, many: Any,
    own: Any, of_own: Any, shared: Any, of_shared: Any,
) -> None:  # fmt: skip
    """Everything once for each row of `many`, (n, width), which stands in s from `start` on.

    The examples are X, (batch, n_inputs). Of the results, those that each example has of its own are these rows of v,
    `of_own` is (n, rows, batch); and those that they share these of s, `of_shared` is (n, rows, 1).
    """
    width, batch = v.shape[1], X.shape[0]
    before_all(s, index)
    for i in range(len(many)):
        for k in range(many.shape[1]):
            s[start + k] = many[i, k]
        before(s, index)
        for first in range(0, batch, width):
            n = min(width, batch - first)
            if i == 0 or batch > width:  # else v has them still
                load(v, X, order, first, n)
                examples_of_all(v, s, index, n)
            examples(v, s, index, n)
            for k in range(len(own)):
                for j in range(n):
                    of_own[i, k, first + j] = v[own[k], j]
        after(s, index)
        for k in range(len(shared)):
            of_shared[i, k, 0] = s[shared[k]]


@kernel
def run_one(template: Any, size: int, index: Any, start: int, x: Any, row: int, slopes: int, gradient: Any) -> float:
    """The value, in that row, at the inputs x, which stand from `start` on, and its gradient, from `slopes` on."""
    s = np.empty(size)
    for i in range(len(template)):
        s[i] = template[i]
    for i in range(len(x)):
        s[start + i] = x[i]
    before(s, index)
    for i in range(len(gradient)):
        gradient[i] = s[slopes + i]
    return s[row]


@kernel
def run_one_for_each(
    template: Any, size: int, index: Any, start: int, x: Any, varying: int, many: Any, row: int, results: Any
) -> None:
    """The results, from `row` on, for each row of `many`, which stands from `varying` on."""
    s = np.empty(size)
    for i in range(len(template)):
        s[i] = template[i]
    for i in range(len(x)):
        s[start + i] = x[i]
    before_all(s, index)
    for i in range(len(many)):
        for j in range(many.shape[1]):
            s[varying + j] = many[i, j]
        before(s, index)
        for j in range(results.shape[1]):
            results[i, j] = s[row + j]


@kernel
def train(
    s: Any, v: Any, index: Any, X: Any, orders: Any, batch_size: int, rates: Any, memory: Any, count: int,
    outputs: Any, counts: Any, means: Any,
) -> tuple[int, int]:  # fmt: skip
    """A step for each batch of each epoch: how many steps and epochs there were now, and the means of all outputs.

    It ends when a loss is no longer finite: that is the last one in `means` then. `counts` are rows for how much
    each example counts: in the loss, if they do not share it, and in means over the batch. The last outputs may be
    statistics, to be kept.
    """
    width, batch = v.shape[1], X.shape[0]
    sums = np.zeros(len(outputs))
    stays = len(orders) == 1 and batch <= min(width, batch_size)  # all examples, all the time
    if stays:
        load(v, X, orders[0], 0, batch)
    for epoch in range(len(rates)):
        order = orders[epoch % len(orders)]
        for start in range(0, batch, batch_size):
            size = min(batch_size, batch - start)
            fill(sums, 0.0, 0, len(sums))
            tell(s, size)
            before(s, index)
            for first in range(start, start + size, width):
                n = min(width, start + size - first)
                if not stays:
                    load(v, X, order, first, n)
                for k in range(len(counts)):
                    fill(v[counts[k]], 1.0 / size, 0, width)
                examples(v, s, index, n)
                for k in range(len(outputs)):
                    if not outputs[k, 0]:
                        sums[k] += total(v[outputs[k, 1], :n])
            after(s, index)
            for k in range(len(outputs)):
                if outputs[k, 0]:
                    sums[k] = size * s[outputs[k, 1]]
            if not np.isfinite(sums[0]):
                for k in range(len(sums)):
                    means[epoch, k] = sums[k] / size
                return count, epoch + 1
            for k in range(len(sums)):
                means[epoch, k] += sums[k]
            count += 1
            rate = rates[epoch]
            keep(s, outputs, sums, size)
            update(s, memory, rate, count)
        for k in range(len(sums)):
            means[epoch, k] /= batch
    return count, len(rates)
