"""The track screen: score, tags, favourite, stems, receipt, relations, deletion with undo."""

import json
import re

import httpx
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, update
from sqlmodel import col

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Generation, Track
from tests.support.browser import open_studio
from tests.support.factories import put_track
from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

PROMPT = "solo piano, slow and quiet, 70 bpm, qwertz"
CREATE = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) { ... on CreateGenerationPayload { generation { id } } }
}
"""
TRACK = "query($id: ID!) { node(id: $id) { ... on Generation { track { id title } } } }"


async def make(client: httpx.AsyncClient, person: Person) -> dict[str, str]:
    """Make a track and return its id and title."""
    fields = {"organizationId": person.organization_id, "prompt": PROMPT, "durationSeconds": 5, "saveToLibrary": True}
    made = await data(client, person, CREATE, input=fields)
    job = made["createGeneration"]["generation"]["id"]

    async def find() -> dict[str, str] | None:
        track: dict[str, str] | None = (await data(client, person, TRACK, id=job))["node"]["track"]
        return track

    return await wait_for(find)


async def put_continuation(database: Database, person: Person, track_id: str, title: str) -> None:
    """Insert a track that continues another one."""
    later = await put_track(database, person, title=title)
    made = select(col(Track.generation_id)).where(col(Track.id) == later).scalar_subquery()
    async with database.transaction() as session:
        await session.execute(update(Generation).where(col(Generation.id) == made).values(seed_track_id=track_id))


async def test_a_track_is_read_heard_marked_and_kept(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    track = await make(client, cast.ada)
    await put_continuation(database, cast.ada, track["id"], "Later")
    await open_studio(page, settings.public_url, cast.ada, f"/track/{track['id']}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(track["title"])

    await expect(page.get_by_text(PROMPT)).to_be_visible()
    await expect(page.locator(".ignored")).to_have_text("qwertz")
    await expect(page.get_by_role("img", name="The notes in time")).to_be_visible()
    await page.get_by_text("Sections and chords").click()
    await expect(page.locator(".form button").first).to_contain_text("0:00")
    await expect(page.get_by_role("link", name="Later")).to_be_visible()

    await page.keyboard.press("f")
    await page.get_by_role("textbox", name="Add a tag").fill("night")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Remove the tag night")).to_be_visible()

    await page.get_by_role("button", name="Open the mixer").click()
    await page.get_by_role("button", name="Play the stems").click()
    await expect(page.locator("meter").first).not_to_have_js_property("value", 0)

    async with page.expect_download() as started:
        await page.get_by_role("button", name="Download the receipt").click()
    receipt = json.loads((await (await started.value).path()).read_text(encoding="utf-8"))
    assert receipt["track_id"] == track["id"]

    await page.reload()
    await expect(page.get_by_role("button", name=re.compile("^Favourite"))).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Remove the tag night").click()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(track["title"])
    await expect(page.get_by_role("button", name="Remove the tag night")).to_have_count(0)
    await page.get_by_role("button", name="Continue it").click()
    await expect(page.get_by_label("Describe the music")).to_have_value(PROMPT)
