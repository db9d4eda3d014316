"""fit takes the same steps on every backend."""

import gc
import weakref
from contextlib import contextmanager
from functools import cache

import jax
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from thorough import BACKENDS

from engine import TraceError, absolute, softplus
from engine.compiler import kept
from nn import LOSSES, MLP, OPTIMIZERS, SGD, Adam, Module, Neuron, Parameter, accuracy, fit, iris, two_moons


def of_my_own(output, target):
    return softplus(absolute(output - 2 * target))


def train(backend, loss, optimizer, widths=(6, 4, 1), **settings):
    if loss == "cross_entropy":
        (X, y), model = iris(), MLP(4, [6, 3], activation="tanh", seed=1)
        X, y = X[::3], y[::3]
    elif loss == "cross_entropy_from_probabilities":
        (X, y), model = iris(), MLP(4, [3], output_activation="softmax", seed=1)
        X, y = X[::5], y[::5]
    elif loss == "binary_cross_entropy_from_probabilities":
        (X, y), model = two_moons(30), MLP(2, [1], output_activation="sigmoid", seed=1)
        y = [(label + 1) // 2 for label in y]
    elif loss is of_my_own:
        (X, y), model = two_moons(30), MLP(2, [1], seed=1)
    elif loss == "mean_squared_error":
        X, model = two_moons(30)[0], MLP(2, [6, 2], activation="gelu", seed=1)
        y = [[a * b, a - b] for a, b in X]
    else:
        (X, y), model = two_moons(30), MLP(2, widths, seed=1)
        y = y if loss == "hinge" else [(label + 1) // 2 for label in y]
    if optimizer in WITH_MOMENTUM:
        optimizer = WITH_MOMENTUM[optimizer](model.parameters())
    history = fit(model, X, y, loss=loss, optimizer=optimizer, backend=backend, progress=False, **settings)
    return history, list(model.state_dict().values())


@cache
def train_eagerly(loss, optimizer, **settings):
    return train("eager", loss, optimizer, **settings)


CLIPS = [{"clip_norm": 0.05}, {"clip_value": 0.01}]
LOSSES_HERE = [*LOSSES, of_my_own]
WITH_MOMENTUM = {
    "momentum": lambda parameters: SGD(parameters, 0.05, momentum=0.8),
    "nesterov": lambda parameters: SGD(parameters, 0.05, momentum=0.8, nesterov=True),
}
# A rule knows nothing of the loss: each is tried with one, and each loss with one rule.
PAIRS = [(loss, "adam") for loss in LOSSES_HERE] + [
    ("hinge", name) for name in (*OPTIMIZERS, *WITH_MOMENTUM) if name != "adam"
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("loss", "optimizer"), PAIRS)
def test_fifty_steps_are_the_eager_ones(loss, optimizer, backend):
    settings = {"epochs": 10, "batch_size": 7, "l2": 1e-3}  # 5 batches or more each, the last short
    settings |= {} if optimizer in WITH_MOMENTUM else {"learning_rate": 0.05}
    settings |= {} if optimizer == "adam" else {"widths": (1,)}  # to compile in half the time
    history, weights = train_eagerly(loss, optimizer, **settings)
    mine, my_weights = train(backend, loss, optimizer, **settings)
    np.testing.assert_allclose(mine["loss"], history["loss"], rtol=1e-9)
    np.testing.assert_allclose(my_weights, weights, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mine.get("accuracy", []), history.get("accuracy", []), rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: "".join(clip))
def test_gradients_are_clipped_alike(clip, backend):
    settings = {"epochs": 10, "batch_size": 7, "learning_rate": 0.5, **clip}
    history, weights = train_eagerly("hinge", "sgd", **settings)
    mine, my_weights = train(backend, "hinge", "sgd", **settings)
    np.testing.assert_allclose(mine["loss"], history["loss"], rtol=1e-9)
    np.testing.assert_allclose(my_weights, weights, rtol=1e-9, atol=1e-12)
    unclipped, _ = train("numpy", "hinge", "sgd", **settings | dict.fromkeys(clip))
    assert unclipped["loss"] != mine["loss"]


@pytest.mark.parametrize("backend", ["eager", *BACKENDS])
def test_a_gradient_whose_square_is_beyond_the_floats_is_clipped(backend):
    X, y = two_moons(30)
    X = [[1e200 * x for x in row] for row in X]
    model = MLP(2, [6, 4, 1], seed=1)  # the program of the test before this one
    before = np.array(list(model.state_dict().values()))
    fit(model, X, y, epochs=1, learning_rate=0.5, clip_norm=0.05, backend=backend, progress=False)
    step = np.array(list(model.state_dict().values())) - before
    assert np.linalg.norm(step) == pytest.approx(0.5 * 0.05, rel=1e-12)


def test_digits_are_read_as_well_as_by_scikit_learn():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    X, y = load_digits(return_X_y=True)
    X, unseen, y, truth = train_test_split(X / 16, y, test_size=450, random_state=0, stratify=y)
    model = MLP(64, [32, 10], seed=0)
    fit(model, X, y, loss="cross_entropy", optimizer="adam", backend="numpy", epochs=30, batch_size=64,
        learning_rate=0.003, progress=False)  # fmt: skip
    theirs = MLPClassifier([32], batch_size=64, learning_rate_init=0.003, alpha=0.0, max_iter=30, random_state=0)
    with pytest.warns(ConvergenceWarning):  # it, too, goes through the data 30 times and no more
        theirs.fit(X, y)
    mine = accuracy(model, unseen, truth, loss="cross_entropy")
    assert mine > 0.95
    assert mine > theirs.score(unseen, truth) - 0.01


def test_one_hot_labels_and_schedules_on_a_backend():
    X, y = iris()
    one_hot = [[float(label == k) for k in range(3)] for label in y]
    a, b = MLP(4, [3], seed=1), MLP(4, [3], seed=1)
    settings = {
        "loss": "cross_entropy",
        "epochs": 5,
        "learning_rate": lambda epoch: 0.5 / (1 + epoch),
        "progress": False,
    }
    history = fit(a, X, y, **settings)
    assert fit(b, X, one_hot, backend="numpy", **settings)["accuracy"] == pytest.approx(history["accuracy"])


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_targets_of_one_output_may_be_lists_or_not(backend):
    models = [MLP(2, [1], seed=1) for _ in range(3)]
    for model, y in zip(models, ([1.0, 2.0], [1.0, [2.0]], [[1.0], 2.0]), strict=True):
        fit(model, [[1.0, 2.0], [3.0, 4.0]], y, loss="mean_squared_error", backend=backend, progress=False, epochs=3)
    assert models[0].state_dict() == models[1].state_dict() == models[2].state_dict()


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize(
    ("loss", "n_outputs", "y", "says"),
    [
        ("mean_squared_error", 1, [1.0, [2.0, 3.0]], "given 1 predictions, but 2 targets"),
        ("mean_squared_error", 2, [[1.0, 2.0], [2.0]], "given 2 predictions, but 1 targets"),
        ("mean_squared_error", 2, [[1.0, 2.0], 2.0], "given 2 predictions, but 1 targets"),
        ("cross_entropy", 3, [[0.0, 1.0, 0.0], [0.0, 1.0]], "each of 3 classes.* given 2"),
        ("cross_entropy", 3, [2, [0.0, 1.0]], "each of 3 classes.* given 2"),
    ],
)
def test_labels_that_do_not_fit_the_outputs_are_refused(loss, n_outputs, y, says, backend):
    with pytest.raises(ValueError, match=says):
        fit(MLP(2, [n_outputs]), [[1.0, 2.0], [3.0, 4.0]], y, loss=loss, backend=backend, progress=False)


class Branching(Module):
    def __init__(self):
        self.w = Parameter(1.0)

    def __call__(self, x):
        return self.w * x[0] if x[0] > 0 else self.w


@pytest.mark.parametrize(
    ("model", "y", "settings", "error", "says"),
    [
        (MLP(2, [1]), [1], {"backend": "fortran"}, ValueError, "unknown backend 'fortran'.*eager, numpy, numba, jax"),
        (MLP(2, [1]), [1], {"optimizer": "adams"}, ValueError, "unknown optimizer 'adams'.*sgd, rmsprop, adam"),
        (MLP(2, [1]), [1], {"batch_size": True}, ValueError, "batch_size must be .* but was True"),
        (MLP(2, [1]), [1], {"batch_size": True, "backend": "numpy"}, ValueError, "batch_size must be .* but was True"),
        (MLP(2, [1]), [0], {"backend": "numpy", "loss": "hinge"}, ValueError, "labels -1 or 1, but was given 0"),
        (MLP(2, [3]), [1], {"backend": "numpy", "loss": "hinge"}, ValueError, "one output, but it gave 3"),
        (MLP(2, [3]), [3], {"backend": "numpy", "loss": "cross_entropy"}, ValueError, "labels 0 to 2"),
        (Branching(), [1], {"backend": "numpy"}, TraceError, "if x"),
    ],
)
def test_what_a_backend_refuses_changes_nothing(model, y, settings, error, says):
    before = model.state_dict()
    with pytest.raises(error, match=says):
        fit(model, [[1.0, 2.0]], y, progress=False, **settings)
    assert model.state_dict() == before


def test_training_that_blows_up_keeps_what_was_learnt():
    model = MLP(1, [1], seed=1)
    before = model.state_dict()
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        fit(model, [[1e10]], [1e10], loss="mean_squared_error", learning_rate=1e10, backend="numpy", progress=False)
    assert model.state_dict() != before


def test_adam_refuses_betas_that_never_forget():
    with pytest.raises(ValueError, match="beta1 must be from 0 to below 1, but was 1"):
        Adam([Parameter(1.0)], beta1=1.0)


@contextmanager
def compilations():
    """What JAX traces and compiles meanwhile."""
    found = []

    def note(event, seconds, **more):
        found.extend(kind for kind in ("trace", "compile") if kind in event.rpartition("/")[2])

    jax.monitoring.register_event_duration_secs_listener(note)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_duration_listener(note)


def trained_by_jax(optimizer=None, **settings):
    """Whether JAX compiled something for it, and the weights."""
    model = Neuron(1, "linear", seed=1)
    optimizer = optimizer(model.parameters()) if optimizer else "adam"
    settings = {"loss": "hinge", "batch_size": 2, "epochs": 3} | settings
    with compilations() as found:
        fit(model, [[1.0], [2.0], [-1.0]], [1, 1, -1], optimizer=optimizer, backend="jax", progress=False, **settings)
    assert found in ([], ["trace", "compile"]) or {*found} == {"trace", "compile"}
    return bool(found), [p.data for p in model.parameters()], weakref.ref(model)


def test_a_second_fit_is_not_compiled_again_by_jax_and_another_one_is():
    kept.forget()
    compiled, weights, model = trained_by_jax()
    assert compiled
    gc.collect()
    assert model() is None  # what was compiled keeps no model alive
    again, same_weights, _ = trained_by_jax()
    assert (again, same_weights) == (False, weights)
    assert not trained_by_jax(learning_rate=0.5, epochs=5, seed=3)[0]  # which are arguments
    assert not trained_by_jax(lambda parameters: Adam(parameters))[0]
    for changed in ({"clip_norm": 0.5}, {"batch_size": 3}, {"l2": 0.5}):
        compiled, weights, _ = trained_by_jax(**changed)
        assert compiled, changed
        assert trained_by_jax(**changed)[:2] == (False, weights)
    kept.forget()
    assert trained_by_jax()[:2] == (True, same_weights)


def test_an_optimizer_that_is_set_anew_is_compiled_anew_by_jax():
    model = Neuron(1, "linear", seed=1)
    optimizer = Adam(model.parameters(), beta1=0.5)

    def train():
        with compilations() as found:
            fit(model, [[1.0], [2.0]], [1.0, 2.0], optimizer=optimizer, backend="jax", epochs=1, progress=False)
        return bool(found)

    assert [train(), train()] == [True, False]
    optimizer.beta1 = 0.25
    assert train()


class Rounded(SGD):
    """A rule of which nobody can say what it does: it asks what kind of numbers these are."""

    def rule(self, m, parameter, gradient, memory, rate, count):
        return parameter - rate * gradient.astype(parameter.dtype), memory


def test_a_rule_that_takes_no_symbols_is_compiled_each_time():
    assert [trained_by_jax(Rounded)[0] for _ in range(2)] == [True, True]
