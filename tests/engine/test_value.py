"""What a Value is: arithmetic, gradients, and what it refuses."""

import copy
import gc
import io
import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from engine import (
    Constant,
    Dual,
    Value,
    absolute,
    dot,
    elementary,
    elu,
    exp,
    leaky_relu,
    log,
    maximum,
    ops,
    relu,
    sigmoid,
    softmax,
    softplus,
    step,
    tanh,
    topological_order,
    total,
)
from engine.op import NOT_YET
from engine.source import source_of
from engine.value import record
from nn import MLP, Parameter


def test_a_result_remembers_how_it_was_made():
    a, b = Value(2, label="a"), Value(3)
    c = a * b
    assert (c.data, c.op.name, c.operands, c.operand_data, a.label) == (6.0, "mul", (a, b), (2.0, 3.0), "a")
    assert a.op is None
    assert a.operands == ()


def test_operand_order_and_repeated_operands_are_kept():
    a, b = Value(2), Value(3)
    assert (a - b).operands == (a, b)
    assert (b - a).operands == (b, a)
    assert (a * a).operands == (a, a)
    assert (1 - a).operands[1] is a
    assert isinstance((1 - a).operands[0], Constant)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x * y,
        lambda x, y: x / y,
        lambda x, y: x**y,
        lambda x, y: -x + +y,
        lambda x, y: abs(-x) * y,
        lambda x, y: 2 + x * 3 - 4 / y,
        lambda x, y: (5 - x) / (2 * y) + 2**x + x**-2 + x**0.5,
    ],
)
def test_operators_compute_what_floats_do(function):
    assert function(Value(1.5), Value(2.5)).data == pytest.approx(function(1.5, 2.5), rel=1e-15)


def test_one_operation_is_one_node():
    a, b = Value(2), Value(3)
    for result in (a - b, a / b, -a, a**2, tanh(a), total([a, b]), dot([a], [b], a)):
        assert len(topological_order(result)) == 1 + len(set(result.operands))


def test_micrograds_second_backward():
    x = Value(3)
    y = x**3
    y.backward()
    assert x.grad == 27
    y.backward()
    assert (x.grad, y.grad) == (54, 1)


def test_interior_gradients_are_those_of_the_last_pass():
    x = Value(2)
    y = x * 3
    z, w = y * y, y + 1
    z.backward()
    assert (y.grad, x.grad) == (12, 36)
    w.backward()
    assert (y.grad, x.grad) == (1, 39)


def test_backward_from_a_leaf():
    x = Value(2)
    x.backward()
    assert x.grad == 1


def test_the_order_matters():
    a = Value(3)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad) == (4, 2)


def test_a_later_change_of_a_leaf_does_not_falsify_the_gradient():
    x, y = Value(3), Value(4)
    z = x * y
    x.data, y.data = 100, 100
    z.backward()
    assert (x.grad, y.grad) == (4, 3)


def test_gradients_that_nobody_computed_are_known():
    x = Value(3)
    y = x * 2
    assert x.grad is NOT_YET
    assert x.grad == 0
    assert repr(y) == "Value(data=6)"
    y.backward()
    assert repr(x) == "Value(data=3, grad=2)"


def test_sum_leaves_no_spurious_constant():
    a, b = Value(1), Value(2)
    assert sum([a, b]).operands == (a, b)
    assert 0.0 + a is not a


def test_a_constant_power_never_takes_a_logarithm():
    for base, slope in ((0.0, 0.0), (-3.0, -6.0)):
        x = Value(base)
        (x**2).backward()
        assert x.grad == slope


def test_value_to_the_power_of_value():
    x, y = Value(2.0), Value(3.0)
    (x**y).backward()
    assert x.grad == pytest.approx(12)
    assert y.grad == pytest.approx(8 * math.log(2))
    (2**y).backward()
    assert (x**2.0).op == (x**2).op


def given_to_a_parameter(x):
    parameter = Parameter(0.0)
    parameter.data = x
    return parameter.data


def given_as_a_gradient(x):
    parameter = Parameter(0.0)
    parameter.grad = x
    return parameter.grad


def added_to_a_gradient(x):
    value = Value(0.0)
    value.grad += x
    return value.grad


WAYS_IN = [lambda x: Value(x).data, lambda x: Parameter(x).data, given_to_a_parameter, given_as_a_gradient]


@pytest.mark.parametrize("way_in", WAYS_IN)
@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("3", ["'3'", "str"]),
        (None, ["None"]),
        (1j, ["1j", "complex"]),
        (np.complex64(1j), ["complex64"]),
        ([1.0], ["[1.0]", "list"]),
        (np.array([1.0]), ["ndarray"]),
        (Value(1), ["Value(data=1)", "already", ".data"]),
        (Value(1) * 2, ["Value(data=2)", "already", ".data"]),
        (Dual(1.0, 1.0), ["Dual(", "already"]),
        (Decimal("0.1"), ["Decimal"]),
        (object, ["<class 'object'>"]),
    ],
)
def test_what_is_no_real_number_is_refused_at_once(way_in, given, names):
    if way_in is given_as_a_gradient and given is None:
        return
    with pytest.raises(TypeError) as error:
        way_in(given)
    for name in names:
        assert name in str(error.value)


REALS = [3, 3.0, True, Fraction(7, 2), np.float32(3.5), np.float64(3), np.int64(3), np.uint8(200), np.bool_(True),
         np.array(3), np.float16(0.5)]  # fmt: skip


@pytest.mark.parametrize("way_in", [*WAYS_IN, added_to_a_gradient])
@pytest.mark.parametrize("given", REALS, ids=lambda x: type(x).__name__)
def test_a_real_number_of_any_kind_becomes_a_float(way_in, given):
    assert type(way_in(given)) is float
    assert way_in(given) == float(given)


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_an_int_beyond_the_floats_is_infinite(way_in):
    assert [way_in(10**400), way_in(-(10**400))] == [math.inf, -math.inf]


def test_numbers_that_are_assigned_do_not_spread():
    x = Value(0.0)
    x.data = np.uint8(200)
    assert (x + 100.0).data == 300.0
    x.data = 3
    assert (float(x), math.sqrt(x), type(x.data)) == (3.0, math.sqrt(3), float)
    x.data -= np.float32(0.5)
    assert (type(x.data), x.data) == (float, 2.5)


def test_no_gradient_is_not_yet():
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = y.grad = None
    assert (x.grad is NOT_YET, x.grad == 0.0, repr(x)) == (True, True, "Value(data=3)")
    y.backward()
    assert x.grad == 6.0
    x.grad = None
    x.grad += 1
    assert x.grad == 1.0


def test_the_number_of_a_result_is_what_was_computed():
    x = Value(2.0)
    for y in (exp(x), x * 3, total([x, x, x])):
        before = y.data
        with pytest.raises(TypeError, match="was computed"):
            y.data = 5.0
        with pytest.raises(TypeError, match="was computed"):
            y.data += 1.0
        assert y.data == before


@pytest.mark.parametrize("label", [["a"], 1, 2.5, ("a",), {"a"}, b"a", np.array(["a"]), Value(1)])
def test_a_label_is_text(label):
    for kind in (Value, Parameter):
        with pytest.raises(TypeError, match="a label is text"):
            kind(1.0, label=label)
        x = kind(1.0)
        with pytest.raises(TypeError, match="a label is text"):
            x.label = label
        assert x.label == ""
    y = x * 2
    with pytest.raises(TypeError, match="a label is text"):
        y.label = label


def test_labels():
    x = Value(1.0, "x")
    assert (x.label, Value(1.0, label="x").label, Value(1.0, label=None).label) == ("x", "x", "")
    x.label = None
    assert x.label == ""
    x.label = np.str_("w")
    assert (type(x.label), repr(x)) == (str, "Value(data=1, label='w')")


def test_leaves_and_parameters_take_attributes_and_results_do_not():
    for leaf in (Value(1.0), Parameter(1.0)):
        leaf.velocity, leaf._vis_color = 0.5, (1, 2, 3)
        assert (leaf.velocity, leaf._vis_color) == (0.5, (1, 2, 3))
        with pytest.raises(AttributeError):
            leaf.momentum  # noqa: B018
    with pytest.raises(AttributeError, match="velocity"):
        (leaf * 2).velocity = 1.0
    assert not hasattr(leaf * 2, "__dict__")


@pytest.mark.parametrize("given", [2.0, None, "x", [Value(1.0)], Dual(1.0)])
def test_only_values_have_an_order(given):
    with pytest.raises(TypeError, match="topological_order needs Values, but was given"):
        topological_order(Value(1.0), given)


def test_an_int_beyond_the_floats_is_inf():
    assert Value(10**400).data == math.inf
    assert (Value(1) * -(10**400)).data == -math.inf


@pytest.mark.parametrize("foreign", ["x", None, [1], 1j, object()])
def test_foreign_operands_are_pythons_type_error(foreign):
    for operation in (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a / b,
        lambda a, b: a**b,
        lambda a, b: a * b,
    ):
        for operands in ((Value(1), foreign), (foreign, Value(1))):
            with pytest.raises(TypeError):
                operation(*operands)


def test_a_foreign_type_may_answer_itself():
    class Other:
        def __radd__(self, value):
            return "mine"

    assert Value(1) + Other() == "mine"


@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.int64(2), np.bool_(True)])
def test_numpy_scalars_on_either_side(scalar):
    v = Value(3)
    for result, expected in (
        (scalar * v, 3 * float(scalar)),
        (v * scalar, 3 * float(scalar)),
        (scalar - v, float(scalar) - 3),
        (v / scalar, 3 / float(scalar)),
        (scalar + v, 3 + float(scalar)),
    ):
        assert isinstance(result, Value)
        assert result.data == expected
        assert all(type(arg.data) is float for arg in result.operands)


def test_numpy_object_arrays_of_values():
    W = np.array([[Value(1), Value(2)], [Value(3), Value(4)]])
    x = np.array([Value(5), Value(6)])
    y = np.tanh(W @ x + 1)
    assert [v.data for v in y] == [math.tanh(18), math.tanh(40)]
    y.sum().backward()
    assert x[0].grad == pytest.approx(1 * (1 - math.tanh(18) ** 2) + 3 * (1 - math.tanh(40) ** 2))


def test_functions_of_object_arrays_are_those_of_their_elements():
    for function, slope in ((sigmoid, 0.25), (relu, 0.0), (step, 0.0), (softplus, 0.5), (absolute, 0.0)):
        x = Value(0.0)
        y = function(np.array([x, Value(-1.0)]))
        assert all(isinstance(v, Value) for v in y)
        y[0].backward()
        assert x.grad == slope
    assert elu(np.array([Value(-1.0)]), 0.5)[0].data == 0.5 * math.expm1(-1)
    a, b = Value(2.0), Value(2.0)
    maximum(np.array([a]), b)[0].backward()
    assert (a.grad, b.grad) == (0.5, 0.5)


def pickled(x):
    return pickle.loads(pickle.dumps(x))


def pickled_in_python(x):
    file = io.BytesIO()
    pickle._Pickler(file, protocol=2).dump(x)
    return pickle._loads(file.getvalue())


COPIES = [copy.deepcopy, pickled, pickled_in_python, lambda x: pickle.loads(pickle.dumps(x, protocol=0))]


def chain(length):
    x = Value(1.0, label="x")
    nodes = [x]
    for i in range(length):
        nodes.append(nodes[-1] + x if i % 2 else nodes[-1] * 1.0)
    return nodes


@pytest.mark.parametrize("copied", COPIES)
def test_copies_go_as_deep_as_graphs(copied):
    *_, y = chain(3000)
    same = copied(y)
    for node, twin in zip(topological_order(y), topological_order(same), strict=True):
        assert everything_but_operands(node) == everything_but_operands(twin)
        assert node is not twin
    same.backward()
    x = topological_order(same)[0]
    assert (x.label, x.grad, topological_order(y)[0].grad is NOT_YET) == ("x", 1501.0, True)


def test_a_graph_of_100_000_nodes_is_pickled():
    *_, y = chain(100_000)
    assert pickled(y).data == y.data == 50_001.0


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize(
    "some",
    [
        lambda nodes: nodes,
        lambda nodes: nodes[::-1],
        lambda nodes: [nodes[700], nodes[1400], nodes[0], nodes[900], nodes[1400]],
        lambda nodes: {"deep": nodes[-1], "leaf": nodes[0], "list": [nodes[500]]},
    ],
)
def test_what_is_shared_stays_shared_in_copies(copied, some):
    given = some(chain(1500))
    originals, copies = (numbered(x) for x in (given, copied(given)))
    assert originals == copies


def numbered(given):
    """Which nodes are given, and what each was made of, by their number in topological order."""
    values = [*given.values()] if isinstance(given, dict) else given
    values = [node for x in values for node in (x if isinstance(x, list) else [x])]
    order = topological_order(*values)
    number = {node: i for i, node in enumerate(order)}
    return [number[node] for node in values], [[number[operand] for operand in node.operands] for node in order]


class Weight(Parameter):
    def __init__(self, data, group, label=""):
        super().__init__(data, label=label)
        self.group = group


class Slotted(Value):
    __slots__ = ("unit",)


@pytest.mark.parametrize("copied", [copy.copy, *COPIES])
def test_copies_keep_their_class_and_attributes(copied):
    weight = Weight(2.0, {"rate": 0.1}, label="w")
    weight.velocity, weight.grad = [0.5], 3.0
    same = copied(weight)
    assert (type(same), same.data, same.grad, same.label) == (Weight, 2.0, 3.0, "w")
    assert (same.group, same.velocity) == ({"rate": 0.1}, [0.5])
    assert (same.velocity is weight.velocity) == (copied is copy.copy)
    slotted = Slotted(1.0)
    slotted.unit = "m"
    assert (type(copied(slotted)), copied(slotted).unit) == (Slotted, "m")
    leaf = Value(1.0)
    leaf.note = "here"
    assert (copied(leaf).note, hasattr(copied(Value(1.0)), "note")) == ("here", False)
    if copied is not copy.copy:
        y = copied(weight * slotted + leaf)
        assert [type(node) for node in topological_order(y)] == [Weight, Slotted, Value, type(leaf), Value]
        assert [getattr(node, "velocity", None) for node in topological_order(y)] == [[0.5], None, None, None, None]


class Measured(Value):
    __slots__ = ("__dict__", "unit")


class Tagged(Value):
    def __getstate__(self):
        return {"tag": self.tag, "of": self.operands}

    def __setstate__(self, state):
        self.tag = (state["tag"], [type(x) for x in state["of"]])


@pytest.mark.parametrize("copied", COPIES)
def test_copies_of_operations_keep_their_class_and_attributes(copied):
    x = Value(2.0)
    middle, tagged = Measured(4.0, (x, x), "twice"), Tagged(1.0, (x,), "tag")
    middle.unit, middle.again, tagged.tag = "m", [x, middle], "here"
    y = sum(chain(500)[1:], middle * tagged)
    same = copied(y)
    twins = dict(zip(topological_order(y), topological_order(same), strict=True))
    twin = twins[middle]
    assert (type(twin), twin.unit, twin._op, twin.operands) == (Measured, "m", "twice", (twins[x], twins[x]))
    assert [node is copy for node, copy in zip(twin.again, (twins[x], twin), strict=True)] == [True, True]
    assert (type(twins[tagged]), twins[tagged].tag) == (Tagged, ("here", [type(x)]))
    assert {node.site for node in twins.values()} == {None}


@pytest.mark.parametrize("copied", COPIES)
def test_attributes_may_refer_to_the_graph(copied):
    x = Value(2.0)
    y = x * 3
    x.output, x.group = y * y, [x, y]
    same = copied(y)
    leaf = same.operands[0]
    assert leaf.output.operands[0] is same
    assert leaf.group[0] is leaf
    assert leaf.group[1] is same
    model = MLP(2, [3, 1], seed=1)
    model.last = model([1.0, 2.0])
    again = copy.deepcopy(model)
    again.last.backward()
    assert all(parameter.grad is not NOT_YET for parameter in again.parameters() if "W2" in parameter.label)
    assert all(parameter.grad is NOT_YET for parameter in model.parameters())


def test_a_shallow_copy_has_the_same_operands():
    x = Value(2.0)
    y = x * 3
    same = copy.copy(y)
    assert same is not y
    assert same.operands[0] is x
    same.backward()
    assert (x.grad, y.grad is NOT_YET) == (3.0, True)


def test_values_can_be_copied_pickled_and_formatted():
    x = Value(2.0, label="x")
    y = tanh(x) ** 2 + leaky_relu(x, 0.1)
    for same in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert same.data == y.data
        same.backward()
        leaf = topological_order(same)[0]
        assert (leaf.label, leaf.grad != 0, x.grad is NOT_YET) == ("x", True, True)
    assert copy.deepcopy(x).grad is NOT_YET
    assert f"{x:.3f} {x}" == "2.000 Value(data=2, label='x')"


def test_the_names_that_micrograds_drawing_code_reads():
    a = Value(2.0)
    b = a * a**2
    assert b._prev == (a, b.operands[1])
    assert (b._op, b.operands[1]._op, a._op) == ("*", "**2", "")


COMPARISONS = [operator.lt, operator.le, operator.eq, operator.ne, operator.ge, operator.gt]
KINDS = {
    "Value": Value,
    "result": lambda x: Value(x) * 1.0,
    "Parameter": Parameter,
    "Dual": lambda x: Dual(x, 1.0),
    "Dual of a Value": lambda x: Dual(Value(x), 1.0),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
def test_comparisons_are_about_the_number(compare, kind):
    number = KINDS[kind]
    others = [1, 2.0, -0.0, math.nan, math.inf, True, 10**400, Fraction(1, 3), np.float32(1)]
    for x in (-1.0, 0.0, 0.5, 1.0, 2.0, math.nan, -math.inf):
        for y in others:
            assert compare(number(x), y) is bool(compare(x, y))
            assert bool(compare(y, number(x))) is bool(compare(y, x))
            assert type(y) is int or compare(number(x), Value(y)) is bool(compare(x, y))


@pytest.mark.parametrize("kind", KINDS)
def test_truth_is_about_the_number_and_hashes_are_not(kind):
    number = KINDS[kind]
    assert [bool(number(x)) for x in (0.0, -0.0, 1.0, -1e-300, math.nan)] == [False, False, True, True, True]
    nodes = [number(1.0), number(1.0), number(math.nan), number(0.0)]
    assert len({*nodes, *nodes}) == 4
    assert [dict.fromkeys(nodes, "seen").get(node) for node in (*nodes, number(1.0))] == ["seen"] * 4 + [None]
    assert nodes[2] != nodes[2]  # nan
    assert nodes[1] in nodes[:1]


def test_what_is_no_number_is_not_compared():
    class Other:
        def __eq__(self, other):
            return "mine"

        __hash__ = None

    x = Value(1.0)
    for foreign in ("1.0", None, [1.0], (), object()):
        assert x != foreign
        assert foreign != x
        with pytest.raises(TypeError, match="'<' not supported between instances of 'Input' and"):
            x < foreign  # noqa: B015
    assert (x == Other()) == (Other() == x) == "mine"
    assert x == 1 + 0j
    assert x == Decimal(1)
    assert (x == np.array([1.0, 2.0])).tolist() == (np.array([1.0, 2.0]) == x).tolist() == [True, False]
    assert np.array(1.0) == x
    assert max(Value(1.0), b := Value(2.0)) is b
    assert math.sqrt(Value(9)) == 3


def test_functions_take_numbers_values_and_arrays():
    assert exp(0) == 1.0
    assert type(exp(np.float64(0))) is float
    assert exp(Value(0)).data == 1
    assert Value(0).exp().data == 1
    np.testing.assert_array_equal(exp(np.array([0.0, 1000.0])), [1, np.inf])
    np.testing.assert_array_equal(log(np.array([0, 1])), [-np.inf, 0])
    np.testing.assert_allclose(softmax(np.array([[1.0], [3.0]])), [[0.11920292], [0.88079708]])
    for wrong in ("x", None, 1j, [1.0]):
        with pytest.raises(TypeError, match="one real number"):
            exp(wrong)
    with pytest.raises(TypeError, match="None"):
        dot([Value(1)], [None])


def test_functions_of_lists_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="2 weights and 1 inputs"):
        dot([1, 2], [1])
    with pytest.raises(TypeError, match="maximum needs at least one"):
        maximum()
    assert total([]) == 0.0
    assert dot([], []) == 0.0


def test_a_long_chain_goes_backward_and_is_freed():
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert (y.data, x.grad) == (1_000_001, 1_000_001)
    del y  # a chain this long must not recurse when it is dropped either


def test_a_dropped_graph_is_freed_by_reference_counting():
    def alive():
        return sum(issubclass(type(thing), Value) for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        x = Value(0.5)
        y = x
        for _ in range(1000):
            y = tanh(y * x + dot([x, y], [y, x], 1.0))
        y.backward()
        assert alive() - before > 3000
        del x, y
        assert alive() == before
        assert gc.collect() == 0
    finally:
        gc.enable()


OPERATORS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}
FUNCTIONS = sorted(
    {op.name for op in ops.TABLE.values() if op.arity == 1} & set(elementary.__all__) - {"leaky_relu", "elu", "clip"}
)


def everything_but_operands(node):
    return node.data, node.op, node.operand_data, node.label, node.grad is NOT_YET, type(node), node.kind


def everything_about(node):
    return everything_but_operands(node), [*map(id, node.operands)]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_make_what_record_makes(name):
    a, b = Value(1.5), Value(-2.5)
    made, recorded = OPERATORS[name](a, b), record(ops.TABLE[name], a, b)
    assert everything_about(made) == everything_about(recorded)
    assert source_of(made.site).text == f'"{name}": lambda a, b: a {made.op.symbol} b,'


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_make_what_record_makes(name):
    x = Value(0.5)
    made, recorded = getattr(elementary, name)(x), record(ops.TABLE[name], x)
    assert everything_about(made) == everything_about(recorded)
    assert source_of(made.site).text.startswith("made, recorded = getattr(elementary, name)(x)")


def test_a_node_of_one_or_two_operands_is_a_single_object():
    a, b = Value(1.5), Value(-2.5)
    for node in (a, a * b, tanh(a), a**2, a + 1, -a):
        assert not any(isinstance(held, (tuple, list, dict)) for held in gc.get_referents(node))
