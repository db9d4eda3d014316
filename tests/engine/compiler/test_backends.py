"""Every row and every form of statement on every backend, beside eager code."""

import ast
import copy
import pickle
import subprocess
import sys
import textwrap
from math import inf
from pathlib import Path

import jax
import numpy as np
import pytest
from oracles import cases
from thorough import BACKENDS

from engine import (
    Value,
    arrays,
    compile,
    dot,
    exp,
    ieee,
    leaky_relu,
    log,
    maximum,
    minimum,
    ops,
    sigmoid,
    sin,
    sqrt,
    step,
    stop_gradient,
    tanh,
    total,
    value_and_grad,
)
from engine.apply import apply
from engine.compiler.backends import jax as jax_backend
from engine.compiler.backends.numba import arithmetic
from engine.compiler.backends.trainer import TrainingState
from engine.ops import BATCH_MEAN, TABLE
from nn import MLP, binary_cross_entropy, cross_entropy, hinge, mean_squared_error

ROWS = cases(extreme=False)
FLUSHED = 1e-300  # XLA flushes numbers below the normal floats to 0


def test_every_function_that_a_row_calls_is_known_to_every_algebra():
    rows = ast.parse(Path(ops.__file__).read_text(encoding="utf-8"))
    called = {
        node.attr
        for node in ast.walk(rows)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "m"
    }
    assert {"exp", "total", "select"} < called
    reductions = {"total", "largest", "smallest"}  # a compiler writes them out
    for algebra in (ieee, arrays, arithmetic, jax_backend.Algebra(jax)):
        missing = {name for name in called - reductions if not hasattr(algebra, name)}
        assert not missing, f"{algebra} lacks {missing}"
    assert all(hasattr(ieee, name) and hasattr(arrays, name) for name in reductions)


NAMES = sorted({*TABLE} - {"batch_mean"})
SIDE_BY_SIDE = {"numpy": 1, "numba": 13, "jax": 13}  # as a program takes seconds to compile there
TOGETHER = [
    pytest.param(backend, NAMES[i : i + n], id=f"{backend}-{'-'.join(NAMES[i : i + n])}")
    for backend, n in SIDE_BY_SIDE.items()
    for i in range(0, len(NAMES), n)
] + [(backend, ["batch_mean"]) for backend in SIDE_BY_SIDE]  # alone, as all examples share what it gives


@pytest.mark.parametrize(("backend", "names"), TOGETHER)
def test_every_row_on_every_backend(backend, names):
    """All points of a row as one batch, and all its variants and numbers of operands side by side in one program.

    Natively only the first variant and the last, as each takes a second to compile: their loops differ in length.
    """
    points = {}
    for name, static, xs in ROWS:
        if name in names:
            points.setdefault((name, tuple(static.items()), len(xs)), []).append(list(xs))
    if backend == "numba":
        of_row = {name: [key for key in points if key[0] == name] for name in names}
        points = {key: points[key] for keys in of_row.values() for key in dict.fromkeys((keys[0], keys[-1]))}
    variants = [(TABLE[name](**dict(static)) if static else TABLE[name], n) for name, static, n in points]
    ends = np.cumsum([n for _, n in variants])

    def f(xs):
        results = [apply(op, *xs[end - n : end]) for (op, n), end in zip(variants, ends, strict=True)]
        return total(results), results

    batch = max(map(len, points.values()))
    columns = [(xs * batch)[:batch] for xs in points.values()]
    X = np.concatenate(columns, axis=1)
    program = compile(f, inputs=X.shape[1], has_aux=True, backend=backend)
    (_, values), gradients = program.value_and_grad(X)
    if backend != "numba" or "add" in names:  # once, as it is compiled by itself
        np.testing.assert_allclose(program.value(X)[1], values, rtol=1e-14)
    for k, ((op, n), end) in enumerate(zip(variants, ends, strict=True)):
        if op == BATCH_MEAN:  # all that looks at other points than its own
            np.testing.assert_allclose(values[:, k], np.mean(columns[k]), rtol=1e-12)
            np.testing.assert_allclose(gradients[:, end - 1], 1.0 / batch, rtol=1e-12)  # of the one mean that all share
            continue
        for xs, value, gradient in zip(columns[k], values[:, k], gradients[:, end - n : end], strict=True):
            eager_value, eager_gradient = value_and_grad(lambda xs: apply(op, *xs))(xs)  # noqa: B023
            np.testing.assert_allclose(value, eager_value, rtol=1e-12, atol=FLUSHED, err_msg=f"{op} of {xs}")
            np.testing.assert_allclose(gradient, eager_gradient, rtol=1e-12, atol=3e-16, err_msg=f"{op} of {xs}")


HUGE = 10**400
OF_CONSTANTS = [
    lambda x: x / 0.0,
    lambda x: -x / 0.0,
    lambda x: 0.0 * x / 0.0,
    lambda x: x + Value(1.0) / 0.0,
    lambda x: x + Value(0.0) / 0.0,
    lambda x: x + Value(-1.0) / 0.0,
    lambda x: Value(1.0) / 0.0,
    lambda x: x + log(Value(0.0)),
    lambda x: x + log(Value(-1.0)),
    lambda x: x + (Value(inf) - inf),
    lambda x: x * Value(inf) - x * Value(inf),
    lambda x: x + exp(Value(1000.0)),
    lambda x: x + Value(0.0) ** -1,
    lambda x: x + Value(-8.0) ** (1 / 3),
    lambda x: x + Value(1e200) ** 2,
    lambda x: (1e200 * x) ** 2,
    lambda x: 0.0**x,
    lambda x: 1e200**x,
    lambda x: x**-HUGE,
    lambda x: (x - 2.0) ** Value(-1.0),
    lambda x: (x - 2.0) / (x - 2.0),
    lambda x: x * HUGE,
    lambda x: HUGE / x - HUGE,
    lambda x: HUGE - x,
    lambda x: leaky_relu(-x, slope=HUGE),
    lambda x: maximum(x, HUGE) - minimum(x, -HUGE),
    lambda x: total([x, HUGE, -HUGE]),
    lambda x: dot([x, HUGE], [2.0, 0.0]),
    lambda x: dot([x, x], [HUGE, -HUGE]),
    lambda x: x / HUGE,
    lambda x: step(x) / 0.0,
    lambda x: stop_gradient(x) / 0.0 + x,
    lambda x: sqrt(x - 100.0) / 0.0,
    lambda x: sigmoid(x / 0.0) + tanh(x / 0.0),
    lambda x: sin(x / 0.0),
    lambda x: apply(ops.SELECT, 0.0, x / 0.0, x),
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_expressions_of_constants_have_the_answers_that_eager_code_gives(backend):
    program = compile(lambda x: [f(x) for f in OF_CONSTANTS], inputs=(), backend=backend)
    eager = [tuple(getattr(x, "data", x) for x in value_and_grad(f)(2.0)) for f in OF_CONSTANTS]  # some have Values
    np.testing.assert_allclose(program.value(2.0), [value for value, _ in eager], rtol=1e-14)
    for f, (value, gradient) in zip(OF_CONSTANTS if backend != "numba" else (), eager, strict=False):
        np.testing.assert_allclose(compile(f, inputs=(), backend=backend).value_and_grad(2.0), (value, gradient), 1e-14)
    assert "inf" in str(program)


@pytest.mark.parametrize("backend", BACKENDS)
def test_infinite_inputs_raise_no_warning(backend):
    p = [Value(0.5), Value(-1.0)]

    program = compile(lambda x: dot(p, x), inputs=2, parameters=p, backend=backend)
    X = [[inf, 1.0], [-inf, 1.0], [inf, inf]]
    assert np.isnan(program.value([0.5, -1.0], X))
    assert np.isnan(program.value_and_grad([0.5, -1.0], X)[0])
    for dtype in (np.float16, np.longdouble, object):
        assert np.isnan(program.value(np.array([inf, -inf], dtype), np.array(X, dtype)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("loss", "outputs", "label"),
    [
        (hinge, 1, -1.0),
        (binary_cross_entropy, 1, 1.0),
        (mean_squared_error, 3, [0.3, 1.0, -1.0]),
        (cross_entropy, 3, [0.0, 1.0, 0.0]),
    ],
)
def test_networks_on_every_backend(loss, outputs, label, backend):
    model = MLP(4, [5, 6, outputs], activation="tanh", seed=2)
    parameters = model.parameters()

    def cost(x, y):
        return loss(model(x), y) + 0.01 * dot(parameters, parameters)

    rows = [[0.1, -0.4, 0.7, 1.0], [1.0, 0.2, -0.3, 0.5], [0.0, 0.0, 1.0, -1.0]]
    eager = total(cost(x, label) for x in rows) / 3
    eager.backward()
    shape = () if outputs == 1 else outputs
    program = compile(cost, inputs=(4, shape), parameters=parameters, backend=backend)
    value, gradient = program.value_and_grad([p.data for p in parameters], rows, [label] * 3)
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [p.grad for p in parameters], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_slices_gathers_and_duplicates_on_every_backend(backend):
    def f(x):
        picked = [x[i] for i in (0, 2, 0, 3, 0)]
        chain = sum(100 * (b - a**2) ** 2 for a, b in zip(x[:-1], x[1:], strict=True))  # noqa: RUF007
        return total(sin(p) * k for k, p in enumerate(picked, 1)) + dot(picked, picked) + chain + x[::2][1] * 3

    program = compile(f, inputs=6, backend=backend)
    batch = [[0.3, 0.5, -0.2, 0.9, 1.1, -0.7], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]
    for x, gradient in zip(batch, program.value_and_grad(batch)[1], strict=True):
        np.testing.assert_allclose(gradient, value_and_grad(f)(x)[1], rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_product_that_examples_share_may_have_a_bias_of_each(backend):
    p = [Value(float(i)) for i in range(4)]
    f = compile(lambda x: dot(p[:2], p[2:], x), inputs=(), parameters=p, backend=backend)
    value, gradient = f.value_and_grad([0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (value, gradient.tolist()) == (5.0, [2.0, 3.0, 0.0, 1.0])


def descend(m, parameter, gradient, memory, rate, count):
    return parameter - rate * gradient, memory


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_on_a_loss_that_has_nothing_to_do_with_the_data(backend):
    p = [Value(3.0), Value(-1.0)]
    program = compile(lambda x: dot(p, p), inputs=(), parameters=p, backend=backend)
    trainer = program.trainer([0.0, 1.0, 2.0], rule=descend, batch_size=2)
    state, means = trainer.run(TrainingState([3.0, -1.0]), None, [0.25])
    np.testing.assert_allclose(means, [[(10.0 * 2 + 2.5) / 3]])
    np.testing.assert_allclose(state.parameters, [0.75, -0.25])
    np.testing.assert_allclose(program.value_and_grad([3.0, -1.0], [0.0, 1.0, 2.0])[1], [6.0, -2.0])


def biases_of_two_layers(p, x):
    for _ in range(2):
        x = [tanh(dot(p[3 * i : 3 * i + 2], x, p[3 * i + 2])) for i in range(2)]
    biases = total(sin(p[3 * i + 2]) for i in range(2))
    return total(x) + biases + total(sin(p[3 * i + 2] * 2) for i in range(2))


def biases_that_meet_nothing_but_each_other(p, x):
    h = [dot(p[3 * i : 3 * i + 2], x, p[3 * i + 2]) for i in range(2)]
    return total(h) + total(sin(a + p[3 * i + 2]) for i, a in enumerate(x))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", [biases_of_two_layers, biases_that_meet_nothing_but_each_other])
def test_biases_receive_from_all_that_use_them(function, backend):
    p = [Value(0.1 * i) for i in range(6)]
    function(p, [1.0, 2.0]).backward()
    program = compile(lambda x: function(p, x), inputs=2, parameters=p, backend=backend)
    gradient = program.value_and_grad([v.data for v in p], [[1.0, 2.0]] * 2)[1]
    np.testing.assert_allclose(gradient, [v.grad for v in p], rtol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_matrix_may_be_used_the_other_way_round_as_well(backend):
    p = [Value(0.1 * i) for i in range(1, 5)]
    theta = [v.data for v in p]

    def f(x):
        hidden = [tanh(dot(p[:2], x)), tanh(dot(p[2:], x))]
        return total(tanh(dot([p[i], p[2 + i]], hidden)) for i in range(2))

    f([1.0, 2.0]).backward()
    gradient = compile(f, inputs=2, parameters=p, backend=backend).value_and_grad(theta, [[1.0, 2.0]] * 3)[1]
    np.testing.assert_allclose(gradient, [v.grad for v in p], rtol=1e-13)


P = [Value(0.0) for _ in range(3)]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("has_aux", [False, True])
@pytest.mark.parametrize("parameters", [[], P], ids=["inputs", "parameters"])
@pytest.mark.parametrize("function", [total, lambda x: dot(x, [1.0, 2.0, 3.0]), lambda x: x[1]])
def test_what_a_program_gives_is_the_callers_own(function, parameters, has_aux, backend):
    """He may write to it, and changes neither the program nor what he gave."""

    def f(x):
        numbers = parameters or x
        return (function(numbers), numbers) if has_aux else function(numbers)

    program = compile(f, inputs=3, parameters=parameters, has_aux=has_aux, backend=backend)
    for x in (np.array([0.1, 0.2, 0.3]), np.array([[0.1, 0.2, 0.3]] * 4)):
        given = (np.array([0.4, 0.5, 0.6]), x) if parameters else (x,)
        expected = str((given, program.value_and_grad(*given)))
        for array in jax.tree.leaves((program.value(*given), program.value_and_grad(*given))):
            if isinstance(array, np.ndarray):
                array[...] = np.nan
        assert str((given, program.value_and_grad(*given))) == expected


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_parameters_that_training_gives_are_the_callers_own(backend):
    program = compile(lambda x: dot(P, P), inputs=(), parameters=P, backend=backend)
    trainer = program.trainer([0.0], rule=descend)
    given = TrainingState([1.0, 2.0, 3.0])
    state, _ = trainer.run(given, None, [0.25])
    np.asarray(state.parameters)[:] = np.nan
    state, _ = trainer.run(given, None, [0.25])
    np.testing.assert_allclose(state.parameters, [0.5, 1.0, 1.5])


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_takes_orders_that_list_its_examples_and_no_others(backend):
    program = compile(lambda x: (dot(P, P) - x) ** 2, inputs=(), parameters=P, backend=backend)
    trainer = program.trainer([1.0, 2.0, 3.0], rule=descend, batch_size=np.int64(2))
    state = TrainingState([0.0] * 3)
    for orders, says in (
        ([[0, 1, 2]], r"have shape \(1, 3\)"),
        ([[0, 1, 2]] * 3, r"have shape \(3, 3\)"),
        ([[0, 1]] * 2, r"have shape \(2, 2\)"),
        ([0, 1], r"have shape \(2,\)"),
        ([[0, 1, 2], [0, 1]], "ragged"),
        ([[0, 1, 2], [0, 1, 3]], "3 is among them"),
        ([[0, 1, -1], [0, 1, 2]], "-1 is among them"),
        ([[0.0, 1.0, 2.0]] * 2, "are float64"),
        ([[True, False, True]] * 2, "are bool"),
    ):
        with pytest.raises(ValueError, match=rf"whole numbers from 0 to 2, of shape \(2, 3\).*{says}"):
            trainer.run(state, orders, [0.1, 0.1])
    for orders in ([], None):
        same, means = trainer.run(state, orders, [])
        assert means.shape == (0, 1)
        assert list(same.parameters) == [0.0] * 3
    for orders in (None, [(2, 1, 0), (0, 0, 0)], np.array([[2, 0], [1, 0], [0, 0]], "uint8").T):
        assert trainer.run(state, orders, np.array([0.1, 0.1]))[1].shape == (2, 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_batch_is_a_whole_number_of_examples(backend):
    program = compile(lambda x: dot(P, P) * x, inputs=(), parameters=P, backend=backend)
    for batch_size in (-1, 0, True, 2.5, 2.0, "2"):
        with pytest.raises(ValueError, match=f"batch_size must be .* 1 or more, or None, but was {batch_size!r}"):
            program.trainer([1.0, 2.0, 3.0], rule=descend, batch_size=batch_size)


@pytest.mark.parametrize("copied", [lambda program: pickle.loads(pickle.dumps(program)), copy.deepcopy])
@pytest.mark.parametrize("backend", BACKENDS)
def test_programs_are_pickled_and_copied(backend, copied):
    program = compile(lambda x, y: (dot(P, x).elu(0.5) - y, [y]), inputs=(3, ()), parameters=P, has_aux=True,
                      backend=backend)  # fmt: skip
    given = [0.1, -0.2, 0.3], [[1.0, 2.0, 3.0], [-4.0, 5.0, 6.0]], [7.0, 8.0]
    other = copied(program)
    assert str(other) == str(program)
    assert str(other.value_and_grad(*given)) == str(program.value_and_grad(*given))


def test_a_deep_program_is_pickled():
    def f(x):
        for _ in range(3000):
            x = sin(x)
        return x

    program = compile(f, inputs=())
    assert pickle.loads(pickle.dumps(program)).value(1.0) == copy.deepcopy(program).value(1.0) == program.value(1.0)


def test_jax_computes_in_float64_and_leaves_its_settings_alone():
    code = """
        import jax.numpy as jnp
        from engine import compile, exp
        f = compile(lambda x: exp(x), inputs=(), backend="jax")
        value, gradient = f.value_and_grad(0.1)
        assert abs(value - 1.1051709180756477) < 1e-15, value
        assert gradient.dtype == "float64"
        assert jnp.ones(1).dtype == "float32"
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@pytest.mark.parametrize(("backend", "library"), [("jax", "JAX"), ("numba", "Numba")])
def test_a_backend_whose_library_is_missing_says_what_to_install(backend, library):
    code = f"""
        import sys
        sys.modules["{backend}"] = None
        from engine import compile
        try:
            compile(lambda x: x, inputs=(), backend="{backend}")
        except ImportError as error:
            assert str(error) == "the {backend} backend needs {library}: pip install {backend}", error
        else:
            raise AssertionError
        assert compile(lambda x: x * 2, inputs=()).value(3.0) == 6.0
        assert compile(lambda x: x, inputs=()).value([16.0]) == [16.0]
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True)
    assert result.stderr == ""
