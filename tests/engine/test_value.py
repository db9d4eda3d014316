"""What a Value is: arithmetic, gradients, and what it refuses."""

import copy
import gc
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
from nn import Parameter


def test_a_result_remembers_how_it_was_made():
    a, b = Value(2, label="a"), Value(3)
    c = a * b
    assert (c.data, c.op.name, c.args, c.operands, a.label) == (6.0, "mul", (a, b), (2.0, 3.0), "a")
    assert a.op is None
    assert a.args == ()


def test_operand_order_and_repeated_operands_are_kept():
    a, b = Value(2), Value(3)
    assert (a - b).args == (a, b)
    assert (b - a).args == (b, a)
    assert (a * a).args == (a, a)
    assert (1 - a).args[1] is a
    assert isinstance((1 - a).args[0], Constant)


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
        assert len(topological_order(result)) == 1 + len(set(result.args))


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
    assert sum([a, b]).args == (a, b)
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


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("3", ["'3'", "str"]),
        (None, ["None"]),
        (1j, ["1j", "complex"]),
        (np.complex64(1j), ["complex64"]),
        ([1.0], ["[1.0]", "list"]),
        (np.array([1.0]), ["ndarray"]),
        (Value(1), ["Value(data=1)", "already"]),
        (Decimal("0.1"), ["Decimal"]),
    ],
)
def test_what_a_value_refuses(given, names):
    with pytest.raises(TypeError) as error:
        Value(given)
    for name in names:
        assert name in str(error.value)


@pytest.mark.parametrize(
    "given", [3, 3.0, True, Fraction(3, 1), np.float32(3), np.float64(3), np.int64(3), np.array(3)]
)
def test_what_a_value_accepts(given):
    assert type(Value(given).data) is float


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
        assert all(type(arg.data) is float for arg in result.args)


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
    assert b._prev == (a, b.args[1])
    assert (b._op, b.args[1]._op, a._op) == ("*", "**2", "")


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
        with pytest.raises(TypeError, match="'<' not supported between instances of 'Value' and"):
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


def everything_about(node):
    return node.data, node.op, node.args, node.operands, node.label, node.grad is NOT_YET, type(node), node.kind


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
