"""Rosenbrock's function of 100 variables, value and gradient, written in single numbers.

The answer is the value and then the gradient. Eager contestants build the graph in each step; compiled ones have it.
"""

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks import chalkgrad
from benchmarks.measure import Trial
from benchmarks.peers import with_casadi, with_jax
from benchmarks.workload import Aim, Contestant, Workload

POINT = [-1.2, 1.0] * 50


def rosenbrock(x: Iterable[Any]) -> Any:
    """The same words for everybody's numbers."""
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def eager() -> Trial:
    """Values, and backward."""
    from engine import Value

    def step() -> Any:
        x = [Value(number) for number in POINT]
        y = rosenbrock(x)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data, *(x.grad for x in result[1])])


def eager_transform() -> Trial:
    """The function's derivative as a function."""
    from engine import value_and_grad

    f = value_and_grad(rosenbrock)
    return Trial(lambda: f(POINT), lambda result: [result[0], *result[1]])


def micrograd() -> Trial:
    """micrograd's Values, and backward."""
    from micrograd.engine import Value

    def step() -> Any:
        x = [Value(number) for number in POINT]
        y = rosenbrock(x)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].data, *(x.grad for x in result[1])])


def torch_scalars() -> Trial:
    """PyTorch with a tensor for each number."""
    import torch

    def step() -> Any:
        x = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in POINT]
        y = rosenbrock(x)
        y.backward()
        return y, x

    return Trial(step, lambda result: [result[0].item(), *(x.grad.item() for x in result[1])])


def autograd_scalars() -> Trial:
    """HIPS autograd on a function of 100 numbers: quicker than on the elements of one array."""
    from autograd import value_and_grad

    f = value_and_grad(lambda *x: rosenbrock(x), argnum=tuple(range(len(POINT))))
    return Trial(lambda: f(*POINT), lambda result: [float(result[0]), *map(float, result[1])])


WORKLOAD = Workload(
    name="rosenbrock",
    title="Rosenbrock's function of 100 variables, value and gradient",
    reference="micrograd",
    contestants=(
        Contestant("chalkgrad, eager", eager, role="ours"),
        Contestant("chalkgrad, value_and_grad", eager_transform, role="ours"),
        *chalkgrad.on_backends(chalkgrad.compiled, rosenbrock, POINT),
        Contestant("micrograd", micrograd, needs="micrograd"),
        Contestant("PyTorch, scalars", torch_scalars, needs="torch"),
        Contestant("HIPS autograd, scalars", autograd_scalars, needs="autograd"),
        Contestant("CasADi, buffer", partial(with_casadi.in_buffers, rosenbrock, POINT), needs="casadi"),
        Contestant("CasADi, C", partial(with_casadi.in_c, rosenbrock, POINT), needs="casadi"),
        Contestant("CasADi, call", partial(with_casadi.called, rosenbrock, POINT), needs="casadi"),
        Contestant("JAX, jit", partial(with_jax.compiled, rosenbrock, POINT), needs="jax"),
    ),
    aims=(
        Aim("chalkgrad, eager", of="micrograd", at_most=1 / 3),
        Aim(chalkgrad.COMPILED, of="CasADi, buffer", at_most=1.0),
    ),
)
