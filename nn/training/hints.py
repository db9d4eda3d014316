"""Hints: what an argument is called here, for those who know it by another library's name."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

__all__ = ["ELSEWHERE", "hinting"]

P = ParamSpec("P")
R = TypeVar("R")

ELSEWHERE = {  # from a name that Keras, scikit-learn, PyTorch, skorch or fastai has to what to write
    "alpha": "l2=...",
    "batch": "batch_size=...",
    "class_names": "classes=...",
    "criterion": "loss=...",
    "device": "backend='jax', which computes on what JAX sees",
    "early_stopping": "validation=0.1, patience=10",
    "eta": "learning_rate=...",
    "gradient_clip_val": "clip_norm=...",
    "learning_rate_init": "learning_rate=...",
    "lr": "learning_rate=...",
    "lr_scheduler": "learning_rate=..., which takes a schedule",
    "max_epochs": "epochs=...",
    "max_iter": "epochs=...",
    "momentum": "optimizer=SGD(model.parameters(), momentum=...)",
    "n_epochs": "epochs=...",
    "n_iter": "epochs=...",
    "n_iter_no_change": "patience=...",
    "num_epochs": "epochs=...",
    "objective": "loss=...",
    "optim": "optimizer=...",
    "random_state": "seed=...",
    "regularization": "l2=...",
    "scheduler": "learning_rate=..., which takes a schedule",
    "shuffle": "batch_size=...: batches are shuffled, and all rows at once need not be",
    "solver": "optimizer=...",
    "steps": "epochs=...",
    "tol": "min_delta=...",
    "val_data": "validation=(X, y)",
    "validation_data": "validation=(X, y)",
    "validation_fraction": "validation=...",
    "validation_split": "validation=...",
    "verbose": "progress=True or False",
    "weight_decay": "l2=..., or optimizer=AdamW(model.parameters(), weight_decay=...)",
}


def hinting(elsewhere: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function that says, of an argument it does not have, which one may be meant: TypeError.

    Args:
        elsewhere: from names that others have to what to write here.
    """

    def hinted(function: Callable[P, R]) -> Callable[P, R]:
        known = [*signature(function).parameters]
        name_of: Any = function

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in kwargs:
                if name not in known:
                    near = elsewhere.get(name) or next((f"{n}=..." for n in get_close_matches(name, known, 1)), "")
                    hint = f": write {near}" if near else f": it has {', '.join(known)}"
                    raise TypeError(f"{name_of.__name__} has no argument {name}{hint}")
            return function(*args, **kwargs)

        return call

    return hinted
