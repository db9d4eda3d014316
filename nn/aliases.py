"""What losses, optimizers, activations and initializers are called elsewhere, for those who come from there."""

import re
from collections.abc import Collection
from types import FunctionType
from typing import Any

from engine.arguments import choose, shown

__all__ = ["ALIASES", "choose_named", "is_from_elsewhere", "name_here"]

_BINARY, _SEVERAL, _SQUARED = "binary_cross_entropy", "cross_entropy", "mean_squared_error"

# Of each kind, by names in small letters and without anything between them: of PyTorch, Keras, scikit-learn and optax.
ALIASES: dict[str, dict[str, str]] = {
    "loss": {
        **dict.fromkeys(("mse", "squared", "squarederror", "meansquared", "quadratic", "regression"), _SQUARED),
        **dict.fromkeys(("bce", "bcewithlogits", "binarycrossentropywithlogits", "sigmoidbinarycrossentropy"), _BINARY),
        **dict.fromkeys(("binary", "binarycrossentropy", "logistic"), _BINARY),
        **dict.fromkeys(("ce", "crossentropy", "categoricalcrossentropy", "sparsecategoricalcrossentropy"), _SEVERAL),
        **dict.fromkeys(("softmaxcrossentropy", "softmaxcrossentropywithintegerlabels", "log", "nll"), _SEVERAL),
        **dict.fromkeys(("negativeloglikelihood", "multinomial", "categorical"), _SEVERAL),
        **dict.fromkeys(("margin", "maxmargin", "svm"), "hinge"),
    },
    "optimizer": {
        **dict.fromkeys(("gd", "gradientdescent"), "sgd"),
        "rms": "rmsprop",
    },
    "activation": {
        **dict.fromkeys(("identity", "none", "id", "noactivation"), "linear"),
        **dict.fromkeys(("rectifier", "rectifiedlinear"), "relu"),
        **dict.fromkeys(("lrelu", "leaky"), "leaky_relu"),
        "silu": "swish",
        **dict.fromkeys(("logistic", "sigm", "expit"), "sigmoid"),
        **dict.fromkeys(("heaviside", "threshold"), "step"),
        "hyperbolictangent": "tanh",
    },
    "init": {
        **dict.fromkeys(("glorot", "glorotnormal", "xaviernormal", "glorotn"), "xavier"),
        "glorotuniform": "xavier_uniform",
        **dict.fromkeys(("kaiming", "kaimingnormal", "henormal"), "he"),
        "kaiminguniform": "he_uniform",
        **dict.fromkeys(("lecun", "lecunnormal"), "xavier_in"),
        "lecununiform": "xavier_in_uniform",
        "zero": "zeros",
        **dict.fromkeys(("gaussian", "randomnormal", "randn"), "normal"),
        **dict.fromkeys(("randomuniform", "rand", "random"), "uniform"),
    },
}
LIBRARIES = {"flax", "haiku", "jax", "jaxlib", "keras", "mxnet", "optax", "sklearn", "tensorflow", "tf_keras", "torch"}


def name_here(kind: str, given: Any, known: Collection[str]) -> str | None:
    """What something goes by here that was given by a name of elsewhere, or as a class or function of a library.

    Example:
        >>> name_here("loss", "MSE", ["hinge", "mean_squared_error"])
        'mean_squared_error'
    """
    spoken = given if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
    plain = _plain(str(spoken))
    here = {_plain(name): name for name in known}
    for name in (plain, plain.removesuffix("loss"), plain.removesuffix("activation").removesuffix("initializer")):
        found = here.get(name) or ALIASES[kind].get(name)
        if found in known:
            return found
    return None


def is_from_elsewhere(given: Any) -> bool:
    """Whether it is a class or a function, or made by one, of a library that computes with arrays of its own."""
    owner = given if isinstance(given, (type, FunctionType)) or hasattr(given, "__name__") else type(given)
    return str(getattr(owner, "__module__", "")).partition(".")[0] in LIBRARIES


def choose_named(kind: str, given: Any, known: Collection[str], otherwise: str = "") -> str:
    """The name that was given, as `engine.arguments.choose` has it; a name of elsewhere is answered with that of here.

    Raises:
        ValueError: there is none of that name.

    Example:
        >>> choose_named("loss", "MSELoss", ["hinge", "mean_squared_error"])
        Traceback (most recent call last):
        ValueError: unknown loss 'MSELoss': write 'mean_squared_error', or choose one of hinge, mean_squared_error
    """
    here = None if isinstance(given, str) and given in known else name_here(kind, given, known)
    if here is None:
        return choose(kind, given, known, otherwise)
    raise ValueError(f"unknown {kind} {shown(given)}: write {here!r}, or choose one of {', '.join(known)}{otherwise}")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
