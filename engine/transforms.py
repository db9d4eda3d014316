"""Functions that turn a function into its derivatives, after JAX's names and conventions.

The arguments that are differentiated, and what the function gives, are numbers or trees of numbers: lists, tuples,
dicts and arrays (see `engine.trees`). A derivative has the form of what it is of. All other arguments, and those given
by keyword, go to the function as they are. Whatever is made here can be given to the same transforms again, in either
mode.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from math import prod
from typing import Any

from engine import functions, modes
from engine.arguments import check_function
from engine.differentiation import (
    check_argnums,
    check_argument,
    derivatives,
    directions_of,
    indices_of,
    push_forward,
    run,
    settled,
)
from engine.op import FLAT
from engine.trees import (
    describe,
    filled,
    is_array,
    is_number,
    is_tree,
    map_blocks,
    numbers_in,
    numbers_like,
    shape_of,
    shaped,
)

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function = Callable[..., Any]


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The gradient of a function, by reverse mode.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, or a list or tuple of several.
        has_aux: whether `f` gives (number, aux), with anything else that it has to say for aux.

    Returns:
        A function of the same arguments. It gives for each argument asked for what the argument is, a number, or a
        list, tuple, dict or array of numbers: floats, or Values where the derivative depends on Values of yours, given
        or used, such as a model's Parameters, so that it can be differentiated further; of these
        ``np.array(gradient, dtype=float)`` makes floats. With `has_aux` it gives (gradient, aux).

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: there is no argument of that index.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(lambda x: x**3))(2.0)
        12.0
        >>> grad(lambda x, y: x[0] * x[1] * y, argnums=(0, 1))([2.0, 3.0], 5.0)
        ([15.0, 10.0], 6.0)
        >>> grad(lambda p: p["a"] ** 2 * p["b"])({"a": 3.0, "b": 2.0})
        {'a': 12.0, 'b': 9.0}
    """
    both = _value_and_gradient("grad", f, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, derivative = both(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return gradient


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The value of a function together with its gradient, for the price of one evaluation.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, or a list or tuple of several.
        has_aux: whether `f` gives (number, aux), with anything else that it has to say for aux.

    Returns:
        A function of the same arguments that gives (value, gradient), the gradient as `grad` gives it. With `has_aux`
        the value is what `f` gives, (number, aux).

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: there is no argument of that index.

    Example:
        >>> value_and_grad(lambda x: x**2)(3.0)
        (9.0, 6.0)
    """
    return _value_and_gradient("value_and_grad", f, argnums, has_aux)


def _value_and_gradient(name: str, f: Function, argnums: int | Sequence[int], has_aux: bool) -> Function:
    check_function(name, f, f"{name}(f)(x), not {name}(f(x))")
    several = check_argnums(argnums)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        indices = indices_of(argnums, args)
        variables, output, aux = run(f, args, kwargs, indices, has_aux)
        if is_tree(output):
            raise TypeError(
                f"{name} needs a function that gives one number, but it gave {describe(output)}: "
                "use jacobian where there are several"
            )
        (value,), (numbers,) = derivatives(numbers_in(output), variables)
        gradient = filled([args[i] for i in indices], numbers)
        return (value, aux) if has_aux else value, tuple(gradient) if several else gradient[0]

    return value_and_gradient


def jacobian(f: Function, argnums: int = 0, mode: str = "reverse", has_aux: bool = False) -> Function:
    """All partial derivatives of a function, one row for each of its outputs.

    Args:
        f: gives a list, tuple, dict or array of m numbers, or one number.
        argnums: which argument to differentiate with respect to.
        mode: "reverse", one pass for each output; or "forward", one pass for each input, which is
            the cheaper one where there are fewer inputs than outputs.
        has_aux: whether `f` gives (numbers, aux), with anything else that it has to say for aux.

    Returns:
        A function of the same arguments. It gives what `f` gives, with a row in the place of each number: what the
        argument is, a number or a list of n numbers. Where `f` gives an array and the argument is one, the rows are
        one array, of the output's shape and then the argument's. With `has_aux` it gives (jacobian, aux).

    Raises:
        TypeError: `f` gives no numbers, or an argument is no number.
        ValueError: there is no argument of that index, or no such mode.

    Example:
        >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
        >>> import numpy as np
        >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """
    check_function("jacobian", f, "jacobian(f)(x), not jacobian(f(x))")
    if check_argnums(argnums):
        raise ValueError(f"a jacobian is with respect to one argument, but argnums was {argnums!r}")
    if mode not in ("reverse", "forward"):
        raise ValueError(f'mode must be "reverse" or "forward", but was {mode!r}')
    rows_of = _rows_in_reverse if mode == "reverse" else _rows_forward

    def table(*args: Any, **kwargs: Any) -> Any:
        (at,) = indices_of(argnums, args)
        output, rows, aux = rows_of(f, args, kwargs, at, has_aux)
        blocks = _blocks(output, args[at], rows)
        return (blocks, aux) if has_aux else blocks

    return table


def _rows_in_reverse(
    f: Function, args: Sequence[Any], kwargs: Mapping[str, Any], at: int, has_aux: bool
) -> tuple[Any, list[list[Any]], Any]:
    """What a function gives, the derivatives of each number in it with respect to each in an argument, and aux."""
    variables, output, aux = run(f, args, kwargs, [at], has_aux)
    return output, derivatives(numbers_in(output), variables)[1], aux


def _rows_forward(
    f: Function, args: Sequence[Any], kwargs: Mapping[str, Any], at: int, has_aux: bool
) -> tuple[Any, list[list[Any]], Any]:
    """The same by forward mode, where each number of the argument but one is what nothing depends on, in turn."""
    check_argument(at, args[at])
    n = len(numbers_in(args[at]))
    if n == 0:
        return _rows_in_reverse(f, args, kwargs, at, has_aux)
    columns = []
    for direction in range(n):
        tangents = [1.0 if i == direction else FLAT for i in range(n)]
        output, _, column, aux = push_forward(f, args, kwargs, {at: tangents}, has_aux)
        columns.append(column)
    return output, [*map(list, zip(*columns, strict=True))], aux


def _blocks(output: Any, argument: Any, rows: Iterable[list[Any]]) -> Any:
    """Derivatives in the form of what a function gives, with the form of the argument in the place of each number."""
    rest = iter(rows)

    def of_outputs(outputs: Any) -> Any:
        if not is_array(outputs):
            return filled(argument, next(rest))
        columns = zip(*islice(rest, prod(outputs.shape)), strict=True)

        def of_inputs(inputs: Any) -> Any:
            mine = zip(*islice(columns, prod(shape_of(inputs))), strict=True)
            return shaped([x for row in mine for x in row], shape_of(outputs) + shape_of(inputs))

        return map_blocks(of_inputs, argument)

    return map_blocks(of_outputs, output)


def hessian(f: Function, argnums: int = 0, has_aux: bool = False) -> Function:
    """All second derivatives of a function, by reverse mode over reverse mode.

    The function runs once, and so does the graph of its gradient come about, through which there is one sweep for each
    row. By forward mode each row would run, and record, both anew.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, twice.
        has_aux: whether `f` gives (number, aux), with anything else that it has to say for aux.

    Returns:
        A function of the same arguments. It gives n rows of n numbers for an argument of n numbers; one
        number for an argument that is one; for an array one of its shape twice. With `has_aux` it gives (hessian, aux).

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: there is no argument of that index.

    Example:
        >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
        [[6.0, 4.0], [4.0, 0.0]]
        >>> hessian(lambda x, cubic: x[0] ** 3 if cubic else x[0] ** 2)([2.0], False)
        [[2.0]]
    """
    check_function("hessian", f, "hessian(f)(x), not hessian(f(x))")
    if check_argnums(argnums):
        raise ValueError(f"a hessian is with respect to one argument, but argnums was {argnums!r}")
    both = _value_and_gradient("hessian", f, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, derivative = both(*args, **kwargs)
        return (derivative, value[1]) if has_aux else derivative

    return jacobian(gradient, argnums, has_aux=has_aux)


def jvp(f: Function, primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """A function's value, and its derivative in one direction, by forward mode: the Jacobian times a vector.

    Args:
        f: gives a number, or a list, tuple, dict or array of numbers.
        primals: a list or tuple of the arguments of `f`; of a function of one argument it may be just that, if it is
            a number or an array.
        tangents: the direction: for each argument as many numbers as it has, or None for one that is not
            differentiated, which goes to `f` as it is.
        has_aux: whether `f` gives (numbers, aux), with anything else that it has to say for aux.

    Returns:
        (value, derivative), both of what `f` gives; with `has_aux` (value, derivative, aux).

    Raises:
        TypeError: an argument is no number.
        ValueError: primals and tangents do not correspond.

    Example:
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
        (6.0, 3.0)
        >>> jvp(lambda x: x**2, 3.0, 1.0)
        (9.0, 6.0)
    """
    check_function("jvp", f, "jvp(f, primals, tangents)")
    args, directions = directions_of("jvp", primals, tangents)
    output, primal, tangent, aux = push_forward(f, args, {}, directions, has_aux)
    both = filled(output, primal), filled(output, tangent)
    return (*both, aux) if has_aux else both


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """A function's value, and how to pull derivatives back through it, by reverse mode: a vector times the Jacobian.

    Args:
        f: gives a number, or a list, tuple, dict or array of numbers.
        *primals: the arguments of `f`. One that has no numbers, such as text or True, goes to `f` as it is.
        has_aux: whether `f` gives (numbers, aux), with anything else that it has to say for aux.

    Returns:
        (value, pull), where pull(cotangent) takes what `f` gives, as numbers that weight its outputs,
        and returns a tuple with a derivative for each argument, None for one without numbers. With `has_aux`
        (value, pull, aux).

    Raises:
        TypeError: an argument is no number.
        ValueError: a cotangent does not correspond to what `f` gives.

    Example:
        >>> value, pull = vjp(lambda x: [x[0] * x[1], x[0] + x[1]], [2.0, 3.0])
        >>> value, pull([1.0, 10.0])
        ([6.0, 5.0], ([13.0, 12.0],))
    """
    check_function("vjp", f, "vjp(f, x)")
    indices = [i for i, primal in enumerate(primals) if any(map(is_number, numbers_in(primal)))]
    if not indices:
        raise TypeError(
            "vjp needs arguments to differentiate with respect to, such as vjp(f, 2.0), but was given "
            f"{' and '.join(map(describe, primals)) or 'none'}"
        )
    variables, output, aux = run(f, primals, {}, indices, has_aux)
    value = filled(output, settled(numbers_in(output)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        weights = numbers_like(output, cotangent)
        for weight in weights:
            if not is_number(weight):
                raise TypeError(
                    f"a cotangent has a number for each that the function gives, but has {describe(weight)}"
                )
        with modes.recorded():
            combined = functions.dot(weights, numbers_in(output))
        _, (numbers,) = derivatives([combined], variables)
        found = dict(zip(indices, filled([primals[i] for i in indices], numbers), strict=True))
        return tuple([found.get(i) for i in range(len(primals))])

    return (value, pull, aux) if has_aux else (value, pull)


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    """The Hessian of a function times a vector, for a small multiple of the price of the function itself.

    Args:
        f: gives one number.
        primals: a list or tuple of the arguments of `f`; of a function of one argument it may be just that, if it is
            a number or an array.
        tangents: the vector: for each argument as many numbers as it has, or None for one that is not
            differentiated, which goes to `f` as it is.

    Returns:
        For a single argument what the argument is, else a tuple with as much for each argument, None for one that is
        not differentiated: the derivative of the gradient in the direction of the tangents, by forward mode over
        reverse mode.

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: primals and tangents do not correspond.

    Example:
        >>> hvp(lambda x: x[0] ** 2 * x[1], [[2.0, 3.0]], [[1.0, 0.0]])
        [6.0, 4.0]
    """
    check_function("hvp", f, "hvp(f, primals, tangents)")
    args, directions = directions_of("hvp", primals, tangents)
    gradient = _value_and_gradient("hvp", f, tuple(directions), False)
    output, _, tangent, _ = push_forward(lambda *args: gradient(*args)[1], args, {}, directions, False)
    found = dict(zip(directions, filled(output, tangent), strict=True))
    return found[0] if len(args) == 1 else tuple([found.get(i) for i in range(len(args))])
