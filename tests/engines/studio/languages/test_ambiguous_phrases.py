"""Phrases with different meanings in several languages, and the language that decides without further words."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import pytest

from engines.studio.languages import LANGUAGES
from engines.studio.prompt import reader
from engines.studio.prompt.phrases.phrase_matching import find_phrases
from engines.studio.prompt.phrases.phrase_meanings import INTERNATIONAL
from engines.studio.prompt.text.tokens import Text
from tests.engines.studio.languages.test_language_files import meanings

DECISIONS: Final[Mapping[str, str]] = {
    "arp": "en",
    "chant": "en",
    "delicate": "en",
    "explosive": "en",
    "gaita": "es",
    "horror": INTERNATIONAL,
    "musica para dormir": "es",
    "punchy": "en",
    "timbales": "en",
    "wild": "en",
    "太鼓": "ja",
    "弱音": "ja",
}
"""The deciding language of each phrase; INTERNATIONAL is the keyword of a style."""


def _ambiguous_phrases() -> set[str]:
    """Return the phrases for which two languages have no meaning in common."""
    found: dict[str, list[set[tuple[str, str]]]] = defaultdict(list)
    for language in LANGUAGES:
        for phrase, values in meanings(language).items():
            own = {(table, str(key).split("|")[0]) for table, key in values if table != "positions"}
            if own:
                found[phrase].append(own)
    return {
        phrase
        for phrase, sets in found.items()
        if any(not (first & second) for number, first in enumerate(sets) for second in sets[number + 1 :])
    }


def test_every_ambiguous_phrase_is_decided() -> None:
    assert _ambiguous_phrases() == set(DECISIONS)


@pytest.mark.parametrize(("phrase", "code"), DECISIONS.items())
def test_the_decided_language_gives_a_phrase_its_meaning(phrase: str, code: str) -> None:
    matches, _ = find_phrases(Text(phrase), ())
    assert [match.language for match in matches] == [code]


@pytest.mark.parametrize(
    ("prompt", "instrument"),
    [
        ("arp", "pluck"),
        ("sakin bir arp, davulsuz", "harp"),
        ("blues com gaita e violão", "harmonica"),
        ("música celta con gaita y tambores", "bagpipes"),
    ],
)
def test_the_other_words_of_a_prompt_decide_its_language(prompt: str, instrument: str) -> None:
    assert instrument in reader.read(prompt, ()).included
