"""Every language file is complete, has known keys only, and gives a phrase one meaning."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

import engines.studio.languages
from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Language, Phrases
from engines.studio.orchestration.transformation_table import SWING_RATIOS, TRANSFORMATIONS
from engines.studio.prompt.instrument_concepts import is_concept
from engines.studio.prompt.text.normalization import normalize
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import MODES

Rows = Mapping[str, Phrases] | Mapping[int, Phrases] | Mapping[float, Phrases]

ENGLISH: Final = LANGUAGES[0]
COMPLETE_TABLES: Final = (
    "moods", "transformations", "forms", "sections", "sequence", "labels", "exclusivity",
)  # fmt: skip
"""Tables in which every language has the same keys. Missing keys are listed in GAPS."""
GAPS: Final = {("exclusivity", "choir"), ("sections", "part")}
"""Keys for which a language may have no phrase."""
REQUIRED_INSTRUMENTS: Final = frozenset(
    {
        "drums",
        "bass",
        "melody",
        "piano",
        "electric_guitar",
        "guitar",
        "acoustic_guitar",
        "driven_guitar",
        "strings",
        "violin",
        "cello",
    }
    | {
        "flute",
        "trumpet",
        "sax",
        "brass",
        "choir",
        "vocals",
        "harp",
        "organ",
        "accordion",
        "bells",
        "synth",
        "warm_pad",
    }
    | {"kick", "snare", "hi_hat", "cymbals", "clap", "shaker", "triangle", "keyboards", "whistling"}
    | {"sub_bass", "upright_bass", "clarinet", "harmonica", "vinyl"}
)
REQUIRED_METRES: Final = frozenset({"3/4", "6/8", "5/4", "7/8", "12/8", "4/4"})
NOUNS: Final = frozenset({"styles", "instruments"})
INFLECTED: Final = frozenset({"moods", "tempos", "energy", "modes", "transformations"})
MEANINGS: Final = (
    "styles", "instruments", "forms", "metres", "decades", "positions", *sorted(INFLECTED),
)  # fmt: skip
"""The tables with musical meanings."""
OTHER_WORDS: Final = ("stop_words", "fillers", "conjunctions")
"""The tables of words that have no meaning of their own."""


def spellings(language: Language, table: str) -> Iterator[tuple[str, object]]:
    """Yield each phrase of a table with all its forms, normalized, and its key."""
    rows: Rows = getattr(language, table)
    for key, phrases in rows.items():
        forms: Iterable[str] = phrases
        if table in NOUNS:
            forms = language.inflected_nouns(phrases)
        elif table in INFLECTED:
            forms = language.inflected_phrases(phrases)
        yield from ((" ".join(normalize(word) for word in form.split()), key) for form in forms)


def meanings(language: Language) -> Mapping[str, set[tuple[str, object]]]:
    """Return the musical meanings of each phrase of a language."""
    found: dict[str, set[tuple[str, object]]] = defaultdict(set)
    for table in MEANINGS:
        for phrase, key in spellings(language, table):
            found[phrase].add((table, key))
    return found


def test_every_file_is_found_and_english_is_first() -> None:
    files = {path.stem for path in Path(engines.studio.languages.__file__).parent.glob("*.toml")}
    codes = [language.code for language in LANGUAGES]
    assert codes[0] == "en"
    assert codes[1:] == sorted(files - {"en"})
    assert len({language.name for language in LANGUAGES} - {""}) == len(codes)


@pytest.mark.parametrize("table", COMPLETE_TABLES)
@pytest.mark.parametrize("language", LANGUAGES[1:], ids=lambda language: language.code)
def test_a_language_has_the_keys_of_english(language: Language, table: str) -> None:
    keys, expected = set(getattr(language, table)), set(getattr(ENGLISH, table))
    assert keys <= expected
    assert {(table, key) for key in expected - keys} <= GAPS


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_a_language_has_the_required_phrases_and_known_keys_only(language: Language) -> None:
    assert set(language.transformations) == {*TRANSFORMATIONS, *SWING_RATIOS}
    assert set(language.instruments) >= REQUIRED_INSTRUMENTS
    assert all(is_concept(key) for key in language.instruments)
    assert {"major", "minor", "dorian", "phrygian", "lydian", "mixolydian"} <= set(language.modes) <= set(MODES)
    assert set(language.metres) >= REQUIRED_METRES
    assert {-0.8, 0.8} <= set(language.tempos)
    assert {1.0, 60.0} <= set(language.length_units)
    assert {1, 2, 3, 4, 5, 10} <= set(language.numbers)
    assert all((language.postponed_negations, language.reductions, language.conjunctions))
    assert language.negations or language.negative_suffixes
    for key in language.styles:
        assert any(style in STYLES for style in key.split("|")), key


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_a_phrase_has_one_key_in_a_table(language: Language) -> None:
    keys = defaultdict(set)
    for phrase, found in meanings(language).items():
        for table, key in found:
            keys[table, phrase].add(key)
    assert {phrase: values for phrase, values in keys.items() if len(values) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_a_word_without_meaning_has_no_musical_meaning(language: Language) -> None:
    empty = {normalize(word) for table in OTHER_WORDS for word in getattr(language, table)}
    found = {phrase: {table for table, _ in keys} for phrase, keys in meanings(language).items() if phrase in empty}
    assert {phrase for phrase, tables in found.items() if tables != {"positions"}} == set()
