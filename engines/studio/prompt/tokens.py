"""Tokenization of a prompt: normalized words, and the text that no pattern has consumed yet."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

MAX_CHARACTERS: Final = 4000
"""Characters of a prompt that are read; the rest is ignored."""
ELISION_PATTERN: Final = re.compile(r"\b(l|d|j|c|m|n|s|qu|dell|all|nell|dall|sull|un|senz|quell)'(?=\w)")
E_PREFIX_PATTERN: Final = re.compile(r"\be-(?=(?:piano|gitarren?|bass|guitar)\b)")
TOKEN_PATTERN: Final = re.compile(r"[^\W_]+(?:['&][^\W_]+)*|[,;.]")
PUNCTUATION: Final = frozenset(",;.")
PLAIN_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "ø": "o", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
"""Letters that Unicode does not decompose, as they are written without diacritics."""


@cache
def normalize(word: str) -> str:
    """Fold case and strip accents: "Flöte" becomes "flote"."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return letters.casefold().translate(PLAIN_LETTERS)


def normalized_spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield the normalized words of a phrase; if it has umlauts, also spelled with "ae", "oe" and "ue"."""
    without_umlauts = phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    for spelling in dict.fromkeys((phrase, without_umlauts)):
        yield tuple(normalize(word) for word in TOKEN_PATTERN.findall(_join_prefixes(spelling)))


@dataclass(frozen=True, slots=True)
class Token:
    """A word or punctuation mark: ``text`` in lower case, its normalized form, and its range of characters."""

    text: str
    normalized: str
    start: int
    end: int

    @property
    def is_punctuation(self) -> bool:
        return self.normalized in PUNCTUATION


class RequestText:
    """The text of a prompt; stretches that a pattern has consumed are blanked out."""

    def __init__(self, prompt: str) -> None:
        text = unicodedata.normalize("NFKC", prompt[:MAX_CHARACTERS]).lower()
        self.remaining = _join_prefixes(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))

    def take_match(
        self, pattern: re.Pattern[str], accept: Callable[[re.Match[str]], bool] = bool
    ) -> re.Match[str] | None:
        """Return the first accepted match and blank it out."""
        match = next((match for match in pattern.finditer(self.remaining) if accept(match)), None)
        if match:
            start, end = match.span()
            self.remaining = self.remaining[:start] + " " * (end - start) + self.remaining[end:]
        return match

    def tokens(self) -> list[Token]:
        """Return the tokens of the remaining text."""
        return [Token(m.group(), normalize(m.group()), *m.span()) for m in TOKEN_PATTERN.finditer(self.remaining)]


def unique_phrases(phrases: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return distinct phrases for a report: at most ``limit``, each cut to 40 characters that UTF-8 can encode."""
    shortened = (" ".join(phrase.split())[:40].encode(errors="ignore").decode() for phrase in phrases)
    return tuple(dict.fromkeys(shortened))[:limit]


def _join_prefixes(text: str) -> str:
    """Separate elided articles ("l'orgue") and join "e-" to its noun ("e-piano")."""
    return E_PREFIX_PATTERN.sub("e", ELISION_PATTERN.sub(r"\1 ", text))
