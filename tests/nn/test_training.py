"""fit learns, repeats itself, agrees with the arithmetic done by hand, and refuses bad data."""

import math
import os
import sys
from datetime import date

import numpy as np
import pytest
from sklearn.datasets import load_wine

from engine import Value, no_grad, sigmoid, softmax
from engine.arguments import plain_lists
from nn import MLP, OPTIMIZERS, SGD, Adam, Module, Parameter, accuracy, evaluate, fit, hinge, iris, two_moons

XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1])


def test_it_learns_the_moons():
    X, y = two_moons(60, seed=2)
    model = MLP(2, [8, 8, 1], seed=3)
    history = fit(model, X, y, epochs=60, batch_size=10, learning_rate=0.3, progress=False)
    assert history["loss"][-1] < 0.1 < history["loss"][0]
    assert accuracy(model, X, y) >= 0.95
    assert len(history["loss"]) == len(history["accuracy"]) == 60


def test_it_learns_three_classes():
    X, y = iris()
    model = MLP(4, [6, 3], activation="tanh", seed=1)
    fit(model, X, y, loss="cross_entropy", epochs=12, batch_size=15, learning_rate=0.5, progress=False)
    assert accuracy(model, X, y, loss="cross_entropy") >= 0.95


def test_it_learns_a_line():
    class Line(Module):
        def __init__(self):
            self.slope, self.offset = Parameter(0.0), Parameter(0.0)

        def __call__(self, x):
            return self.slope * x[0] + self.offset

    X = [[-1.0], [0.0], [1.0], [2.0]]
    line = Line()
    history = fit(line, X, [3 * x[0] - 2 for x in X], loss="mean_squared_error", epochs=200, progress=False)
    assert (line.slope.data, line.offset.data) == pytest.approx((3, -2), abs=1e-6)
    assert set(history) == {"loss"}


def test_one_step_is_the_one_done_by_hand():
    X, y = XOR
    mine, hand = MLP(2, [3, 1], seed=5), MLP(2, [3, 1], seed=5)
    history = fit(mine, X, y, epochs=1, learning_rate=0.3, l2=0.01, progress=False)

    cost = sum(hinge(hand(x), label) for x, label in zip(X, y, strict=True)) / 4
    cost = cost + 0.01 * sum(p * p for p in hand.parameters())
    cost.backward()
    for p in hand.parameters():
        p.data -= 0.3 * p.grad

    assert history["loss"] == [pytest.approx(cost.data, rel=1e-14)]
    np.testing.assert_allclose([p.data for p in mine.parameters()], [p.data for p in hand.parameters()], rtol=1e-13)


def test_the_learning_rate_may_depend_on_the_epoch():
    x = Parameter(1.0)

    class Constant(Module):
        def __init__(self):
            self.x = x

        def __call__(self, row):
            return self.x * 1.0

    rates = []
    fit(Constant(), [[0.0]], [0.0], loss="mean_squared_error", epochs=3, progress=False,
        learning_rate=lambda epoch: rates.append(epoch) or 0.5 / (epoch + 1))  # fmt: skip
    assert x.data == pytest.approx((1 - 1.0) * (1 - 0.5) * (1 - 1 / 3), abs=1e-15)
    assert rates[-3:] == [0, 1, 2]


def test_the_seed_decides_the_batches():
    def run(seed):
        model = MLP(2, [3, 1], seed=1)
        fit(model, *two_moons(30), epochs=3, batch_size=7, seed=seed, progress=False)
        return model.state_dict()

    assert run(0) == run(0)
    assert run(0) != run(1)


def test_every_row_counts_once_an_epoch():
    seen = []

    class Spy(MLP):
        def __call__(self, x):
            seen.append(x[0])
            return super().__call__(x)

    X, y = [[float(i), 0.0] for i in range(10)], [1, -1] * 5
    settings = {"loss": "hinge", "learning_rate": 1e-3, "backend": "eager", "progress": False}
    fit(Spy(2, [1]), X, y, epochs=2, batch_size=4, **settings)
    assert seen.pop(0) == 0.0  # at first it looks at one row, for what the model needs
    assert sorted(seen[:10]) == sorted(seen[10:]) == [float(i) for i in range(10)]
    assert seen[:10] != seen[10:]


def test_numpy_data_and_lists_are_the_same():
    X, y = two_moons(20)
    a, b = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    fit(a, X, y, epochs=2, progress=False)
    fit(b, np.array(X), np.array(y), epochs=2, progress=False)
    assert a.state_dict() == b.state_dict()


def test_the_progress_bar_says_how_it_goes(capsys):
    fit(MLP(2, [1], seed=1), *XOR, epochs=2)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "loss=" in shown
    assert "accuracy=" in shown
    fit(MLP(2, [1], seed=1), *XOR, epochs=20, backend="numpy")  # several epochs between two looks at the bar
    assert "20/20" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        ([], [], "no data"),
        (np.empty((0, 2)), np.empty(0), "no data"),
        ([[1, 2]], [1, -1], "X has 1 rows and y has 2"),
        ([[1, 2], [1]], [1, -1], "row 1 has 1"),
        ([[1, 2], [1, math.nan]], [1, -1], "row 1 holds nan"),
        ([[1, 2], [1, math.inf]], [1, -1], "row 1 holds inf"),
        ([[1, 2]], [math.nan], "y must hold.*row 0 holds nan"),
        ([[1, 2, 3]], [1], "needs 2 inputs, but was given 3"),
        ([1, 2], [1, -1], "row 0 is 1"),
        ([["a", 2]], [1], "row 0 holds 'a'"),
        ([[None, 2]], [1], "row 0 holds None"),
        ([[10**400, 2]], [1], "row 0 holds 1000"),
        (None, [1], "must be lists or arrays, but are NoneType and list"),
        ({"a": 1}, [1], "dict"),
    ],
)
def test_bad_data_is_refused_and_changes_nothing(X, y, says):
    model = MLP(2, [2, 1], seed=1)
    before = model.state_dict()
    with pytest.raises(ValueError, match=says):
        fit(model, X, y, progress=False)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"epochs": -1}, "epochs.*-1"),
        ({"epochs": 2.5}, "epochs.*2.5"),
        ({"batch_size": 0}, "batch_size.*0"),
        ({"learning_rate": -0.1}, "learning_rate must be a number, 0 or more, but was -0.1"),
        ({"learning_rate": "0.1"}, "'0.1'"),
        ({"learning_rate": lambda epoch: None}, "None"),
        ({"seed": 0.5}, "seed.*0.5"),
        ({"learning_rate": math.nan}, "nan"),
        ({"l2": -1.0}, "l2.*-1"),
        ({"loss": "hinges"}, "unknown loss 'hinges'.*hinge, binary_cross_entropy"),
    ],
)
def test_bad_settings_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        fit(MLP(2, [1]), *XOR, progress=False, **settings)


@pytest.mark.parametrize(
    ("widths", "loss", "y", "says"),
    [
        ([3], "hinge", [1], "hinge needs a network with one output, but it gave 3"),
        ([3], "binary_cross_entropy", [1], "one output, but it gave 3"),
        ([1], "cross_entropy", [0], "one for each class"),
        ([2], "mean_squared_error", [1.0], "2 predictions, but 1 targets"),
    ],
)
def test_a_network_of_the_wrong_width_for_its_loss(widths, loss, y, says):
    with pytest.raises(ValueError, match=says):
        fit(MLP(2, widths), [[1.0, 2.0]], y, loss=loss, progress=False)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_labels_are_those_of_the_loss(backend):
    with pytest.raises(ValueError, match="labels -1 or 1, but was given 0"):
        fit(MLP(2, [1]), [[1.0, 2.0]], [0], loss="hinge", backend=backend, progress=False)


def test_one_hot_labels_are_the_classes_they_stand_for():
    X, y = iris()
    one_hot = [[float(label == k) for k in range(3)] for label in y]
    a, b = MLP(4, [3], seed=1), MLP(4, [3], seed=1)
    history = fit(a, X, y, loss="cross_entropy", epochs=3, learning_rate=0.5, progress=False)
    again = fit(b, X, one_hot, loss="cross_entropy", epochs=3, learning_rate=0.5, progress=False)
    np.testing.assert_allclose(again["loss"], history["loss"], rtol=1e-12)
    assert again["accuracy"] == history["accuracy"]
    assert accuracy(b, X, one_hot, loss="cross_entropy") == accuracy(a, X, y, loss="cross_entropy") > 0.7


def test_tables_that_know_numpy_are_data_too():
    a, b = MLP(2, [1], seed=1), MLP(2, [1], seed=1)
    assert fit(a, Table(XOR[0]), XOR[1], epochs=1, progress=False) == fit(b, *XOR, epochs=1, progress=False)
    assert [z.data for z in a.batch(Table(XOR[0]))] == [b(x).data for x in XOR[0]]


def test_it_learns_whatever_is_around():
    model = MLP(2, [3, 1], seed=1)
    before = model.state_dict()
    with no_grad():
        fit(model, *XOR, epochs=1, progress=False)
    assert model.state_dict() != before


def test_a_shared_parameter_moves_once():
    class Tied(Module):
        def __init__(self):
            self.a = self.b = Parameter(1.0)

        def __call__(self, x):
            return self.a * x[0] + self.b

    model = Tied()
    assert len(model.parameters()) == 1
    assert set(model.state_dict()) == {"a", "b"}
    fit(model, [[1.0]], [0.0], loss="mean_squared_error", epochs=1, learning_rate=np.float32(0.125), progress=False)
    assert model.a.data == 1.0 - 0.125 * 2 * 2 * 2


def test_a_loss_that_is_no_longer_finite_stops_the_training():
    with pytest.raises(FloatingPointError, match=r"epoch.*smaller learning rate"):
        fit(MLP(1, [1], seed=1), [[1e10]], [1e10], loss="mean_squared_error", learning_rate=1e10, progress=False)


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("batch_size", [None, 20])
def test_a_training_that_diverges_says_so(backend, batch_size):
    """The wine that everybody tries, at the default rate: the outputs become nan before the loss is looked at."""
    X, y = load_wine(return_X_y=True)
    model = MLP(13, [16, 16, 3], activation="linear", seed=0)
    with pytest.raises(FloatingPointError, match=r"the loss became .* in epoch .*: try a smaller learning rate"):
        fit(model, X, y, loss="cross_entropy", batch_size=batch_size, backend=backend, progress=False)


@pytest.mark.parametrize(("loss", "n_outputs"), [("hinge", 1), ("binary_cross_entropy", 1), ("cross_entropy", 3)])
def test_outputs_that_are_nan_have_no_accuracy(loss, n_outputs):
    model = MLP(2, [n_outputs], init="zeros")
    model.layers[0].neurons[0].b.data = math.nan
    with pytest.raises(FloatingPointError, match=r"nan.* for row 0, which stands for no label"):
        accuracy(model, [[1.0, 2.0]], [1], loss=loss)
    model.layers[0].neurons[0].b.data = math.inf
    assert accuracy(model, [[1.0, 2.0]] * 2, [1, 0 if loss != "hinge" else -1], loss=loss) == 0.5


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (-1, "labels 0 to 2, but was given -1"),
        (1.5, "labels 0 to 2, but was given 1.5"),
        (3, "labels 0 to 2, but was given 3"),
        ([-1, 1, 1], r"a number, 0 or more, for each class in a label, but was given \[-1, 1, 1\]"),
        ([1, 1], "each of 3 classes.* given 2"),
    ],
)
@pytest.mark.parametrize("backend", ["accuracy", "eager", "numpy"])
def test_labels_that_are_no_classes_are_refused_by_all_alike(label, says, backend):
    model = MLP(2, [3], seed=1)
    X, y, settings = [[1.0, 2.0]], [label], {"loss": "cross_entropy"}
    with pytest.raises(ValueError, match=says):
        accuracy(model, X, y, **settings) if backend == "accuracy" else fit(
            model, X, y, backend=backend, progress=False, **settings
        )


def test_numpy_integers_are_whole_numbers():
    data = [[1.0, 2.0], [3.0, 4.0]], [1, -1]
    model = MLP(np.int64(2), [np.int32(2), np.uint8(1)], seed=np.int16(3))
    fit(model, *data, epochs=np.int64(2), batch_size=np.uint8(1), seed=np.int64(1), progress=False)
    same = MLP(2, [2, 1], seed=3)
    fit(same, *data, epochs=2, batch_size=1, seed=1, progress=False)
    assert same.state_dict() == model.state_dict()
    assert two_moons(np.int64(5), seed=np.int8(1)) == two_moons(5, seed=1)


class Detached(Module):
    """What gives a number that is not computed from the parameters."""

    def __init__(self, forward):
        self.w, self.forward = Parameter(2.0), forward

    def __call__(self, x):
        return self.forward(self.w, x[0])


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize("loss", ["hinge", "mean_squared_error"])
@pytest.mark.parametrize(
    "forward", [lambda w, x: 0.5, lambda w, x: Value(x) * 2 if type(x) is float else x * 2, lambda w, x: x]
)
def test_a_model_that_does_not_use_its_parameters_is_refused(forward, loss, backend):
    with pytest.raises(ValueError, match="the loss does not depend on the parameters of the model"):
        fit(Detached(forward), [[1.0], [2.0]], [1, -1], loss=loss, l2=0.1, backend=backend, progress=False)


def test_a_model_may_ignore_its_parameters_for_some_rows():
    gate = Detached(lambda w, x: w * x if x > 0 else 0.0)
    fit(gate, [[-1.0], [1.0]], [0.0, 0.0], loss="mean_squared_error", batch_size=1, epochs=1, progress=False)
    assert gate.w.data == pytest.approx(2.0 - 0.1 * 4.0)


def test_there_may_be_no_place_to_show_progress(monkeypatch):
    with open(os.devnull, "w") as closed:
        pass
    for stderr in (None, closed):
        monkeypatch.setattr(sys, "stderr", stderr)
        assert len(fit(MLP(2, [1], seed=1), *XOR, epochs=2)["loss"]) == 2


class Table:
    """What pandas's tables and columns do."""

    def __init__(self, rows, columns=("a", "b")):
        self.rows, self.columns = rows, list(columns)

    def __iter__(self):
        return iter(self.columns)

    def __len__(self):
        return len(self.rows)

    def to_numpy(self):
        return np.array(self.rows)


NAMES = {
    "text": ["no", "yes", "yes", "no"],
    "truth": [False, True, True, False],
    "text in an array": np.array(["no", "yes", "yes", "no"]),
    "truth in an array": np.array([False, True, True, False]),
    "objects in an array": np.array(["no", "yes", "yes", "no"], dtype=object),
    "a column": [["no"], ["yes"], ["yes"], ["no"]],
    "a column in an array": np.array([[False], [True], [True], [False]]),
    "a table": Table([["no"], ["yes"], ["yes"], ["no"]], "y"),
    "text beside numbers": [1, "one", "one", 1],
    "dates": [date(2025, 1, 1), date(2026, 1, 1), date(2026, 1, 1), date(2025, 1, 1)],
}


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize(
    ("loss", "n_outputs", "numbers"),
    [("hinge", 1, [-1, 1, 1, -1]), ("binary_cross_entropy", 1, [0, 1, 1, 0]), ("cross_entropy", 2, [0, 1, 1, 0])],
)
@pytest.mark.parametrize("names", NAMES)
def test_labels_of_any_kind_are_classes(names, loss, n_outputs, numbers, backend):
    settings = {"loss": loss, "epochs": 3, "batch_size": 3, "backend": backend, "progress": False}
    mine, same = MLP(2, [3, n_outputs], seed=1), MLP(2, [3, n_outputs], seed=1)
    assert fit(mine, XOR[0], NAMES[names], **settings) == fit(same, XOR[0], numbers, **settings)
    assert mine.state_dict() == same.state_dict()
    first, second = [label[0] if names.startswith("a ") else label for label in plain_lists(NAMES[names])][:2]
    assert mine.classes == (first, second)
    assert type(mine.classes[0]) is type(first)
    assert same.classes is None
    assert accuracy(mine, XOR[0], NAMES[names], loss=loss) == accuracy(same, XOR[0], numbers, loss=loss)
    assert accuracy(same, XOR[0], NAMES[names], loss=loss, classes=mine.classes) == accuracy(
        same, XOR[0], numbers, loss=loss
    )


def test_classes_have_the_order_that_is_given():
    model, same = MLP(2, [3], seed=1), MLP(2, [3], seed=1)
    settings = {"loss": "cross_entropy", "epochs": 2, "progress": False}
    order = ["small", "medium", "large"]  # which is not in y
    fit(model, XOR[0], ["small", "medium", "medium", "small"], classes=order, **settings)
    fit(same, XOR[0], [0, 1, 1, 0], **settings)
    assert model.state_dict() == same.state_dict()
    assert model.classes == tuple(order)
    fit(model, XOR[0], ["large", "medium", "medium", "large"], **settings)  # which the model knows
    fit(same, XOR[0], [2, 1, 1, 2], **settings)
    assert model.state_dict() == same.state_dict()
    fit(model, XOR[0], [[0, 1, 0]] * 4, **settings)  # in the order of the classes
    assert model.classes == tuple(order)
    for given in ([1, 2, 3], (1, 2, 3), np.array([1, 2, 3]), Table([1, 2, 3], "classes")):
        numbers, settings["loss"] = MLP(2, [3], seed=1), None
        fit(numbers, XOR[0], [1, 2, 2, 1], classes=given, **settings)
        assert numbers.classes == (1, 2, 3)
        assert accuracy(same, XOR[0], [1, 2, 2, 1], classes=given) == accuracy(same, XOR[0], [0, 1, 1, 0])


def test_a_column_of_numbers_is_a_list_of_numbers():
    column, same = MLP(2, [1], seed=1), MLP(2, [1], seed=1)
    for loss in ("hinge", "mean_squared_error"):
        fit(column, XOR[0], np.array(XOR[1])[:, None], loss=loss, epochs=2, progress=False)
        fit(same, *XOR, loss=loss, epochs=2, progress=False)
    assert column.state_dict() == same.state_dict()


@pytest.mark.parametrize(
    ("y", "settings", "says"),
    [
        (
            ["a", "b", "c", "a"],
            {"loss": "hinge"},
            "tells two classes apart, but there are 3, 'a', 'b', 'c'.*cross_entropy",
        ),
        (["a", "b", "c", "d"], {}, "the model gives 3 outputs, but there are 4 classes, 'a', 'b', 'c', 'd'"),
        (
            ["a", "b", "b", "a"],
            {},
            "the model gives 3 outputs, but there are 2 classes, 'a', 'b': say which .* classes=",
        ),
        (["a"] * 4, {}, "y has one class only, 'a': say which there are with classes="),
        ([0, math.nan, 1, 2], {"loss": None}, "y must hold plain finite numbers, but row 1 holds nan"),
        ([0, 1, math.inf, 2], {"loss": None}, "y must hold plain finite numbers, but row 2 holds inf"),
        (["a", None, "b", "c"], {}, "y must hold a label for each row, but row 1 has none: None"),
        (["a", math.nan, "b", "c"], {}, "row 1 has none: nan"),
        ([True, False, 1, 0], {}, "must not hold True or False beside other labels"),
        (["a", {"b": 1}, "b", "c"], {}, "row 1 holds {'b': 1}"),
        (["a", ["b", "c"], "b", "c"], {}, r"row 1 holds \['b', 'c'\]"),
        (["a", Value(1), "b", "c"], {}, r"row 1 holds Value\(data=1\)"),
        ([0, 1, 3, 0], {}, "labels 0 to 2, but was given 3"),
        (
            ["a", "b", "x", "a"],
            {"classes": ["a", "b", "c"]},
            "y must hold the classes 'a', 'b', 'c', but row 2 holds 'x'",
        ),
        (["a", "b", "a", "a"], {"classes": "abc"}, "classes must be a list of two labels or more, but was 'abc'"),
        (["a", "b", "a", "a"], {"classes": ["a", "b", "a"]}, "classes must have each label once"),
        ([0.5] * 4, {"classes": ["a", "b"], "loss": "mean_squared_error"}, "mean_squared_error has no classes"),
        (["a", "b", "a", "a"], {"loss": "mean_squared_error"}, "y must hold plain finite numbers, but row 0 holds 'a'"),
    ],
)
@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_labels_that_cannot_be_meant_are_refused(y, settings, says, backend):
    settings = {"loss": "cross_entropy", "backend": backend, "progress": False} | settings
    model = MLP(2, [1 if settings["loss"] in ("hinge", "mean_squared_error") else 3], seed=1)
    before = model.state_dict()
    with pytest.raises(ValueError, match=says):
        fit(model, XOR[0], y, **settings)
    assert model.state_dict() == before
    assert model.classes is None


def test_labels_that_a_model_was_not_trained_for_are_refused():
    model = MLP(2, [1], seed=1)
    with pytest.raises(
        ValueError, match=r"such as 'yes', is known of a model that was trained for such labels: .*classes="
    ):
        accuracy(model, XOR[0], ["yes", "no", "yes", "no"])
    assert accuracy(model, XOR[0], [True, False, True, False]) == accuracy(model, XOR[0], [1, -1, 1, -1])
    fit(model, XOR[0], ["yes", "no", "yes", "no"], epochs=1, progress=False)
    for y in ([1, -1, 1, -1], ["maybe", "no", "yes", "no"]):
        with pytest.raises(ValueError, match="y must hold the classes 'no', 'yes', but row 0 holds"):
            accuracy(model, XOR[0], y)
        with pytest.raises(ValueError, match="y must hold the classes 'no', 'yes', but row 0 holds"):
            fit(model, XOR[0], y, progress=False)
    model.classes = None
    fit(model, *XOR, epochs=1, progress=False)
    assert model.classes is None


def test_what_a_model_of_your_own_calls_classes_is_left_alone():
    model = MLP(2, [1], seed=1)
    model.classes = 3
    fit(model, *XOR, epochs=1, progress=False)
    with pytest.raises(ValueError, match=r"model.classes must be a list of two labels or more, but was 3"):
        fit(model, XOR[0], ["yes", "no", "yes", "no"], progress=False)
    assert model.classes == 3


def test_accuracy_needs_labels():
    with pytest.raises(ValueError, match="numbers, not labels"):
        accuracy(MLP(2, [1]), *XOR, loss="mean_squared_error")
    with pytest.raises(ValueError, match="numbers, not labels"):
        accuracy(MLP(2, [1]), XOR[0], [0.5, 1.0, 1.0, 0.0])
    with pytest.raises(ValueError, match="hinge needs labels -1 or 1, but was given 0"):
        accuracy(MLP(2, [1]), [[1.0, 2.0]], [0], loss="hinge")


SOFT = [[0.25, 0.75], [0.5, 0.5], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("n_outputs", "y", "loss"),
    [
        (1, [-1, 1, 1, -1], "hinge"),
        (1, [1, 1, 1, 1], "hinge"),
        (1, np.array([[-1.0], [1.0], [1.0], [-1.0]]), "hinge"),
        (1, ["no", "yes", "yes", "no"], "hinge"),
        (1, [False, True, True, False], "hinge"),
        (1, [0, 1, 1, 0], "binary_cross_entropy"),
        (1, np.array([[0], [1], [1], [0]]), "binary_cross_entropy"),
        (1, [0, 1, 2, 0], "mean_squared_error"),
        (1, [0.5, -1, 1, 1], "mean_squared_error"),
        (1, [-1, 0, 1, 0], "mean_squared_error"),
        (2, [0, 1, 1, 0], "cross_entropy"),
        (2, ["no", "yes", "yes", "no"], "cross_entropy"),
        (2, [False, True, True, False], "cross_entropy"),
        (2, [[1, 0], [0, 1], [0, 1], [1, 0]], "cross_entropy"),
        (2, [[1, 0.5], [0, 1], [0, 1], [1, 0]], "mean_squared_error"),
        (2, [[-1, 2], [0, 1], [0, 1], [1, 0]], "mean_squared_error"),
        (2, SOFT, "may say how probable each class is, or be numbers to predict: write loss='cross_entropy' or"),
        (2, [0.5, 1.5, 1.5, 0.5], "given 2 predictions, but 1 targets"),
        (2, [-1, 1, 1, -1], "labels 0 to 1, but was given -1"),
        (1, [[1, 2], [0, 1], [0, 1], [1, 0]], "given 1 predictions, but 2 targets"),
        (1, ["a", "b", "c", "a"], "tells two classes apart, but there are 3.*cross_entropy, with an output for each"),
    ],
)
def test_the_loss_is_the_one_that_fits(n_outputs, y, loss):
    """Or it says what is wrong with that one."""
    models = [MLP(2, [n_outputs], seed=1) for _ in range(2)]
    if " " in loss:
        with pytest.raises(ValueError, match=loss):
            fit(models[0], XOR[0], y, progress=False)
        return
    assert fit(models[0], XOR[0], y, epochs=3, progress=False) == fit(
        models[1], XOR[0], y, loss=loss, epochs=3, progress=False
    )
    assert models[0].state_dict() == models[1].state_dict()
    assert evaluate(models[0], XOR[0], y) == evaluate(models[0], XOR[0], y, loss=loss)
    if loss != "mean_squared_error":
        assert accuracy(models[0], XOR[0], y) == accuracy(models[0], XOR[0], y, loss=loss)


class Ending(Module):
    """A model of the user's own, that ends in a function."""

    def __init__(self, end, n_outputs):
        self.inner, self.end = MLP(2, [n_outputs], seed=1), end

    def __call__(self, x):
        return self.end(self.inner(x))


ENDINGS = [
    (lambda: Ending(sigmoid, 1), [0, 1, 1, 0], "binary_cross_entropy"),
    (lambda: Ending(softmax, 2), [0, 1, 1, 0], "cross_entropy"),
    (lambda: MLP(2, [1], output_activation="sigmoid", seed=1), ["a", "b", "b", "a"], "binary_cross_entropy"),
]


@pytest.mark.parametrize(("model", "y", "loss"), ENDINGS)
def test_a_loss_of_probabilities_is_inferred(model, y, loss):
    mine, same = model(), model()
    loss = f"{loss}_from_probabilities"
    history = fit(mine, XOR[0], y, epochs=3, progress=False)
    assert history.loss == loss
    assert history == fit(same, XOR[0], y, loss=loss, epochs=3, progress=False)
    assert accuracy(mine, XOR[0], y) == evaluate(mine, XOR[0], y, loss=loss)["accuracy"]


@pytest.mark.parametrize("backend", ["eager", "numpy"])
@pytest.mark.parametrize(("model", "y", "loss"), ENDINGS[:2])
def test_probabilities_are_refused_where_a_loss_makes_them(model, y, loss, backend):
    for ask in (fit, evaluate):
        with pytest.raises(ValueError, match=f"are probabilities already.*, but {loss} takes .* loss='{loss}_from"):
            ask(model(), XOR[0], y, loss=loss, backend=backend)


def test_a_sigmoid_has_no_margin():
    for model in (Ending(sigmoid, 1), MLP(2, [1], output_activation="sigmoid")):
        for loss in ("hinge", None):
            with pytest.raises(ValueError, match="hinge takes"):
                fit(model, *XOR, loss=loss, progress=False)


def test_an_optimizer_by_name_has_its_own_rate():
    for name, kind in OPTIMIZERS.items():
        mine, same = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
        fit(mine, *XOR, optimizer=name, epochs=3, progress=False)
        fit(same, *XOR, optimizer=kind(same.parameters()), epochs=3, progress=False)
        assert mine.state_dict() == same.state_dict()


def test_sgd_needs_parameters_and_a_rate():
    with pytest.raises(ValueError, match="parameters"):
        SGD([])
    with pytest.raises(ValueError, match="learning_rate"):
        SGD([Parameter(1.0)], learning_rate=-1)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda p: SGD(MLP(1, [1])), TypeError, r"write SGD\(model.parameters\(\)\), not SGD\(model\)"),
        (lambda p: SGD("abc"), TypeError, "SGD needs a list of Parameters.* was given 'abc'"),
        (lambda p: SGD(None), TypeError, "was given None"),
        (lambda p: SGD(p), TypeError, "needs a list of Parameters"),
        (lambda p: SGD([1.0]), TypeError, "was given 1.0 among them"),
        (lambda p: Adam({"w": p}), TypeError, "Adam changes Parameters, but was given 'w' among them"),
        (lambda p: SGD([p * 2]), ValueError, "was computed, so SGD cannot change it"),
        (lambda p: SGD([p, p]), ValueError, "is among the parameters twice"),
        (lambda p: SGD([p], True), ValueError, "learning_rate must be a number, 0 or more, but was True"),
        (lambda p: SGD([p], 10**400), ValueError, "learning_rate must be a number, 0 or more, but was 1000"),
        (lambda p: SGD([p], "0.1"), ValueError, "learning_rate must be .* but was '0.1'"),
        (lambda p: Adam([p], beta1=-0.1), ValueError, "beta1 must be from 0 to below 1, but was -0.1"),
        (lambda p: Adam([p], beta2="x"), ValueError, "beta2 must be from 0 to below 1, but was 'x'"),
        (lambda p: Adam([p], epsilon=0), ValueError, "epsilon must be a number above 0, but was 0"),
        (lambda p: Adam([p], epsilon=math.inf), ValueError, "epsilon must be a number above 0, but was inf"),
        (lambda p: setattr(Adam([p]), "epsilon", 0.0), ValueError, "epsilon must be a number above 0, but was 0"),
        (lambda p: setattr(SGD([p]), "state", None), TypeError, "is a TrainingState, but was None"),
        (lambda p: SGD([p]).load_state_dict(None), TypeError, "is a dict, .* but was None"),
    ],
)
def test_settings_of_optimizers_are_checked(make, error, says):
    with pytest.raises(error, match=says):
        make(Parameter(1.0))


def test_values_that_are_no_parameters_may_be_optimized():
    x = Value(3.0)
    optimizer = Adam(iter([x]), 0.5)
    for _ in range(2):  # a gradient of 0 too
        optimizer.zero_grad()
        optimizer.step()
    assert x.data == 3.0


def test_sgd_zeroes_and_steps():
    x = Parameter(2.0)
    optimizer = SGD([x], learning_rate=0.25)
    (x * x + Value(1)).backward()
    optimizer.step()
    optimizer.zero_grad()
    assert (x.data, x.grad) == (1.0, 0.0)
