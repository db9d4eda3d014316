"""Operation counts: checked by hand, and as the theory says: forward grows with n, reverse with m."""

import pytest
from hypothesis import Phase, given, settings
from test_random_programs import programs, run_mine

from engine import Dual, cost, count_operations, dot, sin, tanh, total
from engine.op import FLAT
from nn import MLP


def test_counts_that_can_be_done_by_hand():
    counts = count_operations(lambda x: x[0] * x[1] * x[2] * x[3], [1.0, 2.0, 3.0, 4.0])
    assert (counts.n_inputs, counts.n_outputs, counts.value) == (4, 1, 3)
    assert counts.forward == 4 * 3 + 5  # four passes; the tangents of x0 and x1 take two products, x2 one, x3 none
    assert counts.reverse == 3 + 4  # two products for each of the first two nodes but the factor 1 is free


def test_a_dot_counts_its_products_and_sums():
    assert count_operations(lambda x: dot(x, [1.0, 2.0, 3.0], 4.0), [1.0, 1.0, 1.0]).value == 6
    assert count_operations(lambda x: dot(x, [1.0, 2.0, 3.0]), [1.0, 1.0, 1.0]).value == 5
    assert count_operations(lambda x: total(x), [1.0, 1.0, 1.0]).value == 2


@pytest.mark.parametrize("n", [2, 8, 32])
def test_forward_grows_with_the_inputs_and_reverse_does_not(n):
    def f(x):
        return total(sin(a * b) for a, b in zip(x, x[1:] + x[:1], strict=True))

    counts = count_operations(f, [0.1 * i for i in range(1, n + 1)])
    assert counts.forward >= n * counts.value
    assert counts.reverse <= 5 * counts.value


def test_reverse_grows_with_the_outputs_and_forward_does_not():
    def f(m):
        return count_operations(lambda x: [tanh(x * k) for k in range(1, m + 1)], 0.5)

    few, many = f(2), f(20)
    assert many.forward / many.value == pytest.approx(few.forward / few.value, rel=0.2)
    assert many.forward < many.reverse * 1.5
    assert many.reverse / many.value == pytest.approx(few.reverse / few.value, rel=0.2)


def test_a_network_has_many_inputs_and_one_output():
    model = MLP(2, [8, 1], activation="tanh", seed=1)
    weights = [p.data for p in model.parameters()]

    def f(weights):
        w = iter(weights)
        hidden = [tanh(dot([next(w), next(w)], [0.3, 0.7], next(w))) for _ in range(8)]
        return dot([next(w) for _ in range(8)], hidden, next(w))

    counts = count_operations(f, weights)
    assert counts.n_inputs == 33
    assert counts.reverse < 3 * counts.value
    assert counts.forward > 30 * counts.value
    assert str(counts).startswith("33 inputs, 1 output\n")
    assert str(count_operations(lambda x: [x, x], 1.0)).startswith("1 input, 2 outputs\n")


def passes_one_by_one(f, x):
    """The operations of forward mode, carried out."""
    tally = cost._Tally()
    for direction in range(len(x)):
        f([Dual(tally.number(number), 1.0 if i == direction else FLAT, -1) for i, number in enumerate(x)])
    return tally.take()


def test_forward_is_what_a_pass_for_each_input_takes():
    @settings(max_examples=30, deadline=None, phases=[Phase.generate])
    @given(programs())
    def compare(program):
        inputs, _, _ = program
        f = run_mine(program)
        assert count_operations(f, inputs).forward == passes_one_by_one(f, inputs)

    compare()
    for f in (
        lambda x: dot(x, [0.5, 1.0, 2.0], x[0]) * x[1] + 3.0 * (0.5 * x[0] + 0.5 * x[0]) * x[2],
        lambda x: total([x[0], x[0], 2.0 * x[1], tanh(x[2]) / x[0]]),
        lambda x: [x[0], 0.0 * x[1] * x[2], x[1]],
    ):
        assert count_operations(f, [0.5, 1.5, 2.5]).forward == passes_one_by_one(f, [0.5, 1.5, 2.5])


def test_many_inputs_take_one_pass_to_count():
    calls = []
    counts = count_operations(lambda x: calls.append(None) or dot(x, x), [1.0] * 3000)
    assert len(calls) == 3
    assert counts.forward == 3000 * (counts.value + 1)  # the tangent adds up what comes by both sides


def test_constants_cost_nothing():
    assert count_operations(lambda x: 5.0, 1.0).reverse == 0
    with pytest.raises(TypeError):
        count_operations(lambda x: x, "a")
