"""Run ``studio serve`` in a process of its own."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from core.settings import PROJECT, Settings
from server import supervision


@contextmanager
def run_server(settings: Settings) -> Iterator[psutil.Process]:
    """Start the server with these settings, and stop it at the end of the body."""
    environment = {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}
    with Path(os.devnull).open("wb") as null:
        child = subprocess.Popen([sys.executable, "-m", "server.cli", "serve"], env=environment, stderr=null)
        try:
            yield psutil.Process(child.pid)
        finally:
            child.terminate()
            child.wait(30)


async def wait_until_ready(url: str) -> None:
    """Wait until the server is ready. Raises TimeoutError after 240 s."""
    async with httpx.AsyncClient() as client:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                if (await client.get(f"{url}/readyz")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
    raise TimeoutError("the server was not ready after 240 s")
