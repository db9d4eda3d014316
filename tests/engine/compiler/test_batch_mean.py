"""Compiled functions whose examples see each other: the mean over the batch, on every backend, to second order."""

import numpy as np
import pytest
from nest_interpreter import interpret
from thorough import BACKENDS
from ways_of_lifting import WAYS, lift_by

from engine import Value, batch_mean, batched, compile, dot, gradients, tanh, total
from engine.compiler.nests.procedures import gradient_product, value_and_grad
from nn import MLP, Module, cross_entropy, fit

W = [0.7, -0.4, 1.3, 0.2, -0.6, 0.9]


@pytest.fixture(params=WAYS)
def _way_of_lifting(request, monkeypatch):
    lift_by(monkeypatch, request.param)


def centred(w):
    """A function of one example that uses two means over the batch, one of what depends on the other."""

    def output(x):
        z = [dot(w[0:2], x), dot(w[2:4], x)]
        a = [tanh(number - batch_mean(number)) for number in z]
        return dot(w[4:6], a) ** 2 + a[0] * batch_mean(a[1] * a[1])

    return output


def eager(X, u):
    """The mean output, its gradient, and its Hessian times u, of the whole batch at once."""
    w = [Value(number) for number in W]
    loss = total(batched(centred(w))(X.tolist())) / len(X)
    slopes = gradients(loss, w)
    return loss.data, [x.data for x in slopes], [x.data for x in gradients(dot(slopes, u.tolist()), w)]


def batch(n):
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, 2)), rng.normal(size=len(W))


def compiled(backend="numpy"):
    w = [Value(number) for number in W]
    return compile(centred(w), inputs=2, parameters=w, backend=backend)


@pytest.mark.usefixtures("_way_of_lifting")
def test_nests_mean_what_eager_code_computes():
    X, u = batch(5)
    program, weights = compiled().vectors, np.full((1, 5), 1 / 5)
    arguments = np.array(W)[:, None], X.T, weights, weights
    outputs, gradient = interpret(value_and_grad(program, [program.parameters]), *arguments)
    (product,) = interpret(gradient_product(program, [program.parameters]), *arguments, u[:, None])
    expected = eager(X, u)
    assert outputs.mean() == pytest.approx(expected[0], rel=1e-13)
    np.testing.assert_allclose(gradient[:, 0], expected[1], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(product[:, 0], expected[2], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
def test_first_and_second_derivatives_on_every_backend(backend):
    program = compiled(backend)
    for n in (1, 5, 700):  # 700: more than NumPy and Numba compute at a time, and no multiple of a register
        X, u = batch(n)
        value, gradient = program.value_and_grad(W, X)
        expected = eager(X, u)
        assert value == pytest.approx(expected[0], rel=1e-12, abs=1e-15)
        assert program.value(W, X) == pytest.approx(expected[0], rel=1e-12, abs=1e-15)
        np.testing.assert_allclose(gradient, expected[1], rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(program.hvp(W, X, vector=u), expected[2], rtol=1e-11, atol=1e-12)


def test_a_loss_that_is_itself_a_mean():
    w = Value(1.5)
    program = compile(lambda x: batch_mean((w * x - 1) ** 2), inputs=(), parameters=[w])
    value, gradient = program.value_and_grad([1.5], [1.0, 2.0, 4.0])
    residuals = [0.5, 2.0, 5.0]
    assert value == pytest.approx(sum(r * r for r in residuals) / 3)
    assert gradient[0] == pytest.approx(2 * (0.5 * 1 + 2.0 * 2 + 5.0 * 4) / 3)


def test_what_is_printed():
    text = str(compiled())
    assert "t1 = z1 - batch_mean(z1)" in text
    assert "d1 = dt1 - batch_mean(dt1)" in text
    assert r"\operatorname{mean}" in compiled().latex()


def test_copies_of_one_example_are_no_batch_of_it():
    alone = compile(lambda x: (x[0] - batch_mean(x[1])) ** 2, inputs=2)
    with pytest.raises(ValueError, match="examples see each other"):
        alone.hessian([1.0, 2.0])
    several = compile(lambda x: [x[0], batch_mean(x[1])], inputs=2)
    with pytest.raises(ValueError, match="examples see each other"):
        several.jacobian([1.0, 2.0])


class Centred(Module):
    """A network whose hidden layer is seen without the batch's mean."""

    def __init__(self):
        self.first, self.second = MLP(2, [5], seed=1), MLP(5, [3], seed=2)

    def __call__(self, x):
        return self.second([a - batch_mean(a) for a in map(tanh, self.first(x))])


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("backend", BACKENDS)
def test_training_takes_the_same_steps_on_every_backend(backend, batch_size, optimizer):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(21, 2)), rng.integers(0, 3, 21)  # the last batch of 8 has 5
    settings = {"loss": "cross_entropy", "epochs": 6, "batch_size": batch_size, "learning_rate": 0.1, "l2": 0.01}
    found = {}
    for way in ("eager", backend):
        model = Centred()
        history = fit(model, X, y, backend=way, optimizer=optimizer, seed=3, progress=False, **settings)
        found[way] = history["loss"] + history["accuracy"] + [p.data for p in model.parameters()]
    np.testing.assert_allclose(found[backend], found["eager"], rtol=1e-9, atol=1e-12)


def test_an_eager_step_is_that_of_the_loss_of_the_whole_batch():
    X, y = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [0, 2, 1]
    model, twin = Centred(), Centred()
    fit(model, X, y, loss="cross_entropy", epochs=1, learning_rate=0.1, progress=False)
    outputs = batched(twin)(X)
    (total([cross_entropy(*pair) for pair in zip(outputs, y, strict=True)]) / 3).backward()
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert mine.data == pytest.approx(theirs.data - 0.1 * theirs.grad, rel=1e-12)
    assert outputs[0] != twin(X[0])  # by itself, a row is its own mean
