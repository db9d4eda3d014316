"""Optimizers take the steps of optax."""

import jax
import jax.numpy as jnp
import optax
import pytest

from nn import MLP, OPTIMIZERS, SGD, Adam, AdamW, Parameter, RMSProp, clip_gradients, fit

PAIRS = {
    "sgd": (lambda p: SGD(p, 0.01), optax.sgd(0.01)),
    "momentum": (lambda p: SGD(p, 0.01, momentum=0.8), optax.sgd(0.01, momentum=0.8)),
    "nesterov": (lambda p: SGD(p, 0.01, momentum=0.8, nesterov=True), optax.sgd(0.01, momentum=0.8, nesterov=True)),
    "rmsprop": (lambda p: RMSProp(p, 0.05, decay=0.9, epsilon=1e-6),
                optax.rmsprop(0.05, decay=0.9, eps=1e-6, eps_in_sqrt=False)),
    "adam": (lambda p: Adam(p, 0.1, beta1=0.8, beta2=0.95, epsilon=1e-6), optax.adam(0.1, b1=0.8, b2=0.95, eps=1e-6)),
    "adamw": (lambda p: AdamW(p, 0.1, beta1=0.8, beta2=0.95, epsilon=1e-6, weight_decay=0.3),
              optax.adamw(0.1, b1=0.8, b2=0.95, eps=1e-6, weight_decay=0.3)),
}  # fmt: skip


def function(x):
    return x[0] ** 4 - 3 * x[0] + (x[1] - x[0]) ** 2 + x[1] * x[2] + 10 * x[2] ** 2


@pytest.mark.parametrize("name", PAIRS)
def test_fifty_steps_are_those_of_optax(name):
    make, theirs = PAIRS[name]
    start = [1.5, -2.0, 0.5]
    parameters = [Parameter(x) for x in start]
    mine = make(parameters)
    with jax.enable_x64(True):
        position = jnp.array(start)
        state, gradient, update = theirs.init(position), jax.jit(jax.grad(function)), jax.jit(theirs.update)
        for _ in range(50):
            mine.zero_grad()
            function(parameters).backward()
            mine.step()
            steps, state = update(gradient(position), state, position)
            position = position + steps
            assert [p.data for p in parameters] == pytest.approx(position.tolist(), rel=1e-9, abs=1e-12)


def test_every_optimizer_is_tried():
    assert {*OPTIMIZERS} <= {*PAIRS}
    assert {type(make([Parameter(1.0)])) for make, _ in PAIRS.values()} == {*OPTIMIZERS.values()}


def test_to_look_ahead_needs_a_momentum_which_stays_as_it_is():
    with pytest.raises(ValueError, match="nesterov=True looks ahead by a momentum"):
        SGD([Parameter(1.0)], nesterov=True)
    with pytest.raises(AttributeError, match="momentum"):
        SGD([Parameter(1.0)]).momentum = 0.9


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_remembered_comes_back(name):
    x = Parameter(2.0)
    optimizer = PAIRS[name][0]([x])
    x.grad = 3.0
    optimizer.step()
    state, position = optimizer.state_dict(), x.data
    optimizer.step()
    after = x.data
    y = Parameter(position)
    other = PAIRS[name][0]([y])
    other.load_state_dict(state)
    y.grad = 3.0
    other.step()
    assert y.data == after


@pytest.mark.parametrize(
    ("clip", "theirs"),
    [
        ({"clip_norm": 1.3}, optax.clip_by_global_norm(1.3)),
        ({"clip_value": 0.7}, optax.clip(0.7)),
        ({}, optax.identity()),
    ],
)
def test_gradients_are_clipped_as_by_optax(clip, theirs):
    parameters = [Parameter(x) for x in (1.5, -2.0, 0.5)]
    mine = SGD(parameters, 0.05)
    with jax.enable_x64(True):
        position, gradient = jnp.array([p.data for p in parameters]), jax.jit(jax.grad(function))
        for _ in range(50):
            mine.zero_grad()
            function(parameters).backward()
            slope = gradient(position)
            assert clip_gradients(parameters, **clip) == pytest.approx(
                float(jnp.linalg.norm(slope)), rel=1e-9, abs=1e-9
            )
            mine.step()
            position = position - 0.05 * theirs.update(slope, theirs.init(position))[0]
            assert [p.data for p in parameters] == pytest.approx(position.tolist(), rel=1e-9, abs=1e-12)


def test_no_gradient_is_clipped_to_none():
    x = Parameter(1.0)
    assert clip_gradients([x], clip_norm=1.0) == 0.0 == x.grad
    with pytest.raises(ValueError, match="two ways to clip: choose one"):
        clip_gradients([x], 1.0, 2.0)
    with pytest.raises(ValueError, match="clip_norm must be a number above 0, or None, but was 0"):
        fit(MLP(1, [1]), [[1.0]], [1], clip_norm=0)
