"""Signing in and out in a browser by a link's code or an API key."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from core import api_keys, clock
from core.settings import RetentionSettings
from resolvers.access import accounts as accounts_use_cases
from resolvers.access import browser_sessions
from resolvers.organizations import offboarding
from server import session_cookie
from storage.maintenance import retention
from storage.postgres.database import Database
from storage.queries import accounts
from storage.tables import ApiKey, CredentialKind, Role
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


SESSIONS = """
{ viewer { browserSessions { totalCount edges { node { sessionId browser createdAt expiresAt isCurrent } } } } }
"""
END = "mutation($id: ID!) { endBrowserSession(input: { sessionId: $id }) { __typename } }"
END_ALL = """
mutation($all: Boolean) {
  endBrowserSessions(input: { includeCurrent: $all }) { ... on EndBrowserSessionsPayload { endedCount } }
}
"""


async def sign_in(client: httpx.AsyncClient, key: str, browser: str = "Browser") -> dict[str, str]:
    """Sign in as another browser than the client; return the header with its cookie."""
    client.cookies.clear()
    await client.post(PATH, json={"api_key": key}, headers={"User-Agent": browser})
    session = client.cookies[session_cookie.NAME]
    client.cookies.clear()
    return {"Cookie": f"{session_cookie.NAME}={session}"}


async def ask(client: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: object) -> Any:  # noqa: ANN401  data
    answer = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    return answer.json()["data"]


async def list_sessions(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    page = (await ask(client, headers, SESSIONS))["viewer"]["browserSessions"]
    nodes = [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(nodes)
    return nodes


async def test_a_user_sees_its_sessions_that_have_not_ended(client: httpx.AsyncClient, cast: Cast) -> None:
    first, second, other = [
        await sign_in(client, key, browser)
        for key, browser in ((cast.ada.key, "A"), (cast.ada.key, "B"), (cast.bea.key, "C"))
    ]
    seen = await list_sessions(client, first)
    assert [(node["browser"], node["isCurrent"]) for node in seen] == [("B", False), ("A", True)]
    assert all(node["createdAt"] < node["expiresAt"] for node in seen)
    assert [node["isCurrent"] for node in await list_sessions(client, {"X-API-Key": cast.ada.key})] == [False, False]
    await client.delete(PATH, headers=second)
    assert [node["browser"] for node in await list_sessions(client, first)] == ["A"]
    assert [node["browser"] for node in await list_sessions(client, other)] == ["C"]


async def test_a_session_is_ended_from_another_one_with_its_sockets(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    lost, current, other = [await sign_in(client, key) for key in (cast.ada.key, cast.ada.key, cast.bea.key)]
    lost_id = (await list_sessions(client, lost))[1]["sessionId"]
    for foreign in (lost_id, "key_00000000000000000000dead"):
        answer = await ask(client, other, END, id=foreign)
        assert answer == {"endBrowserSession": {"__typename": "NotFoundError"}}
    async with configured_server.open_socket(server_url, additional_headers=lost) as socket:
        answer = await ask(client, current, END, id=lost_id)
        assert answer == {"endBrowserSession": {"__typename": "EndBrowserSessionPayload"}}
        assert await configured_server.wait_closed(socket) == (4403, "Forbidden")
    assert await viewer_of(client, lost) is None
    assert (await ask(client, current, END, id=lost_id))["endBrowserSession"]["__typename"] == "NotFoundError"


async def test_all_other_sessions_are_ended_and_then_all(client: httpx.AsyncClient, cast: Cast) -> None:
    sessions = [await sign_in(client, cast.ada.key) for _ in range(3)]
    stranger = await sign_in(client, cast.bea.key)
    assert await ask(client, sessions[1], END_ALL) == {"endBrowserSessions": {"endedCount": 2}}
    assert [await viewer_of(client, each) for each in sessions] == [None, cast.ada.user_id, None]
    assert await ask(client, sessions[1], END_ALL, all=True) == {"endBrowserSessions": {"endedCount": 1}}
    assert await viewer_of(client, sessions[1]) is None
    assert await viewer_of(client, stranger) == cast.bea.user_id


async def test_a_viewer_may_end_its_sessions(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    await offboarding.grant(database, cast.bea.user_id, cast.bea.organization_id, Role.VIEWER)
    session = await sign_in(client, cast.bea.key)
    assert await ask(client, session, END_ALL, all=True) == {"endBrowserSessions": {"endedCount": 1}}


async def test_revoking_a_key_ends_the_sessions_that_it_started_with_their_sockets(
    client: httpx.AsyncClient, server_url: str, database: Database, cast: Cast
) -> None:
    other_key = await accounts_use_cases.create_key(database, cast.ada.user_id, "other", None)
    started, independent = await sign_in(client, cast.ada.key), await sign_in(client, other_key.text)
    [key, _] = await accounts_use_cases.list_keys(database, cast.ada.user_id)
    async with configured_server.open_socket(server_url, additional_headers=started) as socket:
        await accounts_use_cases.revoke_key(database, key.id)
        assert await configured_server.wait_closed(socket) == (4403, "Forbidden")
    assert await viewer_of(client, started) is None
    assert await viewer_of(client, independent) == cast.ada.user_id


@pytest.mark.parametrize("leave", [offboarding.disable, offboarding.erase])
async def test_the_sockets_of_a_user_who_leaves_are_closed(
    client: httpx.AsyncClient,
    server_url: str,
    database: Database,
    cast: Cast,
    leave: Callable[[Database, str], Awaitable[object]],
) -> None:
    session = await sign_in(client, cast.bea.key)
    async with configured_server.open_socket(server_url, additional_headers=session) as socket:
        await leave(database, cast.bea.user_id)
        assert await configured_server.wait_closed(socket) == (4403, "Forbidden")
    assert await viewer_of(client, session) is None
