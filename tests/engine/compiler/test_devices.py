"""JAX on several devices, and on several hosts, computes what NumPy does, and shares out the work.

As a program this file is such a host: ``test_devices.py DEVICES [PORT HOST]`` does `work` and prints it as JSON.
"""

import json
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import numpy as np
import pytest

from engine import compile, dot, exp
from engine.compiler.backends.trainer import TrainingState
from nn import MLP, SGD, fit, hinge, two_moons

ROOT = Path(__file__).parents[3]
HOSTS = 2
MARK = "results: "  # after what the libraries print


def model():
    return MLP(2, [4, 1], activation="tanh", seed=1)


def data(n):
    X, y = two_moons(2 * n, seed=3)
    return X[::2], y[::2]


def network(backend):
    """(program, theta)"""
    net = model()
    program = compile(lambda x, y: hinge(net(x), y), inputs=(2, ()), parameters=net.parameters(), backend=backend)
    return program, [p.data for p in net.parameters()]


def work(backend):
    """A list of numbers for each thing that a program can do."""
    done = {}
    program, theta = network(backend)
    for n in (64, 12, 7):  # for 8 devices, for 4, for one
        value, gradient = program.value_and_grad(theta, *data(n))
        done[f"parameters, {n}"] = [value, program.value(theta, *data(n)), *gradient]

    weights = model().parameters()

    def penalty_and_output(x):
        return dot(weights, weights), [exp(x) * weights[0]]

    shared = compile(penalty_and_output, inputs=(), parameters=weights, has_aux=True, backend=backend)
    (value, aux), gradient = shared.value_and_grad(theta, data(64)[1])
    done["a shared first output"] = [value, *aux[:, 0], *gradient]

    alone = compile(lambda x: exp(x[0]) * x[1], inputs=2, backend=backend)
    for name, x in (("64", data(64)[0]), ("one", data(1)[0][0])):
        value, gradient = alone.value_and_grad(x)
        done[f"no parameters, {name}"] = np.concatenate([np.ravel(value), np.ravel(alone(x)), np.ravel(gradient)])

    for n, batch_size, optimizer, l2 in (
        (64, None, "sgd", 0.0),
        (60, None, "adam", 1e-3),  # 4 devices
        (56, 16, "sgd", 1e-3),  # 8, and 8 for the rest of 8
        (61, 16, "adam", 0.0),  # 8, and all of the rest of 13 on each
        (30, 7, "adam", 1e-3),  # one
    ):
        net = model()
        history = fit(net, *data(n), batch_size=batch_size, optimizer=optimizer, l2=l2,
                      epochs=6, backend=backend, progress=False)  # fmt: skip
        trained = [parameter.data for parameter in net.parameters()]
        done[f"fit, {n}, {batch_size}, {optimizer}"] = [*history["loss"], *history["accuracy"], *trained]
    return {name: np.asarray(numbers, dtype=float).tolist() for name, numbers in done.items()}


def training(batch_size):
    """(trainer, state)"""
    program, theta = network("jax")
    rule = SGD(model().parameters()).rule
    return program.trainer(*data(64), rule=rule, batch_size=batch_size), TrainingState(theta)


def widths(text):
    """How many examples a device computes tanh of, by what XLA compiled."""
    return sorted({int(width) for width in re.findall(r"f64\[4,(\d+)\]\S* tanh\(", text)})


def evidence():
    """How the work was shared out."""
    found = {"devices": jax.device_count(), "hosts": jax.process_count()}
    program, theta = network("jax")
    function = program._value_and_grad
    with jax.enable_x64(True):
        for n in (64, 12):
            X, y = map(np.array, data(n))
            placed = function.placed(np.array(theta)[:, None], X.T, y[None], np.ones((1, n)))
            text = function.compiled.lower(*placed).compile().as_text()
            found[str(n)] = {
                "shards": [list(shard.data.shape) for shard in placed[1].addressable_shards],
                "widths": widths(text),
                "gradients are summed": "all-reduce" in text,
            }
    for batch_size in (64, 16):
        trainer, state = training(batch_size)
        found[f"training, {batch_size}"] = record = {}
        data_before = [*trainer._inputs]
        portions = [5] if found["hosts"] > 1 and jax.process_index() else [1, 3, 1]  # one host is faster than another
        for n in portions:
            state, _ = trainer.run(state, None, [0.1] * n)
        record["theta"] = list(state.parameters)
        record["epochs in a call"] = trainer._room
        record["compilations"] = trainer._run._cache_size()
        record["data stays"] = all(a is b for a, b in zip(data_before, trainer._inputs, strict=True))
        with jax.enable_x64(True), trainer._recipe.of(trainer._descent) as recipe:
            orders, rates = np.zeros((trainer._room, 64), np.int32), np.zeros(trainer._room)
            placed = trainer._placed(np.array(state.parameters), np.zeros((0, len(state.parameters))), state.count)
            lowered = trainer._run.lower(placed, trainer._inputs, orders, rates, 1, shuffled=True, recipe=recipe)
        text = lowered.compile().as_text()
        record |= {"widths": widths(text), "gradients are summed": "all-reduce" in text}
    if found["hosts"] > 1:
        try:
            program.value([x + jax.process_index() for x in theta], *data(64))
        except (AssertionError, ValueError) as error:
            found["hosts differ"] = str(error)
    found["global precision"] = str(jax.numpy.ones(1).dtype)
    return found


def start(devices, *host):
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={devices}"
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, *map(str, (devices, *host))]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def results(processes):
    """What each printed. None outlives this."""
    try:
        printed = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    for process, (_, errors) in zip(processes, printed, strict=True):
        assert process.returncode == 0, errors[-3000:]
    return [json.loads(output.rpartition(MARK)[2]) for output, _ in printed]


@pytest.fixture(scope="module")
def expected():
    return work("numpy")


def check(done, expected):
    assert done.keys() == expected.keys()
    for name, numbers in done.items():
        np.testing.assert_allclose(numbers, expected[name], rtol=1e-12, atol=1e-14, err_msg=name)


def check_evidence(found, shards_per_host):
    assert found["devices"] == 8
    assert found["64"] == {"shards": [[2, 8]] * shards_per_host, "widths": [8], "gradients are summed": True}
    assert found["12"] == {"shards": [[2, 3]] * (shards_per_host // 2), "widths": [3], "gradients are summed": True}
    for batch_size in (64, 16):
        record = found[f"training, {batch_size}"]
        assert record["widths"] == [batch_size // 8]
        assert record["gradients are summed"]
        assert record["data stays"]
        assert record["compilations"] == 1
    assert found["global precision"] == "float32"


@pytest.mark.thorough
def test_eight_devices_share_the_work(expected):
    ((done, found),) = results([start(8)])
    check(done, expected)
    check_evidence(found, 8)


@pytest.mark.thorough
def test_two_hosts_share_the_work(expected):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    hosts = results([start(8 // HOSTS, port, host) for host in range(HOSTS)])
    for done, found in hosts:
        check(done, expected)
        check_evidence(found, 8 // HOSTS)
        assert found["hosts"] == HOSTS
        assert found["training, 64"]["epochs in a call"] == 1  # so that all make the same calls
        assert "not the same on each process" in found["hosts differ"]
    (first, one), (second, other) = hosts
    assert first == second
    assert one["training, 16"]["theta"] == other["training, 16"]["theta"]


def test_many_epochs_are_compiled_once(caplog):
    for batch_size in (None, 16):
        caplog.clear()
        with jax.log_compiles(), caplog.at_level("WARNING"):
            fit(model(), *data(56), batch_size=batch_size, epochs=1500, backend="jax", progress=False)
        assert caplog.text.count("Finished XLA compilation of jit(run)") == 1


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_loss_that_is_not_finite_ends_training_as_in_eager_code(batch_size):
    X = data(30)[0]
    ends = []
    for backend in ("eager", "jax"):
        net = model()
        with pytest.raises(FloatingPointError) as error:
            fit(net, X, [1e3 * a * b for a, b in X], loss="mean_squared_error", learning_rate=1e5,
                batch_size=batch_size, epochs=500, backend=backend, progress=False)  # fmt: skip
        ends.append((str(error.value), [parameter.data for parameter in net.parameters()]))
    (message, weights), (same, mine) = ends
    assert same == message
    np.testing.assert_allclose(mine, weights, rtol=1e-9)


def test_training_that_failed_can_go_on():
    trainer, start = training(64)
    assert trainer.run(start, None, [])[1].shape == (0, 1)
    state, before = trainer.run(start, None, [0.1] * 2)
    with pytest.raises(ValueError, match="shape"):
        trainer.run(state, [[0, 1]], [0.1])
    state, after = trainer.run(state, None, [0.1] * 2)
    trainer, start = training(64)
    np.testing.assert_allclose(trainer.run(start, None, [0.1] * 4)[1], [*before, *after], rtol=1e-15)


def test_jax_keeps_its_precision_in_every_thread():
    def rule(*arguments):
        raise KeyError("no rule")

    def compute():
        program, theta = network("jax")
        trainer = program.trainer(*data(8), rule=rule)
        with pytest.raises(KeyError):
            trainer.run(TrainingState(theta), None, [0.1])
        return jax.numpy.ones(1).dtype, program.value_and_grad(theta, *data(8))[1].dtype

    with jax.enable_x64(False), ThreadPoolExecutor(1, initializer=jax.enable_x64(False).__enter__) as pool:
        other = pool.submit(compute)
        while not other.done():
            assert jax.numpy.ones(1).dtype == "float32"
        assert other.result() == compute() == ("float32", "float64")


if __name__ == "__main__":
    if sys.argv[2:]:
        port, host = sys.argv[2:]
        jax.distributed.initialize(f"localhost:{port}", num_processes=HOSTS, process_id=int(host))
    assert jax.local_device_count() == int(sys.argv[1])
    print(MARK, json.dumps([work("jax"), evidence()]), sep="")
