"""What every engine declares about the fields of a request."""

from dataclasses import fields, replace

import pytest

from engines.capabilities import (
    APPROXIMATED,
    HONOURED,
    IGNORED,
    UNSUPPORTED,
    Capabilities,
    Capability,
    FieldSupport,
    RequestField,
    Support,
)
from engines.port import Controls
from engines.registry import INSTALLED_ENGINES
from engines.studio.info import STUDIO_INFO


def test_the_declaration_has_every_field_once() -> None:
    assert [field.name for field in fields(Capabilities)] == [field.value for field in RequestField]


def test_every_control_of_the_port_is_a_field() -> None:
    selections = {"include", "exclude", "only"}
    controls = {field.name for field in fields(Controls)}
    assert controls - selections <= set(RequestField)
    assert {f"{name}_instruments" for name in selections} <= set(RequestField)


@pytest.mark.parametrize("key", INSTALLED_ENGINES)
def test_an_installed_engine_declares_every_field(key: str) -> None:
    info = INSTALLED_ENGINES[key].info
    declared = dict(info.capabilities)
    assert list(declared) == list(RequestField)
    assert declared[RequestField.DURATION_SECONDS].maximum == info.max_duration_seconds
    assert info.supports_lyrics <= declared[RequestField.LYRICS].is_accepted
    unexplained = [
        field
        for field, each in declared.items()
        if each.support in {Support.APPROXIMATED, Support.IGNORED} and not each.note.endswith(".")
    ]
    assert unexplained == []


def test_supports_of_fields_are_in_the_order_of_a_request() -> None:
    capabilities = replace(Capabilities.of_prompt_only(), loop=replace(IGNORED, note="It fades out."))
    assert capabilities.supports_of({RequestField.LOOP, RequestField.PROMPT}) == (
        FieldSupport(RequestField.PROMPT, Support.APPROXIMATED),
        FieldSupport(RequestField.LOOP, Support.IGNORED, "It fades out."),
    )


def test_an_engine_of_prompts_takes_no_other_field_that_changes_the_music() -> None:
    capabilities = Capabilities.of_prompt_only()
    accepted = {field: each for field, each in capabilities if each.is_accepted}
    assert accepted == {
        RequestField.PROMPT: APPROXIMATED,
        RequestField.DURATION_SECONDS: APPROXIMATED,
        RequestField.TITLE: HONOURED,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prompt": UNSUPPORTED}, "The field prompt is in every request: an engine cannot declare it unsupported."),
        (
            {"tempo_bpm": Capability(Support.HONOURED, 90, 60)},
            "The minimum of tempo_bpm (90) is above its maximum (60).",
        ),
    ],
)
def test_a_declaration_that_no_request_can_meet_is_an_error(changes: dict[str, Capability], message: str) -> None:
    with pytest.raises(ValueError, match="The ") as error:
        replace(STUDIO_INFO.capabilities, **changes)
    assert str(error.value) == message


def test_the_longest_track_bounds_the_duration() -> None:
    shorter = replace(STUDIO_INFO, max_duration_seconds=60)
    assert shorter.capabilities.duration_seconds == Capability(Support.HONOURED, 1, 60)


def test_an_engine_cannot_contradict_its_capabilities() -> None:
    silent = replace(STUDIO_INFO.capabilities, lyrics=UNSUPPORTED)
    with pytest.raises(ValueError, match="The engine studio sings lyrics that its capabilities refuse"):
        replace(STUDIO_INFO, supports_lyrics=True, capabilities=silent)


def test_ranges_need_a_tempo_a_key_and_a_metre() -> None:
    for field in ("tempo_bpm", "key", "metre"):
        lacking = replace(STUDIO_INFO.capabilities, **{field: UNSUPPORTED})
        assert replace(STUDIO_INFO, capabilities=lacking).controls is None
