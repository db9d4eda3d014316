"""Every notebook runs, the solutions of its exercises are right, and each row of the course is shown in one.

A ``python`` block that is folded away in a Markdown cell is run where it stands, on the names of the cells above it
but not on those of other solutions. What it prints is compared, line by line, with its ``# prints ...`` comments.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from course.kernel import execute
from course.notebook import NOTEBOOKS, PRINTS, exercises, read, solution_blocks, solution_of
from course.rows import places, rows_of, table, with_table

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def with_solutions(notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """The notebook with a code cell for every folded block; and the blocks by the ids of those cells."""
    cells, blocks = [], {}
    for cell in notebook.cells:
        cells.append(cell)
        for block in solution_blocks(cell):
            extra = nbformat.v4.new_code_cell(f"exec({block!r}, dict(globals()))")
            cells.append(extra)
            blocks[extra.id] = block
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), blocks


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, bool]:
    """Run every cell and every solution: the blocks of the solutions, and whether each prints what it says."""
    notebook, blocks = with_solutions(notebook)
    execute(notebook, folder)
    right = {}
    for cell in notebook.cells:
        if cell.get("id") in blocks:
            block = blocks[cell.id]
            printed = "".join(out.text for out in cell.outputs if out.get("name") == "stdout").splitlines()
            right[block] = printed == PRINTS.findall(block)
        elif rows_of(cell):
            assert cell.execution_count, f"it is said to show rows, but was not run: {cell.source}"
            assert cell.outputs, f"it is said to show rows, but shows nothing: {cell.source}"
    return right


@each_notebook
def test_a_notebook_runs_and_its_solutions_are_right(path):
    right = run(read(path), path.parent)
    assert right
    assert all(right.values()), [block for block, is_right in right.items() if not is_right]


@each_notebook
def test_every_exercise_has_a_place_to_work_and_a_solution(path):
    cells = read(path).cells
    found = exercises(read(path))
    assert [exercise.number for exercise in found] == list(range(1, len(found) + 1))
    assert found
    for exercise in found:
        assert [(cell.cell_type, cell.source) for cell in exercise.answer] == [("code", "")], exercise.title
        assert solution_of(cells[cells.index(exercise.answer[0]) + 1]), exercise.title
    assert sum("<details>" in cell.source for cell in cells) == len(found)


@each_notebook
def test_a_notebook_says_how_to_run_it_and_runs_anywhere(path):
    notebook = read(path)
    assert "make notebook" in notebook.cells[0].source
    assert notebook.metadata.kernelspec.name == "python3"


def test_every_row_is_shown_in_a_cell():
    assert [row for row, found in places().items() if not found] == []


def test_the_table_of_rows_is_up_to_date():
    page = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert page == with_table(page, table()), 'make course ARGS="table --write" brings notebooks/README.md up to date'


def test_a_row_that_is_only_mentioned_is_caught(tmp_path):
    v4 = nbformat.v4
    tagged = {"tags": ["row-3"]}
    for cell in (v4.new_code_cell("", metadata=tagged), v4.new_code_cell("x = 1", metadata=tagged)):
        with pytest.raises(AssertionError, match="said to show rows"):
            run(v4.new_notebook(cells=[cell]), tmp_path)
    path = tmp_path / "03-rows.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("row-3", metadata=tagged)]), path)
    assert not any(places(tmp_path).values())
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("3", metadata=tagged)]), path)
    assert [row for row, found in places(tmp_path).items() if found] == [3]
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("3", metadata={"tags": ["row-24"]})]), path)
    with pytest.raises(ValueError, match="rows are 1 to 23"):
        places(tmp_path)


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


def test_a_figure_is_drawn_to_be_shown_and_not_before(tmp_path):
    draws = "import matplotlib.pyplot as plt\nasked = []\nplt.gcf().canvas.draw_idle = lambda: asked.append('to draw')"
    cells = [*map(nbformat.v4.new_code_cell, (draws, "assert not asked", "assert 'show' not in globals()"))]
    run(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert [output.output_type for output in cells[0].outputs] == ["display_data"]
