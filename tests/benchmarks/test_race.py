"""The frame of the benchmarks, run on work that needs no peer. No test looks at a clock."""

import json
import math
import os
from functools import partial

import pytest

from benchmarks.measure import Trial, Unit, held_bytes, seconds
from benchmarks.race import Outcome, Row, race
from benchmarks.report import as_data, as_table, write_report
from benchmarks.workload import Aim, Contestant, Workload
from benchmarks.workloads import WORKLOADS


def scripted(trial, at_least):
    """Measures nothing: the step itself says what its figures are."""
    return iter(trial.step()).__next__


POINTS = Unit(scripted, ((1.0, "points"),), "lower", "higher")


def playing(figures, answer):
    return Trial(lambda: figures, lambda result: answer)


def prepared(*figures, answer=(1.0, 2.0)):
    return partial(playing, figures, list(answer))


def failing():
    raise ArithmeticError("no such luck")


def dying():
    os._exit(3)


def workload(*contestants, **settings):
    settings = {"reference": "peer", "unit": POINTS, "rounds": 3, **settings}
    return Workload(name="play", title="a game", contestants=contestants, **settings)


OURS = Contestant("ours", prepared(1.0, 4.0, 30.0))
PEER = Contestant("peer", prepared(2.0, 16.0, 60.0))


def test_ratios_are_taken_round_by_round():
    outcome = race(
        workload(OURS, PEER, aims=(Aim("ours", of="peer", at_most=0.5), Aim("ours", of="peer", at_most=0.4)))
    )
    assert outcome.row("ours").figures == [1.0, 4.0, 30.0]
    assert outcome.ratios("ours", of="peer") == [0.5, 0.25, 0.5]
    assert outcome.ratio("ours") == 0.5  # the ratio of the medians would be 0.25
    assert outcome.ratio("peer", of="ours") == 2.0
    assert outcome.quartiles("ours") == (0.375, 0.5)
    data = as_data(outcome)
    assert [aim["met"] for aim in data["aims"]] == [True, False]
    assert [row["median"] for row in data["contestants"]] == [4.0, 16.0]
    assert [row["minimum"] for row in data["contestants"]] == [1.0, 2.0]
    lines = as_table([outcome]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "play: a game", "ours", "4.00 points", "1.00 points", "2x lower",
        "at least 2x lower: met; at least 2.5x lower: missed",
    ]  # fmt: skip
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (prepared(1.0, answer=[1.0, 2.5]), "wrong: number 2 of the answer is 2.5, not 2"),
        (prepared(1.0, answer=[1.0, 2.0 + 1e-6]), "wrong: number 2 of the answer is 2.000001, not 2"),
        (prepared(1.0, answer=[1.0, math.nan]), "wrong: number 2 of the answer is nan, not 2"),
        (prepared(1.0, answer=[1.0]), "wrong: the answer has 1 numbers, not 2"),
        (failing, "ArithmeticError: no such luck"),
        (dying, "failed: its process ended with exit code 3"),
        (prepared(1.0), "StopIteration"),  # right, but it gives up in the second round
    ],
)
def test_who_is_wrong_or_fails_is_not_timed(prepare, problem):
    outcome = race(workload(OURS, PEER, Contestant("other", prepare)))
    assert outcome.row("other").problem.splitlines()[-1] == problem
    assert outcome.ratio("other") is None
    assert problem in as_table([outcome])
    assert outcome.row("ours").figures == [1.0, 4.0, 30.0]


def test_nobody_is_right_if_the_first_fails():
    outcome = race(workload(Contestant("ours", failing), PEER))
    assert outcome.row("peer").problem == "not checked: the contestant to agree with gave no answer"
    assert not outcome.row("peer").figures


def test_a_missing_peer_is_no_error():
    outcome = race(workload(OURS, Contestant("peer", failing, needs="no_such_package")), rounds=1)
    assert outcome.row("ours").figures == [1.0]
    assert not any(row.problem for row in outcome.rows)
    assert "no_such_package is not installed" in as_table([outcome])


@pytest.mark.parametrize("unit", [seconds, held_bytes])
def test_real_measures_give_one_figure_a_turn(unit):
    turn = unit.start(Trial(lambda: [0.0] * 1000, list, size=10), 0.0)
    assert all(figure > 0 for figure in (turn(), turn()))


def test_memory_counts_what_is_held():
    assert held_bytes.start(Trial(lambda: bytearray(100_000), list, size=10), 0.0)() == pytest.approx(10_000, rel=0.01)


def test_a_report_is_written_whole(tmp_path):
    outcome = Outcome(workload(OURS, PEER), [Row("ours", [1.0, 3.0]), Row("peer", [2.0, 2.0])])
    folder = tmp_path / "results"
    write_report([outcome], folder)
    write_report([outcome], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["latest.json", "latest.md"]
    data = json.loads((folder / "latest.json").read_text(encoding="utf-8"))
    assert data["workloads"] == json.loads(json.dumps([as_data(outcome)]))
    assert data["machine"]["python"].startswith("CPython")
    assert (folder / "latest.md").read_text(encoding="utf-8").startswith(as_table([outcome]))


def test_a_name_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="play has no contestant 'theirs', only ours, peer"):
        workload(OURS, PEER, aims=(Aim("theirs", of="peer", at_most=1.0),))


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_project_itself_can_run_every_workload(name):
    contestant = WORKLOADS[name].contestants[0]
    trial = contestant.prepare()
    assert all(map(math.isfinite, trial.answer(trial.step())))
