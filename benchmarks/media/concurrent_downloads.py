"""How much memory a server needs while many listeners read parts of one large file, the slow ones included."""

import asyncio
import hashlib
import resource
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks import server_process
from core.settings import ServerSettings, Settings
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from tests.support import media_files, users

MEGABYTE = 1_000_000
FIRST_BYTES = 65_536
WHOLE_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A running server, and a link to a file whose content we know."""

    process: psutil.Process
    url: str
    content: bytes

    @property
    def memory_megabytes(self) -> float:
        """What the process holds, in MB."""
        return self.process.memory_info().rss / MEGABYTE


def print_line(sentence: str) -> None:
    """One line of the result."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def check(is_so: bool, what: object) -> None:  # noqa: FBT001  as assert takes it
    """A measurement of wrong answers is none. Raises ValueError."""
    if not is_so:
        raise ValueError(f"a wrong answer: {what!r}")


async def measure(readers: int, size: int) -> None:
    """Measure and tell."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    async with _served(size) as served:
        await asyncio.gather(*(_read(served, number, 1000) for number in range(20)))
        before = served.memory_megabytes
        print_line(f"{readers} readers of a {size // MEGABYTE} MB file; the server alone holds {before:.1f} MB")
        stalled = await _stalled(served, readers)
        print_line(f"all of them stalled in the middle: {stalled:.1f} MB, {stalled - before:+.1f} MB")
        peak, seconds = await _flowing(served, readers)
        rate = readers / seconds
        print_line(
            f"all of them reading {WHOLE_BYTES} bytes: {peak:.1f} MB, {peak - before:+.1f} MB; {rate:.0f} parts/s"
        )


async def _stalled(served: ServedFile, readers: int) -> float:
    """The most it holds while everybody has asked for all the rest, read a little, and stopped."""
    held = await asyncio.gather(*(_begin(served, number) for number in range(readers)))
    peak = served.memory_megabytes
    for _ in range(20):
        await asyncio.sleep(0.1)
        peak = max(peak, served.memory_megabytes)
    for writer in held:
        writer.close()
    return peak


async def _begin(served: ServedFile, number: int) -> asyncio.StreamWriter:
    start = number * 7919 % (len(served.content) // 2)
    reader, writer = await _ask(served.url, f"bytes={start}-")
    check(await reader.readexactly(FIRST_BYTES) == served.content[start : start + FIRST_BYTES], start)
    return writer


async def _flowing(served: ServedFile, readers: int) -> tuple[float, float]:
    """The most it holds while everybody reads a part to its end, and how long they take."""
    began, peak = time.perf_counter(), served.memory_megabytes
    work = asyncio.gather(*(_read(served, number, WHOLE_BYTES) for number in range(readers)))
    while not work.done():
        await asyncio.sleep(0.05)
        peak = max(peak, served.memory_megabytes)
    await work
    return peak, time.perf_counter() - began


async def _read(served: ServedFile, number: int, size: int) -> None:
    start = number * 7919 % (len(served.content) - size)
    reader, writer = await _ask(served.url, f"bytes={start}-{start + size - 1}")
    check(await reader.readexactly(size) == served.content[start : start + size], start)
    writer.close()


async def _ask(link: str, part: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(link)
    line = socket.create_connection((parts.hostname, parts.port))
    # a slow listener's system takes little in advance
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FIRST_BYTES)
    reader, writer = await asyncio.open_connection(sock=line, limit=FIRST_BYTES)
    writer.write(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\nRange: {part}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    check(head.startswith(b"HTTP/1.1 206 "), head)
    return reader, writer


@asynccontextmanager
async def _served(size: int) -> AsyncIterator[ServedFile]:
    content = hashlib.shake_256(b"a large file").digest(size)
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        (Path(folder) / "source").write_bytes(content)
        server = ServerSettings(port=ports.find_free())
        settings = Settings(
            data_dir=Path(folder), database_url=stack.database_url, redis_url=stack.redis_url, server=server
        )
        database = Database(stack.database_url, pooled=False)
        await migrations.upgrade(database)
        cast = await users.create_cast(database)
        blob = await media_files.put_track_file(database, settings, cast.ada, Path(folder) / "source", ".flac")
        with server_process.run_server(settings) as process:
            await server_process.wait_until_ready(settings.public_url)
            yield ServedFile(process, media_files.build_link(settings, cast.ada, blob, seconds=3600), content)
        await database.close()
