"""A song of ACE-Step from the request to the track, at the genuine API server."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from engines.registry import create_registry
from storage.postgres.database import Database
from storage.queries import tracks
from storage.tables import FileRole, Track
from tests.support.jobs.worker_jobs import submit_directly
from tests.support.remote.ace_step import api_server
from tests.support.remote.ace_step.adapters import SERVER, SONG
from tests.support.remote.ace_step.api_server import MODEL
from tests.support.remote.installation import RemoteInstallation
from tests.support.remote.peer_engine import KEY, engine_settings
from tests.support.users import Cast
from workers.services import connect


async def test_a_song_becomes_a_track(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    packages, root = tmp_path / "packages", tmp_path / "server"
    root.mkdir()
    api_server.install(packages)
    with api_server.running(packages, root) as server:
        engines = engine_settings(server.url, kind=SERVER, models=(MODEL,), response_seconds=30)
        settings = isolated_settings.model_copy(update={"engines": engines})
        async with connect(settings, create_registry(engines)) as services:
            studio = RemoteInstallation(services, database, cast)
            job = await submit_directly(
                services,
                cast,
                engine=KEY,
                prompt=SONG.prompt,
                lyrics=SONG.lyrics,
                duration_seconds=12,
                tempo_bpm=96,
                key="A minor",
                seed=7,
            )
            row = await studio.finish(job, most_steps=1000)
    assert (row.status, row.error_message) == (Status.SUCCEEDED, None)
    async with database.transaction() as session:
        track = (await session.scalars(select(Track).where(col(Track.generation_id) == job.id))).one()
        files = {file.role: file.media_type for file in await tracks.list_files(session, [track.id])}
    assert files[FileRole.ORIGINAL] == "audio/flac"
    assert track.measured_duration_seconds == pytest.approx(12, abs=0.05)
    assert track.papers is not None
    assert (track.papers["model"], track.papers["adapters"]) == (MODEL, [])
    assert isinstance(track.papers["seed"], int)
    sent = json.loads(track.papers["request_sent"])
    assert (sent["lyrics"], sent["vocal_language"], sent["bpm"]) == (SONG.lyrics, "en", 96)
    assert server.calls()[0]["lyrics"] == SONG.lyrics
    assert str(root) not in json.dumps([track.papers, track.report])
