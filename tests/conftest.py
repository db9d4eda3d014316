"""What holds for every test: no windows, repeatable examples, nothing left behind, and nothing skipped in CI."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

collect_ignore = ["documents.py"]  # defines operations, which cannot be done twice, and has no doctests
collect_ignore_glob = ["nn/*_in_torch.py"]  # programs that need torch, which tests do not

os.environ["MPLBACKEND"] = "agg"
os.environ["SCIPY_ARRAY_API"] = "1"  # or one of the checks of scikit-learn is skipped
os.environ.setdefault("CHALKGRAD_CACHE", str(ROOT / ".pytest_cache" / "native"))  # and not where the user keeps his

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# The same examples in every run, so that a failure is somebody's change; HYPOTHESIS_PROFILE=explore looks for new ones.
# How long an example takes is up to whoever else is on the machine.
ANY_TIME: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", derandomize=True, **ANY_TIME)
settings.register_profile("ci", derandomize=True, print_blob=True, **ANY_TIME)
settings.register_profile("explore", max_examples=5000, print_blob=True, **ANY_TIME)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "default"))


class NothingSkipped:
    """Makes a test that did not run to its end fail: skipped, or excused by an xfail that a pass would not break."""

    @staticmethod
    def refuse(report: pytest.TestReport | pytest.CollectReport, reason: str) -> None:
        report.outcome = "failed"
        report.longrepr = f"{reason}: in CI every test must run"
        report.__dict__.pop("wasxfail", None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        if hasattr(report, "wasxfail"):
            markers = list(item.iter_markers("xfail"))
            if not markers or any(marker.kwargs.get("strict") is False for marker in markers):
                self.refuse(report, f"xfail that is not strict ({report.wasxfail})")
            elif report.wasxfail.startswith("[NOTRUN]"):
                self.refuse(report, f"xfail that is not run ({report.wasxfail})")
        elif report.skipped:
            self.refuse(report, f"{report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}")
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, Any]:
        report = yield
        if report.skipped:
            self.refuse(report, f"{report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}")
        return report


class PackagesFirst:
    """Imports a package before pytest imports a module of it by its path, for the doctests.

    Otherwise pytest makes a second instance of a module that its package imports, with functions and classes that are
    not those of the first.
    """

    @staticmethod
    def pytest_collect_file(file_path: Path) -> None:
        folder = file_path.parent
        if file_path.suffix == ".py" and (folder / "__init__.py").is_file() and ROOT in file_path.parents:
            import_module(".".join(folder.relative_to(ROOT).parts))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(PackagesFirst(), "packages-first")
    if IN_CI:  # as a plugin of its own, so that it sees the doctests outside this folder as well
        config.pluginmanager.register(NothingSkipped(), "nothing-skipped")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Looks for garbage only after the collection, which makes next to none and takes a third longer otherwise.

    What is there then is there for good, and set aside: to look through it again and again takes a fifth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def _global_state() -> dict[str, Any]:
    numpy, matplotlib, pyplot = map(sys.modules.get, ("numpy", "matplotlib", "matplotlib.pyplot"))
    modes, ops = map(sys.modules.get, ("engine.modes", "engine.ops"))
    return {
        "the engine's modes": modes and modes.current(),
        "the table of operations": ops and dict(ops.TABLE),
        "the working directory": os.getcwd(),
        "NumPy's error handling": numpy and numpy.geterr(),
        "matplotlib's settings": matplotlib and dict(dict.items(matplotlib.rcParams)),  # its copy() asks 300 times
        "matplotlib's open figures": pyplot.get_fignums() if pyplot else [],
    }


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails a test that leaves the process other than it found it."""
    before = _global_state()
    yield
    after = _global_state()
    changed = [what for what, was in before.items() if was is not None and after[what] != was]
    if "matplotlib's open figures" in changed:
        sys.modules["matplotlib.pyplot"].close("all")
    assert not changed, f"the test changed {' and '.join(changed)} and did not put it back"
