"""The demos run as a user runs them, in a folder of their own: one as a command, all of them within this process."""

import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import pyplot

from demos import locations
from demos.__main__ import DEMOS, main

PROJECT = Path(__file__).parents[2]

PLANE = {"boundary.png", "history.png", "neuron.svg", "model.json"}
WRITES = {
    "digits": {"neurons.png", "mistakes.png", "history.png", "model.json"},
    "curve": {"curve.png", "history.png", "model.json"},
    "locations": {"words.png", "history.png", "model.json"},
    "scale": {"images.png", "history.png", "model.json"},
}
LEAST = {"moons": 95.0, "iris": 90.0, "circles": 95.0, "xor": 95.0, "wine": 90.0}  # what it learns in a moment
SMALLER = {"scale": {"n_images": 120, "width": 4}}


def demos(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "demos", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(PROJECT), "PATH": "", "HOME": str(cwd), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_demo_is_a_command(tmp_path):
    done = demos("iris", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("loss ")
    assert "epoch/s" in done.stderr  # the progress bar
    assert second == "wrote boundary.png, history.png, model.json, neuron.svg to out/iris/"


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_trains_and_writes_what_can_be_looked_at(name, tmp_path, capsys):
    few = {} if name in LEAST else {"epochs": 2}
    DEMOS[name](tmp_path, **few, **SMALLER.get(name, {}))
    pyplot.close("all")
    assert {path.name for path in tmp_path.iterdir()} == WRITES.get(name, PLANE)
    for path in tmp_path.glob("*.json"):
        assert json.loads(path.read_text())["format"] == "chalkgrad model"
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    for path in tmp_path.glob("*.svg"):
        assert "gradient" in path.read_text()
    if name in LEAST:
        shares = re.findall(r"(?:new points|never seen) ([\d.]+)%", capsys.readouterr().out)
        assert float(shares[-1]) >= LEAST[name]  # on points it was not trained on


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_is_short_and_says_what_it_shows(name):
    module = importlib.import_module(f"demos.{name}")
    assert len(inspect.getsource(module).splitlines()) <= 80
    assert re.fullmatch(r"[A-Z][a-z ]+: .{20,110}\.", module.__doc__.splitlines()[0])


def test_without_a_name_it_lists_what_there_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([]) == 0
    listed = capsys.readouterr().out
    for name in DEMOS:
        assert re.search(rf"^  {name} +[A-Z]", listed, re.M)
    assert "DATA.csv --target COLUMN" in listed
    assert "predict MODEL.json DATA.csv" in listed
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_one_line_and_exit_code_2(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["mooons"]) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert done.err.startswith("there is no demo 'mooons': did you mean moons? There are moons, ")
    assert done.err.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").write_text("in the way")
    assert main(["iris"]) == 1
    done = capsys.readouterr()
    assert done.err.count("\n") == 1
    assert "iris could not finish" in done.err


def test_places_are_marked_in_a_sentence_of_ones_own(tmp_path, capsys):
    locations.run(tmp_path, epochs=6, sentence="We flew from Brussels to Atlantis with her uncle.")
    pyplot.close("all")
    learnt, sentence = capsys.readouterr().out.splitlines()
    assert float(re.search(r"never seen, ([\d.]+)%", learnt)[1]) > 85
    assert re.fullmatch(r"we flew from \[brussels \d+%\] to \[atlantis \d+%\] with her uncle", sentence)
