"""Files in a bucket, served by the bucket or by the server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core import clock
from core.network import tls
from core.settings import Settings
from resolvers.access.context import Context
from resolvers.library import track_urls
from server import bootstrap
from server.embedded import ports
from storage.blobs import factory
from storage.postgres.database import Database
from storage.tables import Track, TrackFile
from tests.support.audio import media_files
from tests.support.factories import load_all
from tests.support.processes.servers import serving
from tests.support.storage import gcs_bucket
from tests.support.storage.gcs_bucket import NAME, Bucket
from tests.support.users import Cast

MUSIC = bytes(range(256)) * 2000


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


def in_bucket(settings: Settings, bucket: Bucket, folder: Path, links: str, seconds: float = 60) -> Settings:
    key_file = bucket.account.write(folder / "account.json", f"{bucket.address}/token")
    changes = {"key_file": key_file, "endpoint": bucket.address, "timeout_seconds": seconds, "links": links}
    return settings.model_copy(
        update={
            "storage": f"gs://{NAME}/studio",
            "blobs": settings.blobs.model_copy(update=changes),
            "server": settings.server.model_copy(update={"port": ports.find_free()}),
        }
    )


@pytest.fixture(params=["direct", "served"])
def chosen(request: pytest.FixtureRequest, settings: Settings, bucket: Bucket, tmp_path: Path) -> Settings:
    return in_bucket(settings, bucket, tmp_path, request.param)


@pytest.fixture
def url(chosen: Settings) -> Iterator[str]:
    with serving(chosen) as found:
        yield found


async def playback_url(client: httpx.AsyncClient, database: Database, cast: Cast) -> str:
    track = (await load_all(database, Track))[0]
    path = f"/v1/music/{cast.ada.organization_id}/tracks/{track.id}"
    return str((await client.get(path, headers=cast.ada.headers)).json()["playback_url"])


async def test_ranges_of_a_track_are_served_until_it_is_deleted(
    chosen: Settings, url: str, bucket: Bucket, database: Database, cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "master").write_bytes(MUSIC)
    await media_files.put_track_file(database, chosen, cast.ada, tmp_path / "master")
    is_direct = chosen.blobs.links == "direct"
    async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
        link = await playback_url(client, database, cast)
        assert link.startswith(f"{bucket.address}/{NAME}/studio/sha256/" if is_direct else f"{url}/media/sha256/")
        part = await client.get(link, headers={"Range": "bytes=300000-300009"})
        assert (part.status_code, part.content) == (206, MUSIC[300_000:300_010])
        assert part.headers["content-range"] == f"bytes 300000-300009/{len(MUSIC)}"
        assert (await client.get(link)).content == MUSIC

        track = (await load_all(database, Track))[0]
        path = f"/v1/music/{cast.ada.organization_id}/tracks/{track.id}"
        assert (await client.delete(path, headers=cast.ada.headers)).status_code == 200
        # URLs that the bucket signed expire within a quarter of an hour; URLs of this server stop working at once
        assert (await client.get(link)).status_code == (200 if is_direct else 404)
        assert (await client.get(path, headers=cast.ada.headers)).status_code == 404


async def test_a_lasting_url_is_stable_and_of_this_server(
    chosen: Settings, url: str, database: Database, cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "master").write_bytes(MUSIC)
    await media_files.put_track_file(database, chosen, cast.ada, tmp_path / "master")
    track, file = (await load_all(database, Track))[0], (await load_all(database, TrackFile))[0]
    tomorrow = clock.now() + timedelta(days=1)
    store = factory.create(chosen, bootstrap.build_url_signer(chosen))
    async with (
        bootstrap.open_resources(chosen, store) as (services, _),
        httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client,
    ):
        link = track_urls.sign_url_until(Context(services, None), track, file, tomorrow)
        assert track_urls.sign_url_until(Context(services, None), track, file, tomorrow) == link
        assert link.startswith(f"{url}/media/sha256/")
        assert (await client.get(link)).content == MUSIC


async def test_an_unreachable_bucket_is_503_with_retry_after(
    settings: Settings, bucket: Bucket, database: Database, cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "master").write_bytes(MUSIC)
    patient = in_bucket(settings, bucket, tmp_path, "served")
    blob = await media_files.put_track_file(database, patient, cast.ada, tmp_path / "master")
    chosen = in_bucket(settings, bucket, tmp_path, "served", seconds=3)
    bucket.failing_with = 503
    with serving(chosen) as url:
        async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
            file = await client.get(media_files.build_link(chosen, cast.ada, blob))
            ready = await client.get("/readyz")
            bucket.failing_with = None
            again = await client.get(media_files.build_link(chosen, cast.ada, blob))
    assert (file.status_code, file.headers["retry-after"]) == (503, "5")
    assert file.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert ready.status_code == 503
    assert ready.json()["parts"]["storage"] == "Blob store is not reachable"
    assert (again.status_code, again.content) == (200, MUSIC)
