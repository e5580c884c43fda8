"""A TCP relay that cuts its first connections, as a network does that goes away for a moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

_BLOCK_BYTES = 65_536


@dataclass(slots=True)
class TcpRelay:
    """Forwards connections to a server. The first ``interruptions`` are aborted after a block of the response."""

    host: str
    port: int
    interruptions: int
    url: str = ""
    connection_count: int = 0

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until a side closes it, or abort it."""
        self.connection_count += 1
        is_cut = self.connection_count <= self.interruptions
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        copies = [
            asyncio.create_task(_copy(reader, far_writer)),
            asyncio.create_task(_copy(far_reader, writer, block_limit=1 if is_cut else None)),
        ]
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for copy in copies:
            copy.cancel()
        for each in (writer, far_writer):
            each.transport.abort() if is_cut else each.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, block_limit: int | None = None) -> None:
    count = 0
    with suppress(ConnectionError):
        while count != block_limit and (block := await reader.read(_BLOCK_BYTES)):
            count += 1
            writer.write(block)
            await writer.drain()


@asynccontextmanager
async def relaying(server_url: str, interruptions: int) -> AsyncIterator[TcpRelay]:
    """Start a relay to a server of a test."""
    address = urlsplit(server_url)
    assert address.hostname is not None
    assert address.port is not None
    relay = TcpRelay(address.hostname, address.port, interruptions)
    async with await asyncio.start_server(relay.forward, "127.0.0.1", 0) as listener:
        relay.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        yield relay
