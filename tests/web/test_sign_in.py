"""Signing in on the page at an identity provider."""

from playwright.async_api import Page, expect

from core.settings import Settings
from storage.postgres.database import Database
from tests.support.browser import open_profile
from tests.support.processes import configured_server, openid_provider
from tests.support.processes.openid_provider import CLIENT_ID, CLIENT_SECRET
from tests.support.users import Cast


async def test_a_person_signs_in_at_the_provider_after_a_refusal(
    page: Page, settings: Settings, redis_url: str, database: Database, cast: Cast
) -> None:
    with openid_provider.running() as provider:
        section: dict[str, object] = {
            "issuer": provider.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "name": "Example",
        }
        provider.claims = {"orgs": [cast.ada.organization_id]}
        provider.is_allowed = False
        with configured_server.run_server(settings, redis_url, openid=section) as url:
            # the browser reports the status 403 of the refusal as an error, which the fixture's page must not have
            page = await open_profile(page)
            await page.goto(f"{url}/studio")
            button = page.get_by_role("button", name="Sign in with Example")
            await button.click()
            await expect(page.get_by_role("alert")).to_contain_text("Example did not sign you in")
            assert page.url == f"{url}/studio"
            provider.is_allowed = True
            await button.click()
            await expect(page.get_by_label("Describe the music")).to_be_visible()
            assert page.url == f"{url}/studio"
            await page.get_by_role("button", name="Sign out").click()
            await expect(button).to_be_visible()

            # as the page of a share link does
            await page.evaluate("sessionStorage.setItem('return', '/docs')")
            await button.click()
            await page.wait_for_url(f"{url}/docs")
