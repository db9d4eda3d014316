"""The losses against scikit-learn, SciPy and their own definitions, at ordinary and extreme outputs."""

import math

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import hinge_loss, log_loss
from sklearn.metrics import mean_squared_error as sklearn_mean_squared_error

from engine import Value
from nn import LOSSES, MLP, binary_cross_entropy, cross_entropy, hinge, mean_squared_error

SCORES = [-3.0, -0.4, 0.0, 0.6, 1.0, 5.0]


def test_hinge_is_scikit_learns():
    labels = [1, -1, 1, -1, 1, -1]
    mine = np.mean([hinge(score, label) for score, label in zip(SCORES, labels, strict=True)])
    assert mine == pytest.approx(hinge_loss(labels, SCORES))


def test_binary_cross_entropy_is_minus_the_log_likelihood():
    labels = [1, 0, 1, 0, 1, 0]
    mine = np.mean([binary_cross_entropy(score, label) for score, label in zip(SCORES, labels, strict=True)])
    assert mine == pytest.approx(log_loss(labels, 1 / (1 + np.exp(-np.array(SCORES)))))


def test_cross_entropy_is_minus_the_log_softmax():
    logits = [0.5, -1.0, 2.0]
    for label in range(3):
        one_hot = [float(label == k) for k in range(3)]
        assert cross_entropy(logits, label) == pytest.approx(-log_softmax(logits)[label])
        assert cross_entropy(logits, one_hot) == pytest.approx(-log_softmax(logits)[label])


def test_two_class_cross_entropy_is_binary_cross_entropy():
    assert cross_entropy([0.0, 1.7], 1) == pytest.approx(binary_cross_entropy(1.7, 1))


def test_mean_squared_error():
    assert mean_squared_error(3.0, 1.0) == 4.0
    assert mean_squared_error([3.0, 1.0], [1.0, 0.0]) == sklearn_mean_squared_error([1.0, 0.0], [3.0, 1.0])


@pytest.mark.parametrize("score", [1e5, 1e300, -1e5, -1e300])
def test_losses_and_their_gradients_stay_finite_at_extreme_outputs(score):
    for loss, label in ((binary_cross_entropy, 0), (binary_cross_entropy, 1), (hinge, 1), (hinge, -1)):
        x = Value(score)
        cost = loss(x, label)
        cost.backward()
        assert math.isfinite(cost.data)
        assert abs(x.grad) <= 1
    logits = [Value(score), Value(0.0), Value(-score)]
    cost = cross_entropy(logits, 2)
    cost.backward()
    assert math.isfinite(cost.data)
    assert sum(x.grad for x in logits) == pytest.approx(0)


def test_the_gradient_of_cross_entropy_is_probability_minus_one_hot():
    logits = [Value(0.5), Value(-1.0), Value(2.0)]
    cross_entropy(logits, 2).backward()
    expected = np.exp(log_softmax([0.5, -1.0, 2.0])) - [0, 0, 1]
    np.testing.assert_allclose([x.grad for x in logits], expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hinge(0.5, 0), "hinge needs labels -1 or 1, but was given 0"),
        (lambda: binary_cross_entropy(0.5, -1), "labels 0 or 1, but was given -1"),
        (lambda: cross_entropy([1.0, 2.0], 2), "labels 0 to 1, but was given 2"),
        (lambda: cross_entropy([1.0, 2.0], 0.5), "0.5"),
        (lambda: cross_entropy([1.0, 2.0], [1.0]), "1 weights and 2 inputs"),
        (lambda: mean_squared_error([1.0, 2.0], [1.0]), "2 predictions, but 1 targets"),
    ],
)
def test_labels_that_a_loss_is_not_defined_for(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_every_loss_reads_outputs_as_the_labels_it_is_given():
    assert LOSSES["hinge"].decide(Value(0.3)) == 1
    assert LOSSES["hinge"].decide(Value(-0.3)) == -1
    assert LOSSES["binary_cross_entropy"].decide(Value(-0.3)) == 0
    assert LOSSES["cross_entropy"].decide(MLP(2, [3], init="zeros")([1, 2])) == 0
    assert LOSSES["cross_entropy"].decide([Value(1), Value(5), Value(2)]) == 1
    assert LOSSES["mean_squared_error"].decide is None
