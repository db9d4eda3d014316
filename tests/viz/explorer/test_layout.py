"""Where things stand, in each level of folding."""

import re
from itertools import combinations

import pytest
from expressions import EXPRESSIONS

from engine import Value, dot, tanh
from engine.description import Description
from nn import MLP, Module, Parameter
from viz import explore
from viz.explorer.explorer import SCREENS
from viz.explorer.layout import MOST_EDGES, layouts
from viz.explorer.page import FOLDER


def views(value, budget=150):
    return explore(value, budget=budget).document["layouts"]["views"]


def network():
    return MLP(2, [3, 3, 1], "tanh", seed=1)([Value(1.0), Value(2.0)])


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_no_box_hides_another(name, direction):
    for view in views(EXPRESSIONS[name]()).values():
        layout = view.get(direction, {"places": {}, "edges": []})
        for (x, y, w, h), (x2, y2, w2, h2) in combinations(layout["places"].values(), 2):
            assert abs(x - x2) >= (w + w2) / 2 - 0.2 or abs(y - y2) >= (h + h2) / 2 - 0.2
        for x, y, w, h in layout["places"].values():
            assert w / 2 <= x + 0.2 <= layout["width"] - w / 2 + 0.4
            assert h / 2 <= y + 0.2 <= layout["height"] - h / 2 + 0.4
        for edge in layout["edges"]:
            assert re.fullmatch(r"M(-?[\d.]+,-?[\d.]+)C[-\d., ]+L(-?[\d.]+,-?[\d.]+)", edge["path"])


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_arrows_go_from_box_to_box(direction):
    check_arrows(views(EXPRESSIONS["shared"]())["scalars"][direction])


def check_arrows(layout):
    for edge in layout["edges"]:
        points = re.findall(r"-?[\d.]+,-?[\d.]+", edge["path"])
        start, end = (tuple(map(float, point.split(","))) for point in (points[0], points[-1]))
        for (x, y), box in ((start, layout["places"][edge["tail"]]), (end, layout["places"][edge["head"]])):
            assert abs(x - box[0]) <= box[2] / 2 + 2
            assert abs(y - box[1]) <= box[3] / 2 + 2


def test_an_operand_that_is_used_twice_has_two_arrows():
    edges = views(EXPRESSIONS["twice"]())["scalars"]["LR"]["edges"]
    assert [(edge["tail"], edge["position"]) for edge in edges] == [("v1", 0), ("v1", 1), ("v2", 0), ("v2", 1)]


def test_of_a_picture_and_its_mirror_image_the_one_in_order_is_taken():
    for direction, axis in (("LR", 1), ("TB", 0)):
        view = views(sum(Value(float(i)) ** 2 for i in range(6)))["scalars"][direction]["places"]
        assert view["v2"][axis] < view["v4"][axis]


def test_what_is_alike_stands_in_order():
    y = MLP(2, [4, 2], "tanh", seed=1)([Value(1.0, label="x1"), Value(2.0, label="x2")])
    document = explore(y[0] ** 2 + y[1] ** 2).document
    names = {node["id"]: node["name"] for node in document["trace"]["nodes"]}
    kinds = set()
    for view in document["layouts"]["views"].values():
        for direction in {"LR", "TB"} & view.keys():
            across = 1 if direction == "LR" else 0
            alike = {}  # "W1[0," -> where W1[0,0] and W1[0,1] are, and so for neurons and inputs
            for id, place in view[direction]["places"].items():
                alike.setdefault(re.sub(r"\d+\D*$", "", names.get(id, id)), []).append(place[across])
            for kind in alike.keys() - {"v", "layer "}:
                assert alike[kind] == sorted(alike[kind]), (kind, direction, view["title"])
                kinds |= {kind} if len(alike[kind]) > 1 else set()
    assert kinds == {
        "x",
        "W1[0,",
        "W1[1,",
        "W1[2,",
        "W1[3,",
        "W2[0,",
        "W2[1,",
        "b1[",
        "b2[",
        "layer 1, neuron ",
        "layer 2, neuron ",
    }


def test_in_their_order_arrows_go_from_box_to_box():
    for view in views(network()).values():
        for direction in {"LR", "TB"} & view.keys():
            check_arrows(view[direction])


@pytest.mark.parametrize("view", ["scalars", "neurons", "layer 1"])
def test_frames_have_room_for_their_title_and_hold_what_is_theirs(view):
    for direction in ("LR", "TB"):
        layout = views(network())[view].get(direction)
        for frame in layout["frames"] if layout else ():
            left, top, width, height = frame["place"]
            inside = [
                place
                for place in layout["places"].values()
                if left <= place[0] <= left + width and top <= place[1] <= top + height
            ]
            assert inside
            assert all(y - h / 2 >= top + 17 for _, y, _, h in inside)  # the title's height


def test_every_part_opens_and_folds():
    found = views(network())
    assert {"scalars", "neurons", "layers", "layer 1", "layer 1, neuron 2"} <= found.keys()
    for view in found.values():
        for box in view["boxes"].values():
            assert box["view"] in found
        for frame in view.get("LR", view.get("TB"))["frames"]:
            assert frame["view"] in found


def test_a_big_graph_has_what_it_draws():
    x = Value(0.5, label="x")
    layer = [x * i for i in range(40)]
    for _ in range(80):
        layer = [tanh(a + b) for a, b in zip(layer, [*layer[1:], layer[0]], strict=True)]
    document = explore(sum(layer)).document
    view = document["layouts"]["views"][document["layouts"]["start"]]
    assert len(document["trace"]["nodes"]) + document["omitted"] > 6000
    assert len(document["trace"]["nodes"]) < 1000
    assert view["boxes"]["rest"]["count"] + len(view["nodes"]) == len(document["trace"]["nodes"]) + document["omitted"]
    known = {node["id"] for node in document["trace"]["nodes"]}
    for event in document["trace"]["events"]:
        assert {event["node"], event.get("operand", event["node"])} <= known
    for node in document["trace"]["nodes"]:
        if node["id"] in view["nodes"]:  # all that flows into it is there
            into = [event for event in document["trace"]["events"] if event.get("operand") == node["id"]]
            assert len(into) == node["uses"]


def test_only_the_first_view_is_made_where_nothing_else_is_wanted():
    assert len(layouts(Description([network()]), 150, only_first=True)["views"]) == 1


def test_python_knows_the_screens_of_the_page():
    modules = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")]
    listed = re.search(r"screens = \[([\w, ]+)\]", (FOLDER / "screens.js").read_text(encoding="utf-8"))[1].split(", ")
    ids = {m[1]: m[2] for text in modules for m in re.finditer(r'export const (\w+) = \{\s+id: "([\w-]+)"', text)}
    assert [ids[name] for name in listed] == list(SCREENS)


def test_views_that_nobody_could_follow_are_not_laid_out():
    found = views(MLP(30, [20, 1], seed=1)([float(i) for i in range(30)]))  # 600 arrows between inputs and neurons
    assert "layers" in found
    assert "neurons" not in found
    assert "layer 1, neuron 3" not in found
    for view in found.values():
        assert len(view.get("LR", view.get("TB"))["edges"]) <= MOST_EDGES
        assert all(box["view"] in {None, *found} for box in view["boxes"].values())


class Gain(Module):
    """A part whose only node unfolds into a single multiply."""

    def __init__(self):
        self.w = Parameter(2.0)

    def __call__(self, x):
        return dot([self.w], [x])


class Twice(Module):
    def __init__(self):
        self.first, self.second = Gain(), Gain()

    def __call__(self, x):
        return self.second(self.first(x))


def test_what_unfolds_into_one_multiply_can_be_folded_away():
    document = explore(Twice()(Value(3.0)) * 2.0, expand=True).document
    parts = [node["parts"] for node in document["trace"]["nodes"] if node.get("operation") == "mul"]
    assert parts == [["first"], ["second"], []]
    boxes = document["layouts"]["views"]["layers"]["boxes"].values()
    assert {box["title"]: box["count"] for box in boxes} == {"first": 2, "second": 2}


def test_of_more_parts_than_can_be_opened_every_layer_has_some():
    found = views(MLP(10, [30, 30, 1], seed=1)([0.1 * i for i in range(10)]))
    opened = [name for name in found if name.startswith("layer ")]
    assert opened[:13] == ["layer 1", *(f"layer 1, neuron {i}" for i in range(12))]
    assert opened[-2:] == ["layer 3", "layer 3, neuron 0"]
    of_each = [sum(name.startswith(f"layer {i}, ") for name in opened) for i in (1, 2, 3)]
    assert of_each[2] == 1
    assert 8 <= of_each[0] <= of_each[1] < 30
    assert sum(len(view[way]["edges"]) for view in found.values() for way in ("LR", "TB") if way in view) < 9000
