"""The step-by-step account: complete, plain data, and right to the last bit."""

import copy
import json
import math
import pickle
import re
import sys
import tracemalloc
import weakref
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from oracles import ORACLES

from engine import Value, dot, exp, log, maximum, relu, tanh, total, trace
from engine.apply import apply
from engine.formula import Formula, worded
from engine.ops import TABLE
from engine.trace import Trace
from nn import MLP, Layer, Neuron, hinge


def example():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    d = c + a
    d.label = "d"
    return a, b, c, d


def test_the_events_come_in_order_and_say_everything():
    *_, d = example()
    account = trace(d)
    assert [(e["phase"], e["node"]) for e in account["events"]] == [
        ("forward", "v3"),
        ("forward", "v4"),
        ("seed", "v4"),
        ("backward", "v4"),
        ("backward", "v4"),
        ("backward", "v3"),
        ("backward", "v3"),
    ]
    first, last = account["events"][0], account["events"][-2]
    assert first["operation"] == "mul"
    assert first["operands"] == ["v1", "v2"]
    assert (first["values"], first["result"]) == ([2.0, -3.0], -6.0)
    assert first["sentence"] == "v3 = a * b = 2 * (-3) = -6"
    assert last | {"source": None} == {
        "phase": "backward",
        "node": "v3",
        "operation": "mul",
        "operand": "v1",
        "position": 0,
        "rule": "b",
        "local": -3.0,
        "upstream": 1.0,
        "contribution": -3.0,
        "before": 1.0,
        "after": -2.0,
        "received": 2,
        "expected": 2,
        "source": None,
        "sentence": "dd/da += dd/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2",
    }


def test_nodes_say_what_they_are():
    *_, d = example()
    a, _, c, d = trace(d)["nodes"]
    assert (a["id"], a["name"], a["kind"], a["data"], a["gradient"], a["uses"]) == ("v1", "a", "input", 2.0, -2.0, 2)
    assert (c["operation"], c["operands"], c["formula"], c["static"]) == ("mul", ["v1", "v2"], "a * b", {})
    assert d["name"] == "d"


def test_the_source_is_the_users_own_line():
    a = Value(2.0)
    b = tanh(a)
    c = b * a  # the line to find
    account = trace(c)
    source = account["events"][1]["source"]
    assert Path(source["file"]) == Path(__file__)
    assert source["text"] == "c = b * a  # the line to find"
    assert source["function"] == "test_the_source_is_the_users_own_line"
    assert Path(__file__).read_text().splitlines()[source["line"] - 1].strip() == source["text"]
    assert account["events"][0]["source"]["text"] == "b = tanh(a)"
    assert account["nodes"][0]["source"]["text"] == "a = Value(2.0)"
    method = a.exp()
    assert trace(method)["events"][0]["source"]["text"] == "method = a.exp()"


def bit_for_bit(value, expand=False):
    account = trace(value, expand=expand)
    gradients = {node["id"]: node["gradient"] for node in account["nodes"]}
    running = {account["output"]: 1.0}
    for event in account["events"]:
        if event["phase"] == "backward":
            assert event["contribution"] == event["upstream"] * event["local"] or math.isnan(event["contribution"])
            assert event["upstream"] == running[event["node"]]
            assert event["before"] == running.get(event["operand"], 0.0)
            running[event["operand"]] = event["after"]
    assert running == gradients
    return account


@pytest.mark.parametrize("expand", [False, True])
def test_its_gradients_are_the_engines_bit_for_bit(expand):
    model = MLP(2, [4, 3, 1], activation="tanh", seed=3)
    x = [Value(0.3), Value(-0.7)]
    cost = total([hinge(model(x), 1), exp(model(x)), maximum(*x) ** 2 / 3])
    account = bit_for_bit(cost, expand)
    cost.backward()
    leaves = [n for n in account["nodes"] if n["kind"] in ("parameter", "input")]
    assert sorted(n["gradient"] for n in leaves) == sorted(p.grad for p in [*model.parameters(), *x])


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row_can_be_traced_and_written(name):
    oracle = ORACLES[name]
    for static in oracle.static:
        xs = [Value(x) for x in oracle.points[0]]
        output = apply(TABLE[name](**static) if static else TABLE[name], *xs)
        account = bit_for_bit(output)
        output.backward()
        assert [node["gradient"] for node in account["nodes"] if node["kind"] == "input"] == [x.grad for x in xs]
        latex = account.latex()
        assert latex.count("{") == latex.count("}")
        assert "_" not in re.sub(r"v_\{\d+\}|\\log_", "", latex).replace(r"\_", "")
        json.loads(account.to_json())
        str(account)


def test_rules_are_the_formulas_of_the_table():
    x = Value(0.5, label="x")
    rules = {
        "tanh": "1 - v2 * v2",
        "exp": "v2",
        "log": "1 / x",
        "sqrt": "0.5 / v2",
        "sin": "cos(x)",
        "cos": "-sin(x)",
        "sigmoid": "v2 * (1 - v2)",
        "relu": "step(x)",
        "absolute": "step(x) - step(-x)",
    }
    for name, rule in rules.items():
        assert trace(apply(TABLE[name], x))["events"][-1]["rule"] == rule
    assert trace(x**3)["events"][-1]["rule"] == "3 * x**2"


def test_it_is_shown_in_a_line_and_as_tables_that_fold():
    account = trace(MLP(2, [3, 3, 1], seed=1)([1.0, 2.0]))
    assert repr(account) == "Trace of v40: 13 steps forward, 43 backward (print it for the table)"
    page = account._repr_html_()
    tables = re.findall(r"<details( open)?><summary>([^<]*)</summary>(.*?)</details>", page, re.S)
    assert [(opened, title) for opened, title, _ in tables] == [
        ("", "Leaves (25)"),
        ("", "Forward (13)"),
        ("", "Backward, from dv40/dv40 = 1 (43)"),
    ]
    rows = [re.findall("<tr><td.*?</tr>", table) for _, _, table in tables]
    assert [len(table) for table in rows] == [25, 13, 43]
    cells = [re.findall(">([^<>]*)</td>", row) for table in rows for row in table]
    assert ["v13", "relu(v12)", "v12 = 4.18708", "4.18708"] in cells
    assert ["v13", "v31", "0.226777", "W2[1,0] = 0.1089", "0.024696", "0.0316001 (waits for 1 more)"] in cells


def test_a_long_account_is_cut_where_it_is_shown_and_whole_as_data():
    account = trace(total(Value(i, label=f"<x{i}>") for i in range(1000)))
    page = account._repr_html_()
    assert "… and 800 more</p>" in page
    assert "&lt;x199&gt;" in page
    assert "x900" not in page
    text = str(account).splitlines()
    assert '… and 800 more leaves, in its "nodes"' in text
    assert '… and 801 more steps back, in its "events"' in text
    assert "<x199> = 199" in text
    assert len(text) == 1 + 200 + 1 + 5 + 1 + 1 + 200 + 1  # with headings, the one step forward and an empty line
    assert text[206].endswith(" = 499500")
    assert len(account["events"]) == 1002


def test_the_text_fits_a_page():
    text = str(trace(MLP(2, [16, 16, 1], seed=1)([1.0, 2.0])))
    assert max(map(len, text.splitlines())) <= 100
    whole = text.replace("\n    ", " ").splitlines()
    assert whole.index("forward") < whole.index("") < whole.index("backward")
    assert whole[-1] == '… and 442 more steps back, in its "events"'
    short = str(trace(MLP(2, [3, 2, 1], seed=1)([1.0, 2.0])))
    assert short.splitlines()[-1].startswith("dv33/db1[0] += ")


def test_a_dot_can_be_unfolded():
    neuron = Neuron(2, activation="relu", seed=1)
    y = neuron([Value(1.0, label="x1"), Value(2.0, label="x2")])
    folded, unfolded = trace(y), trace(y, expand=True)
    assert [e["operation"] for e in folded["events"] if e["phase"] == "forward"] == ["dot", "relu"]
    assert [e["operation"] for e in unfolded["events"] if e["phase"] == "forward"] == [
        "mul",
        "mul",
        "add",
        "add",
        "relu",
    ]
    values = {n["name"]: (n["data"], n["gradient"]) for n in folded["nodes"] if n["kind"] != "operation"}
    assert values == {n["name"]: (n["data"], n["gradient"]) for n in unfolded["nodes"] if n["kind"] != "operation"}


def test_it_prints_as_two_columns():
    *_, d = example()
    assert str(trace(d)).splitlines() == [
        "forward                      backward",
        "a = 2                        dd/dd = 1",
        "b = -3                       dd/dv3 += dd/dd * dd/dv3 = 1 * 1 = 1",
        "v3 = a * b = 2 * (-3) = -6   dd/da += dd/dd * dd/da = 1 * 1 = 1, now 1",
        "d = v3 + a = -6 + 2 = -4     dd/da += dd/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2",
        "                             dd/db += dd/dv3 * dv3/db = 1 * a = 1 * 2 = 2",
    ]


def test_latex_is_the_chain_rule_with_numbers():
    w = Value(2.0, label="w1")
    lines = trace(w**2 / 4).latex().splitlines()
    assert lines[0] == r"\begin{aligned}"
    assert lines[1] == r"v_{2} &= w_{1}^{2} = 2^{2} = 4 \\"
    assert lines[2] == r"v_{4} &= \frac{v_{2}}{4} = \frac{4}{4} = 1 \\"
    assert lines[-2] == (
        r"\frac{\partial v_{4}}{\partial w_{1}} &\mathrel{+}= \frac{\partial v_{4}}{\partial v_{2}} \cdot "
        r"\frac{\partial v_{2}}{\partial w_{1}} = 0.25 \cdot 4 = 1"
    )


def test_latex_is_what_a_real_typesetter_takes():
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("agg")
    a, b = Value(1e-9, label="weight_1%"), Value(-3.0, label="x")
    for line in trace(exp(a * b) + log(abs(b)) ** 2).latex().splitlines()[1:-1]:
        text = line.removesuffix(r" \\").replace("&", "").replace(r"\mathrel{+}=", "=").replace(r"\left|", "|")
        parser.parse(f"${text.replace(chr(92) + 'right|', '|')}$")


def test_labels_that_are_not_unique_give_way_to_ids():
    a, b = Value(2.0, label="w"), Value(3.0, label="w")
    assert [node["name"] for node in trace(a * b)["nodes"]] == ["v1", "v2", "v3"]


def test_it_is_plain_data():
    x = Value(0.0, label="x")
    account = trace(log(x) * np.float64(2))
    text = account.to_json(indent=1)
    back = json.loads(text, parse_constant=pytest.fail)
    assert back["nodes"][1]["data"] == "-inf"
    assert back["nodes"][0]["gradient"] == "inf"
    assert json.loads(json.dumps(trace(relu(x)))) == trace(relu(x))


def test_nothing_is_changed_and_a_changed_leaf_does_not_matter():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    account = trace(y)
    assert account["nodes"][0]["gradient"] == 6.0
    assert x.grad == 0.0


def test_a_leaf_alone_and_things_that_are_no_values():
    assert [e["phase"] for e in trace(Value(1.0))["events"]] == ["seed"]
    with pytest.raises(TypeError, match=r"3\.0"):
        trace(3.0)


def test_a_long_chain():
    y = x = Value(1.0)
    for _ in range(20_000):
        y = y + x
    assert trace(y)["nodes"][0]["gradient"] == 20_001


def test_what_nobody_looks_at_is_not_there():
    y = x = Value(1.0, label="x")
    for _ in range(5_000):
        y = (y * x).tanh()
    tracemalloc.start()
    account = trace(y)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert repr(account) == "Trace of v10001: 10,000 steps forward, 15,000 backward (print it for the table)"
    assert taken < 400 * 10_000
    assert (len(account["nodes"]), len(account["events"])) == (10_001, 10_000 + 1 + 15_000)


def test_entries_are_found_as_in_a_list():
    account = trace(example()[-1])
    for entries in (account["nodes"], account["events"]):
        plain = list(entries)
        assert [entries[i] for i in range(-len(plain), len(plain))] == plain * 2
        assert entries[1:3] == plain[1:3]
        assert entries[::-1] == plain[::-1]
        assert entries == plain
        assert plain == entries
        assert entries != plain[1:]
        assert entries != [*plain[1:], plain[0]]
        assert entries != 1
        with pytest.raises(IndexError):
            entries[len(plain)]
    assert account == trace(example()[-1]) | {"nodes": list(account["nodes"]), "events": list(account["events"])}


def test_what_is_done_later_does_not_show():
    a, b = Value(2.0, label="a"), Value(3.0)
    c = Value(8.0, (a, b), "power")

    def _backward():
        a.grad += 12.0 * c.grad
        b.grad += a.data * c.grad

    c._backward = _backward
    d = c * a
    before, account = json.dumps(trace(d)), trace(d)
    a.data, a.label, d.label, c.data = 7.0, "changed", "too", 1.0
    c._prev = (b,)
    d.backward()
    assert json.dumps(account) == before


@pytest.mark.parametrize("name", sorted(name for name in TABLE if TABLE[name].arity is None))
def test_the_rules_of_many_operands_do_not_name_all_of_them(name):
    def length(n):
        events = trace(apply(TABLE[name], *[Value(0.1 * i) for i in range(n)]))["events"]
        return sum(len(event["sentence"]) + len(event.get("rule", "")) for event in events)

    assert length(400) < 5 * length(100)


def test_of_many_operands_a_rule_names_the_first_three_and_the_last():
    account = trace(maximum(*[Value(float(i)) for i in range(9)]))
    ties = "sum(equal(v1, v10), equal(v2, v10), equal(v3, v10), …, equal(v9, v10))"
    assert account["events"][-1]["rule"] == f"equal(v9, v10) / {ties}"
    assert account["events"][0]["sentence"].startswith("v10 = max(v1, v2, v3, v4, v5, v6, v7, v8, v9) = ")


def test_an_operation_on_many_operands_is_told_in_linear_time():
    xs = [Value(-1.0) for _ in range(8000)]
    account = trace(dot(xs[:4000], xs[4000:]))
    forward, last = account["events"][0], account["events"][-1]
    assert forward["sentence"].startswith("v8001 = dot(v1, v2, ")
    assert forward["sentence"].endswith(", -1, -1) = 4000")
    assert last["sentence"] == "dv8001/dv8000 += dv8001/dv8001 * dv8001/dv8000 = 1 * v4000 = 1 * (-1) = -1"


def test_dots_are_told_with_their_operands():
    w, x = Value(2.0, label="w"), Value(5.0, label="x")
    assert trace(dot([w], [x], 1.0))["events"][0]["sentence"] == "v4 = dot(w, x, 1) = dot(2, 5, 1) = 11"


def test_a_label_that_looks_like_another_nodes_id_gives_way():
    account = trace(Value(2.0, label="v2") * Value(3.0, label="v2x"))
    assert [node["name"] for node in account["nodes"]] == ["v1", "v2x", "v3"]
    assert trace(Value(2.0, label="v1") * Value(3.0))["nodes"][0]["name"] == "v1"


@pytest.mark.parametrize(
    "label", ["two\nlines", "a\n\nblank one", "\ufffe", "\x1b[31m", "\r", "50% {a_b} & $x^2$ #1 \\~"]
)
def test_labels_break_neither_table_nor_latex(label):
    account = trace(Value(2.0, label=label) * 3.0)
    plain = trace(Value(2.0, label="x" * len(label)) * 3.0)
    assert len(str(account).splitlines()) == len(str(plain).splitlines())
    latex = account.latex()
    assert len(latex.splitlines()) == len(plain.latex().splitlines())
    assert latex.replace("\n", "").isprintable()
    assert not re.search(r"(?<!\\)[%$#]", latex)
    assert str(account).replace("\n", "").isprintable()
    json.loads(account.to_json())


def test_latex_of_large_numbers_and_odd_labels():
    latex = trace(Value(1e20, label="lr") ** 2).latex()
    assert r"\left(1 \cdot 10^{20}\right)^{2}" in latex
    assert r"\mathit{lr}" in latex
    assert r"\mathit{x\_}" in trace(Value(1.0, label="x_") * 2).latex()


def test_the_line_of_a_network_is_the_one_that_calls_it():
    model = MLP(2, [2, 1], seed=1)
    y = model([1.0, 2.0])  # the networks line
    loss = hinge(y, 1)  # the loss line
    texts = {e["source"]["text"] for e in trace(loss)["events"] if e["phase"] == "forward"}
    assert texts == {"y = model([1.0, 2.0])  # the networks line", "loss = hinge(y, 1)  # the loss line"}
    made = {node["source"]["text"] for node in trace(loss)["nodes"] if node["kind"] == "parameter"}
    assert made == {"model = MLP(2, [2, 1], seed=1)"}
    neuron = model.layers[0].neurons[0]
    z = neuron([3.0, 4.0])  # a neuron alone
    assert trace(z)["events"][0]["source"]["text"] == "z = neuron([3.0, 4.0])  # a neuron alone"


@pytest.mark.parametrize("expand", [False, True])
def test_every_node_says_in_which_parts_of_a_model_it_is(expand):
    model = MLP(2, [2, 1], activation="tanh", output_activation="sigmoid", seed=1)
    y = model([Value(1.0, "x1"), Value(2.0, "x2")])
    nodes = trace((y - 1) ** 2, expand=expand)["nodes"]
    inside = {node["name"]: node["parts"] for node in nodes if node["parts"]}
    assert inside["W1[1,0]"] == inside["b1[1]"] == ["layer 1", "neuron 1"]
    assert inside["b2[0]"] == ["layer 2", "neuron 0"]
    operations = {tuple(node["parts"]): [] for node in nodes if node["kind"] == "operation"}
    for node in nodes:
        if node["kind"] == "operation":
            operations[tuple(node["parts"])].append(node["operation"])
    dot_ = ["mul", "mul", "add", "add"] if expand else ["dot"]
    assert operations == {
        ("layer 1", "neuron 0"): [*dot_, "tanh"],
        ("layer 1", "neuron 1"): [*dot_, "tanh"],
        ("layer 2", "neuron 0"): [*dot_, "sigmoid"],
        (): ["sub", "power"],
    }


def test_what_is_done_to_a_neurons_result_elsewhere_is_no_part_of_it():
    y = Layer(1, 1, "linear", seed=1)([1.0])[0]
    assert [node["parts"] for node in trace(tanh(y))["nodes"][-2:]] == [["neuron 0"], []]


def test_two_models_are_two_parts():
    a, b = MLP(1, [1], seed=1), MLP(1, [1], seed=2)
    nodes = trace(a([1.0]) - b([1.0]))["nodes"]
    assert [node["parts"] for node in nodes if node["kind"] == "operation"] == [
        ["model 1", "layer 1", "neuron 0"],
        ["model 2", "layer 1", "neuron 0"],
        [],
    ]


def test_leaves_that_one_node_alone_uses_are_a_bundle():
    x = [Value(1.0), Value(2.0)]
    nodes = trace(Neuron(2, seed=1)(x) + x[0])["nodes"]
    assert [node.get("bundle") for node in nodes] == ["v6_parameters"] * 2 + [None] * 2 + ["v6_parameters"] + [None] * 3
    assert not any(node.get("bundle") for node in trace(Neuron(2, seed=1)(x), expand=True)["nodes"])


def test_the_parts_of_an_unfolded_node_were_made_where_it_was():
    y = dot([Value(1.0), Value(2.0)], [3.0, 4.0])  # the line of all
    sources = {event["source"]["text"] for event in trace(y, expand=True)["events"] if event["phase"] == "forward"}
    assert sources == {"y = dot([Value(1.0), Value(2.0)], [3.0, 4.0])  # the line of all"}


def test_a_dot_of_nothing_but_a_bias_stays_folded():
    assert trace(apply(TABLE["dot"], Value(2.0)), expand=True)["events"][0]["operation"] == "dot"


def test_an_account_can_be_copied_and_pickled():
    account = trace(example()[-1])
    for copied in (copy.deepcopy(account), pickle.loads(pickle.dumps(account))):
        assert copied == account
        assert repr(copied) == repr(account)
        assert copied._repr_html_() == account._repr_html_()
        assert (str(copied), copied.latex()) == (str(account), account.latex())


def test_places_in_code_that_is_made_by_the_thousand_are_forgotten():
    names = {"x": Value(2.0)}
    codes = []
    for i in range(50):
        code = compile(f"y = x * {i}", f"<made {i}>", "exec")
        codes.append(weakref.ref(code))
        exec(code, names)
        del code
        assert trace(names["y"])["events"][0]["source"]["file"] == f"<made {i}>"
    assert [code() is not None for code in codes] == [False] * 49 + [True]  # the last result remembers where it is from


def test_a_part_of_a_trace_is_the_same_of_one_that_was_read_from_json():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    whole = trace(relu(c + a) * a + dot([a, b], [c, 2.0]) * c)
    read = Trace(json.loads(whole.to_json()))
    ids = [node["id"] for node in whole["nodes"]]
    for n in range(3):
        for wanted, beside in product(combinations(ids, n), combinations(ids, 2)):
            part = whole.part(wanted, beside)
            assert part == read.part(wanted, beside)
            known = {node["id"]: node for node in part["nodes"]}
            assert known.keys() >= {*wanted, *beside}
            ends = {event["operand"]: event["after"] for event in part["events"] if event["phase"] == "backward"}
            for id in {*wanted, *beside} - {whole["output"]}:
                assert ends[id] == known[id]["gradient"]
            for event in part["events"]:
                assert {event["node"], event.get("operand", event["node"])} <= known.keys()
    assert whole.part(ids) == whole


def test_of_what_is_beside_a_part_of_a_trace_only_what_passes_to_and_from_it_is_told():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    whole = trace(a * b + a)
    assert [event["sentence"] for event in whole.part([], ["v1", "v2"])["events"]] == [
        "v3 = a * b = 2 * (-3) = -6",
        "v4 = v3 + a = -6 + 2 = -4",
        "dv4/dv4 = 1",
        "dv4/da += dv4/dv3 * dv3/da = 1 * b = 1 * (-3) = -3, now -2",
        "dv4/db += dv4/dv3 * dv3/db = 1 * a = 1 * 2 = 2",
    ]
    # with v3 itself, what it gets and hands on, but not what a gets from v4
    sentences = [event["sentence"] for event in whole.part(["v3"], ["v1", "v2", "v4"])["events"]]
    assert sentences == [event["sentence"] for event in whole["events"] if "dv4/da += dv4/dv4" not in event["sentence"]]


@pytest.mark.parametrize("name", TABLE)
def test_no_sign_stands_before_a_minus(name):
    op = TABLE[name](**ORACLES[name].static[0]) if ORACLES[name].static[0] else TABLE[name]
    negative = [Formula.of(-2.0)] * (op.arity or 3)
    for written in (worded(op, "y", negative).formula, Formula.apply(op, *negative).latex):
        assert not re.search(r"[-+] ?-|[*/] -|\\cdot -", written), written


def test_a_table_writes_a_node_of_very_many_operands_a_few_times_however_many_steps_lead_back_from_it(monkeypatch):
    account = trace(maximum(*[2.0 * Value(float(i)) for i in range(300)]))
    written = []
    told = sys.modules[Trace.__module__]  # engine.trace itself, and not the function of that name
    monkeypatch.setattr(told, "worded", lambda op, *rest: written.append(op.name) or worded(op, *rest))
    for show in (str, repr, Trace._repr_html_):
        written.clear()
        show(account)
        assert written.count("maximum") < 5
