"""The rules that a page computes by: of every row of the op table, and the users' own, its numbers are the engine's."""

import json
import math
import struct
import subprocess
from itertools import product
from pathlib import Path

import pytest
from browser import needs_node
from oracles import ORACLES

from engine import Value, ieee, operation, trace
from engine.apply import apply
from engine.op import FLAT, row_named
from engine.ops import TABLE
from viz.explorer.rules import ARITHMETIC, FUNCTIONS, rules_of

HERE = Path(__file__).parent
SPECIAL = (0.0, 0.5, 1.0, -0.0, -1e308, 2.0, math.inf, -1.0, math.nan, 1e308, -math.inf, 5e-324)

# Where the browser's Math and Python's differ in the last digits, by how many floats; all else is the same bit by bit.
APART = {
    "acosh": 1, "asinh": 2, "atan2": 2, "cbrt": 1, "cos": 1, "cosh": 1, "erf": 2, "exp": 1, "expm1": 1, "gelu": 2,
    "hypot": 1, "logsumexp": 1, "normal_cdf": 1, "pow": 1, "power": 1, "sin": 1, "sinh": 1, "tan": 1,
}  # fmt: skip

# From Python 3.12 on sum() makes up for rounding, as a page does not.
CORRECTED = {"dot", "norm", "total", "weighted_sum"} if sum([1e16, 1.0, -1e16]) == 1.0 else set()


def node(script, given):
    """What a script gives for JSON."""
    command = ["node", str(HERE / script)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def plain(x):
    return x if math.isfinite(x) else repr(x)


def read(x):
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    return words[x] if x in words else float(x)


def floats_apart(a, b):
    """How many floats there are between two; 0 for the same, also of zeros and nans."""
    if math.isnan(a) or math.isnan(b):
        return 0 if math.isnan(a) and math.isnan(b) else math.inf
    places = [(n if n >= 0 else -(n & 0x7FFFFFFFFFFFFFFF)) for n in struct.unpack("<2q", struct.pack("<2d", a, b))]
    return abs(places[0] - places[1]) or 0.5 * (math.copysign(1, a) != math.copysign(1, b))


def rule_of(name, static, n):
    return rules_of([{"operation": name, "static": static, "operands": [""] * n}])[0]


@needs_node
def test_every_row_gives_the_engines_numbers_in_a_page():
    rules, cases, expected = [], [], []
    for name, oracle in ORACLES.items():
        op = TABLE[name]
        special = product(SPECIAL if op.arity else SPECIAL[::2], repeat=op.arity or 3)
        points = [*oracle.points, *oracle.extreme, *special]
        for static in oracle.static:
            row = op(**static) if static else op
            places = {}
            for xs in points:
                n = len(xs)
                if n not in places:
                    places[n] = len(rules)
                    rules.append(rule_of(name, static, n))
                z = row.value(ieee, *xs)
                cases.append([places[n], [*map(plain, xs)], plain(z)])
                expected.append((name, static, xs, [z, *row.partials(ieee, z, *xs)]))
    assert {name for name, *_ in expected} == set(TABLE)
    apart = dict.fromkeys(TABLE, 0)
    answered = node("evaluate.js", {"rules": rules, "cases": cases})
    for (name, static, xs, numbers), answers in zip(expected, answered, strict=True):
        for right, answer in zip(numbers, answers, strict=True):
            assert (right is FLAT) == (answer == "flat"), (name, static, xs)
            if right is not FLAT and name not in CORRECTED:
                distance = floats_apart(float(right), read(answer))
                apart[name] = max(apart[name], distance)
                assert distance <= APART.get(name, 0), (name, static, xs, right, answer)
    assert {name for name, distance in apart.items() if distance} <= set(APART)


def test_the_page_knows_the_functions_that_rules_are_made_of():
    text = (HERE.parents[2] / "viz/explorer/page/ieee.js").read_text(encoding="utf-8")
    known = text.partition("FLOATS = {")[2]
    used = {step[0] for name in TABLE for static in ORACLES[name].static
            for step in rule_of(name, static, TABLE[name].arity or 3)["steps"]}  # fmt: skip
    for name in {*FUNCTIONS, *ARITHMETIC, *used}:
        assert f"\n  {name}:" in known or f"\n  {name}," in known, name


def test_functions_of_floats_are_all_there():
    own = {name for name, f in vars(ieee).items() if getattr(f, "__module__", "") == "engine.ieee"}
    assert own - {"without_exceptions", "take"} - set(TABLE) <= set(FUNCTIONS)


@operation
def bent_for_rules(m, x, *, by):
    return (m.sqrt(x * x + by) - 1) / 2 + m.relu(x)


floaty = operation(lambda m, x: math.gamma(x), lambda m, z, x: -z, name="floaty_for_rules")
half_floaty = operation(lambda m, x: x * x, lambda m, z, x: 2 * float(x), name="half_floaty_for_rules")
branching = operation(lambda m, x: x if x > 0 else 0.0, lambda m, z, x: m.step(x), name="branching_for_rules")


@needs_node
def test_a_users_own_row_is_computed_in_a_page():
    x = Value(0.7)
    rules = rules_of(trace(bent_for_rules(x, by=1.5))["nodes"])
    row = row_named("bent_for_rules", (("by", 1.5),))
    z = row.value(ieee, 0.3)
    ((value, slope),) = node("evaluate.js", {"rules": rules, "cases": [[0, [0.3], z]]})
    assert (value, slope) == (z, *row.partials(ieee, z, 0.3))


@pytest.mark.parametrize("function", [floaty, half_floaty, branching])
def test_a_row_that_needs_floats_says_so(function):
    (rule,) = rules_of(trace(function(Value(2.5)))["nodes"])
    assert rule["value"] is None or rule["partials"] is None
    assert "needs floats" in rule["reason"]


def test_a_node_made_by_hand_says_so():
    x = Value(0.5)
    y = Value(math.atan(x.data), (x,), "atan")
    y._backward = lambda: None
    (rule,) = rules_of(trace(y)["nodes"])
    assert rule["by_hand"]
    assert rule["value"] is rule["partials"] is None
    assert "by hand" in rule["reason"]


def test_each_row_is_there_once_and_fit_for_json():
    x = Value(0.5)
    y = x.clip(low=0.0) * x * x + apply(TABLE["maximum"], x, 1.0, 2.0) + apply(TABLE["maximum"], x, 1.0)
    rules = rules_of(trace(y)["nodes"])
    assert [(rule["operation"], rule["operands"]) for rule in rules] == [
        ("clip", 1), ("mul", 2), ("maximum", 3), ("add", 2), ("maximum", 2),
    ]  # fmt: skip
    assert rules[0]["static"] == {"low": 0.0, "high": "inf"}
    json.dumps(rules, allow_nan=False)
