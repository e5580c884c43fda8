"""The adapter against a server that follows the HTTP interface of acestep.cpp."""

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from engines.remote.port import RemoteError, RemoteFault, RemoteState
from tests.support.polling import wait_for
from tests.support.remote.ace_step import cpp_server, tones
from tests.support.remote.ace_step.adapters import CPP, SONG, connecting, file_names, submit, wait_for_success
from tests.support.remote.ace_step.cpp_server import ADAPTER, MAX_JOBS, MODELS, CppServer


async def test_a_song_arrives_as_it_was_requested(cpp: CppServer, tmp_path: Path) -> None:
    options = {"adapter": ADAPTER, "adapter_scale": 0.5, "inference_steps": 12}
    async with connecting(CPP, cpp.url, models=(MODELS[1],), options=options) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        result = await engine.fetch(job, {}, tmp_path)
    assert result.path.read_bytes() == tones.encode(tones.tone(SONG.seed, SONG.duration_seconds), "WAV")
    assert (result.media_type, result.model, result.version) == ("audio/wav", MODELS[1], "1.2")
    assert (result.adapters, result.seed, result.claims) == ((ADAPTER,), None, {})
    assert file_names(tmp_path) == [result.path.name]
    assert cpp.requests == [
        {
            "task_type": "text2music",
            "synth_model": MODELS[1],
            "adapter": ADAPTER,
            "adapter_scale": 0.5,
            "caption": "folk ballad, acoustic",
            "lyrics": SONG.lyrics,
            "vocal_language": "en",
            "bpm": 96,
            "keyscale": "A minor",
            "timesignature": "3",
            "duration": 10.0,
            "seed": 7,
            "synth_batch_size": 1,
            "use_cot_caption": False,
            "output_format": "wav16",
            "inference_steps": 12,
        }
    ]


async def test_the_default_model_is_named_so_that_it_is_known(cpp: CppServer, tmp_path: Path) -> None:
    async with connecting(CPP, cpp.url) as engine:
        job = await submit(engine, replace(SONG, instrumental=True, lyrics=None))
        await wait_for_success(engine, job)
        assert (await engine.fetch(job, {}, tmp_path)).model == MODELS[0]
    [request] = cpp.requests
    assert (request["synth_model"], request["lyrics"], request["vocal_language"]) == (
        MODELS[0],
        "[Instrumental]",
        "unknown",
    )


async def test_a_job_that_waits_is_cancelled(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        cpp.gate.clear()
        job = await submit(engine)
        assert (await engine.poll(job)).state is RemoteState.RUNNING
        assert await engine.cancel(job)
        cpp.gate.set()
        error = await wait_for_error(cpp, job)
    assert (error.fault, error.message) == (RemoteFault.FAILED, "The job was cancelled at ACE-Step.")


async def test_a_finished_job_is_not_cancelled_and_an_unknown_one_does_not_run(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        assert not await engine.cancel(job)
        assert await engine.cancel("0011223344556677")


async def test_a_failed_job_has_no_reason(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        job = await submit(engine, replace(SONG, prompt=cpp_server.FAILING_CAPTION, style_tags=()))
    error = await wait_for_error(cpp, job)
    assert (error.fault, error.message) == (RemoteFault.FAILED, "ACE-Step failed to make the music.")


async def test_a_job_that_made_room_for_others_is_lost(cpp: CppServer, tmp_path: Path) -> None:
    async with connecting(CPP, cpp.url) as engine:
        job = await submit(engine)
        await wait_for_success(engine, job)
        for _ in range(MAX_JOBS):
            await submit(engine)
        for attempt in (engine.poll(job), engine.fetch(job, {}, tmp_path)):
            with pytest.raises(RemoteError, match=r"no longer|404") as raised:
                await attempt
            assert raised.value.fault is RemoteFault.LOST


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"models": ("acestep-v15-sft",)}, "lacks acestep-v15-sft"),
        ({"options": {"adapter": "choir"}}, "has no adapter choir"),
    ],
)
async def test_missing_models_and_adapters_are_refused(cpp: CppServer, fields: dict[str, object], message: str) -> None:
    async with connecting(CPP, cpp.url, **fields) as engine:
        for attempt in (submit(engine), engine.check()):
            with pytest.raises(RemoteError, match=message) as raised:
                await attempt
            assert raised.value.fault is RemoteFault.UNAVAILABLE
    assert cpp.requests == []


async def test_a_request_that_the_server_rejects_is_not_repeated(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        with pytest.raises(RemoteError, match="Caption is required") as raised:
            await submit(engine, caption="")
    assert raised.value.fault is RemoteFault.REJECTED


async def test_the_state_of_the_server_is_known(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        health = await engine.check()
    assert (health.is_healthy, health.models, health.jobs_ahead) == (True, MODELS, None)


async def test_a_long_file_is_extracted_whole(cpp: CppServer, tmp_path: Path) -> None:
    async with connecting(CPP, cpp.url) as engine:
        job = await submit(engine, replace(SONG, duration_seconds=60.0))
        await wait_for_success(engine, job)
        assert soundfile.info((await engine.fetch(job, {}, tmp_path)).path).frames == 60 * tones.SAMPLE_RATE


async def wait_for_error(server: CppServer, job: str) -> RemoteError:
    async with connecting(CPP, server.url) as engine:

        async def poll() -> RemoteError | None:
            try:
                await engine.poll(job)
            except RemoteError as error:
                return error
            return None

        return await wait_for(poll)
