"""Embedding: words as vectors that are learnt."""

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import Value, dot, total
from engine.arguments import is_real, shown
from engine.functions import equal
from engine.source import network_at_work
from engine.value import record
from nn.arguments import check_size, inputs_of, random_from
from nn.hints import hinting
from nn.initializers import Initializer, initializer_for
from nn.layers.weights import Numbers, Weights
from nn.module import Module, Parameter

__all__ = ["Embedding"]


@hinting
class Embedding(Module):
    """A vector for each word, or whatever else is counted from 0, which training moves.

    It reads the index of a word, or a list of them, such as the words of a window, and gives their vectors one after
    the other. A gradient reaches the vectors of these words alone.

    Args:
        n_words: how many there are, at least 1.
        width: how many numbers stand for each, at least 1.
        init: how they start, as for `Neuron`; "normal", from the bell curve, as in PyTorch.
        seed: as for `Neuron`.

    Attributes:
        E (list of lists of Parameter): a row for each word.

    Raises:
        ValueError: a size is below 1, or the name of the initializer is unknown; when it is called, if there is no word
            of an index. In a compiled program there is nothing to raise it: there the numbers of no word are nan.

    Source:
        Collobert et al., "Natural language processing (almost) from scratch" (2011), section 3.2.

    Example:
        >>> words = Embedding(1000, 2, seed=1)
        >>> window = words([3, 14, 3])
        >>> len(window), window[:2] == window[4:]
        (6, True)
    """

    _kind = "embedding"

    def __init__(
        self, n_words: int, width: int, init: str | Initializer = "normal", seed: int | Random | None = None
    ) -> None:
        check_size("n_words", n_words)
        check_size("width", width)
        check_size("n_words * width", n_words * width)
        draw, random = initializer_for(init, "linear"), random_from(seed)
        with network_at_work():
            self.E = [Weights([Parameter(draw(random, n_words, width)) for _ in range(width)]) for _ in range(n_words)]

    @property
    def vectors(self) -> list[list[float]]:
        """The numbers of all words, one row for each; ``embedding.E[3][0].data = 0.5`` changes one."""
        return Numbers(Numbers(number.data for number in row) for row in self.E)

    def n_outputs_for(self, n_inputs: int | None) -> int | None:
        return None if n_inputs is None else n_inputs * len(self.E[0])

    @property
    def output_activation(self) -> str:
        return "linear"

    def settings(self) -> dict[str, Any]:
        return {"n_words": len(self.E), "width": len(self.E[0])}

    def __call__(self, x: Any, *more: Any) -> list[Any]:
        given = [x] if is_real(x) and not more else x
        indices = inputs_of(self, None, given, *more)
        return [number for pair in zip(indices, given, strict=True) for number in self._vector(*pair)]

    def _vector(self, index: Any, given: Any) -> Sequence[Any]:
        """The numbers of a word; where its index is only known later, picked out of all of them by products."""
        if isinstance(index, Value) and index.apply is record:
            number = index.data
            if not 0 <= number < len(self.E) or number != int(number):
                raise ValueError(f"{shown(self)} has words 0 to {len(self.E) - 1}, but was given {shown(given)}")
            return self.E[int(number)]
        is_word = [equal(index, k) for k in range(len(self.E))]
        one = total(is_word)  # 0 if there is no such word, which makes nan of its numbers
        return [dot(column, is_word) / one for column in zip(*self.E, strict=True)]

    def __repr__(self) -> str:
        return f"Embedding({len(self.E)}, {len(self.E[0])})"
