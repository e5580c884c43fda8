"""The table of the known phrases of all languages and styles, with their meanings."""

from collections.abc import Iterator, Mapping
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Language, Phrases
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.phrases.phrase_lookup import Forms, PhraseLookup, Row
from engines.studio.prompt.phrases.phrase_meanings import INTERNATIONAL, Meaning, PhraseKind, Value
from engines.studio.styles import STYLES

Rows = Mapping[str, Phrases] | Mapping[int, Phrases] | Mapping[float, Phrases]
"""Phrases by their value."""
INTENSIFIED: Final = {"quiet": "whisper", "loud": "maximal", "narrow": "mono", "wet": "huge_hall"}
"""The transformations for superlatives of others; the rest are at full strength anyway."""
SUPERLATIVE_FACTOR: Final = 1.25


def _language_rows(language: Language) -> Iterator[tuple[Phrases, PhraseKind, Value, Forms]]:
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
    yield from ((words, kind, value, _as_written) for kind, rows in tables for value, words in rows.items())
    superlatives: tuple[tuple[PhraseKind, Rows], ...] = (
        (PhraseKind.TEMPO, language.tempos),
        (PhraseKind.TRANSFORMATION, language.transformations),
    )
    for kind, rows in superlatives:
        for value, words in rows.items():
            yield words, kind, _intensified(value), language.superlatives_of
    nouns: tuple[tuple[PhraseKind, Rows], ...] = (
        (PhraseKind.PROPERTY, language.properties),
        (PhraseKind.METRE, language.metres),
        (PhraseKind.POSITION, language.positions),
        (PhraseKind.SECTION, language.sections),
        (PhraseKind.STYLE, language.styles),
        (PhraseKind.APPROXIMATED_STYLE, language.approximated_styles),
        (PhraseKind.SCENE, language.scenes),
        (PhraseKind.SOUND, language.sounds),
    )
    for kind, rows in nouns:
        for value, words in rows.items():
            yield words, kind, value, language.inflected_nouns
            if kind is PhraseKind.STYLE or kind is PhraseKind.APPROXIMATED_STYLE:
                yield language.adjectives(words), kind, value, language.inflected_phrases
    for instrument, names in language.instruments.items():
        yield names, PhraseKind.INSTRUMENT, instrument, language.inflected_nouns
        yield names, PhraseKind.EXCLUSION, instrument, language.negated_nouns
    yield from (
        (words, kind, value, language.inflected_phrases) for kind, rows in inflected for value, words in rows.items()
    )


def _as_written(phrases: Phrases) -> Phrases:
    return phrases


def _intensified(value: Value) -> Value:
    """Return the meaning of a superlative: of a tempo from -1 to 1, or of a transformation."""
    if isinstance(value, str):
        return INTENSIFIED.get(value, value)
    return max(-1.0, min(1.0, SUPERLATIVE_FACTOR * value))


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


def _rows() -> Iterator[Row[Meaning]]:
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
        for phrases, kind, value, forms in _language_rows(language):
            meaning = Meaning(kind, value, language.code)
            yield from ((phrase, meaning, forms) for phrase in phrases)


def _is_genre(meaning: Meaning) -> bool:
    return meaning.kind is PhraseKind.STYLE or meaning.kind is PhraseKind.APPROXIMATED_STYLE


PHRASE_TABLE: Final = PhraseLookup(_rows(), is_splittable=_is_genre)
