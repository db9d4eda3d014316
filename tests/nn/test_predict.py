"""predict and evaluate give what the model gives, compiled, and compile no function twice."""

import gc
import math
import threading
import weakref

import numpy as np
import pytest
from sklearn.metrics import f1_score, r2_score

from engine import Value, batch_mean, compile, no_grad, sigmoid, softmax, tanh
from engine.compiler import kept
from nn import (
    LOSSES,
    METRICS,
    MLP,
    Activation,
    Buffer,
    Embedding,
    Layer,
    Module,
    Parameter,
    Residual,
    Sequential,
    accuracy,
    evaluate,
    fit,
    iris,
    layer_outputs,
    loss_of,
    predict,
    two_moons,
)

X, Y = two_moons(40, seed=1)


class Recalling(Module):
    """Something of its own for each kind of number and setting that a model may have."""

    def __init__(self):
        self.w, self.mean, self.factor, self.parts = Parameter(2.0), Buffer(0.5), 3.0, []

    def __call__(self, x):
        z = (self.w * x[0] - self.mean) * self.factor
        for part in self.parts:
            z = part([z, x[1]])
        return z if self.training else tanh(z)


@pytest.mark.parametrize("backend", ["auto", "eager", "numpy"])
@pytest.mark.parametrize("batch_size", [None, 7])
def test_outputs_are_those_of_the_model_in_use(backend, batch_size):
    for model, shape in ((MLP(2, [4, 3], "tanh", seed=1), (40, 3)), (MLP(2, [4, 1], seed=1), (40,)),
                         (Recalling(), (40,))):  # fmt: skip
        found = predict(model, X, backend=backend, batch_size=batch_size)
        model.eval()
        assert found.shape == shape
        np.testing.assert_allclose(found, [[float(z) for z in model(x)] if len(shape) > 1 else float(model(x))
                                           for x in X], rtol=1e-12)  # fmt: skip


def test_each_module_is_left_in_its_mode():
    model = Recalling()
    model.parts.append(MLP(2, [1], seed=1).eval())
    predict(model, X)
    assert (model.training, model.parts[0].training) == (True, False)


W = Value(2.0)
FUNCTIONS = {
    "a number": lambda x: 3,
    "a list": lambda x: [1, x[0]],
    "a branch": lambda x: x[0] if x[0] > 0 else x[1],
    "a function of Python's": lambda x: math.sin(x[0]),
    "a Value of its own": lambda x: W * x[0],
    "other examples": lambda x: x[0] - batch_mean(x[0]),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_whatever_does_not_compile_is_run_one_number_at_a_time(function):
    with no_grad():
        compiled, eager = (predict(FUNCTIONS[function], X, backend=backend) for backend in ("auto", "eager"))
    np.testing.assert_allclose(compiled, eager, rtol=1e-12, atol=1e-15)


@pytest.fixture
def n_programs(monkeypatch):
    """How many programs were made so far."""
    made = []
    kept.forget()
    keep = kept.kept
    monkeypatch.setattr(kept, "kept", lambda key, make: keep(key, lambda: made.append(key) or make()))
    return lambda: len(made)


def test_nothing_is_compiled_twice(n_programs):
    model, other = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    settings = {"epochs": 1, "backend": "numpy", "progress": False}
    fit(model, X, Y, **settings)
    first = n_programs()
    fit(model, X, Y, **settings)
    fit(other, X[:30], Y[:30], batch_size=7, **settings)
    assert n_programs() == first == 1
    for _ in range(2):
        accuracy(model, X, Y)
        evaluate(other, X, Y)
        predict(model, X)
    assert n_programs() == 3  # the model, and the loss of its outputs


CHANGES = {
    "a number": (lambda model: setattr(model.w, "data", 5.0), 0),
    "a running mean": (lambda model: setattr(model.mean, "data", 5.0), 0),
    "a setting": (lambda model: setattr(model, "factor", 5.0), 1),
    "its sign alone": (lambda model: setattr(model, "factor", -0.0), 1),
    "a layer": (lambda model: model.parts.append(MLP(2, [3, 1], seed=1)), 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_that_was_changed_gives_what_it_gives_now(change, n_programs):
    model = Recalling()
    make, n_more = CHANGES[change]
    predict(model, X)
    before = n_programs()
    make(model)
    np.testing.assert_allclose(predict(model, X), predict(model, X, backend="eager"), rtol=1e-12)
    assert n_programs() - before == n_more


def test_an_activation_may_be_set_anew():
    model = MLP(2, [4, 1], "tanh", seed=1)
    before = predict(model, X)
    model.layers[0].neurons[2].activation = "relu"
    assert abs(predict(model, X) - before).max() > 1e-3
    np.testing.assert_allclose(predict(model, X), predict(model, X, backend="eager"), rtol=1e-12)


def test_constants_differ_by_their_bits():
    assert math.copysign(1, compile(lambda x: x * 0 + 0.0 * x, inputs=()).value(-1.0)) == -1
    for zero in (0.0, -0.0):
        found = compile(lambda x, zero=zero: 1 / (zero * abs(x)), inputs=()).value([1.0, 2.0])
        assert found.tolist() == [math.copysign(math.inf, zero)] * 2


def test_no_model_is_kept_alive():
    model = MLP(2, [3, 1], seed=1)
    fit(model, X, Y, epochs=1, backend="numpy", progress=False)
    accuracy(model, X, Y)
    seen = weakref.ref(model)
    del model
    gc.collect()
    assert seen() is None


def test_many_threads_ask_at_once():
    models = [MLP(2, [3, 1 + n % 3], seed=n) for n in range(6)]
    expected = [predict(model, X, backend="eager") for model in models]
    wrong = []

    def run(n):
        for _ in range(5):
            if abs(predict(models[n], X) - expected[n]).max() > 1e-12:
                wrong.append(n)

    threads = [threading.Thread(target=run, args=(n % 6,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_no_more_programs_are_kept_than_can_be_wanted(n_programs):
    for n in [*range(kept.MOST + 3), kept.MOST + 2, 3]:
        compile(lambda x, n=n: x * (n + 2), inputs=())
    assert n_programs() == kept.MOST + 3
    compile(lambda x, n=0: x * (n + 2), inputs=())
    assert n_programs() == kept.MOST + 4


@pytest.mark.parametrize(
    ("X", "says"),
    [([], "no data"), ([1.0], "row 0 is 1.0"), ([[math.nan]], "row 0 holds nan"), (3, "X must be a list"),
     ([[1.0], [1.0, 2.0]], "row 1 has 2"), ([[1.0, 2.0, 3.0]] * 20, "needs 2 inputs, but was given 3")],
)  # fmt: skip
def test_bad_rows_are_refused(X, says):
    with pytest.raises(ValueError, match=says):
        predict(MLP(2, [1]), X)


def test_what_a_model_refuses_one_number_at_a_time_it_refuses_compiled():
    model, words = Sequential(Embedding(3, 2), Layer(4, 1)), [[0.0, 2.0]] * 20
    assert not np.isnan(predict(model, words)).any()
    for wrong in (3.0, -1.0, 0.5):
        for ask in (predict, layer_outputs):
            with pytest.raises(ValueError, match=f"words 0 to 2, but was given {wrong}"):
                ask(model, [*words, [wrong, 0.0], *words])
    model.parameters()[0].data = math.nan  # which no row is to blame for
    assert np.isnan(predict(model, words)).all()


class Silent(Module):
    def __init__(self, output):
        self.w, self.output = Parameter(2.0), output

    def __call__(self, x):
        return self.output


@pytest.mark.parametrize("backend", ["auto", "eager"])
def test_a_model_that_gives_nothing_is_refused(backend):
    for ask in (predict, lambda *a, **k: evaluate(*a, Y, **k), lambda *a, **k: fit(*a, Y, progress=False, **k)):
        for nothing in ([], (), np.array([])):
            with pytest.raises(TypeError, match="must give a number or a list of numbers for each row, but gave"):
                ask(Silent(nothing), X, backend=backend)
    with pytest.raises(TypeError, match="has none"):
        loss_of(Activation("tanh"), [[1.0]], [1.0])


def test_outputs_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match=r"as many numbers for every row, but gave \[1, 2\]"):
        predict(lambda x: [1.0] if x[0] > 0.5 else [1.0, 2.0], X)


# evaluate


def truth(loss):
    if loss == "mean_squared_error":
        return [a * b for a, b in X]
    return Y if loss == "hinge" else [(label + 1) // 2 for label in Y]


@pytest.mark.parametrize("loss", LOSSES)
def test_figures_are_the_means_over_the_rows(loss):
    one = "cross" not in loss or "binary" in loss
    model, measure = MLP(2, [3, 1 if one else 2], seed=1), LOSSES[loss]
    if measure.takes == "probabilities":
        inner = model
        model = (lambda x: sigmoid(inner(x))) if one else (lambda x: softmax(inner(x)))
    y = truth(loss)
    losses = [float(measure.function(model(x), label)) for x, label in zip(X, y, strict=True)]
    for backend in ("auto", "eager"):
        found = evaluate(model, X, y, loss=loss, backend=backend)
        assert found["loss"] == pytest.approx(sum(losses) / len(X), rel=1e-12)
        assert found.get("accuracy") == (accuracy(model, X, y, loss=loss) if measure.correct else None)
    few = evaluate(model, X[:3], y[:3], loss=loss)
    assert few["loss"] == pytest.approx(sum(losses[:3]) / 3, rel=1e-12)


def test_metrics_are_those_of_scikit_learn():
    model = MLP(2, [3, 1], seed=1)
    targets = truth("mean_squared_error")
    found = evaluate(model, X, targets, metrics=["r2", "mean_absolute_error", "mean_squared_error", r2_score])
    assert found["r2"] == pytest.approx(found["r2_score"])
    assert found["mean_squared_error"] == pytest.approx(found["loss"])
    assert found["mean_absolute_error"] == pytest.approx(np.abs(predict(model, X) - targets).mean())
    names = ["left" if label < 0 else "right" for label in Y]
    model.classes = ("left", "right")
    decided = [model.classes[int(z > 0)] for z in predict(model, X)]
    found = evaluate(model, X, names, metrics={"f": lambda y, predicted: f1_score(y, predicted, pos_label="left")})
    assert found["f"] == f1_score(names, decided, pos_label="left")
    assert evaluate(model, X, Y, classes=[-1, 1], metrics="accuracy")["accuracy"] == found["accuracy"]


def test_metrics_of_several_classes():
    rows, labels = iris()
    model = MLP(4, [3], seed=1)
    expected = f1_score(labels, predict(model, rows).argmax(axis=1), average="macro")
    for y in (labels, [[float(label == k) for k in range(3)] for label in labels]):
        found = evaluate(model, rows, y, metrics={"f1": lambda y, found: f1_score(y, found, average="macro")})
        assert found["f1"] == expected


@pytest.mark.parametrize(
    ("metrics", "error", "says"),
    [
        ("f2", ValueError, f"unknown metric 'f2': choose one of {', '.join(METRICS)}, or give a function"),
        (3, TypeError, "a metric is a name or a function .* but was 3"),
        (["accuracy", "accuracy"], ValueError, "'accuracy' is there already"),
        ({"loss": "accuracy"}, ValueError, "'loss' is there already"),
        (lambda y, predicted: "good", TypeError, "the metric <lambda> must give a number, but gave 'good'"),
    ],
)
def test_what_is_no_metric_is_refused(metrics, error, says):
    with pytest.raises(error, match=says):
        evaluate(MLP(2, [1], seed=1), X, Y, metrics=metrics)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_of_any_parameters_is_that_of_a_model_which_has_them(loss):
    one = "cross" not in loss or "binary" in loss
    end = {"probabilities": "sigmoid" if one else "softmax"}.get(LOSSES[loss].takes, "linear")
    models = [MLP(2, [3, 1 if one else 2], "tanh", end, seed=seed, normalization="batch") for seed in (1, 2)]
    y, before = truth(loss), models[0].state_dict()
    mean_loss = loss_of(models[0], X, y, loss=loss)
    for model in models:
        theta = [parameter.data for parameter in model.parameters()]
        assert mean_loss(theta) == pytest.approx(evaluate(model, X, y, loss=loss)["loss"], rel=1e-12)
    assert models[0].state_dict() == before
    assert models[0].training
    with pytest.raises(ValueError, match=f"each of {len(theta)} parameters is needed, but 1 were given"):
        mean_loss([1.0])


class Choosing(Module):
    """Does not compile."""

    def __init__(self):
        self.w = Parameter(2.0)

    def __call__(self, x):
        return self.w * x[0] if x[0] > 0 else self.w


def test_the_loss_of_any_parameters_of_a_model_that_does_not_compile():
    model = Choosing()
    assert loss_of(model, X, Y)([3.0]) == pytest.approx(np.mean([max(0, 1 - 3.0 * (x if x > 0 else 1) * y)
                                                                 for (x, _), y in zip(X, Y, strict=True)]))  # fmt: skip
    assert model.w.data == 2.0


def test_what_layers_give_is_what_the_model_is_made_of():
    model = MLP(2, [3, 3, 2], "tanh", seed=1, normalization="layer", residual=True, dropout=0.5)
    outputs = layer_outputs(model, X)
    assert [*outputs] == ["normalization 1", "layer 1", "normalization 2", "layer 2", "layer 3"]
    assert outputs["layer 3"].tolist() == predict(model, X).tolist()
    np.testing.assert_allclose(outputs["layer 1"], np.tanh(outputs["normalization 1"]))
    np.testing.assert_allclose(outputs["layer 2"], outputs["layer 1"] + np.tanh(outputs["normalization 2"]))
    assert model.training
    parts = Sequential(Layer(2, 3, "linear", seed=1), Residual(Layer(3, 3, seed=2)), MLP(3, [2, 1], seed=3))
    assert [*layer_outputs(parts, X[:2])] == ["layer 1", "layer 2", "residual 1", "layer 3", "layer 4"]
    with pytest.raises(TypeError, match="called one after the other, but was given Embedding"):
        layer_outputs(Embedding(2, 3), X)
