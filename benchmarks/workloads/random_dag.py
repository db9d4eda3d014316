"""A random program of 10,000 adds, muls and tanhs of single numbers, value and gradient.

The answer is the value and then the gradient.
"""

import sys
from typing import Any

from benchmarks.dag import differentiate_by_hand, evaluate, inputs, random_dag
from benchmarks.measure import Trial
from benchmarks.peers import micrograd_tanh
from benchmarks.workload import Aim, Contestant, Workload

N_NODES = 10_000


def chalkgrad() -> Trial:
    """Values, and backward."""
    from engine import Value, tanh

    program, start = random_dag(N_NODES), inputs()

    def step() -> Any:
        x = [Value(number) for number in start]
        y = evaluate(program, x, tanh)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data, *(x.grad for x in result[1])])


def micrograd() -> Trial:
    """micrograd's Values, with the tanh that its users give them, and room for its recursion."""
    from micrograd.engine import Value

    program, start = random_dag(N_NODES), inputs()
    sys.setrecursionlimit(2 * N_NODES)

    def step() -> Any:
        x = [Value(number) for number in start]
        y = evaluate(program, x, micrograd_tanh)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data, *(x.grad for x in result[1])])


def torch_scalars() -> Trial:
    """PyTorch with a tensor for each number."""
    import torch

    program, start = random_dag(N_NODES), inputs()

    def step() -> Any:
        x = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in start]
        y = evaluate(program, x, torch.tanh)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].item(), *(x.grad.item() for x in result[1])])


def autograd_scalars() -> Trial:
    """HIPS autograd on a function of 100 numbers: quicker than on the elements of one array."""
    from autograd import numpy, value_and_grad

    program, start = random_dag(N_NODES), inputs()
    f = value_and_grad(lambda *x: evaluate(program, x, numpy.tanh), argnum=tuple(range(len(start))))
    return Trial(lambda: f(*start), lambda result: [float(result[0]), *map(float, result[1])])


def by_hand() -> Trial:
    """Plain floats in lists."""
    program, start = random_dag(N_NODES), inputs()
    return Trial(lambda: differentiate_by_hand(program, start), list)


WORKLOAD = Workload(
    name="random-dag",
    title="random graph of 10,000 nodes (add, mul, tanh), value and gradient",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad", chalkgrad),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("PyTorch, scalars", torch_scalars, needs="torch"),
        Contestant("HIPS autograd, scalars", autograd_scalars, needs="autograd"),
        Contestant("plain floats, derived by hand", by_hand),
    ),
    aims=(Aim("chalkgrad", of="micrograd", at_most=1 / 5),),
)
