"""A function of one example, run for a batch: the mean over the batch is that, and so are its derivatives."""

import math

import pytest

from engine import Value, batch_mean, batched, exp, grad, hessian, jacobian, jvp, maximum, tanh, total
from engine.batch import Batch, map_examples

X = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]]


def centred(w, x):
    """Of one example: tanh of what is left of w * x when the batch's mean is taken off, and a plain part."""
    z = w[0] * x[0] + w[1] * x[1]
    return tanh(z - batch_mean(z)) * w[2] + maximum(x[0], w[1])


def by_hand(w, X):
    z = [w[0] * a + w[1] * b for a, b in X]
    mean = total(z) / len(z)
    return [tanh(one - mean) * w[2] + maximum(x[0], w[1]) for one, x in zip(z, X, strict=True)]


W = [0.7, -0.4, 1.3]


def test_each_example_gets_its_own():
    assert batched(lambda x: centred(W, x))(X) == pytest.approx([float(y) for y in by_hand(W, X)], rel=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_derivatives_go_through_the_mean(mode):
    found = jacobian(lambda w: batched(lambda x: centred(w, x))(X), mode=mode)(W)
    for row, expected in zip(found, jacobian(lambda w: by_hand(w, X))(W), strict=True):
        assert row == pytest.approx(expected, rel=1e-12)


def test_second_derivatives_go_through_the_mean():
    found = hessian(lambda w: total(batched(lambda x: centred(w, x))(X)))(W)
    for row, expected in zip(found, hessian(lambda w: total(by_hand(w, X)))(W), strict=True):
        assert row == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_a_batch_of_duals_and_values_in_any_order():
    def f(a):
        return total(batched(lambda x: a * x * batch_mean(x * a) - (a - x) ** 2 / a)([1.0, 2.0, 4.5]))

    def expected(a):
        xs = [1.0, 2.0, 4.5]
        return total(a * x * (sum(xs) / 3 * a) - (a - x) ** 2 / a for x in xs)

    assert jvp(f, [1.5], [1.0])[1] == pytest.approx(grad(expected)(1.5), rel=1e-12)
    assert grad(grad(f))(1.5) == pytest.approx(grad(grad(expected))(1.5), rel=1e-12)


def test_examples_one_by_one_unless_they_look_at_each_other():
    calls = []

    def alone(x):
        calls.append(x)
        return x[0] * 2 if x[1] > 0 else x[0]  # decided by the example: only one by one

    assert map_examples(alone, X) == [0.5, 4.0, -1.5]
    assert calls == X
    assert map_examples(lambda x: centred(W, x), X) == batched(lambda x: centred(W, x))(X)
    assert map_examples(lambda x: x - batch_mean(x), [7.0]) == [0.0]


def test_by_itself_a_number_is_its_own_mean():
    x = Value(3.0)
    y = batch_mean(x) * x
    y.backward()
    assert (y.data, x.grad, batch_mean(2), batch_mean(math.inf)) == (9.0, 6.0, 2.0, math.inf)


def test_lists_of_results_and_several_arguments():
    def f(x, y):
        return [x[0] + y, 5.0, batch_mean(y)]

    assert batched(f)(X, [1.0, 2.0, 3.0]) == [[1.5, 5.0, 2.0], [4.0, 5.0, 2.0], [2.25, 5.0, 2.0]]


def test_what_is_decided_by_one_example_is_refused():
    for decides in (lambda x: x if x > 0 else -x, float, bool, lambda x: x == 1.0, lambda x: exp(1.0) if x else x):
        with pytest.raises(TypeError, match="all examples of a batch"):
            batched(decides)([1.0, 2.0])


def test_batches_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="same number of examples"):
        batched(lambda x, y: x * y)([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="same number of examples"):
        batched(lambda x: x)([])
    with pytest.raises(ValueError, match=r"\[2, 3\] examples"):
        Batch([1.0, 2.0]) + Batch([1.0, 2.0, 3.0])
