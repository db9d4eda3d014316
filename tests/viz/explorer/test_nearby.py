"""What a page is told of a big graph: here of small ones, as if they were big."""

import math
from random import Random

import pytest
from expressions import EXPRESSIONS

from engine import Value, dot, gradients, maximum, total
from nn import MLP
from viz import explore


def tangle():
    random = Random(5)
    xs = [Value(random.uniform(-1, 1)) for _ in range(20)]
    for _ in range(300):
        a, b = random.choice(xs), random.choice(xs)
        xs.append(random.choice([a + b, a * b, a.tanh(), dot([a, b, a], [b, a, b]), maximum(a, b, a)]))
    return total(xs[-10:])


def second_order():
    x = [Value(1.0), Value(2.0)]
    y = MLP(2, [3, 1], "tanh", seed=0)(x)
    (slope,) = gradients(y, [x[0]])
    return slope * slope + y


GRAPHS = EXPRESSIONS | {
    "tangle": tangle,
    "second order": second_order,
    "network": lambda: MLP(4, [6, 5, 1], seed=1)([0.1, 0.2, 0.3, 0.4]),
}


@pytest.mark.parametrize("budget", [1, 5, 20, 150])
@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_what_is_drawn_is_told_to_its_end(name, expand, budget, monkeypatch):
    monkeypatch.setattr("viz.explorer.document.MOST_NODES", 0)
    document = explore(GRAPHS[name](), expand=expand, budget=budget).document
    nodes = {node["id"]: node for node in document["trace"]["nodes"]}
    view = document["layouts"]["views"][document["layouts"]["start"]]
    assert document["is_part"]
    assert list(document["layouts"]["views"]) == [document["layouts"]["start"]]
    drawn = {*view["nodes"], *(leaf for box in view["boxes"].values() for leaf in box.get("leaves", ()))}
    assert drawn | {document["trace"]["output"]} <= nodes.keys()
    data, gradient = {}, {document["trace"]["output"]: 1.0}
    for event in document["trace"]["events"]:
        assert {event["node"], event.get("operand", event["node"])} <= nodes.keys()
        if event["phase"] == "forward":
            data[event["node"]] = event["result"]
        elif event["phase"] == "backward":
            gradient[event["operand"]] = event["after"]
    for id, node in nodes.items():
        assert node["kind"] != "operation" or data[id] == node["data"]
        if id in drawn and node["uses"]:
            assert gradient[id] == node["gradient"] or math.isnan(float(gradient[id]))
