"""The data sets: their form, what they hold, and what they refuse."""

import copy
import math
import pickle
import sys

import numpy as np
import pytest

import nn
from nn import MLP, accuracy, fit
from nn.datasets import plane, tables

POINTS = [getattr(plane, name) for name in plane.__all__]
TABLES = [getattr(tables, name) for name in tables.__all__]


@pytest.mark.parametrize("make", POINTS + TABLES)
def test_every_data_set_has_one_form(make):
    assert getattr(nn, make.__name__) is make
    data = make()
    X, y = data
    assert X is data.X
    assert y is data.y
    assert len(X) == len(y) >= 100
    assert {len(row) for row in X} == {len(data.feature_names)}
    assert all(type(x) is float and math.isfinite(x) for row in X for x in row)
    n_classes = len(data.class_names)
    assert sorted(set(y)) == ([-1, 1] if n_classes == 2 else [*range(n_classes)])
    assert all(type(label) is int for label in y)
    assert all(type(name) is str for name in data.feature_names + data.class_names)
    assert data.class_names[-1] in repr(data)
    for same in (make(), copy.deepcopy(data), copy.copy(data), pickle.loads(pickle.dumps(data))):
        assert same == data
        assert (same.feature_names, same.class_names) == (data.feature_names, data.class_names)


@pytest.mark.parametrize("make", POINTS)
def test_points_are_as_many_as_asked_for_and_depend_on_the_seed(make):
    for n_rows in (1, 2, 7, np.int64(30)):
        data = make(n_rows, noise=0.0)
        assert len(data.X) == len(data.y) == n_rows
    assert make(20, seed=1) == make(20, seed=np.int8(1))
    assert make(20, seed=1).X != make(20, seed=2).X
    assert make(20, noise=0.5, seed=1).X != make(20, noise=0.4, seed=1).X


@pytest.mark.parametrize("make", POINTS)
@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"n_rows": given}, f"n_rows must be a whole number, 1 or more, but was {shown}")
        for given, shown in ((0, "0"), (10.0, "10.0"), ([5], r"\[5\]"), ("5", "'5'"), (None, "None"), (True, "True"))
    ]
    + [({"noise": given}, "noise must be a number, 0 or more") for given in (-1, math.nan, math.inf, "0.1", None)]
    + [({"seed": given}, "seed must be a whole number, 0 or more") for given in (-1, 0.5, None, "1")],
)
def test_points_refuse_what_they_cannot_be(make, settings, says):
    with pytest.raises(ValueError, match=says):
        make(**settings)


@pytest.mark.parametrize(
    ("make", "settings", "says"),
    [
        (plane.circles, {"ratio": 1.0}, "ratio must be from 0 to below 1, but was 1.0"),
        (plane.blobs, {"n_classes": 1}, "n_classes must be a whole number, 2 or more, but was 1"),
        (plane.spirals, {"n_classes": 2.0}, "n_classes must be a whole number, 2 or more, but was 2.0"),
        (plane.spirals, {"turns": 0}, "turns must be a number above 0, but was 0"),
        *((make, {"scaled": 1}, "scaled must be True or False, but was 1") for make in TABLES),
    ],
)
def test_settings_out_of_range_are_refused(make, settings, says):
    with pytest.raises(ValueError, match=says):
        make(**settings)


@pytest.mark.parametrize("make", TABLES)
def test_tables_are_scaled_or_as_they_were_measured(make):
    measured, scaled = np.array(make(scaled=False).X), np.array(make().X)
    if make is tables.digits:
        np.testing.assert_array_equal(scaled * 16, measured)
    else:
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)
        np.testing.assert_allclose(scaled.std(axis=0), 1)
        np.testing.assert_allclose(scaled * measured.std(axis=0) + measured.mean(axis=0), measured, atol=1e-9)


def test_the_shapes_are_what_they_say():
    assert sorted(zip(*plane.xor(4, noise=0.0), strict=True)) == [
        ([a, b], 1 if a != b else -1) for a in (-1.0, 1.0) for b in (-1.0, 1.0)
    ]
    for n_classes in (2, 3, 5):
        data = plane.spirals(50 * n_classes, n_classes, noise=0.0, turns=0.75)
        for point, label in zip(*data, strict=True):
            k = (label + 1) // 2 if n_classes == 2 else label
            radius = math.hypot(*point)
            angle = math.atan2(point[1], point[0]) - 2 * math.pi * (0.75 * radius + k / n_classes)
            assert math.cos(angle) == pytest.approx(1)
    for label, radius in ((-1, 1.0), (1, 0.3)):
        X, y = plane.circles(40, noise=0.0, ratio=0.3)
        assert all(math.hypot(*x) == pytest.approx(radius) for x, k in zip(X, y, strict=True) if k == label)


@pytest.mark.parametrize(("make", "reached", "without"), [(plane.xor, 1.0, 0.8), (plane.circles, 0.95, 0.7)])
def test_what_no_line_can_tell_apart_a_network_can(make, reached, without):
    data = make(80)
    linear, network = MLP(2, [1], seed=1), MLP(2, [8, 1], activation="tanh", seed=1)
    for model in (linear, network):
        fit(model, *data, optimizer="adam", learning_rate=0.05, epochs=200, backend="numpy", progress=False)
    assert accuracy(linear, *data) < without  # three corners of four are as many as a line can have right
    assert accuracy(network, *data) >= reached


@pytest.mark.parametrize("make", [plane.two_moons, plane.circles, plane.blobs, *TABLES])
def test_without_scikit_learn_they_say_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=f"{make.__name__} needs scikit-learn: pip install scikit-learn"):
        make()
    assert len(plane.spirals().X) == len(plane.xor().X) == 100
