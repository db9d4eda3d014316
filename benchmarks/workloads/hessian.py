"""All second derivatives, compiled: of Rosenbrock's function of 100 variables, and of a small net's loss in theta.

The answer is the matrix, row by row. Ours and JAX's is dense; CasADi's buffer is given only what is not always 0, of
Rosenbrock's function three diagonals, and writes no zeros. For JAX both functions are written on arrays, as it likes
them best.
"""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

from benchmarks import chalkgrad
from benchmarks.measure import Trial
from benchmarks.peers import with_casadi, with_jax
from benchmarks.workload import Aim, Contestant, Workload
from benchmarks.workloads.rosenbrock import POINT, rosenbrock
from nn import two_moons

WIDTH = 8
N_PARAMETERS = 4 * WIDTH + 1
N_ROWS = 100


def hessian(
    name: str, title: str, ours: Callable[[str], Trial], casadis: Any, jaxs: Any, point: list[float]
) -> Workload:
    """The race for one function, given to each in its own words."""
    return Workload(
        name=f"hessian-{name}",
        title=f"Hessian, compiled: {title}",
        reference="JAX, jit",
        contestants=(
            *chalkgrad.on_backends(ours),
            Contestant("CasADi, buffer", partial(with_casadi.hessian_in_buffers, casadis, point), needs="casadi"),
            Contestant("CasADi, call", partial(with_casadi.hessian_called, casadis, point), needs="casadi"),
            Contestant("JAX, jit", partial(with_jax.hessian, jaxs, point), needs="jax"),
        ),
        aims=(
            Aim(chalkgrad.COMPILED, of="CasADi, call", at_most=1.0),
            Aim(chalkgrad.COMPILED, of="JAX, jit", at_most=1.0),
        ),
    )


def of_rosenbrock(backend: str) -> Trial:
    """A function of a list."""
    import numpy as np

    from engine import compile

    program, x = compile(rosenbrock, inputs=len(POINT), backend=backend), np.array(POINT)
    return Trial(lambda: program.hessian(x), lambda matrix: matrix.ravel().tolist())


def of_a_net(backend: str) -> Trial:
    """A mean over examples, by the parameters."""
    import numpy as np

    from engine import Value, compile, tanh

    parameters = [Value(0.0) for _ in range(N_PARAMETERS)]

    def loss(x: list[Value], y: Value) -> Value:
        return squared_error(parameters, x, y, tanh)

    program = compile(loss, inputs=(2, ()), parameters=parameters, backend=backend)
    theta, X, y = np.array(start()), *map(np.array, two_moons(N_ROWS))
    return Trial(lambda: program.hessian(theta, X, y), lambda matrix: matrix.ravel().tolist())


def start() -> list[float]:
    """The net's parameters: of each neuron two weights and a bias, then the last one's weights and bias."""
    random = Random(0)
    return [random.uniform(-1.0, 1.0) for _ in range(N_PARAMETERS)]


def squared_error(theta: Sequence[Any], x: Sequence[Any], y: Any, tanh: Callable[[Any], Any]) -> Any:
    """What the net makes of one example, in single numbers."""
    hidden = [tanh(theta[3 * i] * x[0] + theta[3 * i + 1] * x[1] + theta[3 * i + 2]) for i in range(WIDTH)]
    return (sum(w * h for w, h in zip(theta[3 * WIDTH :], hidden, strict=False)) + theta[-1] - y) ** 2


def mean_in_casadi(theta: Any) -> Any:
    """The net's mean error, all examples in one program."""
    from casadi import tanh

    rows = zip(*two_moons(N_ROWS), strict=True)
    return sum(squared_error(theta, x, y, tanh) for x, y in rows) / N_ROWS


def mean_in_jax(theta: Any) -> Any:
    """The net's mean error, on arrays."""
    import jax.numpy as jnp

    X, y = map(jnp.array, two_moons(N_ROWS))
    layer = theta[: 3 * WIDTH].reshape(WIDTH, 3)
    scores = theta[3 * WIDTH : -1] @ jnp.tanh(layer[:, :2] @ X.T + layer[:, 2:]) + theta[-1]
    return ((scores - y) ** 2).mean()


def rosenbrock_in_jax(x: Any) -> Any:
    """The function on arrays."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


ROSENBROCK = hessian(
    "rosenbrock", "Rosenbrock's function of 100 variables", of_rosenbrock, rosenbrock, rosenbrock_in_jax, POINT
)
NET = hessian("net", "the loss of MLP 2-8-1 tanh, 100 rows, in theta", of_a_net, mean_in_casadi, mean_in_jax, start())
