"""Requests are checked against the capabilities of their engine before anything is paid."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from core.errors import InvalidInput
from engines.capabilities import HONOURED, IGNORED, Capabilities, Capability, RequestField, Support
from engines.port import EngineInfo
from engines.registry import INSTALLED_ENGINES, EngineRegistry
from engines.studio.info import STUDIO_INFO
from resolvers.access.validation import Unvalidated
from resolvers.generations import controls, support
from resolvers.generations.commands import CreateGeneration, CreateGenerationGraphQL

PLAIN: Final = replace(STUDIO_INFO, key="plain", capabilities=Capabilities.of_prompt_only())
EVERY_FIELD: Final[dict[str, Any]] = {
    "instrumental": True,
    "lyrics_language": "de",
    "seed_track_id": "mtrack_0123456789ab",
    "style_tags": ["jazz"],
    "seed": 0,
    "loop": True,
    "tempo_bpm": 90.0,
    "key": "C",
    "metre": "3/4",
    "negative_prompt": "drums",
    "instruments": {"include": ["piano"], "exclude": ["bass"], "only": ["piano"]},
    "structure": ["verse"],
    "intensity": 0.0,
    "density": 0.5,
    "brightness": 1.0,
}


def registry(*infos: EngineInfo) -> EngineRegistry:
    installed = {info.key: replace(INSTALLED_ENGINES["studio"], info=info) for info in infos}
    return EngineRegistry(list(installed), infos[0].key, installed)


def command(engines: EngineRegistry, **fields: Any) -> CreateGenerationGraphQL:  # noqa: ANN401  fields of a command
    given = {"engine": engines.default.key, "prompt": "jazz", "duration_seconds": 60, **fields}
    return Unvalidated(CreateGenerationGraphQL, given).validate(engines)


def problems(engines: EngineRegistry, **fields: Any) -> Sequence[tuple[Sequence[str | int], str]]:  # noqa: ANN401
    with pytest.raises(InvalidInput) as refused:
        command(engines, **fields)
    return [(problem.path, problem.message) for problem in refused.value.problems]


def test_every_unsupported_field_is_refused_with_the_engines_that_support_it() -> None:
    refusal = "The engine plain does not support {}. Leave it out, or use the engine studio."
    selections = "instruments.include and instruments.exclude and instruments.only"
    expected = [
        ((name,), refusal.format(selections if name == "instruments" else "this field")) for name in EVERY_FIELD
    ]
    assert problems(registry(PLAIN, STUDIO_INFO), **EVERY_FIELD) == expected
    assert [message for _, message in problems(registry(PLAIN), loop=True)] == [
        "The engine plain does not support this field. Leave it out."
    ]


def test_a_refusal_contains_the_note_of_the_engine() -> None:
    fixed = Capability(Support.UNSUPPORTED, note="Its tempo is fixed.")
    info = replace(PLAIN, capabilities=replace(PLAIN.capabilities, tempo_bpm=fixed))
    assert problems(registry(info), tempo_bpm=90.0) == [
        (("tempo_bpm",), "The engine plain does not support this field. Its tempo is fixed. Leave it out.")
    ]


def test_only_the_selections_that_are_given_are_checked() -> None:
    capabilities = replace(PLAIN.capabilities, include_instruments=HONOURED)
    engines = registry(replace(PLAIN, capabilities=capabilities))
    assert command(engines, instruments={"include": ["piano"], "only": []}).to_controls().include == ("piano",)
    message = "The engine plain does not support instruments.only. Leave it out."
    assert problems(engines, instruments={"include": ["piano"], "only": ["flute"]}) == [(("instruments",), message)]


def test_unset_fields_are_not_refused() -> None:
    found = command(registry(PLAIN), instrumental=False, loop=False, style_tags=[], structure=[], instruments={})
    assert found.field_support(registry(PLAIN)) == PLAIN.capabilities.supports_of(
        {RequestField.PROMPT, RequestField.DURATION_SECONDS}
    )


@pytest.mark.parametrize(
    ("capability", "fields", "message"),
    [
        ({"tempo_bpm": Capability(Support.HONOURED, minimum=60)}, {"tempo_bpm": 59.0}, "Must be at least 60."),
        ({"seed": Capability(Support.HONOURED, maximum=9)}, {"seed": 10}, "Must be at most 9."),
        ({"intensity": Capability(Support.HONOURED, 0.2, 0.8)}, {"intensity": 0.1}, "Must be from 0.2 to 0.8."),
        ({"key": Capability(Support.HONOURED, values=("minor",))}, {"key": "D"}, "and one of the modes minor:"),
        ({"metre": Capability(Support.HONOURED, values=("4/4",))}, {"metre": "3/4"}, "Must be one of 4/4."),
        (
            {"style_tags": Capability(Support.HONOURED, values=("Pop", "Rock"))},
            {"style_tags": ["pop", "jazz"]},
            "Each must be one of Pop, Rock.",
        ),
        (
            {"duration_seconds": Capability(Support.HONOURED, minimum=10)},
            {"duration_seconds": 9},
            "Must be at least 10 for this engine.",
        ),
    ],
)
def test_values_outside_the_declared_ones_are_refused(
    capability: dict[str, Capability], fields: dict[str, Any], message: str
) -> None:
    engines = registry(replace(PLAIN, capabilities=replace(PLAIN.capabilities, **capability)))
    [(path, text)] = problems(engines, **fields)
    assert (list(path), message in text) == (list(fields), True)


def test_declared_names_are_spelled_as_the_engine_spells_them() -> None:
    allowed = Capability(Support.HONOURED, values=("Pop", "Rock"))
    capabilities = replace(PLAIN.capabilities, style_tags=allowed, include_instruments=allowed)
    found = command(
        registry(replace(PLAIN, capabilities=capabilities)), style_tags=["ROCK"], instruments={"include": ["pop"]}
    )
    assert (found.style_tags, found.to_controls().include) == (("Rock",), ("Pop",))


def test_texts_without_declared_values_pass_as_they_are() -> None:
    capabilities = replace(PLAIN.capabilities, key=IGNORED, metre=HONOURED)
    found = command(registry(replace(PLAIN, capabilities=capabilities)), key="any key", metre="slow waltz")
    assert (found.key, found.metre) == ("any key", "slow waltz")


def test_ignored_lyrics_are_accepted_and_reported() -> None:
    engines = registry(replace(PLAIN, capabilities=replace(PLAIN.capabilities, lyrics=IGNORED)))
    supports = {each.field: each.support for each in command(engines, lyrics="la la").field_support(engines)}
    assert supports[RequestField.LYRICS] is Support.IGNORED


SINGING: Final = replace(
    PLAIN,
    supports_lyrics=True,
    capabilities=replace(
        PLAIN.capabilities, lyrics=HONOURED, lyrics_language=Capability(Support.HONOURED, values=("de", "zh", "yue"))
    ),
)


@pytest.mark.parametrize("given", ["DE", "de-at", "zh-hant-TW"])
def test_the_language_of_lyrics_is_normalized_and_may_have_a_region(given: str) -> None:
    engines = registry(SINGING)
    found = command(engines, lyrics="la la", lyrics_language=given)
    assert found.to_controls().lyrics_language == {"DE": "de", "de-at": "de-AT", "zh-hant-TW": "zh-Hant-TW"}[given]
    supports = {each.field: each.support for each in found.field_support(engines)}
    assert supports[RequestField.LYRICS_LANGUAGE] is Support.HONOURED
    assert controls.from_json(controls.to_json(found.to_controls())) == found.to_controls()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lyrics_language": "de"}, "Must be left out of a request without lyrics."),
        ({"lyrics": " ", "lyrics_language": "de"}, "Must be left out of a request without lyrics."),
        (
            {"lyrics": "la", "lyrics_language": "german"},
            "Must be a language tag by BCP 47, such as de, pt-BR or zh-Hant.",
        ),
        ({"lyrics": "la", "lyrics_language": "fr"}, "Must be one of the languages of this engine: de, zh, yue."),
    ],
)
def test_a_language_without_lyrics_or_of_another_engine_is_refused(fields: dict[str, str], message: str) -> None:
    assert problems(registry(SINGING), **fields) == [(("lyrics_language",), message)]


def test_requests_by_rest_state_the_language_of_lyrics_as_well() -> None:
    fields = {"engine": "plain", "prompt": "jazz", "duration_seconds": 60, "lyrics": "la", "lyrics_language": "De"}
    found = Unvalidated(CreateGeneration, fields).validate(registry(SINGING))
    assert controls.to_json(found.to_controls()) == {"lyrics_language": "de"}


def test_every_field_of_a_request_is_found() -> None:
    engines = registry(STUDIO_INFO)
    fields = {**EVERY_FIELD, "title": "Night", "lyrics": "[Verse]", "instrumental": False}
    found = command(engines, **fields)
    # a request that continues a track has no source
    missing = {RequestField.INSTRUMENTAL, RequestField.SOURCE}
    assert {each.field for each in found.field_support(engines)} == {*RequestField} - missing
    stored = {"prompt": "jazz", "seed": 0, "style_tags": [], "lyrics": None, "loop": False}
    assert support.requested_fields(stored, controls.from_json({"intensity": 0.0, "only": ["piano"]})) == {
        RequestField.PROMPT,
        RequestField.SEED,
        RequestField.INTENSITY,
        RequestField.ONLY_INSTRUMENTS,
    }


def test_requests_by_rest_are_refused_for_the_same_fields() -> None:
    fields = {"engine": "plain", "prompt": "jazz", "duration_seconds": 60, "style_tags": ["jazz"], "instrumental": True}
    with pytest.raises(InvalidInput) as refused:
        Unvalidated(CreateGeneration, fields).validate(registry(PLAIN))
    assert [problem.path for problem in refused.value.problems] == [("instrumental",), ("style_tags",)]
