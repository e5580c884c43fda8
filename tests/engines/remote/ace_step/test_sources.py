"""Tasks with source audio: what both servers get, the genuine one included."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
import soundfile

from engines.capabilities import Support
from engines.port import RenderRequest
from engines.remote import kinds
from engines.remote.ace_step.tasks import capability
from engines.remote.port import RemoteError, RemoteFault
from engines.source_port import SourceAudio, SourcePart, SourceTask
from tests.support.remote.ace_step.adapters import CPP, SERVER, SONG, connecting, settings, submit, wait_for_success
from tests.support.remote.ace_step.api_server import MODEL, ApiServer
from tests.support.remote.ace_step.cpp_server import CppServer
from tests.support.remote.tone_files import tone_wav

SECONDS: Final = 10.25
COVER: Final = SourceAudio(SourceTask.COVER, SECONDS, strength=0.5)
REPAINT: Final = SourceAudio(SourceTask.REPAINT, SECONDS, start_seconds=2.0, end_seconds=4.5)
LEGO: Final = SourceAudio(SourceTask.LEGO, SECONDS, parts=(SourcePart.GUITAR,))
COMPLETE: Final = SourceAudio(SourceTask.COMPLETE, SECONDS, parts=(SourcePart.BACKING_VOCALS, SourcePart.DRUMS))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a name that stays here.wav"
    path.write_bytes(tone_wav(SECONDS))
    return path


def song_from(audio: SourceAudio) -> RenderRequest:
    return replace(SONG, duration_seconds=11.0, source=audio)


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        (COVER, {"task_type": "cover", "audio_cover_strength": 0.5, "repainting_start": 0.0, "repainting_end": -1}),
        (REPAINT, {"task_type": "repaint", "repainting_start": 2.0, "repainting_end": 4.5}),
        (LEGO, {"task_type": "lego", "instruction": "Generate the GUITAR track based on the audio context:"}),
        (COMPLETE, {"instruction": "Complete the input track with BACKING_VOCALS | DRUMS:"}),
    ],
    ids=["cover", "repaint", "lego", "complete"],
)
async def test_the_genuine_server_gets_the_file_and_the_task(
    shared_api_server: ApiServer, source: Path, audio: SourceAudio, expected: dict[str, Any]
) -> None:
    async with connecting(SERVER, shared_api_server.url, models=(MODEL,), options={"thinking": True}) as engine:
        render = song_from(audio)
        assert engine.prepare(render)["thinking"] is False
        job = await submit(engine, render, source)
        await wait_for_success(engine, job)
    call = shared_api_server.calls()[-1]
    assert {name: call[name] for name in expected} == expected
    assert call["audio_duration"] == SECONDS
    assert f"frames: {round(SECONDS * 44_100)}" in call["source"] or "duration: 10.250 s" in call["source"]
    assert "a name that stays here" not in call["source"]


async def test_acestep_cpp_gets_the_file_and_the_task(cpp: CppServer, source: Path) -> None:
    async with connecting(CPP, cpp.url) as engine:
        await wait_for_success(engine, await submit(engine, song_from(COMPLETE), source))
        await wait_for_success(engine, await submit(engine, song_from(REPAINT), source))
    complete, repaint = cpp.requests
    assert (complete["task_type"], complete["track"], complete["duration"]) == (
        "complete",
        "BACKING_VOCALS | DRUMS",
        SECONDS,
    )
    assert (repaint["task_type"], repaint["repainting_start"], repaint["repainting_end"]) == ("repaint", 2.0, 4.5)
    assert "track" not in repaint
    assert cpp.sources == [tone_wav(SECONDS)] * 2
    assert soundfile.info(BytesIO(cpp.sources[0])).duration == SECONDS


async def test_a_request_without_source_stays_as_it_was(cpp: CppServer) -> None:
    async with connecting(CPP, cpp.url) as engine:
        await submit(engine)
    assert cpp.sources == []
    assert {"audio_cover_strength", "repainting_start", "track"} & cpp.requests[0].keys() == set()


async def test_a_submission_that_cannot_be_made_was_not_accepted(cpp: CppServer, source: Path) -> None:
    cpp.server_close()
    async with connecting(CPP, cpp.url) as engine:
        payload = engine.prepare(song_from(COVER))
        with pytest.raises(RemoteError) as raised:
            await submit(engine, song_from(COVER), source, **payload)
    assert raised.value.fault is RemoteFault.UNAVAILABLE


def test_turbo_models_know_two_tasks_and_base_models_all() -> None:
    two = ("cover", "repaint")
    assert capability(()).values == capability(("acestep-v15-turbo",)).values == two
    # the first model that is loaded is used, which may be either
    assert capability(("acestep-v15-base", "acestep-v15-turbo")).values == two
    assert capability(("acestep-v15-base-Q8_0.gguf",)).values == ("cover", "repaint", "lego", "extract", "complete")
    info = kinds.describe("ace", settings(CPP, "http://127.0.0.1:9"))
    assert info.capabilities.source.support is Support.APPROXIMATED
