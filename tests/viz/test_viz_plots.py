"""The plots: what is drawn where, and what is refused."""

import base64
import io
import math
import re
from collections import UserList, deque
from collections.abc import Iterator
from itertools import pairwise
from xml.dom import minidom

import IPython.display
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.contour import QuadContourSet
from matplotlib.transforms import Affine2D
from thorough import thorough

from engine import Value, tanh
from nn import ACTIVATIONS, MLP, evaluate, fit, layer_outputs, two_moons
from viz import (
    draw_graph,
    plot_activation,
    plot_activations,
    plot_confusion,
    plot_decision_boundary,
    plot_gradient_flow,
    plot_histograms,
    plot_history,
    plot_loss_landscape,
    plot_neurons,
    plot_weight_paths,
    plot_weights,
    save_figure,
)
from viz.palette import EDGE, PETROFF10
from viz.plots.figure import MARKERS
from viz.text import printable

X = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


def above(x):
    return x[0] + x[1] - 1.0


def points(ax):
    return [item for item in ax.collections if isinstance(item, PathCollection)]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def boundary(ax):
    """Every point of the lines where one class gives way to another."""
    lines = [item for item in ax.collections if not isinstance(item, PathCollection) and not item.get_fill()]
    return np.concatenate([path.vertices for item in lines for path in item.get_paths()]) if lines else np.empty((0, 2))


def shade_at(ax, x1, x2):
    """The colour under a point, as it is drawn."""
    for item in (*points(ax), ax.get_legend()):
        if item is not None:
            item.remove()
    ax.figure.canvas.draw()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())
    column, row = ax.transData.transform((x1, x2))
    return pixels[pixels.shape[0] - 1 - round(row), round(column), :3] / 255


@pytest.mark.parametrize("labels", [[-1, -1, 1, 1], [0, 0, 1, 1], [False, False, True, True], ["a", "a", "b", "b"]])
@pytest.mark.parametrize("as_array", [False, True])
def test_each_class_has_its_own_colour_marker_and_name(labels, as_array):
    ax = plot_decision_boundary(above, np.array(X) if as_array else X, np.array(labels) if as_array else labels)
    assert legend(ax) == [str(label) for label in sorted(set(labels))]
    first, second = points(ax)
    assert first.get_offsets().tolist() == X[:2]
    assert second.get_offsets().tolist() == X[2:]
    assert [tuple(item.get_facecolor()[0]) for item in (first, second)] == [to_rgba(c) for c in PETROFF10[:2]]
    assert first.get_paths()[0].vertices.shape != second.get_paths()[0].vertices.shape


def test_the_line_is_where_the_score_is_at_the_threshold():
    for threshold in (0.0, 0.5):
        ax = plot_decision_boundary(above, X, [0, 0, 1, 1], threshold=threshold)
        line = boundary(ax)
        assert len(line) > 10
        np.testing.assert_allclose(line.sum(axis=1), 1.0 + threshold, atol=1e-9)


def test_the_shade_is_the_colour_of_the_class_on_that_side():
    ax = plot_decision_boundary(above, X, [0, 0, 1, 1])
    blue, orange = shade_at(ax, 0.0, 0.0), shade_at(ax, 1.0, 1.0)
    assert blue[2] > blue[0] + 0.1
    assert orange[0] > orange[2] + 0.1


def test_values_and_networks_can_be_given_as_they_are():
    data, labels = two_moons(20)
    plot_decision_boundary(MLP(2, [3, 1], seed=1), data, labels, resolution=4)
    plot_decision_boundary(MLP(2, [3, 3], seed=1), data, [i % 3 for i in range(20)], resolution=4)
    ax = plot_decision_boundary(lambda x: tanh(Value(x[0]) + x[1] - 1), X, [0, 0, 1, 1])
    np.testing.assert_allclose(boundary(ax).sum(axis=1), 1.0, atol=0.01)


def test_predict_gets_one_point_of_plain_floats():
    seen = []
    plot_decision_boundary(lambda x: seen.append(x) or sum(x), X, [0, 0, 1, 1], resolution=3)
    assert len(seen) == 9
    assert all(type(x) is list and [type(number) for number in x] == [float, float] for x in seen)


def test_for_many_classes_each_point_has_the_colour_of_its_highest_score():
    ax = plot_decision_boundary(lambda x: [-x[0], x[0] - 1.0, 0.3 - abs(x[0] - 0.5) + x[1]], X, [0, 1, 2, 2])
    assert legend(ax) == ["0", "1", "2"]
    line = boundary(ax)
    a, b, c = -line[:, 0], line[:, 0] - 1.0, 0.3 - abs(line[:, 0] - 0.5) + line[:, 1]
    gap = np.sort(np.stack([a, b, c]), axis=0)
    assert np.max(gap[2] - gap[1]) < 0.05
    red = shade_at(ax, 0.5, 1.0)
    assert red[0] > red[2] + 0.05
    assert red[0] > red[1] + 0.05


def test_two_scores_are_two_classes():
    ax = plot_decision_boundary(lambda x: [0.0, above(x)], X, [0, 0, 1, 1])
    np.testing.assert_allclose(boundary(ax).sum(axis=1), 1.0, atol=1e-9)


def test_classes_give_the_order_and_labels_the_names():
    ax = plot_decision_boundary(above, X, ["low", "low", "high", "high"], classes=["low", "high"], labels=["L", "H"])
    assert legend(ax) == ["L", "H"]
    assert points(ax)[0].get_offsets().tolist() == X[:2]


def test_a_model_knows_its_classes():
    model = MLP(2, [1], seed=1)
    fit(model, X, ["b", "b", "a", "a"], classes=["b", "a"], epochs=1, progress=False)
    assert legend(plot_decision_boundary(model, X, ["b", "b", "a", "a"], resolution=3)) == ["b", "a"]
    assert legend(plot_decision_boundary(model, X, ["a", "a", "a", "a"], resolution=3)) == ["b", "a"]
    assert legend(plot_decision_boundary(model, X, [0, 0, 1, 1], resolution=3)) == ["0", "1"]


class Table:
    """What pandas's tables do."""

    columns = ("length", "width_$")

    def __iter__(self):
        return iter(self.columns)

    def to_numpy(self):
        return np.array(X)


def test_a_table_names_the_axes():
    ax = plot_decision_boundary(above, Table(), [0, 0, 1, 1], resolution=3)
    assert (ax.get_xlabel(), ax.get_ylabel()) == Table.columns
    assert points(ax)[0].get_offsets().tolist() == X[:2]
    ax = plot_decision_boundary(above, X, [0, 0, 1, 1], resolution=3)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "x2")


HOSTILE = [
    "",
    "_a",
    "$\\frac{$",
    "$x_1$",
    "$5",
    "a$b$c",
    "two\nlines",
    "a\tb",
    "bell\x07",
    "\ufffe",
    "\ud800",
    "<b>&amp;",
    "{}",
]


@pytest.mark.parametrize("ending", ["svg", pytest.param("png", marks=thorough)])
@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_shown(name, ending, tmp_path):
    figure, (left, right) = pyplot.subplots(1, 2)
    ax = plot_decision_boundary(
        above, X, [name, name, "other", "other"], classes=[name, "other"], title=name, resolution=3, ax=left
    )
    assert legend(ax) == [printable(name), "other"]
    plot = plot_history({name: [1.0, 0.5], "accuracy": [0.5, 1.0]}, ax=right)
    assert legend(plot) == [printable(name.replace("_", " ")), "accuracy"]
    for each in (ax, plot):
        each.set(xticks=[], yticks=[])  # which take most of the time, and show no text of the user's
    save_figure(figure, tmp_path / f"x.{ending}")
    if ending == "svg":
        minidom.parse(str(tmp_path / "x.svg"))


def test_a_class_without_points_is_still_known():
    assert legend(plot_decision_boundary(above, X, [1, 1, 1, 1])) == ["-1", "1"]
    assert legend(plot_decision_boundary(above, X, [0, 0, 0, 0])) == ["0", "1"]
    assert legend(plot_decision_boundary(lambda x: [1.0, 2.0, 3.0], X, [0, 0, 2, 2])) == ["0", "1", "2"]


def test_the_axes_given_are_used_and_no_others_are_made():
    figure, (left, right) = pyplot.subplots(1, 2)
    assert plot_decision_boundary(above, X, [0, 0, 1, 1], ax=right, title="Here", resolution=3) is right
    assert plot_history({"loss": [1.0]}, ax=left) is left
    assert right.get_title() == "Here"
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, 0.0, 1e308, 1e-320])
def test_a_model_that_has_gone_wrong_can_still_be_looked_at(score):
    for predict in (lambda x: score, lambda x: score if x[0] > 0.5 else 1.0, lambda x: [score, 0.0]):
        ax = plot_decision_boundary(predict, X, [0, 0, 1, 1], resolution=5)
        ax.figure.canvas.draw()


def test_a_single_point_is_no_trouble():
    ax = plot_decision_boundary(above, [[2.0, 3.0]], [1], resolution=3)
    assert ax.get_xlim() == (1.0, 3.0)


@pytest.mark.parametrize(
    ("data", "labels", "message"),
    [
        ([], [], "X is empty"),
        (np.empty((0, 2)), [], "X is empty"),
        (X, [0, 1], "X has 4 points and y 2 labels"),
        ([[1.0, 2.0, 3.0]], [0], "X[0] has 3 numbers, not 2: choose two columns"),
        ([[0.0, 0.0], [1.0]], [0, 1], "X[1] has 1 numbers"),
        ([1.0, 2.0], [0, 1], "X[0] is 1.0"),
        ([[0.0, math.nan]], [0], "two finite numbers, but X[0] is [0.0, nan]"),
        ([[0.0, math.inf]], [0], "two finite numbers, but X[0] is [0.0, inf]"),
        ([[0.0, "a"]], [0], "X[0] is [0.0, 'a']"),
        (X, [[0], [0], [1], [1]], "one label for each point"),
        (X, [0, 1, 2, 2], "one score, which tells two classes apart, but there are 3 classes: [0, 1, 2]"),
        (X, ["a"] * 4, "there are 1 classes: ['a']; say which with classes="),
    ],
)
def test_data_that_does_not_fit_is_refused(data, labels, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_decision_boundary(above, data, labels, resolution=2)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": [0, 2]}, "y has the label 1, which is not one of the classes [0, 2]"),
        ({"labels": ["only one"]}, "labels must name 2 classes"),
        ({"resolution": 1}, "2 or more, but was 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_decision_boundary(above, X, [0, 0, 1, 1], **arguments)


@pytest.mark.parametrize("output", ["blue", None, [], [None], [[1.0, 2.0], [3.0, 4.0]]])
def test_a_model_that_gives_no_scores_is_refused(output):
    with pytest.raises(TypeError, match="a number or a list of numbers for each row, but gave"):
        plot_decision_boundary(lambda x: output, X, [0, 0, 1, 1])


def test_something_that_is_no_model_is_refused():
    with pytest.raises(TypeError, match="predict must be a model or a function of one point, but was 3"):
        plot_decision_boundary(3, X, [0, 0, 1, 1])


def test_a_changing_number_of_scores_is_refused():
    with pytest.raises(ValueError, match=re.escape("as many numbers for every row, but gave [1, 2]")):
        plot_decision_boundary(lambda x: [1.0] if x[0] > 0.5 else [1.0, 2.0], X, [0, 0, 1, 1])


def test_an_estimator_is_asked_for_its_probabilities():
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression().fit(X, ["a", "a", "b", "b"])
    ax = plot_decision_boundary(estimator, X, ["a", "a", "b", "b"], resolution=30)
    line = boundary(ax)
    np.testing.assert_allclose(estimator.predict_proba(line)[:, 1], 0.5, atol=0.01)
    (image,) = ax.images
    assert (image.norm.vmin, image.norm.vcenter, image.norm.vmax) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_of_several_classes_the_shade_is_the_probability_of_the_winner(n):
    scores = [0.5 * i for i in range(n)]
    labels = [0, 1, n - 1, n - 1]
    expected = np.exp(scores) / np.exp(scores).sum()
    for given in (scores, expected):
        ax = plot_decision_boundary(lambda x, given=given: [*given], X, labels, classes=[*range(n)], resolution=2)
        color = np.array(to_rgba(PETROFF10[n - 1])[:3])
        depth = (expected.max() - 1 / n) / (1 - 1 / n) * 0.6
        np.testing.assert_allclose(ax.images[0].get_array()[7, 7, :3], 1 - depth * (1 - color), atol=1e-6)
    bar = ax.figure.axes[-1]
    assert bar.get_ylabel() == "probability of the class shown"
    assert bar.get_ylim() == (1 / n, 1.0)


def test_the_colour_bar_says_which_side_is_which_class_and_the_axes_are_to_one_scale():
    ax = plot_decision_boundary(above, X, [-1, -1, 1, 1], resolution=3)
    assert ax.figure.axes[-1].get_ylabel() == "score (below 0: -1, above: 1)"
    assert ax.get_legend().get_title().get_text() == "class"
    assert ax.get_aspect() == 1.0
    assert plot_decision_boundary(above, Table(), [0, 0, 1, 1], resolution=3).get_aspect() == "auto"
    ax = plot_decision_boundary(above, X, [0, 0, 1, 1], resolution=3, equal=False, colorbar=False)
    assert (ax.get_aspect(), ax.figure.axes) == ("auto", [ax])


@pytest.mark.parametrize(
    ("layout", "aspect"), [(None, "equal"), (None, "auto"), ("constrained", "equal"), ("tight", "equal")]
)
def test_a_colour_bar_is_as_high_as_the_plot_and_beside_it(layout, aspect):
    wide = [[3 * x, y] for x, y in X]
    settings = {"equal": aspect == "equal", "resolution": 3}
    figure, axes = pyplot.subplots(1, 3, figsize=(15, 4), layout=layout)
    axes[2].set_aspect(aspect)
    for points, ax in ((wide, axes[0]), ([point[::-1] for point in wide], axes[1])):
        plot_decision_boundary(above, points, [0, 0, 1, 1], ax=ax, **settings)
    plot_loss_landscape(bowl, center=[1.0, 2.0], resolution=3, ax=axes[2])
    figure.draw_without_rendering()
    for ax, bar_axes in zip(axes, figure.axes[3:], strict=True):
        plot, bar = ax.get_window_extent(), bar_axes.get_window_extent()
        assert (bar.y0, bar.height) == pytest.approx((plot.y0, plot.height), abs=0.01)
        assert bar.width == pytest.approx(0.15 * figure.dpi)
        assert plot.x1 < bar.x0 < plot.x1 + 0.6 * figure.dpi


def test_the_legend_hides_nothing():
    for ax in (plot_decision_boundary(above, X, [0, 0, 1, 1], resolution=3), plot_history({"loss": [1.0, 2.0]})):
        ax.figure.draw_without_rendering()
        assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1 - 1


# Confusion


@pytest.mark.parametrize(
    "labels", [make([0, 1, 2, 3]) for make in (list, tuple, deque, UserList, np.array)] + [range(4)]
)
def test_labels_are_any_sequence(labels):
    for ax in (plot_confusion(labels, labels), plot_confusion([0, 1, 2, 3], labels, classes=labels, labels=labels)):
        assert ax.get_title() == "100% right"
    ax = plot_decision_boundary(lambda x: [0.0] * 4, X, labels, classes=labels, labels=labels, resolution=2)
    assert legend(ax) == ["0", "1", "2", "3"]


def test_rows_are_true_and_columns_were_said():
    ax = plot_confusion([2, 0, 0, 0], np.array([0, 0, 0, 2]))
    assert [text.get_text() for text in ax.texts] == ["2\n67%", "1\n33%", "1\n100%", "0"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "2"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("said", "true", "50% right")
    np.testing.assert_allclose(ax.images[0].get_array(), [[2 / 3, 1 / 3], [1, 0]])


def test_a_model_may_say_them():
    for model in (above, lambda x: [0.0, above(x) + 0.1]):  # at the threshold it is the second class
        assert plot_confusion([0, 0, 1, 1], model, X).get_title() == "75% right"
    ax = plot_confusion(["a", "b"], ["a", "c"], classes=["c", "b", "a"], labels=["C", "B", "A"], title="")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["C", "B", "A"]
    assert ax.get_title() == ""


def test_marks_of_all_classes_are_about_as_large():
    points = [[float(i % 4), float(i // 4)] for i in range(len(MARKERS))]
    ax = plot_decision_boundary(lambda x: [*x] * 5, points, [*range(len(MARKERS))], resolution=3)
    areas = []
    for marks in [each for each in ax.collections if isinstance(each, PathCollection)]:
        (outline,) = marks.get_paths()[0].to_polygons(Affine2D(marks.get_transforms()[0]), closed_only=True)
        x, y = outline.T
        areas.append(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)
    assert len(areas) == len(MARKERS)
    assert max(areas) < 2 * min(areas)


@pytest.mark.parametrize("n", [2, 10])
def test_long_names_of_classes_do_not_overlap_and_leave_room(n):
    ax = plot_confusion([*range(n)], [*range(n)], labels=[f"a very long name of a class, number {i}" for i in range(n)])
    ax.figure.canvas.draw()
    whole = ax.figure.bbox
    for axis in (ax.xaxis, ax.yaxis):
        boxes = [text.get_window_extent() for text in axis.get_ticklabels()]
        assert not any(a.overlaps(b) for a, b in pairwise(boxes))
        assert all(whole.contains(*corner) for box in boxes for corner in box.corners())
    assert ax.get_window_extent().width > whole.width / 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0]), "predicted has 1, and y 2"),
        (([0, 1], above), "X must be the 2 rows for"),
        (([0, 1], above, X), "X has 4, and y 2"),
        (([0, 1], [0, 1], X), "X is for a model"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_confusion(*arguments)
    assert pyplot.get_fignums() == []


# History


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def twin(ax):
    (other,) = (each for each in ax.figure.axes if each is not ax)
    return other


def test_losses_are_on_the_left_and_accuracies_on_the_right():
    history = {
        "loss": [3.0, 2.0],
        "accuracy": [0.5, 0.75],
        "validation_loss": [4.0, 3.0],
        "validation_accuracy": [0, 1],
    }
    ax = plot_history(history)
    assert set(lines(ax)) == {"loss", "validation loss"}
    assert set(lines(twin(ax))) == {"accuracy", "validation accuracy"}
    assert legend(ax) == ["loss", "validation loss", "accuracy", "validation accuracy"]
    assert (ax.get_ylabel(), twin(ax).get_ylabel()) == ("loss", "accuracy")
    assert lines(ax)["loss"].get_xydata().tolist() == [[1, 3.0], [2, 2.0]]
    assert lines(twin(ax))["accuracy"].get_ydata().tolist() == [0.5, 0.75]
    looks = [(line.get_linestyle(), line.get_marker()) for each in (ax, twin(ax)) for line in each.get_lines()]
    assert len(set(looks)) == 4  # so that it can be read without colours


def test_training_and_validation_share_a_hue_and_a_grid():
    names = ("loss", "accuracy", "validation_loss", "validation_accuracy")
    ax = plot_history({name: [0.37, 0.21] for name in names})
    hues = {name: line.get_color() for each in (ax, twin(ax)) for name, line in lines(each).items()}
    assert hues["loss"] == hues["validation loss"] != hues["accuracy"] == hues["validation accuracy"]
    assert ax.get_title() == "Training, 2 epochs"
    heights = [each.transData.transform([(1, tick) for tick in each.get_yticks()])[:, 1] for each in (ax, twin(ax))]
    np.testing.assert_allclose(*heights)


def test_of_several_runs_each_has_a_hue_and_the_legend_leaves_them_the_width():
    runs = {f"a rather long name, number {i}": {"loss": [1.0, i], "validation_loss": [1.0, i]} for i in range(5)}
    ax = plot_history(runs, title="Five")
    ax.figure.draw_without_rendering()
    assert len({line.get_color() for line in ax.get_lines()}) == 5
    assert legend(ax)[:2] == ["a rather long name, number 0: loss", "a rather long name, number 0: validation loss"]
    assert ax.get_window_extent().width > 0.8 * ax.figure.bbox.width
    assert ax.get_title() == "Five"


def test_scores_have_an_axis_of_their_own_whatever_they_are_called():
    ax = plot_history({"loss": [40.0, 20.0], "f1": [0.25, 0.5], "validation_r2": [0.5, 0.75], "max_error": [3.0, 2.0],
                       "balanced_accuracy_score": [0.5, 1.0], "brier_score_loss": [0.5, 0.25]})  # fmt: skip
    assert set(lines(ax)) == {"loss", "max error", "brier score loss"}
    assert set(lines(twin(ax))) == {"f1", "validation r2", "balanced accuracy score"}
    assert (twin(ax).get_ylabel(), twin(ax).get_ylim()) == ("score", (-0.03, 1.03))
    below = plot_history({"loss": [40.0, 20.0], "r2": [-3.0, 0.5]})
    assert twin(below).get_ylim()[0] < -3.0
    heights = [axis.transData.transform([(0, tick) for tick in axis.get_yticks()])[:, 1]
               for axis in (below, twin(below))]  # fmt: skip
    np.testing.assert_allclose(*heights)


@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_one_kind_alone_has_one_axis(name):
    ax = plot_history({name: [0.5, 0.25]})
    assert ax.figure.axes == [ax]
    assert ax.get_ylabel() == name


def test_numbers_that_are_not_finite_leave_a_gap_and_are_told():
    ax = plot_history({"loss": [1.0, math.nan, 0.5, math.inf, 0.25]})
    (line,) = ax.get_lines()
    assert line.get_label() == "loss (2 not finite, the first in epoch 2)"
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False, True, False]
    assert ax.get_ylim()[1] < 1.2
    plot_history({"loss": [math.nan]}).figure.canvas.draw()


def test_a_single_epoch_is_a_point():
    ax = plot_history({"loss": [0.5]})
    assert ax.get_lines()[0].get_marker() in MARKERS
    ax.figure.canvas.draw()
    shown = [tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]]
    assert shown == [1.0]


def test_histories_of_different_length_fit_on_one_plot():
    ax = plot_history({"loss": [1.0] * 10, "validation_loss": [1.0] * 3, "empty": []})
    assert ax.get_xlim() == (0.5, 10.5)
    assert legend(ax) == ["loss", "validation loss"]


def test_values_are_numbers_too():
    assert plot_history({"loss": [Value(2.0)]}).get_lines()[0].get_ydata().tolist() == [2.0]


@pytest.mark.parametrize("history", [{}, {"loss": []}])
def test_an_empty_history_is_refused(history):
    with pytest.raises(ValueError, match="history has no numbers"):
        plot_history(history)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("history", [[0.5], None, {"loss": 0.5}, {"loss": ["low"]}])
def test_something_else_than_a_history_is_refused(history):
    with pytest.raises(TypeError, match="history"):
        plot_history(history)


# Activations, gradients, weights


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_an_activation_is_drawn_with_its_derivative(name):
    function, derivative = plot_activation(name, low=-3, high=3).get_lines()
    x, y = function.get_xdata(), function.get_ydata()
    np.testing.assert_allclose(y, [ACTIVATIONS[name](float(each)) for each in x])
    middle = (x[1:] + x[:-1]) / 2
    smooth = abs(middle) > 0.1  # some have a corner at 0
    slopes = np.interp(middle, x, derivative.get_ydata())
    np.testing.assert_allclose(slopes[smooth], (np.diff(y) / np.diff(x))[smooth], atol=2e-3)
    assert function.get_linestyle() != derivative.get_linestyle()


def test_activations_stand_side_by_side():
    axes = plot_activations(["relu", lambda z: z * z, "tanh", "step", "elu"])
    assert len({ax.figure for ax in axes}) == 1
    assert [legend(ax)[0] for ax in axes] == ["relu(z)", "<lambda>(z)", "tanh(z)", "step(z)", "elu(z)"]


def test_gradients_flow_as_they_were_recorded():
    history = fit(MLP(2, [3, 3, 1], seed=1), X, [-1, -1, 1, 1], epochs=4, record=True, progress=False)
    for what in history.layers["layer 1"]:
        ax = plot_gradient_flow(history, what=what)
        assert legend(ax) == ["layer 1", "layer 2", "layer 3"]
        assert [line.get_ydata().tolist() for line in ax.get_lines()] == [
            layer[what] for layer in history.layers.values()
        ]
        assert ax.get_yscale() == ("log" if "deviation" in what else "linear")
        assert len({line.get_marker() for line in ax.get_lines()}) == 3
    history = fit(MLP(2, [1], seed=1), X, [-1, -1, 1, 1], epochs=1, progress=False)
    with pytest.raises(ValueError, match=r"write fit\(\.\.\., record=True\)"):
        plot_gradient_flow(history)


def test_gradients_that_are_no_more_are_drawn():
    for numbers in ([0.0, 0.0], [1.0, math.nan], [math.inf, 0.0]):
        plot_gradient_flow({"layer 1": {"gradient_deviation": numbers}}).figure.canvas.draw()


def test_weights_are_images():
    model = MLP(6, [3, 2], seed=1)
    for same in (True, False):
        axes = plot_weights(model, (2, 3), most=2, same_scale=same)
        assert len(axes) == 2
        for ax, row in zip(axes, model.layers[0].weights, strict=False):
            np.testing.assert_allclose(ax.images[0].get_array(), np.reshape(row, (2, 3)))
        assert len({ax.images[0].norm.vmax for ax in axes}) == (1 if same else 2)
    with pytest.raises(ValueError, match="shape must be of 6 pixels"):
        plot_weights(model, (2, 2))
    with pytest.raises(ValueError, match="6 inputs make no square image"):
        plot_weights(model)


def test_neurons_are_maps_of_the_plane():
    model = MLP(2, [3, 2, 1], "tanh", seed=1)
    for layer in (1, 2):
        axes = plot_neurons(model, X, layer=layer, resolution=3)
        corner = [-0.1, -0.1]
        for part in model.layers[:layer]:
            corner = part(corner)
        assert [ax.images[0].get_array()[0, 0] for ax in axes] == pytest.approx([value.data for value in corner])
        assert len({ax.images[0].norm.vmax for ax in axes}) == 1
    deep = MLP(2, [2, 2, 1], "tanh", normalization="layer", residual=True, seed=1)
    outputs = layer_outputs(deep, [[-0.1, -0.1]])
    for layer, title in ((1, "layer 1"), (2, "layer 2"), ("normalization 2", "normalization 2")):
        axes = plot_neurons(deep, X, layer=layer, resolution=3)
        assert [ax.images[0].get_array()[0, 0] for ax in axes] == pytest.approx(outputs[title][0])
    with pytest.raises(ValueError, match=r"one of 'normalization 1', 'layer 1', .*, but was 'layer 9'"):
        plot_neurons(deep, X, layer="layer 9")


# The landscape of a loss


def bowl(x):
    return x[0] ** 2 + 3 * x[1] ** 2


def paths(ax):
    return [line for line in ax.get_lines() if line.get_marker() == "o"]


def test_a_landscape_of_two_parameters_has_these_as_its_axes():
    trail = [[1.0, 1.0], [0.5, 0.25], [0.0, 0.5]]
    ax = plot_loss_landscape(bowl, path=trail, resolution=9)
    assert paths(ax)[0].get_xydata().tolist() == trail
    shown = ax.collections[0]
    assert isinstance(shown, QuadContourSet)
    assert ax.get_xlim()[0] <= -0.25
    assert ax.get_ylim()[1] >= 1.0
    assert shown.levels[0] == pytest.approx(min(bowl([a, b]) for a in np.linspace(-0.25, 1.25, 9)
                                                for b in np.linspace(0.25 - 0.1875, 1.1875, 9)))  # fmt: skip
    assert legend(ax) == ["start", "end"]
    assert "with a path of 3 points from 4 to 0.75" in ax._alt_text


def test_a_landscape_along_a_line_is_the_loss_there():
    ax = plot_loss_landscape(bowl, center=[1.0, 2.0], directions=[[1.0, 1.0]], span=2.0, resolution=5)
    line = ax.get_lines()[0]
    assert line.get_xydata() == pytest.approx(np.array([[a, bowl([1 + a, 2 + a])] for a in (-2, -1, 0, 1, 2)]))
    ax = plot_loss_landscape(lambda x: Value(x[0]) ** 2, path=[[3.0], [1.0]], resolution=5)
    assert ax.get_xlabel() == "x"
    assert ax.get_lines()[1].get_xydata().tolist() == [[3.0, 9.0], [1.0, 1.0]]


def test_a_landscape_of_a_network_is_that_of_its_mean_loss_with_its_training_on_it():
    model = MLP(2, [2, 1], "tanh", seed=1)
    data = two_moons(20)
    history = fit(model, *data, epochs=4, record=True, progress=False)
    before = model.state_dict()
    ax = plot_loss_landscape(model, *data, path=history, resolution=3)
    assert re.fullmatch(r"direction 1 \(\d+% of the path\)", ax.get_xlabel())
    assert paths(ax)[0].get_xydata()[-1] == pytest.approx([0.0, 0.0])
    assert len(paths(ax)[0].get_xydata()) == 5
    assert model.state_dict() == before
    line = plot_loss_landscape(model, *data, directions=1, resolution=3).get_lines()[0]
    assert line.get_ydata()[1] == pytest.approx(evaluate(model, *data)["loss"])
    assert plot_loss_landscape(model, *data, resolution=3, seed=5).get_xlabel() == "random direction 1"


@pytest.mark.parametrize("loss", [math.nan, math.inf, 0.0, 1e308])
def test_a_landscape_that_has_gone_wrong_can_be_looked_at(loss):
    for directions in (1, 2):
        flat = plot_loss_landscape(lambda x: loss, center=[1.0, 2.0, 3.0], directions=directions, resolution=3)
        flat.figure.canvas.draw()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "center or path must say where to look"),
        ({"center": [1.0, 2.0], "path": [[1.0]]}, "path must have a number for each of 2 parameters, but has 1"),
        ({"center": [1.0, 2.0], "directions": [[1.0]]}, "directions must have a number for each of 2 parameters"),
        ({"center": [1.0, 2.0], "directions": [[1.0, 1.0], [2.0, 2.0]]}, "directions must differ from each other"),
        ({"center": [1.0], "directions": 2}, "directions must be 1 where there is one parameter"),
        ({"center": [1.0, math.nan]}, "center must be of finite numbers"),
        ({"center": [1.0], "X": X}, "X is for a network"),
    ],
)
def test_where_there_is_no_landscape_it_says_so(arguments, says):
    with pytest.raises(ValueError, match=says):
        plot_loss_landscape(bowl, **arguments)


# How numbers are spread, and where weights go


def test_histograms_of_a_training_and_of_a_network():
    model = MLP(2, [3, 1], "tanh", seed=1)
    data = two_moons(20)
    history = fit(model, *data, epochs=3, record=True, progress=False)
    for what in ("activation", "gradient", "parameter"):
        axes = plot_histograms(history, what=what)
        assert [ax.get_title() for ax in axes] == ["layer 1", "layer 2"]
        lows, highs = (line.get_ydata().tolist() for line in axes[0].get_lines())
        kept = [snapshot.layers["layer 1"][what] for snapshot in history.recording.snapshots]
        assert (lows, highs) == ([each.low for each in kept], [each.high for each in kept])
        assert axes[0].collections[0].get_array().shape == (60, 4)
    bars = plot_histograms(model, data[0])
    assert [sum(bar.get_height() for bar in ax.patches) for ax in bars] == [60, 20]
    assert [ax.get_title() for ax in plot_histograms(model, what="parameter")] == ["layer 1", "layer 2"]
    with pytest.raises(ValueError, match="there are no gradients of any layer in this history: write fit"):
        plot_histograms(fit(model, *data, epochs=1, progress=False), what="gradient")
    with pytest.raises(ValueError, match="of a network there are no gradients"):
        plot_histograms(model, data[0], what="gradient")


def test_weights_over_the_strength_of_a_penalty_and_over_epochs():
    class Estimator:
        coef_ = np.array([[3.0, -4.0]])

    ax = plot_weight_paths({1.0: [0.0, 0.0], 0.0: Estimator()}, most=1)
    assert legend(ax) == ["w2"]
    thin, named = ax.get_lines()[:2]
    assert (thin.get_xydata().tolist(), named.get_xydata().tolist()) == ([[0, 3], [1, 0]], [[0, -4], [1, 0]])
    assert "of which 0 are 0 at first and 2 in the end" in ax._alt_text
    model = MLP(2, [1], seed=1)
    history = fit(model, *two_moons(20), epochs=3, record=True, progress=False)
    ax = plot_weight_paths(history)
    assert legend(ax) == ["W1[0,0]", "W1[0,1]", "b1[0]"]
    one = plot_weight_paths(fit(MLP(2, [1], seed=1), *two_moons(20), epochs=1, record=True, progress=False))
    assert {tick % 1 for tick in one.get_xticks()} == {0}
    assert [line.get_ydata()[-1] for line in ax.get_lines()[:3]] == [p.data for p in model.parameters()]
    ax = plot_weight_paths({0.1: history, 0.2: model})
    assert [line.get_ydata()[0] for line in ax.get_lines()[:3]] == [p.data for p in model.parameters()]
    for wrong, says in (({0.1: [1.0], 0.2: [1.0, 2.0]}, "as many weights"), ({-1.0: [1.0]}, "0 or more, but were"),
                        ({0.1: []}, "must have weights")):  # fmt: skip
        with pytest.raises(ValueError, match=says):
            plot_weight_paths(wrong)


def test_several_plots_are_drawn_on_the_axes_that_are_given():
    model = MLP(2, [3, 1], seed=1)
    figure, grid = pyplot.subplots(2, 2)
    for axes in (grid, [*grid.flat], (*grid.flat,)):
        for plot in (
            lambda axes: plot_activations(["relu", "tanh"], axes=axes),
            lambda axes: plot_neurons(model, X, resolution=2, axes=axes),
            lambda axes: plot_weights(model, (1, 2), axes=axes),
            lambda axes: plot_histograms(model, X, axes=axes),
        ):
            found = plot(axes)
            assert found == [*grid.flat][: len(found)]
    assert pyplot.get_fignums() == [figure.number]
    assert plot_activations(["relu"], axes=grid[0, 0]) == [grid[0, 0]]
    with pytest.raises(ValueError, match="axes must be 3, one for each plot, but were 2"):
        plot_neurons(model, X, axes=grid[0])


# On a page


def test_jupyter_gets_an_image_with_a_text_on_no_ground():
    ax = plot_history({"loss": [0.5, 0.25], "<b>": [1.0]})
    bundle = ax.figure._repr_mimebundle_()
    assert bundle["text/plain"] == "Curves over 2 epochs of training: loss from 0.5 to 0.25; <b> from 1 to 1."
    assert (
        'alt="Curves over 2 epochs of training: loss from 0.5 to 0.25; &lt;b&gt; from 1 to 1."' in bundle["text/html"]
    )
    assert ax.figure._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}
    image = pyplot.imread(io.BytesIO(base64.b64decode(bundle["text/html"].split("base64,")[1].split('"')[0])))
    assert image[0, 0, 3] == 0.0
    inks = [ax.title, ax.xaxis.label, *ax.get_xticklabels(), *ax.get_legend().get_texts()]
    assert {text.get_color() for text in inks} == {EDGE}


def test_jupyter_draws_a_figure_once(monkeypatch):
    figure = plot_history({"loss": [0.5, 0.25]}).figure
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append((bundle, raw)))
    jupyter = DisplayFormatter()
    jupyter.formatters["image/png"].for_type(type(figure), lambda figure: pytest.fail("it is drawn once more"))
    assert jupyter.format(figure) == ({}, {})
    assert [(list(bundle), raw) for bundle, raw in shown] == [(["text/html", "image/png", "text/plain"], True)]


# Files


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_a_plot_is_saved_in_the_format_of_its_name(format, tmp_path):
    ax = plot_history({"loss": [1.0, 0.5]})
    path = tmp_path / f"history.{format}"
    for plot in (ax, ax.figure):
        assert save_figure(plot, path) == path
        assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("background", "corner"), [("none", 1.0), ("white", 1.0), ("black", 0.0)])
def test_a_saved_plot_is_never_transparent(background, corner, tmp_path):
    ax = plot_history({"loss": [1.0, 0.5]})
    ax.figure.set_facecolor(background)
    save_figure(ax, tmp_path / "x.png")
    assert pyplot.imread(tmp_path / "x.png")[0, 0].tolist() == [corner, corner, corner, 1.0]
    minidom.parse(str(save_figure(ax, tmp_path / "x.svg")))


@pytest.mark.parametrize(
    ("plot", "says"),
    [
        ({"loss": [1.0]}, r"was given \{'loss': \[1.0\]\}: plot it first, as with plot_history\(history\)"),
        (draw_graph(Value(1.0)), r"a diagram is written by diagram.save_as\(path\)"),
        (None, "the Axes that a plot function gave, or a Figure, but was given None"),
    ],
)
def test_what_is_no_plot_is_not_saved(plot, says, tmp_path):
    with pytest.raises(TypeError, match=says):
        save_figure(plot, tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_what_are_no_axes_is_refused():
    for call in (
        lambda ax: plot_history({"loss": [1.0]}, ax=ax),
        lambda ax: plot_decision_boundary(above, X, [0, 0, 1, 1], ax=ax),
    ):
        with pytest.raises(TypeError, match=r"ax must be the Axes to plot on, .* but was 'a'"):
            call("a")
    assert pyplot.get_fignums() == []


def test_a_plot_that_cannot_be_saved_leaves_nothing(tmp_path):
    ax = plot_history({"loss": [1.0]})
    with pytest.raises(ValueError, match=r"end the file name in one of .*\.png"):
        save_figure(ax, tmp_path / "x.bmp")
    with pytest.raises(FileNotFoundError, match=r"the folder .*missing does not exist"):
        save_figure(ax, tmp_path / "missing" / "x.png")
    assert list(tmp_path.iterdir()) == []
