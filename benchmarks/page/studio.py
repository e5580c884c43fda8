"""Run a studio for the tools of the page, or use one that runs."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks.api import dataset
from benchmarks.server_process import run_server, wait_until_ready
from core.settings import PROJECT, ServerSettings, Settings
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations

_NO_LIMIT: Final = 10**9


@dataclass(frozen=True, slots=True)
class RunningStudio:
    """The URL of a server, and an API key of its first admin."""

    url: str
    key: str


@asynccontextmanager
async def running(
    url: str | None, key_file: Path | None, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[RunningStudio]:
    """Yield the studio at ``url``, else one in a temporary folder, which ends with the body.

    ``settings`` are added to the environment of the latter.
    """
    if url and key_file:
        yield RunningStudio(url, _read_key(key_file))
        return
    with tempfile.TemporaryDirectory(prefix="music-studio-") as folder:
        port = ports.find_free()
        environment = {**os.environ, "MUSIC_STUDIO_DATA_DIR": folder, "PYTHONPATH": str(PROJECT), **settings}
        # the tools open screens faster than people
        environment["MUSIC_STUDIO_SERVER__REQUESTS_PER_MINUTE"] = str(_NO_LIMIT)
        environment["MUSIC_STUDIO_SERVER__REQUESTS_BURST"] = str(_NO_LIMIT)
        command = [sys.executable, "-m", "server.cli", "up", "--port", str(port)]
        child = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            await wait_until_ready(address)
            yield RunningStudio(address, _read_key(Path(folder, "secrets", "first-key")))
        finally:
            child.terminate()
            await child.wait()


@asynccontextmanager
async def with_library(tracks: int) -> AsyncIterator[tuple[RunningStudio, Settings]]:
    """Yield a server without workers, and its settings. The user of its key has a library of this many tracks."""
    with temporary_stack() as stack, tempfile.TemporaryDirectory(prefix="music-studio-") as folder:
        server = ServerSettings(port=ports.find_free(), requests_per_minute=_NO_LIMIT, requests_burst=_NO_LIMIT)
        settings = Settings(
            data_dir=Path(folder), database_url=stack.database_url, redis_url=stack.redis_url, server=server
        )
        await asyncio.to_thread(migrations.upgrade_now, settings)
        # the first of two users owns half of the tracks
        data = await dataset.create_dataset(stack.database_url, 2 * tracks, 2)
        with run_server(settings):
            await wait_until_ready(settings.public_url)
            yield RunningStudio(settings.public_url, data.users[0].key), settings


def _read_key(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
