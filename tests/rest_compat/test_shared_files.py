"""Stable addresses of the audio and the cover of share links."""

from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import FileRole
from tests.support import receipt_factories
from tests.support.rest import share_links as rest_share_links
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("fresh_limits")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest_asyncio.fixture
async def stored(database: Database, settings: Settings, cast: Cast, tmp_path: Path) -> list[str]:
    """IDs of two tracks of Ada with stored files; the audio is their number."""
    files = [{(FileRole.MASTER, ""): b"audio-%d" % number, (FileRole.COVER, "png"): PNG} for number in (1, 2)]
    return [
        await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path, each) for each in files
    ]


async def share(rest: Contract, person: Person, target_id: str) -> dict[str, str]:
    """Create a link; return its id and URL."""
    link = await rest_share_links.share(rest, person, target_id)
    return {"id": link["id"], "url": link["url"]}


async def test_the_address_of_the_audio_redirects_to_the_file_for_get_head_and_ranges(
    rest: Contract, client: httpx.AsyncClient, cast: Cast, stored: list[str]
) -> None:
    url = (await share(rest, cast.ada, stored[0]))["url"] + "/audio"
    redirect = await client.get(url)
    assert (redirect.status_code, redirect.headers["cache-control"]) == (302, "no-store")
    assert redirect.headers["location"] == redirect.json()["url"]
    assert redirect.headers["access-control-allow-origin"] == "*"
    whole = await client.get(url, follow_redirects=True)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, b"audio-1", "audio/mpeg")
    head = await client.head(url, follow_redirects=True)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "7", b"")
    part = await client.get(url, headers={"Range": "bytes=6-"}, follow_redirects=True)
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"1", "bytes 6-6/7")


async def test_the_address_of_the_cover_redirects_to_a_png(
    rest: Contract, client: httpx.AsyncClient, cast: Cast, stored: list[str]
) -> None:
    url = (await share(rest, cast.ada, stored[0]))["url"]
    image = await client.get(f"{url}/cover", follow_redirects=True)
    assert (image.status_code, image.content, image.headers["content-type"]) == (200, PNG, "image/png")
    page = await client.get(url, headers={"Accept": "text/html"})
    assert f'<meta property="og:image" content="{url}/cover">' in page.text
    assert '<meta property="og:image:type" content="image/png">' in page.text


async def test_a_track_without_a_cover_has_no_cover_address(
    rest: Contract, client: httpx.AsyncClient, cast: Cast, track_id: str
) -> None:
    url = (await share(rest, cast.ada, track_id))["url"]
    assert (await client.get(f"{url}/cover")).status_code == 404
    assert "og:image" not in (await client.get(url, headers={"Accept": "text/html"})).text


async def test_a_collection_plays_its_first_track_or_the_chosen_one(
    rest: Contract, client: httpx.AsyncClient, cast: Cast, stored: list[str], track_id: str
) -> None:
    collection = await rest_share_links.create_collection(rest, cast.ada, *stored)
    url = (await share(rest, cast.ada, collection))["url"] + "/audio"
    paths = ("", f"?track={stored[1]}", f"?track={stored[0]}")
    assert [(await client.get(url + path, follow_redirects=True)).content for path in paths] == [
        b"audio-1",
        b"audio-2",
        b"audio-1",
    ]
    for other in (track_id, "", "x", "\x00"):
        assert (await client.get(url, params={"track": other})).status_code == 404
    await rest.call("delete-track", cast.ada, path={"track_id": stored[0]})
    assert (await client.get(url, follow_redirects=True)).content == b"audio-2"


@pytest.mark.parametrize("ending", ["revoked", "expired", "deleted"])
async def test_the_addresses_end_with_their_link(
    rest: Contract, client: httpx.AsyncClient, database: Database, cast: Cast, stored: list[str], ending: str
) -> None:
    link = await share(rest, cast.ada, stored[0])
    assert (await client.get(f"{link['url']}/audio")).status_code == 302
    if ending == "revoked":
        await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})
    elif ending == "expired":
        await rest_share_links.expire_links(database)
    else:
        await rest.call("delete-track", cast.ada, path={"track_id": stored[0]})
    for path in ("audio", "cover"):
        answer = await client.get(f"{link['url']}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


async def test_unknown_tokens_return_404(client: httpx.AsyncClient) -> None:
    for token in (f"shr_{'0' * 32}", "x", "%00"):
        assert (await client.get(f"/v1/music/shared/{token}/audio")).status_code == 404


async def test_playing_does_not_count_as_opening_the_link(
    rest: Contract, client: httpx.AsyncClient, database: Database, cast: Cast, stored: list[str]
) -> None:
    url = (await share(rest, cast.ada, stored[0]))["url"]
    await client.get(f"{url}/audio")
    assert await rest_share_links.list_outcomes(database) == []
