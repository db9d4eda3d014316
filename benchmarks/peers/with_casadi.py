"""CasADi: a function of SX symbols, value and gradient in one Function.

There are two ways to call it. The ordinary one converts the argument and makes new matrices for the results. The
cheapest one from Python is a buffer: argument and results are arrays that stay where they are, and a call says
only that it is time. And there are two ways to run it: by CasADi's virtual machine, ready at once; and as C that
CasADi writes and the system's compiler compiles.
"""

from collections.abc import Callable, Sequence
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import Trial
from benchmarks.workload import MissingError

__all__ = ["called", "in_buffers", "in_c"]


def in_buffers(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient by the virtual machine through a buffer; beside them the value alone, in the same way."""
    call, results = _buffer(_symbolic(function, len(point)), point)
    value, _ = _buffer(_symbolic(function, len(point), gradient=False), point)
    return Trial(call, lambda _: [x for result in results for x in result.tolist()], beside=value)


def in_c(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient as machine code, through a buffer."""
    if not which("gcc"):
        raise MissingError("there is no C compiler")
    with TemporaryDirectory() as folder:
        settings = {"flags": ["-O3", "-march=native"], "directory": f"{folder}/", "cleanup": False}
        compiled = _symbolic(function, len(point), jit=True, jit_cleanup=False, compiler="shell", jit_options=settings)
    call, results = _buffer(compiled, point)
    return Trial(call, lambda _: [x for result in results for x in result.tolist()])


def called(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient by an ordinary call."""
    import numpy as np

    f, argument = _symbolic(function, len(point)), np.array(point)
    return Trial(lambda: f(argument), lambda results: [x for result in results for x in result.full().ravel().tolist()])


def _symbolic(function: Callable[[list[Any]], Any], n: int, *, gradient: bool = True, **options: Any) -> Any:
    """The casadi.Function of a vector of n numbers: value and gradient, or the value alone.

    Args:
        function: of a list of n SX symbols.
        n: how many.
        gradient: whether the gradient is a second result.
        **options: of casadi.Function.
    """
    import casadi

    x = casadi.SX.sym("x", n)
    value = function([x[i] for i in range(n)])
    return casadi.Function("f", [x], [value, casadi.gradient(value, x)] if gradient else [value], options)


def _buffer(function: Any, point: Sequence[float]) -> tuple[Callable[[], None], list[Any]]:
    """A call of a casadi.Function at a point, and the arrays where its results are after it."""
    import numpy as np

    argument = np.array(point)
    results = [np.zeros(function.numel_out(i)) for i in range(function.n_out())]
    buffer, call = function.buffer()
    buffer.set_arg(0, argument.data)
    for i, result in enumerate(results):
        buffer.set_res(i, result.data)
    _KEPT.extend((function, buffer, argument, *results))
    return call, results


_KEPT: list[Any] = []
"""What a call goes on using although CasADi does not hold it."""
