"""Small data sets to learn on, ready for `fit`."""

from engine.arguments import real_number, whole_number
from nn.arguments import check_size

__all__ = ["iris", "two_moons"]

Rows = list[list[float]]


def two_moons(n_rows: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[Rows, list[int]]:
    """Two interleaving half circles in the plane, which no straight line separates.

    Args:
        n_rows: how many points.
        noise: the standard deviation of their scatter.
        seed: an int, 0 or more, for the same points every time.

    Returns:
        (X, y): rows of two numbers, and labels -1 and 1.

    Raises:
        ValueError: an argument is out of range.
        ImportError: scikit-learn, which makes them, is not installed.

    Example:
        >>> X, y = two_moons(10)
        >>> len(X), len(X[0]), sorted(set(y))
        (10, 2, [-1, 1])
    """
    n_rows = check_size("n_rows", n_rows)
    noise = real_number("noise", noise, "a number, 0 or more", lambda x: x >= 0)
    seed = whole_number("seed", seed, 0, 2**32 - 1)
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=n_rows, noise=noise, random_state=seed)
    return X.tolist(), (2 * y - 1).tolist()


def iris() -> tuple[Rows, list[int]]:
    """Fisher's 150 irises: four measures of each flower, scaled to mean 0 and deviation 1, and its species.

    Returns:
        (X, y): rows of sepal length and width and petal length and width; and labels 0 (setosa),
        1 (versicolor) and 2 (virginica).

    Raises:
        ImportError: scikit-learn, which holds them, is not installed.

    Source:
        Fisher, "The use of multiple measurements in taxonomic problems" (1936).

    Example:
        >>> X, y = iris()
        >>> len(X), len(X[0]), sorted(set(y))
        (150, 4, [0, 1, 2])
    """
    from sklearn.datasets import load_iris

    data = load_iris()
    X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    return X.tolist(), data.target.tolist()
