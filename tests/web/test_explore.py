"""GraphiQL with the session of the studio page."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import sign_in
from tests.support.users import Cast


@pytest.mark.usefixtures("client")
async def test_examples_run_with_the_session_and_subscriptions_use_the_socket(
    page: Page, server_url: str, cast: Cast
) -> None:
    await sign_in(page, server_url, cast.ada)
    await page.goto(f"{server_url}/graphql")

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
