"""Labelled points, checked and brought into one form for plotting."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import Value
from engine.arguments import is_real, plain_lists, shown
from engine.number import to_float

__all__ = ["checked_classes", "class_names", "in_order", "order_of_classes", "read_labels", "read_points"]


def read_points(X: Any, y: Any) -> tuple[np.ndarray, list[Any]]:
    """The points as an array (n, 2) of finite numbers, and their n labels.

    Raises:
        ValueError: there are none, X and y differ in length, a point is not two finite numbers.
    """
    rows, labels = plain_lists(X), plain_lists(y)
    if not isinstance(rows, list) or not isinstance(labels, list):
        raise ValueError(f"X and y must be lists or arrays, but are {shown(X)} and {shown(y)}")
    if not rows:
        raise ValueError("there is nothing to plot: X is empty")
    if len(rows) != len(labels):
        raise ValueError(f"X and y must be of the same length, but X has {len(rows)} points and y {len(labels)} labels")
    points = []
    for number, row in enumerate(rows):
        if not isinstance(row, list) or not all(map(is_real, row)):
            raise ValueError(f"every point of X must be two numbers, but X[{number}] is {shown(row)}")
        point = [to_float(x.data if isinstance(x, Value) else x) for x in row]
        if len(point) != 2:
            raise ValueError(
                f"only points in the plane can be plotted, but X[{number}] has {len(point)} numbers, not 2: "
                "choose two columns"
            )
        if not all(map(math.isfinite, point)):
            raise ValueError(f"every point of X must be two finite numbers, but X[{number}] is {shown(row)}")
        points.append(point)
    return np.array(points), [_plain(label) for label in labels]


def read_labels(name: str, labels: Any) -> list[Any]:
    """The labels in a list; ValueError if they are none."""
    found = plain_lists(labels)
    if not isinstance(found, list) or not found:
        raise ValueError(f"{name} must be a list or an array of labels, but was {shown(labels)}")
    return [_plain(label) for label in found]


def order_of_classes(
    labels: Sequence[Any], classes: Sequence[Any] | None, n_scores: int, trained_for: tuple[Any, ...] | None = None
) -> list[Any]:
    """The classes in the order of a model's scores; of a single score, the class below the threshold first.

    Args:
        labels: the label of every point.
        classes: the order if it was given.
        n_scores: how many scores the model gives for a point.
        trained_for: the classes that the model knows, which hold if the labels are among them.

    Raises:
        ValueError: the labels do not fit that many scores.
    """
    n_classes = 2 if n_scores == 1 else n_scores
    if classes is None and trained_for is not None and {*labels} <= {*trained_for}:
        classes = trained_for
    if classes is not None:
        known = checked_classes(labels, classes)
    else:
        known = in_order(labels)
        # Data may lack a class that the model knows: the usual codes tell which one.
        for usual in ([-1, 1], [0, 1], list(range(n_classes))):
            if len(usual) == n_classes > len(known) and set(known) <= set(usual):
                known = usual
                break
    if len(known) != n_classes:
        scores = "one score, which tells two classes apart" if n_scores == 1 else f"{n_scores} scores, one for a class"
        raise ValueError(
            f"predict gives {scores}, but there are {len(known)} classes: {known}; say which with classes="
        )
    return known


def checked_classes(labels: Sequence[Any], classes: Any) -> list[Any]:
    """The classes that were given, in a list; ValueError if a label is none of them."""
    given = plain_lists(classes)
    if not isinstance(given, list):
        raise ValueError(f"classes must be a list of the labels in y, but was {shown(classes)}")
    known = [_plain(item) for item in given]
    strangers = [label for label in dict.fromkeys(labels) if label not in known]
    if strangers:
        raise ValueError(f"y has the label {strangers[0]!r}, which is not one of the classes {known}")
    return known


def class_names(classes: Sequence[Any], labels: Sequence[Any] | None) -> list[str]:
    """What to call the classes: their `labels` if given, one for each, or else themselves."""
    given = plain_lists(classes if labels is None else labels)
    if not isinstance(given, list):
        raise ValueError(f"labels must be a list of names for the classes, but was {shown(labels)}")
    names = [str(name) for name in given]
    if len(names) != len(classes):
        raise ValueError(f"labels must name {len(classes)} classes ({list(classes)}), but names {len(names)}: {names}")
    return names


def _plain(label: Any) -> Any:
    label = label.data if isinstance(label, Value) else label
    if isinstance(label, list):
        raise ValueError(f"y must hold one label for each point, but holds lists such as {shown(label)}: flatten it")
    if type(label).__hash__ is None:
        raise ValueError(f"y must hold labels such as numbers or text, but holds {shown(label)}")
    return label


def in_order(labels: Sequence[Any]) -> list[Any]:
    """The labels that there are, sorted."""
    items = dict.fromkeys(labels)
    try:
        return sorted(items)
    except TypeError:  # numbers and strings mixed
        return sorted(items, key=str)
