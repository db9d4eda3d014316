"""Losses: how wrong an output is, for one example, as a Value that can go backward."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

from engine import Value, clip, dot, log, log1p, maximum, ops, relu, step, total
from engine.apply import apply
from engine.arguments import is_real, shown
from engine.functions import equal
from engine.number import Number, times, to_float
from engine.reductions import shifted_logits
from engine.trees import is_list
from engine.value import record
from nn.activations import ACTIVATIONS
from nn.aliases import choose_named, is_from_elsewhere
from nn.module import Module

__all__ = [
    "LOSSES",
    "Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_from_probabilities",
    "cross_entropy",
    "cross_entropy_from_probabilities",
    "hinge",
    "loss_after",
    "loss_named",
    "mean_squared_error",
]

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


def binary_cross_entropy_from_probabilities(probability: Any, label: Any) -> Any:
    """-log of the probability that a network gives the label: of `probability` for 1, of 1 - probability for 0.

    Where the probability is a sigmoid in the graph, this is `binary_cross_entropy` of what that was computed from, and
    loses no digits. Of other numbers 0 and 1 count as the floats next to them, as both may have been rounded.

    Args:
        probability: the output of the network *after* a sigmoid, from 0 to 1.
        label: 0 or 1.

    Returns:
        Value, or float if neither argument is one.

    Raises:
        ValueError: the probability is not from 0 to 1, or the label is another number.

    Example:
        >>> round(binary_cross_entropy_from_probabilities(0.25, 1), 4)
        1.3863
    """
    name = "binary_cross_entropy_from_probabilities"
    given, probability = probability, single(probability, name)
    check_probability(given, name)
    check_label(label, (0, 1), name)
    if isinstance(probability, Value) and probability.op is ops.SIGMOID:
        return apply(ops.BINARY_CROSS_ENTROPY, probability.operands[0], label)
    costs = -log(clip(probability, LEAST, None)), -log1p(-clip(probability, None, MOST))
    return apply(ops.WEIGHTED_SUM, label, 1.0 - label, *costs)


def cross_entropy_from_probabilities(probabilities: Sequence[Any], label: Any) -> Any:
    """-log of the probability that a network gives the label.

    Where a probability is an exponential in the graph, as a softmax makes it, its logarithm is what that was computed
    from, and loses no digits. Of other numbers 0 counts as the least that a float can be, as it may have been rounded.

    Args:
        probabilities: the outputs of the network *after* a softmax, one for each class, from 0 to 1.
        label: as for `cross_entropy`.

    Returns:
        Value, or float if no argument is one.

    Raises:
        ValueError: a probability is not from 0 to 1, there is no such class, or the label has not one number, 0 or
            more, for each.

    Example:
        >>> round(cross_entropy_from_probabilities([0.25, 0.75], 0), 4)
        1.3863
    """
    name = "cross_entropy_from_probabilities"
    if not is_list(probabilities) or len(probabilities) < 2:
        raise ValueError(f"{name} needs a list of outputs, one for each class, but was given {shown(probabilities)}")
    check_label(label, range(len(probabilities)), name)
    for probability in probabilities:
        check_probability(probability, name)
    if isinstance(label, Number):
        label = one_hot(label, len(probabilities))
        return cross_entropy_from_probabilities(probabilities, label) - log(total(label))  # inf if there is no such one
    if not is_list(label):
        return -_log(probabilities[int(label)])
    return apply(ops.WEIGHTED_SUM, *label, *[-_log(probability) for probability in probabilities])


LEAST, MOST = sys.float_info.min, 1.0 - sys.float_info.epsilon / 2  # a probability as a float, but for 0 and 1


def _log(probability: Any) -> Any:
    """Its logarithm, which the graph has where it is an exponential."""
    if isinstance(probability, Value) and probability.op is ops.EXP:
        return probability.operands[0]
    return log(clip(probability, LEAST, None))


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
        takes: what it reads outputs as: "numbers" that are predicted, "scores" on either side of 0, "logits" whose
            sigmoid or softmax are probabilities, or these, "probabilities".
    """

    function: Callable[[Any, Any], Any]
    decide: Callable[[Any], Any] | None = None
    correct: Callable[[Any, Any], Any] | None = None
    labels: Sequence[int] | None = None
    takes: str = "numbers"

    @property
    def name(self) -> str:
        """What it is called."""
        return getattr(self.function, "__name__", shown(self.function))


@dataclass(frozen=True)
class OwnLoss:
    """A function of the user's own as a loss.

    Args:
        of_user: (output, target) -> the loss of one example.
    """

    of_user: Callable[[Any, Any], Any]

    @property
    def __name__(self) -> str:
        return getattr(self.of_user, "__name__", shown(self.of_user))

    def __call__(self, output: Any, target: Any) -> Any:
        loss = self.of_user(output, target)
        if not is_real(loss):
            raise TypeError(
                f"a loss gives one number for one example, but {self.__name__} gave {shown(loss)} for the output "
                f"{shown(output)} and the target {shown(target)}"
            )
        return loss


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


def _half(probability: Any, label: Any) -> Any:
    """1 if the probability is on the label's side of a half."""
    return equal(step(probability - 0.5), label)


def _index_of_largest(outputs: Sequence[Any]) -> int:
    return max(range(len(outputs)), key=outputs.__getitem__)


# fmt: off
LOSSES: dict[str, Loss] = {loss.name: loss for loss in (
    Loss(hinge, lambda score: 1 if score > 0 else -1, lambda score, label: equal(2 * step(score) - 1, label),
         labels=(-1, 1), takes="scores"),
    Loss(binary_cross_entropy, lambda logit: 1 if logit > 0 else 0, lambda logit, label: equal(step(logit), label),
         labels=(0, 1), takes="logits"),
    Loss(cross_entropy, _index_of_largest, _share_of_largest, takes="logits"),
    Loss(mean_squared_error),
    Loss(binary_cross_entropy_from_probabilities, lambda probability: 1 if probability > 0.5 else 0, _half,
         labels=(0, 1), takes="probabilities"),
    Loss(cross_entropy_from_probabilities, _index_of_largest, _share_of_largest, takes="probabilities"),
)}
# fmt: on


def loss_named(given: Any) -> Loss:
    """The loss that a name stands for, or that was given itself.

    Args:
        given: a name in `LOSSES`; a function there; or any function (output, target) -> the loss of one example.

    Raises:
        ValueError: there is none of that name.
        TypeError: the function does not take two arguments.
    """
    if isinstance(given, Loss):
        return given
    for loss in LOSSES.values():
        if given is loss.function:
            return loss
    if not callable(given) or isinstance(given, (Module, type)) or is_from_elsewhere(given):
        return LOSSES[choose_named("loss", given, LOSSES, ", or give a function (output, target) -> Value")]
    try:
        signature(given).bind(0.0, 0.0)
    except TypeError:
        raise TypeError(
            f"a loss is a function (output, target) -> Value, but {shown(given)} does not take two arguments"
        ) from None
    except ValueError:  # of some that are built in, nobody knows what they take
        pass
    return Loss(OwnLoss(given))


def loss_after(loss: Loss, activation: Any) -> Loss:
    """The loss that reads the outputs of an activation as they are meant.

    Args:
        loss: as it was asked for.
        activation: what made the outputs, as `Module.output_activation` says it; None where that is not known.

    Returns:
        The loss, or its twin that takes probabilities, if the activation makes these.

    Raises:
        ValueError: outputs of this activation would be read as something that they are not.

    Example:
        >>> loss_after(LOSSES["cross_entropy"], "softmax").name
        'cross_entropy_from_probabilities'
    """
    name = loss.name.removesuffix("_from_probabilities")
    suits = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
    makes = {suited: activation for activation, suited in suits.items()}
    if not isinstance(activation, str) or loss.takes == "numbers":
        return loss
    if activation in suits:
        if suits[activation] == name:
            return LOSSES[f"{name}_from_probabilities"]
        raise ValueError(
            f"{loss.name} takes {loss.takes}, but the outputs of the model are those of a {activation}: for these "
            f"there is loss={suits[activation]!r}; or make the model with output_activation="
            f"{makes.get(name, 'linear')!r}"
        )
    if loss.takes == "probabilities" and activation in ACTIVATIONS:
        raise ValueError(
            f"{loss.name} takes probabilities, but the outputs of the model are those of {activation!r}: write "
            f"loss={name!r}, which takes any numbers"
        )
    return loss


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


def check_probability(probability: Any, loss: str) -> None:
    """ValueError unless it is from 0 to 1. A symbol is taken at its word."""
    if isinstance(probability, Number) and (not isinstance(probability, Value) or probability.apply is not record):
        return
    number = number_in(probability, loss)
    if not 0 <= number <= 1 and number == number:
        raise ValueError(
            f"{loss} needs probabilities, from 0 to 1, such as a sigmoid or softmax gives, but was given "
            f"{shown(probability)}: of other outputs there is {loss.removesuffix('_from_probabilities')}"
        )


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
