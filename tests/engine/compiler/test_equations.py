"""The equations that a program prints are true: read as NumPy reads them, they give its value and its gradient."""

import os
import re
from itertools import pairwise
from keyword import iskeyword

import hypothesis
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from random_networks import random_network
from test_random_programs import programs, run_mine
from thorough import IN_PARTS, PARTS, thorough
from ways_of_lifting import WAYS, lift_by

from engine import (
    Value,
    arrays,
    compile,
    cos,
    dot,
    exp,
    log,
    log_softmax,
    maximum,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    tanh,
    total,
)
from engine.apply import apply
from engine.compiler.equations import labels, notation
from engine.op import PRODUCT, SIGN
from engine.ops import TABLE
from nn import (
    MLP,
    Embedding,
    Layer,
    LayerNorm,
    PReLU,
    Sequential,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    mean_squared_error,
)

N_TRIALS = int(os.environ.get("RANDOM_TRIALS", 150))


class Vector(np.ndarray):
    """A vector whose transpose is a row, so that a vector times it is their outer product."""

    @property
    def T(self):
        return self.transpose() if self.ndim > 1 else self.reshape(1, -1)

    def __matmul__(self, other):
        if self.ndim == 1 and np.ndim(other) == 2:
            return np.asarray(self)[:, None] @ np.asarray(other)
        return vector(np.asarray(self) @ np.asarray(other))


class Picked:
    """Tells what it is indexed with."""

    def __getitem__(self, key):
        return key


def vector(*numbers):
    numbers = numbers[0] if len(numbers) == 1 else numbers
    if isinstance(numbers, list) and any(np.ndim(x) == 2 for x in numbers):  # matrices side by side
        return np.concatenate([np.asarray(x) for x in numbers], axis=1).view(Vector)
    return np.array(numbers).view(Vector)


def stacked(*parts):
    return vector(np.concatenate([np.atleast_1d(part) for part in parts]))


def along(op):
    """A row of the op table on arrays; on a single one, for operations on many numbers, along an axis."""

    def function(*xs, axis=0, **static):
        xs = xs if len(xs) > 1 or op.arity is not None else list(np.moveaxis(np.atleast_1d(xs[0]), axis, 0))
        with np.errstate(all="ignore"):
            return vector((op(**static) if static else op).value(arrays, *xs))

    return function


def derivative(op):
    def function(x, **static):
        op_ = op(**static) if static else op
        with np.errstate(all="ignore"):
            return vector(op_.partials(arrays, op_.value(arrays, x), x)[0])

    return function


def as_python(text):
    """The same with calls for brackets that are no indices, and for primes."""
    text = re.sub(r"(\w+)'\(", r"prime_\1(", text)
    made, opened = [], []
    for character in text:
        if character == "[":
            is_index = bool(made) and bool(re.search(r"[\w\])]$", made[-1]))
            opened.append((len(made), is_index))
            if not is_index and made and made[-1] == "stacked(":  # a list of lists
                made[-1] = "vector(["
            made.append("[" if is_index else "stacked(")  # of one or, between semicolons, several
        elif character == "]":
            start, is_index = opened.pop()
            made.append("]" if is_index else "])" if made[start] == "vector([" else ")")
        else:
            if character == "," and opened and not opened[-1][1] and inside_brackets(made[opened[-1][0] + 1 :]):
                made[opened[-1][0]] = "vector(["
            if character == ";":
                made[opened[-1][0]] = "stacked("
            made.append("," if character == ";" else character)
    return "".join(made)


def inside_brackets(made):
    """Whether what was opened since has been closed, so that a comma here is one between items."""
    text = "".join(made)
    return text.count("(") == text.count(")")


def softmax_along(x, axis=0):
    powers = np.exp(np.asarray(x))
    return vector(powers / powers.sum(axis=axis, keepdims=True))


class Board:
    """Carries equations out, one after the other."""

    def __init__(self, sizes, **given):
        self.sizes = sizes  # of vectors that are written in parts
        self.names = {name: vector(np.atleast_1d(np.array(x, dtype=float))) for name, x in given.items()}
        self.functions = {op.symbol: along(op) for op in TABLE.values() if op.symbol[0].isalpha()}
        self.functions |= {f"prime_{op.symbol}": derivative(op) for op in TABLE.values() if op.symbol[0].isalpha()}
        self.functions |= {
            "softmax": softmax_along,
            "windows": lambda x, n: np.lib.stride_tricks.sliding_window_view(x, n).view(Vector),
        }
        self.functions |= {"vector": vector, "stacked": stacked, "inf": np.inf, "nan": np.nan}

    def evaluate(self, text, **more):
        with np.errstate(all="ignore"):
            return eval(as_python(text), {**self.functions, **self.names, **more})

    def write(self, equation):
        left, right = str(equation.left), self.evaluate(str(equation.right))
        name = re.match(r"(?:windows\()?(\w+)", left)[1]
        shape = tuple(map(int, equation.shape.split(", ")))
        assert np.size(right) in (1, np.prod(shape)) or np.ndim(right) == 2, f"{equation}: {np.shape(right)}"
        if left == name and equation.sign == "=":
            self.names[name] = vector(np.broadcast_to(right, shape).astype(float))
            return
        whole = self.names.setdefault(name, vector(np.zeros(self.sizes.get(name, shape))))
        places = np.arange(whole.size).reshape(whole.shape).view(Vector)
        places = places if left == name else self.evaluate(left, **{name: places})
        assert np.size(places) == np.prod(shape), f"{equation}: {np.shape(places)}"
        if equation.sign == "=":
            assert np.unique(places).size == np.size(places), f"{equation}: a number is written twice"
            whole.reshape(-1)[np.asarray(places).reshape(shape)] = right
        else:
            np.add.at(whole.reshape(-1), np.atleast_1d(places), np.asarray(right))


def carried_out(program, *arguments, theta=()):
    """The value and the gradient that the equations of a program give."""
    names, vectors = program._board.names, program.vectors
    called = [str(names.formulas[family]) for family in (vectors.parameters, *vectors.inputs)]
    gradients = [result.family for result in program._value_and_grad_procedure.results[len(vectors.outputs) :]]
    sizes = {str(name): family.rows for family, name in names.formulas.items()}
    board = Board(sizes, **dict(zip(called, [theta, *arguments], strict=True)))
    if len(theta):
        board.names[str(names.name(gradients[0]))] = vector(np.zeros(len(theta)))
    written = program.equations()
    for equation in written:
        board.write(equation)
    (*_, output) = (str(equation.left) for equation in written if equation.phase == "forward")
    value = float(board.names[output][0])
    found = [np.array(board.names[str(names.name(gradient))]) for gradient in gradients]
    for equation in written if len(theta) else ():
        part = str(names.derivative(gradients[0], equation.left))
        if equation.phase == "parameters" and part in board.names:
            places = board.evaluate(str(equation.right), **{called[0]: np.arange(len(theta)).view(Vector)})
            np.add.at(found[0], places, board.names[part])
    return value, found


@pytest.fixture(autouse=True)
def nothing_left_out(monkeypatch):
    monkeypatch.setattr(notation, "SHOWN", 10**9)


@pytest.fixture(params=[pytest.param(way, marks=thorough) if way == "turns" else way for way in WAYS])
def lifted(request, monkeypatch):
    """Has programs lifted in each way, whatever they are."""
    lift_by(monkeypatch, request.param)


def check(program, *arguments, theta=()):
    given = [theta, *arguments] if len(theta) else arguments
    value, gradient = program.value_and_grad(*given)
    written_value, written_gradients = carried_out(program, *arguments, theta=theta)
    assert written_value == pytest.approx(value, rel=1e-12, abs=1e-14), f"\n{program}"
    gradients = gradient if isinstance(gradient, tuple) else [gradient]
    for expected, written in zip(gradients, written_gradients, strict=True):
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(
            written, np.atleast_1d(expected), rtol=1e-11, atol=1e-13 * scale, err_msg=f"\n{program}"
        )


def standardised(x):
    mean = sum(x) / len(x)
    deviations = [a - mean for a in x]
    spread = sqrt(sum(d**2 for d in deviations) / len(x) + 0.5)
    return [d / spread for d in deviations]


def attention(q, k, v):
    rows = [[x[i : i + 2] for i in range(0, 6, 2)] for x in (q, k, v)]
    mixed = []
    for one in rows[0]:
        weights = softmax([dot(one, key) for key in rows[1]])
        mixed += [sum(w * value[j] for w, value in zip(weights, rows[2], strict=True)) for j in range(2)]
    return sum(o**2 for o in mixed)


def by_hand_softmax(x, y):
    powers = [exp(a) for a in x]
    return -log(sum(b * p / sum(powers) for b, p in zip(y, powers, strict=True)))


FUNCTIONS = {
    "rosenbrock": (lambda x: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)), (6,)),
    "mean of squares": (lambda x: sum(a * a for a in x) / len(x), (5,)),
    "standardised": (lambda x: sum(a**3 for a in standardised(x)), (8,)),
    "log softmax": (lambda x, y: -sum(t * p for t, p in zip(y, log_softmax(x), strict=True)), (3, 3)),
    "softmax by hand": (by_hand_softmax, (4, 4)),
    "attention": (attention, (6, 6, 6)),
    "largest of rows": (lambda x: sum(tanh(maximum(*x[i : i + 3])) for i in (0, 3)), (6,)),
    "distances": (lambda x, c: sum(sqrt(sum((a - b) ** 2 for a, b in zip(x, c[i : i + 2], strict=True)) + 0.5)
                                   for i in (0, 2, 4)), (2, 6)),
    "products side by side": (lambda x, u: sum(tanh(dot([3.0, x[i]], [u, x[i + 1]])) for i in range(3)), (4, ())),
    "weighted sum": (lambda x: sum(w * a for w, a in zip((0.5, 0.25, 2.0), x, strict=True)), (3,)),
    "constant matrix": (lambda x: tanh(0.5 * x[0] + 2 * x[1]) + 3 * tanh(0.25 * x[1] + 4 * x[2]), (3,)),
    "one number": (lambda x: sigmoid(x) * x, ((),)),
    "one row": (lambda x: x[1], (3,)),
    "the same row often": (lambda x: sum(x[0] * a for a in x) + tanh(x[0]) / 4, (3,)),
    "one number often": (lambda x: dot([x, x], [x, x], x) + dot([2.0, 2.0], [x, 3.0]), ((),)),
    "polynomial": (lambda x: x[0] * x[1] + 1 + x[1] * x[2] + 1, (3,)),
    "constants only at the end": (lambda x: sum(a * a + 1 for a in x) + (x[0] + 2) + (x[1] - 2), (3,)),
    "nothing": (lambda x: 5.0, (2,)),
    "powers": (lambda x, y: exp(x) ** y + x**y - y / x, ((), ())),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.usefixtures("lifted")
def test_what_is_printed_of_a_function_is_true(name):
    function, shapes = FUNCTIONS[name]
    random = np.random.default_rng(1)
    check(compile(function, inputs=shapes), *(random.uniform(0.1, 1, () if n == () else n) for n in shapes))


def weights(n):
    return [Value(x) for x in np.random.default_rng(n).uniform(-1, 1, n).tolist()]


def recurrent():
    w, u, b, out = weights(12), weights(16), weights(4), weights(5)

    def loss(x, y):
        h = [0.0] * 4
        for t in range(3):
            h = [tanh(dot(w[3 * i : 3 * i + 3], x[3 * t : 3 * t + 3]) + dot(u[4 * i : 4 * i + 4], h) + b[i])
                 for i in range(4)]  # fmt: skip
        return (dot(out[:4], h, out[4]) - y) ** 2

    return loss, (9, ()), [*w, *u, *b, *out]


def convolution():
    kernel = weights(4)
    return lambda x: sum(tanh(dot(kernel[:3], x[i : i + 3], kernel[3])) for i in range(6)), (8,), kernel


def two_products():
    w, u, b = weights(12), weights(16), weights(4)

    def loss(x):
        h = [0.0] * 4
        for t in range(3):
            h = [tanh(dot(w[3 * i : 3 * i + 3], x[3 * t : 3 * t + 3]) + dot(u[4 * i : 4 * i + 4], h) + b[i])
                 for i in range(4)]  # fmt: skip
        return sum(h)

    return loss, (9,), [*w, *u, *b]


def channels():
    kernels = weights(8)
    return (
        lambda x: sum(tanh(dot(kernels[4 * c : 4 * c + 3], x[i : i + 3], kernels[4 * c + 3]))
                      for c in range(2) for i in range(0, 6, 2)), (8,), kernels,
    )  # fmt: skip


def line():
    slope, shift = Value(2.0, label="w"), Value(0.5, label="b")
    return lambda x, y: sum((slope * a + shift - y) ** 2 for a in x) + 0.5 * slope**2, (3, ()), [slope, shift]


def cut_in_pieces():
    (w,) = weights(1)
    return lambda x: 0.5 * tanh(w * x[0]) + w * tanh(w * x[1]), (2,), [w]


def from_nothing():
    p = weights(4)

    def loss(x):
        u, h = [exp(a) for a in p], [0.0, 0.0]
        first = sum(tanh(dot(u[2 * i : 2 * i + 2], h) + p[i] * x[0]) for i in range(2))
        return first + sum(cos(dot(p[2 * i : 2 * i + 2], h)) for i in range(2))

    return loss, (1,), p


def labelled(*labels):
    p = [Value(x, label=label) for x, label in zip((0.5, 0.3, 0.2), labels, strict=True)]

    def loss(x):
        h = [tanh(p[0] * x[0]), sin(p[1] * x[1])]
        return tanh(dot([p[0], p[1]], h)) + tanh(dot([p[0], p[2]], h)) + p[2]

    return loss, (2,), p


def tied():
    """An autoencoder that decodes with the transpose of what it encodes with, and decays its weights."""
    w = weights(6)

    def loss(x):
        code = [tanh(dot(w[3 * i : 3 * i + 3], x)) for i in range(2)]
        again = [dot([w[i], w[3 + i]], code) for i in range(3)]
        return sum((a - b) ** 2 for a, b in zip(again, x, strict=True)) + 0.5 * dot(w, w)

    return loss, (3,), w


def residual():
    model, last = MLP(3, [4, 3], activation="tanh", output_activation="leaky_relu", seed=1), MLP(3, [2], seed=2)
    parameters = model.parameters() + last.parameters()
    return (
        lambda x, y: mean_squared_error(last([a + b for a, b in zip(model(x), x, strict=True)]), y),
        (3, 2),
        parameters,
    )


def network(loss, outputs, **settings):
    model = MLP(4, [5, outputs], seed=1, **settings)
    return lambda x, y: loss(model(x), y), (4, () if outputs == 1 else outputs), model.parameters()


MODELS = {
    "recurrent": recurrent(),
    "recurrent in two products": two_products(),
    "convolution": convolution(),
    "two channels": channels(),
    "labels": line(),
    "cut in pieces": cut_in_pieces(),
    "from nothing": from_nothing(),
    **{
        f"labels {names}": labelled(*names)
        for names in (
            ("w", "", ""),
            ("loss", "t1", "z1"),
            ("theta", "W1", "d1"),
            ("tanh", "sum", "dx"),
            ("b1", "v", "s"),
        )
    },
    "tied": tied(),
    "residual": residual(),
    "hinge": network(hinge, 1),
    "logistic": network(binary_cross_entropy, 1, activation="sigmoid"),
    "classes": network(cross_entropy, 3, activation="gelu"),
    "regression": network(mean_squared_error, 2, activation="elu"),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.usefixtures("lifted")
def test_what_is_printed_of_a_model_is_true(name):
    function, shapes, parameters = MODELS[name]
    random = np.random.default_rng(1)
    arguments = [random.uniform(0.1, 1, () if n == () else n) for n in shapes]
    check(compile(function, inputs=shapes, parameters=parameters), *arguments, theta=[p.data for p in parameters])


@pytest.mark.usefixtures("lifted")
@pytest.mark.parametrize("part", IN_PARTS)
def test_what_is_printed_of_random_networks_is_true(part, monkeypatch):
    monkeypatch.setattr("engine.formula.Formula.of", of_all_digits)
    for seed in range(part, N_TRIALS, PARTS):
        network = random_network(seed)
        program = compile(network.function, inputs=network.n_inputs, parameters=network.parameters)
        x = np.random.default_rng(seed).uniform(-1, 1, network.n_inputs)
        check(program, x, theta=[p.data for p in network.parameters])


@pytest.mark.parametrize("part", IN_PARTS)
def test_what_is_printed_of_random_programs_is_true(part, monkeypatch):
    # six digits of a constant are printed, which is enough to read but not to compute with
    monkeypatch.setattr("engine.formula.Formula.of", of_all_digits)
    compared = 0

    @hypothesis.seed(part)
    @settings(max_examples=N_TRIALS // PARTS, deadline=None, phases=[Phase.generate])
    @given(programs())
    def compare(program):
        nonlocal compared
        inputs, _, _ = program
        check(compile(run_mine(program), inputs=len(inputs)), inputs)
        compared += 1

    compare()
    assert compared >= N_TRIALS // PARTS


SIX_DIGITS = notation.Formula.of


def of_all_digits(x):
    if isinstance(x, notation.Formula) or float(f"{float(x):.6g}") == x:
        return SIX_DIGITS(x)
    return notation.Formula(repr(float(x)), precedence=SIGN if x < 0 else PRODUCT)


# fmt: off
HOSTILE = [
    "d", "dd", "t", "dt", "ddt", "d_t", "d__t", "dtheta", "theta", "theta1", "W1", "dW1", "b1", "z1", "dz1", "a1",
    "d1", "d2", "t1", "dt1", "dt2", "loss", "dloss", "loss1", "f", "f1", "sum", "exp", "tanh", "max", "inf", "nan",
    "windows", "h", "hd", "v", "dv", "s", "ds", "x", "dx", "_", "__", "_1", "x_", "x_1", "é", "dé", "seed", "aux",
    "lambda", "if", "u_x", "example_weight", "value", "np", "reshape", "T", "2", "a-b",
]
# fmt: on


def with_arguments(names, body):
    return eval(f"lambda {', '.join(names)}: body({', '.join(names)})", {"body": body})


@pytest.mark.usefixtures("lifted")
@pytest.mark.parametrize("seed", range(40))
def test_what_is_printed_is_true_whatever_things_are_called(seed):
    random = np.random.default_rng(seed)
    arguments = [str(name) for name in random.permutation(HOSTILE) if name.isidentifier() and not iskeyword(name)][:3]
    labels = [str(label) for label in random.choice(HOSTILE, 9)]
    labels[4:6] = [f"{labels[4]}[{i}]" for i in range(2)] if seed % 2 else labels[4:6]
    p = [Value(x, label=label) for x, label in zip(random.uniform(0.1, 1, 9), labels, strict=True)]

    def body(x, y, z):
        hidden = [tanh(dot(p[2 * i : 2 * i + 2], x, p[4 + i])) for i in range(2)]
        return exp(y * p[6]) * z + sum(hidden) * p[7] + p[8] * (y + hidden[0] * p[6]) + maximum(y, z)

    function = with_arguments(arguments, body)
    x = random.uniform(0.1, 1, 2), random.uniform(0.1, 1), random.uniform(0.1, 1)
    check(compile(function, inputs=(2, (), ()), parameters=p), *x, theta=[v.data for v in p])
    check(compile(with_arguments(arguments, lambda x, y, z: exp(y) * z + sum(x) * y), inputs=(2, (), ())), *x)


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ([Layer(2, 4, "linear", seed=1), LayerNorm(4), PReLU(4), Layer(4, 1, "linear")], ["gamma1", "beta1", "slope1"]),
        ([Embedding(3, 2, seed=1), Layer(4, 1, "linear", seed=2)], ["E1"]),
    ],
)
def test_vectors_and_matrices_of_parameters_are_called_what_they_are_labelled(parts, names):
    model = Sequential(*parts)
    program = compile(lambda x, y: mean_squared_error(model(x), y), inputs=(2, ()), parameters=model.parameters())
    check(program, [1.0, 2.0], 0.5, theta=[0.5 + 0.1 * i for i in range(len(model.parameters()))])
    for name in names:
        assert f"{name} = theta[" in program.source
        assert re.search(rf"\bd{name} \+?= ", str(program))
    assert "theta[" not in str(program)
    assert "_{1}" in program.latex()


def test_a_vector_or_a_matrix_that_lacks_some_has_no_name():
    given = ["v[1]", "v[0]", "A[0,0]", "A[0,1]", "A[1,1]", "u[0]", "u[0]", "w[0]", "w", "b1[0]", "lambda[0]"]
    assert [*labels.labelled(given)] == []


def test_a_derivative_gives_way_to_what_the_user_calls_the_same():
    program = compile(lambda t, dt: exp(t) * dt, inputs=((), ()))
    assert [line.split("  ")[0] for line in str(program).splitlines() if "=" in line] == [
        "f = exp(t) * dt", "d_t = dt * exp(t)", "ddt = exp(t)"
    ]  # fmt: skip
    assert r"d_{t} &= " in program.latex()
    crossed = compile(lambda exp: exp * exp, inputs=())
    assert str(crossed).startswith("# one example: exp1 ()\n# forward\nf = exp1")


@pytest.mark.parametrize("label", [None, "1", "two\nlines", "\ufffe", "50% of {a_b} & $x^2$ #1 \\~", "lambda"])
def test_a_label_that_is_no_name_is_not_printed_and_does_no_harm(label):
    def printed(w):
        program = compile(lambda x: w * x, inputs=(), parameters=[w])
        return str(program), program.latex()

    w = Value(2.0)
    w.label = label
    assert printed(w) == printed(Value(2.0))


def test_the_two_famous_deltas_are_what_is_on_the_board():
    network = MLP(4, [5, 3], seed=1)

    def printed(cost, *inputs):
        program = compile(cost, inputs=inputs, parameters=network.parameters())
        check(program, np.array([0.1, -0.4, 0.7, 1.0]), *[np.array([0.2, 0.5, 0.3])] * (inputs[1:] == (3,)),
              *[2.0] * (inputs[1:] == ((),)), theta=[p.data for p in network.parameters()])  # fmt: skip
        return str(program), program.latex()

    text, latex = printed(lambda x, y: cross_entropy(network(x), y), 4, 3)
    assert "d2 = sum(y) * softmax(z2) - y   " in text
    assert r"\delta_{2} &= \operatorname{sum}(y) \odot \operatorname{softmax}(z_{2}) - y && (3)" in latex
    text, latex = printed(lambda x, y: cross_entropy(network(x), y), 4, ())
    assert "t3 = equal(y, [0, 1, 2])   " in text
    assert "d2 = softmax(z2) - t3   " in text
    text, _ = printed(lambda x, y: binary_cross_entropy(total(network(x)), y), 4, ())
    assert "sigmoid(" in text
    network = MLP(4, [5, 1], seed=1)
    text, latex = printed(lambda x, y: binary_cross_entropy(network(x), y), 4, ())
    assert "d2 = sigmoid(z2) - y   " in text
    assert r"\delta_{2} &= \sigma(z_{2}) - y" in latex
    text, _ = printed(lambda x, y: softplus(network(x)) - y * network(x), 4, ())
    assert "d2 = sigmoid(z2) - y   " in text


def lines_of(program):
    return [line.split("  ")[0] for line in str(program).splitlines() if "=" in line]


FOLDING = [op for op in TABLE.values() if op.folds]


@pytest.mark.parametrize("op", FOLDING, ids=lambda op: op.name)
def test_two_terms_are_written_as_three_are(op):
    two, three = (compile(lambda x: apply(op, *x), inputs=n) for n in (2, 3))
    assert lines_of(two) == lines_of(three)
    check(two, np.array([0.25, -0.5]))


def test_a_sum_of_two_is_a_sum_and_so_is_its_derivative():
    assert lines_of(compile(lambda x: x[0] + x[1], inputs=2)) == ["f = sum(x)", "dx = 1"]
    assert lines_of(compile(lambda x: (x[0] ** 2 + x[1] ** 2) / 2, inputs=2)) == ["f = sum(x**2) / 2", "dx = x"]
    assert lines_of(compile(lambda x, y: sin(x) + x * y, inputs=((), ()))) == [
        "f = sin(x) + x * y", "dx = y + cos(x)", "dy = x"
    ]  # fmt: skip
    assert lines_of(compile(FUNCTIONS["rosenbrock"][0], inputs=2))[-2:] == [
        "dx[0] = -2 * (1 - x[0]) - 2 * dt1 * x[0]", "dx[1] = dt1"
    ]  # fmt: skip


@pytest.mark.parametrize(("n", "delta"), [(2, "z1 - y"), (3, "2 * (z1 - y) / 3")])
def test_a_mean_over_outputs_is_written_as_a_mean(n, delta):
    model = MLP(3, [n], seed=1)
    program = compile(lambda x, y: mean_squared_error(model(x), y), inputs=(3, n), parameters=model.parameters())
    assert f"loss = sum((z1 - y)**2) / {n}" in lines_of(program)
    assert f"d1 = {delta}" in lines_of(program)
    assert n == 2 or r"\delta_{1} &= \frac{2 \cdot \left(z_{1} - y\right)}{3}" in program.latex()
    check(program, np.array([0.5, 1.0, 2.0]), np.arange(float(n)), theta=[p.data for p in model.parameters()])


def test_batch_norm_is_written_as_on_the_board():
    model = MLP(2, [3, 1], normalization="batch", seed=1)
    program = compile(lambda x, y: mean_squared_error(model(x), y), inputs=(2, ()), parameters=model.parameters())
    written = lines_of(program)
    for line in (
        "t1 = z1 - batch_mean(z1)",
        "t2 = sqrt(batch_mean(t1**2) + 1e-05)",
        "t3 = t1 / t2",
        "t4 = gamma1 * t3 + beta1",
        "dt1 = dt3 / t2 - batch_mean(dt3 * t3 / t2**2) * t1",
        "d1 = dt1 - batch_mean(dt1)",
    ):
        assert line in written


def test_names_of_arguments_are_theirs():
    program = compile(lambda t1, f, v, z1: tanh(t1 * f) * v + tanh(t1 * f) ** 2 * z1, inputs=((),) * 4)
    lines = str(program).splitlines()
    assert lines[0] == "# one example: t1 (), f (), v (), z1 ()"
    assert [line.split(" = ")[0] for line in lines if " = " in line and not line.startswith("d")] == ["t2", "t3", "f1"]


def test_a_wrong_equation_is_found_out(monkeypatch):
    function, shapes = FUNCTIONS["log softmax"]
    monkeypatch.setattr("engine.compiler.equations.terms.summed", lambda x, **_: notation.Formula.of(x))
    with pytest.raises(AssertionError):
        check(compile(function, inputs=shapes), [0.1, 0.2, 0.7], [0.0, 1.0, 0.0])
