"""The small matrix products beside NumPy's, for sizes that fill their tiles and sizes that do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler.backends.numba.products import outer, product

LENGTHS = st.integers(1, 40) | st.sampled_from([64, 257])
BATCHES = st.integers(1, 200) | st.sampled_from([8, 64, 104, 152])


class Operands:
    """W and b, which alternate in memory as they do among a net's parameters, inputs x and derivatives d.

    They lie in the arrays that products are given, among numbers that are nan, which none may use or overwrite.
    """

    def __init__(self, rows, width, batch):
        random = np.random.default_rng(0)
        self.sizes = rows, width, batch
        self.s = np.full(rows * (width + 1) + 2, np.nan)
        self.v = np.full((2 * (rows + width) + 5, batch), np.nan)
        theta = self.s[1:-1].reshape(rows, width + 1)
        theta[:] = random.normal(size=theta.shape)
        self.W, self.b = theta[:, :-1], theta[:, -1]
        self.x_at, self.d_at, self.z_at, self.dx_at = 1, width + 2, width + rows + 3, width + 2 * rows + 4
        self.x, self.d = self.v[1 : 1 + width], self.v[self.d_at : self.d_at + rows]
        self.x[:], self.d[:] = random.normal(size=self.x.shape), random.normal(size=self.d.shape)

    def forward(self, *, bias=True, add=False):
        """W @ x + b"""
        rows, width, _ = self.sizes
        product(
            self.v, self.s, out=self.z_at, rows=rows, W=1, down=width + 1, across=1, columns=width, x=self.x_at,
            add=add, b=1 + width if bias else -1, step=width + 1,
        )  # fmt: skip
        return self.v[self.z_at : self.z_at + rows]

    def backward(self, *, add=False):
        """W.T @ d"""
        rows, width, _ = self.sizes
        product(
            self.v, self.s, out=self.dx_at, rows=width, W=1, down=1, across=width + 1, columns=rows, x=self.d_at,
            add=add, b=-1, step=0,
        )  # fmt: skip
        return self.v[self.dx_at : self.dx_at + width]

    def outer(self):
        """W += d @ x.T"""
        rows, width, batch = self.sizes
        outer(self.v, self.s, out=1, down=width + 1, rows=rows, columns=width, d=self.d_at, x=self.x_at, n=batch)
        return self.W

    def check(self, actual, expected):
        np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=1e-13)
        between = [0, self.d_at - 1, self.z_at - 1, self.dx_at - 1, -1]
        assert np.all(np.isnan(self.v[between]))
        assert np.all(np.isnan(self.s[[0, -1]]))


@given(LENGTHS, LENGTHS, BATCHES)
def test_forward(rows, width, batch):
    operands = Operands(rows, width, batch)
    z = operands.W @ operands.x
    operands.check(operands.forward(), z + operands.b[:, None])
    operands.check(operands.forward(add=True), 2 * (z + operands.b[:, None]))
    operands.check(operands.forward(bias=False), z)


@given(LENGTHS, LENGTHS, BATCHES)
def test_what_is_passed_back(rows, width, batch):
    operands = Operands(rows, width, batch)
    operands.check(operands.backward(), operands.W.T @ operands.d)
    operands.check(operands.backward(add=True), 2.0 * (operands.W.T @ operands.d))


@given(LENGTHS, LENGTHS, BATCHES)
def test_gradients_are_added(rows, width, batch):
    operands = Operands(rows, width, batch)
    weights, biases = operands.W + operands.d @ operands.x.T, operands.b.copy()
    operands.check(operands.outer(), weights)
    np.testing.assert_array_equal(operands.b, biases)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("rows", "width", "batch"), [(1, 1, 1), (5, 6, 13), (4, 8, 32), (6, 3, 101)])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_nan_and_inf_go_where_they_go_in_numpy(rows, width, batch, bad):
    """0 * inf is nan; the examples, rows and columns beside it do not change."""
    operands = Operands(rows, width, batch)
    operands.W[0, -1] = operands.d[0, -1] = 0.0
    operands.x[-1, -1] = bad
    operands.check(operands.forward(), operands.W @ operands.x + operands.b[:, None])
    weights = operands.W + operands.d @ operands.x.T
    operands.check(operands.outer(), weights)

    operands = Operands(rows, width, batch)
    operands.d[-1, -1] = bad
    operands.W[-1, 0] = 0.0
    operands.check(operands.backward(), operands.W.T @ operands.d)
