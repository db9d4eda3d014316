"""The data sets: their form, what they hold, and what they refuse."""

import copy
import math
import pickle
import re
import subprocess
import sys
import zipfile
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import nn
from nn import MLP, Adam, Embedding, Sequential, accuracy, fit, location_windows
from nn.datasets import plane, scikit_learn, tables
from nn.datasets.dataset import numbered

ROOT = Path(__file__).parent.parent.parent
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


@pytest.mark.parametrize("is_found", [True, False])
@pytest.mark.parametrize("make", TABLES)
def test_tables_are_those_of_scikit_learn_wherever_it_keeps_them(make, is_found, monkeypatch):
    if not is_found:
        monkeypatch.setattr(scikit_learn, "find_spec", lambda name: None)
    theirs = getattr(sklearn.datasets, f"load_{make.__name__}")()
    ours = make(scaled=False)
    assert ours == (theirs.data.tolist(), numbered(theirs.target.tolist(), len(theirs.target_names)))
    assert ours.class_names == tuple(map(str, theirs.target_names))
    if make is not tables.digits:  # whose columns are called pixel_0_0 there
        assert ours.feature_names == tuple(map(str, theirs.feature_names))


@pytest.mark.parametrize("n_rows", [1, 2, 7, 100, 301])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (plane.two_moons, sklearn.datasets.make_moons),
        (plane.circles, partial(sklearn.datasets.make_circles, factor=0.5)),
        (plane.blobs, partial(sklearn.datasets.make_blobs, centers=3)),
    ],
)
def test_points_are_those_of_scikit_learn(ours, theirs, n_rows):
    for noise, seed in ((0.0, 0), (0.3, 1337)):
        setting = "cluster_std" if ours is plane.blobs else "noise"
        X, y = theirs(n_rows, random_state=seed, **{setting: noise})
        data = ours(n_rows, noise=noise, seed=seed)
        assert data == (X.tolist(), numbered(y.tolist(), len(data.class_names)))


@pytest.mark.parametrize(("make", "reached", "without"), [(plane.xor, 1.0, 0.8), (plane.circles, 0.95, 0.7)])
def test_what_no_line_can_tell_apart_a_network_can(make, reached, without):
    data = make(80)
    linear, network = MLP(2, [1], seed=1), MLP(2, [8, 1], activation="tanh", seed=1)
    for model in (linear, network):
        fit(model, *data, optimizer="adam", learning_rate=0.05, epochs=200, backend="numpy", progress=False)
    assert accuracy(linear, *data) < without  # three corners of four are as many as a line can have right
    assert accuracy(network, *data) >= reached


@pytest.mark.parametrize("make", TABLES)
def test_without_scikit_learn_tables_say_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    monkeypatch.setattr(scikit_learn, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"{make.__name__} needs scikit-learn: pip install scikit-learn"):
        make()
    assert all(len(points().X) == 100 for points in POINTS)


SENTENCES = [
    line
    for line in (files("nn.datasets") / "location_sentences.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_sentences_are_well_formed():
    assert len({*SENTENCES}) == len(SENTENCES) > 900
    for line in SENTENCES:
        assert re.fullmatch(r"(\[\w+\]|\{\w+\}|\w+)('s)?( (\[\w+\]|\{\w+\}|\w+)('s)?)*\.", line), line
        assert line.lstrip("[{")[0].isupper(), line
    marked = {mark: {word.lower() for word in re.findall(rf"\{mark}(\w+)", " ".join(SENTENCES))} for mark in "[{"}
    assert len(marked["["]) > 400
    assert len(marked["{"]) > 300
    assert len(marked["["] & marked["{"]) >= 10, "some names are a place here and none there"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("every_word", [False, True])
def test_no_place_of_the_test_is_seen_in_training(every_word, seed):
    corpus = location_windows(1, every_word=every_word, least_count=1, seed=seed)
    edge, unknown = map(corpus.vocabulary.index, ("<edge>", "<unknown>"))
    assert (edge, unknown) == (0, 1)
    X, y = corpus.test
    assert all(row[1] == unknown for row, is_place in zip(X, y, strict=True) if is_place)
    assert unknown not in {i for row in corpus.train.X for i in row}  # at least once, all of them
    assert {i for row in corpus.train.X for i in row} <= {*range(len(corpus.vocabulary))}
    n = sum(corpus.train.y) + sum(corpus.test.y)
    assert n == sum(line.count("[") for line in SENTENCES)
    assert 0.2 < sum(corpus.test.y) / n < 0.3


def test_every_process_draws_the_same():
    code = "import nn; print(nn.location_windows().test, *nn.location_windows().test, *nn.spirals(9), *nn.xor(9))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, stdout=-1, check=True
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


def test_windows_say_what_is_around_a_word():
    corpus = location_windows(2, every_word=True, seed=4)
    assert location_windows(2, every_word=True, seed=4) == corpus != location_windows(2, every_word=True, seed=5)
    assert corpus.train.feature_names == ("2 before", "1 before", "word", "1 after", "2 after")
    windows = corpus.windows("We sailed FROM Zzz to Anna's mother.")
    assert [word for word, _ in windows] == ["we", "sailed", "from", "zzz", "to", "anna", "'s", "mother"]
    words = [[corpus.vocabulary[i] for i in row] for _, row in windows]
    assert words[0][:2] == ["<edge>", "<edge>"]
    assert words[3][1:4] == ["from", "<unknown>", "to"]
    assert words[-1][1:] == ["'s", "mother", "<edge>", "<edge>"]
    assert corpus.windows("") == []
    with pytest.raises(TypeError, match=r"cut from a sentence.* not \['Lisbon'\]"):
        corpus.windows(["Lisbon"])


def looked_up(corpus):
    """The share right of the best rule that looks only at the word itself, whatever it says of unknown ones."""
    votes = {}
    for row, is_place in zip(*corpus.train, strict=True):
        votes.setdefault(row[corpus.size], []).append(is_place)
    known = {word: sum(found) * 2 > len(found) for word, found in votes.items() if word != 1}
    X, y = corpus.test
    return max(
        np.mean([known.get(row[corpus.size], guess) == label for row, label in zip(X, y, strict=True)])
        for guess in (False, True)
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_context_tells_places_that_were_never_seen(seed):
    corpus = location_windows(seed=seed)
    reads = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(C=5, max_iter=300))
    assert reads.fit(*corpus.train).score(*corpus.test) > max(0.9, looked_up(corpus) + 0.2)


def test_a_network_of_embedded_words_does_so_too():
    corpus = location_windows(size=2)
    model = Sequential(Embedding(len(corpus.vocabulary), 4, seed=0), MLP(5 * 4, [8, 1], "tanh", seed=0))
    optimizer = Adam(model.parameters(), learning_rate=0.01)
    fit(model, *corpus.train, loss="binary_cross_entropy", optimizer=optimizer, epochs=20, batch_size=32, l2=1e-4,
        backend="numpy", progress=False)  # fmt: skip
    share = accuracy(model, *corpus.test, loss="binary_cross_entropy")
    assert share > max(0.9, looked_up(corpus) + 0.1)
    places = [row for row, is_place in zip(*corpus.test, strict=True) if is_place]
    assert accuracy(model, places, [True] * len(places), loss="binary_cross_entropy") > 0.9


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"size": 0}, "size must be a whole number, 1 or more, but was 0"),
        ({"size": 21}, "size must be at most 20"),
        ({"size": "2"}, "size must be a whole number"),
        ({"every_word": "names"}, "every_word must be True or False, but was 'names'"),
        ({"least_count": 0}, "least_count must be a whole number, 1 or more"),
        ({"test_share": 1}, "test_share must be above 0 and below 1, but was 1"),
        ({"seed": -1}, "seed must be a whole number, 0 or more"),
    ],
)
def test_windows_refuse_what_they_cannot_be(settings, says):
    with pytest.raises(ValueError, match=says):
        location_windows(**settings)


def test_a_wheel_brings_the_sentences(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "nn/datasets/location_sentences.txt" in zipfile.ZipFile(wheel).namelist()
