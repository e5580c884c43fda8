"""The story of a person with collections in the studio page: make one, order it in two ways, share it, delete it."""

import httpx
from playwright.async_api import Locator, Page, expect

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Collection
from tests.support.browser import open_studio
from tests.support.factories import load_all, load_collection_order
from tests.support.graphql.libraries import list_titles, put_saved
from tests.support.polling import wait_for
from tests.support.users import Cast

NAME = "Way Home"


async def drag(page: Page, source: Locator, target: Locator) -> None:
    """Move a handle to the place of another one, as a mouse does."""
    await source.hover()
    await page.mouse.down()
    box = await target.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    await page.mouse.up()


async def test_a_person_orders_shares_and_deletes_a_collection(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    """The two halves of one story, since a browser takes seconds to start."""
    ids = {title: await put_saved(client, database, cast.ada, title=title) for title in ("Three", "Two", "One")}
    await open_studio(page, settings.public_url, cast.ada)
    await page.get_by_role("link", name="Collections").click()
    await expect(page.get_by_text("No collection yet.")).to_be_visible()
    await page.get_by_role("button", name="New collection").click()
    await page.get_by_label("Name").fill(NAME)
    await page.get_by_role("button", name="Create", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(NAME)

    await page.get_by_role("main").get_by_role("link", name="Library").click()
    titles = page.locator(".track-row a")
    await titles.nth(0).focus()
    for key in ("x", "ArrowDown", "x", "ArrowDown", "x", "a"):
        await page.keyboard.press(key)
    await page.get_by_role("dialog").get_by_role("button", name=NAME).click()
    await page.get_by_role("button", name="Open", exact=True).click()
    await expect(titles).to_have_text(["One", "Two", "Three"])

    await page.get_by_role("button", name="Move Three").focus()
    await page.keyboard.press("ArrowUp")
    await expect(titles).to_have_text(["One", "Three", "Two"])
    await expect(page.get_by_text("Three is now number 2 of 3.")).to_be_attached()
    await expect(page.get_by_role("button", name="Move Three")).to_be_focused()
    await drag(page, page.get_by_role("button", name="Move Two"), page.get_by_role("button", name="Move One"))
    await expect(titles).to_have_text(["Two", "One", "Three"])
    await page.get_by_role("button", name="More for Two").click()
    await page.get_by_role("button", name="Move down").click()
    await expect(titles).to_have_text(["One", "Two", "Three"])
    await titles.nth(1).focus()
    await page.keyboard.press("Delete")
    await expect(titles).to_have_text(["One", "Three"])
    await page.get_by_role("button", name="Undo").click()
    await expect(titles).to_have_text(["One", "Two", "Three"])
    [collection] = await load_all(database, Collection)
    order = [ids["One"], ids["Two"], ids["Three"]]

    async def is_kept() -> bool | None:
        return await load_collection_order(database, collection.id) == list(enumerate(order)) or None

    await wait_for(is_kept)
    await page.reload()
    await expect(titles).to_have_text(["One", "Two", "Three"])
    await share_and_delete(page, client)
    assert (await load_all(database, Collection))[0].deleted_at is not None
    assert await list_titles(client, cast.ada) == ["One", "Two", "Three"]


async def share_and_delete(page: Page, client: httpx.AsyncClient) -> None:
    """Edit, share and delete the collection that is shown, and sign out before the time to undo is over."""
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("Description").fill("For the night train")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("For the night train")).to_be_visible()
    await page.get_by_role("button", name="Share").click()
    await page.get_by_role("button", name="Create a link").click()
    address = await page.get_by_role("textbox", name="Copy the link").input_value()
    assert NAME in (await client.get(address)).text
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No collection yet.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()
