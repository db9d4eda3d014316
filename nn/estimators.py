"""MLPClassifier and MLPRegressor: networks as scikit-learn's estimators.

The one file that needs scikit-learn: `nn` imports it when one of the two is first asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from engine.arguments import check_flag, real_number, shown, whole_number
from engine.trees import is_list
from nn.activations import Nonlinearity
from nn.initializers import Initializer
from nn.layers.mlp import MLP
from nn.optimizers import SGD, Optimizer, optimizer_for
from nn.schedules import Schedule, is_schedule
from nn.training.fit import fit
from nn.training.history import History
from nn.training.predict import predict

__all__ = ["MLPClassifier", "MLPRegressor"]

SCIKIT_LEARNS = {"identity": "linear", "logistic": "sigmoid"}  # activations, and what they are called here
LARGEST_BATCH = 200  # of batch_size="auto"
SEEDS = 2**31 - 1


class Perceptron(BaseEstimator):  # type: ignore[misc]  # scikit-learn says no types
    """What the two have in common: settings, and how these become a network and its training.

    Attributes:
        loss: of which `nn.fit` is to make the mean small.
        scale: how many times its gradient is scikit-learn's.
    """

    loss: str
    scale = 1.0

    model_: MLP
    history_: History
    n_features_in_: int

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: Nonlinearity = "relu",
        *,
        solver: str | Callable[..., Optimizer] = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float | Schedule = 1e-3,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        init: str | Initializer = "auto",
        normalization: str | None = None,
        residual: bool = False,
        dropout: float = 0.0,
        backend: str = "auto",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.init = init
        self.normalization = normalization
        self.residual = residual
        self.dropout = dropout
        self.backend = backend

    @property
    def loss_curve_(self) -> list[float]:
        """The loss of each epoch."""
        return self.history_["loss"]

    @property
    def loss_(self) -> float:
        """The loss of the last epoch."""
        return self.loss_curve_[-1]

    @property
    def n_iter_(self) -> int:
        """How many epochs there were."""
        return len(self.loss_curve_)

    def _begin(self, n_outputs: int) -> None:
        """Make a network and an optimizer, by the settings."""
        seeds = check_random_state(self.random_state)
        sizes: Any = self.hidden_layer_sizes
        name: Any = self.activation
        self.model_ = MLP(
            self.n_features_in_,
            [*(whole_number("hidden_layer_sizes", n) for n in (sizes if is_list(sizes) else [sizes])), n_outputs],
            SCIKIT_LEARNS.get(name, name) if isinstance(name, str) else name,
            init=self.init,
            seed=int(seeds.randint(SEEDS)),
            normalization=self.normalization,
            residual=self.residual,
            dropout=self.dropout,
        )
        self._seed = int(seeds.randint(SEEDS))
        self._optimizer = self._made_optimizer()
        self.history_ = History()

    def _made_optimizer(self) -> Optimizer:
        parameters, rate = self.model_.parameters(), self.learning_rate_init
        if not callable(rate):
            real_number("learning_rate_init", rate, "a number, 0 or more, or a schedule", lambda x: x >= 0)
        first: Any = rate(0) if callable(rate) and is_schedule(rate) else rate
        if callable(self.solver):
            return optimizer_for(self.solver(parameters, learning_rate=first), parameters)
        if self.solver == "sgd":
            return SGD(parameters, first, self.momentum, self.nesterovs_momentum and self.momentum != 0)
        return optimizer_for(self.solver, parameters, first)

    def _train_until_done(self, X: Any, y: Any, classes: Any = None) -> None:
        """Train for `max_iter` epochs, or until there is no more to gain."""
        held = None
        check_flag("early_stopping", self.early_stopping)
        if self.early_stopping:
            share = real_number(
                "validation_fraction", self.validation_fraction, "above 0 and below 1", lambda x: 0 < x < 1
            )
            X, held_X, y, held_y = train_test_split(
                X, y, test_size=share, random_state=self._seed, stratify=None if classes is None else y
            )
            held = held_X, held_y
        self._train(
            X,
            y,
            classes,
            epochs=whole_number("max_iter", self.max_iter),
            validation=held,
            patience=whole_number("n_iter_no_change", self.n_iter_no_change),
            min_delta=real_number("tol", self.tol, "a number, 0 or more", lambda x: x >= 0),
        )

    def _train(self, X: Any, y: Any, classes: Any = None, **settings: Any) -> None:
        """Go on with the training, and write down what happened."""
        size: Any = self.batch_size
        size = min(len(X), LARGEST_BATCH if size == "auto" else whole_number("batch_size", size, unless='or "auto"'))
        alpha = real_number("alpha", self.alpha, "a number, 0 or more", lambda x: x >= 0)
        check_flag("verbose", self.verbose)
        rate: Any = self.learning_rate_init
        history = fit(
            self.model_,
            X,
            y,
            loss=self.loss,
            classes=classes,
            batch_size=size,
            learning_rate=rate if is_schedule(rate) else None,
            optimizer=self._optimizer,
            l2=self.scale * alpha / 2 / size,
            backend=self.backend,
            seed=self._seed,
            progress=self.verbose,
            **settings,
        )
        for name, numbers in history.items():
            numbers[:0] = self.history_.get(name, [])
        self.history_ = history

    def _outputs(self, X: Any) -> Any:
        """What the network gives, (n_rows,) or (n_rows, n_outputs)."""
        check_is_fitted(self)
        return predict(self.model_, validate_data(self, X, dtype=float, reset=False))


class MLPClassifier(ClassifierMixin, Perceptron):  # type: ignore[misc]
    """A multi-layer perceptron that tells classes apart, as an estimator of scikit-learn.

    It goes wherever one goes: pipelines, cross-validation, searches over its settings, on many machines too. It is
    made as scikit-learn's own `MLPClassifier` is, and trained by `nn.fit`; what was trained is `model_`, an `nn.MLP`,
    which all pictures draw. That has one output for two classes, and one for each of more.

    Args:
        hidden_layer_sizes: how many neurons each hidden layer has; () for none, which is logistic regression.
        activation: of the hidden layers, as for `nn.MLP`; "identity" and "logistic" are "linear" and "sigmoid".
        solver: the optimizer: a name that `nn.fit` knows, of which "sgd" has a momentum; or what makes one of
            parameters and a learning rate, such as ``functools.partial(nn.Adam, beta1=0.8)``.
        alpha: adds alpha / 2 * (sum of the squares of all parameters) / batch_size to the loss of a batch.
        batch_size: rows in a step; "auto" for 200, or all if there are fewer.
        learning_rate_init: the size of a step; or a schedule, such as ``nn.CosineDecay(0.01, epochs=50)``.
        max_iter: how often, at most, to go through the data.
        random_state: an int for the same network and the same shuffling every time; None, or a RandomState of NumPy's.
        tol: by how much the loss must be smaller than ever before for an epoch to count as better.
        verbose: whether to show a progress bar.
        momentum, nesterovs_momentum: of "sgd".
        early_stopping: whether to set a share of the data aside, of each class the same, and to go by the loss on
            these; the parameters are in the end those of the best epoch.
        validation_fraction: that share, above 0 and below 1.
        n_iter_no_change: training ends after so many epochs in a row that were no better.
        init, normalization, residual, dropout: as for `nn.MLP`.
        backend: as for `nn.fit`.

    Attributes:
        model_ (nn.MLP): the network. Its outputs are logits, as `decision_function` gives them.
        classes_: (n_classes,) the labels, sorted.
        history_: what `nn.fit` gave: a plot with ``history_.plot()``; ``history_.stopped`` says why training ended
            before `max_iter`, and is "" if it did not.
        loss_curve_, loss_, n_iter_: the loss of each epoch, of the last one, and how many there were.
        n_features_in_, feature_names_in_: how many columns X had, and what they were called, if it was a table.

    What differs from scikit-learn's own: weights start as `init` says, and biases at 0, where it draws both from
    Glorot's uniform distribution; `alpha` is for biases too; `early_stopping` goes by the loss, not by the accuracy; no
    warning says that `max_iter` was reached. There are no "lbfgs", warm_start, sample weights and several labels for a
    row. From the same weights, with alpha=0, both take the same steps.

    Example:
        >>> from nn import iris
        >>> X, y = iris()
        >>> species = [("setosa", "versicolor", "virginica")[k] for k in y]
        >>> classifier = MLPClassifier([8], learning_rate_init=0.05, max_iter=50, random_state=0).fit(X, species)
        >>> str(classifier.predict(X[:1])[0]), classifier.score(X, species) > 0.95
        ('setosa', True)
    """

    classes_: Any

    @property
    def loss(self) -> str:  # type: ignore[override]
        """The one that takes logits of so many classes."""
        return "binary_cross_entropy" if len(self.classes_) == 2 else "cross_entropy"

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows and their labels, from the start.

        Args:
            X: (n_rows, n_columns) numbers.
            y: (n_rows,) labels: text, numbers, True and False.

        Raises:
            ValueError: a setting or the data is wrong, or there is one class only.
            FloatingPointError: the loss is no longer finite.
        """
        X, y = self._checked(X, y, reset=True)
        self._begin_with(y)
        self._train_until_done(X, y, self.classes_.tolist())
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Go on from where training stands, once through these rows.

        Args:
            X, y: as for `fit`.
            classes: all labels that there will be; needed the first time.

        Raises:
            ValueError, FloatingPointError: as for `fit`; or it does not know the classes.
        """
        is_first = not hasattr(self, "model_")
        if is_first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit, as it cannot see what will come")
        X, y = self._checked(X, y, reset=is_first)
        if is_first:
            self._begin_with(classes)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"classes must be those of the first call, {shown(self.classes_)}, but was {shown(classes)}"
            )
        self._train(X, y, self.classes_.tolist(), epochs=1)
        return self

    def decision_function(self, X: Any) -> Any:
        """The logits: (n_rows,) those of the second of two classes, or (n_rows, n_classes)."""
        return self._outputs(X)

    def predict(self, X: Any) -> Any:
        """The most probable label of each row, (n_rows,)."""
        logits = self._outputs(X)
        return self.classes_[(logits > 0).astype(int) if logits.ndim == 1 else logits.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """How probable each class is, (n_rows, n_classes)."""
        logits = self._outputs(X)
        return softmax(logits, axis=1) if logits.ndim > 1 else np.stack([expit(-logits), expit(logits)], axis=1)

    def predict_log_proba(self, X: Any) -> Any:
        """The logarithms of `predict_proba`, which never round to -inf."""
        logits = self._outputs(X)
        if logits.ndim > 1:
            return log_softmax(logits, axis=1)
        return np.stack([log_expit(-logits), log_expit(logits)], axis=1)

    def _checked(self, X: Any, y: Any, reset: bool) -> Any:
        X, y = validate_data(self, X, y, dtype=float, reset=reset)
        check_classification_targets(y)
        return X, column_or_1d(y, warn=True)

    def _begin_with(self, labels: Any) -> None:
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(
                f"there must be two classes or more, but y has 1 class only, {shown(self.classes_.tolist()[0])}"
            )
        self._begin(1 if len(self.classes_) == 2 else len(self.classes_))


class MLPRegressor(MultiOutputMixin, RegressorMixin, Perceptron):  # type: ignore[misc]
    """A multi-layer perceptron that predicts numbers, as an estimator of scikit-learn.

    Args:
        alpha: adds alpha * (sum of the squares of all parameters) / (batch_size * n_outputs) to the loss of a batch.
        hidden_layer_sizes, activation, solver, batch_size, learning_rate_init, max_iter, random_state, tol, verbose,
            momentum, nesterovs_momentum, early_stopping, validation_fraction, n_iter_no_change, init, normalization,
            residual, dropout, backend: as for `MLPClassifier`.

    Attributes:
        model_ (nn.MLP): the network, with an output for each number that is predicted for a row.
        history_, loss_curve_, loss_, n_iter_, n_features_in_, feature_names_in_: as for `MLPClassifier`.

    What differs from scikit-learn's own is what does for `MLPClassifier`; and the loss here is the mean of the squares
    over all outputs, where it goes down half their sum (and reports half of the mean). Adam takes the same steps for
    either; those of "sgd" are 2 / n_outputs times as long here.

    Example:
        >>> X = [[x / 10] for x in range(20)]
        >>> y = [x**2 for x, in X]
        >>> regressor = MLPRegressor([16], "tanh", learning_rate_init=0.05, random_state=0).fit(X, y)
        >>> bool(regressor.score(X, y) > 0.99)
        True
    """

    loss = "mean_squared_error"

    @property
    def scale(self) -> float:  # type: ignore[override]
        """Where we take the mean over the outputs, scikit-learn takes half of the sum."""
        return 2.0 / len(self.model_.layers[-1].neurons)

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows and the numbers that belong to them, from the start.

        Args:
            X: (n_rows, n_columns) numbers.
            y: (n_rows,) or (n_rows, n_outputs) numbers.

        Raises:
            ValueError: a setting or the data is wrong.
            FloatingPointError: the loss is no longer finite.
        """
        X, y = self._checked(X, y, reset=True)
        self._begin(y.shape[1] if y.ndim > 1 else 1)
        self._train_until_done(X, y)
        return self

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Go on from where training stands, once through these rows; arguments are as for `fit`."""
        is_first = not hasattr(self, "model_")
        X, y = self._checked(X, y, reset=is_first)
        if is_first:
            self._begin(y.shape[1] if y.ndim > 1 else 1)
        self._train(X, y, epochs=1)
        return self

    def predict(self, X: Any) -> Any:
        """What the network gives for each row, (n_rows,) or (n_rows, n_outputs)."""
        return self._outputs(X)

    def _checked(self, X: Any, y: Any, reset: bool) -> Any:
        X, y = validate_data(self, X, y, dtype=float, reset=reset, multi_output=True, y_numeric=True)
        return X, column_or_1d(y, warn=True) if y.ndim > 1 and y.shape[1] == 1 else y
