"""A small HTTP server on a real port whose routes answer as tests prescribe, with faults of the transport."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Received:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  JSON
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; ``body`` is JSON unless it is bytes.

    With ``cut_at`` the connection closes after so many bytes of the body, with ``is_silent`` nothing is ever sent.
    """

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    is_silent: bool = False

    def encode(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} -", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + HEAD_END + body[: self.cut_at]


Handler = Callable[[Received], Reply]


class HttpPeer:
    """Routes by method and path; the last segments of a path that ends with ``*`` are free."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.has_received = asyncio.Event()
        self._routes: dict[tuple[str, str], Handler] = {}

    def on(self, method: str, path: str, *replies: Reply | Handler) -> None:
        """Answer calls with these in order; the last one is repeated."""
        left = list(replies)

        def handle(received: Received) -> Reply:
            reply = left.pop(0) if len(left) > 1 else left[0]
            return reply if isinstance(reply, Reply) else reply(received)

        self._routes[method, path] = handle

    def calls(self, method: str, path: str) -> list[Received]:
        return [each for each in self.received if (each.method, each.path) == (method, path)]

    def _reply(self, received: Received) -> Reply:
        for (method, path), handler in self._routes.items():
            is_prefix = path.endswith("*") and received.path.startswith(path[:-1])
            if method == received.method and (path == received.path or is_prefix):
                return handler(received)
        return Reply({"detail": "Not Found"}, 404)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            received = await _read(reader)
            self.received.append(received)
            self.has_received.set()
            reply = self._reply(received)
            if reply.is_silent:
                await reader.read()
            else:
                writer.write(reply.encode())
                await writer.drain()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(HEAD_END)).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Received(method, unquote(parts.path), parse_qs(parts.query), headers, body)


@asynccontextmanager
async def run_http_peer() -> AsyncIterator[HttpPeer]:
    """Run a peer without routes on the loopback interface."""
    peer = HttpPeer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        server.close()
