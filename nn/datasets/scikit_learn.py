"""scikit-learn's data sets, where it is installed."""

from typing import Any

__all__ = ["sklearn_datasets"]


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
