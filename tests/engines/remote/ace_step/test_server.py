"""The adapter against the genuine API server of ACE-Step, whose model is a tone generator."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import soundfile

from core.network import tls
from engines.port import Controls
from engines.remote.port import RemoteError, RemoteFault, RemoteState
from tests.support.polling import wait_for
from tests.support.remote.ace_step import api_server, model_stubs
from tests.support.remote.ace_step.adapters import SERVER, SONG, connecting, file_names, submit, wait_for_success
from tests.support.remote.ace_step.api_server import MODEL, ApiServer

KEY = "a key of tests"


async def test_a_song_arrives_as_it_was_requested(shared_api_server: ApiServer, tmp_path: Path) -> None:
    async with connecting(SERVER, shared_api_server.url, models=(MODEL,)) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        result = await engine.fetch(job, {}, tmp_path)
    file = soundfile.info(result.path)
    assert (file.format, file.samplerate, file.channels, file.frames) == ("FLAC", 48_000, 2, 480_000)
    assert (result.media_type, result.model, result.adapters, result.notes) == ("audio/flac", MODEL, (), ())
    assert result.claims == {"tempo_bpm": 96.0, "key": "A minor", "metre": "3/4"}
    assert shared_api_server.calls()[-1] == {
        "captions": "folk ballad, acoustic",
        "lyrics": SONG.lyrics,
        "vocal_language": "en",
        "bpm": 96,
        "key_scale": "A minor",
        "time_signature": "3",
        "audio_duration": 10.0,
        "inference_steps": 8,
        "batch_size": 1,
        "task_type": "text2music",
        "instruction": "Fill the audio semantic mask based on the given conditions:",
    }


async def test_the_seed_is_the_one_that_the_server_used(shared_api_server: ApiServer, tmp_path: Path) -> None:
    """The installed version of the server reads the seed of a request and draws another."""
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        result = await engine.fetch(job, {}, tmp_path)
    async with httpx.AsyncClient(base_url=shared_api_server.url, timeout=100, verify=tls.default_context()) as client:
        answer = (await client.post("/query_result", json={"task_id_list": [job]})).json()
    assert json.loads(answer["data"][0]["result"])[0]["seed_value"] == str(result.seed)


async def test_facts_that_the_server_calls_not_available_are_left_out(
    shared_api_server: ApiServer, tmp_path: Path
) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine, replace(SONG, controls=Controls()))
        await wait_for_success(engine, job)
        assert (await engine.fetch(job, {}, tmp_path)).claims == {}


async def test_a_status_contains_no_address_of_the_server(shared_api_server: ApiServer) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        assert (await engine.poll(job)).result == {}


async def test_a_failed_render_is_reported_without_its_traceback(shared_api_server: ApiServer) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine, replace(SONG, prompt=model_stubs.FAILING_CAPTION, style_tags=()))

        async def poll() -> RemoteError | None:
            try:
                await engine.poll(job)
            except RemoteError as error:
                return error
            return None

        error = await wait_for(poll)
    assert (error.fault, error.message) == (RemoteFault.FAILED, "ACE-Step failed to make the music.")


async def test_an_unknown_job_is_lost(shared_api_server: ApiServer, tmp_path: Path) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        with pytest.raises(RemoteError, match="no longer knows the job") as raised:
            await engine.poll("2e6bfbc1-6b5e-4b5c-8a38-6b1ed7c2ad5e")
        assert raised.value.fault is RemoteFault.LOST
        with pytest.raises(RemoteError, match="no longer has the result") as raised:
            await engine.fetch("2e6bfbc1-6b5e-4b5c-8a38-6b1ed7c2ad5e", {}, tmp_path)
        assert raised.value.fault is RemoteFault.LOST


async def test_a_restart_loses_waiting_jobs_and_keeps_results(ace_step_packages: Path, tmp_path: Path) -> None:
    root, folder = tmp_path / "server", tmp_path / "audio"
    root.mkdir()
    folder.mkdir()
    with api_server.running(ace_step_packages, root) as server:
        async with connecting(SERVER, server.url) as engine:
            finished = await submit(engine)
            await wait_for_success(engine, finished)
            with server.holding():
                waiting = await submit(engine)
                assert (await engine.poll(waiting)).state is RemoteState.RUNNING
                server.kill()
                with pytest.raises(RemoteError, match="cannot be made") as raised:
                    await engine.poll(waiting)
                assert raised.value.fault is RemoteFault.UNAVAILABLE
            server.start()
            with pytest.raises(RemoteError) as raised:
                await engine.poll(waiting)
            assert raised.value.fault is RemoteFault.LOST
            assert soundfile.info((await engine.fetch(finished, {}, folder)).path).frames == 480_000


async def test_a_file_that_was_removed_is_lost(ace_step_packages: Path, tmp_path: Path) -> None:
    root, folder = tmp_path / "server", tmp_path / "audio"
    root.mkdir()
    folder.mkdir()
    with api_server.running(ace_step_packages, root, ACESTEP_TMPDIR=str(root / "tmp")) as server:
        async with connecting(SERVER, server.url) as engine:
            job = await submit(engine)
            await wait_for_success(engine, job)
            [file] = root.joinpath("tmp").rglob("*.flac")
            file.unlink()
            with pytest.raises(RemoteError, match="answered 404 to the download") as raised:
                await engine.fetch(job, {}, folder)
    assert raised.value.fault is RemoteFault.LOST


async def test_a_full_queue_accepts_nothing(ace_step_packages: Path, tmp_path: Path) -> None:
    with (
        api_server.running(ace_step_packages, tmp_path, ACESTEP_QUEUE_MAXSIZE="1") as server,
        server.holding(),
    ):
        async with connecting(SERVER, server.url) as engine:
            await submit(engine)

            async def is_running() -> bool | None:
                health = await engine.check()
                return health.jobs_ahead == 1 or None

            await wait_for(lambda: _render_count(server))
            await wait_for(is_running)
            await submit(engine)
            with pytest.raises(RemoteError, match="Server busy: queue is full") as raised:
                await submit(engine)
            assert raised.value.fault is RemoteFault.UNAVAILABLE
            assert (await engine.check()).jobs_ahead == 2


async def _render_count(server: ApiServer) -> int | None:
    return len(server.calls()) or None


async def test_a_model_that_is_not_loaded_is_refused_before_it_is_replaced(shared_api_server: ApiServer) -> None:
    renders = len(shared_api_server.calls())
    async with connecting(SERVER, shared_api_server.url, models=("acestep-v15-base",)) as engine:
        with pytest.raises(RemoteError, match=rf"lacks acestep-v15-base\. Its models: {MODEL}\.") as raised:
            await submit(engine)
        assert raised.value.fault is RemoteFault.UNAVAILABLE
        with pytest.raises(RemoteError, match="lacks acestep-v15-base"):
            await engine.check()
    assert len(shared_api_server.calls()) == renders


async def test_the_first_loaded_model_of_the_settings_is_used(shared_api_server: ApiServer, tmp_path: Path) -> None:
    async with connecting(SERVER, shared_api_server.url, models=("acestep-v15-base", MODEL)) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        assert (await engine.fetch(job, {}, tmp_path)).model == MODEL


async def test_a_silent_change_of_the_model_is_an_error(shared_api_server: ApiServer, tmp_path: Path) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine, model="acestep-v15-base")
        await wait_for_success(engine, job)
    async with connecting(SERVER, shared_api_server.url, models=("acestep-v15-base",)) as engine:
        with pytest.raises(RemoteError, match=f"used the model {MODEL} instead of acestep-v15-base") as raised:
            await engine.fetch(job, {}, tmp_path)
    assert raised.value.fault is RemoteFault.FAILED
    assert file_names(tmp_path) == []


async def test_the_server_requires_its_key(ace_step_packages: Path, tmp_path: Path) -> None:
    root, folder = tmp_path / "server", tmp_path / "audio"
    root.mkdir()
    folder.mkdir()
    with api_server.running(ace_step_packages, root, ACESTEP_API_KEY=KEY) as server:
        async with connecting(SERVER, server.url, key=KEY) as engine:
            job = await submit(engine)
            await wait_for_success(engine, job)
            assert soundfile.info((await engine.fetch(job, {}, folder)).path).frames == 480_000
        async with connecting(SERVER, server.url, key="another key") as engine:
            for attempt in (submit(engine), engine.poll(job), engine.check()):
                with pytest.raises(RemoteError, match="does not accept the credentials") as raised:
                    await attempt
                assert raised.value.fault is RemoteFault.REJECTED


async def test_the_state_of_the_server_is_known(shared_api_server: ApiServer) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        health = await engine.check()
    assert (health.is_healthy, health.models, health.jobs_ahead) == (True, (MODEL,), 0)
    assert health.seconds_per_job is not None


async def test_the_server_cancels_nothing(shared_api_server: ApiServer) -> None:
    async with connecting(SERVER, shared_api_server.url) as engine:
        job = await submit(engine)
        assert not await engine.cancel(job)
        await wait_for_success(engine, job)
