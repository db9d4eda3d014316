"""Hints: what an argument is called here, for those who know it by another library's name."""

from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

__all__ = ["ELSEWHERE", "hinting"]

Named = TypeVar("Named")

# From names that Keras, scikit-learn, PyTorch, optax, skorch, fastai or micrograd has to what to write: that which
# begins with an argument of whatever was called.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("eta", "learning_rate_init", "lr"), ("learning_rate=...", "rate=...")),
    **dict.fromkeys(("lr_scheduler", "schedule", "scheduler"), ("learning_rate=..., which takes a schedule",)),
    # Training
    **dict.fromkeys(("max_epochs", "max_iter", "n_epochs", "n_iter", "num_epochs", "steps"), ("epochs=...",)),
    **dict.fromkeys(("validation_fraction", "validation_split"), ("validation=...",)),
    **dict.fromkeys(("val_data", "validation_data"), ("validation=(X, y)",)),
    **dict.fromkeys(("criterion", "objective"), ("loss=...",)),
    **dict.fromkeys(("optim", "solver"), ("optimizer=...",)),
    **dict.fromkeys(("clipnorm", "global_clipnorm", "gradient_clip_val", "max_norm"), ("clip_norm=...",)),
    "alpha": ("l2=...", "slope=...", "decay=..."),
    "batch": ("batch_size=...",),
    "class_names": ("classes=...",),
    "clipvalue": ("clip_value=...",),
    "device": ("backend='jax', which computes on what JAX sees",),
    "early_stopping": ("validation=0.1, patience=10",),
    "momentum": ("optimizer=SGD(model.parameters(), momentum=...)",),
    "n_iter_no_change": ("patience=...",),
    "random_state": ("seed=...",),
    "regularization": ("l2=...",),
    "shuffle": ("batch_size=...: batches are shuffled, and all rows at once need not be",),
    "tol": ("min_delta=...", "threshold=..."),
    "verbose": ("progress=True or False",),
    "weight_decay": ("l2=..., or optimizer=AdamW(model.parameters(), weight_decay=...)",),
    # Optimizers
    **dict.fromkeys(("b1", "beta_1"), ("beta1=...",)),
    **dict.fromkeys(("b2", "beta_2"), ("beta2=...",)),
    "betas": ("beta1=..., beta2=...",),
    "eps": ("epsilon=...",),
    "params": ("parameters=...",),
    "rho": ("decay=...",),
    # Schedules
    **dict.fromkeys(("base_lr", "init_value", "initial_learning_rate"), ("rate=...",)),
    **dict.fromkeys(("decay_rate", "gamma"), ("factor=...",)),
    **dict.fromkeys(("T_max", "decay_steps", "total_iters", "warmup_epochs", "warmup_steps"), ("epochs=...",)),
    "eta_min": ("final=...",),
    "min_lr": ("least=...",),
    "start_factor": ("start=...",),
    "step_size": ("every=...", "learning_rate=..."),
    # Parts
    **dict.fromkeys(("fan_in", "in_features", "input_size", "n_features", "n_in", "nin"), ("n_inputs=...",)),
    **dict.fromkeys(("n_out", "nout", "out_features", "output_size", "units"), ("n_outputs=...", "width=...")),
    **dict.fromkeys(("hidden", "hidden_layer_sizes", "hidden_sizes", "layers", "nouts", "sizes"),
                    ("widths=[...], the last of which is the output's",)),
    **dict.fromkeys(("act", "activation_function", "hidden_activation", "nonlinearity"), ("activation=...",)),
    **dict.fromkeys(("final_activation", "out_activation"), ("output_activation=...",)),
    **dict.fromkeys(("initializer", "kernel_initializer", "weight_init"), ("init=...",)),
    **dict.fromkeys(("batch_norm", "batchnorm"), ("normalization='batch'",)),
    **dict.fromkeys(("layer_norm", "layernorm"), ("normalization='layer'",)),
    **dict.fromkeys(("drop", "dropout_rate", "prob", "rate"), ("dropout=...", "p=...")),
    **dict.fromkeys(("num_embeddings", "vocab_size", "vocabulary_size"), ("n_words=...",)),
    **dict.fromkeys(("normalized_shape", "num_features", "num_parameters"), ("n=...", "n_inputs=...")),
    "embedding_dim": ("width=...",),
    "feature_range": ("low=..., high=...",),
    "input_dim": ("n_inputs=...", "n_words=..."),
    "negative_slope": ("slope=...",),
    "output_dim": ("n_outputs=...", "width=..."),
    "std": ("deviation=...",),
    "use_bias": ("bias=...",),
    # Data
    **dict.fromkeys(("n_points", "n_samples", "samples"), ("n_rows=...",)),
    **dict.fromkeys(("centers", "n_clusters"), ("n_classes=...",)),
    "cluster_std": ("noise=...",),
    "test_size": ("test_share=...",),
    "window": ("size=...",),
}  # fmt: skip


def hinting(named: Named) -> Named:
    """A function or class that says, of an argument it does not have, which one may be meant: TypeError.

    Example:
        >>> @hinting
        ... def draw(n_rows=10): ...
        >>> draw(n_samples=10)
        Traceback (most recent call last):
        TypeError: draw has no argument n_samples: write n_rows=...
    """
    function: Any = named
    name = function.__name__
    called = function.__init__ if isinstance(named, type) else function
    known = [*signature(function).parameters]

    @wraps(called)
    def call(*args: Any, **kwargs: Any) -> Any:
        for given in kwargs:
            if given not in known:
                raise TypeError(f"{name} has no argument {given}{_hint(given, known)}")
        return called(*args, **kwargs)

    if not isinstance(named, type):
        return call  # type: ignore[return-value]
    function.__init__ = call
    return named


def _hint(given: str, known: list[str]) -> str:
    candidates = [*ELSEWHERE.get(given, ()), *(f"{name}=..." for name in get_close_matches(given, known, 1))]
    for here in candidates:
        if here.partition("=")[0] in known:
            return f": write {here}"
    return f": it has {', '.join(known)}"
