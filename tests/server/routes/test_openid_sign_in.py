"""Signing in at an OpenID provider, and what a person reads when that fails."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from pydantic import ValidationError

from core.network import tls
from core.settings import OpenIdSettings, Settings
from resolvers.organizations import offboarding
from storage.postgres.database import Database
from storage.tables import ApiKey, CredentialKind, Role, User
from tests.support.factories import load_all
from tests.support.processes import configured_server, openid_provider
from tests.support.processes.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.users import Cast

VIEWER = {"query": "{ viewer { id name organizations { id viewerRole } } }"}


@pytest.fixture(scope="module")
def running_provider() -> Iterator[Provider]:
    with openid_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: Provider) -> Provider:
    running_provider.is_allowed = running_provider.are_codes_valid = True
    running_provider.claims, running_provider.metadata, running_provider.status = {}, {}, None
    return running_provider


def section(provider: Provider, **changes: object) -> dict[str, object]:
    values = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "A&B"}
    return {**values, **changes}


@pytest.fixture(scope="module")
def url(settings: Settings, redis_url: str, running_provider: Provider) -> Iterator[str]:
    with configured_server.run_server(settings, redis_url, openid=section(running_provider)) as url:
        yield url


@dataclass
class Browser:
    """A browser that follows the redirects of a sign-in step by step."""

    client: httpx.AsyncClient

    async def start(self) -> str:
        """Return the address of the provider to which the page sends the browser."""
        answer = await self.client.get("/studio/openid")
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
        return str(answer.headers["location"])

    async def agree(self, address: str) -> str:
        """Return the address to which the provider sends the browser back."""
        return str((await self.client.get(address)).headers["location"])

    async def sign_in(self) -> httpx.Response:
        return await self.client.get(await self.agree(await self.start()))

    async def viewer(self) -> Any:  # noqa: ANN401
        answer = (await self.client.post("/graphql", json=VIEWER)).json()
        return answer["data"] and answer["data"]["viewer"]


@pytest_asyncio.fixture
async def browser(url: str, database: Database, provider: Provider) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
        yield Browser(client)


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status, and the reason that the page explains."""
    assert "music_studio_session" not in answer.headers.get("set-cookie", "")
    found = re.search('data-problem="([A-Z]*)"', answer.text)
    assert found is not None
    return answer.status_code, found[1]


async def test_a_person_signs_in_and_out(browser: Browser, database: Database, cast: Cast, provider: Provider) -> None:
    provider.claims = {"orgs": [cast.ada.organization_id, "org_of_nobody"]}
    answer = await browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    viewer = await browser.viewer()
    assert viewer["name"] == "Sam One"
    assert viewer["organizations"] == [{"id": cast.ada.organization_id, "viewerRole": "MEMBER"}]
    [user] = [row for row in await load_all(database, User) if row.issuer]
    assert (user.id, user.issuer, user.subject) == (viewer["id"], provider.issuer, "someone")
    assert (await browser.sign_in()).status_code == 303
    assert (await browser.viewer())["id"] == user.id
    assert (await browser.client.delete("/studio/session")).status_code == 204
    assert await browser.viewer() is None


async def test_a_session_has_only_the_organizations_of_its_token(
    browser: Browser, database: Database, cast: Cast, provider: Provider
) -> None:
    provider.claims = {"orgs": cast.ada.organization_id}
    await browser.sign_in()
    provider.claims = {}
    await browser.sign_in()
    viewer = await browser.viewer()
    assert viewer["organizations"] == []
    await offboarding.grant(database, viewer["id"], cast.cid.organization_id, Role.ADMIN)
    assert (await browser.viewer())["organizations"] == [{"id": cast.cid.organization_id, "viewerRole": "ADMIN"}]


async def test_the_session_ends_sooner_than_others(browser: Browser, database: Database) -> None:
    answer = await browser.sign_in()
    assert "max-age=43200" in answer.headers["set-cookie"].lower()
    [row] = await load_all(database, ApiKey)
    assert row.kind is CredentialKind.SESSION
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at).total_seconds() == pytest.approx(43_200, abs=60)


async def test_the_request_is_tied_to_the_browser(browser: Browser) -> None:
    address = urlsplit(await browser.start())
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query["scope"] == "openid profile"
    assert urlsplit(query["redirect_uri"]).path == "/studio/openid/callback"
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    [cookie] = [each for each in browser.client.cookies.jar if each.name == "music_studio_openid"]
    assert cookie.path == "/studio/openid"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    again = parse_qs(urlsplit(await browser.start()).query)
    assert again["state"] != [query["state"]]


@pytest.mark.parametrize("query", ["", "?code=1", "?state=x&code=1", "?state=%F0%9F%8E%B5&error=access_denied"])
async def test_another_state_is_refused(browser: Browser, query: str) -> None:
    await browser.start()
    assert problem_of(await browser.client.get(f"/studio/openid/callback{query}")) == (400, "EXPIRED")
    assert "music_studio_openid" not in browser.client.cookies


async def test_a_response_for_another_browser_is_refused(browser: Browser, url: str) -> None:
    address = await browser.agree(await browser.start())
    async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as other:
        assert problem_of(await other.get(address)) == (400, "EXPIRED")


async def test_an_expired_code_and_a_code_that_was_used_are_refused(browser: Browser, provider: Provider) -> None:
    address = await browser.agree(await browser.start())
    cookies = dict(browser.client.cookies)
    assert (await browser.client.get(address)).status_code == 303
    browser.client.cookies.clear()
    browser.client.cookies.update(cookies)
    assert problem_of(await browser.client.get(address)) == (400, "EXPIRED")
    provider.are_codes_valid = False
    assert problem_of(await browser.sign_in()) == (400, "EXPIRED")


async def test_a_denied_consent_is_told(browser: Browser, provider: Provider) -> None:
    provider.is_allowed = False
    assert problem_of(await browser.sign_in()) == (403, "DENIED")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"]},
        {"azp": "another"},
        {"iss": "https://another.example"},
        {"iat": None},
        {"exp": 1},
        {"sub": ""},
        {"at_hash": "wrong"},
        {"orgs": 7},
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    browser: Browser, provider: Provider, claims: dict[str, object]
) -> None:
    provider.claims = claims
    assert problem_of(await browser.sign_in()) == (403, "REFUSED")
    assert await browser.viewer() is None


async def test_a_disabled_user_is_refused(browser: Browser, database: Database) -> None:
    await browser.sign_in()
    await offboarding.disable(database, (await browser.viewer())["id"])
    assert await browser.viewer() is None
    assert problem_of(await browser.sign_in()) == (403, "REFUSED")


@pytest.mark.parametrize("status", [500, 503])
async def test_a_provider_that_fails_is_told(browser: Browser, provider: Provider, status: int) -> None:
    address = await browser.agree(await browser.start())
    provider.status = status
    answer = await browser.client.get(address)
    assert problem_of(answer) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "10"


@pytest.mark.parametrize(
    "changes", [{"issuer": "http://127.0.0.1:9/realm"}, {"client_secret": "wrong"}, {"client_secret": None}]
)
async def test_other_settings_fail_without_a_session(
    settings: Settings, redis_url: str, provider: Provider, changes: dict[str, object]
) -> None:
    with configured_server.run_server(settings, redis_url, openid=section(provider, **changes)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
            if "issuer" in changes:
                assert problem_of(await client.get("/studio/openid")) == (503, "UNAVAILABLE")
            else:
                assert problem_of(await Browser(client).sign_in()) == (403, "REFUSED")


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://another.example"}, {"jwks_uri": None}, {"token_endpoint": ["x"]}]
)
async def test_metadata_of_another_issuer_is_refused(
    settings: Settings, redis_url: str, provider: Provider, metadata: dict[str, object]
) -> None:
    provider.metadata = metadata
    with configured_server.run_server(settings, redis_url, openid=section(provider)) as url:
        async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
            assert problem_of(await client.get("/studio/openid")) == (503, "UNAVAILABLE")
            provider.metadata = {}
            assert (await client.get("/studio/openid")).status_code == 303


async def test_links_have_the_address_and_the_sub_path_of_the_proxy(
    settings: Settings, redis_url: str, cast: Cast, provider: Provider
) -> None:
    proxy: dict[str, object] = {
        "public_url": None,
        "allowed_hosts": ("music.example.org",),
        "trusted_proxies": ("127.0.0.1",),
    }
    names = {"Host": "music.example.org", "Proto": "https", "Prefix": "/tools"}
    forwarded = {f"X-Forwarded-{name}": value for name, value in names.items()}
    with configured_server.run_server(settings, redis_url, openid=section(provider), server=proxy) as url:
        async with httpx.AsyncClient(
            base_url=url, timeout=100, headers=forwarded, verify=tls.default_context()
        ) as client:
            answer = await client.get("/studio/openid")
            state, nonce_and_verifier = answer.headers["set-cookie"].partition("=")[2].split(";")[0].split(".", 1)
            assert "; Secure" in answer.headers["set-cookie"]
            assert "Path=/tools/studio/openid;" in answer.headers["set-cookie"]
            address = (await client.get(answer.headers["location"])).headers["location"]
            assert address.startswith("https://music.example.org/tools/studio/openid/callback?")
            # the proxy passes the path on without its own
            query, cookie = urlsplit(address).query, f"music_studio_openid={state}.{nonce_and_verifier}"
            answer = await client.get(f"/studio/openid/callback?{query}", headers={"Cookie": cookie})
    assert (answer.status_code, answer.headers["location"]) == (303, "/tools/studio")
    assert "Path=/tools/;" in answer.headers["set-cookie"]


async def test_without_a_provider_the_page_has_no_such_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/studio/openid")
    assert answer.status_code == 404
    assert 'data-provider=""' in answer.text


async def test_the_page_names_the_provider(browser: Browser) -> None:
    assert 'data-provider="A&amp;B" data-problem=""' in (await browser.client.get("/studio")).text


@pytest.mark.parametrize(
    "values", [{"issuer": "https://id.example"}, {"client_id": "x"}, {"scopes": "profile"}, {"issuer": "id.example"}]
)
def test_incomplete_settings_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OpenIdSettings.model_validate(values)
