"""A short focus session with a real worker and the real engine."""

import asyncio
import io
import shutil
import subprocess

import httpx
import m3u8
import pytest
import soundfile

from tests.support.graphql.client import data
from tests.support.graphql.focus_client import Json, load_session, promote, start_focus_session
from tests.support.polling import wait_for
from tests.support.users import Cast

SECONDS = 60

pytestmark = [pytest.mark.usefixtures("worker"), pytest.mark.timeout(600)]

TRACK = """
query($id: ID!) { node(id: $id) { ... on Track { title mode stems { name url } score { midiUrl } } } }
"""


async def test_a_session_plays_to_its_end_and_a_promoted_segment_has_score_and_stems(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=1, goal="SLEEP"))["id"]

    async def poll_end() -> Json | None:
        session = await load_session(client, cast.ada, session_id)
        assert session["endReason"] in {None, "COMPLETE"}
        return session if session["status"] == "ENDED" else None

    session = await wait_for(poll_end, seconds=500)
    assert session["endReason"] == "COMPLETE"
    [segment] = session["segments"]
    assert (segment["isLast"], segment["grid"]["overlapMs"]) == (True, 0)
    sound, rate = soundfile.read(io.BytesIO((await client.get(segment["playbackUrl"])).content))
    assert len(sound) / rate == pytest.approx(segment["measuredDurationSeconds"], abs=0.01)
    assert segment["measuredDurationSeconds"] == pytest.approx(segment["grid"]["durationSeconds"], abs=0.05)

    await _assert_playable(client, session["streamUrl"])

    promoted = (await promote(client, cast.ada, session_id, 0, title="Night Desk"))["entry"]["track"]
    track = (await data(client, cast.ada, TRACK, id=promoted["id"]))["node"]
    assert (track["title"], track["mode"]) == ("Night Desk", "FOCUS")
    assert track["stems"]
    for url in (track["score"]["midiUrl"], *(stem["url"] for stem in track["stems"])):
        assert (await client.head(url)).status_code == 200


async def _assert_playable(client: httpx.AsyncClient, url: str) -> None:
    """Assert that the chunks last a minute, also as decoded by ffmpeg if it is installed."""
    playlist = m3u8.loads((await client.get(url)).text)
    assert playlist.is_endlist
    for chunk in playlist.segments:
        answer = await client.get(chunk.uri)
        assert answer.content.startswith(b"ID3")
        sound, rate = soundfile.read(io.BytesIO(answer.content))
        assert len(sound) / rate == pytest.approx(chunk.duration, abs=0.1)
    assert sum(chunk.duration for chunk in playlist.segments) == pytest.approx(SECONDS, rel=0.01)
    if ffmpeg := shutil.which("ffmpeg"):
        played = await asyncio.to_thread(_decode, ffmpeg, url)
        assert len(played) / 8 / 44_100 == pytest.approx(SECONDS, rel=0.01)


def _decode(ffmpeg: str, url: str) -> bytes:
    command = [ffmpeg, "-v", "fatal", "-i", url, "-f", "f32le", "-ac", "2", "-ar", "44100", "-"]
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout  # noqa: S603  as found on PATH
