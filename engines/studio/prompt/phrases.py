"""The known phrases of all languages and styles, and their meanings in a prompt."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Language, Phrases
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.phrase_lookup import PhraseLookup
from engines.studio.prompt.text.tokens import Text, Token, TokenKind
from engines.studio.styles import STYLES


class PhraseKind(IntEnum):
    """What a phrase describes; if a phrase has several meanings, the lowest value is the leading one."""

    NAME = 0
    STYLE = 1
    EXCLUSION = 2
    INSTRUMENT = 3
    FORM = 4
    METRE = 5
    MOOD = 6
    ENERGY = 7
    TEMPO = 8
    DECADE = 9
    MODE = 10
    TRANSFORMATION = 11
    APPROXIMATED_STYLE = 12
    SCENE = 13
    POSITION = 14
    NEGATION = 15
    POSTPONED_NEGATION = 16
    EXCLUSIVITY = 17
    REDUCTION = 18
    SECTION = 19
    SEQUENCE = 20
    DEGREE = 21
    DISJUNCTION = 22
    CONJUNCTION = 23
    FILLER = 24
    STOP_WORD = 25
    EMPHASIS = 26


WEAK_KINDS: Final = frozenset({PhraseKind.APPROXIMATED_STYLE, PhraseKind.SCENE})
"""Kinds that a function word of the prompt's language precedes."""
NON_MUSICAL_KINDS: Final = frozenset({PhraseKind.NAME, *(kind for kind in PhraseKind if kind >= PhraseKind.POSITION)})
"""Kinds that only modify other phrases or have no musical meaning."""
SCENE: Final = PhraseKind.SCENE
"""Many words for scenes are the same in several languages ("club"), so they say little about the language."""
SCENE_RANK, PHRASE_RANK = 3, 12
"""What a phrase that no other language knows adds to the rank of its language."""
INTERNATIONAL: Final = ""
"""The language of phrases that all languages share, such as the keywords of styles."""

Value = str | float
Rows = Mapping[str, Phrases] | Mapping[int, Phrases] | Mapping[float, Phrases]
"""Phrases by their value."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a phrase in a language."""

    kind: PhraseKind
    value: Value
    language: str


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A known phrase in a prompt: its meanings, the leading one first, and the range of its token indexes."""

    meanings: tuple[Meaning, ...]
    start: int
    end: int
    text: str

    @property
    def kind(self) -> PhraseKind:
        return self.meanings[0].kind

    @property
    def value(self) -> Value:
        return self.meanings[0].value

    @property
    def language(self) -> str:
        return self.meanings[0].language

    def value_of(self, kind: PhraseKind) -> Value | None:
        """Return the value of its meaning of a kind, or None."""
        return next((meaning.value for meaning in self.meanings if meaning.kind is kind), None)

    def led_by(self, kind: PhraseKind) -> "PhraseMatch":
        """Return the match with its meaning of a kind alone."""
        return replace(self, meanings=tuple(meaning for meaning in self.meanings if meaning.kind is kind))


def _language_rows(language: Language) -> Iterator[tuple[Iterable[str], PhraseKind, Value]]:
    tables: tuple[tuple[PhraseKind, Rows], ...] = (
        (PhraseKind.EXCLUSION, language.exclusions),
        (PhraseKind.FORM, language.forms),
        (PhraseKind.DECADE, language.decades),
        (PhraseKind.EXCLUSIVITY, language.exclusivity),
        (PhraseKind.SEQUENCE, language.sequence),
        (PhraseKind.NEGATION, {"": language.negations}),
        (PhraseKind.POSTPONED_NEGATION, {"": language.postponed_negations}),
        (PhraseKind.REDUCTION, {"": language.reductions}),
        (PhraseKind.EMPHASIS, {"": language.emphases}),
        (PhraseKind.DEGREE, language.degrees),
        (PhraseKind.DISJUNCTION, {"": language.disjunctions}),
        (PhraseKind.CONJUNCTION, {"": language.conjunctions}),
        (PhraseKind.FILLER, {"": language.fillers + language.prefixes + language.suffixes}),
        (PhraseKind.STOP_WORD, {"": language.stop_words}),
    )
    inflected: tuple[tuple[PhraseKind, Rows], ...] = (
        (PhraseKind.MOOD, language.moods),
        (PhraseKind.ENERGY, language.energy),
        (PhraseKind.TEMPO, language.tempos),
        (PhraseKind.MODE, language.modes),
        (PhraseKind.TRANSFORMATION, language.transformations),
    )
    yield from ((words, kind, value) for kind, rows in tables for value, words in rows.items())
    nouns: tuple[tuple[PhraseKind, Rows], ...] = (
        (PhraseKind.METRE, language.metres),
        (PhraseKind.POSITION, language.positions),
        (PhraseKind.SECTION, language.sections),
        (PhraseKind.STYLE, language.styles),
        (PhraseKind.APPROXIMATED_STYLE, language.approximated_styles),
        (PhraseKind.SCENE, language.scenes),
    )
    for kind, rows in nouns:
        for value, words in rows.items():
            yield language.inflected_nouns(words), kind, value
            if kind is PhraseKind.STYLE or kind is PhraseKind.APPROXIMATED_STYLE:
                yield language.inflected_phrases(language.adjectives(words)), kind, value
    for instrument, names in language.instruments.items():
        yield language.inflected_nouns(names), PhraseKind.INSTRUMENT, instrument
        yield language.negated_nouns(names), PhraseKind.EXCLUSION, instrument
    yield from (
        (language.inflected_phrases(words), kind, value) for kind, rows in inflected for value, words in rows.items()
    )


def _with_plural(phrase: str) -> Iterator[str]:
    """Yield a name with its English singular and plural: "hymn", "hymns"."""
    yield phrase
    if phrase.endswith(("s", "x", "ch", "sh")):
        if " " in phrase and not phrase.endswith(("ss", "us")):
            yield phrase.removesuffix("s")
        yield f"{phrase}es"
    elif phrase.endswith("y") and phrase[-2:-1] not in set("aeiou"):
        yield f"{phrase[:-1]}ies"
    else:
        yield f"{phrase}s"


def _rows() -> Iterator[tuple[str, Meaning]]:
    for style in STYLES.values():
        meaning = Meaning(PhraseKind.STYLE, style.key, INTERNATIONAL)
        yield from ((word, meaning) for keyword in style.keywords for word in _with_plural(keyword))
    for key, words in lexicon.APPROXIMATIONS.items():
        meaning = Meaning(PhraseKind.APPROXIMATED_STYLE, key, INTERNATIONAL)
        yield from ((spelling, meaning) for word in words for spelling in _with_plural(word))
    for kind, table in ((PhraseKind.STYLE, lexicon.ADJECTIVES), (PhraseKind.METRE, lexicon.METRES)):
        for name, words in table.items():
            yield from ((word, Meaning(kind, name, INTERNATIONAL)) for word in words)
    for named, names in lexicon.NAMES.items():
        meaning = Meaning(PhraseKind.NAME, named, INTERNATIONAL)
        yield from ((name, meaning) for name in names)
    for language in LANGUAGES:
        for phrases, kind, value in _language_rows(language):
            meaning = Meaning(kind, value, language.code)
            yield from ((phrase, meaning) for phrase in phrases)


def _is_genre(meaning: Meaning) -> bool:
    return meaning.kind is PhraseKind.STYLE or meaning.kind is PhraseKind.APPROXIMATED_STYLE


PHRASE_TABLE: Final = PhraseLookup(_rows(), is_splittable=_is_genre)


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
    musical = {match.language for match in matches if match.kind <= PhraseKind.NEGATION and match.kind is not SCENE}
    return tuple(code for number, code in enumerate(codes) if number == 0 or code in musical)


def _blank(token: Token) -> Token:
    return replace(token, key="", kind=TokenKind.BREAK)


def _spans(tokens: Sequence[Token]) -> Iterator[tuple[int, int, tuple[Meaning, ...]]]:
    index = 0
    while index < len(tokens):
        match = PHRASE_TABLE.longest(tokens, index)
        if match:
            yield index, *match
        index = match[0] if match else index + 1


def _language_ranks(spans: Iterable[tuple[Meaning, ...]]) -> Mapping[str, int]:
    """Rank the languages by their number of phrases, phrases of few languages counting more."""
    scores: Counter[str] = Counter()
    for meanings in spans:
        codes = {meaning.language for meaning in meanings} - {INTERNATIONAL}
        is_scene = all(meaning.kind is SCENE for meaning in meanings)
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
