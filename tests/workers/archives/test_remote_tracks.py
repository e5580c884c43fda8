"""Tracks of remote engines: their original file over GraphQL, and in an archive that another installation imports."""

import json
import zipfile
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from storage.tables import Track
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.processes import empty_installation
from tests.support.processes.empty_installation import Installation
from tests.support.processes.servers import serving
from tests.support.remote import peer as peers
from tests.support.remote.installation import remote_installation
from tests.support.users import Cast, Person

QUERY: Final = """
query($id: ID!) { node(id: $id) { ... on Track {
  id title engine engineVersion measuredDurationSeconds tempoBpm key loudnessLufs originalUrl
  licence { class version commercialUse requiresAttribution }
  report { notes fieldSupport { field support note } }
} } }
"""
DECLARATION: Final = {
    "declared_on": "2026-11-30",
    "licence_class": "personal_only",
    "plan": "Basic",
    "terms_url": "https://peer.example/terms",
    "requires_attribution": True,
    "attribution": "Made with Peer",
}


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings for a server with a queue without workers."""
    server = settings.server.model_copy(update={"port": ports.find_free()})
    return settings.model_copy(update={"redis_url": quiet_redis_url, "server": server})


async def make_track(settings: Settings, database: Database, cast: Cast) -> tuple[str, bytes]:
    """Make a track of Ada's at a peer; return its id and the file as the peer sent it."""
    with peers.running() as peer:
        async with remote_installation(settings, database, cast, peer, declaration=DECLARATION) as studio:
            job = await studio.submit(title="Far away", lyrics="la la", lyrics_language="de")
            await studio.finish(job)
        async with database.transaction() as session:
            track_id = await session.scalar(select(col(Track.id)).where(col(Track.generation_id) == job.id))
        assert track_id is not None
        return track_id, peer.audio


async def read(url: str, person: Person, track_id: str) -> tuple[dict[str, Any], bytes]:
    """Return a track without the URL of its original file, and that file."""
    async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
        track = (await data(client, person, QUERY, id=track_id))["node"]
        response = await client.get(track.pop("originalUrl"))
    assert response.status_code == 200
    assert "Far%20away%20-%20original.wav" in response.headers["content-disposition"]
    return track, response.content


async def load_metadata(database: Database, track_id: str) -> dict[str, Any]:
    async with database.transaction() as session:
        metadata = (await session.get_one(Track, track_id)).papers
    assert metadata is not None
    return metadata


async def test_the_original_file_is_downloaded_by_its_owner_only(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    track_id, audio = await make_track(isolated_settings, database, cast)
    made_here = await factories.put_track(database, cast.ada)
    with serving(isolated_settings) as url:
        track, original = await read(url, cast.ada, track_id)
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            assert (await data(client, cast.cid, QUERY, id=track_id))["node"] is None
            assert (await data(client, cast.ada, QUERY, id=made_here))["node"]["originalUrl"] is None
    assert original == audio
    assert (track["title"], track["measuredDurationSeconds"]) == ("Far away", peers.SECONDS)


async def test_a_track_of_a_remote_engine_reads_the_same_after_an_import(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path, worker_id: str
) -> None:
    track_id, audio = await make_track(isolated_settings, database, cast)
    source = empty_installation.current_installation(isolated_settings, database, cast.ada)
    with serving(isolated_settings) as url:
        before = await read(url, cast.ada, track_id)
    archive = tmp_path / "library.zip"
    assert (await source.export(archive)).track_count == 1
    with zipfile.ZipFile(archive) as entries:
        [name] = [each for each in entries.namelist() if each.endswith("original.wav")]
        assert entries.read(name) == audio

    second = empty_installation.second_installation(isolated_settings, f"remote_{worker_id}", tmp_path / "second")
    async with second as target:
        done = await target.import_archive(archive, keys_of=source)
        assert (done.tracks, done.jobs, done.skipped) == (1, 0, [])
        # the engine of the track is not installed there
        assert target.settings.engines.remote == {}
        with serving(target.settings) as url:
            assert await read(url, target.person, track_id) == before
        metadata = await load_metadata(target.database, track_id)
        await close(source, target)
    original = await load_metadata(database, track_id)
    assert json.loads(original["request_sent"])["prompt"] == "a slow tone"
    assert metadata.pop("origin")["is_verified"]
    assert metadata == {name: value for name, value in original.items() if name != "origin"}


async def close(*installations: Installation) -> None:
    for each in installations:
        await each.blobs.close()
