"""HTTP responses to raw bytes, for requests that no HTTP client would send."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class RawResponse:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error of the envelope, with the checks that hold for each."""
        document = orjson.loads(self.body)
        error: dict[str, Any] = document["error"]
        assert document["success"] is False
        assert error["status"] == self.status
        assert error["trace_id"].startswith("req_")
        assert error["trace_id"] == self.headers["x-request-id"]
        assert self.headers["x-content-type-options"] == "nosniff"
        return error


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to a server on this machine."""
    host, _, port = url.partition("://")[2].rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))


async def exchange(url: str, *parts: bytes) -> RawResponse:
    """Send parts on a new connection and return the first response; the server has to end the connection."""
    reader, writer = await connect(url)
    async with asyncio.timeout(60):
        for part in parts:
            writer.write(part)
            await writer.drain()
        response = await read_response(reader)
        await reader.read()
    writer.close()
    return response


async def read_response(reader: asyncio.StreamReader) -> RawResponse:
    """Read one response with a Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return RawResponse(int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"])))
