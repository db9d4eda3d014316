"""The solutions of the notebooks' exercises are right. (That the notebooks run is nbmake's to see.)

A ``python`` block that is folded away in a Markdown cell is run where it stands, on the names of the cells above it
but not on those of other solutions. What it prints is compared, line by line, with its ``# prints ...`` comments.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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


def check_solutions(notebook: nbformat.NotebookNode, folder: Path) -> int:
    """Run the notebook with its solutions; how many blocks there were."""
    notebook, blocks = with_solutions(notebook)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        if cell.get("id") in blocks:
            printed = "".join(out.text for out in cell.outputs if out.get("name") == "stdout").splitlines()
            said = re.findall(r"# prints (.*)$", blocks[cell.id], re.M)
            assert printed == said, blocks[cell.id]
    return len(blocks)


@pytest.fixture
def _own_backend(monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel chooses, as in Jupyter


@pytest.mark.usefixtures("_own_backend")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions(path):
    assert check_solutions(read(path), path.parent)


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


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("print(x)  # prints 1", True),
        ("print(x)  # prints 2", False),
        ("print(x)", False),
        ("# prints 1", False),
    ],
)
def test_a_wrong_solution_is_caught(code, is_right, tmp_path):
    solution = f"<details><summary>Solution</summary>\n\n```python\n{code}\n```\n\n</details>"
    cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_markdown_cell(solution)]
    try:
        assert check_solutions(nbformat.v4.new_notebook(cells=cells), tmp_path) == 1
    except AssertionError:
        assert not is_right
    else:
        assert is_right
