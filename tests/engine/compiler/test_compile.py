"""The compiler finds the matrices in scalar code, computes what eager code does, and refuses what it cannot."""

import copy
import math
import os
import pickle
import secrets
import sys
import threading
import time
from fractions import Fraction
from itertools import count, pairwise
from operator import add, iadd, imul
from random import Random, choice, random, sample
from random import getstate as random_state
from random import seed as set_seed
from random import setstate as set_random_state

import hypothesis
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from random_networks import random_network
from test_random_programs import programs, run_mine
from thorough import BACKENDS, IN_PARTS, PARTS, thorough
from ways_of_lifting import lift_by

from benchmarks.dag import differentiate_by_hand, evaluate, inputs, random_dag
from engine import (
    TraceError,
    Value,
    compile,
    dot,
    exp,
    hessian,
    hvp,
    log,
    maximum,
    modes,
    no_grad,
    relu,
    sigmoid,
    sin,
    sqrt,
    step,
    stop_gradient,
    tanh,
    total,
    trace,
    value_and_grad,
)
from engine.compiler.nests.procedures import gradient_product
from engine.compiler.tape import symbols
from engine.compiler.tape.record import record_tape
from engine.compiler.tape.simplify import simplify
from nn import MLP, binary_cross_entropy, cross_entropy, hinge, mean_squared_error, two_moons

N_TRIALS = int(os.environ.get("RANDOM_TRIALS", 400))


def forms(program):
    return [read.index.form for nest in program.vectors.nests for read in nest.reads]


TEXTBOOK = """\
# one example: x (2), y (), theta (337)
# forward
z1 = W1 @ x + b1              # (16)
a1 = relu(z1)                 # (16)
z2 = W2 @ a1 + b2             # (16)
a2 = relu(z2)                 # (16)
z3 = W3 @ a2 + b3             # (1)
loss = relu(1 - y * z3)       # (1)
# backward
d3 = -relu'(1 - y * z3) * y   # (1)
dW3 = d3 @ a2.T               # (1, 16)
db3 = d3                      # (1)
d2 = (W3.T @ d3) * relu'(z2)  # (16)
dW2 = d2 @ a1.T               # (16, 16)
db2 = d2                      # (16)
d1 = (W2.T @ d2) * relu'(z1)  # (16)
dW1 = d1 @ x.T                # (16, 2)
db1 = d1                      # (16)"""


def test_a_network_is_the_textbooks_recursion():
    model = MLP(2, [16, 16, 1], seed=1)
    program = compile(lambda x, y: hinge(model(x), y), inputs=(2, ()), parameters=model.parameters())
    assert str(program) == TEXTBOOK
    assert "gather" not in forms(program)
    assert program.latex().splitlines()[1:4] == [
        r"&\textbf{one example:}\quad x (2),\;y (),\;\theta (337) \\",
        r"&\textbf{forward} \\",
        r"z_{1} &= W_{1} x + b_{1} && (16) \\",
    ]
    assert (
        r"\delta_{1} &= \left(W_{2}^\top \delta_{2}\right) \odot \operatorname{relu}'(z_{1}) && (16) \\"
        in program.latex()
    )


WEIGHTS = [[Value(0.1 * (i + j)) for j in range(3)] for i in range(4)]
BIASES = [Value(0.1 * i) for i in range(4)]
OUT, OUT_BIAS = [Value(0.2 * i) for i in range(4)], Value(0.3)
BY_HAND = [*(w for row in WEIGHTS for w in row), *BIASES, *OUT, OUT_BIAS]


def by_adding(w, x, b):
    score = 0.0
    for a, c in zip(w, x, strict=True):
        score = score + a * c
    return score + b


@pytest.mark.parametrize(
    "neuron",
    [
        lambda w, x, b: sum((a * c for a, c in zip(w, x, strict=True)), b),
        lambda w, x, b: b + sum(c * a for a, c in zip(w, x, strict=True)),
        lambda w, x, b: dot(w, x, b),
        lambda w, x, b: dot(x, w) + b,
        lambda w, x, b: b + dot(w, x),
        lambda w, x, b: dot([*w, b], [*x, 1.0]),
        by_adding,
    ],
)
def test_a_neuron_is_the_same_however_it_is_written(neuron):
    def loss(x):
        hidden = [tanh(neuron(w, x, b)) for w, b in zip(WEIGHTS, BIASES, strict=True)]
        return neuron(OUT, hidden, OUT_BIAS) ** 2

    program = compile(loss, inputs=3, parameters=BY_HAND)
    assert str(program).splitlines()[2:6] == [
        "z1 = W1 @ x + b1              # (4)",
        "a1 = tanh(z1)                 # (4)",
        "z2 = W2 @ a1 + b2             # (1)",
        "loss = z2**2                  # (1)",
    ]
    assert "theta" not in str(program).split("\n", 1)[1]


def test_a_recurrent_network_multiplies_by_the_same_matrices_at_every_step():
    def loss(x):
        h = [0.0] * 4
        for t in range(3):
            h = [tanh(dot(w, x[3 * t : 3 * t + 3]) + dot(OUT, h) + b) for w, b in zip(WEIGHTS, BIASES, strict=True)]
        return total(h)

    lines = str(compile(loss, inputs=9, parameters=BY_HAND)).splitlines()
    assert [line.split("  ")[0] for line in lines if " = W1" in line] == [
        "z1 = W1 @ x[6:9]", "z2 = W1 @ x[3:6]", "z3 = W1 @ x[0:3]"
    ]  # fmt: skip
    assert sum(line.startswith("dW1 += ") for line in lines) == 2


def test_how_a_program_shows_itself():
    slope, shift = Value(2.0, label="w"), Value(0.5, label="b")
    program = compile(lambda x: total((slope * a + shift) ** 2 for a in x), inputs=3, parameters=[slope, shift])
    assert repr(program) == "<Program of x (3), theta (2), by numpy>"
    assert [line.split("  ")[0] for line in str(program).splitlines() if " = " in line] == [
        "t1 = w * x + b", "loss = sum(t1**2)", "dt1 = 2 * t1", "db = sum(dt1)", "dw = sum(dt1 * x)"
    ]  # fmt: skip
    assert program._repr_latex_() == f"$$\n{program.latex()}\n$$"
    assert r"dw &= \operatorname{sum}(dt_{1} \odot x)" in program.latex()
    crossed = compile(lambda theta: theta[0] * slope + theta[1], inputs=2, parameters=[slope, shift])
    assert repr(crossed) == "<Program of theta (2), theta1 (2), by numpy>"


def test_a_network_written_by_hand_is_the_same_program():
    """As micrograd's users write it: sums of products over loops, weights of each neuron followed by its bias."""
    sizes = [2, 16, 16, 1]
    layers = [[([Value(0.1 * (i + j)) for j in range(n)], Value(0.0)) for i in range(m)] for n, m in pairwise(sizes)]
    parameters = [p for layer in layers for w, b in layer for p in [*w, b]]

    def loss(x, y):
        for layer in layers:
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = x if layer is layers[-1] else [z.relu() for z in x]
        return (1 - y * x[0]).relu()

    assert str(compile(loss, inputs=(2, ()), parameters=parameters)) == TEXTBOOK


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "elu", "swish", "softplus", "leaky_relu"])
def test_values_and_gradients_are_the_eager_ones(activation):
    X, y = two_moons(20)
    model = MLP(2, [5, 1, 4, 1], activation=activation, seed=2)
    parameters = model.parameters()

    def cost(x, label):
        return hinge(model(x), label) + 0.01 * sum(p * p for p in parameters)

    program = compile(cost, inputs=(2, ()), parameters=parameters)
    value, gradient = program.value_and_grad([p.data for p in parameters], X, y)
    eager = total(cost(x, label) for x, label in zip(X, y, strict=True)) / len(X)
    eager.backward()
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [p.grad for p in parameters], rtol=1e-12, atol=1e-15)
    assert program.value([p.data for p in parameters], X, y) == value


@pytest.mark.parametrize(
    ("loss", "outputs", "label"),
    [
        (hinge, 1, -1.0),
        (binary_cross_entropy, 1, 1.0),
        (mean_squared_error, 1, 0.3),
        (mean_squared_error, 3, [0.3, 1.0, -1.0]),
        (cross_entropy, 3, [0.0, 1.0, 0.0]),
    ],
)
def test_every_loss_compiles(loss, outputs, label):
    model = MLP(4, [5, outputs], activation="tanh", seed=2)
    x = [0.1, -0.4, 0.7, 1.0]
    eager = loss(model(x), label)
    eager.backward()
    program = compile(
        lambda x, y: loss(model(x), y),
        inputs=(4, () if outputs == 1 else outputs),
        parameters=model.parameters(),
    )
    value, gradient = program.value_and_grad([p.data for p in model.parameters()], x, label)
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [p.grad for p in model.parameters()], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("part", IN_PARTS)
def test_random_programs_compute_what_eager_code_does(part):
    compared = 0

    @hypothesis.seed(part)
    @settings(
        max_examples=N_TRIALS // PARTS, deadline=None, phases=[Phase.generate]
    )  # shrinking one would take minutes
    @given(programs())
    def compare(program):
        nonlocal compared
        inputs, _, _ = program
        f = run_mine(program)
        batch = [inputs, [0.7 * x for x in inputs]]
        values, gradients = compile(f, inputs=len(inputs)).value_and_grad(batch)
        for x, value, gradient in zip(batch, values, gradients, strict=True):
            eager_value, eager_gradient = value_and_grad(f)(x)
            np.testing.assert_allclose(value, eager_value, rtol=1e-12, atol=1e-13)
            scale = 1 + max(map(abs, eager_gradient))
            np.testing.assert_allclose(gradient, eager_gradient, rtol=1e-12, atol=1e-13 * scale)

        variables = [Value(x) for x in inputs]
        value, gradient = compile(lambda: f(variables), inputs=[], parameters=variables).value_and_grad(inputs)
        np.testing.assert_allclose(value, values[0], rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(gradient, gradients[0], rtol=1e-12, atol=1e-13 * (1 + np.abs(gradients[0]).max()))
        compared += 1

    compare()
    assert compared >= N_TRIALS // PARTS


def eager_mean(network, X):
    """The mean of a network over examples, and its gradient with respect to the parameters."""
    for parameter in network.parameters:
        parameter.grad = 0.0
    mean = total(network.function(x) for x in X.tolist()) / len(X)
    mean.backward()
    return mean.data, [parameter.grad for parameter in network.parameters]


def compare_networks(seeds):
    for seed in seeds:
        network = random_network(seed)
        X = np.random.default_rng(seed).uniform(-1, 1, (3, network.n_inputs))
        program = compile(network.function, inputs=network.n_inputs, parameters=network.parameters)
        value, gradient = program.value_and_grad([p.data for p in network.parameters], X)
        eager_value, eager_gradient = eager_mean(network, X)
        scale = max(1.0, abs(eager_value), *map(abs, eager_gradient))
        what = f"network {seed}: {network.layers}"
        np.testing.assert_allclose(value, eager_value, rtol=0, atol=1e-12 * scale, err_msg=what)
        np.testing.assert_allclose(gradient, eager_gradient, rtol=0, atol=1e-12 * scale, err_msg=what)


@pytest.mark.parametrize("part", IN_PARTS)
def test_random_networks_compute_what_eager_code_does(part):
    compare_networks(range(part, N_TRIALS, PARTS))


@thorough
@pytest.mark.usefixtures("by_levels")
def test_random_networks_lifted_by_levels_compute_the_same():
    compare_networks(range(N_TRIALS // 6))


@pytest.fixture(params=["levels", "turns"])
def by_levels(request, monkeypatch):
    """Has every program lifted as irregular ones are, or as long chains are."""
    lift_by(monkeypatch, request.param)


@pytest.mark.usefixtures("by_levels")
def test_lifted_by_levels_they_compute_the_same():
    compared = 0

    @settings(max_examples=N_TRIALS // 6, deadline=None, phases=[Phase.generate])
    @given(programs())
    def compare(program):
        nonlocal compared
        inputs, _, _ = program
        f = run_mine(program)
        compiled = compile(f, inputs=len(inputs))
        results = [nest.target for nest in compiled.vectors.nests if nest.target.axes == "r"]  # and no copies of some
        assert all(target.family.pool is not None for target in results)
        assert str(compiled)
        values, gradients = compiled.value_and_grad([inputs, [0.7 * x for x in inputs]])
        for x, value, gradient in zip([inputs, [0.7 * x for x in inputs]], values, gradients, strict=True):
            eager_value, eager_gradient = value_and_grad(f)(x)
            np.testing.assert_allclose(value, eager_value, rtol=1e-12, atol=1e-13)
            scale = 1 + max(map(abs, eager_gradient))
            np.testing.assert_allclose(gradient, eager_gradient, rtol=1e-12, atol=1e-13 * scale)
        compared += 1

    compare()
    assert compared >= N_TRIALS // 6


def chain(n):
    """n products and as many sums, each of what was there before."""

    def f(x):
        y = x[0]
        for i in range(n):
            y = y * x[i % 3] + x[1]
        return y

    return f


def test_what_is_written_of_a_long_chain_does_not_grow_with_it():
    for backend in ("numpy", "numba", "jax"):
        short, long = (compile(chain(n), inputs=3, backend=backend) for n in (120, 500))
        products = [p._backend.function(gradient_product(p.vectors, p.vectors.inputs)) for p in (short, long)]
        assert len(short.source.splitlines()) == len(long.source.splitlines()) < 100
        assert len({len(product.source.splitlines()) for product in products}) == 1
        assert len(short.vectors.nests) == len(long.vectors.nests)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_long_chain_has_its_value_and_both_derivatives(backend):
    n, x, u = 4_000 if backend == "numpy" else 200, [0.3, 0.7, -0.9], [1.0, -0.5, 0.25]
    program, eager = compile(chain(n), inputs=3, backend=backend), value_and_grad(chain(n))(x)
    value, gradient = program.value_and_grad(x)
    np.testing.assert_allclose([value, *gradient], [eager[0], *eager[1]], rtol=1e-12)
    np.testing.assert_allclose(program.hvp(x, vector=u), hvp(chain(n), (x,), (u,)), rtol=1e-10)
    assert program.statistics()["statements"] < 5
    np.testing.assert_allclose(program.hessian(x), hessian(chain(n))(x), rtol=1e-10)


def test_rows_of_a_chain_that_the_output_does_not_depend_on_pass_nothing_on():
    def f(x):
        y = z = x[0]
        for _ in range(200):
            y, z = y * x[1], sqrt(z) * 1.0
        return y + step(z * 0.0 + 1.0) * x[1] + stop_gradient(sqrt(z - z))

    assert compile(f, inputs=2).vectors.nests[-1].turns
    value, gradient = compile(f, inputs=2).value_and_grad([2.0, 1.0])
    assert (value, gradient.tolist()) == (3.0, [1.0, 401.0])


@pytest.mark.usefixtures("by_levels")
def test_a_network_lifted_by_levels_is_the_same_network():
    model = MLP(2, [5, 3], activation="tanh", seed=2)
    parameters = model.parameters()
    theta = [p.data for p in parameters]

    def cost(x, y):
        return cross_entropy(model(x), y) + 0.01 * dot(parameters, parameters)

    program = compile(cost, inputs=(2, 3), parameters=parameters)
    value, gradient = program.value_and_grad(theta, [[0.5, -1.0], [1.0, 2.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    eager = (cost([0.5, -1.0], 1) + cost([1.0, 2.0], 0)) / 2
    eager.backward()
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [p.grad for p in parameters], rtol=1e-12, atol=1e-15)


def test_an_irregular_program_has_a_statement_for_each_level():
    program, start = random_dag(3000), inputs()
    compiled = compile(lambda x: evaluate(program, x, tanh), inputs=len(start))
    assert compiled.statistics()["statements"] < 300
    value, gradient = compiled.value_and_grad(start)
    np.testing.assert_allclose([value, *gradient], differentiate_by_hand(program, start), rtol=1e-12, atol=1e-12)
    assert "# backward" in str(compiled)


def rosenbrock(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def test_any_scalar_function_of_a_list():
    x = np.linspace(-1.5, 1.5, 100)
    f = compile(rosenbrock, inputs=100)
    value, gradient = f.value_and_grad(x)
    eager_value, eager_gradient = value_and_grad(rosenbrock)(x.tolist())
    assert value == pytest.approx(eager_value, rel=1e-12)
    np.testing.assert_allclose(gradient, eager_gradient, rtol=1e-12, atol=1e-10)
    assert f.statistics()["statements"] < 10
    assert f.statistics()["scalar operations"] > 490
    values, gradients = f.value_and_grad(np.stack([x, x / 2]))
    assert values.shape == (2,)
    assert gradients.shape == (2, 100)
    assert values[0] == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(gradients[1], f.value_and_grad(x / 2)[1], rtol=1e-12)


def lines_run(function, *arguments):
    """How many lines of Python a call runs, each turn of a loop anew."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def test_a_long_sum_keeps_its_order_and_is_recognised_in_linear_time():
    def chain(n):
        return record_tape(lambda x: sum(x[2:]) + (x[1] + x[0]), [n], [])[0]

    tape = simplify(chain(100))
    assert [tape.leaves[i].at for i in tape.args[tape.outputs[0]]] == [*range(2, 100), 1, 0]
    short, long = (lines_run(simplify, chain(n)) for n in (100, 400))
    assert long < 5 * short


def test_shapes_of_several_arguments():
    f = compile(lambda x, y, z: x[0] * y + x[1] * z, inputs=(2, (), ()))
    value, (dx, dy, dz) = f.value_and_grad([2.0, 3.0], 5.0, 7.0)
    assert (value, dx.tolist(), float(dy), float(dz)) == (31.0, [5.0, 7.0], 2.0, 3.0)
    values, (dx, dy, _) = f.value_and_grad([[2.0, 3.0], [0.0, 1.0]], [5.0, 1.0], [7.0, 1.0])
    assert values.tolist() == [31.0, 1.0]
    assert (dx.shape, dy.tolist()) == ((2, 2), [2.0, 0.0])


def test_rows_that_are_read_more_than_once_receive_all_contributions():
    def f(x):  # x[0], x[2] and x[0] again: a gather with duplicates
        picked = [x[i] for i in (0, 2, 0, 3, 0)]
        return total(sin(p) * k for k, p in enumerate(picked, 1)) + dot(picked, picked)

    program = compile(f, inputs=4)
    assert "gather" in forms(program)
    x = [0.3, 0.5, -0.2, 0.9]
    np.testing.assert_allclose(program.value_and_grad(x)[1], value_and_grad(f)(x)[1], rtol=1e-13)


def test_a_parameter_may_be_added_more_than_once():
    p = Value(3.0)
    program = compile(lambda x: p * x + x * x + p + p + x, inputs=(), parameters=[p])
    assert program.value_and_grad([3.0], [2.0]) == (18.0, [4.0])


def test_rows_are_looked_up_by_whole_numbers():
    p = [Value(0.5), Value(0.3)]
    program = compile(
        lambda x: tanh(dot([p[1]], [x], 1.0)) + tanh(dot([p[0]], [x], 0.0)), inputs=(), parameters=p
    )  # as many rows as constants, which are the same numbers
    value, gradient = program.value_and_grad([0.5, 0.3], 0.7)
    expected = np.tanh(0.3 * 0.7 + 1) + np.tanh(0.5 * 0.7)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(gradient, [0.7 / np.cosh(0.35) ** 2, 0.7 / np.cosh(1.21) ** 2], rtol=1e-13)


def test_symbols_are_equal_to_nothing_that_is_no_number():
    def f(x):
        assert x[0] != "auto"
        assert x[0] != ()
        assert x[0] in [*x]  # where it is found by what it is, before anything is compared
        return sum(a for a in x if a not in (None, "none"))

    assert compile(f, inputs=2).value([1.0, 2.0]) == 3.0


def test_a_parameter_is_copied_by_another_thread_as_what_it_is():
    w, copies = Value(2.0, label="w"), []

    def f(x):
        thread = threading.Thread(target=lambda: copies.extend([copy.deepcopy(w), pickle.loads(pickle.dumps(w))]))
        thread.start()
        thread.join()
        return x * w

    compile(f, inputs=(), parameters=[w])
    assert len(copies) == 4  # as it runs twice
    assert {(type(each), each.data, each.label) for each in copies} == {(type(w), 2.0, "w")}


def events(function):
    """How many lines, calls and returns of the compiler's front a function goes through."""
    return interrupted(function, 10**9)


def interrupted(function, at):
    """Raise KeyboardInterrupt at so many events; give how many there were."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        if not frame.f_code.co_filename.endswith(("record.py", "symbols.py", "modes.py", "contextlib.py")):
            return None
        count += 1
        if count == at:
            raise KeyboardInterrupt
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        function()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return count


def test_an_interrupt_at_any_point_leaves_parameters_what_they_were(monkeypatch):
    # A lock of its own: a tracer, unlike a signal, also interrupts between the body of a `with` and the release at its
    # end, and other threads would wait for this one for ever.
    monkeypatch.setattr(symbols, "_LOCK", threading.RLock())
    p = [Value(1.0), Value(2.0)]

    def job():
        record_tape(lambda x: p[0] * x + p[1], [()], p)

    n = events(job)
    assert n > 100
    for at in range(1, n):
        interrupted(job, at)
        assert [type(each) for each in p] == [type(Value(0.0))] * 2, at
        assert modes.current() is modes.PLAIN, at
    job()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_whatever_a_function_raises_parameters_are_what_they_were(error):
    p = Value(1.0)

    def f(x):
        raise error

    with pytest.raises(error):
        compile(f, inputs=(), parameters=[p])
    assert type(p) is type(Value(0.0))
    assert modes.current() is modes.PLAIN


OWN = Random(1)
COUNT = count()
RANDOM = {
    "a factor": (lambda x: x * random(), "x * random()"),
    "a Value": (lambda x: x * Value(random()), "Value(random())"),
    "a mask": (lambda x: total([x * k for k in range(50) if random() < 0.5]), "random() < 0.5"),
    "a choice": (lambda x: choice([sin, tanh, exp, log, sqrt] * 20)(x * 1.0), "choice"),
    "one bit of those that all draw": (lambda x: x * (random() < 0.5), ""),
    "weights": (lambda x: MLP(1, [2, 1])([x]), "MLP(1"),
    "NumPy": (lambda x: x + float(np.random.normal()), "np.random"),
    "NumPy's own": (lambda x: x + float(np.random.default_rng().normal()), "default_rng()"),
    "one's own": (lambda x: x * OWN.random(), "OWN"),
    "secrets": (lambda x: x * secrets.randbits(40), "secrets"),
    "a clock": (lambda x: x * time.perf_counter(), "perf_counter"),
    "a counter": (lambda x: x * next(COUNT), "next(COUNT)"),
    "the order": (lambda x: total(sample([x, x * 2, x * 3, x * 4, x * 5, x * 6], 6)), "sample"),
}


@pytest.mark.parametrize("name", RANDOM)
def test_what_would_be_drawn_once_for_ever_is_refused(name):
    function, says = RANDOM[name]
    before = random_state(), np.random.get_state()
    try:
        with pytest.raises(TraceError, match="as an input") as error:
            compile(function, inputs=())
        assert says in str(error.value).splitlines()[-1]
        assert "test_compile.py" in str(error.value)
    finally:
        set_random_state(before[0])
        np.random.set_state(before[1])


def test_what_is_drawn_the_same_way_each_time_is_constant():
    def f(x):
        set_seed(5)
        return (
            x * random() + MLP(1, [2, 1], seed=3)([x]) + Random(1).random() + float(np.random.default_rng(1).normal())
        )

    before = random_state()
    expected = f(2.0).data
    assert compile(f, inputs=()).value(2.0) == pytest.approx(expected, rel=1e-14)
    set_random_state(before)


def test_a_function_may_remember_what_it_made_of_parameters_and_arguments():
    w, kept = Value(2.0), {}

    def f(x):
        if "square" not in kept:
            kept["square"] = w * x
        return kept["square"] + 1

    assert compile(f, inputs=(), parameters=[w]).value([2.0], 3.0) == 7.0


ELEMENTWISE = {
    "x * 2": lambda x: total(x * 2),
    "2 * x": lambda x: total(2 * x),
    "x - 1": lambda x: total(x - 1),
    "1 - x": lambda x: total((1 - x) ** 2),
    "x + 1": lambda x: total((x + 1) ** 2),
    "1 + x": lambda x: total((1 + x) ** 3),
    "x / 2": lambda x: total(x / 2),
    "1 / x": lambda x: total(1 / x),
    "-x": lambda x: total(-x),
    "abs": lambda x: total(abs(x)),
    "2 ** x": lambda x: total(2**x),
    "x * x": lambda x: total(x * x),
    "x @ w": lambda x: x @ [1.0, 2.0, 3.0],
    "w @ x": lambda x: [1.0, 2.0, 3.0] @ x,
    "x @ x": lambda x: x @ x,
    "W @ x": lambda x: total([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] @ x),
    "x @ W": lambda x: total(x @ [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    "an array": lambda x: total(x * np.array([1.0, 2.0, 3.0]) + np.array([4.0, 5.0, 6.0]) * x),
    "its matrix": lambda x: total(np.arange(6.0).reshape(2, 3) @ x) + total(x @ np.arange(6.0).reshape(3, 2)),
    "slices": lambda x: total(x[1:] * x[:-1]) + total(x[::2] * 2),
    "as an array": lambda x: (np.array(x) * 2 + np.array(x)).sum(),
    "x *= 2": lambda x: total(imul(x, 2)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_arithmetic_on_an_argument_goes_number_by_number(name):
    f, x = ELEMENTWISE[name], np.array([0.5, -1.0, 2.0])
    expected = f(np.array([Value(a) for a in x]) if name != "x *= 2" else x.copy())
    assert compile(f, inputs=3).value(x) == pytest.approx(getattr(expected, "data", expected), rel=1e-14)


def test_an_argument_may_be_used_as_a_list():
    def f(x):
        x.append(1.0)
        x[0] = x[0] * 2
        assert isinstance(x, list)
        return dot([*x, 2.0], [*x, 3.0]) + len(x) + total(reversed(x)) + total(sorted(x[2:4], key=id))

    def same(x):
        return f([*x])

    x = [0.5, -1.0, 2.0]
    assert compile(f, inputs=3).value(x) == compile(same, inputs=3).value(x)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: total(x + x), r"\[\*x, \*y\] to join"),
        (lambda x: total(x[:2] + x[1:]), r"\[\*x, \*y\] to join"),
        (lambda x: total(add(x, [1.0])), r"\[a \+ b for a, b in zip\(x, y\)\] to add"),
        (lambda x: total(add([1.0, 2.0, 3.0], x)), "to join"),
        (lambda x: total(iadd(x, [1.0])), "to join"),
        (lambda x: total(x * [1.0, 2.0]), "lists of 3 and of 2"),
        (lambda x: x.sum(), r"np.array\(x\).sum"),
    ],
)
def test_what_means_one_thing_to_a_list_and_another_to_an_array_is_refused(function, says):
    with pytest.raises((TraceError, AttributeError), match=says) as error:
        compile(function, inputs=3)
    assert error.type is AttributeError or "test_compile.py" in str(error.value)


def test_static_parameters_are_told_apart():
    def f(x):
        return x[0] ** 2 + x[1] ** 3 + x[2].leaky_relu(0.1) + x[3].leaky_relu(0.2) + x[4].elu(0.5) + x[5].elu(2.0)

    x = [2.0, 3.0, -1.0, -1.0, -1.0, -1.0]
    np.testing.assert_allclose(compile(f, inputs=6).value_and_grad(x)[1], value_and_grad(f)(x)[1], rtol=1e-14)


def test_common_subexpressions_and_constants_cost_nothing():
    program = compile(lambda x: exp(x * 2) + exp(x * 2) * log(Value(3.0)) + tanh(Value(1.0)), inputs=())
    assert program.statistics()["scalar operations"] <= 4
    assert program.value(0.5) == pytest.approx(np.e + np.e * np.log(3) + np.tanh(1))


def test_a_derivative_compiles_too():
    f = compile(lambda x: value_and_grad(lambda t: sin(t) * t)(x)[1], inputs=())
    assert f.value(0.7) == pytest.approx(np.cos(0.7) * 0.7 + np.sin(0.7), rel=1e-14)


def test_constant_and_trivial_functions():
    assert compile(lambda x: 5.0, inputs=()).value_and_grad(1.0) == (5.0, 0.0)
    assert compile(lambda x: x, inputs=()).value_and_grad(3.0) == (3.0, 1.0)
    value, gradient = compile(lambda x: x[1], inputs=3).value_and_grad([[1.0, 2.0, 3.0]] * 2)
    assert value.tolist() == [2.0, 2.0]
    assert gradient.tolist() == [[0.0, 1.0, 0.0]] * 2
    p = Value(2.0)
    assert compile(lambda x: p * p, inputs=(), parameters=[p]).value_and_grad([3.0], [1.0, 2.0]) == (9.0, [6.0])


def test_a_class_may_be_given_by_its_index():
    model = MLP(2, [4, 3], activation="tanh", seed=2)
    theta = [p.data for p in model.parameters()]
    program = compile(lambda x, y: cross_entropy(model(x), y), inputs=(2, ()), parameters=model.parameters())
    for label in range(3):
        eager = cross_entropy(model([0.3, -0.7]), label)
        model.zero_grad()
        eager.backward()
        value, gradient = program.value_and_grad(theta, [0.3, -0.7], label)
        assert value == pytest.approx(eager.data, rel=1e-13)
        np.testing.assert_allclose(gradient, [p.grad for p in model.parameters()], rtol=1e-12, atol=1e-15)
    for label in (3, -1, 1.5, math.nan):  # which is found out when there are numbers, and not before
        assert program.value(theta, [0.3, -0.7], label) == math.inf


def test_nan_and_infinity_go_through():
    f = compile(lambda x: log(x) + 1 / x, inputs=())
    assert np.isnan(f.value(-1.0))
    np.testing.assert_array_equal(f.value([0.0, np.inf, np.nan]), [np.nan, np.inf, np.nan])


def test_numbers_beyond_the_floats_are_infinite():
    program = compile(lambda x: x[0] + x[1] * 0, inputs=2)
    for huge in (10**400, Fraction(10**400), -(10**400), np.longdouble("1e4000")):
        expected = math.inf if huge > 0 else -math.inf
        assert program.value([huge, 1]) == expected
        assert program.value([[huge, 1], [2, 3]]).tolist() == [expected, 2.0]
    assert compile(lambda x: W * x * 10**400, inputs=(), parameters=[W]).value([10**400], -(10**400)) == -math.inf


W = Value(2.0, label="w")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: x if x > 0 else -x, "if x > 0"),
        (lambda x: x * x.data, "x.data"),
        (lambda x: trace(x) and x, "trace(x)"),
        (lambda x: trace(x * 2) and x, "trace(x * 2)"),
        (lambda x: x * float(x), "float"),
        (lambda x: -x if bool(x) else x, "bool"),
        (lambda x: max(x, x * 2), "max"),
        (lambda x: -x if x == 1 else x, "x == 1"),
        (lambda x: -x if np.float64(1) == x else x, "np.float64(1) == x"),
        (lambda x: -x if x != x * 2 else x, "x != x * 2"),
        (lambda x: x if [2 * x].count(x) else -x, ".count(x)"),
        (lambda x: x or -x, "x or -x"),
        (lambda x: x if x in (0.0, 1.0) else -x, "in (0.0, 1.0)"),
        (lambda x: [x, 2 * x][int(x)], "int(x)"),
        (lambda x: math.tanh(x), "engine's functions"),
        (lambda x: np.max([x, 2 * x]), "np.max"),
        (lambda x: 2.0 * ([x] * x)[0], "a list of n numbers"),
        (lambda x: [x, 2 * x][x], "[x]"),
        (lambda x: setattr(W, "data", 1.0) or x, "setattr"),
        (lambda x: x * W.grad, "W.grad"),
        (lambda x: np.sin(float(x)) * x, "float"),
        (lambda x: W * x, "neither an argument nor a parameter"),
        (lambda x: "x", "a list of numbers"),
        (lambda x: [x, None], "a list of numbers"),
        (lambda x: [], "a list with one or more"),
    ],
)
def test_what_depends_on_a_number_is_refused_with_the_line(function, says):
    with pytest.raises(TraceError) as error:
        compile(function, inputs=(), parameters=[] if "neither" in says else [W])
    assert says in str(error.value)
    if "a list " not in says:
        assert "test_compile.py" in str(error.value)


@pytest.mark.parametrize("function", [lambda x: x, lambda x: [x, x], lambda x: ([x], [x]), lambda x: (x, x)])
def test_aux_is_a_list_beside_a_number(function):
    with pytest.raises(TraceError, match="a number and a list of numbers, but gave"):
        compile(function, inputs=(), has_aux=True)
    value, aux = compile(lambda x: (x * x, [x, 1.0]), inputs=(), has_aux=True).value([2.0, 3.0])
    assert (value.tolist(), aux.tolist()) == ([4.0, 9.0], [[2.0, 1.0], [3.0, 1.0]])


def test_a_parameter_must_not_be_read_either_and_is_itself_again_afterwards():
    model = MLP(2, [1], seed=1)
    p = model.parameters()[0]
    kind, data = type(p), p.data
    with pytest.raises(TraceError, match="test_compile"):
        compile(lambda x: x[0] * p.data, inputs=2, parameters=model.parameters())
    assert (type(p), p.data) == (kind, data)
    assert model([1.0, 2.0]).data == model([1.0, 2.0]).data


def test_several_threads_compile_a_model_while_another_one_uses_it():
    model = MLP(3, [30, 1], activation="tanh", seed=0)
    expected, parameters, problems = model([1.0, 2.0, 3.0]).data, model.parameters(), []
    start = threading.Barrier(4)

    def work(job):
        start.wait()
        try:
            job()
        except Exception as error:
            problems.append(error)

    def use():
        for _ in range(50):
            score = model([1.0, 2.0, 3.0])
            score.backward()
            assert score.data == expected

    jobs = [use] + [lambda: compile(lambda x: model(x) ** 2, inputs=3, parameters=parameters)] * 3
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not problems
    assert {type(parameter).__name__ for parameter in parameters} == {"Parameter"}


def test_a_program_is_compiled_inside_another_function_that_is_compiled():
    w = Value(3.0)

    def f(x):
        inner = compile(lambda z: z * w, inputs=(), parameters=[w])
        return x * w * inner.n_parameters

    assert compile(f, inputs=(), parameters=[w]).value_and_grad([2.0], [5.0]) == (10.0, [5.0])
    assert type(w) is type(Value(0.0))


def test_what_is_computed_without_gradients_is_constant_to_them():
    w = Value(3.0)

    def f(x):
        with no_grad():
            fixed = w * x
        return (w * x - 2 * fixed) ** 2

    output = f(2.0)
    output.backward()
    assert compile(f, inputs=(), parameters=[w]).value_and_grad([3.0], [2.0]) == (output.data, [w.grad])


def test_symbols_that_a_function_keeps_say_what_they_are():
    kept = []
    compile(lambda x: kept.append(x) or 2 * x, inputs=())
    for use in (lambda: kept[0].data, lambda: kept[0] * Value(2.0), lambda: float(kept[0])):
        with pytest.raises(TraceError, match="must not keep what it computes"):
            use()


def test_values_made_inside_are_constants():
    f = compile(lambda x: x * Value(3.0) + Value(1.0), inputs=())
    assert f.value_and_grad(2.0) == (7.0, 3.0)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: compile(lambda x: x, inputs=0), "has 0"),
        (lambda: compile(lambda x: x, inputs=[2.5]), "has 2.5"),
        (lambda: compile(lambda x: x, inputs=3.0), "has 3.0"),
        (lambda: compile(lambda x: W * x, inputs=(), parameters=[W, W]), "more than once"),
        (lambda: compile(lambda x: x, inputs=(), parameters=[W * 2.0]), "parameter 0 was computed"),
        (lambda: compile(lambda x: x, inputs=(), backend="fortran"), "unknown backend 'fortran'.*numpy, numba, jax"),
        (lambda: compile(lambda x: x[0], inputs=2).value([1.0]), r"x must have shape \(2,\) or \(batch, 2\)"),
        (lambda: compile(lambda x: x, inputs=()).value([[1.0]]), r"must have shape \(\) or \(batch,\)"),
        (lambda: compile(lambda x: x, inputs=()).value(1.0, 2.0), "takes 1 arguments .*, but was given 2"),
        (lambda: compile(lambda x, y: x * y, inputs=((), ())).value([1.0, 2.0], [1.0]), "one length"),
        (lambda: compile(lambda x, y: x * y, inputs=((), ())).value([1.0, 2.0], 1.0), "x is 2, y is one example"),
        (lambda: compile(lambda x: x, inputs=()).value([]), "empty"),
        (lambda: compile(lambda x: W * x, inputs=(), parameters=[W]).value([1.0, 2.0], 1.0), r"theta must have shape"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("function", [total, lambda x: W * total(x)])  # one example of one list goes its own way
@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ([1.0, None], TypeError, r"None \(NoneType\)"),
        ([1.0, "2"], TypeError, r"'2' \(str\)"),
        ([1.0, 2j], TypeError, r"2j \(complex\)"),
        (np.array([1.0, 2j]), TypeError, r"\(complex\)"),
        (np.array(["1", "2"]), TypeError, r"'1' \(str\)"),
        (np.array([1, 2], "timedelta64[ns]"), TypeError, r"timedelta64\[ns\]"),
        (None, TypeError, r"None \(NoneType\)"),
        ([[1.0, 2.0], [3.0]], ValueError, r"ragged: \[\[1.0, 2.0\], \[3.0\]\]"),
    ],
)
def test_what_is_no_number_is_refused(function, given, error, says):
    parameters = [] if function is total else [W]
    program = compile(function, inputs=2, parameters=parameters)
    for call in (program.value, program.value_and_grad):
        with pytest.raises(error, match="^xs? .*" + says):
            call(*[[1.0]] * len(parameters), given)
        if parameters:
            with pytest.raises(error, match="theta .*" + says):
                call(given, [1.0, 2.0])


@pytest.mark.parametrize(
    "given",
    [
        [3, True],
        [Value(3.0), Fraction(1)],
        [np.float32(3), np.True_],
        np.array([3.0, 1.0], "float16"),
        np.array([3, 1], "uint8"),
        np.array([3.0, 0.0, 1.0, 0.0])[::2],
        np.array([Value(3.0), 1]),
    ],
)
def test_all_real_numbers_are_taken(given):
    parameters = [Value(0.0), Value(0.0)]
    assert compile(lambda x: x[0] * 2 + x[1], inputs=2).value(given) == 7.0
    program = compile(lambda: parameters[0] * 2 + parameters[1], inputs=[], parameters=parameters)
    assert program.value(given) == 7.0


@pytest.mark.parametrize(
    ("parameters", "says"),
    [(W, "write .* around Value"), ([[W]], "but has"), ([W, 1.0], "has 1.0"), (MLP(1, [1]).parameters, "bound method")],
)
def test_parameters_are_values(parameters, says):
    with pytest.raises(TypeError, match=says):
        compile(lambda x: x, inputs=(), parameters=parameters)


@pytest.mark.parametrize(
    ("inputs", "says"), [(3, "has 1 entries.*missing.*'y'"), (((),) * 3, "has 3 entries.*too many")]
)
def test_as_many_inputs_as_arguments(inputs, says):
    with pytest.raises(TypeError, match=says):
        compile(lambda x, y: x, inputs=inputs)


def test_sizes_and_parameters_of_other_kinds():
    assert compile(total, inputs=np.int64(3)).value([1.0, 2.0, 3.0]) == 6.0
    assert compile(lambda x, y: total(x) * y, inputs=(np.int64(2), ())).value([1.0, 2.0], 3.0) == 9.0
    assert compile(lambda x: W * x, inputs=(), parameters=(w for w in [W])).value([2.0], [3.0]) == 6.0


def test_programs_with_maximum_and_selection():
    def f(x):
        return maximum(*x) * sigmoid(x[0]) + relu(x[1] - x[2])

    x = [0.3, 0.9, -0.2]
    np.testing.assert_allclose(compile(f, inputs=3).value_and_grad(x)[1], value_and_grad(f)(x)[1], rtol=1e-13)


def test_a_function_that_gives_a_list_has_a_value_but_no_gradient():
    model = MLP(2, [5, 3], activation="tanh", seed=1)
    theta = [p.data for p in model.parameters()]
    program = compile(lambda x: [*model(x), x[0]], inputs=2, parameters=model.parameters())
    X = [[0.5, -1.0], [1.0, 2.0]]
    expected = [[*(y.data for y in model(x)), x[0]] for x in X]
    np.testing.assert_allclose(program.value(theta, X), expected, rtol=1e-13)
    np.testing.assert_allclose(program.value(theta, X[0]), expected[0], rtol=1e-13)
    with pytest.raises(TypeError, match="gives a list"):
        program.value_and_grad(theta, X)
    assert compile(lambda x: [x, 2.0], inputs=()).value([1.0, 3.0]).tolist() == [[1.0, 2.0], [3.0, 2.0]]


def test_blocks_of_one_vector_receive_beside_the_whole_of_it():
    def f(x):
        sums = [total(x[0:3]), total(x[4:7])]  # blocks of a matrix with a column left out
        return total([sin(v) * v for v in x]) + total([tanh(v) for v in sums]) + x[7]

    batch = np.random.default_rng(0).normal(size=(4, 8))
    for order in ("C", "F"):
        gradients = compile(f, inputs=8).value_and_grad(np.asarray(batch, order=order))[1]
        for x, gradient in zip(batch.tolist(), gradients, strict=True):
            np.testing.assert_allclose(gradient, value_and_grad(f)(x)[1], rtol=1e-12)
