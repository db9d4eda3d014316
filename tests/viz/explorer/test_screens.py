"""The explorer's screens that compute, in a real browser: by mouse and by keyboard, with the engine's numbers."""

import re

import pytest
from browser import needs_browser
from documents import BROKEN, account, made
from expressions import EXPRESSIONS

from engine import Value, topological_order, trace
from viz import explore

pytestmark = needs_browser

SHOWN = """() => {
  const {trace} = document.getElementById('chalkgrad').explorer.state();
  return Object.fromEntries(trace.nodes.map((node) => [node.id, [node.data, node.gradient]]));
}"""


def tangled(a=2.0):
    a, b = Value(a, label="a"), Value(-3.0, label="b")
    c = a * b
    y = (c + a) * c - a
    y.label = "L"
    return y


def numbers(value):
    """Data and gradient of every node, as the engine has them."""
    return {node["id"]: [node["data"], node["gradient"]] for node in account(value)["nodes"]}


def go(page, screen):
    page.get_by_role("button", name=screen, exact=True).click()
    return page.locator(".cg-panel")


def spoken(page):
    return page.locator("[role=status].cg-unseen").text_content()


def test_a_nudge_gives_the_ratio_beside_the_gradient(opened):
    page = opened(explore(tangled()))
    panel = go(page, "Nudge")
    panel.get_by_label("a, as a number").fill("2.5")
    page.keyboard.press("Enter")
    panel.get_by_text("26", exact=True).wait_for()
    assert panel.locator(".is-grad strong").text_content() == "23"
    assert page.evaluate(SHOWN) == numbers(tangled(2.5))
    panel.get_by_role("button", name="Halve the change").click()
    panel.get_by_text("24.5", exact=True).wait_for()
    page.get_by_role("button", name="a = 2.25").click()
    panel.get_by_text("drag the slider", exact=True).wait_for()
    assert page.evaluate(SHOWN) == numbers(tangled())


def test_a_leaf_is_dragged_by_keys_and_by_mouse(opened):
    page = opened(explore(tangled()))
    panel = go(page, "Nudge")
    slider = panel.get_by_label("a, dragged")
    slider.focus()
    before = page.evaluate("document.getElementById('chalkgrad').explorer.state().index")
    page.keyboard.press("ArrowRight")
    assert panel.get_by_label("a, as a number").input_value() == "2.01"
    assert before == 0  # and at the end now, where all numbers are known, not a step further
    page.keyboard.press("PageDown")
    assert panel.get_by_label("a, as a number").input_value() == "1.81"
    assert re.search(r"^a changes by −0.19, L by .*: the ratio is .*, the gradient 23\.$", spoken(page))

    card = page.locator(".cg-card[data-node=v2]").bounding_box()
    x, y = card["x"] + 15, card["y"] + 15
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y, steps=3)
    page.mouse.up()
    dragged = page.evaluate(SHOWN)["v2"][0]
    assert dragged == pytest.approx(-3 + 80 / 160 * 3)
    assert panel.get_by_label("b, as a number").input_value().replace("−", "-") == f"{dragged:g}"
    assert page.locator(".cg-variant").text_content().startswith("a = 1.81, b = −1.5")


def test_a_bug_shows_the_wrong_numbers_beside_the_right_ones(opened):
    page = opened(explore(tangled()))
    panel = go(page, "Break it")
    assert panel.locator(".cg-bug").count() == len(BROKEN)
    for i, bug in enumerate(BROKEN):
        breaks(bug, panel.locator(".cg-bug").nth(i), page, panel)


def breaks(bug, toggle, page, panel):
    toggle.click()
    right, wrong = [node[1] for node in numbers(tangled()).values()], BROKEN[bug](tangled())
    assert [gradient for _, gradient in page.evaluate(SHOWN).values()] == pytest.approx(wrong)
    assert right != wrong
    rows = panel.locator(".cg-compared").first.locator("tbody tr")
    for i, name in enumerate("ab"):
        cells = rows.filter(has_text=name).locator("td").all_text_contents()
        assert cells[0].replace("−", "-") == f"{right[i]:g}"
        assert cells[1].replace("−", "-").removeprefix("≠ ") == f"{wrong[i]:g}"
        assert cells[1].startswith("≠") == (right[i] != wrong[i])
    assert panel.locator(".cg-flag").count() == 1
    assert "gradients of" in spoken(page)
    page.keyboard.press("End")
    if right[0] != wrong[0]:
        assert page.locator(".cg-beside", has_text=f"right: grad {right[0]:g}").count() == 1
    panel.get_by_role("button", name="Go to the first difference").click()
    assert "is-first" in panel.locator("tr.is-now").get_attribute("class")
    toggle.click()
    assert page.evaluate(SHOWN) == numbers(tangled())


BESIDE = """() => {
  const {explorer} = document.getElementById('chalkgrad');
  return explorer.state().stops.map(({index, beat}) => {
    explorer.dispatch({type: 'goto', index, beat});
    const {known} = explorer.state();
    return [known.gradient.get('v1') ?? 0, known.received.get('v1') ?? 0,
      document.querySelector('.cg-card[data-node=v1] .cg-beside')?.textContent ?? ''];
  });
}"""


def test_beside_a_gradient_that_still_grows_stands_the_right_sum_so_far(opened):
    page = opened(explore(tangled()))
    go(page, "Break it").get_by_role("button", name="= in place of +=").click()
    sums = [event["after"] for event in trace(tangled())["events"] if event.get("operand") == "v1"]
    told = set()
    for gradient, received, text in page.evaluate(BESIDE):
        right = sums[received - 1] if received else gradient
        so_far = " so far" if received < len(sums) else ""
        assert text.replace("−", "-") == (f"right{so_far}: grad {right:g}" if gradient != right else "")
        told.add(so_far if text else None)
    assert told == {"", " so far", None}


def test_a_bug_that_makes_no_difference_says_why(opened):
    page = opened(explore(Value(2.0, label="a") * Value(3.0, label="b")))
    panel = go(page, "Break it")
    panel.get_by_role("button", name="= in place of +=").click()
    assert "No number is used twice here" in panel.text_content()


def test_the_products_along_all_paths_sum_to_the_gradient(opened):
    page = opened(explore(tangled()))
    panel = go(page, "Paths")
    products = [text.rpartition("= ")[2].replace("−", "-") for text in panel.locator(".cg-product").all_text_contents()]
    assert [*map(float, products)] == [18, 12, -6, -1]
    assert "= 23 = dL/da" in panel.locator(".cg-total").text_content()
    panel.locator(".cg-path").nth(1).click()
    assert page.locator(".cg-card.is-marked").count() == 4
    assert page.locator(".cg-edge.is-marked").count() == 3
    page.locator(".cg-card[data-node=v2]").click()  # another leaf
    assert "= dL/db" in panel.locator(".cg-total").text_content()
    assert page.locator(".cg-card.is-marked").count() == 0
    costs = dict(
        zip(["reverse", "forward", "paths"], panel.locator(".cg-costs .cg-number").all_text_contents(), strict=True)
    )
    assert costs == {"reverse": "8", "forward": "12", "paths": "18"}


def test_a_wrong_derivative_is_found_by_differences(opened):
    page = opened(explore(made("lie")))
    panel = go(page, "Check")
    assert panel.locator(".cg-judged").all_text_contents() == ["✗ does not agree", "✓ agrees"]
    assert "do not agree with the gradient of a" in spoken(page)
    assert panel.locator(".cg-h").text_content() == "10⁻⁴"
    panel.get_by_label("Step h, as a power of ten").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert panel.locator(".cg-h").text_content() == "10⁻⁵"


@pytest.mark.parametrize("name", ["not_a_number", "infinite"])
def test_where_no_difference_is_finite_none_is_called_exact(name, opened):
    panel = go(opened(explore(EXPRESSIONS[name]())), "Check")
    panel.get_by_text("not finite for nearly every h").wait_for()
    assert panel.get_by_text("exact").count() == 0


def test_a_bug_is_found_by_differences(opened):
    page = opened(explore(tangled()))
    go(page, "Break it").get_by_role("button", name="The sign of a subtraction").click()
    panel = go(page, "Check")
    panel.get_by_text("does not agree").wait_for()
    assert panel.locator(".cg-judged").all_text_contents() == ["✗ does not agree", "✓ agrees"]
    page.locator(".cg-variant").click()
    panel.locator(".cg-judged.is-agrees").nth(1).wait_for()


def test_a_step_down_the_gradient_gives_the_engines_loss(opened):
    value = tangled()
    value.backward()
    leaves = [node for node in topological_order(value) if node.kind == "input"]
    page = opened(explore(value))
    panel = go(page, "Update")
    panel.get_by_label("Learning rate").evaluate(
        "input => { input.value = -3; input.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    panel.get_by_role("button", name="One step").click()
    panel.get_by_text("after 1 step").wait_for()
    a, b = (leaf.data - 0.001 * leaf.grad for leaf in leaves)
    loss = page.evaluate(SHOWN)["v6"][0]
    assert loss == pytest.approx((a * b + a) * a * b - a, rel=1e-14)
    assert loss < value.data
    panel.get_by_role("button", name="Ten steps").click()
    panel.get_by_text("after 11 steps").wait_for()
    assert spoken(page).startswith("After 11 steps the loss is ")
    panel.get_by_role("button", name="As it was").click()
    panel.get_by_text("= 22 now").wait_for()


def test_the_first_bad_number_is_gone_to(opened):
    page = opened(explore(made("nan")))
    panel = go(page, "Health")
    assert "log of −1 gives it" in panel.text_content()
    assert re.search(r"line \d+: .*log\(a\)", panel.locator("code").first.text_content())
    panel.get_by_role("button", name="Go to where it happens").click()
    assert page.locator(".cg-card.is-selected .cg-data").text_content() == "nan"
    assert "log" in page.locator(".cg-code .is-pointed, .cg-code .is-forward").first.text_content()
    assert go(page, "Nudge").get_by_label("a, as a number").is_visible()


def test_what_python_alone_can_compute_is_refused_in_words(opened):
    page = opened(explore(made("by hand")))
    for screen in ("Nudge", "Check"):
        panel = go(page, screen)
        panel.get_by_text("made by hand").wait_for()
    panel = go(page, "Update")
    panel.get_by_role("button", name="One step").click()
    panel.get_by_text("made by hand").wait_for()


def test_nothing_is_given_away_while_numbers_are_asked_for(opened):
    page = opened(explore(tangled()))
    go(page, "Predict").get_by_role("button", name="Start predicting").click()
    for screen in ("Nudge", "Break it", "Paths", "Check", "Update", "Health"):
        panel = go(page, screen)
        assert "would give them away" in panel.text_content()
        assert (
            page.locator(".cg-panel .cg-screen .cg-screen :is(table, svg, dl, ul, .cg-ratio, .cg-paths)").count() == 0
        )


def test_the_screens_fit_their_panel(opened):
    page = opened(explore(made("network")))
    go(page, "Break it").locator(".cg-bug").first.click()
    go(page, "Update").get_by_role("button", name="One step").click()
    for width in (1920, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for screen in ("Nudge", "Break it", "Paths", "Check", "Update", "Health"):
            wide = go(page, screen).evaluate("panel => panel.scrollWidth - panel.clientWidth")
            assert wide <= 0, (screen, width)
