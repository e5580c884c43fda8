"""Phrases of the content policy: sequences of words, word classes, names and gaps.

A phrase is a list of elements separated by spaces:

- ``word`` matches that word, ``{class}`` any word of a class, ``word|{class}`` any of both;
- ``word?`` and ``{class}?`` match it or nothing;
- ``...3`` matches up to three words of any kind;
- ``NAME`` matches a known name or a word that is not ordinary, after any words of the class ``title``;
- ``QUOTE`` matches a quotation mark, ``'s`` a possessive ending.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from resolvers.access.policy_text import QUOTE

Words = Mapping[str, frozenset[str]]
"""The words of each class."""

MIN_STEM: Final = 4
"""Letters of the shortest word whose ending is ignored when it is compared with the ordinary words."""

MAX_TITLES: Final = 4
"""Words such as "the late singer" before a name."""

_ENDING: Final = re.compile(rf"(?<=.{{{MIN_STEM}}})(?:es|en|er|em|s|n|e|i|a|o)$")
"""Endings of plurals, genders and cases in the five languages."""

_GAP: Final = re.compile(r"\.\.\.(\d+)")
_ALTERNATIVE: Final = re.compile(r"\{(?P<name>[a-z_]+)\}|(?P<word>[^\s{}?|]+)")


class Names:
    """Decide whether a word is a name: a known one, or neither ordinary nor with the ending of a common noun."""

    def __init__(self, words: Words) -> None:
        self.known = words["artist"] | words["band"]
        self.titles = words["title"] - self.known
        self.articles = words["article"]
        self._ordinary = frozenset(map(_stem, words["ordinary"]))
        self._suffixes = tuple(words["suffix"])

    def __contains__(self, word: str) -> bool:
        if word in self.known:
            return True
        if word in self.titles or not word[0].isalpha():
            return False
        return not word.endswith(self._suffixes) and _stem(word) not in self._ordinary


class Positions:
    """Positions of the words of a text as bits of integers, so that a phrase is tried at all positions at once."""

    def __init__(self, words: Sequence[str], names: Names) -> None:
        self.words = words
        self._by_word: dict[str, int] = {}
        for at, word in enumerate(words):
            self._by_word[word] = self._by_word.get(word, 0) | 1 << at
        self._by_class: dict[frozenset[str], int] = {}
        self._names = self._union(word for word in self._by_word if word in names)
        self._titles = self.of(names.titles)
        # an article alone belongs to a noun, unless a title or a known name follows
        self._articles = self.of(names.articles) & (self._titles | self.of(names.known)) >> 1

    def of(self, words: frozenset[str]) -> int:
        """Return the positions of any of the words."""
        found = self._by_class.get(words)
        if found is None:
            found = self._by_class[words] = self._union(self._by_word.keys() & words)
        return found

    def skip_name(self, at: int) -> int:
        """Return the positions after a name, which can follow words such as "the late singer"."""
        at |= (at & self._articles) << 1
        for _ in range(MAX_TITLES):
            at |= (at & self._titles) << 1
        return (at & self._names) << 1

    def _union(self, words: Iterable[str]) -> int:
        return reduce(or_, map(self._by_word.__getitem__, words), 0)


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str] = frozenset()
    is_optional: bool = False
    is_name: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Phrases:
    """Compiled phrases and the words in them."""

    phrases: Sequence[Sequence[_Element]]
    vocabulary: frozenset[str]

    def match(self, text: Positions) -> bool:
        """Return whether a phrase matches anywhere."""
        everywhere = (1 << len(text.words)) - 1
        return any(_find_ends(phrase, text, everywhere) for phrase in self.phrases)

    def replace(self, text: Positions, replacement: str) -> Sequence[str]:
        """Return the words with those of each match replaced by one word."""
        everywhere = (1 << len(text.words)) - 1
        found = [phrase for phrase in self.phrases if _find_ends(phrase, text, everywhere)]
        if not found:
            return text.words
        replaced: list[str] = []
        at = 0
        while at < len(text.words):
            ends = next(filter(None, (_find_ends(phrase, text, 1 << at) for phrase in found)), 0)
            replaced.append(replacement if ends else text.words[at])
            # the end of the shortest match is the lowest bit
            at = (ends & -ends).bit_length() - 1 if ends else at + 1
        return replaced


def _find_ends(phrase: Sequence[_Element], text: Positions, starts: int) -> int:
    at = starts
    for element in phrase:
        before = at
        if element.gap:
            for _ in range(element.gap):
                at |= at << 1
            continue
        at = (before & text.of(element.words)) << 1
        if element.is_name:
            at |= text.skip_name(before)
        if element.is_optional:
            at |= before
        if not at:
            return 0
    return at


def compile_phrases(phrases: Iterable[str], words: Words) -> Phrases:
    """Compile the phrases of a rule. Raises ValueError for an unknown class or an element that cannot be parsed."""
    compiled = []
    for phrase in phrases:
        elements = [_parse(element, phrase, words) for element in phrase.split()]
        if elements[0].is_optional or elements[0].gap:
            raise ValueError(f"the phrase {phrase!r} must begin with a word, a class or NAME")
        compiled.append(elements)
    return Phrases(compiled, frozenset(word for elements in compiled for element in elements for word in element.words))


def _parse(text: str, phrase: str, words: Words) -> _Element:
    if gap := _GAP.fullmatch(text):
        return _Element(gap=int(gap[1]))
    alternatives = text.removesuffix("?").split("|")
    matched: set[str] = set()
    for alternative in alternatives:
        found = _ALTERNATIVE.fullmatch(alternative)
        if found is None or (found["name"] and found["name"] not in words):
            raise ValueError(f"the element {text!r} of the phrase {phrase!r} is neither a word nor a known class")
        matched |= words[found["name"]] if found["name"] else {QUOTE if found["word"] == "QUOTE" else found["word"]}
    return _Element(frozenset(matched - {"NAME"}), text.endswith("?"), is_name="NAME" in alternatives)


def _stem(word: str) -> str:
    return _ENDING.sub("", word)
