"""Security headers, Host header validation and request timeouts."""

import asyncio
import re
import socket as sockets
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.network import tls
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.users import Cast

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def short_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with short timeouts and a host name of its own."""
    server: dict[str, object] = {
        "header_seconds": 1.0,
        "body_seconds": 1.0,
        "max_header_bytes": 16_384,
        "public_url": None,
        "allowed_hosts": ("studio.lan", "*.example.org"),
    }
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


@pytest.mark.parametrize("path", ["/graphql", "/docs", "/openapi.json", "/healthz", "/nothing", "/v1/music/shared/x"])
async def test_every_response_has_security_headers(client: httpx.AsyncClient, path: str) -> None:
    for accept in ("text/html", "application/json"):
        headers = (await client.get(path, headers={"Accept": accept})).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "server" not in headers
        assert "Strict-Transport-Security" not in headers


async def test_a_server_with_an_https_url_sends_hsts(settings: Settings, quiet_redis_url: str) -> None:
    server: dict[str, object] = {"public_url": "https://music.example.org/"}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        assert url == "https://music.example.org"


async def test_graphiql_has_a_strict_content_security_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers=HTML)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert re.findall(r"https?://|<script(?![^>]* src=)", answer.text) == []


async def test_the_share_page_keeps_its_own_policy(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    share = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}/share"
    token = (await client.post(share, headers=cast.ada.headers)).json()["token"]
    policy = (await client.get(f"/v1/music/shared/{token}", headers=HTML)).headers["Content-Security-Policy"]
    assert "media-src 'self'" in policy
    assert "style-src 'self' 'sha256-" in policy


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1:8080", True),
        ("10.1.2.3", True),
        ("[::1]:8080", True),
        ("localhost:3000", True),
        ("LOCALHOST.", True),
        ("studio.lan", True),
        ("a.b.example.org:443", True),
        ("example.org", False),
        ("evilexample.org", False),
        ("evil.example", False),
        ("evil.example/localhost", False),
        ("localhost@evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost:99999", False),
        ("[::1", False),
    ],
)
async def test_a_request_with_an_unknown_host_is_rejected(short_url: str, host: str, is_ours: bool) -> None:  # noqa: FBT001
    async with httpx.AsyncClient(base_url=short_url, timeout=30, verify=tls.default_context()) as client:
        answer = await client.get("/healthz", headers={"Host": host})
    assert answer.status_code == (200 if is_ours else 400)
    if not is_ours:
        assert "ALLOWED_HOSTS" in answer.json()["error"]["system_message"]


async def test_a_socket_with_an_unknown_host_is_rejected(short_url: str) -> None:
    address = sockets.getaddrinfo("127.0.0.1", int(short_url.rpartition(":")[2]))[0][4]
    with pytest.raises(InvalidStatus) as refused:
        await connect("ws://evil.example/graphql", host=str(address[0]), port=int(address[1]), proxy=None)
    assert refused.value.response.status_code == 400


async def test_two_hundred_slow_request_heads_time_out_without_blocking_others(short_url: str) -> None:
    host, port = "127.0.0.1", int(short_url.rpartition(":")[2])
    begun = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    slow = [await asyncio.open_connection(host, port) for _ in range(200)]
    for _, writer in slow:
        writer.write(begun)
    async with (
        httpx.AsyncClient(base_url=short_url, timeout=30, verify=tls.default_context()) as client,
        asyncio.timeout(60),
    ):
        assert (await client.get("/healthz")).status_code == 200
        answers = await asyncio.gather(*(_dripped(*connection) for connection in slow))
        assert (await client.get("/healthz")).status_code == 200
    assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}


async def _dripped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Send single bytes until the server closes the connection; return its response."""

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.2)

    dripping = asyncio.create_task(drip())
    try:
        return await reader.readline()
    except ConnectionResetError:
        return b"HTTP/1.1 408 Request Timeout\r\n"
    finally:
        dripping.cancel()
        writer.close()


async def test_a_silent_connection_and_a_slow_second_head_time_out(short_url: str) -> None:
    host, port = "127.0.0.1", int(short_url.rpartition(":")[2])
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(host, port)
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
        writer.close()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /healthz HT")
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_the_size_of_a_request_head_is_limited(short_url: str) -> None:
    host, port = "127.0.0.1", int(short_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    async with asyncio.timeout(DEADLINE_SECONDS):
        writer.write(b"X-Large: " + b"x" * 20_000)
        assert (await reader.readline()).startswith(b"HTTP/1.1 431")
    writer.close()


@pytest.mark.parametrize("path", ["/graphql", "/v1/music/org_0/collections"])
async def test_a_slow_body_times_out(short_url: str, cast: Cast, path: str) -> None:
    host, port = "127.0.0.1", int(short_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {cast.ada.key}\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b'Content-Length: 100\r\n\r\n{"query": ')
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()
