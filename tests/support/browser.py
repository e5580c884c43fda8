"""Steps of a person with the studio page in a browser."""

from playwright.async_api import Page, expect

from tests.support.users import Person


async def open_studio(page: Page, url: str, person: Person, path: str = "") -> None:
    """Sign the browser in as a person and open a screen. ``path`` is its address below that of the page."""
    await sign_in(page, url, person)
    await page.goto(f"{url}/studio{path}")
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.locator("main[aria-busy]")).to_have_count(0)


async def sign_in(page: Page, url: str, person: Person) -> None:
    """Give the browser the cookie of a person's session."""
    answer = await page.context.request.post(f"{url}/studio/session", data={"api_key": person.key})
    assert answer.ok


async def open_profile(page: Page) -> Page:
    """Return a page of another browser profile, which does not share the session."""
    assert page.context.browser is not None
    return await (await page.context.browser.new_context(locale="en-US")).new_page()
