"""Every notebook runs, and the solutions of its exercises are right.

A ``python`` block that is folded away in a Markdown cell is run where it stands, on the names of the cells above it
but not on those of other solutions. What it prints is compared, line by line, with its ``# prints ...`` comments.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))

SOLUTION = re.compile(r"^<details><summary>Solution</summary>\n\n(.*)\n\n</details>$", re.S)
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
EXERCISE = re.compile(r"^\*\*(\d+)\.")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def with_solutions(notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """The notebook with a code cell for every folded block; and the blocks by the ids of those cells."""
    cells, blocks = [], {}
    for cell in notebook.cells:
        cells.append(cell)
        solution = SOLUTION.match(cell.source) if cell.cell_type == "markdown" else None
        for block in CODE.findall(solution[1]) if solution else ():
            extra = nbformat.v4.new_code_cell(f"exec({block!r}, dict(globals()))")
            cells.append(extra)
            blocks[extra.id] = block
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), blocks


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, bool]:
    """Run every cell and every solution: the blocks of the solutions, and whether each prints what it says."""
    notebook, blocks = with_solutions(notebook)
    with TemporaryDirectory() as sockets:  # and not ports, which another process may take
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, config=config, timeout=300, startup_timeout=300, resources=resources).execute()
    right = {}
    for cell in notebook.cells:
        if cell.get("id") in blocks:
            block = blocks[cell.id]
            printed = "".join(out.text for out in cell.outputs if out.get("name") == "stdout").splitlines()
            right[block] = printed == re.findall(r"# prints (.*)$", block, re.M)
    return right


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_solutions_are_right(path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel chooses, as in Jupyter
    right = run(read(path), path.parent)
    assert right
    assert all(right.values()), [block for block, is_right in right.items() if not is_right]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_exercise_has_a_place_to_work_and_a_solution(path):
    cells = read(path).cells
    exercises = [i for i, cell in enumerate(cells) if cell.cell_type == "markdown" and EXERCISE.match(cell.source)]
    assert [int(EXERCISE.match(cells[i].source)[1]) for i in exercises] == list(range(1, len(exercises) + 1))
    assert exercises
    for i in exercises:
        assert (cells[i + 1].cell_type, cells[i + 1].source) == ("code", ""), cells[i].source
        assert SOLUTION.match(cells[i + 2].source), cells[i].source
    assert sum("<details>" in cell.source for cell in cells) == len(exercises)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_how_to_run_it_and_runs_anywhere(path):
    notebook = read(path)
    assert "make notebook" in notebook.cells[0].source
    assert notebook.metadata.kernelspec.name == "python3"


def test_a_wrong_solution_is_caught(tmp_path):
    blocks = {
        "print(x)  # prints 1\n": True,
        "print(x)  # prints 2\n": False,
        "print(x)\n": False,
        "# prints 1\n": False,
    }
    solutions = [f"<details><summary>Solution</summary>\n\n```python\n{block}```\n\n</details>" for block in blocks]
    cells = [nbformat.v4.new_code_cell("x = 1"), *map(nbformat.v4.new_markdown_cell, solutions)]
    assert run(nbformat.v4.new_notebook(cells=cells), tmp_path) == blocks


def test_a_cell_that_fails_is_caught(tmp_path):
    with pytest.raises(CellExecutionError, match="no such luck"):
        run(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("raise ValueError('no such luck')")]), tmp_path)
