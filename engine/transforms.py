"""Functions that turn a function into its derivatives, after JAX's names and conventions.

A function takes any number of arguments, each a number or a list of numbers, and gives a number or a
list of numbers. Whatever is made here can be given to the same transforms again, in either mode.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import count
from typing import Any

from engine import functions, modes, ops
from engine.forward import Dual, primal_of, tangent_of
from engine.number import is_exactly, times, to_float
from engine.trees import describe, filled, is_list, is_number, map_numbers, numbers_in
from engine.value import Constant, Value, lift, record, sweep, topological_order

__all__ = ["grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "sweep_towards", "value_and_grad", "vjp"]

Function = Callable[..., Any]

_levels = count(1)


def grad(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The gradient of a function, by reverse mode.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, or a tuple of several.

    Returns:
        A function of the same arguments. It gives for each argument asked for what the argument is, a
        number or a list of numbers: floats, or Values where the derivative depends on Values that are
        not among the arguments, so that it can be differentiated further.

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
    """
    both = value_and_grad(f, argnums)

    def gradient(*args: Any) -> Any:
        return both(*args)[1]

    return gradient


def value_and_grad(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The value of a function together with its gradient, for the price of one evaluation.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, or a tuple of several.

    Returns:
        A function of the same arguments that gives (value, gradient), the gradient as `grad` gives it.

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: there is no argument of that index.

    Example:
        >>> value_and_grad(lambda x: x**2)(3.0)
        (9.0, 6.0)
    """
    _check_function(f, "value_and_grad")

    def value_and_gradient(*args: Any) -> tuple[Any, Any]:
        variables, output = _run(f, args, argnums)
        if not is_number(output):
            raise TypeError(
                f"grad needs a function that gives one number, but it gave {describe(output)}: use jacobian for lists"
            )
        leaves = [leaf for variable in variables for leaf in numbers_in(variable)]
        gradient = filled(variables, _derivative(output, leaves))
        return _plain(output, leaves), tuple(gradient) if isinstance(argnums, tuple) else gradient[0]

    return value_and_gradient


def jacobian(f: Function, argnums: int = 0, mode: str = "reverse") -> Function:
    """All partial derivatives of a function, one row for each of its outputs.

    Args:
        f: gives a list of m numbers, or one number.
        argnums: which argument to differentiate with respect to.
        mode: "reverse", one pass for each output; or "forward", one pass for each input, which is
            the cheaper one where there are fewer inputs than outputs.

    Returns:
        A function of the same arguments. It gives m rows, each what the argument is, a number or a list
        of n numbers; one such row if `f` gives one number.

    Raises:
        TypeError: `f` gives no numbers, or an argument is no number.
        ValueError: there is no argument of that index, or no such mode.

    Example:
        >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
    """
    _check_function(f, "jacobian")
    if isinstance(argnums, tuple):
        raise ValueError(f"a jacobian is with respect to one argument, but argnums was {argnums!r}")
    if mode not in ("reverse", "forward"):
        raise ValueError(f'mode must be "reverse" or "forward", but was {mode!r}')
    return (_jacobian_reverse if mode == "reverse" else _jacobian_forward)(f, argnums)


def _jacobian_reverse(f: Function, argnums: int) -> Function:
    def rows(*args: Any) -> Any:
        (variable,), outputs = _run(f, args, argnums)
        leaves = numbers_in(variable)

        def row(output: Any) -> Any:
            return filled(variable, _derivative(output, leaves))

        return map_numbers(row, outputs)

    return rows


def _jacobian_forward(f: Function, argnums: int) -> Function:
    def rows(*args: Any) -> Any:
        (index,) = _indices(argnums, args)
        argument = args[index]
        n = len(numbers_in(argument))
        columns = []
        for direction in range(n):
            tangents = [map_numbers(lambda _: 0.0, arg) for arg in args]
            tangents[index] = filled(argument, [float(i == direction) for i in range(n)])
            columns.append(jvp(f, args, tangents)[1])

        def row(*entries: Any) -> Any:
            return filled(argument, entries)

        return map_numbers(row, *columns)

    return rows


def hessian(f: Function, argnums: int = 0) -> Function:
    """All second derivatives of a function, by forward mode over reverse mode.

    Args:
        f: gives one number.
        argnums: which argument to differentiate with respect to, twice.

    Returns:
        A function of the same arguments. It gives n rows of n numbers for an argument of n numbers; one
        number for an argument that is one.

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: there is no argument of that index.

    Example:
        >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
        [[6.0, 4.0], [4.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums, mode="forward")


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """A function's value, and its derivative in one direction, by forward mode: the Jacobian times a vector.

    Args:
        f: gives a number or a list of numbers.
        primals: the arguments of `f`.
        tangents: the direction: for each argument as many numbers as it has.

    Returns:
        (value, derivative), both of what `f` gives.

    Raises:
        TypeError: an argument is no number.
        ValueError: primals and tangents do not correspond.

    Example:
        >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
        (6.0, 3.0)
    """
    _check_function(f, "jvp")
    if not is_list(primals) or not is_list(tangents) or len(primals) != len(tangents):
        raise ValueError(
            "jvp needs a list of the arguments and a list of as many tangents, such as jvp(f, [x], [1.0]), "
            f"but was given {primals!r} and {tangents!r}"
        )
    level = next(_levels)
    with modes.recorded():
        output = f(
            *[map_numbers(lambda x, dx: Dual(x, dx, level), *pair) for pair in zip(primals, tangents, strict=True)]
        )
    _check_output(output)
    return map_numbers(lambda x: primal_of(x, level), output), map_numbers(lambda x: tangent_of(x, level), output)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """A function's value, and how to pull derivatives back through it, by reverse mode: a vector times the Jacobian.

    Args:
        f: gives a number or a list of numbers.
        *primals: the arguments of `f`.

    Returns:
        (value, pull), where pull(cotangent) takes what `f` gives, as numbers that weight its outputs,
        and returns a tuple with a derivative for each argument.

    Raises:
        TypeError: an argument is no number.
        ValueError: a cotangent does not correspond to what `f` gives.

    Example:
        >>> value, pull = vjp(lambda x: [x[0] * x[1], x[0] + x[1]], [2.0, 3.0])
        >>> value, pull([1.0, 10.0])
        ([6.0, 5.0], ([13.0, 12.0],))
    """
    _check_function(f, "vjp")
    variables, outputs = _run(f, primals, tuple(range(len(primals))))
    leaves = [leaf for variable in variables for leaf in numbers_in(variable)]

    def pull(cotangent: Any) -> tuple[Any, ...]:
        map_numbers(lambda weight, output: None, cotangent, outputs)  # they must correspond
        with modes.recorded():
            combined = functions.dot(numbers_in(cotangent), numbers_in(outputs))
        return tuple(filled(variables, _derivative(combined, leaves)))

    return map_numbers(lambda output: _plain(output, leaves), outputs), pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of a function times a vector, for a small multiple of the price of the function itself.

    Args:
        f: gives one number.
        primals: the arguments of `f`.
        tangents: the vector: for each argument as many numbers as it has.

    Returns:
        For a single argument what the argument is, else a tuple with as much for each argument: the
        derivative of the gradient in the direction of the tangents, by forward mode over reverse mode.

    Raises:
        TypeError: `f` gives something other than one number, or an argument is no number.
        ValueError: primals and tangents do not correspond.

    Example:
        >>> hvp(lambda x: x[0] ** 2 * x[1], [[2.0, 3.0]], [[1.0, 0.0]])
        [6.0, 4.0]
    """
    _check_function(f, "hvp")
    argnums = 0 if is_list(primals) and len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]


def gradients(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """The derivatives of a node with respect to others as Values, whose own graph can be drawn or differentiated.

    Args:
        output: the node to differentiate.
        inputs: the nodes to differentiate with respect to; interior ones too.

    Returns:
        list of Value: one for each input; a Constant 0 for one that the output was not made from.

    Raises:
        TypeError: `output` or an input is not a Value.

    Example:
        >>> x = Value(3.0)
        >>> (slope,) = gradients(x**3, [x])
        >>> slope.data, gradients(slope, [x])[0].data
        (27.0, 18.0)
    """
    if not isinstance(output, Value):
        raise TypeError(f"gradients needs a Value to differentiate, but was given {output!r}")
    if not is_list(inputs) or not all(isinstance(x, Value) for x in inputs):
        raise TypeError(f"gradients needs a list of Values to differentiate with respect to, but was given {inputs!r}")
    _check_unchanged(output)
    with modes.recorded():
        adjoint = sweep_towards(inputs, output)
    return [lift(adjoint.get(x, 0.0)) for x in inputs]


def sweep_towards(
    targets: Collection[Value], output: Value, number_of: Callable[[Value], Any] = lambda node: node
) -> dict[Value, Any]:
    """The same sweep in any kind of number, through those nodes only that depend on the targets.

    With the nodes themselves for numbers it records the graph of the derivative: every product and
    sum of the chain rule is a Value that can be drawn, or differentiated again. Factors of 1 and terms
    of 0 that hold whatever the operands are leave no node behind.

    Args:
        targets: the nodes to differentiate with respect to.
        output: the node to differentiate.
        number_of: what stands for a node in the formulas.

    Returns:
        dict from node to d(output)/d(node), without the nodes that have no part in it.
    """
    dependent = set(targets)
    order = topological_order(output)
    for node in order:
        if any(arg in dependent for arg in node.args):
            dependent.add(node)
    adjoint: dict[Value, Any] = {output: 1.0}
    for node in reversed(order):
        if node.op is not None and node in dependent and node in adjoint:
            partials = node.op.partials(functions, number_of(node), *map(number_of, node.args))
            for arg, partial in zip(node.args, partials, strict=True):
                if arg in dependent and not is_exactly(0.0, partial):
                    term = times(adjoint[node], partial)
                    adjoint[arg] = adjoint[arg] + term if arg in adjoint else term
    return adjoint


# --- How a function is run, and how its result is differentiated ---


def _run(f: Function, args: Sequence[Any], argnums: int | tuple[int, ...]) -> tuple[list[Any], Any]:
    """The function's output, with fresh variables in the place of the arguments asked for."""
    indices = _indices(argnums, args)
    replaced = list(args)
    for i in indices:
        with modes.recorded():
            replaced[i] = map_numbers(_variable, args[i])
    with modes.recorded():
        output = f(*replaced)
    _check_output(output)
    return [replaced[i] for i in indices], output


def _variable(x: Any) -> Any:
    """A number of the same kind that nothing else depends on.

    A Value is renamed, so that what depends on it by another way does not count. A Dual becomes a Dual
    of a variable: a derivative is linear, so its tangent is differentiated like its primal.
    """
    if isinstance(x, Value):
        return functions.apply(ops.IDENTITY, x)
    return Dual(_variable(x.primal), x.tangent, x.level) if isinstance(x, Dual) else Value(x)


def _derivative(output: Any, variables: list[Any]) -> list[Any]:
    """The derivative of a number with respect to variables."""
    if isinstance(output, Dual):
        primals, tangents = _derivative(output.primal, variables), _derivative(output.tangent, variables)
        return [Dual(*pair, output.level) for pair in zip(primals, tangents, strict=True)]
    leaves = [_innermost(variable) for variable in variables]
    if not isinstance(output, Value):
        return [0.0] * len(leaves)
    if _depends_only_on(leaves, output):
        numbers = sweep(output)
        return [numbers.get(leaf, 0.0) for leaf in leaves]
    return gradients(output, leaves)


def _innermost(variable: Any) -> Value:
    while isinstance(variable, Dual):
        variable = variable.primal
    return variable


def _depends_only_on(variables: Sequence[Value], output: Value) -> bool:
    """Whether the output is made of nothing but these variables and constants, so that its derivative is a number."""
    known = set(variables)
    return all(
        node in known if node.op is None else not (node in known and node.args)
        for node in topological_order(output)
        if not isinstance(node, Constant)
    )


def _plain(output: Any, variables: list[Any]) -> Any:
    """A Value that depends on the variables alone as a float, anything else as it is."""
    if isinstance(output, Dual):
        return Dual(_plain(output.primal, variables), _plain(output.tangent, variables), output.level)
    if isinstance(output, Value):
        return output.data if _depends_only_on([_innermost(v) for v in variables], output) else output
    return to_float(output)


# --- What a caller may get wrong ---


def _check_function(f: Any, name: str) -> None:
    if not callable(f):
        raise TypeError(f"{name} needs a function, but was given {f!r}: write {name}(f)(x), not {name}(f(x))")


def _indices(argnums: int | tuple[int, ...], args: Sequence[Any]) -> list[int]:
    indices = list(argnums) if isinstance(argnums, tuple) else [argnums]
    for i in indices:
        if not isinstance(i, int) or isinstance(i, bool):
            raise ValueError(f"argnums must be the index of an argument or a tuple of them, but was {argnums!r}")
        if not -len(args) <= i < len(args):
            raise ValueError(f"argnums is {argnums!r}, but the function was given {len(args)} arguments")
    return [i % len(args) for i in indices]


def _check_output(output: Any) -> None:
    for x in numbers_in(output):
        if not is_number(x):
            raise TypeError(f"a function to differentiate must give a number or a list of numbers, but it gave {x!r}")


def _check_unchanged(output: Value) -> None:
    """The graph of a derivative is made of the nodes themselves, so they must still be what they were."""
    for node in topological_order(output):
        for arg, operand in zip(node.args, node.operands, strict=False):  # a symbol has no operands
            if arg.apply is not record:  # a symbol has no number
                continue
            if arg.data != operand and operand == operand:
                raise ValueError(
                    f"{arg!r} was {operand:g} when it was used, and has been changed since: compute the output anew"
                )
