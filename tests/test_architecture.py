"""The house keeps its shape: imports point one way, and `engine` and `nn` need nothing but Python."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {
    "engine": set(),
    "nn": {"engine"},
    "viz": {"engine", "nn"},
    "demos": {"engine", "nn", "viz"},
    "course": {"viz"},
}
STANDARD_LIBRARY_ONLY = {"engine", "nn"}  # at import time; a function may import what it needs
NEEDS_NUMPY = {  # imported by functions only, when the first array comes and when something is compiled
    "engine/arrays.py",
    "engine/compiler/program.py",
    "engine/compiler/sparsity.py",
    "engine/compiler/backends/jax.py",
    "engine/compiler/backends/numba/arithmetic.py",
    "engine/compiler/backends/numba/cache.py",
    "engine/compiler/backends/numba/drivers.py",
    "engine/compiler/backends/numba/module.py",
    "engine/compiler/backends/numba/products.py",
    "engine/compiler/backends/numba/backend.py",
    "engine/compiler/backends/numpy.py",
    "nn/estimators.py",  # and scikit-learn, when an estimator is asked for
}
ALONE = {"engine/op.py": (), "engine/ops.py": ("engine.op.",)}  # and what of the project they may import
PUBLIC_SURFACE_ONLY = {("viz", "nn")}


def imports(tree: ast.AST, package: list[str], at_import: bool = True) -> Iterator[tuple[str, bool]]:
    """Every dotted name imported under a node, and whether importing the file is enough to import it."""
    for node in ast.iter_child_nodes(tree):
        here = at_import and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((f"{module}.{alias.name}", at_import) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            if node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), at_import
            yield from imports(node, package, here)
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from ((name, False) for part in node.body for name, _ in imports(ast.Module([part], []), package))
            yield from imports(ast.Module(node.orelse, []), package, here)
        else:
            yield from imports(node, package, here)


def violations(root: Path) -> list[str]:
    """What breaks the rules above, one line each: ``nn/layers.py imports viz.graph``."""
    found = []
    for room, allowed in MAY_IMPORT.items():
        for path in sorted((root / room).rglob("*.py")):
            file = path.relative_to(root).as_posix()
            package = list(path.relative_to(root).parent.parts)
            for name, at_import in imports(ast.parse(path.read_text(encoding="utf-8"), file), package):
                top, _, rest = name.partition(".")
                first = rest.partition(".")[0]
                inside = (root / top / f"{first}.py").exists() or (root / top / first / "__init__.py").exists()
                if top in MAY_IMPORT:
                    is_alone = file in ALONE and not name.startswith(ALONE[file])
                    if top not in allowed | {room} or is_alone:
                        found.append(f"{file} imports {name}")
                    elif (room, top) in PUBLIC_SURFACE_ONLY and first and inside:
                        found.append(f"{file} imports {name}: only what `{top}` itself offers is for `{room}`")
                elif top in sys.stdlib_module_names or top == "__future__":
                    pass
                elif room in STANDARD_LIBRARY_ONLY and at_import and file not in NEEDS_NUMPY:
                    found.append(f"{file} imports {name} at import time")
    return found


def test_imports_point_one_way():
    assert violations(ROOT) == []


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_every_room_was_looked_at(room):
    assert list((ROOT / room).rglob("*.py")), f"{room}/ has no Python file: the rules would hold for nothing"


@pytest.mark.parametrize(
    ("file", "code", "is_caught"),
    [
        ("engine/value.py", "import viz", True),
        ("engine/value.py", "def show(self):\n    from viz.graph import draw_graph", True),
        ("engine/value.py", "import importlib\nviz = importlib.import_module('viz.graph')", True),
        ("engine/value.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nn import MLP", True),
        ("engine/value.py", "class A:\n    import numpy", True),
        ("engine/value.py", "try:\n    import numpy\nexcept ImportError:\n    pass", True),
        ("engine/value.py", "from engine import ops", False),
        ("engine/value.py", "def f():\n    import numpy", False),
        ("engine/value.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy", False),
        ("engine/value.py", "import math, collections.abc\nfrom __future__ import annotations", False),
        ("engine/ops.py", "from engine import ieee", True),
        ("engine/ops.py", "from . import ieee", True),
        ("engine/ops.py", "from engine.op import Op", False),
        ("engine/op.py", "from engine.ops import ADD", True),
        ("engine/arrays.py", "import numpy as np", False),
        ("engine/compiler/nests/lift.py", "from ...value import Value", False),
        ("engine/compiler/nests/lift.py", "from ....nn import MLP", True),
        ("nn/layers.py", "from engine import Value\nfrom engine.value import record", False),
        ("nn/layers.py", "from viz import draw_graph", True),
        ("nn/layers.py", "from demos import moons", True),
        ("nn/layers.py", "import numpy as np", True),
        ("viz/graph.py", "from nn import Neuron\nimport numpy, graphviz\nfrom engine.value import Value", False),
        ("viz/graph.py", "from nn import layers", True),
        ("viz/graph.py", "from nn.layers import Neuron", True),
        ("viz/graph.py", "import nn.layers", True),
        ("viz/graph.py", "import demos", True),
        ("demos/moons.py", "import sklearn\nfrom engine import Value\nfrom nn import MLP\nfrom viz import x", False),
    ],
)
def test_a_wrong_import_is_caught(tmp_path, file, code, is_caught):
    for name in ("engine/__init__.py", "engine/ops.py", "nn/__init__.py", "nn/layers.py", file):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / file).write_text(code)
    assert bool(violations(tmp_path)) is is_caught, violations(tmp_path)


WITHOUT_THIRD_PARTIES = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("engine", "nn"):
            raise ModuleNotFoundError(f"{name} is not of the standard library", name=name)

sys.meta_path.insert(0, Refuse())
sys.path.insert(0, sys.argv[1])
"""


def run_without_third_parties(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", WITHOUT_THIRD_PARTIES + code, str(ROOT)]
    return subprocess.run(command, capture_output=True, text=True)


def test_engine_and_nn_need_nothing_but_python():
    done = run_without_third_parties(
        """
import engine, nn
x = engine.Value(3.0)
(x * x + engine.tanh(x)).backward()
output = nn.MLP(2, [3, 1], seed=0)([1.0, 2.0])
output.backward()
print(x.grad > 6, type(output).__name__)
"""
    )
    assert (done.stdout, done.returncode) == ("True Value\n", 0), done.stderr


def test_third_parties_are_really_blocked():
    done = run_without_third_parties("import numpy")
    assert "ModuleNotFoundError: numpy is not of the standard library" in done.stderr


def module_of(path: Path) -> str:
    """What a file is called when it is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_first(tree: ast.Module, known: set[str]) -> set[str]:
    """The modules of ours that a file names outside its functions, for type checkers too."""
    statements = [inner for node in tree.body for inner in (node.body if isinstance(node, ast.If) else [node])]
    named = {alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names}
    for node in statements:
        if isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name if name in known else name.rpartition(".")[0] for name in named} & known


def test_no_two_files_need_each_other():
    paths = {module_of(path): path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py")}
    needs = {name: imported_first(ast.parse(path.read_text()), {*paths}) - {name} for name, path in paths.items()}
    order = [*TopologicalSorter(needs).static_order()]  # raises where there is a circle
    assert (
        order.index("engine.ops") < order.index("engine.value") < order.index("nn.module") < order.index("demos.moons")
    )
    with pytest.raises(CycleError):
        [*TopologicalSorter(needs | {"engine.modes": {"engine.value"}}).static_order()]
