"""Every row, in every mode: eager, graph of the gradient, dual numbers, differences and mpmath, to second order."""

import math
from dataclasses import replace
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from oracles import ORACLES, close, digits, exact, exact_partials, rows
from thorough import thorough
from ways_of_lifting import WAYS, lift_by

from engine import (
    Dual,
    Value,
    compile,
    dot,
    exp,
    grad,
    gradients,
    hessian,
    jacobian,
    log,
    no_grad,
    numerical_gradient,
    relu,
    sqrt,
    step,
    stop_gradient,
    total,
)
from engine.apply import apply
from engine.functions import equal, select
from engine.ops import TABLE


def exact_second(name, static, xs):
    """All second derivatives in mpmath, by differences of differences."""
    f = ORACLES[name].mpmath
    with mp.workdps(digits(xs)):
        numbers = list(map(mp.mpf, xs))
        steps = [(abs(x) or 1) * mp.mpf(10) ** -(digits(xs) // 5) for x in numbers]

        def at(i, a, j, b):
            moved = numbers.copy()
            moved[i] += a * steps[i]
            moved[j] += b * steps[j]
            return f(*moved, **static)

        return [
            [(at(i, 1, j, 1) - at(i, 1, j, -1) - at(i, -1, j, 1) + at(i, -1, j, -1)) / (4 * steps[i] * steps[j])
             for j in range(len(xs))]
            for i in range(len(xs))
        ]  # fmt: skip


def verify(op, name, static, xs):
    """Hold one row at one point against mpmath, in every mode."""
    value, first = exact(name, static, xs), exact_partials(name, static, xs)
    scale = 2e-16 * (1 + max(map(abs, first)))

    leaves = [Value(x) for x in xs]
    output = apply(op, *leaves)
    output.backward()
    assert close(output.data, value)
    for leaf, true in zip(leaves, first, strict=True):
        assert close(leaf.grad, true), f"eager: {leaf.grad} instead of {true}"

    second = exact_second(name, static, xs)
    for i, slope in enumerate(gradients(output, leaves)):
        assert close(slope.data, first[i]), f"graph: {slope.data} instead of {first[i]}"
        for j, curvature in enumerate(gradients(slope, leaves)):
            assert close(curvature.data, second[i][j], absolute=20 * scale), (
                f"graph of the graph: {curvature.data} instead of {second[i][j]}"
            )

    for i in range(len(xs)):
        result = apply(op, *[Dual(x, float(i == j)) for j, x in enumerate(xs)])
        assert close(result.primal, value)
        assert close(float(result.tangent), first[i]), f"dual: {result.tangent} instead of {first[i]}"

    def f(xs):
        return apply(op, *xs)

    for numeric, true in zip(numerical_gradient(f)(list(xs)), first, strict=True):
        if name in ("stop_gradient", "peak"):
            continue  # whose derivative is 0 by definition, not as a limit of differences
        assert min(map(abs, xs)) < 0.1 or close(  # nearer to a pole the steps are too wide
            numeric, true, relative=1e-7, absolute=1e-7 * float(1 + abs(value))
        ), f"differences: {numeric} instead of {true}"
    for table in (hessian(f)(list(xs)), jacobian(jacobian(f, mode="forward"), mode="forward")(list(xs))):
        for row, trues in zip(table, second, strict=True):
            for mine, true in zip(row, trues, strict=True):
                assert close(mine, true, absolute=20 * scale), f"second derivative: {mine} instead of {true}"


def bound(name, static):
    return TABLE[name](**static) if static else TABLE[name]


@pytest.mark.parametrize(("name", "static", "points"), rows(extreme=False))
def test_every_mode_agrees_with_mpmath(name, static, points):
    for xs in points:
        verify(bound(name, static), name, static, xs)


LIES = {
    "a factor": lambda partials: tuple(partial * 1.001 for partial in partials),
    "a sign": lambda partials: tuple(-partial for partial in partials),
    "an offset": lambda partials: (*partials[:-1], partials[-1] + 1e-3),
    "a swapped operand": lambda partials: (partials[1], partials[0], *partials[2:]),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_row_with_a_wrong_partial_is_found_out(name, lie):
    static = ORACLES[name].static[-1]
    row = bound(name, static)
    wrong = replace(row, partials=lambda m, z, *xs: LIES[lie](row.partials(m, z, *xs)))
    found = 0
    for xs in ORACLES[name].points:
        true = [float(x) for x in exact_partials(name, static, xs)]
        if lie == "a swapped operand" and len(true) < 2:
            continue
        if LIES[lie](tuple(true)) != tuple(true):  # 0 times a factor is no lie
            with pytest.raises(AssertionError, match="instead of"):
                verify(wrong, name, static, xs)
            found += 1
    assert found or lie == "a swapped operand" or not any(true)


def test_the_derivative_of_a_wrong_row_is_found_out_to_second_order():
    """A partial that is right as a number, but a constant of the graph, fails at the second derivative."""
    sine = TABLE["sin"]
    frozen = replace(sine, partials=lambda m, z, x: (float(sine.partials(m, z, x)[0]),))
    with pytest.raises(AssertionError, match="graph of the graph: 0"):
        verify(frozen, "sin", {}, (0.3,))


NAN = math.nan


def unrelated(x):
    with no_grad():
        y = exp(x[0])
    return y + exp(x[1])


ZEROS = {  # at points where a derivative is infinite: a function, where, and its gradient
    "a row without a derivative beside one with": (unrelated, [1000.0, 0.0], [0.0, 1.0]),
    "nothing goes through a step": (lambda x: log(step(x[0])) + x[0], [-1.0], [1.0]),
    "nor through stop_gradient": (lambda x: sqrt(stop_gradient(x[0])) + x[0], [0.0], [1.0]),
    "nor through a comparison": (lambda x: log(equal(x[0], 1.0)) + x[0], [0.0], [1.0]),
    "nor to a condition": (lambda x: select(exp(x[0]), x[1], 2.0), [1000.0, 3.0], [0.0, 1.0]),
    "nor through a power of 0": (lambda x: sqrt(x[0] ** 0 - 1), [5.0], [0.0]),
    "what is used for something else": (lambda x: [exp(x[0]), x[0]][1], [1000.0], [1.0]),
    "a factor that is 0": (lambda x: log(x[0] * 0.0), [1.0], [NAN]),
    "a derivative that happens to be 0": (lambda x: log(x[0] ** 2), [0.0], [NAN]),
    "within a vector": (lambda x: total(sqrt(a) * 0.0 for a in x), [0.0, 4.0], [NAN, 0.0]),
    "a relu that is off": (lambda x: sqrt(relu(x[0])), [-1.0], [NAN]),
    "a product": (lambda x: x[0] * x[1], [0.0, math.inf], [math.inf, 0.0]),
    "a sum of products": (lambda x: exp(dot([x[0], 0.0], [1.0, x[1]])), [1000.0, 1.0], [math.inf, NAN]),
    "a row that is chosen by 0": (lambda x: x[0] + 0.0 * exp(x[1]), [1.0, 1000.0], [1.0, NAN]),
}


@pytest.mark.parametrize("way", [WAYS[0], *(pytest.param(way, marks=thorough) for way in WAYS[1:])])
@pytest.mark.parametrize("name", ZEROS)
def test_what_does_not_depend_is_0_and_any_other_0_a_number_in_every_mode(name, way, monkeypatch):
    lift_by(monkeypatch, way)
    f, x, expected = ZEROS[name]
    leaves = [Value(a) for a in x]
    output = f(leaves)
    by_graph = [slope.data for slope in gradients(output, leaves)]
    output.backward()
    program = compile(f, inputs=len(x))
    found = {
        "backward": [leaf.grad for leaf in leaves],
        "grad": grad(f)(x),
        "forward": jacobian(f, mode="forward")(x),
        "graph": by_graph,
        "compiled": program.value_and_grad(x)[1],
        "as a batch": program.value_and_grad([[1.0] * len(x), x])[1][1],
        "as rows": compile(lambda x: [x[-1], f(x)], inputs=len(x)).jacobian(x)[1],
        "on JAX": compile(f, inputs=len(x), backend="jax").value_and_grad(x)[1],
    }
    for mode, gradient in found.items():
        np.testing.assert_array_equal(gradient, expected, err_msg=mode)


INNER = {"itself": lambda x: x, "a square, flat at 0": lambda x: x**2, "a root, steep at 0": lambda x: sqrt(x)}
OUTER = {"itself": lambda z: z, "a logarithm": log, "a reciprocal": lambda z: 1 / z, "a step": lambda z: step(z) + z}
SINGULAR = [0.0, 1.0, -1.0, math.inf, -math.inf, NAN]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_forward_and_reverse_agree_at_singular_points(name):
    """Not only in numbers: what is nan or inf by one mode is so by every other."""
    arity = TABLE[name].arity or 3
    points = list(product(SINGULAR, repeat=arity)) if arity < 3 else [
        xs for xs in product(SINGULAR[:4], repeat=arity) if len(set(xs)) < 3]  # fmt: skip
    for static in ORACLES[name].static[:2]:
        op = bound(name, static)
        for (inner, before), (outer, after), xs in product(INNER.items(), OUTER.items(), points):

            def f(xs, op=op, before=before, after=after):
                return after(apply(op, *map(before, xs)))

            leaves = [Value(x) for x in xs]
            output = f(leaves)
            by_graph = [slope.data for slope in gradients(output, leaves)]
            output.backward()
            by_sweep = [float(leaf.grad) for leaf in leaves]
            where = f"{outer} of {name}{static} of {inner} at {xs}"
            np.testing.assert_allclose(by_graph, by_sweep, rtol=1e-12, err_msg=f"graph, {where}")
            np.testing.assert_allclose(jacobian(f, mode="forward")(list(xs)), by_sweep, rtol=1e-12, err_msg=where)
