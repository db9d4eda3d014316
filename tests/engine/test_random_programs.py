"""Random programs over all rows against JAX in float64: value, gradient, and Hessian times a vector."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from oracles import ORACLES

from engine import Value, grad, hvp, value_and_grad
from engine.apply import apply
from engine.ops import TABLE

PARTS = 4
N_PROGRAMS = 500  # in each
ROWS = sorted(set(TABLE) - {"batch_mean"})  # these programs are of one example, and know of no others

# Operands are first brought to where a row is smooth and of ordinary size, by operations that are rows too.
SQUASH, AWAY_FROM_0 = "squash", "away from 0"
GUARDS = {
    "exp": SQUASH,
    "log": AWAY_FROM_0,
    "sqrt": AWAY_FROM_0,
    "power": AWAY_FROM_0,
    "pow": AWAY_FROM_0,
    "mul": SQUASH,
    "dot": SQUASH,
    "div": AWAY_FROM_0,
}


def guard(how, x, tanh, absolute):
    return tanh(x) if how == SQUASH else absolute(tanh(x)) + 0.5 if how == AWAY_FROM_0 else x


@st.composite
def programs(draw):
    """Inputs, constants and steps: each step a row, its static parameters, and which earlier numbers it takes."""
    number = st.builds(lambda size, sign: sign * round(size, 3), st.floats(0.05, 2), st.sampled_from([-1, 1]))
    inputs = draw(st.lists(number, min_size=1, max_size=4))
    constants = draw(st.lists(number, max_size=2))
    steps = []
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(ROWS))
        n_known = len(inputs) + len(constants) + len(steps)
        arity = TABLE[name].arity or draw(st.integers(1, 5))
        operands = draw(st.lists(st.integers(0, n_known - 1), min_size=arity, max_size=arity))
        steps.append((name, draw(st.sampled_from(ORACLES[name].static)), operands))
    return inputs, constants, steps


def run_mine(program):
    _, constants, steps = program

    def f(xs):
        known = [*xs, *constants]
        for name, static, operands in steps:
            op = TABLE[name](**static) if static else TABLE[name]
            xs = [guard(GUARDS.get(name), known[i], *(lambda x, n=n: apply(TABLE[n], x) for n in ("tanh", "absolute")))
                  for i in operands]  # fmt: skip
            known.append(apply(op, *xs))
        return apply(TABLE["total"], *known)

    return f


def run_jax(program):
    _, constants, steps = program

    def f(xs):
        known = [*xs, *map(jnp.float64, constants)]
        for name, static, operands in steps:
            xs = [guard(GUARDS.get(name), known[i], jnp.tanh, jnp.abs) for i in operands]
            known.append(ORACLES[name].jax(*xs, **static))
        return sum(known)

    return f


def near_a_corner(program):
    """Whether an operand of a row with corners is (nearly) at one, where JAX chooses other slopes than we do."""
    inputs, constants, steps = program
    known = [*inputs, *constants]
    for name, static, operands in steps:
        op = TABLE[name](**static) if static else TABLE[name]
        raw = [float(known[i]) for i in operands]
        xs = [guard(GUARDS.get(name), x, *(lambda x, n=n: apply(TABLE[n], x) for n in ("tanh", "absolute")))
              for x in raw]  # fmt: skip
        if GUARDS.get(name) == AWAY_FROM_0 and min(map(abs, raw)) < 1e-6:
            return True
        if name in ("relu", "leaky_relu", "prelu", "elu", "step", "absolute") and abs(xs[0]) < 1e-6:
            return True
        known.append(apply(op, *xs))
    return False


@pytest.mark.parametrize("part", range(PARTS))  # so that several cores have something to do
def test_random_programs_agree_with_jax(part):
    compared, rows, shared, repeated = 0, set(), 0, 0

    @seed(part)
    @settings(max_examples=N_PROGRAMS * 27 // 20, deadline=None)
    @given(programs())
    def compare(program):
        nonlocal compared, shared, repeated
        inputs, _, steps = program
        if near_a_corner(program):
            return
        mine, theirs = run_mine(program), run_jax(program)
        direction = [0.5 + 0.25 * i for i in range(len(inputs))]
        value, gradient = value_and_grad(mine)(inputs)
        curvature = hvp(mine, [inputs], [direction])

        xs = [jnp.float64(x) for x in inputs]
        (jax_value, jax_gradient), (_, jax_curvature) = jax.jvp(
            jax.value_and_grad(theirs), (xs,), ([jnp.float64(v) for v in direction],)
        )
        np.testing.assert_allclose(value, jax_value, rtol=1e-11, atol=1e-12)
        scale = 1 + float(np.max(np.abs(jax_gradient)))
        np.testing.assert_allclose(gradient, jax_gradient, rtol=1e-10, atol=1e-12 * scale)
        scale = 1 + float(np.max(np.abs(jax_curvature)))
        np.testing.assert_allclose(curvature, jax_curvature, rtol=1e-9, atol=1e-11 * scale)

        leaves = [Value(x) for x in inputs]
        mine(leaves).backward()
        assert [leaf.grad for leaf in leaves] == gradient == grad(mine)(inputs)

        compared += 1
        rows.update(name for name, _, _ in steps)
        shared += len({i for _, _, operands in steps for i in operands}) < sum(len(operands) for *_, operands in steps)
        repeated += any(len(set(operands)) < len(operands) for *_, operands in steps)

    compare()
    assert compared >= N_PROGRAMS
    assert rows == set(ROWS)
    assert shared > N_PROGRAMS / 4
    assert repeated > N_PROGRAMS / 4
