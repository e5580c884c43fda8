"""Steps of a person with the studio page in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from core.settings import Settings
from tests.support.processes import configured_server
from tests.support.users import Person


async def open_studio(page: Page, url: str, person: Person, path: str = "") -> None:
    """Sign the browser in as a person and open a screen. ``path`` is its address below that of the page."""
    await sign_in(page, url, person)
    await page.goto(f"{url}/studio{path}")
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.locator("main[aria-busy]")).to_have_count(0)


@asynccontextmanager
async def configured_studio(
    page: Page, settings: Settings, redis_url: str, person: Person, **sections: dict[str, object]
) -> AsyncIterator[None]:
    """Open the studio on a server with these changes to sections of its settings.

    The page is closed before the server stops, because it would connect again, which the browser reports as an error.
    """
    with configured_server.run_server(settings, redis_url, **sections) as url:
        await open_studio(page, url, person)
        yield
        await page.close()


async def sign_in(page: Page, url: str, person: Person) -> None:
    """Give the browser the cookie of a person's session."""
    answer = await page.context.request.post(f"{url}/studio/session", data={"api_key": person.key})
    assert answer.ok


async def open_profile(page: Page) -> Page:
    """Return a page of another browser profile, which does not share the session."""
    assert page.context.browser is not None
    context = await page.context.browser.new_context(locale="en-US", reduced_motion="reduce")
    return await context.new_page()
