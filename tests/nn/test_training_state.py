"""Where training stands is a value: what goes on from it takes the steps that it would have taken without a stop."""

import gc
import json
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from thorough import BACKENDS

from nn import (
    MLP,
    SGD,
    Adam,
    BatchNorm,
    Buffer,
    Dropout,
    Layer,
    Module,
    Parameter,
    TrainingState,
    fit,
    two_moons,
)
from nn.training.step import current_step

ALL = ("eager", *BACKENDS)
DATA = two_moons(20, seed=1)
EAGERLY = {"backend": "eager", "progress": False}


def network():
    return MLP(2, [3, 1], activation="tanh", seed=1)


def adam(model, **settings):
    return Adam(model.parameters(), learning_rate=0.02, beta1=0.8, **settings)


def train(model, optimizer, epochs, backend="eager", **settings):
    return fit(model, *DATA, optimizer=optimizer, epochs=epochs, batch_size=6, backend=backend, progress=False,
               **settings)  # fmt: skip


def fall(epoch):
    return 0.05 / (1 + epoch)


@pytest.mark.parametrize("backend", ALL)
def test_five_epochs_and_five_more_are_ten(backend):
    """Shuffles, Adam's memories and schedules included, through a file and into another model."""
    whole = network()
    optimizer = adam(whole)
    history = train(whole, optimizer, 10, backend, learning_rate=fall)

    first = network()
    before = adam(first)
    start = train(first, before, 5, backend, learning_rate=fall)
    text = json.dumps(before.state.as_dict(), allow_nan=False)
    other = MLP(2, [3, 1], activation="tanh", seed=2)
    after = adam(other)
    after.state = TrainingState.from_dict(json.loads(text))
    rest = train(other, after, 5, backend, learning_rate=fall, seed=9)

    assert {name: start[name] + rest[name] for name in history} == history
    assert other.state_dict() == whole.state_dict()
    assert after.state == optimizer.state
    assert (after.count, after.state.epochs) == (40, 10)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_many_fits_of_one_optimizer_are_one_long_fit(backend):
    whole, parts = network(), network()
    history = train(whole, adam(whole), 6, backend)
    optimizer = adam(parts)
    epochs = [train(parts, optimizer, 1, backend) for _ in range(6)]
    assert [epoch["loss"][0] for epoch in epochs] == history["loss"]
    assert parts.state_dict() == whole.state_dict()


def test_training_goes_on_on_another_backend():
    whole, parts = network(), network()
    train(whole, adam(whole), 8)
    optimizer = adam(parts)
    for backend in ("eager", "numpy", "numba", "jax"):
        train(parts, optimizer, 2, backend)
    assert list(parts.state_dict().values()) == pytest.approx(list(whole.state_dict().values()), rel=1e-9)


class Noted(Module):
    """Passes numbers on, and notes what it sees: a mean of each example's own, two that change places, and nothing."""

    def __init__(self):
        self.mean, self.nothing = Buffer(0.0), Buffer(0.1)
        self.places = [Buffer(1.0), Buffer(2.0)]

    def __call__(self, x):
        if step := current_step():
            step.update(self.mean, 0.75 * self.mean + 0.25 * x[0])
            for here, there in zip(self.places, self.places[::-1], strict=True):
                step.update(here, there)
        return x


class Unsettled(Module):
    """A network with all that training keeps beside parameters, and draws."""

    def __init__(self):
        self.layers = [Layer(2, 4, "tanh", seed=1), BatchNorm(4, 0.3), Dropout(0.25), Layer(4, 4, seed=2), Noted(),
                       Dropout(0.5), Layer(4, 1, "linear", seed=3)]  # fmt: skip

    def __call__(self, x):
        first, norm, dropout, second, noted, another, last = self.layers
        x = dropout(norm(first(x)))
        return last(another(noted([a + b for a, b in zip(x, second(x), strict=True)])))[0]


@pytest.fixture(scope="module")
def eager_training():
    return trained(Unsettled(), "eager")


def trained(model, backend):
    optimizer = adam(model)
    # each epoch has 4 steps, of 6 examples and 2 at last
    settings = {"epochs": 13, "l1": 0.001, "l2": 0.01, "clip_norm": 1.0, "seed": 2}
    history = train(model, optimizer, backend=backend, **settings)
    return [*history["loss"], *history["accuracy"], *model.state_dict().values()], optimizer.state


@pytest.mark.parametrize("backend", BACKENDS)
def test_statistics_and_noise_are_the_same_on_every_backend(backend, eager_training):
    model = Unsettled()
    numbers, state = trained(model, backend)
    expected, expected_state = eager_training
    np.testing.assert_allclose(numbers, expected, rtol=1e-9, atol=1e-12)
    assert (state.count, state.random, state.order) == (52, expected_state.random, expected_state.order)
    assert list(state.statistics) == [buffer.data for buffer in model.buffers()]
    noted = model.layers[4]
    assert (noted.nothing.data, noted.places[0].data, noted.places[1].data) == (0.1, 1.0, 2.0)
    assert noted.mean.data != 0.0


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_statistics_and_noise_go_on_where_they_ended(backend):
    """In the same model, epoch by epoch; and through a file, in another one."""
    whole, parts, before, other = (Unsettled() for _ in range(4))
    optimizer = adam(whole)
    train(whole, optimizer, 6, backend, seed=4)
    going_on = adam(parts)
    for _ in range(6):
        train(parts, going_on, 1, backend, seed=4)
    assert parts.state_dict() == whole.state_dict()
    assert going_on.state == optimizer.state
    first, second = adam(before), adam(other)
    train(before, first, 2, backend, seed=4)
    second.state = TrainingState.from_dict(json.loads(json.dumps(first.state.as_dict())))
    train(other, second, 4, backend)
    assert other.state_dict() == whole.state_dict()
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    other.load_state_dict(before.state_dict())
    train(other, second, 4, backend)
    assert other.state_dict() == whole.state_dict()
    assert second.state == optimizer.state


def test_noise_is_drawn_anew_where_nothing_is_shuffled():
    states = []
    for epochs in (1, 2):
        model = Unsettled()
        fit(model, *DATA, epochs=epochs, backend="numpy", learning_rate=0.0, progress=False)
        states.append(model.state_dict()["layers.4.mean"])
    first, second = states[0], states[1] - 0.75 * states[0]  # what was seen in each, times 0.25
    assert first != pytest.approx(second, rel=1e-3)


def test_a_state_of_other_statistics_is_refused():
    model = Unsettled()
    optimizer = adam(model)
    train(model, optimizer, 1)
    before = optimizer.state
    with pytest.raises(ValueError, match="with 12 statistics, such as running means, was expected, but this has 1"):
        optimizer.state = TrainingState.from_dict({**before.as_dict(), "statistics": [1.0]})
    with pytest.raises(ValueError, match="statistics must be a list of numbers"):
        TrainingState([1.0], statistics="none")
    assert optimizer.state == before


def test_a_named_optimizer_starts_anew():
    a, b = network(), network()
    train(a, "adam", 2)
    train(a, "adam", 2)
    train(b, "adam", 4)
    assert a.state_dict() != b.state_dict()


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_an_optimizer_is_used_as_it_was_made(backend):
    """Its settings, and what it remembers of steps that were taken by hand."""
    by_hand, fitted = network(), network()
    found = []
    for model, learning_rate in ((by_hand, None), (fitted, lambda epoch: 0.02)):
        optimizer = adam(model, epsilon=1e-3)
        for x, y in zip(*DATA, strict=True):
            optimizer.zero_grad()
            ((model(x) - y) ** 2).backward()
            optimizer.step()
        train(model, optimizer, 2, backend, learning_rate=learning_rate)
        found.append((model.state_dict(), optimizer.state))
    assert found[0] == found[1]
    other = network()
    train(other, "adam", 2, backend, learning_rate=0.02)
    assert other.state_dict() != fitted.state_dict()


def test_a_state_is_a_value():
    model = network()
    optimizer = adam(model)
    train(model, optimizer, 2)
    state = optimizer.state
    train(model, optimizer, 1)
    after = optimizer.state
    assert after != state
    optimizer.state = state
    assert optimizer.state == state
    train(model, optimizer, 1)
    assert optimizer.state == after
    with pytest.raises(AttributeError):
        state.count = 3
    theirs = [1.0]
    mine = TrainingState(theirs)
    theirs[0] = 2.0
    assert list(mine.parameters) == [1.0]


def test_every_float_comes_back():
    numbers = [0.1 + 0.2, 5e-324, -0.0, 1e308, 1 / 3]
    state = TrainingState(numbers, (numbers, np.array(numbers)))
    assert state == TrainingState(tuple(numbers), (tuple(numbers),) * 2)
    again = TrainingState.from_dict(json.loads(json.dumps(state.as_dict())))
    assert list(map(repr, again.parameters)) == list(map(repr, again.memories[1])) == list(map(repr, numbers))
    assert again == state


def test_the_state_of_an_optimizer_leaves_the_parameters_alone():
    a, b = network(), network()
    optimizer, other = adam(a), adam(b)
    train(a, optimizer, 2)
    before = b.state_dict()
    other.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
    assert b.state_dict() == before
    b.load_state_dict(a.state_dict())
    train(a, optimizer, 2)
    train(b, other, 2)
    assert b.state_dict() == a.state_dict()


def test_data_of_another_length_are_shuffled_too():
    model = network()
    optimizer = adam(model)
    train(model, optimizer, 1)
    fit(model, *two_moons(13), optimizer=optimizer, epochs=1, batch_size=4, progress=False)
    assert sorted(optimizer.state.order) == list(range(13))


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize(
    ("optimizer", "settings", "says"),
    [
        (lambda model: SGD(network().parameters()), {}, r"all of them: make it as SGD\(model.parameters\(\)\)"),
        (lambda model: SGD(model.parameters()[1:]), {}, "all of them"),
        (lambda model: SGD([*model.parameters(), *model.parameters()]), {}, "all of them"),
        (lambda model: SGD(model.parameters()), {"learning_rate": 0.3}, "learning_rate is there twice: 0.3, and 0.1"),
        (lambda model: Adam, {}, r"write optimizer=Adam\(model.parameters\(\)\), not Adam"),
        (lambda model: None, {}, "unknown optimizer None: choose one of sgd, rmsprop, adam, adamw, or give"),
        (lambda model: ["sgd"], {}, "unknown optimizer"),
    ],
)
def test_an_optimizer_that_cannot_be_meant_is_refused(optimizer, settings, says, backend):
    model = network()
    before = model.state_dict()
    with pytest.raises(ValueError, match=says):
        train(model, optimizer(model), 1, backend, **settings)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"memories": []}, "13 parameters, of each of which 2 numbers .* 13 parameters and 0 numbers"),
        ({"parameters": [1.0]}, "has 1 parameters"),
        ({"memories": [[0.0] * 13, [0.0]]}, "13 parameters, of each"),
        ({"extra": 1}, "has parameters, memories, statistics, count, .*random, order, schedule, but this has .*extra"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(change, says):
    model = network()
    optimizer = adam(model)
    before = optimizer.state
    with pytest.raises(ValueError, match=says):
        optimizer.state = TrainingState.from_dict({**before.as_dict(), **change})
    assert optimizer.state == before


class Interrupting(MLP):
    """Ctrl-C in the middle of an epoch."""

    calls = 0

    def __call__(self, x):
        self.calls += 1
        if self.calls == 50:
            raise KeyboardInterrupt
        return super().__call__(x)


class InterruptingToo(Unsettled):
    calls = 0

    def __call__(self, x):
        self.calls += 1
        if self.calls == 60:
            raise KeyboardInterrupt
        return super().__call__(x)


def test_statistics_are_those_of_the_last_whole_epoch():
    model, same = InterruptingToo(), Unsettled()
    optimizer, other = adam(model), adam(same)
    train(model, optimizer, 40)
    assert optimizer.state.epochs == 7  # with two calls for each batch: of an example, and of all at once
    train(same, other, optimizer.state.epochs)
    assert model.state_dict() == same.state_dict()
    assert optimizer.state == other.state


def test_an_interrupted_epoch_is_as_if_it_had_not_begun():
    model, same = Interrupting(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    optimizer, other = adam(model), adam(same)
    thresholds = gc.get_threshold()
    history = train(model, optimizer, 10, loss="hinge")
    assert (history.epochs, history.stopped) == (2, "interrupted in epoch 3")
    assert gc.get_threshold() == thresholds
    train(same, other, 2)
    assert model.state_dict() == same.state_dict()
    assert optimizer.state == other.state
    train(model, optimizer, 1)
    train(same, other, 1)
    assert model.state_dict() == same.state_dict()


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interrupted_compilation_leaves_the_model_as_it_was(backend):
    class Impatient(MLP):
        def __call__(self, x):
            output = super().__call__(x)
            if not isinstance(x[0], float):
                raise KeyboardInterrupt
            return output

    model = Impatient(2, [3, 1], seed=1)
    before = model.state_dict()
    with pytest.raises(KeyboardInterrupt):
        train(model, "adam", 10, backend)
    assert model.state_dict() == before
    assert all(type(parameter.data) is float for parameter in model.parameters())
    assert type(model([1.0, 2.0]).data) is float


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_what_an_interrupted_fit_has_learnt_goes_on(backend):
    """Whatever the stretches were in which it went."""
    epochs = []

    def rate(epoch):
        epochs.append(epoch)
        if epoch == 20:
            raise KeyboardInterrupt
        return 0.02

    model, same = network(), network()
    optimizer, other = adam(model), adam(same)
    history = train(model, optimizer, 40, backend, learning_rate=rate)
    assert history.epochs == optimizer.state.epochs
    done = optimizer.state.epochs
    assert 0 < done <= 20
    train(model, optimizer, 25 - done, backend)
    train(same, other, 25, backend)
    assert optimizer.state == other.state
    assert model.state_dict() == same.state_dict()


def test_fits_in_many_threads_leave_the_collector_as_it_was():
    """Whichever of them begins first, or ends: some in an error, some early."""

    class Waiting(Module):
        def __init__(self, number):
            self.w, self.number = Parameter(1.0), number

        def __call__(self, x):
            time.sleep(1e-4 * (self.number % 7))
            if self.number % 5 == 4:
                raise KeyError(self.number)
            return self.w * x[0]

    def run(number):
        with suppress(KeyError):
            for _ in range(number % 3 + 1):
                fit(Waiting(number), [[1.0]] * 5, [1.0] * 5, loss="mean_squared_error", epochs=3, **EAGERLY)

    before = gc.get_threshold()
    gc.set_threshold(123, 7, 5)
    try:
        threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gc.get_threshold() == (123, 7, 5)
        run(0)
        assert gc.get_threshold() == (123, 7, 5)
    finally:
        gc.set_threshold(*before)


def test_fits_that_overlap_leave_the_collector_as_it_was():
    """And while any of them runs it is patient."""
    thresholds = gc.get_threshold()
    began, may_end = threading.Event(), threading.Event()
    seen = []

    class Waiting(Module):
        def __init__(self):
            self.w = Parameter(1.0)

        def __call__(self, x):
            began.set()
            assert may_end.wait(60)
            seen.append(gc.get_threshold())
            return self.w * x[0]

    class Passing(Module):
        def __init__(self):
            self.w = Parameter(1.0)

        def __call__(self, x):
            return self.w * x[0]

    def run():
        fit(Waiting(), [[1.0]], [1.0], loss="mean_squared_error", epochs=1, **EAGERLY)

    other = threading.Thread(target=run)
    other.start()
    assert began.wait(60)
    patient = gc.get_threshold()
    fit(Passing(), [[1.0]], [1.0], loss="mean_squared_error", epochs=1, **EAGERLY)
    may_end.set()
    other.join()
    assert patient[0] > thresholds[0]
    assert {*seen} == {patient}
    assert gc.get_threshold() == thresholds
