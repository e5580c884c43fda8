"""The tables of genre words and scenes."""

from collections import Counter

import pytest

from engines.studio.languages import LANGUAGES
from engines.studio.prompt import reader
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.genres.colours import INSTRUMENTS
from engines.studio.prompt.instrument_concepts import known_instrument
from engines.studio.prompt.text.tokens import normalize
from engines.studio.styles import STYLES
from engines.studio.theory.metre import METRES


def test_a_genre_word_has_one_style() -> None:
    words = Counter(normalize(word) for words in lexicon.APPROXIMATIONS.values() for word in words)
    assert [word for word, count in words.items() if count > 1] == []


def test_tables_name_existing_styles_and_metres() -> None:
    families = {key for keys in lexicon.FAMILIES.values() for key in keys}
    assert families | INSTRUMENTS.keys() <= STYLES.keys()
    assert lexicon.METRES.keys() <= METRES.keys()
    assert all(lexicon.SCENES.values())


def test_instruments_that_colour_exist() -> None:
    assert all(known_instrument(concept) for concepts in INSTRUMENTS.values() for concept in concepts)


@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_the_scenes_of_a_language_exist(code: str) -> None:
    language = next(language for language in LANGUAGES if language.code == code)
    assert len(language.scenes) >= 45
    assert language.scenes.keys() <= lexicon.SCENES.keys()


def test_no_english_word_is_a_scene_and_a_genre() -> None:
    english = next(language for language in LANGUAGES if language.code == "en")
    scenes = {normalize(word) for words in english.scenes.values() for word in words}
    keywords = {normalize(word) for style in STYLES.values() for word in style.keywords}
    genres = {normalize(word) for words in lexicon.APPROXIMATIONS.values() for word in words}
    assert scenes & (genres | keywords) == set()


def test_genre_words_name_a_style_and_scenes_do_not() -> None:
    genres = [word for words in lexicon.APPROXIMATIONS.values() for word in words[:2]]
    english = next(language for language in LANGUAGES if language.code == "en")
    scenes = [word for words in english.scenes.values() for word in words[:2]]
    assert [word for word in genres if not reader.read(word).is_style_named] == []
    assert [word for word in scenes if reader.read(word).is_style_named] == []
