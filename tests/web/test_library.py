"""The story of a person with a library in the studio page: find, mark, tag, delete, undo, play in an order."""

import re
import wave
from pathlib import Path

import httpx
from playwright.async_api import Page, expect
from sqlalchemy import update

from core.settings import Settings
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.tables import TrackFile
from tests.support import large_libraries
from tests.support.browser import open_studio
from tests.support.graphql.client import data
from tests.support.graphql.libraries import list_titles, put_saved
from tests.support.users import Cast

MANY = 10_000
DELETE = "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }"


async def test_a_person_finds_marks_tags_and_deletes_tracks(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    for title, style in [("Slow Rain", "Ambient"), ("Night Bus", "Deep house"), ("Harbour", "Ambient")]:
        await put_saved(client, database, cast.ada, title=title, style=style)
    await open_studio(page, settings.public_url, cast.ada, "/library")
    titles = page.locator(".track-row a")
    await expect(titles).to_have_text(["Harbour", "Night Bus", "Slow Rain"])

    await page.get_by_label("Style").select_option(label="Ambient (2)")
    await expect(titles).to_have_text(["Harbour", "Slow Rain"])
    await page.reload()
    await expect(titles).to_have_text(["Harbour", "Slow Rain"])
    await page.get_by_label("Style").select_option(label="All")
    await page.get_by_label("Sort by").select_option(label="Title")
    await page.get_by_label("Favourites only").check()
    await expect(page.get_by_text("No track has these properties.")).to_be_visible()
    await page.get_by_label("Favourites only").uncheck()

    await titles.nth(0).focus()
    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name="Favourite: Harbour")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("x")
    await page.keyboard.press("ArrowDown")
    await expect(titles.nth(1)).to_be_focused()
    await page.keyboard.press("x")
    await expect(page.get_by_role("toolbar").get_by_text("2 selected")).to_be_visible()
    await page.get_by_role("toolbar").get_by_role("button", name="Edit tags").click()
    await page.get_by_label("Tags to add").fill("calm, late")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Ambient · calm · late")).to_be_visible()

    await page.get_by_role("button", name="Show covers in a grid").click()
    await expect(page.locator(".virtual.grid .track-row")).to_have_count(3)
    await page.get_by_role("searchbox").fill("calm")
    await expect(titles).to_have_text(["Harbour", "Night Bus"])
    await titles.nth(1).focus()
    await page.keyboard.press("Delete")
    await expect(titles).to_have_text(["Harbour"])
    await page.get_by_role("button", name="Undo").click()
    await expect(titles).to_have_text(["Harbour", "Night Bus"])

    await page.get_by_role("button", name="More for Night Bus").click()
    await page.get_by_role("button", name="Delete").click()
    await expect(titles).to_have_text(["Harbour"])
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()
    assert await list_titles(client, cast.ada, filter={"isFavourite": True, "tags": ["calm"]}) == ["Harbour"]
    assert await list_titles(client, cast.ada) == ["Harbour", "Slow Rain"]


async def test_the_queue_plays_in_the_order_that_a_person_gives_it(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    ids = [await put_saved(client, database, cast.ada, title=title) for title in ("Four", "Three", "Two", "One")]
    await give_sound(database, settings, tmp_path)
    await open_studio(page, settings.public_url, cast.ada, "/library")
    await page.get_by_role("button", name="Play One").click()
    await page.get_by_role("button", name="Up next").click()
    queue = page.get_by_role("region", name="Up next")
    names = queue.locator(".names > :first-child")
    await expect(names).to_have_text(["Two", "Three", "Four"])

    await queue.get_by_role("button", name="Move Four", exact=True).focus()
    await page.keyboard.press("Home")
    await expect(names).to_have_text(["Four", "Two", "Three"])
    await expect(queue.get_by_role("button", name="Move Four", exact=True)).to_be_focused()
    await queue.get_by_role("button", name="Remove Two from the queue").click()
    await expect(names).to_have_text(["Four", "Three"])
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Up next")).to_be_focused()

    now = page.get_by_role("region", name="Player").locator(".now")
    await expect(now).to_have_text("One")
    await page.keyboard.press("j")
    await expect(now).to_have_text("Four")
    await page.get_by_role("button", name="More for Two").click()
    await page.get_by_role("button", name="Play next").click()
    await expect(page.get_by_text("Two plays next.")).to_be_visible()
    await page.keyboard.press("j")
    await expect(now).to_have_text("Two")
    position = page.get_by_role("slider", name="Position", exact=True)
    # so far that "previous" starts the track again
    is_far = re.compile(r"^([4-9]|\d\d)")
    await expect(position).to_have_attribute("aria-valuenow", is_far)

    # after the page was loaded again, the queue is as it was, without a track that cannot be read any more
    await page.get_by_role("button", name="Pause").click()
    await data(client, cast.ada, DELETE, id=ids[1])
    await page.reload()
    await expect(page.get_by_text("no longer available: 1")).to_be_visible()
    await expect(now).to_have_text("Two")
    await expect(position).to_have_attribute("aria-valuenow", is_far)
    await page.keyboard.press("k")
    await page.keyboard.press("k")
    await expect(now).to_have_text("Four")
    await page.get_by_role("button", name="Up next").click()
    await expect(names).to_have_text(["Two"])


async def test_a_large_library_is_loaded_where_it_is_looked_at(
    page: Page, database: Database, server_url: str, cast: Cast
) -> None:
    await large_libraries.fill(database, cast.ada, MANY)
    await open_studio(page, server_url, cast.ada, "/library")
    await expect(page.get_by_text("10,000 tracks")).to_be_visible()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    items = page.locator(".virtual > li")
    for share in (0.03, 1.0, 0.5, 0.0):
        await page.evaluate("(share) => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        row = page.locator(f'.track-row[aria-posinset="{max(1, round(share * MANY))}"]')
        await expect(row.get_by_role("link")).to_have_text(f"Track {max(1, round(share * MANY))}")
        assert await items.count() <= 40
    # a page of 100 tracks for each place, and for the others the cursor
    assert len(requests) <= MANY / 100 + 5
    await row.get_by_role("link").focus()
    await page.keyboard.press("End")
    await expect(page.get_by_role("link", name=f"Track {MANY}", exact=True)).to_be_focused()


async def give_sound(database: Database, settings: Settings, folder: Path) -> None:
    """Let all tracks have a minute of silence as their file."""
    path = folder / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, 8_000, 0, "NONE", ""))
        file.writeframes(b"\x80" * 60 * 8_000)
    blob = await LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"k")).put(path, ".mp3")
    async with database.transaction() as session:
        await session.execute(update(TrackFile).values(blob_key=blob.key, size_bytes=blob.size_bytes))
