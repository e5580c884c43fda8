"""Logs contain no credentials, even at level debug."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import jwt
import pytest
from websockets.exceptions import ConnectionClosed

from core import logs
from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.polling import DEADLINE_SECONDS, wait_for
from tests.support.processes import configured_server
from tests.support.processes.servers import TOKEN_SECRET, process
from tests.support.users import Cast

STYLES: tuple[Literal["json", "text"], ...] = ("json", "text")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ak_0123456789abcdefghijABCDEFGHIJ0123456789ab used", "ak_… used"),
        ("/v1/music/shared/shr_0123456789abcdef0123456789abcdef", "/v1/music/shared/shr_…"),
        ("Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl, then", "Bearer eyJ…, then"),
        ("/media/x?expires=1&signature=abc-DEF_123&org=o", "/media/x?expires=1&signature=…&org=o"),
        ("X-Goog-Signature=0a1b2c3d", "X-Goog-Signature=…"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=", "whsec_…"),
        ("postgresql://studio:hunter2@host/name", "postgresql://studio:…@host/name"),
        ("redis://:hunter2@host:6379/0", "redis://:…@host:6379/0"),
        (
            "AK_0123456789 and shr_0123456789 at http://a:b@c/?signature=d",
            "AK_… and shr_… at http://a:…@c/?signature=…",
        ),
        ("signature=ak_0123456789 redis://:ak_0123456789@host", "signature=… redis://:…@host"),
        (
            "http://127.0.0.1:8080/graphql of mtrack_0123456789ab",
            "http://127.0.0.1:8080/graphql of mtrack_0123456789ab",
        ),
    ],
)
def test_redaction_keeps_the_prefix_of_a_secret(text: str, left: str) -> None:
    assert logs.redact(text) == left


@pytest.fixture(params=STYLES)
def debug_server(settings: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Run a server process at level debug; yield its URL and the path of its log."""
    server = settings.server.model_copy(update={"port": ports.find_free()})
    changes = {"server": server, "log_level": "debug", "log_format": request.param, "signing_keys": ("k" * 40,)}
    chosen = settings.model_copy(update=changes)
    with process(chosen, "serve", log=tmp_path / "log"):
        yield chosen.public_url, tmp_path / "log"


async def test_requests_with_credentials_leave_no_secret_in_the_log(
    debug_server: tuple[str, Path], settings: Settings, database: Database, cast: Cast
) -> None:
    url, log = debug_server
    token = jwt.encode({"sub": "stranger", "orgs": [], "exp": time.time() + 60}, TOKEN_SECRET, algorithm="HS256")
    wrong = cast.ada.key[:-1] + ("0" if cast.ada.key[-1] != "0" else "1")
    async with httpx.AsyncClient(base_url=url, timeout=30, verify=tls.default_context()) as client:
        await wait_for(lambda: _is_ready(client))
        track_id = await put_track(database, cast.ada)
        music = f"/v1/music/{cast.ada.organization_id}"
        share = (await client.post(f"{music}/tracks/{track_id}/share", headers=cast.ada.headers)).json()
        await client.get(f"/v1/music/shared/{share['token']}")
        await client.post(f"/v1/music/shared/{share['token']}/save", headers={"Authorization": f"Bearer {token}"})
        playback = (await client.get(f"{music}/tracks/{track_id}", headers=cast.ada.headers)).json()["playback_url"]
        await client.get(playback)
        for key in (cast.ada.key, wrong):
            body = {"query": f'{{ viewer {{ id }} sharedLink(token: "{share["token"]}") {{ isAvailable }} }}'}
            await client.post("/graphql", json=body, headers={"X-API-Key": key})
        webhook = await client.post(
            "/graphql", json={"query": _HOOK % cast.ada.organization_id}, headers=cast.ada.headers
        )
        secret = re.search(r"whsec_[^\"]+", webhook.text)
        assert secret is not None, webhook.text
    async with configured_server.open_socket(url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
        await configured_server.subscribe(
            connection, "1", query=f'{{ sharedLink(token: "{share["token"]}") {{ isAvailable }} }}'
        )
        await configured_server.receive(connection, "complete")
    with pytest.raises((AssertionError, ConnectionClosed)):
        async with configured_server.open_socket(url, wrong):
            """The server closes the socket."""
    signature = re.search(r"signature=([^&]+)", playback)
    assert signature is not None
    secrets = [cast.ada.key, wrong, token, share["token"], signature[1], secret[0], TOKEN_SECRET, "k" * 40]
    written = log.read_text()
    assert written.count("/graphql") >= 5
    assert "/v1/music/shared/shr_…" in written
    password = re.search(r"://[^:/]*:([^@]+)@", str(settings.database_url))
    assert [one for one in (*secrets, password and password[1]) if one and one in written] == []


_HOOK = """
mutation {
  createWebhook(input: { organizationId: "%s", url: "http://127.0.0.1:9/", events: [GENERATION_SUCCEEDED] }) {
    ... on CreateWebhookPayload { secret }
    ... on Error { message }
  }
}
"""


async def _is_ready(client: httpx.AsyncClient) -> bool | None:
    try:
        return (await client.get("/readyz")).status_code == 200 or None
    except httpx.TransportError:
        return None
