"""The story of a person with the studio page, on a real server and worker: sign in, make, hear, keep, share, leave."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from server.cli import sign_in
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")

TITLE = "Harbour at Dawn"

COUNT_TRANSITIONS = """
  window.transitions = 0;
  const start = document.startViewTransition;
  document.startViewTransition = function (...options) {
    transitions += 1;
    return start.apply(this, options);
  };
"""


async def test_a_person_makes_hears_renames_finds_and_shares_a_track(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    link = await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id)
    await page.emulate_media(reduced_motion="no-preference")
    await page.add_init_script(COUNT_TRANSITIONS)
    await page.goto(link)
    prompt = page.get_by_label("Describe the music")
    await prompt.fill("solo piano, slow and quiet, 70 bpm")
    assert "code" not in page.url
    assert await page.evaluate("transitions") == 0
    await expect(page.get_by_text("70 bpm", exact=True)).to_be_visible()

    await page.get_by_label("Length").select_option("5")
    await page.get_by_role("button", name="Make it").click()
    recent = page.locator(".track-row")
    await expect(recent).to_have_count(1)

    await recent.get_by_role("button", name=re.compile("^Play ")).click()
    position = page.get_by_role("slider", name="Position", exact=True)
    await expect(position).to_have_attribute("aria-valuenow", re.compile("^[1-9]"))

    await recent.get_by_role("link").click()
    await page.get_by_role("button", name="Rename").click()
    assert await page.evaluate("transitions") == 1
    await page.get_by_label("Title").fill(TITLE)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)

    await page.get_by_role("button", name="Share").click()
    await page.get_by_role("button", name="Create a link").click()
    address = await page.get_by_role("textbox", name="Copy the link").input_value()
    await page.keyboard.press("Escape")
    assert TITLE in (await client.get(address)).text

    await page.get_by_role("link", name="Library").click()
    await page.get_by_role("searchbox").fill("harbour")
    await expect(page.get_by_role("link", name=TITLE)).to_have_count(2)  # in the list and in the player
    await page.get_by_role("searchbox").fill("absent")
    await expect(page.get_by_text("No track matches")).to_be_visible()

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("API key")).to_be_visible()
