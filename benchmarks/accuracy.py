"""Accuracy beside scikit-learn's: ``python -m benchmarks.accuracy`` writes ``benchmarks/results/accuracy.md``.

Two estimators are made with the same arguments (network, optimizer, rate, batches, penalty and epochs), each starts
from weights of its own, and both learn from the same rows. For each seed, which draws the splits, the weights and the
order of the rows, every row is classified once by networks that have not seen it: there are five splits, each of which
sets another fifth of the rows aside.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import nn
from benchmarks.machine import describe_machine, package_versions, use_one_core
from benchmarks.report import columns
from nn import Dataset

__all__ = ["TASKS", "Task", "accuracies"]

RESULTS = Path(__file__).parent / "results" / "accuracy.md"
SEEDS = range(5)


@dataclass(frozen=True)
class Task:
    """A data set, and how networks learn it.

    Attributes:
        data: gives it, as it was measured.
        settings: of both estimators, beside the seed.
    """

    data: Callable[..., Dataset]
    settings: dict[str, Any] = field(default_factory=dict)


TASKS = {
    "iris": Task(nn.iris, {"hidden_layer_sizes": (16,), "batch_size": 32, "max_iter": 120}),
    "wine": Task(nn.wine, {"hidden_layer_sizes": (16,), "batch_size": 32, "max_iter": 40}),
    "breast cancer": Task(nn.breast_cancer, {"hidden_layer_sizes": (16,), "batch_size": 32, "max_iter": 30}),
    "digits": Task(nn.digits, {"hidden_layer_sizes": (32,), "batch_size": 64, "max_iter": 30}),
}


def accuracies(task: Task, seed: int) -> tuple[float, float]:
    """The share of the rows that chalkgrad, and scikit-learn, get right when they have not seen them."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = task.data(scaled=False)
    splits = StratifiedKFold(5, shuffle=True, random_state=seed)
    shares = []
    for kind in (nn.MLPClassifier, MLPClassifier):
        classifier = kind(
            learning_rate_init=0.01,
            n_iter_no_change=task.settings["max_iter"],  # nothing ends it early
            random_state=seed,
            **task.settings,
        )
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            scores = cross_val_score(make_pipeline(StandardScaler(), classifier), X, y, cv=splits, error_score="raise")
        shares.append(float(scores.mean()))
    return shares[0], shares[1]


def report(seeds: Sequence[int] = SEEDS) -> str:
    """A table with a row for each data set."""
    lines = [("data set", "rows", "network", "chalkgrad", "scikit-learn", "difference in percentage points")]
    for name, task in TASKS.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        X, y = task.data()
        shape = "-".join(map(str, (len(X[0]), *task.settings["hidden_layer_sizes"], len({*y}))))
        ours, theirs = (100 * mean(shares) for shares in zip(*(accuracies(task, seed) for seed in seeds), strict=True))
        lines.append((name, f"{len(X):,}", shape, f"{ours:.1f}%", f"{theirs:.1f}%", f"{ours - theirs:+.1f}"))
    machine, packages, date = describe_machine(), package_versions(), datetime.now(UTC).date().isoformat()
    return (
        f"{columns(lines)}\n\nMean accuracy on rows that were not learnt from, of {len(seeds)} seeds and five splits "
        f"for each. Measured on {machine['system']}; {machine['python']}; {date}; numpy {packages['numpy']}, "
        f"scikit-learn {packages['scikit-learn']}.\n"
    )


if __name__ == "__main__":
    use_one_core()
    text = report()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
