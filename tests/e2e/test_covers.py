"""Covers: drawn with the track, served by expiring links, deleted with the track."""

import html
import re
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from storage.postgres.database import Database
from tests.support.audio.png_files import png_header
from tests.support.factories import put_track
from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.rest.generations import finished, submit
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

COVER = "query($id: ID!) { node(id: $id) { ... on Track { cover { svgUrl pngUrl } } } }"
COLLECTION = """
query($id: ID!) { node(id: $id) { ... on Collection { coverTrack { id } cover { svgUrl pngUrl } } } }
"""
CREATE = """
mutation($input: CreateCollectionInput!) {
  createCollection(input: $input) { ... on CollectionPayload { collection { id } } ... on Error { message } }
}
"""


async def make(client: httpx.AsyncClient, person: Person, prompt: str) -> str:
    """Render a track with the worker and return its id."""
    job_id = await submit(client, person, prompt, 3)
    job = await wait_for(finished(client, person, f"/v1/music/{person.organization_id}/generations/{job_id}"))
    assert job["status"] == "succeeded"
    return str(job["result_track_id"])


async def cover(client: httpx.AsyncClient, person: Person, track_id: str) -> dict[str, str]:
    node: dict[str, Any] = (await data(client, person, COVER, id=track_id))["node"]
    shown: dict[str, str] = node["cover"]
    return shown


async def test_a_track_has_a_cover_at_signed_urls_until_it_is_deleted(client: httpx.AsyncClient, cast: Cast) -> None:
    track_id = await make(client, cast.ada, "calm solo piano in A minor")
    links = await cover(client, cast.ada, track_id)
    svg, png = await client.get(links["svgUrl"]), await client.get(links["pngUrl"])

    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    assert svg.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert svg.headers["x-content-type-options"] == png.headers["x-content-type-options"] == "nosniff"
    assert svg.headers["content-disposition"].endswith("cover.svg")
    title = ET.fromstring(svg.content).findtext("{http://www.w3.org/2000/svg}title")  # noqa: S314  our own
    assert title is not None
    assert title.endswith(" in A minor")
    assert (png.status_code, png.headers["content-type"]) == (200, "image/png")
    assert png_header(png.content)[:2] == (1024, 1024)

    unsigned = links["svgUrl"].partition("?")[0]
    assert (await client.get(unsigned)).status_code == 403

    url = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}"
    assert (await client.delete(url, headers=cast.ada.headers)).status_code == 200
    assert [(await client.get(link)).status_code for link in links.values()] == [404, 404]


async def test_two_tracks_have_different_covers(client: httpx.AsyncClient, cast: Cast) -> None:
    paths = set()
    for prompt in ("techno in C minor", "bossa nova in F major"):
        links = await cover(client, cast.ada, await make(client, cast.ada, prompt))
        paths |= {httpx.URL(link).path for link in links.values()}
    assert len(paths) == 4


async def test_a_collection_shows_the_cover_of_its_cover_track_unless_it_has_an_image(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    track_id = await make(client, cast.ada, "funk")
    fields = {"organizationId": cast.ada.organization_id, "name": "Evening", "coverTrackId": track_id}

    async def shown(**more: str) -> dict[str, Any]:
        made = await data(client, cast.ada, CREATE, input={**fields, **more})
        collection_id = made["createCollection"]["collection"]["id"]
        node: dict[str, Any] = (await data(client, cast.ada, COLLECTION, id=collection_id))["node"]
        return node

    plain, pictured = await shown(), await shown(coverImageUrl="https://example.org/cover.jpg")
    links = await cover(client, cast.ada, track_id)
    assert httpx.URL(plain["cover"]["pngUrl"]).path == httpx.URL(links["pngUrl"]).path
    assert (await client.get(plain["cover"]["svgUrl"])).status_code == 200
    assert pictured["coverTrack"] == {"id": track_id}
    assert pictured["cover"] is None


async def test_the_page_of_a_share_link_shows_the_cover(client: httpx.AsyncClient, cast: Cast) -> None:
    track_id = await make(client, cast.ada, "lofi")
    url = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}/share"
    link = (await client.post(url, headers=cast.ada.headers)).json()["url"]
    page = await client.get(link, headers={"Accept": "text/html"})
    shown = re.search(r'<img class="cover" src="([^"]+)" alt="Cover of [^"]+"', page.text)
    assert shown is not None
    picture = await client.get(html.unescape(shown[1]))
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "img-src 'self'" in page.headers["content-security-policy"]


async def test_the_cover_of_a_track_without_cover_files_is_null(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    assert (await data(client, cast.ada, COVER, id=track_id))["node"] == {"cover": None}
