"""Scalers compute what scikit-learn's do, on tables and as parts of a model that is trained and saved with them."""

import math
import pickle

import numpy as np
import pandas
import pytest
from sklearn import preprocessing

from engine import grad
from nn import MLP, MinMaxScaler, Sequential, Standardizer, fit, predict

PAIRS = {
    "Standardizer": (Standardizer, preprocessing.StandardScaler()),
    "MinMaxScaler": (MinMaxScaler, preprocessing.MinMaxScaler()),
    "MinMaxScaler to a range": (
        lambda *n: MinMaxScaler(*n, low=-2.0, high=0.5),
        preprocessing.MinMaxScaler(feature_range=(-2, 0.5)),
    ),
}
TABLES = {
    "ordinary": np.random.default_rng(1).normal(size=(30, 4)) * [1.0, 100.0, 1e-3, 5.0] + [0.0, 7.0, 1.0, -3.0],
    "constant columns": np.array([[0.1, 0.0, -7.0, 1.0]] * 9 + [[0.1, 0.0, -7.0, 2.0]]),
    "one row": np.array([[3.0, 0.0]]),
    "whole numbers": np.arange(12).reshape(4, 3),
    "large": np.array([[1e300, 2.0], [-3e300, 1.0], [5e306, 0.0]]),
    "small": np.array([[1e-300, 2.0], [-3e-300, 1.0], [5e-306, 0.0]]),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", PAIRS)
def test_numbers_are_those_of_scikit_learn(name, table):
    make, theirs = PAIRS[name]
    X = TABLES[table]
    mine = make().fit(X)
    scaled = mine.transform(X)
    if table not in ("large", "small"):  # which are beyond it: their squares are no floats
        assert scaled == pytest.approx(theirs.fit_transform(X), rel=1e-12, abs=1e-12)
    if "Min" in name:
        is_constant = X.max(axis=0) == X.min(axis=0)
        assert scaled.min(axis=0) == pytest.approx(np.full(X.shape[1], mine.low))
        assert scaled.max(axis=0) == pytest.approx(np.where(is_constant, mine.low, mine.high))
    else:
        assert scaled.mean(axis=0) == pytest.approx(np.zeros(X.shape[1]), abs=1e-13)
        assert scaled.std(axis=0) == pytest.approx(np.where(X.max(axis=0) > X.min(axis=0), 1.0, 0.0))
    assert mine.inverse_transform(scaled) == pytest.approx(X, rel=1e-12, abs=1e-13 * np.ptp(X, axis=0).max())
    assert [[number.data for number in mine(row)] for row in X.tolist()] == scaled.tolist()
    again = make(X.shape[1])
    again.load_state_dict(mine.state_dict())
    assert again.transform(X).tolist() == scaled.tolist() == pickle.loads(pickle.dumps(mine)).transform(X).tolist()


@pytest.mark.parametrize("name", PAIRS)
def test_what_a_model_file_says_of_it_makes_one_of_the_same_shape(name):
    mine = PAIRS[name][0]().fit(TABLES["ordinary"])
    same = type(mine)(**mine.settings())
    assert same.settings() == mine.settings()
    assert repr(same) == repr(mine)
    assert (
        same.state_dict().keys() == mine.state_dict().keys() == {f"{kind}.{i}" for kind in mine.names for i in range(4)}
    )
    assert not mine.parameters()
    assert [buffer.label for buffer in mine.buffers()][:2] == [f"{mine.names[0]}[0]", f"{mine.names[0]}[1]"]


@pytest.mark.parametrize("name", PAIRS)
def test_of_lists_arrays_and_tables_alike(name):
    X = TABLES["ordinary"]
    scaler = PAIRS[name][0]().fit(X.tolist())
    table = pandas.DataFrame(X, columns=list("abcd"))
    for other in (X, table, tuple(map(tuple, X.tolist()))):
        assert PAIRS[name][0]().fit(other).state_dict() == scaler.state_dict()
        assert scaler.transform(other).tolist() == scaler.transform(X).tolist()
    assert grad(lambda x: sum(scaler(x)))([1.0, 2.0, 3.0, 4.0]) == pytest.approx(
        [1 / s.data for s in scaler.buffers()[4:]]
    )


@pytest.mark.parametrize("name", PAIRS)
def test_a_model_that_begins_with_one_learns_as_from_scaled_numbers(name):
    X = TABLES["ordinary"]
    y = [1 if row[1] > 7 else -1 for row in X]
    scaler = PAIRS[name][0]().fit(X)
    alone = MLP(4, [3, 1], seed=1)
    settings = {"epochs": 20, "batch_size": 7, "progress": False}
    expected = fit(alone, scaler.transform(X), y, **settings)
    before = scaler.state_dict()
    for backend in ("eager", "numpy"):
        model = Sequential(scaler, MLP(4, [3, 1], seed=1))
        assert fit(model, X, y, backend=backend, **settings)["loss"] == pytest.approx(expected["loss"], rel=1e-9)
        assert predict(model, X) == pytest.approx(predict(alone, scaler.transform(X)), rel=1e-9)
        assert scaler.state_dict() == before


@pytest.mark.parametrize("make", [make for make, _ in PAIRS.values()])
def test_what_cannot_be_scaled_is_refused(make):
    with pytest.raises(ValueError, match=r"has no statistics yet: call fit\(X\) first"):
        make()([1.0])
    with pytest.raises(ValueError, match="has no statistics yet"):
        make().transform([[1.0]])
    scaler = make().fit([[1.0, 2.0], [3.0, 5.0]])
    before = scaler.state_dict()
    for wrong, says in [
        ([[1.0, math.nan]], "row 0 holds nan"),
        ([[1.0, 2.0], [math.inf, 1.0]], "row 1 holds inf"),
        ([[1.0, "?"]], r"row 0 holds '\?'"),
        ([], "there is no data"),
        ([1.0, 2.0], "a list of numbers for each row, but row 0 is 1.0"),
        ([[1.0, 2.0], [1.0]], "row 1 has 1"),
    ]:
        for method in (scaler.fit, scaler.transform, scaler.inverse_transform):
            with pytest.raises(ValueError, match=says):
                method(wrong)
    with pytest.raises(ValueError, match=r"goes from -1e[+]308 to 1e[+]308, which is too far"):
        scaler.fit([[1e308], [-1e308]])
    assert scaler.state_dict() == before
    for method in (scaler, lambda x: scaler.transform([x]), lambda x: scaler.inverse_transform([x])):
        with pytest.raises(ValueError, match="needs 2 inputs, but was given 3"):
            method([1.0, 2.0, 3.0])


def test_a_range_has_a_width():
    with pytest.raises(ValueError, match=r"high must be a number above low, 1.0, not too far, but was 1.0"):
        MinMaxScaler(low=1.0)
    with pytest.raises(ValueError, match="high must be"):
        MinMaxScaler(low=-1e308, high=1e308)
    with pytest.raises(ValueError, match="n_inputs must be a whole number"):
        Standardizer(0)
