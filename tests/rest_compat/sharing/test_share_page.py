"""The HTML page of share links."""

import re

import httpx
import pytest
from sqlalchemy import text

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.users import Cast

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def link_to(client: httpx.AsyncClient, database: Database, cast: Cast, title: str) -> tuple[str, str]:
    track_id = await put_track(database, cast.ada, title=title)
    url = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}"
    shared = await client.post(f"{url}/share", headers=cast.ada.headers)
    assert shared.status_code == 201, shared.text
    return str(shared.json()["url"]), url


async def test_a_browser_gets_title_player_and_licence(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link, _ = await link_to(client, database, cast, "Night <Desk> & Co")
    page = await client.get(link, headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Night &lt;Desk&gt; &amp; Co</h1>" in page.text
    assert "You may use this music commercially." in page.text
    assert re.search(r'<audio controls preload="none" src="http[^"]+" aria-label="Play Night', page.text)
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_other_clients_get_json(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    for accept in ("*/*", "application/json", "application/json, text/html"):
        answer = await client.get(link, headers={"Accept": accept})
        assert answer.json()["track"]["title"] == "Night Desk"


async def test_the_page_reports_removed_tracks_and_broken_links(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link, url = await link_to(client, database, cast, "Night Desk")
    await client.delete(url, headers=cast.ada.headers)
    gone = await client.get(link, headers=BROWSER)
    assert (gone.status_code, "no longer available" in gone.text) == (200, True)
    missing = await client.get(f"{link[:-4]}0000", headers=BROWSER)
    assert (missing.status_code, "This link does not work" in missing.text) == (404, True)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_forwarded_addresses_of_untrusted_clients_are_ignored(
    client: httpx.AsyncClient, database: Database, cast: Cast, header: str
) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    await client.get(link, headers={header: "203.0.113.9"})
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT client_ip FROM share_accesses")) == "127.0.0.1"
