"""The ready-made services against peers that answer as their public documents state."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from engines.port import Controls
from engines.remote.port import RemoteError, RemoteFault, RemoteState, RemoteStatus
from engines.remote.queue import service
from tests.support.remote.engines import RENDER, SECRET, fault_of, open_engine, remote_request, run_job
from tests.support.remote.http_peer import Reply, run_http_peer
from tests.support.remote.tone_files import tone_wav

WAV = tone_wav()
SONG = replace(
    RENDER,
    instrumental=False,
    lyrics="[Verse]\nHello",
    controls=Controls(tempo_bpm=92.0, key="F# minor", metre="3/4", lyrics_language="de-CH"),
)
TEXT = "warm lofi beat, jazz. 92 BPM. Key: F# minor. Time signature: 3/4"


@pytest.mark.parametrize("path", sorted(service.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_each_service_states_what_it_reads_and_what_is_unverified(path: Path) -> None:
    comment = "".join(line for line in path.read_text().splitlines() if line.startswith("#"))
    assert "Read on 2026-11-30" in comment
    assert "ot verified" in comment
    assert service.load(path.stem).capabilities.loop.is_accepted is False


async def test_fal_queues_a_song(tmp_path: Path) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": "fal_ace_step"}) as engine:
        queue = "/fal-ai/ace-step/requests/r1"
        peer.on("POST", "/fal-ai/ace-step", Reply({"request_id": "r1", "status": "IN_QUEUE"}))
        peer.on(
            "GET",
            f"{queue}/status",
            Reply({"status": "IN_QUEUE", "queue_position": 0}, 202),
            Reply({"status": "IN_PROGRESS"}, 202),
            Reply({"status": "COMPLETED"}),
        )
        audio = {"url": f"{peer.url}/files/tone.wav", "content_type": "audio/wav"}
        peer.on("GET", queue, Reply({"audio": audio, "seed": 7, "tags": "x", "lyrics": "y"}))
        peer.on("GET", "/files/tone.wav", Reply(WAV, headers={"Content-Type": "audio/wav"}))

        foreign_id = await engine.submit(remote_request(engine, SONG))
        assert foreign_id == "r1"
        assert await engine.poll("r1") == RemoteStatus(RemoteState.QUEUED, None, 1)
        assert await engine.poll("r1") == RemoteStatus(RemoteState.RUNNING)
        assert await engine.poll("r1") == RemoteStatus(RemoteState.SUCCEEDED, 1.0)
        result = await engine.fetch("r1", {}, tmp_path)

        assert (result.path.read_bytes(), result.media_type, result.seed) == (WAV, "audio/wav", 7)
        submission = peer.received[0]
        assert submission.headers["authorization"] == f"Key {SECRET}"
        assert submission.json == {
            "tags": TEXT,
            "lyrics": "[Verse]\nHello",
            "duration": 30.0,
            "seed": 4_000_000_000 & 0x7FFFFFFF,
        }


async def test_fal_states_instrumental_music_in_the_lyrics() -> None:
    async with open_engine("queue", "http://127.0.0.1:9", {"service": "fal_ace_step"}) as engine:
        assert engine.prepare(RENDER)["lyrics"] == "[inst]"


@pytest.mark.parametrize(("status", "stops"), [(202, True), (400, False), (404, False)])
async def test_fal_cancels_a_job(status: int, *, stops: bool) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": "fal_ace_step"}) as engine:
        peer.on("PUT", "/fal-ai/ace-step/requests/r1/cancel", Reply({"status": "CANCELLATION_REQUESTED"}, status))
        assert await engine.cancel("r1") is stops


async def test_replicate_predicts(tmp_path: Path) -> None:
    service_name = "replicate_stable_audio"
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": service_name}) as engine:
        models = "/v1/models/stability-ai/stable-audio-2.5/predictions"
        prediction = {"id": "p1", "model": "stability-ai/stable-audio-2.5", "error": None}
        done = {**prediction, "status": "succeeded", "output": f"{peer.url}/output.wav"}
        peer.on("POST", models, Reply({**prediction, "status": "starting"}, 201))
        states = [Reply({**prediction, "status": word, "output": None}) for word in ("starting", "processing")]
        peer.on("GET", "/v1/predictions/p1", *states, Reply(done))
        peer.on("GET", "/output.wav", Reply(WAV))

        result = await run_job(engine, tmp_path)

        assert (result.path.read_bytes(), result.model) == (WAV, "stability-ai/stable-audio-2.5")
        assert peer.received[0].json["input"]["duration"] == 30
        assert peer.received[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("word", ["failed", "canceled", "aborted"])
async def test_replicate_reports_a_failed_prediction(word: str) -> None:
    service_name = "replicate_stable_audio"
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": service_name}) as engine:
        peer.on("GET", "/v1/predictions/p1", Reply({"id": "p1", "status": word, "error": "CUDA out of memory"}))
        with pytest.raises(RemoteError) as raised:
            await engine.poll("p1")
        message = "Stable Audio 2.5 at Replicate failed: CUDA out of memory."
        assert fault_of(raised.value) == (RemoteFault.FAILED, message)


async def test_minimax_answers_with_hexadecimal_audio(tmp_path: Path) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": "minimax_music"}) as engine:
        data = {"audio": WAV.hex(), "status": 2}
        peer.on("POST", "/v1/music_generation", Reply({"data": data, "base_resp": {"status_code": 0}}))

        result = await run_job(engine, tmp_path, SONG)

        assert (result.path.read_bytes(), result.model) == (WAV, "music-2.6")
        assert peer.received[0].json["is_instrumental"] is False
        assert peer.received[0].json["prompt"] == TEXT


@pytest.mark.parametrize(("code", "fault"), [(1026, RemoteFault.REJECTED), (1002, RemoteFault.FAILED)])
async def test_minimax_refuses_with_a_code_and_may_be_called_again(code: int, fault: RemoteFault) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": "minimax_music"}) as engine:
        refusal = {"base_resp": {"status_code": code, "status_msg": "not this"}}
        success = {"data": {"audio": WAV.hex()}, "base_resp": {"status_code": 0}}
        peer.on("POST", "/v1/music_generation", Reply(refusal), Reply(success))
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine, SONG))
        assert fault_of(raised.value) == (fault, "MiniMax Music 2.6 refused the request: not this.")
        assert (await engine.poll(await engine.submit(remote_request(engine, SONG)))).state is RemoteState.SUCCEEDED


async def test_minimax_takes_texts_up_to_its_limits() -> None:
    async with open_engine("queue", "http://127.0.0.1:9", {"service": "minimax_music"}) as engine:
        with pytest.raises(RemoteError) as raised:
            engine.prepare(replace(SONG, lyrics="x" * 3501))
        message = "MiniMax Music 2.6 takes at most 3500 characters of lyrics; the request has 3501."
        assert fault_of(raised.value) == (RemoteFault.REJECTED, message)


async def test_lyria_answers_with_base64_audio_among_its_steps(tmp_path: Path) -> None:
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": "lyria"}) as engine:
        content = [
            {"type": "text", "text": "[Verse]"},
            {"type": "audio", "mime_type": "audio/wav", "data": base64.b64encode(WAV).decode()},
        ]
        steps = [{"type": "thought"}, {"type": "model_output", "content": content}]
        peer.on("POST", "/v1beta/interactions", Reply({"id": "i1", "status": "completed", "steps": steps}))

        result = await run_job(engine, tmp_path, SONG)

        assert result.path.read_bytes() == WAV
        assert peer.received[0].headers["x-goog-api-key"] == SECRET
        assert peer.received[0].json["input"] == f"{TEXT}. Length: 30 seconds.\n[Verse]\nHello"


async def test_localai_answers_with_the_file(tmp_path: Path) -> None:
    fields = {"service": "localai"}
    async with run_http_peer() as peer, open_engine("queue", peer.url, fields, key=None, models="my-model") as engine:
        peer.on("POST", "/v1/sound-generation", Reply(WAV, headers={"Content-Type": "audio/wav"}))
        peer.on("GET", "/readyz", Reply(b"OK"))

        result = await run_job(engine, tmp_path, SONG)

        assert (result.path.read_bytes(), result.model) == (WAV, "my-model")
        body = {"bpm": 92, "keyscale": "F# minor", "timesignature": "3", "model_id": "my-model", "instrumental": False}
        assert peer.received[0].json.items() >= {**body, "language": "de"}.items()
        assert "authorization" not in peer.received[0].headers
        assert (await engine.check()).is_healthy
