"""ElevenLabs Music against a peer that follows its published client and documents."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from engines.port import Controls, RenderRequest
from engines.remote.port import RemoteError, RemoteFault, RemoteState
from tests.support.remote.engines import RENDER, SECRET, fault_of, open_engine, remote_request, run_job
from tests.support.remote.http_peer import HttpPeer, Reply, run_http_peer
from tests.support.remote.tone_files import tone_wav

WAV = tone_wav()
COMPOSE = ("POST", "/v1/music/detailed")
NOWHERE = "http://127.0.0.1:9"
SONG = replace(
    RENDER,
    instrumental=False,
    lyrics="[Verse 1]\nHello there\nGeneral\n\n[Chorus: loud]\nStay",
    controls=Controls(tempo_bpm=92.0, negative_prompt="drums, bass", exclude=("choir",)),
)
STYLES = ["warm lofi beat", "jazz", "92 BPM"]
REFUSED_PLAN = "ElevenLabs Music refused the lyrics or styles"
NEGATIVE = ["drums", "bass", "choir"]


def multipart(document: object, audio: bytes = WAV, newline: str = "\r\n", end: str = "--x9--\r\n") -> Reply:
    """An answer as the client of ElevenLabs parses it."""
    parts = ["--x9", "Content-Type: application/json", "", json.dumps(document), "--x9", "Content-Type: audio/mpeg"]
    head = newline.join([*parts, 'Content-Disposition: attachment; filename="a.mp3"', "", ""])
    body = head.encode() + audio + f"{newline}{end}".encode()
    return Reply(body, headers={"Content-Type": "multipart/mixed; boundary=x9", "song-id": "s1"})


async def compose(render: RenderRequest, **fields: str | None) -> dict[str, object]:
    async with open_engine("elevenlabs", NOWHERE, {}, **fields) as engine:
        return dict(engine.prepare(render))


async def test_a_song_with_timed_lyrics(tmp_path: Path) -> None:
    words = [
        {"word": "Hello", "start_ms": 500, "end_ms": 900},
        {"word": "there", "start_ms": 950, "end_ms": 1400},
        {"word": "General", "start_ms": 62_000, "end_ms": 62_500},
    ]
    document = {"composition_plan": {}, "song_metadata": {"is_explicit": True}, "words_timestamps": words}
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {}) as engine:
        peer.on(*COMPOSE, multipart(document))

        result = await run_job(engine, tmp_path, SONG)

        assert (result.path.read_bytes(), result.media_type, result.model) == (WAV, "audio/wav", "music_v2")
        assert result.timed_lyrics == "[00:00.50]Hello there\n[01:02.00]General\n"
        assert result.notes == ("ElevenLabs marks the lyrics as explicit.",)
        assert peer.received[0].query == {"output_format": ["auto"]}
        assert peer.received[0].headers["xi-api-key"] == SECRET
        assert not await engine.cancel("s1")


async def test_section_tags_become_chunks_of_the_plan() -> None:
    body = await compose(SONG)
    assert body["composition_plan"] == {
        "chunks": [
            {
                "text": "[Verse 1]\nHello there\nGeneral",
                "duration_ms": 19_000,
                "positive_styles": STYLES,
                "negative_styles": NEGATIVE,
            },
            {
                "text": "[Chorus]\nStay",
                "duration_ms": 11_000,
                "positive_styles": [*STYLES, "loud"],
                "negative_styles": NEGATIVE,
            },
        ]
    }
    assert (body["seed"], body["with_timestamps"], body["sign_with_c2pa"]) == (RENDER.seed & 0x7FFFFFFF, True, True)
    assert not body.keys() & {"prompt", "music_length_ms", "force_instrumental"}


async def test_the_plan_of_the_first_model_has_sections() -> None:
    body = await compose(SONG, models="music_v1")
    plan = body["composition_plan"]
    assert isinstance(plan, dict)
    assert (plan["positive_global_styles"], plan["negative_global_styles"]) == (STYLES, NEGATIVE)
    assert plan["sections"][1] == {
        "section_name": "Chorus",
        "positive_local_styles": ["loud"],
        "negative_local_styles": [],
        "duration_ms": 11_000,
        "lines": ["Stay"],
    }
    assert body["respect_sections_durations"] is True


async def test_instrumental_music_is_a_prompt_that_guarantees_it() -> None:
    assert await compose(RENDER) == {
        "model_id": "music_v2",
        "sign_with_c2pa": True,
        "prompt": "warm lofi beat, jazz. Instrumental, no vocals",
        "music_length_ms": 30_000,
        "force_instrumental": True,
    }


async def test_an_instrumental_structure_is_a_plan_without_vocals() -> None:
    body = await compose(replace(RENDER, controls=Controls(structure=("intro", "verse", "outro"))))
    plan = body["composition_plan"]
    assert isinstance(plan, dict)
    assert [chunk["text"] for chunk in plan["chunks"]] == ["[intro]", "[verse]", "[outro]"]
    assert plan["chunks"][0]["negative_styles"] == ["vocals"]
    assert "with_timestamps" not in body


async def test_more_sections_than_fit_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(RemoteError) as raised:
        await compose(replace(SONG, lyrics="[A]\n[B]\n[C]\n[D]", duration_seconds=11))
    message = "The sections need at least 12 s: each lasts 3 s or longer."
    assert fault_of(raised.value) == (RemoteFault.REJECTED, message)


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        (
            {
                "status": "bad_prompt",
                "message": "It names an artist.",
                "data": {"prompt_suggestion": "warm lofi beat " + "y" * 400},
            },
            f"ElevenLabs Music refused the prompt: It names an artist. Suggested prompt: warm lofi beat {'y' * 400}",
        ),
        (
            {
                "status": "bad_composition_plan",
                "data": {"composition_plan_suggestion": {"chunks": [{"positive_styles": ["lofi", "calm"]}]}},
            },
            f"{REFUSED_PLAN}: it may contain protected material. Suggested styles: lofi, calm",
        ),
        (
            {
                "status": "bad_composition_plan",
                "message": "No.",
                "data": {"composition_plan_suggestion": {"positive_global_styles": ["pop"], "sections": []}},
            },
            f"{REFUSED_PLAN}: No. Suggested styles: pop",
        ),
        (
            {"status": "bad_prompt", "message": "No.", "data": {"prompt_suggestion": 7}},
            "ElevenLabs Music refused the prompt: No.",
        ),
        (
            [{"loc": ["body"], "msg": "field required"}],
            "ElevenLabs Music refused the request: field required.",
        ),
    ],
)
async def test_a_refusal_reaches_the_user_with_what_is_suggested(detail: object, message: str) -> None:
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {}) as engine:
        peer.on(*COMPOSE, Reply({"detail": detail}, 400))
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine, SONG))
        assert fault_of(raised.value) == (RemoteFault.REJECTED, message)


@pytest.mark.parametrize(
    ("reply", "fault", "message", "pause"),
    [
        (
            Reply({"detail": {"status": "quota_exceeded", "message": "0 credits"}}, 401),
            RemoteFault.REJECTED,
            "The account of this installation at ElevenLabs Music has no credit.",
            None,
        ),
        (
            Reply({"detail": {"status": "invalid_api_key", "message": SECRET}}, 401),
            RemoteFault.REJECTED,
            "ElevenLabs Music does not accept the credentials of this installation.",
            None,
        ),
        (
            Reply({"detail": {"status": "too_many_concurrent_requests", "message": "Wait"}}, 429, {"retry-after": "9"}),
            RemoteFault.UNAVAILABLE,
            "ElevenLabs Music is not available: Wait.",
            9.0,
        ),
        (
            Reply(b"<html>", 500),
            RemoteFault.UNCERTAIN,
            "ElevenLabs Music answered 500, which leaves open whether it accepted the request.",
            None,
        ),
        (
            Reply(multipart({}).body, cut_at=100),
            RemoteFault.UNCERTAIN,
            "The connection to ElevenLabs Music broke off after the request was sent.",
            None,
        ),
        (
            Reply(is_silent=True),
            RemoteFault.UNCERTAIN,
            "ElevenLabs Music did not answer within 0.2 s.",
            None,
        ),
    ],
)
async def test_a_fault(reply: Reply, fault: RemoteFault, message: str, pause: float | None) -> None:
    seconds = 0.2 if reply.is_silent else 60
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {"request_seconds": seconds}) as engine:
        peer.on(*COMPOSE, reply)
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        assert (*fault_of(raised.value), raised.value.retry_after_seconds) == (fault, message, pause)


@pytest.mark.parametrize(
    "reply",
    [
        multipart({}, newline="\n", end="--x9--\n"),
        multipart({}, end=""),
        multipart([1]),
        multipart({"songMetadata": 3, "wordsTimestamps": [{"word": 1}, 2, {"word": "a", "start_ms": -1, "end_ms": 0}]}),
        Reply(multipart({}).body),
    ],
    ids=["line feeds", "no end", "JSON of another type", "words of other types", "no content type"],
)
async def test_answers_of_other_forms_still_have_their_audio(reply: Reply, tmp_path: Path) -> None:
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {}) as engine:
        peer.on(*COMPOSE, reply)
        result = await run_job(engine, tmp_path)
        assert (result.path.read_bytes(), result.timed_lyrics, result.notes) == (WAV, None, ())


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply({"ok": True}), "ElevenLabs Music answered without audio."),
        (multipart({}, audio=b""), "ElevenLabs Music answered without audio."),
        (multipart({}, audio=b"<html>"), "ElevenLabs Music sent a file that is no audio."),
    ],
)
async def test_an_answer_without_audio_fails(reply: Reply, message: str, tmp_path: Path) -> None:
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {}) as engine:
        peer.on(*COMPOSE, reply)
        foreign_id = await engine.submit(remote_request(engine))
        assert (await engine.poll(foreign_id)).state is RemoteState.SUCCEEDED
        with pytest.raises(RemoteError) as raised:
            await engine.fetch(foreign_id, {}, tmp_path)
        assert fault_of(raised.value) == (RemoteFault.FAILED, message)


async def test_a_check_requests_a_plan_which_is_free() -> None:
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {}) as engine:
        peer.on("POST", "/v1/music/plan", Reply({"chunks": []}), Reply({"detail": "no"}, 403))
        assert (await engine.check()).models == ("music_v2",)
        health = await engine.check()
        message = "ElevenLabs Music does not accept the credentials of this installation."
        assert (health.is_healthy, health.message) == (False, message)
        assert not peer.calls(*COMPOSE)


async def test_the_secret_reaches_neither_payload_nor_logs_nor_kept_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kept = tmp_path / "kept"
    async with run_http_peer() as peer, open_engine("elevenlabs", peer.url, {"answers_dir": str(kept)}) as engine:
        _refuse_then_compose(peer)
        request = remote_request(engine, SONG)
        with pytest.raises(RemoteError) as raised:
            await engine.submit(request)
        result = await engine.fetch(await engine.submit(request), {}, tmp_path)
        texts = [json.dumps(request.payload), raised.value.message, repr(engine.info), repr(result), caplog.text]
        texts += [path.read_bytes().decode("latin-1") for path in kept.rglob("*") if path.is_file()]
        assert len(texts) == 7
        assert not any(SECRET in text for text in texts)
        assert "Suggested prompt: use [removed]" in raised.value.message


def _refuse_then_compose(peer: HttpPeer) -> None:
    detail = {"status": "bad_prompt", "message": "No.", "data": {"prompt_suggestion": f"use {SECRET}"}}
    peer.on(*COMPOSE, Reply({"detail": detail}, 400), multipart({}))


async def test_an_engine_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the setting key: the API key of ElevenLabs"):
        await compose(RENDER, key=None)
