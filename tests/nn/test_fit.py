"""fit's workflow: it validates, stops early, compiles where it can, is watched, interrupted, killed, and goes on."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from nn import (
    MLP,
    Adam,
    Buffer,
    CosineDecay,
    Dropout,
    History,
    Layer,
    Module,
    Parameter,
    ReduceOnPlateau,
    Residual,
    Sequential,
    evaluate,
    fit,
    predict,
    two_moons,
)
from nn.training.recording import Histogram

X, Y = two_moons(40, seed=1)
NEW = two_moons(20, seed=2)
SETTINGS = {"epochs": 6, "batch_size": 8, "learning_rate": 0.3, "progress": False}


def network(seed=1):
    return MLP(2, [4, 1], "tanh", seed=seed)


class Branching(Module):
    def __init__(self):
        self.w = Parameter(1.0)

    def __call__(self, x):
        return self.w * x[0] if x[0] > 0 else self.w


# backend="auto"


def test_what_compiles_is_compiled_and_what_does_not_is_not():
    compiled, eager = fit(network(), X, Y, **SETTINGS), fit(network(), X, Y, backend="eager", **SETTINGS)
    assert (compiled.backend, compiled.reason) == ("numpy", "the model compiles")
    assert (eager.backend, eager.reason) == ("eager", "it was asked for")
    np.testing.assert_allclose(compiled["loss"], eager["loss"], rtol=1e-9)
    branching = fit(Branching(), X, Y, **SETTINGS)
    assert branching.backend == "eager"
    assert "the model does not compile: " in branching.reason
    assert "if x[0] > 0" in branching.reason
    assert branching == fit(Branching(), X, Y, backend="eager", **SETTINGS)


# History


def test_a_history_is_a_mapping_a_table_and_a_picture():
    history = fit(network(), X, Y, validation=NEW, **SETTINGS)
    assert [*history] == ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert history.epochs == 6 == len(history["validation_loss"])
    assert dict(history) == history
    frame = history.to_frame()
    assert frame.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert {name: frame[name].tolist() for name in frame} == history
    assert history.plot().get_ylabel() == "loss"
    html = history._repr_html_()
    assert html.count("<polyline") == 4
    assert "validation_loss" in html
    assert "numpy: the model compiles" in html
    assert history.summary().startswith("6 epochs by numpy: loss ")


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_history_and_a_model_are_copied_with_all_that_they_keep(copied):
    model = MLP(2, [4, 1], "tanh", seed=1, normalization="batch", dropout=0.25)
    history = fit(model, X, Y, record=5, validation=NEW, **SETTINGS)
    other, same = copied(history), copied(model)
    assert type(other) is History
    assert (other, vars(other)) == (history, vars(history))
    assert other.to_frame().equals(history.to_frame())
    assert same.state_dict() == model.state_dict()
    assert {*same.parameters(), *same.buffers()}.isdisjoint([*model.parameters(), *model.buffers()])
    assert predict(same, NEW[0]).tolist() == predict(model, NEW[0]).tolist()
    fit(same, X, Y, **SETTINGS)
    assert same.state_dict() != model.state_dict()
    other["loss"].append(0.0)
    other.layers.clear()
    assert history.epochs == 6
    assert len(history.layers) == 3


def test_a_history_of_nothing_shows_itself_too():
    assert "0 epochs" in History()._repr_html_()
    odd = History({"loss": [math.nan, 1.0, 1.0], "<b>": [math.inf] * 3})
    assert odd._repr_html_().count("<polyline") == 1
    assert "&lt;b&gt;" in odd._repr_html_()


@pytest.fixture(autouse=True)
def no_open_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


# validation, metrics, layers


def test_a_model_is_validated_after_every_epoch():
    model, same = network(), network()
    optimizer = Adam(same.parameters(), 0.05)
    settings = SETTINGS | {"learning_rate": None}
    history = fit(model, X, Y, validation=NEW, metrics=["r2"], optimizer=Adam(model.parameters(), 0.05), **settings)
    for epoch in range(6):
        fit(same, X, Y, optimizer=optimizer, **settings | {"epochs": 1})
        found, learnt = evaluate(same, *NEW, metrics="r2"), evaluate(same, X, Y, metrics="r2")
        assert [history["validation_" + name][epoch] for name in found] == pytest.approx([*found.values()], rel=1e-9)
        assert history["r2"][epoch] == pytest.approx(learnt["r2"], rel=1e-9)
    assert model.state_dict() == same.state_dict()


def test_a_share_is_set_aside_of_each_class():
    seen = []

    class Spy(Module):
        def __init__(self):
            self.w = Parameter(0.1)

        def __call__(self, x):
            if isinstance(x[0], float) and self.training:
                seen.append(x[0])
            return self.w * x[0]

    rows = [[float(i)] for i in range(100)]
    labels = [1 if i % 10 == 0 else -1 for i in range(100)]
    learnt = []
    for seed in (3, 3, 4):
        fit(Spy(), rows, labels, loss="hinge", validation=0.2, epochs=1, seed=seed, backend="eager", progress=False)
        learnt.append(seen[-80:])  # before that it was tried on one row
    first, again, other = learnt
    assert len(seen) == 3 * 81
    assert first == again != other
    for part in (first, other):
        assert Counter(labels[int(i)] for i in part) == {1: 8, -1: 72}


def test_buffers_are_in_use_while_a_model_is_validated():
    class Scaled(Module):
        def __init__(self):
            self.w, self.scale = Parameter(1.0), Buffer(2.0)

        def __call__(self, x):
            return self.w * x[0] * (1.0 if self.training else self.scale)

    model = Scaled()
    history = fit(model, X, Y, validation=NEW, epochs=1, progress=False)
    assert model.training
    assert history["validation_loss"] == [pytest.approx(evaluate(model, *NEW)["loss"])]


@pytest.mark.parametrize("model", [network, Branching])
def test_layers_are_recorded(model):
    models = [model(), model()]
    history = fit(models[0], X, Y, record=10, **SETTINGS)
    fit(models[1], X, Y, **SETTINGS)
    assert models[0].state_dict() == models[1].state_dict()
    total = sum(models[1](x) * 0 + evaluate_one(models[1], x, y) for x, y in zip(X[:10], Y[:10], strict=True)) / 10
    models[1].zero_grad()
    total.backward()
    assert all(len(column) == 6 for layer in history.layers.values() for column in layer.values())
    parts = models[1].layers if model is network else [models[1]]
    for part, (title, found) in zip(parts, history.layers.items(), strict=True):
        gradient = [p.grad for p in part.parameters()]
        assert title.startswith("layer ")
        assert found["gradient_mean"][-1] == pytest.approx(np.mean(gradient), rel=1e-9, abs=1e-15)
        assert found["gradient_deviation"][-1] == pytest.approx(np.std(gradient), rel=1e-9, abs=1e-15)
    if model is network:
        hidden = np.array([[float(z) for z in parts[0](x)] for x in X[:10]])
        first = history.layers["layer 1"]
        assert first["activation_mean"][-1] == pytest.approx(hidden.mean(), rel=1e-9)
        assert first["activation_deviation"][-1] == pytest.approx(hidden.std(), rel=1e-9)
        assert history.layers["layer 2"]["activation_zeros"][-1] == 0


def evaluate_one(model, x, y):
    from nn import hinge

    return hinge(model(x), y)


def test_what_is_recorded_of_a_rectifier_has_zeros():
    history = fit(MLP(2, [8, 1], seed=1), X, Y, record=True, **SETTINGS)
    assert 0.2 < history.layers["layer 1"]["activation_zeros"][-1] < 0.8


def as_arrays(layer):
    return np.array(layer.weights), np.array(layer.biases)


def by_hand(model):
    """What each part of these models gives for the first ten rows, an example after the other in each."""
    x = np.array(X[:10])
    if isinstance(model, MLP):
        found = {}
        for i, (layer, norm) in enumerate(zip(model.layers, [*model.normalizations, None], strict=True), 1):
            w, b = as_arrays(layer)
            y = x @ w.T + b
            if norm:
                gamma, beta, middle, spread = ([p.data for p in group] for group in (
                    norm.gamma, norm.beta, norm.running_mean, norm.running_var))  # fmt: skip
                y = np.array(gamma) * (y - middle) / np.sqrt(np.array(spread) + norm.epsilon) + beta
                found[f"normalization {i}"] = y
                y = np.tanh(y)
                y = x + y if x.shape == y.shape else y
            found[f"layer {i}"] = x = y
        return found
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = map(as_arrays, (
        model.parts[0], model.parts[2].parts[0], *model.parts[3].layers))  # fmt: skip
    found = {"layer 1": x @ w1.T + b1}
    found["dropout 1"] = found["layer 1"]
    found["residual 1"] = np.maximum(found["dropout 1"] @ w2.T + b2, 0) + found["dropout 1"]
    found["layer 3"] = np.tanh(found["residual 1"] @ w3.T + b3)
    return found | {"layer 4": found["layer 3"] @ w4.T + b4}


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("model", [
    MLP(2, [4, 4, 1], "tanh", seed=1, normalization="batch", residual=True, dropout=0.25),
    Sequential(Layer(2, 3, "linear", seed=1), Dropout(0.2), Residual(Layer(3, 3, seed=2)),
               MLP(3, [2, 1], "tanh", seed=3)),
])  # fmt: skip
def test_what_parts_give_is_recorded_with_all_that_is_around_them(model, backend):
    history = fit(model, X, Y, record=10, backend=backend, **SETTINGS)
    for title, numbers in by_hand(model).items():
        found = {name: column[-1] for name, column in history.layers[title].items() if name.startswith("activation")}
        expected = {"mean": numbers.mean(), "deviation": numbers.std(), "zeros": (numbers == 0).mean()}
        assert found == pytest.approx({f"activation_{name}": x for name, x in expected.items()}, rel=1e-9, abs=1e-14)
    assert sum("activation_mean" in layer for layer in history.layers.values()) == len(history.layers)
    assert len([title for title in history.layers if title.startswith("layer")]) == (4 if len(model.parts) == 4 else 3)


class Skipping(Module):
    """Has layers, and does more than to call one after the other."""

    def __init__(self):
        self.layers = [Layer(2, 2, "tanh", seed=1), Layer(2, 1, "linear", seed=2)]

    def __call__(self, x):
        return self.layers[1]([a + b for a, b in zip(x, self.layers[0](x), strict=True)])[0]


def test_of_layers_that_are_called_otherwise_gradients_alone_are_recorded():
    layers = fit(Skipping(), X, Y, record=10, **SETTINGS).layers
    assert [*layers] == ["layer 1", "layer 2"]
    assert {name for layer in layers.values() for name in layer} == {
        "gradient_mean", "gradient_deviation", "gradient_zeros"}  # fmt: skip


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("model", [network, lambda: MLP(2, [4, 1], "tanh", seed=1, normalization="batch")])
def test_the_model_after_every_epoch_is_kept(model, backend):
    mine, others = model(), [model() for _ in range(3)]
    settings = SETTINGS | {"learning_rate": None, "backend": backend}
    optimizer = Adam(mine.parameters()[::-1], 0.05)  # which has them in an order of its own
    recording = fit(mine, X, Y, optimizer=optimizer, record=10, **settings).recording
    assert recording.epochs == [*range(7)]
    for epoch, other in zip((0, 3, 6), others, strict=True):
        fit(other, X, Y, optimizer=Adam(other.parameters()[::-1], 0.05), **settings | {"epochs": epoch})
        with recording.model_at(epoch) as then:
            assert then.state_dict() == other.state_dict()
            assert not then.training
            hidden = np.array([[float(z) for z in then.layers[0].activate(
                then.layers[0].weighted_sums(x) if not then.normalizations
                else then.normalizations[0](then.layers[0].weighted_sums(x)))] for x in X[:10]])  # fmt: skip
        found = recording.snapshots[epoch].layers["layer 1"]
        assert (found["activation"].low, found["activation"].high) == pytest.approx((hidden.min(), hidden.max()))
        assert found["activation"].counts == np.histogram(hidden, bins=30)[0].tolist()
        assert sum(found["parameter"].counts) == sum(found["gradient"].counts) == len(other.layers[0].parameters())
    assert mine.training
    assert mine.state_dict() == others[2].state_dict()
    assert (recording.rows, recording.labels) == (X, Y)
    with (
        pytest.raises(ValueError, match=r"epoch must be one that was kept, \[0, 1, .*, but was 9"),
        recording.model_at(9),
    ):
        pass


def test_of_many_epochs_every_second_one_is_kept_and_so_on(monkeypatch):
    monkeypatch.setattr("nn.training.recording.MOST", 4)
    expected = {4: [0, 1, 2, 3, 4], 5: [0, 2, 4, 5], 9: [0, 4, 8, 9], 16: [0, 4, 8, 12, 16], 17: [0, 8, 16, 17]}
    for epochs, kept in expected.items():
        assert fit(network(), X, Y, record=5, **SETTINGS | {"epochs": epochs}).recording.epochs == kept
    assert fit(network(), X, Y, **SETTINGS).recording is None
    many = X * 100
    assert len(fit(network(), many, Y * 100, record=5, epochs=1, progress=False).recording.rows) == 1000


def test_numbers_that_are_not_finite_are_in_no_bin():
    histogram = Histogram.of([math.nan, math.inf, 0.0, 3.0, 3.0])
    assert histogram == (0.0, 3.0, [1, *[0] * 28, 2])
    assert Histogram.of([]) == Histogram.of([math.nan]) == (0.0, 0.0, [0] * 30)
    for same in (2.0, 0.0, 1e308, 5e-324):
        assert sum(Histogram.of([same] * 3).counts) == 3
    for low, high in ((-1e308, 1e308), (0.0, 5e-324), (1.0, math.nextafter(1.0, 2.0))):
        assert sum(Histogram.of([low, high]).counts) == 2


def test_absolute_values_cost():
    model = network()
    first = fit(model, X, Y, l1=0.5, epochs=1, progress=False)["loss"][0]
    size = sum(abs(p.data) for p in network().parameters())
    assert first == pytest.approx(evaluate(network(), X, Y)["loss"] + 0.5 * size, rel=1e-12)
    lasso = [fit(network(), X, Y, l1=0.01, backend=b, **SETTINGS)["loss"] for b in ("eager", "numpy")]
    np.testing.assert_allclose(*lasso, rtol=1e-9)


# Early ends


def test_it_stops_when_validation_gets_no_better_and_keeps_the_best():
    best = []

    def note(history):
        if history["validation_loss"][-1] == min(history["validation_loss"]):
            best[:] = [model.state_dict(), history.epochs]

    model = network()
    optimizer = Adam(model.parameters(), 0.1)
    history = fit(model, X, Y, validation=NEW, patience=3, optimizer=optimizer, callbacks=note, epochs=500,
                  progress=False)  # fmt: skip
    assert history.epochs == history.best_epoch + 3 < 500
    assert [model.state_dict(), history.best_epoch] == best
    assert optimizer.state.epochs == history.best_epoch
    assert f"in epoch {history.best_epoch}" in history.stopped
    assert fit(network(), X, Y, validation=NEW, patience=3, min_delta=10.0, epochs=50, progress=False).epochs == 4


def test_without_validation_it_stops_when_it_learns_no_more():
    model = network()
    history = fit(model, X, Y, patience=4, learning_rate=0.0, epochs=50, progress=False)
    assert (history.epochs, history.best_epoch) == (5, None)
    assert history.stopped == f"the loss was smallest, {history['loss'][0]:.4g}, in epoch 1"


def test_a_callback_may_stop_it():
    seen = []
    history = fit(network(), X, Y, callbacks=[seen.append, lambda history: history.epochs == 3], **SETTINGS)
    assert seen == [history] * 3
    assert (history.epochs, history.stopped) == (3, "the callback <lambda> said so")
    for callbacks, epochs in (
        (lambda history: np.float64(history["loss"][-1]) < 1e9, 1),  # a truth of NumPy's
        (lambda history: 1, SETTINGS["epochs"]),
        (None, SETTINGS["epochs"]),
    ):
        assert fit(network(), X, Y, callbacks=callbacks, metrics=None, **SETTINGS).epochs == epochs


def test_what_a_callback_does_to_the_model_counts():
    model = network()

    def zero(history):
        for parameter in model.parameters():
            parameter.data = 0.0

    fit(model, X, Y, callbacks=zero, **SETTINGS)
    assert {*model.state_dict().values()} == {0.0}


@pytest.mark.parametrize("validation", [None, NEW])
def test_an_interrupted_training_keeps_the_best_so_far(validation, capsys):
    states = []

    def interrupt(history):
        states.append(model.state_dict())
        if history.epochs == 5:
            raise KeyboardInterrupt

    model = network()
    optimizer = Adam(model.parameters(), 0.5)
    history = fit(model, X, Y, validation=validation, callbacks=interrupt, optimizer=optimizer, epochs=50,
                  progress=False)  # fmt: skip
    epoch = int(np.argmin(history["validation_loss"])) if validation else 4
    assert model.state_dict() == states[epoch]
    assert optimizer.state.epochs == epoch + 1
    assert history.epochs == 5
    assert history.stopped == "interrupted in epoch 6"
    assert f"the model has the weights of epoch {epoch + 1}" in capsys.readouterr().err


def test_an_epoch_that_was_not_looked_at_has_not_begun():
    class Interrupting(MLP):
        calls = 0

        def __call__(self, x):
            self.calls += not self.training
            if self.calls == 50:
                raise KeyboardInterrupt
            return super().__call__(x)

    model, same = Interrupting(2, [4, 1], "tanh", seed=1), network()
    optimizer, other = Adam(model.parameters()), Adam(same.parameters())
    settings = {"loss": "hinge", "validation": NEW, "backend": "eager", "progress": False}
    from nn.training import validation

    forward_of = validation.forward_of
    validation.forward_of = lambda model, rows: forward_of(model, rows, "eager")
    try:
        history = fit(model, X, Y, optimizer=optimizer, epochs=9, **settings)
        assert {len(column) for column in history.values()} == {2}
        fit(same, X, Y, optimizer=other, epochs=2, **settings)
    finally:
        validation.forward_of = forward_of
    assert optimizer.state.epochs == history.best_epoch == 2
    assert model.state_dict() == same.state_dict()


# Going on


@pytest.mark.parametrize("schedule", [lambda: ReduceOnPlateau(0.5, 0.5, patience=0, threshold=0.2),
                                      lambda: CosineDecay(0.3, epochs=9)])  # fmt: skip
def test_schedules_go_on_with_the_optimizer(schedule):
    whole, parts = network(), network()
    long, short = Adam(whole.parameters()), Adam(parts.parameters())
    settings = SETTINGS | {"learning_rate": schedule(), "validation": NEW}
    history = fit(whole, X, Y, optimizer=long, **settings)
    rates = []
    for _ in range(6):  # a schedule of its own each time
        fit(parts, X, Y, optimizer=short, **settings | {"epochs": 1, "learning_rate": schedule()})
        rates.append(short.learning_rate)
    assert rates[0] > rates[-1]
    assert parts.state_dict() == whole.state_dict()
    assert short.state == long.state
    anew = network()
    assert fit(anew, X, Y, optimizer=Adam(anew.parameters()), **settings) == history  # with a schedule that was used


# Checkpoints


def keep(path, model=None, **settings):
    model = model or network()
    optimizer = Adam(model.parameters(), 0.05)
    settings = {"validation": NEW, "patience": 30, "batch_size": 8, "progress": False, "epochs": 12} | settings
    history = fit(model, X, Y, optimizer=optimizer, checkpoint=path, **settings)
    return model.state_dict(), history, optimizer.state, history.stopped, history.best_epoch


def test_a_training_goes_on_from_its_checkpoint(tmp_path):
    whole, path = keep(tmp_path / "whole"), tmp_path / "part"
    keep(path, epochs=5)
    assert keep(path, resume=True) == whole
    written = path.read_bytes()
    assert keep(path, resume=True) == whole  # there is nothing left to do
    assert path.read_bytes() == written
    assert keep(tmp_path / "new", resume=True) == whole  # there is nothing to go on from
    assert keep(path) == whole  # begun anew
    recorded = keep(tmp_path / "recorded", record=5)
    assert recorded == whole
    keep(path, epochs=5, record=5)
    again = keep(path, record=5, resume=True)
    assert again == whole
    assert again[1].layers == recorded[1].layers
    assert again[1].recording == recorded[1].recording
    keep(path)
    stopped = keep(path, patience=1, epochs=500)
    assert stopped[3]
    assert keep(path, patience=1, epochs=500, resume=True) == stopped


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"l2": 0.5}, "l2 was 0.0 there, and is 0.5 here"),
        ({"batch_size": 4}, "batch_size was 8 there, and is 4 here"),
        ({"validation": 0.5}, "the data was"),
        ({"patience": 3}, "patience was 30 there, and is 3 here"),
        ({"learning_rate": CosineDecay(0.1)}, r"learning_rate was 0.05 there, and is 'CosineDecay\(0.1"),
        ({"model": MLP(2, [3, 1], seed=1)}, "the model was"),
        ({"model": MLP(2, [4, 1], "relu", seed=1)}, "the model was"),
        ({"seed": 3}, "seed was 0 there, and is 3 here"),
    ],
)
def test_the_checkpoint_of_another_training_is_refused(settings, says, tmp_path):
    path = tmp_path / "checkpoint"
    keep(path, epochs=1)
    with pytest.raises(ValueError, match=f"is the checkpoint of another training, .*{says}"):
        keep(path, resume=True, **settings)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    path = tmp_path / "checkpoint"
    keep(path, epochs=1)
    content = path.read_bytes()
    damaged = [b"", b"{}", b"[" * 10**5, content[:-1], content.replace(b"0", b"1", 1), b"\xff" + content[1:], b"null"]
    damaged += [content[: len(content) * k // 7] for k in range(1, 7)]
    document = json.loads(content)
    damaged += [json.dumps({k: v for k, v in document.items() if k != key}).encode() for key in document]
    damaged += [json.dumps(document | {key: None}).encode() for key in document]
    for wrong in damaged:
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match=r"checkpoint is (not a chalkgrad checkpoint|a damaged|version)"):
            keep(path, resume=True)
    with pytest.raises(ValueError, match="say where it is, with checkpoint="):
        fit(network(), X, Y, resume=True)
    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "missing" / "checkpoint")


KILLED = """
import json, os, random, signal, sys, tempfile, time, traceback
from pathlib import Path
import numpy
from nn import MLP, Adam, ReduceOnPlateau, fit, two_moons
from nn.training import checkpoint

checkpoint.EVERY = 0.0
X, y = two_moons(30, seed=1)

def train(path, backend):
    child = os.fork()  # and no training here: a process that uses JAX cannot be forked
    if not child:
        try:
            model = MLP(2, [4, 1], "tanh", seed=1, normalization="batch", dropout=0.25)
            optimizer = Adam(model.parameters())
            fit(model, X, y, validation=0.2, batch_size=5, optimizer=optimizer, epochs=40, backend=backend,
                learning_rate=ReduceOnPlateau(0.05, patience=1), checkpoint=path, resume=True, progress=False)
            mine = json.loads(json.dumps(optimizer.state.as_dict()))
            assert json.loads(path.read_bytes())["state"] == mine
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child

def trained(path, backend):
    assert os.waitpid(train(path, backend), 0)[1] == 0, backend
    return path.read_bytes()  # weights, running means, Adam's memory, figures, and how often it was shuffled

n, *backends = sys.argv[1:]
draw = random.Random(int(n))
with tempfile.TemporaryDirectory() as folder:
    for backend in backends:
        start = time.perf_counter()
        whole = trained(Path(folder) / f"{backend}.whole", backend)
        n_cut = 0
        for turn in range(int(n)):
            path = Path(folder) / f"{backend}.{turn}"
            child = train(path, backend)
            while not path.exists():
                time.sleep(0.001)
            time.sleep(draw.random() * 0.2)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            n_cut += path.read_bytes() != whole
            assert trained(path, backend) == whole, (backend, turn)
        print(f"{backend}: {n_cut} of {n} were cut short", file=sys.stderr)
print("the same")
"""


def test_whoever_is_killed_goes_on_to_the_last_bit():
    """With all that a training keeps and draws. KILLS=50 for as many moments, with native code and JAX too."""
    n = os.environ.get("KILLS")
    backends = ["eager", "numpy", "numba", "jax"] if n else ["eager", "numpy"]
    done = subprocess.run([sys.executable, "-c", KILLED, n or "3", *backends], capture_output=True, text=True)
    assert done.stdout == "the same\n", done.stderr


# Arguments


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"validation": 1.0}, ValueError, "validation must be a share above 0 and below 1, .* but was 1.0"),
        ({"validation": 0.001}, ValueError, "validation=0.001 of 40 rows leaves none on one side"),
        ({"validation": (X, [3] * 40)}, ValueError, "labels -1 or 1, but was given 3"),
        ({"validation": ([[1.0]], [1])}, ValueError, "its rows have 1 numbers, and those to learn from 2"),
        ({"validation": X}, ValueError, r"or \(X, y\), but was"),
        ({"patience": 0}, ValueError, "patience.*0"),
        ({"min_delta": -1}, ValueError, "min_delta.*-1"),
        ({"metrics": "f2"}, ValueError, "unknown metric 'f2'"),
        ({"callbacks": [3]}, TypeError, "callbacks must be functions of the history, but have 3"),
        ({"record": -1}, ValueError, "record.*-1"),
        ({"l1": -1.0}, ValueError, "l1.*-1"),
        ({"checkpoint": 3}, TypeError, "a path is text.* but was 3"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, error, says):
    model = network()
    before = predict(model, X)
    with pytest.raises(error, match=says):
        fit(model, X, Y, **SETTINGS | settings)
    assert (predict(model, X) == before).all()
