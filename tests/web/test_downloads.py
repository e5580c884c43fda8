"""Several tracks of the library as one archive, which a worker makes."""

import asyncio
import json
import zipfile
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from server.cli import sign_in
from storage.postgres.database import Database
from tests.support import receipt_factories
from tests.support.graphql.libraries import save
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_selection_is_downloaded_as_one_archive(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    for title in ("Three", "Two", "One"):
        track = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path, title=title)
        await save(client, cast.ada, track)
    await page.goto(await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id))
    await page.get_by_role("link", name="Library").click()
    await expect(page.get_by_role("heading", name="Library")).to_be_visible()
    await expect(page.locator(".track-row a")).to_have_text(["One", "Two", "Three"])
    for count, title in enumerate(("One", "Three"), 1):
        await page.get_by_role("link", name=title).focus()
        await page.keyboard.press("x")
        await expect(page.get_by_text(f"{count} selected")).to_be_visible()
    await page.get_by_role("toolbar").get_by_role("button", name="Download").click()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="One archive with all files").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    with zipfile.ZipFile(await (await started.value).path()) as archive:
        titles = {track["title"] for track in json.loads(archive.read("index.json"))["tracks"]}
    assert titles == {"One", "Three"}
