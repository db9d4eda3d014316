"""A node has one id and one name: in the table, in LaTeX, in the picture, in its alternative text, unfolded or not."""

import re
from random import Random

import pytest
from oracles import ORACLES

from engine import Value, dot, gradients, tanh, total, trace
from engine.apply import apply
from engine.description import named
from engine.ops import TABLE
from nn import MLP, Layer, Neuron, cross_entropy, hinge
from viz import draw_graph
from viz.graph.words import MANY_OPERANDS

LABELS = ["", "", "", "", "a", "b", "w_1", "v3", "v2_1", "two words"]


def random_program(seed: int) -> Value:
    """Any rows of the table on any operands, some of them used again and again, some labels given twice."""
    random = Random(seed)
    known = [Value(random.uniform(0.5, 2), random.choice(LABELS)) for _ in range(random.randint(1, 4))]
    known += random.sample([2.0, -3.0, 1e-9], random.randint(0, 3))
    for _ in range(random.randint(1, 15)):
        name = random.choice(sorted(TABLE))
        static = random.choice(ORACLES[name].static)
        operands = random.choices(known, k=TABLE[name].arity or random.randint(1, 7))
        operands[0] = next(x for x in known if isinstance(x, Value))
        result = apply(TABLE[name](**static) if static else TABLE[name], *operands)
        result.label = random.choice(LABELS)
        known.append(result)
    return total(x for x in known if isinstance(x, Value))


def example(kind: str) -> Value:
    x = [Value(1.0, "x1"), Value(-2.0, "x2")]
    model = MLP(2, [3, 2, 1], activation="tanh", seed=1)
    match kind:
        case "neuron":
            return Neuron(2, seed=1)(x)
        case "layer":
            return cross_entropy(Layer(2, 3, seed=1)(x), 1)
        case "network":
            return hinge(model(x), 1)
        case "three examples":
            return total(hinge(model([i, 1 - i]), 1) for i in range(3)) / 3
        case "two networks":
            return model(x) * MLP(2, [3, 2, 1], seed=2)(x)
        case "repeated operands":
            return dot([x[0], x[0], x[1]], [x[0], x[1], x[0]], x[0])
        case "dots of dots":
            y = dot(x, x)
            return dot([y, dot([y], [y], y)], [total([y, y]), tanh(y)], y)
        case "derivative":
            return gradients(hinge(model(x), 1), x)[0]


GRAPHS = ["neuron", "layer", "network", "three examples", "two networks", "repeated operands", "dots of dots",
          "derivative", *range(60)]  # fmt: skip


def make(kind: str | int) -> Value:
    return example(kind) if isinstance(kind, str) else random_program(kind)


def boxes(source: str) -> dict[str, str]:
    """The tooltip of every box by its id."""
    return dict(re.findall(r'^\t(\w+) \[label=.* tooltip="((?:[^"\\]|\\.)*)"\]$', source, re.M))


def edges(source: str) -> list[tuple[str, str]]:
    return re.findall(r"^\t(\w+) -> (\w+)", source, re.M)


def shown(text: str) -> str:
    return text.replace("&", "&amp;")


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("kind", GRAPHS)
def test_one_name_everywhere(kind, expand):
    value = make(kind)
    account = trace(value, expand=expand)
    diagram = draw_graph(value, expand=expand, fold="nothing", budget=10_000, precision=6)
    nodes = {node["id"]: node for node in account["nodes"]}
    names = [node["name"] for node in nodes.values()]
    assert len(set(names)) == len(nodes) == len(account["nodes"])

    drawn = boxes(diagram.source)
    assert list(drawn) == list(nodes)
    assert edges(diagram.source) == [(arg, id) for id, node in nodes.items() for arg in node.get("operands", ())]
    table = str(account).replace("\n    ", " ").splitlines()  # without the breaks in long lines
    latex = account.latex().splitlines()
    words = diagram.description.removesuffix(".").split(". ")
    for (id, node), told in zip(nodes.items(), words, strict=True):
        is_told_in_full = len(node.get("operands", ())) <= MANY_OPERANDS
        start = [node["name"], *([node["formula"]] if is_told_in_full and "formula" in node else [])]
        assert told.startswith(" = ".join(start) + " = ")
        assert drawn[id].startswith(shown(told.partition(" = ")[0] + " = "))
        if node["kind"] == "operation":
            assert sum(line.startswith(f"{node['name']} = {node['formula']} = ") for line in table) == 1
            assert any(line.startswith(f"{named(node['name']).latex} &= ") for line in latex)
    output = nodes[account["output"]]
    if len(output["operands"]) <= MANY_OPERANDS:
        assert output["formula"] in diagram.title


@pytest.mark.parametrize("kind", GRAPHS)
def test_folded_or_not_in_brief_or_not_a_node_is_the_same(kind):
    value = make(kind)
    folded, unfolded = ({node["id"]: node for node in trace(value, expand=expand)["nodes"]} for expand in (False, True))
    same = ("id", "name", "kind", "data", "source", "parts")
    assert folded.keys() <= unfolded.keys()
    for id, node in folded.items():
        assert repr([node[key] for key in same]) == repr([unfolded[id][key] for key in same])
    bundles = {node["bundle"] for node in folded.values() if node.get("bundle")}
    drawn = boxes(draw_graph(value, budget=7).source)
    drawn = {id: words for id, words in drawn.items() if id != "rest" and not id.startswith("part_")}
    assert drawn.keys() <= folded.keys() | bundles
    for id, words in drawn.items():
        first = folded[id] if id in folded else next(n for n in folded.values() if n.get("bundle") == id)
        assert words.startswith(shown(first["name"]))


def test_what_is_in_a_box_is_its_name_and_a_label_that_others_have_too():
    a, b = Value(1.0, "w"), Value(2.0, "w")
    labels = re.findall(r'label="?\{?([^\\"]*)\|data', draw_graph(a * b).source)
    assert labels == ["w · v1", "w · v2", "×|{v3"]
