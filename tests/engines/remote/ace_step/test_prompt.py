"""How requests are put into the terms of ACE-Step."""

from dataclasses import replace

import pytest

from engines.capabilities import Support
from engines.port import Continuation, Controls, RenderRequest
from engines.remote import kinds
from engines.remote.ace_step.lyrics import detect_language
from engines.remote.ace_step.prompt import read_request
from engines.remote.port import RemoteError, RemoteFault
from tests.support.remote.ace_step.adapters import CPP, SERVER, SONG, settings


def test_what_has_no_field_is_written_into_the_caption() -> None:
    controls = Controls(
        include=("piano", "cello", "flute"),
        exclude=("drums",),
        structure=("intro", "verse"),
        intensity=0.9,
        density=0.1,
        brightness=0.5,
    )
    request = replace(SONG, prompt=" slow waltz ", style_tags=("jazz",), controls=controls)
    assert read_request(request).caption == (
        "slow waltz, jazz, with piano, cello and flute, without drums, structure: intro - verse, high energy, "
        "sparse arrangement"
    )
    assert read_request(replace(SONG, controls=Controls(only=("harp",)))).caption.endswith("only harp")


@pytest.mark.parametrize(
    "request_",
    [replace(SONG, instrumental=True), replace(SONG, lyrics=None), replace(SONG, lyrics=" \n")],
)
def test_music_without_lyrics_is_instrumental(request_: RenderRequest) -> None:
    prompt = read_request(request_)
    assert (prompt.lyrics, prompt.language) == ("[Instrumental]", "unknown")


@pytest.mark.parametrize(("requested", "language"), [(None, "en"), ("de", "de"), ("pt-BR", "pt"), ("yue", "yue")])
def test_the_language_of_the_request_wins_over_that_of_the_words(requested: str | None, language: str) -> None:
    song = replace(SONG, lyrics="the rain and the river", controls=Controls(lyrics_language=requested))
    assert read_request(song).language == language
    assert read_request(replace(song, instrumental=True)).language == "unknown"


def test_tempo_key_and_metre_have_the_names_of_the_model() -> None:
    prompt = read_request(replace(SONG, controls=Controls(tempo_bpm=89.6, key="F# minor", metre="6/8")))
    assert (prompt.tempo_bpm, prompt.key, prompt.metre) == (90, "F# minor", "6")
    prompt = read_request(replace(SONG, controls=Controls()))
    assert (prompt.tempo_bpm, prompt.key, prompt.metre) == (None, None, None)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (replace(SONG, duration_seconds=9.5), r"makes 10 to 600 seconds of music, and 9\.5 were requested"),
        (replace(SONG, controls=Controls(tempo_bpm=301.0)), r"plays 30 to 300 BPM, and 301 were requested"),
        (replace(SONG, controls=Controls(metre="5/4")), "no metre 5/4: choose one of 2/4, 3/4, 4/4, 6/8"),
        (replace(SONG, controls=Controls(key="D dorian")), "no key D dorian"),
        (replace(SONG, controls=Controls(lyrics_language="ga")), "does not sing in the language ga"),
        (replace(SONG, loop=True), "no loops"),
        (replace(SONG, continue_from=Continuation({})), "no loops, continuations"),
    ],
)
def test_what_the_model_cannot_do_is_refused(request_: RenderRequest, message: str) -> None:
    with pytest.raises(RemoteError, match=message) as raised:
        read_request(request_)
    assert raised.value.fault is RemoteFault.REJECTED


@pytest.mark.parametrize(
    ("lyrics", "language"),
    [
        ("[Verse]\nYou and I, the sea is in my eyes", "en"),
        ("[Chorus]\nIch und du, wir sind nicht allein", "de"),
        ("Je ne regrette pas les jours que tu es dans mon coeur", "fr"),
        ("Los ojos de mi amor que no se olvidan", "es"),
        ("Non è che un giorno come gli altri per me", "it"),
        ("夜空に星が光る", "ja"),
        ("月亮代表我的心", "zh"),
        ("너를 사랑해", "ko"),
        ("Я помню чудное мгновенье", "ru"),
        ("Я їду додому", "uk"),
        ("Σ' αγαπώ", "el"),
        ("[Verse]\nla la la", "unknown"),
        ("[Instrumental]", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_language_is_that_of_the_lyrics(lyrics: str, language: str) -> None:
    assert detect_language(lyrics) == language


def test_the_planning_language_model_takes_negative_prompts() -> None:
    request = replace(SONG, controls=Controls(negative_prompt="no drums"))
    plain = kinds.create("ace", settings(SERVER, "http://peer"))
    assert "lm_negative_prompt" not in plain.prepare(request)
    assert plain.info.capabilities.negative_prompt.support is Support.UNSUPPORTED
    planning = kinds.create("ace", settings(SERVER, "http://peer", options={"thinking": True}))
    assert planning.prepare(request)["lm_negative_prompt"] == "no drums"
    assert planning.info.capabilities.negative_prompt.support is Support.APPROXIMATED


@pytest.mark.parametrize("kind", [SERVER, CPP])
def test_nothing_rewrites_the_prompt(kind: str) -> None:
    engine = kinds.create("ace", settings(kind, "http://peer"))
    assert engine.prepare(SONG)["use_cot_caption"] is False
    assert not engine.is_idempotent


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (SERVER, {"steps": 8}, "The remote engine ace has wrong options. steps: Extra inputs are not permitted."),
        (SERVER, {"adapter": "singer"}, "adapter: Extra inputs are not permitted"),
        (CPP, {"adapter_scale": 3}, "adapter_scale: Input should be less than or equal to 2"),
        (CPP, {"inference_steps": 0}, "inference_steps: Input should be greater than or equal to 1"),
    ],
)
def test_wrong_options_are_named(kind: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kinds.create("ace", settings(kind, "http://peer", options=options))
