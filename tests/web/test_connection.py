"""The page while the server restarts, without a network, in two tabs, and when its session is revoked."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.browser import open_profile, open_studio
from tests.support.graphql.client import data
from tests.support.graphql.libraries import put_saved
from tests.support.processes.servers import run_server
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("paced_worker")

END_SESSIONS = "mutation { endBrowserSessions(input: {}) { __typename } }"


class Render:
    """A render that a test holds; see `paced_engine`. It is four fifths of the work for a track."""

    def __init__(self, path: Path) -> None:
        self.prompt = str(path)
        self._path = path
        self.advance("0.25")

    def advance(self, progress: str) -> None:
        self._path.write_text(progress, encoding="utf-8")

    def finish(self) -> None:
        self._path.unlink(missing_ok=True)


@pytest.fixture
def render(tmp_path: Path) -> Iterator[Render]:
    render = Render(tmp_path / "render")
    yield render
    render.finish()


@pytest_asyncio.fixture
async def offline_page(page: Page) -> AsyncIterator[Page]:
    """A page whose requests may fail, which the browser reports as errors. It may throw none."""
    other, thrown = await open_profile(page), list[str]()
    other.on("pageerror", lambda error: thrown.append(str(error)))
    yield other
    assert thrown == []


async def make(page: Page, render: Render) -> Locator:
    """Make a track whose render is held, and return the strip that shows it."""
    await page.get_by_label("Describe the music").fill(render.prompt)
    await page.get_by_role("button", name="Make it").click()
    strip = page.get_by_role("region", name="Being made")
    await expect(strip).to_contain_text("20 %")
    return strip


async def test_progress_goes_on_after_the_server_restarts(
    offline_page: Page, settings: Settings, cast: Cast, render: Render, tmp_path: Path
) -> None:
    page, log = offline_page, tmp_path / "log"
    server = settings.server.model_copy(update={"port": ports.find_free()})
    own = settings.model_copy(update={"server": server})
    with run_server(own, log, "paced"):
        await open_studio(page, own.public_url, cast.ada)
        strip = await make(page, render)
    await expect(strip).to_contain_text("Connection lost")
    render.advance("0.5")
    with run_server(own, log, "paced"):
        await expect(strip).to_contain_text("40 %")
        await expect(strip).not_to_contain_text("Connection lost")
        render.finish()
        await expect(page.locator(".track-row")).to_have_count(1)
        await expect(strip.get_by_role("listitem")).to_have_count(0)


async def test_nothing_is_lost_without_a_network(
    offline_page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, render: Render
) -> None:
    page = offline_page
    await put_saved(client, database, cast.ada, title="Harbour")
    await open_studio(page, settings.public_url, cast.ada)
    strip = await make(page, render)
    prompt = page.get_by_label("Describe the music")
    await prompt.fill("calm piano")

    await page.context.set_offline(offline=True)
    await expect(strip).to_contain_text("Offline.")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await expect(prompt).to_have_value("calm piano")
    favourite = page.get_by_role("button", name="Favourite: Harbour")
    await favourite.click()
    await expect(page.locator(".toast")).to_contain_text("The server cannot be reached.")
    await expect(favourite).to_have_attribute("aria-pressed", "false")
    render.advance("0.5")
    await page.get_by_role("link", name="Collections").click()
    await expect(prompt).to_have_count(0)
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")

    await page.context.set_offline(offline=False)
    await expect(page.get_by_text("No collection yet.")).to_be_visible()
    await expect(strip).to_contain_text("40 %")
    await expect(strip).not_to_contain_text("Offline.")
    render.finish()
    await expect(strip.get_by_role("listitem")).to_have_count(0)
    await page.get_by_role("link", name="Library").click()
    await expect(page.locator(".track-row a")).to_have_text(["Quick", "Harbour"])


async def test_what_is_done_in_one_tab_is_seen_in_the_other(
    page: Page, client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, render: Render
) -> None:
    await put_saved(client, database, cast.ada, title="Harbour")
    await open_studio(page, settings.public_url, cast.ada)
    other = await page.context.new_page()
    await other.goto(f"{settings.public_url}/studio/library")
    titles = other.locator(".track-row a")
    await expect(titles).to_have_text(["Harbour"])

    await page.get_by_role("button", name="Favourite: Harbour").click()
    await expect(other.get_by_role("button", name="Favourite: Harbour")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="More for Harbour").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(titles).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(titles).to_have_text(["Harbour"])

    await make(page, render)
    await expect(other.get_by_role("region", name="Being made")).to_contain_text("20 %")
    render.finish()
    await expect(titles).to_have_text(["Quick", "Harbour"])
    await page.get_by_role("button", name="Sign out").click()
    await expect(other.get_by_label("API key")).to_be_visible()
    await expect(titles).to_have_count(0)

    await other.get_by_label("API key").fill(cast.bea.key)
    await other.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_label("Describe the music")).to_be_visible()


async def test_a_page_whose_session_is_revoked_returns_to_the_sign_in(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast, render: Render
) -> None:
    await open_studio(page, settings.public_url, cast.ada)
    await make(page, render)
    assert await data(client, cast.ada, END_SESSIONS) == {
        "endBrowserSessions": {"__typename": "EndBrowserSessionsPayload"}
    }
    await expect(page.get_by_label("API key")).to_be_visible()
    await expect(page.get_by_text(render.prompt)).to_have_count(0)
    await page.get_by_label("API key").fill(cast.ada.key)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("region", name="Being made")).to_contain_text("20 %")
    render.finish()
    await expect(page.locator(".track-row")).to_have_count(1)
