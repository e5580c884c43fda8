"""Requests that are rejected below the application, over real connections."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from core.network import tls
from core.settings import ServerSettings, Settings
from tests.support import raw_http
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.users import Cast

LIMIT = 16_384
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
HANDSHAKE = b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
CHUNKED = (
    b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"


@pytest.fixture(scope="module")
def short_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with low limits."""
    server: dict[str, object] = {
        "header_seconds": 1.0,
        "body_seconds": 1.0,
        "min_body_bytes_per_second": 10_000,
        "max_header_bytes": LIMIT,
        "max_connections_per_address": 40,
        "keep_alive_seconds": 2,
    }
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"BREW /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /h\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD + b"No colon\r\n\r\n",
        HEAD + b"Name : x\r\n\r\n",
        HEAD + b"X: \x00\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        HEAD + b"Host: localhost\r\nConnection: close\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        CHUNKED + b"not hex\r\n",
        CHUNKED + b"1\r\n{\r\n0\r\n" + b"X-Trailer: y\r\n" * 3_000,
        CHUNKED + b"1;" + b"x" * 50_000,
        HANDSHAKE + b"\r\n",
        HANDSHAKE + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
        HANDSHAKE.replace(b"/graphql", b"/\xff") + KEY + b"Sec-WebSocket-Version: 13\r\n\r\n",
        HANDSHAKE + KEY + b"\r\n",
    ],
    ids=range(26),
)
async def test_a_malformed_request_gets_the_envelope(short_url: str, request_bytes: bytes) -> None:
    response = await raw_http.exchange(short_url, request_bytes)
    assert (response.status, response.error["code"]) == (400, "BAD_REQUEST")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (431, [HEAD + b"X-Large: " + b"x" * LIMIT + b"\r\n\r\n"]),
        (431, [HEAD + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n"]),
        (431, [HEAD + b"X-Large: " + b"x" * 2_000_000 + b"\r\n\r\n"]),
        (431, [HEAD + b"X-Large: " + b"x" * 40_000]),
        (431, [HEAD + b"X: y\r\n" * 10_000]),
        (431, [HEAD + b"X" * 40_000]),
        (431, [HEAD, *[b"X-Part: " + b"x" * 1_000 + b"\r\n"] * 20]),
        (431, [HEAD + b"X: y\r\n" * 130 + b"\r\n"]),
        (414, [b"GET /?" + b"q&" * 1_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]),
        (414, [b"GET /" + b"a" * LIMIT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]),
        (414, [b"GET /?q=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]),
        (414, [b"GET /" + b"a" * 40_000]),
        (414, [HANDSHAKE.replace(b"/graphql", b"/" + b"a" * 9_000) + KEY + b"Sec-WebSocket-Version: 13\r\n\r\n"]),
        (431, [HANDSHAKE + KEY + b"Cookie: " + b"a" * 9_000 + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"]),
        (431, [HANDSHAKE + KEY + b"X: y\r\n" * 130 + b"Sec-WebSocket-Version: 13\r\n\r\n"]),
    ],
    ids=range(15),
)
async def test_a_large_request_head_gets_the_envelope(short_url: str, status: int, parts: list[bytes]) -> None:
    response = await raw_http.exchange(short_url, *parts)
    assert (response.status, response.error["code"]) == (status, "BAD_REQUEST")
    assert response.headers["connection"] == "close"


async def test_a_head_within_the_limit_is_accepted_however_it_arrives(short_url: str) -> None:
    request = HEAD + b"X-Large: " + b"x" * (LIMIT - len(HEAD) - 13) + b"\r\n\r\n"
    assert len(request) == LIMIT
    for parts in ([request], [request[:100], request[100:]], [request[:-1], request[-1:]]):
        reader, writer = await raw_http.connect(short_url)
        for part in parts:
            writer.write(part)
            await writer.drain()
        assert (await raw_http.read_response(reader)).status == 200
        writer.close()
    refused = await raw_http.exchange(short_url, request.replace(b"X-Large", b"X-Larger"))
    assert refused.status == 431


async def test_a_page_can_read_why_its_request_was_rejected(short_url: str) -> None:
    origin = b"Origin: https://app.example.org\r\n"
    response = await raw_http.exchange(short_url, HEAD + origin + b"X-Large: " + b"x" * 40_000)
    assert response.status == 431
    assert response.headers["access-control-allow-origin"] == "https://app.example.org"


async def test_a_rejection_follows_the_responses_that_are_due(short_url: str) -> None:
    reader, writer = await raw_http.connect(short_url)
    writer.write(HEAD + b"\r\nnonsense\r\n\r\n")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await raw_http.read_response(reader)).status == 200
        assert (await raw_http.read_response(reader)).error["code"] == "BAD_REQUEST"
        assert await reader.read() == b""
    writer.close()


async def test_a_slow_head_and_line_ends_without_a_head_get_the_envelope(short_url: str) -> None:
    for begin in (b"", b"GET /healthz HT", b"\r\n", HEAD):
        response = await raw_http.exchange(short_url, begin)
        assert (response.status, response.error["code"]) == (408, "BAD_REQUEST")


async def test_line_ends_after_a_response_do_not_keep_the_connection_open(short_url: str) -> None:
    reader, writer = await raw_http.connect(short_url)
    writer.write(HEAD + b"\r\n")
    assert (await raw_http.read_response(reader)).status == 200
    assert (await _drip(reader, writer, b"\r\n")).status == 408


@asynccontextmanager
async def _slow_client(writer: asyncio.StreamWriter, data: bytes) -> AsyncIterator[None]:
    """Send data again and again, ten times a second, while the body runs; then close the connection."""

    async def send() -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(0.1)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            yield
    finally:
        sending.cancel()
        writer.close()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> raw_http.RawResponse:
    """Send data again and again until the server answers."""
    async with _slow_client(writer, data):
        return await raw_http.read_response(reader)


@pytest.mark.parametrize("path", ["/v1/music/verify", "/graphql"])
async def test_a_body_below_the_least_rate_is_rejected(short_url: str, path: str) -> None:
    # the limit of /verify is 256 times the usual one, which allowed 256 times as long
    reader, writer = await raw_http.connect(short_url)
    kind = b"application/octet-stream" if path.endswith("verify") else b"application/json"
    writer.write(b"POST %s HTTP/1.1\r\nHost: localhost\r\n" % path.encode())
    writer.write(b"Content-Type: %s\r\nContent-Length: 900000\r\n\r\n" % kind)
    response = await _drip(reader, writer, b"x")
    assert response.status == 408
    if path.endswith("verify"):
        assert "least rate" in response.error["system_message"]


async def test_a_body_above_the_least_rate_may_take_longer_than_a_period(short_url: str, cast: Cast) -> None:
    reader, writer = await raw_http.connect(short_url)
    writer.write(b"POST /v1/music/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n")
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
    started = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < started + 2.5:
        writer.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
    writer.write(b"0\r\n\r\n")
    assert (await raw_http.read_response(reader)).status == 200
    writer.close()


async def test_a_body_that_nobody_reads_does_not_keep_the_connection_open(short_url: str) -> None:
    reader, writer = await raw_http.connect(short_url)
    writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n")
    assert (await raw_http.read_response(reader)).status == 404
    async with _slow_client(writer, b"x"):
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_an_idle_connection_is_closed_after_a_time(short_url: str) -> None:
    reader, writer = await raw_http.connect(short_url)
    for _ in range(2):
        writer.write(HEAD + b"\r\n")
        assert (await raw_http.read_response(reader)).status == 200
    assert await reader.read() == b""
    writer.close()


def test_servers_keep_idle_connections_longer_than_proxies() -> None:
    # Caddy keeps them for two minutes
    assert ServerSettings().keep_alive_seconds > 120


async def test_connections_of_one_address_are_limited(short_url: str) -> None:
    opened = [await raw_http.connect(short_url) for _ in range(40)]
    try:
        response = await raw_http.exchange(short_url, HEAD + b"\r\n")
        assert (response.status, response.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert response.headers["retry-after"] == "5"
        silent = [await raw_http.connect(short_url) for _ in range(80)]
        # beyond twice the limit a connection is closed without a response
        with suppress(ConnectionError):
            assert await silent[-1][0].read() == b""
        for _, writer in silent:
            writer.close()
    finally:
        for _, writer in opened:
            writer.close()
    async with (
        httpx.AsyncClient(base_url=short_url, timeout=100, verify=tls.default_context()) as client,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        while (await client.get("/healthz", headers={"Connection": "close"})).status_code != 200:
            """The server closes the connections one after the other."""


async def test_connections_of_trusted_proxies_are_not_limited(settings: Settings, quiet_redis_url: str) -> None:
    server: dict[str, object] = {"max_connections_per_address": 2, "trusted_proxies": ("127.0.0.0/8",)}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        opened = [await raw_http.connect(url) for _ in range(10)]
        for reader, writer in opened:
            writer.write(HEAD + b"\r\n")
            assert (await raw_http.read_response(reader)).status == 200
        for _, writer in opened:
            writer.close()
