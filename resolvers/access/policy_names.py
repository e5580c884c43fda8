"""Names in texts of the content policy: known ones, and words that are neither ordinary nor have a common ending."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

MIN_STEM: Final = 4
"""Letters of the shortest word whose ending is ignored when it is compared with the ordinary words."""

_ENDING: Final = re.compile(rf"(?<=.{{{MIN_STEM}}})(?:es|en|er|em|s|n|e|i|a|o)$")
"""Endings of plurals, genders and cases in the five languages."""


@cache
def intern(words: frozenset[str]) -> frozenset[str]:
    """Return one object for equal classes: as keys of a mapping, these need no comparison of all their words."""
    return words


class Names:
    """Decide whether a word can be a name, from the classes of a policy.

    ``names`` are the classes of names and titles of works, ``words`` all others: their words are ordinary. ``used`` are
    the classes of the phrases.
    """

    def __init__(
        self,
        words: Mapping[str, frozenset[str]],
        names: Mapping[str, frozenset[str]],
        used: Iterable[frozenset[str]],
    ) -> None:
        classes = {**words, **names}
        self.known = classes["artist"] | classes["band"]
        self.given = classes["given"] - self.known
        self.surnames = classes["surname"]
        self.mononyms = classes["mononym"]
        self.particles = classes["particle"]
        self.titles = classes["title"] - self.known
        self.articles = classes["article"]
        proper = frozenset().union(*names.values())
        self._works = proper - self.known - self.given - classes["common_band"] - self.mononyms
        self.ordinary = frozenset().union(*words.values()) - self.known | frozenset().union(*used) - proper
        self.certain_given = self.given - self.ordinary
        """Given names that need no capital letter."""
        self.classes: dict[str, list[frozenset[str]]] = {}
        """The classes that contain a word, of those that phrases need."""
        self.known, self.given, self.certain_given = intern(self.known), intern(self.given), intern(self.certain_given)
        self.surnames, self.particles = intern(self.surnames), intern(self.particles)
        self.titles, self.articles = intern(self.titles), intern(self.articles)
        self.mononyms = intern(self.mononyms)
        own = {self.known, self.given, self.certain_given, self.surnames, self.particles, self.titles, self.articles}
        own.add(self.mononyms)
        for group in own.union(used):
            for word in group:
                self.classes.setdefault(word, []).append(group)
        self._common = words["common"] | words.get("genre", frozenset())
        self._stems = frozenset(map(_stem, self.ordinary))
        self._suffixes = tuple(words["suffix"])
        self._proper_suffixes = tuple(words["demonym_suffix"])

    def is_name(self, word: str, capitals: frozenset[str]) -> bool:
        """Return whether a word can be a name; capitalized words of the text need no comparison of endings."""
        if word in self.known:
            return True
        if word in self.titles or word in self._works or not self.is_new(word):
            return False
        if word in capitals:
            return self.is_proper(word)
        return word in self.given or not (word.endswith(self._suffixes) or _stem(word) in self._stems)

    def is_new(self, word: str) -> bool:
        """Return whether no class of ordinary words contains a word."""
        return len(word) > 1 and word[0].isalpha() and word not in self.ordinary

    def is_proper(self, word: str) -> bool:
        """Return whether a capitalized word can be a name or part of a title, not a place, a language or the like."""
        return word not in self._common and not word.endswith(self._proper_suffixes)


def _stem(word: str) -> str:
    return _ENDING.sub("", word)
