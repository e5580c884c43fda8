"""Each screen with axe, light, dark, on a phone and zoomed; the page by keyboard alone, and its settings."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import httpx
import pytest
import pytest_asyncio
from music_studio_client import AsyncMusicStudio
from music_studio_client.models import WebhookEvent
from playwright.async_api import Browser, Page, ViewportSize, expect

from benchmarks.node_packages import NodeError
from benchmarks.page.type_check import tools
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.browser import open_studio, sign_in
from tests.support.graphql.libraries import put_saved
from tests.support.users import Cast

SCREENS: Final = (
    "/studio", "/studio/library", "/studio/collections", "/studio/collections/{collection}", "/studio/track/{track}",
    "/studio/focus", "/studio/absent", "/studio/admin", "/studio/admin/keys", "/studio/admin/browsers",
    "/studio/admin/webhooks", "/studio/admin/webhooks/{webhook}", "/studio/admin/members", "{shared}",
)  # fmt: skip
NARROW: Final = ViewportSize(width=320, height=640)
ZOOMED: Final = ViewportSize(width=640, height=400)
"""The pixels of a window of 1280 by 800 at 200 %."""
FIND_PROBLEMS: Final = """async (rules) => {
  const options = rules ? { runOnly: { type: "rule", values: rules } } : {};
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`);
}"""
OVERFLOW: Final = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
SHIFT: Final = """new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""


@pytest.fixture(scope="module")
def axe() -> Iterator[str]:
    """The source of axe, which the pages' policy would not let them load."""
    try:
        with tools() as folder:
            yield (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    except NodeError as error:
        pytest.skip(str(error))


@pytest_asyncio.fixture
async def open_page(browser: Browser) -> AsyncIterator[Page]:
    """A page into which tests may inject scripts."""
    context = await browser.new_context(bypass_csp=True, locale="en-US", reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def problems(page: Page, rules: list[str] | None = None) -> list[str]:
    found: list[str] = await page.evaluate(FIND_PROBLEMS, rules)
    return found


async def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Page, axe: str, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    page = open_page
    track = await put_saved(client, database, cast.ada, title="Harbour", style="Ambient")
    async with AsyncMusicStudio(str(client.base_url), cast.ada.key) as studio:
        collection = await studio.collections.create("Evenings")
        await studio.collections.add(collection.id, track)
        webhook = (
            await studio.webhooks.create("https://example.com/hook", [WebhookEvent.GENERATION_SUCCEEDED])
        ).webhook
        shared = (await studio.shares.share_collection(collection.id)).url
    ids = {"track": track, "collection": collection.id, "webhook": webhook.id, "shared": shared}
    await page.goto(str(client.base_url.join("/studio")))
    await expect(page.get_by_label("API key")).to_be_visible()
    await page.evaluate(axe)
    found = {"sign-in": await problems(page)}
    await sign_in(page, settings.public_url, cast.ada)
    for screen in SCREENS:
        await page.goto(str(client.base_url.join(screen.format(**ids))))
        await expect(page.locator("main[aria-busy]")).to_have_count(0)
        await expect(page.locator("main h1")).to_be_visible()
        await page.evaluate(axe)
        found[f"{screen} light"] = await problems(page)
        await page.emulate_media(color_scheme="dark")
        found[f"{screen} dark"] = await problems(page, ["color-contrast"])
        await page.emulate_media(color_scheme="light")
        assert await page.evaluate(SHIFT) < 0.05, screen
        for size in (ZOOMED, NARROW):
            await page.set_viewport_size(size)
            assert await page.evaluate(OVERFLOW) <= 0, f"{screen} at {size['width']} px"
        found[f"{screen} phone"] = await problems(page)
        await page.set_viewport_size(ViewportSize(width=1280, height=800))
    assert {screen: each for screen, each in found.items() if each} == {}


async def test_a_person_uses_the_page_by_keyboard_alone(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    await put_saved(client, database, cast.ada, title="Harbour", style="Ambient")
    await open_studio(page, settings.public_url, cast.ada)
    await expect(page.get_by_label("Describe the music")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    for _ in range(20):  # back to the first link of the page
        if await page.evaluate("document.activeElement.className") == "skip":
            break
        await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("link", name="Skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()

    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("harbour")
    await expect(page.get_by_text("1 track", exact=True)).to_be_visible()
    link = page.get_by_role("main").get_by_role("link", name="Harbour")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()

    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_theme_and_language_are_remembered(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    await open_studio(page, settings.public_url, cast.ada)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Appearance").select_option(label="Dark")
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    assert await page.evaluate(scheme) == "dark"
    await page.get_by_role("combobox", name="Language").select_option(label="Deutsch")
    await expect(page.get_by_role("link", name="Bibliothek")).to_be_visible()
    assert await page.evaluate(scheme) == "dark"
    assert await page.evaluate("document.documentElement.lang") == "de"


async def test_the_page_works_without_storage(page: Page, server_url: str, cast: Cast) -> None:
    await page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('off') } })")
    await open_studio(page, server_url, cast.ada)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Appearance").select_option(label="Light")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="Library").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Library")
