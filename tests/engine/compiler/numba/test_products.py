"""The small matrix products beside NumPy's, for sizes that fill their tiles and sizes that do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler.backends.numba.products import affine, outer, transposed

LENGTHS = st.integers(1, 40) | st.sampled_from([64, 257])
BATCHES = st.integers(1, 200) | st.sampled_from([8, 64, 104, 152])


def framed(array):
    """The same numbers between two rows of nan, which no product may use or overwrite."""
    return np.pad(array, ((1, 1), (0, 0)), constant_values=np.nan)[1:-1]


def arrays(rows, width, batch):
    """W and b, which alternate in memory as they do among a net's parameters, inputs x, and derivatives d."""
    random = np.random.default_rng(0)
    theta = framed(random.normal(size=(rows, width + 1)))
    x, d = random.normal(size=(width, batch)), random.normal(size=(rows, batch))
    return theta[:, :-1], theta[:, -1], framed(x), framed(d)


def check(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=1e-13)
    if actual.ndim == 2:
        assert np.all(np.isnan(actual.base[[0, -1]]))


@given(LENGTHS, LENGTHS, BATCHES)
def test_forward(rows, width, batch):
    W, b, x, _ = arrays(rows, width, batch)
    out = framed(np.full((rows, batch), np.nan))
    affine(out, W, x, b)
    check(out, W @ x + b[:, None])
    affine(out, W, x, None)
    check(out, W @ x)


@given(LENGTHS, LENGTHS, BATCHES)
def test_what_is_passed_back(rows, width, batch):
    W, _, _, d = arrays(rows, width, batch)
    out = framed(np.full((width, batch), np.nan))
    transposed(out, W, d, False)
    check(out, W.T @ d)
    transposed(out, W, d, True)
    check(out, 2.0 * (W.T @ d))


@given(LENGTHS, LENGTHS, BATCHES)
def test_gradients_are_added(rows, width, batch):
    W, b, x, d = arrays(rows, width, batch)
    weights = W + d @ x.T
    kept = b.copy()
    outer(W, d, x, batch)
    check(W, weights)
    np.testing.assert_array_equal(b, kept)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("rows", "width", "batch"), [(1, 1, 1), (5, 6, 13), (4, 8, 32), (6, 3, 101)])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_nan_and_inf_go_where_they_go_in_numpy(rows, width, batch, bad):
    """0 * inf is nan; the examples, rows and columns beside it do not change."""
    W, b, x, d = arrays(rows, width, batch)
    W[0, -1] = d[0, -1] = 0.0
    x[-1, -1] = bad
    test = framed(np.zeros((rows, batch)))
    affine(test, W, x, b)
    check(test, W @ x + b[:, None])
    test = framed(np.zeros((rows, width)))
    outer(test, d, x, batch)
    check(test, d @ x.T)

    d[-1, -1] = bad
    W[-1, 0] = 0.0
    test = framed(np.zeros((width, batch)))
    transposed(test, W, d, False)
    check(test, W.T @ d)


def test_weights_and_biases_may_have_any_strides():
    random = np.random.default_rng(0)
    W, b, x = random.normal(size=(14, 30))[::2, ::3], random.normal(size=21)[::3], random.normal(size=(10, 9))
    out = framed(np.empty((7, 9)))
    for weights in (W, np.asfortranarray(W), np.ascontiguousarray(W)):
        affine(out, weights, x, b)
        check(out, W @ x + b[:, None])
