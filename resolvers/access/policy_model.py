"""Linear model of the content policy: estimates the category of texts that no phrase of the rules describes.

The features of a text are n-grams of its words and of their letters, and the word classes of the policy, alone and in
pairs; names and titles count as one word each. Each feature is hashed to a row of a table with a weight for each
category (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"). ``python -m benchmarks.policy
train`` computes the weights by multinomial logistic regression.
"""

import gzip
import json
from array import array
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, inf, log, sqrt
from pathlib import Path
from typing import Final
from zlib import crc32

from resolvers.access.policy_phrases import Positions

DEFAULT_PATH: Final = Path(__file__).with_name("policy_weights.gz")

ORDINARY: Final = "ordinary"
"""The category of texts that are not refused."""

ROWS: Final = 1 << 15
"""Rows of weights; features that share a row share its weights."""

MAX_WORDS: Final = 400
"""Words of a text that are read; 2 000 characters have about 330."""

MAX_CLASS: Final = 400
"""Words of the largest class that is a feature; larger ones contain ordinary words."""

MAX_CLASSES: Final = 6
"""Classes of a word that are features."""

LETTER_GRAMS: Final = (3, 4, 5)
PAIR_DISTANCE: Final = 3
"""Distance in words of two classes that make a pair."""

MIN_FEATURES: Final = 80
"""Features of a text of about three words; shorter ones say too little to be refused."""

PAIR_FACTOR: Final = 31
"""Factor by which the row of the first class of a pair is multiplied, so that their order counts."""

_PERSONS: Final = frozenset({"artist", "band", "common_band", "mononym", "given"})
_MIN_AGE, _MAX_AGE = 1, 17


@dataclass(frozen=True, slots=True)
class Category:
    """What the features of a text say for a category: a bias and a weight for each row, as multiples of the scale."""

    name: str
    bias: float
    weights: Sequence[int]


@dataclass(frozen=True, slots=True)
class Model:
    """All categories; ``scale`` is the value of one unit of a weight."""

    scale: float
    categories: Sequence[Category]

    def find_category(self, rows: Collection[int], refused: Container[str]) -> tuple[str, float]:
        """Return the likeliest of the categories that are refused and their log odds against ordinary texts."""
        norm = self.scale * normalize(len(rows))
        scores = {
            category.name: category.bias + norm * sum(map(category.weights.__getitem__, rows))
            for category in self.categories
        }
        possible = {name: score for name, score in scores.items() if name in refused}
        if not possible:
            return ORDINARY, -inf
        likeliest = max(possible, key=lambda name: possible[name])
        rest = sum(exp(score - possible[likeliest]) for score in possible.values())
        return likeliest, possible[likeliest] + log(rest) - scores[ORDINARY]


def normalize(features: int) -> float:
    """Return the value of each feature of a text, given their number."""
    return 1 / sqrt(max(MIN_FEATURES, features))


def load(path: Path = DEFAULT_PATH) -> Model:
    """Load the weights of a file. Raises OSError or ValueError if it cannot be read."""
    header, weights = gzip.decompress(path.read_bytes()).split(b"\n", 1)
    document = json.loads(header)
    return Model(
        document["scale"],
        [
            Category(name, bias, array("b", weights[at * ROWS : (at + 1) * ROWS]))
            for at, (name, bias) in enumerate(document["biases"].items())
        ],
    )


def save(model: Model, path: Path = DEFAULT_PATH) -> None:
    """Write a line of JSON with the scale and the biases, and the weights of each category as signed bytes."""
    header = {"scale": model.scale, "biases": {category.name: category.bias for category in model.categories}}
    weights = b"".join(array("b", category.weights).tobytes() for category in model.categories)
    path.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + weights, mtime=0))


class Features:
    """Compute the rows of the weights that a text has, with the classes of a policy."""

    def __init__(self, words: Mapping[str, frozenset[str]], names: Mapping[str, frozenset[str]]) -> None:
        self._works = frozenset().union(*(group for name, group in names.items() if name not in _PERSONS))
        self._classes: dict[str, list[int]] = {}
        # the smallest classes describe a word best
        for name, group in sorted(words.items(), key=lambda item: (len(item[1]), item[0])):
            for word in group if len(group) <= MAX_CLASS else ():
                if len(rows := self._classes.setdefault(word, [])) < MAX_CLASSES:
                    rows.append(_hash(f"{name}>"))

    def find(self, text: Positions) -> Collection[int]:
        """Return the rows of the features of a text, each once."""
        words = list(map(self._generalize, text.words[:MAX_WORDS], text.kinds()))
        rows = set(map(_hash, _word_grams(words)))
        classes = list(map(self._find_classes, words))
        rows.update(*map(_letter_grams, set(words)), *classes)
        for distance in range(1, PAIR_DISTANCE + 1):
            for first, second in zip(classes, classes[distance:], strict=False):
                # most words have no class
                if first and second:
                    rows.update([(row * PAIR_FACTOR + other) % ROWS for row in first for other in second])
        return rows

    def _generalize(self, word: str, kind: str) -> str:
        if kind == "<artist>":
            return kind
        if word in self._works:
            return "<work>"
        if word.isdecimal():
            return "<age>" if len(word) <= len(str(_MAX_AGE)) and _MIN_AGE <= int(word) <= _MAX_AGE else "<number>"
        return kind or word

    def _find_classes(self, word: str) -> Sequence[int]:
        return [_hash(word)] if word[0] == "<" else self._classes.get(word, ())


def _hash(feature: str) -> int:
    return crc32(feature.encode()) % ROWS


def _word_grams(words: Sequence[str]) -> Iterable[str]:
    yield from words
    yield from map(" ".join, pairwise(words))
    yield from map(" ".join, zip(words, words[1:], words[2:], strict=False))
    for first, third in zip(words, words[2:], strict=False):
        yield f"{first} _ {third}"


@lru_cache(1 << 14)
def _letter_grams(word: str) -> Sequence[int]:
    if word[0] == "<":
        return ()
    padded = f"_{word}_"
    return [_hash(padded[at : at + length]) for length in LETTER_GRAMS for at in range(len(padded) - length + 1)]
