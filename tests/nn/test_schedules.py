"""Schedules give the rates of optax, and fit goes by them on every backend alike."""

import math
import random

import jax
import optax
import pytest

import nn
from nn import (
    MLP,
    SGD,
    Adam,
    CosineDecay,
    ExponentialDecay,
    ReduceOnPlateau,
    StepDecay,
    WarmUp,
    fit,
    schedules,
    two_moons,
)

PAIRS = {
    "step": (StepDecay(0.3, every=7, factor=0.6), optax.exponential_decay(0.3, 7, 0.6, staircase=True)),
    "exponential": (ExponentialDecay(0.3, factor=0.93), optax.exponential_decay(0.3, 1, 0.93)),
    "cosine": (CosineDecay(0.3, epochs=40, final=0.06), optax.cosine_decay_schedule(0.3, 40, alpha=0.2)),
    "warm-up": (
        WarmUp(CosineDecay(0.3, epochs=30), epochs=9, start=0.01),
        optax.join_schedules([optax.linear_schedule(0.01, 0.3, 9), optax.cosine_decay_schedule(0.3, 30)], [9]),
    ),
    "warm-up to a number": (WarmUp(0.2, epochs=4, start=0.0), optax.warmup_constant_schedule(0.0, 0.2, 4)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_rates_are_those_of_optax(name):
    mine, theirs = PAIRS[name]
    with jax.enable_x64(True):
        rates = jax.jit(jax.vmap(theirs))(jax.numpy.arange(50.0))
    assert [mine(epoch) for epoch in range(50)] == pytest.approx(rates.tolist(), rel=1e-9, abs=1e-15)
    assert repr(eval(repr(mine), vars(nn))) == repr(mine)


def test_a_warm_up_begins_where_that_of_pytorch_does():
    rates = [WarmUp(0.3)(epoch) for epoch in range(7)]  # LinearLR(SGD(..., lr=0.3)), whose defaults are 1/3 and 5
    assert rates == pytest.approx([0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.3], rel=1e-12)
    schedule = WarmUp(CosineDecay(0.3, epochs=10), epochs=1)
    assert [schedule(0), schedule(1)] == pytest.approx([0.1, 0.3], rel=1e-12)
    assert repr(eval(repr(schedule), vars(nn))) == repr(schedule)


@pytest.mark.parametrize("name", PAIRS)
def test_fifty_steps_of_adam_by_it_are_those_of_optax(name):
    mine, theirs = PAIRS[name]
    X, y = two_moons(12, noise=0.1, seed=1)
    model = MLP(2, [1], seed=1)
    neuron = model.layers[0].neurons[0]
    with jax.enable_x64(True):
        parameters = jax.numpy.array([*(w.data for w in neuron.w), neuron.b.data])
        rows, targets = jax.numpy.array(X), jax.numpy.array(y, dtype=float)
        slope = jax.jit(jax.grad(lambda p: jax.numpy.mean((rows @ p[:2] + p[2] - targets) ** 2)))
        adam = optax.scale_by_adam()
        state, update = adam.init(parameters), jax.jit(adam.update)
        for rate in jax.jit(jax.vmap(theirs))(jax.numpy.arange(50.0)):  # by whole numbers it would be a float32
            steps, state = update(slope(parameters), state)
            parameters = parameters - rate * steps
    optimizer = Adam(model.parameters())
    fit(model, X, y, loss="mean_squared_error", learning_rate=mine, optimizer=optimizer, epochs=50, backend="numpy",
        progress=False)  # fmt: skip
    assert optimizer.count == 50
    assert [*model.state_dict().values()] == pytest.approx(parameters.tolist(), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_plateau_is_what_optax_takes_for_one(seed):
    draw = random.Random(seed)
    mine = ReduceOnPlateau(0.3, factor=0.7, patience=2, threshold=0.02, least=0.05)
    theirs = optax.contrib.reduce_on_plateau(factor=0.7, patience=3, rtol=0.02, min_scale=0.05 / 0.3)  # one more
    with jax.enable_x64(True):
        gradient = jax.numpy.float64(1.0)
        state, update = theirs.init(gradient), jax.jit(theirs.update)
        rates = []
        for epoch in range(50):
            rates.append(mine(epoch))
            assert mine(epoch) == pytest.approx(0.3 * float(state.scale), rel=1e-9)
            loss = math.exp(-min(epoch, 15) / 10) * draw.uniform(0.9, 1.1)
            mine.observe(loss)
            _, state = update(gradient, state, value=jax.numpy.float64(loss))
    assert len({*rates}) > 2, "it never came to a plateau"
    assert mine(0) == 0.3  # a new training
    assert repr(eval(repr(mine), vars(nn))) == repr(mine)


SCHEDULES = [*(mine for mine, _ in PAIRS.values()), ReduceOnPlateau(0.5, factor=0.5, patience=0, threshold=0.05)]


def test_every_schedule_is_tried():
    found = {type(schedule).__name__ for schedule in SCHEDULES}
    assert found == {name for name in schedules.__all__ if isinstance(getattr(schedules, name), type)}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_fit_goes_by_it_on_every_backend_and_in_parts(schedule):
    data = two_moons(20, seed=1)
    found = []
    for backend, parts in (("eager", [12]), ("numpy", [12]), ("numpy", [5, 1, 6])):
        model = MLP(2, [4, 1], activation="tanh", seed=1)
        optimizer = SGD(model.parameters())
        losses = []
        for epochs in parts:
            history = fit(model, *data, optimizer=optimizer, learning_rate=schedule, epochs=epochs, batch_size=8,
                          backend=backend, progress=False)  # fmt: skip
            losses += history["loss"]
        found.append((losses, [*model.state_dict().values()], optimizer.learning_rate))
    assert found[1] == found[2]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-9)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-9)
    assert found[0][2] == found[1][2]


def test_a_plateau_is_seen_at_once():
    """Though compiled code goes through many epochs before it looks up."""
    schedule = ReduceOnPlateau(0.0, factor=0.5, patience=3)  # at a rate of 0 nothing becomes smaller
    seen = []
    schedule.observe, observe = (lambda loss: (seen.append(loss), observe(loss))), schedule.observe
    fit(MLP(2, [1], seed=1), *two_moons(9), learning_rate=schedule, epochs=20, backend="numpy", progress=False)
    assert len(seen) == 20


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: StepDecay(0.1, factor=0), ValueError, "factor must be a number above 0, but was 0"),
        (lambda: ReduceOnPlateau(0.1, factor=1), ValueError, "factor must be above 0 and below 1, but was 1"),
        (lambda: ReduceOnPlateau(0.1, least=0.2), ValueError, "least must be from 0 to the rate, 0.1, but was 0.2"),
        (lambda: WarmUp(ReduceOnPlateau(0.1)), TypeError, r"cannot lead to .* ReduceOnPlateau\(0.1, "),
        (lambda: WarmUp(StepDecay), TypeError, r"write StepDecay\(0.1\), not StepDecay"),
        (lambda: fit(MLP(1, [1]), [[1.0]], [1], learning_rate=CosineDecay), TypeError, r"write CosineDecay\(0.1\)"),
    ],
)
def test_what_is_no_schedule_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()
