"""What mypy, completion and help() tell users: methods are there, with their types and their documentation."""

import builtins
import importlib.util
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import Dual, Value, elementary, reductions
from engine.number import Number

ROOT = Path(__file__).parent.parent
FUNCTIONS = [*elementary.__all__, *reductions.__all__]
METHODS = sorted(name for name in FUNCTIONS if hasattr(Number, name))

USERS_FILE = """
from typing import assert_type

from engine import Dual, Value, exp, leaky_relu, operation
from nn import MLP

x, weight, d = Value(3.0), MLP(2, [1]).parameters()[0], Dual(1.0, 1.0)
assert_type(x * 2 + 1, Value)
assert_type(2**x - x / 3, Value)
assert_type(-abs(x), Value)
assert_type(x.exp().leaky_relu(0.1).step(), Value)
assert_type(weight * 2, Value)
assert_type(weight.tanh(), Value)
assert_type(exp(weight), Value)
assert_type(exp(1), float)
assert_type(exp(d) + d.sin(), Dual)
assert_type(x.grad, float)
"""
MISTAKES = ["x.exponential()", "x.exp(2)", 'x.leaky_relu("0.1")', "x.backward(1, 2, 3, 4)", "exp()"]


def complaints(text, folder):
    file = folder / "users_file.py"
    file.write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file="]
    command += ["--cache-dir", str(ROOT / ".mypy_cache" / "users"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env={"MYPYPATH": str(ROOT)}, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if "error" in line and "Found" not in line]


def test_the_types_of_a_users_file(tmp_path):
    names = {}
    exec(USERS_FILE, names)  # it runs, too
    if importlib.util.find_spec("mypy") is None:  # it comes with the checks of style, which `make lint` installs
        for name in METHODS:
            assert inspect.signature(getattr(Number, name)).return_annotation is not inspect.Signature.empty
        return
    assert complaints(USERS_FILE, tmp_path) == []
    found = complaints(USERS_FILE + "\n".join(MISTAKES), tmp_path)
    assert len({line.split(":")[1] for line in found}) == len(MISTAKES), found


@pytest.mark.parametrize("room", ["engine", "nn", "viz"])
def test_rooms_say_that_they_have_types(room):
    assert (ROOT / room / "py.typed").exists()


def test_functions_of_one_number_are_methods():
    assert {"exp", "relu", "leaky_relu", "prelu", "stop_gradient", "gelu"} < set(METHODS)
    assert set(METHODS) <= set(dir(Value)) & set(dir(Dual))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_the_function(name):
    function, method = getattr(engine, name), getattr(Number, name)
    (_, *of_function), (_, *of_method) = (inspect.signature(f).parameters.values() for f in (function, method))
    assert [(p.name, p.default) for p in of_function] == [(p.name, p.default) for p in of_method]
    x, rest = Value(0.3), [0.25] * sum(p.default is p.empty for p in of_method)
    assert method(x, *rest).op == function(x, *rest).op
    np.testing.assert_equal([method(x, *rest).data, function(x, *rest).data], [function(0.3, *rest)] * 2)
    assert getattr(Value, name) is function


def test_a_star_hides_nothing_of_pythons():
    assert not set(dir(builtins)) & set(engine.__all__)
    assert engine.compile is not compile


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_is_whole(name):
    shown = pydoc.plain(pydoc.render_doc(getattr(engine, name)))
    assert [shown.count(f"{section}:\n") for section in ("Args", "Returns", "Example")] == [1, 1, 1], shown
    order = [shown.index(f"{section}:\n") for section in ("Args", "Returns", "Example")]
    assert order == sorted(order)
