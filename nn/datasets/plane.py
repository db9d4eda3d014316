"""Points in the plane, which a picture shows whole."""

from collections.abc import Iterator, Sequence
from math import cos, pi, sin
from random import Random
from typing import Any

from engine.arguments import real_number, whole_number
from nn.arguments import check_size
from nn.datasets.dataset import Dataset, numbered
from nn.hints import hinting

__all__ = ["blobs", "circles", "spirals", "two_moons", "xor"]

AXES = ("x1", "x2")


@hinting
def two_moons(n_rows: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two interleaving half circles, which no straight line separates.

    They are the same points as scikit-learn's ``make_moons`` gives, to the last bit.

    Args:
        n_rows: how many points.
        noise: the standard deviation of their scatter.
        seed: an int, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels -1 (the upper moon) and 1.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> X, y = two_moons(10)
        >>> len(X), len(X[0]), sorted(set(y))
        (10, 2, [-1, 1])
    """
    import numpy as np

    n_rows, noise, seed = _checked(n_rows, noise, seed)
    upper, lower = np.linspace(0, np.pi, n_rows // 2), np.linspace(0, np.pi, n_rows - n_rows // 2)
    x1 = np.concatenate([np.cos(upper), 1 - np.cos(lower)])
    x2 = np.concatenate([np.sin(upper), 1 - np.sin(lower) - 0.5])
    classes = [0] * len(upper) + [1] * len(lower)
    return _in_any_order(np.random.RandomState(seed), np.column_stack([x1, x2]), classes, ("upper", "lower"), noise)


@hinting
def circles(n_rows: int = 100, noise: float = 0.1, ratio: float = 0.5, seed: int = 0) -> Dataset:
    """A circle around a smaller one: two columns cannot tell them apart, but their squares can.

    They are the same points as scikit-learn's ``make_circles`` gives, to the last bit.

    Args:
        n_rows, noise, seed: as for `two_moons`.
        ratio: of the inner radius to the outer one, which is 1; from 0 to below 1.

    Returns:
        Dataset: X, y: rows of two numbers, and labels -1 (outer) and 1 (inner).

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> X, y = circles(10, noise=0.0)
        >>> sorted({(label, round(x1**2 + x2**2, 6)) for (x1, x2), label in zip(X, y)})
        [(-1, 1.0), (1, 0.25)]
    """
    import numpy as np

    n_rows, noise, seed = _checked(n_rows, noise, seed)
    ratio = real_number("ratio", ratio, "from 0 to below 1", lambda x: 0 <= x < 1)
    outer, inner = (np.linspace(0, 2 * np.pi, n, endpoint=False) for n in (n_rows // 2, n_rows - n_rows // 2))
    angles, radii = np.concatenate([outer, inner]), np.repeat([1.0, ratio], [len(outer), len(inner)])
    points = np.column_stack([np.cos(angles) * radii, np.sin(angles) * radii])
    classes = [0] * len(outer) + [1] * len(inner)
    return _in_any_order(np.random.RandomState(seed), points, classes, ("outer", "inner"), noise)


@hinting
def blobs(n_rows: int = 100, n_classes: int = 3, noise: float = 1.0, seed: int = 0) -> Dataset:
    """A cloud of points for each class, around a middle that is drawn anywhere from -10 to 10.

    They are the same points as scikit-learn's ``make_blobs`` gives, to the last bit.

    Args:
        n_rows: how many points.
        n_classes: how many clouds, 2 or more.
        noise: the standard deviation of a cloud.
        seed: an int, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels 0, 1, ...; -1 and 1 if there are two clouds.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> X, y = blobs(12, n_classes=4)
        >>> sorted(y)
        [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    import numpy as np

    n_classes = whole_number("n_classes", n_classes, 2)
    random = np.random.RandomState(seed)
    middles = random.uniform(-10, 10, (n_classes, 2))
    classes = sorted(i % n_classes for i in range(n_rows))
    clouds = [random.normal(middle, noise, (classes.count(k), 2)) for k, middle in enumerate(middles)]
    return _in_any_order(random, np.concatenate(clouds), classes, [f"blob {k + 1}" for k in range(n_classes)])


@hinting
def spirals(n_rows: int = 100, n_classes: int = 2, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> Dataset:
    """An arm for each class, winding around the others from the middle out to radius 1: hard for a small network.

    Args:
        n_rows: how many points.
        n_classes: how many arms, 2 or more.
        noise: the standard deviation of their scatter.
        turns: how often an arm winds around the middle, above 0, at most 1000.
        seed: a whole number, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels 0, 1, ...; -1 and 1 if there are two arms.

    Raises:
        ValueError: an argument is out of range.

    Source:
        Lang and Witbrock, "Learning to tell two spirals apart" (1988), posed the problem.

    Example:
        >>> X, y = spirals(6, n_classes=3)
        >>> len(X), sorted(y)
        (6, [0, 0, 1, 1, 2, 2])
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    n_classes = whole_number("n_classes", n_classes, 2)
    turns = real_number("turns", turns, "a number above 0", lambda x: x > 0)
    turns = real_number("turns", turns, "at most 1000", lambda x: x <= 1000)
    random = Random(seed)

    def arm(k: int, length: int) -> Iterator[list[float]]:
        for i in range(length):
            radius = (i + 1) / length
            angle = 2 * pi * (turns * radius + k / n_classes)
            yield [radius * cos(angle) + random.gauss(0, noise), radius * sin(angle) + random.gauss(0, noise)]

    classes = sorted(i % n_classes for i in range(n_rows))
    points = [point for k in range(n_classes) for point in arm(k, classes.count(k))]
    return _mixed(random, points, numbered(classes, n_classes), [f"arm {k + 1}" for k in range(n_classes)])


@hinting
def xor(n_rows: int = 100, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Clouds around the four corners of a square; those across from each other are one class.

    With ``xor(4, noise=0.0)`` it is the truth table, on which every network without a hidden layer fails.

    Args:
        n_rows: how many points.
        noise: the standard deviation of a cloud; corners are at -1 and 1.
        seed: a whole number, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels 1 where exactly one of them is high, and else -1.

    Raises:
        ValueError: an argument is out of range.

    Source:
        Minsky and Papert, "Perceptrons" (1969).

    Example:
        >>> X, y = xor(4, noise=0.0)
        >>> sorted(zip(X, y))
        [([-1.0, -1.0], -1), ([-1.0, 1.0], 1), ([1.0, -1.0], 1), ([1.0, 1.0], -1)]
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    random = Random(seed)
    corners = [(a, b) for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    drawn = [corners[i % 4] for i in range(n_rows)]
    points = [[a + random.gauss(0, noise), b + random.gauss(0, noise)] for a, b in drawn]
    return _mixed(random, points, numbered([int(a != b) for a, b in drawn], 2), ("same", "different"))


def _checked(n_rows: int, noise: float, seed: int) -> tuple[int, float, int]:
    return (
        check_size("n_rows", n_rows),
        real_number("noise", noise, "a number, 0 or more", lambda x: x >= 0),
        whole_number("seed", seed, 0, 2**32 - 1),
    )


def _in_any_order(random: Any, points: Any, classes: list[int], names: Sequence[str], noise: float = 0.0) -> Dataset:
    """The points mixed, and then moved by noise, as scikit-learn does: a seed stands for the same points there."""
    order = random.permutation(len(points))
    X = points[order] + random.normal(0.0, noise, points.shape)
    return Dataset(X.tolist(), numbered([classes[i] for i in order], len(names)), AXES, names)


def _mixed(random: Random, points: list[list[float]], labels: list[int], names: list[str] | tuple[str, ...]) -> Dataset:
    """The points in any order, so that the first of them are a fair sample."""
    order = list(range(len(points)))
    random.shuffle(order)
    return Dataset([points[i] for i in order], [labels[i] for i in order], AXES, names)
