"""Random networks and programs on every backend: their values, first and second derivatives are those of eager code.

Here there are a few of them, or RANDOM_TRIALS of each for every backend. As native code takes seconds to compile, and
so does XLA's, several are put side by side into one program. A third each are lifted by families, by levels, and in
turns.
"""

import os
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from random_networks import random_network
from test_random_programs import programs, run_mine
from thorough import PARTS, thorough
from ways_of_lifting import WAYS, lift_by

from engine import Value, compile, dot, gradients, hvp, total, value_and_grad

TRIALS = {"numpy": 100, "numba": 1, "jax": 3}
TRIALS |= dict.fromkeys(TRIALS, int(os.environ["RANDOM_TRIALS"])) if "RANDOM_TRIALS" in os.environ else {}
SIDE_BY_SIDE = {"numpy": 1, "numba": 4, "jax": 4}
N_EXAMPLES = 3


# A backend, a way and which of the trials are lifted so: for NumPy in parts
CASES = [
    pytest.param(backend, way, slice(third + 3 * part, None, 3 * n_parts), id=f"{backend}-{way}-{part}", marks=marks)
    for backend, n in TRIALS.items()
    for third, way in enumerate(WAYS[:n])
    for n_parts in [PARTS if backend == "numpy" else 1]
    for part in range(n_parts)
    for marks in [() if backend == "numpy" and part == 0 else thorough]
]


def batches(items, backend, which):
    """Those of the items, as many at a time as are compiled together."""
    items, n = items[which], SIDE_BY_SIDE[backend]
    return [items[i : i + n] for i in range(0, len(items), n)]


def parts(sizes):
    """Slices for so many, one after the other."""
    return [slice(a, b) for a, b in pairwise(accumulate(sizes, initial=0))]


def side_by_side(functions, sizes):
    """The sum of functions of lists of these sizes, of a list of all their numbers; and all values."""

    def f(x):
        values = [function(x[part]) for function, part in zip(functions, parts(sizes), strict=True)]
        return total(values), values

    return f


def assert_close(found, expected, digits, what):
    scale = 1 + np.abs(expected).max(initial=0)
    np.testing.assert_allclose(found, expected, rtol=10.0**-digits, atol=10.0 ** (-2 - digits) * scale, err_msg=what)


@pytest.mark.parametrize(("backend", "way", "which"), CASES)
def test_networks(backend, way, which, monkeypatch):
    """By their parameters."""
    lift_by(monkeypatch, way)
    for seeds in batches(range(1000, 1000 + TRIALS[backend]), backend, which):
        rng = np.random.default_rng(seeds[0])
        networks = [random_network(seed) for seed in seeds]
        parameters = [p for network in networks for p in network.parameters]
        n_inputs, n_parameters = ([network.n_inputs for network in networks], [len(n.parameters) for n in networks])
        theta, u = [p.data for p in parameters], rng.normal(size=len(parameters))
        X = rng.uniform(-1, 1, (N_EXAMPLES, sum(n_inputs)))

        f = side_by_side([network.function for network in networks], n_inputs)
        program = compile(f, inputs=sum(n_inputs), parameters=parameters, has_aux=True, backend=backend)
        (_, values), slopes = program.value_and_grad(theta, X)
        curvature = program.hvp(theta, X, vector=u)
        for k, (network, own, mine) in enumerate(zip(networks, parts(n_parameters), parts(n_inputs), strict=True)):
            what = f"network {seeds[k]}: {network.layers}"
            outputs = [network.function([Value(x) for x in row]) for row in X[:, mine]]
            expected = gradients(total(outputs) / N_EXAMPLES, network.parameters)
            assert_close(values[:, k], [output.data for output in outputs], 11, what)
            assert_close(slopes[own], [x.data for x in expected], 10, what)
            expected = gradients(dot(expected, u[own].tolist()), network.parameters)
            assert_close(curvature[own], [x.data for x in expected], 9, what)


@cache
def some_programs(n):
    found = []

    @settings(max_examples=n, deadline=None, phases=[Phase.generate])
    @given(programs())
    def collect(program):
        found.append(program)

    collect()
    assert len(found) == n
    return found


@pytest.mark.parametrize(("backend", "way", "which"), CASES)
def test_programs(backend, way, which, monkeypatch):
    """By their inputs."""
    lift_by(monkeypatch, way)
    for some in batches(some_programs(TRIALS[backend]), backend, which):
        functions, sizes = [run_mine(program) for program in some], [len(inputs) for inputs, _, _ in some]
        X = np.outer([1.0, 0.7, 0.9], [x for inputs, _, _ in some for x in inputs])
        U = np.random.default_rng(0).normal(size=X.shape)
        program = compile(side_by_side(functions, sizes), inputs=sum(sizes), has_aux=True, backend=backend)
        (_, values), slopes = program.value_and_grad(X)
        curvature = program.hvp(X, vector=U)
        for k, (function, own) in enumerate(zip(functions, parts(sizes), strict=True)):
            for j, (x, u) in enumerate(zip(X[:, own].tolist(), U[:, own].tolist(), strict=True)):
                value, gradient = value_and_grad(function)(x)
                assert_close(values[j, k], value, 11, f"{some[k]}")
                assert_close(slopes[j, own], gradient, 10, f"{some[k]}")
                assert_close(curvature[j, own], hvp(function, [x], [u]), 9, f"{some[k]}")
