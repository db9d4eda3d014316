"""Tables that people measured, of which scikit-learn holds copies."""

from engine.arguments import check_flag
from nn.datasets.dataset import Dataset, numbered
from nn.datasets.scikit_learn import measured
from nn.hints import hinting

__all__ = ["breast_cancer", "digits", "iris", "wine"]

WINE = [
    *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
    *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline"),
]
NUCLEI = [
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
]


@hinting
def iris(scaled: bool = True) -> Dataset:
    """Fisher's 150 irises: four measures of each flower, and its species.

    Args:
        scaled: whether each column is brought to mean 0 and deviation 1; False for centimetres.

    Returns:
        Dataset: X, y: rows of sepal length and width and petal length and width; and labels 0 (setosa),
        1 (versicolor) and 2 (virginica).

    Raises:
        ValueError: scaled is neither True nor False.
        ImportError: scikit-learn, which holds them, is not installed.

    Source:
        Fisher, "The use of multiple measurements in taxonomic problems" (1936).

    Example:
        >>> X, y = iris()
        >>> len(X), len(X[0]), sorted(set(y))
        (150, 4, [0, 1, 2])
        >>> iris(scaled=False).X[0]
        [5.1, 3.5, 1.4, 0.2]
    """
    names = [f"{part} {measure} (cm)" for part in ("sepal", "petal") for measure in ("length", "width")]
    return _table("iris", scaled, names, ["setosa", "versicolor", "virginica"])


@hinting
def wine(scaled: bool = True) -> Dataset:
    """178 Italian wines: 13 chemical measures of each, and which of three cultivars it was pressed from.

    Args:
        scaled: whether each column is brought to mean 0 and deviation 1; False for what was measured.

    Returns:
        Dataset: X, y: rows of 13 numbers, and labels 0, 1 and 2.

    Raises:
        ValueError: scaled is neither True nor False.
        ImportError: scikit-learn, which holds them, is not installed.

    Source:
        Aeberhard and Forina, "Wine", UCI Machine Learning Repository (1991).

    Example:
        >>> data = wine()
        >>> len(data.X), len(data.X[0]), data.class_names
        (178, 13, ('class_0', 'class_1', 'class_2'))
    """
    return _table("wine", scaled, WINE, ["class_0", "class_1", "class_2"])


@hinting
def breast_cancer(scaled: bool = True) -> Dataset:
    """569 tumours: 30 measures of the cell nuclei in an image of each, and whether it was malignant.

    Args:
        scaled: whether each column is brought to mean 0 and deviation 1; False for what was measured.

    Returns:
        Dataset: X, y: rows of 30 numbers, and labels -1 (malignant) and 1 (benign).

    Raises:
        ValueError: scaled is neither True nor False.
        ImportError: scikit-learn, which holds them, is not installed.

    Source:
        Wolberg, Mangasarian, Street and Street, "Breast cancer Wisconsin (diagnostic)", UCI Machine Learning
        Repository (1993).

    Example:
        >>> data = breast_cancer()
        >>> len(data.X), len(data.X[0]), data.class_names, data.y.count(-1)
        (569, 30, ('malignant', 'benign'), 212)
    """
    names = [f"mean {measure}" for measure in NUCLEI] + [f"{measure} error" for measure in NUCLEI]
    return _table("breast_cancer", scaled, names + [f"worst {measure}" for measure in NUCLEI], ["malignant", "benign"])


@hinting
def digits(scaled: bool = True) -> Dataset:
    """1,797 handwritten digits, 8 x 8 pixels each, row by row.

    Args:
        scaled: whether ink goes from 0 to 1; False for whole numbers from 0 to 16.

    Returns:
        Dataset: X, y: rows of 64 numbers, and labels 0 to 9.

    Raises:
        ValueError: scaled is neither True nor False.
        ImportError: scikit-learn, which holds them, is not installed.

    Source:
        Alpaydin and Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning Repository (1998).

    Example:
        >>> X, y = digits()
        >>> len(X), len(X[0]), min(min(X)), max(max(X)), y[:3]
        (1797, 64, 0.0, 1.0, [0, 1, 2])
    """
    check_flag("scaled", scaled)
    X, y = measured("digits")
    if scaled:
        X = [[ink / 16 for ink in row] for row in X]
    names = [f"row {i + 1}, column {j + 1}" for i in range(8) for j in range(8)]
    return Dataset(X, y, names, [str(k) for k in range(10)])


def _table(name: str, scaled: bool, feature_names: list[str], class_names: list[str]) -> Dataset:
    import numpy as np

    check_flag("scaled", scaled)
    X, classes = measured(name)
    if scaled:
        table = np.array(X)
        X = ((table - table.mean(axis=0)) / table.std(axis=0)).tolist()
    return Dataset(X, numbered(classes, len(class_names)), feature_names, class_names)
