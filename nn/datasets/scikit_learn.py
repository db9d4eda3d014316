"""scikit-learn's data sets, where it is installed."""

import csv
import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["digits_as_measured", "sklearn_datasets"]


def sklearn_datasets(name: str) -> Any:
    """scikit-learn's module of data sets.

    Args:
        name: of the data set that needs it.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import sklearn.datasets
    except ImportError:
        raise ImportError(f"{name} needs scikit-learn: pip install scikit-learn") from None
    return sklearn.datasets


def digits_as_measured() -> tuple[list[list[float]], list[int]]:
    """The rows of its handwritten digits, 64 numbers from 0 to 16 each, and which digit each is.

    They are read from its file: to import it takes longer than to train on them.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    found = find_spec("sklearn")
    path = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz" if found and found.origin else Path()
    if not path.is_file():  # an older or newer one may keep it elsewhere
        data = sklearn_datasets("digits").load_digits()
        return data.data.tolist(), data.target.tolist()
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        rows = [[float(number) for number in row] for row in csv.reader(file)]
    return [row[:-1] for row in rows], [int(row[-1]) for row in rows]
