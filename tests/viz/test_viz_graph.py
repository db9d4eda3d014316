"""The pictures as DOT: golden texts, and what must hold for any graph."""

import os
import re
from pathlib import Path
from random import Random
from xml.dom import minidom

import pytest
from oracles import ORACLES

from engine import Value, dot, gradients, relu, tanh, total
from engine.description import Description
from engine.expansion import can_unfold, unfold, unfolded_size
from engine.ops import TABLE
from engine.value import record
from nn import MLP, Neuron, Parameter, hinge
from viz import draw_dot, draw_graph
from viz.graph.diagram import Diagram
from viz.graph.drawing import PARALLEL_EDGES
from viz.graph.selection import EDGES_PER_NODE

GOLDEN = Path(__file__).parent / "golden"


def line() -> Value:
    x, w, b = Value(2.0, "x"), Parameter(-3.0, "w"), Parameter(6.5, "b")
    y = relu(x * w + b)
    y.label = "L"
    return y


def neuron() -> Value:
    x = [Value(1.0, "x1"), Value(-2.0, "x2")]
    y = tanh(dot([Parameter(0.5, "w1"), Parameter(-0.25, "w2")], x, Parameter(-0.75, "b")))
    y.label = "y"
    y.backward()
    return y


def square() -> Value:
    a = Value(3.0, "a")
    return a * a


def odd_labels() -> Value:
    odd = Value(2.0, '<b>{x|y}\\N "q" & &lt; ∂é\nsecond line\x00') - 2.5
    odd.label = "p -> q <r>"
    return (odd / 3) ** 2 - odd


def chain(length: int) -> Value:
    y = Value(1.0, "start")
    for _ in range(length):
        y = y * 1.5 + 0.5
    return y


GOLDEN_CASES = {
    "line": lambda: draw_graph(line()),
    "square": lambda: draw_graph(square()),
    "neuron": lambda: draw_graph(neuron(), derivatives=True),
    "neuron_expanded": lambda: draw_graph(neuron(), expand=True, derivatives=True),
    "neuron_down": lambda: draw_graph(neuron(), direction="TB", precision=2),
    "odd_labels": lambda: draw_graph(odd_labels()),
    "chain_in_brief": lambda: draw_graph(chain(100), budget=8),
    "network": lambda: draw_graph(MLP(2, [2, 1], init="zeros")([1.0, 2.0])),
    "network_in_brief": lambda: draw_graph(MLP(2, [3, 3, 1], init="zeros")([1.0, 2.0]), budget=25),
}


@pytest.mark.parametrize("name", GOLDEN_CASES)
def test_golden(name):
    path = GOLDEN / f"{name}.dot"
    source = GOLDEN_CASES[name]().source
    if os.environ.get("OVERWRITE_GOLDEN") == "1":
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8"), f"{path} differs; if it should, run with OVERWRITE_GOLDEN=1"


def test_every_golden_file_is_in_use():
    assert {path.stem for path in GOLDEN.iterdir()} == set(GOLDEN_CASES)


def nodes(diagram: Diagram) -> list[str]:
    return [line.strip() for line in diagram.body if re.match(r"\t\w+ \[", line)]


def edges(diagram: Diagram) -> list[tuple[str, str]]:
    return re.findall(r"^\t(\w+) -> (\w+)", diagram.source, re.MULTILINE)


def test_both_edges_of_a_product_of_one_node():
    assert edges(draw_graph(square())) == [("v1", "v2"), ("v1", "v2")]


def test_edges_come_in_operand_order():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    for result in (a - b, b - a, a / b, b**a):
        diagram = draw_graph(result)
        names = {re.match(r"v\d", node)[0]: node for node in nodes(diagram)}
        tails = [names[tail] for tail, _ in edges(diagram)]
        assert [re.search(r"label=\"(\w)\|", tail)[1] for tail in tails] == [arg.label for arg in result.operands]
        assert "ordering=in" in diagram.source


def test_two_equal_graphs_give_the_same_text():
    assert draw_graph(neuron(), expand=True).source == draw_graph(neuron(), expand=True).source
    assert draw_graph(chain(500)).source == draw_graph(chain(500)).source


def test_a_gradient_is_not_yet_known_before_backward_and_may_be_zero_after():
    x = Value(-1.0, "x")
    y = relu(x)
    assert "gradient" not in draw_graph(y).source  # of one that no pass has reached there is nothing to say
    x.grad = 0.0  # as zero_grad sets it, before any pass
    assert "gradient" not in draw_graph(y).source
    assert draw_graph([x, Value(1.0)]).source.count("gradient 0") == 2  # asked for by itself it says what it has
    y.backward()
    assert draw_graph(y * 2).source.count("gradient not yet") == 3  # in two tooltips, and a box: constants have none
    source = draw_graph(y).source
    assert "not yet" not in source
    assert r"gradient 0\l" in source


def test_each_kind_of_leaf_has_its_own_shape():
    y = Value(1.0, "x") * Parameter(2.0, "w") + 3
    shapes = {re.search(r"shape=(\w+)", node)[1] for node in nodes(draw_graph(y))}
    assert shapes == {"Mrecord", "hexagon", "ellipse", "record"}


def test_the_parameters_of_a_neuron_are_drawn_as_parameters():
    assert draw_graph(Neuron(2, seed=0)([1.0, 2.0])).source.count("shape=hexagon") == 3


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
@pytest.mark.parametrize("number", [0.5, 0.0, float("nan"), float("inf")])
def test_every_operation_can_be_drawn(op, number):
    static = ORACLES[op.name].static[0]
    bound = op(**static) if static else op
    y = record(bound, *(Value(number) for _ in range(op.arity or 4)))
    diagram = draw_graph(y, expand=True, derivatives=True)
    assert diagram.source.count("∂ = ") == len(re.findall("->", diagram.source))
    assert diagram.pipe("svg").startswith(b"<?xml")


@pytest.mark.parametrize(("power", "sign"), [(2, "x²"), (-12, "x⁻¹²"), (0.5, "x^0.5"), (-2.5, "x^\N{MINUS SIGN}2.5")])
def test_a_power_is_raised_above_an_x(power, sign):
    assert f"{{{sign}|" in draw_graph(Value(3.0) ** power).source


def test_the_tooltip_tells_what_was_computed():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    y = a * b + 1
    y.backward()
    assert 'tooltip="v5 = v3 + 1 = -5, gradient 1"' in draw_graph(y).source
    assert 'tooltip="v3 = a * b = -6, gradient 1"' in draw_graph(y).source


def test_many_operands_are_cut_short_in_words():
    title = draw_graph(total([Value(i, f"x{i}") for i in range(100)])).title
    assert title == "Computation graph of 101 nodes: sum(x0, x1, x2, …, x99) = 4950."


def test_several_outputs():
    x = Value(2.0, "x")
    a, b = x * x, x + 1
    diagram = draw_graph([a, b, a])
    assert diagram.title == "Computation graph of 4 nodes with 2 outputs: x * x = 4; x + 1 = 3."
    assert diagram.source.count("penwidth=3") == 2


# Unfolding


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_an_unfolded_dot_has_the_numbers_and_gradients_of_written_out_arithmetic(n, with_bias):
    def operands():
        return [Value(0.5 + i) for i in range(n)], [Value(3.0 - i) for i in range(n)], Value(7.0)

    w, x, b = operands()
    y = dot(w, x, b if with_bias else None)
    (y * 2).backward()

    w, x, b = operands()
    terms = [wi * xi for wi, xi in zip(w, x, strict=True)]
    written = terms[:1]
    for term in terms[1:] + ([b] if with_bias else []):
        written.append(written[-1] + term)
    (written[-1] * 2).backward()

    steps = unfold(y)
    assert len(steps) == unfolded_size(y)
    by_hand = terms + written[1:]
    assert [(s.op, s.data, s.grad) for s in steps] == [(s.op, s.data, s.grad) for s in by_hand]
    assert (steps[-1].data, steps[-1].grad) == (y.data, y.grad)


def test_an_unfolded_total_is_a_chain_of_additions():
    xs = [Value(1.0), Value(2.0), Value(4.0)]
    y = total(xs)
    y.backward()
    assert [(s.op.name, s.data, s.grad) for s in unfold(y)] == [("add", 3.0, 1.0), ("add", 7.0, 1.0)]
    assert not can_unfold(total([xs[0]]))


def test_unfolding_uses_the_numbers_of_when_the_node_was_computed():
    w = Value(2.0)
    y = dot([w], [Value(10.0)], 1.0)
    w.data = 99.0
    assert [step.data for step in unfold(y)] == [20.0, 21.0]


def test_unfolding_changes_neither_the_graph_nor_the_count_of_outputs():
    y = neuron()
    before = (y.operands, y.operands[0].operands, y.operands[0].grad)
    diagram = draw_graph(y.operands[0], expand=True)
    assert (y.operands, y.operands[0].operands, y.operands[0].grad) == before
    assert diagram.source.count("penwidth=3 ") == 1
    assert "dot" not in "".join(nodes(diagram))
    assert len(nodes(diagram)) == 9


def test_folded_a_dot_is_one_node():
    y = dot([Value(1.0)] * 3, [Value(2.0), Value(3.0), Value(4.0)])
    assert len(nodes(draw_graph(y))) == 5


def test_derivatives_on_the_arrows():
    a, b = Value(2.0, "a"), Value(5.0, "b")
    assert re.findall(r'label="∂ = (\S+)"', draw_graph(a / b, derivatives=True).source) == ["0.2", "-0.08"]
    assert "∂" not in draw_graph(a / b).source


# Big graphs


def drawn_and_hidden(diagram: Diagram) -> tuple[int, int]:
    found = re.search(r"… ([\d,]+) more nodes?\\n", diagram.source)
    boxes = [node for node in nodes(diagram) if node.startswith("v")]
    return len(boxes), int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize(("length", "budget"), [(10, 50), (100, 150), (100, 7), (1000, 1)])
def test_what_is_drawn_and_what_is_not_are_the_whole_graph(length, budget):
    drawn, hidden = drawn_and_hidden(draw_graph(chain(length), budget=budget, fold="nothing"))
    assert drawn == min(budget, 4 * length + 1)
    assert drawn + hidden == 4 * length + 1


@pytest.mark.thorough
def test_a_chain_of_a_million_nodes_does_not_freeze():
    y = Value(1.0)
    for _ in range(1_000_000):
        y = -y
    diagram = draw_graph(y, expand=True, derivatives=True)
    assert drawn_and_hidden(diagram) == (7, 0)
    assert runs(diagram) == [r"… 999,994 operations\n− 999,994 times"]
    assert b"999,994" in diagram.pipe("svg")


def runs(diagram: Diagram) -> list[str]:
    return [re.search(r'label="(.*?)"', node)[1] for node in nodes(diagram) if node.startswith("run_")]


def size(diagram: Diagram) -> tuple[float, float]:
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', diagram.pipe(encoding="utf-8"))
    return float(found[1]), float(found[2])


def test_the_middle_of_a_long_chain_is_folded():
    diagram = draw_graph(chain(30))
    assert runs(diagram) == [r"… 54 operations\n+ 27 times\n× 27 times"]
    assert drawn_and_hidden(diagram) == (1 + 2 * 3 * 2, 0)  # the start, and three operations and constants at each end
    assert "54 operations in a row, v9 to v115, folded: + 27 times, × 27 times" in diagram.description
    assert ("v7", "run_v9") in edges(diagram)
    assert ("run_v9", "v117") in edges(diagram)
    assert max(size(diagram)) < 700
    assert runs(draw_graph(chain(10))) == []
    whole = draw_graph(chain(30), fold="nothing")
    assert (runs(whole), drawn_and_hidden(whole)) == ([], (121, 0))


def test_what_others_use_and_what_is_asked_for_is_in_no_folded_chain():
    x = Value(0.5, "x")
    steps = [x]
    for _ in range(40):
        steps.append(tanh(steps[-1]) * x)
    diagram = draw_graph(steps[-1])
    assert len(runs(diagram)) == 1
    assert edges(diagram).count(("v1", runs_of(diagram)[0])) == 1  # one arrow for all that it does in there
    asked = draw_graph([steps[-1], steps[20]])
    assert len(runs(asked)) == 2
    assert f"data {steps[20].data:.4g}" in asked.source
    assert max(size(asked)) < 1800


def runs_of(diagram: Diagram) -> list[str]:
    return [node.split()[0] for node in nodes(diagram) if node.startswith("run_")]


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_of_any_graph_fits_a_page_or_two(seed):
    random = Random(seed)
    known = [Value(random.uniform(-1, 1)) for _ in range(10)]
    for _ in range(2000):
        a, b = random.choice(known[-50:]), random.choice(known[-50:])
        known.append(random.choice([lambda: a + b, lambda: a * b, lambda: tanh(a)])())  # noqa: B023
    model = MLP(2, [16, 16, 1], seed=1)
    loss = total(hinge(model([random.random(), random.random()]), 1) for _ in range(30)) / 30
    for value in (known[-1], loss, MLP(64, [30, 10], seed=1)([Value(0.1) for _ in range(64)])[0]):
        width, height = size(draw_graph(value))
        assert width < 2000
        assert height < 2000


def test_a_sum_of_very_many_is_drawn_in_brief():
    diagram = draw_graph(total(Value(i) for i in range(50_000)), expand=True, derivatives=True)
    assert len(nodes(diagram)) == 2
    assert "50,000 inputs" in diagram.source


def test_one_operand_used_very_often_has_one_arrow_with_a_count():
    a = Value(1.0, "a")
    assert len(edges(draw_graph(total([a] * PARALLEL_EDGES)))) == PARALLEL_EDGES
    diagram = draw_graph(total([a] * 1000))
    assert edges(diagram) == [("v1", "v2")]
    assert "× 1,000" in diagram.source


def test_a_dense_graph_is_cut_by_its_edges():
    layer = [Value(i) for i in range(60)]
    for _ in range(4):
        layer = [total(layer) for _ in range(60)]
    diagram = draw_graph(total(layer), budget=300)
    assert len(edges(diagram)) <= (EDGES_PER_NODE + 1) * 300
    assert drawn_and_hidden(diagram)[1] > 0


# Parts of a model


def folded(diagram: Diagram) -> list[str]:
    """What the blocks of folded parts are called, as their tooltips say."""
    return sorted(re.findall('shape=box3d tooltip="(.*?), folded', diagram.source))


def frames(diagram: Diagram) -> list[str]:
    return re.findall(r'graph \[label="(.*?)"', diagram.source)


def test_a_network_is_folded_as_far_as_it_takes_to_be_read():
    def drawn(*sizes: int) -> Diagram:
        return draw_graph(MLP(2, sizes, seed=1)([1.0, 2.0]))

    assert folded(drawn(2, 1)) == []
    assert frames(drawn(2, 1)) == ["layer 2", "neuron 0", "layer 1", "neuron 0", "neuron 1"]
    assert folded(drawn(3, 1)) == [
        f"layer {part}" for part in ("1, neuron 0", "1, neuron 1", "1, neuron 2", "2, neuron 0")
    ]
    diagram = drawn(16, 16, 1)
    assert diagram.title.startswith("Computation graph of 404 nodes")
    assert folded(diagram) == ["layer 1", "layer 2", "layer 3"]
    assert r"layer 2\n16 neurons\n272 parameters" in diagram.source
    assert len(edges(diagram)) == 4  # two inputs, and the blocks in a row


def test_what_is_folded_can_be_said():
    y = MLP(2, [3, 2], seed=1)([1.0, 2.0])
    assert folded(draw_graph(y, fold="layers")) == ["layer 1", "layer 2"]
    assert len(folded(draw_graph(y, fold="neurons"))) == 5
    whole = draw_graph(y, fold="nothing")
    assert folded(whole) == []
    assert whole.source.count("shape=hexagon") == 3 * 3 + 2 * 4
    opened = draw_graph(y, fold="layers", opened="layer 2")
    assert folded(opened) == ["layer 1", "layer 2, neuron 0", "layer 2, neuron 1"]
    assert frames(opened) == ["layer 2"]
    further = draw_graph(y, fold="layers", opened=["layer 2, neuron 1"])
    assert folded(further) == ["layer 1", "layer 2, neuron 0"]
    assert further.source.count("shape=hexagon") == 4
    with pytest.raises(ValueError, match=re.escape("that there are ('layer 2', 'layer 2, neuron 0', 'layer 1'")):
        draw_graph(y, opened="layer 3")
    with pytest.raises(TypeError, match="opened names parts of the model"):
        draw_graph(y, opened=3)
    with pytest.raises(ValueError, match="fold must be one of 'nothing', 'neurons', 'layers', or None, but was 'all'"):
        draw_graph(y, fold="all")


def test_a_block_shows_the_output_in_it_and_how_great_its_gradient_is():
    model = MLP(2, [16, 1], seed=1)
    y = model([1.0, 2.0])
    y.backward()
    source = draw_graph(y, fold="layers").source
    size = sum(parameter.grad**2 for parameter in model.layers[0].parameters()) ** 0.5
    assert rf"48 parameters\n‖gradient‖ {size:.4g}" in source
    assert f"= {y.data:.4g}" in source


def test_a_big_network_opens_folded_with_its_inputs():
    diagram = draw_graph(MLP(20, [60, 60, 60, 1], seed=1)([1.0] * 20))
    assert folded(diagram) == ["layer 1", "layer 2", "layer 3", "layer 4"]
    assert drawn_and_hidden(diagram) == (1, 0)
    assert "20 constants" in diagram.source
    assert len(edges(diagram)) == 4
    few = draw_graph(MLP(8, [60, 60, 60, 1], seed=1)([1.0] * 8))
    assert drawn_and_hidden(few) == (8, 0)


def test_a_model_that_is_called_again_and_again_is_one_row_of_blocks():
    model = MLP(2, [16, 16, 1], seed=1)
    diagram = draw_graph(total(model([i, 1.0]) ** 2 for i in range(3)))
    assert folded(diagram) == ["layer 1", "layer 2", "layer 3"]


def test_the_graph_of_a_derivative_is_drawn():
    x = Value(2.0, "x")
    (slope,) = gradients(x**3, [x])
    assert draw_graph(slope).title == "Computation graph of 4 nodes: 3 * v3 = 12."
    (slope,) = gradients(hinge(MLP(2, [16, 16, 1], seed=1)([x, 1.0]), 1), [x])
    assert drawn_and_hidden(draw_graph(slope))[0] <= 150


# The page


def positions(diagram: Diagram) -> dict[str, tuple[float, float]]:
    found = re.findall(
        r"<title>(\w+)</title>.*?<text[^>]* x=\"([-\d.]+)\" y=\"([-\d.]+)\"", diagram.pipe(encoding="utf-8"), re.S
    )
    return {id: (float(x), float(y)) for id, x, y in found}


@pytest.mark.parametrize("n", [2, 3, 5])
def test_outputs_stand_in_the_order_given(n):
    x = Value(2.0, "x")
    outputs = [x * x, x + 1, x.tanh(), x / 3, x - 1][:n]
    for order in (outputs, outputs[::-1]):
        places = positions(draw_graph(order))
        names = [Description(order).id(output) for output in order]
        assert sorted(names, key=lambda id: places[id][1]) == names


def test_a_long_computation_runs_down_the_page():
    y = Value(1.0, "x")
    for _ in range(30):
        y = (y * 1.1).tanh()
    assert "rankdir=TB" in draw_graph(y).source
    assert "rankdir=LR" in draw_graph(y, direction="LR").source
    places = positions(draw_graph(y))
    operations = [place for id, place in places.items() if y.data and id.startswith("v")]
    assert max(x for x, _ in operations) - min(x for x, _ in operations) < 200  # and no staircase
    assert "rankdir=LR" in draw_graph(line()).source


def test_an_arrow_is_the_thicker_the_more_gradient_comes_through():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    y = total([a * 4, b, relu(-b)])
    assert "penwidth=4" not in draw_graph(y).source
    y.backward()
    widths = dict(re.findall(r"^\t(\w+) -> \w+ \[(.*)\]", draw_graph(y).source, re.M))
    assert "penwidth=4" in widths[Description([y]).id(a)]
    assert "penwidth=2.4" in widths[Description([y]).id(y.operands[0])]  # a quarter of it: half as much thicker
    assert "style=dotted" in widths[Description([y]).id(y.operands[2].operands[0])]


def test_a_leaf_with_two_users_is_in_no_bundle():
    shared, own = Value(1.0, "shared"), [Value(1.0), Value(2.0), Value(3.0)]
    y = total([*own, shared]) * shared
    diagram = draw_graph(y, budget=4)
    assert "3 inputs" in diagram.source
    assert drawn_and_hidden(diagram) == (4, 0)


def test_in_brief_the_rest_counts_what_it_would_unfold_into():
    y = total([Value(1.0), Value(2.0)])
    for _ in range(50):
        y = dot([y, y], [y, y])
    whole = 2 + 1 + 50 * 3
    drawn, hidden = drawn_and_hidden(draw_graph(y, expand=True, budget=20))
    assert drawn + hidden == whole
    assert drawn_and_hidden(draw_graph(y, expand=True, budget=whole, fold="nothing")) == (whole, 0)


# Labels and errors


@pytest.mark.parametrize(
    "label", ["{", "}", "|", "<", ">", '"', "\\", "\\\\", "\\n", "a\\", "<b>x</b>", "&amp;", "[", "é∂"]
)
@pytest.mark.parametrize("kind", [Value, Parameter])
def test_a_label_shows_as_it_is(label, kind):
    svg = draw_graph(kind(1.0, label)).pipe(encoding="utf-8")
    shown = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    texts = [text.replace("&#45;", "-").replace("&quot;", '"') for text in re.findall(r">([^<>]*)</text>", svg)]
    assert texts[0] == shown


def test_control_characters_and_length_do_no_harm():
    svg = draw_graph(Value(1.0, "a\x00\x1b\ud800" + "b" * 500)).pipe("svg")
    minidom.parseString(svg)
    assert len(max(re.findall(r">([^<>]*)</text>", svg.decode()), key=len)) == 40


@pytest.mark.parametrize("wrong", [3.0, None, "x", [], [Value(1.0), 2.0], Value])
def test_something_else_than_a_value_is_refused(wrong):
    with pytest.raises(TypeError, match="draws a Value"):
        draw_graph(wrong)


def test_a_function_is_to_be_called_first():
    with pytest.raises(TypeError, match="call it, and draw what it returns"):
        draw_graph(MLP(2, [1]))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"direction": "up"}, "'LR', 'RL', 'TB', 'BT', but was 'up'"),
        ({"budget": 0}, "1 or more, but was 0"),
        ({"budget": 1.5}, "1 or more, but was 1.5"),
        ({"precision": 0}, "precision must be a whole number, 1 or more, but was 0"),
    ],
)
def test_a_setting_out_of_range_is_refused(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        draw_graph(square(), **wrong)


def test_draw_dot_draws_the_same():
    assert draw_dot(square()).source == draw_graph(square()).source


@pytest.mark.parametrize("seed", range(40))
def test_any_text_is_drawn_as_xml(seed):
    random = Random(seed)
    signs = "{}|<>\"\\&;#N\n\t\r\0\x07\x1b\x7f\x85\xa0\u2028\ufffe\uffff\ufdd0\ud800\udfffé∂ab/*=[]().,:-_$%^~'`@!?"
    texts = ["".join(random.choices(signs, k=random.randint(1, 12))) + "." for _ in range(3)]
    y = Value(1.0, texts[0]) * Parameter(2.0, texts[1])
    y.label = texts[2]
    diagram = draw_graph(y, derivatives=True)
    diagram.source.encode()
    minidom.parseString(diagram.pipe(encoding="utf-8"))


@pytest.mark.parametrize("label", [None, "x" * 10_000])
def test_labels_of_any_length_are_drawn(label):
    x = Value(2.0)
    x.label = label
    y = x * x
    picture = draw_graph(y).pipe("svg", encoding="utf-8")
    assert str(label)[:20] in picture or label is None
