"""How alike two texts are, from 0 to 1, by the metrics that graders know."""

from __future__ import annotations

import math
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from .embeddings import embed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_WORD: Final = re.compile(r"\w+")
_LONGEST: Final = 4
"""The words in the longest runs that BLEU and its like compare."""

Words = list[str]


def similarity(metric: str, text: str, reference: str) -> float:
    """How alike two texts are.

    Args:
        metric: one of `METRICS`.
        text: what is judged.
        reference: what it should be like.
    """
    if metric == "fuzzy_match":
        return SequenceMatcher(None, text.lower(), reference.lower(), autojunk=False).ratio()
    one, other = _WORD.findall(text.lower()), _WORD.findall(reference.lower())
    if not one or not other:
        return float(one == other)
    return _BY_WORDS[metric](one, other)


def _cosine(one: Words, other: Words) -> float:
    left, right = (embed(words, 256, 0) for words in (one, other))
    product: float = sum(x * y for x, y in zip(left, right, strict=True))
    return max(0.0, product)


def _runs(words: Words, length: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _rouge(length: int) -> Callable[[Words, Words], float]:
    def compare(one: Words, other: Words) -> float:
        left, right = _runs(one, length), _runs(other, length)
        shared = (left & right).total()
        return _harmonic(shared / left.total(), shared / right.total()) if left and right else 0.0

    return compare


def _rouge_l(one: Words, other: Words) -> float:
    """By the longest sequence of words that is in both, whatever stands between."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row
        row = [0]
        for position, against in enumerate(other):
            row.append(before[position] + 1 if word == against else max(before[position + 1], row[position]))
    return _harmonic(row[-1] / len(one), row[-1] / len(other))


def _bleu(one: Words, other: Words) -> float:
    """The geometric mean of how many runs of one to four words are right, less if the text is too short."""
    longest = min(_LONGEST, len(one), len(other))
    right = [(_runs(one, n) & _runs(other, n)).total() / _runs(one, n).total() for n in range(1, longest + 1)]
    if not all(right):
        return 0.0
    brevity = min(1.0, math.exp(1 - len(other) / len(one)))
    return brevity * math.prod(right) ** (1 / longest)


def _gleu(one: Words, other: Words) -> float:
    left, right = (
        Counter({run: times for n in range(1, _LONGEST + 1) for run, times in _runs(words, n).items()})
        for words in (one, other)
    )
    return (left & right).total() / max(left.total(), right.total())


def _meteor(one: Words, other: Words) -> float:
    """By the words in common, recall counting most, less the more pieces they are torn into."""
    free = list(other)
    places = []
    for word in one:
        if word in free:
            place = free.index(word)
            free[place] = ""
            places.append(place)
    if not places:
        return 0.0
    precision, recall = len(places) / len(one), len(places) / len(other)
    pieces = 1 + sum(after != before + 1 for before, after in pairwise(places))
    torn = 0.0 if pieces == 1 else 0.5 * (pieces / len(places)) ** 3
    return 10 * precision * recall / (recall + 9 * precision) * (1 - torn)


_BY_WORDS: Final[Mapping[str, Callable[[Words, Words], float]]] = {
    "cosine": _cosine,
    "bleu": _bleu,
    "gleu": _gleu,
    "meteor": _meteor,
    "rouge_l": _rouge_l,
    **{f"rouge_{length}": _rouge(length) for length in range(1, 6)},
}
METRICS: Final[Sequence[str]] = ("fuzzy_match", *_BY_WORDS)
