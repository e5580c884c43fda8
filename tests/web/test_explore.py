"""GraphiQL with the session of the studio page."""

import asyncio
import re

import httpx
from playwright.async_api import Page, expect

from core.settings import Settings
from server.cli import sign_in
from tests.support.users import Cast


async def test_examples_run_with_the_session_and_subscriptions_use_the_socket(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    await page.goto(await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id))
    await expect(page.get_by_label("Describe the music")).to_be_visible()
    await page.goto(str(client.base_url.join("/graphql")))

    run = page.get_by_role("button", name="Execute query")
    result = page.locator(".result-window")
    await run.click()
    await expect(result).to_contain_text(cast.ada.organization_id)

    await page.get_by_role("tab", name="Watch").click()
    await expect(page.locator(".graphiql-query-editor")).to_contain_text("subscription Watch")
    async with page.expect_websocket() as opened:
        await run.click()
    await (await opened.value).wait_for_event("framereceived")
    stop = page.get_by_role("button", name=re.compile("Stop"))
    await expect(stop).to_be_visible()
