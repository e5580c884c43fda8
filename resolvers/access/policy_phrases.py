"""Phrases of the content policy: sequences of words, word classes, names and gaps.

A phrase is a list of elements separated by spaces:

- ``word`` matches that word, ``{class}`` any word of a class, ``word|{class}`` any of both;
- ``word?`` and ``{class}?`` match it or nothing;
- ``...3`` matches up to three words of any kind;
- ``NAME`` matches a word that can be a name, ``PERSON`` a known name or a given and a family name, ``MONONYM`` a name
  that is capitalized, each after any words of the class ``title``;
- ``STAGE`` matches a capitalized word of the class ``mononym`` after no article: the name of an artist, such as
  "Prince", that is also an ordinary word;
- ``GENITIVE`` matches a name that ends with an s, ``CAPITAL`` a capitalized word that begins a name or a title;
- ``QUOTE`` matches a quotation mark, ``'s`` a possessive ending.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from resolvers.access.policy_folding import QUOTE, Capitalized
from resolvers.access.policy_names import Names, intern

Words = Mapping[str, frozenset[str]]
"""The words of each class."""

MAX_TITLES: Final = 4
"""Words such as "the late singer" before a name."""

MAX_PARTICLES: Final = 2
"""Words such as "van der" before a family name."""

_GAP: Final = re.compile(r"\.\.\.(\d+)")
_ALTERNATIVE: Final = re.compile(r"\{(?P<name>[a-z_]+)\}|(?P<word>[^\s{}?|]+)")
_KINDS: Final = frozenset({"NAME", "PERSON", "MONONYM", "STAGE", "GENITIVE", "CAPITAL"})


class Positions:
    """Positions of the words of a text as bits of integers, so that a phrase is tried at all positions at once."""

    def __init__(self, words: Sequence[str], capitalized: Capitalized, names: Names) -> None:
        self.words = words
        self.capitalized = capitalized
        by_word: dict[str, int] = {}
        for at, word in enumerate(words):
            by_word[word] = by_word.get(word, 0) | 1 << at
        self._by_class: dict[frozenset[str], int] = {}
        for word, bits in by_word.items():
            for found in names.classes.get(word, ()):
                self._by_class[found] = self._by_class.get(found, 0) | bits

        def union(found: Iterable[str]) -> int:
            return reduce(or_, (by_word[word] for word in found), 0)

        possible = [word for word in by_word if names.is_name(word, capitalized.names)]
        self._names = union(possible)
        self._genitives = union(word for word in possible if word.endswith("s"))
        self._capitals = union(word for word in by_word.keys() & capitalized.names if names.is_proper(word))
        self._upper = union(by_word.keys() & capitalized.anywhere)
        self._known = self.of(names.known)
        self._given = self.of(names.given)
        self._certain_given = self.of(names.certain_given)
        self._certain = self._capitals & self._names & ~self._given
        self._particles = self.of(names.particles)
        self._stage = self.of(names.mononyms) & self._upper & ~(self.of(names.articles) << 1)
        family = self.of(names.surnames)
        new = union(word for word in by_word if names.is_new(word))
        self._family = self._names | family
        self._upper_family = self._upper & (new | self._capitals | family)
        self._titles = self.of(names.titles)
        # an article alone belongs to a noun, unless a title or a known name follows
        self._articles = self.of(names.articles) & (self._titles | self._known) >> 1
        has_names = self._names | self._known | self._given | self._certain_given | self._capitals | self._stage
        self.first_words = frozenset(by_word) | ({""} if has_names else frozenset())
        """What an element can begin with: a word, or a name, for which the empty string stands."""

    def kinds(self) -> Sequence[str]:
        """Return for each word what kind of name it can be, such as ``<artist>``, or an empty string."""
        kinds = [""] * len(self.words)
        # the last kind of a word counts
        for kind, bits in (
            ("<name>", self._names),
            ("<capital>", self._capitals & self._names),
            ("<given>", self._given & (self._upper | self._names)),
            ("<artist>", self._known),
        ):
            for at in range(bits.bit_length()):
                if bits >> at & 1:
                    kinds[at] = kind
        return kinds

    def of(self, words: frozenset[str]) -> int:
        """Return the positions of any of the words of a class."""
        return self._by_class.get(words, 0)

    def skip(self, kind: str, at: int) -> int:
        """Return the positions after a name of a kind."""
        match kind:
            case "NAME":
                return (self._skip_titles(at) & self._names) << 1
            case "PERSON":
                return self._skip_person(self._skip_titles(at))
            case "MONONYM":
                return (self._skip_titles(at) & self._certain) << 1
            case "STAGE":
                return (at & self._stage) << 1
            case "GENITIVE":
                return (at & self._genitives) << 1
            case _:
                return (at & self._capitals) << 1

    def _skip_titles(self, at: int) -> int:
        at |= (at & self._articles) << 1
        for _ in range(MAX_TITLES):
            at |= (at & self._titles) << 1
        return at

    def _skip_person(self, at: int) -> int:
        """Skip a known name, a given and a family name, or two words that are capitalized as only names are."""
        pair = ((at & self._capitals) << 1 & self._certain) << 1
        lower = self._skip_given(at & self._certain_given & ~self._upper) & self._family
        # a family name is capitalized if the given name is
        upper = self._skip_given(at & self._given & self._upper) & self._upper_family
        return (at & self._known | lower | upper) << 1 | pair

    def _skip_given(self, at: int) -> int:
        at <<= 1
        at |= (at & self._given) << 1
        for _ in range(MAX_PARTICLES):
            at |= (at & self._particles) << 1
        return at


@dataclass(frozen=True, slots=True)
class Element:
    """A word of a class or a name of a kind, which can be optional, or else a gap."""

    words: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    is_optional: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Phrases:
    """Compiled phrases."""

    phrases: Sequence[Sequence[Element]]
    by_first_word: Mapping[str, Sequence[int]]
    """Indices of the phrases that can begin with a word; the empty string stands for a name."""

    @property
    def classes(self) -> Iterable[frozenset[str]]:
        """Return the classes of all elements."""
        return (element.words for phrase in self.phrases for element in phrase)

    def match(self, text: Positions) -> bool:
        """Return whether a phrase matches anywhere."""
        everywhere = (1 << len(text.words)) - 1
        return any(_find_ends(phrase, text, everywhere) for phrase in self._find_possible(text))

    def _find_possible(self, text: Positions) -> Iterable[Sequence[Element]]:
        """Return the phrases whose first element can match, in their order."""
        # most kinds of phrases begin with no word of a text
        if self.by_first_word.keys().isdisjoint(text.first_words):
            return ()
        begun = self.by_first_word.keys() & text.first_words
        possible = {index for word in begun for index in self.by_first_word[word]}
        return (self.phrases[index] for index in sorted(possible))

    def replace(self, text: Positions, replacement: str) -> Sequence[str]:
        """Return the words with those of each match replaced by one word."""
        everywhere = (1 << len(text.words)) - 1
        found = [phrase for phrase in self._find_possible(text) if _find_ends(phrase, text, everywhere)]
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


def _find_ends(phrase: Sequence[Element], text: Positions, starts: int) -> int:
    at = starts
    for element in phrase:
        before = at
        if element.gap:
            for _ in range(element.gap):
                at |= at << 1
            continue
        at = (before & text.of(element.words)) << 1
        for kind in element.kinds:
            at |= text.skip(kind, before)
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
            raise ValueError(f"the phrase {phrase!r} must begin with a word, a class or a name")
        compiled.append(elements)
    by_first_word: dict[str, list[int]] = {}
    for index, (first, *_) in enumerate(compiled):
        for word in [*first.words, *([""] if first.kinds else [])]:
            by_first_word.setdefault(word, []).append(index)
    return Phrases(compiled, by_first_word)


def _parse(text: str, phrase: str, words: Words) -> Element:
    if gap := _GAP.fullmatch(text):
        return Element(gap=int(gap[1]))
    alternatives = text.removesuffix("?").split("|")
    matched: set[str] = set()
    for alternative in alternatives:
        found = _ALTERNATIVE.fullmatch(alternative)
        if found is None or (found["name"] and found["name"] not in words):
            raise ValueError(f"the element {text!r} of the phrase {phrase!r} is neither a word nor a known class")
        matched |= words[found["name"]] if found["name"] else {QUOTE if found["word"] == "QUOTE" else found["word"]}
    return Element(intern(frozenset(matched - _KINDS)), _KINDS & matched, is_optional=text.endswith("?"))
