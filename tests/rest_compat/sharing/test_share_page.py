"""The HTML page of share links."""

import re
import tomllib

import httpx
import pytest
from sqlalchemy import text, update

from core.settings import PROJECT
from storage.postgres.database import Database
from storage.tables import Track
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
    assert "You may use this commercially. No credit needed." in page.text
    token = link.rpartition("/")[2]
    assert f'<audio controls preload="none" src="{token}/audio" aria-label="Play Night' in page.text
    assert "by First" in page.text
    assert re.findall("<script[^>]*>[^<]", page.text) == []
    assert re.findall(r"style=|\bon\w+=", page.text) == []
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-")
    assert "unsafe" not in policy


async def test_other_clients_get_json(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    for accept in ("*/*", "application/json", "application/json, text/html"):
        answer = await client.get(link, headers={"Accept": accept})
        assert answer.json()["track"]["title"] == "Night Desk"


PREVIEWERS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/) Bot",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
]


@pytest.mark.parametrize("agent", PREVIEWERS, ids=lambda agent: agent[:24])
async def test_a_previewer_gets_open_graph_tags_with_stable_addresses(
    client: httpx.AsyncClient, database: Database, cast: Cast, agent: str
) -> None:
    link, _ = await link_to(client, database, cast, 'Night "Desk"')
    page = await client.get(link, headers={"Accept": "*/*", "User-Agent": agent})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    tags = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page.text))
    assert tags["og:title"] == tags["twitter:title"] == "Night &quot;Desk&quot;"
    assert tags["og:type"] == "music.song"
    assert (tags["og:url"], tags["og:audio"], tags["og:audio:type"]) == (link, f"{link}/audio", "audio/mpeg")
    assert tags["og:description"] == ("by First, 0:02. You may use this commercially. No credit needed.")
    assert tags["twitter:card"] == "summary"


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "python-httpx/0.28.1"},
        {"User-Agent": "MyChatBot/1.0 (music)"},
        {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36", "Sec-Fetch-Mode": "cors"},
        {"User-Agent": PREVIEWERS[0], "Accept": "application/json"},
        {"User-Agent": PREVIEWERS[0], "Accept": "application/vnd.api+json, */*"},
    ],
    ids=str,
)
async def test_programs_and_scripts_that_accept_anything_get_json(
    client: httpx.AsyncClient, database: Database, cast: Cast, headers: dict[str, str]
) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    answer = await client.get(link, headers={"Accept": "*/*", **headers})
    assert answer.json()["kind"] == "track"
    assert answer.headers["vary"].startswith("Accept, User-Agent")


async def test_search_engines_may_list_public_links_only(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link, url = await link_to(client, database, cast, "Night Desk")
    body = {"visibility": "public"}
    public = (await client.post(f"{url}/share", json=body, headers=cast.ada.headers)).json()["url"]
    for each, expected in ((link, "noindex"), (public, None)):
        assert (await client.get(each, headers=BROWSER)).headers.get("x-robots-tag") == expected


async def test_the_page_reports_removed_tracks_and_broken_links(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link, url = await link_to(client, database, cast, "Night Desk")
    await client.delete(url, headers=cast.ada.headers)
    gone = await client.get(link, headers=BROWSER)
    assert (gone.status_code, "no longer available" in gone.text) == (200, True)
    missing = await client.get(f"{link[:-4]}0000", headers=BROWSER)
    assert (missing.status_code, "This link does not work" in missing.text) == (404, True)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-CH, en;q=0.5", "de"),
        ("fr, de;q=0.4, en;q=0.8", "en"),
        ("fr;q=0.9, de;q=0.4", "de"),
        ("de;q=0, fr", "en"),
        ("de;q=x", "en"),
        ("*", "en"),
        ("", "en"),
    ],
)
async def test_the_page_is_in_the_language_of_the_browser(
    client: httpx.AsyncClient, database: Database, cast: Cast, accepted: str, language: str
) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    page = await client.get(link, headers={**BROWSER, "Accept-Language": accepted})
    assert f'<html lang="{language}"' in page.text
    assert ("Keine Namensnennung nötig." in page.text) is (language == "de")
    assert page.headers["vary"].startswith("Accept, User-Agent, Accept-Language")


def test_the_languages_of_public_pages_have_the_same_texts() -> None:
    texts = tomllib.loads((PROJECT / "rest_compat" / "public_page.toml").read_text(encoding="utf-8"))
    assert texts.keys() == {"en", "de"}
    assert texts["en"].keys() == texts["de"].keys()
    for key, english in texts["en"].items():
        assert re.findall(r"{\w+}", english) == re.findall(r"{\w+}", texts["de"][key])


async def test_the_page_has_the_colour_of_the_cover(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    for palette, style in ((["#26215c", "#7f7f7f"], "body{--hue:282}"), (["#7f7f7f"], ""), ([], "")):
        async with database.transaction() as session:
            await session.execute(update(Track).values(palette=palette))
        assert f"<style>{style}</style>" in (await client.get(link, headers=BROWSER)).text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_forwarded_addresses_of_untrusted_clients_are_ignored(
    client: httpx.AsyncClient, database: Database, cast: Cast, header: str
) -> None:
    link, _ = await link_to(client, database, cast, "Night Desk")
    await client.get(link, headers={header: "203.0.113.9"})
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT client_ip FROM share_accesses")) == "127.0.0.1"
