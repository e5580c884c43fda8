"""Run a studio for the tools of the page, or use one that runs."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server_process import wait_until_ready
from core.settings import PROJECT
from server.embedded import ports


@dataclass(frozen=True, slots=True)
class RunningStudio:
    """The URL of a server, and an API key of its first admin."""

    url: str
    key: str


@asynccontextmanager
async def running(url: str | None, key_file: Path | None) -> AsyncIterator[RunningStudio]:
    """Yield the studio at ``url``, else one in a temporary folder, which ends with the body."""
    if url and key_file:
        yield RunningStudio(url, _read_key(key_file))
        return
    with tempfile.TemporaryDirectory(prefix="music-studio-") as folder:
        port = ports.find_free()
        environment = {**os.environ, "MUSIC_STUDIO_DATA_DIR": folder, "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-m", "server.cli", "up", "--port", str(port)]
        child = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            await wait_until_ready(address)
            yield RunningStudio(address, _read_key(Path(folder, "secrets", "first-key")))
        finally:
            child.terminate()
            await child.wait()


def _read_key(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
