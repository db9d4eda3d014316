"""An operation of one's own works wherever a built-in one does, and is found out where it lies."""

import copy
import inspect
import math
import pickle
import subprocess
import sys
import textwrap

import mpmath as mp
import numpy as np
import pytest
from oracles import close
from thorough import BACKENDS

from engine import (
    Value,
    check_gradients,
    compile,
    count_operations,
    detect_anomaly,
    exp,
    grad,
    gradients,
    hessian,
    jacobian,
    jvp,
    numerical_gradient,
    operation,
    relu,
    tanh,
    trace,
    value_and_grad,
)  # fmt: skip
from engine.operation import operation_named
from nn import MLP, fit
from viz import draw_graph

gd = operation(  # Gudermann's function, whose derivative is written with its value
    lambda m, x: m.atan(m.sinh(x)), lambda m, z, x: m.cos(z), name="gudermannian", symbol="gd", latex=r"\mathrm{gd}"
)
erfc = operation(lambda m, x: m.erfc(x), lambda m, z, x: -2 / math.sqrt(math.pi) * m.exp(-x * x), name="erfc")


@operation
def mish(m, x):
    """x tanh(softplus(x))."""
    return x * m.tanh(m.softplus(x))


@operation(
    partials=lambda m, z, x, y: (m.div(x, m.select(z, z, 1.0)), m.div(y, m.select(z, z, 1.0))),
    latex=r"\left\|#1, #2\right\|",
)
def length(m, x, y):
    return m.hypot(x, y)


@operation
def shrink(m, x, *, by=0.5):
    return m.select(m.step(m.absolute(x) - by), x - by * (m.step(x) - m.step(-x)), 0.0)


@operation
def power_mean(m, *xs):
    """Any number of operands; its formula would be wrong on all of them side by side as one."""
    return (m.total(x**2 for x in xs) / len(xs)) ** 0.5


@operation
def cosine(m, x):
    """Written with engine's own functions, and with operators for which Python raises."""
    return 1 - 2 * (1 / (1 + exp(-x))) ** 2 + tanh(x)


def mp_shrink(x, by=0.5):
    return mp.mpf(0) if abs(x) <= by else x - by * mp.sign(x)


ORACLES = {  # name: function, mpmath's, static parameters, points
    "gd": (gd, lambda x: mp.atan(mp.sinh(x)), {}, [(-3.0,), (0.4,), (2.0,)]),
    "erfc": (erfc, mp.erfc, {}, [(-3.0,), (0.4,), (2.0,)]),
    "mish": (mish, lambda x: x * mp.tanh(mp.log1p(mp.exp(x))), {}, [(-3.0,), (0.4,), (20.0,)]),
    "length": (length, lambda x, y: mp.sqrt(x * x + y * y), {}, [(3.0, -4.0), (0.1, 20.0)]),
    "shrink": (shrink, mp_shrink, {}, [(-3.0,), (0.4,), (2.0,)]),
    "shrink by 1": (shrink, mp_shrink, {"by": 1.0}, [(-3.0,), (0.4,), (2.0,)]),
    "power_mean": (power_mean, lambda *xs: mp.sqrt(sum(x * x for x in xs) / len(xs)), {}, [(3.0,), (1.0, -2.0, 4.0)]),
    "cosine": (cosine, lambda x: 1 - 2 / (1 + mp.exp(-x)) ** 2 + mp.tanh(x), {}, [(-3.0,), (0.4,), (2.0,)]),
}
CASES = [(name, xs) for name, (*_, points) in ORACLES.items() for xs in points]


def true_derivative(name, xs, orders):
    with mp.workdps(60):
        _, oracle, static, _ = ORACLES[name]
        return mp.diff(lambda *xs: oracle(*xs, **static), tuple(map(mp.mpf, xs)), orders)


@pytest.mark.parametrize(("name", "xs"), CASES)
def test_values_and_derivatives_in_every_mode(name, xs):
    function, _, static, _ = ORACLES[name]
    n = len(xs)
    f = lambda xs: function(*xs, **static)  # noqa: E731
    value = true_derivative(name, xs, (0,) * n)
    assert close(function(*xs, **static), value)
    assert close(function(*map(Value, xs), **static).data, value)
    first = [true_derivative(name, xs, tuple(int(i == k) for i in range(n))) for k in range(n)]

    leaves = [Value(x) for x in xs]
    output = f(leaves)
    output.backward()
    for found in (
        [leaf.grad for leaf in leaves],
        [g.data for g in gradients(output, leaves)],
        grad(f)(list(xs)),
        jacobian(f, mode="forward")(list(xs)),
        [jvp(f, [list(xs)], [[float(i == k) for i in range(n)]])[1] for k in range(n)],
    ):
        assert all(close(mine, true, absolute=1e-15) for mine, true in zip(found, first, strict=True)), (found, first)

    for table in (hessian(f)(list(xs)), jacobian(jacobian(f, mode="forward"), mode="forward")(list(xs))):
        for k, row in enumerate(table):
            for i, mine in enumerate(row):
                orders = tuple(int(j == k) + int(j == i) for j in range(n))
                assert close(mine, true_derivative(name, xs, orders), relative=1e-11, absolute=1e-14)
    if n == 1:
        third = grad(grad(grad(lambda x: function(x, **static))))(xs[0])
        assert close(third, true_derivative(name, xs, (3,)), relative=1e-9, absolute=1e-12)
    assert check_gradients(f, list(xs)).ok


@pytest.mark.parametrize("backend", BACKENDS)
def test_they_compile_together(backend):
    def f(x):
        return [
            gd(x[0]) * mish(x[1]),
            length(x[0], x[1]),
            shrink(x[2], by=0.2),
            power_mean(*x) + power_mean(x[1]),
            cosine(x[1]),
        ]

    xs = [[0.3, -0.4, 1.5], [-2.0, 3.0, 0.1]]
    program = compile(lambda x: (sum(f(x)), f(x)), inputs=3, has_aux=True, backend=backend)
    (values, parts), slopes = program.value_and_grad(xs)
    for x, value, part, slope in zip(xs, values, parts, slopes, strict=True):
        eager, expected = value_and_grad(lambda x: sum(f(x)))(x)
        np.testing.assert_allclose(value, eager, rtol=1e-12)
        np.testing.assert_allclose(part, f(x), rtol=1e-12)
        np.testing.assert_allclose(slope, expected, rtol=1e-12, atol=1e-15)
    again = pickle.loads(pickle.dumps(program))
    np.testing.assert_allclose(again.value_and_grad(xs)[1], slopes, rtol=1e-14)


def test_compiled_programs_differentiate_them_twice():
    def f(x):
        bent = shrink(x[2], by=0.2) ** 2 + power_mean(*x) + cosine(x[1]) + erfc(x[2])
        return gd(x[0]) * mish(x[1]) + length(x[0], x[1]) + bent

    x = [0.3, -0.4, 1.5]
    np.testing.assert_allclose(compile(f, inputs=3).hessian(x), hessian(f)(x), rtol=1e-11, atol=1e-14)


def test_printed_equations_use_its_symbol_and_its_latex():
    model = MLP(2, [3, 1], activation=gd, seed=0)
    program = compile(lambda x: model(x), inputs=2, parameters=model.parameters())
    assert "a1 = gd(z1)" in str(program)
    assert "gd'(z1)" in str(program)
    assert r"\mathrm{gd}'(z_{1})" in program.latex()


def test_a_trace_shows_it_as_one_step():
    x = Value(0.5, "x")
    told = trace(gd(x))
    assert "gd(x) = gd(0.5) = 0.480381" in str(told)
    assert "cos(v2) = 1 * 0.886819 = 0.886819" in str(told)
    assert r"\mathrm{gd}(x) = \mathrm{gd}(0.5) = 0.480381" in told.latex()
    assert told["nodes"][-1]["operation"] == "gudermannian"
    assert told["nodes"][-1]["source"]["text"] == "told = trace(gd(x))"
    assert r"\left\|x, 2\right\|" in trace(length(x, 2.0)).latex()
    assert "shrink(x, by=0.25)" in str(trace(shrink(x, by=0.25)))


def test_a_picture_shows_it_as_one_box():
    source = draw_graph(gd(Value(0.5, "x")) + mish(Value(1.0)), derivatives=True).source
    assert "gd" in source
    assert "mish" in source


def test_it_is_counted():
    double = operation(lambda m, x: x + x, lambda m, z, x: 2.0, name="double_it", cost=7)
    assert count_operations(double, 1.0).value == 7
    assert count_operations(gd, 1.0).value == 1


def test_it_is_pickled_and_copied():
    y = shrink(Value(2.0, "x"), by=0.25) + gd(0.5)
    for same in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        assert same.operands[0].op is y.operands[0].op
        same.backward()
        assert same.operands[0].operands[0].grad == 1.0
    assert pickle.loads(pickle.dumps(gd)) is gd
    assert copy.deepcopy(gd) is gd
    assert operation_named("mish") is mish


def test_it_is_found_in_the_module_that_defines_it(tmp_path, monkeypatch):
    (tmp_path / "squares.py").write_text(
        "from engine import operation\nsquare = operation(lambda m, x: x * x, name='square')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    code = "import pickle, sys\nprint(pickle.load(sys.stdin.buffer).op.write('x'))"
    make = "import pickle, sys, engine, squares\nsys.stdout.buffer.write(pickle.dumps(squares.square(engine.Value(3))))"
    environment = {"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"}
    made = subprocess.run([sys.executable, "-c", make], capture_output=True, env=environment, check=True)
    read = subprocess.run(
        [sys.executable, "-c", code], input=made.stdout, capture_output=True, env=environment, check=True
    )
    assert read.stdout == b"square(x)\n"
    (tmp_path / "squares.py").write_text("")
    failed = subprocess.run([sys.executable, "-c", code], input=made.stdout, capture_output=True, env=environment)
    assert b"there is no operation square here: define it first" in failed.stderr


@pytest.mark.parametrize("backend", ["eager", *BACKENDS])
def test_it_is_an_activation(backend, tmp_path):
    X, y = [[0.0, 1.0], [1.0, 0.5], [-1.0, 2.0], [0.3, -0.4]], [1, -1, 1, -1]
    by_name, itself = (MLP(2, [3, 1], activation=a, seed=1) for a in ("mish", mish))
    assert repr(by_name) == repr(itself)
    settings = {"loss": "hinge", "epochs": 3, "learning_rate": 0.1, "progress": False}
    fit(itself, X, y, **settings)
    fit(by_name, X, y, **settings, backend=backend)
    for mine, eager in zip(by_name.parameters(), itself.parameters(), strict=True):
        assert mine.data == pytest.approx(eager.data, rel=1e-12)
    itself.save(tmp_path / "model.json")
    assert MLP.load(tmp_path / "model.json")([0.5, 0.5]).data == itself([0.5, 0.5]).data
    assert MLP(2, [3, 1], activation=relu, seed=0)([1.0, 2.0]).data == MLP(2, [3, 1], seed=0)([1.0, 2.0]).data


@pytest.mark.parametrize("activation", ["no such", length, None, 3])
def test_what_is_no_activation_is_refused(activation):
    with pytest.raises(ValueError, match=r"unknown activation .* or give a function of one number"):
        MLP(2, [3, 1], activation=activation)


# --- Arrays, and IEEE arithmetic ---


def test_arrays_of_numbers_and_of_values():
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    np.testing.assert_allclose(gd(x), np.arctan(np.sinh(x)))
    np.testing.assert_allclose(shrink(x, by=1.0), np.sign(x) * np.maximum(abs(x) - 1, 0))
    values = np.array([Value(1.0), Value(0.0)])
    assert [v.data for v in mish(values)] == [mish(1.0), 0.0]
    np.testing.assert_allclose(length(x, 1.0), np.hypot(x, 1.0))


def test_formulas_in_plain_python_answer_as_ieee_754_does():
    cube_root = operation(lambda m, x: x ** (1 / 3), name="cube_root")
    inverse = operation(lambda m, x: 1 / x, lambda m, z, x: -1 / x**2, name="inverse")
    assert math.isnan(cube_root(-8.0))
    assert (inverse(0.0), inverse(Value(-0.0)).data, grad(inverse)(0.0)) == (math.inf, -math.inf, -math.inf)
    x = Value(0.0)
    inverse(x).backward()
    assert x.grad == -math.inf
    tower = operation(lambda m, x: 10.0**x, name="tower")
    assert tower(400.0) == math.inf
    with pytest.raises(FloatingPointError, match=r"inverse\(0\) is inf"), detect_anomaly():
        inverse(Value(0.0))


def test_a_tangent_of_0_is_not_a_constant():
    f = operation(lambda m, x: m.log(x * x), name="log_of_square")
    assert math.isnan(grad(f)(0.0))  # inf times 0, as of log(x * x) itself


# --- Functions that Python has for floats alone ---

gamma = operation(
    lambda m, x: math.gamma(x), lambda m, z, x: z * (math.log(x) - 0.5 / x), name="gamma"
)  # roughly: what matters is what can be done with it


@operation(partials=lambda m, z, x: m.select(m.step(x), 1.0, 0.1))
def leak(m, x):
    return x if x > 0 else 0.1 * x


def test_a_function_of_floats_is_all_but_compiled():
    x = Value(3.0, "x")
    y = gamma(x)
    y.backward()
    assert (y.data, x.grad) == (2.0, 2 * (math.log(3.0) - 0.5 / 3))
    assert grad(gamma)(3.0) == x.grad == jvp(gamma, [3.0], [1.0])[1]
    assert gamma(np.array([1.0, 4.0])).tolist() == [1.0, 6.0]
    assert "gamma'(x)" in str(trace(y))
    assert "gamma" in draw_graph(y, derivatives=True).source
    assert leak(np.array([-1.0, 4.0])).tolist() == [-0.1, 4.0]
    assert (grad(leak)(-2.0), grad(grad(leak))(-2.0)) == (0.1, 0.0)


@operation(partials=lambda m, z, x: m.select(x, m.div(m.cos(x) - z, m.select(x, x, 1.0)), 0.0))
def cardinal_sine(m, x):
    return 1.0 if x == 0 else m.sin(x) / x


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", [gamma, leak, cardinal_sine])
def test_a_function_of_floats_is_refused_by_the_compiler(function, backend):
    with pytest.raises(TypeError, match=r"(gamma|leak|cardinal_sine) needs floats, .* take functions from m"):
        compile(function, inputs=(), backend=backend).value_and_grad([3.0])


@pytest.mark.parametrize("twice", [
    lambda f: grad(grad(f)),
    hessian,
    lambda f: lambda x: jvp(grad(f), [x], [1.0]),
    lambda f: jacobian(jacobian(f, mode="forward"), mode="forward"),
])  # fmt: skip
def test_a_derivative_of_floats_is_not_differentiated_silently(twice):
    with pytest.raises(TypeError, match=r"a formula of gamma needs floats"):
        twice(gamma)(3.0)


# --- Wrong use ---


@pytest.mark.parametrize("lie", [lambda p: 1.01 * p, lambda p: p + 1e-3, lambda p: -p, lambda p: 0.0])
def test_a_wrong_partial_is_found_out(lie):
    wrong = operation(lambda m, x: m.sin(x), lambda m, z, x: lie(m.cos(x)), name="wrong_sine")
    with pytest.raises(AssertionError, match="by rule, but"):
        check_gradients(wrong, 0.4)
    assert numerical_gradient(wrong)(0.4) == pytest.approx(math.cos(0.4))


def test_a_wrong_order_of_partials_is_found_out():
    wrong = operation(lambda m, x, y: x * x * y, lambda m, z, x, y: (x * x, 2 * x * y), name="wrong_order")
    with pytest.raises(AssertionError, match=r"x\d is .* by rule, but"):
        check_gradients(wrong, 0.4, 3.0)


@pytest.mark.parametrize(
    ("define", "error", "says"),
    [
        (lambda: operation(lambda m, x: x), ValueError, "a lambda has none"),
        (lambda: operation(lambda m, x: x, name="two words"), ValueError, "'two words' is none"),
        (lambda: operation(lambda m, x: x, name="lambda"), ValueError, "needs a name"),
        (lambda: operation(lambda m, x: x, name=3), ValueError, "3 is none"),
        (lambda: operation(lambda m, x: x, name="exp"), ValueError, "exp is taken: it is defined by the engine"),
        (lambda: operation(lambda m, x: x, name="largest"), ValueError, "largest is taken"),
        (lambda: operation(lambda m, x: x, name="softmax"), ValueError, "softmax is taken"),
        (lambda: operation(lambda m, x: x, name="a", symbol="tanh"), ValueError, "not that of another"),
        (lambda: operation(lambda m, x: x, name="a", symbol="gd"), ValueError, "not that of another"),
        (lambda: operation(lambda m, x: x, name="a", symbol="+"), ValueError, "must be a word"),
        (lambda: operation(lambda m, x: x, name="a", symbol=1), ValueError, "must be a word"),
        (lambda: operation(lambda m, x: x, name="a", latex=1), ValueError, "must be text"),
        (lambda: operation(lambda m, x: x, name="a", latex="#1 + #2"), ValueError, "asks for #2"),
        (lambda: operation(3), TypeError, "was given 3"),
        (lambda: operation(lambda x: x, name="a"), TypeError, "it must take m"),
        (lambda: operation(lambda m, x: x, 1.0, name="a"), TypeError, "must be a function"),
        (lambda: operation(lambda m, x: x, lambda x: x, name="a"), TypeError, "take m, z and 1 operands: 3 arguments"),
        (lambda: operation(lambda m, x, y: x, lambda m, z, x, y: 1.0, name="a"), TypeError, "but its partials are 1"),
        (lambda: operation(lambda m, x: x, lambda m, z, x: (1.0, 2.0), name="a"), TypeError, "its partials are 2"),
        (lambda: operation(lambda m, x, *, k: x, lambda m, z, x: 1.0, name="a"), TypeError, "static parameters"),
        (lambda: operation(lambda m, x: math.erf(x), name="a"), TypeError, "its value, which needs floats"),
        (lambda: operation(lambda m, x: x if x > 0 else 0.0, name="a"), TypeError, "which needs floats"),
        (lambda: operation(lambda m, x: x / x if x else 1.0, name="a"), TypeError, "which needs floats"),
        (lambda: operation(lambda m, x: 1.0 if x == 0 else m.sin(x) / x, name="a"), TypeError, "which needs floats"),
        (lambda: operation(lambda *xs: xs[1], name="a"), TypeError, "it must take m"),
        (lambda: operation(lambda m, x, **k: x, name="a"), TypeError, "name each of them"),
        (lambda: operation(math.gamma, name="a"), TypeError, "it must take m"),
        (lambda: operation(lambda m, x: x, name="tan"), ValueError, "tan is taken: it is defined by the engine"),
        (
            lambda: operation(lambda m, x: m.a(x), lambda m, z, x: 1.0, name="a"),
            AttributeError,
            "no function a is known",
        ),
        (lambda: operation(lambda m, x: m.gizmo(x), name="a"), TypeError, "of a cannot be found .*no operation gizmo"),
    ],
)
def test_a_wrong_definition_is_refused_in_words(define, error, says):
    with pytest.raises(error, match=says):
        define()
    assert operation_named("a") is None


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: gd(), TypeError, "gudermannian takes 1 operand, but was given 0"),
        (lambda: gd(1.0, 2.0), TypeError, "gudermannian takes 1 operand, but was given 2"),
        (lambda: power_mean(), TypeError, "one operand or more"),
        (lambda: shrink(1.0, to=3.0), TypeError, r"shrink\(x, \*, by=0.5\) was given .*'to'"),
        (lambda: shrink(1.0, by=Value(1.0)), TypeError, "one real number"),
        (lambda: gd("1"), TypeError, "'1'"),
        (
            lambda: operation(lambda m, x: "1", lambda m, z, x: 1.0, name="text")(1.0),
            TypeError,
            "value of text must be",
        ),
        (
            lambda: grad(operation(lambda m, x: x, lambda m, z, x: None, name="none"))(1.0),
            TypeError,
            "a partial of none must be one real number, but was None",
        ),
    ],
)
def test_wrong_use_is_refused_in_words(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_name_is_taken_by_the_module_that_defines_it(tmp_path, monkeypatch):
    (tmp_path / "first_module.py").write_text(
        textwrap.dedent("""
        from engine import operation
        twice_it = operation(lambda m, x: 2 * x, name="twice_it")
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    import first_module  # noqa: F401

    with pytest.raises(ValueError, match="twice_it is taken: it is defined by module first_module"):
        operation(lambda m, x: x, name="twice_it")


def test_a_cell_that_is_run_again_defines_anew():
    first = operation(lambda m, x: x + 1, name="changed")
    second = operation(lambda m, x: x + 2, name="changed")
    user = operation(lambda m, x: 10 * m.changed(x), name="user_of_changed")
    assert (first(1.0), second(1.0), user(1.0)) == (2.0, 3.0, 30.0)
    third = operation(lambda m, x: x + 3, name="changed")
    assert (user(1.0), user(Value(1.0)).data, grad(user)(1.0)) == (40.0, 40.0, 10.0)
    f = lambda x: first(x) + 10 * third(x)  # noqa: E731  # told apart though of one name
    assert compile(f, inputs=()).value(1.0) == f(1.0) == 42.0


def test_it_says_what_it_is():
    assert repr(shrink) == "<operation shrink(x, *, by=0.5)>"
    assert str(inspect.signature(length)) == "(x, y)"
    assert mish.__doc__ == "x tanh(softplus(x))."
    assert mish.__name__ == "mish"


def test_operations_within_operations():
    inner = operation(lambda m, x: x * m.exp(-x), name="inner")
    outer = operation(lambda m, x, y: inner(x) + m.inner(y) ** 2 + m.norm(x, y) + m.floor(y), name="outer")
    f = lambda x: outer(x[0], outer(*x)) + inner(outer(*x))  # noqa: E731
    x = [0.5, 1.5]
    assert check_gradients(f, x).ok
    program = compile(f, inputs=2)
    np.testing.assert_allclose(program.value_and_grad(x)[1], grad(f)(x), rtol=1e-13)
    np.testing.assert_allclose(program.hessian(x), hessian(f)(x), rtol=1e-12)


def test_an_operation_that_gives_nan_is_one():
    lost = operation(lambda m, x: math.nan, lambda m, z, x: math.nan, name="lost")
    value, slope = compile(lambda x: lost(x), inputs=()).value_and_grad(1.0)
    assert all(map(math.isnan, (lost(1.0), grad(lost)(1.0), value, slope)))
