"""Tokenization of a prompt: words, numbers, symbols and breaks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.text import normalization
from engines.studio.prompt.text.segmentation import separate_words

MAX_CHARACTERS: Final = 4000
"""Characters of a prompt that are read; the rest is ignored."""
ABBREVIATIONS: Final = re.compile(r"'(n)'|(?<!\w)w/o(?!\w)", re.IGNORECASE)
"""Spellings with signs that separate words elsewhere: "rock'n'roll", "w/o"."""
ELISIONS: Final = frozenset(word.removesuffix("'") for language in LANGUAGES for word in language.proclitics)
CONNECTORS: Final = frozenset({"and", "n", "&", "+"})
"""Spellings of "and" within a name ("drum and bass", "drum'n'bass", "drum & bass")."""
CONNECTOR: Final = "&"
LETTER: Final = rf"[^\W\d_][{normalization.MARKS}]*"
TOKEN_PATTERN: Final = re.compile(
    rf"(?P<number>(?<![/:])(?<![^\W\d_])\d+[.,]\d{{1,2}}(?!\d)|\d+)"
    rf"|(?P<word>(?:{LETTER})+(?:'(?:{LETTER})+)*)"
    r"|(?P<break>[,、;.!?|\n\r\t•·…()\[\]{}\"“”„«»<>→]|(?<=\s)[-\u2013\u2014/](?=\s))"
    r"|(?P<symbol>[^\s\w]|_)"
)

PHRASE_PATTERN: Final = re.compile(rf"\d+|(?:{LETTER})+(?:'(?:{LETTER})+)*|[&+]")


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    BREAK = "break"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """A token: ``text`` in lower case, ``raw`` as written, its normalized ``key``, and its range of characters.

    A glued token follows the previous one without a space.
    """

    text: str
    raw: str
    key: str
    start: int
    end: int
    kind: TokenKind
    is_glued: bool

    @property
    def is_readable(self) -> bool:
        """Whether it is a word or a number."""
        return self.kind is TokenKind.WORD or self.kind is TokenKind.NUMBER

    @property
    def is_break(self) -> bool:
        return self.kind is TokenKind.BREAK

    @property
    def number(self) -> float | None:
        """Its value, if it is a number."""
        return float(self.key) if self.kind is TokenKind.NUMBER else None


def normalize(word: str) -> str:
    """Fold case, accents and apostrophes, and the spellings of "and": "Flöte" becomes "flote", "don't" "dont"."""
    key = normalization.normalize(word.replace("'", ""))
    return CONNECTOR if key in CONNECTORS else key


class Text:
    """The text of a prompt as tokens. ``lower`` and ``raw`` have the same character positions."""

    def __init__(self, prompt: str) -> None:
        text = separate_words(normalization.with_digits(normalization.unify_letters(prompt[:MAX_CHARACTERS])))
        self.raw = ABBREVIATIONS.sub(lambda match: f" {match[1]} " if match[1] else "w o", text)
        self.lower = "".join(letter.lower()[:1] for letter in self.raw)
        if self.raw == self.raw.upper():  # capitals distinguish nothing: "DM7" is a minor chord
            self.raw = self.lower
        self.tokens: Sequence[Token] = tuple(self._tokens())

    def slice(self, start: int, end: int) -> str:
        """Return the text of a range of tokens in lower case."""
        return self.lower[self.tokens[start].start : self.tokens[end - 1].end]

    def _tokens(self) -> Iterator[Token]:
        previous_end = -1
        for match in TOKEN_PATTERN.finditer(self.lower):
            for start, end, kind in _split_elision(match):
                text = self.lower[start:end]
                key = text.replace(",", ".") if kind is TokenKind.NUMBER else normalize(text)
                yield Token(text, self.raw[start:end], key, start, end, kind, is_glued=start == previous_end)
                previous_end = end


def _split_elision(match: re.Match[str]) -> Iterator[tuple[int, int, TokenKind]]:
    """Split an elided article from its word: "l'orgue"."""
    kind = TokenKind(match.lastgroup)
    start, end = match.span()
    head, apostrophe, _ = match.group().partition("'")
    if kind is TokenKind.WORD and apostrophe and head in ELISIONS:
        yield start, start + len(head), kind
        start += len(head) + 1
    yield start, end, kind


def words_of_phrases(phrases: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the keys of the words of each phrase. Reading all phrases at once takes a fraction of the time."""
    text = separate_words(normalization.unify_letters("\n".join(phrases))).lower()
    for line in text.split("\n"):
        words = [word for match in PHRASE_PATTERN.findall(line) for word in _without_elision(match)]
        yield tuple(word if word.isdecimal() else _cached_key(word) for word in words)


def _without_elision(word: str) -> tuple[str, ...]:
    head, apostrophe, tail = word.partition("'")
    return (head, tail) if apostrophe and head in ELISIONS else (word,)


_cached_key = cache(normalize)


def unique_phrases(phrases: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return distinct phrases for a report: at most ``limit``, each cut to 40 characters that UTF-8 can encode."""
    shortened = (" ".join(phrase.split())[:40].encode(errors="ignore").decode() for phrase in phrases)
    return tuple(phrase for phrase in dict.fromkeys(shortened) if phrase)[:limit]
