"""A number that leaves the graph unseen would be missing in the derivative: it is refused, with the user's line."""

import array
import copy
import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine import (
    Dual,
    TraceError,
    Value,
    check_gradients,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    numerical_gradient,
    sin,
    stop_gradient,
    value_and_grad,
    vjp,
)

TRANSFORMS = {
    "grad": lambda f: grad(f)(0.5),
    "value_and_grad": lambda f: value_and_grad(f)(0.5)[1],
    "jacobian": lambda f: jacobian(f)(0.5),
    "jacobian, forward": lambda f: jacobian(f, mode="forward")(0.5),
    "hessian": lambda f: hessian(f)(0.5),
    "jvp": lambda f: jvp(f, 0.5, 1.0)[1],
    "vjp": lambda f: vjp(f, 0.5)[1](1.0)[0],
    "hvp": lambda f: hvp(f, 0.5, 1.0),
    "grad of a Value": lambda f: grad(f)(Value(0.5)),
    "grad within jvp": lambda f: jvp(grad(f), 0.5, 1.0)[1],
    "jvp within grad": lambda f: grad(lambda x: jvp(f, x, 1.0)[1])(0.5),
    "beside another variable": lambda f: grad(lambda x: grad(lambda y: y * f(x))(2.0))(0.5),
    "differences within": lambda f: grad(lambda x: numerical_gradient(lambda y: y * f(x))(2.0))(0.5),
}


def put(x):
    a = np.zeros(2)
    a[0] = x
    return a[0]


def go_backward(x):
    y = x * x
    y.backward()
    return x.grad * x


ESCAPES = {
    "math": lambda x: math.sin(x),
    "math, of a result": lambda x: math.sin(2 * x + 1),
    "math, of two": lambda x: math.hypot(x, 1),
    "math, a sum": lambda x: math.fsum([x, x]),
    "float": lambda x: float(x) * x,
    "int": lambda x: int(x) * x,
    "floor": lambda x: math.fmod(x, 2) * x,
    "complex": lambda x: complex(x).real * x,
    "a place in an array": put,
    "an array of floats": lambda x: np.array([x, x], dtype=float).sum(),
    "astype": lambda x: np.array([x, x]).astype(float).sum(),
    "a float of NumPy": lambda x: np.float64(x) * x,
    "interpolation": lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]),
    "an array of Python": lambda x: array.array("d", [x])[0],
    "text by percent": lambda x: float("%.3f" % x),  # noqa: UP031
}


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_plain_number_is_refused_with_the_line(transform):
    for escape in ESCAPES.values():
        with pytest.raises(TraceError, match=r"the derivative would lack(.|\n)*test_escape\.py"):
            TRANSFORMS[transform](escape)


def test_what_to_write_instead_is_said():
    with pytest.raises(TraceError, match=r"engine's sin in the place of math\.sin.*x\.data(.|\n)*math\.sin\(x\)$"):
        grad(
            lambda x: (
                math.sin(x)
            )
        )(0.5)  # fmt: skip


def test_backward_within_a_transform_is_refused():
    with pytest.raises(TraceError, match="grad or gradients within"):
        grad(go_backward)(0.5)


LOOKS = {
    "on purpose": (lambda x: x * x.data, 0.5),
    "in text": (lambda x: x * 3 if f"{x:.2f}" == "0.50" else x, 3.0),
    "in a picture of it": (lambda x: x * 3 if repr(x) and str(x) else x, 3.0),
    "less": (lambda x: x * 3 if x < 1 else x, 3.0),
    "the largest": (lambda x: max(x, x * 3), 3.0),
    "equal": (lambda x: x * 3 if x == 0.5 and x != 0.25 else x, 3.0),
    "truth": (lambda x: x * 3 if x else x, 3.0),
    "in order": (lambda x: sorted([x * 3, x, -x])[-1], 3.0),
    "by NumPy": (lambda x: np.max([x * 3, x]), 3.0),
    "times a number of NumPy": (lambda x: np.float64(3) * x, 3.0),
    "in an array of objects": (lambda x: np.array([x, 2 * x]).sum(), 3.0),
    "as an exponent": (lambda x: 3 * x ** int(stop_gradient(2 * x)), 3.0),
    "a Value of the user's own": (lambda x: x * float(Value(3.0)), 3.0),
}


@pytest.mark.parametrize("how", LOOKS)
def test_looking_is_no_escape(how):
    f, slope = LOOKS[how]
    assert grad(f)(0.5) == slope
    assert jvp(f, 0.5, 1.0)[1] == slope
    assert jacobian(f, mode="forward")(0.5) == slope


def test_values_of_the_users_own_are_numbers_where_they_were():
    x = Value(0.5)
    y = sin(x)
    assert (float(y), math.sin(x), int(Value(2.7)), float(Dual(2.0, 1.0))) == (math.sin(0.5), math.sin(0.5), 2, 2.0)
    assert grad(lambda t: t * float(y))(1.0) == math.sin(0.5)
    y.backward()
    assert grad(lambda t: t * x.grad)(1.0) == math.cos(0.5)
    seen = []
    grad(lambda t: seen.append(t) or t * t)(3.0)
    jvp(lambda t: seen.append(t) or t * t, 3.0, 1.0)
    assert [float(t) for t in seen] == [3.0, 3.0]  # afterwards nobody differentiates by them
    with pytest.raises(TraceError):
        check_gradients(lambda x: float(x) * x, 3.0)


@pytest.mark.parametrize("transform", sorted(set(TRANSFORMS) - {"differences within"}))  # which refuse any variable
def test_a_copy_is_the_same_variable(transform):
    def f(x):
        return x * 3 + x * x

    for copied in (
        copy.copy,
        copy.deepcopy,
        lambda x: copy.deepcopy([x])[0],
        lambda x: copy.deepcopy(np.array([x]))[0],
    ):
        mine = TRANSFORMS[transform](lambda x, copied=copied: copied(x) * 3 + copied(x * x))
        assert float(mine) == float(TRANSFORMS[transform](f))
    for protocol in (2, pickle.HIGHEST_PROTOCOL):
        with pytest.raises(TraceError, match=r"test_escape\.py"):
            TRANSFORMS[transform](lambda x, protocol=protocol: pickle.loads(pickle.dumps(x, protocol)) * 3)


def test_format_of_a_dual():
    assert (
        f"{Dual(2.0, 1.0):.2f}|{Dual(Value(2.0), 1.0):5.1f}|{Dual(1.0)}" == "2.00|  2.0|Dual(primal=1.0, tangent=0.0)"
    )


def elsewhere(f):
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(f).result()


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_number_does_not_escape_by_way_of_another_thread(transform):
    with pytest.raises(TraceError, match="the derivative would lack"):
        TRANSFORMS[transform](lambda x: elsewhere(lambda: math.sin(x)))
    for there in (
        lambda x: x * x * x,
        lambda x: copy.copy(x) * x * x,
        lambda x: grad(lambda y: y * x**3)(2.0),
        lambda x: jvp(lambda y: y * x**3, 2.0, 1.0)[1],
    ):
        if transform != "differences within":  # which are of numbers, and refused
            found = TRANSFORMS[transform](lambda x, there=there: elsewhere(lambda: there(x)))
            assert found == TRANSFORMS[transform](lambda x: x**3)


def test_what_another_thread_differentiates_is_nothing_to_numbers_of_ones_own():
    x = Value(2.0)

    def look_from_elsewhere(y):
        assert elsewhere(lambda: (float(x), grad(lambda z: z * x)(3.0))) == (2.0, x)
        assert type(elsewhere(lambda: grad(lambda z: z[0] * z[1])([3.0, 4.0]))) is list
        return y * y

    assert grad(look_from_elsewhere)(3.0) == 6.0
    assert float(x) == 2.0
