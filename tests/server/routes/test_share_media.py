"""Signed URLs for visitors of share links name the share, and end with it."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from core import clock
from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Track
from tests.support.audio import media_files
from tests.support.factories import load_all
from tests.support.graphql.client import data
from tests.support.users import Cast

MUSIC = b"some music" * 100

SHARED = """
query($token: String!) { sharedLink(token: $token) {
  track { id playbackUrl } collection { tracks { id playbackUrl } }
} }
"""


@pytest.fixture
async def track_id(database: Database, settings: Settings, cast: Cast, tmp_path: Path) -> str:
    (tmp_path / "a.mp3").write_bytes(MUSIC)
    await media_files.put_track_file(database, settings, cast.ada, tmp_path / "a.mp3")
    [track] = await load_all(database, Track)
    return str(track.id)


class Sharing:
    """Requests of ada, who shares, and of a visitor."""

    def __init__(self, client: httpx.AsyncClient, cast: Cast) -> None:
        self.client, self.ada = client, cast.ada
        self.base = f"/v1/music/{cast.ada.organization_id}"

    async def share(self, path: str) -> dict[str, str]:
        answer = await self.client.post(f"{self.base}/{path}/share", headers=self.ada.headers, json={})
        link: dict[str, str] = answer.json()
        return link

    async def visit(self, link: dict[str, str]) -> list[str]:
        """Return the playback URLs that visitors see over REST, as a page and over GraphQL."""
        answer = await self.client.get(f"/v1/music/shared/{link['token']}")
        page = await self.client.get(link["url"], headers={"Accept": "text/html"})
        shared = (await data(self.client, None, SHARED, token=link["token"]))["sharedLink"]
        assert self.ada.organization_id not in answer.text + page.text + str(shared)
        tracks = [answer.json()["track"], shared["track"]]
        tracks += answer.json()["tracks"] or []
        tracks += shared["collection"]["tracks"] if shared["collection"] else []
        urls = [track.get("playback_url") or track["playbackUrl"] for track in tracks if track]
        assert all(link["id"] in url for url in urls)
        return urls

    async def statuses(self, urls: list[str]) -> set[int]:
        return {(await self.client.request(method, url)).status_code for url in urls for method in ("GET", "HEAD")}


async def test_a_revoked_share_ends_playback_at_once(client: httpx.AsyncClient, cast: Cast, track_id: str) -> None:
    sharing = Sharing(client, cast)
    one, other = [await sharing.share(f"tracks/{track_id}") for _ in range(2)]
    urls, others = await sharing.visit(one), await sharing.visit(other)
    answer = await client.get(urls[0])
    assert (answer.content, answer.headers["cache-control"]) == (MUSIC, "private, no-cache")
    await client.delete(f"{sharing.base}/share/{one['id']}", headers=cast.ada.headers)
    assert await sharing.statuses(urls) == {404}
    # a cached copy is not confirmed either
    assert (await client.get(urls[0], headers={"If-None-Match": answer.headers["etag"]})).status_code == 404
    assert await sharing.statuses(others) == {200}
    await client.delete(f"{sharing.base}/tracks/{track_id}", headers=cast.ada.headers)
    assert await sharing.statuses(others) == {404}


async def test_an_expired_share_ends_playback(
    client: httpx.AsyncClient, database: Database, cast: Cast, track_id: str
) -> None:
    sharing = Sharing(client, cast)
    urls = await sharing.visit(await sharing.share(f"tracks/{track_id}"))
    async with database.transaction() as session:
        past = clock.now() - timedelta(seconds=1)
        await session.execute(text("UPDATE share_links SET expires_at = :past"), {"past": past})
    assert await sharing.statuses(urls) == {404}


async def test_a_shared_collection_gives_access_to_its_present_tracks(
    client: httpx.AsyncClient, cast: Cast, track_id: str
) -> None:
    sharing = Sharing(client, cast)
    made = await client.post(f"{sharing.base}/collections", headers=cast.ada.headers, json={"name": "Mix"})
    path = f"collections/{made.json()['id']}"
    await client.post(f"{sharing.base}/{path}/tracks", headers=cast.ada.headers, json={"track_id": track_id})
    urls = await sharing.visit(await sharing.share(path))
    assert len(urls) == 2
    assert await sharing.statuses(urls) == {200}
    await client.delete(f"{sharing.base}/{path}/tracks/{track_id}", headers=cast.ada.headers)
    assert await sharing.statuses(urls) == {404}
    await client.post(f"{sharing.base}/{path}/tracks", headers=cast.ada.headers, json={"track_id": track_id})
    assert await sharing.statuses(urls) == {200}
    await client.delete(f"{sharing.base}/{path}", headers=cast.ada.headers)
    assert await sharing.statuses(urls) == {404}


async def test_a_share_gives_no_access_to_other_files(
    client: httpx.AsyncClient, settings: Settings, database: Database, cast: Cast, track_id: str, tmp_path: Path
) -> None:
    sharing = Sharing(client, cast)
    [url, *_] = await sharing.visit(await sharing.share(f"tracks/{track_id}"))
    (tmp_path / "b.mp3").write_bytes(b"other music")
    other = await media_files.put_track_file(database, settings, cast.ada, tmp_path / "b.mp3")
    assert (await client.get(httpx.URL(url).copy_with(path=f"/media/{other.key}"))).status_code == 403
    assert (await client.get(f"{url}&org={cast.ada.organization_id}")).status_code == 403
