"""Random programs over all rows against JAX in float64: value, gradient, and Hessian times a vector."""

import math
import os
from itertools import accumulate
from random import Random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st
from oracles import ORACLES
from thorough import IN_PARTS, PARTS, thorough

from engine import Value, absolute, compile, grad, gradients, hvp, jacobian, tanh, total, value_and_grad
from engine.apply import apply
from engine.ops import TABLE

HALVES = [0, pytest.param(1, marks=thorough)]  # and not quarters: then too few programs would have every row
N_PROGRAMS = int(os.environ.get("RANDOM_TRIALS", 400)) // len(HALVES)
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


JUMPS = {name: CORNERS[name] for name in ("mod", "floor_divide", "floor", "ceil", "rounded")}
SCALES = (1.0, 0.7, 0.9)  # inputs are multiplied by, where several examples are wanted


@st.composite
def programs(draw):
    """Inputs, constants and steps: each step a row, its static parameters, and which earlier numbers it takes.

    Nowhere does the last digit decide on which side of a jump a number is.
    """
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
    assume(not any(near_a_corner(([s * x for x in inputs], constants, steps), JUMPS, ()) for s in SCALES))
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


def near_a_corner(program, corners=CORNERS, guards=(away_from_0, above_1)):
    """Whether an operand of a row with corners is (nearly) at one, where JAX chooses other slopes than we do."""
    inputs, constants, steps = program
    known = [*inputs, *constants]
    for name, static, operands in steps:
        raw = [known[i] for i in operands]
        xs = [guard(name, x, tanh, absolute) for x in raw]
        if GUARD_OF.get(name) in guards and min(map(abs, raw)) < 1e-6:
            return True
        if name in corners and corners[name](*xs, **static) < 1e-6:
            return True
        known.append(apply(TABLE[name](**static) if static else TABLE[name], *xs))
    return False


@pytest.mark.parametrize("part", HALVES)
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
    assert len(set(ROWS) - rows) <= (0 if N_PROGRAMS >= 1000 else 3)  # a few hundred may miss one or two
    assert shared > N_PROGRAMS / 4
    assert repeated > N_PROGRAMS / 4


# --- At singular points: what is nan or infinite in one mode is so in every other, and on every backend ---

SINGULAR = [0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 0.5, -2.5, 2.0]
N_SINGULAR = int(os.environ.get("RANDOM_TRIALS", 400))
PORTIONS = {"numpy": (1, 20), "jax": (4, 25), "numba": (20, 20)}  # one in so many is compiled, so many at a time
# Rows that have corners or ties, where a slope is chosen; and those of whose infinite operands JAX makes nan
CHOSEN = {*CORNERS, "maximum", "minimum", "pow", "select", "equal", "logaddexp"}
OTHERWISE = {"hypot", "norm", "peak", "logsumexp", "binary_cross_entropy", "weighted", "weighted_sum"}


def singular_program(trial):
    """Inputs and steps. In every other one no number is used twice: there forward and reverse mode multiply alike."""
    rng = Random(trial)
    inputs = [rng.choice(SINGULAR) for _ in range(rng.randint(1, 3))]
    steps, known, unused = [], len(inputs), list(range(len(inputs)))
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(ROWS)
        arity = TABLE[name].arity or rng.randint(1, 4)
        if trial % 2:
            operands = [rng.randrange(known) for _ in range(arity)]
        else:
            arity = arity if TABLE[name].arity else min(arity, len(unused))
            if len(unused) < arity:
                continue
            operands = [unused.pop(rng.randrange(len(unused))) for _ in range(arity)]
        steps.append((name, rng.choice(ORACLES[name].static), operands))
        unused.append(known)
        known += 1
    return inputs, steps


def raw(steps, applied):
    """The last number that steps make, of operands as they are."""

    def f(xs):
        known = list(xs)
        for name, static, operands in steps:
            known.append(applied(name, static, [known[i] for i in operands]))
        return known[-1]

    return f


def my_row(name, static, xs):
    return apply(TABLE[name](**static) if static else TABLE[name], *xs)


def jax_row(name, static, xs):
    return ORACLES[name].jax(*xs, **static)


def eager_derivative(f, inputs):
    leaves = [Value(x) for x in inputs]
    output = f(leaves)
    by_graph = [slope.data for slope in gradients(output, leaves)]
    output.backward()
    return output.data, [float(leaf.grad) for leaf in leaves], by_graph


@pytest.mark.parametrize("part", IN_PARTS)
def test_random_programs_at_singular_points_in_every_mode(part):
    compared = 0
    for trial in range(part * N_SINGULAR // PARTS, (part + 1) * N_SINGULAR // PARTS):
        inputs, steps = singular_program(trial)
        f, rows = raw(steps, my_row), {name for name, _, _ in steps}
        value, gradient, by_graph = eager_derivative(f, inputs)
        what = f"{steps} at {inputs}"
        np.testing.assert_allclose(by_graph, gradient, rtol=1e-12, err_msg=what)
        if trial % 2 == 0:
            np.testing.assert_allclose(jacobian(f, mode="forward")(inputs), gradient, rtol=1e-12, err_msg=what)
        if rows & OTHERWISE or not rows:
            continue
        theirs = jax.value_and_grad(lambda xs, steps=steps: 1.0 * raw(steps, jax_row)(xs))
        jax_value, slopes = theirs([jnp.float64(x) for x in inputs])
        np.testing.assert_allclose(value, jax_value, rtol=1e-12, atol=1e-15, err_msg=what)
        if not rows & CHOSEN and not math.isnan(value):
            for mine, slope in zip(gradient, map(float, slopes), strict=True):  # 0 times inf is nan to JAX, also where
                if not math.isnan(slope):  # it does not depend
                    np.testing.assert_allclose(mine, slope, rtol=1e-11, atol=1e-15, err_msg=what)
            compared += 1
    assert compared > N_SINGULAR / PARTS / 10


@pytest.mark.parametrize("backend", ["numpy", *(pytest.param(name, marks=thorough) for name in ("jax", "numba"))])
def test_random_programs_at_singular_points_on_every_backend(backend):
    every, at_once = PORTIONS[backend]
    trials = range(0, N_SINGULAR, every)
    for start in range(0, len(trials), at_once):
        some = [singular_program(trial) for trial in trials[start : start + at_once]]
        ends = list(accumulate(len(inputs) for inputs, _ in some))

        def f(xs, some=some, ends=ends):
            values = [raw(steps, my_row)(xs[end - len(x) : end]) for (x, steps), end in zip(some, ends, strict=True)]
            return total(values), values

        program = compile(f, inputs=ends[-1], has_aux=True, backend=backend)
        (_, values), slopes = program.value_and_grad([x for inputs, _ in some for x in inputs])
        for (inputs, steps), end, mine in zip(some, ends, values, strict=True):
            value, gradient, _ = eager_derivative(raw(steps, my_row), inputs)
            what = f"{steps} at {inputs}"
            np.testing.assert_allclose(mine, value, rtol=1e-12, atol=1e-15, err_msg=what)
            np.testing.assert_allclose(slopes[end - len(inputs) : end], gradient, rtol=1e-11, atol=1e-15, err_msg=what)
