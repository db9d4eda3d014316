"""Nests mean what eager code computes: values, gradients and second derivatives of random networks."""

import numpy as np
import pytest
from nest_interpreter import interpret
from random_networks import random_network
from thorough import IN_PARTS, PARTS
from ways_of_lifting import WAYS, lift_by

from engine import Value, compile, dot, gradients, total
from engine.compiler.nests.procedures import gradient_product, value_and_grad


@pytest.fixture(params=WAYS)
def way_of_lifting(request, monkeypatch):
    lift_by(monkeypatch, request.param)


@pytest.mark.usefixtures("way_of_lifting")
@pytest.mark.parametrize("part", IN_PARTS)
def test_first_and_second_derivatives_of_random_networks(part):
    for seed in range(part, 60, PARTS):
        network = random_network(seed)
        rng = np.random.default_rng(seed)
        X, u = rng.uniform(-1, 1, (3, network.n_inputs)), rng.normal(size=len(network.parameters))

        outputs = [network.function([Value(x) for x in row]) for row in X]
        loss = total(outputs) / len(X)
        slopes = gradients(loss, network.parameters)
        curved = gradients(dot(slopes, u.tolist()), network.parameters)

        program = compile(network.function, inputs=network.n_inputs, parameters=network.parameters).vectors
        targets = [program.parameters]
        theta = np.array([[p.data] for p in network.parameters])
        n = 1 if program.outputs[0].family.shared else len(X)
        arguments = theta, X.T, np.full((1, n), 1 / n)
        *found, gradient = interpret(value_and_grad(program, targets), *arguments)
        (product,) = interpret(gradient_product(program, targets), *arguments, u[:, None])
        scale = 1 + max(abs(x.data) for x in [*slopes, *curved])
        np.testing.assert_allclose(found[0].mean(), loss.data, rtol=1e-12)
        np.testing.assert_allclose(gradient[:, 0], [x.data for x in slopes], rtol=1e-10, atol=1e-12 * scale)
        np.testing.assert_allclose(product[:, 0], [x.data for x in curved], rtol=1e-9, atol=1e-11 * scale)
