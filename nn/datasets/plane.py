"""Points in the plane, which a picture shows whole."""

from collections.abc import Iterator
from math import cos, pi, sin
from random import Random

from engine.arguments import real_number, whole_number
from nn.arguments import check_size
from nn.datasets.dataset import Dataset, numbered
from nn.datasets.scikit_learn import sklearn_datasets
from nn.hints import hinting

__all__ = ["blobs", "circles", "spirals", "two_moons", "xor"]

AXES = ("x1", "x2")


@hinting
def two_moons(n_rows: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two interleaving half circles, which no straight line separates.

    Args:
        n_rows: how many points.
        noise: the standard deviation of their scatter.
        seed: an int, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels -1 (the upper moon) and 1.

    Raises:
        ValueError: an argument is out of range.
        ImportError: scikit-learn, which makes them, is not installed.

    Example:
        >>> X, y = two_moons(10)
        >>> len(X), len(X[0]), sorted(set(y))
        (10, 2, [-1, 1])
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    X, y = sklearn_datasets("two_moons").make_moons(n_samples=n_rows, noise=noise, random_state=seed)
    return Dataset(X.tolist(), numbered(y.tolist(), 2), AXES, ("upper", "lower"))


@hinting
def circles(n_rows: int = 100, noise: float = 0.1, ratio: float = 0.5, seed: int = 0) -> Dataset:
    """A circle around a smaller one: two columns cannot tell them apart, but their squares can.

    Args:
        n_rows, noise, seed: as for `two_moons`.
        ratio: of the inner radius to the outer one, which is 1; from 0 to below 1.

    Returns:
        Dataset: X, y: rows of two numbers, and labels -1 (outer) and 1 (inner).

    Raises:
        ValueError: an argument is out of range.
        ImportError: scikit-learn, which makes them, is not installed.

    Example:
        >>> X, y = circles(10, noise=0.0)
        >>> sorted({(label, round(x1**2 + x2**2, 6)) for (x1, x2), label in zip(X, y)})
        [(-1, 1.0), (1, 0.25)]
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    ratio = real_number("ratio", ratio, "from 0 to below 1", lambda x: 0 <= x < 1)
    make_circles = sklearn_datasets("circles").make_circles
    X, y = make_circles(n_samples=n_rows, noise=noise, factor=ratio, random_state=seed)
    return Dataset(X.tolist(), numbered(y.tolist(), 2), AXES, ("outer", "inner"))


@hinting
def blobs(n_rows: int = 100, n_classes: int = 3, noise: float = 1.0, seed: int = 0) -> Dataset:
    """A cloud of points for each class, around a middle that is drawn anywhere from -10 to 10.

    Args:
        n_rows: how many points.
        n_classes: how many clouds, 2 or more.
        noise: the standard deviation of a cloud.
        seed: an int, 0 or more, for the same points every time.

    Returns:
        Dataset: X, y: rows of two numbers, and labels 0, 1, ...; -1 and 1 if there are two clouds.

    Raises:
        ValueError: an argument is out of range.
        ImportError: scikit-learn, which makes them, is not installed.

    Example:
        >>> X, y = blobs(12, n_classes=4)
        >>> sorted(y)
        [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    """
    n_rows, noise, seed = _checked(n_rows, noise, seed)
    n_classes = whole_number("n_classes", n_classes, 2)
    make_blobs = sklearn_datasets("blobs").make_blobs
    X, y = make_blobs(n_samples=n_rows, centers=n_classes, cluster_std=noise, random_state=seed)
    return Dataset(X.tolist(), numbered(y.tolist(), n_classes), AXES, [f"blob {k + 1}" for k in range(n_classes)])


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


def _mixed(random: Random, points: list[list[float]], labels: list[int], names: list[str] | tuple[str, ...]) -> Dataset:
    """The points in any order, so that the first of them are a fair sample."""
    order = list(range(len(points)))
    random.shuffle(order)
    return Dataset([points[i] for i in order], [labels[i] for i in order], AXES, names)
