"""The losses against scikit-learn, SciPy and their own definitions, at ordinary and extreme outputs."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import hinge_loss, log_loss
from sklearn.metrics import mean_squared_error as sklearn_mean_squared_error

from engine import Value, compile, hessian, jacobian, sigmoid, softmax
from nn import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    MLP,
    OPTIMIZERS,
    binary_cross_entropy,
    binary_cross_entropy_from_probabilities,
    cross_entropy,
    cross_entropy_from_probabilities,
    fit,
    hinge,
    mean_squared_error,
    two_moons,
)
from nn.aliases import ALIASES, name_here
from nn.losses import OneHot, loss_after

jax.config.update("jax_enable_x64", True)

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


def test_the_index_of_a_class_may_be_a_value():
    expected = [cross_entropy([0.5, -1.0, 2.0], label) for label in range(3)]
    assert [cross_entropy([0.5, -1.0, 2.0], Value(label)).data for label in range(3)] == pytest.approx(expected)
    program = compile(cross_entropy, inputs=(3, ()))
    np.testing.assert_allclose(program.value([[0.5, -1.0, 2.0]] * 3, [0, 1, 2]), expected, rtol=1e-15)
    assert LOSSES["cross_entropy"].correct([0.5, -1.0, 2.0], Value(2)).data == 1.0


def test_numbers_beyond_the_floats_are_infinite():
    assert mean_squared_error(1e308, -1e308) == mean_squared_error([1e200], [0.0]) == hinge(-(10**400), 1) == math.inf


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
        (lambda: cross_entropy([1.0, 2.0], [1.0]), "a number for each of 2 classes.* given 1"),
        (lambda: mean_squared_error([1.0, 2.0], [1.0]), "2 predictions, but 1 targets"),
        (lambda: mean_squared_error([], []), r"at least one prediction, but was given \[\]"),
        (lambda: hinge(0.5, True), "labels -1 or 1, but was given True"),
        (lambda: hinge(0.5, [1]), r"labels -1 or 1, but was given \[1\]"),
        (lambda: hinge(0.5, np.array([1, 2])), "labels -1 or 1"),
        (lambda: hinge(0.5, Value(0)), "labels -1 or 1, but was given Value"),
        (lambda: hinge([0.5], 1), r"one output, but it gave 1, in a list, of which to take the first: \[0.5\]"),
        (lambda: cross_entropy([1.0, 2.0], Value(2)), "labels 0 to 1, but was given Value"),
        (lambda: cross_entropy([1.0, 2.0], True), "labels 0 to 1, but was given True"),
        (lambda: cross_entropy([1.0, 2.0], -1), "labels 0 to 1, but was given -1"),
        (lambda: cross_entropy([1.0, 2.0, 3.0], [-1, 1, 1]), r"0 or more, .* but was given \[-1, 1, 1\]"),
        (lambda: cross_entropy([1.0, 2.0], [math.nan, 1]), r"0 or more, .* but was given \[nan, 1\]"),
        (lambda: cross_entropy("ab", 0), "a list of outputs, one for each class, but was given 'ab'"),
        (lambda: cross_entropy({1.0, 2.0}, 0), "a list of outputs"),
    ],
)
def test_labels_that_a_loss_is_not_defined_for(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hinge(None, 1), "hinge is of numbers, .* but was given None"),
        (lambda: binary_cross_entropy("0.5", 1), "binary_cross_entropy is of numbers, .* but was given '0.5'"),
        (lambda: mean_squared_error("ab", "cd"), "mean_squared_error is of numbers, .* but was given 'ab'"),
        (lambda: mean_squared_error([1.0], [None]), "was given None"),
        (lambda: cross_entropy([1.0, 2.0], ["a", 1.0]), "cross_entropy is of numbers, .* but was given 'a'"),
        (lambda: cross_entropy([1.0, "b"], 0), "one real number, but was given 'b'"),
    ],
)
def test_what_is_no_number_is_refused(call, says):
    with pytest.raises(TypeError, match=says):
        call()


def test_every_loss_reads_outputs_as_the_labels_it_is_given():
    assert LOSSES["hinge"].decide(Value(0.3)) == 1
    assert LOSSES["hinge"].decide(Value(-0.3)) == -1
    assert LOSSES["binary_cross_entropy"].decide(Value(-0.3)) == 0
    assert LOSSES["cross_entropy"].decide(MLP(2, [3], init="zeros")([1, 2])) == 0
    assert LOSSES["cross_entropy"].decide([Value(1), Value(5), Value(2)]) == 1
    assert LOSSES["mean_squared_error"].decide is None


# --- At logits of any size ---

INF = math.inf
LOGITS = [[0.5, -1.0, 2.0], [1e16, 1e16, 5.0], [1e300, -1e300, 1e300], [50.0, 1.0, 2.0], [-1e16, -1e16 - 2.0, -1e17]]
MASKED = [[-INF, 0.0, 1.0], [1e16, -INF, 1e16], [30.0, -INF, 0.0]]
SOFT = [[0.25, 0.0, 0.75], [0.0, 1.0, 0.0], [0.2, 0.3, 0.1], [2.0, 0.0, 3.0], [1e-3, 0.0, 1e-9]]


def exact_cross_entropy(logits, weights):
    """-sum of weights times log-softmax in mpmath, and its derivatives by the logits."""
    with mp.workdps(700):
        exps = [mp.exp(mp.mpf(x) - mp.mpf(max(logits))) if x > -INF else mp.mpf(0) for x in logits]
        logs = [mp.log(e / sum(exps)) if e else -mp.inf for e in exps]
        value = -sum(w * x for w, x in zip(weights, logs, strict=True) if w)
        return float(value), [float(sum(weights) * e / sum(exps) - w) for e, w in zip(exps, weights, strict=True)]


def theirs(logits, weights):
    return -jnp.sum(jnp.where(weights, weights * jax.nn.log_softmax(logits), 0.0))


def labels_of(logits):
    """Each class that has a probability as an index and as a list, and lists that need not add up to 1."""
    for k, x in enumerate(logits):
        one_hot = [float(i == k) for i in range(len(logits))]
        if x > -INF:
            yield k, one_hot
            yield one_hot, one_hot
            yield OneHot(one_hot), one_hot
    for weights in SOFT:
        if all(x > -INF or w == 0 for w, x in zip(weights, logits, strict=True)):
            yield weights, weights


@pytest.mark.parametrize("logits", LOGITS + MASKED, ids=str)
def test_cross_entropy_is_right_at_logits_of_any_size(logits):
    for label, weights in labels_of(logits):
        value, gradient = exact_cross_entropy(logits, weights)
        f = partial(cross_entropy, label=label)
        assert f(logits) == pytest.approx(value, rel=1e-12)
        leaves = [Value(x) for x in logits]
        f(leaves).backward()
        scale = sum(weights)
        np.testing.assert_allclose([x.grad for x in leaves], gradient, rtol=1e-12, atol=1e-15 * scale)
        np.testing.assert_allclose(jacobian(f, mode="forward")(logits), gradient, rtol=1e-12, atol=1e-15 * scale)
        p = (np.array(gradient) + weights) / scale
        curvature = scale * (np.diag(p) - np.outer(p, p))
        np.testing.assert_allclose(hessian(f)(logits), curvature, atol=1e-15 * scale)
        jax_value, jax_gradient = jax.value_and_grad(theirs)(jnp.array(logits), jnp.array(weights))
        np.testing.assert_allclose(f(logits), jax_value, rtol=1e-12, atol=1e-14 * scale)
        np.testing.assert_allclose([x.grad for x in leaves], jax_gradient, rtol=1e-12, atol=1e-14 * scale)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_cross_entropy_compiles_as_it_is(backend):
    weights = compile(cross_entropy, inputs=(3, 3), backend=backend)
    classes = compile(lambda x, y: cross_entropy(x, OneHot(y)), inputs=(3, 3), backend=backend)
    cases = [(x, *pair) for x in LOGITS + MASKED for pair in labels_of(x)]
    for program, kinds in ((weights, list), (classes, OneHot)):
        X, Y = zip(*[(x, w) for x, label, w in cases if isinstance(label, kinds)], strict=True)
        expected = [exact_cross_entropy(x, w) for x, w in zip(X, Y, strict=True)]
        value, (gradient, _) = program.value_and_grad(X, Y)
        np.testing.assert_allclose(value, [v for v, _ in expected], rtol=1e-12)
        np.testing.assert_allclose(gradient, [g for _, g in expected], rtol=1e-12, atol=5e-15)
        hvp, _ = program.hvp(X, Y, vector=(np.ones_like(X), np.zeros_like(Y)))
        np.testing.assert_allclose(hvp, np.zeros_like(X), atol=5e-15)  # as all logits may be shifted


def exact_binary_cross_entropy(x, label):
    with mp.workdps(50):
        return float(mp.log1p(mp.exp(mp.mpf(-x if label else x)))) if abs(x) < 1e6 else max(0.0, -x if label else x)


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("x", [0.0, 0.3, 2.0, 30.0, 40.0, 700.0, 1e16, 1e300, INF])
def test_binary_cross_entropy_keeps_its_digits(x, label):
    for logit in (x, -x):
        assert binary_cross_entropy(logit, label) == pytest.approx(exact_binary_cross_entropy(logit, label), rel=1e-14)
        leaf = Value(logit)
        binary_cross_entropy(leaf, label).backward()
        assert leaf.grad == pytest.approx(1 / (1 + math.exp(min(-logit, 700.0))) - label, abs=1e-15)


def test_what_cancelled():
    assert binary_cross_entropy(30, 1) == pytest.approx(9.357622968839737e-14, rel=1e-14)
    assert binary_cross_entropy(40, 1) == pytest.approx(4.248354255291589e-18, rel=1e-14)
    assert cross_entropy([40.0, 0.0], 0) == pytest.approx(4.248354255291589e-18, rel=1e-14)


@pytest.mark.parametrize("label", [0, [0.0, 2.0, 0.0], [0.5, 0.5, 3.0], [0.0, 0.0, 1.0], [1.0] * 3, [0.2, 0.3, 0.1]])
@pytest.mark.parametrize("logits", [[1.0, 2.0, 3.0], [2.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-INF, 1e300, 1e300]])
def test_nobody_is_more_right_than_right(logits, label):
    assert 0.0 <= LOSSES["cross_entropy"].correct(logits, label) <= 1.0


# --- From probabilities, of other libraries, and of one's own ---


@pytest.mark.parametrize("logit", [-1000.0, -40.0, -0.3, 0.0, 2.0, 40.0, 1000.0])
@pytest.mark.parametrize("label", [0, 1])
def test_a_loss_of_probabilities_is_that_of_the_logits_they_were_made_of(logit, label):
    a, b = Value(logit), Value(logit)
    binary_cross_entropy(a, label).backward()
    loss = binary_cross_entropy_from_probabilities(sigmoid(b), label)
    loss.backward()
    assert (loss.data, b.grad) == (binary_cross_entropy(logit, label), a.grad)
    for target in (label, [0.25, 0.0, 0.75], Value(label)):
        mine, theirs = [Value(logit), Value(0.5), Value(-logit)], [Value(logit), Value(0.5), Value(-logit)]
        loss = cross_entropy_from_probabilities(softmax(mine), target)
        loss.backward()
        expected = cross_entropy(theirs, target)
        expected.backward()
        assert loss.data == pytest.approx(expected.data, rel=1e-14, abs=1e-300)
        assert [x.grad for x in mine] == pytest.approx([x.grad for x in theirs], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("as_number", [float, Value])
def test_a_loss_of_probabilities_that_are_given_is_scikit_learns(as_number):
    probabilities, labels = [0.1, 0.5, 0.9, 1e-9, 1 - 1e-9], [0, 1, 1, 1, 0]
    pairs = [(as_number(p), y) for p, y in zip(probabilities, labels, strict=True)]
    mine = [binary_cross_entropy_from_probabilities(p, y) for p, y in pairs]
    assert float(np.mean([float(x) for x in mine])) == pytest.approx(log_loss(labels, probabilities), rel=1e-7)
    of_rows = [cross_entropy_from_probabilities([p, 1 - p], 1 - y) for p, y in pairs]
    assert [float(x) for x in of_rows] == pytest.approx([float(x) for x in mine], rel=1e-7)
    for p, y in ((0.0, 1), (1.0, 0), (0.0, 0), (1.0, 1)):
        x = Value(p)
        loss = binary_cross_entropy_from_probabilities(x, y)
        loss.backward()
        assert math.isfinite(loss.data)
        assert math.isfinite(x.grad)
        assert (loss.data > 36) == (p != y)


def test_losses_of_probabilities_compile():
    for loss, of_logits, squash, shape in (
        (binary_cross_entropy_from_probabilities, binary_cross_entropy, sigmoid, ()),
        (cross_entropy_from_probabilities, cross_entropy, softmax, 3),
    ):
        X = np.array([[800.0, -800.0, 0.5], [0.1, 0.2, 0.3]]) if shape else np.array([800.0, -800.0, 0.3])
        y = [0, 1, 1][: len(X)]
        program = compile(lambda x, y, loss=loss, squash=squash: loss(squash(x), y), inputs=(shape, ()))
        expected = [of_logits(x.tolist(), label) for x, label in zip(X, y, strict=True)]
        np.testing.assert_allclose(program.value(X, y), expected, rtol=1e-14)
        plain = compile(loss, inputs=(shape, ()))
        P = np.array([[0.25, 0.5, 0.25], [1.0, 0.0, 0.0]]) if shape else np.array([0.25, 1.0, 0.0])
        expected = [loss(p.tolist(), label) for p, label in zip(P, y, strict=True)]
        np.testing.assert_allclose(plain.value(P, y), expected, rtol=1e-14)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "softmax", None])
@pytest.mark.parametrize("loss", LOSSES)
def test_outputs_are_never_read_as_what_they_are_not(loss, activation):
    takes, suited = LOSSES[loss].takes, {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}.get(activation)
    if takes == "numbers" or activation is None or (suited is None and takes != "probabilities"):
        assert loss_after(LOSSES[loss], activation) is LOSSES[loss]
    elif suited == loss.removesuffix("_from_probabilities"):
        assert loss_after(LOSSES[loss], activation) is LOSSES[f"{suited}_from_probabilities"]
    else:
        with pytest.raises(ValueError, match=f"{loss} takes {takes}, but the outputs of the model are those of"):
            loss_after(LOSSES[loss], activation)


def test_a_net_without_hidden_layers_is_logistic_regression():
    X, y = two_moons(200, noise=0.5, seed=3)
    y = [(label + 1) // 2 for label in y]
    model = MLP(2, [1], output_activation="sigmoid", init="zeros")
    fit(model, X, y, epochs=1000, learning_rate=2.0, backend="numpy", progress=False)
    theirs = LogisticRegression(C=math.inf, tol=1e-10).fit(X, y)
    assert model.layers[0].weights[0] == pytest.approx(theirs.coef_[0].tolist(), abs=1e-4)
    assert model.layers[0].biases == pytest.approx(theirs.intercept_.tolist(), abs=1e-4)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_a_sigmoid_or_softmax_output_is_trained_as_logits_are(backend):
    X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, 0.2]], [0, 1, 1, 0]
    for width, activation, labels in ((1, "sigmoid", y), (3, "softmax", [0, 1, 2, 1])):
        losses = []
        for output_activation in (activation, "linear"):
            model = MLP(2, [4, width], "tanh", output_activation, seed=1)
            losses.append(fit(model, X, labels, epochs=20, learning_rate=0.5, progress=False, backend=backend)["loss"])
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    texts = ["b" if label else "a" for label in y]
    assert fit(MLP(2, [1], output_activation="sigmoid"), X, texts, progress=False, epochs=1)["accuracy"]


def distance(output, target):
    return (output - target) * (output - target)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_any_function_of_an_output_and_a_target_is_a_loss(backend):
    X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
    models = [MLP(1, [1], seed=1) for _ in range(3)]
    settings = {"epochs": 30, "learning_rate": 0.1, "backend": backend, "progress": False}
    losses = [fit(model, X, y, loss=loss, **settings)["loss"] for model, loss in
              zip(models, (distance, mean_squared_error, "mean_squared_error"), strict=True)]  # fmt: skip
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert losses[1] == losses[2]


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ("mse", "unknown loss 'mse': write 'mean_squared_error', or choose one of hinge"),
        ("BCEWithLogitsLoss", "write 'binary_cross_entropy'"),
        ("categorical_crossentropy", "write 'cross_entropy'"),
        ("SparseCategoricalCrossentropy", "write 'cross_entropy'"),
        ("log_loss", "write 'cross_entropy'"),
        ("nothing", "unknown loss 'nothing': choose one of hinge, .* function \\(output, target\\) -> Value"),
        (log_loss, "unknown loss <function log_loss .*: write 'cross_entropy'"),
        (lambda output: output, "does not take two arguments"),
        (lambda output, target: None, "a loss gives one number .* <lambda> gave None for the output"),
        (lambda output, target: [output, output], "gave \\[Value"),
    ],
)
def test_losses_of_elsewhere_are_hinted_at_and_what_is_none_is_refused(loss, says):
    with pytest.raises((ValueError, TypeError), match=says):
        fit(MLP(1, [1], seed=1), [[1.0]], [1.0], loss=loss, progress=False, backend="eager")


def test_names_of_elsewhere_are_names_here():
    known = {"loss": LOSSES, "optimizer": OPTIMIZERS, "activation": ACTIVATIONS, "init": INITIALIZERS}
    assert known.keys() == ALIASES.keys()
    for kind, names in ALIASES.items():
        for name, here in names.items():
            assert name_here(kind, name, known[kind]) == here
            assert name not in known[kind]
    with pytest.raises(ValueError, match="unknown activation 'ReLU': write 'relu'"):
        MLP(1, [1], "ReLU")
    with pytest.raises(ValueError, match="unknown init 'glorot_uniform': write 'xavier_uniform'"):
        MLP(1, [1], init="glorot_uniform")
    with pytest.raises(ValueError, match="unknown optimizer 'Adam': write 'adam'"):
        fit(MLP(1, [1]), [[1.0]], [1.0], optimizer="Adam", progress=False)
