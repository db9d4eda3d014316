"""The repository's own machinery: CI runs every test to its end, and the hooks check what `make lint` checks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from thorough import thorough

ROOT = Path(__file__).parent.parent

TESTS = """
import pytest

def test_passes(): pass

def test_skipped(): pytest.skip("no such program")

@pytest.mark.skipif(True, reason="slow")
def test_skipped_by_mark(): pass

@pytest.mark.parametrize("x", [])
def test_without_parameters(x): pass

@pytest.mark.xfail(reason="known")
def test_xfail(): assert False

@pytest.mark.xfail(strict=False, reason="known")
def test_xfail_that_may_pass(): assert False

@pytest.mark.xfail(run=False, reason="known")
def test_xfail_not_run(): assert False

def test_xfail_inside(): pytest.xfail("known")

@pytest.mark.xfail(reason="thought to be known")
def test_xpass(): pass
"""

LEAKS = """
import os
import matplotlib.pyplot as plt
import numpy as np

def test_tidy():
    with np.errstate(all="ignore"), plt.rc_context({"axes.grid": True}):
        plt.close(plt.figure())

def test_folder(tmp_path): os.chdir(tmp_path)

def test_errors(): np.seterr(all="ignore")

def test_settings(): plt.rcParams["axes.grid"] = True

def test_figure(): plt.figure()
"""


def outcomes(folder: Path, in_ci: bool, processes: int) -> tuple[dict[str, int], int]:
    """Run the tests above in a folder; how many passed, failed ..., and the exit code."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    command += ["-p", "xdist", f"-n{processes}"]
    environment = {
        **os.environ,
        "CI": "true" if in_ci else "",
        "PYTEST_ADDOPTS": "",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run([*command, "tests", "engine"], cwd=folder, env=environment, capture_output=True, text=True)
    closing = done.stdout.splitlines()[-1]
    return {
        what: int(count) for count, what in re.findall(r"(\d+) ([a-z]+)", closing.partition(" in ")[0])
    }, done.returncode


@pytest.mark.parametrize("processes", [0, pytest.param(2, marks=thorough)])
def test_what_is_skipped_fails_in_ci(processes, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "engine").mkdir()  # beside conftest.py's folder, as doctests and notebooks are
    (tmp_path / "pytest.ini").write_text("[pytest]\nxfail_strict = true\n")
    (tmp_path / "tests/conftest.py").write_text((ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "tests/test_one.py").write_text("def test_one(): pass\n")
    (tmp_path / "engine/test_module.py").write_text("import pytest\npytest.importorskip('no_such_package')\n")
    (tmp_path / "engine/test_many.py").write_text(TESTS)

    at_home, code = outcomes(tmp_path, in_ci=False, processes=processes)
    assert (at_home, code) == ({"passed": 2, "failed": 1, "skipped": 4, "xfailed": 4}, 1)
    in_ci, code = outcomes(tmp_path, in_ci=True, processes=processes)
    assert (in_ci, code) == ({"passed": 2, "failed": 4, "errors": 4, "xfailed": 1}, 1)


@pytest.mark.parametrize("processes", [0, pytest.param(2, marks=thorough)])
def test_what_is_left_behind_is_an_error(processes, tmp_path):
    (tmp_path / "engine").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/conftest.py").write_text((ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "tests/test_leaks.py").write_text(LEAKS)
    assert outcomes(tmp_path, in_ci=False, processes=processes) == ({"passed": 5, "errors": 4}, 1)


def test_hooks_use_the_versions_that_make_lint_uses():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needs = set(re.findall(r'additional_dependencies: \["(.+)"\]', hooks))
    assert needs
    assert all(f'"{need}"' in project for need in needs), needs
