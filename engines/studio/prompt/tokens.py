"""Tokenization of a prompt: words, numbers, characters of scripts without spaces, symbols and breaks."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from engines.studio.languages import LANGUAGES

MAX_CHARACTERS: Final = 4000
"""Characters of a prompt that are read; the rest is ignored."""
APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))
LETTERS_WITHOUT_DECOMPOSITION: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "'": None}
)
ELISIONS: Final = frozenset(
    word.removesuffix("'") for language in LANGUAGES for word in language.proclitics if word.endswith("'")
)
PREFIXES: Final = tuple(
    sorted(
        {word for language in LANGUAGES for word in language.proclitics if not word.endswith("'")},
        key=lambda word: (-len(word), word),
    )
)
MIN_STEM: Final = 3
"""The fewest letters that remain of a word without its prefix."""
CONNECTORS: Final = frozenset({"and", "n", "&", "+"})
"""Spellings of "and" within a name ("drum and bass", "drum'n'bass", "drum & bass")."""
KANA: Final = "\u3000"
"""Marks of Japanese characters, from here on, distinguish sounds; those of other scripts are accents."""
CHARACTER_SCRIPTS: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"})
"""Scripts in which words are written without spaces, or together with particles: each character is a token."""
NEUTRAL_SCRIPTS: Final = frozenset({"LATIN", "MODIFIER", "FULLWIDTH", "MICRO", "MASCULINE", "FEMININE"})


def _combining_marks() -> str:
    """Return a character class of the marks that continue a word, such as the vowel signs of Devanagari."""
    marks = (chr(code) for code in range(0x300, min(sys.maxunicode, 0x3100)))
    return "".join(mark for mark in marks if unicodedata.category(mark) in {"Mn", "Mc"})


MARKS: Final = _combining_marks()
TOKEN_PATTERN: Final = re.compile(
    rf"(?P<number>\d+(?:[.,]\d{{1,2}}(?!\d))?)"
    rf"|(?P<word>[^\W\d_][^\W\d_{MARKS}]*(?:[{MARKS}]+[^\W\d_]*)*(?:'[^\W\d_]+)*)"
    rf"|(?P<break>[,;.!?|\n\r\t•·…、。，；！？،؛।()\[\]{{}}\"“”„«»<>→]|(?<=\s)[-\u2013\u2014/](?=\s))"  # noqa: RUF001
    r"|(?P<symbol>[^\s\w]|_)"
)


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    CHARACTER = "character"
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
        """Whether it is a word, a number or a character."""
        return self.kind in {TokenKind.WORD, TokenKind.NUMBER, TokenKind.CHARACTER}

    @property
    def is_break(self) -> bool:
        return self.kind is TokenKind.BREAK

    @property
    def number(self) -> float | None:
        """Its value, if it is a number."""
        return float(self.key) if self.kind is TokenKind.NUMBER else None


@cache
def normalize(word: str) -> str:
    """Fold case, strip accents, apostrophes and prefixes: "Flöte" becomes "flote", "don't" "dont"."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    letters = "".join(letter for letter in decomposed if letter >= KANA or not unicodedata.combining(letter))
    key = unicodedata.normalize("NFC", letters).casefold().translate(LETTERS_WITHOUT_DECOMPOSITION)
    while prefix := next((p for p in PREFIXES if key.startswith(p) and len(key) - len(p) >= MIN_STEM), None):
        key = key.removeprefix(prefix)
    return "&" if key in CONNECTORS else key


@cache
def script_of(letter: str) -> str:
    """Return the script of a letter by its Unicode name: "LATIN", "CYRILLIC", "CJK"."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


class Text:
    """The text of a prompt as tokens. ``lower`` and ``raw`` have the same character positions."""

    def __init__(self, prompt: str) -> None:
        text = unicodedata.normalize("NFKC", prompt[:MAX_CHARACTERS]).translate(APOSTROPHES)
        self.raw = re.sub("'n'", " n ", text, flags=re.IGNORECASE)
        self.lower = "".join(_lower(letter) for letter in self.raw)
        self.tokens: Sequence[Token] = tuple(self._tokens())

    def slice(self, start: int, end: int) -> str:
        """Return the text of a range of tokens in lower case."""
        return self.lower[self.tokens[start].start : self.tokens[end - 1].end]

    def _tokens(self) -> Iterator[Token]:
        previous_end = -1
        for match in TOKEN_PATTERN.finditer(self.lower):
            for start, end, kind in _split(match):
                text = self.lower[start:end]
                yield Token(
                    text, self.raw[start:end], _key(text, kind), start, end, kind, is_glued=start == previous_end
                )
                previous_end = end


def _lower(letter: str) -> str:
    lowered = letter.lower()
    return lowered if len(lowered) == 1 else lowered[0]


def _key(text: str, kind: TokenKind) -> str:
    if kind is TokenKind.NUMBER:
        return "".join(
            str(unicodedata.decimal(digit)) if digit.isdecimal() else "." for digit in text
        )
    return normalize(text)


def _split(match: re.Match[str]) -> Iterator[tuple[int, int, TokenKind]]:
    """Split elided articles from words ("l'orgue"), and words of some scripts into characters."""
    kind = TokenKind(match.lastgroup)
    start, end = match.span()
    if kind is not TokenKind.WORD:
        yield start, end, kind
        return
    text = match.string
    head, apostrophe, _ = match.group().partition("'")
    if apostrophe and head in ELISIONS:
        yield start, start + len(head), kind
        start += len(head) + 1
    while start < end:
        is_character = is_character_script(text[start])
        stop = start + 1
        while stop < end and not is_character and not is_character_script(text[stop]):
            stop += 1
        while is_character and stop < end and unicodedata.combining(text[stop]):
            stop += 1
        yield start, stop, TokenKind.CHARACTER if is_character else TokenKind.WORD
        start = stop


@cache
def is_character_script(letter: str) -> bool:
    return script_of(letter) in CHARACTER_SCRIPTS


@cache
def spellings(phrase: str) -> tuple[tuple[str, ...], ...]:
    """Return the keys of the tokens of a phrase; if it has umlauts, also spelled with "ae", "oe" and "ue"."""
    plain = phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return tuple(
        tuple(token.key for token in Text(spelling).tokens if token.is_readable or token.key == "&")
        for spelling in dict.fromkeys((phrase, plain))
    )


def unique_phrases(phrases: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return distinct phrases for a report: at most ``limit``, each cut to 40 characters that UTF-8 can encode."""
    shortened = (" ".join(phrase.split())[:40].encode(errors="ignore").decode() for phrase in phrases)
    return tuple(phrase for phrase in dict.fromkeys(shortened) if phrase)[:limit]
