"""Is the word in the middle of a window a place? Sentences written for this project, and windows cut from them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random

from engine.arguments import check_flag, real_number, shown, whole_number
from nn.datasets.dataset import Dataset
from nn.hints import hinting

__all__ = ["LocationWindows", "location_windows"]

EDGE, UNKNOWN = "<edge>", "<unknown>"
WORD = re.compile(r"([\[{]?)('s\b|[^\W_]+)")  # with what opens its mark: [place], {look-alike}
WIDEST = 20

Sentence = list[tuple[str, str]]  # words, each with its mark


@dataclass(frozen=True)
class LocationWindows:
    """Windows of words, to learn from and to be tested on.

    Attributes:
        train, test: their X are rows of 2 * size + 1 indices into the vocabulary, the word in question in the middle;
            their y are True where that is a place. No place of `test` is among the words of `train`.
        vocabulary: the words of an index: "<edge>" is what lies beyond a sentence, "<unknown>" every word that is not
            in the vocabulary, and the others are lower-case words of `train`.
        size: how many words there are on either side.
    """

    train: Dataset
    test: Dataset
    vocabulary: tuple[str, ...]
    size: int

    def windows(self, text: str) -> list[tuple[str, list[int]]]:
        """Every word of a sentence of your own, with the window around it, as a model takes it.

        Raises:
            TypeError: it is no text.

        Example:
            >>> corpus = location_windows(size=1)
            >>> [(word, [corpus.vocabulary[i] for i in row]) for word, row in corpus.windows("Off to Atlantis!")][-1]
            ('atlantis', ['to', '<unknown>', '<edge>'])
        """
        if not isinstance(text, str):
            raise TypeError(f"windows are cut from a sentence, such as 'We sailed to Lisbon.', not {shown(text)}")
        sentence = _words(text)
        index = {word: i for i, word in enumerate(self.vocabulary)}
        return [(word, row) for (word, _), row in zip(sentence, _windows(sentence, index, self.size), strict=True)]

    def __repr__(self) -> str:
        return (
            f"LocationWindows({len(self.train.X):,} windows to learn from, {len(self.test.X):,} to be tested on; "
            f"{len(self.vocabulary):,} words)"
        )


@hinting
def location_windows(
    size: int = 2, *, every_word: bool = False, least_count: int = 2, test_share: float = 0.25, seed: int = 0
) -> LocationWindows:
    """Some hundred English sentences as windows of words: is the one in the middle a place?

    In the sentences half of the names are places, the others people, months, days and words that stand where a name
    could; some are now one and now the other ("Paris was angry", "born in Paris"). Letters are all lower case, and no
    place of the test is seen in training, so that looking words up does not help: what does is the context.

    Args:
        size: how many words the window has on either side, from 1 to 20.
        every_word: False for windows around names and what could pass for one, of which about half are places; True
            for windows around every word, of which few are.
        least_count: how often a word must be in the training sentences to be in the vocabulary: one that a model cannot
            know by heart teaches it to mind the others.
        test_share: the share of the sentences that are for the test, above 0 and below 1.
        seed: a whole number, 0 or more: which sentences these are.

    Returns:
        LocationWindows: with a Dataset to learn from, `train`, and one to be tested on, `test`; labels are True and
        False.

    Raises:
        ValueError: an argument is out of range.

    Source:
        Collobert et al., "Natural language processing (almost) from scratch" (2011), on networks that read windows.

    A network that reads a vector for each word is right on 94 of 100 windows of the test, whose places it has never
    seen, where to look words up is right on 59; it trains in a second or two::

        model = Sequential(Embedding(len(corpus.vocabulary), 4), MLP(5 * 4, [8, 1], "tanh"))
        fit(model, *corpus.train, loss="binary_cross_entropy", optimizer=Adam(model.parameters(), learning_rate=0.01),
            epochs=20, batch_size=32, l2=1e-4, backend="numpy")
        accuracy(model, *corpus.test, loss="binary_cross_entropy")

    Example:
        >>> corpus = location_windows(size=2)
        >>> X, y = corpus.train
        >>> len(X[0]), sorted(set(y)), corpus.train.class_names
        (5, [False, True], ('no place', 'place'))
    """
    size = whole_number("size", size, 1, WIDEST)
    check_flag("every_word", every_word)
    least_count = whole_number("least_count", least_count)
    test_share = real_number("test_share", test_share, "above 0 and below 1", lambda x: 0 < x < 1)
    seed = whole_number("seed", seed, 0)
    train, test = _split(_sentences(), test_share, Random(seed))
    counts = Counter(word for sentence in train for word, _ in sentence)
    vocabulary = EDGE, UNKNOWN, *sorted(word for word, count in counts.items() if count >= least_count)

    index = {word: i for i, word in enumerate(vocabulary)}

    def part(sentences: Sequence[Sentence]) -> Dataset:
        pairs = [
            (window, mark == "[")
            for sentence in sentences
            for window, (_, mark) in zip(_windows(sentence, index, size), sentence, strict=True)
            if mark or every_word
        ]
        steps = range(1, size + 1)
        names = [*(f"{k} before" for k in reversed(steps)), "word", *(f"{k} after" for k in steps)]
        return Dataset([window for window, _ in pairs], [label for _, label in pairs], names, ("no place", "place"))

    return LocationWindows(part(train), part(test), vocabulary, size)


def _sentences() -> list[Sentence]:
    text = (files("nn.datasets") / "location_sentences.txt").read_text(encoding="utf-8")
    return [_words(line) for line in text.splitlines() if line and not line.startswith("#")]


def _words(text: str) -> Sentence:
    return [(word.lower(), mark) for mark, word in WORD.findall(text.replace("’", "'"))]


def _windows(sentence: Sentence, index: Mapping[str, int], size: int) -> Iterator[list[int]]:
    beyond = [index[EDGE]] * size
    indices = [*beyond, *(index.get(word, index[UNKNOWN]) for word, _ in sentence), *beyond]
    return (indices[i : i + 2 * size + 1] for i in range(len(sentence)))


def _split(sentences: Sequence[Sentence], share: float, random: Random) -> tuple[list[Sentence], list[Sentence]]:
    """(train, test): sentences that share the word of a place are in the same part."""
    places = {word for sentence in sentences for word, mark in sentence if mark == "["}
    group = [*range(len(sentences))]
    first: dict[str, int] = {}
    for i, sentence in enumerate(sentences):
        for word in (word for word, _ in sentence if word in places):  # in this order, which a set would not keep
            kept, joined = group[first.setdefault(word, i)], group[i]
            if kept != joined:
                group = [kept if k == joined else k for k in group]
    shuffled = sorted({*group})
    random.shuffle(shuffled)
    sizes = Counter(group)
    tested: set[int] = set()
    n_tested = 0
    for k in shuffled:
        if n_tested < share * len(sentences):
            tested.add(k)
            n_tested += sizes[k]
    parts: tuple[list[Sentence], list[Sentence]] = [], []
    for k, sentence in zip(group, sentences, strict=True):
        parts[k in tested].append(sentence)
    return parts
