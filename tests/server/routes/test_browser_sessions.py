"""Signing in and out in a browser by a link's code or an API key."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from core import api_keys, clock
from core.settings import RetentionSettings
from resolvers.access import browser_sessions
from resolvers.organizations import offboarding
from server import session_cookie
from storage.maintenance import retention
from storage.postgres.database import Database
from storage.queries import accounts
from storage.tables import ApiKey, CredentialKind
from tests.support.processes import configured_server
from tests.support.users import Cast

PATH = "/studio/session"
VIEWER = {"query": "{ viewer { id } }"}


async def viewer_of(client: httpx.AsyncClient, headers: dict[str, str] | None = None) -> str | None:
    """Return the id of the user that the client's cookie signs in."""
    answer = (await client.post("/graphql", json=VIEWER, headers=headers)).json()
    return None if answer.get("data") is None else str(answer["data"]["viewer"]["id"])


async def test_a_code_signs_its_user_in_once(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    code = await browser_sessions.create_code(database, cast.bea.user_id)
    answer = await client.post(PATH, json={"code": code})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await viewer_of(client) == cast.bea.user_id
    again = await client.post(PATH, json={"code": code})
    assert again.status_code == 422
    assert "expired or was used" in again.json()["error"]["details"]["errors"][0]["message"]


async def test_the_cookie_is_kept_from_scripts_and_other_sites(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await client.post(PATH, json={"api_key": cast.ada.key})
    attributes = answer.headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=strict", "path=/", "max-age=2592000"} < set(attributes)
    assert cast.ada.key not in answer.headers["set-cookie"]


async def test_an_expired_code_is_refused(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    code = await browser_sessions.create_code(database)
    async with database.transaction() as session:
        is_code = col(ApiKey.digest) == api_keys.digest(code)
        await session.execute(update(ApiKey).where(is_code).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert (await client.post(PATH, json={"code": code})).status_code == 422


async def test_a_link_without_a_user_signs_in_the_first_admin(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await client.post(PATH, json={"code": await browser_sessions.create_code(database)})
    assert await viewer_of(client) in {cast.ada.user_id, cast.cid.user_id}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"code": "sc_0", "api_key": "ak_0"}, 422),
        ({"code": 7}, 422),
        ({"code": "x"}, 422),
        ({"api_key": "ak_wrong"}, 401),
        ({"password": "x"}, 422),
        ([], 422),
    ],
)
async def test_other_bodies_are_refused(client: httpx.AsyncClient, body: object, status: int) -> None:
    answer = await client.post(PATH, json=body)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


async def test_a_session_is_no_api_key_and_a_key_is_no_session(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    code = await browser_sessions.create_code(database)
    await client.post(PATH, json={"api_key": cast.ada.key})
    session = client.cookies[session_cookie.NAME]
    client.cookies.clear()
    for text in (session, code):
        assert (await client.post("/graphql", json=VIEWER, headers={"X-API-Key": text})).status_code == 401
    for text in (cast.ada.key, code):
        assert await viewer_of(client, {"Cookie": f"{session_cookie.NAME}={text}"}) is None


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_pages_of_other_origins_cannot_use_a_session_or_start_one(
    client: httpx.AsyncClient, cast: Cast, headers: dict[str, str]
) -> None:
    assert (await client.post(PATH, json={"api_key": cast.ada.key}, headers=headers)).status_code == 403
    await client.post(PATH, json={"api_key": cast.ada.key})
    assert (await client.post("/graphql", json=VIEWER, headers=headers)).status_code == 401
    assert (await client.delete(PATH, headers=headers)).status_code == 403
    assert await viewer_of(client) == cast.ada.user_id


async def test_rest_accepts_the_session(client: httpx.AsyncClient, cast: Cast) -> None:
    await client.post(PATH, json={"api_key": cast.ada.key})
    assert (await client.get(f"/v1/music/{cast.ada.organization_id}/tracks")).status_code == 200


async def test_credentials_in_headers_come_before_the_session(client: httpx.AsyncClient, cast: Cast) -> None:
    await client.post(PATH, json={"api_key": cast.ada.key})
    assert await viewer_of(client, cast.bea.headers) == cast.bea.user_id


async def test_signing_out_ends_the_session_and_its_sockets(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    await client.post(PATH, json={"api_key": cast.ada.key})
    cookie = {"Cookie": f"{session_cookie.NAME}={client.cookies[session_cookie.NAME]}"}
    async with configured_server.open_socket(server_url, additional_headers=cookie) as socket:
        answer = await client.delete(PATH)
        assert answer.status_code == 204
        assert session_cookie.NAME not in client.cookies
        assert await configured_server.wait_closed(socket) == (4403, "Forbidden")
    assert await viewer_of(client, cookie) is None
    assert (await client.delete(PATH)).status_code == 204


async def test_another_sign_in_ends_the_session_before(client: httpx.AsyncClient, cast: Cast) -> None:
    await client.post(PATH, json={"api_key": cast.ada.key})
    before = {"Cookie": f"{session_cookie.NAME}={client.cookies[session_cookie.NAME]}"}
    await client.post(PATH, json={"api_key": cast.bea.key})
    assert await viewer_of(client) == cast.bea.user_id
    client.cookies.clear()
    assert await viewer_of(client, before) is None


async def test_a_disabled_user_is_signed_out(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    await client.post(PATH, json={"api_key": cast.bea.key})
    await offboarding.disable(database, cast.bea.user_id)
    assert await viewer_of(client) is None


async def test_a_session_ends_with_its_key_at_the_latest(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        is_key = col(ApiKey.digest) == api_keys.digest(cast.ada.key)
        expires_at = clock.now() + timedelta(hours=1)
        await session.execute(update(ApiKey).where(is_key).values(expires_at=expires_at))
    await client.post(PATH, json={"api_key": cast.ada.key})
    async with database.transaction() as session:
        digest = api_keys.digest(client.cookies[session_cookie.NAME])
        row = await accounts.find_key(session, digest, CredentialKind.SESSION, clock.now())
    assert row is not None
    assert row.expires_at == expires_at


async def test_sessions_are_not_listed_as_keys_and_are_deleted_after_they_expired(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await client.post(PATH, json={"api_key": cast.ada.key})
    async with database.transaction() as session:
        assert len(await accounts.list_keys(session, cast.ada.user_id)) == 1
        is_session = col(ApiKey.kind) == CredentialKind.SESSION
        await session.execute(update(ApiKey).where(is_session).values(expires_at=clock.now() - timedelta(days=8)))
    assert await retention.prune(database, RetentionSettings()) == {"browser_sessions_days": 1}
