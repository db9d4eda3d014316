"""Dataset: rows and labels, and what they are called."""

from collections.abc import Sequence
from typing import Any

__all__ = ["Dataset", "numbered"]


class Dataset(tuple[list[Any], list[Any]]):
    """Rows of numbers and a label for each, as ``X, y = ...`` and ``fit(model, *data)`` take them, and their names.

    Attributes:
        X: (n_rows, n_columns) the rows, lists of numbers.
        y: (n_rows,) the labels. Two classes are -1 and 1 (or False and True, where the data set says so), more of them
            0, 1, 2, ...
        feature_names: what each column is.
        class_names: what each class is called, in the order of its label.

    Example:
        >>> data = Dataset([[0.0, 1.0], [2.0, 3.0]], [-1, 1], ("height", "weight"), ("cat", "dog"))
        >>> X, y = data
        >>> X == data.X, y == data.y, data
        (True, True, Dataset(2 rows of 2: height, weight; 2 classes: cat, dog))
    """

    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]

    def __new__(cls, X: list[Any], y: list[Any], feature_names: Sequence[str], class_names: Sequence[str]) -> "Dataset":
        data = super().__new__(cls, (X, y))
        data.feature_names, data.class_names = tuple(feature_names), tuple(class_names)
        return data

    def __getnewargs__(self) -> Any:  # a copy is made of all four
        return *self, self.feature_names, self.class_names

    @property
    def X(self) -> list[Any]:
        """The rows."""
        return self[0]

    @property
    def y(self) -> list[Any]:
        """The labels."""
        return self[1]

    def __repr__(self) -> str:
        columns, classes = _some(self.feature_names), _some(self.class_names)
        return (
            f"Dataset({len(self.X):,} rows of {len(self.feature_names)}: {columns}; "
            f"{len(self.class_names)} classes: {classes})"
        )


def numbered(classes: Sequence[int], n_classes: int) -> list[int]:
    """The labels that stand for classes 0, 1, ...: -1 and 1 where there are two, as `hinge` takes them."""
    return [2 * k - 1 for k in classes] if n_classes == 2 else [*classes]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names if len(names) <= 4 else [*names[:3], "...", names[-1]])
