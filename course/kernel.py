"""Runs a notebook in a kernel of its own, as Jupyter does."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbclient import NotebookClient
from traitlets.config import Config

__all__ = ["execute"]

# After each cell matplotlib draws all figures, for windows, and then Jupyter draws them again, to show and close them.
# Whoever shows them first leaves nothing to be drawn for nobody.
SHOW_FIRST = """
import sys
from IPython import get_ipython
def show():
    if "matplotlib_inline.backend_inline" in sys.modules:
        sys.modules["matplotlib_inline.backend_inline"].flush_figures()
get_ipython().events.register("post_execute", show)
"""


def execute(notebook: Any, folder: Path, *, timeout: int = 300, go_on: bool = False) -> None:
    """Run all cells from top to bottom; what they show is kept in them.

    Args:
        notebook: as nbformat reads it.
        folder: where its code runs.
        timeout: how many seconds a cell may take.
        go_on: whether to run the cells after one that fails, too.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails, and `go_on` is not asked for.
    """
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # the kernel chooses
    with TemporaryDirectory() as sockets:  # and not ports, which another process may take
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        client = NotebookClient(
            notebook,
            config=config,
            extra_arguments=[f"--IPKernelApp.exec_lines=exec({SHOW_FIRST!r}, {{}})"],
            timeout=timeout,
            interrupt_on_timeout=True,
            startup_timeout=300,
            kernel_name="python3",
            allow_errors=go_on,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=environment)
