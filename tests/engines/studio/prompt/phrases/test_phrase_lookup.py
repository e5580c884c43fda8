"""Lookup of phrases: every spelling of a phrase is found, whatever letter it begins with."""

import pytest

from engines.studio.prompt.phrases.phrase_lookup import PhraseLookup
from engines.studio.prompt.text.tokens import Text

FOUND = [
    ("lo-fi", "LO FI"),
    ("lo fi", "lofi"),
    ("synthwave", "synth wave"),
    ("ärger", "aerger"),
    ("übung", "uebung"),
    ("étude", "ETUDE"),
    ("oeuvre", "Œuvre"),
    ("ølsang", "olsang"),
    ("8-bit", "8 bit"),
    ("80s pop", "\N{FULLWIDTH DIGIT EIGHT}0s pop"),
    ("n more", "and more"),
    ("and more", "& more"),
    ("ánd more", "+ more"),
    ("'n beat", "and beat"),
    ("l'orgue", "L'ORGUE"),
    ("ёлка", "ЕЛКА"),
    ("ταξίδι", "ταξιδι"),
    ("أغنية", "الاغنية"),
    ("الجيتار", "جيتار"),
    ("گيتار", "غيتار"),
    ("क़व्वाली", "कव्वाली"),
    ("फ़िल्म", "फिल्म"),
    ("ギター", "\N{HALFWIDTH KATAKANA LETTER KI}\N{HALFWIDTH KATAKANA VOICED SOUND MARK}ター"),
]


@pytest.mark.parametrize(("phrase", "prompt"), FOUND)
def test_a_phrase_is_found_in_all_spellings(phrase: str, prompt: str) -> None:
    lookup = PhraseLookup([(phrase, "value"), ("another", "other")], is_splittable=lambda value: value == "value")
    for text in (phrase, prompt):
        tokens = Text(text).tokens
        start = next(index for index, token in enumerate(tokens) if token.is_readable or token.key == "&")
        assert lookup.longest(tokens, start) == (len(tokens), ("value",))


@pytest.mark.parametrize("prompt", ["", "!", "other", "lo", "日本", "\N{GRINNING FACE}"])
def test_other_text_is_no_phrase(prompt: str) -> None:
    lookup = PhraseLookup([("lo-fi", 1), ("日本語", 2)])
    assert lookup.longest(Text(prompt).tokens, 0) is None


def test_the_longest_phrase_is_found_with_all_its_values() -> None:
    lookup = PhraseLookup([("drum", 1), ("drum and bass", 2), ("drum & bass", 3), ("drum and bass", 2)])
    tokens = Text("fast drum and bass").tokens
    assert [lookup.longest(tokens, start) for start in (0, 1)] == [None, (4, (2, 3))]


def test_one_word_is_read_as_two_only_if_it_is_splittable() -> None:
    lookup = PhraseLookup([("synthwave", 1), ("guitar", 2)], is_splittable=lambda value: value == 1)
    assert lookup.longest(Text("synth wave").tokens, 0) == (2, (1,))
    assert lookup.longest(Text("gui tar").tokens, 0) is None
