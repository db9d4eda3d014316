"""Losses: how wrong an output is, for one example, as a Value that can go backward."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine import Value, dot, log, maximum, ops, relu, step, total
from engine.apply import apply
from engine.arguments import choose, is_real, shown
from engine.functions import equal
from engine.number import Number, times, to_float
from engine.reductions import shifted_logits
from engine.trees import is_list
from engine.value import record

__all__ = ["LOSSES", "Loss", "binary_cross_entropy", "cross_entropy", "hinge", "loss_named", "mean_squared_error"]

SQUARE = ops.POWER(exponent=2)


def hinge(score: Any, label: Any) -> Any:
    """max(0, 1 - label * score): 0 once the score is on the label's side by a margin of 1.

    Args:
        score: the output of the network, any real number.
        label: -1 or 1.

    Returns:
        Value, or float if neither argument is one.

    Raises:
        ValueError: the label is another number.

    Example:
        >>> hinge(0.25, 1), hinge(2.0, 1)
        (0.75, 0.0)
    """
    score = single(score, "hinge")
    check_label(label, (-1, 1), "hinge")
    return relu(1.0 - label * score)


def binary_cross_entropy(logit: Any, label: Any) -> Any:
    """-log of the probability that sigmoid(logit) gives the label, computed without rounding to log(0).

    Args:
        logit: the output of the network *before* a sigmoid, any real number.
        label: 0 or 1.

    Returns:
        Value, or float if neither argument is one.

    Raises:
        ValueError: the label is another number.

    Example:
        >>> binary_cross_entropy(1000.0, 0), binary_cross_entropy(1000.0, 1)
        (1000.0, 0.0)
    """
    logit = single(logit, "binary_cross_entropy")
    check_label(label, (0, 1), "binary_cross_entropy")
    return apply(ops.BINARY_CROSS_ENTROPY, logit, label)


def cross_entropy(logits: Sequence[Any], label: Any) -> Any:
    """-log of the probability that softmax(logits) gives the label, computed without rounding to log(0).

    Of a label that is a list it is minus the sum of each number in it times the log-softmax of its class, whatever the
    numbers add up to. A class with the number 0 does not count, even where its output is -inf.

    Args:
        logits: the outputs of the network *before* a softmax, one for each class, of any size.
        label: the index of the class, or one number for each class that says how probable it is (one-hot).

    Returns:
        Value, or float if no argument is one.

    Raises:
        ValueError: there is no such class, or the label has not one number, 0 or more, for each.

    Example:
        >>> round(cross_entropy([0.0, 0.0], 1), 4)
        0.6931
    """
    if not is_list(logits) or len(logits) < 2:
        raise ValueError(f"cross_entropy needs a list of outputs, one for each class, but was given {shown(logits)}")
    check_label(label, range(len(logits)), "cross_entropy")
    if isinstance(label, Number):
        label = one_hot(label, len(logits))
        return cross_entropy(logits, label) - log(total(label))  # which makes it inf where there is no such class
    _, shifted = shifted_logits(logits)
    normalizer = apply(ops.LOGSUMEXP, *shifted)
    if not is_list(label):
        return normalizer - shifted[int(label)]
    counting = [(y, x) for y, x in zip(label, shifted, strict=True) if isinstance(y, Number) or y != 0]
    share = 1.0 if isinstance(label, OneHot) else total(y for y, _ in counting)
    return times(share, normalizer) - apply(ops.WEIGHTED_SUM, *[y for y, _ in counting], *[x for _, x in counting])


class OneHot(list[Any]):
    """A class as a list of numbers, 1 for itself and 0 for every other, which nobody has to add up to find that out."""


def one_hot(label: Any, n_classes: int) -> OneHot:
    """A class that is given by its index."""
    return OneHot(equal(label, k) for k in range(n_classes))


def mean_squared_error(prediction: Any, target: Any) -> Any:
    """The square of prediction - target; the mean of the squares where the network has several outputs.

    Args:
        prediction: the output of the network, or the list of its outputs.
        target: what it should be, a number or a list of as many.

    Returns:
        Value, or float if no argument is one.

    Raises:
        ValueError: there are no predictions, or not as many targets.
        TypeError: one of them is no number.

    Example:
        >>> mean_squared_error([1.0, 5.0], [1.0, 2.0])
        4.5
    """
    predictions = prediction if is_list(prediction) else [prediction]
    targets = target if is_list(target) else [target]
    if len(predictions) != len(targets):
        raise ValueError(f"mean_squared_error was given {len(predictions)} predictions, but {len(targets)} targets")
    if not len(predictions):
        raise ValueError(f"mean_squared_error needs at least one prediction, but was given {shown(prediction)}")
    pairs = zip(predictions, targets, strict=True)
    differences = [number_in(p, "mean_squared_error") - number_in(t, "mean_squared_error") for p, t in pairs]
    squares = [apply(SQUARE, difference) for difference in differences]
    return squares[0] if len(squares) == 1 else total(squares) / len(squares)


@dataclass(frozen=True)
class Loss:
    """A loss, and how the output it is meant for is read as a label.

    Args:
        function: (output, label) -> the loss of one example.
        decide: output -> the label it stands for; None where outputs are not labels.
        correct: (output, label) -> 1 if it stands for that label, else 0, in functions that compile; None likewise.
        labels: the only ones it is defined for; None where that depends on the output.
    """

    function: Callable[[Any, Any], Any]
    decide: Callable[[Any], Any] | None = None
    correct: Callable[[Any, Any], Any] | None = None
    labels: Sequence[int] | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.function.__name__


def _share_of_largest(logits: Sequence[Any], label: Any) -> Any:
    """1 if the label's class has the largest output, or its share if several have: what a blind choice would gain."""
    wins = _largest(logits)
    if isinstance(label, Number):
        label = one_hot(label, len(logits))
    if not is_list(label):
        return wins[int(label)] / total(wins)
    return dot(label if isinstance(label, OneHot) else _largest(label), wins) / total(wins)


def _largest(numbers: Sequence[Any]) -> list[Any]:
    """1 for each number that is the largest, 0 for each other."""
    largest = maximum(*numbers)
    return [equal(number, largest) for number in numbers]


LOSSES: dict[str, Loss] = {
    "hinge": Loss(
        hinge,
        decide=lambda score: 1 if score > 0 else -1,
        correct=lambda score, label: equal(2 * step(score) - 1, label),
        labels=(-1, 1),
    ),
    "binary_cross_entropy": Loss(
        binary_cross_entropy,
        decide=lambda logit: 1 if logit > 0 else 0,
        correct=lambda logit, label: equal(step(logit), label),
        labels=(0, 1),
    ),
    "cross_entropy": Loss(
        cross_entropy,
        decide=lambda logits: max(range(len(logits)), key=logits.__getitem__),
        correct=_share_of_largest,
    ),
    "mean_squared_error": Loss(mean_squared_error),
}


def loss_named(name: str) -> Loss:
    """The loss of that name; ValueError listing the known ones if there is none."""
    return LOSSES[choose("loss", name, LOSSES)]


def number_in(x: Any, loss: str) -> Any:
    """A number of the engine as it is, a plain one as a float; TypeError if it is none."""
    if isinstance(x, Number):
        return x
    if not is_real(x):
        raise TypeError(f"{loss} is of numbers, such as the outputs of a network, but was given {shown(x)}")
    return to_float(x)


def single(output: Any, loss: str) -> Any:
    """The output, if it is one number; else ValueError."""
    if is_list(output):
        hint = ", in a list, of which to take the first" if len(output) == 1 else ""
        raise ValueError(f"{loss} needs a network with one output, but it gave {len(output)}{hint}: {shown(output)}")
    return number_in(output, loss)


def check_labels(loss: Loss, labels: Sequence[Any], n_outputs: int | None = None) -> None:
    """ValueError naming the first label that a loss is not defined for; n_outputs where that is known."""
    for label in labels:
        if loss.labels:
            check_label(label, loss.labels, loss.name)
        elif loss.correct is not None and n_outputs is not None and n_outputs > 1:
            check_label(label, range(n_outputs), loss.name)


def check_label(label: Any, known: Sequence[int], loss: str) -> None:
    """ValueError unless the label is one that the loss is defined for. A symbol is taken at its word.

    Args:
        label: a number; where `known` is a range, also a row with a number for each class.
        known: the labels there are.
        loss: its name.
    """
    given = label
    if isinstance(label, Number):
        if not isinstance(label, Value) or label.apply is not record:
            return
        given = label.data
    if is_list(given) and isinstance(known, range):
        _check_row(given, len(known), loss)
    elif not is_real(given) or given not in known or (isinstance(given, bool) and known != (0, 1)):
        names = f"{known[0]} to {known[-1]}" if isinstance(known, range) else " or ".join(map(str, known))
        raise ValueError(f"{loss} needs labels {names}, but was given {shown(label)}")


def _check_row(row: Any, n_classes: int, loss: str) -> None:
    """ValueError unless it says of each class how probable it is."""
    if len(row) != n_classes:
        raise ValueError(
            f"{loss} needs a number for each of {n_classes} classes, or the index of one, but was given {len(row)} "
            f"numbers: {shown(row)}"
        )
    for share in row:
        if not isinstance(share, Number) and not 0 <= number_in(share, loss) < math.inf:
            raise ValueError(f"{loss} needs a number, 0 or more, for each class in a label, but was given {shown(row)}")
