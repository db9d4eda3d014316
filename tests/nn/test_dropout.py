"""Dropout leaves out what chance says, in training alone, and the mean stays what it is."""

import pytest

from engine import TraceError, Value, compile
from nn import MLP, Dropout, Module, Parameter, fit
from nn.training.step import Step


def test_each_number_is_left_out_or_made_larger():
    dropout = Dropout(0.25, seed=1)
    x = [Value(float(i + 1)) for i in range(4000)]
    y = dropout(x)
    kept = [b.data != 0 for b in y]
    assert 0.23 < 1 - sum(kept) / len(x) < 0.27
    assert all(b.data in (0.0, a.data * (1 / 0.75)) for a, b in zip(x, y, strict=True))
    sum(y).backward()
    assert [a.grad for a in x] == [(1 / 0.75) * is_kept for is_kept in kept]


def test_what_is_left_out_depends_on_the_seed():
    one, same, other = (Dropout(0.5, seed=seed) for seed in (1, 1, 2))
    x = [1.0] * 64
    first = one(x)
    assert first == same(x)
    assert first != one(x)
    assert first != other(x)


def test_in_use_it_is_the_identity():
    x = [Value(1.0), Value(2.0)]
    assert Dropout(0.5).eval()(x) == x
    assert Dropout(0.0)(x) == x
    assert compile(lambda x: Dropout(0.5).eval()(x), inputs=2).value([1.0, 2.0]).tolist() == [1.0, 2.0]
    with pytest.raises(TraceError, match=r"Dropout in training mode draws numbers, .* model.eval\(\)"):
        compile(lambda x: Dropout(0.5)(x), inputs=2)


def test_each_example_of_a_batch_has_its_own():
    outputs = Dropout(0.5, seed=1).batch([[1.0] * 8] * 50)
    assert len({tuple(row) for row in outputs}) > 40


def test_noise_is_given_out_in_order():
    with Step(2.0, [0.1, 0.4, 0.6, 0.9]) as step:
        assert Dropout(0.5)([1.0, 1.0]) == [0.0, 0.0]
        assert Dropout(0.5)([1.0, 1.0]) == [2.0, 2.0]
        with pytest.raises(
            ValueError, match=r"as many numbers of noise for every example, but asked for 7 where .* 4 at"
        ):
            step.noise(3)


class Restless(Module):
    """Asks for more noise in some calls than in others."""

    def __init__(self):
        self.w, self.dropout, self.calls = Parameter(1.0), Dropout(0.5), 0

    def __call__(self, x):
        self.calls += 1
        return self.w * self.dropout(list(x) * self.calls)[0]


def test_a_model_must_always_ask_for_as_much_noise():
    with pytest.raises(ValueError, match="as many numbers of noise"):
        fit(Restless(), [[1.0]] * 4, [1.0] * 4, loss="mean_squared_error", progress=False)


@pytest.mark.parametrize("p", [1, 1.5, -0.1, None, "half"])
def test_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="p must be from 0 to below 1"):
        Dropout(p)


def test_an_mlp_has_it_behind_every_hidden_layer():
    model = MLP(2, [50, 50, 1], seed=1, dropout=0.5)
    assert (len(model.dropouts), model.settings()["dropout"]) == (2, 0.5)
    first, second = model([1.0, 2.0]), model([1.0, 2.0])
    assert first.data != second.data
    same = MLP(2, [50, 50, 1], seed=1)
    assert model.eval()([1.0, 2.0]).data == same([1.0, 2.0]).data
    assert model.state_dict() == same.state_dict()
