"""Pictures of estimators: each shows the network that was found in one."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor

from nn import MLPClassifier, MLPRegressor, predict
from viz import (
    draw_network,
    plot_gradient_flow,
    plot_histograms,
    plot_history,
    plot_loss_landscape,
    plot_neurons,
    plot_weight_paths,
    plot_weights,
)
from viz.fitted import network_of
from viz.plots.alt import alt_text

X, y = load_iris(return_X_y=True)
X, LABELS = X[:, :2], np.array(["setosa", "versicolor", "virginica"])[y]

PICTURES = {
    "network": lambda model: draw_network(model, X[0]).source,
    "neurons": lambda model: plot_neurons(model, X, resolution=4)[0],
    "activations": lambda model: plot_histograms(model, X)[0],
    "parameters": lambda model: plot_histograms(model, what="parameter")[0],
    "weights": lambda model: plot_weights(model, (1, 2))[0],
    "paths": lambda model: plot_weight_paths({0.1: model, 0.2: model}),
}


def said(picture):
    if isinstance(picture, str):
        return picture
    plt.close(picture.figure)
    return alt_text(picture.figure)


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier((4,), max_iter=3, random_state=0).fit(X, LABELS)


@pytest.mark.parametrize("picture", PICTURES)
def test_the_picture_of_an_estimator_is_that_of_its_network(classifier, picture):
    draw = PICTURES[picture]
    assert said(draw(classifier)) == said(draw(classifier.model_)) != ""


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_scikit_learns_perceptrons_become_networks_of_the_same_outputs(activation):
    theirs = TheirClassifier((5, 3), activation=activation, max_iter=20, random_state=0).fit(X, LABELS)
    np.testing.assert_allclose(softmax(predict(network_of(theirs), X), axis=1), theirs.predict_proba(X), rtol=1e-12)
    theirs = TheirRegressor(hidden_layer_sizes=(5,), activation=activation, max_iter=20, random_state=0).fit(X, y)
    np.testing.assert_allclose(predict(network_of(theirs), X), theirs.predict(X), rtol=1e-12)


def test_linear_models_are_networks_without_a_hidden_layer():
    few = y < 2
    for model, outputs in [
        (LogisticRegression().fit(X, LABELS), lambda m: m.decision_function(X)),
        (LogisticRegression().fit(X[few], LABELS[few]), lambda m: m.decision_function(X)),
        (LinearRegression().fit(X, y), lambda m: m.predict(X)),
        (LinearRegression(fit_intercept=False).fit(X, np.column_stack([y, -y])), lambda m: m.predict(X)),
    ]:
        np.testing.assert_allclose(predict(network_of(model), X), outputs(model), rtol=1e-12, atol=1e-12)


def test_the_loss_of_an_estimator_knows_its_classes(classifier):
    binary = LogisticRegression().fit(X[y < 2], LABELS[y < 2])
    regression = MLPRegressor((2,), max_iter=2, random_state=0).fit(X, 1.5 * y)
    for model, rows, targets in [
        (classifier, X, LABELS),
        (binary, X[y < 2], LABELS[y < 2]),
        (regression, X, 1.5 * y),
    ]:
        words = said(plot_loss_landscape(model, rows, targets, directions=1, resolution=3))
        assert words.startswith("The loss along a line of ")
    assert "nan" not in words


def test_the_history_of_an_estimator_is_drawn(classifier):
    assert said(plot_history(classifier)) == said(plot_history(classifier.history_))
    with pytest.raises(TypeError, match="record=True"):
        plot_gradient_flow(SimpleNamespace(history_=None))


def test_the_weights_of_a_linear_model_are_its_coefficients_alone():
    models = {strength: Ridge(strength).fit(X, y) for strength in (0.1, 10.0)}
    words = said(plot_weight_paths(models))
    assert words == said(plot_weight_paths({strength: model.coef_ for strength, model in models.items()}))
    assert words.startswith("2 weights from strength 0.1 to 10")


def test_what_was_never_fitted_has_no_network():
    for model in (MLPClassifier(), TheirClassifier(), LogisticRegression(), MLPClassifier):
        assert network_of(model) is model
        with pytest.raises(TypeError, match="network"):
            draw_network(model)
