"""NumPy's functions on arrays of Values, as on floats, with derivatives, or refused; and our functions on arrays."""

from functools import partial

import numpy as np
import pytest

from engine import (
    Value,
    compile,
    elementary,
    exp,
    grad,
    hessian,
    jacobian,
    jvp,
    maximum,
    norm,
    numerical_gradient,
    sigmoid,
    softmax,
    softplus,
    where,
)
from engine.value import TraceError

UFUNCS = {name: f for name, f in sorted(vars(np).items()) if isinstance(f, np.ufunc) and name == f.__name__}
A, B = [0.3, 0.7, 0.52], [0.9, 0.25, 1.4]


def columns_for(name):
    return [[x + 1 for x in A]] if name == "arccosh" else [A, B][: UFUNCS[name].nin]


def numbers(found):
    return [float(x) for x in np.ravel(np.asarray(found, dtype=object))]


def check(function, *columns):
    """Hold what a function gives on arrays of Values against what it gives on floats, and its derivatives too."""
    arrays = [np.array(column) for column in columns]
    leaves = [np.array([Value(x) for x in column]) for column in columns]
    expected, found = function(*arrays), function(*leaves)
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=1e-14)
    outputs = [y for y in np.ravel(np.asarray(found, dtype=object)) if isinstance(y, Value)]

    def total_of(xs):
        moved = np.split(np.array(xs), len(columns))
        return float(np.sum(np.asarray(function(*moved), dtype=float)))

    everything = [x for column in columns for x in column]
    slopes = numerical_gradient(total_of)(everything)
    for y in outputs:
        y.backward()
    np.testing.assert_allclose([leaf.grad for leaf in np.concatenate(leaves)], slopes, atol=1e-8)
    return outputs


@pytest.mark.parametrize("name", UFUNCS)
def test_a_ufunc_is_right_or_refused(name):
    ufunc = UFUNCS[name]
    columns = columns_for(name)
    try:
        expected = ufunc(*map(np.array, columns))
        found = ufunc(*[np.array(list(map(Value, column))) for column in columns])
    except (TypeError, AttributeError, ValueError):  # in NumPy's words: not all are of floats
        return
    if ufunc.nout > 1 or expected.dtype == bool:
        np.testing.assert_array_equal(np.array(found).astype(expected.dtype), expected)
    else:
        check(ufunc, *columns)


def test_the_ufuncs_that_are_functions_of_ours_are_supported():
    mine = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
            "arctanh": "atanh", "arctan2": "atan2"}  # fmt: skip
    for name in UFUNCS:
        if mine.get(name, name) in set(elementary.__all__) - {"logaddexp"}:  # which NumPy has for floats alone
            assert check(UFUNCS[name], *columns_for(name)) or name == "sign"


ON_ARRAYS = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "average": lambda x: np.average(x, weights=[1.0, 2.0, 3.0]),
    "var": np.var,
    "std": np.std,
    "std of a sample": lambda x: np.std(x, ddof=1),
    "max": np.max,
    "min": np.min,
    "ptp": np.ptp,
    "median": np.median,
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "diff": np.diff,
    "dot": lambda x: np.dot(x, [1.0, 2.0, 3.0]) + x @ x,
    "inner and outer": lambda x: np.inner(x, x) + np.outer(x, x).sum(),
    "einsum": lambda x: np.einsum("i,i", x, x),
    "trace": lambda x: np.trace(np.outer(x, x)),
    "norm": np.linalg.norm,
    "clip": lambda x: np.clip(x, 0.4, 0.6) * x,
    "round": lambda x: np.round(x, 1) * x,
    "rint": lambda x: np.rint(x) * x,
    "sign": lambda x: np.sign(x) * x,
    "where": lambda x: np.where(x > 0.4, x * x, 3.0),
    "maximum and minimum": lambda x: np.maximum(x, 0.4) * np.minimum(x, 0.6),
    "operators": lambda x: x % 0.4 + x // 0.2 * x - abs(-x),
    "divmod": lambda x: [a * b for y in x for a, b in (divmod(y, 0.4), divmod(7.1, y))],
    "trunc": lambda x: np.trunc(5 * x) * x - np.trunc(-5 * x) + np.fix(9 * x) * x,
    "sort": lambda x: np.sort(x) * [1.0, 2.0, 3.0],
    "convolve": lambda x: np.convolve(x, x),
    "polyval": lambda x: np.polyval(x, 2.0),
}


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_functions_of_arrays(name):
    check(ON_ARRAYS[name], A)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.int64, np.uint64, np.bool_])
def test_functions_of_whole_numbers_compute_in_float64(kind):
    x = np.array([0, 1, 100]).astype(kind)
    for function in (sigmoid, softplus, exp, elementary.relu, elementary.floor, elementary.tan):
        found = function(x)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, [function(float(number)) for number in x])
    assert sigmoid(np.array([200], np.uint8))[0] == 1.0
    np.testing.assert_array_equal(where(np.array([True, False]), np.array([1, 2]), 5), [1.0, 5.0])
    np.testing.assert_array_equal(softmax(np.array([[200], [200]], np.uint8)), [[0.5], [0.5]])


def test_functions_of_other_arrays():
    assert exp(np.array([1.0], np.float32)).dtype == np.float32
    for wrong in (np.array([1j]), np.array(["1"]), np.array([b"1"]), np.array(["2020-01-01"], "datetime64[D]")):
        with pytest.raises(TypeError, match="arrays of real numbers, but this one has the type"):
            exp(wrong)
    with pytest.raises(TypeError, match="one real number"):
        exp(np.array([1.0, None]))


def test_grad_through_numpy():
    assert grad(lambda x: np.arctan(np.array([x, 2 * x])).sum())(0.0) == 3.0


def test_an_array_without_axes_is_the_number_in_it():
    for f in (
        lambda x: elementary.hypot(3.0, np.array(x)),
        lambda x: np.vectorize(lambda y: elementary.sqrt(y * y + 9.0))(x),
        lambda x: maximum(norm([np.array(3.0), np.array(x)]), np.array(1.0)),
    ):
        assert grad(f)(4.0) == jvp(f, 4.0, 1.0)[1] == compile(f, inputs=()).value_and_grad(4.0)[1] == 0.8
    assert exp(np.array(0.0, dtype=object)) == 1.0
    with pytest.raises(TypeError, match=r"one real number.* None"):
        exp(np.array(None))


def test_a_method_that_a_number_has_not_is_no_affair_of_numpys():
    with pytest.raises(AttributeError, match="has no attribute 'fmod'"):
        grad(lambda x: [x].fmod(2.0))(1.0)
    with pytest.raises(AttributeError, match="has no attribute 'minimise'"):
        grad(lambda x: x.minimise())(1.0)


OF_FLOATS_ALONE = {
    "inv": lambda A: np.linalg.inv(A).sum(),
    "solve": lambda A: np.linalg.solve(A, np.ones(2)).sum(),
    "det": np.linalg.det,
    "eigvals": lambda A: np.linalg.eigvals(A).sum(),
    "svd": lambda A: np.linalg.svd(A)[1].sum(),
    "norm of a matrix": lambda A: np.linalg.norm(A, 2),
    "fft": lambda A: abs(np.fft.fft(A)).sum(),
    "sinc of a number": lambda A: np.sinc(A[0, 0]),
    "fmod of a number": lambda A: np.fmod(A[0, 0], 1.5),
    "isnan": lambda A: np.where(np.isnan(A), 0.0, A).sum(),
}


@pytest.mark.parametrize("what", OF_FLOATS_ALONE)
@pytest.mark.parametrize("derivative", [grad, partial(jacobian, mode="forward"), hessian])
def test_what_numpy_can_do_for_floats_alone_says_what_to_write(what, derivative):
    with pytest.raises(TraceError, match=r"(?s)engine\.operation.*test_numpy\.py"):
        derivative(OF_FLOATS_ALONE[what])(np.array([[2.0, 1.0], [1.0, 3.0]]))


def test_a_function_to_compile_cannot_either():
    def f(x):
        return np.fft.fft(x)[0]

    with pytest.raises(TraceError, match=r"(?s)engine\.operation.*return np\.fft\.fft"):
        compile(f, inputs=2)
