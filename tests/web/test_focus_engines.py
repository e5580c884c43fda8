"""The choice of an engine on the Focus screen."""

import re

from playwright.async_api import Page, expect

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import FocusSession
from tests.support import factories
from tests.support.browser import configured_studio
from tests.support.remote import peer_engine
from tests.support.users import Cast


async def test_only_engines_that_play_focus_sessions_are_offered(
    page: Page, database: Database, settings: Settings, redis_url: str, cast: Cast
) -> None:
    able = peer_engine.engine_settings("http://127.0.0.1:9", name="Far", options={"focus": True}).remote
    short = peer_engine.engine_settings("http://127.0.0.1:9", name="Short").remote
    remote = {"far": able[peer_engine.KEY], "short": short[peer_engine.KEY]}
    async with configured_studio(page, settings, redis_url, cast.ada, engines={"remote": remote}):
        await page.get_by_role("link", name="Focus").first.click()
        choice = page.get_by_label("Engine")
        await expect(choice.locator("option")).to_have_text(["Studio", "Far"])
        await choice.select_option("far")
        # four rounds of 25 minutes at 0.60 a minute
        await expect(page.locator("form .number")).to_have_text(re.compile(r"15\.00"))
        await page.get_by_role("button", name="Start").click()
        await expect(page.locator(".stage")).to_be_visible()
        await page.get_by_role("button", name="End").click()
        await expect(page.locator("form")).to_be_visible()
    [row] = await factories.load_all(database, FocusSession)
    assert row.engine == "far"
