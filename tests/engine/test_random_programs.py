"""Random programs over all rows against JAX in float64: value, gradient, and Hessian times a vector."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from oracles import ORACLES

from engine import Value, absolute, grad, hvp, tanh, value_and_grad
from engine.apply import apply
from engine.ops import TABLE

PARTS = 4
N_PROGRAMS = int(os.environ.get("RANDOM_TRIALS", 2000)) // PARTS  # in each
ROWS = sorted(set(TABLE) - {"batch_mean"})  # these programs are of one example, and know of no others


# Operands are first brought to where a row is smooth and of ordinary size, by operations that are rows too.
def squash(x, tanh, absolute):
    return tanh(x)


def inside(x, tanh, absolute):
    return tanh(x) * 0.9


def away_from_0(x, tanh, absolute):
    return absolute(tanh(x)) + 0.5


def above_1(x, tanh, absolute):
    return absolute(tanh(x)) + 1.25


GUARDS = {
    squash: "exp expm1 sinh cosh tan mul dot weighted weighted_sum binary_cross_entropy logsumexp",
    inside: "asin acos atanh log1p",
    away_from_0: "log log2 log10 sqrt cbrt power pow div mod floor_divide atan2 hypot norm",
    above_1: "acosh",
}
GUARD_OF = {name: guard for guard, names in GUARDS.items() for name in names.split()}


def guard(name, x, tanh, absolute):
    return GUARD_OF[name](x, tanh, absolute) if name in GUARD_OF else x


def from_whole(x):
    return abs(x - round(x))


CORNERS = {  # how far operands are from the nearest one
    **dict.fromkeys(["relu", "leaky_relu", "prelu", "elu", "step", "absolute", "sign"], lambda x, *_, **__: abs(x)),
    **dict.fromkeys(["mod", "floor_divide"], lambda a, b: from_whole(a / b)),
    **dict.fromkeys(["floor", "ceil"], from_whole),
    "rounded": lambda x, digits: from_whole(x * 10**digits + 0.5),
    "clip": lambda x, low, high: min(abs(x - low), abs(x - high)),
}


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
            known.append(apply(op, *[guard(name, known[i], tanh, absolute) for i in operands]))
        return apply(TABLE["total"], *known)

    return f


def run_jax(program):
    _, constants, steps = program

    def f(xs):
        known = [*xs, *map(jnp.float64, constants)]
        for name, static, operands in steps:
            known.append(ORACLES[name].jax(*[guard(name, known[i], jnp.tanh, jnp.abs) for i in operands], **static))
        return sum(known)

    return f


def near_a_corner(program):
    """Whether an operand of a row with corners is (nearly) at one, where JAX chooses other slopes than we do."""
    inputs, constants, steps = program
    known = [*inputs, *constants]
    for name, static, operands in steps:
        raw = [known[i] for i in operands]
        xs = [guard(name, x, tanh, absolute) for x in raw]
        if GUARD_OF.get(name) in (away_from_0, above_1) and min(map(abs, raw)) < 1e-6:
            return True
        if name in CORNERS and CORNERS[name](*xs, **static) < 1e-6:
            return True
        known.append(apply(TABLE[name](**static) if static else TABLE[name], *xs))
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
