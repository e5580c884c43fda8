"""Normalize texts for the content policy, so that other scripts, digits and separators do not hide a word."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, groupby
from typing import Final

from resolvers.access.policy_folding import FOLDING, QUOTE
from resolvers.access.policy_spelling import Spelling

MIN_DISGUISED: Final = 3
"""Letters of the shortest word that is recognized when it is spelled out or has repeated letters."""

MAX_WORD: Final = 40
"""Letters of the longest word that can be a disguise."""

MIN_GLUED: Final = 7
"""Letters of the shortest word that is read as several words without spaces, such as "voiceofadele"."""

MIN_POSSESSIVE: Final = 4
"""Letters of the shortest name whose German possessive ("Merkels") is recognized."""

_SHORT: Final = frozenset({"of", "by", "in", "de", "di", "da", "la"})
"""Shorter words than MIN_DISGUISED that can be a part of a glued word."""

_DIGIT_LETTERS: Final = tuple(str.maketrans("0134578@$!|", f"o{one}eastbasii") for one in "il")
_PARTS: Final = re.compile(r"[^\W_]+(?:[@$!|]+[^\W_]+)*|[@$]+[^\W_]+(?:[@$!|]+[^\W_]+)*")
_DIGITS_INSIDE: Final = re.compile(r"(?=(?:[^a-z]*[a-z]){4})[a-z]+[0134578@$!]+[a-z][a-z0134578@$!]*")
"""Words such as "s1mone": a digit or sign between letters, of which there are at least four."""

_DIGITS_WITHIN: Final = re.compile(r"[a-z]+[0134578@$!]+[a-z]+")
"""Words such as "p3so", which can be a part of a name of several words."""

_COUNT: Final = re.compile(r"(\d+)([^\W\d_]+)")
_SIGNS: Final = re.compile(r"[@$!|]+")
_DIGRAPHS: Final = re.compile(r"([aou])e")
"""Umlauts that are written with an e, as in "Auslaender"."""

_DROPPED_G: Final = "in'"
"""The ending of words such as "livin'", whose apostrophe is no quotation mark."""

_TRAILING: Final = ".,;:!?)]}\u2026"
_REPEATS: Final = re.compile(r"(.)\1+")
POSSESSIVE: Final = "'s"


class Vocabulary:
    """The words of all rules. A token that disguises one of them is read as that word, unless it is ordinary."""

    def __init__(
        self,
        words: Iterable[str],
        ordinary: Iterable[str] = (),
        names: Iterable[str] = (),
        compounds: frozenset[str] = frozenset(),
    ) -> None:
        self._words = frozenset(words)
        self._ordinary = frozenset(ordinary)
        name_parts = [name.split() for name in names]
        self._last_names = frozenset(part[-1] for part in name_parts) - self._ordinary
        self._spelling = Spelling(chain.from_iterable(name_parts))
        self._by_skeleton = {
            skeleton: word
            for word in sorted(self._words, reverse=True)
            if len(skeleton := _skeleton(word)) >= MIN_DISGUISED
        }
        parts = frozenset(part for word in self._words for part in word.split())
        self._spelled = self._words | parts
        self._endings = frozenset(word[at:] for word in self._spelled for at in range(len(word)))
        self._glued = {part for part in parts if len(part) >= MIN_DISGUISED} | (_SHORT & parts)
        self._max_length = max((len(word) for word in self._glued), default=0)
        self._compounds = compounds
        self._compound_lengths: dict[str, list[int]] = {}
        for compound in sorted(map(str.split, compounds), key=len, reverse=True):
            lengths = self._compound_lengths.setdefault(compound[0], [])
            if len(compound) not in lengths:
                lengths.append(len(compound))

    def read(self, text: str) -> list[str]:
        """Return the words of a text; quotation marks and a possessive ``'s`` are words of their own."""
        words: list[str] = []
        letters: list[str] = []
        read = cache(self._read_chunk)
        for chunk in text.translate(FOLDING).split():
            if len(chunk) == 1 and chunk.isalnum():
                letters.append(chunk)
                continue
            words += self._read_letters(letters)
            letters = []
            words += read(chunk)
        return self._join_compounds(self._join_pairs([*words, *self._read_letters(letters)]))

    def _read_chunk(self, chunk: str) -> Sequence[str]:
        """Read text without spaces, whose parts between punctuation can be letters or pieces of one word."""
        parts = _split(chunk)
        if len(parts) > 1:
            if all(len(part) == 1 for part in parts):
                return self._read_word(parts)
            whole = "".join(parts)
            if whole in self._spelled and not all(map(self._is_known, parts)):
                return [whole]
            parts = _join_letters(parts)
        return list(chain.from_iterable(map(self._read_part, parts)))

    def _read_part(self, part: str) -> Sequence[str]:
        """Read a word, which can be a German possessive or several words without spaces."""
        word = self._canonical(part) if len(part) > 1 else part
        if len(word) == 1 or self._is_known(word):
            return [word]
        is_last_name = word in self._last_names
        if word.endswith("s") and len(word) > MIN_POSSESSIVE and word[:-1] in self._last_names and not is_last_name:
            return [word[:-1], POSSESSIVE]
        if count := _COUNT.fullmatch(part):
            return [count[1], *self._read_part(count[2])]
        if _SIGNS.search(part):
            return [piece for sign in _SIGNS.split(part) for piece in self._read_part(sign)] if part else []
        return self._unglue(word) or [word]

    def _unglue(self, word: str) -> Sequence[str]:
        """Return the fewest words of the rules that make up a long word, or nothing."""
        if not MIN_GLUED <= len(word) <= MAX_WORD:
            return []
        pieces: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            options = [
                [*before, word[start:end]]
                for start in range(max(0, end - self._max_length), end - 1)
                if (before := pieces[start]) is not None and word[start:end] in self._glued
            ]
            pieces.append(min(options, key=len, default=None))
        return pieces[-1] or []

    def _read_letters(self, letters: Sequence[str]) -> list[str]:
        """Read a row of single letters, such as ``k i l l``, as the words that it spells."""
        if len(letters) < MIN_DISGUISED:
            return list(letters)
        blob = "".join(letters)
        # cheapest way to spell each prefix, and the start of its last word; an unknown word costs 2 and its letters
        costs, starts = [0], [0]
        unknown = 0
        for end in range(1, len(blob) + 1):
            if costs[end - 1] - end + 1 < costs[unknown] - unknown:
                unknown = end - 1
            best = (costs[unknown] + 2 + end - unknown, unknown)
            for start in range(end - 1, -1, -1):
                word = blob[start:end]
                if word not in self._endings:
                    break
                if word in self._spelled:
                    best = min(best, (costs[start] + (1 if end - start >= MIN_DISGUISED else 3), start))
            costs.append(best[0])
            starts.append(best[1])
        words: list[str] = []
        end = len(blob)
        while end:
            words.append(self._canonical(blob[starts[end] : end]))
            end = starts[end]
        return words[::-1]

    def _read_word(self, letters: Sequence[str]) -> list[str]:
        """Read letters without spaces, such as ``k.i.l.l``, as words of the rules, or else as one unknown word."""
        whole = "".join(letters)
        words = [whole] if whole in self._words else self._read_letters(letters)
        return words if self._words.issuperset(words) else [self._canonical(whole)]

    def _is_known(self, word: str) -> bool:
        return word in self._words or word in self._ordinary or word in {QUOTE, POSSESSIVE}

    def _canonical(self, word: str) -> str:
        is_readable = MIN_DISGUISED <= len(word) <= MAX_WORD and any(map(str.isalpha, word))
        if self._is_known(word) or word in self._spelled or not is_readable:
            return word
        is_inside = _DIGITS_WITHIN.fullmatch(word)
        for letters in dict.fromkeys(map(word.translate, _DIGIT_LETTERS)):
            if is_inside and letters in self._spelled:
                return letters
            for spelling in dict.fromkeys((letters, _DIGRAPHS.sub(r"\1", letters))):
                found = spelling if spelling in self._words else self._by_skeleton.get(_skeleton(spelling))
                if found:
                    return found
        if word.isalpha() and (name := self._spelling.correct(word)):
            return name
        return word.translate(_DIGIT_LETTERS[0]) if _DIGITS_INSIDE.fullmatch(word) else word

    def _join_pairs(self, words: Iterable[str]) -> list[str]:
        """Join neighbours that spell a word of the vocabulary, such as ``voi ce``, unless both are known words."""
        joined: list[str] = []
        for word in words:
            whole = joined[-1] + word if joined else ""
            if whole in self._words and not (self._is_known(word) and self._is_known(joined[-1])):
                joined[-1] = whole
            else:
                joined.append(word)
        return joined

    def _join_compounds(self, words: Sequence[str]) -> list[str]:
        """Make one word of the names and titles of several words."""
        joined: list[str] = []
        at = 0
        while at < len(words):
            options = (tuple(words[at : at + length]) for length in self._compound_lengths.get(words[at], ()))
            length = next((len(option) for option in options if " ".join(option) in self._compounds), 1)
            joined.append(" ".join(words[at : at + length]))
            at += length
        return joined


def _split(chunk: str) -> list[str]:
    """Split at punctuation other than signs that replace letters (``$ing``); keep quotation marks and ``'s``."""
    if chunk == QUOTE:
        return [chunk]
    trimmed = chunk.rstrip(_TRAILING)
    opening = [QUOTE] if trimmed[:1] == "'" else []
    is_closed = trimmed[MIN_DISGUISED:].endswith("'") and not trimmed.endswith(_DROPPED_G)
    closing = [POSSESSIVE] if trimmed.endswith(POSSESSIVE) else [QUOTE] if is_closed else []
    return opening + _PARTS.findall(trimmed.removesuffix(POSSESSIVE)) + closing


def _join_letters(parts: Iterable[str]) -> list[str]:
    """Join rows of single letters, such as those in ``sieg-h.e.i.l``."""
    joined: list[str] = []
    for is_letter, found in groupby(parts, lambda part: len(part) == 1 and part != QUOTE):
        row = list(found)
        joined += ["".join(row)] if is_letter and len(row) >= MIN_DISGUISED else row
    return joined


def _skeleton(word: str) -> str:
    return _REPEATS.sub(r"\1", word)
