"""The player on a phone: a sheet that opens upwards, and what the operating system shows of the track."""

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import open_studio
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("paced_worker")


@pytest.mark.usefixtures("client")
async def test_the_player_opens_to_a_sheet_and_fills_the_notice_of_the_system(
    page: Page, server_url: str, cast: Cast
) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_studio(page, server_url, cast.ada)
    await page.get_by_label("Describe the music").fill("solo piano, slow and sparse")
    await page.get_by_label("Length").select_option("5")
    await page.get_by_role("button", name="Make it").click()
    track = page.locator(".track-row")
    title = await track.get_by_role("link").inner_text()
    await track.get_by_role("button", name=f"Play {title}").click()
    volume = page.get_by_role("slider", name="Volume")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await expect(volume).to_be_hidden()
    notice = await page.evaluate("[navigator.mediaSession.metadata.title, navigator.mediaSession.playbackState]")
    assert notice == [title, "playing"]

    await page.get_by_role("button", name="Open the player").click()
    await volume.fill("0.5")
    await expect(page.get_by_role("slider", name="Position")).to_be_visible()
    await expect(page.locator("main[inert]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(volume).to_be_hidden()
    await expect(page.locator("main[inert]")).to_have_count(0)
    await expect(page.get_by_role("button", name="Open the player")).to_be_focused()

    await page.reload()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(volume).to_have_value("0.5")
