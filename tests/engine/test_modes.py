"""no_grad, and detect_anomaly: the first nan or inf names the line that made it."""

import re
import threading

import pytest

from engine import Value, detect_anomaly, exp, log, no_grad, sqrt, tanh
from nn import MLP


def test_nothing_is_recorded_under_no_grad():
    x = Value(3.0)
    with no_grad():
        y = tanh(x * 2) + 1
        model = MLP(2, [3, 1])([1.0, 2.0])
    assert (y.op, y.args) == (None, ())
    assert model.args == ()
    assert (x * 2).args[0] is x


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
