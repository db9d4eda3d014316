"""The tables that scikit-learn holds copies of, where it is installed."""

import csv
import gzip
from importlib.util import find_spec
from pathlib import Path

__all__ = ["measured"]

FILES = {  # in its folder, and how many lines stand before the rows
    "breast_cancer": ("breast_cancer.csv", 1),
    "digits": ("digits.csv.gz", 0),
    "iris": ("iris.csv", 1),
    "wine": ("wine_data.csv", 1),
}


def measured(name: str) -> tuple[list[list[float]], list[int]]:
    """The rows of a table, and the class of each.

    They are read from its file: to import scikit-learn takes longer than to train on them.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    file_name, n_before = FILES[name]
    found = find_spec("sklearn")
    path = Path(found.origin).parent / "datasets" / "data" / file_name if found and found.origin else Path()
    if not path.is_file():  # an older or newer one may keep it elsewhere
        return _loaded(name)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="ascii", newline="") as file:
        rows = [[float(number) for number in row] for row in [*csv.reader(file)][n_before:]]
    return [row[:-1] for row in rows], [int(row[-1]) for row in rows]


def _loaded(name: str) -> tuple[list[list[float]], list[int]]:
    try:
        import sklearn.datasets
    except ImportError:
        raise ImportError(f"{name} needs scikit-learn: pip install scikit-learn") from None
    data = getattr(sklearn.datasets, f"load_{name}")()
    return data.data.tolist(), data.target.tolist()
