"""A random program of 10,000 adds, muls and tanhs of single numbers, value and gradient.

The answer is the value and then the gradient. Eager contestants build the graph in each step; compiled ones have it.
JAX is not among them, neither by itself nor as our backend: XLA takes too long to compile 10,000 single operations.
Nor is CasADi's C, of which a C compiler makes machine code in a minute or so, three times as fast as CasADi's machine.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import chalkgrad
from benchmarks.dag import differentiate_by_hand, evaluate, inputs, random_dag
from benchmarks.measure import Trial
from benchmarks.peers import with_casadi, with_micrograd
from benchmarks.workload import Aim, Contestant, Workload

N_NODES = 10_000


def of_values(x: list[Any]) -> Any:
    """The program on chalkgrad's numbers."""
    from engine import tanh

    return evaluate(random_dag(N_NODES), x, tanh)


def of_symbols(x: list[Any]) -> Any:
    """The program on CasADi's symbols."""
    from casadi import tanh

    return evaluate(random_dag(N_NODES), x, tanh)


def forward_and_backward(number: Callable[[float], Any], tanh: Callable[[Any], Any]) -> Trial:
    """Numbers that have a `backward`."""
    program, start = random_dag(N_NODES), inputs()

    def step() -> Any:
        x = [number(n) for n in start]
        y = evaluate(program, x, tanh)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data, *(x.grad for x in result[1])])


def eager() -> Trial:
    """chalkgrad's Values."""
    from engine import Value, tanh

    return forward_and_backward(Value, tanh)


def micrograd() -> Trial:
    """micrograd's Values, with the tanh that its users give them, and room for its recursion."""
    from micrograd.engine import Value

    sys.setrecursionlimit(2 * N_NODES)
    return forward_and_backward(Value, with_micrograd.tanh)


def microgpt() -> Trial:
    """microgpt's Values, and room for their recursion."""
    from benchmarks.peers.with_microgpt import Value

    sys.setrecursionlimit(2 * N_NODES)
    return forward_and_backward(Value, Value.tanh)


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
        Contestant("chalkgrad, eager", eager, role="ours"),
        *chalkgrad.on_backends(chalkgrad.compiled, of_values, inputs(), without=("jax",)),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("microgpt", microgpt),
        Contestant("PyTorch, scalars", torch_scalars, needs="torch"),
        Contestant("HIPS autograd, scalars", autograd_scalars, needs="autograd"),
        Contestant("plain floats by hand", by_hand),
        Contestant("CasADi, buffer", partial(with_casadi.in_buffers, of_symbols, inputs()), needs="casadi"),
        Contestant("CasADi, call", partial(with_casadi.called, of_symbols, inputs()), needs="casadi"),
    ),
    aims=(
        Aim("chalkgrad, eager", of="micrograd", at_most=1 / 3),
        Aim("chalkgrad, eager", of="microgpt", at_most=1.0),
        Aim(tuple(f"chalkgrad, {backend}" for backend in ("numpy", "numba")), of="CasADi, buffer", at_most=1.0),
    ),
)
