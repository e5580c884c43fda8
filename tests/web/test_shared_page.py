"""The page of a share link in the browser: with a script and without, and saving to the library."""

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from tests.support.browser import sign_in
from tests.support.polling import wait_for
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("paced_worker")

TITLE = "Harbour at Dawn"


async def make_link(client: httpx.AsyncClient, cast: Cast, *, is_collection: bool = False) -> str:
    """Render a short track of Ada and return the URL of a link to it, or to a collection with it."""
    base, headers = f"/v1/music/{cast.ada.organization_id}", cast.ada.headers
    wish = {"engine": "paced", "prompt": "solo piano, calm", "duration_seconds": 5, "title": TITLE}
    job = (await client.post(f"{base}/generations", json=wish, headers=headers)).json()["id"]

    async def find_track() -> str | None:
        answer = await client.get(f"{base}/generations/{job}", headers=headers)
        return str(answer.json()["result_track_id"]) if answer.json()["status"] == "succeeded" else None

    target = f"tracks/{await wait_for(find_track)}"
    if is_collection:
        made = (await client.post(f"{base}/collections", json={"name": "Quiet mornings"}, headers=headers)).json()
        member = {"track_id": target.removeprefix("tracks/")}
        await client.post(f"{base}/collections/{made['id']}/tracks", json=member, headers=headers)
        target = f"collections/{made['id']}"
    return str((await client.post(f"{base}/{target}/share", headers=headers)).json()["url"])


async def test_a_visitor_hears_the_track_and_someone_signed_in_saves_it(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    link = await make_link(client, cast)
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    await expect(page.get_by_text("You may use this commercially. No credit needed.")).to_be_visible()
    await expect(page.get_by_role("link", name="Sign in to save it to your library")).to_be_visible()
    await page.get_by_role("button", name=f"Play {TITLE}").click()
    await expect(page.get_by_text(re.compile(r"^0:0[1-9] / 0:0\d$"))).to_be_visible()
    await page.get_by_role("button", name=f"Pause {TITLE}").click()
    await page.get_by_role("slider", name=f"Position in {TITLE}").press("Home")
    await expect(page.get_by_text(re.compile("^0:00 / "))).to_be_visible()

    await page.get_by_role("link", name="Sign in to save it to your library").click()
    await page.get_by_label("API key").fill(cast.bea.key)
    await page.get_by_role("button", name="Sign in").click()
    # signing in leads back, and the track is saved
    await expect(page.get_by_role("link", name="In my library")).to_be_focused()
    assert page.url == link

    await sign_in(page, settings.public_url, cast.cid)
    await page.goto(link)
    await page.get_by_role("button", name="Save to my library").click()
    await page.get_by_role("link", name="In my library").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert "/studio/track/" in page.url


async def test_a_collection_is_a_list_from_which_tracks_are_saved(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    link = await make_link(client, cast, is_collection=True)
    await sign_in(page, settings.public_url, cast.cid)
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Quiet mornings")
    item = page.get_by_role("listitem")
    await expect(item).to_have_count(1)
    await item.get_by_role("button", name=f"Play {TITLE}").click()
    await expect(item.get_by_text(re.compile(r"^0:0[1-9] / 0:0\d$"))).to_be_visible()
    await item.get_by_role("button", name="Save to my library").click()
    await expect(item.get_by_role("link", name="In my library")).to_be_visible()


async def test_the_page_works_without_a_script(page: Page, client: httpx.AsyncClient, cast: Cast) -> None:
    assert page.context.browser is not None
    context = await page.context.browser.new_context(java_script_enabled=False, locale="de-CH")
    plain = await context.new_page()
    link = await make_link(client, cast)
    await plain.goto(link)
    await expect(plain.get_by_role("heading", level=1)).to_have_text(TITLE)
    player = plain.locator("audio")
    await expect(player).to_be_visible()
    box, window = await player.bounding_box(), plain.viewport_size
    assert box is not None
    assert window is not None
    assert box["y"] + box["height"] < window["height"]
    await expect(plain.get_by_role("img", name="Wellenform")).to_be_visible()
    await expect(plain.get_by_text("Keine Namensnennung nötig.")).to_be_visible()
    file = httpx.URL(link).join(str(await player.get_attribute("src")))
    assert (await client.get(file, follow_redirects=True)).headers["content-type"] == "audio/mpeg"
    await context.close()
