"""Phrases of the content policy: sequences of words, word classes, names and gaps.

A phrase is a list of elements separated by spaces:

- ``word`` matches that word, ``{class}`` any word of a class;
- ``word?`` and ``{class}?`` match it or nothing;
- ``...3`` matches up to three words of any kind;
- ``NAME`` matches a word that is not in the class ``ordinary``, after any words of the class ``title``;
- ``QUOTE`` matches a quotation mark, ``'s`` a possessive ending.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from resolvers.access.policy_text import QUOTE

Words = Mapping[str, frozenset[str]]
"""The words of each class."""

_ELEMENT: Final = re.compile(
    r"(?:\{(?P<name>[a-z_]+)\}|(?P<gap>\.\.\.)(?P<length>\d+)|(?P<word>[^\s{}?]+))(?P<optional>\??)"
)


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str] = frozenset()
    is_optional: bool = False
    is_name: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Phrases:
    """Compiled phrases, indexed by the words that they can begin with."""

    by_first_word: Mapping[str, Sequence[Sequence[_Element]]]
    with_leading_name: Sequence[Sequence[_Element]]
    vocabulary: frozenset[str]
    _words: Words = field(repr=False)

    def match(self, words: Sequence[str]) -> bool:
        """Return whether a phrase matches anywhere."""
        for start, word in enumerate(words):
            if any(self._matches(phrase, 0, words, start) for phrase in self.by_first_word.get(word, ())):
                return True
            if self.with_leading_name and self._is_name(word):
                for phrase in self.with_leading_name:
                    if self._matches(phrase, 0, words, start):
                        return True
        return False

    def _matches(self, phrase: Sequence[_Element], index: int, words: Sequence[str], at: int) -> bool:
        if index == len(phrase):
            return True
        element = phrase[index]
        if element.gap:
            return any(self._matches(phrase, index + 1, words, at + skipped) for skipped in range(element.gap + 1))
        if element.is_optional and self._matches(phrase, index + 1, words, at):
            return True
        if element.is_name:
            at = self._skip_titles(words, at)
            return at < len(words) and self._is_name(words[at]) and self._matches(phrase, index + 1, words, at + 1)
        return at < len(words) and words[at] in element.words and self._matches(phrase, index + 1, words, at + 1)

    def _skip_titles(self, words: Sequence[str], at: int) -> int:
        """Skip words as in "the late singer"; an article alone belongs to a noun, unless an artist follows."""
        titles, artists = self._words["title"], self._words["artist"]
        if words[at : at + 1] and words[at] in self._words["article"]:
            following = words[at + 1 : at + 2]
            at += any(word in titles or word in artists for word in following)
        while at < len(words) and words[at] in titles and words[at] not in artists:
            at += 1
        return at

    def _is_name(self, word: str) -> bool:
        return word[0].isalpha() and word not in self._words["ordinary"]


def compile_phrases(phrases: Iterable[str], words: Words) -> Phrases:
    """Compile the phrases of a rule. Raises ValueError for an unknown class or an element that cannot be parsed."""
    by_first_word: defaultdict[str, list[Sequence[_Element]]] = defaultdict(list)
    with_leading_name: list[Sequence[_Element]] = []
    vocabulary: set[str] = set()
    for phrase in phrases:
        elements = [_parse(element, phrase, words) for element in phrase.split()]
        vocabulary.update(word for element in elements for word in element.words)
        if elements[0].is_name:
            with_leading_name.append(elements)
        elif elements[0].is_optional or elements[0].gap:
            raise ValueError(f"the phrase {phrase!r} must begin with a word, a class or NAME")
        for word in elements[0].words:
            by_first_word[word].append(elements)
    return Phrases(dict(by_first_word), with_leading_name, frozenset(vocabulary), words)


def _parse(text: str, phrase: str, words: Words) -> _Element:
    found = _ELEMENT.fullmatch(text)
    if found is None or (found["name"] and found["name"] not in words):
        raise ValueError(f"the element {text!r} of the phrase {phrase!r} is neither a word nor a known class")
    is_optional = bool(found["optional"])
    if found["gap"]:
        return _Element(gap=int(found["length"]))
    if found["word"] == "NAME":
        return _Element(is_name=True, is_optional=is_optional)
    if found["name"]:
        return _Element(words[found["name"]], is_optional)
    return _Element(frozenset({QUOTE if found["word"] == "QUOTE" else found["word"]}), is_optional)
