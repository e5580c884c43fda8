"""Memory of a server while many clients, including slow ones, download ranges of one large file."""

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
from tests.support import users
from tests.support.audio import media_files

MEGABYTE = 1_000_000
INITIAL_BYTES = 65_536
RANGE_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A running server, and the URL of a file with known content."""

    process: psutil.Process
    url: str
    content: bytes

    @property
    def memory_megabytes(self) -> float:
        """Resident memory of the server in MB."""
        return self.process.memory_info().rss / MEGABYTE


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def check(is_correct: bool, response: object) -> None:  # noqa: FBT001  like assert
    """Raise ValueError for a wrong response, which invalidates the measurement."""
    if not is_correct:
        raise ValueError(f"wrong response: {response!r}")


async def measure(readers: int, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    async with _serve_file(size) as served:
        await asyncio.gather(*(_download_range(served, number, 1000) for number in range(20)))
        baseline = served.memory_megabytes
        print_line(f"{readers} readers of a {size // MEGABYTE} MB file; the server alone uses {baseline:.1f} MB")
        stalled = await _measure_stalled(served, readers)
        print_line(f"all of them stalled: {stalled:.1f} MB, {stalled - baseline:+.1f} MB")
        peak, seconds = await _measure_reading(served, readers)
        rate = readers / seconds
        print_line(
            f"all of them reading {RANGE_BYTES} bytes: {peak:.1f} MB, {peak - baseline:+.1f} MB; {rate:.0f} ranges/s"
        )


async def _measure_stalled(served: ServedFile, readers: int) -> float:
    """Return the peak memory while all clients have requested the rest of the file, read its start and stopped."""
    writers = await asyncio.gather(*(_start_download(served, number) for number in range(readers)))
    peak = served.memory_megabytes
    for _ in range(20):
        await asyncio.sleep(0.1)
        peak = max(peak, served.memory_megabytes)
    for writer in writers:
        writer.close()
    return peak


async def _start_download(served: ServedFile, number: int) -> asyncio.StreamWriter:
    start = number * 7919 % (len(served.content) // 2)
    reader, writer = await _request_range(served.url, f"bytes={start}-")
    check(await reader.readexactly(INITIAL_BYTES) == served.content[start : start + INITIAL_BYTES], start)
    return writer


async def _measure_reading(served: ServedFile, readers: int) -> tuple[float, float]:
    """Return the peak memory and the duration while all clients read a range to its end."""
    started_at, peak = time.perf_counter(), served.memory_megabytes
    downloads = asyncio.gather(*(_download_range(served, number, RANGE_BYTES) for number in range(readers)))
    while not downloads.done():
        await asyncio.sleep(0.05)
        peak = max(peak, served.memory_megabytes)
    await downloads
    return peak, time.perf_counter() - started_at


async def _download_range(served: ServedFile, number: int, size: int) -> None:
    start = number * 7919 % (len(served.content) - size)
    reader, writer = await _request_range(served.url, f"bytes={start}-{start + size - 1}")
    check(await reader.readexactly(size) == served.content[start : start + size], start)
    writer.close()


async def _request_range(url: str, byte_range: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port))
    # a small receive buffer, as if the client read slowly
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, INITIAL_BYTES)
    reader, writer = await asyncio.open_connection(sock=connection, limit=INITIAL_BYTES)
    writer.write(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\nRange: {byte_range}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    check(head.startswith(b"HTTP/1.1 206 "), head)
    return reader, writer


@asynccontextmanager
async def _serve_file(size: int) -> AsyncIterator[ServedFile]:
    content = hashlib.shake_256(b"a large file").digest(size)
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        (Path(folder) / "source").write_bytes(content)
        server = ServerSettings(port=ports.find_free())
        settings = Settings(
            data_dir=Path(folder), database_url=stack.database_url, redis_url=stack.redis_url, server=server
        )
        database = Database(stack.database_url, pooled=False)
        await migrations.upgrade(database)
        seeded = await users.create_cast(database)
        blob = await media_files.put_track_file(database, settings, seeded.ada, Path(folder) / "source", ".flac")
        with server_process.run_server(settings) as process:
            await server_process.wait_until_ready(settings.public_url)
            yield ServedFile(process, media_files.build_link(settings, seeded.ada, blob, seconds=3600), content)
        await database.close()
