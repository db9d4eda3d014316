"""Every public function, with what it cannot take in each place: either it can, or it says what it was given."""

import inspect
import math
import re
from functools import partial

import numpy as np
import pytest

import engine
from engine import TraceError, Value, grad, gradients, hessian, jacobian, jvp, numerical_gradient, value_and_grad, vjp
from nn import MLP


class Thing:
    def __repr__(self):
        return "a thing"


MODEL = MLP(2, [1], seed=0)
BAD = {
    "a list of text": ([1.0, "two"], "two|a list of 2"),
    "text": ("abc", "abc|'a'"),
    "None": (None, "None"),
    "a model": (MODEL, "MLP"),
    "a truth": (True, "True"),
    "a set": ({1.5}, r"\{1.5\}"),
    "a complex number": (1j, "1j"),
    "a dict of text": ({"a": "b"}, r"'b'|\{'a': 'b'\}|a dict of 'a'|given 'a'"),
    "a thing": (Thing(), "a thing"),
    "lists in a list": ([[1.0]], r"\[\[1.0\]\]|\[1.0\]|a list of 1"),
    "an array of text": (np.array(["a"]), r"\['a'\]|'a'|[Aa]n? array|<U1"),
    "a number below 0": (-1, "-1"),
    "nan": (math.nan, "nan"),
    "a number": (2.5, "2.5"),
}
OF_LISTS = ["total", "logsumexp", "softmax", "log_softmax", "mean", "variance", "product", "norm"]
TRANSFORMS = ["grad", "value_and_grad", "jacobian", "hessian", "numerical_gradient"]


def square(x):
    return x * x


def named(m, x):
    return x * x


# What is right, for those that are not functions of numbers; of each place in turn something else is given.
RIGHT = {
    "jvp": [square, (2.0,), (1.0,)],
    "hvp": [square, (2.0,), (1.0,)],
    "vjp": [square, 2.0],
    "check_gradients": [square, 2.0],
    "count_operations": [square, 2.0],
    "gradients": [Value(2.0) * 3, [Value(1.0)]],
    "topological_order": [Value(2.0)],
    "trace": [Value(2.0) * 2],
    "batched": [square],
    "operation": [named],
    "compile": [square],
    "dot": [[2.0, 1.0], [1.0, 3.0]],
    **{name: [[2.0, 1.0]] for name in OF_LISTS},
    **{name: [square] for name in TRANSFORMS},
}
PYTHONS_OWN = re.compile(
    r"object is not|unsupported operand|has no attribute|not subscriptable|missing \d|positional|not supported between|"
    r"argument of type|unhashable|has no len|unexpected|can't multiply|must be real number"
)
NO_FUNCTIONS = {"TraceError", "no_grad", "detect_anomaly"}


def arguments(name):
    if name in RIGHT:
        return RIGHT[name]
    parameters = inspect.signature(getattr(engine, name)).parameters.values()
    return [2.0 for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]


def message(call):
    """What it is refused with; None if it is not."""
    try:
        call()
    except (TypeError, ValueError) as error:
        return str(error)


@pytest.mark.parametrize("name", sorted(set(engine.__all__) - NO_FUNCTIONS))
def test_every_public_function_says_what_it_was_given(name):
    function = getattr(engine, name) if name != "compile" else lambda f: engine.compile(f, inputs=())
    right = arguments(name)
    function(*right)
    for place in range(len(right)):
        for given, (bad, says) in BAD.items():
            if callable(bad) and callable(right[place]):
                continue
            if bad == [[1.0]] and name in ("vjp", "check_gradients", "count_operations"):
                continue  # which takes it, but not what it does with it
            said = message(partial(function, *right[:place], bad, *right[place + 1 :]))
            assert said is None or not PYTHONS_OWN.search(said), f"{given}: {said}"
            assert said is None or re.search(f"{says}|weights and . inputs", said), f"{given} is not named: {said}"


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian, numerical_gradient])
def test_what_is_no_number_cannot_be_differentiated(transform):
    for given, (bad, _) in BAD.items():
        if given in ("a number", "a number below 0", "nan"):
            continue
        if given == "lists in a list":
            transform(lambda x: x[0][0] * 2)(bad)
            continue
        with pytest.raises(TypeError, match=r"what is differentiated must be a number.* but argument 0.*is "):
            transform(lambda x: 1.0)(bad)
        with pytest.raises(TypeError, match=r"must give a number|gives one number"):
            transform(lambda x, bad=bad: {"y": bad} if bad is None and transform is not jacobian else bad or "")(2.0)
    with pytest.raises(TypeError, match=r"call loss\.backward"):
        transform(lambda model: 1.0)(MODEL)
    with pytest.raises(TypeError, match=rf"^{transform.__name__} needs a function, but was given 2.0: write"):
        transform(2.0)
    for argnums in ("x", None, 1.5, True, [0.0], np.array([0])):
        with pytest.raises(ValueError, match=r"argnums must be the index of an argument.*, but was"):
            transform(square, argnums)(2.0)
    for argnums in (1, -2, np.int64(7)):
        with pytest.raises(ValueError, match=r"argnums is .*, but the function was given 1 arguments"):
            transform(square, argnums)(2.0)
    with pytest.raises(ValueError, match="0 arguments beside those by keyword"):
        transform(lambda x: x)(x=2.0)


@pytest.mark.parametrize("derivative", [
    lambda f: grad(f)(3.0), lambda f: jacobian(f)(3.0), lambda f: jacobian(f, mode="forward")(3.0),
    lambda f: hessian(f)(3.0), lambda f: jvp(f, 3.0, 1.0), lambda f: vjp(f, 3.0), lambda f: numerical_gradient(f)(3.0),
])  # fmt: skip
def test_a_comparison_has_no_derivative(derivative):
    for f in (lambda x: x > 2.0, lambda x: np.bool_(x > 2.0), lambda x: np.array(x > 2.0)):
        with pytest.raises(
            TypeError, match=r"True.* a truth has no derivative.* step\(x - a\)|one number, but it gave .*True"
        ):
            derivative(f)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: grad(square, has_aux=True)(2.0), TypeError, r"with has_aux a function must give \(numbers, aux\)"),
        (
            lambda: jvp(square, (2.0,), ("a",)),
            TypeError,
            "a tangent has a number for each of its argument, but has 'a'",
        ),
        (lambda: jvp(square, (2.0,), (None,)), ValueError, "a tangent for at least one argument"),
        (
            lambda: vjp(square, 2.0)[1]("a"),
            TypeError,
            "a cotangent has a number for each .* but has 'a'",
        ),
        (lambda: vjp(square, "abc"), TypeError, "arguments to differentiate with respect to.* 'abc'"),
        (lambda: vjp(square), TypeError, "but was given none"),
        (lambda: hessian(square, (0, 1)), ValueError, r"a hessian is with respect to one argument.*\(0, 1\)"),
        (lambda: gradients(Value(1.0), None), TypeError, "a list of Values.* None"),
        (lambda: numerical_gradient(square, step=0), ValueError, "step must be above 0, but was 0"),
        (lambda: numerical_gradient(square, step="a"), ValueError, "step must be above 0, but was 'a'"),
        (lambda: engine.check_gradients(lambda x: math.inf, 1.0), ValueError, "not finite near this point.* x is nan"),
        (lambda: engine.check_gradients(lambda x: 1.0, []), ValueError, "with one number or more"),
        (lambda: grad(lambda x: x["w"])({"w": [1.0, "a"]}), TypeError, r"argument 0\['w'\]\[1\] is 'a'"),
        (lambda: grad(lambda x: math.sin(x))(1.0), TraceError, "engine's sin in the place of math.sin"),
    ],
)
def test_what_is_refused_is_named(call, error, says):
    with pytest.raises(error, match=says):
        call()
