"""``studio focus`` with a running server: its output and the downloaded files."""

import asyncio
import os
import re
import signal
from pathlib import Path

import httpx

from core.settings import Settings
from storage.postgres.database import Database
from tests.support.graphql.focus_client import age_session, end_session, finish_segments, load_session
from tests.support.polling import wait_for
from tests.support.processes import process_fork_server
from tests.support.processes.process_fork_server import Child
from tests.support.users import Cast


def listen(url: str, key: str, log: Path, *options: str) -> Child:
    words = ["focus", "--url", url, "--api-key", key, *options]
    return process_fork_server.shared().fork(words, {**os.environ, "NO_COLOR": "1"}, log)


async def said(log: Path, what: str) -> re.Match[str]:
    """Wait until the output matches a pattern."""

    async def look() -> re.Match[str] | None:
        return re.search(what, await asyncio.to_thread(log.read_text, encoding="utf-8"))

    return await wait_for(look)


async def test_segments_are_shown_and_saved_as_they_arrive(
    client: httpx.AsyncClient, server_url: str, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    log, folder = tmp_path / "log", tmp_path / "music"
    options = ["--minutes", "6", "--prompt", "rain on a roof", "--prefetch", "--play-dir", str(folder)]
    child = listen(server_url, cast.ada.key, log, *options)
    session_id = (await said(log, r"mfocus_[0-9a-f]+"))[0]
    assert "stream.m3u8?expires=" in (await said(log, r"http\S+"))[0]
    for number in range(1, 4):
        await finish_segments(database, settings, session_id)
        await said(log, rf"{number}/3  from 0:0\d:\d\d .* bpm .*/{number}\.mp3")
    assert await asyncio.to_thread(child.wait, 100) == 0, log.read_text()
    assert "All segments are ready." in log.read_text()
    assert [(folder / f"{number}.mp3").read_text() for number in (1, 2, 3)] == ["segment 0", "segment 1", "segment 2"]
    session = await load_session(client, cast.ada, session_id)
    assert (session["controls"]["goal"], session["controls"]["prompt"]) == ("CUSTOM_PROMPT", "rain on a roof")


async def test_ctrl_c_ends_the_session(
    client: httpx.AsyncClient, server_url: str, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    child = listen(server_url, cast.ada.key, tmp_path / "log")
    session_id = (await said(tmp_path / "log", r"mfocus_[0-9a-f]+"))[0]
    await finish_segments(database, settings, session_id)
    await said(tmp_path / "log", "1/30")
    child.send_signal(signal.SIGINT)
    await asyncio.to_thread(child.wait, 100)
    session = await load_session(client, cast.ada, session_id)
    assert (session["status"], session["endReason"], session["readyCount"]) == ("ENDED", "LISTENER", 1)


async def test_a_gap_of_an_engine_slower_than_playback_is_printed(
    client: httpx.AsyncClient, server_url: str, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    child = listen(server_url, cast.ada.key, log, "--engine", "studio")
    session_id = (await said(log, r"mfocus_[0-9a-f]+"))[0]
    await finish_segments(database, settings, session_id)
    await said(log, "1/30")
    await age_session(database, session_id, 60)
    assert (await load_session(client, cast.ada, session_id))["isStalled"]
    await said(log, "All ready music has been played")
    await end_session(client, cast.ada, session_id)
    assert await asyncio.to_thread(child.wait, 100) == 0, log.read_text()


async def test_an_engine_without_focus_sessions_is_refused(server_url: str, cast: Cast, tmp_path: Path) -> None:
    child = listen(server_url, cast.ada.key, tmp_path / "log", "--engine", "far")
    assert await asyncio.to_thread(child.wait, 100) == 2
    text = " ".join((tmp_path / "log").read_text().split())
    assert "--engine: Must be an enabled engine that supports focus: studio." in text


async def test_an_invalid_request_is_reported(server_url: str, cast: Cast, tmp_path: Path) -> None:
    child = listen(server_url, cast.ada.key, tmp_path / "log", "--goal", "custom_prompt")
    assert await asyncio.to_thread(child.wait, 100) == 2
    assert "--prompt: This field is required with the goal custom_prompt." in (tmp_path / "log").read_text()
