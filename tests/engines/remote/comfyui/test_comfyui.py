"""ComfyUI: jobs with progress, queue positions, interruptions and errors of nodes, against a server with its routes."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.settings import PROJECT
from engines.port import Controls
from engines.remote.comfyui import workflow
from engines.remote.port import RemoteEngine, RemoteError, RemoteFault, RemoteState, RemoteStatus
from tests.support import guide_snippets
from tests.support.remote.comfyui_server import MODELS, ComfyUiServer, run_comfyui
from tests.support.remote.engines import RENDER, SECRET, fault_of, open_engine, remote_request
from tests.support.remote.http_peer import Reply, run_http_peer
from tests.support.remote.tone_files import tone_wav

GRAPH: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["8", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": MODELS[0]}},
    "5": {"class_type": "EmptyAceStepLatentAudio", "inputs": {"seconds": 120.0}},
    "6": {"class_type": "TextEncodeAceStepAudio", "inputs": {"tags": "x", "lyrics": "y", "bpm": 120, "voice": "en"}},
    "8": {"class_type": "LoraLoaderModelOnly", "inputs": {"lora_name": "warm.safetensors", "model": ["4", 0]}},
    "9": {"class_type": "SaveAudio", "inputs": {"filename_prefix": "audio/tone"}},
}
SLOTS = {"prompt": "6.tags", "lyrics": "6.lyrics", "bpm": "6.bpm", "seconds": "5.seconds", "seed": ["3.seed"]}


@asynccontextmanager
async def open_comfyui(url: str, folder: Path, graph: object = None, **options: Any) -> AsyncIterator[RemoteEngine]:  # noqa: ANN401  JSON
    path = folder / "workflow.json"
    path.write_text(json.dumps(GRAPH if graph is None else graph))
    chosen = {"workflow": str(path), "slots": SLOTS, "progress_seconds": 0.05, **options}
    async with open_engine("comfyui", url, chosen) as engine:
        yield engine


@asynccontextmanager
async def running(
    folder: Path,
    *,
    is_old: bool = False,
    **options: Any,  # noqa: ANN401  JSON
) -> AsyncIterator[tuple[ComfyUiServer, RemoteEngine]]:
    async with run_comfyui(is_old=is_old) as comfy, open_comfyui(comfy.url, folder, **options) as engine:
        yield comfy, engine


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_workflow_is_queued_run_and_fetched(tmp_path: Path, *, is_old: bool) -> None:
    async with running(tmp_path, is_old=is_old) as (comfy, engine):
        first = await engine.submit(remote_request(engine, key="gen_1"))
        second = await engine.submit(remote_request(engine, key="gen_2"))
        assert (await engine.poll(second)) == RemoteStatus(RemoteState.QUEUED, None, 2)
        assert comfy.start_next() == first
        assert (await engine.poll(first)).state is RemoteState.RUNNING
        assert (await engine.poll(second)).queue_position == 1
        comfy.finish()
        status = await engine.poll(first)
        assert status.state is RemoteState.SUCCEEDED

        result = await engine.fetch(first, status.result, tmp_path)

        assert (result.path.read_bytes(), result.media_type) == (tone_wav(), "audio/wav")
        assert (result.model, result.adapters) == (MODELS[0], ("warm.safetensors",))


async def test_slots_fill_inputs_and_keep_their_types(tmp_path: Path) -> None:
    async with open_comfyui("http://127.0.0.1:9", tmp_path) as engine:
        song = replace(RENDER, instrumental=False, lyrics="[Verse]\nHi", controls=Controls(tempo_bpm=92.4))
        graph = engine.prepare(song)["prompt"]
        assert isinstance(graph, dict)
        expected = {"tags": "warm lofi beat, jazz", "lyrics": "[Verse]\nHi", "bpm": 92, "voice": "en"}
        assert graph["6"]["inputs"] == expected
        assert (graph["5"]["inputs"]["seconds"], graph["3"]["inputs"]["seed"]) == (30.0, RENDER.seed)
        graph = engine.prepare(RENDER)["prompt"]
        assert isinstance(graph, dict)
        assert graph["6"]["inputs"] == {**expected, "lyrics": "[Instrumental]", "bpm": 120}


async def test_fields_without_a_slot_are_refused(tmp_path: Path) -> None:
    async with open_comfyui("http://127.0.0.1:9", tmp_path, slots={"prompt": "6.tags"}) as engine:
        capabilities = engine.info.capabilities
        assert (engine.info.supports_lyrics, engine.info.version) == (False, MODELS[0])
        accepted = {field.value for field, each in capabilities if each.is_accepted}
        assert accepted == {"prompt", "duration_seconds", "style_tags", "instrumental", "title"}
        assert capabilities.duration_seconds.note == "The workflow sets the length."
    async with open_comfyui("http://127.0.0.1:9", tmp_path, slots={**SLOTS, "metre": "6.lyrics"}) as engine:
        accepted = {field.value for field, each in engine.info.capabilities if each.is_accepted}
        assert accepted >= {"lyrics", "tempo_bpm", "seed", "metre"}
        assert "lyrics_language" not in accepted
    async with open_comfyui("http://127.0.0.1:9", tmp_path, slots={**SLOTS, "language": "6.voice"}) as engine:
        assert engine.info.capabilities.lyrics_language.is_accepted
        graph = engine.prepare(replace(RENDER, controls=Controls(lyrics_language="pt-BR")))["prompt"]
        assert isinstance(graph, dict)
        assert graph["6"]["inputs"]["voice"] == "pt"


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("state", ["pending", "running", "finished"])
async def test_a_workflow_is_never_queued_twice(state: str, tmp_path: Path, *, is_old: bool) -> None:
    async with running(tmp_path, is_old=is_old) as (comfy, engine):
        request = remote_request(engine)
        foreign_id = await engine.submit(request)
        if state != "pending":
            comfy.start_next()
        if state == "finished":
            comfy.finish()
        assert await engine.submit(request) == foreign_id
        assert len(comfy.pending) + len(comfy.running) + len(comfy.history) == 1
        assert engine.is_idempotent


async def test_progress_comes_from_the_socket(tmp_path: Path) -> None:
    async with running(tmp_path, progress_seconds=30) as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        comfy.start_next()
        polling = asyncio.create_task(engine.poll(foreign_id))
        nodes = {"4": {"state": "finished", "value": 1, "max": 1}, "3": {"state": "running", "value": 30, "max": 60}}
        await comfy.send(b"\0\0\0\1preview")
        await comfy.send({"type": "progress_state", "data": {"prompt_id": "another", "nodes": nodes}})
        await comfy.send({"type": "progress_state", "data": {"prompt_id": foreign_id, "nodes": nodes}})
        assert await polling == RemoteStatus(RemoteState.RUNNING, 1.5 / len(GRAPH))
        assert comfy.headers[0]["authorization"] == f"Bearer {SECRET}"


async def test_a_pending_workflow_is_removed_from_the_queue(tmp_path: Path) -> None:
    async with running(tmp_path) as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        assert await engine.cancel(foreign_id)
        assert comfy.pending == []
        with pytest.raises(RemoteError) as raised:
            await engine.poll(foreign_id)
        assert fault_of(raised.value) == (RemoteFault.LOST, "ComfyUI no longer knows the job.")
        assert not await engine.cancel(foreign_id)
        assert comfy.interrupts == []


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_running_workflow_is_interrupted_and_no_other(tmp_path: Path, *, is_old: bool) -> None:
    async with running(tmp_path, is_old=is_old) as (comfy, engine):
        first = await engine.submit(remote_request(engine, key="gen_1"))
        second = await engine.submit(remote_request(engine, key="gen_2"))
        comfy.start_next()
        assert await engine.cancel(first)
        assert comfy.interrupts == [{"prompt_id": first}]
        with pytest.raises(RemoteError) as raised:
            await engine.poll(first)
        assert fault_of(raised.value) == (RemoteFault.FAILED, "The workflow was interrupted at ComfyUI.")
        comfy.start_next()
        assert not await engine.cancel(first)
        assert (await engine.poll(second)).state is RemoteState.RUNNING


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            [
                ["execution_start", {}],
                [
                    "execution_error",
                    {"node_id": "3", "node_type": "KSampler", "exception_message": "CUDA out of\nmemory\n"},
                ],
            ],
            "ComfyUI failed at node 3 (KSampler): CUDA out of memory.",
        ),
        ([["execution_error", {"exception_type": "ValueError"}]], "ComfyUI failed at node None (None): ValueError."),
        (["odd", ["execution_error"], ["x", 1]], "ComfyUI failed without a reason."),
    ],
)
async def test_errors_of_nodes_are_sentences(events: list[Any], message: str, tmp_path: Path) -> None:
    async with running(tmp_path) as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        comfy.start_next()
        comfy.fail(*events)
        with pytest.raises(RemoteError) as raised:
            await engine.poll(foreign_id)
        assert fault_of(raised.value) == (RemoteFault.FAILED, message)


async def test_a_refused_workflow_names_the_nodes(tmp_path: Path) -> None:
    graph = {**GRAPH, "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "none.safetensors"}}}
    async with running(tmp_path, graph=graph) as (_comfy, engine):
        with pytest.raises(RemoteError) as raised:
            await engine.submit(remote_request(engine))
        reason = "node 4 (CheckpointLoaderSimple): Value not in list: ckpt_name: 'none.safetensors'"
        assert fault_of(raised.value) == (RemoteFault.REJECTED, f"ComfyUI refused the workflow: {reason}.")


@pytest.mark.parametrize(
    "outputs", [{}, {"9": {"images": [{"filename": "a.png"}]}}, {"9": 1}, {"9": {"audio": [1, {"filename": 2}]}}]
)
async def test_a_workflow_without_audio_fails(outputs: dict[str, Any], tmp_path: Path) -> None:
    async with running(tmp_path) as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        comfy.start_next()
        comfy.finish(outputs)
        with pytest.raises(RemoteError) as raised:
            await engine.poll(foreign_id)
        message = "The workflow ended at ComfyUI without an audio file."
        assert fault_of(raised.value) == (RemoteFault.FAILED, message)


async def test_the_output_node_and_kept_files_come_first(tmp_path: Path) -> None:
    files = [{"filename": name, "subfolder": "", "type": kind} for name, kind in (("t", "temp"), ("o", "output"))]
    outputs = {"8": {"audio": [{"filename": "other", "subfolder": "", "type": "output"}]}, "9": {"audio": files}}
    async with running(tmp_path, output_node="9") as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        comfy.start_next()
        comfy.finish(outputs)
        assert (await engine.poll(foreign_id)).result == {"filename": "o", "subfolder": "", "type": "output"}


async def test_a_check_finds_missing_nodes_and_models(tmp_path: Path) -> None:
    async with running(tmp_path) as (comfy, engine):
        await engine.submit(remote_request(engine))
        health = await engine.check()
        assert (health.is_healthy, health.jobs_ahead, health.models) == (True, 1, (MODELS[0],))
        assert len(comfy.pending) == 1
    graph = {
        **GRAPH,
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "none"}},
        "8": {"class_type": "LoraLoaderModelOnly", "inputs": {"lora_name": "cold"}},
        "9": {"class_type": "SaveOpera", "inputs": {}},
    }
    async with running(tmp_path, graph=graph) as (_comfy, engine):
        health = await engine.check()
        assert not health.is_healthy
        assert health.message == (
            "ComfyUI cannot run the workflow: CheckpointLoaderSimple has no ckpt_name 'none'; "
            "LoraLoaderModelOnly has no lora_name 'cold'; the node SaveOpera is not installed."
        )


@pytest.mark.parametrize(
    ("reply", "fault", "message"),
    [
        (Reply([]), RemoteFault.UNAVAILABLE, "ComfyUI answered with an unknown form of its queue."),
        (Reply(b"{"), RemoteFault.UNAVAILABLE, "ComfyUI answered with an unknown form of its queue."),
        (Reply(b"", 502, {"Retry-After": "4"}), RemoteFault.UNAVAILABLE, "ComfyUI is not available: it answered 502."),
        (Reply({"queue_running": 1}), RemoteFault.LOST, "ComfyUI no longer knows the job."),
        (Reply({"queue_running": []}, cut_at=4), RemoteFault.UNAVAILABLE, "The connection to ComfyUI broke off."),
        (Reply(is_silent=True), RemoteFault.UNAVAILABLE, "ComfyUI did not answer within 0.2 s."),
    ],
)
async def test_faults_of_the_queue(reply: Reply, fault: RemoteFault, message: str, tmp_path: Path) -> None:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(GRAPH))
    options = {"workflow": str(path), "slots": SLOTS}
    seconds = 0.2 if reply.is_silent else 60
    async with run_http_peer() as peer, open_engine("comfyui", peer.url, options, response_seconds=seconds) as engine:
        peer.on("GET", "/history/*", Reply({}))
        peer.on("GET", "/queue", reply)
        with pytest.raises(RemoteError) as raised:
            await engine.poll("p1")
        assert fault_of(raised.value) == (fault, message)


async def test_secrets_and_addresses_reach_neither_messages_nor_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(tmp_path) as (comfy, engine):
        foreign_id = await engine.submit(remote_request(engine))
        comfy.start_next()
        assert (await engine.poll(foreign_id)).state is RemoteState.RUNNING
        echo = {"node_id": "3", "node_type": "KSampler", "exception_message": f"Bearer {SECRET} to {comfy.url}/x"}
        comfy.fail(["execution_error", echo])
        with pytest.raises(RemoteError) as raised:
            await engine.poll(foreign_id)
        host = comfy.url.removeprefix("http://")
        texts = [raised.value.message, json.dumps(engine.prepare(RENDER)), repr(engine.info)]
        texts += [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
        assert raised.value.message == "ComfyUI failed at node 3 (KSampler): Bearer [removed] to [removed]."
        assert not any(SECRET in text or host in text for text in texts)


@pytest.mark.parametrize(
    ("graph", "slots", "message"),
    [
        ({"nodes": [], "links": []}, SLOTS, r"is in the format of the editor\. Export it with 'Export \(API\)'"),
        ({"1": {"class_type": "A"}}, SLOTS, "is not in API format"),
        ([], SLOTS, "is not in API format"),
        (GRAPH, {"seed": "3.seed"}, "needs the slot prompt"),
        (GRAPH, {"prompt": "6.text"}, r"The workflow slot prompt is '6.text'; it must name an input"),
        (GRAPH, {"prompt": "6.tags", "tempo": "6.bpm"}, "The workflow slot 'tempo' is unknown"),
    ],
)
async def test_mistakes_in_settings_are_named(graph: object, slots: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        async with open_comfyui("http://127.0.0.1:9", tmp_path, graph, slots=slots):
            pass


@pytest.mark.parametrize(
    ("path", "message"), [("w.json", "must be the absolute path"), ("/none.json", "cannot be read")]
)
async def test_the_file_must_be_there(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        async with open_engine("comfyui", "http://127.0.0.1:9", {"workflow": path, "slots": SLOTS}):
            pass


async def test_the_guide_configures_a_workflow_and_lists_the_slots(tmp_path: Path) -> None:
    guide = PROJECT / "docs" / "guides" / "comfyui.md"
    (snippet,) = [each for each in guide_snippets.load_snippets(guide) if each.language == "ini"]
    options = json.loads(snippet.text.partition("=")[2])["comfy"]["options"]
    async with open_comfyui("http://127.0.0.1:9", tmp_path, slots=options["slots"]) as engine:
        assert engine.info.supports_lyrics
    assert all(f"`{slot}`" in guide.read_text() for slot in workflow.SLOTS)
