"""CasADi: a function of SX symbols, its value and gradient in one Function, or its Hessian.

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

__all__ = ["called", "hessian_called", "hessian_in_buffers", "in_buffers", "in_c"]


def in_buffers(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient by the virtual machine through a buffer; beside them the value alone, in the same way."""
    call, results = _buffer(_symbolic(function, len(point), _value_and_gradient), point)
    value, _ = _buffer(_symbolic(function, len(point), _value), point)
    return Trial(call, lambda _: [x for result in results for x in result.tolist()], beside=value)


def in_c(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient as machine code, through a buffer."""
    if not which("gcc"):
        raise MissingError("there is no C compiler")
    with TemporaryDirectory() as folder:
        settings = {"flags": ["-O3", "-march=native"], "directory": f"{folder}/", "cleanup": False}
        options = {"jit": True, "jit_cleanup": False, "compiler": "shell", "jit_options": settings}
        compiled = _symbolic(function, len(point), _value_and_gradient, **options)
    call, results = _buffer(compiled, point)
    return Trial(call, lambda _: [x for result in results for x in result.tolist()])


def called(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """Value and gradient by an ordinary call."""
    import numpy as np

    f, argument = _symbolic(function, len(point), _value_and_gradient), np.array(point)
    return Trial(lambda: f(argument), lambda results: [x for result in results for x in result.full().ravel().tolist()])


def hessian_in_buffers(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """The Hessian by the virtual machine through a buffer, only those of its numbers that are not always 0."""
    import numpy as np

    f = _symbolic(function, len(point), _hessian)
    call, (numbers,) = _buffer(f, point)

    def answer(_: Any) -> list[float]:
        rows, columns = f.sparsity_out(0).get_triplet()
        matrix = np.zeros((len(point), len(point)))
        matrix[rows, columns] = numbers
        return matrix.ravel().tolist()

    return Trial(call, answer)


def hessian_called(function: Callable[[list[Any]], Any], point: Sequence[float]) -> Trial:
    """The Hessian by an ordinary call, as a dense array."""
    import numpy as np

    f, argument = _symbolic(function, len(point), _hessian), np.array(point)
    return Trial(lambda: f(argument).full(), lambda matrix: matrix.ravel().tolist())


def _value(value: Any, x: Any) -> list[Any]:
    return [value]


def _value_and_gradient(value: Any, x: Any) -> list[Any]:
    import casadi

    return [value, casadi.gradient(value, x)]


def _hessian(value: Any, x: Any) -> list[Any]:
    import casadi

    return [casadi.hessian(value, x)[0]]


def _symbolic(
    function: Callable[[list[Any]], Any], n: int, results: Callable[[Any, Any], list[Any]], **options: Any
) -> Any:
    """The casadi.Function of a vector of n numbers.

    Args:
        function: of a list of n SX symbols.
        n: how many.
        results: (the function's value, the vector) -> what the casadi.Function gives.
        **options: of casadi.Function.
    """
    import casadi

    x = casadi.SX.sym("x", n)
    return casadi.Function("f", [x], results(function([x[i] for i in range(n)]), x), options)


def _buffer(function: Any, point: Sequence[float]) -> tuple[Callable[[], None], list[Any]]:
    """A call of a casadi.Function at a point, and the arrays where its results are after it."""
    import numpy as np

    argument = np.array(point)
    results = [np.zeros(function.nnz_out(i)) for i in range(function.n_out())]
    buffer, call = function.buffer()
    buffer.set_arg(0, argument.data)
    for i, result in enumerate(results):
        buffer.set_res(i, result.data)
    _KEPT.extend((function, buffer, argument, *results))
    return call, results


_KEPT: list[Any] = []
"""What a call goes on using although CasADi does not hold it."""
