"""The functions of several numbers at numbers of any size, against mpmath and JAX, in every mode and on backends."""

import math

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from engine import compile, dot, grad, hessian, jacobian, log_softmax, logaddexp, logsumexp, softmax

jax.config.update("jax_enable_x64", True)

INF = math.inf
LOGITS = [
    [0.5, -1.0, 2.0],
    [0.0, 0.0],
    [40.0, 0.0, -3.0],
    [700.0, -700.0, 0.5],
    [3e8, 3e8 + 1.0, 3e8 - 2.5],
    [1e16, 1e16],
    [1e16, 1e16 - 2.0, 5.0],
    [-1e16, -1e16 - 2.0],
    [1e300, -1e300, 1e300],
    [-1e308, 1e308],
    [-INF, 0.0, 1.0],
    [1e16, -INF, 1e16],
]
DIRECTION = [1.0, -0.5, 2.0]


def exact_log_softmax(logits):
    """With 50 digits more than the logits have."""
    with mp.workdps(700):
        exps = [mp.exp(mp.mpf(x) - mp.mpf(max(logits))) if x > -INF else mp.mpf(0) for x in logits]
        return [float(mp.log(e / sum(exps))) if e else -INF for e in exps]


def weighted_probabilities(x):
    return dot(DIRECTION[: len(x)], softmax(x))


@jax.jit  # or JAX begins anew with each
@jax.hessian
def hessian_of_probabilities(x):
    return jnp.dot(jnp.array(DIRECTION[: len(x)]), jax.nn.softmax(x))


@pytest.mark.parametrize("logits", LOGITS, ids=str)
class TestSoftmaxOfAnySize:
    def test_values(self, logits):
        expected = exact_log_softmax(logits)
        np.testing.assert_allclose(log_softmax(logits), expected, rtol=1e-12)
        np.testing.assert_allclose(softmax(logits), np.exp(expected), rtol=1e-12)
        np.testing.assert_allclose(log_softmax(logits), jax.nn.log_softmax(jnp.array(logits)), rtol=1e-12, atol=1e-15)

    def test_first_derivatives(self, logits):
        p = np.exp(exact_log_softmax(logits))
        np.testing.assert_allclose(grad(logsumexp)(logits), p, rtol=1e-12, atol=1e-300)
        for mode in ("reverse", "forward"):
            np.testing.assert_allclose(jacobian(softmax, mode=mode)(logits), np.diag(p) - np.outer(p, p), atol=1e-15)
            slopes = jacobian(log_softmax, mode=mode)(logits)
            np.testing.assert_allclose(slopes, np.eye(len(p)) - p, atol=1e-15)

    def test_second_derivatives(self, logits):
        p = np.exp(exact_log_softmax(logits))
        for curvature in (hessian(logsumexp), jacobian(grad(logsumexp), mode="forward"), jacobian(grad(logsumexp))):
            np.testing.assert_allclose(curvature(logits), np.diag(p) - np.outer(p, p), atol=1e-15)
        expected = hessian_of_probabilities(jnp.array(logits))
        np.testing.assert_allclose(hessian(weighted_probabilities)(logits), expected, atol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("n", [2, 3])
def test_softmax_of_any_size_compiles(backend, n):
    X = np.array([logits for logits in LOGITS if len(logits) == n])
    p = np.exp([exact_log_softmax(logits) for logits in X.tolist()])
    normalizer = compile(logsumexp, inputs=n, backend=backend)
    value, gradient = normalizer.value_and_grad(X)
    np.testing.assert_allclose(value, [logsumexp(x) for x in X.tolist()], rtol=1e-12)
    np.testing.assert_allclose(gradient, p, rtol=1e-12, atol=1e-300)
    curvature = [np.diag(row) - np.outer(row, row) for row in p]
    np.testing.assert_allclose(normalizer.hessian(X), curvature, atol=1e-15)
    shares = compile(weighted_probabilities, inputs=n, backend=backend)
    expected = [hessian(weighted_probabilities)(x) for x in X.tolist()]
    np.testing.assert_allclose(shares.hessian(X), expected, atol=1e-14)


@pytest.mark.parametrize("logits", [[INF, 1.0], [INF, INF], [-INF, -INF], [-INF, 0.0], [INF, -INF], [math.nan, 0.0]])
def test_logsumexp_of_infinite_numbers_is_that_of_jax(logits):
    value, gradient = jax.value_and_grad(jax.nn.logsumexp)(jnp.array(logits))
    np.testing.assert_equal(logsumexp(logits), float(value))
    if math.isfinite(value):
        np.testing.assert_equal(grad(logsumexp)(logits), np.array(gradient).tolist())


def test_the_second_derivative_of_logaddexp_at_equal_numbers():
    np.testing.assert_allclose(hessian(lambda x: logaddexp(*x))([2.0, 2.0]), [[0.25, -0.25], [-0.25, 0.25]], rtol=1e-14)
