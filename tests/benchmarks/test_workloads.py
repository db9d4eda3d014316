"""The workloads: whoever is installed gives the same answer as all others. No test looks at a clock."""

import gc
import math
import sys
from contextlib import suppress
from importlib.util import find_spec

import jax
import numpy as np
import pytest
from thorough import thorough

from benchmarks import chalkgrad, limit
from benchmarks.peers import with_numpy
from benchmarks.race import disagreement
from benchmarks.workload import MissingError
from benchmarks.workloads import WORKLOADS, digits, moons
from benchmarks.workloads.compiler_growth import agreement, flat
from engine import total
from nn import MLP, mean_squared_error

QUICK = ["hessian-rosenbrock"]
SLOW = ["random-dag", "moons", "moons-sums", "iris", "digits", "rosenbrock", "gpt", "hessian-net", "memory"]
RACES = QUICK + SLOW


@pytest.mark.parametrize("name", [name for name in WORKLOADS if name not in RACES])
def test_the_project_itself_can_run_what_it_races_alone(name):
    trial = WORKLOADS[name].contestants[0].prepare()
    assert all(map(math.isfinite, trial.answer(trial.step())))


def can_run(contestant):
    """Without PyTorch: torch.compile needs a C++ compiler, and a minute with it."""
    return contestant.compared and contestant.needs != "torch" and (not contestant.needs or find_spec(contestant.needs))


@pytest.fixture
def settings_put_back():
    """Peers set what holds for their whole process, which is this one here: to start one for each takes long.

    The collector is off: for micrograd's graphs, which are cycles, it takes ten times as long as the arithmetic.
    """
    recursion, float64 = sys.getrecursionlimit(), jax.config.jax_enable_x64
    gc.disable()
    yield
    gc.enable()
    sys.setrecursionlimit(recursion)
    jax.config.update("jax_enable_x64", float64)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=thorough) for name in SLOW)])
def test_all_who_race_agree(name, settings_put_back):
    race = WORKLOADS[name]
    answers = {}
    for contestant in filter(can_run, race.contestants):
        with suppress(MissingError):
            trial = contestant.prepare()
            answers[contestant.name] = trial.answer(trial.step())
    expected = answers[race.contestants[0].name]
    assert len(answers) > 1
    assert {disagreement(answer, expected, race.tolerance) for answer in answers.values()} == {""}


def test_a_backend_that_does_not_exist_yet_is_missing():
    (contestant,) = chalkgrad.on_backends(chalkgrad.compiled, sum, [1.0, 2.0], without=["numba", "jax"])
    assert contestant.name == "chalkgrad, numpy"
    assert contestant.prepare().step()[0] == 3.0
    with pytest.raises(MissingError, match="there is no abacus backend yet"):
        contestant.prepare.func(chalkgrad.compiled, sum, [1.0, 2.0], "abacus")


def test_batches_are_the_data_once():
    rows, labels = zip(*digits.TASK.batches(), strict=True)
    X, y = digits.digits()
    assert {row.shape for row in rows} == {(64, 64)}
    assert sorted(zip(np.concatenate(rows).tolist(), np.concatenate(labels).tolist(), strict=True)) == sorted(
        zip(X, y, strict=True)
    )
    ((row, label),) = moons.TASK.batches()
    assert (row.tolist(), label.tolist()) == moons.TASK.data()


def test_losses_are_collected_step_by_step_or_many_at_once():
    losses = [float(i) for i in range(28, 0, -1)]
    one = iter(losses)
    trial = digits.TASK.trial(lambda: next(one))
    assert trial.answer(trial.step()) == [14.5]
    some = iter([losses[:20], losses[20:] + [99.0] * 12])
    trial = digits.TASK.trial(lambda: next(some), steps=20)
    assert trial.answer(trial.step()) == [14.5]
    assert trial.size == 20
    penalties = iter([0.5, 1.5, 2.5])
    trial = moons.TASK.trial(lambda: 1.0, extra=lambda: next(penalties))
    assert trial.answer(trial.step()) == [1.5, 2.5, 3.5]


def test_the_limit_counts_the_products_that_nobody_can_do_without():
    assert limit.flops_of_products([64, 32, 10], 64) == 2 * 64 * (2 * (64 * 32 + 32 * 10) + 32 * 10)
    trial = limit.products_at_peak(digits.TASK, tanh=1, exp=10)
    assert trial.size > 1
    assert trial.answer(trial.step()) == []


def test_what_is_worked_out_by_hand_is_the_engines_gradient():
    model = MLP(3, [4, 5, 1], activation="tanh", seed=2)
    random = np.random.default_rng(1)
    X, y = random.normal(size=(6, 3)), random.normal(size=6)
    cost = total(mean_squared_error(model(x), t) for x, t in zip(X.tolist(), y.tolist(), strict=True)) / 6
    cost.backward()
    layers = [(np.array(layer.weights), np.array(layer.biases)) for layer in model.layers]
    value, gradient = with_numpy.regression(layers, X, y)
    assert value == pytest.approx(cost.data, rel=1e-12)
    expected = np.array([p.grad for p in model.parameters()])
    np.testing.assert_allclose(flat(gradient), expected, rtol=1e-12)
    assert agreement((cost.data, expected), (value, gradient)) == pytest.approx([1.0, 1.0, 1.0], rel=1e-12)
    assert agreement((cost.data, expected + 1e-3), (value, gradient)) != pytest.approx([1.0, 1.0, 1.0], rel=1e-9)
