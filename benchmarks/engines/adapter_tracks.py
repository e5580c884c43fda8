"""A track of each adapter, from the peers of the tests, which have no weights: a tone in place of the model's music.

The request and everything from it to the decoded file is that of a generation: the adapter prepares and submits it,
polls the job and fetches the file, and the decoder of the workers reads it.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.music.audio import StereoAudio
from core.settings.remote_engines import RemoteEngineSettings
from engines.port import RenderRequest
from engines.remote import decoding, kinds
from engines.remote.port import RemoteEngine, RemoteRequest, RemoteResult, RemoteState, RemoteStatus
from tests.support.polling import wait_for
from tests.support.remote.ace_step import api_server, cpp_server, tones
from tests.support.remote.comfyui_server import MODELS, ComfyUiServer, run_comfyui
from tests.support.remote.http_peer import HttpPeer, Reply, run_http_peer

SECONDS: Final = 30.0
REQUEST: Final = RenderRequest("warm lofi beat", SECONDS, 7, instrumental=True)

TONE_GENERATOR: Final = "the sound is a tone generator's in place of the model"
WRITTEN: Final = f"a server of the tests after the published documents; {TONE_GENERATOR}"

Opened = AsyncIterator[tuple[RemoteEngine, Callable[[], None]]]
"""An adapter that is connected to a peer, and what makes the peer finish its next job."""


@dataclass(frozen=True, slots=True)
class AdapterTrack:
    """The decoded file of an adapter. ``origin`` states what made the sound, ``facts`` are the format and the model."""

    name: str
    origin: str
    sound: StereoAudio
    facts: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter at its peer. ``opens`` connects it, given a folder of its own."""

    name: str
    origin: str
    opens: Callable[[Path], Any]


async def render(adapter: Adapter) -> AdapterTrack:
    """Run one job. Raises RemoteError, UndecodableError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with adapter.opens(folder) as (engine, finish):
            result = await _run_job(engine, finish, folder)
        audio, suffix = await decoding.decode(result.path, folder / "decoded.f32", 2 * SECONDS)
        samples = np.concatenate(list(audio.blocks())).astype(np.float64)
        facts = [suffix.removeprefix(".").upper(), result.model or "no model named"]
        return AdapterTrack(adapter.name, adapter.origin, StereoAudio(samples), ", ".join(facts))


async def _run_job(engine: RemoteEngine, finish: Callable[[], None], folder: Path) -> RemoteResult:
    foreign_id = await engine.submit(RemoteRequest("picture", REQUEST, engine.prepare(REQUEST)))
    finish()
    status = await wait_for(partial(_poll, engine, foreign_id))
    return await engine.fetch(foreign_id, status.result, folder)


async def _poll(engine: RemoteEngine, foreign_id: str) -> RemoteStatus | None:
    status = await engine.poll(foreign_id)
    return status if status.state is RemoteState.SUCCEEDED else None


@asynccontextmanager
async def _connected(kind: str, url: str, **fields: Any) -> AsyncIterator[RemoteEngine]:  # noqa: ANN401  fields of the settings
    engine = kinds.create("picture", RemoteEngineSettings.model_validate({"kind": kind, "url": url, **fields}))
    try:
        yield engine
    finally:
        await engine.aclose()


def _answers(folder: Path) -> dict[str, str]:
    """Return the option of services that respond with the music."""
    return {"answers_dir": str(folder)}


def _nothing() -> None:
    """Do nothing: the peer finishes without it."""


def _tone(container: str) -> bytes:
    subtype = "MPEG_LAYER_III" if container == "MP3" else "PCM_16"
    return tones.encode(tones.tone(REQUEST.seed, SECONDS), container, subtype)


@asynccontextmanager
async def _open_ace_step(folder: Path) -> Opened:
    packages, root = folder / "packages", folder / "server"
    root.mkdir()
    await asyncio.to_thread(api_server.install, packages)
    with api_server.running(packages, root) as server:
        async with _connected("acestep", server.url, models=(api_server.MODEL,)) as engine:
            yield engine, _nothing


@asynccontextmanager
async def _open_ace_step_cpp(_folder: Path) -> Opened:
    with cpp_server.running() as server:
        async with _connected("acestep.cpp", server.url) as engine:
            yield engine, _nothing


@asynccontextmanager
async def _open_comfyui(folder: Path) -> Opened:
    graph = {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": MODELS[0]}},
        "5": {"class_type": "EmptyAceStepLatentAudio", "inputs": {"seconds": 120.0}},
        "6": {"class_type": "TextEncodeAceStepAudio", "inputs": {"tags": "", "lyrics": ""}},
        "9": {"class_type": "SaveAudio", "inputs": {"filename_prefix": "audio/tone"}},
    }
    workflow = folder / "workflow.json"
    workflow.write_text(json.dumps(graph))
    slots = {"prompt": "6.tags", "lyrics": "6.lyrics", "seconds": "5.seconds"}

    def finish(comfy: ComfyUiServer) -> None:
        comfy.start_next()
        comfy.finish()

    async with run_comfyui() as comfy:
        comfy.audio = _tone("WAV")
        options = {"workflow": str(workflow), "slots": slots}
        async with _connected("comfyui", comfy.url, options=options) as engine:
            yield engine, lambda: finish(comfy)


@asynccontextmanager
async def _open_elevenlabs(folder: Path) -> Opened:
    head = "--x9\r\nContent-Type: application/json\r\n\r\n{}\r\n--x9\r\nContent-Type: audio/mpeg\r\n\r\n"
    body = head.encode() + _tone("MP3") + b"\r\n--x9--\r\n"
    async with run_http_peer() as peer:
        peer.on("POST", "/v1/music/detailed", Reply(body, headers={"Content-Type": "multipart/mixed; boundary=x9"}))
        async with _connected("elevenlabs", peer.url, key="secret", options=_answers(folder)) as engine:
            yield engine, _nothing


@asynccontextmanager
async def _open_queue(folder: Path) -> Opened:
    async with run_http_peer() as peer:
        _queue_of_fal(peer)
        options = {"service": "fal_ace_step", **_answers(folder)}
        async with _connected("queue", peer.url, key="secret", options=options) as engine:
            yield engine, _nothing


def _queue_of_fal(peer: HttpPeer) -> None:
    audio = {"url": f"{peer.url}/files/tone.wav", "content_type": "audio/wav"}
    job = "/fal-ai/ace-step/requests/r1"
    peer.on("POST", "/fal-ai/ace-step", Reply({"request_id": "r1", "status": "IN_QUEUE"}))
    peer.on("GET", f"{job}/status", Reply({"status": "IN_PROGRESS"}, 202), Reply({"status": "COMPLETED"}))
    peer.on("GET", job, Reply({"audio": audio, "seed": REQUEST.seed}))
    peer.on("GET", "/files/tone.wav", Reply(_tone("WAV"), headers={"Content-Type": "audio/wav"}))


ADAPTERS: Final = {
    "ace-step": Adapter(
        "ACE-Step 1.5",
        f"the genuine API server (ace-step15-fork {api_server.VERSION}); {TONE_GENERATOR}",
        _open_ace_step,
    ),
    "ace-step-cpp": Adapter("acestep.cpp", WRITTEN, _open_ace_step_cpp),
    "comfyui": Adapter("ComfyUI", WRITTEN, _open_comfyui),
    "elevenlabs": Adapter("ElevenLabs Music", WRITTEN, _open_elevenlabs),
    "queue": Adapter("Queue adapter, as fal", WRITTEN, _open_queue),
}
"""The adapters by the names of their pictures."""
