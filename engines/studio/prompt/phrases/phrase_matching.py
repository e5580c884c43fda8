"""Finds the known phrases of a prompt, and chooses their meanings by the language of the prompt."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.phrases.phrase_meanings import INTERNATIONAL, Meaning, PhraseKind, PhraseMatch
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.preposition_homonyms import is_accompanied_instrument
from engines.studio.prompt.text.tokens import Text, Token, TokenKind
from engines.studio.prompt.verb_homonyms import is_named_instrument

WEAK_KINDS: Final = frozenset({PhraseKind.APPROXIMATED_STYLE, PhraseKind.SCENE})
"""Kinds that a function word of the prompt's language precedes."""
SCENE_RANK, PHRASE_RANK = 3, 12
"""What a phrase that no other language knows adds to the rank of its language. Many words for scenes are the same in
several languages ("club"), so they say little."""


def find_phrases(text: Text, taken: Iterable[int]) -> tuple[list[PhraseMatch], tuple[str, ...]]:
    """Return the known phrases of a text in order, the longest at each position, and the codes of its languages.

    ``taken`` are the indexes of tokens that have been read already. A phrase with different meanings in several
    languages has the one in the language of most other phrases.
    """
    taken = frozenset(taken)
    tokens = tuple(_blank(token) if index in taken else token for index, token in enumerate(text.tokens))
    found = list(_spans(tokens))
    ranks = _language_ranks(meanings for _, _, meanings in found)
    matches = [
        PhraseMatch(_leading_meanings(meanings, ranks, is_alone=len(found) == 1), start, end, text.slice(start, end))
        for start, end, meanings in found
    ]
    return matches, _languages(matches, ranks)


def _languages(matches: Sequence[PhraseMatch], ranks: Mapping[str, int]) -> tuple[str, ...]:
    """Return the main language of a prompt and those that other musical phrases are in, by rank."""
    codes = sorted({match.language for match in matches} - {INTERNATIONAL}, key=lambda code: ranks[code])
    musical = {
        match.language for match in matches if match.kind <= PhraseKind.NEGATION and match.kind is not PhraseKind.SCENE
    }
    return tuple(code for number, code in enumerate(codes) if number == 0 or code in musical)


def _blank(token: Token) -> Token:
    return replace(token, key="", kind=TokenKind.BREAK)


def _spans(tokens: Sequence[Token]) -> Iterator[tuple[int, int, tuple[Meaning, ...]]]:
    index = 0
    while index < len(tokens):
        match = PHRASE_TABLE.longest(tokens, index)
        is_verb = match is not None and match[0] > index + 1 and match[1][0].kind is PhraseKind.STOP_WORD
        has_preposition = match is not None and is_accompanied_instrument(tokens, index, match[0])
        if has_preposition or (is_verb and is_named_instrument(tokens, index)):
            match = PHRASE_TABLE.longest(tokens[: index + 1], index)
        if match:
            yield index, *match
        index = match[0] if match else index + 1


def _language_ranks(spans: Iterable[tuple[Meaning, ...]]) -> Mapping[str, int]:
    """Rank the languages by their number of phrases, phrases of few languages counting more."""
    scores: Counter[str] = Counter()
    for meanings in spans:
        codes = {meaning.language for meaning in meanings} - {INTERNATIONAL}
        is_scene = all(meaning.kind is PhraseKind.SCENE for meaning in meanings)
        rank = SCENE_RANK if is_scene else PHRASE_RANK
        scores.update(dict.fromkeys(codes, rank // len(codes) if codes else 0))
    order = sorted((language.code for language in LANGUAGES), key=lambda code: -scores[code])
    return {code: rank for rank, code in enumerate(order)}


def _leading_meanings(
    meanings: tuple[Meaning, ...], ranks: Mapping[str, int], *, is_alone: bool
) -> tuple[Meaning, ...]:
    """Return the meanings in the language of the prompt, and those that all languages share."""
    codes = {meaning.language for meaning in meanings} - {INTERNATIONAL}
    code = min(codes, key=lambda code: ranks[code], default=INTERNATIONAL)
    own = sorted(
        (meaning for meaning in meanings if meaning.language in {code, INTERNATIONAL}),
        key=lambda meaning: (meaning.kind, meaning.language != INTERNATIONAL),
    )
    if not is_alone and len(own) > 1 and own[0].kind in WEAK_KINDS and _is_function_word(own[-1], ranks):
        return (own[-1],)
    return tuple(own)


def _is_function_word(meaning: Meaning, ranks: Mapping[str, int]) -> bool:
    return meaning.kind >= PhraseKind.NEGATION and ranks.get(meaning.language) == 0


def split_phrase(match: PhraseMatch, tokens: Sequence[Token], languages: Sequence[str]) -> list[PhraseMatch]:
    """Return the phrases of the single words of a match ("solo", "piano"), in the first language that knows each."""
    found = []
    for index in range(match.start, match.end):
        word = PHRASE_TABLE.longest((tokens[index],), 0)
        meanings = [meaning for meaning in word[1] if meaning.kind is not PhraseKind.STYLE] if word else []
        codes = {meaning.language for meaning in meanings}
        code = next((code for code in languages if code in codes), min(codes, default=INTERNATIONAL))
        own = sorted((one for one in meanings if one.language == code), key=lambda meaning: meaning.kind)
        found += [PhraseMatch(tuple(own), index, index + 1, tokens[index].text)] if own else []
    return found
