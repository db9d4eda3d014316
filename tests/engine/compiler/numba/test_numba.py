"""The Numba backend: its loops beside eager code and NumPy's arrays, its training beside eager `fit`, and its cache.

Most of what can go wrong in a loop shows as well when Python runs it: only a few of the programs here are compiled.
"""

import copy
import os
import subprocess
import sys
import textwrap
from itertools import chain

import hypothesis
import numba
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from nest_interpreter import interpret
from random_networks import random_network
from test_random_programs import programs, run_mine
from thorough import IN_PARTS, PARTS, thorough
from ways_of_lifting import lift_by

import engine
from engine import Value, compile, dot, exp, floor, log, logsumexp, maximum, minimum, relu, sin, sqrt, tanh, total
from engine.apply import apply
from engine.compiler.backends.numba import NumbaBackend, arithmetic, loops, module
from engine.compiler.nests.nest import Access, Family, Index, Nest, Procedure, whole
from engine.compiler.nests.procedures import gradient_product
from engine.ops import DOT, IDENTITY, MUL, PRELU, SUB
from nn import MLP, fit, hinge

N_TRIALS = int(os.environ.get("RANDOM_TRIALS", 40))


def normal(*shape):
    """The same numbers in every run."""
    return np.random.default_rng(shape).normal(size=shape)


CONSTANTS = normal(3, 4).tolist()


def prelu(x, slope):
    return apply(PRELU, x, slope)


def affine(W, x, rows):
    """W @ x, where W is a list of all its rows one after the other."""
    n = len(x)
    return [dot(W[n * i : n * (i + 1)], x) for i in range(rows)]


def square(xs):
    return total(x * x for x in xs)


def recurrent(p, x):  # a state beside the inputs; then each in a product of its own
    h = [0.0] * 3
    for t in range(3):
        h = [tanh(dot(p[6 * j : 6 * j + 5], [*h, *x[2 * t : 2 * t + 2]]) + p[6 * j + 5]) for j in range(3)]
    for t in range(3):
        driven = affine(p[12:], x[2 * t : 2 * t + 2], 3)
        h = [tanh(a + b + p[6 + j]) for j, (a, b) in enumerate(zip(affine(p, h, 3), driven, strict=True))]
    return dot(h, p[18:21])


def recurrent_with_a_one(p, x):  # among the states, in the place of a bias
    h = [0.0, 0.0]
    for a in x:
        h = [tanh(dot(p[4 * i : 4 * i + 4], [*h, a, 1.0])) for i in range(2)]
    return (dot(p[8:10], h, p[10]) - x[0]) ** 2


def convolution(p, x):  # the same weights along the way, with a stride, and over two channels
    z = [relu(dot(p[:3], x[i : i + 3]) + p[3]) for i in range(6)]
    z = [tanh(dot(p[4:7], z[i : i + 3]) + p[7]) for i in range(0, 4, 2)]
    channels = [[dot(p[8 + 4 * c : 12 + 4 * c], x[i : i + 4]) for i in range(5)] for c in range(2)]
    return total(z) + total(maximum(*pair) for pair in zip(*channels, strict=True))


def shared_operands(p, x):  # of elementwise operations
    a = [prelu(x[i] * p[i] + p[3 + i], p[16]) for i in range(3)]
    b = [exp(p[6]) * v + sin(p[7]) * p[8] - v / (1 + p[8] ** 2) for v in a]
    c = [maximum(v, p[i]) - minimum(v, p[8 - i]) for i, v in enumerate(b)]
    return logsumexp([*c, *p[:3], *x, 1.0]) + total(prelu(v, p[17 + i]) for i, v in enumerate(c))


def reductions(p, x):  # of inputs, parameters and constants, side by side
    a = [logsumexp([x[i], p[i], 2.0, x[i] * p[i]]) for i in range(3)]
    b = [maximum(x[i], p[3 + i], x[7], 0.1) for i in range(3)]
    c = [minimum(x[i], p[3 + i], x[7], -0.1) for i in range(3)]
    d = [total([x[i], p[i], x[7], 1.5, p[5 - i]]) for i in range(3)]
    return dot(a, b) + dot(c, d) + logsumexp(p) + maximum(*p) * x[0] + minimum(*p) * x[1]


def odd_parameters(p, x):  # with steps, backwards, more than once, and in overlapping rows
    products = dot(p[:8:2], p[1:8:2]) * dot(p[::5][:4], x[:4]) + dot([p[0], p[0], p[5]], x[:3]) * dot(p[:3], p[2::-1])
    overlapping = [tanh(dot(p[2 * i : 2 * i + 4], x[:4])) for i in range(3)]
    return products + square(overlapping) + total(p[i] for i in (1, 1, 7, 7)) * x[0] + p[3] * p[3] + p[4] * p[5]


def transposed(p, x):  # the same matrix in two layers, and upside down
    h = [tanh(a) for a in affine(p, x[:4], 2)]
    decoded = [dot([p[i], p[4 + i]], h) + x[i] for i in range(4)]
    again = [tanh(a + b) for a, b in zip(affine(p, decoded, 2), h, strict=True)]
    return square(decoded) + dot(again, [dot(again, p[2 * i : 2 * i + 2]) for i in range(2)])


def tied(p, x):  # a matrix and what it is upside down, each in one layer
    h = [tanh(a) for a in affine(p, x[:4], 2)]
    return square(dot([p[i], p[4 + i]], h) - x[i] for i in range(4))


def twice(p, x):  # one family as several operands of a statement
    return square(x) + dot(x, x) + square(p) + dot(p, p) + dot(x, p[:8]) + maximum(x[2], x[2], x[3]) * (p[0] * p[0])


def constants(p, x):  # as matrices, vectors and biases, beside everything else
    h = [tanh(dot(row, x[:4]) + 1.0) for row in CONSTANTS]
    g = [dot(row[:3], p[3:6]) + x[i] for i, row in enumerate(CONSTANTS)]
    q = [dot([x[i], p[i], 2.0], [p[i + 1], 3.0, 4.0]) for i in range(3)]
    return dot(h, g) + dot(q, [2.0, 2.0, 2.0]) * dot([1.0, 2.0, 1.0], h[::-1]) + dot([5.0, 6.0], [7.0, 8.0])


def inputs_as_biases(p, x):
    h = [dot(p[3 * i : 3 * i + 3], x[:3]) + x[i] for i in range(3)]
    g = [dot(p[3 * i : 3 * i + 3], h) + h[2 - i] for i in range(3)]
    return dot(g, h) + apply(DOT, p[0], x[0], p[1], x[1], x[2]) + tanh(apply(DOT, p[0], p[1], x[3]))


def attention(p, x):
    tokens = [x[2 * i : 2 * i + 2] for i in range(4)]
    queries, keys, values = ([affine(p[4 * k : 4 * k + 4], token, 2) for token in tokens] for k in range(3))
    found = []
    for query in queries:
        scores = [dot(query, key) for key in keys]
        weights = [exp(score - logsumexp(scores)) for score in scores]
        found += [dot(weights, [value[d] for value in values]) for d in range(2)]
    return square(found)


def only_parameters(p, x):
    h = [tanh(dot(p[3 * i : 3 * i + 3], p[9:12]) + p[12 + i]) for i in range(3)]
    return logsumexp([*h, p[0]]) + maximum(*p[3:7]) + dot(affine(p, h, 3), h)


TRIVIAL = {
    "a parameter": lambda p, x: p[1],
    "an input": lambda p, x: x[3],
    "a constant": lambda p, x: 4.0,
    "one product": lambda p, x: x[3] * p[5],
}
FUNCTIONS = {
    function.__name__: function
    for function in (
        recurrent, recurrent_with_a_one, convolution, shared_operands, reductions, odd_parameters, transposed, tied,
        twice, constants, inputs_as_biases, attention, only_parameters,
    )
} | TRIVIAL  # fmt: skip


class Interpreted:
    """What `NativeModule` is, without compiling anything but functions of single numbers and products."""

    def __init__(self, source, purpose):
        exec(module.whole_text(source, purpose), self.__dict__)


@pytest.fixture
def interpreted(monkeypatch):
    """Has loops run by Python, on memory in which nan stands where nothing was written."""
    empty = np.empty

    def poisoned(shape, dtype=float, **more):
        array = empty(shape, dtype, **more)
        if array.dtype == float:
            array.fill(np.nan)
        return array

    monkeypatch.setattr(np, "empty", poisoned)
    monkeypatch.setattr(module, "NativeModule", Interpreted)
    monkeypatch.setattr(arithmetic, "kernel", lambda function: function)


WAYS = ["families, one by one", "levels, tabled"]
MORE_WAYS = ["families, tabled", "levels, one by one", "turns, one by one"]


@pytest.fixture(params=[*WAYS, *(pytest.param(way, marks=thorough) for way in MORE_WAYS)])
def lifted(request, monkeypatch):
    """Has programs lifted and written in every way, whatever they are."""
    lifted, written = request.param.split(", ")
    lift_by(monkeypatch, lifted)
    monkeypatch.setattr(loops, "MOST_STEPS", 0 if written == "tabled" else 10**9)


def in_one_row(gradients):
    """The gradients of one argument or of several as one array."""
    columns = gradients if isinstance(gradients, tuple) else (gradients,)
    return np.concatenate([np.ravel(column) for column in columns])


def assert_same(found, expected, rtol=1e-11):
    (value, gradient), (right_value, right_gradient) = found, expected
    np.testing.assert_allclose(value, right_value, rtol=rtol, atol=rtol)
    right = in_one_row(right_gradient)
    np.testing.assert_allclose(in_one_row(gradient), right, rtol=rtol, atol=rtol * (1 + np.abs(right).max(initial=0)))


def eager(function, parameters, rows):
    """The mean of a function of inputs, and its gradient with respect to the parameters."""
    leaves = [Value(float(p)) for p in parameters]
    mean = total(function(leaves, list(row)) for row in np.asarray(rows).tolist()) / len(rows)
    if not isinstance(mean, Value):
        return mean, [0.0] * len(leaves)
    mean.backward()
    return mean.data, [leaf.grad for leaf in leaves]


@pytest.mark.usefixtures("interpreted", "lifted")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_loops_compute_what_eager_code_does(name):
    function, theta = FUNCTIONS[name], normal(21) * 0.7
    parameters = [Value(0.0) for _ in theta]
    with_parameters = compile(lambda x: function(parameters, x), inputs=8, parameters=parameters, backend="numba")
    for batch in (1, 9):
        X = normal(batch, 8)
        assert_same(with_parameters.value_and_grad(theta, X), eager(function, theta, X))
        assert with_parameters.value(theta, X) == with_parameters.value_and_grad(theta, X)[0]

    # and now all of them are inputs, of one example or of several
    without = compile(function, inputs=(21, 8), backend="numba")
    both = np.concatenate([theta, X[0]])
    expected = eager(lambda leaves, _: function(leaves[:21], leaves[21:]), both, [[]])
    assert_same(without.value_and_grad(theta, X[0]), expected)
    values, gradients = without.value_and_grad(np.tile(theta, (9, 1)), X)
    assert_same((values[0], tuple(gradient[0] for gradient in gradients)), expected)
    one = compile(lambda z: function(z[:21], z[21:]), inputs=29, backend="numba")
    assert_same(one.value_and_grad(both), expected)
    assert one.value(both) == one.value_and_grad(both)[0]


@pytest.mark.usefixtures("interpreted", "lifted")
@pytest.mark.parametrize("part", IN_PARTS)
def test_loops_of_random_networks(part):
    for seed in range(part, N_TRIALS, PARTS):
        network = random_network(seed)
        parameters = network.parameters
        program = compile(network.function, inputs=network.n_inputs, parameters=parameters, backend="numba")
        X = normal(3, network.n_inputs)
        found = program.value_and_grad([p.data for p in parameters], X)
        numpys = compile(network.function, inputs=network.n_inputs, parameters=parameters)
        assert_same(found, numpys.value_and_grad([p.data for p in parameters], X))


@pytest.mark.usefixtures("interpreted", "lifted")
@pytest.mark.parametrize("portion", [8, 256])
def test_what_does_not_depend_on_the_vector_is_computed_before_many_products(portion, monkeypatch):
    monkeypatch.setattr("engine.compiler.backends.numba.backend.MOST_EXAMPLES", portion)
    for seed in range(0, 40, 8):
        network = random_network(seed)
        theta, X = [p.data for p in network.parameters], normal(9, network.n_inputs)
        native, numpys = (
            compile(network.function, inputs=network.n_inputs, parameters=network.parameters, backend=name)
            for name in ("numba", "numpy")
        )
        expected = numpys.hessian(theta, X)
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(native.hessian(theta, X), expected, rtol=1e-9, atol=1e-11 * scale)
        few = normal(len(theta))
        np.testing.assert_allclose(native.hvp(theta, X, vector=few), expected @ few, rtol=1e-9, atol=1e-10 * scale)


@pytest.mark.usefixtures("interpreted")
def test_a_step_of_many_computes_no_function_that_stays_the_same():
    weights = [Value(w) for w in (0.5, -0.25)]
    program = compile(lambda x: tanh(dot(weights, x)), inputs=2, parameters=weights, backend="numba")
    once, again = program._gradient_product.source.split("def before(")
    assert "tanh(" in once
    assert "tanh(" not in again
    assert "tanh(" in program._value_and_grad.source.split("def before(")[1]


@pytest.mark.usefixtures("interpreted", "lifted")
@pytest.mark.parametrize("part", IN_PARTS)
def test_loops_of_random_programs(part):
    compared = 0

    @hypothesis.seed(part)
    @settings(max_examples=N_TRIALS // PARTS, deadline=None, phases=[Phase.generate])
    @given(programs(), st.integers(0, 15))
    def compare(program, which):
        nonlocal compared
        numbers, _, _ = program
        f = run_mine(program)
        is_parameter = [bool(which >> i & 1) for i in range(len(numbers))]

        def mixed(parameters, x):
            return f([p if chosen else y for p, y, chosen in zip(parameters, x, is_parameter, strict=True)])

        parameters = [Value(x) for x in numbers]
        X = np.outer([1.0, 0.7, 0.9], numbers)
        program = compile(lambda x: mixed(parameters, x), inputs=len(numbers), parameters=parameters, backend="numba")
        assert_same(program.value_and_grad(numbers, X), eager(mixed, numbers, X))
        one = compile(f, inputs=len(numbers), backend="numba")
        assert_same(one.value_and_grad(numbers), eager(lambda leaves, _: f(leaves), numbers, [[]]))
        curvature = engine.hessian(f)(numbers)
        scale = 1 + np.abs(curvature).max()
        np.testing.assert_allclose(one.hessian(numbers), curvature, rtol=1e-9, atol=1e-11 * scale)
        compared += 1

    compare()
    assert compared >= N_TRIALS // PARTS


@pytest.mark.usefixtures("interpreted", "lifted")
def test_derivatives_to_which_nothing_is_added_are_0():
    def f(x):
        low = floor(x[0])
        return minimum(low, x[0] * x[1], x[1]) * maximum(low, x[0], x[1] * x[1]) + low * x[1]

    for point in ([1.5, 0.25], [2.5, 7.0], [-0.5, 3.0]):
        program = compile(f, inputs=2, backend="numba")
        np.testing.assert_allclose(program.hessian(point), engine.hessian(f)(point), rtol=1e-12)
        assert_same(program.value_and_grad(point), engine.value_and_grad(f)(point))


def second_derivatives(network, batch):
    """A network's Hessian times a vector, and what to ask it of."""
    program = compile(network.function, inputs=network.n_inputs, parameters=network.parameters).vectors
    procedure = gradient_product(program, [program.parameters])
    n = 1 if program.outputs[0].family.shared else batch
    theta = np.array([[p.data] for p in network.parameters])
    return procedure, (theta, normal(batch, network.n_inputs).T, np.full((1, n), 1 / n), normal(len(theta), 1))


def assert_carried_out(procedure, arguments):
    found, expected = NumbaBackend().function(procedure)(*arguments), interpret(procedure, *arguments)
    for mine, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-11, atol=1e-11 * (1 + np.abs(right).max()))


@thorough
@pytest.mark.usefixtures("interpreted", "lifted")
def test_loops_of_second_derivatives_of_random_networks():
    for seed in range(15):
        assert_carried_out(*second_derivatives(random_network(seed), 3))


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("most_steps", [0, 10**9])
def test_examples_that_depend_on_sums_over_all_of_them(monkeypatch, most_steps):
    monkeypatch.setattr(loops, "MOST_STEPS", most_steps)
    given, constants = Family("x", "input", False, 2), Family("constants", "constant", True, 1, [0.25])
    total, centred, spread, result = (
        Family(name, "computed", shared, 2)
        for name, shared in (("total", True), ("centred", False), ("spread", True), ("result", False))
    )
    nests = (
        Nest(whole(total), IDENTITY, (whole(given),)),
        Nest(whole(centred), SUB, (whole(given), whole(total))),
        Nest(whole(spread), MUL, (whole(centred), whole(centred))),
        Nest(whole(spread), IDENTITY, (Access(constants, Index((0,), None, 1), ""),)),
        Nest(whole(result), MUL, (whole(centred), whole(spread))),
    )
    procedure = Procedure("statistics", (given,), constants, nests, tuple(map(whole, (total, spread, result))))
    for batch in (1, 9, 600):
        assert_carried_out(procedure, (normal(2, batch),))


@pytest.mark.usefixtures("interpreted")
def test_programs_without_inputs_or_with_lists():
    parameters = [Value(0.0) for _ in range(21)]
    theta = normal(21)
    program = compile(lambda: only_parameters(parameters, []), inputs=[], parameters=parameters, backend="numba")
    assert_same(program.value_and_grad(theta), eager(only_parameters, theta, [[]]))

    X = normal(3, 2)
    function = lambda x: [x[0] * parameters[1], 2.0, parameters[3], x[1]]  # noqa: E731
    expected = [[x * theta[1], 2.0, theta[3], y] for x, y in X]
    table = compile(function, inputs=2, parameters=parameters, backend="numba")
    np.testing.assert_allclose(table.value(theta, X), expected, rtol=1e-14)
    np.testing.assert_allclose(table.value(theta, X[0]), expected[0], rtol=1e-14)
    aux = compile(
        lambda x: (function(x)[0], function(x)), inputs=2, parameters=parameters, has_aux=True, backend="numba"
    )
    (value, others), gradient = aux.value_and_grad(theta, X)
    assert value == pytest.approx(np.mean(expected, axis=0)[0])
    np.testing.assert_allclose(others, expected, rtol=1e-14)
    np.testing.assert_allclose(gradient, np.eye(21)[1] * X[:, 0].mean(), rtol=1e-14, atol=0)


# --- compiled ---


@thorough
def test_any_number_of_examples_in_native_code():
    """In tiles of so many, with what is left over in the last."""
    model = MLP(8, [5, 3, 1], activation="tanh", seed=1)
    parameters = model.parameters()
    theta = [p.data for p in parameters]

    def f(x, y):
        slopes = total(prelu(a, parameters[3]) for a in x) + logsumexp([*x[:4], *parameters[:2]])
        return hinge(model(x), y) + slopes + tied(parameters, x) + dot(parameters, parameters)

    programs = [compile(f, inputs=(8, ()), parameters=parameters, backend=backend) for backend in ("numba", "numpy")]
    for batch in (1, 7, 8, 9, 100, 255, 256, 257, 600):
        X, y = normal(batch, 8), np.sign(normal(batch))
        mine, numpys = (program.value_and_grad(theta, X, y) for program in programs)
        assert_same(mine, numpys)
        assert programs[0].value(theta, X, y) == pytest.approx(mine[0], rel=1e-14)
    assert_same(programs[0].value_and_grad(theta, X[0], y[0]), programs[1].value_and_grad(theta, X[0], y[0]))
    assert_same(programs[0].value_and_grad(theta, np.asfortranarray(X), y), mine)


def deep(depth, backend):
    model = MLP(3, [4] * depth + [1], activation="tanh", seed=1)
    program = compile(lambda x, y: hinge(model(x), y), inputs=(3, ()), parameters=model.parameters(), backend=backend)
    return program, [p.data for p in model.parameters()]


def test_a_deeper_net_is_more_rows_in_a_table_and_no_more_code():
    sources = [deep(depth, "numba")[0].source for depth in (20, 40)]
    assert sources[0].count("\n") == sources[1].count("\n")
    (mine, theta), (numpys, _) = deep(10, "numba"), deep(10, "numpy")
    for batch in (1, 9, 300):
        X, y = normal(batch, 3), np.sign(normal(batch))
        assert_same(mine.value_and_grad(theta, X, y), numpys.value_and_grad(theta, X, y))


def test_second_derivatives_in_native_code():
    network = random_network(1)  # one: a second derivative has many kinds of nests, each of which takes a second
    for batch in (1, 9, 300):
        assert_carried_out(*second_derivatives(network, batch))


@thorough
def test_any_number_of_examples_lifted_by_levels_in_native_code(monkeypatch):
    lift_by(monkeypatch, "levels")
    parameters = [Value(0.0) for _ in range(21)]
    programs = [
        compile(lambda x: recurrent(parameters, x), inputs=8, parameters=parameters, backend=backend)
        for backend in ("numba", "numpy")
    ]
    for batch in (1, 9, 257):
        mine, numpys = (program.value_and_grad(normal(21), normal(batch, 8)) for program in programs)
        assert_same(mine, numpys)


def test_nan_and_infinity_touch_nobody_else():
    def f(x):
        projected = [dot(row[:3], x) for row in CONSTANTS]
        return log(x[0]) + sqrt(x[1]) * x[0] + maximum(x[1], x[2], 0.5) + logsumexp(projected)

    program = compile(f, inputs=3, backend="numba")
    X = np.abs(normal(300, 3)) + 0.1
    values, gradients = program.value_and_grad(X)
    bad = [3, 8, 15, 299]
    X[bad] = [[np.nan, 1.0, 1.0], [0.0, 0.0, 1.0], [np.inf, 1.0, -np.inf], [-1.0, -1.0, np.nan]]
    found = program.value_and_grad(X)
    with np.errstate(all="ignore"):
        expected = compile(f, inputs=3).value_and_grad(X)
    good = np.setdiff1d(range(300), bad)
    np.testing.assert_array_equal(found[0][good], values[good])
    np.testing.assert_array_equal(found[1][good], gradients[good])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)


# --- training ---

DATA = normal(13, 2).tolist(), [1.0, -1.0] * 6 + [1.0]


def both_ways(n=13, **arguments):
    """Losses and parameters after training by eager code and by native code, which must not differ."""
    X, y = (column[:n] for column in DATA)
    found = []
    for backend in ("eager", "numba"):
        model = MLP(2, [3, 1], activation="tanh", seed=1)
        history = fit(model, X, y, **{"epochs": 5, "progress": False, **arguments}, backend=backend)
        found.append((history, [p.data for p in model.parameters()]))
    (history, parameters), (native_history, native_parameters) = found
    assert native_history.keys() == history.keys()
    for name in history:
        assert native_history[name] == pytest.approx(history[name], rel=1e-9)
    assert native_parameters == pytest.approx(parameters, rel=1e-9)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 4, "n": 12},
        {"batch_size": 100},
        {"batch_size": 1},
        {"n": 1},
        {"epochs": 0},
        {"batch_size": 5, "epochs": 40, "learning_rate": lambda epoch: 0.5 / (1 + epoch)},
    ],
    ids=lambda arguments: "-".join(arguments) or "plain",
)
def test_training_takes_the_steps_of_eager_code(arguments):
    both_ways(**arguments)


@thorough
def test_training_with_adam_and_a_penalty():
    both_ways(optimizer="adam", l2=0.01, batch_size=4, learning_rate=0.02)


def test_a_batch_of_several_tiles_and_several_outputs():
    X, y = normal(600, 2).tolist(), np.random.default_rng(0).integers(0, 3, 600).tolist()
    models = [MLP(2, [4, 3], activation="relu", seed=1) for _ in range(2)]
    histories = [
        fit(model, X, y, loss="cross_entropy", batch_size=550, epochs=2, progress=False, backend=backend)
        for model, backend in zip(models, ("eager", "numba"), strict=True)
    ]
    for name in ("loss", "accuracy"):
        assert histories[1][name] == pytest.approx(histories[0][name], rel=1e-11)
    eager_parameters, native_parameters = ([p.data for p in model.parameters()] for model in models)
    assert native_parameters == pytest.approx(eager_parameters, rel=1e-9, abs=1e-12)


def test_a_loss_that_is_not_finite_ends_training_before_its_step():
    X, y = [[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]
    found = []
    for backend in ("eager", "numba"):
        model = MLP(1, [1], seed=1)
        with pytest.raises(FloatingPointError, match="epoch") as error:
            fit(model, X, y, loss="mean_squared_error", epochs=50, learning_rate=1e60, backend=backend, progress=False)
        found.append((str(error.value), [p.data for p in model.parameters()]))
    (message, parameters), (native_message, native_parameters) = found
    assert native_message == message
    assert "epoch 4" in message
    assert np.isfinite(native_parameters).all()
    assert native_parameters == pytest.approx(parameters, rel=1e-9)


def test_what_was_learnt_before_an_interruption_is_kept():
    def rate(epoch):
        if epoch == 7:
            raise KeyboardInterrupt
        return 0.1

    model = MLP(2, [3, 1], activation="tanh", seed=1)
    before = [p.data for p in model.parameters()]
    history = fit(model, *DATA, epochs=20, learning_rate=rate, progress=False, backend="numba")
    assert 0 < history.epochs == len(history["loss"]) <= 7
    after = [p.data for p in model.parameters()]
    assert after != before
    assert np.isfinite(after).all()


# --- what is kept on disk ---

TINY = """
    from engine import compile
    print(compile(lambda x: x[0] * x[1] + 1, inputs=2, backend="numba").value([[3.0, 5.0]]))
"""


def python(code, **environment):
    """Start a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run(code, **environment):
    """What it says on stderr, after 16 on stdout."""
    process = python(code, **environment)
    out, errors = process.communicate()
    assert (out, process.returncode) == ("[16.]\n", 0), errors
    return errors


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cache of its own, in which something is."""
    path = tmp_path_factory.mktemp("native")
    said = run(TINY, CHALKGRAD_CACHE=str(path))
    assert said.startswith(f"chalkgrad: compiling value to native code, once, to be kept in {path} ... ")
    assert said.endswith(" s\n")
    assert said.count("\n") == 1
    return path


def kept(folder):
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*.*") if file.is_file()}


def test_the_next_process_compiles_nothing_and_says_nothing(folder):
    before = kept(folder)
    assert {".nbc"} <= {file.suffix for file in before}
    assert run(TINY, CHALKGRAD_CACHE=str(folder)) == ""
    assert kept(folder) == before


def test_what_is_optimised_less_is_kept_beside_what_is_optimised_well(monkeypatch):
    function = arithmetic.sqrt
    paths = set()
    for level in (0, 1, 3):
        monkeypatch.setattr(numba.config, "OPT", level)
        paths.add(function._cache._path("float64", function.targetctx.codegen()))
    assert len(paths) == 3


@thorough
def test_damaged_files_are_replaced(folder):
    for n_bytes in (0, 20, -1):
        damaged = [list(folder.glob(pattern)) for pattern in ("chalkgrad_*.nbc", "arithmetic.*.nbc")]
        assert all(damaged)
        for file in chain(*damaged):
            file.write_bytes(file.read_bytes()[:n_bytes])
        run(TINY, CHALKGRAD_CACHE=str(folder))
    assert run(TINY, CHALKGRAD_CACHE=str(folder)) == ""


@thorough
def test_where_nothing_can_be_kept_it_works_all_the_same(tmp_path):
    """Neither in the folder that was asked for, nor at home, nor beside the engine's own files."""
    (tmp_path / "file").write_text("")
    code = """
        from numba.core import caching
        for locator in ("InTreeCacheLocator", "UserWideCacheLocator"):
            locator = getattr(caching, locator, None) or getattr(caching, "_" + locator)
            locator.from_function = classmethod(lambda *arguments: None)
    """
    no_home = """
        import os, pathlib
        for name in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        def home():
            raise RuntimeError("no home")
        pathlib.Path.home = home
    """
    asked = str(tmp_path / "file" / "below")
    for lines, wanted in ((code, asked), (no_home, "")):
        said = run(
            textwrap.dedent(lines) + textwrap.dedent(TINY),
            CHALKGRAD_CACHE=wanted,
            TMPDIR=str(tmp_path),
            TEMP=str(tmp_path),
        )
        assert f"kept in {tmp_path / 'chalkgrad-'}" in said
        assert not list(tmp_path.glob("chalkgrad-*"))


@thorough
def test_where_numba_is_switched_off_python_runs_the_loops(tmp_path):
    code = """
        from engine import compile
        from nn import MLP, fit, two_moons
        ends = []
        for backend in ("numpy", "numba"):
            model = MLP(2, [3, 1], activation="tanh", seed=1)
            fit(model, *two_moons(10), epochs=2, batch_size=4, backend=backend, progress=False)
            ends.append([p.data for p in model.parameters()])
        assert max(abs(a - b) for a, b in zip(*ends)) < 1e-12, ends
    """
    said = run(textwrap.dedent(code) + textwrap.dedent(TINY), NUMBA_DISABLE_JIT="1", CHALKGRAD_CACHE=str(tmp_path))
    assert said == ""


@thorough
def test_two_processes_at_once(tmp_path):
    processes = [python(TINY, CHALKGRAD_CACHE=str(tmp_path)) for _ in range(2)]
    for process in processes:
        out, errors = process.communicate()
        assert (out, process.returncode) == ("[16.]\n", 0), errors
    assert run(TINY, CHALKGRAD_CACHE=str(tmp_path)) == ""


@thorough
def test_threads_and_programs_of_the_same_text_share_what_is_compiled(tmp_path):
    code = """
        from threading import Thread
        from engine import compile
        programs = [compile(lambda x: x[0] * x[1] + 1, inputs=2, backend="numba") for _ in range(4)]
        values = []
        threads = [Thread(target=lambda p=p: values.append(p.value([[3.0, 5.0]])[0])) for p in programs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert values == [16.0] * 4, values
        print(programs[0].value([[3.0, 5.0]]))
    """
    assert run(code, CHALKGRAD_CACHE=str(tmp_path)).count("compiling") == 1


def test_a_module_is_no_trap_for_those_who_look_at_it():
    empty = module.NativeModule("", "nothing")
    assert copy.copy(empty).__dict__ == empty.__dict__
    assert not hasattr(empty, "_repr_html_")
