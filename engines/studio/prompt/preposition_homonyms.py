"""Distinguishes compounds from an instrument and a preposition: "voice over piano", "voice over for a podcast"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import Token

PREPOSITIONS: Final = frozenset({"over"})
ARTICLES: Final = frozenset({"a", "an", "the", "some"})
MAX_ADJECTIVES: Final = 3
"""The most articles and adjectives between the preposition and its instrument."""


def is_accompanied_instrument(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Return whether a compound of two words is an instrument over another one that follows."""
    if end - start != 2 or tokens[end - 1].key not in PREPOSITIONS or tokens[end - 1].is_glued:
        return False
    if PhraseKind.INSTRUMENT not in _kinds(tokens[: end - 1], start)[1]:
        return False
    for _ in range(MAX_ADJECTIVES + 1):
        following, kinds = _kinds(tokens, end)
        if PhraseKind.INSTRUMENT in kinds:
            return True
        is_article = end < len(tokens) and tokens[end].key in ARTICLES
        if not is_article and ADJECTIVE_KINDS.isdisjoint(kinds):
            return False
        end = end + 1 if is_article else following
    return False


def _kinds(tokens: Sequence[Token], start: int) -> tuple[int, frozenset[PhraseKind]]:
    """Return the end of the longest phrase at a token, and the kinds of its leading meanings in all languages."""
    found = PHRASE_TABLE.longest(tokens, start)
    return (found[0], frozenset(meaning.kind for meaning in found[1])) if found else (start, frozenset())
