"""Tokenization of a prompt: normalized words, and the text that no pattern has consumed yet."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engines.studio.prompt.scripts import MARKS, normalize, unify_text
from engines.studio.prompt.segmentation import separate_words

MAX_CHARACTERS: Final = 4000
"""Characters of a prompt that are read; the rest is ignored."""
ELISION_PATTERN: Final = re.compile(r"\b(l|d|j|c|m|n|s|qu|dell|all|nell|dall|sull|un|senz|quell)'(?=\w)")
E_PREFIX_PATTERN: Final = re.compile(r"\be-(?=(?:piano|gitarren?|bass|guitar)\b)")
WORD: Final = rf"[^\W_](?:[^\W_]|[{MARKS}])*"
TOKEN_PATTERN: Final = re.compile(rf"{WORD}(?:['&]{WORD})*|[,;.]")
PUNCTUATION: Final = frozenset(",;.")


def normalized_spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield the normalized words of a phrase; if it has umlauts, also spelled with "ae", "oe" and "ue"."""
    without_umlauts = phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    for spelling in dict.fromkeys((phrase, without_umlauts)):
        yield tuple(normalize(word) for word in TOKEN_PATTERN.findall(_separated(spelling)))


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
        self.remaining = _separated(prompt[:MAX_CHARACTERS])

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


def _separated(text: str) -> str:
    """Return a text with spaces between its words; elided articles are words, "e-" is part of its noun ("e-piano")."""
    text = ELISION_PATTERN.sub(r"\1 ", separate_words(unify_text(text)))
    return E_PREFIX_PATTERN.sub("e", text)
