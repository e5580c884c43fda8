"""Finds what a style is scored for: "fugue for string quartet", "canon for two violins".

An ensemble after "for" plays the style that is named beside it and is no style of its own. The name of a baroque form
with "for" and instruments lists all instruments that play; in other styles they are only among those that play.
"""

from collections.abc import Collection, Sequence
from typing import Final

from engines.studio.prompt.genres.style_mention import StyleMention
from engines.studio.prompt.mentions import NUMBERS, STOP_WORDS, Scanner
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.subject import ABOUT, SUBJECTS

SCORED_STYLES: Final = frozenset({"baroque"})
"""Styles whose forms list all of their instruments after "for"."""
MAX_DISTANCE: Final = 6
"""The most tokens of articles, numbers and adjectives between "for" and what follows it."""


def find_ensembles(
    mentions: Sequence[StyleMention], scanner: Scanner, links: Collection[int]
) -> tuple[StyleMention, ...]:
    """Return the ensembles after "for" if another style is named that they play. ``links`` are tokens of adjectives."""
    nouns = [one for one in mentions if not (one.is_adjective or one.is_vague or one.is_colour)]
    scored = [one for one in nouns if one.scoring and _follows_for(one.match.start, scanner, links)]
    played = {one.style for one in nouns if one not in scored}
    return tuple(one for one in scored if played - {one.style})


def is_scored(mention: StyleMention, scanner: Scanner, matches: Sequence[PhraseMatch], links: Collection[int]) -> bool:
    """Return whether "for" and an instrument directly follow the name of a form that lists its instruments."""
    if mention.style not in SCORED_STYLES or not scanner.longest(SUBJECTS, mention.match.end):
        return False
    following = next((match for match in matches if _is_instrument(match) and match.start > mention.match.end), None)
    return following is not None and _follows_for(following.start, scanner, links, mention.match.end)


def _is_instrument(match: PhraseMatch) -> bool:
    return match.kind is PhraseKind.INSTRUMENT


def _follows_for(start: int, scanner: Scanner, links: Collection[int], earliest: int = 0) -> bool:
    """Return whether only articles, numbers and adjectives lie between "for", at ``earliest`` or later, and a token."""
    for index in range(start - 1, max(earliest, start - MAX_DISTANCE) - 1, -1):
        word = scanner.longest(SUBJECTS, index)
        if word and word[0] <= start:
            return scanner.at(index).key != ABOUT
        if not (index in links or _is_article_or_number(scanner, index)):
            return False
    return False


def _is_article_or_number(scanner: Scanner, index: int) -> bool:
    is_word = scanner.longest(STOP_WORDS, index) or scanner.longest(NUMBERS, index)
    return bool(is_word) or scanner.at(index).number is not None
