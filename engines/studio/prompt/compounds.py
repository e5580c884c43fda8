"""Splits compound words at known parts: "Technobeat", "Jazzklavier", "gitaarsolo"."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Language, Phrases
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import Text, Token, TokenKind, words_of_phrases
from engines.studio.styles import STYLES

MIN_FIRST, MIN_LAST = 3, 4
"""The fewest letters of the parts of a compound."""


def split_compounds(text: Text) -> None:
    """Replace the tokens of unknown compounds by those of their parts. The text stays the same."""
    text.tokens = tuple(part for token in text.tokens for part in _parts(token))


def _parts(token: Token) -> Iterator[Token]:
    is_word = token.kind is TokenKind.WORD and len(token.key) >= MIN_FIRST + MIN_LAST
    size = _size_of_first(token.key) if is_word and len(token.key) == len(token.text) else None
    if not size or PHRASE_TABLE.longest((token,), 0):
        yield token
        return
    middle = token.start + size
    yield replace(token, text=token.text[:size], raw=token.raw[:size], key=token.key[:size], end=middle)
    yield replace(
        token, text=token.text[size:], raw=token.raw[size:], key=token.key[size:], start=middle, is_glued=True
    )


def _size_of_first(word: str) -> int | None:
    """Return the length of the first part, linking letters included; the longest that leaves a known second part."""
    firsts, lasts = _vocabulary()
    for size in range(len(word) - MIN_LAST, MIN_FIRST - 1, -1):
        if word[size:] in lasts and word[:size] in firsts:
            return size
    return None


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that begin and that end compounds, normalized."""
    languages = [language for language in LANGUAGES if language.has_compounds]
    styles = [keyword for style in STYLES.values() for keyword in style.keywords]
    genres = [word for words in lexicon.APPROXIMATIONS.values() for word in words]
    names = [*styles, *genres, *(phrase for language in languages for phrase in _names(language))]
    words = _single_words(names)
    closing = _single_words(word for language in languages for word in language.compound_heads)
    opening = _single_words(
        scene
        for language in languages
        for words in language.scenes.values()
        for scene in language.inflected_nouns(words)
    )
    return words | opening, words | closing


def _names(language: Language) -> Iterator[str]:
    tables: tuple[Mapping[str, Phrases], ...] = (
        language.instruments, language.styles, language.sections, language.moods,
    )  # fmt: skip
    for table in tables:
        for phrases in table.values():
            yield from language.inflected_nouns(phrases)


def _single_words(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(words[0] for words in words_of_phrases(phrases) if len(words) == 1)
