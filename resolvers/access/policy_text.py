"""Normalize texts for the content policy, so that other scripts, digits and separators do not hide a word."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from confusable_homoglyphs.confusables import confusables_data

MAX_EXPANSION: Final = 2
"""Letters that one character may become; compatibility decompositions have up to 18."""

MIN_DISGUISED: Final = 3
"""Letters of the shortest word that is recognized when it is spelled out or has repeated letters."""

MAX_WORD: Final = 40
"""Letters of the longest word that can be a disguise."""

_DIGIT_LETTERS: Final = tuple(str.maketrans("0134578@$!|", f"o{one}eastbasii") for one in "il")
_PARTS: Final = re.compile(r"[^\W_]+(?:[@$!|]+[^\W_]+)*|[@$]+[^\W_]+(?:[@$!|]+[^\W_]+)*")
_TRAILING: Final = ".,;:!?)]}\u2026"
_REPEATS: Final = re.compile(r"(.)\1+")
_APOSTROPHES: Final = frozenset("'\u2018\u2019\u02bc\u00b4`\uff07\u2032")
_QUOTES: Final = frozenset('"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d')
_IGNORED: Final = frozenset({"Mn", "Me", "Cf"})
"""Categories of combining marks and of format characters such as zero-width joiners and soft hyphens."""

QUOTE: Final = '"'
POSSESSIVE: Final = "'s"


class _Folding(dict[int, str]):
    """Fold each character once: lower case, no accents, Latin letters for look-alikes of other scripts (UTS 39)."""

    def __missing__(self, code_point: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code_point))
        base = unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) not in _IGNORED))
        self[code_point] = "".join(map(_fold, base[:MAX_EXPANSION]))
        return self[code_point]


def _fold(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in _QUOTES:
        return f" {QUOTE} "
    if character.isascii():
        return character.lower()
    return (_LATIN.get(character) or _LATIN.get(character.lower()) or character).casefold()


def _latin_look_alikes() -> Mapping[str, str]:
    return {
        character: candidate["c"].lower()
        for character, candidates in confusables_data.items()
        if len(character) == 1 and not character.isascii()
        for candidate in candidates
        if candidate["c"].isascii() and candidate["c"].isalpha()
    }


_LATIN: Final = _latin_look_alikes()
_FOLDING: Final = _Folding()


class Vocabulary:
    """The words of all rules. A token that disguises one of them is read as that word, unless it is ordinary."""

    def __init__(self, words: Iterable[str], ordinary: Iterable[str] = ()) -> None:
        self._words = frozenset(words)
        self._ordinary = frozenset(ordinary)
        self._by_skeleton = {_skeleton(word): word for word in self._words if len(word) >= MIN_DISGUISED}
        self._max_length = max((len(word) for word in self._words if " " not in word), default=0)
        self._compounds: dict[str, list[int]] = {}
        for compound in sorted((word.split() for word in self._words if " " in word), key=len, reverse=True):
            lengths = self._compounds.setdefault(compound[0], [])
            if len(compound) not in lengths:
                lengths.append(len(compound))

    def read(self, text: str) -> list[str]:
        """Return the words of a text; quotation marks and a possessive ``'s`` are words of their own."""
        words: list[str] = []
        letters: list[str] = []
        for chunk in text.translate(_FOLDING).split():
            parts = _split(chunk)
            if len(parts) == 1 and len(chunk) == 1 and chunk.isalnum():
                letters.append(chunk)
                continue
            words += self._read_letters(letters)
            letters = []
            is_spelled_out = len(parts) > 1 and all(len(part) == 1 for part in parts)
            words += self._read_word(parts) if is_spelled_out else map(self._canonical, parts)
        return self._join_compounds(self._join_pairs([*words, *self._read_letters(letters)]))

    def _read_letters(self, letters: Sequence[str]) -> list[str]:
        """Read a row of single letters, such as ``k i l l``, as the words that it spells."""
        if len(letters) < MIN_DISGUISED:
            return list(letters)
        blob = "".join(letters)
        # cheapest way to spell each prefix, and the start of its last word
        costs, starts = [0], [0]
        for end in range(1, len(blob) + 1):
            options = [
                (costs[start] + self._cost(blob[start:end]), start)
                for start in range(max(0, end - self._max_length), end)
            ]
            cost, start = min(options)
            costs.append(cost)
            starts.append(start)
        words: list[str] = []
        end = len(blob)
        while end:
            words.insert(0, self._canonical(blob[starts[end] : end]))
            end = starts[end]
        return words

    def _read_word(self, letters: Sequence[str]) -> list[str]:
        """Read letters without spaces, such as ``k.i.l.l``, as words of the rules, or else as one unknown word."""
        words = self._read_letters(letters)
        return words if self._words.issuperset(words) else [self._canonical("".join(letters))]

    def _cost(self, word: str) -> int:
        if word in self._words:
            return 1 if len(word) >= MIN_DISGUISED else 3
        return 2 + len(word)

    def _canonical(self, word: str) -> str:
        if word in self._words or word in self._ordinary or len(word) > MAX_WORD or not any(map(str.isalpha, word)):
            return word
        for table in _DIGIT_LETTERS:
            letters = word.translate(table)
            found = letters if letters in self._words else self._by_skeleton.get(_skeleton(letters))
            if found:
                return found
        return word

    def _join_pairs(self, words: Iterable[str]) -> list[str]:
        """Join neighbours that spell a word of the vocabulary, such as ``voi ce``, unless both are words of it."""
        joined: list[str] = []
        for word in words:
            whole = joined[-1] + word if joined else ""
            if whole in self._words and not {word, joined[-1]} <= self._words:
                joined[-1] = whole
            else:
                joined.append(word)
        return joined

    def _join_compounds(self, words: Sequence[str]) -> list[str]:
        """Make one word of the names and titles of several words."""
        joined: list[str] = []
        at = 0
        while at < len(words):
            options = (tuple(words[at : at + length]) for length in self._compounds.get(words[at], ()))
            length = next((len(option) for option in options if " ".join(option) in self._words), 1)
            joined.append(" ".join(words[at : at + length]))
            at += length
        return joined


def _split(chunk: str) -> list[str]:
    """Split at punctuation other than signs that replace letters (``$ing``); keep quotation marks and ``'s``."""
    if chunk == QUOTE:
        return [chunk]
    trimmed = chunk.rstrip(_TRAILING)
    opening = [QUOTE] if trimmed[:1] == "'" else []
    closing = [POSSESSIVE] if trimmed.endswith(POSSESSIVE) else [QUOTE] if trimmed[1:].endswith("'") else []
    return opening + _PARTS.findall(trimmed.removesuffix(POSSESSIVE)) + closing


def _skeleton(word: str) -> str:
    return _REPEATS.sub(r"\1", word)
