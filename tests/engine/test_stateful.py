"""Values beside a naive twin, through whatever may be done to them in whatever order, drawn at random.

The twin is a float with its operands and the partial derivatives, which are written out by hand below. Its `backward`
asks of every node who uses it, instead of going through the graph in some order. After each step each Value that is
still there must have its twin's number and gradient. The last tests tell the engine lies, and the machine must notice.
"""

import copy
import math
import pickle
from collections import defaultdict
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from oracles import ORACLES
from thorough import thorough

from engine import Value, no_grad, topological_order
from engine.apply import apply
from engine.ops import TABLE


def step(x):
    return float(x > 0)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def bell(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_cdf(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


def shared_among(winner, xs):
    return [(x == winner) / xs.count(winner) for x in xs]


def halves(xs):
    n = len(xs) // 2
    return xs[:n], xs[n : 2 * n], xs[2 * n :]


def dot(*xs):
    w, x, b = halves(xs)
    return math.fsum([*map(math.prod, zip(w, x, strict=True)), *b])


def dot_partials(*xs):
    w, x, b = halves(xs)
    return *x, *w, *(1 for _ in b)


# fmt: off
BY_HAND = {  # value and partial derivatives
    "add":       (lambda a, b: a + b,           lambda a, b: (1, 1)),
    "sub":       (lambda a, b: a - b,           lambda a, b: (1, -1)),
    "mul":       (lambda a, b: a * b,           lambda a, b: (b, a)),
    "div":       (lambda a, b: a / b,           lambda a, b: (1 / b, -a / b**2)),
    "neg":       (lambda a: -a,                 lambda a: (-1,)),
    "power":     (lambda x, exponent: x**exponent, lambda x, exponent: (exponent and exponent * x ** (exponent - 1),)),
    "pow":       (lambda x, y: x**y,            lambda x, y: (y * x ** (y - 1), x**y * math.log(x))),
    "identity":  (lambda x: x,                  lambda x: (1,)),
    "exp":       (math.exp,                     lambda x: (math.exp(x),)),
    "log":       (math.log,                     lambda x: (1 / x,)),
    "sqrt":      (math.sqrt,                    lambda x: (1 / (2 * math.sqrt(x)),)),
    "sin":       (math.sin,                     lambda x: (math.cos(x),)),
    "cos":       (math.cos,                     lambda x: (-math.sin(x),)),
    "tanh":      (math.tanh,                    lambda x: (1 / math.cosh(x) ** 2,)),
    "sigmoid":   (sigmoid,                      lambda x: (sigmoid(x) * sigmoid(-x),)),
    "normal_cdf": (normal_cdf,                  lambda x: (bell(x),)),
    "relu":      (lambda x: max(x, 0.0),        lambda x: (step(x),)),
    "leaky_relu": (lambda x, slope: x if x > 0 else slope * x, lambda x, slope: (1 if x > 0 else slope,)),
    "prelu":     (lambda x, a: x if x > 0 else a * x, lambda x, a: (1, 0) if x > 0 else (a, x)),
    "elu":       (lambda x, alpha: x if x > 0 else alpha * math.expm1(x),
                  lambda x, alpha: (1 if x > 0 else alpha * math.exp(x),)),
    "softplus":  (lambda x: math.log(1 + math.exp(x)), lambda x: (sigmoid(x),)),
    "swish":     (lambda x: x * sigmoid(x),     lambda x: (sigmoid(x) + x * sigmoid(x) * sigmoid(-x),)),
    "gelu":      (lambda x: x * normal_cdf(x),  lambda x: (normal_cdf(x) + x * bell(x),)),
    "stop_gradient": (lambda x: x,              lambda x: (0,)),
    "step":      (step,                         lambda x: (0,)),
    "equal":     (lambda a, b: float(a == b),   lambda a, b: (0, 0)),
    "select":    (lambda c, a, b: a if c else b, lambda c, a, b: (0, 1, 0) if c else (0, 0, 1)),
    "absolute":  (abs,                          lambda x: (step(x) - step(-x),)),
    "total":     (lambda *xs: math.fsum(xs),    lambda *xs: (1,) * len(xs)),
    "dot":       (dot,                          dot_partials),
    "weighted":  (lambda w, x: w * x,           lambda w, x: (x, w)),
    "weighted_sum": (dot,                       dot_partials),
    "binary_cross_entropy": (lambda x, t: math.log(1 + math.exp(x)) - t * x, lambda x, t: (sigmoid(x) - t, -x)),
    "peak":      (lambda *xs: max(xs),          lambda *xs: (0,) * len(xs)),
    "maximum":   (lambda *xs: max(xs),          lambda *xs: shared_among(max(xs), xs)),
    "minimum":   (lambda *xs: min(xs),          lambda *xs: shared_among(min(xs), xs)),
    "logsumexp": (lambda *xs: math.log(sum(map(math.exp, xs))),
                  lambda *xs: [math.exp(x) / sum(map(math.exp, xs)) for x in xs]),
}
# fmt: on


class Twin:
    """A number, what it was made from, and its derivative by each of them.

    `scale` is what the terms of the gradient add up to, whatever their signs: by that its rounding is judged.
    """

    def __init__(self, data, operands=(), partials=()):
        self.data, self.operands, self.partials = data, operands, partials
        self.grad = self.scale = 0.0

    def backward(self):
        """The derivative by a node is the sum, over all that use it, of the derivative by them times the partial."""
        users, found = defaultdict(list), {self}
        remaining = [self]
        while remaining:
            user = remaining.pop()
            for operand, partial in zip(user.operands, user.partials, strict=True):
                users[operand].append((user, partial))
                if operand not in found:
                    found.add(operand)
                    remaining.append(operand)

        @cache
        def derivative(node):
            terms = [(derivative(user), partial) for user, partial in users[node]]
            return (1.0, 1.0) if node is self else (
                math.fsum(d * partial for (d, _), partial in terms),
                math.fsum(scale * (1 + abs(partial)) for (_, scale), partial in terms),
            )  # fmt: skip

        for node in found:
            d, scale = derivative(node)
            before, scale_before = (0.0, 0.0) if node.operands else (node.grad, node.scale)
            node.grad, node.scale = before + d, scale_before + scale


class Squares(Value):
    """Made by hand: the sum of the squares of its children, as they were."""

    def __init__(self, data, children, op):
        super().__init__(data, children, op)
        self.slopes = [2 * child.data for child in children]

    def _backward(self):
        for child, slope in zip(self._prev, self.slopes, strict=False):
            child.grad += self.grad * slope


class Pair(NamedTuple):
    """A Value and its twin."""

    value: Value
    twin: Twin


def pickled(pairs):
    return pickle.loads(pickle.dumps(pairs))


def is_ordinary(numbers):
    return all(isinstance(x, (int, float)) and abs(x) < 1e3 for x in numbers)


NUMBERS = st.integers(-30, 30).map(lambda n: n / 8)
NODES = st.integers(0, 20)  # counted from the newest
OPERATIONS = st.tuples(
    st.sampled_from([(name, static) for name in BY_HAND for static in ORACLES[name].static]),
    st.lists(NODES | NODES | NUMBERS, min_size=1, max_size=4),
    st.integers(1, 2),
)


class Machine(RuleBasedStateMachine):
    """Does to Values and to their twins whatever people do."""

    def __init__(self):
        super().__init__()
        self.pairs = [Pair(Value(0.5), Twin(0.5))]
        self.muted = []

    def pair(self, node):
        return self.pairs[-1 - node % len(self.pairs)]

    @rule(number=NUMBERS)
    def make_a_leaf(self, number):
        self.pairs.append(Pair(Value(number), Twin(number)))

    @rule(operations=st.lists(OPERATIONS, min_size=1, max_size=6), and_back=st.booleans())
    def compute(self, operations, and_back):
        """Of results and derivatives those of ordinary size are kept; two of a row's operands may be the same node."""
        for (name, static), given, times in operations:
            operands = [self.pair(x) if isinstance(x, int) else x for x in given] * (TABLE[name].arity or times)
            operands = operands[: TABLE[name].arity]
            if not any(isinstance(x, Pair) for x in operands):
                operands[0] = self.pair(0)
            twins = [x.twin if isinstance(x, Pair) else Twin(x) for x in operands]
            numbers = tuple(twin.data for twin in twins)
            value, partials = BY_HAND[name]
            try:
                expected, slopes = value(*numbers, **static), partials(*numbers, **static)
            except (ArithmeticError, ValueError):
                continue
            if is_ordinary([expected, *slopes]):
                op = TABLE[name](**static) if static else TABLE[name]
                result = apply(op, *[x.value if isinstance(x, Pair) else x for x in operands])
                assert math.isclose(result.data, expected, rel_tol=1e-12, abs_tol=1e-12), (name, static, numbers)
                # both go on with the same number, so that no rounding grows
                twin = Twin(result.data) if self.muted else Twin(result.data, twins, slopes)
                self.pairs.append(Pair(result, twin))
        if and_back:
            self.go_backward(0)

    @rule(node=NODES)
    def go_backward(self, node):
        value, twin = self.pair(node)
        value.backward()
        twin.backward()

    @rule(node=NODES)
    def zero_a_gradient(self, node):
        value, twin = self.pair(node)
        value.grad = twin.grad = twin.scale = 0.0

    @rule(node=NODES, number=NUMBERS, kind=st.sampled_from([float, np.float32, Fraction]))
    def change_a_leaf(self, node, number, kind):
        value, twin = self.pair(node)
        if not twin.operands:
            value.data, twin.data = kind(number), number

    @rule(node=NODES, given=st.sampled_from([None, 0, np.float64(0)]))
    def forget_a_gradient(self, node, given):
        value, twin = self.pair(node)
        value.grad, twin.grad, twin.scale = given, 0.0, 0.0

    @rule(nodes=st.lists(NODES, min_size=1, max_size=3))
    def make_a_node_by_hand(self, nodes):
        """The sum of squares, which can be copied, as its way back is no function of these very nodes."""
        pairs = [self.pair(node) for node in nodes]
        number = sum(pair.twin.data**2 for pair in pairs)
        if abs(number) < 1e3:
            value = Squares(number, [pair.value for pair in pairs], "squares")
            partials = () if self.muted else [2 * pair.twin.data for pair in pairs]
            self.pairs.append(Pair(value, Twin(number, [pair.twin for pair in pairs] if partials else (), partials)))

    @rule(node=NODES, other=NODES)
    def compare(self, node, other):
        (a, a_twin), (b, b_twin) = self.pair(node), self.pair(other)
        assert (a == b, a < b, a != b) == (
            a_twin.data == b_twin.data,
            a_twin.data < b_twin.data,
            a_twin.data != b_twin.data,
        )
        assert (bool(a), a in {b}) == (a_twin.data != 0, a is b)

    @precondition(lambda self: len(self.pairs) > 1)
    @rule(node=NODES)
    def drop(self, node):
        self.pairs.remove(self.pair(node))

    @rule()
    def stop_recording(self):
        block = ExitStack()
        block.enter_context(no_grad())
        self.muted.append(block)

    @precondition(lambda self: self.muted)
    @rule()
    def go_on_recording(self):
        self.muted.pop().close()

    @rule(nodes=st.sets(NODES, min_size=1, max_size=3), copied=st.sampled_from([copy.deepcopy, pickled]))
    def copy(self, nodes, copied):
        self.pairs += copied([self.pair(node) for node in nodes])

    @invariant()
    def the_twins_agree(self):
        for value, twin in self.pairs:
            assert value.data == twin.data
            assert abs(value.grad - twin.grad) <= 1e-12 * twin.scale, (value, twin.grad)
            assert len(value.operands) == len(twin.operands)

    def teardown(self):
        for block in self.muted:
            block.close()


TIMES = settings(max_examples=120, stateful_step_count=30, deadline=None)


def test_values_do_what_their_naive_twins_do():
    run(Machine, settings=TIMES)


# --- lies ---

HONEST = Value.backward


def wrong(*names, partials):
    def tell(monkeypatch):
        for name in names:
            monkeypatch.setitem(TABLE, name, replace(TABLE[name], partials=partials))

    return tell


def leaves_are_overwritten(output):
    for node in topological_order(output):
        node.grad = 0.0
    HONEST(output)


def results_add_up(output):
    before = {node: node.grad for node in topological_order(output) if node.operands}
    HONEST(output)
    for node, grad in before.items():
        node.grad += grad


def some_leaf_is_forgotten(output):
    leaf = next(node for node in topological_order(output) if not node.operands)
    before = leaf.grad
    HONEST(output)
    leaf.grad = before


def leaves_are_passed_over(output):
    if output.operands:
        HONEST(output)


LIES = {
    "the operand's own number": wrong("mul", partials=lambda m, z, a, b: (a, b)),
    "an operand is forgotten": wrong("mul", partials=lambda m, z, a, b: (b, 0.0)),
    "a square is forgotten": wrong("tanh", partials=lambda m, z, x: (1.0 - z,)),
    "ties count twice": wrong("maximum", "minimum", partials=lambda m, z, *xs: tuple(m.equal(x, z) for x in xs)),
    "no_grad does nothing": lambda monkeypatch: monkeypatch.setitem(globals(), "no_grad", nullcontext),
    "a copy is the original": lambda monkeypatch: monkeypatch.setattr(
        Value, "__deepcopy__", lambda self, memo: self, raising=False
    ),
} | {
    lie.__name__: lambda monkeypatch, lie=lie: monkeypatch.setattr(Value, "backward", lie)
    for lie in (leaves_are_overwritten, results_add_up, some_leaf_is_forgotten, leaves_are_passed_over)
}


RARE = ("a square is forgotten", "the operand's own number")  # for which it takes hundreds of examples, and seconds


@pytest.mark.parametrize("lie", [pytest.param(lie, marks=thorough) if lie in RARE else lie for lie in LIES])
def test_a_lie_is_found(lie, monkeypatch):
    LIES[lie](monkeypatch)
    once = settings(TIMES, phases=[Phase.generate], max_examples=5000, report_multiple_bugs=False, print_blob=False)
    with pytest.raises(AssertionError):
        run(Machine, settings=once)  # which ends with the first example that finds it
