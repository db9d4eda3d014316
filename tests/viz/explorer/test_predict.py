"""Predicting in a real browser: the next number is nowhere to be seen, and each kind of mistake is told on the page."""

import shutil
from itertools import islice
from types import SimpleNamespace

import pytest
from browser import AXE, needs_axe, needs_browser

from engine import Value, tanh
from viz import explore, practice
from viz.drills.board import write_number
from viz.drills.drill import drills
from viz.drills.score import LOWER_AFTER, RAISE_AFTER

pytestmark = needs_browser


STATE = "() => { const {index, beat} = document.getElementById('chalkgrad').explorer.state(); return [index, beat]; }"


def reused():
    """A graph of which no two numbers are the same."""
    a, b = Value(2.3, label="a"), Value(-0.7, label="b")
    y = tanh(a * b) * a
    y.label = "y"
    return y


def answer(page, number):
    page.locator("input.cg-answer").fill(str(number))
    page.keyboard.press("Enter")


def kind(page):
    return page.locator(".cg-verdict").get_attribute("data-kind")


def test_each_kind_of_mistake_is_told_and_the_right_answer_goes_on(opened):
    explorer = explore(reused(), locked=True, start="backward")
    events = explorer.document["trace"]["events"]
    page = opened(explorer)
    page.keyboard.press("p")
    at = next(i for i, event in enumerate(events) if event["phase"] == "backward" and event["before"])
    for event in events[events.index(next(e for e in events if e["phase"] == "seed")) : at]:
        asked = ["gradient"] if event["phase"] == "seed" else ["local", "contribution", "after"]
        for what in asked:
            answer(page, event[what])
            assert kind(page) == "right"
    event = events[at]
    others = [x["local"] for x in events if x["phase"] == "backward" and x["node"] == event["node"] and x is not event]
    answer(page, others[0])
    assert kind(page) == "swapped operand"
    answer(page, -event["local"])
    assert kind(page) == "sign"
    answer(page, event["local"])
    answer(page, event["local"])
    assert kind(page) == "forgot upstream"
    answer(page, event["upstream"])
    assert kind(page) == "upstream only"
    answer(page, event["contribution"])
    place = page.evaluate(STATE)
    answer(page, event["contribution"])
    assert kind(page) == "overwrote"
    assert f"add it to the {write_number(event['before'])}" in page.locator(".cg-verdict").inner_text()
    answer(page, "much")
    assert kind(page) == "not a number"
    page.keyboard.press("Escape")
    assert page.evaluate(STATE) == place
    answer(page, event["after"])
    assert kind(page) == "right"
    assert page.evaluate(STATE) == [at + 1, 0]


def test_no_number_is_seen_before_it_is_answered(opened):
    explorer = explore(reused(), locked=True)
    page = opened(explorer)
    nodes = explorer.document["trace"]["nodes"]
    page.keyboard.press("p")
    count = 0
    for event in explorer.document["trace"]["events"]:
        asked = {"forward": ["result"], "seed": ["gradient"]}.get(event["phase"], ["local", "contribution", "after"])
        for what in asked:
            number = write_number(event[what], 4)
            others = [x for key, x in event.items() if key != what and isinstance(x, float)]
            others += [node["data"] for node in nodes if node["id"] != event["node"]]
            told = {write_number(x, 4) for x in others}
            if len(number) > 3 and number not in told:
                assert number not in page.locator(".cg-frame").inner_text(), f"{what} of {event['sentence']}"
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press(("ArrowRight", "End", "Space")[count % 3])
            answer(page, event[what])
            assert kind(page) == "right"
            count += 1
    assert page.locator(".cg-score").inner_text().startswith(f"{count} of {count} right at the first try")
    names = page.locator(".cg-tabs button").all_inner_texts()
    assert names == ["Step", "Predict"]  # the others would tell


def test_whoever_does_not_know_is_shown_and_whoever_goes_back_is_not_scored_again(opened):
    page = opened(explore(reused()))
    page.keyboard.press("p")
    page.get_by_role("button", name="Show it to me").click()
    assert "2.3 × (−0.7)" in page.locator(".cg-verdict").inner_text()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    answer(page, 2.3 * -0.7)
    assert kind(page) == "right"
    assert page.locator(".cg-score").inner_text() == "0 of 1 right at the first try"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("p")  # and nobody asks any more
    page.keyboard.press("ArrowRight")
    assert page.evaluate(STATE) == [2, 0]


@pytest.fixture(scope="module")
def exercises(tmp_path_factory):
    """Drills that are saved once."""
    path = practice(level=2, seed=0).save(tmp_path_factory.mktemp("drills") / "practice.html")
    return SimpleNamespace(save=lambda to: shutil.copy(path, to))


def test_a_streak_raises_the_level_and_misses_lower_it(exercises, opened):
    page = opened(exercises)
    level = page.get_by_label("Level")
    right = [question for drill in islice(drills(2, 0), 4) for question in drill.questions]
    for n, question in enumerate(right[:RAISE_AFTER], 1):
        assert page.locator(".cg-asks").inner_text().replace("₁", "1") == question.asks
        assert page.locator("input.cg-answer").evaluate("field => field === document.activeElement") or n == 1
        answer(page, question.answer)
        assert kind(page) == "right"
        assert page.locator(".cg-series .cg-on").count() == n % RAISE_AFTER
        if question is question.drill.questions[-1] and n < RAISE_AFTER:
            page.get_by_role("button", name="Next graph").press("Enter")
    assert "level 3: chains" in page.locator(".cg-series output").inner_text()
    if right[RAISE_AFTER - 1] is not right[RAISE_AFTER - 1].drill.questions[-1]:
        answer(page, right[RAISE_AFTER].answer)
    page.get_by_role("button", name="Next graph").click()
    assert level.input_value() == "3"
    for n in range(LOWER_AFTER):
        answer(page, 1234)
        page.get_by_role("button", name="Show it to me").click()
        if n < LOWER_AFTER - 1:
            assert "level 2" not in page.locator(".cg-series output").inner_text()
    assert "level 2" in page.locator(".cg-series output").inner_text()
    level.select_option("9")
    assert page.locator(".cg-card").count() > 12


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_the_page_of_drills_is_for_everybody(width, scheme, exercises, opened):
    page = opened(exercises, color_scheme=scheme, width=width)
    answer(page, 1234)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [x["id"] for x in page.evaluate("axe.run()")["violations"] if x["impact"] in ("serious", "critical")]
    assert not found
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    field, button = (page.locator(f".cg-answer-row {x}").bounding_box() for x in ("input", "button"))
    assert field["width"] > 100
    assert button["x"] + button["width"] <= width
