"""The demos run as a user runs them: as a command, in a folder of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def demos(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "demos", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(PROJECT), "PATH": "", "HOME": str(cwd), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(("name", "least"), [("moons", 95.0), ("iris", 90.0)])
def test_a_demo_trains_and_writes_its_four_files(name, least, tmp_path):
    done = demos(name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("loss ")
    assert float(first.rsplit(" ", 1)[1].rstrip("%")) >= least  # on points it was not trained on
    assert "epoch/s" in done.stderr  # the progress bar
    folder = tmp_path / "out" / name
    assert {path.name for path in folder.iterdir()} == {"boundary.png", "history.png", "neuron.svg", "model.json"}
    assert second == f"wrote boundary.png, history.png, model.json and neuron.svg to out/{name}/"
    assert (folder / "boundary.png").read_bytes().startswith(b"\x89PNG")
    assert "gradient" in (folder / "neuron.svg").read_text()
    assert json.loads((folder / "model.json").read_text())["format"] == "chalkgrad model"


def test_without_a_name_it_lists_what_there_is(tmp_path):
    done = demos(cwd=tmp_path)
    assert done.returncode == 0
    assert "moons" in done.stdout
    assert "iris" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_one_line_and_exit_code_2(tmp_path):
    done = demos("mooons", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("there is no demo 'mooons': did you mean moons? There are moons, iris, ")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "out").write_text("in the way")
    done = demos("iris", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "iris could not finish" in done.stderr
