"""scikit-learn: MLPClassifier, with one long `fit`, since `partial_fit` takes up to eight times as long for a step.

Its steps are not quite those of the others (it has no hinge loss, and its Adam adds its epsilon elsewhere), so its
answer is not compared: it does similar work, not the same.
"""

import warnings
from typing import Any

from benchmarks.measure import Trial
from benchmarks.task import Task

__all__ = ["training"]


def training(task: Task, activation: str, **settings: Any) -> Trial:
    """As many steps as `task.steps` in a call, from the start each time.

    Args:
        task: what is trained.
        activation: of the hidden layers.
        **settings: more of MLPClassifier's.
    """
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    X, y = map(np.array, task.data())
    classifier = MLPClassifier(
        [len(layer.neurons) for layer in task.model().layers[:-1]],
        activation=activation,
        batch_size=task.batch_size,
        learning_rate_init=task.rate,
        max_iter=task.steps * task.batch_size // len(X),
        n_iter_no_change=task.steps,  # nothing ends it early
        random_state=0,
        shuffle=False,
        **settings,
    )

    def step() -> None:
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            classifier.fit(X, y)

    return Trial(step, size=task.steps)
