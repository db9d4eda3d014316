"""What Python answers to a page: the same numbers as the page by itself, and more where rows need floats."""

import math

import pytest
from documents import CASES, account, made

from engine import Value, dot, trace
from nn import MLP
from viz import explore
from viz.explorer.answer import answer, outputs_at, with_leaves


def leaves_of(name):
    ids = {node["name"]: node["id"] for node in account(made(name))["nodes"]}
    return {ids[leaf]: x for leaf, x in CASES[name][2].items()}


@pytest.mark.parametrize("name", CASES)
def test_a_nudge_is_the_trace_of_the_same_expression_of_other_numbers(name):
    expected = account(made(name, **CASES[name][2]))
    assert answer(made(name), "nudge", {"leaves": leaves_of(name)}) == {"trace": expected}


@pytest.mark.parametrize("name", CASES)
def test_outputs_are_those_of_the_same_expression_of_other_numbers(name):
    answered = answer(made(name), "outputs", {"points": [{}, leaves_of(name)]})
    assert [*map(repr, map(float, answered["outputs"]))] == [
        repr(made(name).data), repr(made(name, **CASES[name][2]).data),
    ]  # fmt: skip


def test_names_parts_and_lines_of_code_stay():
    loss = MLP(2, [3, 1], seed=1)([Value(0.5, label="a"), 1.0]) ** 2
    assert trace(with_leaves(loss, {})) == trace(loss)
    assert trace(with_leaves(loss, {}), expand=True) == trace(loss, expand=True)


def test_nothing_of_the_graph_itself_is_changed():
    x = Value(2.0)
    y = x * x
    y.backward()
    answer(y, "nudge", {"leaves": {"v1": 5.0}})
    assert (x.data, x.grad, y.data) == (2.0, 4.0, 4.0)


def test_rows_that_need_floats_are_run():
    (id,) = [node["id"] for node in account(made("floaty"))["nodes"] if node["name"] == "a"]
    (y,) = outputs_at(made("floaty"), [{id: 3.5}])
    assert y == math.gamma(3.5) * 2


def test_where_a_formula_is_not_defined_there_is_no_number():
    (id,) = [node["id"] for node in account(made("floaty"))["nodes"] if node["name"] == "a"]
    first, second = outputs_at(made("floaty"), [{id: 0.0}, {id: 1.0}])
    assert math.isnan(first)
    assert second == 2.0
    refusal = answer(made("floaty"), "nudge", {"leaves": {id: 0.0}})["refusal"]
    assert refusal.startswith("floaty_for_documents(0) cannot be computed: ")


def test_what_was_made_by_hand_is_not_nudged_past():
    (id,) = [node["id"] for node in account(made("by hand"))["nodes"] if node["name"] == "a"]
    for name, payload in [("nudge", {"leaves": {id: 1.0}}), ("outputs", {"points": [{id: 1.0}]})]:
        assert "by hand" in answer(made("by hand"), name, payload)["refusal"]


@pytest.mark.parametrize("id", ["v3", "v9"])
def test_only_leaves_are_nudged(id):
    assert "no input and no parameter" in answer(made("product"), "nudge", {"leaves": {id: 1.0}})["refusal"]


def test_a_request_that_nobody_knows():
    with pytest.raises(ValueError, match="'nudge' or 'outputs', but this one asked for 'dance'"):
        answer(made("product"), "dance", {})


def test_what_has_too_many_operands_to_be_unfolded_is_unfolded_in_no_answer_either():
    few, many = ([Value(float(i), label=f"{name}{i}") for i in range(n)] for name, n in (("a", 3), ("b", 40)))
    explorer = explore(dot(few, few) + dot(many, many), expand=True, budget=10)
    ids = [node["id"] for node in explorer.document["trace"]["nodes"]]
    operations = [node.get("operation") for node in explorer.document["trace"]["nodes"]]
    assert (operations.count("mul"), operations.count("dot")) == (3, 1)
    assert [node["id"] for node in explorer._answer("nudge", {"leaves": {}})["trace"]["nodes"]] == ids
