"""The admin screens: keys that sign in and end, a person who is invited, a webhook whose delivery is repeated."""

import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from core.webhooks import DeliveryStatus, WebhookEvent
from storage.postgres.database import Database
from storage.tables import Webhook, WebhookDelivery
from tests.support.browser import open_profile, open_studio
from tests.support.factories import load_all
from tests.support.processes import http_receiver
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("paced_worker", "client")


async def open_admin(page: Page, settings: Settings, person: Person, section: str) -> None:
    await open_studio(page, settings.public_url, person)
    await page.get_by_role("link", name="Admin").click()
    if section != "Usage":
        await page.get_by_role("navigation", name="Admin").get_by_role("link", name=section).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(section)


async def test_a_new_key_signs_in_until_it_is_revoked(page: Page, settings: Settings, cast: Cast) -> None:
    await open_admin(page, settings, cast.ada, "API keys")
    await page.get_by_role("button", name="Create a key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Deploys")
    await dialog.get_by_label("Expires").select_option("30")
    await dialog.get_by_role("button", name="Create a key").click()
    key = await page.get_by_role("textbox", name="Copy").input_value()
    await page.get_by_role("button", name="I have stored it").click()
    await expect(page.get_by_role("row")).to_have_count(4)  # head, new key, and those of Ada and Bea
    assert key not in await page.content()

    other = await open_profile(page)
    await other.goto(f"{settings.public_url}/studio")
    await other.get_by_label("API key").fill(key)
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.get_by_label("Describe the music")).to_be_visible()

    revoke = page.get_by_role("button", name="Revoke: Deploys")
    await revoke.click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_role("row", name="Deploys")).to_contain_text("revoked")
    await other.get_by_role("link", name="Library").click()
    await expect(other.get_by_label("API key")).to_be_visible()


async def test_another_browser_is_signed_out(page: Page, settings: Settings, cast: Cast) -> None:
    await open_admin(page, settings, cast.ada, "Browsers")
    await expect(page.get_by_role("row", name="Chrome, Linux")).to_contain_text("this browser")
    other = await open_profile(page)
    await open_studio(other, settings.public_url, cast.ada)

    await page.reload()
    await page.get_by_role("button", name="Sign out: Chrome, Linux").click()
    await page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("row")).to_have_count(2)  # head and this browser
    await other.get_by_role("link", name="Library").click()
    await expect(other.get_by_label("API key")).to_be_visible()


async def test_a_person_is_invited_and_sees_what_members_may(page: Page, settings: Settings, cast: Cast) -> None:
    await open_admin(page, settings, cast.ada, "Members")
    await page.get_by_role("button", name="Add a person").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Dora")
    await page.get_by_role("dialog").get_by_role("button", name="Add a person").click()
    link = await page.get_by_role("textbox", name="Copy").input_value()
    await page.get_by_role("button", name="I have stored it").click()
    await page.get_by_label("Role of Dora").select_option("Viewer")

    other = await open_profile(page)
    await other.goto(link)
    await other.get_by_role("link", name="Usage").click()
    await expect(other.get_by_role("heading", name="This month")).to_be_visible()
    sections = other.get_by_role("navigation", name="Admin").get_by_role("link")
    await expect(sections).to_have_text(["Usage", "API keys", "Browsers"])

    await page.get_by_role("button", name="Remove: Dora").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("row", name="Dora")).to_have_count(0)


async def test_a_webhook_is_created_and_a_delivery_repeated(
    page: Page, settings: Settings, database: Database, cast: Cast
) -> None:
    await open_admin(page, settings, cast.ada, "Webhooks")
    with http_receiver.running() as receiver:
        await page.get_by_role("button", name="Add a webhook").click()
        await page.get_by_label("URL").fill(receiver.url)
        await page.get_by_role("dialog").get_by_role("button", name="Add a webhook").click()
        secret = page.get_by_role("textbox", name="Copy")
        assert (await secret.input_value()).startswith("whsec_")
        await page.get_by_role("button", name="I have stored it").click()
        [webhook] = await load_all(database, Webhook)
        async with database.transaction() as session:
            event = WebhookEvent.GENERATION_FAILED.value
            session.add(
                WebhookDelivery(
                    id="mdel_0123456789ab",
                    webhook_id=webhook.id,
                    event=event,
                    payload={"data": {}},
                    status=DeliveryStatus.FAILED,
                )
            )
        await page.get_by_role("link", name=receiver.url).click()
        await expect(page.get_by_text("none yet")).to_be_visible()
        await page.get_by_role("button", name="Deliver again").click()
        await expect(page.get_by_role("cell", name="delivered", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Deliver again")).to_be_focused()
        assert len(receiver.received) == 1
