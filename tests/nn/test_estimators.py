"""MLPClassifier and MLPRegressor are estimators of scikit-learn in every respect, and as good as its own."""

import functools
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from benchmarks.accuracy import TASKS, accuracies
from nn import Adam, CosineDecay, MLPClassifier, MLPRegressor, accuracy, iris, predict, two_moons
from viz import plot_decision_boundary, plot_history

QUICK = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.02, "max_iter": 60}


@parametrize_with_checks([MLPClassifier(**QUICK), MLPRegressor(**QUICK)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [3, 7], ["b", "a", "c"], [10, 20, 30]])
def test_labels_of_any_kind(labels):
    X, y = iris()
    rows = [(row, labels[k]) for row, k in zip(X, y, strict=True) if k < len(labels)]
    X, y = [row for row, _ in rows], [label for _, label in rows]
    classifier = MLPClassifier([8], learning_rate_init=0.05, max_iter=30, random_state=1).fit(X, y)
    assert classifier.classes_.tolist() == sorted(labels) == [*classifier.model_.classes]
    predicted = classifier.predict(X)
    assert classifier.score(X, y) == np.mean(predicted == np.array(y)) > 0.85
    assert accuracy(classifier.model_, X, y, loss=classifier.loss) == pytest.approx(classifier.score(X, y))
    logits, shares = classifier.decision_function(X), classifier.predict_proba(X)
    assert logits.tolist() == predict(classifier.model_, X).tolist()
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(X)))
    assert np.exp(classifier.predict_log_proba(X)) == pytest.approx(shares, rel=1e-12)
    assert classifier.classes_[shares.argmax(axis=1)].tolist() == predicted.tolist()
    if len(labels) == 2:
        assert shares[:, 1] == pytest.approx(1 / (1 + np.exp(-logits)))


def same_start(ours, theirs, X, y):
    """Theirs begins with the weights with which ours does."""
    start = clone(ours).set_params(solver="sgd", learning_rate_init=0.0, max_iter=1).fit(X, y).model_
    theirs.set_params(max_iter=1).fit(X, y)
    theirs.coefs_ = [np.array(layer.weights).T for layer in start.layers]
    theirs.intercepts_ = [np.array(layer.biases) for layer in start.layers]
    return theirs


ADAM = functools.partial(Adam, epsilon=1e-30)  # scikit-learn's is not where Kingma and Ba have theirs


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("task", ["two classes", "three classes", "regression", "two targets"])
def test_from_the_same_weights_both_take_the_same_steps(task, solver):
    X, labels = (np.array(column) for column in iris())
    X, labels = (X[:100], labels[:100]) if task == "two classes" else (X, labels)
    is_classifier = "classes" in task
    y = (
        labels
        if is_classifier
        else X[:, 0] ** 2 + labels
        if task == "regression"
        else np.stack([X[:, 0], X[:, 1] ** 2], 1)
    )
    shared = {"hidden_layer_sizes": (5,), "activation": "tanh", "alpha": 0.0, "random_state": 1, "batch_size": len(X)}
    shared |= {"tol": 0.0, "n_iter_no_change": 99}
    rate = 0.05
    theirs = (neural_network.MLPClassifier if is_classifier else neural_network.MLPRegressor)(
        **shared, solver=solver, learning_rate_init=rate, warm_start=True, epsilon=1e-30
    )
    if solver == "sgd" and not is_classifier:
        rate *= y[0].size / 2  # theirs is the gradient of half the sum of the squares, for each row
    ours = (MLPClassifier if is_classifier else MLPRegressor)(
        **shared, solver=ADAM if solver == "adam" else solver, learning_rate_init=rate, max_iter=40
    )
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        theirs = same_start(ours, theirs, X, y).set_params(max_iter=40)
        before = len(theirs.loss_curve_)
        theirs.fit(X, y)
        ours.fit(X, y)
    assert len(ours.loss_curve_) == ours.n_iter_ == 40
    expected = np.array(theirs.loss_curve_[before:]) * (1 if is_classifier else 2)
    assert ours.loss_curve_ == pytest.approx(expected, rel=1e-9)
    assert ours.predict(X) == pytest.approx(theirs.predict(X), rel=1e-9)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_training_ends_when_nothing_is_gained(kind):
    X, y = two_moons(60, noise=0.3, seed=1)
    settings = {"hidden_layer_sizes": 8, "learning_rate_init": 0.1, "random_state": 0, "max_iter": 300}
    found = kind(**settings, tol=0.01, n_iter_no_change=3).fit(X, y)
    best = min(range(found.n_iter_), key=lambda i: (i > found.n_iter_ - 4, found.loss_curve_[i]))
    assert 4 < found.n_iter_ < 300
    assert all(loss > found.loss_curve_[best] - 0.01 for loss in found.loss_curve_[-3:])
    assert "the loss was smallest" in found.history_.stopped
    early = kind(**settings, early_stopping=True, validation_fraction=0.25, tol=0.0, n_iter_no_change=5).fit(X, y)
    losses = early.history_["validation_loss"]
    assert 5 < len(losses) == early.n_iter_ < 300
    assert losses.index(min(losses)) + 1 == early.history_.best_epoch == early.n_iter_ - 5
    again = kind(**{**settings, "max_iter": early.history_.best_epoch}, early_stopping=True, validation_fraction=0.25)
    assert again.fit(X, y).model_.state_dict() == early.model_.state_dict()


def test_the_network_may_be_normalized_and_residual_and_drop_out():
    X, y = two_moons(60, noise=0.1, seed=1)
    settings = {"normalization": "batch", "residual": True, "dropout": 0.1}
    classifier = MLPClassifier([8, 8], **settings, learning_rate_init=0.05, max_iter=40, random_state=0).fit(X, y)
    assert classifier.history_.backend == "numpy"
    assert classifier.score(X, y) > 0.9
    assert classifier.model_.buffers()
    assert pickle.loads(pickle.dumps(classifier)).predict_proba(X).tolist() == classifier.predict_proba(X).tolist()


@pytest.mark.parametrize("name", ["iris", "wine"])
def test_as_accurate_as_scikit_learns(name):
    """Over fewer seeds than in benchmarks/results/accuracy.md, and so to twice the width."""
    ours, theirs = accuracies(TASKS[name], seed=0)
    assert ours == pytest.approx(theirs, abs=0.02)


def test_in_pipelines_cross_validation_and_searches_on_several_machines():
    """A cluster of processes stands for these: what reaches them is pickled, as it is from one machine to another."""
    from dask.distributed import Client, LocalCluster
    from joblib import parallel_config

    X, y = two_moons(60, noise=0.1, seed=1)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier([8], learning_rate_init=0.1, max_iter=30, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    grid = {"mlpclassifier__activation": ["tanh", "linear"]}
    here = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    assert search.best_params_ == {"mlpclassifier__activation": "tanh"}
    assert search.cv_results_["mean_test_score"].tolist() == here.cv_results_["mean_test_score"].tolist()
    assert search.best_estimator_[-1].model_.state_dict() == here.best_estimator_[-1].model_.state_dict()


def test_it_is_drawn_by_scikit_learn_and_by_us():
    X, y = two_moons(40, noise=0.1, seed=1)
    classifier = MLPClassifier([4], max_iter=5, random_state=0).fit(X, ["+" if label > 0 else "-" for label in y])
    from matplotlib import pyplot

    display = DecisionBoundaryDisplay.from_estimator(classifier, np.array(X), grid_resolution=10)
    assert display.response.shape == (10, 10)
    plot_decision_boundary(classifier.model_, X, y, resolution=10)
    plot_history(classifier.history_)
    pyplot.close("all")


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_parts_are_as_good_as_the_whole_and_copies_as_the_original(kind):
    X, y = two_moons(30, noise=0.1, seed=1)
    settings = {
        "hidden_layer_sizes": 4,
        "batch_size": 8,
        "learning_rate_init": CosineDecay(0.05, epochs=9),
        "random_state": 3,
    }
    whole = kind(**settings, max_iter=6).fit(X, y)
    parts = kind(**settings)
    for part in range(6):
        if part == 3:
            parts = pickle.loads(pickle.dumps(parts))
        parts.partial_fit(X, y, *[[-1, 1]] * (kind is MLPClassifier))
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.model_.state_dict() == whole.model_.state_dict()
    assert pickle.loads(pickle.dumps(whole)).predict(X).tolist() == whole.predict(X).tolist()
    assert repr(clone(whole).get_params()) == repr(whole.get_params())
    assert not hasattr(clone(whole), "loss_curve_")
    assert (
        whole.set_params(hidden_layer_sizes=()).fit(X, y).model_.state_dict().keys() < parts.model_.state_dict().keys()
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes must be a whole number, 1 or more, but was 0"),
        ({"hidden_layer_sizes": "8"}, "hidden_layer_sizes must be a whole number, 1 or more, but was '8'"),
        ({"learning_rate_init": -1}, "learning_rate_init must be a number, 0 or more, or a schedule, but was -1"),
        ({"activation": "tan"}, "unknown activation 'tan'"),
        ({"solver": "lbfgs"}, "unknown optimizer 'lbfgs': choose one of sgd, rmsprop, adam, adamw"),
        ({"alpha": -1}, "alpha must be a number, 0 or more, but was -1"),
        ({"batch_size": "all"}, "batch_size must be a whole number, 1 or more, or \"auto\", but was 'all'"),
        ({"max_iter": 0}, "max_iter must be a whole number, 1 or more, but was 0"),
        ({"tol": -1}, "tol must be a number, 0 or more, but was -1"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be a whole number"),
        ({"early_stopping": "yes"}, "early_stopping must be True or False, but was 'yes'"),
        ({"early_stopping": True, "validation_fraction": 1}, "validation_fraction must be above 0 and below 1"),
        ({"solver": "sgd", "momentum": 1}, "momentum must be from 0 to below 1"),
        ({"verbose": 2}, "must be True or False"),
        ({"backend": "cuda"}, "unknown backend 'cuda'"),
    ],
)
def test_wrong_settings_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        MLPClassifier(**settings).fit([[0.0], [1.0]], ["a", "b"])


def test_what_it_cannot_learn_is_refused():
    with pytest.raises(ValueError, match="two classes or more, but y has 1 class only, 'a'"):
        MLPClassifier().fit([[0.0], [1.0]], ["a", "a"])
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        MLPClassifier().partial_fit([[0.0], [1.0]], ["a", "b"])
    classifier = MLPClassifier([2], max_iter=1).partial_fit([[0.0], [1.0]], ["a", "b"], classes=["a", "b"])
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        classifier.partial_fit([[0.0], [1.0]], ["a", "b"], classes=["a", "c"])
    with pytest.raises(ValueError, match="y must hold the classes 'a', 'b', but row 1 holds 'c'"):
        classifier.partial_fit([[0.0], [1.0]], ["a", "c"])


def test_scikit_learn_is_imported_when_an_estimator_is_asked_for():
    code = (
        "import sys, nn; from nn import *; print('sklearn' in sys.modules, 'MLPRegressor' in dir(nn)); nn.MLPRegressor"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + "; print('sklearn' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "True", "True"], done.stderr
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'MLPTransformer'"):
        nn.MLPTransformer  # noqa: B018
