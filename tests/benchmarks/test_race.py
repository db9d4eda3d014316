"""The frame of the benchmarks, run on work that needs no peer. No test looks at a clock."""

import json
import math
import os
from functools import partial

import pytest

from benchmarks.measure import Trial, Unit, held_bytes, seconds, seconds_at_once, values
from benchmarks.race import Outcome, Row, race
from benchmarks.report import as_data, as_summary, as_table, write_report
from benchmarks.workload import Aim, Contestant, MissingError, Workload


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


def absent():
    raise MissingError("there is no such backend yet")


def workload(*contestants, **settings):
    settings = {"reference": "peer", "unit": POINTS, "rounds": 3, **settings}
    return Workload(name="play", title="a game", contestants=contestants, **settings)


OURS = Contestant("ours", prepared(1.0, 4.0, 30.0), role="ours")
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


def test_who_is_wrong_or_fails_is_not_timed():
    failures = [
        (prepared(1.0, answer=[1.0, 2.5]), "wrong: number 2 of the answer is 2.5, not 2"),
        (prepared(1.0, answer=[1.0, 2.0 + 1e-6]), "wrong: number 2 of the answer is 2.000001, not 2"),
        (prepared(1.0, answer=[1.0, math.nan]), "wrong: number 2 of the answer is nan, not 2"),
        (prepared(1.0, answer=[1.0]), "wrong: the answer has 1 numbers, not 2"),
        (failing, "ArithmeticError: no such luck"),
        (dying, "failed: its process ended with exit code 3"),
        (prepared(1.0), "StopIteration"),  # right, but it gives up in the second round
    ]
    others = [Contestant(f"other {i}", prepare) for i, (prepare, _) in enumerate(failures)]
    outcome = race(workload(OURS, PEER, *others))
    for other, (_, problem) in zip(others, failures, strict=True):
        assert outcome.row(other.name).problem.splitlines()[-1] == problem
        assert outcome.ratio(other.name) is None
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


def test_what_a_contestant_itself_misses_is_no_error():
    outcome = race(workload(OURS, PEER, Contestant("other", absent)), rounds=1)
    assert not any(row.problem for row in outcome.rows)
    assert outcome.row("other").figures == []
    assert "there is no such backend yet" in as_table([outcome])


def test_similar_work_need_not_have_the_same_answer():
    outcome = race(workload(OURS, PEER, Contestant("other", prepared(3.0, answer=[7.0]), compared=False)), rounds=1)
    assert outcome.row("other").figures == [3.0]
    assert "1.5x higher (similar work, not the same)" in as_table([outcome])
    assert [row["compared"] for row in as_data(outcome)["contestants"]] == [True, True, False]


SLOW, FAST = Contestant("chalkgrad, slow", prepared(4.0), role="ours"), Contestant("chalkgrad, fast", prepared(1.0))
OURS_BOTH = (SLOW.name, FAST.name)
GAME = (SLOW, FAST, Contestant("peer", prepared(2.0)), *(Contestant(name, absent) for name in ("gone", "gone too")))


@pytest.fixture(scope="module")
def rows_of_the_game():
    return race(workload(*GAME), rounds=1).rows


@pytest.mark.parametrize(
    ("aim", "best", "ratio", "met", "said"),
    [
        (Aim(OURS_BOTH, of="peer", at_most=0.5), FAST.name, 0.5, True, "the best at least 2x lower: met"),
        (Aim(OURS_BOTH, of="peer", at_most=0.4), FAST.name, 0.5, False, "the best at least 2.5x lower: missed"),
        (Aim(("gone", SLOW.name), of="peer", at_most=1.0), SLOW.name, 2.0, False, "the best no higher: missed"),
        (Aim(("gone", "gone too"), of="peer", at_most=1.0), "gone", None, None, "the best no higher: not measured"),
        (Aim(OURS_BOTH, of=SLOW.name, at_most=1.0), FAST.name, 0.25, True, "no higher than chalkgrad, slow: met"),
        (Aim(SLOW.name, of=None, at_most=5.0), SLOW.name, 4.0, True, "at most 5.00 points: met"),
        (Aim("gone", of=None, at_most=5.0), "gone", None, None, "at most 5.00 points: not measured"),
    ],
)
def test_the_best_of_several_has_to_reach_an_aim(aim, best, ratio, met, said, rows_of_the_game):
    outcome = Outcome(workload(*GAME, aims=(aim,)), rows_of_the_game)
    verdict = outcome.verdict(aim)
    assert (verdict.best, verdict.ratio, verdict.met) == (best, ratio, met)
    (line,) = [line for line in as_table([outcome]).splitlines() if said in line]
    assert f"| {best} " in line
    (data,) = as_data(outcome)["aims"]
    assert data == {"contestants": aim.contestants, "of": aim.of, "at_most": aim.at_most,
                    "best": best, "ratio": ratio, "met": met}  # fmt: skip


def test_the_summary_has_a_row_for_each_workload_that_belongs_there():
    game = workload(
        Contestant("chalkgrad, fast", prepared(1.0), role="ours"),
        Contestant("chalkgrad, new", absent, role="ours"),
        Contestant("peer", prepared(2.0)),
        Contestant("another", prepared(3.0)),
        Contestant("peak", prepared(0.5), role="limit"),
        aims=(
            Aim(("chalkgrad, fast", "chalkgrad, new"), of="peer", at_most=1.0),
            Aim("chalkgrad, fast", of="peer", at_most=0.25),
        ),
    )
    alone = workload(OURS, reference="ours", in_summary=False)
    lines = as_summary([race(game, rounds=1), race(alone, rounds=1)]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "a game", "peer 2.00 points", "peak 0.500 points", "fast 1.00 points",
        "1 of 2 met; fast at least 4x lower than peer: missed (2x lower)",
    ]  # fmt: skip
    assert len(lines) == 3


@pytest.mark.parametrize("unit", [seconds, seconds_at_once, values, held_bytes])
def test_real_measures_give_one_figure_a_turn(unit):
    turn = unit.start(Trial(lambda: [0.0] * 1000, list, size=10, beside=lambda: [0.0] * 1000), 0.0)
    assert all(figure > 0 for figure in (turn(), turn()))


def test_memory_counts_what_is_held():
    assert held_bytes.start(Trial(lambda: bytearray(100_000), list, size=10), 0.0)() == pytest.approx(10_000, rel=0.01)


def test_a_report_is_written_whole(tmp_path):
    outcome = Outcome(workload(OURS, PEER), [Row("ours", [1.0, 3.0]), Row("peer", [2.0, 2.0])])
    folder = tmp_path / "results"
    write_report([outcome], folder)
    write_report([outcome], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["latest.json", "latest.md", "summary.md"]
    data = json.loads((folder / "latest.json").read_text(encoding="utf-8"))
    assert data["workloads"] == json.loads(json.dumps([as_data(outcome)]))
    assert data["machine"]["python"].startswith("CPython")
    assert (folder / "latest.md").read_text(encoding="utf-8").startswith(as_table([outcome]))
    assert (folder / "summary.md").read_text(encoding="utf-8").startswith(as_summary([outcome]))


def test_races_about_time_are_drawn(tmp_path):
    rows = [Row("ours", [2e-6, 2e-6]), Row("peer", [1.5, 1.7]), Row("peak", [1e-7])]
    peak = Contestant("peak", prepared(1.0), role="limit")
    outcomes = [Outcome(workload(OURS, PEER, peak, unit=seconds), rows)] * 3
    (*_, picture) = write_report(outcomes, tmp_path)
    assert picture.name == "race.svg"
    drawn = picture.read_text(encoding="utf-8")
    for text in ("a game", "ours", "2.00 us", "peer", "1.60 s", "peak"):
        assert drawn.count(f">{text}</text>") == 3


def test_a_name_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="play has no contestant 'theirs', only ours, peer"):
        workload(OURS, PEER, aims=(Aim("theirs", of="peer", at_most=1.0),))
