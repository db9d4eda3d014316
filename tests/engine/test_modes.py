"""no_grad, and detect_anomaly: the first nan or inf names the line that made it."""

import re
import sys
import threading
from dataclasses import replace

import pytest

from engine import Value, compile, detect_anomaly, exp, grad, log, no_grad, sqrt, tanh
from engine.modes import PLAIN, current
from engine.op import NOT_YET
from engine.ops import TANH
from engine.source import source_of
from engine.value import record
from nn import MLP


def test_nothing_is_recorded_under_no_grad():
    x = Value(3.0)
    with no_grad():
        y = tanh(x * 2) + 1
        model = MLP(2, [3, 1])([1.0, 2.0])
    assert (y.op, y.operands) == (None, ())
    assert model.operands == ()
    assert (x * 2).operands[0] is x


def test_modes_end_with_their_block_whatever_happens():
    with pytest.raises(KeyError), no_grad(), detect_anomaly():
        raise KeyError
    assert (Value(3.0) * 2).op is not None
    assert log(Value(-1.0)).data != 0  # no anomaly is raised


def test_modes_are_a_threads_own():
    recorded = []
    with no_grad():
        thread = threading.Thread(target=lambda: recorded.append((Value(3.0) * 2).op))
        thread.start()
        thread.join()
        with no_grad():
            pass
        assert (Value(3.0) * 2).op is None
    assert recorded[0] is not None


@pytest.mark.parametrize(
    ("compute", "formula"),
    [
        (lambda: log(Value(-1.0)), "log(-1) is nan"),
        (lambda: Value(1.0) / (Value(2.0) - 2), "1 / 0 is inf"),
        (lambda: exp(Value(1000.0)), "exp(1000) is inf"),
        (lambda: Value(-8.0) ** (1 / 3), "-8**0.3333333333333333 is nan"),
        (lambda: MLP(1, [1], init="uniform", seed=1)([float("inf")]), "is -inf"),
    ],
)
def test_the_first_anomaly_forward_is_named_with_its_line(compute, formula):
    with pytest.raises(FloatingPointError, match=re.escape(formula)) as error, detect_anomaly():
        compute()
    assert "test_modes.py" in str(error.value)
    assert "(lambda: " in str(error.value)  # the user's own line, not one of nn's


def test_the_first_anomaly_backward_is_named_with_its_line():
    x = Value(0.0)
    y = sqrt(x) * 3  # finite here; its derivative at 0 is not
    z = y + 1
    says = r"backward through sqrt\(0\).*derivative inf.*is inf"
    with pytest.raises(FloatingPointError, match=says) as error, detect_anomaly():
        z.backward()
    assert "y = sqrt(x) * 3" in str(error.value)
    assert x.grad == 0.0  # nothing was written
    z.backward()
    assert x.grad == float("inf")


def test_gradients_that_only_add_up_to_infinity():
    x = Value(0.0)
    y = x * 1.5e308 + x * 1.5e308
    with pytest.raises(FloatingPointError, match="add up to inf"), detect_anomaly():
        y.backward()


def test_finite_work_is_left_alone():
    with detect_anomaly():
        x = Value(3.0)
        y = tanh(x) ** 2
        y.backward()
    assert y.data == pytest.approx(0.9901340)


def test_blocks_that_end_in_another_order_leave_nothing_behind():
    def muted():
        with no_grad():
            yield

    a, b = muted(), muted()
    next(a), next(b)
    assert (Value(1.0) * 2).op is None
    a.close()
    assert (Value(1.0) * 2).op is None
    b.close()
    assert (Value(1.0) * 2).op is not None


def test_the_gradient_of_a_constant_is_no_anomaly():
    v = Value(0.5)
    with detect_anomaly():
        (0**v).backward()
    assert v.grad == 0


@pytest.fixture
def threads_take_turns_often():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def run_beside(busy, function, times):
    """The results of a function, while another thread is busy all along."""
    done = threading.Event()

    def keep_busy():
        while not done.is_set():
            busy()

    thread = threading.Thread(target=keep_busy)
    thread.start()
    try:
        return [function() for _ in range(times)]
    finally:
        done.set()
        thread.join()


@pytest.mark.usefixtures("threads_take_turns_often")
def test_the_line_of_a_network_is_its_own_threads():
    model = MLP(2, [4, 1], seed=1)

    def networks():
        model([1.0, 2.0])

    def values():
        return Value(1.0), Value(2.0) * 3

    made = run_beside(networks, values, 10_000)
    lines = {source_of(node.site).function for pair in made for node in pair}
    assert lines == {"values"}


@pytest.mark.usefixtures("threads_take_turns_often")
@pytest.mark.parametrize(
    "fail",
    [
        lambda model: log(model([1.0, 2.0]) * 0.0 - 1.0),  # the line of mine
        lambda model: grad(lambda x: log(model([x, 2.0]) * 0.0 - 1.0))(1.0),  # the line of mine
    ],
)
def test_the_line_of_an_anomaly_is_its_own_threads(fail):
    model, others = MLP(2, [4, 1], seed=1), MLP(2, [4, 1], seed=1)

    def busy():
        others([1.0, 2.0])

    def message():
        with pytest.raises(FloatingPointError) as error, detect_anomaly():
            fail(model)
        return str(error.value)

    assert {"the line of mine" in text for text in run_beside(busy, message, 300)} == {True}


@pytest.mark.usefixtures("threads_take_turns_often")
def test_the_line_that_a_compiled_function_is_refused_for_is_its_own_threads():
    model = MLP(2, [4, 1], seed=1)

    def refusal():
        with pytest.raises(TypeError) as error:
            compile(lambda x: x if x > 0 else -x, inputs=())  # the line of mine
        return str(error.value)

    assert {"the line of mine" in text for text in run_beside(lambda: model([1.0, 2.0]), refusal, 300)} == {True}


@pytest.mark.usefixtures("threads_take_turns_often")
def test_threads_that_share_nodes_go_backward_one_at_a_time():
    w = Value(3.0)
    shared = tanh(w * 0.1)  # interior, and part of both graphs
    n_others = 0

    def mine():
        (shared * 5 * shared).backward()

    def other():
        nonlocal n_others
        (shared * 7 + w).backward()
        n_others += 1

    run_beside(other, mine, 500)
    slope = 0.1 * (1 - shared.data**2)
    assert w.grad == pytest.approx(500 * 10 * shared.data * slope + n_others * (7 * slope + 1))


def test_what_fails_on_the_way_back_changes_no_gradient():
    def fail(m, z, x):
        raise ZeroDivisionError

    x = Value(2.0)
    y = x * 3
    (y * 5).backward()
    z = record(replace(TANH, partials=fail), y) * y
    before = [node.grad for node in (x, y, z)]
    with pytest.raises(ZeroDivisionError):
        z.backward()
    assert [node.grad for node in (x, y, z)] == before == [15.0, 5.0, 0.0]
    assert z.grad is NOT_YET


def test_everything_is_plain_again_afterwards():
    assert current() is PLAIN
    with no_grad(), detect_anomaly():
        MLP(2, [2, 1], seed=1)([1.0, 2.0])
        assert current() is not PLAIN
    assert current() is PLAIN
